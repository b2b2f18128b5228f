//! Columns out of rows: a closure says which value of a row belongs into a column, the dictionary says as what.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{Display, Write};
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int32Array, Int64Array,
    RecordBatch, TimestampMicrosecondArray,
};
use foldhash::fast::FixedState;
use jiff::civil::{Date, date};
use jixiao_model::Place;
use jixiao_model::dictionary::{Column, ColumnType, Table};
use rust_decimal::Decimal;

use super::{Row, table_of};
use crate::LoadError;
use crate::schema::arrow_schema;

/// As many bytes as most places are printed in.
const PLACE_BYTES: usize = 8;

/// The columns of a batch while they are put together. The first error is kept until [`finish`](Self::finish),
/// so that a table's file reads as a list of its columns.
pub(super) struct Columns<'a, T> {
    table: &'static Table,
    rows: &'a [&'a T],
    arrays: BTreeMap<&'static str, ArrayRef>,
    error: Option<LoadError>,
}

impl<'a, T: Row> Columns<'a, T> {
    /// No columns yet, of these rows.
    pub(super) fn new(rows: &'a [&'a T]) -> Result<Self, LoadError> {
        Ok(Self { table: table_of::<T>()?, rows, arrays: BTreeMap::new(), error: None })
    }

    /// A column of text: plain or dictionary-encoded, as the dictionary says.
    pub(super) fn text<S: AsRef<str>>(self, name: &'static str, value: impl Fn(&'a T) -> Option<S>) -> Self {
        self.add(name, |rows, column| match column.column_type {
            ColumnType::String => {
                let length = |row: &&'a T| value(row).map_or(0, |text| text.as_ref().len());
                let mut builder = StringBuilder::with_capacity(rows.len(), rows.iter().map(length).sum());
                rows.iter().for_each(|row| builder.append_option(value(row)));
                Ok(Some(Arc::new(builder.finish()) as ArrayRef))
            }
            ColumnType::Category => Ok(categories(rows.iter().map(|row| value(row)))),
            _ => Ok(None),
        })
    }

    /// A column of text with places, as they are printed.
    pub(super) fn place(self, name: &'static str, value: impl Fn(&'a T) -> Option<&'a Place>) -> Self {
        self.add(name, |rows, column| {
            if column.column_type != ColumnType::String {
                return Ok(None);
            }
            let mut builder = StringBuilder::with_capacity(rows.len(), rows.len() * PLACE_BYTES);
            for row in rows {
                match value(row) {
                    // What is written into a builder belongs to the text that is added next; it refuses nothing.
                    Some(place) => {
                        let _ = write!(builder, "{place}");
                        builder.append_value("");
                    }
                    None => builder.append_null(),
                }
            }
            Ok(Some(Arc::new(builder.finish()) as ArrayRef))
        })
    }

    /// A column of whole numbers, of the width that the dictionary says.
    pub(super) fn integer<N>(self, name: &'static str, value: impl Fn(&'a T) -> Option<N>) -> Self
    where
        N: TryInto<i64> + Display + Copy,
    {
        self.add(name, |rows, column| match column.column_type {
            ColumnType::Int32 => {
                let fit = |number: N| number.try_into().ok().and_then(|wide| i32::try_from(wide).ok());
                Ok(Some(Arc::new(Int32Array::from(fitted(rows, &value, fit)?))))
            }
            ColumnType::Int64 => {
                Ok(Some(Arc::new(Int64Array::from(fitted(rows, &value, |number| number.try_into().ok())?))))
            }
            _ => Ok(None),
        })
    }

    /// A column of exact decimal numbers; one with more decimals than the column has is an error, never rounded.
    pub(super) fn decimal(self, name: &'static str, value: impl Fn(&'a T) -> Option<Decimal>) -> Self {
        self.add(name, |rows, column| match column.column_type {
            ColumnType::Decimal { scale } => {
                let units = fitted(rows, &value, |number| units(number, scale))?;
                let array =
                    Decimal128Array::from(units).with_precision_and_scale(ColumnType::PRECISION, scale);
                Ok(array.ok().map(|array| Arc::new(array) as ArrayRef))
            }
            _ => Ok(None),
        })
    }

    /// A column of yes and no.
    pub(super) fn boolean(self, name: &'static str, value: impl Fn(&'a T) -> Option<bool>) -> Self {
        self.add(name, |rows, column| {
            let array = || rows.iter().map(|row| value(row)).collect::<BooleanArray>();
            Ok((column.column_type == ColumnType::Boolean).then(|| Arc::new(array()) as ArrayRef))
        })
    }

    /// A column of days.
    pub(super) fn date(self, name: &'static str, value: impl Fn(&'a T) -> Option<Date>) -> Self {
        self.add(name, |rows, column| match column.column_type {
            ColumnType::Date => Ok(Some(Arc::new(Date32Array::from(fitted(rows, &value, days)?)))),
            _ => Ok(None),
        })
    }

    /// A column of moments, in microseconds since 1970-01-01T00:00:00Z.
    pub(super) fn timestamp(self, name: &'static str, value: impl Fn(&'a T) -> Option<i64>) -> Self {
        self.add(name, |rows, column| {
            let array = || rows.iter().map(|row| value(row)).collect::<TimestampMicrosecondArray>();
            let fits = column.column_type == ColumnType::Timestamp;
            Ok(fits.then(|| Arc::new(array().with_timezone("UTC")) as ArrayRef))
        })
    }

    /// The batch, with the columns in the order of the dictionary.
    pub(super) fn finish(mut self) -> Result<RecordBatch, LoadError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let mut arrays = Vec::with_capacity(self.table.columns.len());
        for column in &self.table.columns {
            let array = self.arrays.remove(column.name.as_str());
            arrays.push(array.ok_or_else(|| {
                LoadError::column(&self.table.name, format!("values for column `{}`", column.name), "none")
            })?);
        }
        if let Some(name) = self.arrays.keys().next() {
            return Err(LoadError::column(
                &self.table.name,
                "the columns of the dictionary",
                format!("`{name}` too"),
            ));
        }
        RecordBatch::try_new(arrow_schema(self.table), arrays)
            .map_err(|source| LoadError::Batch { table: self.table.name.clone(), source })
    }

    /// Adds what `array` makes of the rows, which is nothing if the column is of another type.
    fn add(
        mut self,
        name: &'static str,
        array: impl FnOnce(&'a [&'a T], &Column) -> Result<Option<ArrayRef>, Misfit>,
    ) -> Self {
        if self.error.is_none() {
            match self.array(name, array) {
                Ok(array) => {
                    self.arrays.insert(name, array);
                }
                Err(error) => self.error = Some(error),
            }
        }
        self
    }

    fn array(
        &self,
        name: &'static str,
        array: impl FnOnce(&'a [&'a T], &Column) -> Result<Option<ArrayRef>, Misfit>,
    ) -> Result<ArrayRef, LoadError> {
        let table = &self.table.name;
        let column = self.table.column(name);
        let column = column.ok_or_else(|| LoadError::column(table, "a column of the dictionary", name))?;
        match array(self.rows, column) {
            Ok(Some(array)) => Ok(array),
            Ok(None) => {
                let expected = format!("column `{name}` as {}", column.column_type);
                Err(LoadError::column(table, expected, "values of another type"))
            }
            Err(Misfit { row, value }) => Err(LoadError::Value {
                table: table.clone(),
                column: name.to_owned(),
                row,
                expected: column.column_type.to_string(),
                found: value,
            }),
        }
    }
}

