//! The program: parse, do, print, and say by the exit code how it went.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::arguments::{Arguments, Command};
use crate::failure::{Exit, Failure};
use crate::settings::Settings;
use crate::{ingest, inspect, schema, status, terminal};

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
    match done(arguments.command) {
        Ok((text, exit)) => match terminal::print(&text) {
            Ok(()) => exit.into(),
            Err(error) => {
                terminal::complain(&Failure::Output(error));
                Exit::Failed.into()
            }
        },
        Err(failure) => {
            terminal::complain(&failure);
            failure.exit().into()
        }
    }
}

/// Does what a command says, and returns what is to be printed.
fn done(command: Command) -> Result<(String, Exit), Failure> {
    match command {
        Command::Ingest(arguments) => ingest::ingest(&Settings::try_from(arguments)?),
        Command::Inspect(arguments) => inspect::inspect(&arguments),
        Command::Status(arguments) => Ok((status::status(&arguments)?, Exit::Good)),
        Command::Schema(arguments) => Ok((schema::schema(&arguments)?, Exit::Good)),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "jixiao", &mut script);
            Ok((String::from_utf8_lossy(&script).into_owned(), Exit::Good))
        }
    }
}
