//! Text dumps that keep no columns: one cell a line, as PyMuPDF prints them, or the cells of a row behind one another
//! with a blank between, as `pdftotext -raw` and pdfplumber do.
//!
//! Only the words tell where a cell ends, so the judge of words cuts the lines. How much can be known then hangs on the
//! order of the dump, which is looked at first (see `order`): where labels come before all that belongs to them, cells
//! are laid out in columns of their own making and read as a page with positions is; where a label stands in the middle
//! of its text, only what stands on its own line is its value; where headings and cells do not follow one another as
//! rows do, the order is lost, and nothing is cut at all.

mod atoms;
mod glued;
mod grammar;
mod headings;
mod inside;
mod labels;
mod order;
mod table;
mod weighted;

use jixiao_model::{Block, Cell, Place};

use super::Cut;
use super::aligned::{self, Line, Part, Piece, Word, Words, cell};
use crate::limits::{Budget, Excess};
use headings::{Headings, headings};
use labels::fields;
use order::{FIRST, order, whole_labels};
use table::table;

/// Columns are laid out this far apart.
const APART: f64 = 1000.0;
/// A label is broken over at most so many pieces, and so many lines of value stand between them.
const LABEL_PIECES: usize = 5;
const LABEL_LINES: usize = 40;
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
    (0..lines.len()).any(|at| headings(&lines, at, words).is_some())
}

/// The blocks of such a dump, and in which way it was cut.
///
/// # Errors
/// If it holds more than it may.
pub fn blocks(text: &str, words: &mut Words, budget: &mut Budget) -> Result<(Vec<Block>, Cut), Excess> {
    let in_blocks = in_blocks(text);
    let mut lines = stacked(sources(text, words), words);
    if !in_blocks {
        glued::part_labels(&mut lines, words);
    }
    let tokens = lines.iter().map(|line| line.tokens.len()).sum();
    budget.room(tokens, &Place::Line(1))?;
    words.by_words = true;
    let tables = tables(&lines, words);
    let told = tables.iter().filter(|table| table.rows.is_some()).count();
    let cut = match !in_blocks && told * FIRST.1 >= tables.len() * FIRST.0 && whole_labels(&lines, words) {
        true => Cut::LabelsFirst,
        false if in_blocks => Cut::LabelsInside,
        false => order(&lines, words),
    };
    if cut == Cut::Scrambled {
        return Ok((aligned::blocks_of(lines_of(&lines), budget)?, cut));
    }
    words.label_first = cut == Cut::LabelsFirst;
    let mut parts = Vec::new();
    let mut laid = Vec::new();
    let mut at = 0;
    for read in tables {
        let between = &lines[at..read.at];
        if cut == Cut::LabelsFirst {
            let weighted = weighted::row(between, words);
            let between = weighted.as_ref().and_then(|(from, _)| between.get(..*from)).unwrap_or(between);
            fields(between, words, &mut laid);
            parts.extend(numbered(&mut laid, words));
            parts.push(Part::End);
            parts.extend(weighted.into_iter().flat_map(|(_, row)| [row, Part::End]));
            at = read.end;
            parts.extend(read.parts(&lines, words));
            parts.push(Part::End);
            continue;
        }
        inside::fields(&lines[at..read.at], words, &mut parts);
        if in_blocks {
            parts.extend(lines_of(&lines[read.at..read.end]));
            parts.push(Part::End);
            at = read.end;
            continue;
        }
        if read.is_one_cell_a_line() {
            at = read.end;
            parts.extend(read.parts(&lines, words));
            parts.push(Part::End);
            continue;
        }
        at = table(&lines, read.at, read.body, &read.columns, words, &mut laid);
        parts.extend(numbered(&mut laid, words));
    }
    if cut == Cut::LabelsFirst {
        fields(&lines[at..], words, &mut laid);
        parts.extend(numbered(&mut laid, words));
    } else {
        inside::fields(&lines[at..], words, &mut parts);
    }
    Ok((aligned::blocks_of(parts, budget)?, cut))
}

