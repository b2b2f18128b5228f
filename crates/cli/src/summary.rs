//! What a run of `ingest` tells its operator at the end, as a text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use jixiao_load::{Changes, Published, SnapshotId, Tables};
use jixiao_model::Severity;
use jixiao_model::finding::catalogue;
use jixiao_model::record::Status;
use serde::Serialize;

use crate::source::Listing;
use crate::terminal::{BOLD, DIM, ERROR, WARNING, columns, cut, shown, styled};

/// How many documents of a kind are named in the text; the JSON names all.
const NAMED: usize = 20;

/// A run at a glance.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The snapshot that was published; nothing in a dry run.
    pub snapshot: Option<PublishedSnapshot>,
    /// How many documents have each status.
    pub documents: BTreeMap<&'static str, usize>,
    /// How many forms were found in each year, those without one last.
    pub forms: Vec<YearCount>,
    /// How many indicators were found.
    pub indicators: usize,
    /// How many findings there are of each code, the worst first.
    pub findings: Vec<FindingCount>,
    /// Documents that do not count as good, and why.
    pub not_parsed: Vec<NotParsed>,
    /// Files that were left out by their names.
    pub left_out: Vec<String>,
}

/// Where a snapshot is.
#[derive(Debug, Serialize)]
pub struct PublishedSnapshot {
    /// Its id.
    pub id: SnapshotId,
    /// Its folder.
    pub path: PathBuf,
    /// The SQL file that defines DuckDB's views.
    pub catalog: PathBuf,
    /// How many bytes its tables have.
    pub bytes: u64,
    /// Sources that the snapshot before did not have.
    pub new: u64,
    /// Sources with other bytes than in the snapshot before.
    pub changed: u64,
    /// Sources as in the snapshot before.
    pub unchanged: u64,
    /// Sources that only the snapshot before has.
    pub removed: u64,
}

/// The forms of a year.
#[derive(Debug, Serialize)]
pub struct YearCount {
    /// The year, or none.
    pub fiscal_year: Option<i32>,
    /// How many there are.
    pub count: usize,
}

/// The findings of a code.
#[derive(Debug, Serialize)]
pub struct FindingCount {
    /// How bad they are.
    pub severity: Severity,
    /// The code.
    pub code: &'static str,
    /// How many there are.
    pub count: usize,
    /// What it means.
    #[serde(skip)]
    meaning: &'static str,
}

/// A document that does not count as good.
#[derive(Debug, Serialize)]
pub struct NotParsed {
    /// The document.
    pub source: String,
    /// Its status.
    pub status: Status,
    /// Why.
    pub reason: String,
}

impl Summary {
    /// Sums up what was read, and what was published of it.
    pub fn new(tables: &Tables, listing: &Listing, published: Option<&(Published, Changes)>) -> Self {
        let forms = || tables.contents.values().flat_map(|content| &content.forms);
        let documents = Status::ALL.map(|status| {
            (status.as_str(), tables.documents.iter().filter(|document| document.status == status).count())
        });
        let mut years: BTreeMap<(bool, Option<i32>), usize> = BTreeMap::new();
        for records in forms() {
            let year = records.form.fiscal_year;
            *years.entry((year.is_none(), year)).or_default() += 1;
        }
        let not_parsed = tables.documents.iter().filter_map(|document| {
            let (source, status) = (document.source.clone(), document.status);
            Some(NotParsed { source, status, reason: document.reason.clone()? })
        });
        Self {
            snapshot: published.map(|(published, changes)| PublishedSnapshot {
                id: published.snapshot,
                path: published.path.clone(),
                catalog: published.catalog.clone(),
                bytes: published.tables.iter().map(|table| table.bytes).sum(),
                new: changes.new,
                changed: changes.changed,
                unchanged: changes.unchanged,
                removed: changes.removed,
            }),
            documents: documents.into(),
            forms: years
                .into_iter()
                .map(|((_, fiscal_year), count)| YearCount { fiscal_year, count })
                .collect(),
            indicators: forms().map(|records| records.indicators.len()).sum(),
            findings: findings(tables),
            not_parsed: not_parsed.collect(),
            left_out: listing.left_out.clone(),
        }
    }

    /// The summary for people.
    pub fn text(&self) -> String {
        let mut text = self.counts();
        if !self.findings.is_empty() {
            let rows: Vec<_> = self.findings.iter().map(FindingCount::row).collect();
            let _ = write!(text, "\n{}\n{}", styled(BOLD, "Findings"), columns(&rows, "  "));
        }
        for status in [Status::Unreadable, Status::Partial, Status::NoForms] {
            text += &self.documents_with(status);
        }
        match &self.snapshot {
            Some(snapshot) => text += &snapshot.text(),
            None => text += "\nNothing was written: this was a dry run.\n",
        }
        text
    }

