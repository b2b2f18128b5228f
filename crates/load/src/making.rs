//! The files of a snapshot in the making: each is put together from rows as they stand elsewhere, encoded, and written into its
//! folder, some at once on the threads of the run, while the run looks for the rows of the next.

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use jixiao_model::dictionary::Table;
use rayon::ThreadPool;

use crate::parquet_file::ParquetFile;
use crate::rows::{self, Span};
use crate::snapshot::ManifestFile;
use crate::update::Parent;
use crate::years::with_newer;
use crate::{LoadError, disk, parquet_file};

/// How many files are put together at once for each thread that there is for that: some take longer than others, but the rows
/// of all are in memory.
const FILES_OF_A_THREAD: usize = 2;

/// A file that is to be put together.
pub(crate) struct NewFile {
    pub(crate) table: &'static Table,
    pub(crate) folder: String,
    pub(crate) from: Option<String>,
    /// Its rows, one after another.
    pub(crate) rows: Vec<Span>,
    /// Of forms: those that are superseded, each with the newer one.
    pub(crate) newer: Option<Arc<BTreeMap<String, String>>>,
}

impl NewFile {
    fn encode(&self) -> Result<ParquetFile, LoadError> {
        let rows: Vec<_> = self.rows.iter().filter_map(Span::rows).collect();
        let mut rows = rows::joined(self.table, &rows)?;
        if let Some(newer) = &self.newer {
            rows = with_newer(self.table, &rows, newer)?;
        }
        parquet_file::encode_batch(self.table, &rows)
    }
}

/// A file that is in the folder of the snapshot.
pub(crate) struct Put {
    pub(crate) file: ManifestFile,
    /// Its path and what it was written by, if it was not linked.
    pub(crate) written: Option<(PathBuf, File)>,
}

/// Where files are put.
#[derive(Debug)]
pub(crate) struct Site {
    /// The folder of the snapshot.
    pub(crate) folder: PathBuf,
    /// The snapshot before, whose files are linked where they are the same.
    pub(crate) parent: Option<Arc<Parent>>,
}

impl Site {
    /// Takes over a file of the snapshot before as it is.
    pub(crate) fn link(&self, file: &ManifestFile, from: Option<String>) -> Result<Put, LoadError> {
        let parent = self.parent.as_ref().map_or_else(PathBuf::new, |parent| parent.folder.clone());
        let path = self.folder.join(&file.path);
        disk::create_folder(path.parent().unwrap_or(&self.folder))?;
        disk::link_or_copy(&parent.join(&file.path), &path)?;
        Ok(Put { file: ManifestFile { from, ..file.clone() }, written: None })
    }

    /// Writes a file; one that the snapshot before has as well is linked.
    pub(crate) fn put(
        &self,
        table: &Table,
        folder: &str,
        file: &ParquetFile,
        from: Option<String>,
    ) -> Result<Put, LoadError> {
        let path = format!("{folder}/{}", file.name());
        let mut same = self.parent.iter().flat_map(|parent| &parent.manifest.files);
        if let Some(same) = same.find(|held| held.path == path && held.sha256 == file.sha256) {
            return self.link(same, from);
        }
        disk::create_folder(&self.folder.join(folder))?;
        let whole = self.folder.join(&path);
        let written = disk::write_soon(&whole, &file.bytes)?;
        let file = ManifestFile {
            table: table.name.clone(),
            path,
            rows: file.rows,
            bytes: file.bytes.len() as u64,
            sha256: file.sha256.clone(),
            from,
        };
        Ok(Put { file, written: Some((whole, written)) })
    }

    /// Puts a file together.
    pub(crate) fn make(&self, file: NewFile) -> Result<Put, LoadError> {
        let encoded = file.encode()?;
        self.put(file.table, &file.folder, &encoded, file.from)
    }
}

/// What a thread has made of a file, or the panic that it met.
type Made = thread::Result<Result<Put, LoadError>>;

/// Threads that put files together.
#[derive(Debug)]
pub(crate) struct Makers {
    site: Arc<Site>,
    threads: Arc<ThreadPool>,
    /// How many files they are at.
    busy_with: usize,
    sender: Sender<Made>,
    made: Receiver<Made>,
}

