//! One reader for each format: bytes to blocks, without IO.
//!
//! A reader knows its format and nothing of forms. What it cannot decide it leaves to those behind it, who see the
//! blocks of every format alike; what it repairs or leaves out it says as a finding.

pub mod text;

pub mod aligned;
mod one_cell_a_line;
mod spaced;

pub mod html;
mod markup;

pub mod package;

mod docx;
mod docx_walk;
mod odt;
mod odt_walk;
mod story;
mod word_table;
mod xml;

mod doc;
mod doc_changes;
mod doc_nested;
mod doc_rows;
mod rtf;
mod rtf_text;
mod rtf_tokens;
mod rtf_walk;
mod rtf_words;

mod workbook;

mod pdf;

pub use html::agree as html_readers_agree;

use std::borrow::Cow;
use std::fmt;

use jixiao_model::{Block, Finding, Place};

use crate::decode::{Decoded, decode};
use crate::format::{Kind, kind};
use crate::limits::{Budget, Excess};
use crate::read::Blocks;
use crate::readers::aligned::Words;
use crate::words::JUDGE;

/// What a reader makes of a file that is no plain text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pages<T = String> {
    /// Paragraphs and tables in reading order.
    pub blocks: Vec<Block<T>>,
    /// Characters or glyphs that could not be told, each of which stands as U+FFFD.
    pub replacement_count: u64,
    /// What was left out or doubted, of the file as a whole.
    pub findings: Vec<Finding>,
    /// Where tables begin and end whose cells no lines enclose.
    pub without_lines: Vec<[Place; 2]>,
}

impl Pages<Cow<'_, str>> {
    /// The same with texts of their own.
    fn into_owned(self) -> Pages {
        let Self { blocks, replacement_count, findings, without_lines } = self;
        let blocks = blocks.into_iter().map(Block::into_owned).collect();
        Pages { blocks, replacement_count, findings, without_lines }
    }
}

/// How a reader cut a text into cells that keeps neither tabs nor markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// By blanks that keep the columns of a page.
    Blanks,
    /// By words, where labels come before all that belongs to them.
    LabelsFirst,
    /// By words, where labels stand in the middle of their texts.
    LabelsInside,
    /// By where texts stand on a page that draws no lines around cells.
    Gaps,
    /// Not at all: the cells do not follow one another as rows do.
    Scrambled,
}

impl Cut {
    /// What was done, for people.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Blanks => "blanks keep the columns of a page; cells were told by where words stand",
            Self::LabelsFirst => {
                "cells follow one another, each label before its value; they were told by their words"
            }
            Self::LabelsInside => {
                "labels stand in the middle of their texts; only what is on a label's own line was taken for its value"
            }
            Self::Gaps => "cells were told by where texts stand and by the gaps between them",
            Self::Scrambled => "the cells of a row are not together; no table was read",
        }
    }
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// There is nothing in it.
    Empty,
    /// It is of a known kind that is not read.
    OtherFormat {
        /// The kind, for people: `a JPEG image`.
        name: &'static str,
    },
    /// It is neither text nor of a known kind.
    Unknown,
    /// It breaks a limit.
    Excess(Excess),
    /// It can only be opened with a password.
    Protected {
        /// The kind, for people.
        name: &'static str,
    },
    /// Its bytes are not what its format asks for.
    Damaged {
        /// The kind, for people.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// It is an archive without a document in it.
    NoMembers {
        /// How many files in it were left out.
        left_out: usize,
    },
    /// It has pages, and no text on any of them.
    NoText {
        /// How many pages it has.
        pages: usize,
    },
}

impl From<Excess> for Unreadable {
    fn from(excess: Excess) -> Self {
        Self::Excess(excess)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty"),
            Self::OtherFormat { name } => write!(f, "the file is {name}, which this version does not read"),
            Self::Unknown => f.write_str("the bytes are neither text in a known encoding nor a known format"),
            Self::Excess(excess) => excess.fmt(f),
            Self::Protected { name } => {
                write!(f, "the file is {name} with a password; publish or save it without one")
            }
            Self::Damaged { name, problem } => write!(f, "the file is {name} and damaged: {problem}"),
            Self::NoMembers { left_out: 0 } => f.write_str("the archive is empty"),
            Self::NoMembers { left_out } => write!(
                f,
                "the archive holds no document: what is in it was left out (hidden files, notes, links), {left_out} in all"
            ),
            Self::NoText { pages } => write!(
                f,
                "none of its {pages} pages has text, only pictures of it; make it searchable first (OCR)"
            ),
        }
    }
}

