//! Text dumps that keep no columns: one cell a line, as PyMuPDF prints them, or the cells of a row behind one another
//! with a blank between, as `pdftotext -raw` and pdfplumber do.
//!
//! Only the words tell where a cell ends, so the judge of words cuts the lines. The cells are then laid out in columns of
//! their own making, and read as a page with positions is: in some dumps a label stands above its value, in others in
//! the middle of it, which is decided there.

use jixiao_model::{Block, Place};

use super::aligned::{self, Line, Piece, Word, Words, append};
use crate::limits::{Budget, Excess};

/// Columns are laid out this far apart.
const APART: f64 = 1000.0;
/// A label is broken over at most so many pieces, and so many lines of value stand between them.
const LABEL_PIECES: usize = 5;
const LABEL_LINES: usize = 40;
/// The headings of a table follow one another within so many lines.
const HEADER_LINES: usize = 16;
/// Headings of columns have at most so many characters.
const LONGEST_HEADING: usize = 8;
/// Names and values that are printed without a blank between have at most so many.
const LONGEST_VALUE: usize = 24;
const NAME: usize = 2;
const TARGET: usize = 3;

struct Source {
    place: Place,
    page: u32,
    tokens: Vec<String>,
}

/// Whether a text is such a dump: it has no tabs, and the headings of an indicator table follow one another in it.
pub fn is_one_cell_a_line(text: &str, words: &Words) -> bool {
    if text.contains('\t') || text.contains("<table") {
        return false;
    }
    let lines = sources(text, words);
    (0..lines.len()).any(|at| header(&lines, at, words).is_some())
}

/// The blocks of such a dump.
///
/// # Errors
/// If it holds more than it may.
pub fn blocks(text: &str, words: &mut Words, budget: &mut Budget) -> Result<Vec<Block>, Excess> {
    let lines = stacked(sources(text, words), words);
    let tokens = lines.iter().map(|line| line.tokens.len()).sum();
    budget.room(tokens, &Place::Line(1))?;
    let class_first = is_class_first(&lines, words);
    let mut laid = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some((end, columns)) = header(&lines, at, words) {
            at = table(&lines, at, end, &columns, class_first, words, &mut laid);
        } else {
            let end = (at + 1..lines.len()).find(|end| header(&lines, *end, words).is_some());
            let end = end.unwrap_or(lines.len());
            fields(&lines[at..end], words, &mut laid);
            at = end;
        }
    }
    for (y, line) in laid.iter_mut().enumerate() {
        line.y = y as f64;
    }
    words.label_first = class_first;
    aligned::blocks(laid, words, budget)
}

/// Titles and the like that a narrow cell breaks over lines, each put together.
fn stacked(sources: Vec<Source>, words: &Words) -> Vec<Source> {
    let lines: Vec<Line> =
        sources.iter().map(|source| line_of(source, vec![piece(0, source.tokens.join(" "))])).collect();
    let mut whole = Vec::new();
    let mut sources = sources.into_iter();
    let mut at = 0;
    while let Some(mut source) = sources.next() {
        let stack = aligned::stack(&lines[at..], words);
        at += 1;
        if let Some((taken, text)) = stack {
            source.tokens = match words.word(&text) {
                Word::Line => vec![text],
                _ => text.split_whitespace().map(str::to_owned).collect(),
            };
            at += taken - 1;
            if taken > 1 {
                sources.nth(taken - 2);
            }
        }
        whole.push(source);
    }
    whole
}

fn sources(text: &str, words: &Words) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut number = 0_u32;
    let mut page = 1;
    for part in text.split_inclusive(['\n', '\x0C']) {
        let line = part.trim();
        let tokens: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        if !tokens.is_empty() {
            let tokens = tokens.into_iter().flat_map(|token| unglued(&token, words)).collect();
            sources.push(Source { place: Place::Line(number.saturating_add(1)), page, tokens });
        }
        if part.ends_with('\x0C') {
            page += 1;
        } else {
            number = number.saturating_add(1);
        }
    }
    sources
}

/// Cells that a dump prints without a blank between: headings of columns, and a label with its value.
fn unglued(token: &str, words: &Words) -> Vec<String> {
    let word = |text: &str| words.word(text);
    if token.chars().count() > 40 || matches!(word(token), Word::Column(_) | Word::Label | Word::Line) {
        return vec![token.to_owned()];
    }
    if let Some((value, label)) = value_and_label(token, words) {
        return vec![value.to_owned(), label.to_owned()];
    }
    let mut rest = token;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let ends: Vec<_> =
            rest.char_indices().take(LONGEST_HEADING).map(|(at, c)| at + c.len_utf8()).collect();
        let column = (ends.into_iter().rev())
            .filter_map(|end| rest.split_at_checked(end))
            .find(|(head, _)| matches!(word(head), Word::Column(role) if role <= TARGET));
        let Some((head, tail)) = column else { break };
        found.push(head.to_owned());
        rest = tail;
    }
    if rest.is_empty() && found.len() > 1 { found } else { vec![token.to_owned()] }
}

