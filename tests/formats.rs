//! The published document in other formats, and small documents of each: the same records, whatever the format.

#![expect(clippy::disallowed_methods, reason = "tests read their documents")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::fs;

use common::{path, same_as_published_but};

/// LibreOffice takes `=025%` for a formula and keeps `=25%` of it.
const REWRITTEN: [(&str, &str); 1] = [("=025%", "=25%")];

fn published_workbook(name: &str) {
    let bytes = fs::read(path(&format!("tests/formats/{name}"))).expect("it is there");
    same_as_published_but(name, &bytes, &REWRITTEN);
}

#[test]
fn the_published_document_as_xlsx() {
    published_workbook("published.xlsx");
}

#[test]
fn the_published_document_as_xls() {
    published_workbook("published.xls");
}

#[test]
fn the_published_document_as_ods() {
    published_workbook("published.ods");
}
