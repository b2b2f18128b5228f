//! What a run has read so far, on the disk: rows wait here until they are published.
//!
//! So memory does not grow with the number of documents, and a run that was stopped need not begin again: the next one
//! that reads by the same rules takes over what is here, content by content, after it has looked at each file's bytes
//! itself. A [`chunk`] is a file, `.journal/<rules version>/000001.arrow`, that appears at once, by a rename. It is not
//! written down to the disk, since it can always be read again; so a loss of power may leave one that is incomplete. It is
//! taken over only if its checksums say that it is whole, and removed otherwise.
//!
//! Most runs are small, and publish what they have read before anybody could miss it. So rows stay in memory, up to
//! a bound, and go to the disk only where they are more than that, every [`AT_STAKE`] (so much of reading a crash may cost),
//! and when the journal is dropped before they were published: the run was told to stop, or has failed.

mod chunk;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use jixiao_model::dictionary::Table;
use jixiao_model::record::{Document, Form};
use rayon::ThreadPool;

use crate::batches::{Row, table_of};
use crate::content::ContentId;
use crate::entries::{Entry, Readings};
use crate::gathered::{Sections, section_name};
use crate::read::columns::Rows;
use crate::{LoadError, disk, read, rows};

/// The folder in the warehouse.
const FOLDER: &str = ".journal";
/// The file of a chunk until it is whole.
const UNFINISHED: &str = "unfinished";
/// How much of reading is not on the disk yet, at most, beside the chunk that is being read.
const AT_STAKE: Duration = Duration::from_secs(5);

/// What waits to be published.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    chunks: Vec<Chunk>,
    /// Which of them has a path.
    by_path: HashMap<PathBuf, usize>,
    /// How many of them are of runs that were stopped.
    resumed: u32,
    contents: BTreeMap<ContentId, Content>,
    /// The years that contents have forms of, each combination once: there are few.
    years: Vec<Vec<Option<i32>>>,
    /// How many bytes there are of rows in memory, and how many there may be.
    kept_bytes: u64,
    most_bytes: u64,
    /// Since when chunks have waited to be written.
    since: Instant,
    at_stake: Duration,
}

/// A content that was read.
#[derive(Debug)]
struct Content {
    /// How; the row is shared with those that are to be published.
    entry: Arc<Entry>,
    /// The number of the chunk that has its rows.
    chunk: u32,
    /// The number of the years of its forms.
    years: u32,
}

/// Some documents that were read together.
#[derive(Debug)]
struct Chunk {
    /// Its file, which need not be there yet.
    path: PathBuf,
    /// Where its rows are in the file, once it is there.
    written: Option<chunk::Places>,
    /// Its rows, if they are in memory.
    kept: Option<Sections>,
    /// The years of its forms.
    years: BTreeSet<Option<i32>>,
}

impl Chunk {
    fn has(&self, section: &str) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.contains_key(section))
            || self.written.as_ref().is_some_and(|written| written.contains_key(section))
    }
}

impl Journal {
    /// What an earlier run has left that read by these rules; what was read by others is removed.
    pub(crate) fn open(
        root: &Path,
        rules_version: &str,
        most_bytes: u64,
        readings: &mut Readings,
    ) -> Result<Self, LoadError> {
        let all = root.join(FOLDER);
        let folder = all.join(rules_version);
        for path in disk::entries(&all)?.into_iter().filter(|path| *path != folder) {
            disk::remove(&path)?;
        }
        let mut journal = Self {
            chunks: Vec::new(),
            by_path: HashMap::new(),
            resumed: 0,
            contents: BTreeMap::new(),
            years: Vec::new(),
            kept_bytes: 0,
            most_bytes,
            since: now(),
            at_stake: AT_STAKE,
            folder,
        };
        for path in disk::entries(&journal.folder)? {
            let is_finished = !path.ends_with(UNFINISHED);
            let places = is_finished.then(|| chunk::whole(&path).ok().flatten()).flatten();
            if places.is_none_or(|places| journal.take_over(&path, places, readings).is_err()) {
                disk::remove(&path)?;
            }
        }
        journal.resumed = number(journal.chunks.len());
        Ok(journal)
    }

