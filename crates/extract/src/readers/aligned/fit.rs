//! In which column each piece of a line stands, where two tables stand side by side.
//!
//! A dump gives a Chinese character one column, though it is as wide as two others, so what stands further to the right on
//! a line has moved by what stands before it. With seven columns or more that is too much to go by alone: all pieces of a
//! line are therefore laid under the columns at once, in their order, each where its words belong and where it stands.

use super::columns::{Column, Placed, apart, is_unit_of};
use super::table::{NAME, TARGET};
use super::{Line, Piece, Word, Words, append};

/// What it costs, for each character, to stand beside a column, and that a column does not reach over a part of it.
const AWAY: f64 = 0.35;
const OUTSIDE: f64 = 0.1;
/// Behind a blank alone a piece has hardly a place of its own.
const SOFT: f64 = 0.4;
/// What it costs to be in another column than the text right above that begins at the same place.
const NOT_BELOW: f64 = 1.0;
/// What speaks for a column whose text above goes on with it to something known.
const GOES_ON: f64 = 1.0;
/// What it costs to be of the same cell as the piece before, and where both are whole.
const JOINED: f64 = 0.5;
const BOTH_WHOLE: f64 = 3.0;

/// Puts the pieces of a line into columns. `near` are the lines right above, the nearest first.
pub fn placed<'l>(line: &'l Line, columns: &[Column], near: &[&Placed<'_>], words: &Words) -> Placed<'l> {
    let pieces = apart(line, columns, true, words);
    let width = columns.len();
    let own: Vec<Vec<f64>> = (pieces.iter())
        .map(|piece| (0..width).map(|at| cost(piece, at, columns, near, words)).collect())
        .collect();
    // For each piece and column the least cost up to there, and the column of the piece before.
    let mut ways: Vec<Vec<(f64, usize)>> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let Some(before) = ways.last() else {
            ways.push(own[at].iter().map(|cost| (*cost, 0)).collect());
            continue;
        };
        let way = |column: usize| {
            let next = before.iter().enumerate().take(column).map(|(from, way)| (way.0, from));
            let same = piece.soft.then(|| {
                (
                    before[column].0 + joined(&pieces[at - 1].text, &piece.text, &columns[column], words),
                    column,
                )
            });
            let best = next.chain(same).min_by(|one, other| one.0.total_cmp(&other.0));
            best.map_or((f64::INFINITY, 0), |(cost, from)| (cost + own[at][column], from))
        };
        ways.push((0..width).map(way).collect());
    }
    let last = ways.last().into_iter().flatten().enumerate();
    let mut column = last.min_by(|one, other| one.1.0.total_cmp(&other.1.0)).map_or(0, |(column, _)| column);
    let mut chosen = vec![0; pieces.len()];
    for at in (0..pieces.len()).rev() {
        chosen[at] = column;
        column = ways[at][column].1;
    }
    let mut cells: Vec<Option<String>> = vec![None; width];
    let mut starts = Vec::new();
    for (piece, column) in pieces.iter().zip(chosen) {
        if !piece.soft {
            starts.push((piece.x0, column));
        }
        match &mut cells[column] {
            Some(text) => {
                text.push(' ');
                text.push_str(&piece.text);
            }
            empty => *empty = Some(piece.text.clone()),
        }
    }
    Placed { line, cells, starts, slid: false }
}

/// What it costs that a piece stands in a column.
fn cost(piece: &Piece, at: usize, columns: &[Column], near: &[&Placed<'_>], words: &Words) -> f64 {
    let column = &columns[at];
    let overlap = (piece.x1.min(column.x1) - piece.x0.max(column.x0)).max(0.0);
    let away = (piece.x0 - column.x1).max(column.x0 - piece.x1).max(0.0);
    let place = away * AWAY + (piece.x1 - piece.x0 - overlap) * OUTSIDE;
    let place = if piece.soft { place * SOFT } else { place };
    let begun = near.iter().flat_map(|line| &line.starts).find(|start| (start.0 - piece.x0).abs() < 0.5);
    let below = if !piece.soft && begun.is_some_and(|start| start.1 != at) { NOT_BELOW } else { 0.0 };
    let above = near.iter().find_map(|line| line.cells.get(at)?.as_deref());
    let whole = above.map(|above| {
        let mut text = above.to_owned();
        append(&mut text, &piece.text);
        text
    });
    let is_known = |text: &String| match (column.role, words.word(text)) {
        (Some(role), Word::Class(_)) => role < NAME && words.is_class_of(text, role),
        (Some(NAME), Word::Name) => words.word(&piece.text) == Word::Other,
        (Some(TARGET), Word::Target) => {
            piece.text.chars().count() == 1 || piece.text.starts_with(['(', '（', '%', '％', ')', '）'])
        }
        _ => false,
    };
    let known = if whole.as_ref().is_some_and(is_known) { GOES_ON } else { 0.0 };
    place + below + fits(&piece.text, column.role, words) - known
}

/// What it costs that a column of a role holds a text.
fn fits(text: &str, role: Option<usize>, words: &Words) -> f64 {
    let compares = text.starts_with(|c: char| c.is_ascii_digit() || "≥≤=＝><".contains(c));
    // A piece of a class.
    let length = text.chars().count();
    let begins = length > 2 && words.begins(text);
    match (role, words.word(text)) {
        (Some(level), Word::Class(_)) if level < NAME && words.is_class_of(text, level) => 0.0,
        (Some(level), Word::Class(_)) if level < NAME => 2.0,
        // 满意 is a grade elsewhere.
        (Some(level), _) if level < NAME && length > 1 && !compares && words.begins(text) => 0.1,
        (Some(level), Word::Name | Word::Target) if level < NAME => 3.0,
        (Some(level), _) if level < NAME => 0.8,
        (Some(NAME), Word::Class(1)) => 1.5,
        (Some(NAME), Word::Class(_)) => 2.5,
        (Some(NAME), Word::Name) => 0.0,
        (Some(NAME), Word::Target) if compares => 2.5,
        (Some(NAME), _) if compares || begins => 1.0,
        (Some(NAME), _) => 0.2,
        (Some(TARGET), Word::Target) => 0.0,
        (Some(TARGET), Word::Class(_)) => 4.0,
        (Some(TARGET), Word::Name) => 2.0,
        (Some(TARGET), _) if begins => 1.5,
        (_, Word::Class(_)) => 3.0,
        _ => 0.5,
    }
}

/// What it costs that two pieces which a blank parts are of one cell.
fn joined(before: &str, text: &str, column: &Column, words: &Words) -> f64 {
    if column.role == Some(TARGET) && is_unit_of(before, text, words) {
        return 0.0;
    }
    let is_whole = |text: &str| matches!(words.word(text), Word::Class(_) | Word::Target | Word::Name);
    if is_whole(before) && is_whole(text) { BOTH_WHOLE } else { JOINED }
}
