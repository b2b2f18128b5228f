//! The paragraphs and tables of a document, before anything is known about forms.

use std::fmt::Write;

use jixiao_extract::Blocks;
use jixiao_model::block::{Grid, Slot};
use jixiao_model::{Block, Cell};

use crate::terminal::{BOLD, DIM, cut, shown, styled};

/// How wide a text may be, unless all of it is asked for.
const COLUMNS: usize = 60;

/// Shows blocks: `¶` before a paragraph; in tables `·` where a merged cell covers a slot, `-` where there is none.
pub fn text(blocks: &Blocks, full: bool) -> String {
    let cut_to = |text: &str| if full { shown(text) } else { cut(&shown(text), COLUMNS) };
    let encoding = blocks.decoded.as_ref();
    let encoding = encoding.map(|decoded| format!(", {} ({})", decoded.encoding, decoded.evidence));
    let mut text = format!("{}{}\n", blocks.format, encoding.unwrap_or_default());
    for block in &blocks.pages.blocks {
        match block {
            Block::Paragraph(paragraph) => {
                let _ = writeln!(
                    text,
                    "{:>6} {} {}",
                    paragraph.place.to_string(),
                    styled(DIM, "¶"),
                    cut_to(&paragraph.text)
                );
            }
            Block::Grid(grid) => text += &table(grid, cut_to),
        }
    }
    text
}

fn table(grid: &Grid, cut_to: impl Fn(&str) -> String) -> String {
    let size = format!("table of {} rows and {} columns", grid.height(), grid.width());
    let mut text = format!("       {}\n", styled(BOLD, size));
    for row in 0..grid.height() {
        let slot = |slot: &Slot| match slot {
            Slot::Anchor(index) => cell(grid.cell(*index), &cut_to),
            Slot::Covered(_) => styled(DIM, "·"),
            Slot::Absent => styled(DIM, "-"),
        };
        let cells: Vec<_> = grid.row(row).iter().map(slot).collect();
        let _ = writeln!(text, "{:>6} | {} |", grid.row_place(row).to_string(), cells.join(" | "));
    }
    text
}

fn cell(cell: &Cell, cut_to: &impl Fn(&str) -> String) -> String {
    let text = cut_to(&cell.text);
    match (cell.row_span, cell.column_span) {
        (1, 1) => text,
        (rows, columns) => format!("{text} {}", styled(DIM, format!("[{rows}×{columns}]"))),
    }
}
