//! What a run has read so far, on the disk: rows wait here until they are published.
//!
//! So memory does not grow with the number of documents, and a run that was stopped need not begin again: the next one
//! that reads by the same rules takes over what is here, content by content, after it has looked at each file's bytes
//! itself. A chunk is a folder that appears at once, by a rename. It is not written down to the disk, since it can always be
//! read again; so a loss of power may leave one of which files are empty or missing. It is taken over only if all its files
//! have the checksums that it tells of, and removed otherwise.
//!
//! What a small run has read is in memory as well, up to [`KEPT_BYTES`], so that it is not read from the disk again.
//!
//! ```text
//! .journal/<rules version>/000001/documents.arrow    a row for each content
//!                                 findings.arrow
//!                                 forms.2020.arrow   and so on, a file for each table and year
//!                                 files.json         the length and the CRC-32 of each
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use jixiao_model::dictionary::{Table, dictionary};
use jixiao_model::record::{Document, DocumentRecords, FindingRow, Form, FormCheck, FormRecords};

use serde::{Deserialize, Serialize};

use crate::batches::{Row, table_of};
use crate::read::columns::Rows;
use crate::{LoadError, arrow_file, disk, read, rows};

/// The folder in the warehouse.
const FOLDER: &str = ".journal";
/// The folder of a chunk until it is whole.
const UNFINISHED: &str = "unfinished";
/// The file with the checksums of a chunk's files.
const FILES: &str = "files.json";
/// How many bytes of rows are kept in memory beside the disk: as many as some hundred documents have.
const KEPT_BYTES: usize = 64 << 20;

/// What waits to be published.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    chunks: Vec<Chunk>,
    contents: BTreeMap<String, Content>,
    /// Rows that were not let go of, by their files, and how many bytes those have.
    kept: HashMap<PathBuf, RecordBatch>,
    kept_bytes: usize,
}

/// A content that was read.
#[derive(Debug)]
struct Content {
    /// How.
    document: Document,
    /// The chunk that has its rows.
    chunk: usize,
    /// The years of its forms.
    years: Vec<Option<i32>>,
}

