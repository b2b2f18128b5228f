//! Excel workbooks of 97–2003 (MS-XLS), and of 95, whose records are the same but for their strings.

use std::collections::BTreeMap;
use std::io::Read;

use super::biff::{Cursor, Record, Records, Writing, error, float, long, number, packed, typed_formula};
use super::sheet::{Area, Sheet};
use super::styles::Styles;
use super::value::{Value, doubt, shown};
use crate::format::Kind;
use crate::limits::Budget;
use crate::readers::aligned::Words;
use crate::readers::{Pages, Unreadable};

const KIND: &str = Kind::Xls.name();

const BEGIN: u16 = 0x809;
const END: u16 = 0x0A;

/// The version in the first record of a stream since 97.
const UNICODE_VERSION: u16 = 0x0600;
/// The version of 95.
const OLDER_VERSION: u16 = 0x0500;

fn damaged(problem: impl Into<String>) -> Unreadable {
    Unreadable::Damaged { name: KIND, problem: problem.into() }
}

/// Reads a workbook.
pub fn read(bytes: &[u8], words: &Words, budget: &mut Budget, pages: &mut Pages) -> Result<(), Unreadable> {
    let stream = stream(bytes, budget)?;
    let mut book = Book::read(&stream, budget)?;
    for entry in std::mem::take(&mut book.entries) {
        let mut sheet = Sheet::new(&entry.name, entry.hidden);
        read_sheet(&stream, entry.at, &mut book, &mut sheet, budget)?;
        sheet.finish(words, budget, pages)?;
    }
    Ok(())
}

