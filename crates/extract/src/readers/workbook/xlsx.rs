//! Excel workbooks since 2007 (ECMA-376, part 1, 18).

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::{Area, Sheet};
use super::styles::Styles;
use super::value::{Value, doubt, shown};
use crate::format::Kind;
use crate::limits::Budget;
use crate::readers::aligned::Words;
use crate::readers::package::Package;
use crate::readers::xml::{Element, Event, walk};
use crate::readers::{Pages, Unreadable};

const KIND: &str = Kind::Xlsx.name();
const WORKBOOK: &str = "xl/workbook.xml";

/// A sheet as the workbook names it.
struct Entry {
    name: String,
    hidden: bool,
    relation: String,
}

/// Reads a workbook.
pub fn read(bytes: &[u8], words: &Words, budget: &mut Budget, pages: &mut Pages) -> Result<(), Unreadable> {
    let damaged = |problem: String| Unreadable::Damaged { name: KIND, problem };
    let mut package =
        Package::open(bytes).ok_or_else(|| damaged("its list of parts cannot be read".into()))?;
    let workbook = package.part(WORKBOOK, KIND, budget)?;
    let workbook = workbook.ok_or_else(|| damaged(format!("it has no part {WORKBOOK}")))?;
    let (entries, epoch_1904) = entries(&workbook, budget)?;
    let relations = match package.part("xl/_rels/workbook.xml.rels", KIND, budget)? {
        Some(part) => relations(&part, &entries)?,
        None => BTreeMap::new(),
    };
    let target =
        |kind: &str| relations.values().find(|(of, _)| of.ends_with(kind)).map(|(_, target)| target.as_str());
    let styles = package.part(target("/styles").unwrap_or("xl/styles.xml"), KIND, budget)?;
    let mut styles = styles.map_or_else(|| Ok(Styles::default()), |part| read_styles(&part))?;
    let texts = package.part(target("/sharedStrings").unwrap_or("xl/sharedStrings.xml"), KIND, budget)?;
    let texts = texts.map_or_else(|| Ok(Texts::default()), |part| Texts::read(&part, budget))?;
    pages.replacement_count += texts.replaced;
    for entry in &entries {
        let Some((kind, target)) = relations.get(&entry.relation) else {
            return Err(damaged(format!("it does not say where its sheet {} is", entry.name)));
        };
        if !kind.ends_with("/worksheet") {
            continue;
        }
        let part = package.part(target, KIND, budget)?;
        let part = part.ok_or_else(|| damaged(format!("its sheet {} is not in it", entry.name)))?;
        let mut reading = Reading {
            sheet: Sheet::new(&entry.name, entry.hidden),
            styles: &mut styles,
            texts: &texts,
            epoch_1904,
            budget,
            next: (0, 0),
            cell: None,
            within: Within::Nothing,
            in_phonetic: false,
            shared_formulas: BTreeMap::new(),
        };
        pages.replacement_count += walk(&part, (target, KIND), |event| reading.event(event))?;
        let sheet = reading.sheet;
        sheet.finish(words, budget, pages)?;
    }
    Ok(())
}

fn entries(part: &[u8], budget: &mut Budget) -> Result<(Vec<Entry>, bool), Unreadable> {
    let mut entries = Vec::new();
    let mut epoch_1904 = false;
    walk(part, (WORKBOOK, KIND), |event| {
        match event {
            Event::Open(element) if element.name() == "sheet" => {
                budget.sheet()?;
                entries.push(Entry {
                    name: element.text("name"),
                    hidden: element.attribute("state").is_some_and(|state| state != "visible"),
                    relation: element.text("id"),
                });
            }
            Event::Open(element) if element.name() == "workbookPr" => epoch_1904 = element.is("date1904"),
            _ => {}
        }
        Ok(())
    })?;
    Ok((entries, epoch_1904))
}

/// Relations by their identifiers: what each is, and the part that it names (ECMA-376, part 2, 9.3). Only those of these sheets,
/// of styles and texts are kept: the part may name millions.
fn relations(part: &[u8], sheets: &[Entry]) -> Result<BTreeMap<String, (String, String)>, Unreadable> {
    /// A workbook has one of each.
    const MOST_OTHERS: usize = 10;
    let sheets: BTreeSet<&str> = sheets.iter().map(|sheet| sheet.relation.as_str()).collect();
    let mut relations = BTreeMap::new();
    let mut others = 0;
    walk(part, ("xl/_rels/workbook.xml.rels", KIND), |event| {
        if let Event::Open(element) = event
            && element.name() == "Relationship"
            && let (Some(id), Some(target)) = (element.attribute("Id"), element.attribute("Target"))
        {
            let kind = element.text("Type");
            let is_other = kind.ends_with("/styles") || kind.ends_with("/sharedStrings");
            others += usize::from(is_other);
            if sheets.contains(id.as_ref()) || (is_other && others <= MOST_OTHERS) {
                let target = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
                relations.insert(id.into_owned(), (kind, target));
            }
        }
        Ok(())
    })?;
    Ok(relations)
}

