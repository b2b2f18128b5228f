//! The two shapes that every format becomes, so that all that follows is written once.
//!
//! A merged cell's text is held once, by its anchor: the slots that it covers point at it. So a row knows the
//! difference between a cell that is *covered* (it belongs to the cell above or beside), one that is *empty*
//! (it was printed with nothing in it) and one that is *absent* (the row ended before it).
//!
//! Texts are owned, or stand in the text of the document where a reader has that (`Cow`): what is cut out of a text as it
//! stands need not be copied.

use std::borrow::Cow;

use crate::Place;

/// A piece of a document, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block<T = String> {
    /// Text outside any table.
    Paragraph(Paragraph<T>),
    /// A table.
    Grid(Grid<T>),
}

/// Text outside any table; line breaks within it are `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph<T = String> {
    /// The text, with white space as printed but for markup.
    pub text: T,
    /// Where it begins.
    pub place: Place,
}

/// A cell as printed, once, however many slots it spans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell<T = String> {
    /// The text; paragraphs and line breaks within the cell are `\n`.
    pub text: T,
    /// How many rows it spans, at least 1.
    pub row_span: u32,
    /// How many columns it spans, at least 1.
    pub column_span: u32,
    /// Where it begins.
    pub place: Place,
}

/// What stands in one slot of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The top left slot of the cell with this index.
    Anchor(usize),
    /// A slot that the cell with this index covers by its span.
    Covered(usize),
    /// No cell: the row was shorter than the table.
    Absent,
}

/// A table as rows of slots over its cells. Rows are ragged: a slot behind the end of its row is absent, so that one
/// wide row does not make the others wide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid<T = String> {
    cells: Vec<Cell<T>>,
    /// The slots of all rows, one row behind the other.
    slots: Vec<Slot>,
    /// Where each row ends in them.
    ends: Vec<usize>,
    places: Vec<Place>,
    width: usize,
    slot_count: usize,
}

/// A table that takes more slots than it may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooManySlots {
    /// How many it took when the count was stopped.
    pub count: usize,
    /// The cell with which it took too many.
    pub place: Place,
}

impl<T> Default for Grid<T> {
    fn default() -> Self {
        let (cells, slots, ends, places) = Default::default();
        Self { cells, slots, ends, places, width: 0, slot_count: 0 }
    }
}

impl<'t> Block<Cow<'t, str>> {
    /// The block with texts of its own.
    pub fn into_owned(self) -> Block {
        self.with_texts(Cow::into_owned)
    }
}

impl From<Block> for Block<Cow<'_, str>> {
    fn from(block: Block) -> Self {
        block.with_texts(Cow::Owned)
    }
}

impl<T> Block<T> {
    fn with_texts<U>(self, text: impl Fn(T) -> U) -> Block<U> {
        match self {
            Self::Paragraph(Paragraph { text: own, place }) => {
                Block::Paragraph(Paragraph { text: text(own), place })
            }
            Self::Grid(Grid { cells, slots, ends, places, width, slot_count }) => {
                let cells = cells.into_iter().map(|Cell { text: own, row_span, column_span, place }| Cell {
                    text: text(own),
                    row_span,
                    column_span,
                    place,
                });
                Block::Grid(Grid { cells: cells.collect(), slots, ends, places, width, slot_count })
            }
        }
    }
}

