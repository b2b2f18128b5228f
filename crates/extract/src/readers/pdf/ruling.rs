//! Lines to tables: lines that touch are one table, and its cells are what no line parts.
//!
//! Lines are drawn in pieces, one for each side of each cell, and dotted ones in hundreds. So pieces on one axis are put
//! together first. The lines of a table cut its area into boxes; two boxes without a wall between them are one cell.

use super::glyphs::{Glyph, Rule};
use super::text::Text;
use crate::limits::{Budget, Excess};

/// Lines that are not further apart touch, in points.
const NEAR: f64 = 2.5;
/// A side of a box with so much of it covered by lines is a wall.
const COVERED: f64 = 0.6;
/// Lines of a page that are put together already. No form has a tenth of them; a drawing may have any number.
const MOST_RULES: usize = 4_000;
/// Edges of a table on one axis.
const MOST_EDGES: usize = 1_000;

/// A table of a page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Left.
    pub x0: f64,
    /// Right.
    pub x1: f64,
    /// Top.
    pub y0: f64,
    /// Bottom.
    pub y1: f64,
    /// Its cells, by their top, then from left to right.
    pub cells: Vec<Cell>,
}

/// A cell by its box, and its text when that is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// Left.
    pub x0: f64,
    /// Right.
    pub x1: f64,
    /// Top.
    pub y0: f64,
    /// Bottom.
    pub y1: f64,
    /// Its text.
    pub text: Text,
}

impl Cell {
    /// Takes the part of it that stands on the next page.
    pub fn go_on_with(&mut self, rest: Self) {
        self.y1 = rest.y1;
        if self.text.printed.is_empty() {
            self.text = rest.text;
        } else if !rest.text.printed.is_empty() {
            self.text.append(rest.text);
        }
    }
}

impl Table {
    /// The cell in which a glyph stands.
    pub fn cell_at(&self, glyph: &Glyph) -> Option<usize> {
        let (x, y) = glyph.middle();
        let within = (self.x0..self.x1).contains(&x) && (self.y0..self.y1).contains(&y);
        let holds = |cell: &Cell| (cell.x0..cell.x1).contains(&x) && (cell.y0..cell.y1).contains(&y);
        within.then(|| self.cells.iter().position(holds)).flatten()
    }
}

/// The tables that the lines of a page draw.
pub fn tables(rules: &[Rule], budget: &Budget) -> Result<Vec<Table>, Excess> {
    let across = put_together(rules, true);
    let down = put_together(rules, false);
    if across.is_empty() || down.is_empty() || across.len() + down.len() > MOST_RULES {
        return Ok(Vec::new());
    }
    let mut tables = Vec::new();
    for (across, down) in groups(&across, &down) {
        let xs = edges(down.iter().map(|rule| rule.at), across.iter().flat_map(|rule| [rule.from, rule.to]));
        let ys = edges(across.iter().map(|rule| rule.at), down.iter().flat_map(|rule| [rule.from, rule.to]));
        if xs.len() < 2 || ys.len() < 2 || xs.len().max(ys.len()) > MOST_EDGES {
            continue;
        }
        budget.room((xs.len() - 1) * (ys.len() - 1), &jixiao_model::Place::Page(1))?;
        tables.push(Table {
            x0: xs[0],
            x1: xs[xs.len() - 1],
            y0: ys[0],
            y1: ys[ys.len() - 1],
            cells: cells(&xs, &ys, &across, &down),
        });
    }
    // A table within a cell of another is read for itself, so the smaller one is asked first.
    tables.sort_by(|one, other| {
        (one.area(), one.y0).partial_cmp(&(other.area(), other.y0)).unwrap_or(std::cmp::Ordering::Equal)
    });
    Ok(tables)
}

impl Table {
    fn area(&self) -> f64 {
        (self.x1 - self.x0) * (self.y1 - self.y0)
    }
}