/// Some documents that were read together.
#[derive(Debug)]
struct Chunk {
    folder: PathBuf,
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
            let is_whole = !path.ends_with(UNFINISHED) && is_whole(&path).unwrap_or(false);
            if !is_whole || journal.take_over(&path).is_err() {
                disk::remove(&path)?;
            }
        }
        Ok(journal)
    }

    fn take_over(&mut self, path: &Path) -> Result<(), LoadError> {
        let of_documents = path.join(file_name(Document::TABLE, None));
        let documents =
            arrow_file::decode(table_of::<Document>()?, &of_documents, &disk::bytes(&of_documents)?)?;
        let documents = read::documents_in(&Rows::new(&documents, &of_documents))?;
        let mut years: BTreeMap<Option<i32>, BTreeSet<String>> = BTreeMap::new();
        for file in disk::entries(path)? {
            if let Some(year) = year_of_forms(&file) {
                let forms = arrow_file::decode(table_of::<Form>()?, &file, &disk::bytes(&file)?)?;
                let ids = rows::texts(&file, &forms, "document_id")?.iter().flatten().map(str::to_owned);
                years.insert(year, ids.collect());
            }
        }
        self.register(path.to_owned(), &years, documents);
        Ok(())
    }

    /// How a content was read, if it is here.
    pub(crate) fn content(&self, document_id: &str) -> Option<&Document> {
        self.contents.get(document_id).map(|content| &content.document)
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
    pub(crate) fn add(&mut self, read: &[(Document, DocumentRecords)]) -> Result<(), LoadError> {
        let folder = self.folder.join(format!("{:06}", self.next()));
        let temporary = self.folder.join(UNFINISHED);
        if disk::exists(&temporary)? {
            disk::remove(&temporary)?;
        }
        disk::create_folder(&temporary)?;
        let mut files: BTreeMap<String, Checksum> = BTreeMap::new();
        let mut rows_of_files: Vec<(PathBuf, RecordBatch, usize)> = Vec::new();
        let mut write = |table: &Table, year: Option<Option<i32>>, rows: RecordBatch| {
            let name = file_name(&table.name, year);
            let bytes = arrow_file::encode(table, &rows)?;
            disk::write_soon(&temporary.join(&name), &bytes)?;
            rows_of_files.push((folder.join(&name), rows, bytes.len()));
            files.insert(name, Checksum::of(&bytes));
            Ok::<(), LoadError>(())
        };
        let findings: Vec<_> =
            read.iter().flat_map(|(_, records)| by(&records.findings, |row| row.finding_number)).collect();
        write(table_of::<FindingRow>()?, None, FindingRow::batch(&findings)?)?;

        let mut years: BTreeMap<Option<i32>, Vec<&FormRecords>> = BTreeMap::new();
        for (_, records) in read {
            for form in by(&records.forms, |records| records.form.form_number) {
                years.entry(form.form.fiscal_year).or_default().push(form);
            }
        }
        for (year, forms) in &years {
            for (table, rows) in tables_of(forms)? {
                write(table, Some(*year), rows)?;
            }
        }
        let documents: Vec<&Document> = read.iter().map(|(document, _)| document).collect();
        write(table_of::<Document>()?, None, Document::batch(&documents)?)?;
        let path = temporary.join(FILES);
        let json =
            serde_json::to_vec(&files).map_err(|source| LoadError::Json { path: path.clone(), source })?;
        disk::write_soon(&path, &json)?;
        disk::rename(&temporary, &folder)?;
        for (path, rows, bytes) in rows_of_files {
            if self.kept_bytes + bytes <= KEPT_BYTES {
                self.kept_bytes += bytes;
                self.kept.insert(path, rows);
            }
        }
        let documents = documents.into_iter().cloned().collect();
        let ids = |forms: Vec<&FormRecords>| forms.iter().map(|form| form.form.document_id.clone()).collect();
        let years = years.into_iter().map(|(year, forms)| (year, ids(forms))).collect();
        self.register(folder, &years, documents);
        Ok(())
    }

    fn next(&self) -> usize {
        let number = |chunk: &Chunk| chunk.folder.file_name()?.to_str()?.parse::<usize>().ok();
        self.chunks.iter().filter_map(number).max().unwrap_or(0) + 1
    }

    fn register(
        &mut self,
        folder: PathBuf,
        forms: &BTreeMap<Option<i32>, BTreeSet<String>>,
        documents: Vec<Document>,
    ) {
        let chunk = self.chunks.len();
        self.chunks.push(Chunk { folder, years: forms.keys().copied().collect() });
        for document in documents {
            if let Some(id) = document.document_id.clone() {
                let years =
                    forms.iter().filter(|(_, ids)| ids.contains(&id)).map(|(year, _)| *year).collect();
                self.contents.insert(id, Content { document, chunk, years });
            }
        }
    }

    /// The file with a content's rows of a table: of a year, if the table is parted by year.
    pub(crate) fn file(&self, document_id: &str, table: &Table, year: Option<i32>) -> Option<PathBuf> {
        let chunk = self.contents.get(document_id)?.chunk;
        let name = file_name(&table.name, table.partitioned_by.as_ref().map(|_| year));
        Some(self.chunks.get(chunk)?.folder.join(name))
    }

    /// The rows of a file of this table; nothing if it is none of the journal's.
    pub(crate) fn rows(&self, file: &Path, table: &Table) -> Result<Option<RecordBatch>, LoadError> {
        if let Some(rows) = self.kept.get(file) {
            return Ok(Some(rows.clone()));
        }
        if !file.starts_with(&self.folder) || !disk::exists(file)? {
            return Ok(None);
        }
        arrow_file::decode(table, file, &disk::bytes(file)?).map(Some)
    }

    /// The files of forms, with the year of each.
    pub(crate) fn forms(&self) -> impl Iterator<Item = (Option<i32>, PathBuf)> {
        self.chunks.iter().flat_map(|chunk| {
            let file = |year: &Option<i32>| (*year, chunk.folder.join(file_name(Form::TABLE, Some(*year))));
            chunk.years.iter().map(file)
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
                disk::remove(&chunk.folder)?;
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

/// What tells of a file whether it is whole. It is no guard against people who change it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Checksum {
    length: usize,
    crc32: u32,
}

impl Checksum {
    fn of(bytes: &[u8]) -> Self {
        Self { length: bytes.len(), crc32: crc32fast::hash(bytes) }
    }
}

/// Whether a chunk has the files that it tells of, as they were written.
fn is_whole(chunk: &Path) -> Result<bool, LoadError> {
    let path = chunk.join(FILES);
    let files: BTreeMap<String, Checksum> = serde_json::from_str(&disk::read(&path)?)
        .map_err(|source| LoadError::Json { path: path.clone(), source })?;
    for (name, checksum) in &files {
        if Checksum::of(&disk::bytes(&chunk.join(name))?) != *checksum {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The name of a file with rows of a table: of a year, if it is parted by year.
fn file_name(table: &str, year: Option<Option<i32>>) -> String {
    match year {
        Some(Some(year)) => format!("{table}.{year}.arrow"),
        Some(None) => format!("{table}.none.arrow"),
        None => format!("{table}.arrow"),
    }
}

/// The year of a file of forms.
fn year_of_forms(path: &Path) -> Option<Option<i32>> {
    let name = path.file_name()?.to_str()?;
    let year = name.strip_prefix("forms.")?.strip_suffix(".arrow")?;
    if year == "none" { Some(None) } else { year.parse().ok().map(Some) }
}

/// The rows of forms of one year, of each table that has any.
fn tables_of(forms: &[&FormRecords]) -> Result<Vec<(&'static Table, RecordBatch)>, LoadError> {
    let checks: Vec<FormCheck> = forms.iter().flat_map(|records| form_checks(records)).collect();
    let mut tables = Vec::new();
    table(&mut tables, &forms.iter().map(|records| &records.form).collect::<Vec<_>>())?;
    table(&mut tables, &rows(forms, |records| by(&records.indicators, |row| row.indicator_number)))?;
    table(&mut tables, &rows(forms, |records| by(&records.budget_lines, |row| row.line_number)))?;
    table(&mut tables, &rows(forms, |records| by(&records.fields, |row| row.field_number)))?;
    table(&mut tables, &rows(forms, |records| by(&records.citations, |row| row.citation_number)))?;
    table(&mut tables, &checks.iter().collect::<Vec<_>>())?;
    debug_assert_eq!(dictionary().tables.iter().filter(|table| table.partitioned_by.is_some()).count(), 6);
    Ok(tables)
}

fn table<T: Row>(tables: &mut Vec<(&'static Table, RecordBatch)>, rows: &[&T]) -> Result<(), LoadError> {
    if !rows.is_empty() {
        tables.push((table_of::<T>()?, T::batch(rows)?));
    }
    Ok(())
}

/// How the checks went on a form, each once, by code.
fn form_checks(records: &FormRecords) -> Vec<FormCheck> {
    let mut sums: BTreeMap<&str, FormCheck> = BTreeMap::new();
    for outcome in &records.checks {
        let none = FormCheck {
            form_id: records.form.form_id.clone(),
            code: outcome.code,
            fiscal_year: records.form.fiscal_year,
            applied: 0,
            passed: 0,
        };
        let sum = sums.entry(outcome.code.as_str()).or_insert(none);
        sum.applied += outcome.applied;
        sum.passed += outcome.passed;
    }
    sums.into_values().collect()
}

fn by<'a, T, K: Ord>(rows: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<&'a T> {
    let mut rows: Vec<&T> = rows.iter().collect();
    rows.sort_by_key(|row| key(row));
    rows
}

fn rows<'a, T>(forms: &[&'a FormRecords], of: impl Fn(&'a FormRecords) -> Vec<&'a T>) -> Vec<&'a T> {
    forms.iter().flat_map(|records| of(records)).collect()
}
