//! The `jixiao` command: arguments in, documents mapped in parallel through the three stages, reports out.
//!
//! [`run`] is the program. What was typed ([`arguments`]) is turned into what is ready to use ([`settings`]) once,
//! and all its failures are there. [`source`] lists and opens files and is, with the committer in `jixiao-load`, the
//! only place that touches them. [`read`] is the pure way of one document through extract and normalise, guarded
//! against panics. Each command makes a text, and [`terminal`] alone prints.

pub mod arguments;
pub mod check;
pub mod clock;
pub mod failure;
pub mod gates;
pub mod ingest;
pub mod inspect;
pub mod lineage;
pub mod log;
pub mod members;
pub mod pipeline;
pub mod plan;
mod progress;
pub mod read;
mod reader;
mod reference;
pub mod report;
mod run;
pub mod schema;
pub mod settings;
pub mod snapshots;
pub mod source;
pub mod status;
mod stop;
pub mod summary;
pub mod tally;
pub mod terminal;
pub mod watch;

pub use run::{Done, run};
