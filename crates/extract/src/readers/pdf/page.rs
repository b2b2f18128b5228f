//! One page to tables and lines of text, from the top.

use super::canvas::{Drawn, Glyph, Rule};
use super::lattice::{Lattice, lattices};
use super::loose::{self, Loose};
use super::text::{Line, lines};
use crate::limits::{Budget, Excess};

/// How much of a page its number may stand in, at either end.
const MARGIN: f64 = 0.14;

/// So many rows without a line between them show that none is drawn there.
const LEAST_ROWS: usize = 3;

/// A table on one page.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its cells.
    pub lattice: Lattice,
    /// The characters in each cell.
    pub glyphs: Vec<Vec<Glyph>>,
}

impl Table {
    /// Whether its cells are told by lines: some part its columns, and some its rows, unless its texts stand in one row.
    fn has_cells(&self) -> bool {
        let rows = || loose::count_rows(&lines(self.glyphs.iter().flatten().copied().collect()));
        self.lattice.x.len() > 2 && (self.lattice.has_rows || rows() < LEAST_ROWS)
    }

    /// Gives lines back to the cells from which they hang down: a line that begins above its cell, and has another one below
    /// it there, is the last one of a text for which its own cell is too low.
    fn take_back(&mut self) {
        const ABOVE: f64 = 0.2;
        let cells = &self.lattice.cells;
        for (at, cell) in cells.iter().enumerate() {
            let top = self.lattice.y[cell.rows.start];
            let hangs = |glyph: &Glyph| {
                !glyph.character.is_whitespace() && top - glyph.area.y0 > glyph.area.height() * ABOVE
            };
            if !self.glyphs[at].iter().any(hangs) {
                continue;
            }
            let own = lines(self.glyphs[at].clone());
            let above = cells
                .iter()
                .position(|other| other.columns == cell.columns && other.rows.end == cell.rows.start);
            let (Some(above), [first, second, ..]) = (above, own.as_slice()) else { continue };
            if !first.glyphs.iter().any(hangs) || first.area.y1 > second.area.y0 + first.size * 2.0 * ABOVE {
                continue;
            }
            let end = first.area.y1.midpoint(second.area.y0);
            let (hanging, own) = self.glyphs[at].iter().partition(|glyph| glyph.area.center().y < end);
            let hanging: Vec<Glyph> = hanging;
            self.glyphs[at] = own;
            self.glyphs[above].extend(hanging);
        }
    }

    /// Whether it stands at a height.
    fn holds(&self, at: f64) -> bool {
        let bottom = self.lattice.y.last().copied().unwrap_or_default();
        self.lattice.y[0] - 1.0 < at && at < bottom + 1.0
    }
}

/// A part of a page.
#[derive(Debug, Clone)]
pub enum Part {
    /// A line of text outside of tables.
    Line(Line),
    /// A table.
    Table(Table),
    /// A table without lines.
    Loose(Loose),
}

impl Part {
    fn top(&self) -> f64 {
        match self {
            Self::Line(line) => line.area.y0,
            Self::Table(table) => table.lattice.y[0],
            Self::Loose(table) => table.top(),
        }
    }
}

impl Part {
    /// Where it begins and ends, from left to right.
    pub fn edges(&self) -> (f64, f64) {
        match self {
            Self::Line(line) => (line.area.x0, line.area.x1),
            Self::Table(table) => {
                let x = &table.lattice.x;
                (x.first().copied().unwrap_or_default(), x.last().copied().unwrap_or_default())
            }
            Self::Loose(table) => table.edges(),
        }
    }
}

