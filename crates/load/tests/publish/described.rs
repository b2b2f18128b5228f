//! What a snapshot says of itself, in its files and beside them.

use std::collections::BTreeMap;
use std::fs;

use arrow_schema::Field;
use jixiao_load::{Manifest, SnapshotId};
use jixiao_model::dictionary::{Column, dictionary};
use jixiao_model::{hash, reference};
use serde_json::{Value, json};

use crate::common::{files, new_root, open, publish, run, tables};

/// What a file's key-value metadata says of a column.
fn comment(column: &Column) -> Value {
    json!({
        "name_zh": column.name_zh, "unit": column.unit,
        "description": column.description, "description_zh": column.description_zh,
    })
}

fn check_field(field: &Field, column: &Column) {
    let name = &column.name;
    assert_eq!(field.name(), name);
    let metadata = |key: &str| field.metadata().get(key).map(ToString::to_string);
    assert_eq!(metadata("description"), Some(column.description.clone()), "{name}");
    assert_eq!(metadata("description_zh"), Some(column.description_zh.clone()), "{name}");
    assert_eq!(metadata("name_zh"), Some(column.name_zh.clone()), "{name}");
    assert_eq!(metadata("unit"), column.unit, "{name}");
}

#[test]
fn every_file_names_its_table_and_describes_its_columns() {
    let (_folder, root) = new_root();
    let path = publish(&root, &tables(), &run(1)).path;
    for (name, _) in files(&path).iter().filter(|(name, _)| name.ends_with(".parquet")) {
        let table = dictionary().table(name.split_once('/').unwrap().0).unwrap();
        let file = open(&path.join(name));
        let pairs = file.metadata().file_metadata().key_value_metadata().unwrap();
        let pairs: BTreeMap<&str, &str> =
            pairs.iter().map(|pair| (pair.key.as_str(), pair.value.as_deref().unwrap())).collect();
        assert_eq!(pairs["jixiao.table"], table.name);
        assert_eq!(pairs["jixiao.table_zh"], table.name_zh);
        assert_eq!(pairs["jixiao.description"], table.description);
        assert_eq!(pairs["jixiao.description_zh"], table.description_zh);
        assert_eq!(pairs["jixiao.schema_version"], dictionary().schema_version.to_string());
        let comments: BTreeMap<String, Value> = serde_json::from_str(pairs["jixiao.columns"]).unwrap();
        let expected = table.columns.iter().map(|column| (column.name.clone(), comment(column)));
        assert_eq!(comments, expected.collect(), "{name}");

        assert_eq!(file.schema().fields().len(), table.columns.len(), "{name}");
        for (field, column) in file.schema().fields().iter().zip(&table.columns) {
            check_field(field, column);
        }
    }
}

#[test]
fn columns_by_which_rows_are_looked_up_have_a_bloom_filter() {
    let (_folder, root) = new_root();
    let path = publish(&root, &tables(), &run(1)).path;
    for (name, _) in files(&path).iter().filter(|(name, _)| name.ends_with(".parquet")) {
        let table = dictionary().table(name.split_once('/').unwrap().0).unwrap();
        for group in open(&path.join(name)).metadata().row_groups() {
            for (chunk, column) in group.columns().iter().zip(&table.columns) {
                assert_eq!(chunk.bloom_filter_offset().is_some(), column.lookup, "{name} {}", column.name);
            }
        }
    }
}

