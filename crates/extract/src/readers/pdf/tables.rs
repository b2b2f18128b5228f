//! Tables that go on over pages, as grids.
//!
//! A table on the next page with the same outer edges goes on with the one above. Columns are told by where they lie and
//! not by their number, since each page draws only the lines that its own rows need; tables that follow one another
//! with the same outer edges share their columns, so that a heading row holds for the next page. A cell that lacks its
//! line at the end of a page and at the head of the next is one cell, and a row of which that is true throughout is one
//! row. Pages that are cut and closed again with a line keep two rows: what to make of those, their words must tell.

use std::collections::{HashMap, HashSet};

use jixiao_model::{Cell, Grid, Place};

use super::canvas::Glyph;
use super::page::Table;
use super::text::{Frame, cell_text, lines};
use crate::limits::{Budget, Excess};

/// Edges this close together are one, on different pages.
const SAME: f64 = 3.5;
/// A line of so many characters does not reach the edge of its cell by chance.
const LONG: f64 = 12.0;
/// A text of so many characters may have a paragraph more.
const PARAGRAPH: usize = 24;
/// How many labels above one are looked at.
const LABELS: usize = 8;

/// A table that may go on over several pages.
#[derive(Debug)]
pub struct Run {
    /// Its pieces, each with the number of its page.
    pub pieces: Vec<(u32, Table)>,
}

