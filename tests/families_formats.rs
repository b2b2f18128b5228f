//! Every form of `tests/families` and `tests/families-indicators` as offices write it: the facts of the HTML, in each format.
//!
//! The files beside each `form.html` or `form.txt` were made of it by `tests/render`. The form's own facts are held by `families` and
//! `families_indicators`; here everything that it gives (all columns of all tables, findings too) is compared, place apart.
//! Where a program wrote a text in another way, the list of such texts says so, and only what is quoted may then differ.

#![expect(clippy::disallowed_methods, reason = "tests read their documents")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::{contents, path, read};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// The files beside each form.
const FILES: [&str; 10] =
    ["docx", "python-docx.docx", "doc", "odt", "rtf", "pdf", "xlsx", "openpyxl.xlsx", "xls", "ods"];

/// Texts that a program wrote in another way: the files, as the HTML has it, and as it stands in the file.
const REWRITTEN: [(&[&str], &str, &str); 10] = [
    // A PDF has lines, not paragraphs: where a narrow cell breaks a word, nobody can tell.
    (&["pdf"], "总\n体\n目\n标", "总体目标"),
    (&["pdf"], "项目总体目标\n(2026年-2027年)", "项目总体目标(2026年-2027年)"),
    (&["pdf"], "资金总额\n（万元）", "资金总额（万元）"),
    (&["pdf"], "项目资金\n（万元）", "项目资金（万元）"),
    (&["pdf"], "执行率\n分值\n（10）", "执行率\n分值（10）"),
    // A wide space is drawn as a gap.
    (
        &["pdf"],
        "☑市委市政府已确定的新增项目　☐结转项目　☑其他一次性项目",
        "☑市委市政府已确定的新增项目 ☐结转项目 ☑其他一次性项目",
    ),
    // A number, shown as its format `0.00%` says.
    (&["openpyxl.xlsx"], "100%", "100.00%"),
    (
        &["openpyxl.xlsx"],
        "前年：80%\n上年：85%\n指标值确定依据：计划",
        "前年：80.00%\n上年：85.00%\n指标值确定依据：计划",
    ),
    // LibreOffice takes it for a formula: in xlsx and ods it keeps the number without its decimals, in xls nothing.
    (&["xlsx", "ods"], "=100.00(%)", "=100(%)"),
    (&["xls"], "=100.00(%)", LOST),
];
/// What a cell of xls shows whose formula LibreOffice could not write: the target is not in the file.
const LOST: &str = "#VALUE!";
const WORKBOOKS: [&str; 4] = ["xlsx", "openpyxl.xlsx", "xls", "ods"];

type Row = Map<String, Value>;

/// The rows of a table; those of `fields` sorted, since a table laid out in another way has them in another order.
fn rows(form: &Value, table: &str) -> Vec<Row> {
    let value = &form[table];
    let rows: Vec<&Value> = value.as_array().map_or_else(|| vec![value], |rows| rows.iter().collect());
    let mut rows: Vec<Row> = rows.into_iter().filter_map(|row| row.as_object().cloned()).collect();
    if ["fields", "findings"].contains(&table) {
        for row in &mut rows {
            row.remove("field_number");
            row.remove("finding_number");
        }
        let text = |row: &Row, column: &str| row.get(column).map(Value::to_string).unwrap_or_default();
        rows.sort_by_cached_key(|row| {
            let value = text(row, "value_raw").replace([',', '\n'], "");
            (text(row, "field"), text(row, "code"), text(row, "label_raw").replace("\\n", ""), value)
        });
    }
    rows
}

fn folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for root in ["tests/families", "tests/families-indicators"] {
        let entries = fs::read_dir(path(root)).expect("the folders");
        folders.extend(entries.map(|entry| entry.expect("a folder").path()));
    }
    folders.sort();
    folders
}

/// Whether a workbook has a number for the digits of the HTML, with other commas and decimals.
fn is_same_number(file: &str, expected: &Value, found: &Value) -> bool {
    let number = |text: &Value| text.as_str()?.replace(',', "").parse::<Decimal>().ok();
    WORKBOOKS.contains(&file) && number(expected).is_some() && number(expected) == number(found)
}

/// The columns in which two rows differ, and are not known to.
fn columns_that_differ(file: &str, expected: &Row, found: &Row, used: &mut BTreeSet<usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    let is_lost = found.get("target_raw").is_some_and(|target| target == LOST);
    for (column, expected) in expected {
        let found = found.get(column).unwrap_or(&Value::Null);
        let rewritten = REWRITTEN.iter().position(|(files, before, after)| {
            let is_quoted = column.ends_with("_raw") || column == "note";
            files.contains(&file) && expected == before && found == after && is_quoted
        });
        used.extend(rewritten);
        let is_known = rewritten.is_some()
            || (["amount_raw", "value_raw"].contains(&column.as_str())
                && is_same_number(file, expected, found))
            || (is_lost && file == "xls" && column.starts_with("target_"));
        if expected != found && !is_known {
            wrong.push(format!("{column}: {found} for {expected}"));
        }
    }
    wrong
}

fn differences(expected: &[Value], folder: &Path, file: &str, used: &mut BTreeSet<usize>) -> Vec<String> {
    let written = read(&fs::read(folder.join(format!("form.{file}"))).expect("the file is there"));
    let mut wrong = Vec::new();
    if written.document.format.as_deref() != file.rsplit('.').next() {
        wrong.push(format!("read as {:?}, {:?}", written.document.format, written.document.reason));
    }
    let found = contents(&written);
    if expected.len() != found.len() {
        wrong.push(format!("{} forms for {}", found.len(), expected.len()));
    }
    for (form, (expected, found)) in expected.iter().zip(&found).enumerate() {
        for table in ["form", "indicators", "budget_lines", "fields", "citations", "findings"] {
            let (expected, found) = (rows(expected, table), rows(found, table));
            if expected.len() != found.len() {
                wrong.push(format!("form {form}: {table}: {found:?} for {expected:?}"));
            }
            for (expected, found) in expected.iter().zip(&found) {
                let columns = columns_that_differ(file, expected, found, used);
                wrong.extend(columns.into_iter().map(|column| format!("form {form}: {table}.{column}")));
            }
        }
    }
    let name = format!("{}/form.{file}", folder.file_name().unwrap_or_default().to_string_lossy());
    wrong.into_iter().map(|line| format!("{name}: {line}")).collect()
}

#[test]
fn every_family_is_the_same_in_every_format() {
    let folders = folders();
    assert_eq!(folders.len(), 38, "{folders:?}");
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    for folder in &folders {
        let form = fs::read(folder.join("form.html")).or_else(|_| fs::read(folder.join("form.txt")));
        let form = contents(&read(&form.expect("the form is there")));
        for file in FILES {
            wrong.extend(differences(&form, folder, file, &mut used));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(used.len(), REWRITTEN.len(), "a rewriting that no file has: only {used:?} were met");
}
