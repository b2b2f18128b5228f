//! The published document in other formats: each gives the records of the text, place apart.
//!
//! The files were made by LibreOffice from one HTML page of the document (`tests/formats/`), so that what a reader
//! gets wrong is the reader's.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a test reads its documents from the disk")]

mod common;

use common::{DOCUMENT, content, contents, path, read};
use jixiao_model::FindingCode;
use jixiao_model::record::Status;

/// Reads a file of `tests/formats`, and compares its forms with those of the published text.
fn same_as_published(name: &str, format: &str) {
    let bytes = std::fs::read(path("tests/formats").join(name)).expect("the file is there");
    let found = read(&bytes);
    assert_eq!(found.document.status, Status::Parsed, "{name}: {:?}", found.document.reason);
    assert_eq!(found.document.format.as_deref(), Some(format), "{name}");
    let expected = read(DOCUMENT);
    let (forms, expected) = (contents(&found), contents(&expected));
    assert_eq!((forms.len(), expected.len()), (15, 15), "{name}: forms");
    for (number, (form, expected)) in forms.iter().zip(&expected).enumerate() {
        for part in ["form", "indicators", "budget_lines", "fields", "citations"] {
            assert_eq!(form[part], expected[part], "{name}: {part} of form {}", number + 1);
        }
    }
    let indicators: usize = found.records.forms.iter().map(|form| form.indicators.len()).sum();
    assert_eq!(indicators, 149, "{name}: indicators");
}

#[test]
fn docx() {
    same_as_published("published.docx", "docx");
}

#[test]
fn odt() {
    same_as_published("published.odt", "odt");
}

#[test]
fn doc() {
    same_as_published("published.doc", "doc");
}

#[test]
fn rtf() {
    same_as_published("published.rtf", "rtf");
}

/// A form in whose project's name a tracked change deleted a word, written by LibreOffice in each format.
#[test]
fn what_was_deleted_is_not_read_in_any_format() {
    for format in ["docx", "doc", "odt", "rtf"] {
        let name = format!("tests/formats/unseen.{format}");
        let document = read(&std::fs::read(path(&name)).expect("the file is there"));
        let form = content(&document.records.forms[0]);
        assert_eq!(form["form"]["project_name"], "科普活动", "{name}");
        let unseen =
            document.records.findings.iter().filter(|finding| finding.code == FindingCode::UnseenText);
        let found: Vec<_> = unseen.filter_map(|finding| finding.found.as_deref()).collect();
        assert_eq!(found, ["宣传"], "{name}");
    }
}
