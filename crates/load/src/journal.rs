//! What a run has read so far, on the disk: rows wait here until they are published.
//!
//! So memory does not grow with the number of documents, and a run that was stopped need not begin again: the next one
//! that reads by the same rules takes over what is here, content by content, after it has looked at each file's bytes
//! itself. A [`chunk`] is a file, `.journal/<rules version>/000001.arrow`, that appears at once, by a rename. It is not
//! written down to the disk, since it can always be read again; so a loss of power may leave one that is incomplete. It is
//! taken over only if its checksums say that it is whole, and removed otherwise.
//!
//! What a small run has read is in memory as well, up to [`KEPT_BYTES`], so that it is not read from the disk again.

mod chunk;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use chunk::Sections;
use jixiao_model::dictionary::{Table, dictionary};
use jixiao_model::record::{
    CheckOutcome, Document, DocumentRecords, FindingRow, Form, FormCheck, FormRecords,
};

use crate::batches::{Row, table_of};
use crate::read::columns::Rows;
use crate::{LoadError, disk, read, rows};

/// The folder in the warehouse.
const FOLDER: &str = ".journal";
/// The file of a chunk until it is whole.
const UNFINISHED: &str = "unfinished";
/// How many bytes of rows are kept in memory beside the disk: as many as some hundred documents have.
const KEPT_BYTES: usize = 64 << 20;

/// What waits to be published.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    chunks: Vec<Chunk>,
    contents: BTreeMap<String, Content>,
    /// Rows that are in memory too, by their places, and how many bytes they have.
    kept: HashMap<PathBuf, RecordBatch>,
    kept_bytes: usize,
}

/// A content that was read.
#[derive(Debug)]
struct Content {
    /// How; the row is shared with those that are to be published.
    document: Arc<Document>,
    /// The chunk that has its rows.
    chunk: usize,
    /// The years of its forms.
    years: Vec<Option<i32>>,
}

/// Some documents that were read together.
#[derive(Debug)]
struct Chunk {
    path: PathBuf,
    sections: Sections,
    /// The years of its forms.
    years: Vec<Option<i32>>,
}

impl Journal {
    /// What an earlier run has left that read by these rules; what was read by others is removed.
    pub(crate) fn open(root: &Path, rules_version: &str) -> Result<Self, LoadError> {
        let all = root.join(FOLDER);
        let folder = all.join(rules_version);
        for path in disk::entries(&all)?.into_iter().filter(|path| *path != folder) {
            disk::remove(&path)?;
        }
        let mut journal = Self {
            chunks: Vec::new(),
            contents: BTreeMap::new(),
            kept: HashMap::new(),
            kept_bytes: 0,
            folder,
        };
        for path in disk::entries(&journal.folder)? {
            let is_finished = !path.ends_with(UNFINISHED);
            let sections = is_finished.then(|| chunk::whole(&path).ok().flatten()).flatten();
            if sections.is_none_or(|sections| journal.take_over(&path, sections).is_err()) {
                disk::remove(&path)?;
            }
        }
        Ok(journal)
    }

    fn take_over(&mut self, path: &Path, sections: Sections) -> Result<(), LoadError> {
        let mut documents = Vec::new();
        let mut years: BTreeMap<Option<i32>, BTreeSet<String>> = BTreeMap::new();
        for (name, section) in &sections {
            if *name == section_name(Document::TABLE, None) {
                let batch = chunk::rows(path, section, table_of::<Document>()?)?;
                documents = read::documents_in(&Rows::new(&batch, path))?;
            } else if let Some(year) = year_of_forms(name) {
                let forms = chunk::rows(path, section, table_of::<Form>()?)?;
                let ids = rows::texts(path, &forms, "document_id")?.iter().flatten().map(str::to_owned);
                years.insert(year, ids.collect());
            }
        }
        self.register(path.to_owned(), sections, &years, documents.into_iter().map(Arc::new));
        Ok(())
    }

    /// How a content was read, if it is here.
    pub(crate) fn content(&self, document_id: &str) -> Option<&Document> {
        self.contents.get(document_id).map(|content| content.document.as_ref())
    }

