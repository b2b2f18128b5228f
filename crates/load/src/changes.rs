//! What a run changes: its documents beside those of the snapshot before.

use std::collections::BTreeMap;

use jixiao_model::record::Document;

/// How the documents of a run differ from those of the snapshot before, source by source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes {
    /// Sources that are new.
    pub new: u64,
    /// Sources whose bytes are others now, or were not known then or now.
    pub changed: u64,
    /// Sources with the same bytes.
    pub unchanged: u64,
    /// Sources that are no longer there.
    pub removed: u64,
}

impl Changes {
    /// Compares documents with the SHA-256 of each source before.
    pub(crate) fn between(before: &BTreeMap<String, Option<String>>, now: &[Document]) -> Self {
        let mut changes = Self::default();
        let mut kept = 0;
        for document in now {
            match before.get(&document.source) {
                None => changes.new += 1,
                Some(sha256) if sha256.is_some() && *sha256 == document.sha256 => changes.unchanged += 1,
                Some(_) => changes.changed += 1,
            }
            kept += u64::from(before.contains_key(&document.source));
        }
        changes.removed = before.len() as u64 - kept;
        changes
    }
}
