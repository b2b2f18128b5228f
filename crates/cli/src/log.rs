//! What a run says while it runs: lines of JSON for programs that watch it, or words for people.
//!
//! An [`Event`] is one thing that happened; what it is called and what stands in it is part of the contract
//! (`docs/watching.md`). The words for people are only those that they cannot read in the summary. The lines are made by
//! `serde_json`: `tracing` with its subscriber would bring eight crates for what is one enum here, and read a clock.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::Timestamp;
use serde::Serialize;

use crate::clock::now;
use crate::failure::Failure;
use crate::gates::{Consequence, Missed};
use crate::terminal;

/// Whom the log is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// For people: progress, warnings and complaints
    #[default]
    Text,
    /// For programs: a JSON object a line
    Json,
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event<'a> {
    /// It begins.
    RunStarted {
        /// `ingest` or `backfill`.
        kind: &'a str,
        /// The pipeline file as it was named.
        pipeline: Option<&'a str>,
        /// Files and folders that are read.
        sources: &'a [PathBuf],
        /// The folder of the warehouse.
        warehouse: &'a Path,
        /// How many documents are read at the same time.
        jobs: usize,
        /// Whether nothing will be written.
        dry_run: bool,
        /// The version of the program.
        version: &'a str,
        /// The version of the rules.
        rules_version: &'a str,
    },
    /// It knows what there is to read.
    SourcesListed {
        /// How many files.
        files: usize,
        /// How many names were left out.
        left_out: usize,
    },
    /// A document does not count as good: only of `unreadable` and `partial` ones.
    DocumentRead {
        /// The document.
        source: &'a str,
        /// Its status.
        status: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// A quality gate was missed.
    GateMissed(&'a Missed),
    /// A snapshot is what readers see from now on.
    Published {
        /// Its id.
        snapshot: &'a str,
        /// Its folder.
        path: &'a Path,
        /// How many bytes its tables have.
        bytes: u64,
        /// Documents that the snapshot before did not have.
        new: u64,
        /// Documents with other bytes than in the snapshot before.
        changed: u64,
        /// Documents as in the snapshot before.
        unchanged: u64,
        /// Documents that only the snapshot before has.
        removed: u64,
    },
    /// Something went wrong that does not undo the run.
    Warning {
        /// What.
        message: &'a str,
    },
    /// It has ended, and did what it should.
    RunFinished {
        /// The exit code.
        exit_code: u8,
        /// As in the column `outcome` of `runs`; nothing of a dry run.
        outcome: Option<&'a str>,
        /// How long it took.
        seconds: f64,
    },
    /// It has ended, and nothing was published.
    RunFailed {
        /// The exit code.
        exit_code: u8,
        /// Why.
        message: &'a str,
    },
}

impl Event<'_> {
    fn level(&self) -> &'static str {
        match self {
            Self::RunStarted { .. }
            | Self::SourcesListed { .. }
            | Self::Published { .. }
            | Self::RunFinished { .. } => "info",
            Self::DocumentRead { status: "unreadable", .. } | Self::Warning { .. } => "warn",
            Self::DocumentRead { .. } => "info",
            Self::GateMissed(missed) => match missed.severity {
                Consequence::Warn => "warn",
                Consequence::Error => "error",
            },
            Self::RunFailed { .. } => "error",
        }
    }

    /// The words for people, where the summary does not say it.
    fn words(&self) -> Option<&str> {
        match self {
            // The others are why the run fails, and stand in its complaint.
            Self::GateMissed(missed) if missed.severity == Consequence::Warn => Some(&missed.message),
            Self::Warning { message } => Some(message),
            _ => None,
        }
    }
}

/// The log of one run.
#[derive(Debug)]
pub struct Log {
    format: LogFormat,
    run_id: String,
    started: Timestamp,
}

impl Log {
    /// The log of a run that starts now.
    pub fn begin(format: LogFormat) -> Self {
        let started = now();
        let run_id = format!("{}-{}", started.strftime("%Y%m%dT%H%M%S.%6fZ"), std::process::id());
        Self { format, run_id, started }
    }

