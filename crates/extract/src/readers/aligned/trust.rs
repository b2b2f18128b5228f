//! Whether a table that was cut by where words stand came out as a table.
//!
//! Merged cells, two tables side by side and cells that run into one another give rows that look like rows and are none. What
//! shows it are the classes: nearly all are known, so that a piece of one, or one with something else stuck to it, tells
//! that cells were cut in the wrong place.

use super::table::{Header, NAME, TARGET};
use super::{Part, Word, Words};

/// The longest class that is looked through, in characters.
const LONGEST: usize = 24;

/// Whether the rows below these headings are what they look like.
pub fn is_plain(header: &Header, rows: &[Part], words: &Words) -> bool {
    let count = |role| header.columns.iter().filter(|column| column.role == Some(role)).count();
    if count(NAME) > 1 || count(TARGET) > 1 {
        return false;
    }
    let classes: Vec<usize> = (0..header.columns.len())
        .filter(|at| header.columns[*at].role.is_some_and(|role| role < NAME))
        .collect();
    rows.iter().all(|part| match part {
        Part::Row(_, cells) => {
            classes.iter().filter_map(|at| cells.get(*at)).all(|cell| !is_broken(&cell.text, words))
        }
        _ => true,
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
