//! A pipeline file: what a scheduled run reads, where to, how long it is kept, and what must hold of it.
//!
//! [`parse`] is pure and tells all problems of a file at once. Paths are relative to the folder of the file, so that it
//! does not matter where a scheduler starts from. `pipelines/nightly.toml` and `pipelines/backfill.toml` explain each key.

use std::num::NonZeroUsize;
use std::path::{Component, Path, PathBuf};

use jiff::civil::Date;
use jixiao_load::{MEMORY_BYTES, Retention};

use crate::gates::Gates;
use crate::source::MOST_BYTES;
use globs::Globs;
pub use section::Problem;
use section::{File, Section, Value};

pub mod globs;
pub mod section;

/// A pipeline file, read and checked as far as that goes without looking at other files.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// Which command it is for.
    pub kind: Kind,
    /// Files and folders to read, at least one.
    pub sources: Vec<PathBuf>,
    /// Sources that are left out, by their names.
    pub exclude: Globs,
    /// The folder of the warehouse.
    pub warehouse: PathBuf,
    /// A file or folder of more reference data.
    pub reference: Option<PathBuf>,
    /// How many documents to read at the same time.
    pub jobs: Option<NonZeroUsize>,
    /// Whether documents that are gone leave the warehouse.
    pub prune: bool,
    /// Whether all files are read to be compared, whatever their size and time say.
    pub rehash: bool,
    /// The longest file that is read, in bytes.
    pub most_bytes: u64,
    /// How many bytes of what was read may wait in memory.
    pub memory_bytes: u64,
    /// How long snapshots are kept.
    pub retention: Retention,
    /// Where the report of a run goes: a file, or a folder in which each run has one.
    pub report: Option<PathBuf>,
    /// Where OpenLineage events go.
    pub lineage: Option<Lineage>,
    /// What a backfill reads; nothing for `ingest`.
    pub backfill: Option<Backfill>,
    /// What must hold before anything is published.
    pub gates: Option<Gates>,
}

/// Which command a pipeline is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `jixiao ingest`.
    Ingest,
    /// `jixiao backfill`.
    Backfill,
}

impl Kind {
    /// The command, and the word in the column `kind` of `runs`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Backfill => "backfill",
        }
    }
}

/// Where OpenLineage events go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The file to which they are added, one a line.
    pub path: PathBuf,
    /// The namespace of the job.
    pub namespace: String,
}

/// What a backfill reads of the sources.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backfill {
    /// The first and the last fiscal year.
    pub years: Option<(i32, i32)>,
    /// Only these sources, by their names.
    pub sources: Option<Globs>,
    /// Only documents that were read by older rules than these: `current`, a version as `status` shows it, or the day on
    /// which they were in use.
    pub rules_older_than: Option<String>,
}

impl Pipeline {
    /// What a file means that names sources and a warehouse, and nothing else.
    pub fn new(sources: Vec<PathBuf>, warehouse: PathBuf) -> Self {
        Self {
            kind: Kind::Ingest,
            sources,
            exclude: Globs::default(),
            warehouse,
            reference: None,
            jobs: None,
            prune: false,
            rehash: false,
            most_bytes: MOST_BYTES,
            memory_bytes: MEMORY_BYTES,
            retention: Retention::default(),
            report: None,
            lineage: None,
            backfill: None,
            gates: None,
        }
    }
}

/// Reads the text of a pipeline file, which stands in this folder (a path without links in it).
///
/// # Errors
/// All that is wrong with it, in the order of its lines.
pub fn parse(folder: &Path, text: &str) -> Result<Pipeline, Vec<Problem>> {
    match examine(folder, text) {
        (Some(pipeline), problems) if problems.is_empty() => Ok(pipeline),
        (_, problems) => Err(problems),
    }
}

/// What a pipeline file says as far as that can be told, and all that is wrong with it, in the order of its lines.
pub fn examine(folder: &Path, text: &str) -> (Option<Pipeline>, Vec<Problem>) {
    let file = File::new(text);
    match file.parse() {
        Ok(table) => {
            let pipeline = read(folder, Section::root(&file, table.get_ref()), &file);
            (pipeline, file.problems())
        }
        Err(problem) => (None, vec![problem]),
    }
}

