//! `datapackage.json`: the snapshot for programs that know Data Package v2, made from the dictionary.

use jixiao_model::dictionary::{Column, ColumnType, Dictionary, Table};
use serde_json::{Map, Value, json};

use crate::snapshot::Manifest;

/// The descriptor of a snapshot: each table is a resource.
pub(crate) fn descriptor(dictionary: &Dictionary, manifest: &Manifest) -> Value {
    let resources: Vec<Value> = dictionary.tables.iter().map(|table| resource(table, manifest)).collect();
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "jixiao",
        "title": "财政项目支出绩效目标",
        "version": format!("{}.0.0", manifest.schema_version),
        "resources": resources,
    })
}

fn resource(table: &Table, manifest: &Manifest) -> Value {
    let files = manifest.files.iter().filter(|file| file.table == table.name);
    let paths: Vec<&str> = files.map(|file| file.path.as_str()).collect();
    json!({
        "name": table.name,
        "title": table.name_zh,
        "description": table.description,
        "path": paths,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "schema": schema(table),
    })
}

/// A primary key may not be NULL, as SQL says too; a key that may be is told as a unique one.
fn schema(table: &Table) -> Value {
    let fields: Vec<Value> = table.columns.iter().map(field).collect();
    let key: Vec<&str> = table.key().map(|column| column.name.as_str()).collect();
    let references: Vec<Value> = table.columns.iter().filter_map(foreign_key).collect();
    let mut schema = Map::new();
    schema.insert("fields".to_owned(), json!(fields));
    if table.key().any(|column| column.nullable) {
        schema.insert("uniqueKeys".to_owned(), json!([key]));
    } else {
        schema.insert("primaryKey".to_owned(), json!(key));
    }
    if !references.is_empty() {
        schema.insert("foreignKeys".to_owned(), json!(references));
    }
    Value::Object(schema)
}

fn field(column: &Column) -> Value {
    let field_type = match column.column_type {
        ColumnType::String | ColumnType::Category => "string",
        ColumnType::Int32 | ColumnType::Int64 => "integer",
        ColumnType::Decimal { .. } => "number",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "datetime",
    };
    json!({
        "name": column.name,
        "type": field_type,
        "title": column.name_zh,
        "description": column.description,
        "constraints": { "required": !column.nullable },
    })
}

fn foreign_key(column: &Column) -> Option<Value> {
    let (resource, field) = column.reference()?;
    Some(json!({ "fields": [column.name], "reference": { "resource": resource, "fields": [field] } }))
}
