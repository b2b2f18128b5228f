//! Word 97–2003 to blocks (MS-DOC), by `rwml`.
//!
//! It reads the piece table, the properties of paragraphs and the definitions of tables, and tells what is hidden; it does
//! not know of tracked changes, nor of rows whose definition stands apart. So what was deleted is marked as hidden before
//! it reads (see `doc_changes`), and what stands apart is brought home (see `doc_rows`). Its blocks are told to the same
//! story as those of docx, under our limits; what it makes of a damaged file may be a panic, which is caught where all
//! readers' are.

use rwml::{Block, Document, SourceRegionKind};

use super::story::{Story, Unseen};
use super::word_table::RowCell;
use super::{Pages, Unreadable};
use super::{doc_changes, doc_rows};
use crate::format::Kind;
use crate::limits::{Budget, Excess};

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let name = Kind::Doc.name();
    let whole = doc_rows::bring_home(bytes);
    let bytes = whole.as_deref().unwrap_or(bytes);
    let marked = doc_changes::hide_deletions(bytes);
    let document = match Document::open(marked.as_deref().unwrap_or(bytes)) {
        Ok(document) => document,
        Err(rwml::Error::Encrypted { .. }) => return Err(Unreadable::Protected { name }),
        Err(rwml::Error::UnsupportedVersion(_)) => {
            return Err(Unreadable::OtherFormat { name: "a Word document of before 1997 (doc)" });
        }
        Err(rwml::Error::NoText) => return Ok(Pages::default()),
        Err(error) => return Err(Unreadable::Damaged { name, problem: error.to_string() }),
    };
    let model = document.model();
    let mut teller = Teller {
        story: Story::new(budget),
        hidden: if marked.is_some() { Unseen::Deleted } else { Unseen::Hidden },
    };
    // Notes, comments, headers and footers stand apart from the text, as in docx.
    let mut apart = vec![false; model.blocks.len()];
    for region in &model.regions {
        if !matches!(region.kind, SourceRegionKind::Main | SourceRegionKind::TextBox)
            && let Some(blocks) = apart.get_mut(region.block_start..region.block_end)
        {
            blocks.fill(true);
        }
    }
    for (block, _) in model.blocks.iter().zip(apart).filter(|(_, apart)| !apart) {
        teller.tell(block)?;
    }
    Ok(teller.story.finish()?)
}

struct Teller<'b> {
    story: Story<'b>,
    /// Why hidden text is hidden: if changes were marked, some of it was deleted.
    hidden: Unseen,
}

impl Teller<'_> {
    /// Tells a block. Tables within tables recurse, and the story stops that at its limit.
    fn tell(&mut self, block: &Block) -> Result<(), Excess> {
        match block {
            Block::Paragraph(paragraph) => {
                for run in &paragraph.runs {
                    if run.props.hidden {
                        self.story.leave_out(self.hidden, &run.text);
                        continue;
                    }
                    let symbols = run.props.font.as_deref().is_some_and(super::docx_walk::is_symbol_font);
                    self.run(&run.text, symbols);
                }
                self.story.end_paragraph()
            }
            Block::Table(table) => {
                self.story.start_table()?;
                // By column: the first row that no cell from above covers.
                let mut free_from: Vec<usize> = Vec::new();
                for (at, row) in table.rows.iter().enumerate() {
                    self.story.start_row()?;
                    let mut left = 0;
                    for cell in &row.cells {
                        while free_from.get(left).is_some_and(|from| *from > at) {
                            left += 1;
                        }
                        let right = left + usize::from(cell.col_span.max(1));
                        let rows = usize::from(cell.row_span.max(1));
                        if rows > 1 {
                            free_from.resize(free_from.len().max(right), 0);
                            free_from.iter_mut().take(right).skip(left).for_each(|from| *from = at + rows);
                        }
                        let edge = |column: usize| i64::try_from(column).unwrap_or(i64::MAX);
                        self.story.start_cell(RowCell {
                            left: edge(left),
                            right: edge(right),
                            rows: u32::from(cell.row_span),
                            ..RowCell::default()
                        })?;
                        for block in &cell.blocks {
                            self.tell(block)?;
                        }
                        self.story.end_cell()?;
                        left = right;
                    }
                }
                self.story.end_table()
            }
            _ => Ok(()),
        }
    }

    fn run(&mut self, text: &str, symbols: bool) {
        for character in text.chars() {
            match character {
                '\t' => self.story.tab(),
                '\n' | '\r' | '\u{b}' | '\u{c}' => self.story.end_line(),
                // Marks of fields, pictures and notes.
                '\u{0}'..='\u{1f}' => {}
                _ if symbols => {
                    self.story.push(super::docx_walk::symbol(character).encode_utf8(&mut [0; 4]));
                }
                _ => self.story.push(character.encode_utf8(&mut [0; 4])),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::shown;

    /// A form with a deletion on record, written by LibreOffice.
    const DOCUMENT: &[u8] = include_bytes!("../../../../tests/formats/unseen.doc");

    /// The document with a number of its file information block (MS-DOC, 2.5.2) changed.
    fn with_number(at: usize, number: u16) -> Vec<u8> {
        let mut bytes = DOCUMENT.to_vec();
        let block = (0..bytes.len()).step_by(512).find(|at| bytes[*at..].starts_with(b"\xEC\xA5"));
        let at = block.expect("it has the block") + at;
        bytes[at..at + 2].copy_from_slice(&number.to_le_bytes());
        bytes
    }

    fn of(bytes: &[u8]) -> Result<Pages, Unreadable> {
        read(bytes, &mut Budget::default())
    }

    #[test]
    fn a_deletion_on_record_is_left_out_and_said() {
        let pages = of(DOCUMENT).expect("it can be read");
        let rows = shown(&pages.blocks);
        assert!(rows.iter().any(|row| row == "T1!A1 项目名称：|科普活动|项目类别：|经常性项目"), "{rows:?}");
        let found: Vec<_> = pages.findings.iter().filter_map(|finding| finding.found.as_deref()).collect();
        assert_eq!(found, ["宣传"]);
    }

    #[test]
    fn encrypted_and_older_documents_say_what_they_are() {
        assert!(matches!(of(&with_number(0x0A, 0x0100)), Err(Unreadable::Protected { .. })));
        assert!(matches!(of(&with_number(0x02, 0x0065)), Err(Unreadable::OtherFormat { .. })));
        assert!(matches!(of(DOCUMENT.get(..4_000).unwrap_or_default()), Err(Unreadable::Damaged { .. })));
    }
}