/// What stands on a page. The texts of a table without lines that may go on from the page before begin at `above`.
pub fn parts(drawn: Drawn, above: &[f64], budget: &mut Budget) -> Result<Vec<Part>, Excess> {
    let mut tables: Vec<Table> = lattices(&drawn.rules, budget)?
        .into_iter()
        .map(|lattice| Table { glyphs: vec![Vec::new(); lattice.cells.len()], lattice })
        .collect();
    // A table within a cell of another is the one whose cells hold its text.
    tables.sort_by(|one, other| size(&one.lattice).total_cmp(&size(&other.lattice)));
    let mut glyphs: Vec<Option<Glyph>> = drawn.glyphs.into_iter().map(Some).collect();
    let height = |glyph: &Option<Glyph>| glyph.map_or(0.0, |glyph| glyph.area.center().y);
    glyphs.sort_by(|one, other| height(one).total_cmp(&height(other)));
    let heights: Vec<f64> = glyphs.iter().map(height).collect();
    let printed = || glyphs.iter().flatten().filter(|glyph| !glyph.character.is_whitespace());
    let first = printed().map(|glyph| glyph.area.y0 + 1.0).fold(f64::INFINITY, f64::min);
    let last = printed().map(|glyph| glyph.area.y1 - 1.0).fold(f64::NEG_INFINITY, f64::max);
    for Table { lattice, glyphs: cells } in &mut tables {
        let (top, bottom) = (lattice.y[0], lattice.y.last().copied().unwrap_or_default());
        let first = heights.partition_point(|height| *height < top);
        for (slot, height) in glyphs.iter_mut().zip(&heights).skip(first) {
            if *height > bottom {
                break;
            }
            budget.meet()?;
            let Some(glyph) = *slot else { continue };
            let center = glyph.area.center();
            if let Some(cell) = lattice.cell_at(center.x, center.y) {
                cells[cell].push(glyph);
                *slot = None;
            }
        }
    }
    tables.retain(|table| table.glyphs.iter().any(|glyphs| !glyphs.is_empty()));
    tables.iter_mut().for_each(Table::take_back);
    let mut outside: Vec<Glyph> = glyphs.into_iter().flatten().collect();
    // Lines between columns alone do not tell rows, nor those between rows columns: there the texts are looked at.
    let (mut tables, frames): (Vec<Table>, Vec<Table>) = tables.into_iter().partition(Table::has_cells);
    outside.extend(frames.iter().flat_map(|table| &table.glyphs).flatten());
    let mut outside = lines(outside);
    outside.retain(|line| !is_page_number(line, drawn.height, (first, last)));
    let is_inside = |rule: &Rule| tables.iter().any(|table| table.holds(rule.at));
    let rules: Vec<Rule> = drawn.rules.iter().filter(|rule| !is_inside(rule)).copied().collect();
    let (loose, mut outside) = loose::tables(outside, &rules, above, budget);
    for table in frames {
        if !loose.iter().any(|loose| table.holds(loose.top()) || loose.holds(table.lattice.y[0])) {
            outside.retain(|line| !table.holds(line.area.center().y));
            tables.push(table);
        }
    }
    let mut parts: Vec<Part> = outside
        .into_iter()
        .map(Part::Line)
        .chain(tables.into_iter().map(Part::Table))
        .chain(loose.into_iter().map(Part::Loose))
        .collect();
    parts.sort_by(|one, other| one.top().total_cmp(&other.top()));
    Ok(parts)
}

fn size(lattice: &Lattice) -> f64 {
    let length = |positions: &[f64]| positions.last().unwrap_or(&0.0) - positions.first().unwrap_or(&0.0);
    length(&lattice.x) * length(&lattice.y)
}

/// Whether a line is the number of its page: it stands in the margin, outside of all else, and says nothing else. What a
/// place is called says it already.
fn is_page_number(line: &Line, height: f64, (first, last): (f64, f64)) -> bool {
    let middle = line.area.center().y;
    let in_margin = (middle > height * (1.0 - MARGIN) && line.area.y1 >= last)
        || (middle < height * MARGIN && line.area.y0 <= first);
    let rest: String = line.text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_sign = |c: char| "-—–－·./|第共页,，、".contains(c);
    in_margin
        && rest.chars().any(|c| c.is_ascii_digit())
        && rest.chars().count() <= 12
        && rest.chars().filter(char::is_ascii_digit).count() <= 8
        && rest.chars().all(|c| c.is_ascii_digit() || is_sign(c))
}
