//! What a form looks like, whatever it is written as: lines, and tables of cells with spans.

use proptest::prelude::*;

/// A piece of a page.
#[derive(Debug, Clone)]
pub enum Part {
    /// A line outside of any table.
    Line(String),
    /// A table.
    Table(Table),
}

/// A table by the cells that begin in each row.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Rows of cells, from left to right.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Its text; `\n` parts paragraphs.
    pub text: String,
    /// How many rows it spans.
    pub rows: usize,
    /// How many columns it spans.
    pub columns: usize,
}

/// A cell of one slot.
pub fn cell(text: &str) -> Cell {
    Cell { text: text.to_owned(), rows: 1, columns: 1 }
}

/// A cell of one row and several columns.
pub fn wide(text: &str, columns: usize) -> Cell {
    Cell { columns, ..cell(text) }
}

/// What stands in a slot of a table.
#[derive(Debug, Clone, Copy)]
pub enum Slot<'t> {
    /// A cell begins here.
    Begin(&'t Cell),
    /// A cell of the row above goes on, with its first column here.
    Below(&'t Cell),
    /// A cell goes on from the left.
    Right,
}

impl Table {
    /// The slots of each row.
    pub fn slots(&self) -> Vec<Vec<Slot<'_>>> {
        let mut grid: Vec<Vec<Option<Slot<'_>>>> = vec![Vec::new(); self.rows.len()];
        for (row, cells) in self.rows.iter().enumerate() {
            let mut column = 0;
            for cell in cells {
                while grid[row].get(column).is_some_and(Option::is_some) {
                    column += 1;
                }
                for (below, slots) in grid[row..row + cell.rows].iter_mut().enumerate() {
                    slots.resize(slots.len().max(column + cell.columns), None);
                    slots[column] = Some(if below == 0 { Slot::Begin(cell) } else { Slot::Below(cell) });
                    slots[column + 1..column + cell.columns].fill(Some(Slot::Right));
                }
                column += cell.columns;
            }
        }
        grid.into_iter().map(|row| row.into_iter().flatten().collect()).collect()
    }

    /// How many columns it has.
    pub fn width(&self) -> usize {
        self.slots().iter().map(Vec::len).max().unwrap_or(0)
    }
}

/// The same page where the last table is cut in two, before one of the rows below the heading of its indicators. What is merged
/// over the cut goes on as a blank cell, and the heading may stand again.
pub fn cut(parts: &[Part], at: prop::sample::Index, is_heading_repeated: bool) -> Vec<Part> {
    let mut parts = parts.to_vec();
    let Some(Part::Table(table)) = parts.pop() else { return parts };
    let is_heading = |row: &Vec<Cell>| row.iter().any(|cell| cell.text.starts_with("一级"));
    let heading = table.rows.iter().rposition(is_heading).unwrap_or(0);
    let places = table.rows.len() - heading - 1;
    if places < 2 {
        parts.push(Part::Table(table));
        return parts;
    }
    let at = heading + 2 + at.index(places - 1);
    let mut upper = Table { rows: table.rows[..at].to_vec() };
    let mut lower = Table { rows: table.rows[at..].to_vec() };
    for (row, cells) in upper.rows.iter_mut().enumerate() {
        for cell in cells.iter_mut() {
            cell.rows = cell.rows.min(at - row);
        }
    }
    let mut first = Vec::new();
    let mut column = 0;
    let slots = table.slots();
    let mut begun = table.rows[at].iter();
    while let Some(slot) = slots[at].get(column) {
        let (cell, is_begun) = match *slot {
            Slot::Begin(cell) => (cell, true),
            Slot::Below(cell) => (cell, false),
            Slot::Right => unreachable!("a cell begins before it goes on"),
        };
        let begins = slots.iter().position(
            |row| matches!(row.get(column), Some(Slot::Begin(other)) if std::ptr::eq(*other, cell)),
        );
        let rest = begins.map_or(1, |row| row + cell.rows - at);
        first.push(if is_begun {
            begun.next().cloned().expect("it begins here")
        } else {
            Cell { text: String::new(), rows: rest, columns: cell.columns }
        });
        column += cell.columns;
    }
    lower.rows[0] = first;
    if is_heading_repeated {
        let mut again = table.rows[heading].clone();
        // What is merged from the heading down goes on below the heading.
        for cell in again.iter_mut() {
            cell.rows = (cell.rows + 1).saturating_sub(at - heading).max(1);
        }
        // Only the leftmost is.
        let merged = again.iter().take_while(|cell| cell.rows > 1).count();
        lower.rows[0].drain(..merged);
        lower.rows.insert(0, again);
    }
    parts.extend([Part::Table(upper), Part::Table(lower)]);
    parts
}

/// How many columns the widest table has.
pub fn width(parts: &[Part]) -> usize {
    let widths = parts.iter().filter_map(|part| match part {
        Part::Table(table) => Some(table.width()),
        Part::Line(_) => None,
    });
    widths.max().unwrap_or(1)
}

/// A text as it stands in XML and HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
