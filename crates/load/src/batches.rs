//! Records as Arrow record batches: one small file per table, which names for each column of the dictionary the
//! value that a record has for it.
//!
//! The dictionary decides on the order and the types of the columns, so that a column that moves, or becomes a
//! category, needs no change here; one that is missing here, or unknown there, is an error and fails the tests.

mod budget_lines;
mod checks;
mod citations;
mod columns;
mod documents;
mod fields;
mod findings;
mod form_checks;
mod forms;
mod indicator_types;
mod indicators;
mod runs;
#[cfg(test)]
mod tests;

use arrow_array::RecordBatch;
pub(crate) use columns::Columns;
use jixiao_model::dictionary::{Table, dictionary};

use crate::LoadError;

/// A record that is a row of a table.
pub(crate) trait Row: Sized + 'static {
    /// The table's name in the dictionary.
    const TABLE: &'static str;

    /// The columns of the table, with no rows in them.
    fn columns() -> Columns<Self>;

    /// Rows as a batch with the schema of the table.
    fn batch(rows: &[&Self]) -> Result<RecordBatch, LoadError> {
        let mut columns = Self::columns();
        columns.add(rows);
        columns.finish()
    }
}

/// The table of the dictionary that a record is a row of.
pub(crate) fn table_of<T: Row>() -> Result<&'static Table, LoadError> {
    dictionary().table(T::TABLE).ok_or_else(|| LoadError::column(T::TABLE, "a table of this name", "none"))
}
