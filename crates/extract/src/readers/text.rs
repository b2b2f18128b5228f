//! Text dumps to blocks.
//!
//! A line with tabs is a row of a table, and lines of that kind that follow one another are one table; any other
//! line is a paragraph. A form feed is where a page ended. Markup that was left in the lines is taken out (see
//! `markup`); a whole `<table>` that was left in goes the way of HTML.

use std::borrow::Cow;

use jixiao_model::{Block, Cell, Paragraph, Place};
use memchr::{memchr, memchr_iter, memchr3, memmem};

use super::{html, markup};
use crate::limits::{Budget, Excess};

/// A line break within a cell (vertical tab).
const BREAK: char = '\x0B';

/// The blocks of a text dump. A table ends where a line without tabs stands, blank ones included: that is the only
/// mark that the end of a page leaves in a dump.
pub fn blocks(text: &str, budget: &mut Budget) -> Result<Vec<Block>, Excess> {
    let lines: Vec<&str> = lines(text).collect();
    let mut dump = Dump::new(budget);
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let number = line_number(1, at);
        if opens_table(line) {
            let end = end_of_markup(&lines, at);
            dump.close_table()?;
            let source = lines.get(at..end).unwrap_or_default().join("\n");
            dump.blocks.extend(html::blocks(&source, number, dump.budget)?);
            at = end;
            continue;
        }
        dump.line(line, number, markup::strip)?;
        at += 1;
    }
    dump.finish()
}

/// As [`blocks`], for the text in an element of HTML, which begins at a later line: what looks like markup there was
/// escaped, and so is text.
pub fn plain_blocks(text: &str, first_line: u32, budget: &mut Budget) -> Result<Vec<Block>, Excess> {
    let mut dump = Dump::new(budget);
    for (at, line) in lines(text).enumerate() {
        dump.line(line, line_number(first_line, at), |text| Cow::Borrowed(text))?;
    }
    dump.finish()
}

fn line_number(first_line: u32, at: usize) -> u32 {
    first_line.saturating_add(u32::try_from(at).unwrap_or(u32::MAX))
}

/// Where the markup ends whose first table opens on a line: behind the line on which that is closed. A table that was
/// never closed must not swallow the rest of the dump: if a row of the dump comes first, or the end of the text, the
/// markup ends with its last tag.
fn end_of_markup(lines: &[&str], start: usize) -> usize {
    let mut open = 0_usize;
    let mut last = start;
    for (at, line) in lines.iter().enumerate().skip(start) {
        if line.contains('<') {
            last = at;
            let line = line.to_ascii_lowercase();
            open += line.matches("<table").count();
            open = open.saturating_sub(line.matches("</table").count());
            if open == 0 {
                break;
            }
        } else if line.trim().contains('\t') {
            break;
        }
    }
    last + 1
}

struct Dump<'b> {
    blocks: Vec<Block>,
    /// Rows of the table that is open.
    rows: Vec<(Place, Vec<Cell>)>,
    /// The cells in them.
    pending: usize,
    budget: &'b mut Budget,
}

impl<'b> Dump<'b> {
    fn new(budget: &'b mut Budget) -> Self {
        Self { blocks: Vec::new(), rows: Vec::new(), pending: 0, budget }
    }

    fn line(&mut self, line: &str, number: u32, strip: fn(&str) -> Cow<'_, str>) -> Result<(), Excess> {
        let place = Place::Line(number);
        // Most lines have neither markup nor breaks, so that not every cell must be looked through for them.
        let is_plain = memchr3(b'<', b'&', BREAK as u8, line.as_bytes()).is_none();
        let tabs = memchr_iter(b'\t', line.as_bytes()).count();
        if tabs > 0 && !line.trim().is_empty() {
            self.pending += tabs + 1;
            self.budget.room(self.pending, &place)?;
            let mut cells = Vec::with_capacity(tabs + 1);
            let mut from = 0;
            for end in memchr_iter(b'\t', line.as_bytes()).chain([line.len()]) {
                let text = line.get(from..end).unwrap_or_default();
                let text = if is_plain { text.trim().to_owned() } else { with_breaks(strip(text).trim()) };
                cells.push(Cell { text, row_span: 1, column_span: 1, place: place.clone() });
                from = end + 1;
            }
            self.rows.push((place, cells));
            return Ok(());
        }
        self.close_table()?;
        let text = if is_plain { Cow::Borrowed(line) } else { strip(line) };
        let text = text.trim();
        if !text.is_empty() {
            self.budget.paragraph(&place)?;
            self.blocks.push(Block::Paragraph(Paragraph { text: text.to_owned(), place }));
        }
        Ok(())
    }