fn read_styles(part: &[u8]) -> Result<Styles, Unreadable> {
    let mut styles = Styles::default();
    let mut in_cells = false;
    walk(part, ("xl/styles.xml", KIND), |event| {
        match event {
            Event::Open(element) => match element.name() {
                "cellXfs" => in_cells = true,
                "xf" if in_cells => styles.add_style(element.number("numFmtId").unwrap_or(0)),
                "numFmt" => {
                    if let (Some(id), Some(code)) =
                        (element.number("numFmtId"), element.attribute("formatCode"))
                    {
                        styles.add_code(id, code.into_owned());
                    }
                }
                _ => {}
            },
            Event::Close("cellXfs") => in_cells = false,
            _ => {}
        }
        Ok(())
    })?;
    Ok(styles)
}

/// The texts that cells share, in one string.
#[derive(Default)]
struct Texts {
    text: String,
    ends: Vec<usize>,
    /// How many characters could not be decoded.
    replaced: u64,
}

impl Texts {
    fn read(part: &[u8], budget: &Budget) -> Result<Self, Unreadable> {
        let mut texts = Self::default();
        let (mut in_text, mut in_phonetic) = (false, false);
        let replaced = walk(part, ("xl/sharedStrings.xml", KIND), |event| {
            match event {
                Event::Open(element) if element.name() == "t" => in_text = true,
                Event::Open(element) if element.name() == "rPh" => in_phonetic = true,
                Event::Close("t") => in_text = false,
                Event::Close("rPh") => in_phonetic = false,
                Event::Close("si") => {
                    budget.room(texts.ends.len() + 1, &jixiao_model::Place::Page(1))?;
                    texts.ends.push(texts.text.len());
                }
                Event::Text(text) if in_text && !in_phonetic => texts.text.push_str(text),
                _ => {}
            }
            Ok(())
        })?;
        texts.replaced = replaced;
        Ok(texts)
    }

    fn get(&self, index: usize) -> Option<&str> {
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start..*self.ends.get(index)?)
    }
}

/// The cell that is being read.
#[derive(Default)]
struct OpenCell {
    row: u32,
    column: u32,
    kind: String,
    style: usize,
    value: String,
    text: String,
    formula: Option<String>,
    shared: Option<u32>,
}

#[derive(PartialEq, Eq)]
enum Within {
    Nothing,
    Value,
    Formula,
    Text,
}

struct Reading<'r> {
    sheet: Sheet,
    styles: &'r mut Styles,
    texts: &'r Texts,
    epoch_1904: bool,
    budget: &'r mut Budget,
    /// Where a row and a cell stand that do not say it.
    next: (u32, u32),
    cell: Option<OpenCell>,
    within: Within,
    in_phonetic: bool,
    shared_formulas: BTreeMap<u32, String>,
}

