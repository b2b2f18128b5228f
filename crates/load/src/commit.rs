//! Publishing a snapshot: all of it becomes visible with one rename, or none of it does.
//!
//! The order is what makes it safe. A snapshot is put together in `.staging`, checked, written down to the disk and
//! renamed into `snapshots`, where nobody looks for it yet. Then `CURRENT` is replaced: that rename is the commit. What
//! comes after it (writing the folder down to the disk, the link `current`) can only raise a warning, since readers see
//! the snapshot already.
//!
//! A folder with a manifest is a whole snapshot and may have been published, whatever `CURRENT` says now: people set
//! that back and lose it. So it is never removed, and its number is never given again: the next snapshot has the
//! highest number there is plus one. A crash between the two renames thus costs a number, and the disk that the snapshot
//! takes. Removed are, by the next writer under the lock, only what is in `.staging` and folders without a manifest.
//!
//! `catalog.sql` is written *before* the commit, so that a failure to write it means that nothing was published. It
//! does not name a snapshot, and changes only with the dictionary and the path of the warehouse.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jixiao_model::dictionary::dictionary;
use jixiao_model::record::Run;
use rayon::ThreadPool;

use crate::cut::LEAST;
use crate::snapshot::{Manifest, SnapshotId};
use crate::update::Update;
use crate::{LoadError, catalog, disk, lock, snapshot};

/// The folder of what was held back by a quality gate.
pub(crate) const HELD: &str = "held";

/// How many bytes of rows wait in memory, at most, unless it is said: as many as some hundred documents have.
pub const MEMORY_BYTES: u64 = 192 << 20;

/// A warehouse that this process alone may write to, until this is dropped.
#[derive(Debug)]
pub struct Warehouse {
    root: PathBuf,
    pub(crate) least: u64,
    pub(crate) threads: Option<Arc<ThreadPool>>,
    pub(crate) memory_bytes: u64,
    _lock: File,
}

/// A snapshot that readers see from now on.
#[derive(Debug)]
pub struct Published {
    /// Its id.
    pub snapshot: SnapshotId,
    /// Its folder.
    pub path: PathBuf,
    /// The SQL file that defines DuckDB's views over it.
    pub catalog: PathBuf,
    /// Its tables, in the order of the dictionary.
    pub tables: Vec<TablePublished>,
    /// How many of its files were written; the others are those of the snapshot before.
    pub files_written: u64,
    /// How many bytes those have.
    pub bytes_written: u64,
    /// What failed after it was published, which harms nobody who reads by `catalog.sql`: the link `current` was not
    /// moved to it, or a loss of power may still lose it.
    pub warnings: Vec<LoadError>,
}

/// A table of a published snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePublished {
    /// Its name.
    pub table: String,
    /// How many files it has.
    pub files: u64,
    /// How many rows they have.
    pub rows: u64,
    /// How many bytes they have.
    pub bytes: u64,
}

impl Warehouse {
    /// Takes the warehouse in this folder, which is made if it is missing. `holder` says who does, for the next
    /// one who tries: a process id and when it started.
    ///
    /// # Errors
    /// [`LoadError::Locked`] if another process has it; [`LoadError::Io`] if the folder cannot be written to.
    pub fn lock(root: &Path, holder: &str) -> Result<Self, LoadError> {
        let root = disk::absolute(root)?;
        disk::create_folder_to_stay(&root)?;
        let lock = lock::take(&root, holder)?;
        Ok(Self { root, least: LEAST, threads: None, memory_bytes: MEMORY_BYTES, _lock: lock })
    }

    /// Puts files together on these threads, one on each, and not on the caller's alone. It writes them in either case.
    #[must_use]
    pub fn with_threads(self, threads: Option<Arc<ThreadPool>>) -> Self {
        Self { threads, ..self }
    }

    /// How many bytes of rows may wait in memory until they are published; what is more waits on the disk.
    #[must_use]
    pub fn with_memory(self, memory_bytes: u64) -> Self {
        Self { memory_bytes, ..self }
    }

    /// Cuts tables into files of about so many forms, for tests: their warehouses are small.
    #[doc(hidden)]
    #[must_use]
    pub fn with_parts_of(self, least: u64) -> Self {
        Self { least, ..self }
    }

