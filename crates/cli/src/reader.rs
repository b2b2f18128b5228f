//! The threads that read sources, while the thread of the run hands on what they have read.

use std::sync::Arc;

use jixiao_load::Known;
use jixiao_model::record::{Document, DocumentRecords};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::failure::Failure;
use crate::members::read_source;
use crate::progress::Progress;
use crate::read::ReadDocument;
use crate::settings::Settings;
use crate::source::{self, Source};
use crate::stop::Stop;

/// Deeply nested pages are parsed by recursion.
const STACK_BYTES: usize = 16 << 20;

/// What one source holds: a document, or those of an archive, and the names of what was left out of that.
#[derive(Default)]
pub struct ReadSource {
    /// The documents, with what is in them unless that was known.
    pub documents: Vec<(Document, Option<DocumentRecords>)>,
    /// Names of members.
    pub left_out: Vec<String>,
    /// Whether the file is not there any more.
    pub has_gone: bool,
}

/// Sources that were read together.
#[derive(Default)]
pub struct Chunk<'c> {
    /// In their order.
    pub sources: &'c [&'c Source],
    /// What each holds; nothing for those that were not begun when the run was told to stop.
    pub read: Vec<Option<ReadSource>>,
}

/// Reads sources on as many threads as a run may have.
pub struct Reader<'s> {
    settings: &'s Settings,
    threads: Arc<ThreadPool>,
    /// Whether the run was told to stop.
    pub stop: Stop,
}

impl<'s> Reader<'s> {
    /// Starts the threads, and listens to signals.
    ///
    /// # Errors
    /// If the operating system does not let it.
    pub fn new(settings: &'s Settings) -> Result<Self, Failure> {
        let stop = Stop::listen()?;
        let jobs = settings.jobs.get();
        let threads = ThreadPoolBuilder::new().num_threads(jobs).stack_size(STACK_BYTES).build();
        let threads = threads.map_err(|error| Failure::Threads { jobs, reason: error.to_string() })?;
        Ok(Self { settings, threads: Arc::new(threads), stop })
    }

    /// The threads, for other work while nothing is read; nothing where there is one alone.
    pub fn threads(&self) -> Option<Arc<ThreadPool>> {
        (self.settings.jobs.get() > 1).then(|| Arc::clone(&self.threads))
    }

    /// Reads sources, and does something else in the meantime; one after the other where there is one thread alone.
    pub fn read_beside<'c, T>(
        &self,
        sources: &'c [&'c Source],
        known: &Known,
        progress: &Progress,
        meanwhile: impl FnOnce() -> T,
    ) -> (Chunk<'c>, T) {
        let read =
            || -> Vec<_> { sources.par_iter().map(|source| self.read(source, known, progress)).collect() };
        if self.settings.jobs.get() == 1 {
            let done = meanwhile();
            return (Chunk { sources, read: self.threads.install(read) }, done);
        }
        let mut chunk = Chunk { sources, read: Vec::new() };
        let done = self.threads.in_place_scope(|scope| {
            scope.spawn(|_| chunk.read = read());
            meanwhile()
        });
        (chunk, done)
    }

    fn read(&self, source: &Source, known: &Known, progress: &Progress) -> Option<ReadSource> {
        self.stop.check().ok()?;
        let opened = source::open(source, self.settings.wanted.most_bytes);
        if opened.has_gone {
            return Some(ReadSource { has_gone: true, ..ReadSource::default() });
        }
        // What a document was made from is let go of at once: an archive may hold thousands.
        let mut documents = Vec::new();
        let known = |id: &str| known.content(id).cloned();
        let left_out = read_source(source, &opened, &known, &mut |read| {
            if !documents.is_empty() {
                progress.found_another();
            }
            progress.add(&read);
            let ReadDocument { document, records, is_known, is_of_place, .. } = read;
            documents.push((document, (!is_known && !is_of_place).then_some(records)));
        });
        Some(ReadSource { documents, left_out, has_gone: false })
    }
}
