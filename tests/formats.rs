//! The published document as LibreOffice writes it in other formats: each gives the same forms, place apart.

#![expect(clippy::disallowed_methods, reason = "tests read their documents")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::fs;

use common::{DOCUMENT, contents, path, read};

/// Reads the published document in another format, and compares what it holds with what the text holds.
fn same_as_published(format: &str) {
    let bytes = fs::read(path(&format!("tests/formats/published.{format}"))).expect("it is there");
    let document = read(&bytes);
    assert_eq!(document.document.format.as_deref(), Some(format), "{:?}", document.document.reason);
    let (found, expected) = (contents(&document), contents(&read(DOCUMENT)));
    assert_eq!(found.len(), expected.len(), "{format}: forms");
    for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
        for part in ["form", "indicators", "budget_lines", "fields", "citations"] {
            let rows = |value: &serde_json::Value| serde_json::to_string_pretty(&value[part]);
            let (found, expected) = (rows(found).expect("JSON"), rows(expected).expect("JSON"));
            let differs = found.lines().zip(expected.lines()).find(|(one, other)| one != other);
            assert_eq!(differs, None, "{format}: {part} of form {}", number + 1);
            assert_eq!(found, expected, "{format}: {part} of form {}", number + 1);
        }
    }
}

#[test]
fn as_docx() {
    same_as_published("docx");
}

#[test]
fn as_odt() {
    same_as_published("odt");
}

#[test]
fn as_doc() {
    same_as_published("doc");
}

#[test]
fn as_rtf() {
    same_as_published("rtf");
}

#[test]
fn as_pdf() {
    same_as_published("pdf");
}
