//! What a run of `ingest` tells its operator at the end, as a text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use jixiao_load::{Changes, Published, SnapshotId};
use jixiao_model::record::Status;
use jixiao_model::{FindingCode, Severity};
use serde::Serialize;

use crate::source::Listing;
use crate::tally::Tally;
use crate::terminal::{BOLD, DIM, ERROR, WARNING, columns, cut, shown, styled};

/// How many documents of a kind are named in the text; the JSON names all.
const NAMED: usize = 20;

/// A run at a glance.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The snapshot that was published; nothing in a dry run.
    pub snapshot: Option<PublishedSnapshot>,
    /// How many sources were not read, since they are as the warehouse has them.
    pub as_it_was: usize,
    /// How many documents were not read through, since an earlier run has, which was stopped or failed.
    pub resumed: u64,
    /// How many of the documents that were read have each status.
    pub documents: BTreeMap<&'static str, u64>,
    /// How many forms were found in them, by year, those without one last.
    pub forms: Vec<YearCount>,
    /// How many indicators were found in them.
    pub indicators: u64,
    /// How many findings they have of each code, the worst first.
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
    /// How many forms it has.
    pub forms: u64,
    /// How many indicators it has.
    pub indicators: u64,
    /// How many files it has.
    pub files: u64,
    /// How many of them were written by this run.
    pub files_written: u64,
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
    pub count: u64,
}

/// The findings of a code.
#[derive(Debug, Serialize)]
pub struct FindingCount {
    /// How bad they are.
    pub severity: Severity,
    /// The code.
    pub code: &'static str,
    /// How many there are.
    pub count: u64,
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
    pub fn new(
        tally: &Tally,
        listing: &Listing,
        as_it_was: usize,
        published: Option<&(Published, Changes)>,
    ) -> Self {
        let documents =
            Status::ALL.map(|status| (status.as_str(), tally.documents.get(&status).copied().unwrap_or(0)));
        let forms = tally.forms.iter().map(|(year, count)| YearCount { fiscal_year: *year, count: *count });
        let (with_year, without): (Vec<_>, Vec<_>) = forms.partition(|count| count.fiscal_year.is_some());
        let not_parsed = tally.not_parsed.iter().map(|(source, status, reason)| NotParsed {
            source: source.clone(),
            status: *status,
            reason: reason.clone(),
        });
        Self {
            snapshot: published.map(|(published, changes)| PublishedSnapshot {
                id: published.snapshot,
                path: published.path.clone(),
                catalog: published.catalog.clone(),
                bytes: published.tables.iter().map(|table| table.bytes).sum(),
                forms: rows(published, "forms"),
                indicators: rows(published, "indicators"),
                files: published.tables.iter().map(|table| table.files).sum(),
                files_written: published.files_written,
                new: changes.new,
                changed: changes.changed,
                unchanged: changes.unchanged,
                removed: changes.removed,
            }),
            as_it_was,
            resumed: tally.resumed,
            documents: documents.into(),
            forms: with_year.into_iter().chain(without).collect(),
            indicators: tally.indicators,
            findings: findings(tally),
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
        let mut by_status: Vec<_> =
            by_status.map(|(status, count)| format!("{count} {}", status.replace('_', " "))).collect();
        if self.as_it_was > 0 {
            by_status.push(format!("{} as they were", self.as_it_was));
        }
        if self.resumed > 0 {
            by_status.push(format!("{} of them by a run that did not end well", self.resumed));
        }
        let by_year: Vec<_> = self.forms.iter().map(YearCount::text).collect();
        let line = |name: &str, count: u64, more: &str| {
            vec![styled(BOLD, name), format!("{count:>6}"), styled(DIM, more)]
        };
        let left_out = match self.left_out.as_slice() {
            [] => String::new(),
            names => format!("; left out: {}", some(names.iter().map(|name| shown(name)))),
        };
        let documents = self.documents.values().sum::<u64>() + self.as_it_was as u64;
        columns(
            &[
                line("Documents", documents, &(by_status.join(", ") + &left_out)),
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
            (severity, of_it.map(|finding| finding.count).sum::<u64>())
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
        let Self { id, path, catalog, new, changed, unchanged, removed, bytes, forms, .. } = self;
        let mut text = format!(
            "\n{} {id}  {}  {}\n",
            styled(BOLD, "Snapshot"),
            shown(&path.display().to_string()),
            styled(
                DIM,
                format!(
                    "{forms} forms, {:.1} kB, {} of {} files written; {new} new, {changed} changed, {unchanged} unchanged \
                     documents",
                    *bytes as f64 / 1e3,
                    self.files_written,
                    self.files
                )
            ),
        );
        if *removed > 0 {
            let note = format!("{removed} of the documents of the snapshot before went");
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

/// The findings of what was read by code, the worst and then the most frequent first.
fn findings(tally: &Tally) -> Vec<FindingCount> {
    let count = |(code, count): (&FindingCode, &u64)| {
        let entry = code.description();
        FindingCount { severity: entry.severity, code: &entry.code, count: *count, meaning: &entry.meaning }
    };
    let mut counts: Vec<_> = tally.findings.iter().map(count).collect();
    counts.sort_by_key(|count| (count.severity, std::cmp::Reverse(count.count)));
    counts
}

/// How many rows a table has.
fn rows(published: &Published, name: &str) -> u64 {
    published.tables.iter().filter(|table| table.table == name).map(|table| table.rows).sum()
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