    /// The run's id: the moment at which it started, and its process.
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// When the run started.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Whether people watch, who see a bar and words.
    pub fn is_for_people(&self) -> bool {
        self.format == LogFormat::Text
    }

    /// Says on stderr why nothing was done.
    pub fn complain(&self, failure: &Failure) {
        if self.is_for_people() {
            terminal::complain(failure);
        } else {
            let message = failure.to_string();
            self.say(&Event::RunFailed { exit_code: failure.exit() as u8, message: &message });
        }
    }

    /// Says on stderr what happened.
    pub fn say(&self, event: &Event<'_>) {
        match self.format {
            LogFormat::Json => terminal::say(&line(event, now(), &self.run_id)),
            LogFormat::Text => event.words().into_iter().for_each(terminal::warn),
        }
    }
}

/// A line of the log.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    level: &'static str,
    run_id: &'a str,
    #[serde(flatten)]
    event: &'a Event<'a>,
}

/// An event as a line of JSON: when, how bad, in which run, what, and its fields.
fn line(event: &Event<'_>, time: Timestamp, run_id: &str) -> String {
    let line = Line { time: format!("{time:.6}"), level: event.level(), run_id, event };
    // Every field can be written: keys are words, and numbers are finite or null.
    serde_json::to_string(&line).map_or_else(|error| error.to_string(), |line| harmless(&line))
}

/// JSON that cannot steer a terminal: JSON itself leaves the control characters of Unicode from U+007F on as they are, and
/// those that turn the direction of writing.
fn harmless(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut text, c| {
        match c {
            '\u{7F}'..='\u{9F}'
            | '\u{061C}'
            | '\u{200E}'
            | '\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}' => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => text.push(c),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn shown(event: &Event<'_>) -> Value {
        let line = line(event, Timestamp::UNIX_EPOCH, "run-1");
        assert_eq!(line.lines().count(), 1, "{line}");
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn every_event_says_when_how_bad_what_and_in_which_run() {
        let missed = |severity| Missed {
            gate: "unreadable".into(),
            severity,
            fiscal_year: None,
            expected: "at most 2".into(),
            found: "3".into(),
            message: "unreadable documents of this run: expected at most 2, found 3".into(),
        };
        let (warned, failed) = (missed(Consequence::Warn), missed(Consequence::Error));
        let read = |status| Event::DocumentRead { source: "a.txt", status, reason: "the file is empty" };
        for (event, level, name) in [
            (read("unreadable"), "warn", "document-read"),
            (read("partial"), "info", "document-read"),
            (Event::GateMissed(&warned), "warn", "gate-missed"),
            (Event::GateMissed(&failed), "error", "gate-missed"),
            (Event::Warning { message: "x" }, "warn", "warning"),
            (Event::RunFailed { exit_code: 4, message: "x" }, "error", "run-failed"),
            (
                Event::RunFinished { exit_code: 0, outcome: Some("succeeded"), seconds: 1.5 },
                "info",
                "run-finished",
            ),
        ] {
            let line = shown(&event);
            assert_eq!((&line["level"], &line["event"]), (&level.into(), &name.into()), "{line}");
            assert_eq!(
                (&line["time"], &line["run_id"]),
                (&"1970-01-01T00:00:00.000000Z".into(), &"run-1".into())
            );
        }
        assert_eq!(shown(&Event::GateMissed(&warned))["found"], "3");
    }

    #[test]
    fn names_of_files_can_neither_break_a_line_nor_steer_a_terminal() {
        let source = "a\n\u{1b}[2J\u{9b}31m\u{202e}\u{2028}表.txt";
        let event = Event::DocumentRead { source, status: "partial", reason: "" };
        let line = line(&event, Timestamp::UNIX_EPOCH, "");
        assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
        assert_eq!(shown(&event)["source"], source, "and it is still the name");
    }
}
