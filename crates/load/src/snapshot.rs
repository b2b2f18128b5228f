//! How a warehouse is laid out: the names of its files, the ids of its snapshots, and `snapshot.json`, the manifest.
//!
//! The manifest is the commit record: it lists the files with their hashes, so that a copy can be checked, and so
//! that a store without folders and links can hold the same.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{LoadError, disk};

/// How rows are laid out in files now: cut by what they are ([`crate::cut`]).
pub(crate) const LAYOUT: u32 = 2;

/// The number of a snapshot, printed with six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotId(pub u32);

impl SnapshotId {
    /// The one after this.
    pub(crate) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl FromStr for SnapshotId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = text.parse().map(Self).map_err(|_| ())?;
        if number.to_string() == text { Ok(number) } else { Err(()) }
    }
}

impl Serialize for SnapshotId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SnapshotId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|()| serde::de::Error::custom(format!("expected six digits, found `{text}`")))
    }
}

/// What a snapshot holds: `snapshot.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Its id.
    pub snapshot: SnapshotId,
    /// The snapshot before it.
    pub parent: Option<SnapshotId>,
    /// The version of the program that wrote it.
    pub program_version: String,
    /// The version of the reference data and rules that the documents were read by.
    pub rules_version: String,
    /// The version of the dictionary.
    pub schema_version: u32,
    /// How rows are laid out in files: `LAYOUT`, or 1 in snapshots that do not say.
    #[serde(default = "first_layout")]
    pub layout: u32,
    /// When it was published, in microseconds since 1970-01-01T00:00:00Z; not told before layout 2.
    #[serde(default)]
    pub published_at: Option<i64>,
    /// Its files, in the order of the dictionary's tables, then by path.
    pub files: Vec<ManifestFile>,
}

/// A file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// The table that it is a part of.
    pub table: String,
    /// Its path in the snapshot's folder, `/`-separated.
    pub path: String,
    /// How many rows it has.
    pub rows: u64,
    /// How many bytes it has.
    pub bytes: u64,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// The source with which it begins, in a table whose rows are of documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

impl ManifestFile {
    /// The value of the column by which the table is parted: nothing if it is not, and an inner nothing for rows without
    /// a year.
    pub(crate) fn year(&self) -> Option<Option<i32>> {
        let (_, value) = self.path.split('/').find_map(|part| part.split_once('='))?;
        Some(value.parse().ok())
    }
}

fn first_layout() -> u32 {
    1
}

impl Manifest {
    /// Reads the manifest of a snapshot.
    pub(crate) fn read(root: &Path, id: SnapshotId) -> Result<Self, LoadError> {
        let path = folder(root, id).join("snapshot.json");
        serde_json::from_str(&disk::read(&path)?).map_err(|source| LoadError::Json { path, source })
    }
}

/// The folder of a snapshot.
pub(crate) fn folder(root: &Path, id: SnapshotId) -> PathBuf {
    root.join("snapshots").join(id.to_string())
}

/// Where snapshots are put together, outside of every glob over them.
pub(crate) fn staging(root: &Path) -> PathBuf {
    root.join(".staging")
}

/// The current snapshot; nothing if, and only if, there is no `CURRENT`.
pub(crate) fn current(root: &Path) -> Result<Option<SnapshotId>, LoadError> {
    let path = root.join("CURRENT");
    let Some(text) = disk::read_if_found(&path)? else { return Ok(None) };
    let line = text.strip_suffix('\n').unwrap_or(&text);
    line.parse().map(Some).map_err(|()| LoadError::CurrentUnreadable { path, found: line.to_owned() })
}

/// The snapshot that the next one follows: the current one or, where `CURRENT` is lost, the newest that is whole.
///
/// So a lost `CURRENT` needs nobody's help: the next run goes on from what is there.
pub(crate) fn parent(root: &Path) -> Result<Option<SnapshotId>, LoadError> {
    if let Some(id) = current(root)? {
        return Ok(Some(id));
    }
    let mut newest = None;
    for id in all(root)? {
        if is_whole(root, id)? {
            newest = newest.max(Some(id));
        }
    }
    Ok(newest)
}

/// The number of the next snapshot: higher than any that is there, so that no name is used again.
pub(crate) fn next(root: &Path) -> Result<SnapshotId, LoadError> {
    let highest = all(root)?.into_iter().chain(current(root)?).max();
    Ok(highest.map_or(SnapshotId(1), SnapshotId::next))
}

/// Whether a snapshot has its manifest, which is written last.
pub(crate) fn is_whole(root: &Path, id: SnapshotId) -> Result<bool, LoadError> {
    disk::exists(&folder(root, id).join("snapshot.json"))
}

/// The snapshots that there are, also those that were never published, by id.
pub(crate) fn all(root: &Path) -> Result<Vec<SnapshotId>, LoadError> {
    let entries = disk::entries(&root.join("snapshots"))?;
    let name =
        |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
    Ok(entries.iter().filter_map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_six_digits_and_read_back() {
        for id in [SnapshotId(1), SnapshotId(999_999), SnapshotId(1_000_000)] {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in ["", "1", "00001", "0000001", "+00001", "00000a", " 000001", "000001\n"] {
            assert_eq!(text.parse::<SnapshotId>(), Err(()), "{text:?}");
        }
    }
}