fn stream(bytes: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Unreadable> {
    let problem = |error: std::io::Error| damaged(format!("its streams cannot be read ({error})"));
    let mut file = cfb::CompoundFile::open(std::io::Cursor::new(bytes)).map_err(problem)?;
    let name = if file.exists("/Workbook") { "/Workbook" } else { "/Book" };
    let stream = file.open_stream(name).map_err(problem)?;
    let mut inflated = Vec::new();
    stream.take(budget.inflated_left().saturating_add(1)).read_to_end(&mut inflated).map_err(problem)?;
    budget.inflate(inflated.len() as u64)?;
    Ok(inflated)
}

struct Entry {
    name: String,
    hidden: bool,
    at: usize,
}

/// What all sheets share.
struct Book {
    entries: Vec<Entry>,
    styles: Styles,
    texts: Vec<String>,
    epoch_1904: bool,
    writing: Writing,
}

impl Book {
    fn read(stream: &[u8], budget: &mut Budget) -> Result<Self, Unreadable> {
        let mut records = Records::new(stream, 0);
        let version = records.next().filter(|record| record.kind == BEGIN);
        let version = version.and_then(|record| number(record.pieces[0], 0));
        if !matches!(version, Some(UNICODE_VERSION | OLDER_VERSION)) {
            return Err(damaged("it does not begin as a workbook since Excel 95 does"));
        }
        let unicode = version == Some(UNICODE_VERSION);
        let mut book = Self {
            entries: Vec::new(),
            styles: Styles::default(),
            texts: Vec::new(),
            epoch_1904: false,
            writing: Writing::of_code_page(unicode, 936),
        };
        for record in records {
            let first = record.pieces[0];
            match record.kind {
                END => break,
                // FilePass
                0x2F => return Err(Unreadable::Protected { name: KIND }),
                0x42 => book.writing = Writing::of_code_page(unicode, number(first, 0).unwrap_or(936)),
                0x22 => book.epoch_1904 = number(first, 0) == Some(1),
                0x85 => {
                    budget.sheet()?;
                    book.entries.extend(book.entry(&record));
                }
                0x41E => {
                    if let (Some(id), Some(code)) =
                        (number(first, 0), Cursor::new(&record.pieces, 2).string(book.writing, !unicode))
                    {
                        book.styles.add_code(u32::from(id), code);
                    }
                }
                0xE0 => book.styles.add_style(number(first, 2).map_or(0, u32::from)),
                0xFC => book.read_texts(&record, budget)?,
                _ => {}
            }
        }
        Ok(book)
    }

    /// A sheet; none where it is a chart or a macro.
    fn entry(&self, record: &Record<'_>) -> Option<Entry> {
        let first = record.pieces[0];
        let name = Cursor::new(&record.pieces, 6).string(self.writing, true)?;
        let at = usize::try_from(long(first, 0)?).ok()?;
        (*first.get(5)? == 0).then_some(Entry { name, hidden: first.get(4)? & 3 != 0, at })
    }

    /// The texts that cells share.
    fn read_texts(&mut self, record: &Record<'_>, budget: &mut Budget) -> Result<(), Unreadable> {
        let count = long(record.pieces[0], 4).unwrap_or(0);
        let mut cursor = Cursor::new(&record.pieces, 8);
        for _ in 0..count {
            let text = cursor.string(self.writing, false);
            let text = text.ok_or_else(|| damaged("the list of its texts ends too early"))?;
            budget.inflate(text.len() as u64)?;
            budget.room(self.texts.len() + 1, &jixiao_model::Place::Page(1))?;
            self.texts.push(text);
        }
        Ok(())
    }
}

/// A cell whose formula is known only when the whole sheet is read.
struct Calculated {
    row: u32,
    column: u32,
    style: usize,
    value: Value,
    tokens: Vec<u8>,
}

fn read_sheet(
    stream: &[u8],
    at: usize,
    book: &mut Book,
    sheet: &mut Sheet,
    budget: &mut Budget,
) -> Result<(), Unreadable> {
    let mut calculated: Vec<Calculated> = Vec::new();
    let mut shared: BTreeMap<(u32, u32), Vec<u8>> = BTreeMap::new();
    let mut depth = 0;
    for record in Records::new(stream, at) {
        // Any number of sheets may begin in the same records, so what is read for each is counted.
        budget.inflate(record.size())?;
        match record.kind {
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            // A chart within the sheet has records of its own.
            _ if depth > 1 => {}
            // The result of the formula before, where that is a text.
            0x207 => {
                if let Some(text) = Cursor::new(&record.pieces, 0).string(book.writing, false)
                    && let Some(last) = calculated.last_mut()
                {
                    budget.inflate(text.len() as u64)?;
                    last.value = Value::Text(text);
                }
            }
            // A formula that cells share, behind the first of them.
            0x4BC => {
                if let (Some(last), Some(tokens)) = (calculated.last(), tokens(record.pieces[0], 8)) {
                    shared.insert((last.row, last.column), tokens);
                }
            }
            0x06 => {
                if let Some(cell) = formula(record.pieces[0]) {
                    budget.room_at(calculated.len() + 1, || sheet.place(cell.row, cell.column))?;
                    calculated.push(cell);
                }
            }
            _ => read_record(&record, book, sheet, budget)?,
        }
    }
    for cell in calculated {
        let tokens = match cell.tokens.as_slice() {
            [1, rest @ ..] => {
                let master =
                    number(rest, 0).zip(number(rest, 2)).map(|(row, column)| (row.into(), column.into()));
                master.and_then(|master| shared.get(&master)).map_or(&[][..], Vec::as_slice)
            }
            tokens => tokens,
        };
        let formula = typed_formula(tokens, book.writing);
        let shown = shown(&cell.value, book.styles.format(cell.style), formula.as_deref(), book.epoch_1904);
        let is_lost = match &cell.value {
            Value::Error(error) => ["#NAME?", "#N/A", "#VALUE!"].contains(&error.as_str()),
            value => *value == Value::Absent,
        };
        let doubt = (is_lost && formula.is_none()).then(|| {
            format!(
                "the cell shows \"{}\", and the formula in it is not one that was typed as a text",
                shown.text
            )
        });
        if let Some(doubt) = shown.doubt.or(doubt) {
            sheet.doubt(cell.row, cell.column, doubt);
        }
        sheet.push(cell.row, cell.column, &shown.text, budget)?;
    }
    Ok(())
}

/// The tokens of a formula, behind their length.
fn tokens(bytes: &[u8], at: usize) -> Option<Vec<u8>> {
    let length = usize::from(number(bytes, at)?);
    Some(bytes.get(at + 2..at + 2 + length)?.to_vec())
}

/// 2.4.127, with the value as 2.5.133 has it.
fn formula(bytes: &[u8]) -> Option<Calculated> {
    let value = match (number(bytes, 12)?, bytes[6]) {
        (0xFFFF, 1) => Value::Bool(bytes[8] != 0),
        (0xFFFF, 2) => Value::Error(error(bytes[8]).to_owned()),
        // An empty text, or one that stands in the next record. Where the formula is to be calculated whenever the file
        // is opened, and no record follows, its value was never known.
        (0xFFFF, _) if bytes.get(14)? & 1 != 0 => Value::Absent,
        (0xFFFF, _) => Value::Text(String::new()),
        _ => Value::Number(float(bytes, 6)?),
    };
    Some(Calculated {
        row: number(bytes, 0)?.into(),
        column: number(bytes, 2)?.into(),
        style: number(bytes, 4)?.into(),
        value,
        tokens: tokens(bytes, 20).unwrap_or_default(),
    })
}

/// A record that needs no other.
fn read_record(
    record: &Record<'_>,
    book: &mut Book,
    sheet: &mut Sheet,
    budget: &mut Budget,
) -> Result<(), Unreadable> {
    let bytes = record.pieces[0];
    let at = |position: usize| number(bytes, position).map(u32::from);
    let (Some(row), Some(column), style) = (at(0), at(2), at(4).unwrap_or(0) as usize) else { return Ok(()) };
    let value = match record.kind {
        // LabelSst, Label, RString
        0xFD => {
            let index = long(bytes, 6).and_then(|index| usize::try_from(index).ok());
            let text = index.and_then(|index| book.texts.get(index));
            Some(Value::Text(text.map_or("\u{FFFD}", String::as_str).to_owned()))
        }
        0x204 | 0xD6 => Cursor::new(&record.pieces, 6).string(book.writing, false).map(Value::Text),
        0x203 => float(bytes, 6).map(Value::Number),
        0x27E => long(bytes, 6).map(|bits| Value::Number(packed(bits))),
        0x205 => bytes.get(6).zip(bytes.get(7)).map(|(value, is_error)| match is_error {
            0 => Value::Bool(*value != 0),
            _ => Value::Error(error(*value).to_owned()),
        }),
        // MulRk
        0xBD => {
            let cells = bytes.get(4..bytes.len().saturating_sub(2)).unwrap_or_default();
            for (cell, column) in cells.chunks_exact(6).zip(column..) {
                let (Some(style), Some(bits)) = (number(cell, 0), long(cell, 2)) else { continue };
                push(sheet, (row, column), &Value::Number(packed(bits)), usize::from(style), book, budget)?;
            }
            None
        }
        // MergeCells
        0xE5 => {
            for area in bytes.get(2..).unwrap_or_default().chunks_exact(8) {
                let at = |position: usize| number(area, position).map_or(0, u32::from);
                let area =
                    Area { first_row: at(0), last_row: at(2), first_column: at(4), last_column: at(6) };
                sheet.merge(area, budget)?;
            }
            None
        }
        // Row
        0x208 => {
            if bytes.get(12).is_some_and(|flags| flags & 0x20 != 0) {
                sheet.hidden_rows.push((row, row));
            }
            None
        }
        // ColInfo: first and last
        0x7D => {
            if bytes.get(8).is_some_and(|flags| flags & 1 != 0) {
                sheet.hidden_columns.push((row, column));
            }
            None
        }
        _ => None,
    };
    value.map_or(Ok(()), |value| push(sheet, (row, column), &value, style, book, budget))
}

fn push(
    sheet: &mut Sheet,
    (row, column): (u32, u32),
    value: &Value,
    style: usize,
    book: &mut Book,
    budget: &mut Budget,
) -> Result<(), Unreadable> {
    let shown = shown(value, book.styles.format(style), None, book.epoch_1904);
    if let Some(doubt) = doubt(value) {
        sheet.doubt(row, column, doubt);
    }
    Ok(sheet.push(row, column, &shown.text, budget)?)
}
