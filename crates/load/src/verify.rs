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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use arrow_schema::{DataType, Schema};
    use jixiao_model::record::Run;
    use parquet::arrow::ArrowWriter;
    use tempfile::TempDir;

    use super::*;
    use crate::Tables;
    use crate::snapshot::{self, SnapshotId};
    use crate::stage::Stage;

    /// The warehouse, the folder of a staged snapshot without rows in it, and the stage.
    fn staged() -> (TempDir, PathBuf, Stage) {
        let root = tempfile::tempdir().unwrap();
        let mut stage = Stage::new(root.path(), SnapshotId(1), None).unwrap();
        stage.add_all(&Tables::default().sorted().unwrap()).unwrap();
        stage.add::<Run>(&[]).unwrap();
        let folder = snapshot::staging(root.path()).join("000001");
        (root, folder, stage)
    }

    /// The columns of `checks` as the dictionary has them: `code`, `fiscal_year`, `applied`, `passed`.
    fn columns() -> Vec<Field> {
        let schema = arrow_schema(dictionary().table("checks").unwrap());
        schema.fields().iter().map(|field| field.as_ref().clone()).collect()
    }

    fn parquet_file(columns: Vec<Field>) -> Vec<u8> {
        ArrowWriter::try_new(Vec::new(), Arc::new(Schema::new(columns)), None).unwrap().into_inner().unwrap()
    }

    /// What is said of a snapshot in which a file of `checks`, besides a good one, has these columns.
    fn check(columns: Vec<Field>) -> Result<(), (String, String)> {
        let (_root, folder, _) = staged();
        let foreign = folder.join("checks/part/foreign.parquet");
        disk::create_folder(foreign.parent().unwrap()).unwrap();
        disk::write(&foreign, &parquet_file(columns)).unwrap();
        match footers(&folder) {
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
        let (_root, folder, _) = staged();
        assert!(footers(&folder).is_ok());
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
    fn a_table_too_few_or_too_many_is_refused() {
        let (_root, folder, _) = staged();
        let unknown = folder.join("projects");
        disk::create_folder(&unknown).unwrap();
        let error = footers(&folder).unwrap_err();
        assert!(
            matches!(&error, LoadError::ForeignFile { path, found, .. } if *path == unknown && found == "`projects`"),
            "{error}"
        );
        disk::remove(&unknown).unwrap();

        let missing = folder.join("checks");
        disk::remove(&missing).unwrap();
        let error = footers(&folder).unwrap_err();
        assert!(
            matches!(&error, LoadError::ForeignFile { path, found, .. } if *path == missing && found == "none"),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_is_no_parquet_is_refused() {
        let (_root, folder, _) = staged();
        let foreign = folder.join("forms/fiscal_year=2020/notes.txt");
        disk::create_folder(foreign.parent().unwrap()).unwrap();
        for bytes in ["", "PAR1", "项目名称"] {
            disk::write(&foreign, bytes.as_bytes()).unwrap();
            let error = footers(&folder).unwrap_err();
            assert!(matches!(&error, LoadError::Unreadable { path, .. } if *path == foreign), "{error}");
        }
    }

    #[test]
    fn a_stage_with_a_foreign_file_is_not_finished() {
        let (_root, folder, stage) = staged();
        let foreign = folder.join("checks/foreign.parquet");
        disk::write(&foreign, &parquet_file(Vec::new())).unwrap();
        let error = stage.finish(SnapshotId(1), None).unwrap_err();
        assert!(matches!(&error, LoadError::ForeignFile { path, .. } if *path == foreign), "{error}");
        assert!(!folder.join("snapshot.json").exists());
    }
}
