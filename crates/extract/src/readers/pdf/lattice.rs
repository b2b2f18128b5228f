//! Lines to cells.
//!
//! Lines that touch are one table. Their positions make a lattice; a side of its elementary cells is a wall where lines
//! cover most of it, and cells without a wall between them are one merged cell. Dotted lines come as many short pieces,
//! so what is short counts only if it adds up. Whether a cell lacks its line at the table's upper or lower end is kept:
//! there a page has cut it.

use std::collections::HashMap;
use std::ops::Range;

use super::canvas::Rule;
use crate::limits::{Budget, Excess};

/// Lines this close together are one.
const SAME: f64 = 1.6;
/// Pieces of a line this close together are one.
const GAP: f64 = 3.0;
/// Lines this close to one another touch.
const TOUCH: f64 = 2.5;
/// A row or column is wider than this.
const NARROWEST: f64 = 3.5;
/// What is shorter is no line of a table.
const SHORTEST: f64 = 6.0;
/// What part of a side lines must cover to be a wall.
const COVERED: f64 = 0.6;

/// No cell.
const NONE: usize = usize::MAX;

/// A cell of a table on one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// The columns that it spans.
    pub columns: Range<usize>,
    /// The rows that it spans.
    pub rows: Range<usize>,
    /// Whether it has no line above it, at the upper end of the table.
    pub is_open_above: bool,
    /// Whether it has no line below it, at the lower end of the table.
    pub is_open_below: bool,
}

/// A table on one page.
#[derive(Debug, Clone, PartialEq)]
pub struct Lattice {
    /// Where its columns begin, and where the last one ends.
    pub x: Vec<f64>,
    /// Where its rows begin, and where the last one ends.
    pub y: Vec<f64>,
    /// Its cells, by the row and the column in which they begin.
    pub cells: Vec<Area>,
    /// Whether a line parts its rows.
    pub has_rows: bool,
    /// Whether its edges are lines, and not laid through gaps between texts.
    pub is_drawn: bool,
    /// For each elementary cell, row by row, the cell that holds it.
    owners: Vec<usize>,
}

impl Lattice {
    /// A table of these cells.
    pub fn of(x: Vec<f64>, y: Vec<f64>, cells: Vec<Area>) -> Self {
        Self { x, y, cells, has_rows: true, is_drawn: false, owners: Vec::new() }
    }

    /// The cell at a point.
    pub fn cell_at(&self, x: f64, y: f64) -> Option<usize> {
        let column = interval(&self.x, x)?;
        let row = interval(&self.y, y)?;
        self.owners.get(row * (self.x.len() - 1) + column).copied().filter(|cell| *cell != NONE)
    }

    /// Whether it is no table but a frame around text.
    fn is_frame(&self) -> bool {
        self.cells.len() < 2
    }
}

/// The interval between positions in which a point lies.
fn interval(positions: &[f64], at: f64) -> Option<usize> {
    let behind = positions.partition_point(|position| *position <= at);
    behind.checked_sub(1).filter(|index| index + 1 < positions.len())
}

/// Finds the tables in the lines of a page, from the top.
pub fn lattices(rules: &[Rule], budget: &mut Budget) -> Result<Vec<Lattice>, Excess> {
    let horizontal = merged(rules, true);
    let vertical = merged(rules, false);
    let mut groups = Groups::new(horizontal.len() + vertical.len());
    for (index, line) in vertical.iter().enumerate() {
        let first = horizontal.partition_point(|other| other.at < line.from - TOUCH);
        for (at, other) in horizontal.iter().enumerate().skip(first) {
            if other.at > line.to + TOUCH {
                break;
            }
            budget.meet()?;
            if other.from - TOUCH <= line.at && line.at <= other.to + TOUCH {
                groups.unite(at, horizontal.len() + index);
            }
        }
    }
    let mut tables: Vec<(Vec<Rule>, Vec<Rule>)> = Vec::new();
    let mut numbers = vec![NONE; horizontal.len() + vertical.len()];
    for (index, rule) in horizontal.into_iter().chain(vertical).enumerate() {
        let number = &mut numbers[groups.find(index)];
        if *number == NONE {
            *number = tables.len();
            tables.push((Vec::new(), Vec::new()));
        }
        let (horizontal, vertical) = &mut tables[*number];
        if rule.is_horizontal { horizontal.push(rule) } else { vertical.push(rule) }
    }
    let mut lattices = Vec::new();
    for (horizontal, vertical) in tables {
        if vertical.is_empty() || horizontal.len() + vertical.len() < 3 {
            continue;
        }
        let cuts = cuts(&horizontal, &vertical, budget)?;
        for ends in cuts.windows(2) {
            let (top, bottom) = (ends[0], ends[1]);
            let clipped = |rule: &Rule| Rule { from: rule.from.max(top), to: rule.to.min(bottom), ..*rule };
            let vertical: Vec<Rule> =
                vertical.iter().map(clipped).filter(|rule| rule.to - rule.from > NARROWEST).collect();
            let here = horizontal.iter().filter(|rule| top - SAME <= rule.at && rule.at <= bottom + SAME);
            // The line between two tables is as long as the longer one.
            let left = vertical.iter().map(|rule| rule.at).fold(f64::INFINITY, f64::min);
            let right = vertical.iter().map(|rule| rule.at).fold(f64::NEG_INFINITY, f64::max);
            let is_between = |rule: &Rule| cuts.iter().any(|cut| (cut - rule.at).abs() <= SAME);
            let clipped = |rule: &Rule| match is_between(rule) && cuts.len() > 2 {
                true => Rule { from: rule.from.max(left), to: rule.to.min(right), ..*rule },
                false => *rule,
            };
            let horizontal: Vec<Rule> = here.map(clipped).filter(|rule| rule.to > rule.from).collect();
            if !vertical.is_empty() {
                lattices.extend(lattice(&horizontal, &vertical, budget)?);
            }
        }
    }
    lattices.retain(|lattice| !lattice.is_frame());
    lattices.sort_by(|one, other| one.y[0].total_cmp(&other.y[0]));
    Ok(lattices)
}

