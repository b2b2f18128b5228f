//! One schema in a snapshot: the footer of every file is compared with the dictionary before it is published.
//!
//! DuckDB takes the schema of the first file for all of a glob, cuts decimals to it and drops columns that it does
//! not know, all without a word. So a file that differs must never get into a snapshot, whoever wrote it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use arrow_schema::Field;
use jixiao_model::dictionary::{Table, dictionary};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use rayon::ThreadPool;

use crate::schema::arrow_schema;
use crate::snapshot::ManifestFile;
use crate::stage::on_threads;
use crate::{LoadError, disk};

/// Checks that a snapshot's folder has the files of its manifest and no others, some of every table, and that those that
/// were written now have the columns of the dictionary; the others were checked when they were written.
pub(crate) fn files(
    folder: &Path,
    manifest: &[ManifestFile],
    written: &BTreeSet<String>,
    threads: Option<&ThreadPool>,
) -> Result<(), LoadError> {
    let foreign = |path: &Path, expected: &str, found: &str| LoadError::ForeignFile {
        path: path.to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    };
    let listed: BTreeSet<PathBuf> = manifest.iter().map(|file| folder.join(&file.path)).collect();
    for path in disk::files_below(folder)? {
        if !listed.contains(&path) {
            return Err(foreign(&path, "a file of the snapshot", "another"));
        }
    }
    let mut new = Vec::new();
    for table in &dictionary().tables {
        let files = || manifest.iter().filter(|file| file.table == table.name);
        if files().next().is_none() {
            return Err(foreign(&folder.join(&table.name), "a file, if only one without rows", "none"));
        }
        new.extend(files().filter(|file| written.contains(&file.path)).map(|file| (table, file)));
    }
    on_threads(threads, &new, |(table, file)| footer(table, &folder.join(&file.path)))
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use arrow_schema::{DataType, Schema};
    use jixiao_model::record::Run;
    use parquet::arrow::ArrowWriter;
    use tempfile::TempDir;

    use super::*;
    use crate::Warehouse;
    use crate::snapshot::{self, SnapshotId};
    use crate::stage::Stage;

    /// The warehouse, and a file of `checks` in its staging folder with these bytes.
    fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("some.parquet");
        disk::write(&path, bytes).unwrap();
        (root, path)
    }

    /// The columns of `checks` as the dictionary has them: `code`, `fiscal_year`, `applied`, `passed`.
    fn columns() -> Vec<Field> {
        let schema = arrow_schema(dictionary().table("checks").unwrap());
        schema.fields().iter().map(|field| field.as_ref().clone()).collect()
    }

    fn parquet_file(columns: Vec<Field>) -> Vec<u8> {
        ArrowWriter::try_new(Vec::new(), Arc::new(Schema::new(columns)), None).unwrap().into_inner().unwrap()
    }

    /// What is said of a file of `checks` that has these columns.
    fn check(columns: Vec<Field>) -> Result<(), (String, String)> {
        let (_root, foreign) = file(&parquet_file(columns));
        match footer(dictionary().table("checks").unwrap(), &foreign) {
            Ok(()) => Ok(()),
            Err(LoadError::ForeignFile { path, expected, found }) => {
                assert_eq!(path, foreign);
                Err((expected, found))
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn refused(columns: Vec<Field>, expected: &str, found: &str) {
        assert_eq!(check(columns), Err((expected.to_owned(), found.to_owned())));
    }

    #[test]
    fn the_columns_of_the_dictionary_pass_however_they_are_described() {
        assert_eq!(check(columns()), Ok(()));
        let reworded = columns().into_iter().map(|field| {
            let metadata: arrow_schema::Metadata = [("description", "other words")].into_iter().collect();
            field.with_metadata(metadata)
        });
        assert_eq!(check(reworded.collect()), Ok(()));
    }

    #[test]
    fn a_column_of_another_type_or_name_is_refused() {
        let with = |index: usize, field: Field| {
            let mut columns = columns();
            columns[index] = field;
            columns
        };
        let year = "column `fiscal_year` Int32";
        for (foreign, found) in [
            (Field::new("fiscal_year", DataType::Int64, true), "column `fiscal_year` Int64"),
            (Field::new("fiscal_year", DataType::Utf8, true), "column `fiscal_year` Utf8"),
            (Field::new("fiscal_year", DataType::Int32, false), "column `fiscal_year` Int32 not null"),
            (Field::new("year", DataType::Int32, true), "column `year` Int32"),
        ] {
            refused(with(1, foreign), year, found);
        }
        let text = Field::new("code", DataType::Utf8, false);
        refused(
            with(0, text),
            "column `code` Dictionary(Int32, Utf8) not null",
            "column `code` Utf8 not null",
        );
    }

    #[test]
    fn a_column_too_few_or_too_many_is_refused() {
        let mut last = columns();
        last.pop();
        refused(last, "column `passed` Int64 not null", "no further column");
        let mut middle = columns();
        middle.remove(1);
        refused(middle, "column `fiscal_year` Int32", "column `applied` Int64 not null");
        let mut further = columns();
        further.push(Field::new("extra", DataType::Boolean, true));
        refused(further, "no further column", "column `extra` Boolean");
        let mut moved = columns();
        moved.swap(2, 3);
        refused(moved, "column `applied` Int64 not null", "column `passed` Int64 not null");
    }

    #[test]
    fn a_file_that_is_no_parquet_is_refused() {
        for bytes in ["", "PAR1", "项目名称"] {
            let (_root, foreign) = file(bytes.as_bytes());
            let error = footer(dictionary().table("forms").unwrap(), &foreign).unwrap_err();
            assert!(matches!(&error, LoadError::Unreadable { path, .. } if *path == foreign), "{error}");
        }
    }

    #[test]
    fn a_stage_without_a_table_or_with_a_foreign_file_is_not_finished() {
        let refused = |spoil: &dyn Fn(&Path), with_runs: bool| {
            let root = tempfile::tempdir().unwrap();
            let warehouse = Warehouse::lock(root.path(), "test").unwrap();
            let mut stage = Stage::new(&warehouse, SnapshotId(1), None).unwrap();
            stage.add_missing().unwrap();
            if with_runs {
                stage.add::<Run>(&[]).unwrap();
            }
            let folder = snapshot::staging(root.path()).join("000001");
            spoil(&folder);
            let error = stage.finish(0).err();
            assert_eq!(error.is_none(), folder.join("snapshot.json").exists());
            error.map(|error| error.to_string())
        };
        assert_eq!(refused(&|_| {}, true), None);
        let missing = refused(&|_| {}, false).unwrap();
        assert!(missing.contains("runs a file, if only one without rows, found none"), "{missing}");
        let foreign = refused(&|folder| disk::write(&folder.join("checks/a.parquet"), b"").unwrap(), true);
        assert!(foreign.unwrap().contains("checks/a.parquet a file of the snapshot, found another"));
    }
}