    fn close_table(&mut self) -> Result<(), Excess> {
        self.pending = 0;
        if !self.rows.is_empty() {
            self.blocks.push(Block::Grid(self.budget.grid(std::mem::take(&mut self.rows))?));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Block>, Excess> {
        self.close_table()?;
        Ok(self.blocks)
    }
}

/// The lines of a text, by any of the line ends that are in use; a form feed ends one too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    // Hardly any text has these, and without them an end is a byte.
    let has_wide_ends =
        ["\u{2028}", "\u{2029}"].iter().any(|end| memmem::find(text.as_bytes(), end.as_bytes()).is_some());
    std::iter::from_fn(move || {
        let text = rest?;
        let end = if has_wide_ends {
            text.find(['\n', '\r', '\x0C', '\u{2028}', '\u{2029}'])
        } else {
            memchr3(b'\n', b'\r', b'\x0C', text.as_bytes())
        };
        let split = end.and_then(|end| {
            let (line, after) = text.split_at_checked(end)?;
            let mut after = after.chars();
            after.next();
            Some((line, after.as_str()))
        });
        let Some((line, after)) = split else { return rest.take() };
        // `\r\n` is one end.
        let ended_by_return = text.as_bytes().get(line.len()) == Some(&b'\r');
        rest = Some(after.strip_prefix('\n').filter(|_| ended_by_return).unwrap_or(after));
        Some(line)
    })
}

fn opens_table(line: &str) -> bool {
    memchr(b'<', line.as_bytes()).is_some() && line.to_ascii_lowercase().contains("<table")
}

/// The text of a cell with its line breaks as such.
fn with_breaks(text: &str) -> String {
    text.replace(BREAK, "\n")
}

/// The blocks of a text that breaks no limit.
#[cfg(test)]
pub fn small_blocks(text: &str) -> Vec<Block> {
    blocks(text, &mut Budget::default()).expect("it is small")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        crate::readers::shown(&small_blocks(text))
    }

    #[test]
    fn lines_become_paragraphs_and_rows() {
        let text = "标题\r\n甲：\t1\t\t\r\n乙：\t2\r\n\r\n<p>正文</p>\r\n";
        assert_eq!(shown(text), ["L1 标题", "L2 甲：|1||", "L3 乙：|2", "L5 正文"]);
    }

    #[test]
    fn every_line_end_ends_a_line_once() {
        assert_eq!(shown("甲\n乙\r丙\r\n丁\x0C戊"), ["L1 甲", "L2 乙", "L3 丙", "L4 丁", "L5 戊"]);
    }

    #[test]
    fn a_table_in_markup_is_read_as_one() {
        let text = "标题\n<table><tr><td rowspan=2>甲<td>1\n<tr><td>2</table>\n尾";
        assert_eq!(shown(text), ["L1 标题", "L2 甲|1", "L3 .|2", "L4 尾"]);
    }

    #[test]
    fn a_table_that_is_never_closed_swallows_no_rows() {
        assert_eq!(
            shown("<table><tr><td>甲\n标题\n乙：\t1\n丙：\t2\n<table><tr><td>丁</table>\n尾"),
            ["L1 甲", "L2 标题", "L3 乙：|1", "L4 丙：|2", "L5 丁", "L6 尾"]
        );
        let nested = "<table>\n<tr><td>甲\n\t乙\n<table><tr><td>1<tr><td>2</table>\n</table>\n尾";
        assert_eq!(shown(nested), ["L2 甲乙", "L4 1", "L4 2", "L6 尾"]);
    }
}
