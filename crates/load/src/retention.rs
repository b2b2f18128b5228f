//! What becomes of snapshots that are not the current one: kept for a time, removed after it, made current again.

use std::path::PathBuf;

use crate::commit::{HELD, Warehouse};
use crate::journal::Journal;
use crate::snapshot::{Manifest, SnapshotId};
use crate::{LoadError, disk, snapshot};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// How long a snapshot is kept after another has taken its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// At least so many days: longer than the longest session of a reader.
    pub days: u32,
    /// At least so many snapshots, the current one among them, however old they are.
    pub snapshots: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: 7, snapshots: 3 }
    }
}

/// What `vacuum` removes, or would.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Vacuumed {
    /// Snapshots whose time is over.
    pub snapshots: Vec<SnapshotId>,
    /// What was held back by a quality gate, and what runs left that died.
    pub leftovers: Vec<PathBuf>,
    /// How many bytes that frees: of files that no other snapshot has.
    pub bytes: u64,
    /// Snapshots that stay, with the reason.
    pub kept: Vec<(SnapshotId, Kept)>,
}

/// Why a snapshot stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is the current one.
    Current,
    /// It is among the newest, of which some are kept whatever their age.
    Newest,
    /// Readers may still have it.
    Young,
}

impl Warehouse {
    /// Removes snapshots whose time is over, what was held back as long ago, and what dead runs left. `now` is in
    /// microseconds since 1970-01-01T00:00:00Z. Unless `delete` is given nothing is removed.
    ///
    /// A snapshot's time runs from when another took its place. Where that cannot be told, or the clock says that it is
    /// still to come, it stays.
    ///
    /// # Errors
    /// If something cannot be looked at or removed; what was removed until then is.
    pub fn vacuum(&self, retention: Retention, now: i64, delete: bool) -> Result<Vacuumed, LoadError> {
        let root = self.root();
        let current = snapshot::parent(root)?;
        let mut whole = Vec::new();
        let mut vacuumed = Vacuumed::default();
        for id in snapshot::all(root)? {
            if snapshot::is_whole(root, id)? {
                whole.push((id, Manifest::read(root, id)?));
            } else if Some(id) != current {
                vacuumed.leftovers.push(snapshot::folder(root, id));
            }
        }
        let oldest_kept = now.saturating_sub(i64::from(retention.days).saturating_mul(DAY));
        let newest = whole.len().saturating_sub(retention.snapshots as usize);
        for (index, (id, _)) in whole.iter().enumerate() {
            // Another took its place when the next snapshot was published, or, after a rollback, a later one that followed it.
            let next = whole.iter().skip(index + 1).find_map(|(_, manifest)| manifest.published_at);
            let following = whole.iter().filter(|(_, manifest)| manifest.parent == Some(*id));
            let superseded = following.filter_map(|(_, manifest)| manifest.published_at).max().max(next);
            let reason = if Some(*id) == current {
                Some(Kept::Current)
            } else if index >= newest {
                Some(Kept::Newest)
            } else if superseded.is_none_or(|at| at > oldest_kept) {
                Some(Kept::Young)
            } else {
                None
            };
            match reason {
                Some(reason) => vacuumed.kept.push((*id, reason)),
                None => vacuumed.snapshots.push(*id),
            }
        }
        let is_kept = |path: &str, sha256: &str| {
            let kept = whole.iter().filter(|(id, _)| !vacuumed.snapshots.contains(id));
            kept.flat_map(|(_, manifest)| &manifest.files)
                .any(|file| file.path == path && file.sha256 == sha256)
        };
        let mut freed = std::collections::BTreeMap::new();
        for (_, manifest) in whole.iter().filter(|(id, _)| vacuumed.snapshots.contains(id)) {
            for file in manifest.files.iter().filter(|file| !is_kept(&file.path, &file.sha256)) {
                freed.insert(file.path.clone(), file.bytes);
            }
        }
        vacuumed.bytes = freed.values().sum();
        for held in disk::entries(&root.join(HELD))? {
            if disk::modified_at(&held)?.is_some_and(|at| at <= oldest_kept) {
                vacuumed.leftovers.push(held);
            }
        }
        let journal = Journal::age(root)?.filter(|(_, youngest)| *youngest <= oldest_kept);
        vacuumed.leftovers.extend(journal.map(|(folder, _)| folder));
        vacuumed.leftovers.extend(disk::entries(&snapshot::staging(root))?);
        if delete {
            self.remove(&vacuumed)?;
        }
        Ok(vacuumed)
    }

    /// A snapshot leaves with its manifest first, so that one that is half removed counts as none.
    fn remove(&self, vacuumed: &Vacuumed) -> Result<(), LoadError> {
        for id in &vacuumed.snapshots {
            let folder = snapshot::folder(self.root(), *id);
            disk::remove(&folder.join("snapshot.json"))?;
            disk::sync_folder(&folder)?;
            disk::remove(&folder)?;
        }
        vacuumed.leftovers.iter().try_for_each(|path| disk::remove(path))
    }

    /// Makes an earlier snapshot the current one again: the one before the current one, unless another is named. Returns
    /// the one that was current, and the one that is.
    ///
    /// The next run goes on from there, under a number that was never used.
    ///
    /// # Errors
    /// If there is no such snapshot, or nothing before the current one; readers then see what they saw before.
    pub fn rollback(&self, to: Option<SnapshotId>) -> Result<(SnapshotId, SnapshotId), LoadError> {
        let root = self.root();
        let current = snapshot::current(root)?;
        let current = current.ok_or_else(|| LoadError::NothingPublished { root: root.to_owned() })?;
        let before = || Ok(Manifest::read(root, current)?.parent);
        let target = to.map_or_else(before, |to| Ok(Some(to)))?;
        let missing = |id: SnapshotId| LoadError::NoSuchSnapshot { root: root.to_owned(), id };
        let target = target.ok_or_else(|| LoadError::NoEarlierSnapshot { id: current })?;
        if !snapshot::is_whole(root, target)? {
            return Err(missing(target));
        }
        self.point_to(target)?.into_iter().next().map_or(Ok((current, target)), Err)
    }
}
