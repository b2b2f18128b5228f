//! Columns of a table, from where the texts in its cells begin and end.
//!
//! Between two cells of a row the edge of a column runs. As few edges as there can be are laid through all such gaps,
//! each as far to the right as it can be, since texts begin where columns do.

use std::ops::Range;

use super::{Leaf, Loose};
use crate::readers::pdf::lattice::{Area, Lattice};
use crate::readers::pdf::page::Table;

/// Texts keep so far from the edges of their cell at most, in heights of a character.
const MARGIN: f64 = 0.6;
/// Positions this close together are one.
const SAME: f64 = 0.05;

/// A gap between two cells of a row.
struct River {
    from: f64,
    to: f64,
    size: f64,
}

/// Lays out the tables of pages that follow one another, as one.
pub fn tables(pages: Vec<(u32, Loose)>) -> Vec<(u32, Table)> {
    let rivers: Vec<River> = pages.iter().flat_map(|(_, loose)| rivers(&loose.leaves)).collect();
    let leaves = || pages.iter().flat_map(|(_, loose)| &loose.leaves);
    let size =
        leaves().flat_map(|leaf| &leaf.segments).map(|segment| segment.size()).fold(f64::INFINITY, f64::min);
    let left = leaves().map(Leaf::x0).fold(f64::INFINITY, f64::min);
    let right = leaves().map(Leaf::x1).fold(f64::NEG_INFINITY, f64::max);
    let mut x = vec![left - size * MARGIN / 2.0];
    x.extend(edges(rivers));
    x.push(right + size * MARGIN / 2.0);
    let mut above: Vec<Range<usize>> = Vec::new();
    let mut tables = Vec::with_capacity(pages.len());
    for (page, loose) in pages {
        let table = table(loose.leaves, &x, &above);
        let height = table.lattice.y.len() - 1;
        let last = table.lattice.cells.iter().filter(|cell| cell.rows.end == height);
        above = last.map(|cell| cell.columns.clone()).collect();
        tables.push((page, table));
    }
    tables
}

fn is_beside(one: &Leaf, other: &Leaf) -> bool {
    one.top + SAME < other.bottom && other.top + SAME < one.bottom
}

/// The gaps between neighbours.
fn rivers(leaves: &[Leaf]) -> Vec<River> {
    let mut rivers = Vec::new();
    for leaf in leaves {
        let before = leaves.iter().filter(|other| is_beside(other, leaf) && other.x1() <= leaf.x0());
        let from = before.map(Leaf::x1).fold(f64::NEG_INFINITY, f64::max);
        if from.is_finite() {
            let size = leaf.segments.first().map_or(1.0, |segment| segment.size());
            rivers.push(River { from, to: leaf.x0(), size });
        }
    }
    rivers
}

/// The edges of columns: where the gaps in common end, less the margin of the texts behind them.
fn edges(mut rivers: Vec<River>) -> Vec<f64> {
    rivers.sort_by(|one, other| one.to.total_cmp(&other.to));
    let mut edges: Vec<River> = Vec::new();
    for river in rivers {
        match edges.last_mut() {
            Some(edge) if river.from < edge.to => edge.from = edge.from.max(river.from.min(edge.to)),
            _ => edges.push(river),
        }
    }
    edges.iter().map(|edge| edge.to - ((edge.to - edge.from) / 2.0).min(edge.size * MARGIN)).collect()
}

