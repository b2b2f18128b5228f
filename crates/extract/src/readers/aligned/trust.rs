//! Whether a table that was cut by where words stand came out as a table, and which of its rows did.
//!
//! Merged cells, two tables side by side and cells that run into one another give rows that look like rows and are none. What
//! shows it are the classes: nearly all are known, so that a piece of one, or one with something else stuck to it, tells
//! that cells were cut in the wrong place. And of two tables side by side each has a value for each name. A line that one
//! row lacks another has too many, so the rows above and below are doubted as well.

use super::header::{Header, sides};
use super::table::{NAME, Row, TARGET};
use super::{DOUBTED, Word, Words};

/// The longest class that is looked through, in characters.
const LONGEST: usize = 24;
/// A class that is not known has more characters than this.
const SHORTEST: usize = 5;
/// Of so many rows one may be doubted.
const ONE_IN: usize = 2;

/// Marks the texts of rows that are not what they look like. Returns whether enough others are left to believe the table.
pub fn settle(header: &Header, rows: &mut [Row], words: &Words) -> bool {
    let count = |role| header.columns.iter().filter(|column| column.role == Some(role)).count();
    let several = count(NAME) > 1 || count(TARGET) > 1;
    if several && !header.says_what_values_are(words) {
        return false;
    }
    let is_class = |at: usize| header.columns[at].role.is_some_and(|role| role < NAME);
    let mut doubted = vec![false; rows.len()];
    for at in 0..rows.len() {
        let mut is_torn = several && !is_paired(header, &rows[at].texts, words);
        for (_, text) in rows[at].texts.iter_mut().enumerate().filter(|cell| is_class(cell.0)) {
            let is_piece = |text: &str| text.chars().count() <= SHORTEST || words.begins(text);
            let is_unknown = several && !text.is_empty() && words.word(text) == Word::Other && is_piece(text);
            if is_unknown || is_broken(text, words) {
                is_torn = true;
                text.insert(0, DOUBTED);
            }
        }
        if is_torn {
            doubted[at.saturating_sub(1)..(at + 2).min(rows.len())].fill(true);
        }
    }
    doubt_differing(header, rows, words);
    for (row, _) in rows.iter_mut().zip(&doubted).filter(|row| *row.1) {
        let cells = row.texts.iter_mut().enumerate().filter(|cell| !is_class(cell.0));
        let is_own = |at: usize| matches!(header.columns[at].role, Some(NAME | TARGET));
        for (_, text) in cells.filter(|(at, text)| is_own(*at) || !text.is_empty()) {
            text.insert(0, DOUBTED);
        }
    }
    doubted.iter().filter(|doubted| **doubted).count() * ONE_IN <= rows.len()
}

/// Marks the classes of the second level of two tables side by side where one begins beside the middle of another: sides
/// share the rows of their classes.
fn doubt_differing(header: &Header, rows: &mut [Row], words: &Words) {
    let of = |role: usize| (0..header.columns.len()).filter(move |at| header.columns[*at].role == Some(role));
    let (seconds, names): (Vec<usize>, Vec<usize>) = (of(1).collect(), of(NAME).collect());
    let ([one, other], [first, second]) = (seconds.as_slice(), names.as_slice()) else { return };
    let mut doubted: Vec<(usize, usize)> = Vec::new();
    for (own, beside, name) in [(*one, *other, *second), (*other, *one, *first)] {
        let begins = |row: &Row, at: usize| row.spans[at].is_some() && !row.texts[at].is_empty();
        for (at, row) in rows.iter().enumerate() {
            let is_class = matches!(words.word(&row.texts[own]), Word::Class(_));
            if is_class && begins(row, own) && !begins(row, beside) && !row.texts[name].is_empty() {
                doubted.push((at, own));
                doubted
                    .extend((0..at).rev().find(|above| begins(&rows[*above], beside)).map(|at| (at, beside)));
            }
        }
    }
    for (row, column) in doubted {
        let text = &mut rows[row].texts[column];
        if !text.starts_with(DOUBTED) {
            text.insert(0, DOUBTED);
        }
    }
}

/// Whether a row has a value for each of its names, of two tables side by side or of one, and a name for each value.
fn is_paired(header: &Header, texts: &[String], words: &Words) -> bool {
    let ranges = match sides(&header.columns) {
        Some([first, second, end]) => vec![first..second, second..end],
        None => std::iter::once(0..texts.len()).collect(),
    };
    ranges.into_iter().all(|range| {
        let of_role = |role| {
            let texts = texts.get(range.clone()).unwrap_or_default();
            let columns = header.columns.get(range.clone()).unwrap_or_default().iter();
            let own = columns.zip(texts).filter(move |(column, _)| column.role == Some(role));
            own.map(|(_, text)| text.as_str()).filter(|text| !text.is_empty())
        };
        let is_other = |text: &str| matches!(words.word(text), Word::Name | Word::Class(_) | Word::Column(_));
        let signs = ['≥', '≤', '=', '＝', '>', '<'];
        (of_role(NAME).next().is_some() == of_role(TARGET).next().is_some())
            && !of_role(TARGET).any(|text| {
                is_other(text) || text.contains("指标") || text.chars().skip(1).any(|c| "≥≤＝".contains(c))
            })
            && !of_role(NAME).any(|text| text.chars().count() < 2 || text.contains(signs))
    })
}

/// Whether a class is a piece of one, or more than one.
fn is_broken(text: &str, words: &Words) -> bool {
    if text.is_empty() || matches!(words.word(text), Word::Class(_) | Word::Name) {
        return false;
    }
    let length = text.chars().count();
    if length > LONGEST {
        return true;
    }
    let cuts = text.char_indices().map(|(at, _)| at).skip(2).filter_map(|at| text.split_at_checked(at));
    let class = |text: &str| matches!(words.word(text), Word::Class(_));
    length < 2 || cuts.into_iter().any(|(head, tail)| class(head) || class(tail))
}
