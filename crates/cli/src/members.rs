//! A source is one document, or an archive of them: each member is a document of its own, with a row of its own.
//!
//! An archive that could be opened is no document and has no row; what could not be opened, or not wholly, has one that
//! says why. Members carry the archive's time, since theirs is in no time zone and says when a copy was made.

use std::collections::BTreeSet;

use crate::read::{Given, Known, ReadDocument, given, guarded, read_given};
use crate::source::{Names, Opened, Source};

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

/// The name of a member of a source, or the first of `name#2`, `name#3` … that nothing else has, which is then taken. A file
/// that is called as a member is has its name, and those below it, whether or not this run reads it.
pub fn free_name(name: String, source: &str, listed: Names<'_>, taken: &mut BTreeSet<String>) -> String {
    let is_own = |name: &str| owner(name, listed) == Some(source);
    let numbered = |name: &str, rest: &str| {
        (2_u32..)
            .map(|number| format!("{name}#{number}{rest}"))
            .find(|name| is_own(name) && !taken.contains(name))
    };
    let free = match owner(&name, listed).filter(|other| *other != source) {
        Some(other) => numbered(other, name.strip_prefix(other).unwrap_or_default()),
        None if taken.contains(&name) => numbered(&name, ""),
        None => None,
    };
    let free = free.unwrap_or(name);
    taken.insert(free.clone());
    free
}

/// The source to which a row belongs, among those that are listed: where a file is called `a.zip!b.zip`, both that and
/// `a.zip` may be what a row's name begins with, and the longest has it.
pub fn owner<'r>(row: &'r str, listed: Names<'_>) -> Option<&'r str> {
    if listed.contains(row) {
        return Some(row);
    }
    splits(row).map(|(archive, _)| archive).filter(|archive| listed.contains(archive)).last()
}

/// Splits `a.zip!b.txt` into the path of the archive and the names of its members, at each place where that may be.
pub fn splits(path: &str) -> impl Iterator<Item = (&str, &str)> {
    path.match_indices('!').filter_map(|(at, mark)| Some((path.get(..at)?, path.get(at + mark.len()..)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_called_as_a_member_has_its_name_and_what_is_below_it() {
        let sources = ["a.zip", "a.zip!b", "a.zip!d#2", "c"].map(|name| Source::new(name, name));
        let listed = Names::of(&sources);
        for (row, expected) in [
            ("a.zip!b", Some("a.zip!b")),
            ("a.zip!b!x", Some("a.zip!b")),
            ("a.zip!bb", Some("a.zip")),
            ("c", Some("c")),
            ("d", None),
        ] {
            assert_eq!(owner(row, listed), expected, "{row}");
        }
        let mut taken = BTreeSet::new();
        let mut name = |name: &str| free_name(name.to_owned(), "a.zip", listed, &mut taken);
        for (member, expected) in [
            ("a.zip!x", "a.zip!x"),
            ("a.zip!x", "a.zip!x#2"),
            ("a.zip!x", "a.zip!x#3"),
            ("a.zip!b", "a.zip!b#2"),
            ("a.zip!b!x", "a.zip!b#2!x"),
            ("a.zip!d", "a.zip!d"),
            ("a.zip!d", "a.zip!d#3"),
        ] {
            assert_eq!(name(member), expected);
        }
    }
}
