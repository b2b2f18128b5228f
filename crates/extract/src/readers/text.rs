//! Text dumps to blocks.
//!
//! A line with tabs is a row of a table, and lines of that kind that follow one another are one table; any other
//! line is a paragraph. A form feed is where a page ended. Markup that was left in the lines is taken out (see
//! `markup`); a whole `<table>` that was left in goes the way of HTML.

use std::borrow::Cow;

use jixiao_model::{Block, Grid, Paragraph, Place};
use memchr::{memchr, memchr_iter, memchr3};

use super::{html, markup};
use crate::limits::{Budget, Excess};

/// A line break within a cell (vertical tab).
const BREAK: char = '\x0B';

/// The blocks of a text dump. A table ends where a line without tabs stands, blank ones included: that is the only
/// mark that the end of a page leaves in a dump. Texts stand where they were printed, but for those with markup in them.
pub fn blocks<'t>(text: &'t str, budget: &mut Budget) -> Result<Vec<Block<Cow<'t, str>>>, Excess> {
    let mut dump = Dump::new(budget, markup::strip);
    let mut lines = lines(text);
    let mut at = 0;
    loop {
        let here = lines.clone();
        let Some(line) = lines.next() else { return Ok(dump.finish()) };
        let number = line_number(1, at);
        let is_plain = is_plain(line);
        if is_plain || !opens_table(line) {
            dump.line(line, is_plain, number)?;
            at += 1;
            continue;
        }
        dump.close_table();
        let count = lines_of_markup(here.clone());
        let source = here.take(count).collect::<Vec<_>>().join("\n");
        let blocks = html::blocks(&source, number, dump.budget)?.into_iter();
        dump.blocks.extend(blocks.map(|block| block.into_owned().into()));
        lines.by_ref().take(count - 1).for_each(drop);
        at += count;
    }
}

/// As [`blocks`], for the text in an element of HTML, which begins at a later line: what looks like markup there was
/// escaped, and so is text.
pub fn plain_blocks(text: &str, first_line: u32, budget: &mut Budget) -> Result<Vec<Block>, Excess> {
    let mut dump = Dump::new(budget, |text| Cow::Borrowed(text));
    for (at, line) in lines(text).enumerate() {
        dump.line(line, is_plain(line), line_number(first_line, at))?;
    }
    Ok(dump.finish().into_iter().map(Block::into_owned).collect())
}

fn line_number(first_line: u32, at: usize) -> u32 {
    first_line.saturating_add(u32::try_from(at).unwrap_or(u32::MAX))
}

/// How many lines the markup has whose first table opens on the first of these: up to the one on which that is closed. A
/// table that was never closed must not swallow the rest of the dump: if a row of the dump comes first, or the end of the
/// text, the markup ends with its last tag.
fn lines_of_markup<'t>(lines: impl Iterator<Item = &'t str>) -> usize {
    let mut open = 0_usize;
    let mut last = 0;
    for (at, line) in lines.enumerate() {
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

struct Dump<'t, 'b> {
    blocks: Vec<Block<Cow<'t, str>>>,
    /// The table that is open.
    table: Grid<Cow<'t, str>>,
    budget: &'b mut Budget,
    /// Takes the markup out of a text.
    strip: Strip,
}

type Strip = fn(&str) -> Cow<'_, str>;

impl<'t, 'b> Dump<'t, 'b> {
    fn new(budget: &'b mut Budget, strip: Strip) -> Self {
        Self { blocks: Vec::new(), table: Grid::default(), budget, strip }
    }

    fn line(&mut self, line: &'t str, is_plain: bool, number: u32) -> Result<(), Excess> {
        let place = Place::Line(number);
        if memchr(b'\t', line.as_bytes()).is_none() || line.chars().all(char::is_whitespace) {
            self.close_table();
            let text = if is_plain { trimmed(line).into() } else { stripped(line, self.strip) };
            if !text.is_empty() {
                self.budget.paragraph(&place)?;
                self.blocks.push(Block::Paragraph(Paragraph { text, place }));
            }
            return Ok(());
        }
        let before = self.table.slot_count();
        // A line has no more tabs than bytes; they are counted only where so many would be too many.
        if self.budget.room(before + line.len() + 1, &place).is_err() {
            self.budget.room(before + memchr_iter(b'\t', line.as_bytes()).count() + 1, &place)?;
        }
        let strip = self.strip;
        let text = |text| if is_plain { trimmed(text).into() } else { with_breaks(stripped(text, strip)) };
        self.table.push_row(&place, cells(line).map(text));
        Ok(())
    }

    fn close_table(&mut self) {
        if self.table.height() > 0 {
            self.budget.cells(self.table.slot_count());
            self.blocks.push(Block::Grid(self.table.take()));
        }
    }

    fn finish(mut self) -> Vec<Block<Cow<'t, str>>> {
        self.close_table();
        self.blocks
    }
}

/// Whether a line has neither markup nor breaks, so that its cells need not be looked through for them.
fn is_plain(line: &str) -> bool {
    memchr3(b'<', b'&', BREAK as u8, line.as_bytes()).is_none()
}

/// The cells of a line.
fn cells(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr(b'\t', text.as_bytes()).unwrap_or(text.len());
        rest = text.get(end + 1..);
        text.get(..end)
    })
}