impl Makers {
    pub(crate) fn new(site: Arc<Site>, threads: Arc<ThreadPool>) -> Self {
        let (sender, made) = channel();
        Self { site, threads, busy_with: 0, sender, made }
    }

    /// The threads.
    pub(crate) fn threads(&self) -> &ThreadPool {
        &self.threads
    }

    /// Has a file put together.
    pub(crate) fn begin(&mut self, file: NewFile) {
        self.busy_with += 1;
        let (site, sender) = (Arc::clone(&self.site), self.sender.clone());
        self.threads.spawn(move || {
            // Nobody listens any more only where the run has failed.
            let _ = sender.send(catch_unwind(AssertUnwindSafe(|| site.make(file))));
        });
    }

    /// Whether they are at as many files as may be in memory at once.
    pub(crate) fn are_full(&self) -> bool {
        self.busy_with >= FILES_OF_A_THREAD * self.threads.current_num_threads()
    }

    /// Whether they are at any.
    pub(crate) fn are_busy(&self) -> bool {
        self.busy_with > 0
    }

    /// A file that they have made, if there is one already.
    pub(crate) fn made(&mut self) -> Option<Result<Put, LoadError>> {
        let made = self.made.try_recv().ok()?;
        Some(self.taken(made))
    }

    /// The file that they will have made next; nothing if they are at none.
    pub(crate) fn wait(&mut self) -> Option<Result<Put, LoadError>> {
        let made = self.are_busy().then(|| self.made.recv().ok()).flatten()?;
        Some(self.taken(made))
    }

    fn taken(&mut self, made: Made) -> Result<Put, LoadError> {
        self.busy_with -= 1;
        made.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Drop for Makers {
    /// A run that has failed waits for them: nothing may be written into a folder that is given up.
    fn drop(&mut self) {
        while self.busy_with > 0 && self.made.recv().is_ok() {
            self.busy_with -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use jixiao_model::dictionary::dictionary;
    use rayon::ThreadPoolBuilder;

    use super::*;

    fn makers(folder: PathBuf) -> Makers {
        let threads = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        Makers::new(Arc::new(Site { folder, parent: None }), Arc::new(threads))
    }

    /// A file without rows in a folder of its own.
    fn file(number: usize) -> NewFile {
        let table = dictionary().table("checks").unwrap();
        NewFile { table, folder: number.to_string(), from: None, rows: Vec::new(), newer: None }
    }

    #[test]
    fn each_file_that_was_begun_is_made_once() {
        let root = tempfile::tempdir().unwrap();
        let mut makers = makers(root.path().to_owned());
        assert!(makers.wait().is_none());
        let mut folders = Vec::new();
        let mut take = |put: Put| folders.push(put.file.path.split_once('/').unwrap().0.to_owned());
        for number in 0..20 {
            makers.begin(file(number));
            while makers.are_full() {
                makers
                    .made()
                    .map_or_else(|| makers.wait(), Some)
                    .into_iter()
                    .for_each(|put| take(put.unwrap()));
            }
        }
        while makers.are_busy() {
            take(makers.wait().unwrap().unwrap());
        }
        folders.sort_by_key(|folder| folder.parse::<usize>().unwrap());
        assert_eq!(folders, (0..20).map(|number| number.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_written_after_a_run_has_given_up() {
        let root = tempfile::tempdir().unwrap();
        let mut makers = makers(root.path().to_owned());
        (0..20).for_each(|number| makers.begin(file(number)));
        drop(makers);
        assert_eq!(disk::files_below(root.path()).unwrap().len(), 20);
    }

    #[test]
    fn what_fails_on_a_thread_is_told_to_the_run() {
        let root = tempfile::tempdir().unwrap();
        let no_folder = root.path().join("file");
        disk::write(&no_folder, b"").unwrap();
        let mut makers = makers(no_folder);
        makers.begin(file(0));
        assert!(matches!(makers.wait(), Some(Err(LoadError::Io { .. }))));
        assert!(!makers.are_busy());
    }
}
