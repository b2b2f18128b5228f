//! The table `checks`: a row is how often a check applied and held.

use jixiao_model::record::Check;

use super::Row;
use super::columns::Columns;

impl Row for Check {
    const TABLE: &'static str = "checks";

    fn columns() -> Columns<Self> {
        Columns::<Self>::new()
            .text("code", |row| Some(&row.code))
            .integer("fiscal_year", |row| row.fiscal_year)
            .integer("applied", |row| Some(row.applied))
            .integer("passed", |row| Some(row.passed))
    }
}
