//! `jixiao ingest` and `jixiao backfill`: list, read what is to be read in parallel, publish, tell.
//!
//! Parallel outside, sequential inside: documents are read by as many threads as there are jobs, in chunks whose
//! order is that of the sources; what they hold is put in that order again by one thread, so that the number of threads makes no
//! difference to what is written.

use std::collections::BTreeSet;

use jixiao_load::{Entries, Held, LoadError, Published, Staged, Update, Warehouse};
use jixiao_model::record::{Document, Run};
use jixiao_model::reference;

use crate::arguments::Format;
use crate::check;
use crate::clock::now;
use crate::failure::{Exit, Failure};
use crate::gates::{self, Counts, Facts, Missed};
use crate::log::Log;
use crate::members::free_name;
use crate::pipeline::Kind;
use crate::plan::{self, Plan, Wanted};
use crate::progress::Progress;
use crate::read::QuietPanics;
use crate::reader::{Chunk, Reader};
use crate::run::Done;
use crate::settings::Settings;
use crate::snapshots::holder;
use crate::source::{self, Listing};
use crate::summary::Summary;
use crate::tally::Tally;
use crate::terminal;
use crate::watch::{Told, Watch};

/// Reads documents and publishes them in the next snapshot, and returns the summary.
///
/// # Errors
/// Any failure means that nothing was published: what fails after that is said, and changes nothing.
pub fn ingest(settings: &Settings, log: &Log) -> Result<Done, Failure> {
    let kind = if settings.wanted.backfill.is_some() { Kind::Backfill } else { Kind::Ingest };
    let watch = Watch::begin(kind, settings, log);
    let mut told = Told::default();
    let result = run(&watch, &mut told);
    watch.end(&told, result.as_ref().map(|done| done.exit));
    result
}

fn run(watch: &Watch<'_>, told: &mut Told) -> Result<Done, Failure> {
    let settings = watch.settings;
    if let Some(problem) = check::overlaps(&settings.paths, &settings.warehouse).into_iter().next() {
        return Err(Failure::Overlap { problem });
    }
    let mut listing = source::list(&settings.paths)?;
    listing.leave_out(&settings.exclude);
    if listing.sources.is_empty() {
        return Err(Failure::NoDocuments { paths: settings.paths.clone() });
    }
    watch.listed(listing.sources.len(), listing.left_out.len());
    if settings.dry_run {
        return dry_run(watch, listing);
    }
    // Taken before anything is read: who has to wait should hear so at once.
    let warehouse = Warehouse::lock(&settings.warehouse, &holder())?;
    let reader = Reader::new(settings)?;
    let warehouse = warehouse.with_threads(reader.threads()).with_memory(settings.memory_bytes);
    let mut reading = Reading::new(watch, listing, &reader);
    let published = reading.publish(&warehouse, told);
    told.summary = Some(reading.summary(told.published.as_ref()));
    match published {
        Ok(()) => reading.done(&reading.summary(told.published.as_ref()), told),
        Err(failure) => {
            // The run is told of where the others are. If that fails as well, the failure itself says more.
            let outcome = match failure {
                Failure::Stopped { .. } => "stopped",
                Failure::GatesMissed { .. } => "held",
                _ => "failed",
            };
            let run = told.run.insert(reading.run(outcome, &Totals::default()));
            // What was never begun, since it was told wrongly, is no run.
            if told.before.is_some() && failure.exit() != Exit::Usage {
                told.after = warehouse.record(run).ok().map(|recorded| recorded.snapshot);
            }
            Err(failure)
        }
    }
}

/// Reads what a run would read, and shows what it would say.
fn dry_run(watch: &Watch<'_>, listing: Listing) -> Result<Done, Failure> {
    let settings = watch.settings;
    let reader = Reader::new(settings)?;
    let mut reading = Reading::new(watch, listing, &reader);
    let rows = jixiao_load::read::documents_of_current(&settings.warehouse)?;
    let (wanted, of_years) = selection(settings, &rows)?;
    let listing = std::mem::take(&mut reading.listing.sources);
    let plan = Plan::new(&listing, &rows, &wanted, &of_years);
    reading.read(&plan, &rows, &of_years, None)?;
    reading.done(&reading.summary(None), &Told::default())
}

/// What is wanted of these rows, and the contents that have forms of a backfill's years.
fn selection(settings: &Settings, rows: &Entries) -> Result<(Wanted, BTreeSet<String>), Failure> {
    let mut wanted = settings.wanted.clone();
    if let Some((backfill, than)) = wanted.backfill.as_mut().zip(settings.rules_older_than.as_ref()) {
        let runs = jixiao_load::read::runs_of_current(&settings.warehouse)?;
        backfill.rules = Some(plan::older_rules(rows, &runs, than)?);
    }
    let years = wanted.backfill.as_ref().and_then(|backfill| backfill.years.as_ref());
    let of_years = years.map(|years| jixiao_load::read::contents_of_years(&settings.warehouse, years));
    Ok((wanted, of_years.transpose()?.unwrap_or_default()))
}

