//! What a run has read so far, on the disk: rows wait here until they are published.
//!
//! So memory does not grow with the number of documents, and a run that was stopped need not begin again: the next one
//! that reads by the same rules takes over what is here, content by content, after it has looked at each file's bytes
//! itself. A chunk is a folder that appears at once, by a rename. It is not written down to the disk, since it can always be
//! read again; so a loss of power may leave one of which files are empty or missing. It is taken over only if all its files
//! have the hashes that it tells of, and removed otherwise.
//!
//! ```text
//! .journal/<rules version>/000001/documents.parquet    a row for each content
//!                                 findings.parquet
//!                                 forms.2020.parquet   and so on, a file for each table and year
//!                                 files.json           the SHA-256 of each
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jixiao_model::dictionary::{Table, dictionary};
use jixiao_model::hash;
use jixiao_model::record::{Document, DocumentRecords, FormCheck, FormRecords};

use crate::batches::{Row, table_of};
use crate::{LoadError, disk, parquet_file, read, rows};

/// The folder in the warehouse.
const FOLDER: &str = ".journal";
/// The folder of a chunk until it is whole.
const UNFINISHED: &str = "unfinished";
/// The file with the hashes of a chunk's files.
const FILES: &str = "files.json";

/// What waits to be published.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    chunks: Vec<Chunk>,
    contents: BTreeMap<String, Content>,
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
        let mut journal = Self { chunks: Vec::new(), contents: BTreeMap::new(), folder };
        for path in disk::entries(&journal.folder)? {
            let is_whole = !path.ends_with(UNFINISHED) && is_whole(&path).unwrap_or(false);
            if !is_whole || journal.take_over(&path).is_err() {
                disk::remove(&path)?;
            }
        }
        Ok(journal)
    }

    fn take_over(&mut self, path: &Path) -> Result<(), LoadError> {
        let documents = read::documents(&path.join("documents.parquet"))?;
        let mut years: BTreeMap<Option<i32>, BTreeSet<String>> = BTreeMap::new();
        for file in disk::entries(path)? {
            if let Some(year) = year_of_forms(&file) {
                let forms = rows::read(&file, &["document_id"])?;
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
        let mut hashes: BTreeMap<String, String> = BTreeMap::new();
        let mut write = |name: String, file: parquet_file::ParquetFile| {
            let name = format!("{name}.parquet");
            disk::write_soon(&temporary.join(&name), &file.bytes)?;
            hashes.insert(name, file.sha256);
            Ok::<(), LoadError>(())
        };
        let findings: Vec<_> =
            read.iter().flat_map(|(_, records)| by(&records.findings, |row| row.finding_number)).collect();
        write("findings".to_owned(), parquet_file::encode_lightly(&findings)?)?;

        let mut years: BTreeMap<Option<i32>, Vec<&FormRecords>> = BTreeMap::new();
        for (_, records) in read {
            for form in by(&records.forms, |records| records.form.form_number) {
                years.entry(form.form.fiscal_year).or_default().push(form);
            }
        }
        for (year, forms) in &years {
            for (table, file) in files_of(forms)? {
                write(format!("{}.{}", table.name, year_name(*year)), file)?;
            }
        }
        let documents: Vec<&Document> = read.iter().map(|(document, _)| document).collect();
        write("documents".to_owned(), parquet_file::encode_lightly(&documents)?)?;
        let path = temporary.join(FILES);
        let json =
            serde_json::to_vec(&hashes).map_err(|source| LoadError::Json { path: path.clone(), source })?;
        disk::write_soon(&path, &json)?;
        disk::rename(&temporary, &folder)?;
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
        let name = match table.partitioned_by {
            Some(_) => format!("{}.{}.parquet", table.name, year_name(year)),
            None => format!("{}.parquet", table.name),
        };
        Some(self.chunks.get(chunk)?.folder.join(name))
    }

    /// The files of forms, with the year of each.
    pub(crate) fn forms(&self) -> impl Iterator<Item = (Option<i32>, PathBuf)> {
        self.chunks.iter().flat_map(|chunk| {
            let file = |year: &Option<i32>| {
                (*year, chunk.folder.join(format!("forms.{}.parquet", year_name(*year))))
            };
            chunk.years.iter().map(file)
        })
    }

    /// Removes everything: it was published.
    pub(crate) fn clear(root: &Path) -> Result<(), LoadError> {
        let folder = root.join(FOLDER);
        if disk::exists(&folder)? { disk::remove(&folder) } else { Ok(()) }
    }
}

/// Whether a chunk has the files that it tells of, as they were written.
fn is_whole(chunk: &Path) -> Result<bool, LoadError> {
    let path = chunk.join(FILES);
    let hashes: BTreeMap<String, String> = serde_json::from_str(&disk::read(&path)?)
        .map_err(|source| LoadError::Json { path: path.clone(), source })?;
    for (name, sha256) in &hashes {
        if hash::sha256(&disk::read_bytes(&chunk.join(name))?) != *sha256 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn year_name(year: Option<i32>) -> String {
    year.map_or("none".to_owned(), |year| year.to_string())
}

/// The year of a file of forms.
fn year_of_forms(path: &Path) -> Option<Option<i32>> {
    let name = path.file_name()?.to_str()?;
    let year = name.strip_prefix("forms.")?.strip_suffix(".parquet")?;
    if year == "none" { Some(None) } else { year.parse().ok().map(Some) }
}

/// The rows of forms of one year, a file for each table that has any.
fn files_of(forms: &[&FormRecords]) -> Result<Vec<(&'static Table, parquet_file::ParquetFile)>, LoadError> {
    let checks: Vec<FormCheck> = forms.iter().flat_map(|records| form_checks(records)).collect();
    let mut files = Vec::new();
    file(&mut files, &forms.iter().map(|records| &records.form).collect::<Vec<_>>())?;
    file(&mut files, &rows(forms, |records| by(&records.indicators, |row| row.indicator_number)))?;
    file(&mut files, &rows(forms, |records| by(&records.budget_lines, |row| row.line_number)))?;
    file(&mut files, &rows(forms, |records| by(&records.fields, |row| row.field_number)))?;
    file(&mut files, &rows(forms, |records| by(&records.citations, |row| row.citation_number)))?;
    file(&mut files, &checks.iter().collect::<Vec<_>>())?;
    debug_assert_eq!(dictionary().tables.iter().filter(|table| table.partitioned_by.is_some()).count(), 6);
    Ok(files)
}

fn file<T: Row>(
    files: &mut Vec<(&'static Table, parquet_file::ParquetFile)>,
    rows: &[&T],
) -> Result<(), LoadError> {
    if !rows.is_empty() {
        files.push((table_of::<T>()?, parquet_file::encode_lightly(rows)?));
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
