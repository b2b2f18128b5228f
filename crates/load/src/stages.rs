//! Two steps of this stage one by one, for `make bench`; the program goes by [`Update`](crate::Update).

use arrow_array::RecordBatch;
use jixiao_model::dictionary::Table;
use jixiao_model::record::{DocumentRecords, FormRecords};

use crate::LoadError;
use crate::batches::{Row, table_of};
use crate::parquet_file;

/// Rows of a table as a batch.
pub type Batch = (&'static Table, RecordBatch);

/// All rows of these documents, a batch for each table.
///
/// # Errors
/// If code and dictionary do not agree.
pub fn batches(read: &[DocumentRecords]) -> Result<Vec<Batch>, LoadError> {
    fn batch<'r, T: Row + 'r>(rows: impl Iterator<Item = &'r T>) -> Result<Batch, LoadError> {
        Ok((table_of::<T>()?, T::batch(&rows.collect::<Vec<_>>())?))
    }
    let forms: Vec<&FormRecords> = read.iter().flat_map(|records| &records.forms).collect();
    Ok(vec![
        batch(forms.iter().map(|records| &records.form))?,
        batch(forms.iter().flat_map(|records| &records.indicators))?,
        batch(forms.iter().flat_map(|records| &records.budget_lines))?,
        batch(forms.iter().flat_map(|records| &records.fields))?,
        batch(forms.iter().flat_map(|records| &records.citations))?,
        batch(read.iter().flat_map(|records| &records.findings))?,
    ])
}

/// The bytes of a file of the warehouse with these rows.
///
/// # Errors
/// If they cannot be encoded.
pub fn parquet((table, rows): &Batch) -> Result<Vec<u8>, LoadError> {
    Ok(parquet_file::encode_batch(table, rows)?.bytes)
}