/// Nothing if a key that must be there is not.
fn read(folder: &Path, mut root: Section<'_>, file: &File<'_>) -> Option<Pipeline> {
    let path = |value: Value<'_>| value.text("a path").map(|path| below(folder, Path::new(path)));
    let kinds = [("ingest", Kind::Ingest), ("backfill", Kind::Backfill)];
    let kind = root.take("kind").and_then(|value| value.word(&kinds)).unwrap_or(Kind::Ingest);
    let sources = root.need("sources", "a list of files and folders to read").and_then(|value| {
        let sources = value.texts("at least one file or folder")?;
        Some(sources.into_iter().filter_map(path).collect())
    });
    let exclude = root.take("exclude").and_then(|value| patterns(&value)).unwrap_or_default();
    let warehouse = root.need("warehouse", "the folder of the warehouse").and_then(path);
    let reference = root.take("reference").and_then(path);
    let jobs = root.take("jobs").and_then(|value| value.positive());
    let prune = root.take("prune").and_then(|value| value.flag()).unwrap_or(false);
    let rehash = root.take("rehash").and_then(|value| value.flag()).unwrap_or(false);
    let (most_bytes, memory_bytes) = root.section("limits").map_or((MOST_BYTES, MEMORY_BYTES), limits);
    let retention = root.section("retention").map(retention).unwrap_or_default();
    let report = root.section("report").and_then(|mut section| {
        let report = section.need("path", "the file or folder of the report").and_then(path);
        section.finish();
        report
    });
    let lineage = root.section("lineage").and_then(|mut section| {
        let path = section.need("path", "the file of the events").and_then(path);
        let namespace = section.take("namespace").and_then(|value| value.text("a name"));
        section.finish();
        Some(Lineage { path: path?, namespace: namespace.unwrap_or("jixiao").to_owned() })
    });
    let backfill = root.section("backfill").map(backfill);
    let gates = root.section("gates").map(Gates::read);
    root.finish();
    if kind == Kind::Ingest && backfill.is_some() {
        let text = "expected `kind = \"backfill\"` beside the section `backfill`, found none";
        file.problem(None, text.to_owned());
    }
    let (sources, warehouse) = (sources?, warehouse?);
    Some(Pipeline {
        kind,
        sources,
        exclude,
        warehouse,
        reference,
        jobs,
        prune,
        rehash,
        most_bytes,
        memory_bytes,
        retention,
        report,
        lineage,
        backfill,
        gates,
    })
}

/// The longest file that is read, and what may wait in memory, in bytes. More than a gigabyte in one file is more than the
/// memory that a run is to take.
fn limits(mut section: Section<'_>) -> (u64, u64) {
    const MIB: u64 = 1 << 20;
    let document = section.take("document_mib").and_then(|value| {
        let mib = value.count(1)?;
        if mib > 1024 {
            value.refuse("at most 1024");
            return None;
        }
        Some(u64::from(mib) * MIB)
    });
    let memory = section.take("memory_mib").and_then(|value| value.count(1)).map(|mib| u64::from(mib) * MIB);
    section.finish();
    (document.unwrap_or(MOST_BYTES), memory.unwrap_or(MEMORY_BYTES))
}

fn retention(mut section: Section<'_>) -> Retention {
    let Retention { days, snapshots } = Retention::default();
    let days = section.take("days").and_then(|value| value.count(0)).unwrap_or(days);
    let snapshots = section.take("snapshots").and_then(|value| value.count(1)).unwrap_or(snapshots);
    section.finish();
    Retention { days, snapshots }
}

fn backfill(mut section: Section<'_>) -> Backfill {
    let years = section.take("years").and_then(|value| value.years());
    let sources = section.take("sources").and_then(|value| patterns(&value));
    let rules_older_than = section.take("rules_older_than").and_then(|value| {
        let expected =
            "`current`, a version of the rules as `jixiao status` shows it, or a day as \"2026-01-31\"";
        let version = value.text(expected)?;
        if !is_rules_version(version) {
            value.refuse(expected);
        }
        Some(version.to_owned())
    });
    section.finish();
    Backfill { years, sources, rules_older_than }
}

/// Whether a text says which rules are meant.
pub fn is_rules_version(text: &str) -> bool {
    let is_version = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_version || text == "current" || text.parse::<Date>().is_ok()
}

