//! `jixiao ingest`: list, read in parallel, publish, tell.
//!
//! Parallel outside, sequential inside: documents are read by as many threads as there are jobs, in chunks whose
//! order is that of the sources; everything after that is one thread's work, so that the number of threads makes no
//! difference to what is written.

use std::collections::{BTreeMap, BTreeSet};

use jixiao_load::{Changes, Published, Tables, Warehouse};
use jixiao_model::record::{Document, DocumentRecords, Run, Status};
use jixiao_model::reference;
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

use crate::arguments::Format;
use crate::failure::{Exit, Failure};
use crate::log::{Event, Log, now};
use crate::members::{free_name, read_source};
use crate::pipeline::Kind;
use crate::progress::Progress;
use crate::read::{QuietPanics, ReadDocument};
use crate::run::Done;
use crate::settings::Settings;
use crate::source::{self, Listing, Source};
use crate::summary::Summary;
use crate::watch::{Told, Watch};

/// How many documents are read before the results are gathered.
const CHUNK: usize = 256;
/// Deeply nested pages are parsed by recursion.
const STACK_BYTES: usize = 16 << 20;

/// Reads documents and publishes them as a snapshot, and returns the summary.
///
/// # Errors
/// Any failure means that nothing was published: what fails after that is said, and changes nothing.
pub fn ingest(settings: &Settings, log: &Log) -> Result<Done, Failure> {
    let watch = Watch::begin(Kind::Ingest, settings, log);
    let mut told = Told::default();
    let result = read_and_publish(settings, log, &watch, &mut told);
    watch.end(&told, result.as_ref().map(|done| done.exit));
    result
}

fn read_and_publish(
    settings: &Settings,
    log: &Log,
    watch: &Watch<'_>,
    told: &mut Told,
) -> Result<Done, Failure> {
    let mut listing = source::list(&settings.paths)?;
    listing.leave_out(&settings.exclude);
    if listing.sources.is_empty() {
        return Err(Failure::NoDocuments { paths: settings.paths.clone() });
    }
    // Taken before anything is read: who has to wait should hear so at once.
    watch.listed(listing.sources.len(), listing.left_out.len());
    let holder = format!("process {} since {:.0}", std::process::id(), log.started());
    let warehouse = (!settings.dry_run).then(|| Warehouse::lock(&settings.warehouse, &holder)).transpose()?;
    let tables = read_all(&mut listing, settings, watch, log.is_for_people())?;

    if let Some(warehouse) = &warehouse {
        told.published = Some(publish(warehouse, &tables, settings, log, told)?);
    }
    let published = told.published.as_ref();
    let summary = told.summary.insert(Summary::new(&tables, &listing, published));
    let unreadable = tables.documents.iter().any(|document| document.status == Status::Unreadable);
    let exit = if unreadable { Exit::Incomplete } else { Exit::Good };
    let text = match settings.format {
        Format::Json => serde_json::to_string_pretty(&summary).map(|text| text + "\n"),
        Format::Text if settings.quiet => Ok(String::new()),
        Format::Text => Ok(summary.text()),
    };
    match text {
        Ok(text) => Ok(Done { text, exit, is_published: published.is_some() }),
        Err(error) if published.is_some() => {
            let message = format!("the documents are published, but not summed up: {}", Failure::Json(error));
            log.say(&Event::Warning { message: &message });
            Ok(Done { text: String::new(), exit, is_published: true })
        }
        Err(error) => Err(error.into()),
    }
}

/// What one source holds: a document, or those of an archive, and the names of what was left out of that.
struct Read {
    documents: Vec<(Document, DocumentRecords)>,
    left_out: Vec<String>,
}

fn read_all(
    listing: &mut Listing,
    settings: &Settings,
    watch: &Watch<'_>,
    with_bar: bool,
) -> Result<Tables, Failure> {
    let jobs = settings.jobs.get();
    let threads = ThreadPoolBuilder::new().num_threads(jobs).stack_size(STACK_BYTES).build();
    let threads = threads.map_err(|error| Failure::Threads { jobs, reason: error.to_string() })?;
    let sources = &listing.sources;
    let progress = Progress::new(sources.len(), settings.quiet || !with_bar);
    let _quiet = QuietPanics::begin();
    let mut tables = Tables { indicator_types: jixiao_normalise::indicator_types(), ..Tables::default() };
    let mut names: BTreeSet<String> = sources.iter().map(|source| source.name.clone()).collect();
    for chunk in sources.chunks(CHUNK) {
        // What a document was made from is let go of at once: an archive may hold thousands.
        let read = |source: &Source| {
            let mut documents = Vec::new();
            let left_out = read_source(source, &source::open(source), &mut |read| {
                if !documents.is_empty() {
                    progress.found_another();
                }
                progress.add(&read);
                let ReadDocument { document, records, .. } = read;
                documents.push((document, records));
            });
            Read { documents, left_out }
        };
        let read: Vec<Read> = threads.install(|| chunk.par_iter().map(read).collect());
        for (source, Read { documents, left_out }) in chunk.iter().zip(read) {
            for (mut document, records) in documents {
                if document.source != source.name {
                    // A file may be called `a.zip!b.txt` too.
                    document.source = free_name(document.source, &mut names);
                }
                if let Some(id) =
                    document.document_id.clone().filter(|_| records != DocumentRecords::default())
                {
                    tables.contents.insert(id, records);
                }
                watch.read(&document);
                tables.documents.push(document);
            }
            listing.left_out.extend(left_out);
        }
    }
    listing.left_out.sort();
    progress.finish();
    Ok(tables)
}

fn publish(
    warehouse: &Warehouse,
    tables: &Tables,
    settings: &Settings,
    log: &Log,
    told: &mut Told,
) -> Result<(Published, Changes), Failure> {
    let changes = warehouse.changes(&tables.documents)?;
    let run = told.run.insert(run(tables, settings, log, changes));
    Ok((warehouse.publish(tables, run)?, changes))
}

fn run(tables: &Tables, settings: &Settings, log: &Log, changes: Changes) -> Run {
    let unreadable = tables.documents.iter().filter(|document| document.status == Status::Unreadable).count();
    let contents: &BTreeMap<String, DocumentRecords> = &tables.contents;
    let forms = || contents.values().flat_map(|content| &content.forms);
    Run {
        run_id: log.run_id().to_owned(),
        kind: "ingest".into(),
        pipeline: settings.pipeline.clone(),
        started_at: log.started().as_microsecond(),
        finished_at: now().as_microsecond(),
        outcome: if unreadable > 0 { "with_unreadable" } else { "succeeded" }.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        rules_version: reference::rules_version().to_owned(),
        documents_seen: tables.documents.len() as u64,
        documents_new: changes.new,
        documents_changed: changes.changed,
        documents_unchanged: changes.unchanged,
        documents_removed: changes.removed,
        documents_unreadable: unreadable as u64,
        form_count: forms().count() as u64,
        indicator_count: forms().map(|records| records.indicators.len() as u64).sum(),
        finding_count: contents.values().map(|content| content.findings.len() as u64).sum(),
    }
}
