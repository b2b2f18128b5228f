//! A run on its way into the warehouse: the documents of the snapshot before, and what is to be other in the next one.
//!
//! What was ingested is known from the table `documents` and from nowhere else. A run says which sources it has read anew
//! and which are gone; all that follows for the files of the tables is worked out in [`Update::stage`], and is the same
//! whatever came before: equal documents, read by equal rules, make equal files.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jixiao_model::dictionary::dictionary;
use jixiao_model::record::{Document, IndicatorType, Run};
use jixiao_model::reference;

use crate::batches::Row;
use crate::commit::Warehouse;
use crate::content::{ContentId, Contents};
use crate::documents::stage_documents;
use crate::entries::{Entries, Entry, Readings};
use crate::gathered::{Gathered, Held, Sections};
use crate::journal::Journal;
use crate::read;
use crate::snapshot::{self, LAYOUT, Manifest, SnapshotId};
use crate::stage::{Stage, Staged};
use crate::years::{Year, stage_years};
use crate::{Changes, LoadError};

/// The snapshot that is followed.
#[derive(Debug)]
pub(crate) struct Parent {
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Manifest,
}

impl Parent {
    pub(crate) fn read(root: &Path, id: SnapshotId) -> Result<Self, LoadError> {
        Ok(Self { folder: snapshot::folder(root, id), manifest: Manifest::read(root, id)? })
    }

    /// Fails if it is not laid out as this version does.
    pub(crate) fn is_ours(&self, root: &Path) -> Result<(), LoadError> {
        let Manifest { layout, schema_version, program_version, .. } = &self.manifest;
        if (*layout, *schema_version) == (LAYOUT, dictionary().schema_version) {
            return Ok(());
        }
        Err(LoadError::OtherLayout { root: root.to_owned(), version: program_version.clone() })
    }

    /// Its documents, if it is laid out as this version does.
    pub(crate) fn documents(&self, root: &Path, readings: &mut Readings) -> Result<Entries, LoadError> {
        self.is_ours(root)?;
        let mut entries = Vec::new();
        for file in self.manifest.files.iter().filter(|file| file.table == Document::TABLE) {
            read::entries(&self.folder.join(&file.path), readings, &mut |entry| {
                entries.push(Arc::new(entry));
            })?;
        }
        Ok(entries.into_iter().collect())
    }
}

/// How contents were read by the present rules, before an update and by runs that were stopped. What the update adds is not
/// in it, so that it can be asked while that is added.
#[derive(Debug, Clone, Default)]
pub struct Known {
    resumed: Arc<Contents>,
    before: Arc<Contents>,
}

impl Known {
    /// How a content was read, if it was: in a run that was stopped or else in the snapshot before, at its first source.
    pub fn content(&self, document_id: &str) -> Option<Document> {
        let id = ContentId::parse(document_id)?;
        let resumed = self.resumed.sources(id).next();
        Some(resumed.or_else(|| by_present_rules(&self.before, id))?.document())
    }
}

/// The first source of a content that was read by the present rules.
fn by_present_rules(contents: &Contents, id: ContentId) -> Option<&Arc<Entry>> {
    contents.sources(id).find(|entry| entry.rules_version() == reference::rules_version())
}

/// What the next snapshot will be, while it is worked out.
#[derive(Debug)]
pub struct Update<'w> {
    warehouse: &'w Warehouse,
    id: SnapshotId,
    pub(crate) parent: Option<Parent>,
    /// How the warehouse was found; empty where all is read anew.
    pub(crate) before: Entries,
    pub(crate) now: Entries,
    readings: Readings,
    /// Each source in the snapshot before with its SHA-256, where all is read anew.
    known: Vec<read::Hashed>,
    /// The contents of the snapshot before. Most nights nobody asks for them.
    contents_before: OnceCell<Arc<Contents>>,
    pub(crate) journal: Journal,
    /// The contents of which the rows are in the journal.
    pub(crate) fresh: BTreeSet<ContentId>,
}

