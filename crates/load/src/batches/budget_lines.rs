//! The table `budget_lines`: a row is one amount on a form.

use arrow_array::RecordBatch;
use jixiao_model::record::BudgetLine;

use super::Row;
use super::columns::Columns;
use crate::LoadError;

impl Row for BudgetLine {
    const TABLE: &'static str = "budget_lines";

    fn batch(rows: &[&Self]) -> Result<RecordBatch, LoadError> {
        Columns::new(rows)?
            .text("form_id", |row| Some(&row.form_id))
            .integer("line_number", |row| Some(row.line_number))
            .integer("fiscal_year", |row| row.fiscal_year)
            .text("item", |row| row.item)
            .text("label_raw", |row| row.label_raw.as_ref())
            .decimal("amount_yuan", |row| row.amount_yuan)
            .text("amount_raw", |row| row.amount_raw.as_ref())
            .text("unit", |row| row.unit.as_ref())
            .place("place", |row| Some(&row.place))
            .finish()
    }
}