    fn counts(&self) -> String {
        let by_status = self.documents.iter().filter(|(_, count)| **count > 0);
        let by_status: Vec<_> =
            by_status.map(|(status, count)| format!("{count} {}", status.replace('_', " "))).collect();
        let by_year: Vec<_> = self.forms.iter().map(YearCount::text).collect();
        let line = |name: &str, count: usize, more: &str| {
            vec![styled(BOLD, name), format!("{count:>6}"), styled(DIM, more)]
        };
        let left_out = match self.left_out.as_slice() {
            [] => String::new(),
            names => format!("; left out: {}", some(names.iter().map(|name| shown(name)))),
        };
        columns(
            &[
                line("Documents", self.documents.values().sum(), &(by_status.join(", ") + &left_out)),
                line("Forms", self.forms.iter().map(|year| year.count).sum(), &by_year.join(", ")),
                line("Indicators", self.indicators, ""),
                line(
                    "Findings",
                    self.findings.iter().map(|finding| finding.count).sum(),
                    &self.by_severity(),
                ),
            ],
            "",
        )
    }

    fn by_severity(&self) -> String {
        let counts = [Severity::Error, Severity::Warning, Severity::Info].map(|severity| {
            let of_it = self.findings.iter().filter(|finding| finding.severity == severity);
            (severity, of_it.map(|finding| finding.count).sum::<usize>())
        });
        let counts = counts.iter().filter(|(_, count)| *count > 0);
        counts
            .map(|(severity, count)| format!("{count} {}", severity.as_str()))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn documents_with(&self, status: Status) -> String {
        let all: Vec<_> = self.not_parsed.iter().filter(|document| document.status == status).collect();
        if all.is_empty() {
            return String::new();
        }
        let heading = match status {
            Status::Unreadable => styled(ERROR, "Could not be read"),
            Status::Partial => styled(WARNING, "Incomplete"),
            Status::NoForms | Status::Parsed => styled(BOLD, "Without forms"),
        };
        let row = |document: &&NotParsed| vec![cut(&shown(&document.source), 60), shown(&document.reason)];
        let rows: Vec<_> = all.iter().take(NAMED).map(row).collect();
        let more = match all.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(
                "  and {more} more: select source, reason from documents where status = '{}'\n",
                status.as_str()
            ),
        };
        format!("\n{heading}\n{}{more}", columns(&rows, "  "))
    }
}

impl PublishedSnapshot {
    fn text(&self) -> String {
        let Self { id, path, catalog, new, changed, unchanged, removed, bytes } = self;
        let mut text = format!(
            "\n{} {id}  {}  {}\n",
            styled(BOLD, "Snapshot"),
            shown(&path.display().to_string()),
            styled(
                DIM,
                format!(
                    "{:.1} kB; {new} new, {changed} changed, {unchanged} unchanged documents",
                    *bytes as f64 / 1e3
                )
            ),
        );
        if *removed > 0 {
            let note = format!(
                "{removed} documents of the snapshot before are not in this one: a run publishes what it read"
            );
            let _ = writeln!(text, "{}", styled(WARNING, note));
        }
        let _ = write!(
            text,
            "{}\n  duckdb -init {}\n  select 项目名称, 项目总预算_元 from 项目 order by 2 desc;\n",
            styled(BOLD, "Open it in DuckDB"),
            quoted(catalog),
        );
        text
    }
}

impl YearCount {
    fn text(&self) -> String {
        match self.fiscal_year {
            Some(year) => format!("{} in {year}", self.count),
            None => format!("{} without a year", self.count),
        }
    }
}

impl FindingCount {
    fn row(&self) -> Vec<String> {
        let severity = self.severity.as_str();
        let severity = match self.severity {
            Severity::Error => styled(ERROR, severity),
            Severity::Warning => styled(WARNING, severity),
            Severity::Info => severity.to_owned(),
        };
        vec![severity, self.code.to_owned(), format!("{:>6}", self.count), styled(DIM, self.meaning)]
    }
}

/// The findings of all documents by code, the worst and then the most frequent first.
fn findings(tables: &Tables) -> Vec<FindingCount> {
    let all = || tables.contents.values().flat_map(|content| &content.findings);
    let mut counts: Vec<_> = catalogue()
        .iter()
        .map(|entry| FindingCount {
            severity: entry.severity,
            code: &entry.code,
            count: all().filter(|finding| finding.code.as_str() == entry.code).count(),
            meaning: &entry.meaning,
        })
        .filter(|count| count.count > 0)
        .collect();
    counts.sort_by_key(|count| (count.severity, std::cmp::Reverse(count.count)));
    counts
}

/// The first of some names.
fn some(names: impl Iterator<Item = String>) -> String {
    let names: Vec<_> = names.collect();
    let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
    names[..names.len().min(5)].join(", ") + &more
}

/// A path as a word of a shell.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}
