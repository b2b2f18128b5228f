//! The rows of a table of Word, laid out by the columns of its grid.
//!
//! Word has no `rowspan`: each row says again of each cell whether it goes on with the one above (ECMA-376, part 1,
//! 17.4.84, *vMerge*). Cells belong together if they begin and end at the same column. RTF has no columns either: it says
//! where cells end, in twips, and a column is what lies between two such edges anywhere in the table.

use std::collections::BTreeMap;

use jixiao_model::{Cell, Place};

use super::story::{Piece, table_place};

/// How far edges of RTF may lie apart and still be one: narrower than the narrowest letter (100 twips are 1.8 mm), since
/// Word and WPS write one line of a table at places that differ by a cell's margin.
const ONE_EDGE_TWIPS: i64 = 110;

/// Whether a cell goes on with the one above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Merge {
    /// It stands alone.
    #[default]
    None,
    /// Cells below may go on with it.
    Restart,
    /// It goes on with the one above.
    Continue,
}

/// A cell as its row has it.
#[derive(Debug, Default)]
pub struct RowCell {
    /// Where it begins: the column, from 0, or in RTF the twips.
    pub left: i64,
    /// Where it ends: the column behind it, or in RTF the twips.
    pub right: i64,
    /// How many rows it spans, where a format says so at once.
    pub rows: u32,
    /// How it belongs to the cell above.
    pub merge: Merge,
    /// Whether it is one with the cell to its left.
    pub joins_left: bool,
    /// What stands in it.
    pub pieces: Vec<Piece>,
}

impl RowCell {
    /// The same cell again, unless a table stands in it.
    pub fn copy(&self) -> Option<Self> {
        let mut pieces = Vec::new();
        for piece in &self.pieces {
            let Piece::Text(text, _) = piece else { return None };
            pieces.push(Piece::Text(text.clone(), None));
        }
        Some(Self { pieces, ..*self })
    }

    /// How many bytes its texts have.
    pub fn text_bytes(&self) -> u64 {
        let texts = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text, _) => Some(text.len() as u64),
            Piece::Blank | Piece::Table(_) => None,
        });
        texts.sum()
    }

    fn is_scaffold(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Table(rows) if rows.len() > 1))
    }

    /// What stands in it as one text; a table of one row is as many lines as it has cells.
    pub fn text(&self) -> String {
        let mut lines: Vec<&str> = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text, _) => lines.push(text),
                Piece::Blank => {}
                Piece::Table(rows) => {
                    lines.extend(rows.iter().flat_map(|(_, cells)| cells).map(|cell| cell.text.as_str()));
                }
            }
        }
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }
}

/// A row as it was written.
#[derive(Debug, Default)]
pub struct Row {
    /// Its cells, from left to right.
    pub cells: Vec<RowCell>,
    /// Whether it is known where its cells end, in RTF.
    pub is_done: bool,
}

/// What a table became.
#[derive(Debug, Default)]
pub struct LaidOut {
    /// The table; or, of a scaffold, what stands in its cells.
    pub pieces: Vec<Piece>,
    /// Text of cells that another covers.
    pub covered: Vec<(Place, String)>,
}

/// Replaces edges in twips by columns.
pub fn columns_of_edges(rows: &mut [Row]) {
    let mut edges: Vec<i64> =
        rows.iter().flat_map(|row| &row.cells).flat_map(|cell| [cell.left, cell.right]).collect();
    edges.sort_unstable();
    let mut columns = BTreeMap::new();
    let mut first = None;
    let mut column = -1;
    for edge in edges {
        if first.is_none_or(|first| edge - first > ONE_EDGE_TWIPS) {
            first = Some(edge);
            column += 1;
        }
        columns.insert(edge, column);
    }
    for row in rows {
        let mut at = 0;
        for cell in &mut row.cells {
            let column = |edge: i64| columns.get(&edge).copied().unwrap_or(0);
            cell.left = column(cell.left).max(at);
            cell.right = column(cell.right).max(cell.left + 1);
            at = cell.right;
        }
    }
}