impl<'w> Update<'w> {
    pub(crate) fn begin(warehouse: &'w Warehouse, rebuild: bool) -> Result<Self, LoadError> {
        let root = warehouse.root();
        let parent = snapshot::parent(root)?;
        let id = snapshot::next(root)?;
        warehouse.clean(parent)?;
        let parent = parent.map(|id| Parent::read(root, id)).transpose()?;
        let mut readings = Readings::default();
        let (mut known, mut before) = (Vec::new(), Entries::default());
        match &parent {
            Some(parent) if rebuild => known = read::sources(&parent.folder, &parent.manifest)?,
            Some(parent) => before = parent.documents(root, &mut readings)?,
            None => {}
        }
        Ok(Self {
            journal: Journal::open(root, reference::rules_version(), warehouse.memory_bytes, &mut readings)?,
            now: before.clone(),
            warehouse,
            id,
            parent,
            before,
            readings,
            known,
            contents_before: OnceCell::new(),
            fresh: BTreeSet::new(),
        })
    }

    /// The snapshot that is followed, if there is one.
    pub fn before(&self) -> Option<SnapshotId> {
        self.parent.as_ref().map(|parent| parent.manifest.snapshot)
    }

    /// The sources that the next snapshot has, as things stand, by name.
    pub fn documents(&self) -> &Entries {
        &self.now
    }

    /// How a content was read by the present rules, if it was: then it need not be read again, wherever it turns up.
    pub fn content(&self, document_id: &str) -> Option<Document> {
        let id = ContentId::parse(document_id)?;
        let read = self.journal.content(id);
        Some(read.or_else(|| by_present_rules(self.contents_before(), id))?.document())
    }

    /// What was known when this began.
    pub fn known(&self) -> Known {
        let resumed = Arc::new(Contents::of(self.journal.resumed()));
        Known { resumed, before: Arc::clone(self.contents_before()) }
    }

    fn contents_before(&self) -> &Arc<Contents> {
        self.contents_before.get_or_init(|| Arc::new(Contents::of(self.before.iter())))
    }

    /// Whether a content was read by an earlier run that has not published it.
    pub fn is_resumed(&self, document_id: &str) -> bool {
        ContentId::parse(document_id).is_some_and(|id| self.journal.is_resumed(id))
    }

    /// The years of the forms of a content that waits to be published.
    pub fn years_of_new(&self, document_id: &str) -> Option<&[Option<i32>]> {
        self.journal.years_of(ContentId::parse(document_id)?)
    }

    /// Says about how many bytes of rows are about to be added. It changes nothing but what is held in memory.
    pub fn expect(&mut self, bytes: u64) {
        self.journal.expect(bytes);
    }

    /// Takes sources that were read, in the place of what the snapshot before has of them: each with what it holds, or
    /// nothing if [`Update::content`] knew that already, and the rows of all. Rows of other contents are let go of.
    ///
    /// # Errors
    /// If the rows cannot be written down in the warehouse's folder.
    pub fn add(
        &mut self,
        read: Vec<(Document, Option<Held>)>,
        gathered: Vec<Gathered>,
    ) -> Result<(), LoadError> {
        let mut contents = Vec::new();
        let mut entries = Vec::with_capacity(read.len());
        let mut ids = BTreeSet::new();
        for (document, held) in read {
            let entry = Arc::new(Entry::of(&document, &mut self.readings));
            if let (Some(id), Some(held)) = (entry.content(), held)
                && self.journal.content(id).is_none()
                && ids.insert(id)
            {
                contents.push((Arc::clone(&entry), held.years));
            }
            entries.push(entry);
        }
        if !contents.is_empty() {
            let mut sections = Sections::new();
            for mut gathered in gathered {
                // Two threads may have read the same content; it has its rows once.
                gathered.retain(|id| ids.contains(&id))?;
                gathered.contents().for_each(|id| {
                    ids.remove(&id);
                });
                for (name, batches) in gathered.into_sections() {
                    sections.entry(name).or_default().extend(batches);
                }
            }
            self.journal.add(contents, sections)?;
        }
        for entry in entries {
            self.fresh.extend(entry.content().filter(|id| self.journal.content(*id).is_some()));
            self.now.insert(entry);
        }
        Ok(())
    }

    /// Leaves a source out of the next snapshot.
    pub fn remove(&mut self, source: &str) {
        self.now.remove(source);
    }

