//! Text dumps of PDFs give the forms that the document itself gives.
//!
//! The dumps were made of a PDF of the published document with `pdftotext -layout`, `pdftotext -raw` and PyMuPDF's
//! `get_text()`. What is compared is what the dump still tells; blanks that a tool put between letters do not count.

#![expect(clippy::disallowed_methods, reason = "tests read their documents")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::fs;

use common::{DOCUMENT, path, read};
use jixiao_model::record::{FormRecords, Indicator};

fn squeezed(text: Option<&String>) -> String {
    text.into_iter().flat_map(|text| text.chars()).filter(|c| !c.is_whitespace()).collect()
}

fn row(indicator: &Indicator) -> [String; 4] {
    [
        squeezed(indicator.level1.as_ref()),
        squeezed(indicator.level2.as_ref()),
        squeezed(indicator.indicator.as_ref()),
        squeezed(indicator.target_raw.as_ref()),
    ]
}

fn rows(form: &FormRecords) -> Vec<[String; 4]> {
    form.indicators.iter().map(row).collect()
}

/// Reads a dump of the published document; all its forms but these have the same indicators as the document.
fn check(name: &str, but: &[usize]) {
    let dump = fs::read(path("tests/dumps").join(name)).expect("the dump is there");
    let (dump, document) = (read(&dump).records, read(DOCUMENT).records);
    assert_eq!(dump.forms.len(), 15, "{name}");
    for (number, (found, expected)) in (1..).zip(dump.forms.iter().zip(&document.forms)) {
        assert_eq!(found.form.fiscal_year, expected.form.fiscal_year, "{name}, form {number}");
        if !but.contains(&number) {
            assert_eq!(rows(found), rows(expected), "{name}, form {number}");
        }
    }
}

#[test]
fn one_cell_a_line() {
    check("published-pymupdf.txt", &[5]);
}

#[test]
fn cells_behind_one_another() {
    check("published-raw.txt", &[]);
}

#[test]
fn columns_by_blanks() {
    check("published-layout.txt", &[7, 9]);
}