/// Cuts a document into blocks, by the reader for what its bytes are.
///
/// # Errors
/// Why it cannot be read.
pub fn blocks(bytes: &[u8]) -> Result<Blocks<'_>, Unreadable> {
    let kind = kind(bytes);
    let mut budget = Budget::default();
    let pages = match kind {
        Kind::Empty => return Err(Unreadable::Empty),
        Kind::BrokenCompound => {
            let error = package::streams(bytes).err().map(|error| format!(" ({error})")).unwrap_or_default();
            let problem = format!("the list of what is in it cannot be read{error}");
            return Err(Unreadable::Damaged { name: kind.name(), problem });
        }
        Kind::Encrypted => return Err(Unreadable::Protected { name: kind.name() }),
        Kind::Archive(_) | Kind::Other(..) => return Err(Unreadable::OtherFormat { name: kind.name() }),
        Kind::Text => {
            let decoded = decode(bytes).ok_or(Unreadable::Unknown)?;
            let (format, pages, cut) = text_pages(&decoded)?;
            let pages = pages.into_owned();
            return Ok(Blocks { format, decoded: Some(decoded), pages, cut });
        }
        Kind::Docx => docx::read(bytes, &mut budget)?,
        Kind::Odt => odt::read(bytes, &mut budget)?,
        Kind::Doc => doc::read(bytes, &mut budget)?,
        Kind::Rtf => rtf::read(bytes, &mut budget)?,
        Kind::Xlsx | Kind::Xls | Kind::Ods => workbook::read(bytes, kind, &Words::new(JUDGE), &mut budget)?,
        Kind::Pdf => pdf::read(bytes, &Words::new(JUDGE), &mut budget)?,
    };
    Ok(Blocks { format: kind.code().unwrap_or_default(), decoded: None, pages, cut: None })
}

/// What a text turned out to be, its blocks, and how it was cut.
pub type TextPages<'t> = (&'static str, Pages<Cow<'t, str>>, Option<Cut>);

/// Cuts a text into blocks.
///
/// # Errors
/// Why it cannot be read.
pub fn text_pages<'t>(decoded: &'t Decoded<'_>) -> Result<TextPages<'t>, Unreadable> {
    let mut budget = Budget::default();
    let mut read = cut_text(&decoded.text, &mut budget);
    if read.is_err() && budget.is_estimated() {
        read = cut_text(&decoded.text, &mut Budget::exact());
    }
    let (format, blocks, cut) = read?;
    let (replacement_count, findings) = (decoded.replacement_count, decoded.findings());
    Ok((format, Pages { blocks, replacement_count, findings, without_lines: Vec::new() }, cut))
}

type CutText<'t> = (&'static str, Vec<Block<Cow<'t, str>>>, Option<Cut>);

fn cut_text<'t>(text: &'t str, budget: &mut Budget) -> Result<CutText<'t>, Excess> {
    if is_html(text) {
        return Ok(("html", html::blocks(text, 1, budget)?, None));
    }
    let mut words = Words::new(JUDGE);
    Ok(if spaced::is_spaced(text) {
        ("text", borrowing(spaced::blocks(text, &words, budget)?), Some(Cut::Blanks))
    } else if one_cell_a_line::is_one_cell_a_line(text, &words) {
        let (blocks, cut) = one_cell_a_line::blocks(text, &mut words, budget)?;
        ("text", borrowing(blocks), Some(cut))
    } else {
        ("text", text::blocks(text, budget)?, None)
    })
}

/// Blocks with texts of their own as some that may stand in the text of the document.
fn borrowing<'t>(blocks: Vec<Block>) -> Vec<Block<Cow<'t, str>>> {
    blocks.into_iter().map(Block::from).collect()
}

/// Whether a text is a page, and not a dump in which some tags were left: only a page has table cells in markup, or a
/// frame of `<html>` or `<body>` without rows of a dump in it.
fn is_html(text: &str) -> bool {
    let bytes = text.as_bytes();
    let [mut framed, mut tables, mut preformatted] = [false; 3];
    for at in memchr::memchr_iter(b'<', bytes) {
        let behind = bytes.get(at + 1..).unwrap_or_default();
        let begins = |tag: &&[u8]| {
            behind.get(..tag.len()).is_some_and(|tag_there| tag_there.eq_ignore_ascii_case(tag))
        };
        framed |= [&b"!doctype html"[..], b"html", b"body"].iter().any(begins);
        tables |= [&b"td"[..], b"th>", b"th "].iter().any(begins);
        preformatted |= begins(&&b"pre"[..]);
        if framed && (tables || preformatted) {
            return true;
        }
    }
    let is_dump = || {
        let rows = text.lines().filter(|line| !line.contains('<') && line.trim_start().contains('\t'));
        rows.take(3).count() == 3
    };
    (framed || tables) && !is_dump()
}

/// Prints blocks, for tests: a paragraph as its text, a row of a table as its cells between bars, `.` where a merged cell
/// covers a slot and `-` where there is none, each with its place.
#[cfg(test)]
pub fn shown<T: AsRef<str>>(blocks: &[Block<T>]) -> Vec<String> {
    use jixiao_model::block::Slot;
    let mut shown = Vec::new();
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => {
                shown.push(format!("{} {}", paragraph.place, paragraph.text.as_ref()));
            }
            Block::Grid(grid) => shown.extend((0..grid.height()).map(|row| {
                let cells = grid.row(row).iter().map(|slot| match slot {
                    Slot::Anchor(cell) => grid.cell(*cell).text.as_ref(),
                    Slot::Covered(_) => ".",
                    Slot::Absent => "-",
                });
                format!("{} {}", grid.row_place(row), cells.collect::<Vec<_>>().join("|"))
            })),
        }
    }
    shown
}
