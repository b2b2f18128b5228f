//! A document of Word, as its readers tell it: paragraphs, tables, cells and text boxes, one after the other. Here they
//! become blocks, so that docx, doc, odt and rtf all mean the same by a table.
//!
//! As in HTML, a table that holds a table of more than one row is a page's scaffold: what stands in its cells is read as
//! so many pieces of the page. A smaller one within a cell is text. Nothing here recurses: a table within a table is done
//! with when it ends, and becomes pieces of the cell around it.
//!
//! A paragraph with tabs in it, outside of tables, is a row, and such paragraphs that follow one another are a table,
//! as in a text dump: forms are pasted into Word as text.

use std::collections::BTreeMap;

use jixiao_model::{Block, Cell, Finding, FindingCode, Paragraph, Place};

use super::Pages;
use super::word_table::{Row, RowCell, columns_of_edges, lay_out};
use crate::limits::{Budget, Excess};

/// What stands in a cell, a text box or the document itself.
#[derive(Debug)]
pub enum Piece {
    /// A paragraph, and its place once that is known.
    Text(String, Option<Place>),
    /// A paragraph without text, which ends a table that is made of paragraphs.
    Blank,
    /// A table that is laid out; none of its cells holds a table.
    Table(Vec<(Place, Vec<Cell>)>),
}

/// Why text that is in a file was not read: no reader of the document sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unseen {
    /// Deleted, with the change still on record.
    Deleted,
    /// Formatted as hidden.
    Hidden,
    /// In a cell that a merged cell covers.
    Covered,
    /// What Word shows where nothing was filled in.
    Prompt,
}

/// Text outside of any cell, in a cell, or in a text box.
#[derive(Debug, Default)]
struct Flow {
    is_cell: bool,
    pieces: Vec<Piece>,
    /// The paragraph that is open.
    text: String,
    /// Text boxes that hang on it; they follow it.
    boxes: Vec<Piece>,
    cell: RowCell,
}

#[derive(Debug)]
struct Table {
    number: u32,
    rows: Vec<Row>,
}

#[derive(Debug)]
enum Level {
    Flow(Flow),
    Table(Table),
}

/// A document that is being told.
pub struct Story<'b> {
    budget: &'b mut Budget,
    /// The flow of the document, and within it the tables, cells and boxes that are open.
    levels: Vec<Level>,
    tables: u32,
    paragraphs: u32,
    /// The slots of all tables, as far as they are known.
    cells: usize,
    /// Whether cells are told by their edges in twips, and not by their columns.
    in_twips: bool,
    unseen: BTreeMap<Unseen, (String, Option<Place>)>,
}

impl<'b> Story<'b> {
    /// A document of which nothing was told.
    pub fn new(budget: &'b mut Budget) -> Self {
        Self {
            budget,
            levels: vec![Level::Flow(Flow::default())],
            tables: 0,
            paragraphs: 0,
            cells: 0,
            in_twips: false,
            unseen: BTreeMap::new(),
        }
    }

    /// The same, of which cells are told by their edges.
    pub fn in_twips(budget: &'b mut Budget) -> Self {
        Self { in_twips: true, ..Self::new(budget) }
    }

    fn flow(&mut self) -> Option<&mut Flow> {
        self.levels.iter_mut().rev().find_map(|level| match level {
            Level::Flow(flow) => Some(flow),
            Level::Table(_) => None,
        })
    }

    /// Text of the paragraph that is open.
    pub fn push(&mut self, text: &str) {
        if let Some(flow) = self.flow() {
            flow.text.push_str(text);
        }
    }

    /// A tab. In a cell it is white space; outside of tables it is how columns are written.
    pub fn tab(&mut self) {
        if let Some(flow) = self.flow() {
            flow.text.push(if flow.is_cell { ' ' } else { '\t' });
        }
    }

    /// The line ends, and the paragraph does not.
    pub fn end_line(&mut self) {
        self.push("\n");
    }