/// How many rows a snapshot has.
#[derive(Debug, Default)]
struct Totals {
    forms: u64,
    indicators: u64,
    findings: u64,
}

impl Totals {
    fn of(staged: &Staged<'_>) -> Self {
        let rows = staged.rows();
        let sum =
            |name: &str| rows.iter().filter(|((table, _), _)| table == name).map(|(_, rows)| rows).sum();
        Self { forms: sum("forms"), indicators: sum("indicators"), findings: sum("findings") }
    }
}

/// A run while it reads.
struct Reading<'s> {
    watch: &'s Watch<'s>,
    settings: &'s Settings,
    listing: Listing,
    reader: &'s Reader<'s>,
    tally: Tally,
    /// How many sources were as the warehouse has them.
    unchanged: usize,
    changes: jixiao_load::Changes,
}

impl<'s> Reading<'s> {
    fn new(watch: &'s Watch<'s>, listing: Listing, reader: &'s Reader<'s>) -> Self {
        let (tally, changes) = (Tally::default(), jixiao_load::Changes::default());
        Self { watch, settings: watch.settings, listing, reader, tally, unchanged: 0, changes }
    }

    /// Reads, and publishes.
    fn publish(&mut self, warehouse: &Warehouse, told: &mut Told) -> Result<(), Failure> {
        let settings = self.settings;
        let mut update =
            if settings.wanted.everything { warehouse.rebuild()? } else { warehouse.update()? };
        told.before = update.before();
        let rows = update.documents().clone();
        let (wanted, of_years) = selection(settings, &rows)?;
        let listing = std::mem::take(&mut self.listing.sources);
        let plan = Plan::new(&listing, &rows, &wanted, &of_years);
        let read = self.read(&plan, &rows, &of_years, Some(&mut update));
        if settings.prune {
            for source in plan::gone(&rows, &listing) {
                update.remove(&source);
            }
        }
        // They are as long as the list of sources, and nobody asks for them any more.
        drop(plan);
        drop(listing);
        read?;
        let staged = update.stage(&jixiao_normalise::indicator_types())?;
        self.changes = staged.changes;
        told.missed = self.missed(&staged)?;
        if gates::forbid(&told.missed) {
            let held = staged.hold(self.watch.log.run_id())?;
            return Err(Failure::GatesMissed { missed: told.missed.clone(), held });
        }
        let outcome = match (self.tally.unreadable(), told.missed.is_empty()) {
            (0, true) => "succeeded",
            (_, true) => "with_unreadable",
            (_, false) => "with_missed_gates",
        };
        let run = told.run.insert(self.run(outcome, &Totals::of(&staged)));
        let published = staged.publish(run)?;
        told.published = Some((published, self.changes));
        Ok(())
    }

    /// The quality gates that a snapshot misses.
    fn missed(&self, staged: &Staged<'_>) -> Result<Vec<Missed>, Failure> {
        let Some(gates) = &self.settings.gates else { return Ok(Vec::new()) };
        let read = self.tally.documents.iter().map(|(status, count)| (status.as_str().to_owned(), *count));
        let mut after = Counts { rows: staged.rows(), ..Counts::default() };
        for check in staged.checks()? {
            after.add_check(&check.code, check.applied, check.passed);
        }
        let before = staged.rows_before().map(|rows| Counts { rows, ..Counts::default() });
        let facts = Facts { read: read.collect(), forms_read: self.tally.forms_read, before, after };
        Ok(gates::evaluate(gates, &facts))
    }

    /// Reads the sources of a plan, and hands what they hold to the update.
    fn read(
        &mut self,
        plan: &Plan<'_>,
        rows: &Entries,
        of_years: &BTreeSet<String>,
        mut update: Option<&mut Update<'_>>,
    ) -> Result<(), Failure> {
        self.unchanged = plan.unchanged;
        let progress =
            Progress::new(plan.to_read.len(), self.settings.quiet || !self.watch.log.is_for_people());
        let _quiet = QuietPanics::begin();
        let reader = self.reader;
        let keeps_rows = update.is_some();
        let asked = update.as_deref().filter(|_| !plan.to_read.is_empty());
        let known = asked.map(Update::known).unwrap_or_default();
        if let Some(update) = update.as_deref_mut() {
            update.expect(plan::bytes_of_rows(&plan.to_read));
        }
        let mut chunks = plan::chunks(&plan.to_read, self.settings.memory_bytes);
        let mut done = Chunk::default();
        loop {
            // What was read until the run was told to stop is handed on all the same.
            let next = chunks.next().filter(|_| reader.stop.check().is_ok()).unwrap_or_default();
            let take = || self.take(done, plan, rows, of_years, update.as_deref_mut());
            let (read, taken) = reader.read_beside(next, &known, keeps_rows, &progress, take);
            taken?;
            done = read;
            if next.is_empty() {
                break;
            }
        }
        self.listing.left_out.sort();
        progress.finish();
        reader.stop.check()
    }

