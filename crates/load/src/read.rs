//! The way back: what `jixiao status` tells of a warehouse, and the runs that the next snapshot carries on.
//!
//! Counts of rows come from the manifest; only the few columns that are counted by value are read.

pub(crate) mod columns;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use arrow_array::Array;
use jixiao_model::dictionary::dictionary;
use jixiao_model::record::{Check, Run, Status};
use jixiao_model::reference;
use serde::Serialize;

use crate::content::{ContentId, Sha256};
use crate::entries::{Entries, Entry, Parts, Readings, Words};
use crate::snapshot::{self, Manifest, ManifestFile, SnapshotId};
use crate::update::Parent;
use crate::{LoadError, disk};
use columns::Rows;

/// A warehouse at a glance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The current snapshot.
    pub snapshot: SnapshotId,
    /// The one before it.
    pub parent: Option<SnapshotId>,
    /// Its folder.
    pub path: PathBuf,
    /// The SQL file that defines DuckDB's views over it.
    pub catalog: PathBuf,
    /// The version of the program that wrote it.
    pub program_version: String,
    /// The version of the reference data and rules that the documents were read by.
    pub rules_version: String,
    /// The version of the dictionary.
    pub schema_version: u32,
    /// Its tables, in the order of the dictionary.
    pub tables: Vec<TableSummary>,
    /// How many documents have each status.
    pub documents: BTreeMap<String, u64>,
    /// By which rules the documents were read, those of this program last.
    pub rules: Vec<RulesCount>,
    /// How many findings there are of each severity and code, by code.
    pub findings: Vec<FindingCount>,
    /// How often each check applied and held, by code and year.
    pub checks: Vec<Check>,
    /// All runs, the oldest first.
    pub runs: Vec<Run>,
    /// All snapshots that there are, the oldest first.
    pub snapshots: Vec<SnapshotSummary>,
}

/// A snapshot that can be gone back to, or compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SnapshotSummary {
    /// Its id.
    pub id: SnapshotId,
    /// When it was published, in microseconds since 1970-01-01T00:00:00Z, where it says so.
    pub published_at: Option<i64>,
    /// How many documents it has.
    pub documents: u64,
    /// How many forms it has.
    pub forms: u64,
}

/// A table at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableSummary {
    /// Its name.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// How many files it has.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Its rows by year, rows without a year last; empty if the table is not parted by year.
    pub years: Vec<YearCount>,
}

/// The rows of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct YearCount {
    /// The year, or none.
    pub fiscal_year: Option<i32>,
    /// How many rows it has.
    pub rows: u64,
}

/// How many documents were read by a version of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RulesCount {
    /// The version.
    pub rules_version: String,
    /// How many documents were read by it.
    pub documents: u64,
    /// Whether this program, with the reference data that was added, has these rules.
    pub is_current: bool,
}

/// How many findings there are of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingCount {
    /// How bad they are.
    pub severity: String,
    /// Their code.
    pub code: String,
    /// How many there are.
    pub count: u64,
}

/// Reads what a warehouse holds.
///
/// # Errors
/// [`LoadError::NothingPublished`] if there is no snapshot; others if a file of it cannot be read.
pub fn summary(root: &Path) -> Result<Summary, LoadError> {
    let root = disk::absolute(root)?;
    let Some(id) = snapshot::current(&root)? else {
        return Err(LoadError::NothingPublished { root });
    };
    let manifest = Manifest::read(&root, id)?;
    let path = snapshot::folder(&root, id);
    let rules = counts(&path, &manifest, "documents", ["rules_version"])?.into_iter();
    let rules = rules.map(|([rules_version], documents)| RulesCount {
        is_current: rules_version == reference::rules_version(),
        rules_version,
        documents,
    });
    let (current, mut rules): (Vec<_>, Vec<_>) = rules.partition(|rules| rules.is_current);
    rules.extend(current);
    let documents = counts(&path, &manifest, "documents", ["status"])?;
    Ok(Summary {
        documents: documents.into_iter().map(|([status], count)| (status, count)).collect(),
        rules,
        findings: findings_by_code(&path, &manifest)?,
        checks: checks(&path, &manifest)?,
        runs: runs(&path, &manifest)?,
        snapshots: snapshots(&root)?,
        tables: dictionary().tables.iter().map(|table| table_summary(&table.name, &manifest)).collect(),
        snapshot: id,
        parent: manifest.parent,
        catalog: root.join("catalog.sql"),
        program_version: manifest.program_version,
        rules_version: manifest.rules_version,
        schema_version: manifest.schema_version,
        path,
    })
}