#[test]
fn the_manifest_agrees_with_the_files() {
    let (_folder, root) = new_root();
    publish(&root, &tables(), &run(1));
    let published = publish(&root, &tables(), &run(2));
    let mut found = files(&published.path);
    let manifest: Manifest = serde_json::from_slice(&found["snapshot.json"]).unwrap();
    assert_eq!((manifest.snapshot, manifest.parent), (SnapshotId(2), Some(SnapshotId(1))));
    assert_eq!(manifest.program_version, env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest.rules_version, reference::rules_version());
    assert_eq!(manifest.schema_version, dictionary().schema_version);

    found.retain(|path, _| path.ends_with(".parquet"));
    let mut listed: Vec<&String> = manifest.files.iter().map(|file| &file.path).collect();
    listed.sort();
    assert_eq!(listed, found.keys().collect::<Vec<_>>());
    for file in &manifest.files {
        let bytes = &found[&file.path];
        let sha256 = hash::sha256(bytes);
        assert_eq!(file.bytes, bytes.len() as u64, "{}", file.path);
        assert_eq!(file.sha256, sha256, "{}", file.path);
        let name: String = sha256.chars().take(16).collect();
        assert!(file.path.ends_with(&format!("/{name}.parquet")), "{}", file.path);
        assert!(file.path.starts_with(&format!("{}/", file.table)), "{}", file.path);
        let batches = open(&published.path.join(&file.path)).build().unwrap();
        let rows: usize = batches.map(|batch| batch.unwrap().num_rows()).sum();
        assert_eq!(file.rows, rows as u64, "{}", file.path);
    }

    let tables: Vec<&String> = published.tables.iter().map(|table| &table.table).collect();
    assert_eq!(tables, dictionary().tables.iter().map(|table| &table.name).collect::<Vec<_>>());
    for table in &published.tables {
        let files = || manifest.files.iter().filter(|file| file.table == table.table);
        let sums = (
            files().count() as u64,
            files().map(|file| file.rows).sum(),
            files().map(|file| file.bytes).sum(),
        );
        assert_eq!((table.files, table.rows, table.bytes), sums, "{}", table.table);
    }
}

#[test]
fn the_data_package_lists_every_table_and_file() {
    let (_folder, root) = new_root();
    let path = publish(&root, &tables(), &run(1)).path;
    let package: Value =
        serde_json::from_str(&fs::read_to_string(path.join("datapackage.json")).unwrap()).unwrap();
    assert_eq!(package["$schema"], "https://datapackage.org/profiles/2.0/datapackage.json");
    let resources = package["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 11);
    let mut listed = Vec::new();
    for (resource, table) in resources.iter().zip(&dictionary().tables) {
        assert_eq!(resource["name"], table.name);
        assert_eq!(resource["title"], table.name_zh);
        let names: Vec<&Value> = resource["schema"]["fields"].as_array().unwrap().iter().collect();
        let names: Vec<&str> = names.iter().map(|field| field["name"].as_str().unwrap()).collect();
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, columns, "{}", table.name);
        let paths = resource["path"].as_array().unwrap().iter();
        listed.extend(paths.map(|path| path.as_str().unwrap().to_owned()));
    }
    listed.sort();
    let mut found = files(&path);
    found.retain(|path, _| path.ends_with(".parquet"));
    assert_eq!(listed, found.into_keys().collect::<Vec<_>>());
}

#[test]
fn the_data_package_tells_keys() {
    let (_folder, root) = new_root();
    let path = publish(&root, &tables(), &run(1)).path;
    let package: Value =
        serde_json::from_str(&fs::read_to_string(path.join("datapackage.json")).unwrap()).unwrap();
    let schema = |name: &str| {
        let resources = package["resources"].as_array().unwrap();
        resources.iter().find(|resource| resource["name"] == name).unwrap()["schema"].clone()
    };
    assert_eq!(schema("indicators")["primaryKey"], json!(["form_id", "indicator_number"]));
    assert_eq!(
        schema("indicators")["foreignKeys"],
        json!([
            { "fields": ["form_id"], "reference": { "resource": "forms", "fields": ["form_id"] } },
            {
                "fields": ["indicator_code"],
                "reference": { "resource": "indicator_types", "fields": ["indicator_code"] },
            },
        ])
    );
    assert_eq!(schema("documents")["primaryKey"], json!(["source"]));
    assert_eq!(schema("documents")["foreignKeys"], Value::Null);
    assert_eq!(schema("checks")["primaryKey"], Value::Null, "the year may be NULL");
    assert_eq!(schema("checks")["uniqueKeys"], json!([["code", "fiscal_year"]]));
}
