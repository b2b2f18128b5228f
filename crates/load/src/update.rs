//! A run on its way into the warehouse: the documents of the snapshot before, and what is to be other in the next one.
//!
//! What was ingested is known from the table `documents` and from nowhere else. A run says which sources it has read anew
//! and which are gone; all that follows for the files of the tables is worked out in [`Update::stage`], and is the same
//! whatever came before: equal documents, read by equal rules, make equal files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jixiao_model::dictionary::dictionary;
use jixiao_model::record::{Document, DocumentRecords, IndicatorType, Run};
use jixiao_model::reference;

use crate::batches::Row;
use crate::commit::Warehouse;
use crate::documents::stage_documents;
use crate::gathered::{Gathered, Gathering, Held, Sections};
use crate::journal::Journal;
use crate::read;
use crate::snapshot::{self, LAYOUT, Manifest, SnapshotId};
use crate::stage::{Stage, Staged};
use crate::years::stage_years;
use crate::{Changes, LoadError};

/// A source as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Its row.
    pub document: Document,
    /// What it holds; nothing if [`Update::content`] knew that already.
    pub records: Option<DocumentRecords>,
}

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
    pub(crate) fn documents(&self, root: &Path) -> Result<State, LoadError> {
        self.is_ours(root)?;
        let mut documents = BTreeMap::new();
        for file in self.manifest.files.iter().filter(|file| file.table == Document::TABLE) {
            for document in read::documents(&self.folder.join(&file.path))? {
                documents.insert(document.source.clone(), Arc::new(document));
            }
        }
        Ok(State { documents })
    }
}

/// Sources and contents at one moment.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) documents: BTreeMap<String, Arc<Document>>,
}

/// Where and when a content was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Publication<'a> {
    /// The first of its sources.
    pub(crate) source: &'a str,
    /// When the first of its files was modified.
    pub(crate) modified_at: Option<i64>,
}

impl State {
    /// All contents, by their ids.
    pub(crate) fn publications(&self) -> HashMap<&str, Publication<'_>> {
        let mut contents: HashMap<&str, Publication<'_>> = HashMap::with_capacity(self.documents.len());
        for (source, document) in &self.documents {
            let Some(id) = document.document_id.as_deref() else { continue };
            let this = Publication { source, modified_at: document.modified_at };
            let content = contents.entry(id).or_insert(this);
            content.modified_at = content.modified_at.min(this.modified_at);
        }
        contents
    }
}

/// How contents were read by the present rules, before an update and by runs that were stopped. What the update adds is not
/// in it, so that it can be asked while that is added.
#[derive(Debug, Clone, Default)]
pub struct Known(Arc<HashMap<String, Arc<Document>>>);

impl Known {
    /// How a content was read, if it was.
    pub fn content(&self, document_id: &str) -> Option<&Document> {
        self.0.get(document_id).map(AsRef::as_ref)
    }
}

/// What the next snapshot will be, while it is worked out.
#[derive(Debug)]
pub struct Update<'w> {
    warehouse: &'w Warehouse,
    id: SnapshotId,
    pub(crate) parent: Option<Parent>,
    /// How the warehouse was found; empty where all is read anew.
    pub(crate) before: State,
    pub(crate) now: State,
    /// The SHA-256 of each source in the snapshot before, where all is read anew.
    known: BTreeMap<String, Option<String>>,
    /// How each content was read that the journal had, or else the snapshot before, at its first source.
    held: Known,
    pub(crate) journal: Journal,
    /// The contents that the journal had when this began.
    resumed: BTreeSet<String>,
    /// The contents of which the rows are in the journal.
    pub(crate) fresh: BTreeSet<String>,
}

impl<'w> Update<'w> {
    pub(crate) fn begin(warehouse: &'w Warehouse, rebuild: bool) -> Result<Self, LoadError> {
        let root = warehouse.root();
        let parent = snapshot::parent(root)?;
        let id = snapshot::next(root)?;
        warehouse.clean(parent)?;
        let parent = parent.map(|id| Parent::read(root, id)).transpose()?;
        let (mut known, mut before) = (BTreeMap::new(), State::default());
        match &parent {
            Some(parent) if rebuild => known = read::sources(&parent.folder, &parent.manifest)?,
            Some(parent) => before = parent.documents(root)?,
            None => {}
        }
        let rules_version = reference::rules_version();
        let journal = Journal::open(root, rules_version)?;
        let mut held: HashMap<String, Arc<Document>> =
            journal.documents().map(|(id, document)| (id.clone(), Arc::clone(document))).collect();
        for document in before.documents.values() {
            if let Some(id) =
                document.document_id.as_ref().filter(|_| document.rules_version == rules_version)
            {
                held.entry(id.clone()).or_insert_with(|| Arc::clone(document));
            }
        }
        Ok(Self {
            resumed: journal.contents().cloned().collect(),
            journal,
            now: State { documents: before.documents.clone() },
            warehouse,
            id,
            parent,
            before,
            known,
            held: Known(Arc::new(held)),
            fresh: BTreeSet::new(),
        })
    }

    /// The snapshot that is followed, if there is one.
    pub fn before(&self) -> Option<SnapshotId> {
        self.parent.as_ref().map(|parent| parent.manifest.snapshot)
    }

    /// The sources that the next snapshot has, as things stand, by name.
    pub fn documents(&self) -> &BTreeMap<String, Arc<Document>> {
        &self.now.documents
    }

    /// How a content was read by the present rules, if it was: then it need not be read again, wherever it turns up.
    pub fn content(&self, document_id: &str) -> Option<&Document> {
        self.journal.content(document_id).or_else(|| self.held.content(document_id))
    }

