//! A source is one document, or an archive of them: each member is a document of its own, with a row of its own.
//!
//! An archive that could be opened is no document and has no row; what could not be opened, or not wholly, has one that
//! says why. Members carry the archive's time, since theirs is in no time zone and says when a copy was made.

use std::collections::BTreeSet;

use crate::read::{Given, Known, ReadDocument, given, guarded, read_given};
use crate::source::{Opened, Source};

/// Reads what a source holds, one document after another, and hands each to `each`. Returns the names of the members
/// that were left out.
pub fn read_source(
    source: &Source,
    opened: &Opened,
    known: Known<'_>,
    each: &mut dyn FnMut(ReadDocument),
) -> Vec<String> {
    let whole = given(source, opened);
    let Ok(bytes) = &opened.bytes else {
        each(read_given(&whole, known));
        return Vec::new();
    };
    let unpacked = guarded(|| {
        jixiao_extract::members(bytes, &source.name, &mut |member| {
            let problem = member.problem.map(|problem| problem.to_string());
            let member = Given {
                name: &member.source,
                bytes: member.bytes,
                problem: problem.as_deref(),
                size_bytes: member.bytes.map(|bytes| bytes.len() as u64),
                archive_size_bytes: opened.size_bytes,
                ..whole
            };
            each(read_given(&member, known));
        })
    });
    match unpacked {
        Ok(Some(left_out)) => left_out,
        Ok(None) => {
            each(read_given(&whole, known));
            Vec::new()
        }
        Err(panic) => {
            each(read_given(&Given { bytes: None, problem: Some(&panic), ..whole }, known));
            Vec::new()
        }
    }
}

/// The name, or the first of `name#2`, `name#3` … that no other source has, which is then taken.
pub fn free_name(name: String, names: &mut BTreeSet<String>) -> String {
    if names.insert(name.clone()) {
        return name;
    }
    let free = (2_u32..).map(|number| format!("{name}#{number}")).find(|name| !names.contains(name));
    let free = free.unwrap_or(name);
    names.insert(free.clone());
    free
}

/// Splits `a.zip!b.txt` into the path of the archive and the names of its members, at each place where that may be.
pub fn splits(path: &str) -> impl Iterator<Item = (&str, &str)> {
    path.match_indices('!').filter_map(|(at, mark)| Some((path.get(..at)?, path.get(at + mark.len()..)?)))
}
