//! Which document is meant: a file, or a member of an archive as `documents` names it (`a.zip!b.txt`); an archive
//! alone is listed.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use jixiao_model::record::Status;
use serde_json::json;

use super::blocks;
use crate::arguments::{Format, InspectArguments};
use crate::failure::{Exit, Failure};
use crate::members::{read_source, splits};
use crate::read::{ReadDocument, nothing_known, read_document};
use crate::source::{self, Opened, Source};
use crate::terminal::{BOLD, DIM, columns, shown, styled};

/// What is to be shown.
pub enum Chosen {
    /// A document.
    Document(Box<ReadDocument>),
    /// A text that says it all.
    Shown(String, Exit),
}

/// Opens what the arguments name.
///
/// # Errors
/// If there is no such file, or no such member in it.
pub fn chosen(arguments: &InspectArguments) -> Result<Chosen, Failure> {
    let path = &arguments.file;
    let opened = open(path);
    if opened.bytes.is_ok() {
        let source = Source::new(path.display().to_string(), path.as_path());
        return file(&source, &opened, arguments);
    }
    let typed = path.display().to_string();
    for (archive, _) in splits(&typed) {
        let archive = PathBuf::from(archive);
        let opened = open(&archive);
        if let Ok(bytes) = &opened.bytes
            && let Some(found) = member(&archive, bytes, &typed, &opened, arguments)
        {
            return found;
        }
    }
    let reason = opened.bytes.err().unwrap_or_default();
    Err(Failure::DocumentUnreadable { path: path.clone(), reason })
}

fn open(path: &Path) -> Opened {
    let source = Source::new(path.display().to_string(), path);
    source::open(&source, source::MOST_BYTES)
}

fn file(source: &Source, opened: &Opened, arguments: &InspectArguments) -> Result<Chosen, Failure> {
    let Ok(bytes) = &opened.bytes else {
        return Ok(Chosen::Document(Box::new(read_document(source, opened))));
    };
    let mut found = Vec::new();
    let left_out = jixiao_extract::members(bytes, &source.name, &mut |member| found.push(member.source));
    if left_out.is_some() && found != [source.name.as_ref()] {
        return list(source, opened, arguments.format);
    }
    if arguments.blocks {
        return Ok(shown_blocks(&source.name, bytes, arguments));
    }
    // An archive that cannot be opened is a document that says so.
    let mut read = None;
    read_source(source, opened, &nothing_known, &mut |document| read = Some(document));
    let read = read.unwrap_or_else(|| read_document(source, opened));
    Ok(Chosen::Document(Box::new(read)))
}

fn shown_blocks(name: &str, bytes: &[u8], arguments: &InspectArguments) -> Chosen {
    match jixiao_extract::blocks(bytes) {
        Ok(blocks) => Chosen::Shown(blocks::text(&blocks, arguments.full), Exit::Good),
        Err(reason) => Chosen::Shown(format!("{}: {reason}\n", shown(name)), Exit::Incomplete),
    }
}

/// The member with this name, if the archive has it.
fn member(
    archive: &Path,
    bytes: &[u8],
    name: &str,
    opened: &Opened,
    arguments: &InspectArguments,
) -> Option<Result<Chosen, Failure>> {
    let archive_name = archive.display().to_string();
    if arguments.blocks {
        let mut found = None;
        jixiao_extract::members(bytes, &archive_name, &mut |member| {
            if member.source == name
                && let Some(bytes) = member.bytes
            {
                found = Some(shown_blocks(name, bytes, arguments));
            }
        })?;
        return found.map(Ok);
    }
    let source = Source::new(archive_name, archive);
    let mut found = None;
    read_source(&source, opened, &nothing_known, &mut |read| {
        if read.document.source == name {
            found = Some(Ok(Chosen::Document(Box::new(read))));
        }
    });
    found
}

/// The members of an archive, and how to look at one.
fn list(source: &Source, opened: &Opened, format: Format) -> Result<Chosen, Failure> {
    let mut documents = Vec::new();
    let left_out = read_source(source, opened, &nothing_known, &mut |read| documents.push(read.document));
    let is_good = documents.iter().all(|document| document.status != Status::Unreadable);
    let exit = if is_good { Exit::Good } else { Exit::Incomplete };
    if format == Format::Json {
        let value = json!({ "archive": source.name, "documents": documents, "left_out": left_out });
        return Ok(Chosen::Shown(serde_json::to_string_pretty(&value)? + "\n", exit));
    }
    let rows: Vec<_> = documents
        .iter()
        .map(|document| {
            let format = document.format.as_deref().unwrap_or("unknown").to_owned();
            let more = match &document.reason {
                Some(reason) => shown(reason),
                None => format!("{} forms", document.form_count),
            };
            vec![shown(&document.source), format, document.status.as_str().replace('_', " "), more]
        })
        .collect();
    let mut text = format!(
        "{}\n{}",
        styled(BOLD, format!("{} is an archive of {} documents", shown(&source.name), rows.len())),
        columns(&rows, "  ")
    );
    if !left_out.is_empty() {
        let names: Vec<_> = left_out.iter().map(|name| shown(name)).collect();
        let _ = writeln!(text, "{}", styled(DIM, format!("left out: {}", names.join(", "))));
    }
    let first = documents.iter().find(|document| document.source != *source.name);
    if let Some(first) = first {
        let name = shown(&first.source).replace('\'', "'\\''");
        let _ = writeln!(text, "To see how one is read: jixiao inspect '{name}'");
    }
    Ok(Chosen::Shown(text, exit))
}
