//! The table `findings`: a row is something that an analyst should know.

use jixiao_model::record::FindingRow;

use super::Row;
use super::columns::Columns;

impl Row for FindingRow {
    const TABLE: &'static str = "findings";

    fn columns() -> Columns<Self> {
        Columns::<Self>::new()
            .text("document_id", |row| Some(&row.document_id))
            .integer("finding_number", |row| Some(row.finding_number))
            .text("form_id", |row| row.form_id.as_deref())
            .text("severity", |row| Some(row.severity.as_str()))
            .text("code", |row| Some(row.code.as_str()))
            .text("field", |row| row.field.as_deref())
            .text("found", |row| row.found.as_deref())
            .text("expected", |row| row.expected.as_deref())
            .text("message", |row| Some(&row.message))
            .place("place", |row| row.place.as_ref())
    }
}
