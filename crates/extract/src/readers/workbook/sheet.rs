//! A sheet as its cells with text, and how it becomes a table.
//!
//! Sheets are laid out with spare rows and columns, and declare any size. So a table has the rows and columns in which
//! some text begins, and no others: a merged cell spans what is left of what it covered. Nothing is allocated by a
//! position or a size that a sheet merely names.

use std::collections::BTreeMap;

use jixiao_model::{Block, Cell, Finding, FindingCode, Paragraph, Place};

use crate::limits::{Budget, Excess};
use crate::readers::Pages;
use crate::readers::aligned::{Word, Words};

/// A sheet as a reader found it. Positions count from 0.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Its name as its author wrote it.
    pub name: String,
    /// Whether it is hidden as a whole.
    pub hidden: bool,
    /// Its cells with text, in any order.
    pub cells: Vec<Printed>,
    /// Its merged cells.
    pub merged: Vec<Area>,
    /// First and last of its hidden rows.
    pub hidden_rows: Vec<(u32, u32)>,
    /// First and last of its hidden columns.
    pub hidden_columns: Vec<(u32, u32)>,
    /// Cells whose formula has no value that can be read, and how many more of them there are.
    without_value: Vec<(u32, u32, String)>,
    more_without_value: usize,
}

/// A cell with text in it.
#[derive(Debug)]
pub struct Printed {
    pub row: u32,
    pub column: u32,
    pub text: String,
}

/// A rectangle of cells, its last row and column included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub first_row: u32,
    pub last_row: u32,
    pub first_column: u32,
    pub last_column: u32,
}

impl Sheet {
    /// A sheet without cells.
    pub fn new(name: &str, hidden: bool) -> Self {
        Self { name: name.to_owned(), hidden, ..Self::default() }
    }

    /// Where a cell of it stands.
    pub fn place(&self, row: u32, column: u32) -> Place {
        Place::Cell { sheet: self.name.clone(), row, column }
    }

    /// Adds a cell, if there is anything to read in it. Its text is counted, since one shared text may stand in any
    /// number of cells; blanks are counted too, since they have to be copied to be looked at.
    pub fn push(&mut self, row: u32, column: u32, text: &str, budget: &mut Budget) -> Result<(), Excess> {
        budget.inflate(text.len() as u64)?;
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        budget.room_at(self.cells.len() + 1, || self.place(row, column))?;
        let text =
            if text.contains(|c: char| c.is_control() && c != '\n') { plain(text) } else { text.to_owned() };
        self.cells.push(Printed { row, column, text });
        Ok(())
    }

    /// Doubts a cell whose formula has no value that can be read.
    pub fn doubt(&mut self, row: u32, column: u32, message: String) {
        /// As many as anybody reads.
        const MOST: usize = 100;
        if self.without_value.len() < MOST {
            self.without_value.push((row, column, message));
        } else {
            self.more_without_value += 1;
        }
    }

    /// Adds a merged cell.
    pub fn merge(&mut self, area: Area, budget: &Budget) -> Result<(), Excess> {
        if area.last_row >= area.first_row && area.last_column >= area.first_column {
            budget.room_at(self.merged.len() + 1, || self.place(area.first_row, area.first_column))?;
            self.merged.push(area);
        }
        Ok(())
    }

    /// Lays the sheet out as a table, and says what of it is hidden.
    pub fn finish(mut self, words: &Words, budget: &mut Budget, pages: &mut Pages) -> Result<(), Excess> {
        self.cells.sort_by_key(|cell| (cell.row, cell.column));
        self.cells.dedup_by_key(|cell| (cell.row, cell.column));
        self.merged.sort_by_key(|area| (area.first_row, area.first_column, area.last_row, area.last_column));
        if self.cells.is_empty() {
            return Ok(());
        }
        self.say_what_is_hidden(pages);
        self.say_what_has_no_value(pages);
        let rows = Layout::new(&self).rows(&self, budget)?;
        add_blocks(rows, words, budget, &mut pages.blocks)
    }

    fn say_what_has_no_value(&self, pages: &mut Pages) {
        for (row, column, message) in &self.without_value {
            let finding = Finding::new(FindingCode::FormulaWithoutValue, message.clone());
            pages.findings.push(finding.at(&self.place(*row, *column)));
        }
        if self.more_without_value > 0 {
            let message = format!(
                "{} more cells of the sheet {} are like those above",
                self.more_without_value, self.name
            );
            pages.findings.push(Finding::new(FindingCode::FormulaWithoutValue, message));
        }
    }

