//! What the tests share: the published document, where the repository is, and one way to read bytes.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::fs;
use std::path::{Path, PathBuf};

use jixiao::read::{ReadDocument, read_document};
use jixiao::source::{Opened, Source};
use jixiao_model::record::FormRecords;
use serde_json::Value;

/// The published document of 2020, as it was found.
pub const DOCUMENT: &[u8] =
    include_bytes!("../../data/raw/shanghai/2020/shanghai-association-for-science-and-technology-2020.txt");

/// A path in the repository.
pub fn path(below: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(below)
}

/// Reads a document as `ingest` does.
pub fn read(bytes: &[u8]) -> ReadDocument {
    let source = Source::new("document", "document");
    let opened = Opened {
        bytes: Ok(bytes.to_vec()),
        size_bytes: Some(bytes.len() as u64),
        modified_at: None,
        has_gone: false,
    };
    read_document(&source, &opened)
}

/// Everything that a form holds, but for where it stands.
pub fn content(records: &FormRecords) -> Value {
    let mut value = serde_json::to_value(records).unwrap_or_default();
    forget_places(&mut value);
    value
}

fn forget_places(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for key in ["place", "document_id", "form_id", "form_number"] {
                map.remove(key);
            }
            map.remove("checks");
            map.values_mut().for_each(forget_places);
        }
        Value::Array(values) => values.iter_mut().for_each(forget_places),
        _ => {}
    }
}

/// Everything that the forms of a document hold, but for where it stands.
pub fn contents(document: &ReadDocument) -> Vec<Value> {
    document.records.forms.iter().map(content).collect()
}

/// Checks that a document has the records of the published one, place apart.
pub fn same_as_published(name: &str, bytes: &[u8]) {
    same_as_published_but(name, bytes, &[]);
}

/// As [`same_as_published`], where a program that converted the document wrote some words in another way: as published,
/// and as they stand in the document. Only what is quoted may differ (`…_raw`), never what was read of it.
pub fn same_as_published_but(name: &str, bytes: &[u8], rewritten: &[(&str, &str)]) {
    let (published, found) = (read(DOCUMENT), read(bytes));
    assert_eq!(
        found.records.forms.len(),
        published.records.forms.len(),
        "{name}: {:?}",
        found.document.reason
    );
    assert!(!columns(&published.records.forms[0].form).is_empty(), "a record is a JSON object");
    let mut wrong = Vec::new();
    for (expected, found) in published.records.forms.iter().zip(&found.records.forms) {
        let number = expected.form.form_number;
        let rows = |records: &FormRecords| {
            let mut rows = vec![columns(&records.form)];
            rows.extend(records.indicators.iter().map(columns));
            let mut fields: Vec<_> = records.fields.iter().map(columns).collect();
            // Headings may stand a row higher or lower, as tables were laid out.
            fields.sort_by_key(|field| (field["label_raw"].to_string(), field["value_raw"].to_string()));
            rows.extend(fields);
            rows
        };
        let (expected, found) = (rows(expected), rows(found));
        if expected.len() != found.len() {
            wrong.push(format!("form {number}: {} rows for {}", found.len(), expected.len()));
        }
        for (row, (expected, found)) in expected.iter().zip(&found).enumerate() {
            for (column, value) in expected {
                let may_differ = column.ends_with("_raw")
                    && found.get(column).is_some_and(|found| is_rewritten(value, found, rewritten));
                if found.get(column) != Some(value) && !may_differ {
                    wrong.push(format!(
                        "form {number} row {row} {column}: {:?} for {value}",
                        found.get(column)
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{name}: {} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whether a text as published stands in a document as a program wrote it: numbers without their commas.
fn is_rewritten(published: &Value, written: &Value, rewritten: &[(&str, &str)]) -> bool {
    let (Some(published), Some(written)) = (published.as_str(), written.as_str()) else { return false };
    published.replace(',', "") == written || rewritten.contains(&(published, written))
}

/// The columns of a record that do not say where it stood.
fn columns(record: &impl serde::Serialize) -> serde_json::Map<String, Value> {
    let Ok(Value::Object(mut columns)) = serde_json::to_value(record) else { return serde_json::Map::new() };
    columns
        .retain(|column, _| !["place", "document_id", "form_id", "indicator_id"].contains(&column.as_str()));
    columns
}

/// The lines of a file of facts that differ from the facts that were found, in order. A line with `#` is a remark.
#[allow(clippy::disallowed_methods, clippy::expect_used, reason = "tests read their facts")]
pub fn differing_lines<'f>(file: &Path, found: impl Iterator<Item = &'f str>) -> String {
    let facts = fs::read_to_string(file).expect("the facts");
    let mut expected = facts.lines().zip(1..).filter(|(line, _)| !line.starts_with('#'));
    let (mut found, mut last, mut wrong) = (found, 0, String::new());
    loop {
        let (expected, found) = (expected.next(), found.next());
        last = expected.map_or(last + 1, |(_, number)| number);
        let expected = expected.map(|(line, _)| line);
        if expected.is_none() && found.is_none() {
            return wrong;
        }
        if expected != found {
            wrong += &format!("{}:{last}\n  expected {expected:?}\n  found    {found:?}\n", file.display());
        }
    }
}
