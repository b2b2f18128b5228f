//! Tables around whose cells no lines are drawn, from where their texts stand.
//!
//! A page shows more than its words: texts of one column begin at the very same place, lines within a cell follow one
//! another more closely than rows do, and a text beside several rows stands in their middle or at their top. So a page is
//! cut at its gaps into rows (`strips`), rows are cut into cells, and what stands beside several rows is laid over them
//! (`bands`); last, columns are told from all cells of a table, over all its pages (`grid`). Lines that are drawn below
//! rows are kept to. Running text has no such gaps, and a table has two rows or more with a column in common.

mod grid;
mod segments;
mod strips;

use std::ops::Range;

use super::canvas::Rule;
use super::text::Line;
use crate::limits::Budget;
use crate::readers::aligned::{Extent, exact_bands};
pub use grid::tables as laid_out;
use segments::{SAME, Segment};
use strips::{Page, Strip};

/// So many rows are told without gaps between them.
const MANY: usize = 8;
/// No page of a form holds so many texts, and no table of one so many rows; what holds more is not looked through.
const MOST: usize = 1_500;
const MOST_ROWS: usize = 300;
/// So many rows with columns in common are a table, however narrow the gaps in them.
const ALIKE: usize = 2;
/// Cells are looked for within cells so deep.
const DEPTH: usize = 40;
/// Heights are weighed in such parts of a line, since they are exact.
const PARTS: f64 = 3.0;

/// A cell of a table on a page, and what stands in it.
#[derive(Debug, Clone)]
struct Leaf {
    segments: Vec<Segment>,
    /// Whether it begins at the left edge of the table.
    is_first: bool,
    /// Where its box begins and ends.
    top: f64,
    bottom: f64,
}

impl Leaf {
    fn x0(&self) -> f64 {
        self.segments.iter().map(|segment| segment.area.x0).fold(f64::INFINITY, f64::min)
    }

