//! Word 97–2003 to blocks (MS-DOC), by `rwml`.
//!
//! It reads the piece table, the properties of paragraphs and the definitions of tables, and tells what is hidden; it does
//! not know of tracked changes, of tables within tables, nor of rows whose definition stands apart. So what was deleted is
//! marked as hidden before it reads (see `doc_changes`), what stands apart is brought home (see `doc_rows`), and inner
//! tables are marked (see `doc_nested`). Its blocks are told to the same
//! story as those of docx, under our limits; what it makes of a damaged file may be a panic, which is caught where all
//! readers' are.

use std::collections::VecDeque;

use rwml::{Block, Document, SourceRegionKind};

use super::doc_nested::{self, Edges, Ends};
use super::story::{Story, Unseen};
use super::word_table::{RowCell, columns_of_edges};
use super::{Pages, Unreadable};
use super::{doc_changes, doc_rows};
use crate::format::Kind;
use crate::limits::{Budget, Excess};

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let name = Kind::Doc.name();
    let whole = doc_rows::bring_home(bytes);
    let bytes = whole.as_deref().unwrap_or(bytes);
    let nested = doc_nested::mark(bytes);
    let bytes = nested.as_ref().map_or(bytes, |nested| nested.bytes.as_slice());
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
        inner_rows: nested.map(|nested| nested.rows).unwrap_or_default(),
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
    /// The rows of tables within tables that are not told yet.
    inner_rows: VecDeque<Option<Edges>>,
}

/// A table within a cell, of which the cells stand in that as paragraphs.
#[derive(Default)]
struct Inner {
    rows: Vec<Option<Edges>>,
    /// How many cells the open row has so far.
    cells: usize,
    in_row: bool,
    in_cell: bool,
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
                        self.tell_cell(&cell.blocks)?;
                        self.story.end_cell()?;
                        left = right;
                    }
                }
                self.story.end_table()
            }
            _ => Ok(()),
        }
    }

    /// Tells what stands in a cell: its own paragraphs, and those of the tables within it.
    fn tell_cell(&mut self, blocks: &[Block]) -> Result<(), Excess> {
        let mut open: Vec<Inner> = Vec::new();
        for block in blocks {
            let mark = match block {
                Block::Paragraph(paragraph) => doc_nested::read(paragraph.props.outline_level),
                _ => None,
            };
            let (depth, ends) = mark.unwrap_or((1, Ends::Paragraph));
            let depth = depth.saturating_sub(1);
            while open.len() > depth {
                self.end_inner(&mut open)?;
            }
            while open.len() < depth {
                self.start_inner_cell(&mut open)?;
                self.story.start_table()?;
                open.push(Inner::default());
            }
            if ends != Ends::Row {
                self.start_inner_cell(&mut open)?;
                self.tell(block)?;
            }
            let Some(inner) = open.last_mut().filter(|_| ends != Ends::Paragraph) else { continue };
            if std::mem::take(&mut inner.in_cell) {
                self.story.end_cell()?;
            }
            if ends == Ends::Row {
                let edges = self.inner_rows.pop_front().flatten();
                if std::mem::take(&mut inner.in_row) {
                    inner.rows.push(edges.filter(|edges| edges.merges.len() == inner.cells));
                }
            }
        }
        while !open.is_empty() {
            self.end_inner(&mut open)?;
        }
        Ok(())
    }

    /// Begins a cell of the innermost table, and its row, where none is open.
    fn start_inner_cell(&mut self, open: &mut [Inner]) -> Result<(), Excess> {
        let Some(inner) = open.last_mut() else { return Ok(()) };
        if !std::mem::replace(&mut inner.in_row, true) {
            self.story.start_row()?;
            inner.cells = 0;
        }
        if !std::mem::replace(&mut inner.in_cell, true) {
            let left = i64::try_from(inner.cells).unwrap_or(i64::MAX);
            self.story.start_cell(RowCell { left, right: left + 1, ..RowCell::default() })?;
            inner.cells += 1;
        }
        Ok(())
    }

    /// Ends the innermost table. Where all its rows say how wide their cells are, its columns are told by that.
    fn end_inner(&mut self, open: &mut Vec<Inner>) -> Result<(), Excess> {
        let Some(inner) = open.pop() else { return Ok(()) };
        if inner.in_cell {
            self.story.end_cell()?;
        }
        let known: Option<Vec<&Edges>> = inner.rows.iter().map(Option::as_ref).collect();
        if let Some(known) = known.filter(|known| known.len() == self.story.rows().len()) {
            for (row, edges) in self.story.rows().iter_mut().zip(known) {
                let sides = edges.edges.iter().zip(edges.edges.iter().skip(1));
                for (cell, ((left, right), merge)) in row.cells.iter_mut().zip(sides.zip(&edges.merges)) {
                    (cell.left, cell.right, cell.merge) = (*left, *right, *merge);
                }
            }
            columns_of_edges(self.story.rows());
        }
        self.story.end_table()
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

    /// Tables in a cell, of which one has merged cells and another table, as LibreOffice writes them.
    #[test]
    fn tables_within_tables_are_tables() {
        let pages = of(include_bytes!("../../../../tests/formats/nested.doc")).expect("it can be read");
        let expected = [
            "T1!A1 外层文字",
            "T2!A1 项目名称：|雷达维护|项目类别：|经常性项目",
            "T2!A2 项目总预算（元）：|1,200|项目当年预算（元）：|1,200",
            "T2!A3 项目概况|第一段。\n第二段。|.|.",
            "T1!A1 中间",
            "T3!A1 一级目标|二级目标|三级目标|指标目标值",
            "T3!A2 产出目标|数量|设备购置数量（个）|=3",
            "T3!A3 .|质量|验收合格率|≥\n9\n5",
            "T1!A1 之后",
            "T1!B1 右",
            "T1!A2 末行",
        ];
        assert_eq!(shown(&pages.blocks)[3..], expected);
    }

    #[test]
    fn encrypted_and_older_documents_say_what_they_are() {
        assert!(matches!(of(&with_number(0x0A, 0x0100)), Err(Unreadable::Protected { .. })));
        assert!(matches!(of(&with_number(0x02, 0x0065)), Err(Unreadable::OtherFormat { .. })));
        assert!(matches!(of(DOCUMENT.get(..4_000).unwrap_or_default()), Err(Unreadable::Damaged { .. })));
    }
}
