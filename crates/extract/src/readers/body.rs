//! The body of a document of a word processor, while its reader walks through it: paragraphs, and tables whose cells
//! hold paragraphs and tables in turn.
//!
//! As in a page (see `html`), a table that holds a table of more than one row is a scaffold, and its cells are read as so
//! many pieces of the document; a smaller table within a cell is a layout trick and reads as text. A cell that goes on
//! from the row above names the column of the grid in which it stands, since that is all that Word's formats tell.

use jixiao_model::{Block, Cell, Paragraph, Place};

use crate::limits::{Budget, Excess};

/// Tables within one another. Word stops nobody, and no form has three.
const DEEPEST: usize = 32;

/// Whether and how a cell is merged with others of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Merge {
    /// It stands for itself, or spans the rows that it names.
    #[default]
    Alone,
    /// Cells of the rows below go on with it.
    Begins,
    /// It goes on with the cell above.
    GoesOn,
}

/// What is known of a cell.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// How many columns of the grid it spans.
    pub columns: u32,
    /// How many rows it spans, where that is known at once.
    pub rows: u32,
    /// Whether it is merged with cells above or below.
    pub merge: Merge,
}

impl Default for Span {
    fn default() -> Self {
        Self { columns: 1, rows: 1, merge: Merge::Alone }
    }
}

/// A cell whose text is known.
struct Closed {
    column: u32,
    span: Span,
    blocks: Vec<Block>,
    place: Place,
}

#[derive(Default)]
struct Table {
    /// The number of an outermost table, for places.
    number: u32,
    rows: Vec<Vec<Closed>>,
    /// The next free column of the open row.
    column: u32,
    /// The cell that is open.
    cell: Option<Closed>,
}

/// A body while it is put together.
pub struct Body<'b> {
    budget: &'b mut Budget,
    blocks: Vec<Block>,
    tables: Vec<Table>,
    /// The paragraph that is open.
    text: String,
    /// Paragraphs beside which the open text stands.
    asides: Vec<String>,
    paragraphs: u32,
    numbered_tables: u32,
    /// Cells of tables that are not laid out yet.
    pending: usize,
    /// Tables that are nested too deep, which are read as text.
    ignored: usize,
}

impl<'b> Body<'b> {
    /// An empty body.
    pub fn new(budget: &'b mut Budget) -> Self {
        Self {
            budget,
            blocks: Vec::new(),
            tables: Vec::new(),
            text: String::new(),
            asides: Vec::new(),
            paragraphs: 0,
            numbered_tables: 0,
            pending: 0,
            ignored: 0,
        }
    }

    /// Checks that so many more cells would fit.
    pub fn has_room(&self, cells: usize) -> Result<(), Excess> {
        self.budget.room(self.pending + cells, &Place::Paragraph(self.paragraphs + 1))
    }

    /// Adds text to the open paragraph.
    pub fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Ends the line within a paragraph.
    pub fn end_line(&mut self) {
        self.text.push('\n');
    }

    /// Ends the paragraph.
    pub fn end_paragraph(&mut self) -> Result<(), Excess> {
        let text = std::mem::take(&mut self.text);
        let blank = |c: char| c.is_whitespace();
        let lines: Vec<_> =
            text.split('\n').map(|line| line.trim_matches(blank)).filter(|line| !line.is_empty()).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let text = lines.join("\n");
        match self.tables.iter_mut().rev().find_map(|table| table.cell.as_mut()) {
            Some(cell) => {
                let place = cell.place.clone();
                self.budget.room(self.pending, &place)?;
                cell.blocks.push(Block::Paragraph(Paragraph { text, place }));
            }
            None => {
                self.paragraphs += 1;
                let place = Place::Paragraph(self.paragraphs);
                self.budget.paragraph(&place)?;
                self.blocks.push(Block::Paragraph(Paragraph { text, place }));
            }
        }
        Ok(())
    }

    /// Opens a text that stands beside the open paragraph, as in a text box: it is read before it.
    pub fn open_aside(&mut self) {
        self.asides.push(std::mem::take(&mut self.text));
    }

