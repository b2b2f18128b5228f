//! The table `findings`: a row is something that an analyst should know.

use arrow_array::RecordBatch;
use jixiao_model::record::FindingRow;

use super::Row;
use super::columns::Columns;
use crate::LoadError;

impl Row for FindingRow {
    const TABLE: &'static str = "findings";

    fn batch(rows: &[&Self]) -> Result<RecordBatch, LoadError> {
        Columns::new(rows)?
            .text("document_id", |row| Some(&row.document_id))
            .integer("finding_number", |row| Some(row.finding_number))
            .text("form_id", |row| row.form_id.as_ref())
            .text("severity", |row| Some(row.severity.as_str()))
            .text("code", |row| Some(row.code.as_str()))
            .text("field", |row| row.field.as_ref())
            .text("found", |row| row.found.as_ref())
            .text("expected", |row| row.expected.as_ref())
            .text("message", |row| Some(&row.message))
            .place("place", |row| row.place.as_ref())
            .finish()
    }
}