    /// How the sources differ from those of the snapshot before.
    pub fn changes(&self) -> Changes {
        if self.known.is_empty() && self.now == self.before {
            return Changes { unchanged: self.now.len() as u64, ..Changes::default() };
        }
        let is_same =
            |entry: &Entry| self.before.get(entry.source()).is_some_and(|before| **before == *entry);
        // One of the two is empty.
        let rebuilt = self.known.iter().map(|(source, sha256)| (source.as_ref(), *sha256));
        let before = self.before.iter().map(|entry| (entry.source(), entry.sha256()));
        Changes::between(rebuilt.chain(before), self.now.iter().map(AsRef::as_ref), is_same)
    }

    /// Puts all tables but `runs` together. Nobody sees them yet.
    ///
    /// # Errors
    /// If a file of the snapshot before cannot be read, or the disk refuses.
    pub fn stage(mut self, indicator_types: &[IndicatorType]) -> Result<Staged<'w>, LoadError> {
        self.tell_all_sources();
        let changes = self.changes();
        let mut stage = Stage::new(self.warehouse, self.id, self.parent.take())?;
        let years = if self.fresh.is_empty() && !self.before.is_empty() && self.now == self.before {
            stage.link_all_of_documents()?;
            BTreeSet::new()
        } else {
            self.stage_documents(&mut stage)?
        };
        stage.flush()?;
        stage.add_checks(&years)?;
        let mut types: Vec<&IndicatorType> = indicator_types.iter().collect();
        types.sort_by_key(|row| &row.indicator_code);
        stage.add(&types)?;
        stage.add_missing()?;
        Ok(Staged::new(self.warehouse, stage, changes, (self.journal, self.fresh)))
    }

    /// Stages the snapshot before as it is.
    pub(crate) fn stage_as_it_was(mut self) -> Result<Staged<'w>, LoadError> {
        let mut stage = Stage::new(self.warehouse, self.id, self.parent.take())?;
        for file in stage.parent().cloned().iter().flat_map(|parent| &parent.manifest.files) {
            if file.table != Run::TABLE {
                stage.link(file, file.from.clone())?;
            }
        }
        stage.add_missing()?;
        Ok(Staged::as_it_was(self.warehouse, stage))
    }

    /// Stages the tables whose rows are of documents, and returns the years that are other than they were.
    fn stage_documents(&mut self, stage: &mut Stage) -> Result<BTreeSet<Year>, LoadError> {
        let was = Arc::clone(self.contents_before());
        let is = Contents::of(self.now.iter());
        let is_fresh = |id: ContentId| self.fresh.contains(&id);
        let moved = was.all().filter(|(id, was)| is_fresh(*id) || is.publication(*id) != Some(*was));
        let moved: BTreeMap<&str, ContentId> = moved.map(|(id, was)| (was.source, id)).collect();
        let sources = Sources { before: &self.before, was: &was, is: &is, moved: &moved, fresh: &self.fresh };
        let restated = stage_years(&sources, &self.journal, stage)?;
        restated.count(&mut self.now);
        stage_documents(&sources, &self.now, &self.journal, &restated, stage)?;
        Ok(restated.years)
    }

    /// A content that was read anew is told of at all of its sources.
    fn tell_all_sources(&mut self) {
        if self.fresh.is_empty() {
            return;
        }
        let mut told = Vec::new();
        for entry in self.now.iter() {
            let read = entry.content().filter(|id| self.fresh.contains(id));
            let Some(read) = read.and_then(|id| self.journal.content(id)) else { continue };
            if !Arc::ptr_eq(entry, read) && **entry != read.at(entry) {
                told.push(Arc::new(read.at(entry)));
            }
        }
        told.into_iter().for_each(|entry| self.now.insert(entry));
    }
}

/// What is other with the sources of a snapshot than with those of the one before.
pub(crate) struct Sources<'u> {
    /// Those of the snapshot before; none where all is read anew.
    pub(crate) before: &'u Entries,
    /// Their contents.
    pub(crate) was: &'u Contents,
    /// The contents of the sources now.
    pub(crate) is: &'u Contents,
    /// The contents that were there and were read anew, or are published elsewhere now or not at all, by where they were.
    pub(crate) moved: &'u BTreeMap<&'u str, ContentId>,
    /// The contents of which the rows are in the journal.
    pub(crate) fresh: &'u BTreeSet<ContentId>,
}
