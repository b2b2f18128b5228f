//! What each stage takes, and what the least is that it could take: `stages FOLDER…`.
//!
//! All documents of a folder go through the stages one by one, in one thread, from memory; of each stage the best round is
//! told, in processor time, as a line of JSON. What one stage makes is held against what the program makes. `make bench`
//! makes the folders and the tables.

#![expect(clippy::disallowed_methods, reason = "it reads documents and measures time")]
#![expect(clippy::expect_used, clippy::print_stdout, reason = "it is a program of its own")]

mod limits;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use jixiao::read::{Given, ReadDocument, nothing_known, read_given};
use jixiao_load::{Gathering, Held, Warehouse, stages};
use jixiao_model::RawDocument;
use jixiao_model::record::{DocumentRecords, FormRecords, Run};

/// A round lasts at least so long, since the system counts processor time in steps of some milliseconds.
const ROUND_NANOSECONDS: u64 = 200_000_000;
const ROUNDS: usize = 3;

fn main() {
    for folder in std::env::args_os().skip(1).map(PathBuf::from) {
        let documents = Documents::below(&folder);
        run(&Times { name: folder.display().to_string(), documents: &documents, rounds: ROUNDS });
    }
}

/// The documents of a folder, in the order of their names.
struct Documents {
    bytes: Vec<Vec<u8>>,
    paths: Vec<PathBuf>,
}

impl Documents {
    fn below(folder: &Path) -> Self {
        let mut paths = Vec::new();
        collect(folder, &mut paths);
        paths.sort();
        assert!(!paths.is_empty(), "there is no document below {}", folder.display());
        let bytes = paths.iter().map(|path| fs::read(path).expect("it can be read")).collect();
        Self { bytes, paths }
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

/// Measures work over the documents of a folder.
struct Times<'d> {
    name: String,
    documents: &'d Documents,
    /// How often a stage is measured; in a test not at all.
    rounds: usize,
}

impl Times<'_> {
    /// Does something over `bytes` bytes, tells the processor time of the best round, and returns what came out.
    fn stage<T>(&self, stage: &str, bytes: usize, mut work: impl FnMut() -> T) -> T {
        let mut best = u64::MAX;
        for _ in 0..self.rounds {
            let (began, mut count) = (processor_nanoseconds(), 0);
            let spent = loop {
                black_box(work());
                count += 1;
                let spent = processor_nanoseconds() - began;
                if spent >= ROUND_NANOSECONDS {
                    break spent;
                }
            };
            best = best.min(spent / count);
        }
        let (documents, seconds) = (self.documents.bytes.len(), best as f64 / 1e9);
        let line = serde_json::json!({
            "folder": self.name, "stage": stage, "documents": documents, "bytes": bytes, "seconds": seconds,
        });
        if self.rounds > 0 {
            println!("{line}");
        }
        work()
    }
}

/// The processor time of this thread.
fn processor_nanoseconds() -> u64 {
    let counts = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts it");
    counts.split(' ').next().and_then(|count| count.parse().ok()).expect("it is a number")
}

fn run(times: &Times<'_>) {
    let documents = &times.documents.bytes;
    let size = documents.iter().map(Vec::len).sum();
    limits::of_reading(times, size);

    let blocks = times.stage("blocks", size, || {
        documents
            .iter()
            .map(|bytes| jixiao_extract::blocks(bytes).expect("it is readable"))
            .collect::<Vec<_>>()
    });
    if blocks.iter().all(|blocks| blocks.decoded.is_some()) {
        let decoded = times.stage("decode", size, || {
            documents.iter().map(|bytes| jixiao_extract::stages::decode(bytes)).collect::<Vec<_>>()
        });
        assert!(decoded.iter().zip(&blocks).all(|(decoded, blocks)| *decoded == blocks.decoded));
    }
    let regions =
        times.stage("split", size, || blocks.iter().map(jixiao_extract::stages::split).sum::<usize>());
    let raw = times.stage("extract", size, || {
        documents.iter().map(|bytes| jixiao_extract::read(bytes)).collect::<Vec<_>>()
    });
    assert_eq!(regions, raw.iter().map(|raw| raw.forms.len()).sum::<usize>());
    let read: Vec<ReadDocument> = times.documents.paths.iter().zip(documents).map(as_ingested).collect();
    let records: Vec<DocumentRecords> = read.iter().map(|read| read.records.clone()).collect();
    let forms = times.stage("normalise", size, || {
        raw.iter().zip(&read).map(|(raw, read)| normalised(raw, read)).collect::<Vec<_>>()
    });
    assert!(forms.iter().eq(records.iter().map(|records| &records.forms)));
    let batches = times.stage("batches", size, || stages::batches(&records).expect("the schema holds"));
    let files = times.stage("parquet", size, || {
        batches.iter().map(|batch| stages::parquet(batch).expect("it can be written")).collect::<Vec<_>>()
    });
    assert!(files.iter().all(|file| file.starts_with(b"PAR1") && file.ends_with(b"PAR1")));
    limits::of_writing(times, size, &batches);
    let published = times.stage("load", size, || load(&read));
    assert_eq!(published, records.iter().map(|records| records.forms.len() as u64).sum::<u64>());
}

fn as_ingested((path, bytes): (&PathBuf, &Vec<u8>)) -> ReadDocument {
    let given = Given {
        name: path.to_str().expect("its name is text"),
        bytes: Some(bytes),
        problem: None,
        size_bytes: Some(bytes.len() as u64),
        modified_at: None,
        archive_size_bytes: None,
    };
    read_given(&given, &nothing_known)
}

/// What was extracted as records. These take what was printed over, so a copy of it is part of the time.
fn normalised(raw: &RawDocument, read: &ReadDocument) -> Vec<FormRecords> {
    let id = read.document.document_id.as_deref().unwrap_or_default();
    raw.forms.iter().map(|form| jixiao_normalise::normalise(form.clone(), id).0).collect()
}

/// Publishes what was read as a first snapshot, and returns how many forms it has. The journal and the commit are part
/// of it.
fn load(read: &[ReadDocument]) -> u64 {
    let folder = std::env::temp_dir().join(format!("jixiao-stages-{}", std::process::id()));
    let warehouse = Warehouse::lock(&folder, "the benchmark").expect("nobody else holds it");
    let mut update = warehouse.update().expect("it is new");
    let mut rows = Gathering::default();
    let held = read.iter().map(|ReadDocument { document, records, .. }| {
        rows.add(document.document_id.as_deref().unwrap_or_default(), records);
        (document.clone(), Some(Held::of(records)))
    });
    let held = held.collect();
    update.add(held, vec![rows.finish().expect("the schema holds")]).expect("the journal is written");
    let staged = update.stage(&jixiao_normalise::indicator_types()).expect("files are written");
    let rows = staged.rows();
    let run =
        Run { run_id: "bench".into(), kind: "ingest".into(), outcome: "succeeded".into(), ..Run::default() };
    staged.publish(&run).expect("it is published");
    fs::remove_dir_all(&folder).expect("it is ours");
    rows.iter().filter(|((table, _), _)| table == "forms").map(|(_, rows)| rows).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stages_come_to_what_the_program_comes_to() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/raw/shanghai");
        let documents = Documents::below(&folder);
        run(&Times { name: String::new(), documents: &documents, rounds: 0 });
    }
}
