//! The rows of `documents` as a run holds them: of all sources of the warehouse at once, so that bytes count here as nowhere
//! else.
//!
//! An entry is about 160 bytes, its source among them, where a [`Document`] is a kilobyte. Ids and hashes are the bytes
//! that they are hex digits of. What is said in the same words of thousands of documents, such as their encoding, is kept
//! once ([`Readings`]). And where a run changes nothing, the sources before and after it are one set.

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU64;
use std::ops::RangeBounds;
use std::sync::Arc;

use jixiao_model::record::{Document, Status};

use crate::content::{ContentId, Sha256};

/// A row of `documents`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    source: Box<str>,
    sha256: Option<Sha256>,
    size_bytes: Option<Size>,
    modified_at: Option<i64>,
    archive_size_bytes: Option<Size>,
    form_count: u32,
    finding_count: u32,
    reading: Arc<Reading>,
}

/// A number of bytes, which takes no more room where it may be unknown: it is kept as the number after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size(NonZeroU64);

impl Size {
    fn of(bytes: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(bytes))
    }

    fn bytes(self) -> u64 {
        self.0.get() - 1
    }
}

/// How a document was read, by words that many share.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reading {
    format: Option<Box<str>>,
    encoding: Option<Box<str>>,
    encoding_evidence: Option<Box<str>>,
    replacement_count: u64,
    status: Status,
    reason: Option<Box<str>>,
    rules_version: Box<str>,
}

/// A row of `documents` while it is turned into an entry: its texts belong to somebody else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'p> {
    pub(crate) source: &'p str,
    pub(crate) sha256: Option<Sha256>,
    pub(crate) size_bytes: Option<u64>,
    pub(crate) modified_at: Option<i64>,
    pub(crate) archive_size_bytes: Option<u64>,
    pub(crate) form_count: u32,
    pub(crate) finding_count: u32,
    pub(crate) words: Words<'p>,
}

/// What is kept once of all that say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Words<'p> {
    pub(crate) format: Option<&'p str>,
    pub(crate) encoding: Option<&'p str>,
    pub(crate) encoding_evidence: Option<&'p str>,
    pub(crate) replacement_count: u64,
    pub(crate) status: Status,
    pub(crate) reason: Option<&'p str>,
    pub(crate) rules_version: &'p str,
}

impl Reading {
    fn words(&self) -> Words<'_> {
        Words {
            format: self.format.as_deref(),
            encoding: self.encoding.as_deref(),
            encoding_evidence: self.encoding_evidence.as_deref(),
            replacement_count: self.replacement_count,
            status: self.status,
            reason: self.reason.as_deref(),
            rules_version: &self.rules_version,
        }
    }
}

/// The words in which documents are told of, each once.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    hasher: RandomState,
    /// By their hash. Of two with the same one is kept, and the other is not shared.
    known: HashMap<u64, Arc<Reading>>,
}

impl Readings {
    fn shared(&mut self, words: Words<'_>) -> Arc<Reading> {
        let hash = self.hasher.hash_one(words);
        if let Some(known) = self.known.get(&hash).filter(|known| known.words() == words) {
            return Arc::clone(known);
        }
        let reading = Arc::new(Reading {
            format: words.format.map(Box::from),
            encoding: words.encoding.map(Box::from),
            encoding_evidence: words.encoding_evidence.map(Box::from),
            replacement_count: words.replacement_count,
            status: words.status,
            reason: words.reason.map(Box::from),
            rules_version: words.rules_version.into(),
        });
        self.known.insert(hash, Arc::clone(&reading));
        reading
    }
}

impl Entry {
    /// The entry with these parts.
    pub(crate) fn new(parts: &Parts<'_>, readings: &mut Readings) -> Self {
        Self {
            source: parts.source.into(),
            sha256: parts.sha256,
            size_bytes: parts.size_bytes.map(Size::of),
            modified_at: parts.modified_at,
            archive_size_bytes: parts.archive_size_bytes.map(Size::of),
            form_count: parts.form_count,
            finding_count: parts.finding_count,
            reading: readings.shared(parts.words),
        }
    }

