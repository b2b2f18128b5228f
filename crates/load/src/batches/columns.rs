//! Columns out of rows: a closure says which value of a row belongs into a column, the dictionary says as what.
//!
//! Columns grow, a few rows after the other, so that rows can be let go of long before there are enough of them for a batch.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{Display, Write};
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Int32Builder, PrimitiveBuilder, StringBuilder};
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch};
use foldhash::fast::FixedState;
use jiff::civil::{Date, date};
use jixiao_model::Place;
use jixiao_model::dictionary::{ColumnType, Table};
use rust_decimal::Decimal;

use super::{Row, table_of};
use crate::LoadError;
use crate::schema::{arrow_schema, data_type};

/// The columns of a table while rows are added. The first error is kept until [`finish`](Self::finish), so that a table's
/// file reads as a list of its columns.
pub(crate) struct Columns<T> {
    table: Result<&'static Table, LoadError>,
    columns: BTreeMap<&'static str, Box<dyn Column<T>>>,
    rows: usize,
    error: Option<LoadError>,
}

/// A column that grows.
trait Column<T> {
    /// Adds the values of rows.
    fn add(&mut self, rows: &[&T]) -> Result<(), Misfit>;

    /// All values; nothing if there cannot be such a column.
    fn finish(&mut self) -> Option<ArrayRef>;
}

/// A value that its column cannot hold, and which of the added rows has it, from 0.
struct Misfit {
    row: usize,
    value: String,
}

impl<T: Row> Columns<T> {
    /// No columns yet.
    pub(super) fn new() -> Self {
        Self { table: table_of::<T>(), columns: BTreeMap::new(), rows: 0, error: None }
    }

    /// A column of text: plain or dictionary-encoded, as the dictionary says.
    pub(super) fn text(self, name: &'static str, value: impl Fn(&T) -> Option<&str> + 'static) -> Self {
        self.with(name, |column_type| match column_type {
            ColumnType::String => Some(Box::new(Text { value, texts: StringBuilder::with_capacity(0, 0) })),
            ColumnType::Category => Some(Box::new(Categories {
                value,
                keys: Int32Builder::with_capacity(0),
                known: HashMap::default(),
                values: StringBuilder::with_capacity(0, 0),
            })),
            _ => None,
        })
    }

    /// A column of text with places, as they are printed.
    pub(super) fn place(self, name: &'static str, value: impl Fn(&T) -> Option<&Place> + 'static) -> Self {
        self.with(name, |column_type| match column_type {
            ColumnType::String => Some(Box::new(Places { value, texts: StringBuilder::with_capacity(0, 0) })),
            _ => None,
        })
    }

    /// A column of whole numbers, of the width that the dictionary says.
    pub(super) fn integer<N>(self, name: &'static str, value: impl Fn(&T) -> Option<N> + 'static) -> Self
    where
        N: TryInto<i64> + Display + Copy + 'static,
    {
        let narrow = |number: N| number.try_into().ok().and_then(|wide| i32::try_from(wide).ok());
        self.with(name, |column_type| match column_type {
            ColumnType::Int32 => numbers::<_, Int32Type>(column_type, move |row| fitted(value(row), narrow)),
            ColumnType::Int64 => numbers::<_, Int64Type>(column_type, move |row| {
                fitted(value(row), |number| number.try_into().ok())
            }),
            _ => None,
        })
    }

    /// A column of exact decimal numbers; one with more decimals than the column has is an error, never rounded.
    pub(super) fn decimal(self, name: &'static str, value: impl Fn(&T) -> Option<Decimal> + 'static) -> Self {
        self.with(name, |column_type| match column_type {
            ColumnType::Decimal { scale } => numbers::<_, Decimal128Type>(column_type, move |row| {
                fitted(value(row), |number| units(number, scale))
            }),
            _ => None,
        })
    }

    /// A column of yes and no.
    pub(super) fn boolean(self, name: &'static str, value: impl Fn(&T) -> Option<bool> + 'static) -> Self {
        self.with(name, |column_type| match column_type {
            ColumnType::Boolean => Some(Box::new(Answers { value, answers: BooleanBuilder::new() })),
            _ => None,
        })
    }

