//! What `ingest` needs, ready to use: arguments and pipeline file put together and checked, once.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::{Component, Path, PathBuf};

use glob::Pattern;
use serde::Deserialize;

use crate::arguments::{BackfillArguments, Format, IngestArguments, RunArguments};
use crate::failure::Failure;
use crate::plan::{Backfill, Wanted};
use crate::source;

/// A pipeline file as it is written. Its paths are relative to its own folder, so that it does not matter where a
/// scheduler starts from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PipelineFile {
    /// Files and folders to read.
    sources: Vec<PathBuf>,
    /// The folder of the warehouse.
    warehouse: PathBuf,
    /// How many documents to read at the same time.
    jobs: Option<NonZeroUsize>,
    /// A file or folder of more reference data.
    reference: Option<PathBuf>,
}

/// Everything that a run of `ingest` is told.
#[derive(Debug, PartialEq, Eq)]
pub struct Settings {
    /// Files and folders to read, at least one.
    pub paths: Vec<PathBuf>,
    /// The folder of the warehouse.
    pub warehouse: PathBuf,
    /// How many documents to read at the same time.
    pub jobs: NonZeroUsize,
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
        let rehash = run.rehash;
        let wanted = Wanted { everything: rebuild, rehash, outdated, backfill: None };
        Ok(Self { wanted, prune, ..Self::of_run(run)? })
    }
}

impl TryFrom<BackfillArguments> for Settings {
    type Error = Failure;

    fn try_from(arguments: BackfillArguments) -> Result<Self, Failure> {
        let BackfillArguments { run, years, source, rules_older_than } = arguments;
        let sources = source.map(|found| {
            Pattern::new(&found).map_err(|error| Failure::NoPattern { found, problem: error.to_string() })
        });
        let backfill = Backfill {
            years: years.as_deref().map(years_of).transpose()?,
            sources: sources.transpose()?,
            rules: None,
        };
        let wanted =
            Wanted { rehash: run.rehash, outdated: true, backfill: Some(backfill), everything: false };
        Ok(Self { wanted, rules_older_than, ..Self::of_run(run)? })
    }
}

impl Settings {
    fn of_run(arguments: RunArguments) -> Result<Self, Failure> {
        let file = arguments.pipeline.as_deref().map(read_pipeline).transpose()?;
        let (sources, warehouse, jobs, reference) = match file {
            Some(file) => (file.sources, Some(file.warehouse), file.jobs, file.reference),
            None => (Vec::new(), None, None, None),
        };
        Ok(Self {
            paths: if arguments.paths.is_empty() { sources } else { arguments.paths },
            warehouse: arguments.warehouse.or(warehouse).unwrap_or_else(|| "warehouse".into()),
            jobs: arguments.jobs.or(jobs).unwrap_or_else(processors),
            reference: arguments.reference.or(reference),
            pipeline: arguments.pipeline.map(|path| path.to_string_lossy().into_owned()),
            wanted: Wanted::default(),
            rules_older_than: None,
            prune: false,
            dry_run: arguments.dry_run,
            quiet: arguments.quiet,
            format: arguments.format,
        })
    }
}

/// A closed range of years: `2016-2019`, or `2020`.
fn years_of(text: &str) -> Result<RangeInclusive<i32>, Failure> {
    let year = |text: &str| {
        let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i32>().ok().filter(|_| is_year)
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (year(first), year(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        _ => Err(Failure::NoYears { found: text.to_owned() }),
    }
}

fn processors() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn read_pipeline(path: &Path) -> Result<PipelineFile, Failure> {
    let text = source::read_text(path)
        .map_err(|source| Failure::PipelineUnreadable { path: path.to_owned(), source })?;
    let folder = source::real_folder(path)
        .map_err(|source| Failure::PipelineUnreadable { path: path.to_owned(), source })?;
    pipeline(&folder, &text).map_err(|problem| Failure::PipelineInvalid { path: path.to_owned(), problem })
}

/// Reads the text of a pipeline file, which stands in this folder (a path without links in it).
fn pipeline(folder: &Path, text: &str) -> Result<PipelineFile, String> {
    let mut file: PipelineFile = toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())?;
    if file.sources.is_empty() {
        return Err("expected in `sources` at least one file or folder, found none".into());
    }
    file.sources.iter_mut().for_each(|source| *source = below(folder, source));
    file.warehouse = below(folder, &file.warehouse);
    file.reference = file.reference.map(|path| below(folder, &path));
    Ok(file)
}

/// A path as seen from a folder, without `..` in it.
fn below(folder: &Path, path: &Path) -> PathBuf {
    let mut seen = folder.to_owned();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                seen.pop();
            }
            Component::CurDir => {}
            part => seen.push(part),
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn paths_of_a_pipeline_are_relative_to_its_folder() {
        let text = "sources = ['in', '/abs', './a/../b']\nwarehouse = '../out'\nreference = '../names'";
        let file = pipeline(Path::new("/srv/jobs"), text).unwrap();
        assert_eq!(file.sources, ["/srv/jobs/in", "/abs", "/srv/jobs/b"].map(Path::new));
        assert_eq!(file.warehouse, Path::new("/srv/out"));
        assert_eq!(file.reference.as_deref(), Some(Path::new("/srv/names")));
    }

    #[test]
    fn what_a_pipeline_cannot_say_is_refused_with_what_it_can() {
        for (text, says) in [
            (
                "sources = ['a']\nwarehouse = 'w'\nthreads = 2",
                "expected one of `sources`, `warehouse`, `jobs`, `reference`",
            ),
            ("sources = ['a']\nwarehouse = 'w'\njobs = 0", "nonzero"),
            ("sources = 'a'\nwarehouse = 'w'", "expected a sequence"),
            ("sources = ['a']", "missing field `warehouse`"),
            ("sources = []\nwarehouse = 'w'", "at least one"),
        ] {
            let problem = pipeline(Path::new("/srv"), text).unwrap_err();
            assert!(problem.contains(says), "{problem}");
        }
    }
}
