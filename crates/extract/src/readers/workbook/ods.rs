//! OpenDocument spreadsheets (ISO/IEC 26300-1, *table:table*).
//!
//! Here each cell holds its text as shown, so number formats need not be known.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::decimal::general;
use super::sheet::{Area, Sheet};
use super::value::{Value, shown};
use crate::format::Kind;
use crate::limits::Budget;
use crate::readers::aligned::Words;
use crate::readers::package::Package;
use crate::readers::xml::{Element, Event, walk};
use crate::readers::{Pages, Unreadable};

const KIND: &str = Kind::Ods.name();
const CONTENT: &str = "content.xml";

/// Elements within a cell that are no text of it.
const ASIDE: [&str; 3] = ["annotation", "frame", "shapes"];

/// Reads a spreadsheet.
pub fn read(bytes: &[u8], words: &Words, budget: &mut Budget, pages: &mut Pages) -> Result<(), Unreadable> {
    let damaged = |problem: String| Unreadable::Damaged { name: KIND, problem };
    let mut package =
        Package::open(bytes).ok_or_else(|| damaged("its list of parts cannot be read".into()))?;
    package.refuse_encrypted(KIND, budget)?;
    let content = package.part(CONTENT, KIND, budget)?;
    let content = content.ok_or_else(|| damaged(format!("it has no part {CONTENT}")))?;
    let mut reading = Reading {
        words,
        budget,
        pages,
        hidden_styles: BTreeSet::new(),
        style: String::new(),
        sheet: None,
        row: 0,
        row_repeated: 1,
        row_cells: Vec::new(),
        column: 0,
        declared_column: 0,
        cell: None,
        paragraphs: 0,
        aside: 0,
    };
    let replaced = walk(&content, (CONTENT, KIND), |event| reading.event(event))?;
    pages.replacement_count += replaced;
    Ok(())
}

/// A cell that is being read.
struct OpenCell {
    column: u32,
    repeated: u32,
    spans: (u32, u32),
    formula: Option<String>,
    value: Value,
    text: String,
    paragraphs: usize,
}

struct Reading<'r> {
    words: &'r Words,
    budget: &'r mut Budget,
    pages: &'r mut Pages,
    /// Styles of tables that are not shown.
    hidden_styles: BTreeSet<String>,
    /// The style that is being read.
    style: String,
    sheet: Option<Sheet>,
    row: u32,
    row_repeated: u32,
    /// Cells of the row: column, how often they are repeated, text.
    row_cells: Vec<(u32, u32, String)>,
    column: u32,
    declared_column: u32,
    cell: Option<OpenCell>,
    /// How many paragraphs are open; text stands in them only.
    paragraphs: usize,
    /// How many elements are open that are no text of the cell.
    aside: usize,
}

