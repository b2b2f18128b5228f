//! A form of each family, made by hand in the structure that its office prints, and the facts that a person reads from it.
//!
//! Each folder has a document and its facts, one a line: the columns of `forms` that are not NULL, the rows of
//! `budget_lines`, and the findings about them. What is left out of the file must not be there. Where a folder has
//! `indicators.txt`, it has the rows of the indicator table as well.

#![expect(clippy::disallowed_methods, reason = "tests read their documents")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use common::{path, read};
use jixiao_model::record::{FindingRow, FormRecords};
use serde_json::Value;

/// Columns that tell where a form stands, and keys made of others.
const NOT_PRINTED: [&str; 6] =
    ["form_id", "document_id", "form_number", "place", "organisation_key", "project_key"];
/// Findings about the fields of a form; those about indicators have tests of their own.
const ABOUT_FIELDS: [&str; 13] = [
    "value-without-label",
    "unknown-label",
    "repeated-label",
    "year-conflict",
    "year-from-dates",
    "organisation-from-other-label",
    "unclear-choice",
    "unreadable-amount",
    "amount-without-unit",
    "unreadable-date",
    "funding-does-not-add-up",
    "annual-above-total",
    "healed-page-break",
];

fn facts(records: &FormRecords, findings: &[FindingRow]) -> Vec<String> {
    let Value::Object(form) = serde_json::to_value(&records.form).expect("a form is JSON") else {
        return Vec::new();
    };
    let mut facts = Vec::new();
    for (column, value) in form.into_iter().filter(|(column, _)| !NOT_PRINTED.contains(&column.as_str())) {
        match value {
            Value::Null => {}
            Value::String(text) => facts.push(format!("{column} {}", text.replace('\n', "⏎"))),
            other => facts.push(format!("{column} {other}")),
        }
    }
    for line in &records.budget_lines {
        let amount = line.amount_yuan.map_or("NULL".to_owned(), |amount| amount.to_string());
        let (item, label) = (line.item.unwrap_or("?"), line.label_raw.as_deref().unwrap_or("-"));
        facts.push(format!("budget {item} {amount} {label}"));
    }
    let of_form = |row: &&FindingRow| row.form_id.as_ref() == Some(&records.form.form_id);
    let about_fields = |row: &&FindingRow| ABOUT_FIELDS.contains(&row.code.as_str());
    for finding in findings.iter().filter(of_form).filter(about_fields) {
        facts.push(format!("finding {} {}", finding.code, finding.field.as_deref().unwrap_or("-")));
    }
    facts
}

fn indicators(records: &FormRecords) -> Vec<String> {
    let rows = records.indicators.iter().map(|row| {
        let [level1, level2, name] =
            [&row.level1, &row.level2, &row.indicator].map(|value| value.as_deref().unwrap_or("NULL"));
        let target = row.target_raw.as_deref().unwrap_or("NULL");
        format!("{} {level1} > {level2} > {name}: {target}", row.scope.as_str())
    });
    rows.collect()
}

/// Facts that are expected and were not found, and the other way round; their order does not matter.
fn differences(file: &Path, mut found: Vec<String>) -> String {
    let mut wrong = String::new();
    for expected in fs::read_to_string(file).expect("the facts").lines() {
        match found.iter().position(|fact| fact == expected) {
            Some(at) => drop(found.remove(at)),
            None => {
                let _ = writeln!(wrong, "  {} expected {expected}", file.display());
            }
        }
    }
    for fact in found {
        let _ = writeln!(wrong, "  {} found    {fact}", file.display());
    }
    wrong
}

#[test]
fn every_family_is_read() {
    let root = path("tests/families");
    let mut folders: Vec<_> =
        fs::read_dir(&root).expect("the families").map(|entry| entry.expect("a folder").path()).collect();
    folders.sort();
    assert!(folders.len() >= 9, "{folders:?}");
    let mut wrong = String::new();
    for folder in folders {
        let document = read(&fs::read(folder.join("form.html")).expect("a document"));
        let [form] = document.records.forms.as_slice() else {
            let _ = writeln!(wrong, "  {}: {} forms", folder.display(), document.records.forms.len());
            continue;
        };
        wrong += &differences(&folder.join("facts.txt"), facts(form, &document.records.findings));
        let of_table = folder.join("indicators.txt");
        if of_table.exists() {
            wrong += &differences(&of_table, indicators(form));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn only_a_family_with_a_list_has_unknown_indicators() {
    let raised = |family: &str| {
        let file = path("tests/families").join(family).join("form.html");
        let document = read(&fs::read(file).expect("a document"));
        document
            .records
            .findings
            .iter()
            .filter(|finding| finding.code.as_str() == "unknown-indicator")
            .count()
    };
    assert_eq!((raised("zhejiang-sum"), raised("ministry-2021")), (0, 0));
    assert!(raised("shanghai-2019") > 0);
}
