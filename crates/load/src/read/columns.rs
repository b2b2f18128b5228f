//! Values of Parquet files, by the names of their columns.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use parquet::file::reader::ChunkReader;

use crate::snapshot::Manifest;
use crate::{LoadError, disk};

/// Reads some columns (all, if none are named) of a table's files, batch after batch, in the order of the rows.
pub(crate) fn for_each_batch(
    folder: &Path,
    manifest: &Manifest,
    table: &str,
    columns: &[&str],
    mut each: impl FnMut(&Rows<'_>) -> Result<(), LoadError>,
) -> Result<(), LoadError> {
    let files = manifest.files.iter().filter(|file| file.table == table);
    files.map(|file| folder.join(&file.path)).try_for_each(|path| in_file(&path, columns, &mut each))
}

/// As [`for_each_batch`], of one file.
pub(crate) fn in_file(
    path: &Path,
    columns: &[&str],
    each: impl FnMut(&Rows<'_>) -> Result<(), LoadError>,
) -> Result<(), LoadError> {
    match columns {
        [] => in_reader(disk::bytes(path)?, path, columns, each),
        _ => in_reader(disk::open(path)?, path, columns, each),
    }
}

fn in_reader(
    reader: impl ChunkReader + 'static,
    path: &Path,
    columns: &[&str],
    mut each: impl FnMut(&Rows<'_>) -> Result<(), LoadError>,
) -> Result<(), LoadError> {
    let failed = |source| LoadError::Unreadable { path: path.to_owned(), source };
    let builder = ParquetRecordBatchReaderBuilder::try_new(reader).map_err(failed)?;
    let mask = match columns {
        [] => ProjectionMask::all(),
        names => ProjectionMask::columns(builder.parquet_schema(), names.iter().copied()),
    };
    for batch in builder.with_projection(mask).build().map_err(failed)? {
        let batch = batch.map_err(|error| failed(ParquetError::from(error)))?;
        each(&Rows::new(&batch, path))?;
    }
    Ok(())
}

/// The rows of a batch.
pub(crate) struct Rows<'a> {
    batch: &'a RecordBatch,
    path: &'a Path,
}

impl<'a> Rows<'a> {
    /// Those of a batch from this file.
    pub(crate) fn new(batch: &'a RecordBatch, path: &'a Path) -> Self {
        Self { batch, path }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// A text, plain or dictionary-encoded.
    pub(crate) fn optional_text(&self, name: &str, row: usize) -> Result<Option<String>, LoadError> {
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
    pub(crate) fn text(&self, name: &str, row: usize) -> Result<String, LoadError> {
        self.optional_text(name, row)?.ok_or_else(|| self.null(name))
    }

    /// Sums of two counts for each value of a dictionary-encoded text, which is looked at once and not row by row.
    pub(crate) fn sums(&self, by: &str, counts: [&str; 2]) -> Result<Vec<(String, [u64; 2])>, LoadError> {
        let array = self.column(by)?;
        let keys = array.as_dictionary_opt::<Int32Type>();
        let keys = keys.ok_or_else(|| self.foreign(by, "a dictionary-encoded text", array))?;
        let values = keys.values().as_string_opt::<i32>();
        let values = values.ok_or_else(|| self.foreign(by, "a dictionary-encoded text", array))?;
        let mut sums: Vec<Option<[u64; 2]>> = vec![None; values.len()];
        let [one, other] = counts.map(|name| {
            let array = self.column(name)?;
            let numbers = array.as_primitive_opt::<Int64Type>();
            numbers.ok_or_else(|| self.foreign(name, &DataType::Int64.to_string(), array))
        });
        let arrays = [one?, other?];
        let count = |index: usize, row: usize| {
            let (array, name) = (arrays[index], counts[index]);
            let number = array.is_valid(row).then(|| array.value(row)).ok_or_else(|| self.null(name))?;
            u64::try_from(number).map_err(|_| self.foreign_value(name, "a count", number.to_string()))
        };
        for row in 0..self.len() {
            let key = keys.key(row).ok_or_else(|| self.null(by))?;
            let (one, other) = (count(0, row)?, count(1, row)?);
            if let Some(sum) = sums.get_mut(key) {
                let [first, second] = sum.unwrap_or_default();
                *sum = Some([first + one, second + other]);
            }
        }
        let named = sums.into_iter().enumerate();
        Ok(named.filter_map(|(key, sum)| Some((values.value(key).to_owned(), sum?))).collect())
    }

    /// A whole number of 32 bits.
    pub(crate) fn optional_int32(&self, name: &str, row: usize) -> Result<Option<i32>, LoadError> {
        self.primitive::<Int32Type>(name, row)
    }

    /// A number of things.
    pub(crate) fn count(&self, name: &str, row: usize) -> Result<u64, LoadError> {
        self.optional_count(name, row)?.ok_or_else(|| self.null(name))
    }

    /// A number of things, of 32 or 64 bits, where it is known.
    pub(crate) fn optional_count(&self, name: &str, row: usize) -> Result<Option<u64>, LoadError> {
        let number = match self.column(name)?.data_type() {
            DataType::Int32 => self.primitive::<Int32Type>(name, row)?.map(i64::from),
            _ => self.primitive::<Int64Type>(name, row)?,
        };
        let Some(number) = number else { return Ok(None) };
        let negative = |_| self.foreign_value(name, "a count", number.to_string());
        u64::try_from(number).map(Some).map_err(negative)
    }

    /// A moment, in microseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn timestamp(&self, name: &str, row: usize) -> Result<i64, LoadError> {
        self.optional_timestamp(name, row)?.ok_or_else(|| self.null(name))
    }

    /// As [`timestamp`](Self::timestamp), where it is known.
    pub(crate) fn optional_timestamp(&self, name: &str, row: usize) -> Result<Option<i64>, LoadError> {
        self.primitive::<TimestampMicrosecondType>(name, row)
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

    /// The error of a value that its column should not have.
    pub(crate) fn foreign_value(&self, name: &str, expected: &str, found: String) -> LoadError {
        LoadError::ForeignFile {
            path: self.path.to_owned(),
            expected: format!("{expected} in column `{name}`"),
            found,
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
