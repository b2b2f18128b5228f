//! What is fuzzed, and what must hold of any bytes: the targets and their oracle, for the guided loop in this folder
//! and for the short run in `tests/fuzz.rs`.
//!
//! A package is not mutated as it is, where nearly every change would only break its checksums: its target takes the
//! part that holds the text, and wraps it.

#[path = "../../tests/common/archives.rs"]
#[allow(dead_code, missing_docs, reason = "shared with the tests of the whole program")]
mod archives;

use std::collections::BTreeSet;

use archives::{Zipped, zip};
use jixiao_model::fold::fold;
use jixiao_model::{Block, RawDocument};

/// Something to be fuzzed.
#[derive(Debug)]
pub struct Target {
    /// Its name, and that of its folder in `corpus`.
    pub name: &'static str,
    /// Makes a file of what is mutated.
    wrap: fn(&[u8]) -> Vec<u8>,
}

/// All of them. What the bytes are, the reader tells; of `html` the two readers of HTML must agree as well.
pub static TARGETS: [Target; 13] = [
    Target { name: "text", wrap: <[u8]>::to_vec },
    Target { name: "html", wrap: <[u8]>::to_vec },
    Target { name: "docx", wrap: |bytes| zip(&[Zipped::new(b"word/document.xml", bytes)]) },
    Target { name: "odt", wrap: |bytes| open_document(b"application/vnd.oasis.opendocument.text", bytes) },
    Target {
        name: "ods",
        wrap: |bytes| open_document(b"application/vnd.oasis.opendocument.spreadsheet", bytes),
    },
    Target { name: "xlsx", wrap: xlsx },
    Target { name: "xls", wrap: <[u8]>::to_vec },
    Target { name: "doc", wrap: <[u8]>::to_vec },
    Target { name: "rtf", wrap: <[u8]>::to_vec },
    Target { name: "pdf", wrap: <[u8]>::to_vec },
    Target { name: "archive", wrap: <[u8]>::to_vec },
    // A member's bytes are of no interest to `archive`, whose container is mutated; here they are.
    Target { name: "member", wrap: |bytes| zip(&[Zipped::new("绩效.txt".as_bytes(), bytes)]) },
    // Any file as it is, whole packages among them.
    Target { name: "document", wrap: <[u8]>::to_vec },
];

fn open_document(mime_type: &[u8], content: &[u8]) -> Vec<u8> {
    zip(&[Zipped::new(b"mimetype", mime_type), Zipped::new(b"content.xml", content)])
}

fn xlsx(sheet: &[u8]) -> Vec<u8> {
    let workbook = br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    let relations = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    zip(&[
        Zipped::new(b"xl/workbook.xml", workbook),
        Zipped::new(b"xl/_rels/workbook.xml.rels", relations),
        Zipped::new(b"xl/worksheets/sheet1.xml", sheet),
    ])
}

impl Target {
    /// Reads what is made of these bytes, and checks what must hold of any.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self, bytes: &[u8]) -> Result<(), String> {
        if self.name == "html" {
            jixiao_extract::html_readers_agree(&String::from_utf8_lossy(bytes))?;
        }
        let file = (self.wrap)(bytes);
        if unpack(&file)?.is_none() {
            document(&file)?;
        }
        Ok(())
    }
}

/// The sources of an archive: each once, below it, and the same again; each document in it holds to what holds of all.
fn unpack(file: &[u8]) -> Result<Option<usize>, String> {
    let list = || {
        let mut sources = Vec::new();
        let mut problem = None;
        let left_out = jixiao_extract::members(file, "a", &mut |member| {
            if let (Some(bytes), None) = (member.bytes, &member.problem) {
                problem = problem.take().or(document(bytes).err());
            }
            sources.push(member.source);
        });
        problem.map_or(Ok(left_out.map(|left_out| (sources, left_out))), Err)
    };
    let first = list()?;
    if first != list()? {
        return Err("an archive was unpacked in two ways".into());
    }
    let Some((sources, _)) = first else { return Ok(None) };
    let mut seen = BTreeSet::new();
    for source in &sources {
        let is_below = source == "a" || source.starts_with("a!");
        let leads_out = source.split(['/', '!']).any(|part| part == "..");
        if !is_below || leads_out || !seen.insert(source) {
            return Err(format!("{source:?} is no name for a member, or twice"));
        }
    }
    if sources.is_empty() { Err("an archive without a row".into()) } else { Ok(Some(sources.len())) }
}

/// A document is read without a panic, twice alike, within its limits, and of its own characters.
fn document(bytes: &[u8]) -> Result<(), String> {
    let raw = jixiao_extract::read(bytes);
    if raw != jixiao_extract::read(bytes) {
        return Err("a document was read in two ways".into());
    }
    let normalised = || raw.forms.iter().map(|form| jixiao_normalise::normalise(form.clone(), "a"));
    if !normalised().eq(normalised()) {
        return Err("a form was normalised in two ways".into());
    }
    if let Ok(blocks) = jixiao_extract::blocks(bytes) {
        comes_from(&raw, &blocks.pages.blocks)?;
    }
    Ok(())
}

/// Whether each character of a form was printed somewhere in the blocks: a value may be put together, not made up.
fn comes_from(raw: &RawDocument, blocks: &[Block]) -> Result<(), String> {
    let mut printed = BTreeSet::new();
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => add(&paragraph.text, &mut printed),
            Block::Grid(grid) => {
                for slot in (0..grid.height()).flat_map(|row| grid.row(row)) {
                    if let jixiao_model::block::Slot::Anchor(cell) = slot {
                        add(&grid.cell(*cell).text, &mut printed);
                    }
                }
            }
        }
    }
    let fields = raw.forms.iter().flat_map(|form| &form.fields);
    let texts = fields.flat_map(|field| [field.label.as_deref(), field.value.as_deref()]).flatten();
    for text in texts {
        let made_up = |c: &char| !c.is_whitespace() && !printed.contains(c);
        if let Some(made_up) = text.chars().find(made_up) {
            return Err(format!("{made_up:?} of {text:?} was nowhere printed"));
        }
    }
    Ok(())
}

fn add(text: &str, printed: &mut BTreeSet<char>) {
    printed.extend(text.chars());
    printed.extend(fold(text).chars());
}
