//! Forms of the families as PDFs that draw no lines around cells, or some: the facts of the HTML.
//!
//! LibreOffice wrote them of each `form.html` with `border="0"` (`form.no-lines.pdf`), with `rules="rows"` (`form.rows.pdf`)
//! and with `rules="none" frame="box"`, which it draws as lines between columns (`form.columns.pdf`); and of the docx of
//! python-docx without its borders (`form.word-no-lines.pdf`), where labels stand at the top of their cells.

#![expect(clippy::disallowed_methods, reason = "tests read their documents")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{contents, path, read};
use jixiao_model::FindingCode;
use serde_json::Value;

/// The facts of a form: its own columns, its indicators and its amounts. Blanks within a text are the layout's.
fn facts(form: &Value) -> Vec<String> {
    let tables = ["form", "indicators", "budget_lines"];
    tables.iter().flat_map(|table| columns(table, &form[*table])).collect()
}

fn columns(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(row) => {
            let values = row.iter().filter(|(_, value)| !value.is_null());
            values.flat_map(|(column, value)| columns(&format!("{name}.{column}"), value)).collect()
        }
        Value::Array(rows) => {
            let rows = rows.iter().enumerate();
            rows.flat_map(|(at, row)| columns(&format!("{name}[{at}]"), row)).collect()
        }
        value => {
            let bare: String = value.to_string().replace("\\n", "").split_whitespace().collect();
            vec![format!("{name} {bare}")]
        }
    }
}

/// The PDFs of this kind beside the forms.
fn files(kind: &str) -> Vec<PathBuf> {
    let roots = ["tests/families", "tests/families-indicators"];
    let folders = roots.iter().flat_map(|root| fs::read_dir(path(root)).expect("the folders"));
    let files = folders.map(|folder| folder.expect("a folder").path().join(format!("form.{kind}.pdf")));
    let mut files: Vec<PathBuf> = files.filter(|file| file.exists()).collect();
    files.sort();
    files
}

fn check(kind: &str, count: usize) {
    let files = files(kind);
    assert_eq!(files.len(), count, "{files:?}");
    let mut wrong = Vec::new();
    for file in files {
        let read = |file: &Path| contents(&read(&fs::read(file).expect("the file is there")));
        let (expected, found) = (read(&file.with_file_name("form.html")), read(&file));
        let facts = |forms: &[Value]| -> Vec<Vec<String>> { forms.iter().map(facts).collect() };
        let (expected, found) = (facts(&expected), facts(&found));
        assert_eq!(expected.len(), found.len(), "{}", file.display());
        for (expected, found) in expected.iter().zip(&found) {
            let lost = expected.iter().filter(|fact| !found.contains(fact)).map(|fact| format!("no {fact}"));
            let more = found.iter().filter(|fact| !expected.contains(fact)).map(|fact| format!("but {fact}"));
            wrong.extend(lost.chain(more).map(|line| format!("{}: {line}", file.display())));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn forms_without_lines() {
    check("no-lines", 17);
}

#[test]
fn forms_with_lines_between_rows_alone() {
    check("rows", 5);
}

#[test]
fn forms_with_lines_between_columns_alone() {
    check("columns", 5);
}

#[test]
fn forms_of_a_word_processor_without_lines() {
    check("word-no-lines", 6);
}

#[test]
fn how_cells_were_told_is_a_finding() {
    for (file, is_guessed) in [("form.no-lines.pdf", true), ("form.rows.pdf", true), ("form.pdf", false)] {
        let file = path("tests/families/ministry-2015").join(file);
        let findings = read(&fs::read(&file).expect("the file is there")).records.findings;
        let is_said = findings.iter().any(|finding| finding.code == FindingCode::ColumnsGuessed);
        assert_eq!(is_said, is_guessed, "{}", file.display());
    }
}
