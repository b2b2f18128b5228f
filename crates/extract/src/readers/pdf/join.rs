//! Pages to blocks: a table that goes on over pages is one table.
//!
//! A table goes on if it ends a page and the next page begins with one between the same edges. Its columns are those of
//! all pages together, since a page that holds only the rest of a long cell draws fewer lines. The first row of a page is
//! the rest of the last one before if each text that goes on had a full line there; where no text tells, those who know
//! the form decide.

use jixiao_model::{Block, Cell, Paragraph, Place};

use super::ruling::{self, Table};
use super::text::Line;
use crate::limits::{Budget, Excess};

/// Edges that are not further apart are one, in points.
const NEAR: f64 = 2.5;

/// A part of a page.
#[derive(Debug)]
pub enum Part {
    /// A paragraph outside of tables.
    Line(Line),
    /// A table with its texts.
    Table(Table),
}

impl Part {
    /// Where it begins.
    pub fn top(&self) -> f64 {
        match self {
            Self::Line(line) => line.y,
            Self::Table(table) => table.y0,
        }
    }
}

/// Rows of a table on one page, which may go on over the next.
struct Open {
    page: u32,
    tables: Vec<(u32, Table)>,
    /// Page numbers that stand between its pages.
    numbers: Vec<(u32, Line)>,
}

/// The blocks of all pages.
pub fn blocks(pages: Vec<Vec<Part>>, budget: &mut Budget) -> Result<Vec<Block>, Excess> {
    let mut blocks = Vec::new();
    let mut open: Option<Open> = None;
    let mut lines = Lines::default();
    for (parts, page) in pages.into_iter().zip(1_u32..) {
        for part in parts {
            match part {
                Part::Line(line) => match &mut open {
                    Some(open) if is_page_number(&line.text.printed) => open.numbers.push((page, line)),
                    _ => {
                        close(&mut open, &mut blocks, budget)?;
                        lines.add(line, page, &mut blocks, budget)?;
                    }
                },
                Part::Table(table) => {
                    lines.end(&mut blocks, budget)?;
                    let goes_on = open.as_ref().is_some_and(|open| {
                        let (_, last) = &open.tables[open.tables.len() - 1];
                        open.page + 1 == page && fits_below(last, &table)
                    });
                    if !goes_on {
                        close(&mut open, &mut blocks, budget)?;
                    }
                    let open = open.get_or_insert(Open { page, tables: Vec::new(), numbers: Vec::new() });
                    open.page = page;
                    open.tables.push((page, table));
                }
            }
        }
    }
    lines.end(&mut blocks, budget)?;
    close(&mut open, &mut blocks, budget)?;
    Ok(blocks)
}

/// The paragraph that was read last: it may go on at the head of the next page, behind page numbers.
#[derive(Default)]
struct Lines {
    last: Option<(u32, Line)>,
    numbers: Vec<(u32, Line)>,
}

impl Lines {
    fn add(
        &mut self,
        line: Line,
        page: u32,
        blocks: &mut Vec<Block>,
        budget: &mut Budget,
    ) -> Result<(), Excess> {
        if let Some((last_page, last)) = &mut self.last {
            if is_page_number(&line.text.printed) {
                self.numbers.push((page, line));
                return Ok(());
            }
            let goes_on = *last_page + 1 == page
                && last.text.goes_on_with(&line.text)
                && line.indent < line.text.size
                && (last.text.size - line.text.size).abs() < 0.2 * line.text.size;
            if goes_on {
                last.text.append(line.text);
                *last_page = page;
                return Ok(());
            }
        }
        self.end(blocks, budget)?;
        self.last = Some((page, line));
        Ok(())
    }

    fn end(&mut self, blocks: &mut Vec<Block>, budget: &mut Budget) -> Result<(), Excess> {
        for (page, line) in self.last.take().into_iter().chain(self.numbers.drain(..)) {
            push_line(blocks, line, page, budget)?;
        }
        Ok(())
    }
}

/// Whether a table at the head of a page may go on with the one at the foot of the page before: both stand between the same
/// edges, or the first row below has the cells of the last row above (further down, it may be wider).
fn fits_below(above: &Table, below: &Table) -> bool {
    let near = |one: f64, other: f64| (one - other).abs() <= NEAR;
    let last = above.cells.iter().filter(|cell| near(cell.y1, above.y1));
    let has_below = |cell: &ruling::Cell| {
        let mut first = below.cells.iter().filter(|other| near(other.y0, below.y0));
        first.any(|other| near(other.x0, cell.x0) && near(other.x1, cell.x1))
    };
    near(above.x0, below.x0) && (near(above.x1, below.x1) || last.into_iter().all(has_below))
}

/// Whether a line is a number and what pages print around it.
fn is_page_number(text: &str) -> bool {
    let rest = text.trim_matches(|c: char| !c.is_alphanumeric());
    let rest = rest.strip_prefix('第').unwrap_or(rest);
    !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || "页共第/ ,，".contains(c))
}

fn push_line(blocks: &mut Vec<Block>, line: Line, page: u32, budget: &mut Budget) -> Result<(), Excess> {
    let place = Place::Page(page);
    budget.paragraph(&place)?;
    if !line.text.printed.is_empty() {
        blocks.push(Block::Paragraph(Paragraph { text: line.text.printed, place }));
    }
    Ok(())
}

/// A row of a table: the place of its first cell, and its cells by their left edges.
#[derive(Default)]
struct Laid {
    place: Option<Place>,
    cells: Vec<(f64, Cell)>,
}

