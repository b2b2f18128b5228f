//! The table `documents`: a row is a source file, and what became of it.

use jixiao_model::record::Document;

use super::Row;
use super::columns::Columns;

impl Row for Document {
    const TABLE: &'static str = "documents";

    fn columns() -> Columns<Self> {
        Columns::<Self>::new()
            .text("source", |row| Some(&row.source))
            .text("document_id", |row| row.document_id.as_deref())
            .text("sha256", |row| row.sha256.as_deref())
            .integer("size_bytes", |row| row.size_bytes)
            .timestamp("modified_at", |row| row.modified_at)
            .integer("archive_size_bytes", |row| row.archive_size_bytes)
            .text("format", |row| row.format.as_deref())
            .text("encoding", |row| row.encoding.as_deref())
            .text("encoding_evidence", |row| row.encoding_evidence.as_deref())
            .integer("replacement_count", |row| Some(row.replacement_count))
            .text("status", |row| Some(row.status.as_str()))
            .text("reason", |row| row.reason.as_deref())
            .integer("form_count", |row| Some(row.form_count))
            .integer("finding_count", |row| Some(row.finding_count))
            .text("rules_version", |row| Some(&row.rules_version))
    }
}
