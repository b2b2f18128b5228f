//! A snapshot while it is put together, in a folder that no reader looks into.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jixiao_model::dictionary::{Table, dictionary};
use jixiao_model::reference;
use serde::Serialize;

use crate::batches::{Row, table_of};
use crate::snapshot::{Manifest, ManifestFile, SnapshotId};
use crate::tables::Sorted;
use crate::{LoadError, disk, package, parquet_file, snapshot, verify};

/// The folder in which hive keeps rows without a value of the partition's column; all readers know it.
const NO_YEAR: &str = "__HIVE_DEFAULT_PARTITION__";

/// A snapshot in the making.
pub(crate) struct Stage {
    folder: PathBuf,
    /// The folder of the snapshot before, whose files are linked where they are the same.
    parent: Option<PathBuf>,
    files: Vec<ManifestFile>,
}

impl Stage {
    /// An empty folder for a snapshot.
    pub(crate) fn new(root: &Path, id: SnapshotId, parent: Option<SnapshotId>) -> Result<Self, LoadError> {
        let folder = snapshot::staging(root).join(id.to_string());
        disk::create_folder(&folder)?;
        Ok(Self { folder, parent: parent.map(|parent| snapshot::folder(root, parent)), files: Vec::new() })
    }

    /// Adds all tables but `runs`.
    pub(crate) fn add_all(&mut self, rows: &Sorted<'_>) -> Result<(), LoadError> {
        self.add(&rows.documents)?;
        self.add(&rows.forms)?;
        self.add(&rows.indicators)?;
        self.add(&rows.budget_lines)?;
        self.add(&rows.fields)?;
        self.add(&rows.citations)?;
        self.add(&rows.findings)?;
        self.add(&rows.checks.iter().collect::<Vec<_>>())?;
        self.add(&rows.indicator_types)
    }

    /// Adds the files of a table: one for each partition, and at least one, since an empty glob is an error.
    pub(crate) fn add<T: Row>(&mut self, rows: &[&T]) -> Result<(), LoadError> {
        let table = table_of::<T>()?;
        let Some(column) = &table.partitioned_by else {
            return self.add_file(table, &table.name, rows);
        };
        let in_year = |year: Option<i32>| {
            format!("{}/{column}={}", table.name, year.map_or(NO_YEAR.to_owned(), |year| year.to_string()))
        };
        let mut partitions: BTreeMap<String, Vec<&T>> = BTreeMap::new();
        for row in rows {
            partitions.entry(in_year(row.fiscal_year())).or_default().push(row);
        }
        if partitions.is_empty() {
            partitions.insert(in_year(None), Vec::new());
        }
        partitions.iter().try_for_each(|(folder, rows)| self.add_file(table, folder, rows))
    }

    fn add_file<T: Row>(&mut self, table: &Table, folder: &str, rows: &[&T]) -> Result<(), LoadError> {
        let file = parquet_file::encode(rows)?;
        let path = format!("{folder}/{}", file.name());
        disk::create_folder(&self.folder.join(folder))?;
        match &self.parent {
            Some(parent) => disk::link_or_write(&parent.join(&path), &self.folder.join(&path), &file.bytes)?,
            None => disk::write(&self.folder.join(&path), &file.bytes)?,
        }
        self.files.push(ManifestFile {
            table: table.name.clone(),
            path,
            rows: file.rows,
            bytes: file.bytes.len() as u64,
            sha256: file.sha256,
        });
        Ok(())
    }

    /// Checks what was staged, describes it, writes it down to the disk, and returns the manifest, written last.
    pub(crate) fn finish(
        mut self,
        snapshot: SnapshotId,
        parent: Option<SnapshotId>,
    ) -> Result<(PathBuf, Manifest), LoadError> {
        let position =
            |file: &ManifestFile| dictionary().tables.iter().position(|table| table.name == file.table);
        self.files.sort_by_key(|file| (position(file), file.path.clone()));
        verify::footers(&self.folder)?;
        let manifest = Manifest {
            snapshot,
            parent,
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            rules_version: reference::rules_version().to_owned(),
            schema_version: dictionary().schema_version,
            files: self.files,
        };
        write_json(&self.folder.join("datapackage.json"), &package::descriptor(dictionary(), &manifest))?;
        disk::sync_tree(&self.folder)?;
        write_json(&self.folder.join("snapshot.json"), &manifest)?;
        disk::sync_folder(&self.folder)?;
        Ok((self.folder, manifest))
    }
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), LoadError> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|source| LoadError::Json { path: path.to_owned(), source })?;
    disk::write(path, (text + "\n").as_bytes())
}