fn close(open: &mut Option<Open>, blocks: &mut Vec<Block>, budget: &mut Budget) -> Result<(), Excess> {
    let Some(Open { tables, numbers, .. }) = open.take() else { return Ok(()) };
    let cells = below_one_another(tables);
    let columns = Edges::new(cells.iter().flat_map(|(_, cell)| [cell.x0, cell.x1]));
    let tops = Edges::new(cells.iter().map(|(_, cell)| cell.y0));
    let mut rows: Vec<Laid> = tops.0.iter().map(|_| Laid::default()).collect();
    for (page, cell) in cells {
        let span = |from: usize, to: usize| u32::try_from(to.saturating_sub(from).max(1)).unwrap_or(1);
        let (top, bottom) = (tops.index(cell.y0), tops.index(cell.y1));
        let place = Place::Page(page);
        let laid = Cell {
            text: cell.text.printed,
            row_span: span(top, bottom),
            column_span: span(columns.index(cell.x0), columns.index(cell.x1)),
            place: place.clone(),
        };
        let row = &mut rows[top];
        row.place.get_or_insert(place);
        row.cells.push((cell.x0, laid));
    }
    let rows: Vec<(Place, Vec<Cell>)> = rows
        .into_iter()
        .filter_map(|Laid { place, mut cells }| {
            cells.sort_by(|one, other| one.0.total_cmp(&other.0));
            Some((place?, cells.into_iter().map(|(_, cell)| cell).collect()))
        })
        .collect();
    if !rows.is_empty() {
        blocks.push(Block::Grid(budget.grid(rows)?));
    }
    for (page, line) in numbers {
        push_line(blocks, line, page, budget)?;
    }
    Ok(())
}

/// The cells of all pages with their page, as if the tables stood right below one another, and rows that a page cut whole.
fn below_one_another(tables: Vec<(u32, Table)>) -> Vec<(u32, ruling::Cell)> {
    let mut all: Vec<(u32, ruling::Cell)> = Vec::new();
    let mut bottom = 0.0;
    for (page, table) in tables {
        let down = bottom - table.y0;
        let mut cells = table.cells;
        for cell in &mut cells {
            (cell.y0, cell.y1) = (cell.y0 + down, cell.y1 + down);
        }
        let (first, rest): (Vec<_>, Vec<_>) = cells.into_iter().partition(|cell| cell.y0 - bottom <= NEAR);
        let pairs = pairs(&all, &first, bottom);
        let alike = pairs.iter().all(Option::is_some);
        let is_one = alike && are_halves(&all, &pairs, &first);
        let last_top = ends(&all, bottom).map(|cell| cell.y0).fold(f64::NEG_INFINITY, f64::max);
        let first_bottom = first.iter().map(|cell| cell.y1).fold(f64::INFINITY, f64::min);
        for (above, cell) in pairs.into_iter().zip(first) {
            let above = above.filter(|above| {
                let above = &all[*above].1;
                let is_merged = above.y0 < last_top - NEAR || cell.y1 > first_bottom + NEAR;
                let downwards =
                    alike && above.text.is_downwards && cell.text.is_downwards && above.text.is_at_bottom();
                is_one || downwards || (is_merged && cell.text.printed.is_empty())
            });
            match above {
                Some(above) => all[above].1.go_on_with(cell),
                None => all.push((page, cell)),
            }
        }
        all.extend(rest.into_iter().map(|cell| (page, cell)));
        bottom = table.y1 + down;
    }
    all
}

/// The cells that end at the foot of a page.
fn ends(all: &[(u32, ruling::Cell)], bottom: f64) -> impl Iterator<Item = &ruling::Cell> {
    all.iter().map(|(_, cell)| cell).filter(move |cell| (cell.y1 - bottom).abs() <= NEAR)
}

/// For each cell of a page's first row the one that stands above it at the foot of the page before, with the same edges.
fn pairs(all: &[(u32, ruling::Cell)], first: &[ruling::Cell], bottom: f64) -> Vec<Option<usize>> {
    let near = |one: f64, other: f64| (one - other).abs() <= NEAR;
    let is_above = |above: &ruling::Cell, cell: &ruling::Cell| {
        near(above.y1, bottom) && near(above.x0, cell.x0) && near(above.x1, cell.x1)
    };
    first.iter().map(|cell| all.iter().position(|(_, above)| is_above(above, cell))).collect()
}

/// Whether a page's first row is the other half of the last one before: some text goes on, and none that has a rest below
/// ended before.
fn are_halves(all: &[(u32, ruling::Cell)], pairs: &[Option<usize>], first: &[ruling::Cell]) -> bool {
    let both = pairs.iter().zip(first).filter_map(|(above, cell)| Some((&all[(*above)?].1.text, &cell.text)));
    let texts: Vec<_> =
        both.filter(|(above, below)| !above.printed.is_empty() && !below.printed.is_empty()).collect();
    texts.iter().all(|(above, below)| above.goes_on_with(below))
        && texts.iter().any(|(above, _)| above.is_at_bottom())
}

/// Edges on an axis, those that are near taken for one.
struct Edges(Vec<f64>);

impl Edges {
    fn new(edges: impl Iterator<Item = f64>) -> Self {
        let mut edges: Vec<f64> = edges.collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup_by(|next, first| *next - *first <= NEAR);
        Self(edges)
    }

    /// The index of the edge at a place.
    fn index(&self, at: f64) -> usize {
        self.0.partition_point(|edge| *edge < at - NEAR)
    }
}
