//! Values of Parquet files, by the names of their columns.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, Int32Array, Int64Array, PrimitiveArray, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::ChunkReader;

use crate::rows::of_columns;
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
    for batch in of_columns(reader, columns).and_then(|builder| builder.build()).map_err(failed)? {
        let batch = batch.map_err(|error| failed(ParquetError::from(error)))?;
        each(&Rows::new(&batch, path))?;
    }
    Ok(())
}

/// The rows of a batch.
#[derive(Clone, Copy)]
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

    /// A column of texts, plain or dictionary-encoded: looked for once, where many rows are read.
    pub(crate) fn texts<'n>(&self, name: &'n str) -> Result<Texts<'a, 'n>, LoadError> {
        let array = self.column(name)?;
        let (keys, values) = match array.as_dictionary_opt::<Int32Type>() {
            Some(array) => (Some(array.keys()), array.values().as_string_opt::<i32>()),
            None => (None, array.as_string_opt::<i32>()),
        };
        let values = values.ok_or_else(|| self.foreign(name, "text", array))?;
        Ok(Texts { rows: *self, name, keys, values })
    }

    /// A text, plain or dictionary-encoded.
    pub(crate) fn optional_text(&self, name: &str, row: usize) -> Result<Option<String>, LoadError> {
        Ok(self.texts(name)?.optional(row).map(str::to_owned))
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
        self.counts(name)?.value(row)
    }

    /// A column of numbers of things, of 32 or 64 bits: looked for once, where many rows are read.
    pub(crate) fn counts<'n>(&self, name: &'n str) -> Result<Counts<'a, 'n>, LoadError> {
        let array = self.column(name)?;
        let numbers = match array.as_primitive_opt::<Int32Type>() {
            Some(narrow) => Numbers::Narrow(narrow),
            None => Numbers::Wide(self.primitives::<Int64Type>(name)?),
        };
        Ok(Counts { rows: *self, name, numbers })
    }

    /// A moment, in microseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn timestamp(&self, name: &str, row: usize) -> Result<i64, LoadError> {
        self.optional_timestamp(name, row)?.ok_or_else(|| self.null(name))
    }

    /// As [`timestamp`](Self::timestamp), where it is known.
    pub(crate) fn optional_timestamp(&self, name: &str, row: usize) -> Result<Option<i64>, LoadError> {
        self.primitive::<TimestampMicrosecondType>(name, row)
    }

    /// A column of moments: looked for once, where many rows are read.
    pub(crate) fn timestamps(&self, name: &str) -> Result<&'a TimestampMicrosecondArray, LoadError> {
        self.primitives::<TimestampMicrosecondType>(name)
    }

    fn primitive<T: ArrowPrimitiveType>(
        &self,
        name: &str,
        row: usize,
    ) -> Result<Option<T::Native>, LoadError> {
        let values = self.primitives::<T>(name)?;
        Ok(values.is_valid(row).then(|| values.value(row)))
    }

    fn primitives<T: ArrowPrimitiveType>(&self, name: &str) -> Result<&'a PrimitiveArray<T>, LoadError> {
        let array = self.column(name)?;
        let values = array.as_primitive_opt::<T>();
        values.ok_or_else(|| self.foreign(name, &T::DATA_TYPE.to_string(), array))
    }

    fn column(&self, name: &str) -> Result<&'a ArrayRef, LoadError> {
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

/// A column of texts.
pub(crate) struct Texts<'a, 'n> {
    rows: Rows<'a>,
    name: &'n str,
    /// Which of the values each row has, where the column is dictionary-encoded.
    keys: Option<&'a Int32Array>,
    values: &'a StringArray,
}

impl<'a> Texts<'a, '_> {
    /// The text of a row, if it has one.
    pub(crate) fn optional(&self, row: usize) -> Option<&'a str> {
        let row = match self.keys {
            Some(keys) if keys.is_valid(row) => usize::try_from(keys.value(row)).ok()?,
            Some(_) => return None,
            None => row,
        };
        self.values.is_valid(row).then(|| self.values.value(row))
    }

    /// The text of a row, which it has to have.
    pub(crate) fn value(&self, row: usize) -> Result<&'a str, LoadError> {
        self.optional(row).ok_or_else(|| self.rows.null(self.name))
    }
}

/// A column of numbers of things.
pub(crate) struct Counts<'a, 'n> {
    rows: Rows<'a>,
    name: &'n str,
    numbers: Numbers<'a>,
}

enum Numbers<'a> {
    Narrow(&'a Int32Array),
    Wide(&'a Int64Array),
}

impl Counts<'_, '_> {
    /// The number of a row, where it is known.
    pub(crate) fn optional(&self, row: usize) -> Result<Option<u64>, LoadError> {
        let number = match self.numbers {
            Numbers::Narrow(numbers) => numbers.is_valid(row).then(|| i64::from(numbers.value(row))),
            Numbers::Wide(numbers) => numbers.is_valid(row).then(|| numbers.value(row)),
        };
        let Some(number) = number else { return Ok(None) };
        let negative = |_| self.rows.foreign_value(self.name, "a count", number.to_string());
        u64::try_from(number).map(Some).map_err(negative)
    }

    /// The number of a row, which has to be known.
    pub(crate) fn value(&self, row: usize) -> Result<u64, LoadError> {
        self.optional(row)?.ok_or_else(|| self.rows.null(self.name))
    }
}
