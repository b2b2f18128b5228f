//! `jixiao vacuum`, `jixiao rollback` and `jixiao diff`: what becomes of a warehouse's snapshots, and how they differ.

use std::fmt::Write;

use jixiao_load::diff::{Key, TableDiff, diff};
use jixiao_load::{Kept, Retention, SnapshotId, Vacuumed, Warehouse};
use serde_json::{Value, json};

use crate::arguments::{DiffArguments, Format, RollbackArguments, VacuumArguments};
use crate::clock::now;
use crate::failure::{Exit, Failure};
use crate::run::Done;
use crate::settings::read_pipeline;
use crate::terminal::{BOLD, DIM, columns, cut, shown, styled};

/// How many rows of a table are shown, and how wide their values; the JSON has all.
const SHOWN: usize = 20;
const WIDTH: usize = 60;

/// Removes what is over its time, or shows what would be removed.
///
/// # Errors
/// If another run holds the warehouse, or the disk refuses.
pub fn vacuum(arguments: &VacuumArguments) -> Result<Done, Failure> {
    let file = arguments.pipeline.as_deref().map(read_pipeline).transpose()?;
    let said = file.as_ref().map_or_else(Retention::default, |file| file.retention);
    let retention = Retention {
        days: arguments.days.unwrap_or(said.days),
        snapshots: arguments.snapshots.unwrap_or(said.snapshots),
    };
    let root = arguments.warehouse.clone().or(file.map(|file| file.warehouse));
    let warehouse = Warehouse::lock(&root.unwrap_or_else(|| "warehouse".into()), &holder())?;
    let vacuumed = warehouse.vacuum(retention, now().as_microsecond(), arguments.delete)?;
    let text = match arguments.format {
        Format::Json => {
            let names = |ids: &[SnapshotId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
            let summary = json!({
                "deleted": arguments.delete,
                "snapshots": names(&vacuumed.snapshots),
                "leftovers": vacuumed.leftovers,
                "bytes": vacuumed.bytes,
                "kept": names(&vacuumed.kept.iter().map(|(id, _)| *id).collect::<Vec<_>>()),
            });
            serde_json::to_string_pretty(&summary)? + "\n"
        }
        Format::Text => vacuum_text(&vacuumed, retention, arguments.delete),
    };
    Ok(Done::told(text, Exit::Good))
}

fn vacuum_text(vacuumed: &Vacuumed, retention: Retention, is_deleted: bool) -> String {
    let mut rows = Vec::new();
    for (id, reason) in &vacuumed.kept {
        let reason = match reason {
            Kept::Current => "the current one".to_owned(),
            Kept::Newest => format!("among the newest {}", retention.snapshots),
            Kept::Young => format!("another took its place less than {} days ago", retention.days),
        };
        rows.push(vec![styled(BOLD, id), "kept".to_owned(), styled(DIM, reason)]);
    }
    let word = if is_deleted { "removed" } else { "to remove" };
    rows.extend(vacuumed.snapshots.iter().map(|id| vec![styled(BOLD, id), word.to_owned()]));
    let leftover = |path: &std::path::PathBuf| vec![shown(&path.display().to_string()), word.to_owned()];
    rows.extend(vacuumed.leftovers.iter().map(leftover));
    let mut text = columns(&rows, "");
    let megabytes = vacuumed.bytes as f64 / 1e6;
    let _ = match (is_deleted, vacuumed.snapshots.is_empty() && vacuumed.leftovers.is_empty()) {
        (_, true) => writeln!(text, "There is nothing to remove."),
        (true, false) => writeln!(text, "{megabytes:.1} MB are free again."),
        (false, false) => {
            writeln!(text, "That would free {megabytes:.1} MB. Nothing was removed: add --delete to do it.")
        }
    };
    text
}

/// Makes an earlier snapshot the current one.
///
/// # Errors
/// If there is none such; readers then see what they saw before.
pub fn rollback(arguments: &RollbackArguments) -> Result<Done, Failure> {
    let warehouse = Warehouse::lock(&arguments.warehouse, &holder())?;
    let (was, is) = warehouse.rollback(arguments.to)?;
    Ok(Done::told(
        format!(
            "Snapshot {is} is the current one again, in the place of {was}, which is kept. The next run goes on from {is}: it \
             reads again what came since.\n"
        ),
        Exit::Good,
    ))
}

/// Shows how two snapshots differ.
///
/// # Errors
/// If one of them is not there, or cannot be read.
pub fn differences(arguments: &DiffArguments) -> Result<Done, Failure> {
    let tables = diff(&arguments.warehouse, arguments.one, arguments.other)?;
    let text = match arguments.format {
        Format::Json => serde_json::to_string_pretty(&tables)? + "\n",
        Format::Text if tables.is_empty() => {
            format!("Snapshots {} and {} have the same rows.\n", arguments.one, arguments.other)
        }
        Format::Text => tables.iter().map(|table| table_text(table, arguments.full)).collect(),
    };
    let exit = if tables.is_empty() { Exit::Good } else { Exit::Failed };
    Ok(Done::told(text, exit))
}

fn table_text(table: &TableDiff, is_full: bool) -> String {
    let TableDiff { table: name, came, went, changed } = table;
    let counts = format!("{} came, {} went, {} changed", came.len(), went.len(), changed.len());
    let mut text = format!("{}  {}\n", styled(BOLD, name), styled(DIM, counts));
    let most = if is_full { usize::MAX } else { SHOWN };
    let mut more = 0;
    for (sign, keys) in [("+", came), ("-", went)] {
        for key in keys.iter().take(most) {
            let _ = writeln!(text, "  {sign} {}", key_text(key));
        }
        more += keys.len().saturating_sub(most);
    }
    for row in changed.iter().take(most) {
        let _ = writeln!(text, "  ~ {}", key_text(&row.key));
        for (column, (before, now)) in &row.columns {
            let value = |value: &Value| {
                let text = shown(&value_text(value));
                if is_full { text } else { cut(&text, WIDTH) }
            };
            let _ = writeln!(text, "      {column}: {} → {}", value(before), value(now));
        }
    }
    more += changed.len().saturating_sub(most);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more: add --full");
    }
    text
}

fn key_text(key: &Key) -> String {
    key.iter().map(|value| shown(&value_text(value))).collect::<Vec<_>>().join(" ")
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Who this is, for the next one who tries.
pub fn holder() -> String {
    format!("process {} since {:.0}", std::process::id(), now())
}
