//! Indicator tables of dumps that keep no columns: cells by what they are, laid out in columns of their own.

use std::collections::HashSet;

use super::glued::leading;
use super::headings::headings;
use super::labels::{label_at, split_label};
use super::{APART, LONGEST_VALUE, NAME, Source, TARGET, line_of, piece};
use crate::readers::aligned::{Line, Piece, Word, Words, append};

/// Lays out an indicator table by what its cells are. Returns the line behind it.
pub fn table(
    lines: &[Source],
    at: usize,
    body: usize,
    columns: &[String],
    words: &Words,
    laid: &mut Vec<Line>,
) -> usize {
    let word = |text: &str| words.word(text);
    let heads = columns.iter().enumerate().map(|(column, text)| piece(column, text.clone()));
    laid.push(line_of(&lines[at], heads.collect()));
    let role = |wanted: usize| columns.iter().position(|text| word(text) == Word::Column(wanted));
    let (Some(name), Some(target)) = (role(NAME), role(TARGET)) else { return body };
    let end = (body..lines.len()).find(|end| is_end(lines, *end, words)).unwrap_or(lines.len());
    let mut row: Vec<Piece> = Vec::new();
    let mut from: Option<&Source> = None;
    let mut awaits = false;
    let mut tokens: Vec<(&Source, String)> = Vec::new();
    for source in &lines[body..end] {
        for token in &source.tokens {
            let parts = cut(token, awaits, words);
            awaits = parts.last().is_some_and(|last| word(last) == Word::Class(0));
            tokens.extend(parts.into_iter().map(|part| (source, part)));
        }
    }

    let mut index = 0;
    while let Some((source, _)) = tokens.get(index) {
        let (text, count, kind) = joined(&tokens[index..], words);
        let next = tokens.get(index + count);
        let new_line = next.is_none_or(|next| next.0.place != source.place);
        let named = row.iter().any(|piece| piece.x0 == name as f64 * APART);
        let valued = row.iter().any(|piece| piece.x0 == target as f64 * APART);
        let column = match kind {
            Word::Class(level) => role(level).unwrap_or(0),
            Word::Target if named => target,
            Word::Name => name,
            _ if named && !valued => {
                if next.is_some_and(|next| word(&next.1) == Word::Target && next.0.place == source.place) {
                    name
                } else {
                    target
                }
            }
            _ if named => (target + 1).min(columns.len() - 1),
            _ => name,
        };
        let x = column as f64 * APART;
        let is_new = row
            .iter()
            .any(|piece| piece.x0 > x || (piece.x0 == x && matches!(kind, Word::Class(_) | Word::Name)));
        if is_new && let Some(from) = from.take() {
            laid.push(line_of(from, std::mem::take(&mut row)));
        }
        from.get_or_insert(source);
        match row.iter_mut().find(|piece| piece.x0 == x) {
            Some(piece) => append(&mut piece.text, &text),
            None => row.push(piece(column, text)),
        }
        let whole = row.iter().any(|piece| piece.x0 >= name as f64 * APART);
        let done =
            whole && row.iter().any(|piece| piece.x0 == target as f64 * APART) && columns.len() == target + 1;
        if (done
            || (!words.label_first
                && new_line
                && !row.is_empty()
                && (whole || !is_class_line_open(&row, next, words))))
            && let Some(from) = from.take()
        {
            laid.push(line_of(from, std::mem::take(&mut row)));
        }
        index += count;
    }
    laid.extend(from.map(|from| line_of(from, row)));
    end
}

/// Whether a class alone on its line waits for the rest of its own name.
fn is_class_line_open(row: &[Piece], next: Option<&(&Source, String)>, words: &Words) -> bool {
    let last = row.last().map_or("", |piece| piece.text.as_str());
    next.is_some_and(|next| {
        words.begins(last) && matches!(words.word(&format!("{last}{}", next.1)), Word::Class(_))
    })
}