impl<T> Grid<T> {
    /// Lays rows of cells out as a rectangle, in the way of the HTML standard (4.9.12, *forming a table*): a cell
    /// takes the first free slot of its row, and a span that runs into an earlier cell loses.
    ///
    /// A span is cut to the rows that there are, so that a declared `rowspan` costs nothing.
    ///
    /// # Errors
    /// Spans multiply, so the slots are counted while they are laid out: no table takes more than `most`.
    pub fn from_rows(rows: Vec<(Place, Vec<Cell<T>>)>, most: usize) -> Result<Self, TooManySlots> {
        let height = rows.len();
        let count = rows.iter().map(|(_, cells)| cells.len()).sum::<usize>();
        let mut grid = Self {
            cells: Vec::with_capacity(count),
            slots: Vec::with_capacity(count.min(most)),
            ends: Vec::with_capacity(height),
            places: Vec::with_capacity(height),
            ..Self::default()
        };
        // The slots of rows to come that cells above them cover.
        let mut covered = vec![Vec::new(); height];
        let mut below = covered.as_mut_slice();
        for (place, cells) in rows {
            let start = grid.slots.len();
            if let Some((own, rest)) = std::mem::take(&mut below).split_first_mut() {
                grid.slots.extend(std::mem::take(own));
                below = rest;
            }
            let mut column = 0;
            for cell in cells {
                while grid.is_taken(start + column) {
                    column += 1;
                }
                column = grid.place_cell(start, column, cell, below, most)?;
            }
            grid.width = grid.width.max(grid.slots.len() - start);
            grid.ends.push(grid.slots.len());
            grid.places.push(place);
        }
        Ok(grid)
    }

    /// Puts a row of cells of one slot each below the others, which must be such rows too. So a table without merged cells
    /// is made without the rows that [`Self::from_rows`] asks for.
    pub fn push_row(&mut self, place: &Place, texts: impl Iterator<Item = T>) {
        let start = self.cells.len();
        let cell = |text| Cell { text, row_span: 1, column_span: 1, place: place.clone() };
        self.cells.extend(texts.map(cell));
        self.slots.extend((start..self.cells.len()).map(Slot::Anchor));
        self.ends.push(self.slots.len());
        self.places.push(place.clone());
        self.width = self.width.max(self.cells.len() - start);
        self.slot_count = self.slots.len();
    }

    /// The table, with as much room as it needs. This one is empty then and keeps its room for the next.
    pub fn take(&mut self) -> Self {
        fn all<T>(of: &mut Vec<T>) -> Vec<T> {
            let mut taken = Vec::with_capacity(of.len());
            taken.append(of);
            taken
        }
        Self {
            cells: all(&mut self.cells),
            slots: all(&mut self.slots),
            ends: all(&mut self.ends),
            places: all(&mut self.places),
            width: std::mem::take(&mut self.width),
            slot_count: std::mem::take(&mut self.slot_count),
        }
    }

    fn is_taken(&self, at: usize) -> bool {
        self.slots.get(at).is_some_and(|slot| *slot != Slot::Absent)
    }

    /// Puts a cell's anchor at a free slot of the last row, which starts at `start`, and returns the column behind it.
    fn place_cell(
        &mut self,
        start: usize,
        column: usize,
        cell: Cell<T>,
        below: &mut [Vec<Slot>],
        most: usize,
    ) -> Result<usize, TooManySlots> {
        let index = self.cells.len();
        if cell.row_span <= 1 && cell.column_span <= 1 && self.slots.len() == start + column {
            // A cell of one slot behind the others is all that most tables have.
            self.slot_count += 1;
            if self.slot_count > most {
                return Err(TooManySlots { count: self.slot_count, place: cell.place });
            }
            self.slots.push(Slot::Anchor(index));
            self.cells.push(cell);
            return Ok(column + 1);
        }
        let mut end = column + 1;
        while end < column + cell.column_span as usize && !self.is_taken(start + end) {
            end += 1;
        }
        let bottom = (cell.row_span.max(1) as usize - 1).min(below.len());
        let below = below[..bottom].iter_mut().map(|slots| (slots, 0));
        let mut anchor = Some(Slot::Anchor(index));
        for (slots, start) in std::iter::once((&mut self.slots, start)).chain(below) {
            if slots.len() < start + end {
                self.slot_count += start + end - slots.len();
                if self.slot_count > most {
                    return Err(TooManySlots { count: self.slot_count, place: cell.place });
                }
                slots.resize(start + end, Slot::Absent);
            }
            for slot in &mut slots[start + column..start + end] {
                let over = anchor.take().unwrap_or(Slot::Covered(index));
                if *slot == Slot::Absent {
                    *slot = over;
                }
            }
        }
        self.cells.push(cell);
        Ok(end)
    }