    /// The paragraph ends.
    pub fn end_paragraph(&mut self) -> Result<(), Excess> {
        let in_cell = self.levels.iter().any(|level| matches!(level, Level::Table(_)));
        let place = (!in_cell).then(|| {
            self.paragraphs = self.paragraphs.saturating_add(1);
            Place::Paragraph(self.paragraphs)
        });
        let Some(flow) = self.flow() else { return Ok(()) };
        let text = trimmed(&std::mem::take(&mut flow.text));
        let mut boxes = std::mem::take(&mut flow.boxes);
        if text.is_empty() {
            if !flow.is_cell && !matches!(flow.pieces.last(), Some(Piece::Blank)) {
                flow.pieces.push(Piece::Blank);
            }
        } else {
            flow.pieces.push(Piece::Text(text, place.clone()));
        }
        flow.pieces.append(&mut boxes);
        self.budget.paragraph(&place.unwrap_or(Place::Paragraph(self.paragraphs)))
    }

    /// How many tables are open, one within the other, counted from the last text box.
    pub fn depth(&self) -> usize {
        let mut depth = 0;
        for level in &self.levels {
            match level {
                Level::Table(_) => depth += 1,
                Level::Flow(flow) if !flow.is_cell => depth = 0,
                Level::Flow(_) => {}
            }
        }
        depth
    }

    /// Whether text stands in a cell now.
    pub fn in_cell(&self) -> bool {
        matches!(self.levels.last(), Some(Level::Flow(Flow { is_cell: true, .. })))
    }

    /// A text box begins.
    pub fn start_box(&mut self) -> Result<(), Excess> {
        self.levels.push(Level::Flow(Flow::default()));
        Budget::table_depth(self.levels.len())
    }

    /// A text box ends.
    pub fn end_box(&mut self) -> Result<(), Excess> {
        if !matches!(self.levels.last(), Some(Level::Flow(flow)) if !flow.is_cell) || self.levels.len() < 2 {
            return Ok(());
        }
        self.end_open_paragraph()?;
        if let Some(Level::Flow(mut flow)) = self.levels.pop()
            && let Some(around) = self.flow()
        {
            around.boxes.append(&mut flow.pieces);
        }
        Ok(())
    }

    fn end_open_paragraph(&mut self) -> Result<(), Excess> {
        match self.flow() {
            Some(flow) if !flow.text.is_empty() || !flow.boxes.is_empty() => self.end_paragraph(),
            _ => Ok(()),
        }
    }

    /// A table begins; an open paragraph ends before it.
    pub fn start_table(&mut self) -> Result<(), Excess> {
        self.end_open_paragraph()?;
        self.tables = self.tables.saturating_add(1);
        self.levels.push(Level::Table(Table { number: self.tables, rows: Vec::new() }));
        Budget::table_depth(self.levels.len())
    }

    fn table(&mut self) -> Option<&mut Table> {
        match self.levels.last_mut() {
            Some(Level::Table(table)) => Some(table),
            _ => None,
        }
    }

    /// A row begins.
    pub fn start_row(&mut self) -> Result<(), Excess> {
        self.count_cell()?;
        if let Some(table) = self.table() {
            table.rows.push(Row::default());
        }
        Ok(())
    }

    /// The row that began last is not there, for whatever reason; its texts are given back.
    pub fn drop_row(&mut self) -> Option<Row> {
        self.table()?.rows.pop()
    }

    /// The row that began last.
    pub fn row(&mut self) -> Option<&mut Row> {
        self.table()?.rows.last_mut()
    }

    /// The rows of the table that is open.
    pub fn rows(&mut self) -> &mut [Row] {
        self.table().map_or(&mut [], |table| &mut table.rows)
    }

    /// The row that began last stands there so many times.
    pub fn repeat_row(&mut self, times: usize) -> Result<(), Excess> {
        let Some(row) = self.row() else { return Ok(()) };
        let copies: Option<Vec<RowCell>> = row.cells.iter().map(RowCell::copy).collect();
        let Some(copies) = copies.filter(|copies| !copies.is_empty()) else { return Ok(()) };
        let bytes = copies.iter().map(RowCell::text_bytes).sum();
        for _ in 1..times {
            self.count_cells(copies.len())?;
            self.budget.inflate(bytes)?;
            let cells = copies.iter().filter_map(RowCell::copy).collect();
            if let Some(table) = self.table() {
                table.rows.push(Row { cells, is_done: true });
            }
        }
        Ok(())
    }

