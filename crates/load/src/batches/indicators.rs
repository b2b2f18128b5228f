//! The table `indicators`: a row is one indicator of a form.

use arrow_array::RecordBatch;
use jixiao_model::record::{Indicator, Operator, TargetKind};

use super::Row;
use super::columns::Columns;
use crate::LoadError;

impl Row for Indicator {
    const TABLE: &'static str = "indicators";

    fn batch(rows: &[&Self]) -> Result<RecordBatch, LoadError> {
        Columns::new(rows)?
            .text("form_id", |row| Some(&row.form_id))
            .integer("indicator_number", |row| Some(row.indicator_number))
            .integer("fiscal_year", |row| row.fiscal_year)
            .text("scope", |row| Some(row.scope.as_str()))
            .text("level1", |row| row.level1.as_ref())
            .text("level2", |row| row.level2.as_ref())
            .text("indicator", |row| row.indicator.as_ref())
            .text("level1_code", |row| row.level1_code.as_ref())
            .text("level2_code", |row| row.level2_code.as_ref())
            .text("indicator_code", |row| row.indicator_code.as_ref())
            .text("target_raw", |row| row.target_raw.as_ref())
            .text("target_kind", |row| row.target.kind.map(TargetKind::as_str))
            .text("target_operator", |row| row.target.operator.map(Operator::as_str))
            .decimal("target_value", |row| row.target.value)
            .decimal("target_upper", |row| row.target.upper)
            .text("target_unit", |row| row.target.unit.as_ref())
            .text("target_text", |row| row.target.text.as_ref())
            .decimal("weight", |row| row.weight)
            .text("note", |row| row.note.as_ref())
            .place("place", |row| Some(&row.place))
            .finish()
    }
}