fn lines_of(lines: &[Source]) -> Vec<Part> {
    lines.iter().map(|line| Part::Line(line.place.clone(), line.tokens.join(" "))).collect()
}

/// Whether blank lines part the lines of a dump into blocks, as `pdftotext` does without options: it follows what looks like
/// columns of running text, so that cells of a row stand anywhere.
fn in_blocks(text: &str) -> bool {
    const ONE_IN: usize = 3;
    let (mut printed, mut blocks, mut blank) = (0_usize, 0_usize, false);
    for line in text.lines().map(str::trim) {
        if !line.is_empty() {
            printed += 1;
            blocks += usize::from(blank);
        }
        blank = line.is_empty();
    }
    blocks * ONE_IN > printed
}

/// An indicator table, as it is read where it is printed cell by cell and row by row.
struct Table {
    /// The line of its headings, the one behind them, and the one behind its last.
    at: usize,
    body: usize,
    end: usize,
    columns: Vec<String>,
    /// What heads several of its columns, with the number of headings before it.
    heads: Vec<(usize, String)>,
    /// Its rows, if it is plain what they are.
    rows: Option<Vec<Part>>,
}

/// The indicator tables of a dump.
fn tables(lines: &[Source], words: &Words) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(Headings { end: body, columns, heads }) = headings(lines, at, words) else {
            at += 1;
            continue;
        };
        let is_end = |end: &usize| table::is_end(lines, *end, words);
        let end = (body..lines.len()).find(is_end).unwrap_or(lines.len());
        let rows = grammar::rows(&lines[body..end], &columns, words);
        tables.push(Table { at, body, end, columns, heads, rows });
        at = end.max(body);
    }
    tables
}

impl Table {
    /// The headings, and above them what heads several: two tables side by side, or two values of one name.
    fn heading_rows(&self, lead: Option<String>, place: &Place, words: &Words) -> Vec<Part> {
        let spans = self.spans(words);
        let text = |text: &String| cell(text.clone(), place);
        let lead = lead.map(|text| cell(text, place));
        if spans.is_empty() {
            return vec![Part::Row(
                place.clone(),
                lead.into_iter().chain(self.columns.iter().map(text)).collect(),
            )];
        }
        let (mut above, mut below) = (Vec::new(), Vec::new());
        above.extend(lead.map(|lead| Cell { row_span: 2, ..lead }));
        for (at, column) in self.columns.iter().enumerate() {
            match spans.iter().find(|span| span.1 <= at && at < span.2) {
                Some((head, from, to)) => {
                    if *from == at {
                        let column_span = u32::try_from(to - from).unwrap_or(1);
                        above.push(Cell { column_span, ..cell(head.clone(), place) });
                    }
                    below.push(text(column));
                }
                None => above.push(Cell { row_span: 2, ..text(column) }),
            }
        }
        vec![Part::Row(place.clone(), above), Part::Row(place.clone(), below)]
    }

    /// What heads which columns.
    fn spans(&self, words: &Words) -> Vec<(String, usize, usize)> {
        let role = |at: usize| words.word(&self.columns[at]);
        let [(_, first), (_, second)] = self.heads.as_slice() else { return Vec::new() };
        let repeated = |at: &usize| {
            matches!(role(*at), Word::Column(of) if of <= TARGET)
                && (0..*at).any(|before| role(before) == role(*at))
        };
        let Some(middle) = (0..self.columns.len()).find(repeated) else { return Vec::new() };
        let from = (0..middle).find(|at| role(*at) == role(middle)).unwrap_or(0);
        let last =
            (0..self.columns.len()).rev().find(|at| role(*at) == Word::Column(TARGET)).unwrap_or(middle);
        vec![(first.clone(), from, middle), (second.clone(), middle, last + 1)]
    }