/// Hands on the documents in a file of that table.
pub(crate) fn entries(
    path: &Path,
    readings: &mut Readings,
    each: &mut impl FnMut(Entry),
) -> Result<(), LoadError> {
    columns::in_file(path, &[], |rows| entries_in(rows, readings, each))
}

/// Hands on the documents of a batch.
pub(crate) fn entries_in(
    rows: &Rows<'_>,
    readings: &mut Readings,
    each: &mut impl FnMut(Entry),
) -> Result<(), LoadError> {
    let [source, document_id, sha256] = ["source", "document_id", "sha256"].map(|name| rows.texts(name));
    let (source, document_id, sha256) = (source?, document_id?, sha256?);
    let (size_bytes, archive_size_bytes) = (rows.counts("size_bytes")?, rows.counts("archive_size_bytes")?);
    let modified_at = rows.timestamps("modified_at")?;
    let [format, encoding, evidence] =
        ["format", "encoding", "encoding_evidence"].map(|name| rows.texts(name));
    let (format, encoding, evidence) = (format?, encoding?, evidence?);
    let [status, reason, rules_version] = ["status", "reason", "rules_version"].map(|name| rows.texts(name));
    let (status, reason, rules_version) = (status?, reason?, rules_version?);
    let [replacements, forms, findings] =
        ["replacement_count", "form_count", "finding_count"].map(|name| rows.counts(name));
    let (replacements, forms, findings) = (replacements?, forms?, findings?);
    let narrow = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    for row in 0..rows.len() {
        let status = status.value(row)?;
        let status = Status::ALL
            .into_iter()
            .find(|known| known.as_str() == status)
            .ok_or_else(|| rows.foreign_value("status", "a status of a document", status.to_owned()))?;
        let parts = Parts {
            source: source.value(row)?,
            sha256: content(rows, document_id.optional(row), sha256.optional(row))?,
            size_bytes: size_bytes.optional(row)?,
            modified_at: modified_at.is_valid(row).then(|| modified_at.value(row)),
            archive_size_bytes: archive_size_bytes.optional(row)?,
            form_count: narrow(forms.value(row)?),
            finding_count: narrow(findings.value(row)?),
            words: Words {
                format: format.optional(row),
                encoding: encoding.optional(row),
                encoding_evidence: evidence.optional(row),
                replacement_count: replacements.value(row)?,
                status,
                reason: reason.optional(row),
                rules_version: rules_version.value(row)?,
            },
        };
        each(Entry::new(&parts, readings));
    }
    Ok(())
}

/// The hash of a content, which says its id too.
fn content(
    rows: &Rows<'_>,
    document_id: Option<&str>,
    sha256: Option<&str>,
) -> Result<Option<Sha256>, LoadError> {
    let foreign = |name, expected, found: Option<&str>| {
        rows.foreign_value(name, expected, found.unwrap_or("NULL").to_owned())
    };
    let parse = |text| Sha256::parse(text).ok_or_else(|| foreign("sha256", "64 hex digits", sha256));
    let hash = sha256.map(parse).transpose()?;
    if document_id.map(ContentId::parse) == hash.map(|hash| Some(hash.content())) {
        Ok(hash)
    } else {
        Err(foreign("document_id", "the beginning of `sha256`", document_id))
    }
}