/// Lays out a page, below a row of cells on the page before.
fn table(leaves: Vec<Leaf>, x: &[f64], above: &[Range<usize>]) -> Table {
    let mut y: Vec<f64> = leaves.iter().flat_map(|leaf| [leaf.top, leaf.bottom]).collect();
    y.sort_by(f64::total_cmp);
    y.dedup_by(|one, other| (*one - *other).abs() < SAME);
    let row = |at: f64| y.partition_point(|position| *position < at - SAME);
    let column = |at: f64| x.partition_point(|position| *position <= at + SAME).saturating_sub(1);
    let rows: Vec<Range<usize>> = leaves.iter().map(|leaf| row(leaf.top)..row(leaf.bottom)).collect();
    let begin = |leaf: &Leaf| if leaf.is_first { 0 } else { column(leaf.x0()) };
    let begins: Vec<usize> = leaves.iter().map(begin).collect();
    let width = x.len() - 1;
    let mut cells = Vec::new();
    let mut glyphs = Vec::new();
    for (at, leaf) in leaves.iter().enumerate() {
        let here = &rows[at];
        let others = || (0..leaves.len()).filter(|other| *other != at);
        let beside: Vec<usize> =
            others().filter(|other| rows[*other].start < here.end && here.start < rows[*other].end).collect();
        let next = beside.iter().map(|other| begins[*other]).filter(|begin| *begin > begins[at]);
        let mut end = next.min().unwrap_or(width).max(begins[at] + 1);
        // What a table leaves empty is a cell if one begins there in the row above, unless this is a heading of more
        // columns below, or a value beside its label.
        let is_value = beside.len() == 1 && leaves[beside[0]].is_first;
        if !is_value && !beside.is_empty() {
            let least = column(leaf.x1()) + 1;
            let near = |is_near: &dyn Fn(&Range<usize>) -> bool| {
                let near = others().filter(|other| is_near(&rows[*other])).map(|other| begins[other]);
                near.filter(|begin| (least..end).contains(begin)).collect::<Vec<_>>()
            };
            // The row above is the next one with more than a label.
            let ends = others().filter(|other| !leaves[*other].is_first).map(|other| rows[other].end);
            let head = ends.filter(|end| *end <= here.start).max().unwrap_or(here.start);
            let above = near(&|rows| rows.start < head && rows.end >= head);
            let below = near(&|rows| rows.start == here.end);
            if below.len() <= above.len() {
                end = above.into_iter().fold(end, usize::min);
            }
        }
        cells.push(Area {
            columns: begins[at]..end,
            rows: here.clone(),
            is_open_above: false,
            is_open_below: false,
        });
        let all = leaf.segments.iter().flat_map(|segment| &segment.lines);
        glyphs.push(all.flat_map(|line| line.glyphs.iter().copied()).collect());
    }
    complete(&mut cells, above, |at| column(leaves[at].x1()) + 1);
    glyphs.resize(cells.len(), Vec::new());
    Table { lattice: Lattice::of(x.to_vec(), y, cells), glyphs }
}

/// Gives the cells of the row above, empty ones too, to the first row of a page, which may be the rest of it, and to
/// labels that have no value, as far as their texts, which end before a column, fit in there.
fn complete(cells: &mut Vec<Area>, above: &[Range<usize>], end: impl Fn(usize) -> usize) {
    let height = cells.iter().map(|cell| cell.rows.end).max().unwrap_or(0);
    let count = cells.len();
    for row in 0..height {
        let here: Vec<usize> = (0..count).filter(|at| cells[*at].rows == (row..row + 1)).collect();
        let is_alone = cells.iter().filter(|cell| cell.rows.contains(&row)).count() == here.len();
        let is_label = here.len() == 1 && cells[here[0]].columns.start == 0;
        let above: Vec<Range<usize>> = match row {
            0 => above.to_vec(),
            _ if is_label => {
                let above = cells.iter().filter(|cell| cell.rows.contains(&(row - 1)));
                above.map(|cell| cell.columns.clone()).collect()
            }
            _ => continue,
        };
        let cell_above = |at: &usize| {
            let columns = &cells[*at].columns;
            above.iter().find(|above| above.start == columns.start && end(*at) <= above.end).cloned()
        };
        let fitting: Option<Vec<_>> = here.iter().map(cell_above).collect();
        let Some(fitting) = fitting.filter(|_| is_alone && above.len() > 1) else { continue };
        for (at, columns) in here.iter().zip(&fitting) {
            cells[*at].columns = columns.clone();
        }
        for columns in above.into_iter().filter(|columns| !fitting.contains(columns)) {
            cells.push(Area { columns, rows: row..row + 1, is_open_above: false, is_open_below: false });
        }
    }
}