    /// The folder, as an absolute path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Begins the next snapshot, with what the current one has.
    ///
    /// # Errors
    /// If the current snapshot cannot be read, or was laid out by another version.
    pub fn update(&self) -> Result<Update<'_>, LoadError> {
        Update::begin(self, false)
    }

    /// Begins the next snapshot with nothing of the current one but its runs: every document is to be read anew.
    ///
    /// # Errors
    /// If the current snapshot cannot be read.
    pub fn rebuild(&self) -> Result<Update<'_>, LoadError> {
        Update::begin(self, true)
    }

    /// Publishes what the current snapshot has again, with one run more: one that failed.
    ///
    /// # Errors
    /// As [`Warehouse::update`] and [`Staged::publish`](crate::Staged::publish).
    pub fn record(&self, run: &Run) -> Result<Published, LoadError> {
        self.update()?.stage_as_it_was()?.publish(run)
    }

    /// Moves what was staged out of the way, to where people can look into it.
    pub(crate) fn hold(&self, staged: &Path, name: &str) -> Result<PathBuf, LoadError> {
        let held = self.root.join(HELD);
        disk::create_folder(&held)?;
        let path = held.join(name);
        disk::rename(staged, &path)?;
        disk::sync_folder(&held)?;
        Ok(path)
    }

    pub(crate) fn commit(&self, staged: &Path, manifest: &Manifest) -> Result<Published, LoadError> {
        let id = manifest.snapshot;
        let catalog = self.root.join("catalog.sql");
        let sql = catalog::sql(&self.root)?;
        if disk::read_if_found(&catalog)?.as_deref() != Some(&sql) {
            disk::replace(&catalog, sql.as_bytes(), &self.temporary("catalog.sql"))?;
            disk::sync_folder(&self.root)?;
        }
        let path = snapshot::folder(&self.root, id);
        disk::create_folder(&self.root.join("snapshots"))?;
        disk::rename(staged, &path)?;
        disk::sync_folder(&self.root.join("snapshots"))?;
        disk::sync_folder(&self.root)?;
        // The commit. From here on nothing may fail any more.
        let warnings = self.point_to(id)?;
        Ok(Published {
            snapshot: id,
            path,
            catalog,
            tables: tables_published(manifest),
            files_written: 0,
            bytes_written: 0,
            warnings,
        })
    }

    /// Makes a snapshot the current one. What fails after the commit is returned, and harms nobody who reads by
    /// `catalog.sql`.
    pub(crate) fn point_to(&self, id: SnapshotId) -> Result<Vec<LoadError>, LoadError> {
        disk::create_folder(&snapshot::staging(&self.root))?;
        disk::replace(&self.root.join("CURRENT"), format!("{id}\n").as_bytes(), &self.temporary("CURRENT"))?;
        let target = Path::new("snapshots").join(id.to_string());
        let linked = disk::replace_link(&self.root.join("current"), &target, &self.temporary("current"));
        let written = disk::sync_folder(&self.root);
        Ok([linked, written].into_iter().filter_map(Result::err).collect())
    }

    fn temporary(&self, name: &str) -> PathBuf {
        snapshot::staging(&self.root).join(name)
    }

    /// Removes what a crash has left. The current snapshot stays even where its manifest is gone: that is damage to be
    /// told of, not rubbish.
    pub(crate) fn clean(&self, current: Option<SnapshotId>) -> Result<(), LoadError> {
        for id in snapshot::all(&self.root)?.into_iter().filter(|id| Some(*id) != current) {
            let folder = snapshot::folder(&self.root, id);
            if disk::is_folder(&folder)? && !snapshot::is_whole(&self.root, id)? {
                disk::remove(&folder)?;
            }
        }
        for path in disk::entries(&snapshot::staging(&self.root))? {
            disk::remove(&path)?;
        }
        Ok(())
    }
}

fn tables_published(manifest: &Manifest) -> Vec<TablePublished> {
    let published = dictionary().tables.iter().map(|table| {
        let files = || manifest.files.iter().filter(|file| file.table == table.name);
        TablePublished {
            table: table.name.clone(),
            files: files().count() as u64,
            rows: files().map(|file| file.rows).sum(),
            bytes: files().map(|file| file.bytes).sum(),
        }
    });
    published.collect()
}
