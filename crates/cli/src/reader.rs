//! The threads that read sources, while the thread of the run hands on what they have read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jixiao_load::{Gathered, Gathering, Held, Known, LoadError};
use jixiao_model::record::Document;
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

/// As large as most columns of a file that is put together. What is smaller than the largest block that was freed so far,
/// glibc keeps for the next one who asks (mallopt(3), `M_MMAP_THRESHOLD`); it begins with 128 kB, above which every block is given
/// back to the system and asked for anew, and two threads that ask for pages hold each other up. From 32 MB on, which is as far as it goes,
/// 100,000 documents take 4 % more memory than from here.
const BLOCK_KEPT: usize = 4 << 20;

/// What one source holds: a document, or those of an archive, and the names of what was left out of that.
#[derive(Default)]
pub struct ReadSource {
    /// The documents, with what they hold unless that was known.
    pub documents: Vec<(Document, Option<Held>)>,
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
    /// The rows of all, from each thread.
    pub rows: Vec<Result<Gathered, LoadError>>,
}

/// What one thread has read of a chunk: sources, by their places in it, and their rows.
type Share = (Vec<(usize, ReadSource)>, Result<Gathered, LoadError>);

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
        // Nothing is written to it, so that it takes no memory.
        drop(std::hint::black_box(Vec::<u8>::with_capacity(BLOCK_KEPT)));
        let threads = ThreadPoolBuilder::new().num_threads(jobs).stack_size(STACK_BYTES).build();
        let threads = threads.map_err(|error| Failure::Threads { jobs, reason: error.to_string() })?;
        Ok(Self { settings, threads: Arc::new(threads), stop })
    }

    /// The threads, for other work while nothing is read; nothing where there is one alone.
    pub fn threads(&self) -> Option<Arc<ThreadPool>> {
        (self.settings.jobs.get() > 1).then(|| Arc::clone(&self.threads))
    }

    /// Reads sources, and does something else in the meantime; one after the other where there is one thread alone. Their
    /// rows are kept unless nobody will have them, as of a dry run.
    pub fn read_beside<'c, T>(
        &self,
        sources: &'c [&'c Source],
        known: &Known,
        keeps_rows: bool,
        progress: &Progress,
        meanwhile: impl FnOnce() -> T,
    ) -> (Chunk<'c>, T) {
        // A thread takes the next source as soon as it is done with one: some take a hundred times as long as others.
        let next = AtomicUsize::new(0);
        let share = || {
            let (mut read, mut rows) = (Vec::new(), keeps_rows.then(Gathering::default));
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(source) = sources.get(index).filter(|_| self.stop.check().is_ok()) else { break };
                read.push((index, self.read(source, known, rows.as_mut(), progress)));
            }
            (read, rows.unwrap_or_default().finish())
        };
        let mut shares: Vec<Option<Share>> = Vec::new();
        let done = if self.settings.jobs.get() == 1 {
            let done = meanwhile();
            shares.push(Some(self.threads.install(share)));
            done
        } else {
            let share = &share;
            shares.resize_with(self.settings.jobs.get(), || None);
            self.threads.in_place_scope(|scope| {
                for of_thread in &mut shares {
                    scope.spawn(move |_| *of_thread = Some(share()));
                }
                meanwhile()
            })
        };
        let mut chunk = Chunk { sources, read: Vec::new(), rows: Vec::new() };
        chunk.read.resize_with(sources.len(), || None);
        for (read, rows) in shares.into_iter().flatten() {
            for (index, source) in read {
                if let Some(place) = chunk.read.get_mut(index) {
                    *place = Some(source);
                }
            }
            chunk.rows.push(rows);
        }
        (chunk, done)
    }

    fn read(
        &self,
        source: &Source,
        known: &Known,
        mut rows: Option<&mut Gathering>,
        progress: &Progress,
    ) -> ReadSource {
        let opened = source::open(source, self.settings.wanted.most_bytes);
        if opened.has_gone {
            return ReadSource { has_gone: true, ..ReadSource::default() };
        }
        // What a document was made from is let go of at once: an archive may hold thousands.
        let mut documents = Vec::new();
        let known = |id: &str| known.content(id);
        let left_out = read_source(source, &opened, &known, &mut |read| {
            if !documents.is_empty() {
                progress.found_another();
            }
            progress.add(&read);
            let ReadDocument { document, records, is_known, is_of_place, .. } = read;
            let held = (!is_known && !is_of_place).then(|| Held::of(&records));
            let id = document.document_id.as_ref().filter(|_| held.is_some());
            if let Some((rows, id)) = rows.as_mut().zip(id) {
                rows.add(id, &records);
            }
            documents.push((document, held));
        });
        ReadSource { documents, left_out, has_gone: false }
    }
}
