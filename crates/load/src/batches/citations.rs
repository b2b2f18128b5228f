//! The table `citations`: a row is one policy document cited.

use jixiao_model::record::Citation;

use super::Row;
use super::columns::Columns;

impl Row for Citation {
    const TABLE: &'static str = "citations";

    fn columns() -> Columns<Self> {
        Columns::<Self>::new()
            .text("form_id", |row| Some(&row.form_id))
            .integer("citation_number", |row| Some(row.citation_number))
            .integer("fiscal_year", |row| row.fiscal_year)
            .text("field", |row| Some(row.field))
            .text("title", |row| row.title.as_deref())
            .text("document_number", |row| row.document_number.as_deref())
            .text("issuer", |row| row.issuer)
            .integer("year", |row| row.year)
            .integer("number", |row| row.number)
            .place("place", |row| Some(&row.place))
    }
}
