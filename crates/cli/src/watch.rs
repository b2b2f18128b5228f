//! What a run tells those who watch it, and at which moments: the log, the report and the OpenLineage events together.
//!
//! A run fills [`Told`] while it goes, so that also of one that fails everything is told that was known by then. Nothing
//! here can make a run fail: what cannot be told is a warning. A dry run writes nothing, and so has a log alone.

use std::path::{Path, PathBuf, absolute};

use jiff::Timestamp;
use jixiao_load::{Changes, Published, SnapshotId};
use jixiao_model::record::{Document, Run, Status};
use jixiao_model::reference;

use crate::clock::now;
use crate::failure::{Exit, Failure};
use crate::gates::Missed;
use crate::lineage::{self, Ending, LineageRun};
use crate::log::{Event, Log};
use crate::pipeline::Kind;
use crate::report::{self, REPORT_VERSION, Report, Snapshots, Written};
use crate::settings::Settings;
use crate::summary::Summary;

/// What there is to tell of a run so far.
#[derive(Debug, Default)]
pub struct Told {
    /// The row of `runs`.
    pub run: Option<Run>,
    /// The current snapshot when it started.
    pub before: Option<SnapshotId>,
    /// The current snapshot when it has failed, where that was written down in a new one.
    pub after: Option<SnapshotId>,
    /// What it published.
    pub published: Option<(Published, Changes)>,
    /// The gates that it missed.
    pub missed: Vec<Missed>,
    /// What it read and found.
    pub summary: Option<Summary>,
}

/// Those who watch a run.
#[derive(Debug)]
pub struct Watch<'a> {
    /// Which command runs.
    pub kind: Kind,
    /// What it was told.
    pub settings: &'a Settings,
    /// Its log.
    pub log: &'a Log,
    sources: Vec<PathBuf>,
    warehouse: PathBuf,
}

impl<'a> Watch<'a> {
    /// Tells that a run begins.
    pub fn begin(kind: Kind, settings: &'a Settings, log: &'a Log) -> Self {
        let whole = |path: &PathBuf| absolute(path).unwrap_or_else(|_| path.clone());
        let sources = settings.paths.iter().map(whole).collect();
        let watch = Self { kind, settings, log, sources, warehouse: whole(&settings.warehouse) };
        log.say(&Event::RunStarted {
            kind: kind.as_str(),
            pipeline: settings.pipeline.as_deref(),
            sources: &watch.sources,
            warehouse: &watch.warehouse,
            jobs: settings.jobs.get(),
            dry_run: settings.dry_run,
            version: env!("CARGO_PKG_VERSION"),
            rules_version: reference::rules_version(),
        });
        watch.tell_lineage(|run| lineage::start(run, &time(log.started())));
        watch
    }

    /// Tells what there is to read.
    pub fn listed(&self, files: usize, left_out: usize) {
        self.log.say(&Event::SourcesListed { files, left_out });
    }

    /// Tells of a document that was read, unless all is well with it.
    pub fn read(&self, document: &Document) {
        if matches!(document.status, Status::Unreadable | Status::Partial) {
            self.log.say(&Event::DocumentRead {
                source: &document.source,
                status: document.status.as_str(),
                reason: document.reason.as_deref().unwrap_or_default(),
            });
        }
    }

    /// Tells of something that went wrong and undoes nothing.
    pub fn warn(&self, message: &str) {
        self.log.say(&Event::Warning { message });
    }

    /// Tells how the run ended: with an exit code, or with why nothing was published.
    pub fn end(&self, told: &Told, result: Result<Exit, &Failure>) {
        let exit = result.unwrap_or_else(Failure::exit);
        let error = result.err().map(Failure::to_string);
        told.missed.iter().for_each(|missed| self.log.say(&Event::GateMissed(missed)));
        if let Some((published, changes)) = &told.published {
            self.tell_published(published, *changes);
        }
        let ended = now();
        let seconds = (ended.as_microsecond() - self.log.started().as_microsecond()) as f64 / 1e6;
        if let Some(path) = self.settings.report.as_deref().filter(|_| !self.settings.dry_run) {
            let published = told.published.as_ref().map(|(published, _)| published.snapshot);
            let report = Report {
                report_version: REPORT_VERSION,
                run_id: self.log.run_id(),
                kind: self.kind.as_str(),
                pipeline: self.settings.pipeline.as_deref(),
                started_at: time(self.log.started()),
                finished_at: time(ended),
                seconds,
                exit_code: exit as u8,
                error: error.as_deref(),
                run: told.run.as_ref(),
                snapshot: Snapshots { before: told.before, after: published.or(told.after).or(told.before) },
                gates: &told.missed,
                written: told.published.as_ref().map(|(published, _)| written(published)),
                summary: told.summary.as_ref(),
            };
            if let Err(error) = report::write(path, &report) {
                self.cannot("write the report", path, &error);
            }
        }
        self.tell_lineage(|run| {
            let ending = match (&told.published, &error) {
                (Some((published, _)), _) => {
                    Ending::Published { snapshot: published.snapshot, tables: &published.tables }
                }
                (None, error) => {
                    Ending::Failed { message: error.as_deref().unwrap_or("nothing was published") }
                }
            };
            lineage::end(run, &time(ended), ending)
        });
        if error.is_none() {
            let outcome = told.run.as_ref().map(|run| run.outcome.as_str());
            self.log.say(&Event::RunFinished { exit_code: exit as u8, outcome, seconds });
        }
    }

    fn tell_published(&self, published: &Published, changes: Changes) {
        self.log.say(&Event::Published {
            snapshot: &published.snapshot.to_string(),
            path: &published.path,
            bytes: published.tables.iter().map(|table| table.bytes).sum(),
            new: changes.new,
            changed: changes.changed,
            unchanged: changes.unchanged,
            removed: changes.removed,
        });
        for warning in &published.warnings {
            self.warn(&format!("snapshot {} is published, but then: {warning}", published.snapshot));
        }
    }

    fn tell_lineage(&self, event: impl FnOnce(&LineageRun<'_>) -> serde_json::Value) {
        let Some(lineage) = self.settings.lineage.as_ref().filter(|_| !self.settings.dry_run) else { return };
        let run = LineageRun {
            run_id: self.log.run_id(),
            namespace: &lineage.namespace,
            kind: self.kind.as_str(),
            pipeline: self.settings.pipeline.as_deref(),
            sources: &self.sources,
            warehouse: &self.warehouse,
        };
        if let Err(error) = report::append(&lineage.path, &[event(&run).to_string()]) {
            self.cannot("add an OpenLineage event to", &lineage.path, &error);
        }
    }

    fn cannot(&self, what: &str, path: &Path, error: &std::io::Error) {
        self.warn(&format!("cannot {what} {}: {error}", path.display()));
    }
}

fn written(published: &Published) -> Written {
    let files: u64 = published.tables.iter().map(|table| table.files).sum();
    let bytes: u64 = published.tables.iter().map(|table| table.bytes).sum();
    Written {
        files_written: published.files_written,
        files_linked: files - published.files_written,
        bytes_written: published.bytes_written,
        bytes_linked: bytes - published.bytes_written,
    }
}

/// A time in UTC (RFC 3339).
fn time(time: Timestamp) -> String {
    format!("{time:.6}")
}