/// Lines of one direction, the pieces of one put together, by where they lie.
pub fn merged(rules: &[Rule], is_horizontal: bool) -> Vec<Rule> {
    let mut rules: Vec<Rule> =
        rules.iter().filter(|rule| rule.is_horizontal == is_horizontal).copied().collect();
    rules.sort_by(|one, other| one.at.total_cmp(&other.at));
    let mut merged: Vec<Rule> = Vec::new();
    let mut rest = rules.as_mut_slice();
    while let Some(first) = rest.first().map(|rule| rule.at) {
        let end = rest.partition_point(|rule| rule.at <= first + SAME);
        let (same, behind) = rest.split_at_mut(end);
        rest = behind;
        same.sort_by(|one, other| one.from.total_cmp(&other.from));
        let begin = merged.len();
        for rule in same.iter() {
            match merged.get_mut(begin..).and_then(<[Rule]>::last_mut) {
                Some(last) if rule.from <= last.to + GAP => last.to = last.to.max(rule.to),
                _ => merged.push(*rule),
            }
        }
    }
    merged.retain(|rule| rule.to - rule.from >= SHORTEST);
    merged.sort_by(|one, other| one.at.total_cmp(&other.at));
    merged
}

/// Sets of things that belong together.
struct Groups(Vec<usize>);

impl Groups {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn find(&mut self, mut member: usize) -> usize {
        while self.0[member] != member {
            self.0[member] = self.0[self.0[member]];
            member = self.0[member];
        }
        member
    }

    /// The lower number leads, so that the first cell of a set does.
    fn unite(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        self.0[one.max(other)] = one.min(other);
    }
}

/// The positions of lines, and where those across them end if that is farther out.
fn positions(along: &[Rule], across: &[Rule]) -> Vec<f64> {
    let mut all: Vec<f64> = along.iter().map(|rule| rule.at).collect();
    let first = across.iter().map(|rule| rule.from).fold(f64::INFINITY, f64::min);
    let last = across.iter().map(|rule| rule.to).fold(f64::NEG_INFINITY, f64::max);
    let inner = all
        .iter()
        .copied()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)));
    if first < inner.0 - NARROWEST {
        all.push(first);
    }
    if last > inner.1 + NARROWEST {
        all.push(last);
    }
    all.sort_by(f64::total_cmp);
    let mut positions: Vec<f64> = Vec::new();
    for at in all {
        if positions.last().is_none_or(|last| at - last > NARROWEST) {
            positions.push(at);
        }
    }
    positions
}

/// Which sides of elementary cells lines cover: by the line's position, then by the interval along it.
fn walls(rules: &[Rule], positions: &[f64], along: &[f64], budget: &mut Budget) -> Result<Vec<bool>, Excess> {
    let count = along.len() - 1;
    let mut covered = vec![0.0; positions.len() * count];
    for rule in rules {
        let at = nearest(positions, rule.at);
        let first = along.partition_point(|end| *end <= rule.from).saturating_sub(1);
        for interval in first..count {
            let (begin, end) = (along[interval], along[interval + 1]);
            if begin >= rule.to {
                break;
            }
            budget.meet()?;
            let part = end.min(rule.to) - begin.max(rule.from);
            covered[at * count + interval] += part.max(0.0) / (end - begin);
        }
    }
    Ok(covered.into_iter().map(|part| part > COVERED).collect())
}

fn nearest(positions: &[f64], at: f64) -> usize {
    let behind = positions.partition_point(|position| *position <= at).min(positions.len() - 1);
    let before = behind.saturating_sub(1);
    if (positions[before] - at).abs() <= (positions[behind] - at).abs() { before } else { behind }
}

