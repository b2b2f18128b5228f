//! Blocks as one sequence of rows, which is how a form is read: from top to bottom, whatever tables and paragraphs
//! it is cut into.

use std::ops::Range;
use std::rc::Rc;

use jixiao_model::block::Slot;
use jixiao_model::{Block, Paragraph, Place};

use crate::columns::is_header;
use crate::known::{Known, known};

/// A row of a table, or a paragraph as a row of one cell.
#[derive(Debug, Clone)]
pub struct Row<'b> {
    /// The cells of all rows of a document, which are kept together, and which of them are this row's.
    store: Rc<Vec<RowCell<'b>>>,
    own: Range<usize>,
    /// The first of them that is printed here, and how many are: rows are asked again and again.
    first: usize,
    count: usize,
    /// Where the row begins.
    pub place: &'b Place,
    /// Whether it is a row of a table.
    pub in_table: bool,
    /// Whether another block or page ended right before it, so that a page may have ended there.
    pub after_break: bool,
    /// Whether it is the heading row of an indicator table.
    pub is_header: bool,
}

/// A cell of a row. What its text is, it answers itself (see `known`).
#[derive(Debug, Clone)]
pub struct RowCell<'b> {
    /// Its text; of a cell from above, that cell's text.
    pub text: &'b str,
    /// What is known of this text.
    pub known: Rc<Known>,
    /// The column of its first slot, from 0.
    pub column: usize,
    /// How many columns it spans.
    pub span: usize,
    /// How many rows it spans.
    pub rows: u32,
    /// Whether it began in a row above.
    pub from_above: bool,
    /// Where it begins.
    pub place: &'b Place,
}

impl<'b> Row<'b> {
    fn new(store: Rc<Vec<RowCell<'b>>>, own: Range<usize>, head: &Head<'b>) -> Self {
        let Head { place, in_table, after_break, .. } = *head;
        let is_printed = |at: &usize| store[*at].is_printed();
        let first = own.clone().find(is_printed).unwrap_or(own.end);
        let count = (first..own.end).filter(is_printed).count();
        let mut row = Self { store, own, first, count, place, in_table, after_break, is_header: false };
        row.is_header = is_header(&row);
        row
    }

    /// The row with other cells in the place of its own.
    pub fn with_cells(&self, cells: Vec<RowCell<'b>>) -> Self {
        let Self { place, in_table, after_break, .. } = *self;
        let head = Head { end: cells.len(), place, in_table, after_break };
        Self::new(Rc::new(cells), 0..head.end, &head)
    }

    /// The cells that begin in this row, empty ones included, and those that reach into it from above.
    pub fn cells(&self) -> &[RowCell<'b>] {
        &self.store[self.own.clone()]
    }

    /// The cells that begin here and have text in them.
    pub fn printed(&self) -> impl Iterator<Item = &RowCell<'b>> {
        self.store[self.first..self.own.end].iter().filter(|cell| cell.is_printed())
    }

    /// How many these are.
    pub fn printed_count(&self) -> usize {
        self.count
    }

    /// The only cell with text, where there is just one: a heading, a note, or a piece of a broken cell.
    pub fn single(&self) -> Option<&RowCell<'b>> {
        if self.count == 1 { self.store.get(self.first) } else { None }
    }

    /// Whether nothing is printed in it.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl RowCell<'_> {
    /// Whether it begins in this row and has text in it.
    pub fn is_printed(&self) -> bool {
        !self.from_above && !self.text.is_empty()
    }
}

/// Whether two rows of one table stand on different pages, where pages are known.
fn on_other_pages(one: &Place, other: &Place) -> bool {
    matches!((one, other), (Place::Page(one), Place::Page(other)) if one != other)
}

/// What is known of a row before all cells are there.
struct Head<'b> {
    /// Where its cells end.
    end: usize,
    place: &'b Place,
    in_table: bool,
    after_break: bool,
}

