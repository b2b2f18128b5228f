//! `catalog.sql`: DuckDB's views over the warehouse, in English and in Chinese, with a comment on every column.
//!
//! A session that loads it is pinned: the views read the snapshot that was current then, whatever is published
//! later, since DuckDB opens a file by its path more than once in a query and would mix two snapshots otherwise.
//! A view cannot take a sub-query as a path, but it can take a variable; so `CURRENT` is read into one.
//!
//! A form that was published again stays in the tables; the views show what is current, and those that end in `_all`
//! (`_全部`) show all.
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
        for shown in Shown::of(table) {
            sql += &view(dictionary, table, *shown);
        }
    }
    for table in &dictionary.tables {
        for shown in Shown::of(table) {
            sql += &chinese_view(dictionary, table, *shown);
        }
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

/// Which rows a view has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// All that the table has.
    All,
    /// Those of forms that none has taken the place of.
    Current,
    /// All, in a view beside the one of the current forms.
    AllVersions,
}

impl Shown {
    /// The views of a table.
    fn of(table: &Table) -> &'static [Self] {
        let is_of_forms = |column: &Column| {
            column.name == SUPERSEDED || (column.key && column.references.as_deref() == Some("forms.form_id"))
        };
        if table.columns.iter().any(is_of_forms) { &[Self::Current, Self::AllVersions] } else { &[Self::All] }
    }

    /// The name of a view, in English.
    fn name(self, table: &Table) -> String {
        let ending = if self == Self::AllVersions { "_all" } else { "" };
        format!("{}{ending}", table.name)
    }

    /// As [`name`](Self::name), in Chinese.
    fn name_zh(self, table: &Table) -> String {
        let ending = if self == Self::AllVersions { "_全部" } else { "" };
        format!("{}{ending}", table.name_zh)
    }

    fn comment(self, table: &Table) -> String {
        let more = match self {
            Self::All => "",
            Self::Current => " Only of forms that no newer one has taken the place of.",
            Self::AllVersions => " Of all forms, also those that a newer one has taken the place of.",
        };
        format!("{}{more}", table.description)
    }

    fn comment_zh(self, table: &Table) -> String {
        let more = match self {
            Self::All => "",
            Self::Current => "仅含现行版本的项目表。",
            Self::AllVersions => "包含已被新表取代的项目表。",
        };
        format!("{}{more}", table.description_zh)
    }
}

/// The column of `forms` that tells which are not current.
const SUPERSEDED: &str = "superseded_by";

/// The columns that a view has: those of its table and, where that names a document, the first of its sources.
fn columns<'a>(dictionary: &'a Dictionary, table: &'a Table) -> impl Iterator<Item = &'a Column> {
    table.columns.iter().chain(names_document(table).then_some(&dictionary.first_source))
}

/// Whether a table points to documents, of which there may be several with the same bytes: a join with them would
/// multiply its rows.
fn names_document(table: &Table) -> bool {
    table.columns.iter().any(|column| column.references.as_deref() == Some("documents.document_id"))
}

fn view(dictionary: &Dictionary, table: &Table, shown: Shown) -> String {
    let name = identifier(&shown.name(table));
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
    if let Some(forms) = dictionary.table("forms").filter(|_| shown == Shown::Current) {
        let condition = if table.column(SUPERSEDED).is_some() {
            format!("{SUPERSEDED} IS NULL")
        } else {
            format!("form_id NOT IN (SELECT form_id FROM {} WHERE {SUPERSEDED} IS NOT NULL)", files(forms))
        };
        let _ = write!(sql, "\nWHERE {condition}");
    }
    sql += ";\n";
    let _ = writeln!(sql, "COMMENT ON VIEW {name} IS {};", quoted(&shown.comment(table)));
    for column in columns(dictionary, table) {
        let comment = quoted(&column.description);
        let _ = writeln!(sql, "COMMENT ON COLUMN {name}.{} IS {comment};", identifier(&column.name));
    }
    sql
}

