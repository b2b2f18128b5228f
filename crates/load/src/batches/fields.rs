//! The table `fields`: a row is one label and its value.

use arrow_array::RecordBatch;
use jixiao_model::record::Field;

use super::Row;
use super::columns::Columns;
use crate::LoadError;

impl Row for Field {
    const TABLE: &'static str = "fields";

    fn batch(rows: &[&Self]) -> Result<RecordBatch, LoadError> {
        Columns::new(rows)?
            .text("form_id", |row| Some(&row.form_id))
            .integer("field_number", |row| Some(row.field_number))
            .integer("fiscal_year", |row| row.fiscal_year)
            .text("field", |row| row.field)
            .text("label_raw", |row| row.label_raw.as_ref())
            .text("value_raw", |row| row.value_raw.as_ref())
            .place("place", |row| Some(&row.place))
            .finish()
    }
}
