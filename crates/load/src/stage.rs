//! A snapshot while it is put together, in a folder that no reader looks into.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jixiao_model::dictionary::{Table, dictionary};
use jixiao_model::record::{Check, Run};
use jixiao_model::reference;
use rayon::ThreadPool;
use rayon::prelude::*;
use serde::Serialize;

use crate::batches::{Row, table_of};
use crate::commit::{Published, Warehouse};
use crate::content::ContentId;
use crate::journal::Journal;
use crate::making::{Makers, NewFile, Put, Site};
use crate::parquet_file::ParquetFile;
use crate::read::{self, columns};
use crate::snapshot::{LAYOUT, Manifest, ManifestFile, SnapshotId};
use crate::update::Parent;
use crate::years::Year;
use crate::{Changes, LoadError, disk, package, parquet_file, rows, snapshot, verify};

/// The folder in which hive keeps rows without a value of the partition's column; all readers know it.
const NO_YEAR: &str = "__HIVE_DEFAULT_PARTITION__";

/// How many files are written, at most, before they are written down to the disk.
const UNSYNCED: usize = 64;

/// A snapshot in the making.
#[derive(Debug)]
pub(crate) struct Stage {
    site: Arc<Site>,
    id: SnapshotId,
    /// About how many forms, or sources, a file has at least.
    pub(crate) least: u64,
    /// Who puts files together; the caller's thread, if there is nobody.
    makers: Option<Makers>,
    files: Vec<ManifestFile>,
    /// The paths of those that were written and not linked.
    written: BTreeSet<String>,
    /// Those of them that may not be on the disk yet.
    unsynced: Vec<(PathBuf, File)>,
}

/// The folder of a table's files of a year.
pub(crate) fn year_folder(table: &Table, year: Year) -> String {
    let column = table.partitioned_by.as_deref().unwrap_or_default();
    format!("{}/{column}={}", table.name, year.map_or(NO_YEAR.to_owned(), |year| year.to_string()))
}

impl Stage {
    /// An empty folder for a snapshot of a warehouse.
    pub(crate) fn new(
        warehouse: &Warehouse,
        id: SnapshotId,
        parent: Option<Parent>,
    ) -> Result<Self, LoadError> {
        let folder = snapshot::staging(warehouse.root()).join(id.to_string());
        disk::create_folder(&folder)?;
        let site = Arc::new(Site { folder, parent: parent.map(Arc::new) });
        let makers = warehouse.threads.clone().map(|threads| Makers::new(Arc::clone(&site), threads));
        let (files, written, unsynced) = Default::default();
        Ok(Self { site, id, least: warehouse.least, makers, files, written, unsynced })
    }

    /// The snapshot before.
    pub(crate) fn parent(&self) -> Option<&Arc<Parent>> {
        self.site.parent.as_ref()
    }

    /// Takes over a file of the snapshot before as it is.
    pub(crate) fn link(&mut self, file: &ManifestFile, from: Option<String>) -> Result<(), LoadError> {
        let put = self.site.link(file, from)?;
        self.keep(put)
    }

    /// Takes over all files of the snapshot before whose rows are of documents.
    pub(crate) fn link_all_of_documents(&mut self) -> Result<(), LoadError> {
        let site = Arc::clone(&self.site);
        let mut files = site.parent.iter().flat_map(|parent| &parent.manifest.files);
        files.try_for_each(|file| file.from.clone().map_or(Ok(()), |from| self.link(file, Some(from))))
    }

    /// Adds a file; one that the snapshot before has as well is linked.
    pub(crate) fn write(
        &mut self,
        table: &Table,
        folder: &str,
        file: &ParquetFile,
        from: Option<String>,
    ) -> Result<(), LoadError> {
        let put = self.site.put(table, folder, file, from)?;
        self.keep(put)
    }

    /// Adds a file that is put together beside others, if there are threads for that, before the next [`flush`](Self::flush)
    /// is over.
    pub(crate) fn add_soon(&mut self, file: NewFile) -> Result<(), LoadError> {
        let Some(makers) = &mut self.makers else {
            let put = self.site.make(file)?;
            return self.keep(put);
        };
        makers.begin(file);
        while self.makers.as_ref().is_some_and(Makers::are_full) {
            self.take_made()?;
        }
        Ok(())
    }

    /// Waits until all files are put together.
    pub(crate) fn flush(&mut self) -> Result<(), LoadError> {
        while self.makers.as_ref().is_some_and(Makers::are_busy) {
            self.take_made()?;
        }
        Ok(())
    }