/// `甲项目类别：`, where the value of one label ends right before the next.
fn value_and_label<'t>(token: &'t str, words: &Words) -> Option<(&'t str, &'t str)> {
    let colon = token.char_indices().find(|(_, c)| matches!(c, ':' | '：'))?.0;
    let starts = token.char_indices().map(|(at, _)| at).take_while(|at| *at < colon).skip(1);
    let mut splits = starts.filter_map(|at| token.split_at_checked(at));
    let label = |text: &str| {
        text.split_inclusive([':', '：'])
            .next()
            .is_some_and(|head| head.chars().count() > 4 && words.word(head) == Word::Label)
    };
    if label(token) {
        return None;
    }
    splits.find(|(_, tail)| label(tail))
}

/// The headings of a table from a line on: the line behind them, and their texts.
fn header(lines: &[Source], at: usize, words: &Words) -> Option<(usize, Vec<String>)> {
    let is_column = |text: &str| matches!(words.word(text), Word::Column(_));
    let mut columns: Vec<String> = Vec::new();
    let mut end = at;
    for line in lines.iter().skip(at).take(HEADER_LINES) {
        if line.tokens.iter().all(|token| is_column(token)) {
            columns.extend(line.tokens.iter().cloned());
            end += 1;
            continue;
        }
        // Broken over two lines.
        let joined: String = line.tokens.concat();
        let next = lines.get(end + 1).map(|next| format!("{joined}{}", next.tokens.concat()));
        if line.tokens.len() == 1 && next.as_deref().is_some_and(is_column) {
            columns.extend(next);
            end += 2;
            if columns.len() >= 4 {
                break;
            }
            // The second half is the next line of the loop; begin anew behind it.
            let (last, more) = header_rest(lines, end, words);
            columns.extend(more);
            end = last;
        }
        break;
    }
    let levels = columns
        .iter()
        .filter(|text| matches!(words.word(text), Word::Column(role) if role <= TARGET))
        .count();
    (levels >= 3).then_some((end, columns))
}

fn header_rest(lines: &[Source], at: usize, words: &Words) -> (usize, Vec<String>) {
    let is_column = |text: &str| matches!(words.word(text), Word::Column(_));
    let mut columns = Vec::new();
    let mut end = at;
    while let Some(line) = lines.get(end).filter(|_| end < at + HEADER_LINES) {
        let joined = line.tokens.concat();
        let next = lines.get(end + 1).map(|next| format!("{joined}{}", next.tokens.concat()));
        if line.tokens.iter().all(|token| is_column(token)) {
            columns.extend(line.tokens.iter().cloned());
            end += 1;
        } else if line.tokens.len() == 1 && next.as_deref().is_some_and(is_column) {
            columns.extend(next);
            end += 2;
        } else {
            break;
        }
    }
    (end, columns)
}

/// Whether classes stand before their rows, as where a dump keeps the order of a page's making: then each table begins
/// with a class of the first level. Where labels stand in the middle, most begin with a row.
fn is_class_first(lines: &[Source], words: &Words) -> bool {
    let (mut tables, mut first) = (0, 0);
    let mut at = 0;
    while at < lines.len() {
        let Some((end, _)) = header(lines, at, words) else {
            at += 1;
            continue;
        };
        let mut text = String::new();
        let begins = lines.iter().skip(end).take(3).filter_map(|line| line.tokens.first()).any(|token| {
            append(&mut text, token);
            let head = cut(&text, false, words);
            head.first().is_some_and(|head| words.word(head) == Word::Class(0))
        });
        tables += 1;
        first += usize::from(begins);
        at = end.max(at + 1);
    }
    first * 5 >= tables * 4
}

fn piece(column: usize, text: String) -> Piece {
    let x0 = column as f64 * APART;
    let x1 = x0 + (aligned::room(&text) as f64 / 2.0).min(APART - 10.0);
    Piece { x0, x1, text, soft: false }
}

fn line_of(source: &Source, pieces: Vec<Piece>) -> Line {
    Line { place: source.place.clone(), page: source.page, y: 0.0, gap: true, pieces }
}

