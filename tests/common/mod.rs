//! What the tests share: the published document, where the repository is, and one way to read bytes.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::path::PathBuf;

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
    let source = Source { name: "document".into(), path: "document".into(), problem: None };
    let opened =
        Opened { bytes: Ok(bytes.to_vec()), size_bytes: Some(bytes.len() as u64), modified_at: None };
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

/// The same of all forms of a document.
pub fn contents(document: &ReadDocument) -> Vec<Value> {
    document.records.forms.iter().map(content).collect()
}
