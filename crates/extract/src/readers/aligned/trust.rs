//! Whether a table that was cut by where words stand came out as a table.
//!
//! Merged cells, two tables side by side and cells that run into one another give rows that look like rows and are none. What
//! shows it are the classes: nearly all are known, so that a piece of one, or one with something else stuck to it, tells
//! that cells were cut in the wrong place.

use super::header::{Header, sides};
use super::table::{NAME, TARGET};
use super::{Part, Word, Words};

/// The longest class that is looked through, in characters.
const LONGEST: usize = 24;

/// Whether the rows below these headings are what they look like.
pub fn is_plain(header: &Header, rows: &[Part], words: &Words) -> bool {
    let count = |role| header.columns.iter().filter(|column| column.role == Some(role)).count();
    let several = count(NAME) > 1 || count(TARGET) > 1;
    if several
        && !(header.says_what_values_are(words) && rows.iter().all(|row| is_paired(header, row, words)))
    {
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

/// Whether a row has a value for each of its names, of two tables side by side or of one, and a name for each value.
fn is_paired(header: &Header, row: &Part, words: &Words) -> bool {
    let Part::Row(_, cells) = row else { return true };
    let ranges = match sides(&header.columns) {
        Some([first, second, end]) => vec![first..second, second..end],
        None => std::iter::once(0..cells.len()).collect(),
    };
    ranges.into_iter().all(|range| {
        let of_role = |role| {
            let cells = cells.get(range.clone()).unwrap_or_default();
            let columns = header.columns.get(range.clone()).unwrap_or_default().iter();
            let own = columns.zip(cells).filter(move |(column, _)| column.role == Some(role));
            own.map(|(_, cell)| cell.text.as_str()).filter(|text| !text.is_empty())
        };
        let is_other = |text: &str| matches!(words.word(text), Word::Name | Word::Class(_) | Word::Column(_));
        (of_role(NAME).next().is_some() == of_role(TARGET).next().is_some()) && !of_role(TARGET).any(is_other)
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