/// A class or a name over several tokens, how many they are, and what it is.
fn joined(tokens: &[(&Source, String)], words: &Words) -> (String, usize, Word) {
    let first = &tokens[0].1;
    let kind = words.word(first);
    if matches!(kind, Word::Class(_)) {
        return (first.clone(), 1, kind);
    }
    if kind == Word::Target {
        // A unit behind a blank: `=12 个`.
        let unit = tokens.get(1).filter(|(source, unit)| {
            source.place == tokens[0].0.place
                && first.ends_with(|c: char| c.is_ascii_digit())
                && unit.chars().count() <= 6
                && words.word(unit) == Word::Other
        });
        return match unit {
            Some((_, unit)) => (format!("{first}{unit}"), 2, kind),
            None => (first.clone(), 1, kind),
        };
    }
    let mut text = first.clone();
    for (count, (_, token)) in tokens.iter().enumerate().take(4).skip(1) {
        if matches!(words.word(token), Word::Target | Word::Class(_)) {
            break;
        }
        append(&mut text, token);
        let whole = words.word(&text);
        let open = |text: &str| text.matches(['(', '（']).count() > text.matches([')', '）']).count();
        if matches!(whole, Word::Class(_))
            || (kind != Word::Name && whole == Word::Name && (words.word(token) != Word::Name || open(first)))
        {
            return (text, count + 1, whole);
        }
    }
    (first.clone(), 1, kind)
}

/// A class and a name, or a name and its value, that are printed without a blank between. Behind a class of the first
/// level, which `awaits` one of the second, a name may be any.
pub fn cut(token: &str, awaits: bool, words: &Words) -> Vec<String> {
    let word = |text: &str| words.word(text);
    let whole = word(token);
    let is_whole =
        matches!(whole, Word::Class(_) | Word::Target | Word::Column(_)) || words.is_known_name(token);
    if is_whole || token.chars().count() > 60 {
        return vec![token.to_owned()];
    }
    let splits = token.char_indices().skip(2).filter_map(|(at, _)| token.split_at_checked(at));
    // No class goes on behind what none begins with.
    let known = |(head, _): &(&str, &str)| {
        words.begins(
            head.char_indices().next_back().and_then(|(last, _)| head.get(..last)).unwrap_or_default(),
        )
    };
    // The longest class: 服务对象满意度指标 and not 服务对象满意度.
    let heads: Vec<_> = splits.clone().take_while(known).collect();
    for (head, tail) in heads.into_iter().rev() {
        let Word::Class(level) = word(head) else { continue };
        let named =
            words.is_known_name(tail) || (awaits && tail.chars().count() >= 4 && word(tail) == Word::Name);
        if named || matches!(word(tail), Word::Class(_)) || (level == 0 && cut(tail, true, words).len() > 1) {
            return std::iter::once(head.to_owned()).chain(cut(tail, level == 0, words)).collect();
        }
    }
    for (head, tail) in splits.filter(|(_, tail)| tail.chars().count() <= LONGEST_VALUE) {
        if words.word(tail) != Word::Target {
            continue;
        }
        let named = words.is_known_name(head) || (whole != Word::Name && word(head) == Word::Name);
        if named {
            return vec![head.to_owned(), tail.to_owned()];
        }
    }
    vec![token.to_owned()]
}

pub fn is_end(lines: &[Source], at: usize, words: &Words) -> bool {
    let source = &lines[at];
    let all = source.tokens.concat();
    let first = &source.tokens[0];
    if words.word(&all) == Word::Line || headings(lines, at, words).is_some() {
        return true;
    }
    // 项目总成本 is a name where a value like that of no label follows.
    let compares = |text: &String| text.starts_with(['=', '＝', '≥', '≤', '>', '<']);
    let is_name = source.tokens.get(1).or_else(|| lines.get(at + 1)?.tokens.first()).is_some_and(compares);
    if is_name || matches!(words.word(first), Word::Class(_) | Word::Target) {
        return false;
    }
    split_label(&all, words).0.is_some()
        || leading(first, &HashSet::new(), words).is_some()
        || label_at(lines, at, words).is_some()
        || all.chars().count() > 45
}