/// A text without the white space around it, which few cells have: a look at the first byte of the first and the last
/// character tells.
fn trimmed(text: &str) -> &str {
    // Those of three bytes behind U+3FFF are no blanks, and neither are the signs of Chinese (U+3000 to U+303F) but the first.
    let is_sign = |first: u8| first.is_ascii_graphic() || (0xE4..=0xEF).contains(&first);
    match text.as_bytes() {
        [] => text,
        [first, .., 0xE3, 0x80, 0x81..=0xBF] | [first, .., 0xE4..=0xEF, _, _] | [first, .., b'!'..=b'~']
            if is_sign(*first) =>
        {
            text
        }
        _ => text.trim(),
    }
}

/// A text without its markup and the white space around it.
fn stripped(text: &str, strip: Strip) -> Cow<'_, str> {
    match strip(text) {
        Cow::Borrowed(text) => Cow::Borrowed(trimmed(text)),
        Cow::Owned(text) if trimmed(&text).len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(trimmed(&text).to_owned()),
    }
}

/// The text of a cell with its line breaks as such.
fn with_breaks(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr(BREAK as u8, text.as_bytes()).is_some() { Cow::Owned(text.replace(BREAK, "\n")) } else { text }
}

/// The lines of a text, by any of the line ends that are in use; a form feed ends one too.
fn lines(text: &str) -> impl Iterator<Item = &str> + Clone {
    let mut rest = Some(text);
    // Hardly any text has U+2028 or U+2029, and without them an end is a byte.
    let bytes = text.as_bytes();
    let is_wide_end = |at: usize| matches!(bytes.get(at..at + 3), Some([0xE2, 0x80, 0xA8 | 0xA9]));
    let has_wide_ends = memchr_iter(0xE2, bytes).any(is_wide_end);
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

/// The blocks of a text that breaks no limit.
#[cfg(test)]
pub fn small_blocks(text: &str) -> Vec<Block<Cow<'_, str>>> {
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
    fn markup_and_breaks_in_cells_are_no_text() {
        assert_eq!(shown("<b>甲</b>\t a&lt;5 \t1\x0B2\x0B\t<p>乙</p>\t"), ["L1 甲|a<5|1\n2|乙|"]);
    }

    #[test]
    fn blanks_around_a_text_are_none_of_it() {
        for text in ["", "a", "甲", "甲乙", "“甲。", "甲）", "〔甲", "甲乙丙1", "é", "\u{E000}"]
        {
            for (before, behind) in
                [("", ""), (" ", ""), ("", "\u{3000}"), ("\u{A0}", "\u{2003}"), ("\u{3000}", "\u{A0}")]
            {
                assert_eq!(trimmed(&format!("{before}{text}{behind}")), text);
            }
        }
    }

    #[test]
    fn every_line_end_ends_a_line_once() {
        assert_eq!(shown("甲\n乙\r丙\r\n丁\x0C戊"), ["L1 甲", "L2 乙", "L3 丙", "L4 丁", "L5 戊"]);
        assert_eq!(shown("甲\u{2028}“乙”\n丙\u{2029}丁"), ["L1 甲", "L2 “乙”", "L3 丙", "L4 丁"]);
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
