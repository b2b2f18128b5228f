//! The headings of an indicator table, one or several a line, whole or broken, with what heads several of them.

use super::{LONGEST_HEADING, NAME, Source, TARGET};
use crate::readers::aligned::{Word, Words};

/// Headings take at most so many lines, and one of them is broken over so many.
const LINES: usize = 24;
const BROKEN: usize = 4;
/// A table has no more columns.
const COLUMNS: usize = 20;

/// The headings of a table.
pub struct Headings {
    /// The line behind them.
    pub end: usize,
    /// Their texts.
    pub columns: Vec<String>,
    /// What heads several of them, with the number of headings before it: 长期绩效指标, 年度绩效指标.
    pub heads: Vec<(usize, String)>,
}

/// A word of a heading line.
#[derive(Clone, Copy)]
struct Token<'l> {
    line: usize,
    text: &'l str,
}

/// The headings that begin on a line.
pub fn headings(lines: &[Source], at: usize, words: &Words) -> Option<Headings> {
    let first = lines.get(at)?.tokens.concat();
    if first.chars().count() > LONGEST_HEADING * 8
        || matches!(words.word(&first), Word::Line | Word::Label | Word::Class(_))
    {
        return None;
    }
    let of_line = |(line, source): (usize, &'_ Source)| -> Vec<(usize, String)> {
        let all = source.tokens.concat();
        let whole = is_heading(&all, words);
        if whole {
            vec![(line, all)]
        } else {
            source.tokens.iter().map(|token| (line, token.clone())).collect()
        }
    };
    let tokens: Vec<(usize, String)> =
        lines.iter().enumerate().skip(at).take(LINES).flat_map(of_line).collect();
    let tokens: Vec<Token<'_>> = tokens.iter().map(|(line, text)| Token { line: *line, text }).collect();
    let mut found = Headings { end: at, columns: Vec::new(), heads: Vec::new() };
    let mut next = 0;
    let mut rest = tokens.first()?.text;
    while !rest.is_empty() && found.columns.len() < COLUMNS {
        let Some((text, taken, behind)) = heading(&tokens[next..], rest, words) else { break };
        if text.starts_with(['(', '（']) {
            found.columns.last_mut()?.push_str(&text);
        } else if words.is_scope(&text) && words.is_group(&text) {
            found.heads.push((found.columns.len(), text));
        } else {
            found.columns.push(text);
        }
        next += taken;
        rest = if behind.is_empty() { tokens.get(next).map_or("", |token| token.text) } else { behind };
        found.end = tokens[next.min(tokens.len() - 1)].line;
        if next >= tokens.len() {
            found.end += 1;
        }
    }
    // The line on which they end is theirs.
    let at_start = |token: &Token<'_>| next > 0 && tokens[next - 1].line != token.line && rest == token.text;
    let ends_line = tokens.get(next).is_none_or(at_start);
    let levels = found
        .columns
        .iter()
        .filter(|text| matches!(words.word(text), Word::Column(role) if role <= TARGET))
        .count();
    (ends_line && levels >= 3 && found.end > at).then_some(found)
}

fn is_heading(text: &str, words: &Words) -> bool {
    matches!(words.word(text), Word::Column(_)) || (words.is_scope(text) && words.is_group(text))
}

/// The heading that begins with a rest of the first token, how many tokens it takes to their end, and what is left of the
/// last one.
fn heading<'l>(tokens: &[Token<'l>], rest: &'l str, words: &Words) -> Option<(String, usize, &'l str)> {
    if is_heading(rest, words) || (rest.starts_with(['(', '（']) && rest.ends_with([')', '）'])) {
        return Some((rest.to_owned(), 1, ""));
    }
    let mut longer = rest.to_owned();
    for (at, token) in tokens.iter().enumerate().take(BROKEN).skip(1) {
        longer.push_str(token.text);
        if is_heading(&longer, words) {
            return Some((longer, at + 1, ""));
        }
    }
    // Several with nothing between.
    let ends: Vec<usize> = rest.char_indices().skip(1).take(LONGEST_HEADING).map(|(at, _)| at).collect();
    let cut = ends.into_iter().rev().filter_map(|end| rest.split_at_checked(end));
    let (head, tail) = cut.into_iter().find(|(head, _)| is_heading(head, words))?;
    Some((head.to_owned(), 0, tail))
}

impl Headings {
    /// Whether there is one name and one value.
    pub fn is_plain(&self, words: &Words) -> bool {
        let count = |role| self.columns.iter().filter(|text| words.word(text) == Word::Column(role)).count();
        count(TARGET) == 1 && count(NAME) == 1
    }
}
