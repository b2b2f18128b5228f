//! The table `indicators`: a row is one indicator of a form.

use jixiao_model::record::{Indicator, Operator, TargetKind};

use super::Row;
use super::columns::Columns;

impl Row for Indicator {
    const TABLE: &'static str = "indicators";

    fn columns() -> Columns<Self> {
        Columns::<Self>::new()
            .text("form_id", |row| Some(&row.form_id))
            .integer("indicator_number", |row| Some(row.indicator_number))
            .integer("fiscal_year", |row| row.fiscal_year)
            .text("scope", |row| Some(row.scope.as_str()))
            .text("level1", |row| row.level1.as_deref())
            .text("level2", |row| row.level2.as_deref())
            .text("indicator", |row| row.indicator.as_deref())
            .text("level1_code", |row| row.level1_code)
            .text("level2_code", |row| row.level2_code)
            .text("indicator_code", |row| row.indicator_code)
            .text("target_raw", |row| row.target_raw.as_deref())
            .text("target_kind", |row| row.target.kind.map(TargetKind::as_str))
            .text("target_operator", |row| row.target.operator.map(Operator::as_str))
            .decimal("target_value", |row| row.target.value)
            .decimal("target_upper", |row| row.target.upper)
            .text("target_unit", |row| row.target.unit.as_deref())
            .text("target_text", |row| row.target.text.as_deref())
            .decimal("weight", |row| row.weight)
            .text("note", |row| row.note.as_deref())
            .place("place", |row| Some(&row.place))
    }
}
