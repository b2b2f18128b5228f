//! What a run changes: its documents beside those of the snapshot before.

use std::cmp::Ordering;

use crate::content::Sha256;
use crate::entries::Entry;

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
    /// Compares documents with the SHA-256 of each source before, both in the order of their sources. A source without one is
    /// the same only if its whole row is.
    pub(crate) fn between<'d>(
        before: impl Iterator<Item = (&'d str, Option<Sha256>)>,
        now: impl Iterator<Item = &'d Entry>,
        is_same: impl Fn(&Entry) -> bool,
    ) -> Self {
        let mut changes = Self::default();
        let (mut before, mut now) = (before.peekable(), now.peekable());
        loop {
            let order = match (before.peek(), now.peek()) {
                (None, None) => return changes,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((source, _)), Some(entry)) => (*source).cmp(entry.source()),
            };
            let was = if order.is_le() { before.next() } else { None };
            let is = if order.is_ge() { now.next() } else { None };
            match (was, is) {
                (Some((_, sha256)), Some(entry)) => {
                    let has_same_bytes = sha256.is_some() && sha256 == entry.sha256();
                    if has_same_bytes || is_same(entry) {
                        changes.unchanged += 1;
                    } else {
                        changes.changed += 1;
                    }
                }
                (None, _) => changes.new += 1,
                (Some(_), None) => changes.removed += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::Readings;
    use crate::entries::tests::document;

    /// Checks how many sources are new, changed, unchanged and removed; a content is told by a digit.
    fn check(before: &[(&str, Option<&str>)], now: &[(&str, Option<&str>)], expected: [u64; 4]) {
        let sha256 = |digit: &str| digit.repeat(64);
        let before = before
            .iter()
            .map(|(source, digit)| (*source, digit.and_then(|digit| Sha256::parse(&sha256(digit)))));
        let entry = |(source, digit): &(&str, Option<&str>)| {
            Entry::of(&document(source, digit.map(sha256).as_deref()), &mut Readings::default())
        };
        let entries: Vec<Entry> = now.iter().map(entry).collect();
        let changes = Changes::between(before.clone(), entries.iter(), |_| false);
        let counts = [changes.new, changes.changed, changes.unchanged, changes.removed];
        assert_eq!(counts, expected, "{:?} -> {now:?}", before.collect::<Vec<_>>());
    }

    #[test]
    fn sources_are_compared_by_their_bytes() {
        let (one, two) = (("a", Some("1")), ("b", Some("2")));
        check(&[], &[], [0, 0, 0, 0]);
        check(&[], &[one, two], [2, 0, 0, 0]);
        check(&[one, two], &[one, two], [0, 0, 2, 0]);
        check(&[one, two], &[("a", Some("3")), two], [0, 1, 1, 0]);
        check(&[one, two], &[two], [0, 0, 1, 1]);
        check(&[one, two], &[one], [0, 0, 1, 1]);
        check(&[one, two], &[], [0, 0, 0, 2]);
        check(&[one], &[("c", Some("1"))], [1, 0, 0, 1]);
        check(&[("c", Some("1"))], &[one], [1, 0, 0, 1]);
    }

    #[test]
    fn bytes_that_are_not_known_are_never_the_same() {
        for (before, now) in [(None, None), (None, Some("1")), (Some("1"), None)] {
            check(&[("a", before)], &[("a", now)], [0, 1, 0, 0]);
        }
    }
}
