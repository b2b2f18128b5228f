//! Pages as Rich Text Format 1.9, with characters in `\u` and merged cells as Word marks them.

use std::fmt::Write;

use crate::page::{Part, Slot, Table};

/// The width of a column, in twentieths of a point.
const COLUMN: usize = 2_000;

/// A document.
pub fn rtf(parts: &[Part]) -> Vec<u8> {
    let mut rtf = "{\\rtf1\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0\\fcharset134 SimSun;}}\n".to_owned();
    for part in parts {
        match part {
            Part::Line(line) => {
                let _ = writeln!(rtf, "\\pard {}\\par", escaped(line));
            }
            Part::Table(table) => rtf += &rows(table),
        }
    }
    (rtf + "}").into_bytes()
}

fn rows(table: &Table) -> String {
    let mut rtf = String::new();
    for row in table.slots() {
        rtf += "\\trowd\\trleft0";
        let mut texts = String::new();
        let mut end = 0;
        for slot in row {
            let (cell, merged, text) = match slot {
                Slot::Begin(cell) if cell.rows > 1 => (cell, "\\clvmgf", cell.text.as_str()),
                Slot::Begin(cell) => (cell, "", cell.text.as_str()),
                Slot::Below(cell) => (cell, "\\clvmrg", ""),
                Slot::Right => continue,
            };
            end += cell.columns * COLUMN;
            let _ = write!(rtf, "{merged}\\cellx{end}");
            let paragraphs: Vec<_> = text.split('\n').map(escaped).collect();
            let _ = write!(texts, "\\pard\\intbl {}\\cell", paragraphs.join("\\par "));
        }
        let _ = writeln!(rtf, "{texts}\\row");
    }
    rtf + "\\pard\n"
}

fn escaped(text: &str) -> String {
    let mut rtf = String::new();
    for character in text.chars() {
        match character {
            '\\' | '{' | '}' => rtf.extend(['\\', character]),
            ' '..='~' => rtf.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(rtf, "\\u{}?", unit.cast_signed());
                }
            }
        }
    }
    rtf
}