    /// Counts bytes of text that is not in the file, since a few words there stand for it.
    pub fn repeat(&mut self, bytes: u64) -> Result<(), Excess> {
        self.budget.inflate(bytes)
    }

    fn count_cell(&mut self) -> Result<(), Excess> {
        self.count_cells(1)
    }

    fn count_cells(&mut self, count: usize) -> Result<(), Excess> {
        self.cells += count;
        let number = self.tables;
        self.budget.room(self.cells, &table_place(number, 0, 0))
    }

    /// A cell begins.
    pub fn start_cell(&mut self, cell: RowCell) -> Result<(), Excess> {
        if self.row().is_none() {
            self.start_row()?;
        }
        self.count_cell()?;
        if !self.in_twips {
            let last = self.row().and_then(|row| row.cells.last()).map_or(0, |cell| cell.right);
            self.count_cells(usize::try_from(cell.right - last).unwrap_or(1))?;
        }
        self.levels.push(Level::Flow(Flow { is_cell: true, cell, ..Flow::default() }));
        Budget::table_depth(self.levels.len())
    }

    /// Changes what is known of the open cell.
    pub fn cell(&mut self) -> Option<&mut RowCell> {
        match self.levels.last_mut() {
            Some(Level::Flow(flow)) if flow.is_cell => Some(&mut flow.cell),
            _ => None,
        }
    }

    /// A cell ends.
    pub fn end_cell(&mut self) -> Result<(), Excess> {
        if !self.in_cell() {
            return Ok(());
        }
        self.end_open_paragraph()?;
        let Some(Level::Flow(Flow { mut pieces, mut cell, .. })) = self.levels.pop() else { return Ok(()) };
        if let Some(row) = self.row() {
            match row.cells.last_mut().filter(|_| cell.joins_left) {
                Some(left) => {
                    left.right = cell.right;
                    left.pieces.append(&mut pieces);
                }
                None => {
                    cell.pieces = pieces;
                    row.cells.push(cell);
                }
            }
        } else if let Some(flow) = self.flow() {
            // A cell outside of any table: damaged, and its text is not lost.
            flow.pieces.append(&mut pieces);
        }
        Ok(())
    }

    /// A table ends.
    pub fn end_table(&mut self) -> Result<(), Excess> {
        if self.table().is_none() {
            return Ok(());
        }
        let Some(Level::Table(table)) = self.levels.pop() else { return Ok(()) };
        let mut rows = table.rows;
        if self.in_twips {
            columns_of_edges(&mut rows);
        }
        let mut laid_out = lay_out(rows, table.number);
        for (place, text) in laid_out.covered {
            self.leave_out_at(Unseen::Covered, &text, Some(place));
        }
        if let Some(flow) = self.flow() {
            if flow.pieces.is_empty() {
                flow.pieces = laid_out.pieces;
            } else {
                flow.pieces.append(&mut laid_out.pieces);
            }
        }
        Ok(())
    }

    /// Says that a text was left out.
    pub fn leave_out(&mut self, unseen: Unseen, text: &str) {
        let place = (self.levels.len() == 1).then_some(Place::Paragraph(self.paragraphs + 1));
        self.leave_out_at(
            unseen,
            text,
            place.or_else(|| Some(table_place(self.tables, self.row_number(), 0))),
        );
    }

    fn row_number(&self) -> u32 {
        let rows = self.levels.iter().rev().find_map(|level| match level {
            Level::Table(table) => Some(table.rows.len()),
            Level::Flow(_) => None,
        });
        u32::try_from(rows.unwrap_or(0)).unwrap_or(u32::MAX).saturating_sub(1)
    }

    /// The same, of text that is stored apart, so that nothing says where it stood.
    pub fn leave_out_apart(&mut self, unseen: Unseen, text: &str) {
        self.leave_out_at(unseen, text, None);
    }

    fn leave_out_at(&mut self, unseen: Unseen, text: &str, place: Option<Place>) {
        const ENOUGH_BYTES: usize = 8_000;
        if text.trim().is_empty() {
            return;
        }
        let (texts, _) = self.unseen.entry(unseen).or_insert_with(|| (String::new(), place));
        if texts.len() < ENOUGH_BYTES {
            texts.push_str(text);
        }
    }