    /// Whether rows were found that have a line for each of their cells. Those are printed cell by cell, whatever the labels
    /// of the dump show; a line with several cells is printed by its height, and a class in the middle of its rows.
    fn is_one_cell_a_line(&self) -> bool {
        let Some(rows) = &self.rows else { return false };
        let cells = rows.iter().map(|row| match row {
            Part::Row(_, cells) => cells.iter().filter(|cell| !cell.text.is_empty()).count(),
            _ => 0,
        });
        (self.end - self.body) * 5 >= cells.sum::<usize>() * 4
    }

    /// Lets each class reach down over the rows below it that print none, as it does on paper.
    fn span(&self, rows: &mut [Part], words: &Words) {
        let level = |at: usize| match words.word(&self.columns[at]) {
            Word::Column(level) if level < NAME => Some(level),
            _ => None,
        };
        let has = |row: &Part, at: usize| match row {
            Part::Row(_, cells) => cells.get(at).is_some_and(|cell| !cell.text.is_empty()),
            _ => false,
        };
        let levels: Vec<(usize, usize)> =
            (0..self.columns.len()).filter_map(|at| Some((at, level(at)?))).collect();
        // A new class of the first level ends those of the second.
        let begins = |row: &Part, at: usize, of: usize| {
            has(row, at) || of > 0 && levels.iter().any(|(first, level)| *level == 0 && has(row, *first))
        };
        let mut covered = vec![vec![false; self.columns.len()]; rows.len()];
        for (at, of) in &levels {
            for from in 0..rows.len() {
                let below = rows[from + 1..].iter().take_while(|row| !begins(row, *at, *of)).count();
                if let Part::Row(_, cells) = &mut rows[from]
                    && let Some(cell) = cells.get_mut(*at).filter(|cell| !cell.text.is_empty())
                {
                    cell.row_span = u32::try_from(below + 1).unwrap_or(1);
                    covered[from + 1..=from + below].iter_mut().for_each(|row| row[*at] = true);
                }
            }
        }
        for (row, covered) in rows.iter_mut().zip(covered) {
            if let Part::Row(_, cells) = row {
                let mut covered = covered.into_iter();
                cells.retain(|_| !covered.next().unwrap_or(false));
            }
        }
    }

    /// The rows of the table, or its lines where nothing tells what is a row.
    fn parts(self, lines: &[Source], words: &Words) -> Vec<Part> {
        let Some(mut rows) = self.rows.clone() else {
            return lines_of(&lines[self.at..self.end]);
        };
        self.span(&mut rows, words);
        let place = &lines[self.at].place;
        // What stands before all headings says which goals the rows belong to: 年度绩效指标.
        let lead = match self.heads.as_slice() {
            [(0, head)] => Some(head.clone()),
            _ => None,
        };
        let is_led = lead.is_some();
        let mut parts = self.heading_rows(lead, place, words);
        parts.extend(rows.into_iter().map(|row| match row {
            Part::Row(place, mut cells) if is_led => {
                cells.insert(0, cell(String::new(), &place));
                Part::Row(place, cells)
            }
            other => other,
        }));
        parts
    }
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
    // The year behind 年度绩效目标2023 begins its text.
    if let Some((label, year)) = label_and_year(token, words) {
        return vec![label.to_owned(), year.to_owned()];
    }
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

/// A label with four digits right behind it.
fn label_and_year<'t>(token: &'t str, words: &Words) -> Option<(&'t str, &'t str)> {
    let label = token.trim_end_matches(|c: char| c.is_ascii_digit());
    let year = token.get(label.len()..).filter(|year| year.len() == 4)?;
    (words.word(label) == Word::Label).then_some((label, year))
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

fn piece(column: usize, text: String) -> Piece {
    let x0 = column as f64 * APART;
    let x1 = x0 + (aligned::room(&text) as f64 / 2.0).min(APART - 10.0);
    Piece { x0, x1, text, soft: false }
}

fn line_of(source: &Source, pieces: Vec<Piece>) -> Line {
    Line { place: source.place.clone(), page: source.page, y: 0.0, gap: true, pieces }
}