/// Where tables end that touch one another: no row below has the outer edges of any row above. (A row that is shorter
/// than its neighbours has them around it.)
fn cuts(horizontal: &[Rule], vertical: &[Rule], budget: &mut Budget) -> Result<Vec<f64>, Excess> {
    let x = positions(vertical, horizontal);
    let y = positions(horizontal, vertical);
    let height = y.len().saturating_sub(1);
    let whole = [y.first().copied().unwrap_or_default(), y.last().copied().unwrap_or_default()];
    if height < 2 || x.len() < 2 {
        return Ok(whole.to_vec());
    }
    let upright = walls(vertical, &x, &y, budget)?;
    let edges = |row: usize| {
        let mut walls = (0..x.len()).filter(|line| upright[line * height + row]);
        walls.next().map(|first| (first, walls.next_back().unwrap_or(first)))
    };
    let edges: Vec<_> = (0..height).map(edges).collect();
    let mut last = HashMap::new();
    for (row, edges) in edges.iter().enumerate() {
        last.insert(*edges, row);
    }
    let mut cuts = vec![whole[0]];
    let mut reached = 0;
    for (row, edges) in edges.iter().enumerate() {
        if row > 0 && row > reached && edges.is_some() {
            cuts.push(y[row]);
        }
        reached = reached.max(last.get(edges).copied().unwrap_or(row));
    }
    cuts.push(whole[1]);
    Ok(cuts)
}

fn lattice(horizontal: &[Rule], vertical: &[Rule], budget: &mut Budget) -> Result<Option<Lattice>, Excess> {
    let x = positions(vertical, horizontal);
    let y = positions(horizontal, vertical);
    if x.len() < 2 || y.len() < 2 {
        return Ok(None);
    }
    let (width, height) = (x.len() - 1, y.len() - 1);
    let upright = walls(vertical, &x, &y, budget)?;
    let level = walls(horizontal, &y, &x, budget)?;
    let mut groups = Groups::new(width * height);
    for row in 0..height {
        for column in 0..width {
            budget.meet()?;
            let at = row * width + column;
            if column + 1 < width && !upright[(column + 1) * height + row] {
                groups.unite(at, at + 1);
            }
            if row + 1 < height && !level[(row + 1) * width + column] {
                groups.unite(at, at + width);
            }
        }
    }
    let has_rows = level[width..width * height].iter().any(|is_wall| *is_wall);
    let mut lattice =
        Lattice { x, y, cells: Vec::new(), has_rows, is_drawn: true, owners: vec![NONE; width * height] };
    for area in rectangles(&mut groups, width, height) {
        let level_at = |row: usize| area.columns.clone().filter(|column| level[row * width + column]).count();
        let upright_at =
            |column: usize| area.rows.clone().filter(|row| upright[column * height + row]).count();
        let above = level_at(area.rows.start) * 2 > area.columns.len();
        let below = level_at(area.rows.end) * 2 > area.columns.len();
        let left = upright_at(area.columns.start) * 2 > area.rows.len();
        let right = upright_at(area.columns.end) * 2 > area.rows.len();
        if [above, below, left, right].into_iter().filter(|side| *side).count() < 2 {
            continue;
        }
        for row in area.rows.clone() {
            for column in area.columns.clone() {
                lattice.owners[row * width + column] = lattice.cells.len();
            }
        }
        let is_open_above = area.rows.start == 0 && !above;
        let is_open_below = area.rows.end == height && !below;
        lattice.cells.push(Area { is_open_above, is_open_below, ..area });
    }
    Ok(Some(lattice))
}

/// The rectangles that sets of elementary cells make. A set of another shape is cut into the rows' stretches of it, and
/// those that are alike are one.
fn rectangles(groups: &mut Groups, width: usize, height: usize) -> Vec<Area> {
    let mut areas: Vec<(usize, Area)> = Vec::new();
    // The rectangle that ends in the row above, by the column where it begins.
    let mut above: Vec<usize> = vec![NONE; width];
    for row in 0..height {
        let mut here = vec![NONE; width];
        let mut column = 0;
        while column < width {
            let set = groups.find(row * width + column);
            let mut end = column + 1;
            while end < width && groups.find(row * width + end) == set {
                end += 1;
            }
            let columns = column..end;
            here[column] = match areas.get_mut(above[column]) {
                Some((of, area)) if *of == set && area.columns == columns => {
                    area.rows.end = row + 1;
                    above[column]
                }
                _ => {
                    let rows = row..row + 1;
                    areas.push((set, Area { columns, rows, is_open_above: false, is_open_below: false }));
                    areas.len() - 1
                }
            };
            column = end;
        }
        above = here;
    }
    areas.into_iter().map(|(_, area)| area).collect()
}
