//! Where in a document something stands, as a person would look it up.

use std::fmt;

use serde::{Serialize, Serializer};

/// A place in a source document. Its printed form is short and stable, since analysts filter on it:
/// `L12` (line 12 of a text or of an HTML source), `p3` (page 3), `Sheet1!B7` (a cell of a sheet), and in documents of
/// Word, whose pages are made only when they are printed, `¶12` (paragraph 12 outside of tables) and `T2!B7` (a cell of
/// table 2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A line of the decoded source, counted from 1.
    Line(u32),
    /// A page, counted from 1.
    Page(u32),
    /// A paragraph outside of any table, counted from 1.
    Paragraph(u32),
    /// A cell of a workbook, or of a table of a document.
    Cell {
        /// The sheet's name as its author wrote it; `T2` of the second table of a document.
        sheet: String,
        /// Zero-based row.
        row: u32,
        /// Zero-based column.
        column: u32,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, number) = match self {
            Self::Line(line) => ("L", *line),
            Self::Page(page) => ("p", *page),
            Self::Paragraph(paragraph) => ("¶", *paragraph),
            Self::Cell { sheet, row, column } => {
                return write!(f, "{sheet}!{}{}", column_letters(*column), row + 1);
            }
        };
        // Nearly every row of a table has its place printed: not by a formatter, which would ask how to pad it.
        f.write_str(before)?;
        f.write_str(itoa::Buffer::new().format(number))
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The letters of a spreadsheet column: 0 is `A`, 25 `Z`, 26 `AA` (ECMA-376, part 1, 18.18.62).
fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    loop {
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_print_as_people_write_them() {
        let cell = |column| Place::Cell { sheet: "Sheet1".into(), row: 6, column };
        for (place, printed) in [
            (Place::Line(12), "L12"),
            (Place::Page(3), "p3"),
            (Place::Paragraph(12), "¶12"),
            (cell(1), "Sheet1!B7"),
            (cell(25), "Sheet1!Z7"),
            (cell(26), "Sheet1!AA7"),
            (cell(16383), "Sheet1!XFD7"),
        ] {
            assert_eq!(place.to_string(), printed);
        }
    }
}
