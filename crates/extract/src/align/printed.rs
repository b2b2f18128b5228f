//! Rows whose cells plainly stand where they belong, as most do.

use super::{Aligned, KNOWN, OWN_COLUMN, SAME_SHIFT, likeness, missing, stands_in};
use crate::columns::Column;
use crate::row::{Row, RowCell};
use crate::table_words::Role;

/// Whether a cell from above reaches into a column.
pub fn is_taken(row: &Row<'_>, column: &Column) -> bool {
    row.cells()
        .iter()
        .any(|cell| cell.from_above && cell.column < column.end && column.start < cell.column + cell.span)
}

/// A row under the columns in which its cells stand, if it is plain that no way is better, as for most rows: no cell looks
/// so much more like what stands in another column that it could gain by moving there, alone or with all others, and no
/// column is blank that should not be.
pub fn as_printed<'r, 'b>(row: &'r Row<'b>, columns: &[Column]) -> Option<Aligned<'r, 'b>> {
    let reaches_down = row.cells().iter().any(|cell| cell.from_above);
    let is_free = |column: &Column| !reaches_down || !is_taken(row, column);
    let mut cells: Vec<(Role, Option<usize>, &RowCell<'b>)> = Vec::with_capacity(columns.len());
    for cell in row.printed() {
        let at = columns.iter().position(|column| stands_in(cell, column) && is_free(column))?;
        let column = &columns[at];
        if cells.last().is_some_and(|(_, last, _)| *last >= Some(at)) {
            return None;
        }
        let own = likeness(cell.looks(), column.role);
        // Nothing looks more like what stands anywhere than a name that is known there.
        let is_known = KNOWN + SAME_SHIFT <= own + OWN_COLUMN;
        let is_worse = |other: &Column| {
            (is_known || likeness(cell.looks(), other.role) + SAME_SHIFT <= own + OWN_COLUMN)
                && !stands_in(cell, other)
        };
        let mut others = columns.iter().enumerate().filter(|(other, column)| *other != at && is_free(column));
        if !others.all(|(_, other)| is_worse(other)) {
            return None;
        }
        cells.push((column.role, Some(at), cell));
    }
    let level1_covered = columns.iter().any(|column| column.role == Role::Level1 && !is_free(column));
    let first = cells.first().map(|(.., cell)| cell.column);
    let may_be_blank = |(at, column): (usize, &Column)| {
        cells.iter().any(|(_, of, _)| *of == Some(at))
            || !is_free(column)
            || missing(column.role, column.start, level1_covered, first) == 0
    };
    let are = columns.iter().enumerate().all(may_be_blank);
    are.then_some(Aligned { cells, shifted: false, doubtful: false })
}
