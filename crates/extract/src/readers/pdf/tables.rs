//! Tables that go on over pages, as grids.
//!
//! A table on the next page with the same outer edges goes on with the one above. Columns are told by where they lie and
//! not by their number, since each page draws only the lines that its own rows need; tables that follow one another
//! with the same outer edges share their columns, so that a heading row holds for the next page. A cell that lacks its
//! line at the end of a page and at the head of the next is one cell, and a row of which that is true throughout is one
//! row. Pages that are cut and closed again with a line keep two rows: what to make of those, their words must tell.

use hayro_interpret::kurbo::Vec2;
use jixiao_model::{Cell, Grid, Place};

use super::canvas::Glyph;
use super::page::Table;
use super::text::cell_text;
use crate::limits::{Budget, Excess};

/// Edges this close together are one, on different pages.
const SAME: f64 = 3.5;

/// A table that may go on over several pages.
#[derive(Debug)]
pub struct Run {
    /// Its pieces, each with the number of its page and how far down all of the pages above reach.
    pub pieces: Vec<(u32, f64, Table)>,
}

impl Run {
    /// Whether a table at the head of a page goes on with this one.
    pub fn goes_on(&self, page: u32, table: &Table) -> bool {
        self.pieces.last().is_some_and(|(last, _, above)| page == *last + 1 && have_same_edges(above, table))
    }

    fn first(&self) -> Option<&Table> {
        self.pieces.first().map(|(.., table)| table)
    }
}

fn edges(table: &Table) -> (f64, f64) {
    let x = &table.lattice.x;
    (x.first().copied().unwrap_or_default(), x.last().copied().unwrap_or_default())
}

fn have_same_edges(one: &Table, other: &Table) -> bool {
    let (one, other) = (edges(one), edges(other));
    (one.0 - other.0).abs() < SAME && (one.1 - other.1).abs() < SAME
}

/// A cell that may reach over pages.
struct Joined {
    /// Its column in the table of its page, and the columns that it spans among those that are shared.
    columns: (usize, usize),
    /// The rows that it spans, among those of all pages.
    rows: (usize, usize),
    glyphs: Vec<Glyph>,
    left: f64,
    right: f64,
    place: Place,
}

/// Lays out tables. Those that follow one another share their columns if their edges are the same.
pub fn grids(runs: Vec<Run>, budget: &mut Budget) -> Result<Vec<Grid>, Excess> {
    let mut grids = Vec::with_capacity(runs.len());
    let mut alike: Vec<Run> = Vec::new();
    for run in runs {
        let same = match (alike.last().and_then(Run::first), run.first()) {
            (Some(above), Some(table)) => have_same_edges(above, table),
            _ => true,
        };
        if !same {
            lay_out(std::mem::take(&mut alike), &mut grids, budget)?;
        }
        alike.push(run);
    }
    lay_out(alike, &mut grids, budget)?;
    Ok(grids)
}

fn lay_out(runs: Vec<Run>, grids: &mut Vec<Grid>, budget: &mut Budget) -> Result<(), Excess> {
    let pieces = runs.iter().flat_map(|run| &run.pieces);
    let mut all: Vec<f64> = pieces.flat_map(|(.., table)| table.lattice.x.iter().copied()).collect();
    all.sort_by(f64::total_cmp);
    let mut shared: Vec<f64> = Vec::new();
    for at in all {
        if shared.last().is_none_or(|last| at - last > SAME) {
            shared.push(at);
        }
    }
    for run in runs {
        grids.push(grid(run, &shared, budget)?);
    }
    Ok(())
}

fn grid(run: Run, shared: &[f64], budget: &mut Budget) -> Result<Grid, Excess> {
    let column = |at: f64| shared.partition_point(|position| *position <= at + 0.01).saturating_sub(1);
    let mut cells: Vec<Joined> = Vec::new();
    let mut rows: Vec<Place> = Vec::new();
    // Cells at the lower end of the page above that lack their line there.
    let mut open: Vec<usize> = Vec::new();
    for (page, offset, table) in run.pieces {
        let place = Place::Page(page);
        let Table { lattice, glyphs } = table;
        let partner = |area: &super::lattice::Area| {
            let ends = (column(lattice.x[area.columns.start]), column(lattice.x[area.columns.end]));
            area.is_open_above.then(|| open.iter().copied().find(|cell| cells[*cell].columns == ends)).flatten()
        };
        let partners: Vec<Option<usize>> = lattice.cells.iter().map(partner).collect();
        let goes_on = |(area, partner): (&super::lattice::Area, &Option<usize>)| {
            area.rows.start > 0 || partner.is_some()
        };
        // One row that the page cut, if each of its cells is.
        let is_cut = !open.is_empty() && lattice.cells.iter().zip(&partners).all(goes_on);
        let first = if is_cut { rows.len() - 1 } else { rows.len() };
        let height = lattice.y.len() - 1;
        rows.resize(first + height, place.clone());
        budget.room(rows.len(), &place)?;
        open.clear();
        for ((area, glyphs), partner) in lattice.cells.iter().zip(glyphs).zip(partners) {
            let moved = glyphs.into_iter().map(|glyph| Glyph { area: glyph.area + Vec2::new(0.0, offset), ..glyph });
            let index = match partner {
                Some(cell) => {
                    cells[cell].glyphs.extend(moved);
                    cells[cell].rows.1 = first + area.rows.end;
                    cell
                }
                None => {
                    let (left, right) = (lattice.x[area.columns.start], lattice.x[area.columns.end]);
                    let columns = (column(left), column(right));
                    let rows = (first + area.rows.start, first + area.rows.end);
                    let place = place.clone();
                    cells.push(Joined { columns, rows, glyphs: moved.collect(), left, right, place });
                    cells.len() - 1
                }
            };
            if area.is_open_below {
                open.push(index);
            }
        }
    }
    let width = shared.len().saturating_sub(1);
    budget.room(rows.len().saturating_mul(width.min(1 + cells.len())), &Place::Page(0))?;
    budget.grid(rows_of(cells, rows, width))
}

/// Rows of cells; where none is, an empty one holds its place.
fn rows_of(cells: Vec<Joined>, places: Vec<Place>, width: usize) -> Vec<(Place, Vec<Cell>)> {
    let mut by_row: Vec<Vec<Joined>> = places.iter().map(|_| Vec::new()).collect();
    for cell in cells {
        by_row[cell.rows.0].push(cell);
    }
    let mut taken = vec![0; width];
    let mut rows = Vec::with_capacity(places.len());
    for (row, (place, mut cells)) in places.into_iter().zip(by_row).enumerate() {
        cells.sort_by_key(|cell| cell.columns.0);
        let end = cells.iter().map(|cell| cell.columns.1).max().unwrap_or(0);
        let mut printed = Vec::new();
        let mut column = 0;
        let mut cells = cells.into_iter().peekable();
        while column < end {
            if let Some(cell) = cells.next_if(|cell| cell.columns.0 <= column) {
                taken[cell.columns.0..cell.columns.1].fill(cell.rows.1);
                column = column.max(cell.columns.1);
                printed.push(Cell {
                    row_span: span(cell.rows),
                    column_span: span(cell.columns),
                    text: cell_text(cell.glyphs, cell.left, cell.right),
                    place: cell.place,
                });
                continue;
            }
            if taken[column] <= row {
                printed.push(Cell { text: String::new(), row_span: 1, column_span: 1, place: place.clone() });
            }
            column += 1;
        }
        rows.push((place, printed));
    }
    rows
}

fn span((from, to): (usize, usize)) -> u32 {
    u32::try_from(to - from).unwrap_or(u32::MAX)
}