    fn say_what_is_hidden(&mut self, pages: &mut Pages) {
        self.hidden_rows.sort_unstable();
        self.hidden_columns.sort_unstable();
        let within = |areas: &[(u32, u32)], at: u32| {
            let behind = areas.partition_point(|(first, _)| *first <= at);
            // The last that begins before may be a short one within a long one; a few more are looked at.
            areas
                .get(behind.saturating_sub(8)..behind)
                .is_some_and(|few| few.iter().any(|(_, last)| *last >= at))
        };
        let is_hidden = |cell: &&Printed| {
            self.hidden || within(&self.hidden_rows, cell.row) || within(&self.hidden_columns, cell.column)
        };
        let count = self.cells.iter().filter(is_hidden).count();
        let Some(first) = self.cells.iter().find(is_hidden) else { return };
        let what = if self.hidden {
            format!("the sheet {} is hidden; it was read all the same", self.name)
        } else {
            format!(
                "{count} cells with text stand in hidden rows or columns of the sheet {}; they were read all the same",
                self.name
            )
        };
        let finding = Finding::new(FindingCode::HiddenCells, what).at(&self.place(first.row, first.column));
        pages.findings.push(finding);
    }
}

/// Tables of more columns are no forms.
const WIDEST_FORM: usize = 40;

/// A merged cell in rows and columns of the table: first row, behind the last row, first column, behind the last.
type Kept = (usize, usize, usize, usize);

/// A row of the table.
struct Row {
    place: Place,
    cells: Vec<Cell>,
    /// The column behind its last cell.
    end: usize,
    /// Whether it is one cell that was merged from the first column on.
    is_alone: bool,
}

/// The rows and columns of a sheet that its table has.
struct Layout {
    rows: Vec<u32>,
    columns: Vec<u32>,
}

impl Layout {
    fn new(sheet: &Sheet) -> Self {
        let mut rows: Vec<u32> = sheet.cells.iter().map(|cell| cell.row).collect();
        let mut columns: Vec<u32> = sheet.cells.iter().map(|cell| cell.column).collect();
        for kept in [&mut rows, &mut columns] {
            kept.sort_unstable();
            kept.dedup();
        }
        Self { rows, columns }
    }

    /// What is left of a merged cell.
    fn kept(&self, area: &Area) -> Option<Kept> {
        let rows = range(&self.rows, area.first_row, area.last_row);
        let columns = range(&self.columns, area.first_column, area.last_column);
        (rows.0 < rows.1 && columns.0 < columns.1).then_some((rows.0, rows.1, columns.0, columns.1))
    }

    /// The rows of the table. An empty cell is made for each slot before the last that is taken in a row; and behind it, in
    /// tables as narrow as those of forms, where a row that ends early would look like one that lost cells.
    fn rows(&self, sheet: &Sheet, budget: &Budget) -> Result<Vec<Row>, Excess> {
        let mut merged = self.merged(sheet, budget)?.into_iter().peekable();
        // Up to which row each column is covered by a merged cell, and any column is.
        let mut covered = vec![0_usize; self.columns.len()];
        let mut covered_until = 0;
        let mut cells = sheet.cells.iter().peekable();
        let mut rows = Vec::with_capacity(self.rows.len());
        let mut slots = 0;
        for (row, number) in self.rows.iter().enumerate() {
            let mut found: Vec<(usize, Cell)> = Vec::new();
            let mut add = |column: usize, text: &str, spans: (usize, usize), at: (u32, u32)| {
                let span = |span: usize| u32::try_from(span).unwrap_or(u32::MAX);
                let place = sheet.place(at.0, at.1);
                let (row_span, column_span) = (span(spans.0), span(spans.1));
                found.push((column, Cell { text: text.to_owned(), row_span, column_span, place }));
            };
            let is_free = covered_until <= row;
            let mut texts = BTreeMap::new();
            while let Some(cell) = cells.next_if(|cell| cell.row == *number) {
                texts.insert(cell.column, cell);
            }
            while let Some((area, (_, bottom, left, right))) = merged.next_if(|(_, kept)| kept.0 == row) {
                if covered[left] > row {
                    continue;
                }
                let right = (left..right).find(|column| covered[*column] > row).unwrap_or(right);
                covered[left..right].fill(bottom);
                covered_until = covered_until.max(bottom);
                let text = texts.get(&area.first_column).filter(|cell| cell.row == area.first_row);
                let text = text.map_or("", |cell| cell.text.as_str());
                add(left, text, (bottom - row, right - left), (area.first_row, area.first_column));
            }
            for cell in texts.values() {
                let column = self.columns.partition_point(|column| *column < cell.column);
                if covered[column] <= row {
                    add(column, &cell.text, (1, 1), (cell.row, cell.column));
                }
            }
            found.sort_by_key(|(column, _)| *column);
            let end = found.last().map_or(0, |(column, cell)| column + cell.column_span as usize);
            slots += end;
            budget.room_at(slots, || sheet.place(*number, 0))?;
            let is_alone = match found.as_slice() {
                [(0, cell)] => {
                    let is_line = cell.row_span == 1 && !cell.text.is_empty();
                    is_free && is_line && (end > 1 || self.columns.len() == 1)
                }
                _ => false,
            };
            let until = if is_alone || self.columns.len() > WIDEST_FORM { 0 } else { self.columns.len() };
            let cells = self.with_empty_cells(sheet, row, found, &covered, until);
            let first = cells.iter().find(|cell| !cell.text.is_empty());
            let place = first.map_or_else(|| sheet.place(*number, 0), |cell| cell.place.clone());
            rows.push(Row { place, cells, end, is_alone });
        }
        Ok(rows)
    }