    /// Takes over a file that was put together. As long as there is none, others are written down to the disk.
    fn take_made(&mut self) -> Result<(), LoadError> {
        let Some(makers) = &mut self.makers else { return Ok(()) };
        let mut made = makers.made();
        while made.is_none()
            && let Some((path, file)) = self.unsynced.pop()
        {
            disk::sync(&file, &path)?;
            made = makers.made();
        }
        made.or_else(|| makers.wait()).map_or(Ok(()), |put| self.keep(put?))
    }

    fn keep(&mut self, put: Put) -> Result<(), LoadError> {
        if let Some(written) = put.written {
            self.written.insert(put.file.path.clone());
            self.unsynced.push(written);
        }
        self.files.push(put.file);
        if self.unsynced.len() >= UNSYNCED { self.sync() } else { Ok(()) }
    }

    /// Writes the files that were added down to the disk, many at once: the first waits for the others as well.
    fn sync(&mut self) -> Result<(), LoadError> {
        self.unsynced.drain(..).try_for_each(|(path, file)| disk::sync(&file, &path))
    }

    /// Adds a table as one file.
    pub(crate) fn add<T: Row>(&mut self, rows: &[&T]) -> Result<(), LoadError> {
        self.write(table_of::<T>()?, T::TABLE, &parquet_file::encode(rows)?, None)
    }

    /// Adds the sums of the checks: of these years by their forms, of others as they were.
    pub(crate) fn add_checks(&mut self, years: &BTreeSet<Year>) -> Result<(), LoadError> {
        let mut sums: BTreeMap<(String, Year), (u64, u64)> = BTreeMap::new();
        if let Some(parent) = self.parent() {
            for check in read::checks(&parent.folder, &parent.manifest)? {
                let is_kept = self.files.iter().any(|file| file.year() == Some(check.fiscal_year));
                if is_kept && !years.contains(&check.fiscal_year) {
                    sums.insert((check.code, check.fiscal_year), (check.applied, check.passed));
                }
            }
        }
        for file in self.files.iter().filter(|file| file.table == "form_checks") {
            let Some(year) = file.year().filter(|year| years.contains(year)) else { continue };
            columns::in_file(&self.site.folder.join(&file.path), &["code", "applied", "passed"], |rows| {
                for (code, [of_applied, of_passed]) in rows.sums("code", ["applied", "passed"])? {
                    let (applied, passed) = sums.entry((code, year)).or_default();
                    *applied += of_applied;
                    *passed += of_passed;
                }
                Ok(())
            })?;
        }
        let check = |((code, fiscal_year), (applied, passed))| Check { code, fiscal_year, applied, passed };
        let checks: Vec<Check> = sums.into_iter().map(check).collect();
        self.add(&checks.iter().collect::<Vec<_>>())
    }

    /// Gives each table without a file one without rows, since an empty glob is an error; but not `runs`.
    pub(crate) fn add_missing(&mut self) -> Result<(), LoadError> {
        for table in dictionary().tables.iter().filter(|table| table.name != Run::TABLE) {
            if self.files.iter().all(|file| file.table != table.name) {
                let folder = match table.partitioned_by {
                    Some(_) => year_folder(table, None),
                    None => table.name.clone(),
                };
                let empty = rows::joined(table, &[])?;
                self.write(table, &folder, &parquet_file::encode_batch(table, &empty)?, None)?;
            }
        }
        Ok(())
    }

    /// Checks what was staged, describes it, writes it down to the disk, and returns the manifest, written last.
    pub(crate) fn finish(mut self, published_at: i64) -> Result<(PathBuf, Manifest), LoadError> {
        let position: HashMap<&str, usize> =
            dictionary().tables.iter().zip(0..).map(|(table, index)| (table.name.as_str(), index)).collect();
        self.files.sort_by(|one, other| {
            let key = |file: &ManifestFile| position.get(file.table.as_str()).copied();
            (key(one), &one.path).cmp(&(key(other), &other.path))
        });
        self.sync()?;
        let folder = self.site.folder.clone();
        let threads = self.makers.as_ref().map(Makers::threads);
        verify::files(&folder, &self.files, &self.written, threads)?;
        let manifest = Manifest {
            snapshot: self.id,
            parent: self.site.parent.as_ref().map(|parent| parent.manifest.snapshot),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
            rules_version: reference::rules_version().to_owned(),
            schema_version: dictionary().schema_version,
            layout: LAYOUT,
            published_at: Some(published_at),
            files: self.files,
        };
        write_json(&folder.join("datapackage.json"), &package::descriptor(dictionary(), &manifest))?;
        on_threads(threads, &disk::folders_of(&folder)?, |path| disk::sync_folder(path))?;
        write_json(&folder.join("snapshot.json"), &manifest)?;
        disk::sync_folder(&folder)?;
        Ok((folder, manifest))
    }
}

