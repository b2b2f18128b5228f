//! What a run changes: its documents beside those of the snapshot before.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Compares documents with the SHA-256 of each source before. A source without one is the same only if its whole row
    /// is.
    pub(crate) fn between<'d>(
        before: &BTreeMap<&str, Option<&str>>,
        now: impl Iterator<Item = &'d Document>,
        is_same: impl Fn(&Document) -> bool,
    ) -> Self {
        let mut changes = Self::default();
        let mut found: BTreeSet<&str> = BTreeSet::new();
        for document in now {
            found.insert(&document.source);
            match before.get(document.source.as_str()) {
                None => changes.new += 1,
                Some(sha256) if sha256.is_some() && *sha256 == document.sha256.as_deref() => {
                    changes.unchanged += 1;
                }
                Some(_) if is_same(document) => changes.unchanged += 1,
                Some(_) => changes.changed += 1,
            }
        }
        changes.removed = before.keys().filter(|source| !found.contains(*source)).count() as u64;
        changes
    }
}

#[cfg(test)]
mod tests {
    use jixiao_model::record::Status;

    use super::*;

    fn document(&(source, sha256): &(&str, Option<&str>)) -> Document {
        Document {
            source: source.to_owned(),
            document_id: None,
            sha256: sha256.map(str::to_owned),
            size_bytes: None,
            modified_at: None,
            archive_size_bytes: None,
            format: None,
            encoding: None,
            encoding_evidence: None,
            replacement_count: 0,
            status: Status::NoForms,
            reason: None,
            form_count: 0,
            finding_count: 0,
            rules_version: String::new(),
        }
    }

    /// Checks how many sources are new, changed, unchanged and removed.
    fn check(before: &[(&str, Option<&str>)], now: &[(&str, Option<&str>)], expected: [u64; 4]) {
        let documents: Vec<Document> = now.iter().map(document).collect();
        let changes = Changes::between(&before.iter().copied().collect(), documents.iter(), |_| false);
        let counts = [changes.new, changes.changed, changes.unchanged, changes.removed];
        assert_eq!(counts, expected, "{before:?} -> {now:?}");
    }

    #[test]
    fn sources_are_compared_by_their_bytes() {
        let (one, two) = (("a", Some("1")), ("b", Some("2")));
        check(&[], &[], [0, 0, 0, 0]);
        check(&[], &[one, two], [2, 0, 0, 0]);
        check(&[one, two], &[two, one], [0, 0, 2, 0]);
        check(&[one, two], &[("a", Some("3")), two], [0, 1, 1, 0]);
        check(&[one, two], &[two], [0, 0, 1, 1]);
        check(&[one, two], &[], [0, 0, 0, 2]);
        check(&[one], &[("c", Some("1"))], [1, 0, 0, 1]);
    }

    #[test]
    fn bytes_that_are_not_known_are_never_the_same() {
        for (before, now) in [(None, None), (None, Some("1")), (Some("1"), None)] {
            check(&[("a", before)], &[("a", now)], [0, 1, 0, 0]);
        }
    }

    /// Publishing refuses it, and says so; counting comes before.
    #[test]
    fn a_source_that_stands_twice_is_not_removed_twice() {
        let one = ("a", Some("1"));
        check(&[one], &[one, one], [0, 0, 2, 0]);
        check(&[one, ("b", Some("2"))], &[one, one], [0, 0, 2, 1]);
    }
}
