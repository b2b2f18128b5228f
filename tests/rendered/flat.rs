//! Pages as text with tabs, and as HTML.

use std::fmt::Write;

use crate::page::{Part, Slot, escaped};

/// A dump: cells between tabs, blanks for what merged cells cover, paragraphs of a cell in `<p>`.
pub fn text(parts: &[Part]) -> Vec<u8> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Line(line) => text += &format!("\n{line}\n"),
            Part::Table(table) => {
                for row in table.slots() {
                    let shown = |slot: &Slot<'_>| match slot {
                        Slot::Begin(cell) if cell.text.contains('\n') => {
                            cell.text.lines().map(|line| format!("<p>{line}</p>")).collect()
                        }
                        Slot::Begin(cell) => cell.text.clone(),
                        Slot::Below(_) | Slot::Right => String::new(),
                    };
                    text += &row.iter().map(shown).collect::<Vec<_>>().join("\t");
                    text.push('\n');
                }
            }
        }
    }
    text.into_bytes()
}

/// A page with real tables.
pub fn html(parts: &[Part]) -> Vec<u8> {
    let mut html = "<html><head><meta charset=utf-8></head><body>\n".to_owned();
    for part in parts {
        match part {
            Part::Line(line) => html += &format!("<p>{}</p>\n", escaped(line)),
            Part::Table(table) => {
                html += "<table border=1>\n";
                for row in &table.rows {
                    html += "<tr>";
                    for cell in row {
                        let _ = write!(html, "<td rowspan={} colspan={}>", cell.rows, cell.columns);
                        html += &escaped(&cell.text).replace('\n', "<br>");
                        html += "</td>";
                    }
                    html += "</tr>\n";
                }
                html += "</table>\n";
            }
        }
    }
    (html + "</body></html>").into_bytes()
}