/// The lines along one axis, each whole.
fn put_together(rules: &[Rule], horizontal: bool) -> Vec<Rule> {
    let mut pieces: Vec<Rule> = rules.iter().filter(|rule| rule.horizontal == horizontal).copied().collect();
    pieces.sort_by(|one, other| one.at.total_cmp(&other.at));
    let mut whole: Vec<Rule> = Vec::new();
    // Pieces whose axes are near belong to one line.
    for group in pieces.chunk_by_mut(|one, other| other.at - one.at <= NEAR / 2.0) {
        let at = group.iter().map(|rule| rule.at).sum::<f64>() / group.len() as f64;
        group.sort_by(|one, other| one.from.total_cmp(&other.from));
        let mut open: Option<Rule> = None;
        for piece in group.iter() {
            match &mut open {
                Some(rule) if piece.from <= rule.to + NEAR => rule.to = rule.to.max(piece.to),
                _ => whole.extend(open.replace(Rule { at, ..*piece })),
            }
        }
        whole.extend(open);
    }
    whole.retain(|rule| rule.to - rule.from > NEAR);
    whole
}

/// The lines of each table: those that touch, and those that touch these.
fn groups(across: &[Rule], down: &[Rule]) -> Vec<(Vec<Rule>, Vec<Rule>)> {
    let mut sets = Sets::new(across.len() + down.len());
    for (one, line) in across.iter().enumerate() {
        for (other, pole) in down.iter().enumerate() {
            let touch = (line.from - NEAR..=line.to + NEAR).contains(&pole.at)
                && (pole.from - NEAR..=pole.to + NEAR).contains(&line.at);
            if touch {
                sets.join(one, across.len() + other);
            }
        }
    }
    let mut groups: Vec<(usize, Vec<Rule>, Vec<Rule>)> = Vec::new();
    for (index, rule) in across.iter().chain(down).enumerate() {
        let root = sets.root(index);
        let at = groups.iter().position(|(of, ..)| *of == root).unwrap_or_else(|| {
            groups.push((root, Vec::new(), Vec::new()));
            groups.len() - 1
        });
        if rule.horizontal { groups[at].1.push(*rule) } else { groups[at].2.push(*rule) }
    }
    groups.into_iter().map(|(_, across, down)| (across, down)).collect()
}

/// Where the edges of boxes stand on an axis: where lines stand, and where lines across end beyond all of them.
fn edges(lines: impl Iterator<Item = f64>, ends: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut edges: Vec<f64> = lines.collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup_by(|next, first| *next - *first <= NEAR);
    let (first, last) =
        ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(first, last), end| (first.min(end), last.max(end)));
    if edges.first().is_some_and(|edge| first < edge - 2.0 * NEAR) {
        edges.insert(0, first);
    }
    if edges.last().is_some_and(|edge| last > edge + 2.0 * NEAR) {
        edges.push(last);
    }
    edges
}

fn cells(xs: &[f64], ys: &[f64], across: &[Rule], down: &[Rule]) -> Vec<Cell> {
    let (columns, rows) = (xs.len() - 1, ys.len() - 1);
    let mut sets = Sets::new(columns * rows);
    // Walls between a box and the one to its right, and between a box and the one below.
    for (column, x) in xs.iter().enumerate().take(columns).skip(1) {
        let lines: Vec<&Rule> = down.iter().filter(|rule| (rule.at - x).abs() <= NEAR).collect();
        for row in (0..rows).filter(|row| !is_wall(&lines, ys[*row], ys[*row + 1])) {
            sets.join(row * columns + column - 1, row * columns + column);
        }
    }
    for (row, y) in ys.iter().enumerate().take(rows).skip(1) {
        let lines: Vec<&Rule> = across.iter().filter(|rule| (rule.at - y).abs() <= NEAR).collect();
        for column in (0..columns).filter(|column| !is_wall(&lines, xs[*column], xs[*column + 1])) {
            sets.join((row - 1) * columns + column, row * columns + column);
        }
    }
    // The box around each set of boxes: first and last column, first and last row, and how many there are.
    let mut boxes: Vec<Option<[usize; 5]>> = vec![None; columns * rows];
    for row in 0..rows {
        for column in 0..columns {
            let root = sets.root(row * columns + column);
            let bounds = boxes[root].get_or_insert([column, column, row, row, 0]);
            *bounds = [
                bounds[0].min(column),
                bounds[1].max(column),
                bounds[2].min(row),
                bounds[3].max(row),
                bounds[4] + 1,
            ];
        }
    }
    let mut cells = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let Some([left, right, top, bottom, count]) = boxes[sets.root(row * columns + column)] else {
                continue;
            };
            let is_box = count == (right - left + 1) * (bottom - top + 1);
            // What is no box (a line is missing) is read box by box.
            let [left, right, top, bottom] =
                if is_box { [left, right, top, bottom] } else { [column, column, row, row] };
            if (left, top) == (column, row) {
                cells.push(Cell {
                    x0: xs[left],
                    x1: xs[right + 1],
                    y0: ys[top],
                    y1: ys[bottom + 1],
                    text: Text::default(),
                });
            }
        }
    }
    cells
}

