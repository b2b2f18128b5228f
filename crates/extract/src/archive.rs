//! Archives to the documents in them, without IO.
//!
//! Members are handed over one after another, so that only one is in memory, and nothing is written anywhere: a
//! member's name is a label, and cannot lead out of its archive. What an archive says of sizes is not believed. An
//! archive within an archive is opened, one within that is a member with a reason. What was read before a limit broke
//! stays read, and the archive itself is then a member that says so.

mod names;
mod tar;
mod zip;

use std::cell::RefCell;

use self::names::Names;
use crate::format::{Container, Kind, kind};
use crate::limits::{Excess, Unpacked};
use crate::readers::Unreadable;

/// How deep archives are opened.
const DEPTH: usize = 2;

/// A document of an archive, or what stands where one should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'b> {
    /// Its name with those of the archives around it, `a.zip!b.html`. No two members of an archive have the same.
    pub source: String,
    /// Its bytes; of a broken archive its own. None if it could not be unpacked.
    pub bytes: Option<&'b [u8]>,
    /// Why it cannot be read, as far as unpacking tells; of an archive, why nothing (more) of it can be.
    pub problem: Option<Unreadable>,
}

/// Unpacks an archive with this name, and hands each member to `visit`, in the order of the archive. Returns the names
/// of those that were left out (hidden files, notes, links …), or `None` if the bytes are no archive.
///
/// An archive that cannot be opened, or holds no document, is a member under its own name.
pub fn members(bytes: &[u8], source: &str, visit: &mut dyn FnMut(Member<'_>)) -> Option<Vec<String>> {
    let Kind::Archive(container) = kind(bytes) else { return None };
    let limits = RefCell::new(Unpacked::of(bytes.len() as u64));
    let mut walk = Walk { limits: &limits, used: Names::default(), left_out: Vec::new(), visit };
    walk.used.unique(source.to_owned());
    walk.archive(bytes, source, container, 1);
    walk.left_out.sort();
    Some(walk.left_out)
}

/// An entry of an archive, as its format has it.
struct Entry {
    /// Its path in the archive, as text.
    path: String,
    content: Content,
}

enum Content {
    Bytes(Vec<u8>),
    /// It cannot be unpacked.
    Problem(Unreadable),
    /// A link or a device: something else than a file.
    NoFile,
}

struct Walk<'w> {
    limits: &'w RefCell<Unpacked>,
    used: Names,
    left_out: Vec<String>,
    visit: &'w mut dyn FnMut(Member<'_>),
}

impl Walk<'_> {
    fn archive(&mut self, bytes: &[u8], source: &str, container: Container, depth: usize) {
        let mut count = 0_usize;
        let mut locked = 0_usize;
        let mut left_out = 0_usize;
        let limits = self.limits;
        let mut take = |entry: Entry| {
            if matches!(entry.content, Content::NoFile) || names::is_left_out(&entry.path) {
                left_out += 1;
                let path = names::below(&entry.path);
                self.left_out.push(format!("{source}!{path}"));
                return;
            }
            count += 1;
            locked += usize::from(matches!(entry.content, Content::Problem(Unreadable::Protected { .. })));
            let name = self.used.unique(format!("{source}!{}", names::below(&entry.path)));
            self.member(&name, &entry.content, depth);
        };
        let outcome = match container {
            Container::Zip => zip::unpack(bytes, limits, &mut take),
            Container::Tar => tar::unpack(bytes, limits, &mut take),
            Container::Gzip => tar::unpack_gzip(bytes, source, limits, &mut take),
        };
        let problem = match outcome {
            Err(problem) => problem,
            Ok(()) if count > 0 && locked < count => return,
            Ok(()) if count > 0 => Unreadable::Protected { name: kind(bytes).name() },
            Ok(()) => Unreadable::NoMembers { left_out },
        };
        (self.visit)(Member { source: source.to_owned(), bytes: Some(bytes), problem: Some(problem) });
    }

    fn member(&mut self, source: &str, content: &Content, depth: usize) {
        let (bytes, problem) = match content {
            Content::NoFile => return,
            Content::Problem(problem) => (None, Some(problem.clone())),
            Content::Bytes(bytes) => match kind(bytes) {
                Kind::Archive(container) if depth < DEPTH => {
                    return self.archive(bytes, source, container, depth + 1);
                }
                Kind::Archive(_) => (Some(bytes.as_slice()), Some(Excess::Nesting.into())),
                _ => (Some(bytes.as_slice()), None),
            },
        };
        (self.visit)(Member { source: source.to_owned(), bytes, problem });
    }
}

#[cfg(test)]
mod tests;