fn patterns(value: &Value<'_>) -> Option<Globs> {
    let expected = "a pattern as \"drafts/**\"";
    let mut globs = Globs::default();
    for value in value.texts(expected)? {
        if let Err(problem) = globs.add(value.text(expected)?) {
            value.refuse(&format!("{expected} ({problem})"));
        }
    }
    Some(globs)
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
    use proptest::prelude::*;

    use super::*;
    use crate::gates::{AtLeast, Consequence};

    fn parsed(text: &str) -> Pipeline {
        parse(Path::new("/srv/jobs"), text).unwrap()
    }

    /// Checks the problems of a file, each by what it begins and ends with.
    fn check(text: &str, expected: &[(&str, &str)]) {
        let found = parse(Path::new("/srv"), text).unwrap_err();
        let found: Vec<String> = found.iter().map(Problem::to_string).collect();
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, (begins, ends)) in found.iter().zip(expected) {
            assert!(
                found.starts_with(begins) && found.ends_with(ends),
                "{found:?} for {begins:?} … {ends:?}"
            );
        }
    }

    #[test]
    fn paths_are_relative_to_the_folder_of_the_file() {
        let text = "sources = ['in', '/abs', './a/../b']\nwarehouse = '../out'\nreference = '../names'\n\
                    [report]\npath = 'reports/'\n[lineage]\npath = '/var/events.jsonl'";
        let file = parsed(text);
        assert_eq!(file.sources, ["/srv/jobs/in", "/abs", "/srv/jobs/b"].map(Path::new));
        assert_eq!(file.warehouse, Path::new("/srv/out"));
        assert_eq!(file.reference.as_deref(), Some(Path::new("/srv/names")));
        assert_eq!(file.report.as_deref(), Some(Path::new("/srv/jobs/reports")));
        let lineage = Lineage { path: "/var/events.jsonl".into(), namespace: "jixiao".into() };
        assert_eq!(file.lineage, Some(lineage));
    }

    #[test]
    fn what_a_file_does_not_say_is_as_documented() {
        let file = parsed("sources = 'in'\nwarehouse = 'w'");
        assert_eq!((file.kind, file.jobs, file.prune, file.rehash), (Kind::Ingest, None, false, false));
        assert_eq!(file.retention, Retention { days: 7, snapshots: 3 });
        assert_eq!((&file.report, &file.lineage, &file.backfill, &file.gates), (&None, &None, &None, &None));
        assert!(file.exclude.is_empty());
        assert_eq!(file.most_bytes, MOST_BYTES);
        let small = parsed("sources = 'in'\nwarehouse = 'w'\n[limits]\ndocument_mib = 8");
        assert_eq!((small.most_bytes, small.memory_bytes), (8 << 20, MEMORY_BYTES));
        let little = parsed("sources = 'in'\nwarehouse = 'w'\n[limits]\nmemory_mib = 16");
        assert_eq!((little.most_bytes, little.memory_bytes), (MOST_BYTES, 16 << 20));
        let days = parsed("sources = 'in'\nwarehouse = 'w'\n[retention]\ndays = 0").retention;
        assert_eq!(days, Retention { days: 0, snapshots: 3 });
    }

    #[test]
    fn a_backfill_says_what_it_reads() {
        let text = "kind = 'backfill'\nsources = 'in'\nwarehouse = 'w'\n[backfill]\nyears = '2016-2019'\n\
                    sources = '上海/**'\nrules_older_than = 'current'";
        let Backfill { years, sources, rules_older_than } = parsed(text).backfill.unwrap();
        assert_eq!((years, rules_older_than.as_deref()), (Some((2016, 2019)), Some("current")));
        assert!(sources.unwrap().matches("上海/2016/1.txt"));
        let year = "kind = 'backfill'\nsources = 'in'\nwarehouse = 'w'\nbackfill = { years = 2018 }";
        assert_eq!(parsed(year).backfill.unwrap().years, Some((2018, 2018)));
        let day =
            "kind = 'backfill'\nsources = 'in'\nwarehouse = 'w'\nbackfill.rules_older_than = '2026-01-31'";
        assert_eq!(parsed(day).backfill.unwrap().rules_older_than.as_deref(), Some("2026-01-31"));
    }

    #[test]
    fn gates_have_the_severity_of_their_section_unless_they_say_otherwise() {
        let text = "sources = 'in'\nwarehouse = 'w'\n[gates]\nseverity = 'warn'\n\
                    parsed = { at_least = 0.95, of_at_least = 20 }\nyear_vanished = { severity = 'error' }\n\
                    [gates.rows]\nforms = { may_drop = 0.1, severity = 'error' }\n\
                    [gates.checks]\nmissing-amount = { at_least = 1 }";
        let gates = parsed(text).gates.unwrap();
        let at_least = |share, of_at_least| AtLeast { share, of_at_least, severity: Consequence::Warn };
        assert_eq!(gates.parsed, Some(at_least(0.95, 20)));
        assert_eq!(gates.year_vanished, Consequence::Error);
        assert_eq!(gates.rows["forms"].severity, Consequence::Error);
        assert_eq!(gates.checks["missing-amount"], at_least(1.0, 1));
        let bare = parsed("sources = 'in'\nwarehouse = 'w'\n[gates]").gates.unwrap();
        assert_eq!(bare, Gates::default(), "a year that vanishes fails");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_where() {
        check(
            "soruces = ['in']\nwarehouse = 7\njobs = 0\n'项目' = 1\nexclude = ['a[']\nprune = 'yes'\n\
             [retention]\nday = 3\nsnapshots = 0\n[gates]\nparsed = { at_least = 95 }\nunreadable = {}\n\
             [gates.rows]\nform = { may_drop = 0.1 }\n[gates.checks]\nmissing_amount = { at_least = 0.5 }",
            &[
                ("expected `gates.unreadable.at_most`", "found none"),
                ("expected `sources`", "found none"),
                ("line 1, column 1: ", "found `soruces`; did you mean `sources`?"),
                ("line 2, column 13: expected in `warehouse` a path", "found `7`"),
                ("line 3, column 8: expected in `jobs` a whole number of at least 1", "found `0`"),
                ("line 4, column 1: expected one of `kind`, `sources`", "found `项目`"),
                ("line 5, column 12: expected in `exclude` a pattern", "found `a[`"),
                ("line 6, column 9: expected in `prune` `true` or `false`", "found `yes`"),
                ("line 8, column 1: ", "in `retention`, found `day`; did you mean `days`?"),
                ("line 9, column 13: ", "at least 1, found `0`"),
                ("line 11, column 23: expected in `gates.parsed.at_least` a share", "found `95`"),
                ("line 14, column 1: ", "did you mean `forms`?"),
                ("line 16, column 1: ", "did you mean `missing-amount`?"),
            ],
        );
        check("sources = ['a'\nwarehouse = 'w'\njobs = = 2", &[("line 2, column 1: ", "expected `,`")]);
        check(
            "sources = 'a'\nwarehouse = 'w'\njobs = 2\njobs = 3",
            &[("line 4, column 1: ", "duplicate key")],
        );
        check("sources = []\nwarehouse = ' '", &[("line 1", "an empty list"), ("line 2", "found ` `")]);
        check("sources = ['a', 3]\nwarehouse = 'w'", &[("line 1, column 17", "found `3`")]);
    }

    #[test]
    fn a_section_of_another_kind_of_pipeline_is_refused() {
        let beside = "sources = 'in'\nwarehouse = 'w'\n";
        check(
            &format!("{beside}[backfill]\nyears = 2018"),
            &[("expected `kind = \"backfill\"`", "found none")],
        );
        check(
            &format!("kind = 'nightly'\n{beside}"),
            &[("line 1", "`ingest` or `backfill`, found `nightly`")],
        );
        for (key, value) in [("years", "'2019-2016'"), ("rules_older_than", "'0.1.0'"), ("sources", "'/x'")] {
            let years = if key == "years" { "" } else { "years = 2018\n" };
            let text = format!("kind = 'backfill'\n{beside}[backfill]\n{years}{key} = {value}");
            let problems = parse(Path::new("/srv"), &text).unwrap_err();
            let key = format!("expected in `backfill.{key}`");
            assert!(problems.iter().any(|problem| problem.text.starts_with(&key)), "{problems:?}");
        }
    }

    proptest! {
        /// Whatever becomes of a file by a slip of the hand, it is read or refused, and what is refused is in it.
        #[test]
        fn a_spoilt_file_is_refused_where_it_is_spoilt(at in 0_usize..4_000, cut in 0_usize..40, put in "[ -~\n项]{0,6}") {
            let text = include_str!("../../../pipelines/nightly.toml");
            let kept = |skip, take| text.chars().skip(skip).take(take).collect::<String>();
            let spoilt = format!("{}{put}{}", kept(0, at), kept(at + cut, usize::MAX));
            for problem in examine(Path::new("/srv"), &spoilt).1 {
                let Some(at) = problem.at else { continue };
                let line = spoilt.split('\n').nth(at.line - 1);
                prop_assert!(line.is_some_and(|line| at.column <= line.chars().count() + 1), "{problem} in {spoilt}");
            }
        }
    }
}
