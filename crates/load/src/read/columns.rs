//! Values of Parquet files, by the names of their columns.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::snapshot::Manifest;
use crate::{LoadError, disk};

/// Reads some columns (all, if none are named) of a table's files, batch after batch, in the order of the rows.
pub(super) fn for_each_batch(
    folder: &Path,
    manifest: &Manifest,
    table: &str,
    columns: &[&str],
    mut each: impl FnMut(&Rows<'_>) -> Result<(), LoadError>,
) -> Result<(), LoadError> {
    for file in manifest.files.iter().filter(|file| file.table == table) {
        let path = folder.join(&file.path);
        let failed = |source| LoadError::Unreadable { path: path.clone(), source };
        let builder = ParquetRecordBatchReaderBuilder::try_new(disk::open(&path)?).map_err(failed)?;
        let mask = match columns {
            [] => ProjectionMask::all(),
            names => ProjectionMask::columns(builder.parquet_schema(), names.iter().copied()),
        };
        for batch in builder.with_projection(mask).build().map_err(failed)? {
            let batch = batch.map_err(|error| failed(ParquetError::from(error)))?;
            each(&Rows { batch: &batch, path: &path })?;
        }
    }
    Ok(())
}

/// The rows of a batch.
pub(super) struct Rows<'a> {
    batch: &'a RecordBatch,
    path: &'a Path,
}

impl Rows<'_> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// A text, plain or dictionary-encoded.
    pub(super) fn optional_text(&self, name: &str, row: usize) -> Result<Option<String>, LoadError> {
        let array = self.column(name)?;
        if array.is_null(row) {
            return Ok(None);
        }
        let text = match array.as_dictionary_opt::<Int32Type>() {
            Some(array) => {
                let key = array.key(row);
                let values = array.values().as_any().downcast_ref::<StringArray>();
                values.zip(key).map(|(values, key)| values.value(key).to_owned())
            }
            None => array.as_string_opt::<i32>().map(|array| array.value(row).to_owned()),
        };
        text.map(Some).ok_or_else(|| self.foreign(name, "text", array))
    }

    /// A text that is there.
    pub(super) fn text(&self, name: &str, row: usize) -> Result<String, LoadError> {
        self.optional_text(name, row)?.ok_or_else(|| self.null(name))
    }

    /// A whole number of 32 bits.
    pub(super) fn optional_int32(&self, name: &str, row: usize) -> Result<Option<i32>, LoadError> {
        self.primitive::<Int32Type>(name, row)
    }

    /// A whole number of 64 bits that is there.
    pub(super) fn int64(&self, name: &str, row: usize) -> Result<i64, LoadError> {
        self.primitive::<Int64Type>(name, row)?.ok_or_else(|| self.null(name))
    }

    /// A number of things.
    pub(super) fn count(&self, name: &str, row: usize) -> Result<u64, LoadError> {
        let number = self.int64(name, row)?;
        u64::try_from(number).map_err(|_| LoadError::ForeignFile {
            path: self.path.to_owned(),
            expected: format!("a count in column `{name}`"),
            found: number.to_string(),
        })
    }

    /// A moment, in microseconds since 1970-01-01T00:00:00Z.
    pub(super) fn timestamp(&self, name: &str, row: usize) -> Result<i64, LoadError> {
        self.primitive::<TimestampMicrosecondType>(name, row)?.ok_or_else(|| self.null(name))
    }

    fn primitive<T: ArrowPrimitiveType>(
        &self,
        name: &str,
        row: usize,
    ) -> Result<Option<T::Native>, LoadError> {
        let array = self.column(name)?;
        let values = array.as_primitive_opt::<T>();
        let values = values.ok_or_else(|| self.foreign(name, &T::DATA_TYPE.to_string(), array))?;
        Ok(values.is_valid(row).then(|| values.value(row)))
    }

    fn column(&self, name: &str) -> Result<&ArrayRef, LoadError> {
        self.batch.column_by_name(name).ok_or_else(|| LoadError::ForeignFile {
            path: self.path.to_owned(),
            expected: format!("column `{name}`"),
            found: "none of this name".to_owned(),
        })
    }

    fn foreign(&self, name: &str, expected: &str, found: &ArrayRef) -> LoadError {
        LoadError::ForeignFile {
            path: self.path.to_owned(),
            expected: format!("column `{name}` as {expected}"),
            found: found.data_type().to_string(),
        }
    }

    fn null(&self, name: &str) -> LoadError {
        LoadError::ForeignFile {
            path: self.path.to_owned(),
            expected: format!("a value in column `{name}`"),
            found: "NULL".to_owned(),
        }
    }
}
