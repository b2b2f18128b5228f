//! What a run needs, ready to use: arguments and pipeline file put together and checked, once.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::arguments::{Format, IngestArguments};
use crate::failure::Failure;
use crate::gates::Gates;
use crate::pipeline::globs::Globs;
use crate::pipeline::{self, Kind, Lineage, Pipeline, Retention};
use crate::source;

/// Everything that a run of `ingest` is told.
#[derive(Debug, PartialEq)]
pub struct Settings {
    /// Files and folders to read, at least one.
    pub paths: Vec<PathBuf>,
    /// Sources that are left out, by their names.
    pub exclude: Globs,
    /// The folder of the warehouse.
    pub warehouse: PathBuf,
    /// How many documents to read at the same time.
    pub jobs: NonZeroUsize,
    /// A file or folder of more reference data.
    pub reference: Option<PathBuf>,
    /// Whether documents that are gone leave the warehouse.
    pub prune: bool,
    /// Whether all files are read to be compared, whatever their size and time say.
    pub rehash: bool,
    /// How long snapshots are kept.
    pub retention: Retention,
    /// Where the report of the run goes: a file, or a folder in which each run has one.
    pub report: Option<PathBuf>,
    /// Where OpenLineage events go.
    pub lineage: Option<Lineage>,
    /// What must hold before anything is published.
    pub gates: Option<Gates>,
    /// The pipeline file as it was named, for `runs`.
    pub pipeline: Option<String>,
    /// Whether to write nothing.
    pub dry_run: bool,
    /// Whether to show neither progress nor summary.
    pub quiet: bool,
    /// Whom the summary is for.
    pub format: Format,
}

impl TryFrom<IngestArguments> for Settings {
    type Error = Failure;

    fn try_from(arguments: IngestArguments) -> Result<Self, Failure> {
        let file = match &arguments.pipeline {
            Some(path) => pipeline_of(Kind::Ingest, path)?,
            None => Pipeline::new(Vec::new(), "warehouse".into()),
        };
        Ok(Self {
            paths: if arguments.paths.is_empty() { file.sources } else { arguments.paths },
            exclude: file.exclude,
            warehouse: arguments.warehouse.unwrap_or(file.warehouse),
            jobs: arguments.jobs.or(file.jobs).unwrap_or_else(processors),
            reference: arguments.reference.or(file.reference),
            prune: file.prune,
            rehash: file.rehash,
            retention: file.retention,
            report: file.report,
            lineage: file.lineage,
            gates: file.gates,
            pipeline: arguments.pipeline.map(|path| path.to_string_lossy().into_owned()),
            dry_run: arguments.dry_run,
            quiet: arguments.quiet,
            format: arguments.format,
        })
    }
}

/// How many documents are read at the same time unless it is said.
pub fn processors() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// A pipeline file, for whichever command it is.
///
/// # Errors
/// If it cannot be opened, or is not valid.
pub fn read_pipeline(path: &Path) -> Result<Pipeline, Failure> {
    let unreadable = |source| Failure::PipelineUnreadable { path: path.to_owned(), source };
    let text = source::read_text(path).map_err(unreadable)?;
    let folder = source::real_folder(path).map_err(unreadable)?;
    pipeline::parse(&folder, &text)
        .map_err(|problems| Failure::PipelineInvalid { path: path.to_owned(), problems })
}

/// A pipeline file for this command.
///
/// # Errors
/// As [`read_pipeline`], and if it is for another command.
pub fn pipeline_of(kind: Kind, path: &Path) -> Result<Pipeline, Failure> {
    let pipeline = read_pipeline(path)?;
    if pipeline.kind == kind {
        Ok(pipeline)
    } else {
        Err(Failure::PipelineOfOtherKind { path: path.to_owned(), kind: pipeline.kind.as_str() })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command};

    fn settings(arguments: &[&str]) -> Result<Settings, Failure> {
        let arguments = Arguments::try_parse_from([&["jixiao", "ingest"], arguments].concat()).unwrap();
        let Command::Ingest(arguments) = arguments.command else { panic!("it is ingest") };
        Settings::try_from(arguments)
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "it makes a file")]
    fn what_is_typed_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("p.toml");
        std::fs::write(&file, "sources = 'in'\nwarehouse = 'w'\njobs = 3\nprune = true").unwrap();
        let file = file.to_str().unwrap();
        let real = source::real_folder(Path::new(file)).unwrap();
        let told = settings(&["--pipeline", file]).unwrap();
        assert_eq!((&told.paths, &told.warehouse), (&vec![real.join("in")], &real.join("w")));
        assert_eq!((told.jobs.get(), told.prune, told.pipeline.as_deref()), (3, true, Some(file)));
        let typed = settings(&["--pipeline", file, "here", "--warehouse", "v", "--jobs", "1"]).unwrap();
        assert_eq!((typed.paths, typed.warehouse), (vec!["here".into()], "v".into()));
        assert_eq!((typed.jobs.get(), typed.prune), (1, true));
        let alone = settings(&["here"]).unwrap();
        assert_eq!((alone.warehouse, alone.pipeline), ("warehouse".into(), None));
        assert_eq!(alone.retention, Retention::default());
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "it makes a file")]
    fn a_pipeline_of_another_command_is_refused_with_that() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("p.toml");
        let text = "kind = 'backfill'\nsources = 'in'\nwarehouse = 'w'\nbackfill.years = 2018";
        std::fs::write(&file, text).unwrap();
        let failure = settings(&["--pipeline", file.to_str().unwrap()]).unwrap_err();
        assert!(failure.to_string().contains("jixiao backfill --pipeline"), "{failure}");
    }
}
