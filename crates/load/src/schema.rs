//! The dictionary as Arrow schemas.
//!
//! The descriptions are in the fields' metadata, which Parquet keeps inside its copy of the Arrow schema. DuckDB
//! does not show that, so [`column_comments`] goes into each file's key-value metadata as well.

use std::sync::{Arc, OnceLock};

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use jixiao_model::dictionary::{Column, ColumnType, Table, dictionary};
use serde_json::{Map, Value, json};

/// The Arrow schema of a table: its columns in their order, with their descriptions as metadata.
pub fn arrow_schema(table: &Table) -> SchemaRef {
    static SCHEMAS: OnceLock<Vec<SchemaRef>> = OnceLock::new();
    let make = |table: &Table| Arc::new(Schema::new(table.columns.iter().map(field).collect::<Vec<_>>()));
    let schemas = SCHEMAS.get_or_init(|| dictionary().tables.iter().map(make).collect());
    let known = dictionary().tables.iter().position(|known| std::ptr::eq(known, table));
    known.and_then(|index| schemas.get(index)).map_or_else(|| make(table), Arc::clone)
}

/// The Arrow type of a column. Categories have keys of 32 bits, which all readers take.
pub(crate) fn data_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::String => DataType::Utf8,
        ColumnType::Category => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        ColumnType::Int32 => DataType::Int32,
        ColumnType::Int64 => DataType::Int64,
        ColumnType::Decimal { scale } => DataType::Decimal128(ColumnType::PRECISION, scale),
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

fn field(column: &Column) -> Field {
    let mut metadata = vec![
        ("name_zh", column.name_zh.as_str()),
        ("description", &column.description),
        ("description_zh", &column.description_zh),
    ];
    metadata.extend(column.unit.as_deref().map(|unit| ("unit", unit)));
    let metadata: arrow_schema::Metadata = metadata.into_iter().collect();
    Field::new(&column.name, data_type(column.column_type), column.nullable).with_metadata(metadata)
}

/// The comments of a table's columns in both languages, as JSON, for the metadata of its files.
pub(crate) fn column_comments(table: &Table) -> String {
    let comments: Map<String, Value> = table
        .columns
        .iter()
        .map(|column| {
            let comment = json!({
                "name_zh": column.name_zh, "unit": column.unit,
                "description": column.description, "description_zh": column.description_zh,
            });
            (column.name.clone(), comment)
        })
        .collect();
    Value::Object(comments).to_string()
}