/// The sums of the checks of a snapshot.
pub(crate) fn checks(folder: &Path, manifest: &Manifest) -> Result<Vec<Check>, LoadError> {
    let files = manifest.files.iter().filter(|file| file.table == "checks");
    let checks = files.map(|file| checks_in(&folder.join(&file.path))).collect::<Result<Vec<_>, _>>()?;
    Ok(checks.concat())
}

/// The sums of the checks in a file of that table.
pub(crate) fn checks_in(path: &Path) -> Result<Vec<Check>, LoadError> {
    let mut checks = Vec::new();
    columns::in_file(path, &[], |rows| {
        for row in 0..rows.len() {
            checks.push(Check {
                code: rows.text("code", row)?,
                fiscal_year: rows.optional_int32("fiscal_year", row)?,
                applied: rows.count("applied", row)?,
                passed: rows.count("passed", row)?,
            });
        }
        Ok(())
    })?;
    Ok(checks)
}

/// A source with its SHA-256, as far as it is known.
pub(crate) type Hashed = (Box<str>, Option<Sha256>);

/// The sources of a snapshot in their order, each with its SHA-256 as far as it is known.
pub(crate) fn sources(folder: &Path, manifest: &Manifest) -> Result<Vec<Hashed>, LoadError> {
    let mut sources: Vec<Hashed> = Vec::new();
    columns::for_each_batch(folder, manifest, "documents", &["source", "sha256"], |rows| {
        let (source, sha256) = (rows.texts("source")?, rows.texts("sha256")?);
        for row in 0..rows.len() {
            sources.push((source.value(row)?.into(), sha256.optional(row).and_then(Sha256::parse)));
        }
        Ok(())
    })?;
    sources.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(sources)
}

/// The documents of the current snapshot, by source; none if there is no snapshot.
///
/// # Errors
/// If it cannot be read, or was laid out by another version.
pub fn documents_of_current(root: &Path) -> Result<Entries, LoadError> {
    let root = disk::absolute(root)?;
    match snapshot::parent(&root)? {
        Some(id) => Parent::read(&root, id)?.documents(&root, &mut Readings::default()),
        None => Ok(Entries::default()),
    }
}

/// The contents of the current snapshot that have a form of one of these years.
///
/// # Errors
/// If it cannot be read.
pub fn contents_of_years(root: &Path, years: &RangeInclusive<i32>) -> Result<BTreeSet<String>, LoadError> {
    let root = disk::absolute(root)?;
    let mut contents = BTreeSet::new();
    if let Some(id) = snapshot::parent(&root)? {
        let (folder, manifest) = (snapshot::folder(&root, id), Manifest::read(&root, id)?);
        let is_of = |file: &&ManifestFile| file.year().flatten().is_some_and(|year| years.contains(&year));
        for file in manifest.files.iter().filter(|file| file.table == "forms").filter(is_of) {
            columns::in_file(&folder.join(&file.path), &["document_id"], |rows| {
                for row in 0..rows.len() {
                    contents.insert(rows.text("document_id", row)?);
                }
                Ok(())
            })?;
        }
    }
    Ok(contents)
}

/// All runs that the current snapshot knows of.
///
/// # Errors
/// If they cannot be read.
pub fn runs_of_current(root: &Path) -> Result<Vec<Run>, LoadError> {
    let root = disk::absolute(root)?;
    match snapshot::parent(&root)? {
        Some(id) => runs(&snapshot::folder(&root, id), &Manifest::read(&root, id)?),
        None => Ok(Vec::new()),
    }
}

/// The snapshot that the next one would follow, without a look into its tables; nothing if there is none.
///
/// # Errors
/// If it cannot be read, or was laid out by another version.
pub fn followed(root: &Path) -> Result<Option<SnapshotId>, LoadError> {
    let root = disk::absolute(root)?;
    let Some(id) = snapshot::parent(&root)? else { return Ok(None) };
    Parent::read(&root, id)?.is_ours(&root)?;
    Ok(Some(id))
}

