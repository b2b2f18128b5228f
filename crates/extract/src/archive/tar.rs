//! tar archives (POSIX.1, `pax`; GNU), and gzip (RFC 1952) around one or around a single document.
//!
//! A gzip is inflated while it is read, never as a whole, and each byte is counted, also of what is passed over: a
//! header may name any size. A tar is told by the first bytes that come out, not by the name `.tar.gz`.

use std::cell::{Cell, RefCell};
use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};

use super::{Content, Entry, names};
use crate::format::{Container, Kind, kind};
use crate::limits::{Excess, Unpacked};
use crate::readers::Unreadable;

/// The length of a header, in which the mark of a tar stands.
const HEADER: u64 = 512;
/// What may be read between two members, besides the limit of one: extended headers, which are held in memory.
const HEADERS: u64 = 1 << 20;

/// Counts what is read, and stops at the limits.
struct Counted<'c, R> {
    inner: R,
    limits: &'c RefCell<Unpacked>,
    state: &'c State,
}

/// What the reader and the loop over members tell one another.
#[derive(Default)]
struct State {
    /// Bytes until the next member has to begin.
    window: Cell<u64>,
    broken: RefCell<Option<Excess>>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let counted = match self.state.window.get().checked_sub(read as u64) {
            Some(left) => {
                self.state.window.set(left);
                self.limits.borrow_mut().unpack(read as u64)
            }
            None => Err(Excess::Member),
        };
        counted.map_err(|excess| {
            self.state.broken.replace(Some(excess));
            io::Error::other("a limit is broken")
        })?;
        Ok(read)
    }
}

/// Unpacks a tar.
pub fn unpack(
    bytes: &[u8],
    limits: &RefCell<Unpacked>,
    take: &mut dyn FnMut(Entry),
) -> Result<(), Unreadable> {
    let state = State::default();
    let counted = Counted { inner: bytes, limits, state: &state };
    entries(counted, "a tar archive", limits, &state, take)
}

/// Unpacks a gzip. The document's name stands in its header (2.3.1, FNAME), or is that of the file without `.gz`.
pub fn unpack_gzip(
    bytes: &[u8],
    source: &str,
    limits: &RefCell<Unpacked>,
    take: &mut dyn FnMut(Entry),
) -> Result<(), Unreadable> {
    const NAME: &str = "a gzip archive";
    let state = State::default();
    let most = limits.borrow().member_left().saturating_add(HEADERS);
    state.window.set(most);
    let mut counted = Counted { inner: MultiGzDecoder::new(bytes), limits, state: &state };
    let mut start = Vec::new();
    let read = (&mut counted).take(HEADER).read_to_end(&mut start);
    read.map_err(|error| problem(&state, NAME, &error))?;
    if kind(&start) == Kind::Archive(Container::Tar) {
        let state = &state;
        return entries(Cursor::new(start).chain(counted), "a tar.gz archive", limits, state, take);
    }
    limits.borrow_mut().entry()?;
    let member_left = limits.borrow().member_left();
    let read = (&mut counted).take(member_left.saturating_add(1)).read_to_end(&mut start);
    if let Err(error) = read {
        return Err(problem(&state, NAME, &error));
    }
    let header = counted.inner.header().and_then(|header| header.filename());
    let path = match header {
        Some(name) if !name.is_empty() => text(name),
        _ => {
            let last = source.rsplit(['/', '!']).next().unwrap_or(source);
            last.strip_suffix(".gz").unwrap_or(last).to_owned()
        }
    };
    let is_too_long = start.len() as u64 > member_left;
    let content = if is_too_long { Content::Problem(Excess::Member.into()) } else { Content::Bytes(start) };
    take(Entry { path, content });
    Ok(())
}

fn text(name: &[u8]) -> String {
    names::text(name, names::are_gbk(std::iter::once(name)))
}

fn problem(state: &State, name: &'static str, error: &io::Error) -> Unreadable {
    match state.broken.take() {
        Some(excess) => excess.into(),
        None => Unreadable::Damaged { name, problem: format!("it cannot be read on ({error})") },
    }
}

fn entries(
    counted: impl Read,
    name: &'static str,
    limits: &RefCell<Unpacked>,
    state: &State,
    take: &mut dyn FnMut(Entry),
) -> Result<(), Unreadable> {
    let open_window = || state.window.set(limits.borrow().member_left().saturating_add(HEADERS));
    open_window();
    let mut archive = Archive::new(counted);
    let failed = |error: &io::Error| problem(state, name, error);
    let found = archive.entries().map_err(|error| failed(&error))?;
    for entry in found {
        let mut entry = entry.map_err(|error| failed(&error))?;
        limits.borrow_mut().entry()?;
        open_window();
        let path = text(&entry.path_bytes());
        let kind = entry.header().entry_type();
        if kind == EntryType::Directory || (kind.is_file() && path.ends_with('/')) {
            continue;
        }
        let content = if kind == EntryType::GNUSparse {
            let problem = "it is stored with holes (GNU sparse), which is not read".into();
            Content::Problem(Unreadable::Damaged { name: "a member of a tar archive", problem })
        } else if !kind.is_file() || names::is_left_out(&path) {
            Content::NoFile
        } else {
            let declared = entry.size();
            let most = limits.borrow().member_left();
            if declared > most {
                Content::Problem(Excess::Member.into())
            } else {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).map_err(|error| failed(&error))?;
                if (bytes.len() as u64) < declared {
                    let problem = format!("it ends after {} of {declared} bytes", bytes.len());
                    Content::Problem(Unreadable::Damaged { name: "a member of a tar archive", problem })
                } else {
                    Content::Bytes(bytes)
                }
            }
        };
        take(Entry { path, content });
        open_window();
        // What was not read is passed over here and not by the next header, so that it counts as this member's.
        let mut buffer = [0; 8192];
        while entry.read(&mut buffer).map_err(|error| failed(&error))? > 0 {
            open_window();
        }
    }
    Ok(())
}
