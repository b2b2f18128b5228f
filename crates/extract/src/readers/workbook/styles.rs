//! The number formats of a workbook, by the styles that its cells name.

use std::collections::BTreeMap;

use super::format_code::{Format, built_in, parse};

/// Number formats, and which of them each style has.
#[derive(Debug, Default)]
pub struct Styles {
    /// Codes that the workbook spells out.
    codes: BTreeMap<u32, String>,
    /// The number of the format of each style.
    styles: Vec<u32>,
    /// Formats that were read, by their numbers.
    formats: BTreeMap<u32, Option<Format>>,
}

impl Styles {
    /// Adds a code.
    pub fn add_code(&mut self, id: u32, code: String) {
        self.codes.insert(id, code);
    }

    /// Adds the next style.
    pub fn add_style(&mut self, format: u32) {
        self.styles.push(format);
    }

    /// The format of a style, if it has one that is understood.
    pub fn format(&mut self, style: usize) -> Option<&Format> {
        let id = *self.styles.get(style)?;
        let codes = &self.codes;
        let read = || parse(codes.get(&id).map_or_else(|| built_in(id), String::as_str));
        self.formats.entry(id).or_insert_with(read).as_ref()
    }
}
