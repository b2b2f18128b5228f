//! The table `budget_lines`: a row is one amount on a form.

use jixiao_model::record::BudgetLine;

use super::Row;
use super::columns::Columns;

impl Row for BudgetLine {
    const TABLE: &'static str = "budget_lines";

    fn columns() -> Columns<Self> {
        Columns::<Self>::new()
            .text("form_id", |row| Some(&row.form_id))
            .integer("line_number", |row| Some(row.line_number))
            .integer("fiscal_year", |row| row.fiscal_year)
            .text("item", |row| row.item)
            .text("label_raw", |row| row.label_raw.as_deref())
            .decimal("amount_yuan", |row| row.amount_yuan)
            .text("amount_raw", |row| row.amount_raw.as_deref())
            .text("unit", |row| row.unit)
            .place("place", |row| Some(&row.place))
    }
}
