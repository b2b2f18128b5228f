//! The table `checks`: a row is how often a check applied and held.

use arrow_array::RecordBatch;
use jixiao_model::record::Check;

use super::Row;
use super::columns::Columns;
use crate::LoadError;

impl Row for Check {
    const TABLE: &'static str = "checks";

    fn batch(rows: &[&Self]) -> Result<RecordBatch, LoadError> {
        Columns::new(rows)?
            .text("code", |row| Some(&row.code))
            .integer("fiscal_year", |row| row.fiscal_year)
            .integer("applied", |row| Some(row.applied))
            .integer("passed", |row| Some(row.passed))
            .finish()
    }
}
