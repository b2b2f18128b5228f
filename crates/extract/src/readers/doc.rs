//! Word 97–2003 (MS-DOC) to blocks, by `rwml`.
//!
//! Of the stories of a document the main text and the text boxes are read; headers, footnotes and comments are not. `rwml`
//! does not tell which text was deleted while changes were tracked, so that such text is read with the rest.

use rwml::{Block, Document, Error, SourceRegionKind};

use super::body::{Body, Span};
use super::{Pages, Unreadable, hidden_text};
use crate::format::Kind;
use crate::limits::{Budget, Excess};

/// Tables within tables that are walked into; deeper ones are left out.
const DEEPEST: usize = 32;

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let name = Kind::Doc.name();
    let document = match Document::open(bytes) {
        Ok(document) => document,
        Err(Error::NoText) => return Ok(Pages::default()),
        Err(Error::Encrypted { .. }) => return Err(Unreadable::Protected { name }),
        Err(Error::UnsupportedVersion(_)) => {
            return Err(Unreadable::OtherFormat { name: "a Word document from before 1997" });
        }
        Err(error) => return Err(Unreadable::Damaged { name, problem: error.to_string() }),
    };
    let model = document.model();
    let mut walker = Walker { body: Body::new(budget), hidden: false };
    for (at, block) in model.blocks.iter().enumerate() {
        let region = model.regions.iter().find(|region| (region.block_start..region.block_end).contains(&at));
        let is_text = |kind| matches!(kind, SourceRegionKind::Main | SourceRegionKind::TextBox);
        if region.is_none_or(|region| is_text(region.kind)) {
            walker.block(block, 0)?;
        }
    }
    let Walker { body, hidden } = walker;
    let findings = if hidden { vec![hidden_text()] } else { Vec::new() };
    Ok(Pages { blocks: body.finish()?, findings, ..Pages::default() })
}

struct Walker<'b> {
    body: Body<'b>,
    hidden: bool,
}

impl Walker<'_> {
    fn block(&mut self, block: &Block, depth: usize) -> Result<(), Excess> {
        match block {
            Block::Paragraph(paragraph) => {
                for run in &paragraph.runs {
                    if run.props.hidden {
                        self.hidden |= !run.text.trim().is_empty();
                    } else {
                        self.body.text(&run.text.replace(['\x0B', '\r'], "\n"));
                    }
                }
                self.body.end_paragraph()
            }
            Block::Table(table) if depth < DEEPEST => {
                self.body.open_table()?;
                for row in &table.rows {
                    self.body.open_row(0);
                    for cell in &row.cells {
                        let (columns, rows) = (u32::from(cell.col_span), u32::from(cell.row_span));
                        self.body.open_cell(Span { columns, rows, ..Span::default() });
                        cell.blocks.iter().try_for_each(|block| self.block(block, depth + 1))?;
                        self.body.close_cell()?;
                    }
                }
                self.body.close_table()
            }
            _ => Ok(()),
        }
    }
}