fn snapshots(root: &Path) -> Result<Vec<SnapshotSummary>, LoadError> {
    let mut snapshots = Vec::new();
    for id in snapshot::all(root)? {
        if snapshot::is_whole(root, id)? {
            let manifest = Manifest::read(root, id)?;
            let rows = |table: &str| {
                manifest.files.iter().filter(|file| file.table == table).map(|file| file.rows).sum()
            };
            let (documents, forms) = (rows("documents"), rows("forms"));
            snapshots.push(SnapshotSummary { id, published_at: manifest.published_at, documents, forms });
        }
    }
    Ok(snapshots)
}

fn table_summary(table: &str, manifest: &Manifest) -> TableSummary {
    let files: Vec<&ManifestFile> = manifest.files.iter().filter(|file| file.table == table).collect();
    let mut years: BTreeMap<(bool, Option<i32>), u64> = BTreeMap::new();
    for file in &files {
        if let Some(partition) = file.path.split('/').find_map(|part| part.split_once('=')) {
            let year = partition.1.parse().ok();
            *years.entry((year.is_none(), year)).or_default() += file.rows;
        }
    }
    TableSummary {
        table: table.to_owned(),
        rows: files.iter().map(|file| file.rows).sum(),
        files: files.len() as u64,
        bytes: files.iter().map(|file| file.bytes).sum(),
        years: years.into_iter().map(|((_, fiscal_year), rows)| YearCount { fiscal_year, rows }).collect(),
    }
}

fn findings_by_code(folder: &Path, manifest: &Manifest) -> Result<Vec<FindingCount>, LoadError> {
    let counts = counts(folder, manifest, "findings", ["code", "severity"])?;
    Ok(counts.into_iter().map(|([code, severity], count)| FindingCount { severity, code, count }).collect())
}

/// How many rows of a table have each combination of values in these columns.
fn counts<const N: usize>(
    folder: &Path,
    manifest: &Manifest,
    table: &str,
    names: [&str; N],
) -> Result<BTreeMap<[String; N], u64>, LoadError> {
    let mut counts = BTreeMap::new();
    columns::for_each_batch(folder, manifest, table, &names, |rows| {
        for row in 0..rows.len() {
            let mut values = [const { String::new() }; N];
            for (value, name) in values.iter_mut().zip(names) {
                *value = rows.text(name, row)?;
            }
            *counts.entry(values).or_default() += 1;
        }
        Ok(())
    })?;
    Ok(counts)
}

/// The runs of a snapshot, in the order of the table.
pub(crate) fn runs(folder: &Path, manifest: &Manifest) -> Result<Vec<Run>, LoadError> {
    let mut runs = Vec::new();
    columns::for_each_batch(folder, manifest, "runs", &[], |rows| {
        for row in 0..rows.len() {
            runs.push(run(rows, row)?);
        }
        Ok(())
    })?;
    Ok(runs)
}

fn run(rows: &Rows<'_>, row: usize) -> Result<Run, LoadError> {
    Ok(Run {
        run_id: rows.text("run_id", row)?,
        kind: rows.text("kind", row)?,
        pipeline: rows.optional_text("pipeline", row)?,
        started_at: rows.timestamp("started_at", row)?,
        finished_at: rows.timestamp("finished_at", row)?,
        outcome: rows.text("outcome", row)?,
        version: rows.text("version", row)?,
        rules_version: rows.text("rules_version", row)?,
        documents_seen: rows.count("documents_seen", row)?,
        documents_new: rows.count("documents_new", row)?,
        documents_changed: rows.count("documents_changed", row)?,
        documents_unchanged: rows.count("documents_unchanged", row)?,
        documents_removed: rows.count("documents_removed", row)?,
        documents_unreadable: rows.count("documents_unreadable", row)?,
        form_count: rows.count("form_count", row)?,
        indicator_count: rows.count("indicator_count", row)?,
        finding_count: rows.count("finding_count", row)?,
    })
}
