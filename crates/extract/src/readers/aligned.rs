//! Rows and cells of pages that draw no lines, from where their words stand.
//!
//! Used for text dumps that keep the columns by blanks, and for pages of PDFs without ruling lines. What is known of
//! a word is its line and how far it reaches from left to right; what is wanted are the rows of tables. Words at the left
//! edge that have others beside them are labels; which lines belong to a label is decided for a whole stretch at once
//! (see `bands`). Where geometry leaves two ways open, the eye reads: so does this, by a judge of words that is handed
//! in, since a reader knows no forms.

mod bands;
mod beside;
mod columns;
mod fit;
mod header;
mod joint;
mod labelled;
mod stacked;
mod table;
mod trust;

use std::cell::RefCell;
use std::collections::HashMap;

use jixiao_model::{Block, Cell, Paragraph, Place};

use crate::limits::{Budget, Excess};
use bands::weighed_bands;
pub use bands::{Extent, Stand, bands, exact_bands};
pub use stacked::stack;

/// Words that stand together on a line, in one cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Where it begins, in widths of a Chinese character (in dumps: characters from the left).
    pub x0: f64,
    /// Where it ends.
    pub x1: f64,
    /// The words.
    pub text: String,
    /// Whether only a blank parts it from the piece before it, so that both may be one cell.
    pub soft: bool,
}

/// A line of a page, from left to right.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Where it stands.
    pub place: Place,
    /// The page, from any number on.
    pub page: u32,
    /// Its height, downwards, in lines.
    pub y: f64,
    /// Whether more than the usual distance parts it from the line above.
    pub gap: bool,
    /// The pieces on it, at least one.
    pub pieces: Vec<Piece>,
}

/// What a text is by its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// A title, or a line that heads a part: no cell beside others.
    Line,
    /// A label that is known.
    Label,
    /// The heading of a column, by its number: 0 to 3 for both classes, the name and the value, 5 to 7 for the weight, the
    /// unit and the comparison, and 4 for any other.
    Column(usize),
    /// A class that holds rows, of the first level (0) or the second.
    Class(usize),
    /// A value such as stands in the last column.
    Target,
    /// The name of a row.
    Name,
    /// Anything else.
    Other,
}

/// A judge of words.
#[derive(Clone, Copy)]
pub struct Judge {
    /// What a text is.
    pub word: fn(&str) -> Word,
    /// Whether a text is how something known begins, and not the whole of it.
    pub begins: fn(&str) -> bool,
    /// Whether a text is a name that is known for sure.
    pub is_known_name: fn(&str) -> bool,
    /// Whether a text is a class of a level, the first (0) or the second. Some names are of both.
    pub is_class_of: fn(&str, usize) -> bool,
    /// Whether a class of the first level may hold one of the second.
    pub may_hold: fn(&str, &str) -> bool,
    /// Whether a text is a page's own: its number and the like.
    pub furniture: fn(&str) -> bool,
    /// Whether a text has the boxes of a choice in it.
    pub has_box: fn(&str) -> bool,
    /// Whether a text heads a group of rows or columns: 绩效指标, 年度绩效指标.
    pub is_group: fn(&str) -> bool,
    /// Whether a text heads something and says of which time that is: 年度绩效指标, 中期指标值.
    pub is_scope: fn(&str) -> bool,
    /// Whether a text is the label of a goal.
    pub is_goal: fn(&str) -> bool,
    /// Whether a text is the label of an amount.
    pub is_amount: fn(&str) -> bool,
    /// Whether a text is the label of a part of an amount, and of no whole one.
    pub is_part: fn(&str) -> bool,
    /// Whether a text is the label of a text of sentences.
    pub is_narrative: fn(&str) -> bool,
}

/// What is remembered of the judge's answers, so that the same words are not looked up anew for each line beside which
/// they stand. Beyond so many texts it is forgotten.
const REMEMBERED: usize = 50_000;
/// Longer texts, in bytes, are running text, which is told without looking anything up.
const LONGEST: usize = 240;

/// A judge, and what it said.
pub struct Words {
    judge: Judge,
    said: RefCell<HashMap<String, Word>>,
    begun: RefCell<HashMap<String, bool>>,
    own: RefCell<HashMap<String, bool>>,
    /// Whether labels and classes are known to stand before all that belongs to them, and never in its middle.
    pub label_first: bool,
    /// Whether nothing but words told where cells are, so that heights say nothing of them.
    pub by_words: bool,
}

/// The answer to a question, from memory if it was asked before.
fn remembered<T: Copy>(memory: &RefCell<HashMap<String, T>>, text: &str, ask: fn(&str) -> T) -> T {
    if text.len() > LONGEST {
        return ask(text);
    }
    if let Some(answer) = memory.borrow().get(text) {
        return *answer;
    }
    let answer = ask(text);
    let mut memory = memory.borrow_mut();
    if memory.len() >= REMEMBERED {
        memory.clear();
    }
    memory.insert(text.to_owned(), answer);
    answer
}