    /// The entry of a row. Its id is the beginning of its SHA-256.
    pub(crate) fn of(document: &Document, readings: &mut Readings) -> Self {
        let entry = Self::new(
            &Parts {
                source: &document.source,
                sha256: document.sha256.as_deref().and_then(Sha256::parse),
                size_bytes: document.size_bytes,
                modified_at: document.modified_at,
                archive_size_bytes: document.archive_size_bytes,
                form_count: document.form_count,
                finding_count: document.finding_count,
                words: Words {
                    format: document.format.as_deref(),
                    encoding: document.encoding.as_deref(),
                    encoding_evidence: document.encoding_evidence.as_deref(),
                    replacement_count: document.replacement_count,
                    status: document.status,
                    reason: document.reason.as_deref(),
                    rules_version: &document.rules_version,
                },
            },
            readings,
        );
        debug_assert_eq!(entry.document(), *document);
        entry
    }

    /// The row.
    pub fn document(&self) -> Document {
        let words = self.reading.words();
        Document {
            source: self.source().to_owned(),
            document_id: self.content().map(|id| id.to_string()),
            sha256: self.sha256.map(|hash| hash.to_string()),
            size_bytes: self.size_bytes(),
            modified_at: self.modified_at,
            archive_size_bytes: self.archive_size_bytes(),
            format: words.format.map(str::to_owned),
            encoding: words.encoding.map(str::to_owned),
            encoding_evidence: words.encoding_evidence.map(str::to_owned),
            replacement_count: words.replacement_count,
            status: words.status,
            reason: words.reason.map(str::to_owned),
            form_count: self.form_count,
            finding_count: self.finding_count,
            rules_version: words.rules_version.to_owned(),
        }
    }

    /// The same content at the place of another entry.
    pub(crate) fn at(&self, place: &Self) -> Self {
        Self {
            source: place.source.clone(),
            modified_at: place.modified_at,
            archive_size_bytes: place.archive_size_bytes,
            ..self.clone()
        }
    }

    /// The same with another number of findings.
    pub(crate) fn with_findings(&self, finding_count: u32) -> Self {
        Self { finding_count, ..self.clone() }
    }

    /// The column `source`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The column `size_bytes`.
    pub fn size_bytes(&self) -> Option<u64> {
        self.size_bytes.map(Size::bytes)
    }

    /// The column `modified_at`.
    pub fn modified_at(&self) -> Option<i64> {
        self.modified_at
    }

    /// The column `archive_size_bytes`.
    pub fn archive_size_bytes(&self) -> Option<u64> {
        self.archive_size_bytes.map(Size::bytes)
    }

    /// The column `rules_version`.
    pub fn rules_version(&self) -> &str {
        &self.reading.rules_version
    }

    /// Whether its content is known, which it is where the file could be opened.
    pub fn has_content(&self) -> bool {
        self.sha256.is_some()
    }

    /// Whether its content is one of these, by their ids.
    pub fn is_one_of(&self, document_ids: &BTreeSet<String>) -> bool {
        !document_ids.is_empty() && self.content().is_some_and(|id| document_ids.contains(&id.to_string()))
    }

    pub(crate) fn content(&self) -> Option<ContentId> {
        self.sha256.map(|hash| hash.content())
    }

    pub(crate) fn sha256(&self) -> Option<Sha256> {
        self.sha256
    }

    pub(crate) fn finding_count(&self) -> u32 {
        self.finding_count
    }
}

/// Sources in their order. A copy costs nothing until one of the two is changed.
#[derive(Debug, Clone, Default)]
pub struct Entries(Arc<BTreeSet<BySource>>);

/// An entry that is found by its source.
#[derive(Debug, Clone)]
struct BySource(Arc<Entry>);

impl Borrow<str> for BySource {
    fn borrow(&self) -> &str {
        self.0.source()
    }
}

impl PartialEq for BySource {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source
    }
}

impl Eq for BySource {}

impl PartialOrd for BySource {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for BySource {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.source.cmp(&other.0.source)
    }
}

impl Entries {
    /// The entry of a source.
    pub fn get(&self, source: &str) -> Option<&Arc<Entry>> {
        self.0.get(source).map(|entry| &entry.0)
    }

