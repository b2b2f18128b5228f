//! Tables that go on over pages, as grids.
//!
//! A table on the next page with the same outer edges goes on with the one above. Columns are told by where they lie and
//! not by their number, since each page draws only the lines that its own rows need; tables that follow one another
//! with the same outer edges share their columns, so that a heading row holds for the next page. A cell that lacks its
//! line at the end of a page and at the head of the next is one cell, and a row of which that is true throughout is one
//! row. What to make of pages that are cut and closed again with a line, their texts tell (`cut`).

use jixiao_model::{Cell, Grid, Place};

use super::canvas::Glyph;
use super::cut::{Foot, Head};
use super::lattice::Area;
use super::page::Table;
use super::text::{cell_text, lines};
use crate::limits::{Budget, Excess};
use crate::readers::aligned::Words;

/// Edges this close together are one, on different pages.
const SAME: f64 = 3.5;
/// A heading that pages print again has no more rows than this.
const MOST_HEADINGS: usize = 4;

/// A table that may go on over several pages.
#[derive(Debug)]
pub struct Run {
    /// Its pieces, each with the number of its page.
    pub pieces: Vec<(u32, Table)>,
}

impl Run {
    /// Whether a table at the head of a page goes on with this one.
    pub fn goes_on(&self, page: u32, table: &Table) -> bool {
        self.pieces.last().is_some_and(|(last, above)| {
            page == *last + 1 && (have_same_edges(above, table) || have_same_cells(above, table))
        })
    }

