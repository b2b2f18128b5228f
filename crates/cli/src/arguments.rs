//! The arguments as they are typed.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jixiao_load::SnapshotId;

use crate::log::LogFormat;

const EXIT_CODES: &str = "\
Exit codes:
  0  all good
  1  failed; nothing was published
  2  wrong usage or configuration
  3  published (in a dry run: would be), but some documents could not be read, or a quality gate warns
  4  another run holds the warehouse

Results go to stdout, progress and complaints to stderr. NO_COLOR turns colours off.";

const CHECK_EXIT_CODES: &str = "\
Exit codes:
  0  it is valid
  2  it is not; every problem is told";

/// Turns published Chinese budget-performance forms (财政项目支出绩效目标表) into Parquet tables for DuckDB
#[derive(Debug, Parser)]
#[command(name = "jixiao", version, max_term_width = 100, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read documents and publish their forms as a snapshot of a warehouse
    #[command(after_help = EXIT_CODES)]
    Ingest(IngestArguments),
    /// Read history: documents of a closed range of years, of some sources or of older rules, and nothing else
    #[command(after_help = EXIT_CODES)]
    Backfill(BackfillArguments),
    /// Show how one document is read: its forms, fields, indicators, repairs and findings, each with its place
    Inspect(InspectArguments),
    /// Show what a warehouse holds: tables, documents, findings, checks and the last runs
    Status(StatusArguments),
    /// Say whether a pipeline file is valid and what it would run, without running it
    #[command(after_help = CHECK_EXIT_CODES)]
    Check(CheckArguments),
    /// Remove snapshots whose time is over; shows what it would remove unless --delete is given
    Vacuum(VacuumArguments),
    /// Make an earlier snapshot the current one again
    Rollback(RollbackArguments),
    /// Show what came, went and changed between two snapshots; exit code 1 if they differ
    Diff(DiffArguments),
    /// Print the data dictionary (tables and columns, in English or Chinese) or the catalogue of findings
    Schema(SchemaArguments),
    /// Print a script that completes commands and options in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

impl Command {
    /// Whom its log is for.
    pub fn log_format(&self) -> LogFormat {
        match self {
            Self::Ingest(arguments) => arguments.run.log_format,
            Self::Backfill(arguments) => arguments.run.log_format,
            _ => LogFormat::Text,
        }
    }
}

/// Whom a result is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// What `jixiao ingest` and `jixiao backfill` have in common.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Files and folders to read; a folder is read with all that is below it
    #[arg(required_unless_present = "pipeline", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The folder of the warehouse, made if it is missing [default: warehouse]
    #[arg(short, long, value_name = "DIR")]
    pub warehouse: Option<PathBuf>,
    /// A pipeline file that says what to read and where to; options given beside it win
    #[arg(short, long, value_name = "FILE")]
    pub pipeline: Option<PathBuf>,
    /// More reference data: a TOML file, or a folder of them, whose labels, titles, units and classes are added to those
    /// that jixiao has (see docs/families.md)
    #[arg(long, value_name = "PATH")]
    pub reference: Option<PathBuf>,
    /// How many documents to read at the same time [default: one for each processor]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// How many MiB of what was read may wait in memory; what is more waits on the disk [default: 192]
    #[arg(long, value_name = "MIB")]
    pub memory: Option<NonZeroU32>,
    /// Read the bytes of every file, whatever its size and time say
    #[arg(long)]
    pub rehash: bool,
    /// Read what would be read and show the summary, but write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// No progress and no summary; complaints remain
    #[arg(short, long)]
    pub quiet: bool,
    /// Whom the summary is for
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Whom progress, warnings and complaints on stderr are for
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub log_format: LogFormat,
}

/// `jixiao ingest`.
///
/// Reads what is new or has changed since the last run, told by size and time; what is gone stays in the warehouse unless
/// `--prune` is given.
#[derive(Debug, Args)]
pub struct IngestArguments {
    /// What it has in common with a backfill.
    #[command(flatten)]
    pub run: RunArguments,
    /// Leave out of the warehouse what is not found any more
    #[arg(long)]
    pub prune: bool,
    /// Read again, too, what was read by other rules than those of this version
    #[arg(long)]
    pub outdated: bool,
    /// Read everything anew, as into an empty warehouse; the runs are kept
    #[arg(long, conflicts_with_all = ["outdated", "prune", "rehash"])]
    pub rebuild: bool,
}

