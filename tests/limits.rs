//! What one document may take of time and memory: hostile documents of every format, each read by the program itself under
//! limits that the system keeps. Each is a row with its reason, or is read where it only looks dangerous, and the document
//! beside it is read.
//!
//! `archives` has those that are archives. All are made here: in the repository they would be in everybody's way.

#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "these tests make files and run the program")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "common/archives.rs"]
#[allow(dead_code, missing_docs, reason = "shared with the tests of extract")]
mod archives;
#[path = "limits/bombs.rs"]
mod bombs;
#[path = "limits/compound.rs"]
mod compound;
#[path = "limits/office.rs"]
mod office;
#[path = "limits/pages.rs"]
mod pages;
#[path = "common/program.rs"]
mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use archives::{Zipped, gzip, zip};
use bombs::repeated;
use compound::{Loop, looped};
use program::{FORM, Place, Ran};
use serde_json::Value;

/// The address space of the program, in KiB: its memory, and all that it maps besides.
const MOST_KIB: u64 = 1 << 20;
/// Processor time. The slowest document takes a tenth of this in a release build.
const MOST_SECONDS: u64 = 60;

/// What becomes of a document.
enum Becomes {
    /// Unreadable, for a reason with these words in it.
    Unreadable(&'static str),
    /// Read, and no form is in it.
    Read,
}
use Becomes::{Read, Unreadable};

/// Reads documents, each beside a good one and under the limits.
fn check(documents: &[(&str, Vec<u8>, Becomes)]) {
    let mut wrong = Vec::new();
    for (name, bytes, becomes) in documents {
        let place = Place::new(&[(name, bytes), ("good.txt", FORM.as_bytes())]);
        let command = format!(
            "ulimit -v {MOST_KIB} && ulimit -t {MOST_SECONDS} && exec \"$0\" ingest in --dry-run --format json --jobs 1"
        );
        let program = env!("CARGO_BIN_EXE_jixiao");
        let output =
            Command::new("sh").args(["-c", &command, program]).current_dir(place.folder.path()).output();
        let output = output.expect("it runs");
        if output.status.code().is_none() {
            wrong.push(format!("{name}: killed, {output:?}"));
            continue;
        }
        let (code, status, words) = match becomes {
            Unreadable(words) => (3, "unreadable", *words),
            Read => (0, "no_forms", ""),
        };
        let ran = Ran::of(&output);
        let summary: Value = serde_json::from_str(&ran.out).unwrap_or_default();
        // Of an archive the last row is its own.
        let row = summary["not_parsed"].as_array().and_then(|rows| rows.last()).cloned().unwrap_or_default();
        let is_so = ran.code == code
            && summary["documents"]["parsed"] == 1
            && row["source"].as_str().is_some_and(|source| source.starts_with(name))
            && row["status"] == status
            && row["reason"].as_str().is_some_and(|reason| reason.contains(words));
        if !is_so {
            wrong.push(format!("{name}: {ran:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// References to characters in one text. What is not optimised takes a microsecond for each.
const REFERENCES: usize = if cfg!(debug_assertions) { 3_000_000 } else { 50_000_000 };

const INFLATES: &str = "inflates to more than 256 MiB";

#[test]
fn bombs() {
    let blank = || repeated("<a>", " ", 1 << 30, "</a>");
    let piece = vec![b' '; 1 << 20];
    let inner = zip(&[Zipped::new(b"x", &piece)]);
    let nested = zip(&vec![Zipped::new(b"x.zip", &inner); 100]);
    let twice = bombs::package(&[("a.txt", Some(blank())), ("b.txt", None), ("c.txt", None)]);
    check(&[
        ("plain.docx", office::docx(blank()), Unreadable(INFLATES)),
        ("plain.odt", office::open_document("text", blank()), Unreadable(INFLATES)),
        ("plain.ods", office::open_document("spreadsheet", blank()), Unreadable(INFLATES)),
        ("plain.xlsx", office::xlsx(blank()), Unreadable(INFLATES)),
        ("overlapping.xlsx", office::xlsx_overlapping(1_000), Unreadable(INFLATES)),
        ("plain.zip", bombs::package(&[("a.txt", Some(blank()))]), Unreadable("unpacks to more than 64 MiB")),
        ("nested.zip", nested, Unreadable("unpack to more than")),
        ("overlapping.zip", twice, Unreadable("its entries overlap")),
        ("plain.gz", gzip(&piece.repeat(20)), Unreadable("unpack to more than")),
    ]);
}

#[test]
fn workbooks() {
    let sheet =
        "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>甲</t></is></c></row></sheetData></worksheet>";
    check(&[
        ("last-cell.xlsx", office::xlsx_last_cell(), Read),
        ("sheets.xlsx", office::xlsx_sheets(490_000, sheet), Unreadable("more than 10000 sheets")),
        ("fewer-sheets.xlsx", office::xlsx_sheets(10_000, sheet), Read),
        ("merged.xlsx", office::xlsx_merged(490_000), Read),
        ("repeated.ods", office::ods_repeated(31_623, 31_623, "<text:p>甲</text:p>"), Unreadable("cells")),
        ("repeated-blank.ods", office::ods_repeated(31_623, 31_623, ""), Read),
        (
            "repeated-most.ods",
            office::ods_repeated(u64::MAX, u64::MAX, "<text:p>甲</text:p>"),
            Unreadable("cells"),
        ),
    ]);
}

#[test]
fn texts_of_word() {
    let (table, end) = ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>");
    let (open_table, open_end) = (
        "<table:table><table:table-row><table:table-cell>",
        "</table:table-cell></table:table-row></table:table>",
    );
    check(&[
        ("cells.docx", office::docx_cells(10_000_000), Unreadable("cells")),
        ("lt.docx", office::docx_paragraph("&lt;", REFERENCES), Read),
        ("lt.odt", office::odt_paragraph("&lt;", REFERENCES), Read),
        ("entities.docx", office::docx_entities(), Read),
        ("spaces.odt", office::odt_paragraph("<text:s text:c=\"1000000000\"/>", 100), Read),
        ("nested.docx", office::docx_nested("<w:sdt>", "</w:sdt>", 100_000), Unreadable("nested 1001 deep")),
        ("tables.docx", office::docx_nested(table, end, 300), Unreadable("nested 101 deep")),
        (
            "nested.odt",
            office::odt_nested("<text:section>", "</text:section>", 100_000),
            Unreadable("nested 1001 deep"),
        ),
        ("tables.odt", office::odt_nested(open_table, open_end, 300), Unreadable("nested 101 deep")),
        ("groups.rtf", pages::rtf_groups(10_000_000), Unreadable("nested 1001 deep")),
        ("tables.rtf", pages::rtf_tables(100_000), Unreadable("nested 101 deep")),
    ]);
}

#[test]
fn pages_and_texts() {
    check(&[
        ("deep.html", pages::html_nested("<div>", 100_000), Unreadable("nested 1001 deep")),
        ("tables.html", pages::html_nested("<table><tr><td>", 100_000), Unreadable("nested 1001 deep")),
        ("formats.html", pages::html_nested("<p><b><i>", 100_000), Read),
        ("attributes.html", pages::html_attributes(1_000_000), Unreadable("more than 1000 attributes")),
        ("bodies.html", pages::html_bodies(300_000), Read),
        ("own-page.pdf", pages::pdf_page_loop("2 0 R"), Unreadable("damaged")),
        ("two-pages.pdf", pages::pdf_page_loop("3 0 R"), Unreadable("damaged")),
        ("stream.pdf", pages::pdf_stream(1 << 30), Unreadable(INFLATES)),
        ("headless.pdf", pages::pdf_stream_without_head(1 << 30), Unreadable(INFLATES)),
        ("digits.pdf", pages::pdf_stream_in_digits(1 << 30), Unreadable(INFLATES)),
        ("elsewhere.pdf", pages::pdf_stream_of_elsewhere(1 << 30), Unreadable(INFLATES)),
        ("runs.pdf", pages::pdf_stream_of_runs(1 << 30), Unreadable(INFLATES)),
        ("columns.pdf", pages::pdf_columns(1 << 45), Unreadable("rows of 35184372088832 columns")),
        ("picture.pdf", pages::pdf_picture(60_000), Read),
    ]);
}

fn published(name: &str) -> Vec<u8> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats").join(name);
    fs::read(path).expect("it is there")
}

#[test]
fn compound_files() {
    let (doc, xls) = (published("published.doc"), published("published.xls"));
    let document = Loop::Stream("WordDocument");
    let workbook = Loop::Stream("Workbook");
    check(&[
        ("stream.doc", looped(&doc, document), Unreadable("97–2003 (doc) and damaged")),
        ("directory.doc", looped(&doc, Loop::Directory), Unreadable("97–2003 (doc, xls) and damaged")),
        (
            "entry.doc",
            looped(&doc, Loop::Entry("WordDocument")),
            Unreadable("97–2003 (doc, xls) and damaged"),
        ),
        ("difat.doc", looped(&doc, Loop::Difat), Unreadable("97–2003 (doc, xls) and damaged")),
        ("stream.xls", looped(&xls, workbook), Unreadable("97–2003 (xls) and damaged")),
        ("directory.xls", looped(&xls, Loop::Directory), Unreadable("97–2003 (doc, xls) and damaged")),
        ("entry.xls", looped(&xls, Loop::Entry("Workbook")), Unreadable("97–2003 (doc, xls) and damaged")),
        ("difat.xls", looped(&xls, Loop::Difat), Unreadable("97–2003 (doc, xls) and damaged")),
    ]);
}
