//! Each finding has a folder of two documents: one that raises it, and its nearest twin that must not.
//!
//! The twin is no form without the thing but the innocent case that looks like it. Findings of other codes do not
//! count here, since a document that is wrong in one way is often odd in another.

#![expect(clippy::disallowed_methods, reason = "a test reads its documents from the disk")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jixiao::read::{ReadDocument, read_document};
use jixiao::source::{Opened, Source};
use jixiao_model::FindingCode;
use jixiao_model::finding::catalogue;

#[test]
fn each_finding_is_raised_by_one_document_and_not_by_its_twin() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings");
    let mut wrong = unknown_folders(&root);
    for code in FindingCode::ALL {
        let folder = root.join(code.as_str());
        if *code == FindingCode::SupersededForm {
            // Raised between documents, by the warehouse: `a_form_that_was_published_again_is_superseded`.
            continue;
        }
        wrong.extend(check(*code, &folder, "raises", true).err());
        wrong.extend(check(*code, &folder, "spares", false).err());
    }
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
}

/// The documents of all findings, read: which codes checks count is what `is_check` in the catalogue says.
#[test]
fn the_catalogue_says_which_findings_are_checks() {
    let mut counted = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/findings");
    for code in FindingCode::ALL.iter().filter(|code| root.join(code.as_str()).exists()) {
        let read = read(&root.join(code.as_str()), "raises").expect("it is read");
        let outcomes = read.records.forms.iter().flat_map(|form| &form.checks);
        counted.extend(outcomes.map(|outcome| outcome.code.as_str()));
    }
    let catalogue = catalogue().iter().filter(|entry| entry.is_check);
    assert_eq!(counted, catalogue.map(|entry| entry.code.as_str()).collect());
}

/// What stands beside the folders of the codes.
fn unknown_folders(root: &Path) -> Vec<String> {
    let known: BTreeSet<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    let names = names(root).into_iter().filter(|name| !known.contains(name.as_str()));
    names.map(|name| format!("{name}: no finding has this code")).collect()
}

/// Whether the one document of this stem raises the finding, or does not, as it should.
fn check(code: FindingCode, folder: &Path, stem: &str, raises: bool) -> Result<(), String> {
    let read = read(folder, stem).map_err(|problem| format!("{code}: {problem}"))?;
    if read.records.forms.is_empty() {
        let reason = read.document.reason.unwrap_or_default();
        return Err(format!("{code}: {stem} is read as no form: {reason}"));
    }
    let findings = &read.records.findings;
    let hits: Vec<_> = findings.iter().filter(|finding| finding.code == code).collect();
    match (raises, hits.first()) {
        (true, None) => {
            let others: Vec<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
            Err(format!("{code}: {stem} does not raise it; it raises [{}]", others.join(", ")))
        }
        (false, Some(hit)) => {
            let place = hit.place.as_ref().map(ToString::to_string).unwrap_or_default();
            Err(format!("{code}: {stem} raises it at {place}: {}", hit.message))
        }
        _ => Ok(()),
    }
}

/// Reads the one document `{stem}.*` of a folder.
fn read(folder: &Path, stem: &str) -> Result<ReadDocument, String> {
    let path = document(folder, stem)?;
    let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let source = Source::new(stem, path);
    let opened = Opened { bytes: Ok(bytes), size_bytes: None, modified_at: None, has_gone: false };
    Ok(read_document(&source, &opened))
}

/// The one file `{stem}.*` of a folder.
fn document(folder: &Path, stem: &str) -> Result<PathBuf, String> {
    let names = names(folder);
    let stray = names.iter().find(|name| !["raises", "spares"].contains(&stem_of(name)));
    if let Some(stray) = stray {
        return Err(format!("{stray} is neither raises.* nor spares.*"));
    }
    let mut found = names.iter().filter(|name| stem_of(name) == stem);
    match (found.next(), found.next()) {
        (Some(name), None) => Ok(folder.join(name)),
        (None, _) => Err(format!("there is no {stem}.*")),
        (Some(one), Some(other)) => Err(format!("there are both {one} and {other}")),
    }
}

fn stem_of(name: &str) -> &str {
    name.split_once('.').map_or("", |(stem, _)| stem)
}

/// The names in a folder, sorted; none if it is not there.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