    /// The merged cells of which something is left, from top to bottom.
    fn merged(&self, sheet: &Sheet, budget: &Budget) -> Result<Vec<(Area, Kept)>, Excess> {
        let mut merged = Vec::new();
        let mut slots = 0;
        for area in &sheet.merged {
            if let Some(kept) = self.kept(area) {
                slots += kept.3 - kept.2;
                budget.room_at(slots, || sheet.place(area.first_row, area.first_column))?;
                merged.push((*area, kept));
            }
        }
        merged.sort_by_key(|(_, (top, _, left, _))| (*top, *left));
        Ok(merged)
    }

    fn with_empty_cells(
        &self,
        sheet: &Sheet,
        row: usize,
        found: Vec<(usize, Cell)>,
        covered: &[usize],
        until: usize,
    ) -> Vec<Cell> {
        let mut cells = Vec::with_capacity(found.len());
        let empty = |columns: std::ops::Range<usize>, cells: &mut Vec<Cell>| {
            cells.extend(columns.filter(|column| covered[*column] <= row).map(|column| {
                let place = sheet.place(self.rows[row], self.columns[column]);
                Cell { text: String::new(), row_span: 1, column_span: 1, place }
            }));
        };
        let mut next = 0;
        for (column, cell) in found {
            empty(next..column, &mut cells);
            next = column + cell.column_span as usize;
            cells.push(cell);
        }
        empty(next..until.max(next), &mut cells);
        cells
    }
}

/// Adds rows as tables, and as paragraphs those that run over the whole width of the rows around them: so sheets print
/// what stands between tables. Between two rows of one table they print a text so that is as wide as it: there none of such
/// rows is a title or the heading of a part.
fn add_blocks(
    rows: Vec<Row>,
    words: &Words,
    budget: &mut Budget,
    blocks: &mut Vec<Block>,
) -> Result<(), Excess> {
    let ends: Vec<usize> = rows.iter().map(|row| row.end).collect();
    let is_wide = |number: usize, row: &Row| {
        let above = number.checked_sub(1).map_or(0, |above| ends[above]);
        let below = ends.get(number + 1).copied().unwrap_or(0);
        row.is_alone && row.end >= above.max(below)
    };
    let wide: Vec<bool> = rows.iter().enumerate().map(|(number, row)| is_wide(number, row)).collect();
    let is_line = |row: &Row| row.cells.iter().any(|cell| words.word(&cell.text) == Word::Line);
    let mut table = Vec::new();
    let mut rows = rows.into_iter().peekable();
    let mut number = 0;
    while rows.peek().is_some() {
        let run = wide[number..].iter().take_while(|is_wide| **is_wide).count();
        number += run.max(1);
        let of_run: Vec<Row> = rows.by_ref().take(run.max(1)).collect();
        let is_within = !table.is_empty() && rows.peek().is_some() && !of_run.iter().any(is_line);
        if run == 0 || is_within {
            table.extend(of_run.into_iter().map(|row| (row.place, row.cells)));
            continue;
        }
        if !table.is_empty() {
            blocks.push(Block::Grid(budget.grid(std::mem::take(&mut table))?));
        }
        for row in of_run {
            budget.paragraph(&row.place)?;
            let texts = row.cells.into_iter().map(|cell| Paragraph { text: cell.text, place: cell.place });
            blocks.extend(texts.map(Block::Paragraph));
        }
    }
    if !table.is_empty() {
        blocks.push(Block::Grid(budget.grid(table)?));
    }
    Ok(())
}

/// A text with its line ends as `\n`, and without other characters that nobody sees.
fn plain(text: &str) -> String {
    let is_kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(is_kept).collect()
}

/// Which of the kept positions lie from a first to a last: the first of them, and the first behind them.
fn range(kept: &[u32], first: u32, last: u32) -> (usize, usize) {
    (kept.partition_point(|at| *at < first), kept.partition_point(|at| *at <= last))
}