impl Words {
    /// Asks this judge.
    pub fn new(judge: Judge) -> Self {
        let (said, begun, own) = Default::default();
        Self { judge, said, begun, own, label_first: false, by_words: false }
    }

    /// What a text is.
    pub fn word(&self, text: &str) -> Word {
        remembered(&self.said, text, self.judge.word)
    }

    /// Whether a text is how something known begins, and not the whole of it.
    pub fn begins(&self, text: &str) -> bool {
        remembered(&self.begun, text, self.judge.begins)
    }

    /// Whether a text is a name that is known for sure.
    pub fn is_known_name(&self, text: &str) -> bool {
        (self.judge.is_known_name)(text)
    }

    /// Whether a text is a class of a level. Some names are of both.
    pub fn is_class_of(&self, text: &str, level: usize) -> bool {
        matches!(self.word(text), Word::Class(_)) && (self.judge.is_class_of)(text, level)
    }

    /// Whether a class of the first level may hold one of the second. What is not known may.
    pub fn may_hold(&self, first: &str, second: &str) -> bool {
        (self.judge.may_hold)(first, second)
    }

    /// Whether a text is a page's own.
    pub fn furniture(&self, text: &str) -> bool {
        remembered(&self.own, text, self.judge.furniture)
    }

    fn has_box(&self, text: &str) -> bool {
        (self.judge.has_box)(text)
    }

    /// Whether a text heads a group of rows or columns.
    pub fn is_group(&self, text: &str) -> bool {
        (self.judge.is_group)(text)
    }

    /// Whether a text heads something and says of which time that is.
    pub fn is_scope(&self, text: &str) -> bool {
        (self.judge.is_scope)(text)
    }

    fn is_goal(&self, text: &str) -> bool {
        (self.judge.is_goal)(text)
    }

    /// Whether a text is the label of an amount.
    pub fn is_amount(&self, text: &str) -> bool {
        self.is_label(text) && (self.judge.is_amount)(text)
    }

    /// Whether a text is the label of a text of sentences.
    pub fn is_narrative(&self, text: &str) -> bool {
        (self.judge.is_narrative)(text)
    }

    fn is_part(&self, text: &str) -> bool {
        self.is_label(text) && (self.judge.is_part)(text)
    }

    fn is_line(&self, text: &str) -> bool {
        self.word(text) == Word::Line
    }

    fn is_label(&self, text: &str) -> bool {
        self.word(text) == Word::Label
    }

    /// Whether a text begins with a known label and its colon, and goes on.
    fn is_answered(&self, text: &str) -> bool {
        text.char_indices().find(|(_, c)| matches!(c, ':' | '：')).is_some_and(|(at, colon)| {
            let (label, answer) = text.split_at_checked(at + colon.len_utf8()).unwrap_or((text, ""));
            !answer.trim().is_empty() && self.is_label(label)
        })
    }
}

/// A part of a page, in reading order.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text outside of tables.
    Line(Place, String),
    /// A row of a table.
    Row(Place, Vec<Cell>),
    /// The end of a table.
    End,
}

/// Finds the rows and the text on pages. The lines are in reading order.
pub fn parts(lines: Vec<Line>, words: &Words) -> Vec<Part> {
    let lines = stacked::join(lines, words);
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if let Some(header) = header::header(&lines[at..], words) {
            parts.push(Part::End);
            at += table::read(&lines[at..], header, words, &mut parts);
            parts.push(Part::End);
            continue;
        }
        if let Some(taken) = beside::read(&lines[at..], words, &mut parts) {
            at += taken;
            continue;
        }
        if stands_alone(line, words) && !is_beside(&lines, at) {
            parts.push(Part::End);
            parts.push(Part::Line(line.place.clone(), text_of(line)));
            at += 1;
            continue;
        }
        let of_stretch = |end: &usize| {
            let next = &lines[*end];
            next.page == line.page
                && (!stands_alone(next, words) || is_beside(&lines, *end))
                && header::header(&lines[*end..], words).is_none()
                && beside::goals(&lines[*end..], words).is_none()
        };
        let end = (at + 1..lines.len()).take_while(of_stretch).last().map_or(at + 1, |last| last + 1);
        labelled::read(&lines[at..end], words, &mut parts);
        at = end;
    }
    mended(parts, words)
}

/// Whether a line is the label of a cell whose lines are printed above and below it: both begin where it has ended. 项目资金
/// is a heading elsewhere.
fn is_beside(lines: &[Line], at: usize) -> bool {
    let Some(edge) = lines[at].pieces.last().map(|piece| piece.x1) else { return false };
    let is_right = |other: Option<&Line>| {
        let line = other.filter(|line| line.page == lines[at].page);
        line.and_then(|line| line.pieces.first()).is_some_and(|piece| piece.x0 > edge)
    };
    is_right(at.checked_sub(1).and_then(|above| lines.get(above))) && is_right(lines.get(at + 1))
}