/// Texts of which each is kept once, in the order in which they come first. Mostly one is the one before.
fn categories<S: AsRef<str>>(texts: impl Iterator<Item = Option<S>>) -> Option<ArrayRef> {
    let mut known: HashMap<String, i32, FixedState> = HashMap::default();
    let mut values = StringBuilder::new();
    let mut last: Option<(S, i32)> = None;
    let mut key_of = |text: S| {
        if let Some((_, key)) = last.as_ref().filter(|(last, _)| last.as_ref() == text.as_ref()) {
            return *key;
        }
        let key = known.get(text.as_ref()).copied().unwrap_or_else(|| {
            let key = i32::try_from(known.len()).unwrap_or(i32::MAX);
            values.append_value(text.as_ref());
            known.insert(text.as_ref().to_owned(), key);
            key
        });
        last = Some((text, key));
        key
    };
    let keys: Int32Array = texts.map(|text| text.map(&mut key_of)).collect();
    Some(Arc::new(DictionaryArray::try_new(keys, Arc::new(values.finish())).ok()?))
}

/// A value that its column cannot hold.
struct Misfit {
    row: usize,
    value: String,
}

/// The values of all rows, each turned into what its column holds.
fn fitted<'a, T, V: Display + Copy, F>(
    rows: &'a [&'a T],
    value: impl Fn(&'a T) -> Option<V>,
    fit: impl Fn(V) -> Option<F>,
) -> Result<Vec<Option<F>>, Misfit> {
    let fitted = rows.iter().zip(1..).map(|(row, number)| match value(row) {
        Some(value) => fit(value).map(Some).ok_or_else(|| Misfit { row: number, value: value.to_string() }),
        None => Ok(None),
    });
    fitted.collect()
}

/// A decimal number in units of its column's last digit, if it has no more decimals and digits than fit.
fn units(number: Decimal, scale: i8) -> Option<i128> {
    let number = number.normalize();
    let missing = u32::try_from(scale).ok()?.checked_sub(number.scale())?;
    let units = number.mantissa().checked_mul(10_i128.pow(missing))?;
    (units.abs() < 10_i128.pow(u32::from(ColumnType::PRECISION))).then_some(units)
}

/// Days since 1970-01-01.
fn days(day: Date) -> Option<i32> {
    i32::try_from(day.duration_since(date(1970, 1, 1)).as_hours() / 24).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_fit_exactly_or_not_at_all() {
        for (number, scale, expected) in [
            ("28797500", 2, Some(2_879_750_000)),
            ("0.10", 2, Some(10)),
            ("-3.5", 2, Some(-350)),
            ("1.500", 2, Some(150)),
            ("1.005", 2, None),
            ("0.0001", 4, Some(1)),
            ("9999999999999999.99", 2, Some(999_999_999_999_999_999)),
            ("10000000000000000", 2, None),
        ] {
            assert_eq!(units(number.parse().unwrap(), scale), expected, "{number}");
        }
    }

    #[test]
    fn days_are_counted_from_1970() {
        for (day, expected) in [(date(1970, 1, 1), 0), (date(1969, 12, 31), -1), (date(2020, 1, 1), 18262)] {
            assert_eq!(days(day), Some(expected));
        }
    }
}
