//! Contents, and where they are published: ids as the bytes that they are hex digits of, since a run holds one of each
//! document.

use std::fmt;
use std::sync::Arc;

use crate::entries::Entry;

/// The id of a content: `document_id` says it in hex digits, and it is the first half of the content's SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ContentId([u8; 16]);

/// The SHA-256 of a content (FIPS 180-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sha256([u8; 32]);

impl ContentId {
    /// Reads what `document_id` says; nothing if it is no id.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        bytes(text).map(Self)
    }
}

impl Sha256 {
    /// Reads what `sha256` says; nothing if it is no such hash.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        bytes(text).map(Self)
    }

    /// The id of the content.
    pub(crate) fn content(&self) -> ContentId {
        let (id, _) = self.0.split_first_chunk().unwrap_or((&[0; 16], &[]));
        ContentId(*id)
    }
}

/// The bytes of so many hex digits in lower case.
fn bytes<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let half = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = half(*high)? << 4 | half(*low)?;
    }
    Some(bytes)
}

fn digits(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        digits(&self.0, f)
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        digits(&self.0, f)
    }
}

/// Where and when a content was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Publication<'a> {
    /// The first of its sources.
    pub(crate) source: &'a str,
    /// When the first of its files was modified.
    pub(crate) modified_at: Option<i64>,
}

/// The contents of some sources, to be looked up by their ids.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// Every source that has one, in the order of contents and, within one, of sources. The beginning of the id stands
    /// beside it, which is nearly always enough to find it: the sources themselves are all over the memory.
    entries: Vec<(u64, Arc<Entry>)>,
}

impl Contents {
    /// Those of sources, which are in their order.
    pub(crate) fn of<'e>(entries: impl Iterator<Item = &'e Arc<Entry>>) -> Self {
        let entries = entries.filter_map(|entry| Some((begin(entry.content()?), Arc::clone(entry))));
        let mut entries: Vec<_> = entries.collect();
        // Stable, so that the sources of a content stay in their order.
        entries.sort_by(|(begin, one), (other_begin, other)| {
            begin.cmp(other_begin).then_with(|| one.content().cmp(&other.content()))
        });
        Self { entries }
    }

    /// The sources of a content.
    pub(crate) fn sources(&self, id: ContentId) -> impl Iterator<Item = &Arc<Entry>> {
        let at = self.entries.partition_point(|(begin_of, _)| *begin_of < begin(id));
        let alike = self.entries.get(at..).unwrap_or_default().iter();
        let alike = alike.take_while(move |(begin_of, _)| *begin_of == begin(id));
        alike.map(|(_, entry)| entry).filter(move |entry| entry.content() == Some(id))
    }

    /// Where a content is published, if it is.
    pub(crate) fn publication(&self, id: ContentId) -> Option<Publication<'_>> {
        publication(self.sources(id))
    }

    /// All contents.
    pub(crate) fn all(&self) -> impl Iterator<Item = (ContentId, Publication<'_>)> {
        let same =
            |(_, one): &(u64, Arc<Entry>), (_, other): &(u64, Arc<Entry>)| one.content() == other.content();
        self.entries.chunk_by(same).filter_map(|sources| {
            let (_, first) = sources.first()?;
            Some((first.content()?, publication(sources.iter().map(|(_, entry)| entry))?))
        })
    }
}

fn begin(id: ContentId) -> u64 {
    id.0.first_chunk().map_or(0, |begin| u64::from_be_bytes(*begin))
}

fn publication<'e>(mut sources: impl Iterator<Item = &'e Arc<Entry>>) -> Option<Publication<'e>> {
    let first = sources.next()?;
    let modified_at = sources.map(|entry| entry.modified_at()).fold(first.modified_at(), Ord::min);
    Some(Publication { source: first.source(), modified_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::Readings;
    use crate::entries::tests::document;

    #[test]
    fn ids_and_hashes_are_printed_as_they_are_read() {
        let hash = "0123456789abcdef0000000000000000ffffffffffffffffffffffffffffffff";
        let id = "0123456789abcdef0000000000000000";
        let sha256 = Sha256::parse(hash).unwrap();
        assert_eq!(sha256.to_string(), hash);
        assert_eq!(sha256.content().to_string(), id);
        assert_eq!(ContentId::parse(id), Some(sha256.content()));
        for other in
            ["", "0", &id.repeat(2), &format!("{id}0"), &id.to_uppercase(), "甲0123456789abcdef0000000000000"]
        {
            assert_eq!(ContentId::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_content_is_published_at_its_first_source_when_its_first_file_was_modified() {
        let mut readings = Readings::default();
        // Two ids begin alike.
        let (one, alike, other) = ("1".repeat(64), "1".repeat(31) + &"2".repeat(33), "3".repeat(64));
        let sources =
            [("a", &other, Some(7)), ("b", &one, Some(5)), ("c", &alike, None), ("d", &one, Some(3))];
        let mut entries: Vec<_> = sources
            .iter()
            .map(|(source, sha256, modified_at)| {
                let mut document = document(source, Some(sha256));
                document.modified_at = *modified_at;
                Arc::new(Entry::of(&document, &mut readings))
            })
            .collect();
        entries.push(Arc::new(Entry::of(&document("e", None), &mut readings)));
        let contents = Contents::of(entries.iter());
        let expected = [(&one, "b", Some(3)), (&alike, "c", None), (&other, "a", Some(7))];
        let expected = expected.map(|(sha256, source, modified_at)| {
            let id = Sha256::parse(sha256).unwrap().content();
            assert_eq!(contents.publication(id), Some(Publication { source, modified_at }));
            (id, Publication { source, modified_at })
        });
        assert_eq!(contents.all().collect::<Vec<_>>(), expected);
        assert_eq!(contents.publication(ContentId::parse(&"0".repeat(32)).unwrap()), None);
    }
}