/// Lays a table out.
pub fn lay_out(rows: Vec<Row>, number: u32) -> LaidOut {
    let mut laid_out = LaidOut::default();
    if rows.iter().flat_map(|row| &row.cells).any(RowCell::is_scaffold) {
        laid_out.pieces = scaffold(rows, number);
        return laid_out;
    }
    let mut done: Vec<(Place, Vec<Cell>)> = Vec::with_capacity(rows.len());
    // By left and right edge: the row that the cell reaches, and where it stands.
    let mut open: BTreeMap<(i64, i64), (usize, usize, usize)> = BTreeMap::new();
    // By column: the first row that no cell from above covers.
    let mut free_from: Vec<usize> = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        let row_number = u32::try_from(at).unwrap_or(u32::MAX);
        let mut cells: Vec<Cell> = Vec::with_capacity(row.cells.len());
        let mut column = 0;
        for cell in row.cells {
            let place = table_place(number, row_number, u32::try_from(cell.left).unwrap_or(0));
            fill(&mut cells, column..cell.left, at, &free_from, number);
            column = cell.right;
            if cell.merge == Merge::Continue
                && let Some((reached, anchor_row, anchor)) = open.get_mut(&(cell.left, cell.right))
                && *reached + 1 == at
            {
                *reached = at;
                if let Some(anchor) = done.get_mut(*anchor_row).and_then(|(_, cells)| cells.get_mut(*anchor))
                {
                    anchor.row_span = anchor.row_span.saturating_add(1);
                }
                let text = cell.text();
                if !text.is_empty() {
                    laid_out.covered.push((place, text));
                }
                continue;
            }
            if cell.merge == Merge::Restart {
                open.insert((cell.left, cell.right), (at, at, cells.len()));
            }
            if cell.rows > 1 {
                cover(&mut free_from, &cell, at);
            }
            let column_span = u32::try_from(cell.right - cell.left).unwrap_or(1).max(1);
            cells.push(Cell { text: cell.text(), row_span: cell.rows.max(1), column_span, place });
        }
        done.push((table_place(number, row_number, 0), cells));
    }
    if done.iter().any(|(_, cells)| !cells.is_empty()) {
        laid_out.pieces.push(Piece::Table(done));
    }
    laid_out
}

/// Puts empty cells where a row has none, so that what follows keeps its column; not where one from above stands.
fn fill(cells: &mut Vec<Cell>, gap: std::ops::Range<i64>, row: usize, free_from: &[usize], number: u32) {
    let filler = |column: i64, span: i64| {
        let place =
            table_place(number, u32::try_from(row).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(0));
        let column_span = u32::try_from(span).unwrap_or(u32::MAX);
        Cell { text: String::new(), row_span: 1, column_span, place }
    };
    if free_from.is_empty() {
        if !gap.is_empty() {
            cells.push(filler(gap.start, gap.end - gap.start));
        }
        return;
    }
    let mut open = false;
    for column in gap {
        let at = usize::try_from(column).unwrap_or(0);
        let free = free_from.get(at).is_none_or(|from| *from <= row);
        match cells.last_mut().filter(|_| open && free) {
            Some(cell) => cell.column_span += 1,
            None if free => cells.push(filler(column, 1)),
            None => {}
        }
        open = free;
    }
}

fn cover(free_from: &mut Vec<usize>, cell: &RowCell, row: usize) {
    let (Ok(left), Ok(right)) = (usize::try_from(cell.left), usize::try_from(cell.right)) else { return };
    if free_from.len() < right {
        free_from.resize(right, 0);
    }
    for from in free_from.iter_mut().take(right).skip(left) {
        *from = row.saturating_add(cell.rows as usize);
    }
}

fn scaffold(rows: Vec<Row>, number: u32) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        for cell in row.cells {
            let place = || {
                let row = u32::try_from(at).unwrap_or(u32::MAX);
                table_place(number, row, u32::try_from(cell.left).unwrap_or(0))
            };
            let mut inner = cell.pieces;
            for piece in &mut inner {
                if let Piece::Text(_, known) = piece {
                    known.get_or_insert_with(place);
                }
            }
            if pieces.is_empty() {
                pieces = inner;
            } else {
                pieces.append(&mut inner);
            }
        }
    }
    pieces
}
