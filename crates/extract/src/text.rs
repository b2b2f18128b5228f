//! Text dumps to blocks.
//!
//! A line with tabs is a row of a table, and lines of that kind that follow one another are one table; any other
//! line is a paragraph. A form feed is where a page ended. Markup that was left in the lines is taken out (see
//! `markup`); a whole `<table>` that was left in goes the way of HTML.

use jixiao_model::{Block, Cell, Grid, Paragraph, Place};

use crate::{html, markup};

/// The blocks of a text dump. A table ends where a line without tabs stands, blank ones included: that is the only
/// mark that the end of a page leaves in a dump.
pub fn blocks(text: &str) -> Vec<Block> {
    blocks_from_line(text, 1)
}

/// As [`blocks`], for a text that begins at a later line of its document.
pub fn blocks_from_line(text: &str, first_line: u32) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rows: Vec<(Place, Vec<Cell>)> = Vec::new();
    let mut lines = lines(text).zip(first_line..);
    while let Some((line, number)) = lines.next() {
        if opens_table(line) {
            let mut source = line.to_owned();
            while !source.to_ascii_lowercase().contains("</table") {
                let Some((more, _)) = lines.next() else { break };
                source.push('\n');
                source.push_str(more);
            }
            close_table(&mut rows, &mut blocks);
            blocks.extend(html::blocks_from_line(&source, number));
            continue;
        }
        let place = Place::Line(number);
        if line.contains('\t') && !line.trim().is_empty() {
            let cells = line.split('\t').map(|text| cell(text, &place)).collect();
            rows.push((place, cells));
            continue;
        }
        close_table(&mut rows, &mut blocks);
        let text = markup::strip(line);
        let text = text.trim();
        if !text.is_empty() {
            blocks.push(Block::Paragraph(Paragraph { text: text.to_owned(), place }));
        }
    }
    close_table(&mut rows, &mut blocks);
    blocks
}

/// The lines of a text, by any of the line ends that are in use; a form feed ends one too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some((line, after)) = text.split_once(['\n', '\r', '\x0C', '\u{2028}', '\u{2029}']) else {
            return rest.take();
        };
        // `\r\n` is one end.
        let ended_by_return = text.as_bytes().get(line.len()) == Some(&b'\r');
        rest = Some(after.strip_prefix('\n').filter(|_| ended_by_return).unwrap_or(after));
        Some(line)
    })
}

fn opens_table(line: &str) -> bool {
    line.contains('<') && line.to_ascii_lowercase().contains("<table")
}

fn cell(text: &str, place: &Place) -> Cell {
    let text = markup::strip(text).trim().replace('\x0B', "\n");
    Cell { text, row_span: 1, column_span: 1, place: place.clone() }
}

fn close_table(rows: &mut Vec<(Place, Vec<Cell>)>, blocks: &mut Vec<Block>) {
    if !rows.is_empty() {
        blocks.push(Block::Grid(Grid::from_rows(std::mem::take(rows))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jixiao_model::block::Slot;

    /// Prints blocks: a paragraph as its text, a row of a table as its cells between bars, with their place.
    fn shown(text: &str) -> Vec<String> {
        let mut shown = Vec::new();
        for block in blocks(text) {
            match block {
                Block::Paragraph(paragraph) => shown.push(format!("{} {}", paragraph.place, paragraph.text)),
                Block::Grid(grid) => {
                    for row in 0..grid.height() {
                        let cells = grid.row(row).iter().map(|slot| match slot {
                            Slot::Anchor(cell) => grid.cell(*cell).text.as_str(),
                            _ => "-",
                        });
                        shown.push(format!(
                            "{} {}",
                            grid.row_place(row),
                            cells.collect::<Vec<_>>().join("|")
                        ));
                    }
                }
            }
        }
        shown
    }

    #[test]
    fn lines_become_paragraphs_and_rows() {
        let text = "标题\r\n甲：\t1\t\t\r\n乙：\t2\r\n\r\n<p>正文</p>\r\n";
        assert_eq!(shown(text), ["L1 标题", "L2 甲：|1||", "L3 乙：|2|-|-", "L5 正文"]);
    }

    #[test]
    fn every_line_end_ends_a_line_once() {
        assert_eq!(shown("甲\n乙\r丙\r\n丁\x0C戊"), ["L1 甲", "L2 乙", "L3 丙", "L4 丁", "L5 戊"]);
    }

    #[test]
    fn a_table_in_markup_is_read_as_one() {
        let text = "标题\n<table><tr><td rowspan=2>甲<td>1\n<tr><td>2</table>\n尾";
        assert_eq!(shown(text), ["L1 标题", "L2 甲|1", "L3 -|2", "L4 尾"]);
    }
}
