//! What a run needs, ready to use: arguments and pipeline file put together and checked, once.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use jixiao_load::Retention;

use crate::arguments::{BackfillArguments, Format, IngestArguments, RunArguments};
use crate::failure::Failure;
use crate::gates::Gates;
use crate::pipeline::globs::Globs;
use crate::pipeline::section::years;
use crate::pipeline::{self, Kind, Lineage, Pipeline};
use crate::plan::{Backfill, Wanted};
use crate::source;

/// Everything that a run of `ingest` or `backfill` is told.
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
    /// How many bytes of what was read may wait in memory.
    pub memory_bytes: u64,
    /// A file or folder of more reference data.
    pub reference: Option<PathBuf>,
    /// The pipeline file as it was named, for `runs`.
    pub pipeline: Option<String>,
    /// What to read of what is found.
    pub wanted: Wanted,
    /// Rules than which those of a backfill's documents are to be older, before it is known which there are.
    pub rules_older_than: Option<String>,
    /// Whether to leave out of the warehouse what is not found any more.
    pub prune: bool,
    /// How long snapshots are kept.
    pub retention: Retention,
    /// Where the report of the run goes: a file, or a folder in which each run has one.
    pub report: Option<PathBuf>,
    /// Where OpenLineage events go.
    pub lineage: Option<Lineage>,
    /// What must hold before anything is published.
    pub gates: Option<Gates>,
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
        let IngestArguments { run, prune, outdated, rebuild } = arguments;
        let (settings, _) = Self::of_run(Kind::Ingest, run)?;
        let wanted = Wanted { everything: rebuild, outdated, ..settings.wanted };
        Ok(Self { wanted, prune: prune || settings.prune, ..settings })
    }
}

impl TryFrom<BackfillArguments> for Settings {
    type Error = Failure;

    fn try_from(arguments: BackfillArguments) -> Result<Self, Failure> {
        let BackfillArguments { run, years, source, rules_older_than } = arguments;
        let (settings, file) = Self::of_run(Kind::Backfill, run)?;
        let file = file.unwrap_or_default();
        let backfill = Backfill {
            years: years
                .as_deref()
                .map(years_of)
                .transpose()?
                .or(file.years.map(|(first, last)| first..=last)),
            sources: source.as_deref().map(pattern_of).transpose()?.or(file.sources),
            rules: None,
        };
        let wanted = Wanted { outdated: true, backfill: Some(backfill), ..settings.wanted };
        Ok(Self { wanted, rules_older_than: rules_older_than.or(file.rules_older_than), ..settings })
    }
}

impl Settings {
    /// What is common to both commands, and what the file says of a backfill.
    fn of_run(kind: Kind, arguments: RunArguments) -> Result<(Self, Option<pipeline::Backfill>), Failure> {
        let file = match &arguments.pipeline {
            Some(path) => pipeline_of(kind, path)?,
            None => Pipeline::new(Vec::new(), "warehouse".into()),
        };
        let settings = Self {
            paths: if arguments.paths.is_empty() { file.sources } else { arguments.paths },
            exclude: file.exclude,
            warehouse: arguments.warehouse.unwrap_or(file.warehouse),
            jobs: arguments.jobs.or(file.jobs).unwrap_or_else(processors),
            memory_bytes: arguments.memory.map_or(file.memory_bytes, |mib| u64::from(mib.get()) << 20),
            reference: arguments.reference.or(file.reference),
            pipeline: arguments.pipeline.map(|path| path.to_string_lossy().into_owned()),
            wanted: Wanted {
                rehash: arguments.rehash || file.rehash,
                most_bytes: file.most_bytes,
                ..Wanted::default()
            },
            rules_older_than: None,
            prune: file.prune,
            retention: file.retention,
            report: file.report,
            lineage: file.lineage,
            gates: file.gates,
            dry_run: arguments.dry_run,
            quiet: arguments.quiet,
            format: arguments.format,
        };
        Ok((settings, file.backfill))
    }
}