/// All rows of a document's blocks.
pub fn rows<T: AsRef<str>>(blocks: &[Block<T>]) -> Vec<Row<'_>> {
    let height = |block: &Block<T>| if let Block::Grid(grid) = block { grid.height() } else { 1 };
    let mut heads = Vec::with_capacity(blocks.iter().map(height).sum());
    let count = |block: &Block<T>| if let Block::Grid(grid) = block { grid.cells().count() } else { 1 };
    let mut cells: Vec<RowCell<'_>> = Vec::with_capacity(blocks.iter().map(count).sum());
    // Blank cells are many, and need not be looked up.
    let of_blank = known("");
    let known = |text: &str| if text.is_empty() { Rc::clone(&of_blank) } else { known(text) };
    for block in blocks {
        match block {
            Block::Paragraph(Paragraph { text, place }) => {
                let text = text.as_ref();
                let known = known(text);
                cells.push(RowCell { text, known, column: 0, span: 1, rows: 1, from_above: false, place });
                heads.push(Head { end: cells.len(), place, in_table: false, after_break: true });
            }
            Block::Grid(grid) => {
                for row in 0..grid.height() {
                    let mut previous = None;
                    for (column, slot) in grid.row(row).iter().enumerate() {
                        let (Slot::Anchor(index) | Slot::Covered(index)) = *slot else { continue };
                        if previous.replace(index) == Some(index) {
                            if let Some(cell) = cells.last_mut() {
                                cell.span += 1;
                            }
                            continue;
                        }
                        let cell = grid.cell(index);
                        let from_above = matches!(slot, Slot::Covered(_));
                        cells.push(RowCell {
                            text: cell.text.as_ref(),
                            known: known(cell.text.as_ref()),
                            column,
                            span: 1,
                            rows: cell.row_span,
                            from_above,
                            place: &cell.place,
                        });
                    }
                    heads.push(Head {
                        end: cells.len(),
                        place: grid.row_place(row),
                        in_table: true,
                        after_break: row == 0 || on_other_pages(grid.row_place(row - 1), grid.row_place(row)),
                    });
                }
            }
        }
    }
    let store = Rc::new(cells);
    let mut start = 0;
    let rows = heads.iter().map(|head| {
        let own = std::mem::replace(&mut start, head.end)..head.end;
        Row::new(Rc::clone(&store), own, head)
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::text::small_blocks as blocks;

    /// The texts of a row that are printed, how many they are, and the only one.
    fn shown<'r>(row: &'r Row<'_>) -> (Vec<&'r str>, usize, Option<&'r str>) {
        let printed: Vec<_> = row.printed().map(|cell| cell.text).collect();
        assert_eq!(row.is_empty(), printed.is_empty());
        (printed, row.printed_count(), row.single().map(|cell| cell.text))
    }

    #[test]
    fn rows_know_which_of_their_cells_are_printed() {
        let blocks = blocks("标题\n\t甲\t\t乙\n\t丙\t\n一级指标\t三级指标\t指标值");
        let rows = rows(&blocks);
        assert_eq!(shown(&rows[0]), (vec!["标题"], 1, Some("标题")));
        assert_eq!(shown(&rows[1]), (vec!["甲", "乙"], 2, None));
        assert_eq!(shown(&rows[2]), (vec!["丙"], 1, Some("丙")));
        assert_eq!(rows.iter().map(|row| row.cells().len()).collect::<Vec<_>>(), [1, 4, 3, 3]);
        assert_eq!(rows.iter().map(|row| row.is_header).collect::<Vec<_>>(), [false, false, false, true]);
    }

    #[test]
    fn a_row_with_other_cells_knows_these() {
        let blocks = blocks("\t甲\t\t乙\n一级指标\t三级指标\t指标值");
        let rows = rows(&blocks);
        let header = rows[0].with_cells(rows[1].cells().to_vec());
        assert_eq!((header.place, header.is_header, header.printed_count()), (rows[0].place, true, 3));
        assert_eq!(shown(&header.with_cells(Vec::new())), (vec![], 0, None));
    }
}