    /// The document ends.
    pub fn finish(mut self) -> Result<Pages, Excess> {
        while self.levels.len() > 1 {
            match self.levels.last() {
                Some(Level::Table(_)) => self.end_table()?,
                Some(Level::Flow(flow)) if flow.is_cell => self.end_cell()?,
                _ => self.end_box()?,
            }
        }
        self.end_open_paragraph()?;
        let Some(Level::Flow(flow)) = self.levels.pop() else { return Ok(Pages::default()) };
        let findings = self.unseen.into_iter().map(|(unseen, (text, place))| finding(unseen, &text, place));
        let findings = findings.collect();
        Ok(Pages { blocks: blocks(flow.pieces, self.budget)?, findings, ..Pages::default() })
    }
}

/// The place of a cell in the n-th table.
pub fn table_place(table: u32, row: u32, column: u32) -> Place {
    Place::Cell { sheet: format!("T{table}"), row, column }
}

fn finding(unseen: Unseen, text: &str, place: Option<Place>) -> Finding {
    let message = match unseen {
        Unseen::Deleted => "text that was deleted, with the change still on record, was not read",
        Unseen::Hidden => "text that is formatted as hidden was not read",
        Unseen::Covered => "text in cells that a merged cell covers was not read",
        Unseen::Prompt => "prompts of controls that nobody filled in were not read",
    };
    let mut finding = Finding::new(FindingCode::UnseenText, message).with_found(text);
    finding.place = place;
    finding
}

/// A paragraph without the white space around its lines, and without empty lines. Tabs stay where they make columns.
fn trimmed(text: &str) -> String {
    let mut trimmed = String::with_capacity(text.len());
    for line in text.split('\n') {
        let blank = line.trim().is_empty();
        let line = line.trim_matches(|c: char| c.is_whitespace() && c != '\t');
        if !blank {
            if !trimmed.is_empty() {
                trimmed.push('\n');
            }
            trimmed.push_str(line);
        }
    }
    trimmed
}

/// The pieces of a document as blocks.
fn blocks(pieces: Vec<Piece>, budget: &mut Budget) -> Result<Vec<Block>, Excess> {
    let mut blocks = Vec::new();
    let mut rows: Vec<(Place, Vec<Cell>)> = Vec::new();
    for piece in pieces {
        if let Piece::Text(text, place) = &piece
            && text.contains('\t')
        {
            let place = place.clone().unwrap_or(Place::Paragraph(1));
            for line in text.split('\n') {
                let is_row = line.trim().contains('\t') || (!rows.is_empty() && line.contains('\t'));
                if is_row {
                    rows.push((place.clone(), tabbed(line, &place)));
                } else {
                    close(&mut rows, &mut blocks, budget)?;
                    let text = line.trim().to_owned();
                    blocks.push(Block::Paragraph(Paragraph { text, place: place.clone() }));
                }
            }
            continue;
        }
        close(&mut rows, &mut blocks, budget)?;
        match piece {
            Piece::Text(text, place) => {
                blocks
                    .push(Block::Paragraph(Paragraph { text, place: place.unwrap_or(Place::Paragraph(1)) }));
            }
            Piece::Blank => {}
            Piece::Table(rows) => blocks.push(Block::Grid(budget.grid(rows)?)),
        }
    }
    close(&mut rows, &mut blocks, budget)?;
    Ok(blocks)
}

fn close(
    rows: &mut Vec<(Place, Vec<Cell>)>,
    blocks: &mut Vec<Block>,
    budget: &mut Budget,
) -> Result<(), Excess> {
    if !rows.is_empty() {
        blocks.push(Block::Grid(budget.grid(std::mem::take(rows))?));
    }
    Ok(())
}

fn tabbed(line: &str, place: &Place) -> Vec<Cell> {
    let cell =
        |text: &str| Cell { text: text.trim().to_owned(), row_span: 1, column_span: 1, place: place.clone() };
    line.split('\t').map(cell).collect()
}