    /// A column of days.
    pub(super) fn date(self, name: &'static str, value: impl Fn(&T) -> Option<Date> + 'static) -> Self {
        self.with(name, |column_type| match column_type {
            ColumnType::Date => numbers::<_, Date32Type>(column_type, move |row| fitted(value(row), days)),
            _ => None,
        })
    }

    /// A column of moments, in microseconds since 1970-01-01T00:00:00Z.
    pub(super) fn timestamp(self, name: &'static str, value: impl Fn(&T) -> Option<i64> + 'static) -> Self {
        self.with(name, |column_type| match column_type {
            ColumnType::Timestamp => {
                numbers::<_, TimestampMicrosecondType>(column_type, move |row| Ok(value(row)))
            }
            _ => None,
        })
    }

    /// Adds rows to all columns.
    pub(crate) fn add(&mut self, rows: &[&T]) {
        let Ok(table) = &self.table else { return };
        if self.error.is_some() {
            return;
        }
        for (name, column) in &mut self.columns {
            if let Err(Misfit { row, value }) = column.add(rows) {
                let expected = table.column(name).map(|column| column.column_type.to_string());
                self.error = Some(LoadError::Value {
                    table: table.name.clone(),
                    column: (*name).to_owned(),
                    row: self.rows + row + 1,
                    expected: expected.unwrap_or_default(),
                    found: value,
                });
                return;
            }
        }
        self.rows += rows.len();
    }

    /// The batch, with the columns in the order of the dictionary.
    pub(crate) fn finish(mut self) -> Result<RecordBatch, LoadError> {
        let table = self.table?;
        if let Some(error) = self.error {
            return Err(error);
        }
        let mut arrays = Vec::with_capacity(table.columns.len());
        for column in &table.columns {
            let array = self.columns.remove(column.name.as_str()).and_then(|mut column| column.finish());
            arrays.push(array.ok_or_else(|| {
                LoadError::column(&table.name, format!("values for column `{}`", column.name), "none")
            })?);
        }
        if let Some(name) = self.columns.keys().next() {
            return Err(LoadError::column(
                &table.name,
                "the columns of the dictionary",
                format!("`{name}` too"),
            ));
        }
        RecordBatch::try_new(arrow_schema(table), arrays)
            .map_err(|source| LoadError::Batch { table: table.name.clone(), source })
    }

    /// Adds a column, which is nothing if the dictionary has it as another type.
    fn with(
        mut self,
        name: &'static str,
        column: impl FnOnce(ColumnType) -> Option<Box<dyn Column<T>>>,
    ) -> Self {
        let Ok(table) = &self.table else { return self };
        let found = table.column(name).map(|found| found.column_type);
        let error = match (found, found.and_then(column)) {
            (None, _) => LoadError::column(&table.name, "a column of the dictionary", name),
            (Some(column_type), None) => {
                let expected = format!("column `{name}` as {column_type}");
                LoadError::column(&table.name, expected, "values of another type")
            }
            (Some(_), Some(column)) => {
                self.columns.insert(name, column);
                return self;
            }
        };
        self.error.get_or_insert(error);
        self
    }
}

struct Text<F> {
    value: F,
    texts: StringBuilder,
}

impl<T, F: Fn(&T) -> Option<&str>> Column<T> for Text<F> {
    fn add(&mut self, rows: &[&T]) -> Result<(), Misfit> {
        rows.iter().for_each(|row| self.texts.append_option((self.value)(row)));
        Ok(())
    }

    fn finish(&mut self) -> Option<ArrayRef> {
        finished(&mut self.texts)
    }
}

struct Places<F> {
    value: F,
    texts: StringBuilder,
}