/// `jixiao backfill`.
///
/// Reads only what it is told to, and leaves the rest of the warehouse as it is. A backfill that was stopped goes on where
/// it was when it is started again.
#[derive(Debug, Args)]
pub struct BackfillArguments {
    /// What it has in common with a nightly run.
    #[command(flatten)]
    pub run: RunArguments,
    /// Only documents with a form of one of these years, both included
    #[arg(long, value_name = "FIRST-LAST")]
    pub years: Option<String>,
    /// Only sources of such a name (`*` within a folder, `**` over folders)
    #[arg(long, value_name = "GLOB")]
    pub source: Option<String>,
    /// Only documents that were read by rules older than these: a version that `jixiao status` shows, a day on which they
    /// were in use, or `current`
    #[arg(long, value_name = "RULES")]
    pub rules_older_than: Option<String>,
}

/// `jixiao inspect`.
#[derive(Debug, Args)]
pub struct InspectArguments {
    /// The document
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Show the paragraphs and tables from which the forms are read, instead of the forms
    #[arg(long, conflicts_with_all = ["form", "format"])]
    pub blocks: bool,
    /// More reference data: a TOML file, or a folder of them, whose labels, titles, units and classes are added to those
    /// that jixiao has (see docs/families.md)
    #[arg(long, value_name = "PATH")]
    pub reference: Option<PathBuf>,
    /// Only the form with this number
    #[arg(long, value_name = "N")]
    pub form: Option<u32>,
    /// Show long texts whole
    #[arg(long)]
    pub full: bool,
    /// Whom the result is for
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `jixiao status`.
#[derive(Debug, Args)]
pub struct StatusArguments {
    /// The reference data that `jixiao ingest` is given, which makes its rules others
    #[arg(long, value_name = "PATH")]
    pub reference: Option<PathBuf>,
    /// The folder of the warehouse
    #[arg(short, long, value_name = "DIR", default_value = "warehouse")]
    pub warehouse: PathBuf,
    /// Whom the result is for
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `jixiao check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The pipeline file
    #[arg(short, long, value_name = "FILE")]
    pub pipeline: PathBuf,
    /// Whom the result is for
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `jixiao vacuum`.
///
/// A snapshot is kept for as long as a reader may still have it loaded, counted from when another took its place.
#[derive(Debug, Args)]
pub struct VacuumArguments {
    /// The folder of the warehouse [default: warehouse]
    #[arg(short, long, value_name = "DIR")]
    pub warehouse: Option<PathBuf>,
    /// A pipeline file that says which warehouse and how long snapshots are kept; options given beside it win
    #[arg(short, long, value_name = "FILE")]
    pub pipeline: Option<PathBuf>,
    /// Keep a snapshot for so many days after another took its place [default: 7]
    #[arg(long, value_name = "N")]
    pub days: Option<u32>,
    /// Keep at least so many of the newest snapshots, whatever their age [default: 3]
    #[arg(long, value_name = "N")]
    pub snapshots: Option<u32>,
    /// Remove them
    #[arg(long)]
    pub delete: bool,
    /// Whom the result is for
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `jixiao rollback`.
#[derive(Debug, Args)]
pub struct RollbackArguments {
    /// The folder of the warehouse
    #[arg(short, long, value_name = "DIR", default_value = "warehouse")]
    pub warehouse: PathBuf,
    /// The snapshot to go back to [default: the one that the current one followed]
    #[arg(long, value_name = "SNAPSHOT", value_parser = snapshot)]
    pub to: Option<SnapshotId>,
}

/// `jixiao diff`.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// The snapshot to compare from
    #[arg(value_name = "A", value_parser = snapshot)]
    pub one: SnapshotId,
    /// The snapshot to compare to
    #[arg(value_name = "B", value_parser = snapshot)]
    pub other: SnapshotId,
    /// The folder of the warehouse
    #[arg(short, long, value_name = "DIR", default_value = "warehouse")]
    pub warehouse: PathBuf,
    /// Show all rows, and long values whole
    #[arg(long)]
    pub full: bool,
    /// Whom the result is for
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// The number of a snapshot, with or without the zeros before it.
fn snapshot(text: &str) -> Result<SnapshotId, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(SnapshotId).ok_or_else(|| "expected the number of a snapshot, such as 000007".to_owned())
}

/// `jixiao schema`.
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// What to print it as
    #[arg(long, value_enum, default_value_t)]
    pub format: SchemaFormat,
    /// The language of the Markdown page
    #[arg(long, value_enum, default_value_t)]
    pub language: Language,
    /// The catalogue of findings instead of the tables
    #[arg(long)]
    pub findings: bool,
    /// The folder of the warehouse that the SQL reads
    #[arg(short, long, value_name = "DIR", default_value = "warehouse")]
    pub warehouse: PathBuf,
}

/// What a dictionary is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum SchemaFormat {
    /// A page for people
    #[default]
    Markdown,
    /// For programs
    Json,
    /// The catalogue for DuckDB: views and comments over a warehouse
    Sql,
}

/// A language of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Language {
    /// English
    #[default]
    En,
    /// 中文
    Zh,
}
