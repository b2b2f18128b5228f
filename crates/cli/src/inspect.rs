//! `jixiao inspect`: how one document is read, so that a person sees why each value is what it is.
//!
//! Every value stands beside what was printed, with its place, the rule that named it and the findings about it.
//! The reading is the one of `ingest`, through the same functions.

mod blocks;
mod form;
mod members;
mod naming;

use std::fmt::Write;

use jixiao_model::record::{FindingRow, FormRecords, Status};
use serde_json::json;

use crate::arguments::{Format, InspectArguments};
use crate::failure::{Exit, Failure};
use crate::inspect::members::Chosen;
use crate::read::{QuietPanics, ReadDocument};
use crate::terminal::{BOLD, DIM, ERROR, WARNING, shown, styled};

/// Shows how a document is read.
///
/// # Errors
/// If there is no such file, or no such form in it.
pub fn inspect(arguments: &InspectArguments) -> Result<(String, Exit), Failure> {
    let quiet = QuietPanics::begin();
    let chosen_document = members::chosen(arguments)?;
    drop(quiet);
    let read = match chosen_document {
        Chosen::Document(read) => *read,
        Chosen::Shown(text, exit) => return Ok((text, exit)),
    };
    let forms = chosen(&read, arguments.form)?;
    let text = match arguments.format {
        Format::Json => {
            let is_shown = |row: &&FindingRow| {
                arguments.form.is_none()
                    || forms.iter().any(|form| row.form_id.as_deref() == Some(form.form.form_id.as_ref()))
            };
            let findings: Vec<_> = read.records.findings.iter().filter(is_shown).collect();
            let value = json!({ "document": read.document, "forms": forms, "findings": findings });
            serde_json::to_string_pretty(&value)? + "\n"
        }
        Format::Text => {
            let mut text = heading(&read);
            for records in forms {
                text += &form::text(records, &read.records.findings, arguments.full)?;
            }
            text
        }
    };
    let exit = if read.document.status == Status::Unreadable { Exit::Incomplete } else { Exit::Good };
    Ok((text, exit))
}

fn chosen(read: &ReadDocument, number: Option<u32>) -> Result<Vec<&FormRecords>, Failure> {
    let forms = &read.records.forms;
    let Some(number) = number else { return Ok(forms.iter().collect()) };
    match forms.iter().find(|records| records.form.form_number == number) {
        Some(records) => Ok(vec![records]),
        None => Err(Failure::NoSuchForm { number, count: forms.len() }),
    }
}

/// What is known of the document as a whole.
fn heading(read: &ReadDocument) -> String {
    let document = &read.document;
    let mut text = format!("{}\n", styled(BOLD, shown(&document.source)));
    let known = |value: &Option<String>| value.as_deref().map_or("unknown".to_owned(), shown);
    let style = match document.status {
        Status::Parsed => BOLD,
        Status::Partial | Status::NoForms => WARNING,
        Status::Unreadable => ERROR,
    };
    let _ = writeln!(text, "  status    {}", styled(style, document.status.as_str()));
    if let Some(reason) = &document.reason {
        let _ = writeln!(text, "  reason    {}", shown(reason));
    }
    if document.format.is_some() {
        let _ = writeln!(text, "  format    {}", known(&document.format));
    }
    if document.encoding.is_some() {
        let evidence = styled(DIM, format!("({})", known(&document.encoding_evidence)));
        let _ = writeln!(text, "  encoding  {} {evidence}", known(&document.encoding));
    }
    if document.status != Status::Unreadable {
        let _ = writeln!(text, "  forms     {}", document.form_count);
    }
    let _ = writeln!(text, "  document  {}", known(&document.document_id));
    for row in read.records.findings.iter().filter(|row| row.form_id.is_none()) {
        let place = row.place.as_ref().map_or(String::new(), |place| format!(" at {place}"));
        let _ = writeln!(text, "  {} {}{place}: {}", styled(WARNING, "!"), row.code, shown(&row.message));
    }
    text
}