impl<T, F: Fn(&T) -> Option<&Place>> Column<T> for Places<F> {
    fn add(&mut self, rows: &[&T]) -> Result<(), Misfit> {
        // Many stand where the one before does.
        let mut last = None;
        let mut printed = String::new();
        for row in rows {
            let place = (self.value)(row);
            if let Some(place) = place.filter(|place| last != Some(*place)) {
                printed.clear();
                // A string refuses nothing.
                let _ = write!(printed, "{place}");
                last = Some(place);
            }
            self.texts.append_option(place.map(|_| &printed));
        }
        Ok(())
    }

    fn finish(&mut self) -> Option<ArrayRef> {
        finished(&mut self.texts)
    }
}

/// The texts of a column, in no more memory than they need: they may wait for long.
fn finished(texts: &mut StringBuilder) -> Option<ArrayRef> {
    let mut texts = texts.finish();
    texts.shrink_to_fit();
    Some(Arc::new(texts))
}

/// Texts of which each is kept once, in the order in which they come first.
struct Categories<F> {
    value: F,
    keys: Int32Builder,
    known: HashMap<String, i32, FixedState>,
    values: StringBuilder,
}

impl<T, F: Fn(&T) -> Option<&str>> Column<T> for Categories<F> {
    fn add(&mut self, rows: &[&T]) -> Result<(), Misfit> {
        // Mostly one is the one before.
        let mut last: Option<(&str, i32)> = None;
        for row in rows {
            let Some(text) = (self.value)(row) else {
                self.keys.append_null();
                continue;
            };
            let same = last.filter(|(last, _)| *last == text).map(|(_, key)| key);
            let key = same.or_else(|| self.known.get(text).copied()).unwrap_or_else(|| {
                let key = i32::try_from(self.known.len()).unwrap_or(i32::MAX);
                self.values.append_value(text);
                self.known.insert(text.to_owned(), key);
                key
            });
            last = Some((text, key));
            self.keys.append_value(key);
        }
        Ok(())
    }

    fn finish(&mut self) -> Option<ArrayRef> {
        let values = Arc::new(self.values.finish());
        Some(Arc::new(DictionaryArray::try_new(self.keys.finish(), values).ok()?))
    }
}

struct Numbers<F, A: ArrowPrimitiveType> {
    value: F,
    numbers: PrimitiveBuilder<A>,
}

/// A column of what `value` makes of rows; what is no number of the column comes as it is printed.
fn numbers<T, A: ArrowPrimitiveType>(
    column_type: ColumnType,
    value: impl Fn(&T) -> Result<Option<A::Native>, String> + 'static,
) -> Option<Box<dyn Column<T>>> {
    let numbers = PrimitiveBuilder::<A>::with_capacity(0).with_data_type(data_type(column_type));
    Some(Box::new(Numbers { value, numbers }))
}

impl<T, A: ArrowPrimitiveType, F> Column<T> for Numbers<F, A>
where
    F: Fn(&T) -> Result<Option<A::Native>, String>,
{
    fn add(&mut self, rows: &[&T]) -> Result<(), Misfit> {
        for (index, row) in rows.iter().enumerate() {
            let number = (self.value)(row).map_err(|value| Misfit { row: index, value })?;
            self.numbers.append_option(number);
        }
        Ok(())
    }

    fn finish(&mut self) -> Option<ArrayRef> {
        Some(Arc::new(self.numbers.finish()))
    }
}

struct Answers<F> {
    value: F,
    answers: BooleanBuilder,
}

impl<T, F: Fn(&T) -> Option<bool>> Column<T> for Answers<F> {
    fn add(&mut self, rows: &[&T]) -> Result<(), Misfit> {
        rows.iter().for_each(|row| self.answers.append_option((self.value)(row)));
        Ok(())
    }

    fn finish(&mut self) -> Option<ArrayRef> {
        Some(Arc::new(self.answers.finish()))
    }
}

/// A value as what its column holds, or as it is printed if that cannot be.
fn fitted<V: Display + Copy, N>(value: Option<V>, fit: impl Fn(V) -> Option<N>) -> Result<Option<N>, String> {
    match value {
        Some(value) => fit(value).map(Some).ok_or_else(|| value.to_string()),
        None => Ok(None),
    }
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
