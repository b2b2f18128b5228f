//! What a form looks like, whatever it is written as: lines, and tables of cells with spans.

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