/// Does something with each, on as many threads as there are.
pub(crate) fn on_threads<T: Sync>(
    threads: Option<&ThreadPool>,
    each: &[T],
    act: impl Fn(&T) -> Result<(), LoadError> + Send + Sync,
) -> Result<(), LoadError> {
    match threads {
        Some(threads) => threads.install(|| each.par_iter().try_for_each(act)),
        None => each.iter().try_for_each(act),
    }
}

/// A snapshot that waits for the word that publishes it.
#[derive(Debug)]
pub struct Staged<'w> {
    warehouse: &'w Warehouse,
    stage: Stage,
    /// What waited in the journal, and the contents of it that it has.
    journal: Option<(Journal, BTreeSet<ContentId>)>,
    /// How its sources differ from those of the snapshot before.
    pub changes: Changes,
}

impl<'w> Staged<'w> {
    pub(crate) fn new(
        warehouse: &'w Warehouse,
        stage: Stage,
        changes: Changes,
        journal: (Journal, BTreeSet<ContentId>),
    ) -> Self {
        Self { warehouse, stage, journal: Some(journal), changes }
    }

    /// As [`new`](Self::new), of a snapshot that changes nothing: what waits in the journal waits on.
    pub(crate) fn as_it_was(warehouse: &'w Warehouse, stage: Stage) -> Self {
        Self { warehouse, stage, journal: None, changes: Changes::default() }
    }

    /// How many rows each table has, by year where it is parted by year.
    pub fn rows(&self) -> BTreeMap<(String, Year), u64> {
        rows_of(&self.stage.files)
    }

    /// As [`rows`](Self::rows), of the snapshot before; nothing if there is none.
    pub fn rows_before(&self) -> Option<BTreeMap<(String, Year), u64>> {
        self.stage.parent().map(|parent| rows_of(&parent.manifest.files))
    }

    /// How often the checks held.
    ///
    /// # Errors
    /// If what was staged cannot be read.
    pub fn checks(&self) -> Result<Vec<Check>, LoadError> {
        checks_of(&self.stage.site.folder, &self.stage.files)
    }

    /// As [`checks`](Self::checks), of the snapshot before.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn checks_before(&self) -> Result<Option<Vec<Check>>, LoadError> {
        let before = self.stage.parent().map(|parent| checks_of(&parent.folder, &parent.manifest.files));
        before.transpose()
    }

    /// The runs of the snapshot before.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn runs(&self) -> Result<Vec<Run>, LoadError> {
        let parent = self.stage.parent();
        parent.map_or(Ok(Vec::new()), |parent| read::runs(&parent.folder, &parent.manifest))
    }

    /// Publishes it, with the run that made it and those before.
    ///
    /// # Errors
    /// Any error means that nothing was published, and that readers see what they saw before.
    pub fn publish(mut self, run: &Run) -> Result<Published, LoadError> {
        let mut runs = self.runs()?;
        runs.push(run.clone());
        runs.sort_by(|one, other| (one.started_at, &one.run_id).cmp(&(other.started_at, &other.run_id)));
        self.stage.add(&runs.iter().collect::<Vec<_>>())?;
        let is_written = |file: &&ManifestFile| self.stage.written.contains(&file.path);
        let bytes_written = self.stage.files.iter().filter(is_written).map(|file| file.bytes).sum();
        let files_written = self.stage.written.len() as u64;
        let (folder, manifest) = self.stage.finish(run.finished_at)?;
        let mut published = self.warehouse.commit(&folder, &manifest)?;
        if let Some((journal, contents)) = self.journal {
            let threads = self.warehouse.threads.as_deref();
            published.warnings.extend(journal.clear(self.warehouse.root(), &contents, threads).err());
        }
        Ok(Published { files_written, bytes_written, ..published })
    }

    /// Holds it back: readers see what they saw before, and the tables are kept in `held/<name>` for people to look into.
    ///
    /// # Errors
    /// If it cannot be moved there.
    pub fn hold(mut self, name: &str) -> Result<PathBuf, LoadError> {
        self.stage.sync()?;
        self.warehouse.hold(&self.stage.site.folder, name)
    }
}

fn rows_of(files: &[ManifestFile]) -> BTreeMap<(String, Year), u64> {
    let mut rows = BTreeMap::new();
    for file in files {
        *rows.entry((file.table.clone(), file.year().flatten())).or_default() += file.rows;
    }
    rows
}

fn checks_of(folder: &Path, files: &[ManifestFile]) -> Result<Vec<Check>, LoadError> {
    let mut checks = Vec::new();
    for file in files.iter().filter(|file| file.table == Check::TABLE) {
        checks.extend(read::checks_in(&folder.join(&file.path))?);
    }
    Ok(checks)
}

pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), LoadError> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|source| LoadError::Json { path: path.to_owned(), source })?;
    disk::write(path, (text + "\n").as_bytes())
}
