//! The published document in other formats, and small documents of each: the same records, whatever the format.

#![expect(clippy::disallowed_methods, reason = "tests read their documents")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::fs;

use common::{content, path, read, same_as_published, same_as_published_but};
use jixiao_model::FindingCode;

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

fn published(format: &str) {
    let bytes = fs::read(path(&format!("tests/formats/published.{format}"))).expect("it is there");
    assert_eq!(read(&bytes).document.format.as_deref(), Some(format));
    same_as_published(format, &bytes);
}

#[test]
fn the_published_document_as_docx() {
    published("docx");
}

#[test]
fn the_published_document_as_odt() {
    published("odt");
}

#[test]
fn the_published_document_as_doc() {
    published("doc");
}

#[test]
fn the_published_document_as_rtf() {
    published("rtf");
}

#[test]
fn the_published_document_as_pdf() {
    published("pdf");
}

/// Two forms in one sheet with spare rows between them, and one in another sheet.
#[test]
fn a_workbook_holds_forms_below_one_another_and_in_sheets() {
    let bytes = fs::read(path("tests/formats/forms-in-sheets.xlsx")).expect("it is there");
    let document = read(&bytes);
    let forms = document.records.forms.iter().map(|records| {
        let form = &records.form;
        let name = form.project_name.clone().unwrap_or_default();
        let budget = form.total_budget_yuan.map(|amount| amount.normalize().to_string()).unwrap_or_default();
        format!("{} {name} {budget} {}", form.place, records.indicators.len())
    });
    let expected = ["项目!A2 科普宣传 500000 2", "项目!A12 学术交流 800000 2", "第三个!A4 人才服务 700000 2"];
    assert_eq!(forms.collect::<Vec<_>>(), expected);
}

/// A form in whose project's name a tracked change deleted a word, written by LibreOffice in each format.
#[test]
fn what_was_deleted_is_not_read_in_any_format() {
    for format in ["docx", "doc", "odt", "rtf"] {
        let name = format!("tests/formats/unseen.{format}");
        let document = read(&fs::read(path(&name)).expect("the file is there"));
        let form = content(&document.records.forms[0]);
        assert_eq!(form["form"]["project_name"], "科普活动", "{name}");
        let unseen =
            document.records.findings.iter().filter(|finding| finding.code == FindingCode::UnseenText);
        let found: Vec<_> = unseen.filter_map(|finding| finding.found.as_deref()).collect();
        assert_eq!(found, ["宣传"], "{name}");
    }
}