    /// Closes the text that was opened last, and goes on with the paragraph beside which it stands.
    pub fn close_aside(&mut self) -> Result<(), Excess> {
        self.end_paragraph()?;
        self.text = self.asides.pop().unwrap_or_default();
        Ok(())
    }

    /// Opens a table.
    pub fn open_table(&mut self) -> Result<(), Excess> {
        self.end_paragraph()?;
        if self.tables.len() == DEEPEST {
            self.ignored += 1;
            return Ok(());
        }
        if self.tables.is_empty() {
            self.numbered_tables += 1;
        }
        self.tables.push(Table { number: self.numbered_tables, ..Table::default() });
        Ok(())
    }

    /// Opens a row, of which so many columns are left blank in front.
    pub fn open_row(&mut self, blank_columns: u32) {
        if self.ignored > 0 {
            return;
        }
        if let Some(table) = self.tables.last_mut() {
            table.rows.push(Vec::new());
            table.column = 0;
        }
        self.skip_columns(blank_columns);
    }

    /// Leaves columns of the open row blank, as an empty cell.
    pub fn skip_columns(&mut self, columns: u32) {
        if columns > 0 && self.ignored == 0 {
            self.open_cell(Span { columns, ..Span::default() });
            self.close_cell_now();
        }
    }

    /// Takes the row back that was opened last: it was deleted.
    pub fn drop_row(&mut self) {
        if self.ignored == 0
            && let Some(table) = self.tables.last_mut()
        {
            table.rows.pop();
        }
    }

    /// Opens a cell.
    pub fn open_cell(&mut self, span: Span) {
        if self.ignored > 0 {
            return;
        }
        // Places of nested tables are those of the cell that they stand in.
        let outer = self.tables.first().and_then(|table| table.cell.as_ref()).map(|cell| cell.place.clone());
        let Some(table) = self.tables.last_mut() else { return };
        let row = u32::try_from(table.rows.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let place = Place::Cell { sheet: format!("T{}", table.number), row, column: table.column };
        let place = outer.unwrap_or(place);
        table.cell = Some(Closed { column: table.column, span, blocks: Vec::new(), place });
        self.pending += 1;
    }

    /// Says what is known of the open cell, where its format says so behind its beginning.
    pub fn set_span(&mut self, set: impl FnOnce(&mut Span)) {
        if self.ignored == 0
            && let Some(cell) = self.tables.last_mut().and_then(|table| table.cell.as_mut())
        {
            set(&mut cell.span);
        }
    }

    /// Closes the open cell.
    pub fn close_cell(&mut self) -> Result<(), Excess> {
        self.end_paragraph()?;
        let place = self.tables.last().and_then(|table| table.cell.as_ref()).map(|cell| cell.place.clone());
        if let Some(place) = place {
            self.budget.room(self.pending, &place)?;
        }
        self.close_cell_now();
        Ok(())
    }

    fn close_cell_now(&mut self) {
        if self.ignored > 0 {
            return;
        }
        let Some(table) = self.tables.last_mut() else { return };
        let (Some(cell), Some(row)) = (table.cell.take(), table.rows.last_mut()) else { return };
        table.column = table.column.saturating_add(cell.span.columns.max(1));
        row.push(cell);
    }

    /// Closes the table.
    pub fn close_table(&mut self) -> Result<(), Excess> {
        self.end_paragraph()?;
        if self.ignored > 0 {
            self.ignored -= 1;
            return Ok(());
        }
        if self.tables.last().is_some_and(|table| table.cell.is_some()) {
            self.close_cell()?;
        }
        let Some(table) = self.tables.pop() else { return Ok(()) };
        self.pending = self.pending.saturating_sub(table.rows.iter().map(Vec::len).sum());
        let blocks = self.laid_out(table)?;
        match self.tables.iter_mut().rev().find_map(|table| table.cell.as_mut()) {
            Some(cell) => cell.blocks.extend(blocks),
            None => self.blocks.extend(blocks),
        }
        Ok(())
    }

    fn laid_out(&mut self, table: Table) -> Result<Vec<Block>, Excess> {
        let holds_table = |cell: &Closed| {
            cell.blocks.iter().any(|block| matches!(block, Block::Grid(grid) if grid.height() > 1))
        };
        if table.rows.iter().flatten().any(holds_table) {
            return Ok(table.rows.into_iter().flatten().flat_map(|cell| cell.blocks).collect());
        }
        let mut rows: Vec<(Place, Vec<Cell>)> = Vec::new();
        // For each column in which a merged cell begins, where that cell is.
        let mut open: Vec<(u32, usize, usize)> = Vec::new();
        for (number, cells) in table.rows.into_iter().enumerate() {
            let place = Place::Cell {
                sheet: format!("T{}", table.number),
                row: u32::try_from(number).unwrap_or(u32::MAX),
                column: 0,
            };
            let place = cells.first().map_or(place, |cell| cell.place.clone());
            let mut row: Vec<Cell> = Vec::new();
            let mut still_open = Vec::new();
            for cell in cells {
                let above = open.iter().find(|(column, ..)| *column == cell.column).copied();
                if cell.span.merge == Merge::GoesOn
                    && let Some((_, row, index)) = above
                {
                    rows[row].1[index].row_span = u32::try_from(number - row + 1).unwrap_or(u32::MAX);
                    still_open.extend(above);
                    continue;
                }
                if cell.span.merge != Merge::Alone {
                    still_open.push((cell.column, number, row.len()));
                }
                row.push(Cell {
                    text: text_of(&cell.blocks),
                    row_span: cell.span.rows.max(1),
                    column_span: cell.span.columns.max(1),
                    place: cell.place,
                });
            }
            open = still_open;
            rows.push((place, row));
        }
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![Block::Grid(self.budget.grid(rows)?)])
    }

