//! Text dumps that keep no columns: one cell a line, as PyMuPDF prints them, or the cells of a row behind one another
//! with a blank between, as `pdftotext -raw` and pdfplumber do.
//!
//! Only the words tell where a cell ends, so the judge of words cuts the lines. How much can be known then hangs on the
//! order of the dump, which is looked at first (see `order`): where labels come before all that belongs to them, cells
//! are laid out in columns of their own making and read as a page with positions is; where a label stands in the middle
//! of its text, only what stands on its own line is its value; where headings and cells do not follow one another as
//! rows do, the order is lost, and nothing is cut at all.

mod inside;
mod labels;
mod order;
mod table;

use jixiao_model::{Block, Place};

use super::Cut;
use super::aligned::{self, Line, Part, Piece, Word, Words};
use crate::limits::{Budget, Excess};
use labels::fields;
use order::order;
use table::table;

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

/// The blocks of such a dump, and in which way it was cut.
///
/// # Errors
/// If it holds more than it may.
pub fn blocks(text: &str, words: &mut Words, budget: &mut Budget) -> Result<(Vec<Block>, Cut), Excess> {
    let lines = stacked(sources(text, words), words);
    let tokens = lines.iter().map(|line| line.tokens.len()).sum();
    budget.room(tokens, &Place::Line(1))?;
    let cut = order(&lines, words);
    if cut == Cut::Scrambled {
        let line = |source: Source| Part::Line(source.place, source.tokens.join(" "));
        return Ok((aligned::blocks_of(lines.into_iter().map(line).collect(), budget)?, cut));
    }
    words.label_first = cut == Cut::LabelsFirst;
    let mut parts = Vec::new();
    let mut laid = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some((end, columns)) = header(&lines, at, words) {
            at = table(&lines, at, end, &columns, words, &mut laid);
            continue;
        }
        let end = (at + 1..lines.len()).find(|end| header(&lines, *end, words).is_some());
        let end = end.unwrap_or(lines.len());
        if cut == Cut::LabelsFirst {
            fields(&lines[at..end], words, &mut laid);
        } else {
            parts.extend(numbered(&mut laid, words));
            inside::fields(&lines[at..end], words, &mut parts);
        }
        at = end;
    }
    parts.extend(numbered(&mut laid, words));
    Ok((aligned::blocks_of(parts, budget)?, cut))
}

/// The rows of lines that were laid out, each below the one before.
fn numbered(laid: &mut Vec<Line>, words: &Words) -> Vec<Part> {
    for (y, line) in laid.iter_mut().enumerate() {
        line.y = y as f64;
    }
    aligned::parts(std::mem::take(laid), words)
}

/// Titles and the like that a narrow cell breaks over lines, each put together.
fn stacked(sources: Vec<Source>, words: &Words) -> Vec<Source> {
    let lines: Vec<Line> = sources
        .iter()
        .map(|source| Line { gap: false, ..line_of(source, vec![piece(0, source.tokens.join(" "))]) })
        .collect();
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

fn piece(column: usize, text: String) -> Piece {
    let x0 = column as f64 * APART;
    let x1 = x0 + (aligned::room(&text) as f64 / 2.0).min(APART - 10.0);
    Piece { x0, x1, text, soft: false }
}

fn line_of(source: &Source, pieces: Vec<Piece>) -> Line {
    Line { place: source.place.clone(), page: source.page, y: 0.0, gap: true, pieces }
}
