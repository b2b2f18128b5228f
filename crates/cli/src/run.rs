//! The program: parse, do, print, and say by the exit code how it went.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::arguments::{Arguments, Command};
use crate::failure::{Exit, Failure};
use crate::log::{Event, Log};
use crate::settings::Settings;
use crate::{check, ingest, inspect, reference, schema, snapshots, status, terminal};

/// What a command has done.
#[derive(Debug)]
pub struct Done {
    /// What is to be printed.
    pub text: String,
    /// How it ended.
    pub exit: Exit,
    /// Whether it has published a snapshot: then a text that cannot be printed does not make it a failure.
    pub is_published: bool,
}

impl Done {
    /// Something that was told, and published nothing.
    pub fn told(text: String, exit: Exit) -> Self {
        Self { text, exit, is_published: false }
    }
}

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed pipe is no reason to complain about the help text.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Good.into() };
        }
    };
    let log = Log::begin(arguments.command.log_format());
    match done(arguments.command, &log) {
        Ok(Done { text, exit, is_published }) => match terminal::print(&text) {
            Ok(()) => exit.into(),
            Err(error) if is_published => {
                let message = format!("the documents are published, but {}", Failure::Output(error));
                log.say(&Event::Warning { message: &message });
                exit.into()
            }
            Err(error) => {
                log.complain(&Failure::Output(error));
                Exit::Failed.into()
            }
        },
        Err(failure) => {
            log.complain(&failure);
            failure.exit().into()
        }
    }
}

/// Does what a command says.
fn done(command: Command, log: &Log) -> Result<Done, Failure> {
    match command {
        Command::Ingest(arguments) => {
            let settings = Settings::try_from(arguments)?;
            reference::add(settings.reference.as_deref())?;
            ingest::ingest(&settings, log)
        }
        Command::Backfill(arguments) => {
            let settings = Settings::try_from(arguments)?;
            reference::add(settings.reference.as_deref())?;
            ingest::ingest(&settings, log)
        }
        Command::Inspect(arguments) => {
            reference::add(arguments.reference.as_deref())?;
            inspect::inspect(&arguments).map(|(text, exit)| Done::told(text, exit))
        }
        Command::Status(arguments) => {
            reference::add(arguments.reference.as_deref())?;
            Ok(Done::told(status::status(&arguments)?, Exit::Good))
        }
        Command::Check(arguments) => check::check(&arguments).map(|(text, exit)| Done::told(text, exit)),
        Command::Vacuum(arguments) => snapshots::vacuum(&arguments),
        Command::Rollback(arguments) => snapshots::rollback(&arguments),
        Command::Diff(arguments) => snapshots::differences(&arguments),
        Command::Schema(arguments) => Ok(Done::told(schema::schema(&arguments)?, Exit::Good)),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "jixiao", &mut script);
            Ok(Done::told(String::from_utf8_lossy(&script).into_owned(), Exit::Good))
        }
    }
}