impl Reading<'_> {
    fn event(&mut self, event: Event<'_>) -> Result<(), Unreadable> {
        match event {
            Event::Open(element) => self.open(element)?,
            Event::Close("c") => {
                if let Some(cell) = self.cell.take() {
                    self.finish_cell(cell)?;
                }
            }
            Event::Close("v" | "f" | "t") => self.within = Within::Nothing,
            Event::Close("rPh") => self.in_phonetic = false,
            Event::Close("row") => self.next = (self.next.0.saturating_add(1), 0),
            Event::Close(_) => {}
            Event::Text(text) => {
                if let Some(cell) = &mut self.cell {
                    match self.within {
                        Within::Value => cell.value.push_str(text),
                        Within::Formula => cell.formula.get_or_insert_default().push_str(text),
                        Within::Text if !self.in_phonetic => cell.text.push_str(text),
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    fn open(&mut self, element: &Element<'_>) -> Result<(), Unreadable> {
        match element.name() {
            "row" => {
                let row = element.number("r").map_or(self.next.0, |number| number.saturating_sub(1));
                self.next = (row, 0);
                if element.is("hidden") {
                    self.sheet.hidden_rows.push((row, row));
                }
            }
            "c" => {
                let position = element.attribute("r").and_then(|name| position(&name));
                let (row, column) = position.unwrap_or(self.next);
                self.next = (row, column.saturating_add(1));
                self.cell = Some(OpenCell {
                    row,
                    column,
                    kind: element.text("t"),
                    style: element.number("s").unwrap_or(0) as usize,
                    ..OpenCell::default()
                });
            }
            "v" => self.within = Within::Value,
            "t" => self.within = Within::Text,
            "f" => {
                self.within = Within::Formula;
                if let Some(cell) = &mut self.cell {
                    let kind = element.attribute("t");
                    let is_shared = kind.as_deref() == Some("shared");
                    cell.shared = element.number("si").filter(|_| is_shared);
                    if kind.is_none() {
                        // One that stays empty is a sign with nothing behind it.
                        cell.formula.get_or_insert_default();
                    }
                }
            }
            "rPh" => self.in_phonetic = true,
            "col" if element.is("hidden") => {
                let first = element.number("min").unwrap_or(1).saturating_sub(1);
                let last = element.number("max").unwrap_or(1).saturating_sub(1);
                self.sheet.hidden_columns.push((first, last));
            }
            "mergeCell" => {
                if let Some(area) = element.attribute("ref").and_then(|reference| area(&reference)) {
                    self.sheet.merge(area, self.budget)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish_cell(&mut self, mut cell: OpenCell) -> Result<(), Unreadable> {
        if let Some(shared) = cell.shared {
            match &cell.formula {
                Some(formula) => _ = self.shared_formulas.insert(shared, formula.clone()),
                None => {
                    cell.formula = self.shared_formulas.get(&shared).cloned();
                    self.budget.inflate(cell.formula.as_ref().map_or(0, String::len) as u64)?;
                }
            }
        }
        let value = match cell.kind.as_str() {
            "inlineStr" => Value::Text(unescape(&cell.text)),
            "s" if !cell.value.is_empty() => {
                let text = cell.value.trim().parse().ok().and_then(|index| self.texts.get(index));
                Value::Text(unescape(text.unwrap_or("\u{FFFD}")))
            }
            // A calculation may give an empty text, and says so.
            "str" => Value::Text(unescape(&cell.value)),
            _ if cell.value.is_empty() => Value::Absent,
            "d" => Value::Text(cell.value),
            "b" => Value::Bool(cell.value.trim() == "1"),
            "e" => Value::Error(cell.value),
            _ => cell.value.trim().parse().map_or(Value::Text(cell.value), Value::Number),
        };
        let format = self.styles.format(cell.style);
        let shown = shown(&value, format, cell.formula.as_deref(), self.epoch_1904);
        let doubt =
            if cell.formula.as_deref().is_none_or(str::is_empty) { doubt(&value) } else { shown.doubt };
        if let Some(doubt) = doubt {
            self.sheet.doubt(cell.row, cell.column, doubt);
        }
        Ok(self.sheet.push(cell.row, cell.column, &shown.text, self.budget)?)
    }
}

/// `B7` as row and column from 0 (18.18.62). A name beyond XFD1048576 is none.
fn position(name: &str) -> Option<(u32, u32)> {
    let name = name.replace('$', "");
    let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let letters = name.strip_suffix(digits)?;
    if letters.len() > 3 {
        return None;
    }
    let column = letters
        .bytes()
        .fold(0, |column, letter| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row: u32 = digits.parse().ok()?;
    ((1..=16_384).contains(&column) && (1..=1_048_576).contains(&row)).then(|| (row - 1, column - 1))
}

/// `A1:C3`.
fn area(reference: &str) -> Option<Area> {
    let (first, last) = reference.split_once(':')?;
    let ((first_row, first_column), (last_row, last_column)) = (position(first)?, position(last)?);
    Some(Area { first_row, last_row, first_column, last_column })
}

/// Characters that XML cannot hold are written `_x000D_` (22.9.2.19).
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        plain.push_str(before);
        let code = from.get(2..6).filter(|_| from.get(6..7) == Some("_"));
        let character = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        match character {
            Some(character) => {
                plain.push(character);
                rest = from.get(7..).unwrap_or_default();
            }
            None => {
                plain.push_str("_x");
                rest = from.get(2..).unwrap_or_default();
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_cells_are_positions() {
        for (name, expected) in [
            ("A1", Some((0, 0))),
            ("XFD1048576", Some((1_048_575, 16_383))),
            ("XFE1", None),
            ("A1048577", None),
            ("A0", None),
            ("AAAA1", None),
            ("甲1", None),
            ("", None),
        ] {
            assert_eq!(position(name), expected, "{name}");
        }
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_escaped() {
        for (text, expected) in
            [("甲_x000D_\n乙", "甲\r\n乙"), ("_x005F_x000D_", "_x000D_"), ("a_xyz_x甲", "a_xyz_x甲")]
        {
            assert_eq!(unescape(text), expected);
        }
    }
}
