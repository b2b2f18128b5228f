//! What can go wrong on the way into the warehouse, with what a person can do about it.
//!
//! Two kinds: the world's faults (a disk, a permission, another run), and our own (a value that does not fit its
//! column), which normalising should have kept away and which are reported rather than rounded off.

use std::io;
use std::path::{Path, PathBuf};

use crate::snapshot::SnapshotId;

/// Why nothing was published, or could be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}{}", path.display(), advice(source))]
    Io {
        /// What was tried, as `write` or `create the folder`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// Another run holds the warehouse.
    #[error("the warehouse {} is held by another run ({holder}); wait for it to end, and try again", root.display())]
    Locked {
        /// The folder of the warehouse.
        root: PathBuf,
        /// What the other run wrote into the lock file.
        holder: String,
    },
    /// There is no snapshot yet.
    #[error("no snapshot has been published in {}; run `jixiao ingest` with this warehouse first", root.display())]
    NothingPublished {
        /// The folder of the warehouse.
        root: PathBuf,
    },
    /// A snapshot was named that is not there.
    #[error("there is no snapshot {id} in {}; `jixiao status` lists those that there are", root.display())]
    NoSuchSnapshot {
        /// The folder of the warehouse.
        root: PathBuf,
        /// Its number.
        id: SnapshotId,
    },
    /// There is nothing to go back to.
    #[error("snapshot {id} has none before it to go back to")]
    NoEarlierSnapshot {
        /// The current one.
        id: SnapshotId,
    },
    /// A snapshot's id was expected.
    #[error("expected the id of a snapshot, six digits, in {}, found `{found}`", path.display())]
    CurrentUnreadable {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: String,
    },
    /// A JSON file of a snapshot is damaged.
    #[error("cannot read {}: {source}; restore it from a copy, or publish a new snapshot", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A file is no Parquet, or a damaged one.
    #[error("cannot read {} as Parquet: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: parquet::errors::ParquetError,
    },
    /// A file's columns are not those of the dictionary: DuckDB would cut or drop values without a word.
    #[error("expected in {} {expected}, found {found}; nothing was published", path.display())]
    ForeignFile {
        /// The file.
        path: PathBuf,
        /// The column that the dictionary asks for, or that there is no such table.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// The catalogue and the manifest are text, and must be able to name the folder.
    #[error("the path of the warehouse must be valid UTF-8, found {}; choose another folder", path.display())]
    PathNotText {
        /// The folder.
        path: PathBuf,
    },
    /// The snapshot was laid out by an earlier version.
    #[error(
        "the warehouse {} was written by jixiao {version}, whose tables are laid out otherwise; it can still be read. \
         To go on with it, run `jixiao ingest --rebuild` once with all of its sources, which reads them anew and keeps \
         the runs",
        root.display()
    )]
    OtherLayout {
        /// The folder of the warehouse.
        root: PathBuf,
        /// The version that wrote it.
        version: String,
    },
    /// A value does not fit its column: a fault of the stage before.
    #[error(
        "row {row} of `{table}`: expected in column `{column}` a value that fits {expected}, found {found}; \
         this is a fault of jixiao, please report it"
    )]
    Value {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The row in its batch, from 1.
        row: usize,
        /// The column's type.
        expected: String,
        /// The value.
        found: String,
    },
    /// Code and dictionary disagree about a column: a fault of this crate, which its tests find.
    #[error("`{table}`: expected {expected}, found {found}; this is a fault of jixiao, please report it")]
    Column {
        /// The table.
        table: String,
        /// What the dictionary says.
        expected: String,
        /// What the code does.
        found: String,
    },
    /// Arrow refused the columns of a table, as for a NULL where the dictionary allows none.
    #[error(
        "the rows of `{table}` do not fit its columns: {source}; this is a fault of jixiao, please report it"
    )]
    Batch {
        /// The table.
        table: String,
        /// What it said.
        source: arrow_schema::ArrowError,
    },
    /// A table could not be written as Parquet.
    #[error("cannot write `{table}` as Parquet: {source}; this is a fault of jixiao, please report it")]
    Encode {
        /// The table.
        table: String,
        /// What the library said.
        source: parquet::errors::ParquetError,
    },
}

impl LoadError {
    /// Names the action and the path of a failure of the file system.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// A disagreement of code and dictionary.
    pub(crate) fn column(table: &str, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Column { table: table.to_owned(), expected: expected.into(), found: found.into() }
    }
}

/// What a person can do about the usual refusals of a file system.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "; give this user the right to write there, or choose another warehouse"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "; the file system is mounted read-only, choose another warehouse"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some space and run again",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "; a file stands where a folder is needed, choose another warehouse"
        }
        _ => "",
    }
}