    fn take_over(
        &mut self,
        path: &Path,
        places: chunk::Places,
        readings: &mut Readings,
    ) -> Result<(), LoadError> {
        let mut entries = Vec::new();
        let mut years: BTreeMap<ContentId, BTreeSet<Option<i32>>> = BTreeMap::new();
        for (name, place) in &places {
            if *name == section_name(Document::TABLE, None) {
                for batch in chunk::rows(path, place, table_of::<Document>()?)? {
                    read::entries_in(&Rows::new(&batch, path), readings, &mut |entry| entries.push(entry))?;
                }
            } else if let Some(year) = year_of_forms(name) {
                for forms in chunk::rows(path, place, table_of::<Form>()?)? {
                    let ids = rows::texts(path, &forms, "document_id")?.iter().flatten();
                    for id in ids.filter_map(ContentId::parse) {
                        years.entry(id).or_default().insert(year);
                    }
                }
            }
        }
        let entries = entries.into_iter().map(|entry: Entry| {
            let years = entry.content().and_then(|id| years.remove(&id)).unwrap_or_default();
            (Arc::new(entry), years.into_iter().collect())
        });
        let entries = entries.collect();
        self.register(path.to_owned(), Some(places), None, entries);
        Ok(())
    }

    /// How a content was read, if it is here.
    pub(crate) fn content(&self, id: ContentId) -> Option<&Arc<Entry>> {
        self.contents.get(&id).map(|content| &content.entry)
    }

    /// How each content was read that a run has left which was stopped.
    pub(crate) fn resumed(&self) -> impl Iterator<Item = &Arc<Entry>> {
        let contents = self.contents.values().filter(|_| self.resumed > 0);
        contents.filter(|content| content.chunk < self.resumed).map(|content| &content.entry)
    }

    /// Whether a run that was stopped has left a content.
    pub(crate) fn is_resumed(&self, id: ContentId) -> bool {
        self.contents.get(&id).is_some_and(|content| content.chunk < self.resumed)
    }

    /// The years of a content's forms, if it is here.
    pub(crate) fn years_of(&self, id: ContentId) -> Option<&[Option<i32>]> {
        self.years.get(self.contents.get(&id)?.years as usize).map(Vec::as_slice)
    }

    /// Says how many bytes of rows are to come: where they are more than may be kept, none is, from the beginning.
    pub(crate) fn expect(&mut self, bytes: u64) {
        if bytes > self.most_bytes {
            self.kept_bytes = bytes;
        }
    }

    /// Takes what was read of some contents, each with the years of its forms.
    pub(crate) fn add(
        &mut self,
        contents: Vec<(Arc<Entry>, Vec<Option<i32>>)>,
        sections: Sections,
    ) -> Result<(), LoadError> {
        let bytes = sections.values().flatten().map(RecordBatch::get_array_memory_size).sum::<usize>() as u64;
        let path = self.folder.join(format!("{:06}.arrow", self.next()));
        self.register(path, None, Some(sections), contents);
        if self.since.elapsed() >= self.at_stake {
            self.write(0)?;
            self.since = now();
        }
        self.kept_bytes += bytes;
        if self.kept_bytes > self.most_bytes {
            // It counts on, so that what follows is written as well.
            self.write(0)?;
            self.chunks.iter_mut().for_each(|chunk| chunk.kept = None);
        }
        Ok(())
    }

    /// Writes the chunks, from one on, that are not on the disk yet.
    fn write(&mut self, first: usize) -> Result<(), LoadError> {
        let waiting = self.chunks.iter().zip(0..).skip(first).filter(|(chunk, _)| chunk.written.is_none());
        let mut documents: BTreeMap<u32, Vec<Document>> =
            waiting.map(|(_, index)| (index, Vec::new())).collect();
        if documents.is_empty() {
            return Ok(());
        }
        for content in self.contents.values() {
            if let Some(documents) = documents.get_mut(&content.chunk) {
                documents.push(content.entry.document());
            }
        }
        let temporary = self.folder.join(UNFINISHED);
        for (index, documents) in documents {
            let Some(chunk) = self.chunks.get_mut(index as usize) else { continue };
            disk::create_folder(&self.folder)?;
            if disk::exists(&temporary)? {
                disk::remove(&temporary)?;
            }
            let mut writer = chunk::Writer::create(&temporary)?;
            for (name, batches) in chunk.kept.iter().flatten() {
                writer.add(name, batches)?;
            }
            let documents = Document::batch(&documents.iter().collect::<Vec<_>>())?;
            writer.add(&section_name(Document::TABLE, None), &[documents])?;
            let places = writer.finish()?;
            disk::rename(&temporary, &chunk.path)?;
            chunk.written = Some(places);
        }
        Ok(())
    }

    fn next(&self) -> usize {
        let number = |chunk: &Chunk| chunk.path.file_stem()?.to_str()?.parse::<usize>().ok();
        self.chunks.iter().filter_map(number).max().unwrap_or(0) + 1
    }

    fn register(
        &mut self,
        path: PathBuf,
        written: Option<chunk::Places>,
        kept: Option<Sections>,
        contents: Vec<(Arc<Entry>, Vec<Option<i32>>)>,
    ) {
        let chunk = number(self.chunks.len());
        let mut all_years = BTreeSet::new();
        for (entry, years) in contents {
            let Some(id) = entry.content() else { continue };
            let years: BTreeSet<Option<i32>> = years.into_iter().collect();
            all_years.extend(&years);
            let years = self.number_of_years(years.into_iter().collect());
            self.contents.insert(id, Content { entry, chunk, years });
        }
        self.by_path.insert(path.clone(), self.chunks.len());
        self.chunks.push(Chunk { path, written, kept, years: all_years });
    }

