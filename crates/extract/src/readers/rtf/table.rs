//! The tables of RTF. A row is a run of cells whose edges are told beside it, before or behind; it knows no table. So rows
//! that follow one another are a table, and its columns are what lies between all edges of its rows, as in Word.

use std::collections::BTreeSet;

use crate::limits::Excess;
use crate::readers::body::{Body, Merge, Span};

/// What a cell holds, in order.
enum Content {
    Text(String),
    Table(Vec<Row>),
}

/// The edges of a cell and how it is merged.
#[derive(Debug, Clone, Copy, Default)]
struct Definition {
    right: i32,
    below: Merge,
    /// Whether it goes on with the cell to its left.
    goes_on_left: bool,
}

#[derive(Default)]
struct Row {
    left: i32,
    definitions: Vec<Definition>,
    cells: Vec<Vec<Content>>,
}

/// A table that is open.
#[derive(Default)]
struct Open {
    rows: Vec<Row>,
    /// Cells of the row that is open.
    cells: Vec<Vec<Content>>,
    /// What the open cell holds so far.
    content: Vec<Content>,
}

/// All tables that are open, outermost first, and the properties of the row that is described.
#[derive(Default)]
pub struct Tables {
    open: Vec<Open>,
    text: String,
    /// How deep in tables the open paragraph stands.
    level: usize,
    left: i32,
    definitions: Vec<Definition>,
    next: Definition,
    cells: usize,
}

/// Tables within one another.
const DEEPEST: usize = 32;

impl Tables {
    /// How many cells there are in tables that are not closed yet.
    pub fn cells(&self) -> usize {
        self.cells
    }

    /// Adds text to the open paragraph.
    pub fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Takes note of a word about tables.
    pub fn word(&mut self, word: &str, number: i32, is_on: bool) {
        match word {
            "pard" => self.level = 0,
            "intbl" => self.level = if is_on { self.level.max(1) } else { 0 },
            "itap" => self.level = usize::try_from(number).unwrap_or(0).min(DEEPEST),
            "trowd" => {
                self.definitions.clear();
                self.next = Definition::default();
                self.left = 0;
            }
            "trleft" => self.left = number,
            "clvmgf" => self.next.below = Merge::Begins,
            "clvmrg" => self.next.below = Merge::GoesOn,
            "clmrg" => self.next.goes_on_left = true,
            "cellx" => {
                let definition = std::mem::take(&mut self.next);
                self.definitions.push(Definition { right: number, ..definition });
            }
            _ => {}
        }
    }

    /// Ends the open paragraph: into its cell or, outside of tables, into the body.
    pub fn end_paragraph(&mut self, body: &mut Body<'_>) -> Result<(), Excess> {
        let text = std::mem::take(&mut self.text);
        if self.level == 0 {
            if !text.trim().is_empty() {
                self.close_all(body)?;
                body.text(&text);
                body.end_paragraph()?;
            }
            return Ok(());
        }
        self.reach(self.level);
        if let Some(open) = self.open.last_mut()
            && !text.trim().is_empty()
        {
            open.content.push(Content::Text(text));
        }
        Ok(())
    }

    /// Opens tables, or closes those that stand deeper, until the innermost is at a level.
    fn reach(&mut self, level: usize) {
        while self.open.len() > level {
            let Some(inner) = self.open.pop() else { return };
            if let Some(outer) = self.open.last_mut() {
                outer.content.push(Content::Table(inner.rows));
            }
        }
        self.open.resize_with(self.open.len().max(level), Open::default);
    }

    /// Ends a cell; only one of a nested table says so with a word of its own.
    pub fn end_cell(&mut self, is_nested: bool) {
        self.reach(if is_nested { self.level.max(2) } else { 1 });
        if let Some(open) = self.open.last_mut() {
            let content = std::mem::take(&mut open.content);
            open.cells.push(content);
            self.cells += 1;
        }
    }

    /// Ends a row, with the edges that were told last.
    pub fn end_row(&mut self, is_nested: bool) {
        if !is_nested {
            self.reach(1);
        }
        if let Some(open) = self.open.last_mut() {
            let cells = std::mem::take(&mut open.cells);
            open.rows.push(Row { left: self.left, definitions: self.definitions.clone(), cells });
        }
    }

    /// Closes all tables, and hands the outermost over to the body.
    pub fn close_all(&mut self, body: &mut Body<'_>) -> Result<(), Excess> {
        self.reach(self.open.len().min(1));
        let Some(mut table) = self.open.pop() else { return Ok(()) };
        // A row that is cut off at the end of the file is one all the same.
        if !table.cells.is_empty() {
            let cells = std::mem::take(&mut table.cells);
            table.rows.push(Row { left: self.left, definitions: self.definitions.clone(), cells });
        }
        self.cells = 0;
        hand_over(table.rows, body)
    }
}

/// Hands a table over to the body. Nesting is bounded by [`DEEPEST`].
fn hand_over(rows: Vec<Row>, body: &mut Body<'_>) -> Result<(), Excess> {
    let edges: BTreeSet<i32> = rows
        .iter()
        .flat_map(|row| row.definitions.iter().map(|definition| definition.right).chain([row.left]))
        .collect();
    let edges: Vec<i32> = edges.into_iter().collect();
    let column = |edge: i32| u32::try_from(edges.partition_point(|other| *other < edge)).unwrap_or(u32::MAX);
    body.open_table()?;
    for row in rows {
        let mut left = column(row.left);
        body.open_row(left);
        let mut cells = row.cells.into_iter();
        let mut definitions = row.definitions.iter().peekable();
        while let Some(definition) = definitions.next() {
            let mut right = column(definition.right);
            let content = cells.next().unwrap_or_default();
            let mut merged = Vec::new();
            while let Some(next) = definitions.next_if(|next| next.goes_on_left) {
                right = column(next.right);
                merged.extend(cells.next().unwrap_or_default());
            }
            let columns = right.saturating_sub(left).max(1);
            body.open_cell(Span { columns, rows: 1, merge: definition.below });
            for content in content.into_iter().chain(merged) {
                match content {
                    Content::Text(text) => {
                        body.text(&text);
                        body.end_paragraph()?;
                    }
                    Content::Table(rows) => hand_over(rows, body)?,
                }
            }
            body.close_cell()?;
            left = right;
        }
        for content in cells.flatten() {
            // More cells than edges: the file is broken, and nothing of it is lost.
            if let Content::Text(text) = content {
                body.open_cell(Span::default());
                body.text(&text);
                body.close_cell()?;
            }
        }
    }
    body.close_table()
}
