//! `jixiao status`: what a warehouse holds, at a glance.

use std::fmt::Write;

use jiff::Timestamp;
use jixiao_load::read::{self, RulesCount, SnapshotSummary, Summary, TableSummary};
use jixiao_model::dictionary::dictionary;
use jixiao_model::record::Run;

use crate::arguments::{Format, StatusArguments};
use crate::failure::Failure;
use crate::terminal::{BOLD, DIM, columns, styled};

/// How many runs are shown; the table `runs` has all.
const RUNS: usize = 5;

/// Tells what a warehouse holds.
///
/// # Errors
/// If nothing was published there, or a file of the snapshot cannot be read.
pub fn status(arguments: &StatusArguments) -> Result<String, Failure> {
    let summary = read::summary(&arguments.warehouse)?;
    match arguments.format {
        Format::Json => Ok(serde_json::to_string_pretty(&summary)? + "\n"),
        Format::Text => Ok(text(&summary)),
    }
}

fn text(summary: &Summary) -> String {
    let mut text = format!("{} {}  {}\n", styled(BOLD, "Snapshot"), summary.snapshot, summary.path.display());
    let about = format!(
        "catalogue {}, schema {}, rules {}, written by jixiao {}",
        summary.catalog.display(),
        summary.schema_version,
        summary.rules_version,
        summary.program_version
    );
    let _ = writeln!(text, "{}", styled(DIM, about));
    section(&mut text, "Tables", summary.tables.iter().map(table));
    let counted = |(status, count): (&String, &u64)| vec![status.clone(), format!("{count:>6}")];
    section(&mut text, "Documents", summary.documents.iter().map(counted));
    section(&mut text, "Rules that they were read by", summary.rules.iter().map(rules));
    section(
        &mut text,
        "Findings",
        summary.findings.iter().map(|finding| {
            vec![finding.severity.clone(), finding.code.clone(), format!("{:>6}", finding.count)]
        }),
    );
    let failed = summary.checks.iter().filter(|check| check.passed < check.applied);
    section(
        &mut text,
        "Checks that did not always hold",
        failed.map(|check| {
            let year = check.fiscal_year.map_or("no year".to_owned(), |year| year.to_string());
            vec![year, check.code.clone(), format!("{} of {}", check.passed, check.applied)]
        }),
    );
    section(&mut text, "Last runs", summary.runs.iter().rev().take(RUNS).map(run));
    let all = summary.snapshots.iter().rev();
    section(
        &mut text,
        "Snapshots",
        all.map(|snapshot| snapshot_row(snapshot, snapshot.id == summary.snapshot)),
    );
    text
}

fn section(text: &mut String, heading: &str, rows: impl Iterator<Item = Vec<String>>) {
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        let _ = write!(text, "\n{}\n{}", styled(BOLD, heading), columns(&rows, "  "));
    }
}

fn table(table: &TableSummary) -> Vec<String> {
    let chinese = dictionary().table(&table.table).map_or("", |table| &table.name_zh);
    let years: Vec<_> = table
        .years
        .iter()
        .map(|year| match year.fiscal_year {
            Some(number) => format!("{number}: {}", year.rows),
            None => format!("no year: {}", year.rows),
        })
        .collect();
    let rows = format!("{:>7} rows", table.rows);
    let bytes = format!("{:>9.1} kB", table.bytes as f64 / 1e3);
    vec![table.table.clone(), chinese.to_owned(), rows, bytes, styled(DIM, years.join(", "))]
}

fn rules(rules: &RulesCount) -> Vec<String> {
    let whose = if rules.is_current {
        "the rules of this version"
    } else {
        "other rules; `jixiao ingest --outdated` reads them again"
    };
    vec![rules.rules_version.clone(), format!("{:>6}", rules.documents), styled(DIM, whose)]
}

fn snapshot_row(snapshot: &SnapshotSummary, is_current: bool) -> Vec<String> {
    let published = snapshot.published_at.and_then(|at| Timestamp::from_microsecond(at).ok());
    vec![
        snapshot.id.to_string(),
        published.map_or(String::new(), |time| format!("{time:.0}")),
        format!("{} documents, {} forms", snapshot.documents, snapshot.forms),
        if is_current { "current".to_owned() } else { String::new() },
    ]
}

fn run(run: &Run) -> Vec<String> {
    let started =
        Timestamp::from_microsecond(run.started_at).map_or(String::new(), |time| format!("{time:.0}"));
    vec![
        started,
        run.kind.clone(),
        run.outcome.clone(),
        format!(
            "{} documents, {} forms, {} unreadable",
            run.documents_seen, run.form_count, run.documents_unreadable
        ),
        run.pipeline.clone().unwrap_or_default(),
    ]
}