    /// The number of a combination of years; the last that came up is mostly the same.
    fn number_of_years(&mut self, years: Vec<Option<i32>>) -> u32 {
        let known = self.years.iter().rposition(|known| *known == years);
        number(known.unwrap_or_else(|| {
            self.years.push(years);
            self.years.len() - 1
        }))
    }

    /// The place of a content's rows of a table, if it has any: of a year, if the table is parted by year. It is the path
    /// of a chunk with the name of a section behind it.
    pub(crate) fn place(&self, id: ContentId, table: &Table, year: Option<i32>) -> Option<PathBuf> {
        let chunk = self.chunks.get(self.contents.get(&id)?.chunk as usize)?;
        let name = section_name(&table.name, table.partitioned_by.as_ref().map(|_| year));
        chunk.has(&name).then(|| chunk.path.join(name))
    }

    /// The rows of this table at a place; nothing if it is none of the journal's.
    pub(crate) fn rows(&self, place: &Path, table: &Table) -> Result<Option<Vec<RecordBatch>>, LoadError> {
        let index = place.parent().and_then(|path| self.by_path.get(path));
        let chunk = index.and_then(|index| self.chunks.get(*index));
        let name = place.file_name().and_then(|name| name.to_str());
        let Some((chunk, name)) = chunk.zip(name) else { return Ok(None) };
        if let Some(rows) = chunk.kept.as_ref().and_then(|kept| kept.get(name)) {
            return Ok(Some(rows.clone()));
        }
        let place = chunk.written.as_ref().and_then(|places| places.get(name));
        place.map(|place| chunk::rows(&chunk.path, place, table)).transpose()
    }

    /// The places of the forms of a year.
    pub(crate) fn forms(&self, year: Option<i32>) -> impl Iterator<Item = PathBuf> {
        let name = section_name(Form::TABLE, Some(year));
        let chunks = self.chunks.iter().filter(move |chunk| chunk.years.contains(&year));
        chunks.map(move |chunk| chunk.path.join(&name))
    }

    /// Removes the chunks of which all contents were published. Others wait on: a backfill that was stopped does not begin
    /// again because a night came between. Nobody need wait until all rows in memory are let go of, if there are threads for
    /// that.
    pub(crate) fn clear(
        mut self,
        root: &Path,
        published: &BTreeSet<ContentId>,
        threads: Option<&ThreadPool>,
    ) -> Result<(), LoadError> {
        self.contents.retain(|id, _| !published.contains(id));
        let waiting: BTreeSet<u32> = self.contents.values().map(|content| content.chunk).collect();
        for (chunk, index) in self.chunks.iter_mut().zip(0..) {
            if waiting.contains(&index) {
                continue;
            }
            // What was never written has nothing to be removed.
            if chunk.written.replace(chunk::Places::new()).is_some() {
                disk::remove(&chunk.path)?;
            }
        }
        self.write(0)?;
        let chunks = std::mem::take(&mut self.chunks);
        if let Some(threads) = threads {
            threads.spawn(move || drop(chunks));
        }
        let folder = root.join(FOLDER);
        if waiting.is_empty() && disk::exists(&folder)? { disk::remove(&folder) } else { Ok(()) }
    }

    /// The folder of the journal with the time of its youngest chunk, if there is one.
    pub(crate) fn age(root: &Path) -> Result<Option<(PathBuf, i64)>, LoadError> {
        let folder = root.join(FOLDER);
        if !disk::exists(&folder)? {
            return Ok(None);
        }
        let mut youngest = disk::modified_at(&folder)?;
        for rules in disk::entries(&folder)? {
            for path in disk::entries(&rules)?.iter().chain([&rules]) {
                youngest = youngest.max(disk::modified_at(path)?);
            }
        }
        Ok(youngest.map(|youngest| (folder, youngest)))
    }
}

/// A run that ends without having published what it has read leaves it to the next one. If that cannot be written either, it
/// is read again.
impl Drop for Journal {
    fn drop(&mut self) {
        let _ = self.write(0);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "it decides how much a crash may cost, and nothing of what is published"
)]
fn now() -> Instant {
    Instant::now()
}

/// A number of chunks, or of combinations of years.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The year of a section of forms.
fn year_of_forms(name: &str) -> Option<Option<i32>> {
    let year = name.strip_prefix("forms.")?;
    if year == "none" { Some(None) } else { year.parse().ok().map(Some) }
}

