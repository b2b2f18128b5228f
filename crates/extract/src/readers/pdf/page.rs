//! One page to tables and lines of text, from the top.

use super::canvas::{Drawn, Glyph};
use super::lattice::{Lattice, lattices};
use super::text::{Line, lines};
use crate::limits::{Budget, Excess};

/// How much of a page its number may stand in, at either end.
const MARGIN: f64 = 0.14;

/// A table on one page.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its cells.
    pub lattice: Lattice,
    /// The characters in each cell.
    pub glyphs: Vec<Vec<Glyph>>,
}

/// A part of a page.
#[derive(Debug, Clone)]
pub enum Part {
    /// A line of text outside of tables.
    Line(Line),
    /// A table.
    Table(Table),
}

impl Part {
    fn top(&self) -> f64 {
        match self {
            Self::Line(line) => line.area.y0,
            Self::Table(table) => table.lattice.y[0],
        }
    }
}

/// What stands on a page.
pub fn parts(drawn: Drawn, budget: &mut Budget) -> Result<Vec<Part>, Excess> {
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
    let outside = lines(glyphs.into_iter().flatten().collect());
    let mut parts: Vec<Part> = outside
        .into_iter()
        .filter(|line| !is_page_number(line, drawn.height))
        .map(Part::Line)
        .chain(tables.into_iter().map(Part::Table))
        .collect();
    parts.sort_by(|one, other| one.top().total_cmp(&other.top()));
    Ok(parts)
}

fn size(lattice: &Lattice) -> f64 {
    let length = |positions: &[f64]| positions.last().unwrap_or(&0.0) - positions.first().unwrap_or(&0.0);
    length(&lattice.x) * length(&lattice.y)
}

/// Whether a line is the number of its page: it stands in the margin and says nothing else. What a place is called says
/// it already.
fn is_page_number(line: &Line, height: f64) -> bool {
    let in_margin = line.area.y0 > height * (1.0 - MARGIN) || line.area.y1 < height * MARGIN;
    let rest: String = line.text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_sign = |c: char| "-—–－·./|第共页,，、".contains(c);
    in_margin
        && rest.chars().any(|c| c.is_ascii_digit())
        && rest.chars().count() <= 12
        && rest.chars().filter(char::is_ascii_digit).count() <= 8
        && rest.chars().all(|c| c.is_ascii_digit() || is_sign(c))
}