    fn first(&self) -> Option<&Table> {
        self.pieces.first().map(|(_, table)| table)
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

/// Whether the first row of a table has the cells of the last row of the one above. One of them may be wider elsewhere;
/// what it leaves empty besides the row is no cell.
fn have_same_cells(above: &Table, below: &Table) -> bool {
    let right = f64::min(edges(above).1, edges(below).1) - SAME;
    let height = above.lattice.y.len() - 1;
    let cells = |table: &Table, is_in_row: &dyn Fn(&Area) -> bool| {
        let x = &table.lattice.x;
        let row = table.lattice.cells.iter().zip(&table.glyphs).filter(|(cell, _)| is_in_row(cell));
        let cells = row.filter(|(cell, glyphs)| x[cell.columns.start] < right || !glyphs.is_empty());
        let mut cells: Vec<_> = cells.map(|(cell, _)| [x[cell.columns.start], x[cell.columns.end]]).collect();
        cells.sort_by(|one, other| one[0].total_cmp(&other[0]));
        cells
    };
    let last = cells(above, &|cell| cell.rows.end == height);
    let first = cells(below, &|cell| cell.rows.start == 0);
    let near = |(one, other): (&f64, &f64)| (one - other).abs() < SAME;
    (edges(above).0 - edges(below).0).abs() < SAME
        && last.len() > 1
        && last.len() == first.len()
        && last.as_flattened().iter().zip(first.as_flattened()).all(near)
}

/// A cell that may reach over pages.
pub struct Joined {
    /// Its column in the table of its page, and the columns that it spans among those that are shared.
    pub columns: (usize, usize),
    /// The rows that it spans, among those of all pages.
    pub rows: (usize, usize),
    /// Its characters on each page.
    pub glyphs: Vec<Vec<Glyph>>,
    /// Its left edge.
    pub left: f64,
    /// Its right edge.
    pub right: f64,
    place: Place,
}

/// Lays out tables. Those that follow one another share their columns if their edges are the same.
pub fn grids(runs: Vec<Run>, words: &Words, budget: &mut Budget) -> Result<Vec<Grid>, Excess> {
    let mut grids = Vec::with_capacity(runs.len());
    let mut alike: Vec<Run> = Vec::new();
    for run in runs {
        let same = match (alike.last().and_then(Run::first), run.first()) {
            (Some(above), Some(table)) => have_same_edges(above, table),
            _ => true,
        };
        if !same {
            lay_out(std::mem::take(&mut alike), &mut grids, words, budget)?;
        }
        alike.push(run);
    }
    lay_out(alike, &mut grids, words, budget)?;
    Ok(grids)
}

fn lay_out(runs: Vec<Run>, grids: &mut Vec<Grid>, words: &Words, budget: &mut Budget) -> Result<(), Excess> {
    let pieces = runs.iter().flat_map(|run| &run.pieces);
    let mut all: Vec<f64> = pieces.flat_map(|(_, table)| table.lattice.x.iter().copied()).collect();
    all.sort_by(f64::total_cmp);
    let mut shared: Vec<f64> = Vec::new();
    for at in all {
        if shared.last().is_none_or(|last| at - last > SAME) {
            shared.push(at);
        }
    }
    for run in runs {
        grids.push(grid(run, &shared, words, budget)?);
    }
    Ok(())
}

fn grid(run: Run, shared: &[f64], words: &Words, budget: &mut Budget) -> Result<Grid, Excess> {
    let column = |at: f64| shared.partition_point(|position| *position <= at + 0.01).saturating_sub(1);
    let mut cells: Vec<Joined> = Vec::new();
    let mut rows: Vec<Place> = Vec::new();
    let mut foot = Foot::default();
    let mut heading: Vec<Printed> = Vec::new();
    for (page, table) in run.pieces {
        let place = Place::Page(page);
        let Table { lattice, glyphs } = table;
        let height = lattice.y.len() - 1;
        let here = lattice.cells.iter().zip(glyphs).map(|(area, glyphs)| {
            let (left, mut right) = (lattice.x[area.columns.start], lattice.x[area.columns.end]);
            let rows = (area.rows.start, area.rows.end);
            let columns = (column(left), column(right));
            if !lattice.is_drawn {
                right = text_right(&glyphs, left, right);
            }
            Joined { columns, rows, glyphs: vec![glyphs], left, right, place: place.clone() }
        });
        let here: Vec<Joined> = here.collect();
        let printed: Vec<Printed> =
            here.iter().filter(|cell| cell.rows.0 < MOST_HEADINGS).map(printed).collect();
        let again = if cells.is_empty() { 0 } else { printed_again(&heading, &printed, height) };
        let open = lattice.cells.iter().map(|area| area.is_open_above).collect();
        let partners = foot.partners(&cells, &Head { cells: &here, open, first: again }, words);
        // A heading printed again stands within the cells that go on below it, and is no row of theirs.
        let dropped = if partners.of.iter().any(Option::is_some) { again } else { 0 };
        let first = if partners.is_row { rows.len() - 1 } else { rows.len() };
        rows.resize(first + height - dropped, place.clone());
        budget.room(rows.len(), &place)?;
        foot = Foot { bottom: lattice.y[height], ..Foot::default() };
        for ((area, mut cell), partner) in lattice.cells.iter().zip(here).zip(partners.of) {
            if cell.rows.1 <= dropped {
                continue;
            }
            cell.rows = (first + cell.rows.0 - dropped, first + cell.rows.1 - dropped);
            let end = cell.rows.1;
            let index = match partner {
                Some(index) => {
                    cells[index].glyphs.append(&mut cell.glyphs);
                    cells[index].rows.1 = end;
                    index
                }
                None => {
                    cells.push(cell);
                    cells.len() - 1
                }
            };
            if area.rows.end == height {
                foot.all.push(index);
                if area.is_open_below {
                    foot.open.push(index);
                }
            }
        }
        if heading.is_empty() {
            heading = printed;
        }
    }
    budget.grid(rows_of(cells, rows, shared.len().saturating_sub(1)))
}

/// A cell as it stands on one page: its columns, its rows, and what it says.
type Printed = ((usize, usize), (usize, usize), String);

fn printed(cell: &Joined) -> Printed {
    (cell.columns, cell.rows, cell_text(cell.glyphs.clone(), cell.left, cell.right))
}

/// How many of the first rows of a table of so many rows are the first ones of another, printed again.
fn printed_again(heading: &[Printed], printed: &[Printed], height: usize) -> usize {
    let of = |cells: &[Printed], end: usize| -> Vec<Printed> {
        cells.iter().filter(|(_, rows, _)| rows.0 < end).cloned().collect()
    };
    let is_again = |end: &usize| {
        let cells = of(printed, *end);
        let is_whole = cells.iter().all(|(_, rows, _)| rows.1 <= *end);
        is_whole && cells.iter().any(|(.., text)| !text.is_empty()) && cells == of(heading, *end)
    };
    (1..=MOST_HEADINGS.min(height.saturating_sub(1))).rev().find(is_again).unwrap_or(0)
}

/// The right edge of a cell that no line shows: behind the longest of its lines, if it has several.
fn text_right(glyphs: &[Glyph], left: f64, right: f64) -> f64 {
    let lines = lines(glyphs.to_vec());
    let begin = lines.iter().map(|line| line.area.x0).fold(right, f64::min);
    let end = lines.iter().map(|line| line.area.x1).fold(left, f64::max);
    if lines.len() > 1 { right.min(end + begin - left) } else { right }
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