fn chinese_view(dictionary: &Dictionary, table: &Table, shown: Shown) -> String {
    let name = identifier(&shown.name_zh(table));
    let renamed: Vec<String> = columns(dictionary, table)
        .map(|column| format!("{} AS {}", identifier(&column.name), identifier(&column.name_zh)))
        .collect();
    let from = identifier(&shown.name(table));
    let mut sql =
        format!("\nCREATE OR REPLACE VIEW {name} AS\nSELECT {}\nFROM {from};\n", renamed.join(", "));
    let _ = writeln!(sql, "COMMENT ON VIEW {name} IS {};", quoted(&shown.comment_zh(table)));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> String {
        sql(Path::new("/data/warehouse")).unwrap()
    }

    /// The statements that begin with these words.
    fn statements<'a>(sql: &'a str, begin: &str) -> Vec<&'a str> {
        let lines = sql.split_inclusive('\n');
        lines.filter(|line| line.starts_with(begin)).map(str::trim_end).collect()
    }

    #[test]
    fn the_path_of_the_warehouse_means_itself() {
        for (path, literal) in [
            ("/data/warehouse", "'/data/warehouse'"),
            ("/数据/仓库 2020", "'/数据/仓库 2020'"),
            ("/data/o'brien", "'/data/o''brien'"),
            ("/data/[a]", "'/data/[[]a]'"),
            ("/data/*/**/a?", "'/data/[*]/[*][*]/a[?]'"),
            ("/it's [*]/region=north", "'/it''s [[][*]]/region=north'"),
        ] {
            let sql = sql(Path::new(path)).unwrap();
            let set = format!(
                "SET VARIABLE jixiao_warehouse = coalesce(getvariable('jixiao_warehouse'), {literal});"
            );
            assert_eq!(statements(&sql, "SET VARIABLE jixiao_warehouse"), [set]);
        }
    }

    #[test]
    fn names_and_texts_are_quoted() {
        assert_eq!(quoted("it's"), "'it''s'");
        assert_eq!(identifier(r#"a "b""#), r#""a ""b""""#);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_text_is_refused() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"/data/\xb2\xd6"));
        assert!(matches!(sql(path), Err(LoadError::PathNotText { path: named }) if named == path));
    }

    /// Checks that there is one view of this name, with a comment on it and on each of its columns, and no others.
    fn check<'a>(name: &str, description: &str, columns: impl Iterator<Item = (&'a str, &'a str)>) {
        let sql = catalogue();
        let view = identifier(name);
        assert_eq!(statements(&sql, &format!("CREATE OR REPLACE VIEW {view} AS")).len(), 1, "{name}");
        let comment = format!("COMMENT ON VIEW {view} IS {};", quoted(description));
        assert_eq!(statements(&sql, &format!("COMMENT ON VIEW {view} ")), [comment]);
        let comments: Vec<String> = columns
            .map(|(column, description)| {
                format!("COMMENT ON COLUMN {view}.{} IS {};", identifier(column), quoted(description))
            })
            .collect();
        assert_eq!(statements(&sql, &format!("COMMENT ON COLUMN {view}.")), comments);
    }

    #[test]
    fn every_table_is_a_view_in_both_languages_with_comments() {
        let dictionary = dictionary();
        for table in &dictionary.tables {
            let columns = || columns(dictionary, table);
            for shown in Shown::of(table) {
                let english = columns().map(|column| (column.name.as_str(), column.description.as_str()));
                check(&shown.name(table), &shown.comment(table), english);
                let chinese =
                    columns().map(|column| (column.name_zh.as_str(), column.description_zh.as_str()));
                check(&shown.name_zh(table), &shown.comment_zh(table), chinese);
            }
        }
        let of_forms: Vec<&str> = dictionary
            .tables
            .iter()
            .filter(|table| Shown::of(table).len() > 1)
            .map(|table| table.name.as_str())
            .collect();
        assert_eq!(
            of_forms,
            ["forms", "indicators", "budget_lines", "fields", "citations", "form_checks"],
            "findings are of documents, and tell which forms are superseded"
        );
        let views = 2 * (dictionary.tables.len() + of_forms.len());
        assert_eq!(statements(&catalogue(), "CREATE OR REPLACE VIEW").len(), views);
    }

    #[test]
    fn tables_that_name_a_document_have_its_first_source() {
        let dictionary = dictionary();
        let with_source = dictionary.tables.iter().filter(|table| names_document(table));
        let names: Vec<&str> = with_source.map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["forms", "findings"]);
        for table in &dictionary.tables {
            let last = columns(dictionary, table).last().unwrap();
            assert_eq!(
                last == &dictionary.first_source,
                names.contains(&table.name.as_str()),
                "{}",
                table.name
            );
        }
    }

    #[test]
    fn only_tables_that_are_parted_read_the_year_from_the_path() {
        for (table, parted) in [
            ("forms", "hive_partitioning = true, hive_types = {'fiscal_year': INTEGER}"),
            ("documents", "hive_partitioning = false"),
        ] {
            let expected = format!(
                "read_parquet(getvariable('jixiao_snapshot') || '/{table}/**/*.parquet', {parted}, \
                 union_by_name = true)"
            );
            assert_eq!(files(dictionary().table(table).unwrap()), expected);
        }
    }
}