    /// The blocks, when all is read.
    pub fn finish(mut self) -> Result<Vec<Block>, Excess> {
        while !self.tables.is_empty() {
            self.close_table()?;
        }
        self.end_paragraph()?;
        Ok(self.blocks)
    }
}

/// The text of a cell: its paragraphs, and the cells of a small table within it, one below the other.
fn text_of(blocks: &[Block]) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => lines.push(&paragraph.text),
            Block::Grid(grid) => lines.extend(grid.cells().map(|cell| cell.text.as_str())),
        }
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::shown;

    /// Reads a sketch: `[` and `]` around tables, `/` before rows, `|` before cells, `^` for a cell that goes on from
    /// above, `v` for one that others go on with, a digit for columns spanned.
    fn check(sketch: &str, expected: &[&str]) {
        let mut budget = Budget::default();
        let mut body = Body::new(&mut budget);
        for mark in sketch.chars() {
            match mark {
                '[' => body.open_table().unwrap(),
                ']' => body.close_table().unwrap(),
                '/' => body.open_row(0),
                '|' => {
                    body.close_cell().unwrap();
                    body.open_cell(Span::default());
                }
                ';' => body.close_cell().unwrap(),
                '^' => body.set_span(|span| span.merge = Merge::GoesOn),
                'v' => body.set_span(|span| span.merge = Merge::Begins),
                '2'..='9' => body.set_span(|span| span.columns = mark.to_digit(10).unwrap()),
                mark => body.text(&mark.to_string()),
            }
        }
        assert_eq!(shown(&body.finish().unwrap()), expected, "{sketch}");
    }

    #[test]
    fn cells_go_on_in_their_columns() {
        check("甲", &["¶1 甲"]);
        check("[/|v甲|乙;/|^|丙;/|^|丁;]戊", &["T1!A1 甲|乙", "T1!A2 .|丙", "T1!A3 .|丁", "¶1 戊"]);
        check("[/|2甲|v乙;/|一|二|^;]", &["T1!A1 甲|.|乙", "T1!A2 一|二|."]);
        check("[/|甲;/|^乙;]", &["T1!A1 甲", "T1!A2 乙"]);
    }

    #[test]
    fn a_table_around_a_table_is_a_scaffold() {
        check(
            "[/|导航|题[/|甲|乙;/|丙|丁;]尾;]",
            &["T1!A1 导航", "T1!B1 题", "T1!B1 甲|乙", "T1!B1 丙|丁", "T1!B1 尾"],
        );
        check("[/|采购|[/|是√|否□;];/|甲|乙;]", &["T1!A1 采购|是√\n否□", "T1!A2 甲|乙"]);
    }
}