/// Lays out lines of labels and values: a label first, its value second, further ones behind.
fn fields(lines: &[Source], words: &Words, laid: &mut Vec<Line>) {
    let mut labels = vec![0_usize; lines.len()];
    for at in 0..lines.len() {
        if labels[at] == 0 {
            for (line, count) in label_at(lines, at, words).into_iter().flatten() {
                labels[line] = count;
            }
        }
    }
    for (source, count) in lines.iter().zip(labels) {
        let all = source.tokens.join(" ");
        if words.word(&all) == Word::Line || words.furniture(&all) {
            laid.push(line_of(source, vec![piece(0, all)]));
            continue;
        }
        let mut pieces = Vec::new();
        let mut rest = source.tokens.as_slice();
        if count > 0 {
            pieces.push(piece(0, source.tokens[..count].concat()));
            rest = &source.tokens[count..];
        }
        let mut value: Vec<String> = Vec::new();
        let mut column = 1;
        for token in rest {
            let (label, answer) = split_label(token, words);
            let Some(label) = label else {
                value.push(token.clone());
                continue;
            };
            if !value.is_empty() {
                pieces.push(piece(column, value.join(" ")));
                value.clear();
            }
            column = if pieces.is_empty() { 0 } else { (column + 1).max(2) };
            pieces.push(piece(column, label));
            column += 1;
            value.extend(answer);
        }
        if !value.is_empty() {
            pieces.push(piece(column, value.join(" ")));
        }
        laid.push(line_of(source, pieces));
    }
}

/// `项目类别：甲` as the label and what is behind its colon.
fn split_label(token: &str, words: &Words) -> (Option<String>, Option<String>) {
    let colon = token.char_indices().find(|(_, c)| matches!(c, ':' | '：'));
    let Some((label, answer)) = colon.and_then(|(at, c)| token.split_at_checked(at + c.len_utf8())) else {
        return (None, None);
    };
    if words.word(label) != Word::Label {
        return (None, None);
    }
    (Some(label.to_owned()), Some(answer.to_owned()).filter(|answer| !answer.is_empty()))
}

/// The pieces of the longest label that begins on a line: lines, and how many tokens of each.
fn label_at(lines: &[Source], at: usize, words: &Words) -> Option<Vec<(usize, usize)>> {
    let first = lines.get(at)?;
    // A whole label, its blanks included.
    let whole = (1..=first.tokens.len().min(LABEL_PIECES)).rev().find_map(|count| {
        let text = first.tokens[..count].concat();
        let alone = count == first.tokens.len() || count == 1 || text.ends_with(['：', ':']);
        (words.word(&text) == Word::Label && alone).then(|| vec![(at, count)])
    });
    let mut text = first.tokens[0].clone();
    if text.chars().count() < 2 || !words.begins(&text) {
        return whole;
    }
    let near = if whole.is_some() { 2 } else { LABEL_LINES };
    let mut found = vec![(at, 1)];
    for (line, source) in lines.iter().enumerate().skip(at + 1).take(near) {
        let longer = format!("{text}{}", source.tokens[0]);
        let extends = words.begins(&longer) && found.len() < LABEL_PIECES;
        if words.word(&longer) == Word::Label && !extends {
            found.push((line, 1));
            return Some(found);
        }
        if extends {
            found.push((line, 1));
            text = longer;
        } else if matches!(words.word(&source.tokens[0]), Word::Label | Word::Line) {
            break;
        }
    }
    if words.word(&text) == Word::Label && found.len() > 1 { Some(found) } else { whole }
}

/// Lays out an indicator table by what its cells are. Returns the line behind it.
fn table(
    lines: &[Source],
    at: usize,
    body: usize,
    columns: &[String],
    class_first: bool,
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
            || (!class_first
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
            || (kind != Word::Name
                && whole == Word::Name
                && (words.word(token) != Word::Name || open(first)))
        {
            return (text, count + 1, whole);
        }
    }
    (first.clone(), 1, kind)
}

/// A class and a name, or a name and its value, that are printed without a blank between. Behind a class of the first
/// level, which `awaits` one of the second, a name may be any.
fn cut(token: &str, awaits: bool, words: &Words) -> Vec<String> {
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
        words.begins(head.char_indices().next_back().and_then(|(last, _)| head.get(..last)).unwrap_or_default())
    };
    for (head, tail) in splits.clone().take_while(known) {
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

fn is_end(lines: &[Source], at: usize, words: &Words) -> bool {
    let source = &lines[at];
    let all = source.tokens.concat();
    let first = &source.tokens[0];
    if words.word(&all) == Word::Line || header(lines, at, words).is_some() {
        return true;
    }
    if matches!(words.word(first), Word::Class(_) | Word::Target) {
        return false;
    }
    split_label(&all, words).0.is_some() || label_at(lines, at, words).is_some() || all.chars().count() > 45
}
