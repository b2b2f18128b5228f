//! Why a command did not do what it was told, and the exit codes.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jixiao_load::LoadError;

use crate::gates::{Consequence, Missed};
use crate::pipeline::Problem;
use crate::terminal::shown;

/// How a run ended, as its exit code says; the codes are in `jixiao --help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: all good.
    Good,
    /// 1: it failed, and nothing was published.
    Failed,
    /// 2: wrong usage or configuration.
    Usage,
    /// 3: published, or would be in a dry run, but some documents could not be read, or a quality gate warns.
    Incomplete,
    /// 4: another run holds the warehouse.
    Held,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A path that was named is not there.
    #[error("expected a file or folder at {}, found none ({source}); check the path", at(path))]
    NoSuchPath {
        /// The path.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// There is nothing to read.
    #[error(
        "no document was found in {}; nothing was published. Names that begin with `.`, `~$` or `README` are left out",
        paths.iter().map(|path| at(path)).collect::<Vec<_>>().join(", ")
    )]
    NoDocuments {
        /// Where it was looked for.
        paths: Vec<PathBuf>,
    },
    /// Two files of several folders would have one name in the warehouse.
    #[error(
        "{} and {} would both be the source `{}`, since sources are named below the paths given; \
         give the folder above them instead",
        at(one),
        at(other),
        shown(name)
    )]
    SameSource {
        /// The name.
        name: String,
        /// One of the files.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// A run would read what the last one wrote.
    #[error("{}; choose another warehouse, or folders beside it", shown(problem))]
    Overlap {
        /// Which folders are within one another.
        problem: String,
    },
    /// A pipeline file cannot be opened.
    #[error("cannot read the pipeline {}: {source}", at(path))]
    PipelineUnreadable {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// A pipeline file says something that cannot be.
    #[error("the pipeline {} is not valid:{}", at(path), listed(problems))]
    PipelineInvalid {
        /// The file.
        path: PathBuf,
        /// All that is wrong, with what was expected.
        problems: Vec<Problem>,
    },
    /// A pipeline file is for another command.
    #[error("the pipeline {} is for another command; run `jixiao {kind} --pipeline {}`", at(path), at(path))]
    PipelineOfOtherKind {
        /// The file.
        path: PathBuf,
        /// The command.
        kind: &'static str,
    },
    /// Reference data cannot be opened.
    #[error("cannot read the reference data {}: {source}", at(path))]
    ReferenceUnreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// Reference data says something that cannot be.
    #[error("the reference data {} was not added: {problem}", shown(file))]
    ReferenceRefused {
        /// The file.
        file: String,
        /// What is wrong, with what was expected.
        problem: String,
    },
    /// A folder of reference data has none.
    #[error("expected files that end with .toml in the folder {}, found none", at(path))]
    NoReference {
        /// The folder.
        path: PathBuf,
    },
    /// A file to be inspected cannot be opened.
    #[error("cannot read {}: {reason}", at(path))]
    DocumentUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A form to be inspected does not exist.
    #[error("expected the number of a form from 1 to {count}, found {number}")]
    NoSuchForm {
        /// The number that was asked for.
        number: u32,
        /// How many forms there are.
        count: usize,
    },
    /// Quality gates were missed that forbid to publish.
    #[error(
        "nothing was published: quality gates of the pipeline were missed:{}\n  The tables are kept in {}",
        missed_lines(missed),
        at(held)
    )]
    GatesMissed {
        /// All that were missed.
        missed: Vec<Missed>,
        /// Where what was held back is.
        held: PathBuf,
    },
    /// The threads could not be started.
    #[error("cannot start {jobs} threads: {reason}; try fewer with --jobs")]
    Threads {
        /// How many.
        jobs: usize,
        /// What the system said.
        reason: String,
    },
    /// The operating system does not let the run listen to signals.
    #[error("cannot listen to signals: {0}")]
    Signals(io::Error),
    /// Somebody told the run to stop.
    #[error(
        "stopped by {signal}; nothing was published. What was read is kept: the next run goes on from there"
    )]
    Stopped {
        /// The signal.
        signal: &'static str,
    },
    /// The years of a backfill are no range.
    #[error("expected years as 2016-2019 or 2020, found `{found}`")]
    NoYears {
        /// What was given.
        found: String,
    },
    /// A pattern of sources is none.
    #[error("expected a pattern of sources such as `2016/**/*.xlsx`, found `{found}`: {problem}")]
    NoPattern {
        /// What was given.
        found: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A version of the rules, or a day, was expected.
    #[error(
        "expected a version of the rules that the warehouse knows (`jixiao status`), a day such as 2026-01-31, or \
         `current`, found `{found}`"
    )]
    NoRules {
        /// What was given.
        found: String,
    },
    /// The warehouse.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The result could not be written as JSON: a fault of jixiao.
    #[error("cannot write the result as JSON: {0}; this is a fault of jixiao, please report it")]
    Json(#[from] serde_json::Error),
    /// The result could not be printed.
    #[error("cannot print the result: {0}")]
    Output(io::Error),
}

/// A path as a word that cannot steer a terminal, nor begin a line of its own: files are named by strangers.
fn at(path: &Path) -> String {
    shown(&path.display().to_string())
}

/// Problems behind a colon, each on a line of its own if there are several.
fn listed(problems: &[Problem]) -> String {
    match problems {
        [problem] => format!(" {problem}"),
        problems => problems.iter().map(|problem| format!("\n  {problem}")).collect(),
    }
}

/// The gates that forbid to publish, each on a line of its own.
fn missed_lines(missed: &[Missed]) -> String {
    let forbidding = missed.iter().filter(|missed| missed.severity == Consequence::Error);
    forbidding.map(|missed| format!("\n  {} ({})", missed.message, missed.gate)).collect()
}

impl Failure {
    /// The exit code that tells it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoSuchPath { .. }
            | Self::SameSource { .. }
            | Self::Overlap { .. }
            | Self::PipelineUnreadable { .. }
            | Self::PipelineInvalid { .. }
            | Self::PipelineOfOtherKind { .. }
            | Self::ReferenceUnreadable { .. }
            | Self::ReferenceRefused { .. }
            | Self::NoReference { .. }
            | Self::NoYears { .. }
            | Self::NoPattern { .. }
            | Self::NoRules { .. }
            | Self::DocumentUnreadable { .. }
            | Self::NoSuchForm { .. } => Exit::Usage,
            Self::Load(LoadError::NoSuchSnapshot { .. }) => Exit::Usage,
            Self::Load(LoadError::Locked { .. }) => Exit::Held,
            Self::NoDocuments { .. }
            | Self::GatesMissed { .. }
            | Self::Threads { .. }
            | Self::Signals(_)
            | Self::Stopped { .. }
            | Self::Load(_)
            | Self::Json(_)
            | Self::Output(_) => Exit::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_cannot_steer_the_terminal_or_forge_a_line() {
        let name = "a\u{1b}[2J\njixiao: all good\u{61c}";
        let failure = Failure::SameSource { name: name.into(), one: name.into(), other: "b".into() };
        let missing = Failure::NoSuchPath { path: name.into(), source: io::ErrorKind::NotFound.into() };
        let none = Failure::NoDocuments { paths: vec![name.into()] };
        for message in [failure, missing, none].map(|failure| failure.to_string()) {
            assert!(!message.contains(|c: char| c.is_control() || c == '\u{61c}'), "{message:?}");
            assert!(message.contains("a\\u{1b}[2J⏎jixiao"), "{message:?}");
        }
    }
}