/// A closed range of years: `2016-2019`, or `2020`.
fn years_of(text: &str) -> Result<std::ops::RangeInclusive<i32>, Failure> {
    years(text).map(|(first, last)| first..=last).ok_or_else(|| Failure::NoYears { found: text.to_owned() })
}

fn pattern_of(text: &str) -> Result<Globs, Failure> {
    let mut globs = Globs::default();
    let problem = |problem| Failure::NoPattern { found: text.to_owned(), problem };
    globs.add(text).map(|()| globs).map_err(problem)
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
        let arguments = Arguments::try_parse_from([&["jixiao"], arguments].concat()).unwrap();
        match arguments.command {
            Command::Ingest(arguments) => Settings::try_from(arguments),
            Command::Backfill(arguments) => Settings::try_from(arguments),
            other => panic!("{other:?}"),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "it makes a file")]
    fn with_file(text: &str, check: impl FnOnce(&str, &Path)) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("p.toml");
        std::fs::write(&file, text).unwrap();
        check(file.to_str().unwrap(), &source::real_folder(&file).unwrap());
    }

    #[test]
    fn years_are_a_closed_range() {
        for (text, years) in [("2016-2019", 2016..=2019), ("2020", 2020..=2020), ("2020-2020", 2020..=2020)] {
            assert_eq!(years_of(text).ok(), Some(years));
        }
        for text in ["", "-", "2019-2016", "2016-", "16-19", "2016..2019", "2016-2019-2020", "+016-2019"] {
            assert!(years_of(text).unwrap_err().to_string().contains("2016-2019 or 2020"), "{text}");
        }
    }

    #[test]
    fn what_is_typed_wins_over_the_file() {
        with_file(
            "sources = 'in'\nwarehouse = 'w'\njobs = 3\nprune = true\n[limits]\nmemory_mib = 7",
            |file, folder| {
                let told = settings(&["ingest", "--pipeline", file]).unwrap();
                assert_eq!((&told.paths, &told.warehouse), (&vec![folder.join("in")], &folder.join("w")));
                assert_eq!((told.jobs.get(), told.prune, told.pipeline.as_deref()), (3, true, Some(file)));
                assert_eq!(told.memory_bytes, 7 << 20);
                let more =
                    ["ingest", "--pipeline", file, "here", "--warehouse", "v", "--jobs", "1", "--rehash"];
                let typed = settings(&[&more[..], &["--memory", "16"]].concat()).unwrap();
                assert_eq!(typed.memory_bytes, 16 << 20);
                assert_eq!((typed.paths, typed.warehouse), (vec!["here".into()], "v".into()));
                assert_eq!((typed.jobs.get(), typed.prune, typed.wanted.rehash), (1, true, true));
            },
        );
        let alone = settings(&["ingest", "here"]).unwrap();
        assert_eq!((alone.warehouse, alone.pipeline), ("warehouse".into(), None));
        assert_eq!((alone.retention, alone.memory_bytes), (Retention::default(), jixiao_load::MEMORY_BYTES));
    }

    #[test]
    fn a_backfill_is_about_what_the_file_says_unless_it_is_typed() {
        let text = "kind = 'backfill'\nsources = 'in'\nwarehouse = 'w'\n[backfill]\nyears = '2016-2019'\n\
                    sources = '上海/**'\nrules_older_than = 'current'";
        with_file(text, |file, _| {
            let told = settings(&["backfill", "--pipeline", file]).unwrap();
            let backfill = told.wanted.backfill.unwrap();
            assert_eq!(
                (backfill.years, told.rules_older_than.as_deref()),
                (Some(2016..=2019), Some("current"))
            );
            assert!(backfill.sources.unwrap().matches("上海/1.txt"));
            let typed = ["backfill", "--pipeline", file, "--years", "2018", "--source", "北京/**"];
            let backfill = settings(&typed).unwrap().wanted.backfill.unwrap();
            assert_eq!(backfill.years, Some(2018..=2018));
            assert!(!backfill.sources.unwrap().matches("上海/1.txt"));
            let failure = settings(&["ingest", "--pipeline", file]).unwrap_err();
            assert!(failure.to_string().contains("jixiao backfill --pipeline"), "{failure}");
        });
    }
}
