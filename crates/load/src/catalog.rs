//! `catalog.sql`: DuckDB's views over the warehouse, in English and in Chinese, with a comment on every column.
//!
//! A session that loads it is pinned: the views read the snapshot that was current then, whatever is published
//! later, since DuckDB opens a file by its path more than once in a query and would mix two snapshots otherwise.
//! A view cannot take a sub-query as a path, but it can take a variable; so `CURRENT` is read into one.
//!
//! The views name their columns, and part by year only the tables that are: a warehouse may well stand in a folder
//! like `region=north/`, which DuckDB would take for a column.

use std::fmt::Write;
use std::path::Path;

use jixiao_model::dictionary::{Column, ColumnType, Dictionary, Table, dictionary};

use crate::LoadError;

/// The catalogue of the warehouse in this folder, as SQL for DuckDB.
///
/// # Errors
/// [`LoadError::PathNotText`] if the path of the warehouse cannot be written as text.
pub fn sql(root: &Path) -> Result<String, LoadError> {
    let dictionary = dictionary();
    let path = root.to_str().ok_or_else(|| LoadError::PathNotText { path: root.to_owned() })?;
    let mut sql = header(path);
    for table in &dictionary.tables {
        sql += &view(dictionary, table);
    }
    for table in &dictionary.tables {
        sql += &chinese_view(dictionary, table);
    }
    Ok(sql)
}

fn header(path: &str) -> String {
    let path = quoted(&glob_escaped(path));
    format!(
        "\
-- DuckDB views over a jixiao warehouse, each under its English and its Chinese name. Made by jixiao; do not edit.
--
--   .read catalog.sql                                      in DuckDB's shell
--   con.execute(open('catalog.sql').read())                in Python
--
-- The session now reads the snapshot that is current now, whatever is published later. To move it on:
--
--   SET VARIABLE jixiao_snapshot = jixiao_current();
--
-- For a warehouse that was copied or moved, say where it is before loading this file (write [ as [[]):
--
--   SET VARIABLE jixiao_warehouse = '/where/it/is/now';

SET VARIABLE jixiao_warehouse = coalesce(getvariable('jixiao_warehouse'), {path});
CREATE OR REPLACE MACRO jixiao_current() AS (
    SELECT getvariable('jixiao_warehouse') || '/snapshots/' || trim(content, chr(10))
    FROM read_text(getvariable('jixiao_warehouse') || '/CURRENT')
);
SET VARIABLE jixiao_snapshot = jixiao_current();
"
    )
}

/// The columns that a view has: those of its table and, where that names a document, the first of its sources.
fn columns<'a>(dictionary: &'a Dictionary, table: &'a Table) -> impl Iterator<Item = &'a Column> {
    table.columns.iter().chain(names_document(table).then_some(&dictionary.first_source))
}

/// Whether a table points to documents, of which there may be several with the same bytes: a join with them would
/// multiply its rows.
fn names_document(table: &Table) -> bool {
    table.columns.iter().any(|column| column.references.as_deref() == Some("documents.document_id"))
}

fn view(dictionary: &Dictionary, table: &Table) -> String {
    let name = identifier(&table.name);
    let values: Vec<String> = table.columns.iter().map(value).collect();
    let mut sql = format!("\nCREATE OR REPLACE VIEW {name} AS\nSELECT {}", values.join(", "));
    let source = &dictionary.first_source.name;
    if names_document(table) {
        let _ = write!(sql, ", {}", identifier(source));
    }
    let _ = write!(sql, "\nFROM {}", files(table));
    if let Some(documents) = dictionary.table("documents").filter(|_| names_document(table)) {
        let _ = write!(
            sql,
            "\nLEFT JOIN (SELECT document_id, min(source) AS {} FROM {} GROUP BY document_id) USING (document_id)",
            identifier(source),
            files(documents),
        );
    }
    sql += ";\n";
    let _ = writeln!(sql, "COMMENT ON VIEW {name} IS {};", quoted(&table.description));
    for column in columns(dictionary, table) {
        let comment = quoted(&column.description);
        let _ = writeln!(sql, "COMMENT ON COLUMN {name}.{} IS {comment};", identifier(&column.name));
    }
    sql
}

fn chinese_view(dictionary: &Dictionary, table: &Table) -> String {
    let name = identifier(&table.name_zh);
    let renamed: Vec<String> = columns(dictionary, table)
        .map(|column| format!("{} AS {}", identifier(&column.name), identifier(&column.name_zh)))
        .collect();
    let from = identifier(&table.name);
    let mut sql =
        format!("\nCREATE OR REPLACE VIEW {name} AS\nSELECT {}\nFROM {from};\n", renamed.join(", "));
    let _ = writeln!(sql, "COMMENT ON VIEW {name} IS {};", quoted(&table.description_zh));
    for column in columns(dictionary, table) {
        let comment = quoted(&column.description_zh);
        let _ = writeln!(sql, "COMMENT ON COLUMN {name}.{} IS {comment};", identifier(&column.name_zh));
    }
    sql
}

/// A moment is shown in UTC wherever the session is, and needs no time zone library in its client.
fn value(column: &Column) -> String {
    let name = identifier(&column.name);
    match column.column_type {
        ColumnType::Timestamp => format!("timezone('UTC', {name}) AS {name}"),
        _ => name,
    }
}

/// The files of a table, as the pinned snapshot has them.
fn files(table: &Table) -> String {
    let parted = match &table.partitioned_by {
        Some(column) => format!("hive_partitioning = true, hive_types = {{{}: INTEGER}}", quoted(column)),
        None => "hive_partitioning = false".to_owned(),
    };
    let glob = quoted(&format!("/{}/**/*.parquet", table.name));
    format!("read_parquet(getvariable('jixiao_snapshot') || {glob}, {parted}, union_by_name = true)")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A path as a glob that means itself.
fn glob_escaped(path: &str) -> String {
    path.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '[' | '*' | '?' => {
                escaped.extend(['[', c, ']']);
            }
            _ => escaped.push(c),
        }
        escaped
    })
}