    fn x1(&self) -> f64 {
        self.segments.iter().map(|segment| segment.area.x1).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// A table on a page whose columns are not told yet.
#[derive(Debug, Clone)]
pub struct Loose {
    leaves: Vec<Leaf>,
    /// Its lines, where it is a table only if it goes on on the next page.
    pub doubted: Vec<Line>,
}

impl Loose {
    /// Where it begins.
    pub fn top(&self) -> f64 {
        self.leaves.iter().map(|leaf| leaf.top).fold(f64::INFINITY, f64::min)
    }

    /// Whether it stands at a height.
    pub fn holds(&self, at: f64) -> bool {
        self.top() < at && self.leaves.iter().any(|leaf| at < leaf.bottom)
    }

    /// Where its texts begin and end, from left to right.
    pub fn edges(&self) -> (f64, f64) {
        let left = self.leaves.iter().map(Leaf::x0).fold(f64::INFINITY, f64::min);
        (left, self.leaves.iter().map(Leaf::x1).fold(f64::NEG_INFINITY, f64::max))
    }

    /// Where texts begin in it.
    pub fn starts(&self) -> Vec<f64> {
        self.leaves.iter().map(Leaf::x0).collect()
    }
}

/// Finds tables among the lines of a page that stand in no drawn table. Returns them and the lines that are left. The
/// texts of a table that may go on from the page before begin at `above`.
pub fn tables(
    lines: Vec<Line>,
    rules: &[Rule],
    above: &[f64],
    budget: &mut Budget,
) -> (Vec<Loose>, Vec<Line>) {
    let segments = segments::segments(&lines, above);
    if segments.len() > MOST || !budget.may_compare(segments.len()) {
        return (Vec::new(), lines);
    }
    let mut page = Page::new(&segments, rules);
    let strips = page.strips(segments);
    page.begin = strips.first().filter(|_| !above.is_empty()).map(|strip| strip.top);
    let mut tables = Vec::new();
    let mut is_taken = vec![false; lines.len()];
    let mut at = 0;
    while at < strips.len() {
        let Some((end, is_sure)) = run(&strips, at, above) else {
            at += 1;
            continue;
        };
        let mut doubted: Vec<usize> = strips[at..end]
            .iter()
            .flat_map(|strip| &strip.segments)
            .flat_map(|segment| segment.of.clone())
            .collect();
        doubted.sort_unstable();
        doubted.dedup();
        let doubted =
            if is_sure { Vec::new() } else { doubted.iter().map(|of| lines[*of].clone()).collect() };
        for segment in strips[at..end].iter().flat_map(|strip| &strip.segments) {
            segment.of.iter().for_each(|line| is_taken[*line] = true);
        }
        let mut leaves = Vec::new();
        // What goes on from the page before may have an empty first column.
        let left = strips[at..end].iter().map(Strip::left).fold(f64::INFINITY, f64::min);
        let is_first = at > 0 || above.is_empty() || left < second(above, leftmost(above)) - SAME;
        lay(&page, &strips[at..end], is_first, DEPTH, &mut leaves);
        tables.push(Loose { leaves, doubted });
        at = end;
    }
    let left = lines.into_iter().zip(is_taken).filter(|(_, is_taken)| !is_taken);
    (tables, left.map(|(line, _)| line).collect())
}

/// How many rows lines make by the gaps between them. Few lines that are all as far apart may be of one cell.
pub fn count_rows(lines: &[Line]) -> usize {
    let segments = segments::segments(lines, &[]);
    let page = Page::new(&segments, &[]);
    let rows = page.strips(segments).len();
    if page.parts_rows() || rows >= MANY { rows } else { 1 }
}

/// Where the table ends that begins with a strip, if one does: rows with a column in common, and what stands between. One
/// row at the end of a page may be a table; whether it is, the next page tells.
fn run(strips: &[Strip], from: usize, above: &[f64]) -> Option<(usize, bool)> {
    let is_near = |one: f64, other: f64| (one - other).abs() < SAME;
    let is_start = |starts: &[f64], x: f64| starts.iter().any(|start| is_near(*start, x));
    let first = &strips[from];
    let mut left = leftmost(above);
    let is_row = first.cells().len() > 1;
    let fits = is_row || first.left() > left + SAME || first.right() <= second(above, left);
    let is_rest = from == 0 && is_start(above, first.left()) && fits;
    if !is_row && !is_rest {
        return None;
    }
    let mut starts = above.to_vec();
    let (mut is_table, mut end, mut alike) = (is_rest, from, 0);
    for (at, strip) in strips.iter().enumerate().skip(from) {
        let later = strip.later();
        if later.is_empty() {
            // A text in a column of its own goes on; a label may have no value.
            let begins_in = strip.left() > left + SAME && is_start(&starts, strip.left());
            let is_label = is_near(strip.left(), left) && strip.right() <= second(&starts, left);
            // A line over the whole width, with the same columns above and below it.
            let is_between = || {
                let next = strips.get(at + 1).map(Strip::later).unwrap_or_default();
                let shared = next.iter().filter(|(x, _)| is_start(&starts, *x)).count();
                is_near(strip.left(), left) && shared > 1 && shared == next.len()
            };
            if !(begins_in || is_label || (is_rest && at == from) || is_between()) {
                break;
            }
        }
        is_table |= later.iter().any(|(x, is_wide)| *is_wide && is_start(&starts, *x));
        alike += usize::from(later.iter().any(|(x, _)| is_start(&starts, *x)));
        starts.extend(later.iter().map(|(x, _)| *x));
        left = left.min(strip.left());
        end = at + 1;
    }
    is_table |= alike >= ALIKE;
    let is_list = strips[from..end].iter().filter_map(Strip::parted).all(|(head, _)| head.is_number());
    let is_table = is_table && !(is_list && above.is_empty());
    let may_be = end == strips.len() && end == from + 1 && !is_list;
    (is_table || may_be).then_some((end, is_table))
}

fn leftmost(starts: &[f64]) -> f64 {
    starts.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Where the next column begins behind the one that begins at the left, if texts begin at these places.
fn second(starts: &[f64], left: f64) -> f64 {
    starts.iter().copied().filter(|start| *start > left + SAME).fold(f64::INFINITY, f64::min)
}

/// Lays out rows, from the left: the first cell of each, or of several together, and what stands beside it.
fn lay(page: &Page, strips: &[Strip], is_first: bool, depth: usize, leaves: &mut Vec<Leaf>) {
    let Some(deeper) = depth.checked_sub(1) else {
        leaves.extend(strips.iter().cloned().map(|strip| strip.leaf(is_first)));
        return;
    };
    if let [strip] = strips {
        let Some((head, rest)) = strip.parted() else {
            leaves.push(strip.clone().leaf(is_first));
            return;
        };
        for (part, is_first) in [(head, is_first), (rest, false)] {
            let parts = page.strips_between(part.segments, part.top, part.bottom);
            lay(page, &parts, is_first, deeper, leaves);
        }
        return;
    }
    let heads = heads(strips);
    let mut next = 0;
    for band in merged(page, strips, &heads).into_iter().chain(std::iter::once(strips.len()..strips.len())) {
        let above = &strips[next.min(band.start)..band.start];
        if !above.is_empty() {
            lay(page, above, false, deeper, leaves);
        }
        next = band.end;
        if let [strip] = &strips[band.clone()] {
            let is_first = is_first && heads[band.start].is_some();
            lay(page, std::slice::from_ref(strip), is_first, deeper, leaves);
            continue;
        }
        let (Some(first), Some(last)) = (strips[band.clone()].first(), strips[band.clone()].last()) else {
            continue;
        };
        let (top, bottom) = (first.top, last.bottom);
        let (mut head, mut rest) = (Vec::new(), Vec::new());
        for at in band {
            match &heads[at] {
                Some((here, beside)) => {
                    head.extend(here.segments.iter().cloned());
                    rest.extend(beside.segments.iter().cloned());
                }
                None => rest.extend(strips[at].segments.iter().cloned()),
            }
        }
        if !head.is_empty() {
            leaves.push(Strip { segments: head, top, bottom }.leaf(is_first));
        }
        // A first cell may have stood between rows that now come apart.
        lay(page, &page.strips_between(rest, top, bottom), false, deeper, leaves);
    }
}

/// Which rows have one first cell together.
fn merged(page: &Page, strips: &[Strip], heads: &[Option<(Strip, Strip)>]) -> Vec<Range<usize>> {
    // What stands in brackets goes on with the label above it: the unit of an amount.
    let is_label = |at: usize| heads[at].as_ref().is_some_and(|head| at == 0 || !head.0.is_in_brackets());
    if strips.len() > MOST_ROWS || (0..strips.len()).all(is_label) {
        return (0..strips.len()).map(|at| at..at + 1).collect();
    }
    let scale = PARTS / page.pitch.max(1.0);
    let extent = |strip: &Strip| {
        let (top, bottom) = strip.printed();
        Extent { top: top * scale, bottom: bottom * scale, page: 1 }
    };
    let labels = (0..strips.len()).filter(|at| is_label(*at)).filter_map(|at| {
        let label = extent(&heads[at].as_ref()?.0);
        let rest = heads.get(at + 1).and_then(Option::as_ref).filter(|_| !is_label(at + 1));
        Some(Extent { bottom: rest.map_or(label.bottom, |rest| extent(&rest.0).bottom), ..label })
    });
    let labels: Vec<Extent> = labels.collect();
    // A label that fits between two rows is none itself.
    let is_blank = |at: usize| heads.get(at).is_some_and(Option::is_none);
    let is_between = |at: usize| {
        let is_alone = heads[at].as_ref().is_some_and(|head| head.1.segments.is_empty());
        is_alone && at > 0 && is_blank(at - 1) && is_blank(at + 1)
    };
    let laid = |rows: Vec<usize>| {
        let units: Vec<Extent> = rows.iter().map(|at| extent(&strips[*at])).collect();
        let (cost, bands) = exact_bands(&units, &labels, page.goes_on_at(strips[0].top));
        let band = |band: Range<usize>| {
            let first = rows.get(band.start).copied().unwrap_or(strips.len());
            first..rows[..band.end].last().map_or(first, |last| last + 1).max(first)
        };
        (cost, bands.into_iter().map(band).collect())
    };
    let all: (f64, Vec<Range<usize>>) = laid((0..strips.len()).collect());
    if !(0..strips.len()).any(is_between) {
        return all.1;
    }
    let some = laid((0..strips.len()).filter(|at| !is_between(*at)).collect());
    if some.0 < all.0 { some.1 } else { all.1 }
}

/// The first cell of each row and what is left of it; none where the first column is empty.
fn heads(strips: &[Strip]) -> Vec<Option<(Strip, Strip)>> {
    let left = strips.iter().map(Strip::left).fold(f64::INFINITY, f64::min);
    let later: Vec<f64> =
        strips.iter().flat_map(|strip| strip.cells().into_iter().skip(1).map(|cell| cell.0)).collect();
    let mut order: Vec<usize> = (0..strips.len()).collect();
    order.sort_by(|one, other| strips[*one].left().total_cmp(&strips[*other].left()));
    let mut heads = vec![None; strips.len()];
    // How far texts of the first column reach, and where the second one begins.
    let (mut reach, mut second) = (left + SAME, f64::INFINITY);
    for at in order {
        let strip = &strips[at];
        let x0 = strip.left();
        let is_later = x0 > left + SAME && later.iter().any(|start| (start - x0).abs() < SAME);
        if is_later || x0 >= reach.min(second) {
            continue;
        }
        let empty = Strip { segments: Vec::new(), ..strip.clone() };
        let (head, rest) = strip.parted().unwrap_or_else(|| (strip.clone(), empty));
        if !rest.segments.is_empty() {
            reach = reach.max(head.right());
            second = second.min(rest.left());
        }
        heads[at] = Some((head, rest));
    }
    heads
}
