//! In which column of a table each piece of a line stands.
//!
//! Headings say where columns are, and what stands below them how far they reach. A piece that only a blank parts from
//! the one before has no position to go by in dumps; its words and its order tell.

use super::table::{NAME, TARGET};
use super::{Line, Piece, Word, Words};

/// A column of a table.
#[derive(Clone)]
pub struct Column {
    /// Its heading.
    pub text: String,
    /// Its number in the usual order, if its heading is known.
    pub role: Option<usize>,
    /// Where it begins.
    pub x0: f64,
    /// Where it ends.
    pub x1: f64,
}

/// Where the columns are for each line. A dump has other positions on each page; there the pieces of the page tell.
pub fn pages(lines: &[&Line], header: &[Column]) -> Vec<Vec<Column>> {
    let mut all = Vec::new();
    let mut columns = header.to_vec();
    let mut at = 0;
    while at < lines.len() {
        let end = (at..lines.len()).find(|end| lines[*end].page != lines[at].page).unwrap_or(lines.len());
        columns = widened(&lines[at..end], &columns, at == 0);
        all.extend((at..end).map(|_| columns.clone()));
        at = end;
    }
    all
}

fn widened(lines: &[&Line], columns: &[Column], under_header: bool) -> Vec<Column> {
    let firm = |line: &&Line| line.pieces.iter().filter(|piece| !piece.soft).cloned().collect::<Vec<_>>();
    let mut pieces: Vec<Piece> = lines.iter().flat_map(firm).collect();
    pieces.sort_by(|one, other| one.x0.total_cmp(&other.x0));
    if !under_header {
        let mut spans: Vec<(f64, f64)> = Vec::new();
        for piece in &pieces {
            match spans.last_mut() {
                Some(last) if piece.x0 < last.1 => last.1 = last.1.max(piece.x1),
                _ => spans.push((piece.x0, piece.x1)),
            }
        }
        if spans.len() == columns.len() {
            let moved = columns.iter().zip(spans);
            return moved.map(|(column, (x0, x1))| Column { x0, x1, ..column.clone() }).collect();
        }
    }
    let mut widened = columns.to_vec();
    for piece in &pieces {
        let over = |column: &Column| piece.x0 < column.x1 && piece.x1 > column.x0;
        let mut hit = (0..widened.len()).filter(|at| over(&widened[*at]));
        if let (Some(at), None) = (hit.next(), hit.next()) {
            widened[at].x0 = widened[at].x0.min(piece.x0);
            widened[at].x1 = widened[at].x1.max(piece.x1);
        }
    }
    widened
}

/// A line with its texts in their columns.
pub struct Placed<'l> {
    /// The line.
    pub line: &'l Line,
    /// Its texts, one for each column.
    pub cells: Vec<Option<String>>,
}

fn nearest(columns: &[Column], piece: &Piece) -> usize {
    let away = |column: &Column| {
        let overlap = piece.x1.min(column.x1) - piece.x0.max(column.x0);
        if overlap > 0.0 { -overlap } else { (piece.x0 - column.x1).max(column.x0 - piece.x1).max(0.0) }
    };
    let all = columns.iter().enumerate();
    all.min_by(|one, other| away(one.1).total_cmp(&away(other.1))).map_or(0, |(at, _)| at)
}

/// Puts the pieces of a line into columns. Where only blanks part them their positions say little: they follow one
/// another, and a piece more than there are columns goes on with the one before.
pub fn placed<'l>(line: &'l Line, columns: &[Column], words: &Words) -> Placed<'l> {
    let mut cells: Vec<Option<String>> = vec![None; columns.len()];
    let mut at = 0;
    let mut from = 0;
    while at < line.pieces.len() {
        let end =
            (at + 1..line.pieces.len()).find(|end| !line.pieces[*end].soft).unwrap_or(line.pieces.len());
        let run = &line.pieces[at..end];
        let first = nearest(columns, &run[0]).max(from).min(columns.len() - 1);
        let limit = line.pieces.get(end).map_or(columns.len(), |next| nearest(columns, next)).max(first + 1);
        let mut column = first;
        for (index, piece) in run.iter().enumerate() {
            if index > 0
                && goes_on(
                    cells[column].as_deref().unwrap_or_default(),
                    &run[index..],
                    column,
                    limit,
                    columns,
                    words,
                )
            {
                if let Some(text) = &mut cells[column] {
                    text.push(' ');
                    text.push_str(&piece.text);
                }
                continue;
            }
            if index > 0 {
                column += 1;
            }
            // Behind a name that stands in a column of classes, the row as a whole has slid.
            let slid = index > 0
                && words.word(&run[index - 1].text) == Word::Name
                && columns[column - 1].role < Some(NAME);
            if !slid && index > 0 {
                column = fitting(column, &piece.text, columns, limit, words);
            }
            match &mut cells[column] {
                Some(text) => {
                    text.push(' ');
                    text.push_str(&piece.text);
                }
                empty => *empty = Some(piece.text.clone()),
            }
        }
        from = column + 1;
        at = end;
    }
    Placed { line, cells }
}

/// Whether a piece behind a blank is of the same cell as what stands before it.
fn goes_on(
    before: &str,
    rest: &[Piece],
    column: usize,
    limit: usize,
    columns: &[Column],
    words: &Words,
) -> bool {
    if column + 1 >= limit {
        return true;
    }
    let (word, piece) = (|text: &str| words.word(text), &rest[0]);
    if columns[column].role == Some(TARGET) && is_unit_of(before, &piece.text, words) {
        return true;
    }
    if matches!(word(&piece.text), Word::Target | Word::Class(_))
        || matches!(word(before), Word::Class(_) | Word::Target)
    {
        return false;
    }
    // A name of several words is whole with the last before the value.
    columns[column].role == Some(NAME)
        && columns.get(column + 1).is_some_and(|next| next.role == Some(TARGET))
        && (rest.len() > 1 || (word(before) != Word::Name && word(&piece.text) == Word::Name))
}

/// Whether a short word is the unit of the number before it: `=12 个`.
fn is_unit_of(number: &str, text: &str, words: &Words) -> bool {
    const LONGEST: usize = 3;
    words.word(number) == Word::Target
        && number.ends_with(|c: char| c.is_ascii_digit())
        && text.chars().count() <= LONGEST
        && text.chars().all(char::is_alphabetic)
        && words.word(text) == Word::Other
}

/// The column for a piece behind a blank: a class goes to its own, a value to the column of values.
fn fitting(column: usize, text: &str, columns: &[Column], limit: usize, words: &Words) -> usize {
    let wanted = match words.word(text) {
        Word::Class(level) => Some(level),
        Word::Target if columns[column].role.is_some_and(|role| role < TARGET) => Some(TARGET),
        Word::Name if columns[column].role.is_some_and(|role| role < NAME) => Some(NAME),
        _ => None,
    };
    let own = wanted.and_then(|role| columns.iter().position(|column| column.role == Some(role)));
    own.filter(|own| *own >= column && *own < limit).unwrap_or(column).min(columns.len() - 1)
}
