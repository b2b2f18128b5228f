//! The table `form_checks`: a row is how a check went on one form.

use jixiao_model::record::FormCheck;

use super::Row;
use super::columns::Columns;

impl Row for FormCheck {
    const TABLE: &'static str = "form_checks";

    fn columns() -> Columns<Self> {
        Columns::<Self>::new()
            .text("form_id", |row| Some(&row.form_id))
            .text("code", |row| Some(row.code.as_str()))
            .integer("fiscal_year", |row| row.fiscal_year)
            .integer("applied", |row| Some(row.applied))
            .integer("passed", |row| Some(row.passed))
    }
}