/// Joins rows whose label a page broke: only both pieces together are one that is known.
fn mended(parts: Vec<Part>, words: &Words) -> Vec<Part> {
    let mut mended: Vec<Part> = Vec::new();
    for part in parts {
        let last = mended.iter().rposition(|part| matches!(part, Part::Row(..)));
        let only_ends = last.is_some_and(|last| mended[last + 1..].iter().all(|part| *part == Part::End));
        if only_ends
            && let Some(Part::Row(_, above)) = last.and_then(|last| mended.get_mut(last))
            && let Part::Row(_, below) = &part
            && let (Some(one), Some(other)) = (above.first(), below.first())
            && !one.text.is_empty()
            && !words.is_label(&one.text)
            && words.is_label(&format!("{}{}", one.text, other.text))
        {
            for (at, cell) in below.iter().enumerate() {
                match above.get_mut(at) {
                    Some(above) => append(&mut above.text, &cell.text),
                    None => above.push(cell.clone()),
                }
            }
            mended.truncate(last.map_or(0, |last| last + 1));
            continue;
        }
        mended.push(part);
    }
    mended
}

/// As [`parts`], as blocks.
///
/// # Errors
/// If the document holds more than it may.
pub fn blocks(lines: Vec<Line>, words: &Words, budget: &mut Budget) -> Result<Vec<Block>, Excess> {
    blocks_of(parts(lines, words), budget)
}

/// Parts as blocks.
///
/// # Errors
/// If the document holds more than it may.
pub fn blocks_of(parts: Vec<Part>, budget: &mut Budget) -> Result<Vec<Block>, Excess> {
    let mut blocks = Vec::new();
    let mut rows = Vec::new();
    for part in parts.into_iter().chain([Part::End]) {
        match part {
            Part::Row(place, cells) => {
                rows.push((place, cells));
                continue;
            }
            Part::End | Part::Line(..) if !rows.is_empty() => {
                blocks.push(Block::Grid(budget.grid(std::mem::take(&mut rows))?));
            }
            _ => {}
        }
        if let Part::Line(place, text) = part {
            budget.paragraph(&place)?;
            blocks.push(Block::Paragraph(Paragraph { text, place }));
        }
    }
    Ok(blocks)
}

/// Whether a line is text by itself: a title, a heading, a label with its answer behind a colon, a page's number.
fn stands_alone(line: &Line, words: &Words) -> bool {
    let text = text_of(line);
    let one = line.pieces.iter().skip(1).all(|piece| piece.soft);
    // `2027 年)` ends a bracket of a label.
    let is_rest = text.ends_with([')', '）']) && !text.contains(['(', '（']);
    one && !is_rest && (words.is_line(&text) || words.furniture(&text))
}

/// The words of a line.
fn text_of(line: &Line) -> String {
    let texts: Vec<_> = line.pieces.iter().map(|piece| piece.text.as_str()).collect();
    texts.join(" ")
}

/// Puts a text behind another that it goes on with: Chinese needs no blank, a broken number has none.
pub fn append(before: &mut String, text: &str) {
    let last = before.chars().next_back();
    let next = text.chars().next();
    if last.is_some_and(|c| c.is_ascii_alphabetic()) && next.is_some_and(|c| c.is_ascii_alphabetic()) {
        before.push(' ');
    }
    before.push_str(text);
}

/// Where texts reach over one another, from left to right.
fn spans<'p>(pieces: impl IntoIterator<Item = &'p Piece>) -> Vec<(f64, f64)> {
    let mut pieces: Vec<&Piece> = pieces.into_iter().collect();
    pieces.sort_by(|one, other| one.x0.total_cmp(&other.x0));
    let mut spans: Vec<(f64, f64)> = Vec::new();
    for piece in pieces {
        match spans.last_mut() {
            Some(last) if piece.x0 < last.1 => last.1 = last.1.max(piece.x1),
            _ => spans.push((piece.x0, piece.x1)),
        }
    }
    spans
}

/// Stands before the text of a cell whose row or column is not plain: whoever reads the table takes it from there. Unicode
/// keeps this noncharacter for marks within a program (23.7), so that no text should have it.
pub const DOUBTED: char = '\u{FDD0}';

/// How much room a text takes, in half widths.
pub fn room(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// Whether a text ends like a sentence, so that nothing need go on behind it.
pub fn is_ended(text: &str) -> bool {
    text.trim_end().ends_with(['。', '；', ';', '！', '？'])
}

/// A cell that spans no others.
pub fn cell(text: String, place: &Place) -> Cell {
    Cell { text, row_span: 1, column_span: 1, place: place.clone() }
}