impl Reading<'_> {
    fn event(&mut self, event: Event<'_>) -> Result<(), Unreadable> {
        match event {
            Event::Open(element) if ASIDE.contains(&element.name()) => self.aside += 1,
            Event::Close(name) if ASIDE.contains(&name) => self.aside = self.aside.saturating_sub(1),
            _ if self.aside > 0 => {}
            Event::Open(element) => self.open(element)?,
            Event::Close(name) => self.close(name)?,
            Event::Text(text) if self.paragraphs > 0 => {
                if let Some(cell) = &mut self.cell {
                    push_collapsed(&mut cell.text, text);
                }
            }
            Event::Text(_) => {}
        }
        Ok(())
    }

    fn open(&mut self, element: &Element<'_>) -> Result<(), Unreadable> {
        let repeated = |name: &str| element.number_up_to(name, u32::MAX).unwrap_or(1).max(1);
        let is_hidden = || element.attribute("visibility").is_some_and(|visibility| visibility != "visible");
        match element.name() {
            "style" => self.style = element.text("name"),
            "table-properties" if element.attribute("display").is_some_and(|display| display == "false") => {
                self.hidden_styles.insert(self.style.clone());
            }
            "table" if self.sheet.is_none() => {
                self.budget.sheet()?;
                let style = element.text("style-name");
                let name = element.text("name");
                self.sheet = Some(Sheet::new(&name, self.hidden_styles.contains(&style)));
                (self.row, self.declared_column) = (0, 0);
            }
            "table-column" => {
                let first = self.declared_column;
                self.declared_column = first.saturating_add(repeated("number-columns-repeated"));
                if let Some(sheet) = self.sheet.as_mut().filter(|_| is_hidden()) {
                    sheet.hidden_columns.push((first, self.declared_column - 1));
                }
            }
            "table-row" => {
                self.row_repeated = repeated("number-rows-repeated");
                self.column = 0;
                if let Some(sheet) = self.sheet.as_mut().filter(|_| is_hidden()) {
                    sheet.hidden_rows.push((self.row, self.row.saturating_add(self.row_repeated - 1)));
                }
            }
            "table-cell" | "covered-table-cell" => {
                let repeated = repeated("number-columns-repeated");
                let span = |name: &str| element.number_up_to(name, u32::MAX).unwrap_or(1).max(1);
                self.cell = Some(OpenCell {
                    column: self.column,
                    repeated,
                    spans: (span("number-rows-spanned"), span("number-columns-spanned")),
                    formula: element.attribute("formula").map(Cow::into_owned),
                    value: value(element),
                    text: String::new(),
                    paragraphs: 0,
                });
                self.column = self.column.saturating_add(repeated);
            }
            _ => self.open_text(element)?,
        }
        Ok(())
    }

    fn open_text(&mut self, element: &Element<'_>) -> Result<(), Unreadable> {
        let Some(cell) = &mut self.cell else { return Ok(()) };
        match element.name() {
            "p" | "h" => {
                if cell.paragraphs > 0 {
                    cell.text.push('\n');
                }
                cell.paragraphs += 1;
                self.paragraphs += 1;
            }
            "line-break" => cell.text.push('\n'),
            "tab" => cell.text.push('\t'),
            "s" => {
                // More blanks than anybody types say nothing.
                let count = element.number("c").unwrap_or(1).min(100);
                self.budget.inflate(count.into())?;
                cell.text.extend((0..count).map(|_| ' '));
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), Unreadable> {
        match name {
            "p" | "h" => self.paragraphs = self.paragraphs.saturating_sub(1),
            "table-cell" | "covered-table-cell" => {
                if let Some(cell) = self.cell.take() {
                    self.finish_cell(cell)?;
                }
            }
            "table-row" => self.finish_row()?,
            "table" => {
                if let Some(sheet) = self.sheet.take() {
                    sheet.finish(self.words, self.budget, self.pages)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish_cell(&mut self, cell: OpenCell) -> Result<(), Unreadable> {
        let Some(sheet) = &mut self.sheet else { return Ok(()) };
        let value = match cell.text.trim() {
            "" => cell.value,
            error if error.starts_with('#') || error.starts_with("Err:") => Value::Error(error.to_owned()),
            _ => Value::Text(cell.text),
        };
        let formula = cell.formula.as_deref().map(without_prefix);
        let shown = shown(&value, None, formula, false);
        if let Some(doubt) = shown.doubt {
            sheet.doubt(self.row, cell.column, doubt);
        }
        if cell.spans != (1, 1) {
            let area = Area {
                first_row: self.row,
                last_row: self.row.saturating_add(cell.spans.0 - 1),
                first_column: cell.column,
                last_column: cell.column.saturating_add(cell.spans.1 - 1),
            };
            sheet.merge(area, self.budget)?;
        }
        if !shown.text.trim().is_empty() {
            self.row_cells.push((cell.column, cell.repeated, shown.text));
        }
        Ok(())
    }

    fn finish_row(&mut self) -> Result<(), Unreadable> {
        let cells = std::mem::take(&mut self.row_cells);
        let rows = self.row..self.row.saturating_add(self.row_repeated);
        self.row = rows.end;
        let Some(sheet) = &mut self.sheet else { return Ok(()) };
        if cells.is_empty() {
            return Ok(());
        }
        for row in rows {
            for (column, repeated, text) in &cells {
                for at in *column..column.saturating_add(*repeated) {
                    sheet.push(row, at, text, self.budget)?;
                }
            }
        }
        Ok(())
    }
}

/// The value of a cell that does not hold its text, which some writers leave out.
fn value(element: &Element<'_>) -> Value {
    let number = || element.attribute("value").and_then(|value| value.trim().parse::<f64>().ok());
    let text =
        |name: &str| element.attribute(name).map_or(Value::Absent, |text| Value::Text(text.into_owned()));
    match element.attribute("value-type").as_deref() {
        Some("percentage") => number().map_or(Value::Absent, |value| {
            let mut percent = general(value * 100.0);
            percent.push('%');
            Value::Text(percent)
        }),
        Some("float" | "currency") => number().map_or(Value::Absent, Value::Number),
        Some("date") => text("date-value"),
        Some("time") => text("time-value"),
        Some("boolean") => match element.attribute("boolean-value").as_deref() {
            Some("true") => Value::Bool(true),
            Some("false") => Value::Bool(false),
            _ => Value::Absent,
        },
        Some("string") => text("string-value"),
        _ => Value::Absent,
    }
}

/// A formula without what says its language: `of:=100%`.
fn without_prefix(formula: &str) -> &str {
    formula.split_once('=').map_or(formula, |(_, formula)| formula)
}

/// Adds text with its runs of white space as single blanks (6.1.2).
fn push_collapsed(text: &mut String, added: &str) {
    for character in added.chars() {
        if !matches!(character, ' ' | '\t' | '\r' | '\n') {
            text.push(character);
        } else if !text.is_empty() && !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
    }
}
