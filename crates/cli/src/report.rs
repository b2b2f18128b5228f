//! The report of a run: one JSON file with all that it did, for whoever watches runs.
//!
//! `docs/run-report.schema.json` describes it; a test holds reports against it. It is written whole or not at all, also
//! of a run that failed, and a report that cannot be written undoes nothing.

#![expect(clippy::disallowed_methods, reason = "it writes the file that the operator has named")]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jixiao_load::SnapshotId;
use jixiao_model::record::Run;
use serde::Serialize;

use crate::gates::Missed;
use crate::summary::Summary;

/// The version of the report's shape: a key that goes or means something else makes it another.
pub const REPORT_VERSION: u32 = 1;

/// What a run did.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// [`REPORT_VERSION`].
    pub report_version: u32,
    /// The run's id, as in `runs`.
    pub run_id: &'a str,
    /// `ingest` or `backfill`.
    pub kind: &'a str,
    /// The pipeline file as it was named.
    pub pipeline: Option<&'a str>,
    /// When it started, in UTC.
    pub started_at: String,
    /// When it ended.
    pub finished_at: String,
    /// How long that took.
    pub seconds: f64,
    /// The exit code of the program.
    pub exit_code: u8,
    /// Why nothing was published, if it failed.
    pub error: Option<&'a str>,
    /// The row of `runs`; nothing if it failed before it had read the documents.
    pub run: Option<&'a Run>,
    /// The snapshots before and after it.
    pub snapshot: Snapshots,
    /// The gates that it missed.
    pub gates: &'a [Missed],
    /// What it wrote; nothing if it published nothing.
    pub written: Option<Written>,
    /// What it read and found; nothing if it failed before it had read the documents.
    pub summary: Option<&'a Summary>,
}

/// What readers see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Snapshots {
    /// Before the run; nothing if there was none.
    pub before: Option<SnapshotId>,
    /// After it: the same if it published nothing.
    pub after: Option<SnapshotId>,
}

/// The Parquet files of a snapshot and their bytes, by how they came into it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Files that were written.
    pub files_written: u64,
    /// Files that were linked from the snapshot before, since they are the same.
    pub files_linked: u64,
    /// Bytes of the files that were written.
    pub bytes_written: u64,
    /// Bytes of the files that were linked.
    pub bytes_linked: u64,
}

/// The file of a report: the path itself if it ends in `.json`, else a file of the run's name in that folder.
pub fn file(path: &Path, run_id: &str) -> PathBuf {
    let is_file = path.extension().is_some_and(|ending| ending == "json") && !path.is_dir();
    if is_file { path.to_owned() } else { path.join(format!("{run_id}.json")) }
}

/// Writes a report, and says where it is.
///
/// # Errors
/// If it cannot be written; then what was there before is still there.
pub fn write(path: &Path, report: &Report<'_>) -> io::Result<PathBuf> {
    let path = file(path, report.run_id);
    let text = serde_json::to_string_pretty(report)? + "\n";
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}", report.run_id));
    let written = (|| {
        let mut file = File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, &path)
    })();
    if written.is_err() {
        // It may never have been made.
        let _ = fs::remove_file(&temporary);
    }
    written.map(|()| path)
}

/// Adds lines to a file, each whole: another run may add to it at the same time.
///
/// # Errors
/// If the file cannot be written to.
pub fn append(path: &Path, lines: &[String]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    File::options().create(true).append(true).open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(run_id: &str) -> Report<'_> {
        Report {
            report_version: REPORT_VERSION,
            run_id,
            kind: "ingest",
            pipeline: None,
            started_at: "2026-01-02T03:04:05.000000Z".into(),
            finished_at: "2026-01-02T03:04:06.500000Z".into(),
            seconds: 1.5,
            exit_code: 1,
            error: Some("no"),
            run: None,
            snapshot: Snapshots { before: Some(SnapshotId(3)), after: Some(SnapshotId(3)) },
            gates: &[],
            written: None,
            summary: None,
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_path_is_a_file_for_the_last_run_or_a_folder_for_all() {
        let folder = tempfile::tempdir().unwrap();
        let (one, all) = (folder.path().join("a/last.json"), folder.path().join("all"));
        for run_id in ["run-1", "run-2"] {
            assert_eq!(write(&one, &report(run_id)).unwrap(), one);
            write(&all, &report(run_id)).unwrap();
        }
        assert_eq!(names(&folder.path().join("a")), ["last.json"]);
        assert_eq!(names(&all), ["run-1.json", "run-2.json"]);
        let last: serde_json::Value = serde_json::from_str(&fs::read_to_string(one).unwrap()).unwrap();
        assert_eq!((&last["run_id"], &last["snapshot"]["before"]), (&"run-2".into(), &"000003".into()));
    }

    #[test]
    fn what_cannot_be_written_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("last.json/x")).unwrap();
        fs::write(folder.path().join("file"), "x").unwrap();
        assert!(write(&folder.path().join("file/below"), &report("run-1")).is_err());
        write(&folder.path().join("last.json"), &report("run-1")).unwrap();
        assert_eq!(names(&folder.path().join("last.json")), ["run-1.json", "x"], "a folder may be called so");
        assert_eq!(names(folder.path()), ["file", "last.json"]);
    }

    #[test]
    fn lines_are_added_behind_those_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events/all.jsonl");
        append(&path, &["1".into()]).unwrap();
        append(&path, &["2".into(), "3".into()]).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "1\n2\n3\n");
    }
}
