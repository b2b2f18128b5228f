//! Text dumps that keep the columns of a page by blanks, as Poppler's `pdftotext -layout` and pdfplumber print them.
//!
//! Both give a character one column, Chinese or not, and put words where they stood, as far as the words before leave
//! room; where little is left, only one blank parts two cells. They give each height a line of its own: a value in the
//! middle beside a name of two lines is printed between them. So lines that print nothing above one another may be half a
//! line apart, and those that do are a whole one.

use jixiao_model::{Block, Place};

use super::aligned::{self, Line, Piece, Words};
use crate::limits::{Budget, Excess};

/// So many lines with words apart show that blanks mean columns, and one in so many lines must be of that kind.
const LEAST: usize = 3;
const ONE_IN: usize = 25;

/// Between lines of one cell stand at most so many others.
const NEAR: usize = 4;

/// Whether blanks mean columns in a text: it has no tabs, and in many lines words stand far apart, beside few others, as
/// cells do.
pub fn is_spaced(text: &str) -> bool {
    if text.contains('\t') || text.contains("<table") {
        return false;
    }
    let (mut printed, mut apart) = (0_usize, 0_usize);
    for line in text.lines() {
        let line = line.trim();
        printed += usize::from(!line.is_empty());
        apart += usize::from(line.contains("   "));
    }
    apart >= LEAST && apart * ONE_IN >= printed
}

/// The blocks of such a dump.
///
/// # Errors
/// If it holds more than it may.
pub fn blocks(text: &str, words: &Words, budget: &mut Budget) -> Result<Vec<Block>, Excess> {
    let mut lines = Vec::new();
    let (mut number, mut page, mut gap) = (1_u32, 1_u32, true);
    let mut rest = text;
    let mut pieces_count = 0;
    loop {
        let (line, after, ended) = match rest.find(['\n', '\x0C']) {
            Some(at) => {
                let (line, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
                let ended = after.chars().next();
                (line, after.get(1..).unwrap_or_default(), ended)
            }
            None => (rest, "", None),
        };
        let pieces = pieces(line.trim_end());
        if pieces.is_empty() {
            gap = true;
        } else {
            let place = Place::Line(number);
            pieces_count += pieces.len();
            budget.room(pieces_count, &place)?;
            let y = height(&lines, &pieces);
            lines.push(Line { place, page, y, gap, pieces });
            gap = false;
        }
        match ended {
            Some('\x0C') => {
                page += 1;
                gap = true;
                // Behind the line that it ends stands a line end, or the next page begins on the same line.
                number += u32::from(!line.trim().is_empty());
            }
            Some(_) => number = number.saturating_add(1),
            None => break,
        }
        rest = after;
    }
    aligned::blocks(lines, words, budget)
}

/// The height of the next line, with these pieces.
fn height(above: &[Line], pieces: &[Piece]) -> f64 {
    let over = |line: &&Line| {
        line.pieces.iter().any(|one| pieces.iter().any(|other| one.x0 < other.x1 && other.x0 < one.x1))
    };
    let next = above.last().map_or(0.0, |last| last.y + 0.5);
    let below = above.iter().rev().take(NEAR).find(over).map_or(0.0, |line| line.y + 1.0);
    next.max(below)
}

/// The pieces of a line: words with their columns.
fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut blanks = 2;
    for (column, character) in line.chars().enumerate() {
        let x = column as f64;
        if character.is_whitespace() {
            blanks += 1;
            continue;
        }
        match pieces.last_mut() {
            Some(piece) if blanks == 0 => {
                piece.text.push(character);
                piece.x1 = x + 1.0;
            }
            _ => {
                let soft = blanks == 1 && !pieces.is_empty();
                pieces.push(Piece { x0: x, x1: x + 1.0, text: character.to_string(), soft });
            }
        }
        blanks = 0;
    }
    pieces
}