impl Run {
    /// Whether a table at the head of a page goes on with this one.
    pub fn goes_on(&self, page: u32, table: &Table) -> bool {
        self.pieces.last().is_some_and(|(last, above)| page == *last + 1 && have_same_edges(above, table))
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

/// A cell that may reach over pages.
struct Joined {
    /// Its column in the table of its page, and the columns that it spans among those that are shared.
    columns: (usize, usize),
    /// The rows that it spans, among those of all pages.
    rows: (usize, usize),
    /// Its characters on each page.
    glyphs: Vec<Vec<Glyph>>,
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
    let mut all: Vec<f64> = pieces.flat_map(|(_, table)| table.lattice.x.iter().copied()).collect();
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

/// Cells at the lower end of a page.
#[derive(Default)]
struct Foot {
    /// Those that lack their line there, by their number.
    open: Vec<usize>,
    /// All, by their columns, with how far down their table reaches.
    all: Vec<usize>,
    bottom: f64,
}

fn grid(run: Run, shared: &[f64], budget: &mut Budget) -> Result<Grid, Excess> {
    let column = |at: f64| shared.partition_point(|position| *position <= at + 0.01).saturating_sub(1);
    let mut cells: Vec<Joined> = Vec::new();
    let mut rows: Vec<Place> = Vec::new();
    let mut foot = Foot::default();
    for (page, table) in run.pieces {
        let place = Place::Page(page);
        let Table { lattice, glyphs } = table;
        let height = lattice.y.len() - 1;
        let here = lattice.cells.iter().zip(glyphs).map(|(area, glyphs)| {
            let (left, right) = (lattice.x[area.columns.start], lattice.x[area.columns.end]);
            let rows = (area.rows.start, area.rows.end);
            let columns = (column(left), column(right));
            Joined { columns, rows, glyphs: vec![glyphs], left, right, place: place.clone() }
        });
        let here: Vec<Joined> = here.collect();
        let open = lattice.cells.iter().map(|area| area.is_open_above);
        let partners = foot.partners(&cells, &here, open);
        let first = if partners.is_row { rows.len() - 1 } else { rows.len() };
        rows.resize(first + height, place.clone());
        budget.room(rows.len(), &place)?;
        foot = Foot { bottom: lattice.y[height], ..Foot::default() };
        for ((area, mut cell), partner) in lattice.cells.iter().zip(here).zip(partners.of) {
            cell.rows = (first + cell.rows.0, first + cell.rows.1);
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
    }
    budget.grid(rows_of(cells, rows, shared.len().saturating_sub(1)))
}

/// What the cells at the head of a page go on with.
struct Partners {
    /// For each cell of the page, the cell that it is the rest of.
    of: Vec<Option<usize>>,
    /// Whether the first row is the rest of the last row above.
    is_row: bool,
}

impl Foot {
    fn partners(&self, cells: &[Joined], here: &[Joined], open: impl Iterator<Item = bool>) -> Partners {
        let above: HashMap<(usize, usize), usize> =
            self.all.iter().map(|index| (cells[*index].columns, *index)).collect();
        let above = |cell: &Joined| above.get(&cell.columns).copied().filter(|_| cell.rows.0 == 0);
        let is_open: HashSet<usize> = self.open.iter().copied().collect();
        let of: Vec<Option<usize>> = here
            .iter()
            .zip(open)
            .map(|(cell, open)| above(cell).filter(|index| open && is_open.contains(index)))
            .collect();
        let head = || here.iter().zip(&of).filter(|(cell, _)| cell.rows.0 == 0);
        if head().all(|(_, partner)| partner.is_some()) && !self.all.is_empty() {
            return Partners { of, is_row: true };
        }
        let is_row = self.is_cut(cells, here, above);
        if is_row {
            return Partners { of: here.iter().map(above).collect(), is_row };
        }
        Partners { of, is_row }
    }

    /// Whether a row that both pages close with a line goes on over the page. All that stands in its rest must go on with
    /// a text that reaches the lower end of its cell: within a line that was wrapped, or, in a long text, with its next
    /// paragraph. That may be chance, so something must speak for it besides: a wrapped text, or a cell that is empty now
    /// and was not, since what fits on one page is not printed on the next. And no page breaks a number.
    fn is_cut(&self, cells: &[Joined], here: &[Joined], above: impl Fn(&Joined) -> Option<usize>) -> bool {
        let head = || here.iter().filter(|cell| cell.rows.0 == 0);
        if head().any(|cell| above(cell).is_some_and(|index| is_label_cut(cells, index, cell)))
            && head().all(|cell| above(cell).is_some())
        {
            return true;
        }
        let (mut leaves_blank, mut is_wrapped, mut begins_anew, mut in_brackets) =
            (false, false, false, None);
        for cell in head() {
            let Some(index) = above(cell) else { return false };
            let rest = lines(cell.glyphs.last().cloned().unwrap_or_default());
            let begun = lines(cells[index].glyphs.last().cloned().unwrap_or_default());
            let Some(first) = rest.first() else {
                leaves_blank |= !begun.is_empty();
                continue;
            };
            let frame = Frame::of(&begun, cell.left, cell.right);
            let (Some(last), Some(frame)) = (begun.last(), frame) else { return false };
            let is_at_end = self.bottom - last.area.y1 < last.size * 1.2;
            let numbers = last.text.is_ascii() && first.text.is_ascii();
            if last.text.ends_with(['：', ':']) || numbers || !is_at_end {
                return false;
            }
            if last.text.ends_with(['。', '；', '！', '？']) || !frame.goes_on_over_page(last, first) {
                begins_anew = true;
                let length: usize = begun.iter().map(|line| line.glyphs.len()).sum();
                if length < PARAGRAPH {
                    return false;
                }
            }
            is_wrapped |= last.area.width() > last.size * LONG;
            is_wrapped |= frame.has_wrapped(&begun) || frame.has_wrapped(&rest);
            // The unit of an amount: 项目总预算 / （元）.
            let bracket = first.text.starts_with(['（', '(']);
            in_brackets = Some(bracket && in_brackets.unwrap_or(true));
        }
        (leaves_blank && in_brackets.is_some()) || (!begins_anew && (is_wrapped || in_brackets == Some(true)))
    }
}

/// Whether a page cuts a label: of those in its column it is the only one without a colon at its end, and the first cell
/// of the next page has that.
fn is_label_cut(cells: &[Joined], index: usize, rest: &Joined) -> bool {
    let end = |cell: &Joined| {
        let printed =
            cell.glyphs.last().into_iter().flatten().filter(|glyph| !glyph.character.is_whitespace());
        printed.max_by(|one, other| order(one).total_cmp(&order(other))).map(|glyph| glyph.character)
    };
    let has_colon = |cell: &Joined| end(cell).map(|last| matches!(last, '：' | ':'));
    let before = cells.get(..index).unwrap_or_default().iter().rev();
    let mut before = before.filter(|cell| cell.columns == rest.columns).take(LABELS).filter_map(has_colon);
    has_colon(&cells[index]) == Some(false)
        && has_colon(rest) == Some(true)
        && before.next() == Some(true)
        && before.next() == Some(true)
        && before.all(|has_colon| has_colon)
}

/// Where a character stands in a text, from the first line's begin.
fn order(glyph: &Glyph) -> f64 {
    let line = (glyph.area.center().y / glyph.area.height().max(1.0) * 2.0).round();
    line * 10_000.0 + glyph.area.x0
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
