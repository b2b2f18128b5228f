//! Blocks as one sequence of rows, which is how a form is read: from top to bottom, whatever tables and paragraphs
//! it is cut into.

use std::rc::Rc;

use jixiao_model::block::Slot;
use jixiao_model::{Block, Place};

use crate::known::{Known, known};

/// A row of a table, or a paragraph as a row of one cell.
#[derive(Debug, Clone)]
pub struct Row<'b> {
    /// The cells that begin in this row, empty ones included, and those that reach into it from above.
    pub cells: Vec<RowCell<'b>>,
    /// Where the row begins.
    pub place: &'b Place,
    /// Whether it is a row of a table.
    pub in_table: bool,
    /// Whether another block or page ended right before it, so that a page may have ended there.
    pub after_break: bool,
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
    /// The cells that begin here and have text in them.
    pub fn printed(&self) -> impl Iterator<Item = &RowCell<'b>> {
        self.cells.iter().filter(|cell| !cell.from_above && !cell.text.is_empty())
    }

    /// The only cell with text, where there is just one: a heading, a note, or a piece of a broken cell.
    pub fn single(&self) -> Option<&RowCell<'b>> {
        let mut printed = self.printed();
        printed.next().filter(|_| printed.next().is_none())
    }

    /// Whether nothing is printed in it.
    pub fn is_empty(&self) -> bool {
        self.printed().next().is_none()
    }
}

/// Whether two rows of one table stand on different pages, where pages are known.
fn on_other_pages(one: &Place, other: &Place) -> bool {
    matches!((one, other), (Place::Page(one), Place::Page(other)) if one != other)
}

/// All rows of a document's blocks.
pub fn rows<T: AsRef<str>>(blocks: &[Block<T>]) -> Vec<Row<'_>> {
    let height = |block: &Block<T>| if let Block::Grid(grid) = block { grid.height() } else { 1 };
    let mut rows = Vec::with_capacity(blocks.iter().map(height).sum());
    // Blank cells are many, and need not be looked up.
    let of_blank = known("");
    let known = |text: &str| if text.is_empty() { Rc::clone(&of_blank) } else { known(text) };
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => {
                let cell = RowCell {
                    text: paragraph.text.as_ref(),
                    known: known(paragraph.text.as_ref()),
                    column: 0,
                    span: 1,
                    rows: 1,
                    from_above: false,
                    place: &paragraph.place,
                };
                rows.push(Row {
                    cells: vec![cell],
                    place: &paragraph.place,
                    in_table: false,
                    after_break: true,
                });
            }
            Block::Grid(grid) => {
                for row in 0..grid.height() {
                    let mut cells: Vec<RowCell<'_>> = Vec::with_capacity(grid.row(row).len());
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
                    rows.push(Row {
                        cells,
                        place: grid.row_place(row),
                        in_table: true,
                        after_break: row == 0 || on_other_pages(grid.row_place(row - 1), grid.row_place(row)),
                    });
                }
            }
        }
    }
    rows
}
