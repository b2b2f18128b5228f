//! The table `runs`: a row is one run.

use jixiao_model::record::Run;

use super::Row;
use super::columns::Columns;

impl Row for Run {
    const TABLE: &'static str = "runs";

    fn columns() -> Columns<Self> {
        Columns::<Self>::new()
            .text("run_id", |row| Some(&row.run_id))
            .text("kind", |row| Some(&row.kind))
            .text("pipeline", |row| row.pipeline.as_deref())
            .timestamp("started_at", |row| Some(row.started_at))
            .timestamp("finished_at", |row| Some(row.finished_at))
            .text("outcome", |row| Some(&row.outcome))
            .text("version", |row| Some(&row.version))
            .text("rules_version", |row| Some(&row.rules_version))
            .integer("documents_seen", |row| Some(row.documents_seen))
            .integer("documents_new", |row| Some(row.documents_new))
            .integer("documents_changed", |row| Some(row.documents_changed))
            .integer("documents_unchanged", |row| Some(row.documents_unchanged))
            .integer("documents_removed", |row| Some(row.documents_removed))
            .integer("documents_unreadable", |row| Some(row.documents_unreadable))
            .integer("form_count", |row| Some(row.form_count))
            .integer("indicator_count", |row| Some(row.indicator_count))
            .integer("finding_count", |row| Some(row.finding_count))
    }
}
