//! The table `fields`: a row is one label and its value.

use jixiao_model::record::Field;

use super::Row;
use super::columns::Columns;

impl Row for Field {
    const TABLE: &'static str = "fields";

    fn columns() -> Columns<Self> {
        Columns::<Self>::new()
            .text("form_id", |row| Some(&row.form_id))
            .integer("field_number", |row| Some(row.field_number))
            .integer("fiscal_year", |row| row.fiscal_year)
            .text("field", |row| row.field)
            .text("label_raw", |row| row.label_raw.as_deref())
            .text("value_raw", |row| row.value_raw.as_deref())
            .place("place", |row| Some(&row.place))
    }
}
