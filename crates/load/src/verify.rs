//! One schema in a snapshot: the footer of every file is compared with the dictionary before it is published.
//!
//! DuckDB takes the schema of the first file for all of a glob, cuts decimals to it and drops columns that it does
//! not know, all without a word. So a file that differs must never get into a snapshot, whoever wrote it.

use std::path::Path;

use arrow_schema::Field;
use jixiao_model::dictionary::{Table, dictionary};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use crate::schema::arrow_schema;
use crate::{LoadError, disk};

/// Checks that a snapshot's folder has files of every table, of no other table, and all with the columns of the
/// dictionary.
pub(crate) fn footers(folder: &Path) -> Result<(), LoadError> {
    let foreign = |path: &Path, expected: &str, found: String| LoadError::ForeignFile {
        path: path.to_owned(),
        expected: expected.to_owned(),
        found,
    };
    for path in disk::entries(folder)?.iter().filter(|path| disk::is_folder(path)) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if dictionary().table(name).is_none() {
            return Err(foreign(path, "a table of the dictionary", format!("`{name}`")));
        }
    }
    for table in &dictionary().tables {
        let files = disk::files_below(&folder.join(&table.name))?;
        if files.is_empty() {
            return Err(foreign(
                &folder.join(&table.name),
                "a file, if only one without rows",
                "none".to_owned(),
            ));
        }
        for path in files {
            footer(table, &path)?;
        }
    }
    Ok(())
}

fn footer(table: &Table, path: &Path) -> Result<(), LoadError> {
    let metadata = ArrowReaderMetadata::load(&disk::open(path)?, ArrowReaderOptions::new())
        .map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })?;
    let (expected, found) = (arrow_schema(table), metadata.schema());
    let count = expected.fields().len().max(found.fields().len());
    for index in 0..count {
        let expected = shown(expected.fields().get(index).map(AsRef::as_ref));
        let found = shown(found.fields().get(index).map(AsRef::as_ref));
        if expected != found {
            return Err(LoadError::ForeignFile { path: path.to_owned(), expected, found });
        }
    }
    Ok(())
}

/// What of a column must agree: its name, type and whether it may be NULL. Descriptions may be reworded.
fn shown(field: Option<&Field>) -> String {
    field.map_or("no further column".to_owned(), |field| {
        let null = if field.is_nullable() { "" } else { " not null" };
        format!("column `{}` {}{null}", field.name(), field.data_type())
    })
}