    /// What was known when this began.
    pub fn known(&self) -> Known {
        self.held.clone()
    }

    /// Whether a content was read by an earlier run that has not published it.
    pub fn is_resumed(&self, document_id: &str) -> bool {
        self.resumed.contains(document_id)
    }

    /// The years of the forms of a content that waits to be published.
    pub fn years_of_new(&self, document_id: &str) -> Option<&[Option<i32>]> {
        self.journal.years_of(document_id)
    }

    /// Takes sources that were read, in the place of what the snapshot before has of them.
    ///
    /// # Errors
    /// If the rows cannot be written down in the warehouse's folder.
    pub fn add(&mut self, read: Vec<Read>) -> Result<(), LoadError> {
        let mut gathering = Gathering::default();
        let documents = read.into_iter().map(|Read { document, records }| {
            let held = records.as_ref().map(Held::of);
            if let Some((id, records)) = document.document_id.as_ref().zip(records) {
                gathering.add(id, &records);
            }
            (document, held)
        });
        let documents = documents.collect();
        self.take(documents, vec![gathering.finish()?])
    }

    /// As [`add`](Self::add), where the rows are columns already: each document with what it holds, or nothing if
    /// [`Update::content`] knew that already. Rows of other contents are let go of.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn take(
        &mut self,
        read: Vec<(Document, Option<Held>)>,
        gathered: Vec<Gathered>,
    ) -> Result<(), LoadError> {
        let mut contents = Vec::new();
        let mut documents = Vec::with_capacity(read.len());
        let mut ids = BTreeSet::new();
        for (document, held) in read {
            let document = Arc::new(document);
            if let Some((id, held)) = document.document_id.as_ref().zip(held)
                && self.journal.content(id).is_none()
                && ids.insert(id.clone())
            {
                contents.push((Arc::clone(&document), held.years));
            }
            documents.push(document);
        }
        if !contents.is_empty() {
            let mut sections = Sections::new();
            for mut gathered in gathered {
                // Two threads may have read the same content; it has its rows once.
                gathered.retain(|id| ids.contains(id))?;
                gathered.contents().for_each(|id| {
                    ids.remove(id);
                });
                for (name, batches) in gathered.into_sections() {
                    sections.entry(name).or_default().extend(batches);
                }
            }
            self.journal.add(contents, sections)?;
        }
        for document in documents {
            if let Some(id) = document.document_id.as_ref().filter(|id| self.journal.content(id).is_some()) {
                self.fresh.insert(id.clone());
            }
            self.now.documents.insert(document.source.clone(), document);
        }
        Ok(())
    }

    /// Leaves a source out of the next snapshot.
    pub fn remove(&mut self, source: &str) {
        self.now.documents.remove(source);
    }

    /// How the sources differ from those of the snapshot before.
    pub fn changes(&self) -> Changes {
        let is_same = |document: &Document| {
            self.before.documents.get(&document.source).is_some_and(|before| **before == *document)
        };
        let rebuilt = self.known.iter().map(|(source, sha256)| (source.as_str(), sha256.as_deref()));
        let before = self.before.documents.iter();
        let before = before.map(|(source, document)| (source.as_str(), document.sha256.as_deref()));
        Changes::between(
            &rebuilt.chain(before).collect(),
            self.now.documents.values().map(AsRef::as_ref),
            is_same,
        )
    }

    /// Puts all tables but `runs` together. Nobody sees them yet.
    ///
    /// # Errors
    /// If a file of the snapshot before cannot be read, or the disk refuses.
    pub fn stage(mut self, indicator_types: &[IndicatorType]) -> Result<Staged<'w>, LoadError> {
        self.tell_all_sources();
        let changes = self.changes();
        let mut stage = Stage::new(self.warehouse.root(), self.id, self.parent.take())?;
        stage.least = self.warehouse.least;
        stage.threads.clone_from(&self.warehouse.threads);
        let restated = stage_years(&self.before, &self.now, &self.journal, &self.fresh, &mut stage)?;
        restated.count(&mut self.now);
        stage_documents(&self.before, &self.now, &self.journal, &self.fresh, &restated, &mut stage)?;
        stage.flush()?;
        stage.add_checks(&restated.years)?;
        let mut types: Vec<&IndicatorType> = indicator_types.iter().collect();
        types.sort_by_key(|row| &row.indicator_code);
        stage.add(&types)?;
        stage.add_missing()?;
        Ok(Staged::new(self.warehouse, stage, changes, self.now, (self.journal, self.fresh)))
    }

    /// Stages the snapshot before as it is.
    pub(crate) fn stage_as_it_was(mut self) -> Result<Staged<'w>, LoadError> {
        let mut stage = Stage::new(self.warehouse.root(), self.id, self.parent.take())?;
        for file in stage.parent.clone().iter().flat_map(|parent| &parent.manifest.files) {
            if file.table != Run::TABLE {
                stage.link(file, file.from.clone())?;
            }
        }
        stage.add_missing()?;
        Ok(Staged::as_it_was(self.warehouse, stage, self.before))
    }

    /// A content that was read anew is told of at all of its sources.
    fn tell_all_sources(&mut self) {
        for document in self.now.documents.values_mut() {
            let Some(read) = document.document_id.as_ref().filter(|id| self.fresh.contains(*id)) else {
                continue;
            };
            let Some(read) = self.journal.content(read) else { continue };
            let told = Document {
                source: document.source.clone(),
                modified_at: document.modified_at,
                archive_size_bytes: document.archive_size_bytes,
                ..read.clone()
            };
            if **document != told {
                *document = Arc::new(told);
            }
        }
    }
}