#[cfg(test)]
mod tests {
    use jixiao_model::record::{DocumentRecords, FormRecords};

    use super::*;
    use crate::MEMORY_BYTES;
    use crate::entries::tests::document;
    use crate::gathered::Gathering;

    fn content(digit: &str) -> ContentId {
        ContentId::parse(&digit.repeat(32)).unwrap()
    }

    fn open(root: &Path) -> Journal {
        Journal::open(root, "rules", MEMORY_BYTES, &mut Readings::default()).unwrap()
    }

    /// Adds a document of one form, whose hash is this digit again and again.
    fn add(journal: &mut Journal, digit: &str) {
        let document = document(digit, Some(&digit.repeat(64)));
        let id = digit.repeat(32);
        let form = Form {
            form_id: format!("{id}-1").into(),
            document_id: id.clone(),
            fiscal_year: Some(2020),
            ..Form::default()
        };
        let forms = vec![FormRecords { form, ..FormRecords::default() }];
        let mut gathering = Gathering::default();
        gathering.add(&id, &DocumentRecords { forms, findings: Vec::new() });
        let sections = gathering.finish().unwrap().into_sections();
        let entry = Arc::new(Entry::of(&document, &mut Readings::default()));
        journal.add(vec![(entry, vec![Some(2020)])], sections).unwrap();
    }

    fn sources(journal: &Journal) -> Vec<&str> {
        journal.resumed().map(|entry| entry.source()).collect()
    }

    fn files(root: &Path) -> usize {
        let folders = disk::entries(&root.join(FOLDER)).unwrap();
        folders.iter().map(|folder| disk::entries(folder).unwrap().len()).sum()
    }

    #[test]
    fn rows_go_to_the_disk_when_the_run_ends_without_them_and_come_back_as_they_were() {
        let root = tempfile::tempdir().unwrap();
        let table = table_of::<Form>().unwrap();
        let rows = |journal: &Journal| {
            let place = journal.place(content("a"), table, Some(2020)).unwrap();
            journal.rows(&place, table).unwrap().unwrap()
        };
        let mut journal = open(root.path());
        ["a", "b"].iter().for_each(|id| add(&mut journal, id));
        let kept = rows(&journal);
        assert_eq!(files(root.path()), 0, "they are in memory");
        drop(journal);
        assert_eq!(files(root.path()), 2);

        let mut journal = open(root.path());
        assert_eq!(sources(&journal), ["a", "b"]);
        assert_eq!(journal.years_of(content("a")), Some(&[Some(2020)][..]));
        assert_eq!(rows(&journal), kept);
        add(&mut journal, "c");
        let published = ["a", "c"].map(content).into();
        journal.clear(root.path(), &published, None).unwrap();
        assert_eq!(files(root.path()), 1, "what was not published waits on");
        let journal = open(root.path());
        assert_eq!(sources(&journal), ["b"]);
        journal.clear(root.path(), &[content("b")].into(), None).unwrap();
        assert!(!root.path().join(FOLDER).exists());
    }

    #[test]
    fn what_is_more_than_may_be_kept_is_on_the_disk_alone() {
        let table = table_of::<Form>().unwrap();
        let rows = |journal: &Journal, digit: &str| {
            let place = journal.place(content(digit), table, Some(2020)).unwrap();
            journal.rows(&place, table).unwrap().unwrap()
        };
        let root = tempfile::tempdir().unwrap();
        let mut journal = open(root.path());
        add(&mut journal, "a");
        let (kept, bytes) = (rows(&journal, "a"), journal.kept_bytes);
        assert_eq!(files(root.path()), 0);
        journal.most_bytes = bytes + bytes / 2;
        add(&mut journal, "b");
        assert_eq!(files(root.path()), 2);
        add(&mut journal, "c");
        assert_eq!(files(root.path()), 3, "from then on all is written");
        assert!(journal.chunks.iter().all(|chunk| chunk.kept.is_none()));
        assert_eq!(rows(&journal, "a"), kept);

        let root = tempfile::tempdir().unwrap();
        let mut journal = open(root.path());
        journal.expect(MEMORY_BYTES);
        add(&mut journal, "a");
        assert_eq!(files(root.path()), 0);
        journal.expect(MEMORY_BYTES + 1);
        add(&mut journal, "b");
        assert_eq!(files(root.path()), 2, "nothing is kept of what will not fit");
        assert_eq!(rows(&journal, "a"), kept);
    }

    #[test]
    fn what_was_read_long_ago_is_on_the_disk() {
        let root = tempfile::tempdir().unwrap();
        let mut journal = open(root.path());
        ["a", "b"].iter().for_each(|id| add(&mut journal, id));
        journal.at_stake = Duration::ZERO;
        add(&mut journal, "c");
        assert_eq!(files(root.path()), 3);
    }
}