    /// Hands on what a chunk of sources holds.
    fn take(
        &mut self,
        chunk: Chunk<'_>,
        plan: &Plan<'_>,
        rows: &Entries,
        of_years: &BTreeSet<String>,
        mut update: Option<&mut Update<'_>>,
    ) -> Result<(), Failure> {
        let listed = plan.listed;
        let mut taken = Vec::new();
        for (source, of_source) in chunk.sources.iter().zip(chunk.read) {
            // What was read until the run was told to stop goes into the journal.
            let Some(of_source) = of_source else { continue };
            if of_source.has_gone {
                let left = if self.settings.wanted.everything {
                    "it is left out"
                } else {
                    "what the warehouse has of it stays"
                };
                let name = terminal::shown(&source.name);
                self.watch.warn(&format!("{name} has gone since it was listed; {left}"));
                continue;
            }
            self.listing.left_out.extend(of_source.left_out);
            let (mut found, mut names) = (BTreeSet::new(), BTreeSet::new());
            let mut documents = Vec::new();
            for (mut document, held) in of_source.documents {
                if document.source != *source.name {
                    // A file may be called `a.zip!b.txt` too.
                    document.source = free_name(document.source, &source.name, listed, &mut names);
                }
                found.insert(document.source.clone());
                documents.push((document, held));
            }
            let known: Vec<&str> =
                plan::rows_of(rows, &source.name, listed).map(|entry| entry.source()).collect();
            if known.is_empty() && !self.belongs(&documents, update.as_deref(), of_years) {
                continue;
            }
            for (document, held) in documents {
                let id = document.document_id.as_deref().filter(|_| held.is_none());
                let is_resumed = update.as_deref().zip(id).is_some_and(|(update, id)| update.is_resumed(id));
                self.tally.resumed += u64::from(is_resumed);
                self.watch.read(&document);
                self.tally.add(&document, held.as_ref());
                taken.push((document, held));
            }
            if let Some(update) = update.as_deref_mut() {
                known
                    .into_iter()
                    .filter(|source| !found.contains(*source))
                    .for_each(|source| update.remove(source));
            }
        }
        if let Some(update) = update {
            update.add(taken, chunk.rows.into_iter().collect::<Result<_, LoadError>>()?)?;
        }
        Ok(())
    }

    /// Whether what a new source holds is of a year that the run is about.
    fn belongs(
        &self,
        documents: &[(Document, Option<Held>)],
        update: Option<&Update<'_>>,
        of_years: &BTreeSet<String>,
    ) -> bool {
        let Some(backfill) = &self.settings.wanted.backfill else { return true };
        documents.iter().any(|(document, held)| match held {
            Some(held) => backfill.takes(held.years.iter().copied()),
            None => document.document_id.as_ref().is_some_and(|id| {
                let years = update.and_then(|update| update.years_of_new(id)).unwrap_or_default();
                of_years.contains(id) || backfill.takes(years.iter().copied())
            }),
        })
    }

    fn run(&self, outcome: &str, totals: &Totals) -> Run {
        Run {
            run_id: self.watch.log.run_id().to_owned(),
            kind: self.watch.kind.as_str().to_owned(),
            pipeline: self.settings.pipeline.clone(),
            started_at: self.watch.log.started().as_microsecond(),
            finished_at: now().as_microsecond(),
            outcome: outcome.to_owned(),
            version: env!("CARGO_PKG_VERSION").into(),
            rules_version: reference::rules_version().to_owned(),
            documents_seen: self.tally.documents.values().sum::<u64>() + self.unchanged as u64,
            documents_new: self.changes.new,
            documents_changed: self.changes.changed,
            documents_unchanged: self.changes.unchanged,
            documents_removed: self.changes.removed,
            documents_unreadable: self.tally.unreadable(),
            form_count: totals.forms,
            indicator_count: totals.indicators,
            finding_count: totals.findings,
        }
    }

    fn summary(&self, published: Option<&(Published, jixiao_load::Changes)>) -> Summary {
        Summary::new(&self.tally, &self.listing, self.unchanged, published)
    }

    /// What is said, once all is done.
    fn done(&self, summary: &Summary, told: &Told) -> Result<Done, Failure> {
        let is_good = self.tally.unreadable() == 0 && told.missed.is_empty();
        let exit = if is_good { Exit::Good } else { Exit::Incomplete };
        let published = told.published.as_ref();
        let text = match self.settings.format {
            Format::Json => serde_json::to_string_pretty(summary).map(|text| text + "\n"),
            Format::Text if self.settings.quiet => Ok(String::new()),
            Format::Text => Ok(summary.text()),
        };
        match text {
            Ok(text) => Ok(Done { text, exit, is_published: published.is_some() }),
            Err(error) if published.is_some() => {
                let problem = Failure::Json(error);
                self.watch.warn(&format!("the documents are published, but not summed up: {problem}"));
                Ok(Done { text: String::new(), exit, is_published: true })
            }
            Err(error) => Err(error.into()),
        }
    }
}