    /// The number of rows.
    pub fn height(&self) -> usize {
        self.ends.len()
    }

    /// The number of slots in all rows.
    pub fn slot_count(&self) -> usize {
        self.slot_count
    }

    /// The number of slots in the longest row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Where a row begins.
    pub fn row_place(&self, row: usize) -> &Place {
        &self.places[row]
    }

    /// The slots of a row, at most `width` of them; those behind its end are absent.
    pub fn row(&self, row: usize) -> &[Slot] {
        let start = row.checked_sub(1).map_or(0, |above| self.ends[above]);
        &self.slots[start..self.ends[row]]
    }

    /// Its cells, in the order of their anchors.
    pub fn cells(&self) -> impl Iterator<Item = &Cell<T>> {
        self.cells.iter()
    }

    /// A cell by the index in its slots.
    pub fn cell(&self, index: usize) -> &Cell<T> {
        &self.cells[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(rows: &[&[(&str, u32, u32)]]) -> Grid {
        let rows = rows.iter().zip(1..).map(|(cells, line)| {
            let place = Place::Line(line);
            let cells = cells.iter().map(|&(text, row_span, column_span)| Cell {
                text: text.to_owned(),
                row_span,
                column_span,
                place: place.clone(),
            });
            (place.clone(), cells.collect())
        });
        Grid::from_rows(rows.collect(), 100).expect("it is small")
    }

    /// Prints a row: a cell's text at its anchor, `.` where it is covered, `-` where there is none.
    fn shown(grid: &Grid) -> Vec<String> {
        let show = |slot: &Slot| match slot {
            Slot::Anchor(cell) => grid.cell(*cell).text.clone(),
            Slot::Covered(_) => ".".to_owned(),
            Slot::Absent => "-".to_owned(),
        };
        (0..grid.height()).map(|row| grid.row(row).iter().map(show).collect()).collect()
    }

    #[test]
    fn spans_are_laid_out_as_browsers_do() {
        let spans = grid(&[&[("a", 2, 1), ("b", 1, 2)], &[("c", 1, 1)], &[("d", 1, 3)]]);
        assert_eq!(shown(&spans), ["ab.", ".c", "d.."]);
        let overlap = grid(&[&[("a", 1, 1), ("b", 2, 1)], &[("c", 1, 2), ("d", 1, 1)]]);
        assert_eq!(shown(&overlap), ["ab", "c.d"], "a span stops at a cell that is there already");
        let declared = grid(&[&[("a", 65534, 1)], &[("b", 1, 1)]]);
        assert_eq!(shown(&declared), ["a", ".b"], "a declared span ends with the table");
    }

    #[test]
    fn a_table_may_be_made_row_by_row() {
        let rows = [&["a", "b"][..], &[], &["c"]];
        let mut made = Grid::default();
        for (row, line) in rows.iter().zip(1..) {
            made.push_row(&Place::Line(line), row.iter().copied().map(Cow::Borrowed));
        }
        let laid_out = rows.map(|row| row.iter().map(|text| (*text, 1, 1)).collect::<Vec<_>>());
        let laid_out = grid(&laid_out.each_ref().map(Vec::as_slice));
        assert_eq!(Block::Grid(made.clone()).into_owned(), Block::Grid(laid_out.clone()));
        assert_eq!(Block::Grid(made.take()), Block::from(Block::Grid(laid_out)));
        assert_eq!(made, Grid::default());
    }

    #[test]
    fn slots_are_counted_while_they_are_laid_out() {
        let place = Place::Line(1);
        let cell = Cell { text: "a", row_span: 65_534, column_span: 1_000, place: place.clone() };
        let mut rows = vec![(place.clone(), vec![cell; 400])];
        rows.resize(20_000, (place.clone(), Vec::new()));
        assert_eq!(Grid::from_rows(rows, 5_000), Err(TooManySlots { count: 6_000, place }));
    }
}