    /// How each content that is here was read.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (&String, &Arc<Document>)> {
        self.contents.iter().map(|(id, content)| (id, &content.document))
    }

    /// All contents that are here.
    pub(crate) fn contents(&self) -> impl Iterator<Item = &String> {
        self.contents.keys()
    }

    /// The years of a content's forms, if it is here.
    pub(crate) fn years_of(&self, document_id: &str) -> Option<&[Option<i32>]> {
        self.contents.get(document_id).map(|content| content.years.as_slice())
    }

    /// Writes down what was read of some contents.
    pub(crate) fn add(&mut self, read: &[(Arc<Document>, DocumentRecords)]) -> Result<(), LoadError> {
        let path = self.folder.join(format!("{:06}.arrow", self.next()));
        let temporary = self.folder.join(UNFINISHED);
        disk::create_folder(&self.folder)?;
        if disk::exists(&temporary)? {
            disk::remove(&temporary)?;
        }
        let mut writer = chunk::Writer::create(&temporary)?;
        let mut add = |table: &Table, year: Option<Option<i32>>, rows: RecordBatch| {
            let name = section_name(&table.name, year);
            let place = path.join(&name);
            let bytes = writer.add(name, table, &rows)?;
            if self.kept_bytes + bytes <= KEPT_BYTES {
                self.kept_bytes += bytes;
                self.kept.insert(place, rows);
            }
            Ok::<(), LoadError>(())
        };
        let contents = || read.iter().map(|(_, records)| records);
        let findings = in_order(contents().map(|records| &records.findings), |row| row.finding_number);
        add(table_of::<FindingRow>()?, None, FindingRow::batch(&findings)?)?;

        let mut years: BTreeMap<Option<i32>, Vec<&FormRecords>> = BTreeMap::new();
        for form in in_order(contents().map(|records| &records.forms), |records| records.form.form_number) {
            years.entry(form.form.fiscal_year).or_default().push(form);
        }
        for (year, forms) in &years {
            add_forms(forms, &mut |table, rows| add(table, Some(*year), rows))?;
        }
        let documents: Vec<&Document> = read.iter().map(|(document, _)| document.as_ref()).collect();
        add(table_of::<Document>()?, None, Document::batch(&documents)?)?;
        let sections = writer.finish()?;
        disk::rename(&temporary, &path)?;
        let ids = |forms: Vec<&FormRecords>| forms.iter().map(|form| form.form.document_id.clone()).collect();
        let years = years.into_iter().map(|(year, forms)| (year, ids(forms))).collect();
        self.register(path, sections, &years, read.iter().map(|(document, _)| Arc::clone(document)));
        Ok(())
    }

    fn next(&self) -> usize {
        let number = |chunk: &Chunk| chunk.path.file_stem()?.to_str()?.parse::<usize>().ok();
        self.chunks.iter().filter_map(number).max().unwrap_or(0) + 1
    }

    fn register(
        &mut self,
        path: PathBuf,
        sections: Sections,
        forms: &BTreeMap<Option<i32>, BTreeSet<String>>,
        documents: impl Iterator<Item = Arc<Document>>,
    ) {
        let chunk = self.chunks.len();
        self.chunks.push(Chunk { path, sections, years: forms.keys().copied().collect() });
        for document in documents {
            if let Some(id) = document.document_id.clone() {
                let years =
                    forms.iter().filter(|(_, ids)| ids.contains(&id)).map(|(year, _)| *year).collect();
                self.contents.insert(id, Content { document, chunk, years });
            }
        }
    }

    /// The place of a content's rows of a table, if it has any: of a year, if the table is parted by year. It is the path
    /// of a chunk with the name of a section behind it.
    pub(crate) fn place(&self, document_id: &str, table: &Table, year: Option<i32>) -> Option<PathBuf> {
        let chunk = self.chunks.get(self.contents.get(document_id)?.chunk)?;
        let name = section_name(&table.name, table.partitioned_by.as_ref().map(|_| year));
        chunk.sections.contains_key(&name).then(|| chunk.path.join(name))
    }

    /// The rows of this table at a place; nothing if it is none of the journal's.
    pub(crate) fn rows(&self, place: &Path, table: &Table) -> Result<Option<RecordBatch>, LoadError> {
        if let Some(rows) = self.kept.get(place) {
            return Ok(Some(rows.clone()));
        }
        let chunk = place.parent().and_then(|path| self.chunks.iter().find(|chunk| chunk.path == path));
        let name = place.file_name().and_then(|name| name.to_str());
        match chunk.zip(name).and_then(|(chunk, name)| Some((chunk, chunk.sections.get(name)?))) {
            Some((chunk, section)) => chunk::rows(&chunk.path, section, table).map(Some),
            None => Ok(None),
        }
    }

    /// The places of forms, with the year of each.
    pub(crate) fn forms(&self) -> impl Iterator<Item = (Option<i32>, PathBuf)> {
        self.chunks.iter().flat_map(|chunk| {
            let place = |year: &Option<i32>| (*year, chunk.path.join(section_name(Form::TABLE, Some(*year))));
            chunk.years.iter().map(place)
        })
    }

    /// Removes the chunks of which all contents were published. Others wait on: a backfill that was stopped does not begin
    /// again because a night came between.
    pub(crate) fn clear(self, root: &Path, published: &BTreeSet<String>) -> Result<(), LoadError> {
        let waiting: BTreeSet<usize> = self
            .contents
            .iter()
            .filter(|(id, _)| !published.contains(*id))
            .map(|(_, content)| content.chunk)
            .collect();
        for (index, chunk) in self.chunks.iter().enumerate() {
            if !waiting.contains(&index) {
                disk::remove(&chunk.path)?;
            }
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

/// The name of a section with rows of a table: of a year, if it is parted by year.
fn section_name(table: &str, year: Option<Option<i32>>) -> String {
    match year {
        Some(Some(year)) => format!("{table}.{year}"),
        Some(None) => format!("{table}.none"),
        None => table.to_owned(),
    }
}

/// The year of a section of forms.
fn year_of_forms(name: &str) -> Option<Option<i32>> {
    let year = name.strip_prefix("forms.")?;
    if year == "none" { Some(None) } else { year.parse().ok().map(Some) }
}

/// Adds the rows of forms of one year, of each table that has any.
fn add_forms(
    forms: &[&FormRecords],
    add: &mut impl FnMut(&Table, RecordBatch) -> Result<(), LoadError>,
) -> Result<(), LoadError> {
    fn table<T: Row>(
        rows: &[&T],
        add: &mut impl FnMut(&Table, RecordBatch) -> Result<(), LoadError>,
    ) -> Result<(), LoadError> {
        if rows.is_empty() { Ok(()) } else { add(table_of::<T>()?, T::batch(rows)?) }
    }
    let checks: Vec<FormCheck> = forms.iter().flat_map(|records| form_checks(records)).collect();
    let of = || forms.iter().copied();
    table(&of().map(|records| &records.form).collect::<Vec<_>>(), add)?;
    table(&in_order(of().map(|records| &records.indicators), |row| row.indicator_number), add)?;
    table(&in_order(of().map(|records| &records.budget_lines), |row| row.line_number), add)?;
    table(&in_order(of().map(|records| &records.fields), |row| row.field_number), add)?;
    table(&in_order(of().map(|records| &records.citations), |row| row.citation_number), add)?;
    table(&checks.iter().collect::<Vec<_>>(), add)?;
    debug_assert_eq!(dictionary().tables.iter().filter(|table| table.partitioned_by.is_some()).count(), 6);
    Ok(())
}

/// How the checks went on a form, each once, by code.
fn form_checks(records: &FormRecords) -> Vec<FormCheck> {
    let mut sums: Vec<FormCheck> = Vec::with_capacity(records.checks.len());
    let mut outcomes: Vec<&CheckOutcome> = records.checks.iter().collect();
    outcomes.sort_unstable_by_key(|outcome| outcome.code.as_str());
    for outcome in outcomes {
        match sums.last_mut().filter(|sum| sum.code == outcome.code) {
            Some(sum) => {
                sum.applied += outcome.applied;
                sum.passed += outcome.passed;
            }
            None => sums.push(FormCheck {
                form_id: Arc::clone(&records.form.form_id),
                code: outcome.code,
                fiscal_year: records.form.fiscal_year,
                applied: outcome.applied,
                passed: outcome.passed,
            }),
        }
    }
    sums
}

/// The rows of one after another, those of each by their numbers, in which order they are already but in tests.
fn in_order<'a, T>(each: impl Iterator<Item = &'a Vec<T>>, number: impl Fn(&T) -> u32) -> Vec<&'a T> {
    let mut all: Vec<&T> = Vec::new();
    for rows in each {
        let begin = all.len();
        all.extend(rows);
        if !rows.is_sorted_by_key(&number)
            && let Some(added) = all.get_mut(begin..)
        {
            added.sort_by_key(|row| number(row));
        }
    }
    all
}