    /// All entries, in the order of their sources.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Entry>> + Clone {
        self.0.iter().map(|entry| &entry.0)
    }

    /// Those of the sources in a range.
    pub fn range<'s>(&self, sources: impl RangeBounds<&'s str>) -> impl Iterator<Item = &Arc<Entry>> {
        let bounds = (sources.start_bound().cloned(), sources.end_bound().cloned());
        self.0.range::<str, _>(bounds).map(|entry| &entry.0)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an entry in the place of the one of its source.
    pub(crate) fn insert(&mut self, entry: Arc<Entry>) {
        Arc::make_mut(&mut self.0).replace(BySource(entry));
    }

    pub(crate) fn remove(&mut self, source: &str) {
        if self.0.contains(source) {
            Arc::make_mut(&mut self.0).remove(source);
        }
    }
}

/// Whether all rows are the same, and not only the sources.
impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.iter().eq(other.iter())
    }
}

impl FromIterator<Arc<Entry>> for Entries {
    fn from_iter<T: IntoIterator<Item = Arc<Entry>>>(entries: T) -> Self {
        Self(Arc::new(entries.into_iter().map(BySource).collect()))
    }
}

/// Entries of rows, for tests.
impl FromIterator<Document> for Entries {
    fn from_iter<T: IntoIterator<Item = Document>>(documents: T) -> Self {
        let mut readings = Readings::default();
        documents.into_iter().map(|document| Arc::new(Entry::of(&document, &mut readings))).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn document(source: &str, sha256: Option<&str>) -> Document {
        Document {
            source: source.to_owned(),
            document_id: sha256.map(|sha256| sha256.chars().take(32).collect()),
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

    fn full() -> Document {
        Document {
            size_bytes: Some(0),
            modified_at: Some(-1),
            archive_size_bytes: Some(1 << 40),
            format: Some("text".into()),
            encoding: Some("gb18030".into()),
            encoding_evidence: Some("0.0 % of its characters are unusual".into()),
            replacement_count: u64::MAX,
            status: Status::Partial,
            reason: Some("form 1: missing-amount".into()),
            form_count: 1,
            finding_count: u32::MAX,
            rules_version: "0123456789abcdef".into(),
            ..document("a/甲.txt", Some(&"0a".repeat(32)))
        }
    }

    #[test]
    fn a_row_comes_back_as_it_was() {
        let mut readings = Readings::default();
        for row in [full(), document("b", None), document("", Some(&"f".repeat(64)))] {
            assert_eq!(Entry::of(&row, &mut readings).document(), row);
        }
    }

    #[test]
    fn an_entry_is_small_and_what_is_said_of_many_is_kept_once() {
        assert_eq!(
            size_of::<Entry>(),
            104,
            "with the counts of an Arc it fills 120 bytes of the allocator's"
        );
        let mut readings = Readings::default();
        let [one, other] = ["a", "b"].map(|source| Document { source: source.into(), ..full() });
        let [one, other] = [one, other].map(|row| Entry::of(&row, &mut readings));
        assert!(Arc::ptr_eq(&one.reading, &other.reading));
        let third = Entry::of(&Document { reason: None, ..full() }, &mut readings);
        assert!(!Arc::ptr_eq(&one.reading, &third.reading));
        assert_ne!(one, third);
    }

    #[test]
    fn a_copy_is_shared_until_one_is_changed() {
        let mut entries: Entries = [document("b", None), document("a", None)].into_iter().collect();
        let before = entries.clone();
        entries.remove("c");
        assert!(Arc::ptr_eq(&entries.0, &before.0), "nothing was changed");
        assert_eq!(entries.iter().map(|entry| entry.source()).collect::<Vec<_>>(), ["a", "b"]);
        let other = before.get("a").unwrap().with_findings(3);
        entries.insert(Arc::new(other));
        assert_eq!((entries.len(), before.get("a").unwrap().finding_count()), (2, 0));
        assert_ne!(entries, before);
        entries.insert(Arc::clone(before.get("a").unwrap()));
        assert_eq!(entries, before);
        entries.remove("a");
        assert!(entries.get("a").is_none() && before.get("a").is_some());
        assert_eq!(before.range("b"..).map(|entry| entry.source()).collect::<Vec<_>>(), ["b"]);
    }
}