/// Whether lines on one axis cover a stretch of it.
fn is_wall(lines: &[&Rule], from: f64, to: f64) -> bool {
    let covered: f64 = lines.iter().map(|rule| (rule.to.min(to) - rule.from.max(from)).max(0.0)).sum();
    covered >= COVERED * (to - from)
}

/// Disjoint sets of numbers.
struct Sets(Vec<usize>);

impl Sets {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut of: usize) -> usize {
        while self.0[of] != of {
            self.0[of] = self.0[self.0[of]];
            of = self.0[of];
        }
        of
    }

    /// The lower root is kept, so that the result does not depend on the order.
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn across(at: f64, from: f64, to: f64) -> Rule {
        Rule { horizontal: true, at, from, to }
    }

    fn down(at: f64, from: f64, to: f64) -> Rule {
        Rule { horizontal: false, at, from, to }
    }

    /// The boxes of all cells, as `left-right top-bottom`.
    fn check(rules: &[Rule], expected: &[&str]) {
        let tables = tables(rules, &Budget::default()).expect("it is small");
        let cells = tables.iter().flat_map(|table| &table.cells);
        let shown = cells.map(|cell| format!("{}-{} {}-{}", cell.x0, cell.x1, cell.y0, cell.y1));
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn cells_are_what_no_line_parts() {
        let frame = [
            across(0.0, 0.0, 100.0),
            across(100.0, 0.0, 100.0),
            down(0.0, 0.0, 100.0),
            down(100.0, 0.0, 100.0),
        ];
        let mut rules = frame.to_vec();
        rules.push(down(40.0, 0.0, 100.0));
        rules.push(across(50.0, 40.0, 100.0));
        check(&rules, &["0-40 0-100", "40-100 0-50", "40-100 50-100"]);
        // The same in pieces, and a second table below.
        let mut pieces: Vec<Rule> = rules
            .iter()
            .flat_map(|rule| {
                let half = f64::midpoint(rule.from, rule.to);
                [Rule { to: half, ..*rule }, Rule { from: half + 1.0, at: rule.at + 0.4, ..*rule }]
            })
            .collect();
        pieces.extend(frame.iter().map(|rule| {
            if rule.horizontal {
                Rule { at: rule.at + 200.0, ..*rule }
            } else {
                Rule { from: 200.0, to: 300.0, ..*rule }
            }
        }));
        let found = tables(&pieces, &Budget::default()).expect("it is small");
        assert_eq!(found.iter().map(|table| table.cells.len()).collect::<Vec<_>>(), [3, 1]);
    }

    #[test]
    fn a_table_without_lines_at_its_sides_has_cells_there() {
        let rules =
            [across(0.0, 0.0, 90.0), across(50.0, 0.0, 90.0), down(30.0, 0.0, 50.0), down(60.0, 0.0, 50.0)];
        check(&rules, &["0-30 0-50", "30-60 0-50", "60-90 0-50"]);
    }
}
