//! What is other in one snapshot than in another, row by row, told by the keys of the dictionary.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use jiff::ToSpan;
use jiff::civil::date;
use jixiao_model::dictionary::{Table, dictionary};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::snapshot::{self, Manifest, ManifestFile, SnapshotId};
use crate::{LoadError, disk, rows};

/// A table that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableDiff {
    /// Its name.
    pub table: String,
    /// The keys of rows that only the second snapshot has.
    pub came: Vec<Key>,
    /// The keys of rows that only the first has.
    pub went: Vec<Key>,
    /// Rows that both have, with other values.
    pub changed: Vec<RowDiff>,
}

/// The values of a row's key, in the order of the dictionary.
pub type Key = Vec<Value>;

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowDiff {
    /// Its key.
    pub key: Key,
    /// The columns that differ, each with its value in the first snapshot and in the second.
    pub columns: BTreeMap<String, (Value, Value)>,
}

/// Compares two snapshots of a warehouse, but not their `runs`, which always differ. Tables without a difference are left
/// out.
///
/// Files that both have are not read.
///
/// # Errors
/// If there is no such snapshot, or a file cannot be read.
pub fn diff(root: &Path, one: SnapshotId, other: SnapshotId) -> Result<Vec<TableDiff>, LoadError> {
    let root = disk::absolute(root)?;
    let read = |id: SnapshotId| {
        if snapshot::is_whole(&root, id)? {
            Manifest::read(&root, id)
        } else {
            Err(LoadError::NoSuchSnapshot { root: root.clone(), id })
        }
    };
    let (one, other) = (read(one)?, read(other)?);
    let files = |manifest: &Manifest| -> BTreeSet<String> {
        manifest.files.iter().map(|file| format!("{} {}", file.path, file.sha256)).collect()
    };
    let (in_one, in_other) = (files(&one), files(&other));
    let is_in = |files: &BTreeSet<String>, file: &ManifestFile| {
        files.contains(&format!("{} {}", file.path, file.sha256))
    };
    let mut tables = Vec::new();
    for table in dictionary().tables.iter().filter(|table| table.name != "runs") {
        let rows = |manifest: &Manifest, others: &BTreeSet<String>| -> Result<_, LoadError> {
            let folder = snapshot::folder(&root, manifest.snapshot);
            let mut rows = BTreeMap::new();
            let files = manifest.files.iter().filter(|file| file.table == table.name);
            for file in files.filter(|file| !is_in(others, file)) {
                add_rows(table, &rows::read(&folder.join(&file.path), &[])?, &mut rows);
            }
            Ok(rows)
        };
        let diff = compare(table, rows(&one, &in_other)?, rows(&other, &in_one)?);
        if !(diff.came.is_empty() && diff.went.is_empty() && diff.changed.is_empty()) {
            tables.push(diff);
        }
    }
    Ok(tables)
}

type Row = Map<String, Value>;

/// The rows by their keys; a key is sorted as it is shown, which is the same in every run.
fn add_rows(table: &Table, batch: &RecordBatch, rows: &mut BTreeMap<String, (Key, Row)>) {
    let schema = batch.schema();
    for row in 0..batch.num_rows() {
        let names = schema.fields().iter().map(|field| field.name().clone());
        let values: Row = names.zip(batch.columns()).map(|(name, array)| (name, value(array, row))).collect();
        let key: Key =
            table.key().map(|column| values.get(&column.name).cloned().unwrap_or(Value::Null)).collect();
        rows.insert(Value::Array(key.clone()).to_string(), (key, values));
    }
}

fn compare(
    table: &Table,
    mut one: BTreeMap<String, (Key, Row)>,
    other: BTreeMap<String, (Key, Row)>,
) -> TableDiff {
    let mut diff =
        TableDiff { table: table.name.clone(), came: Vec::new(), went: Vec::new(), changed: Vec::new() };
    for (shown, (key, now)) in other {
        let Some((_, before)) = one.remove(&shown) else {
            diff.came.push(key);
            continue;
        };
        let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        let of = |row: &Row, name: &str| row.get(name).cloned().unwrap_or(Value::Null);
        let columns: BTreeMap<String, (Value, Value)> = names
            .into_iter()
            .map(|name| (name.clone(), (of(&before, name), of(&now, name))))
            .filter(|(_, (before, now))| before != now)
            .collect();
        if !columns.is_empty() {
            diff.changed.push(RowDiff { key, columns });
        }
    }
    diff.went = one.into_values().map(|(key, _)| key).collect();
    diff
}

/// A value as JSON: decimals as text, so that none is rounded, days and moments as ISO 8601 has them.
pub(crate) fn value(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::Dictionary(..) => {
            let array = array.as_dictionary::<Int32Type>();
            array.key(row).map_or(Value::Null, |key| array.values().as_string::<i32>().value(key).into())
        }
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::Decimal128(..) => array.as_primitive::<Decimal128Type>().value_as_string(row).into(),
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Date32 => {
            let day = date(1970, 1, 1) + array.as_primitive::<Date32Type>().value(row).days();
            day.to_string().into()
        }
        DataType::Timestamp(..) => {
            let moment = array.as_primitive::<TimestampMicrosecondType>().value(row);
            jiff::Timestamp::from_microsecond(moment)
                .map_or(moment.into(), |moment| moment.to_string().into())
        }
        other => other.to_string().into(),
    }
}
