//! zip archives, by their central directory (APPNOTE.TXT 6.3.10; numbers of its clauses below).
//!
//! The `zip` crate finds the parts of a package by name and keeps one of each; an archive of documents may hold one
//! name twice, in an encoding of its own, and both are documents. Hence this reader of the directory, by clause.
//! Entries that share bytes are refused: the densest bombs (Fifield, 2019) are made of them, and nothing else is.

use std::cell::RefCell;
use std::io::Read;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::{Content, Entry, names};
use crate::limits::{Excess, Unpacked};
use crate::readers::Unreadable;

const NAME: &str = "a zip archive";

const LOCAL_HEADER: u32 = 0x0403_4B50;
const CENTRAL_HEADER: u32 = 0x0201_4B50;
const END: u32 = 0x0605_4B50;
const END_64: u32 = 0x0606_4B50;
const END_64_LOCATOR: u32 = 0x0706_4B50;
/// An entry in the central directory (4.3.12), as far as it is needed.
struct Header<'b> {
    name: &'b [u8],
    /// The name in UTF-8 (4.6.9), if it belongs to this one.
    unicode_name: Option<&'b str>,
    is_utf8: bool,
    is_encrypted: bool,
    is_folder: bool,
    is_file: bool,
    method: u16,
    crc: u32,
    compressed: u64,
    /// Where its local header begins.
    start: u64,
}

fn damaged(problem: impl Into<String>) -> Unreadable {
    Unreadable::Damaged { name: NAME, problem: problem.into() }
}

fn number<const N: usize>(bytes: &[u8], at: u64) -> Option<[u8; N]> {
    let at = usize::try_from(at).ok()?;
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn u16_at(bytes: &[u8], at: u64) -> Option<u16> {
    number(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: u64) -> Option<u32> {
    number(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: u64) -> Option<u64> {
    number(bytes, at).map(u64::from_le_bytes)
}

fn slice(bytes: &[u8], at: u64, length: u64) -> Option<&[u8]> {
    bytes.get(usize::try_from(at).ok()?..usize::try_from(at.checked_add(length)?).ok()?)
}

/// Unpacks the entries in the order of the directory.
pub fn unpack(
    bytes: &[u8],
    limits: &RefCell<Unpacked>,
    take: &mut dyn FnMut(Entry),
) -> Result<(), Unreadable> {
    let headers = directory(bytes, limits)?;
    let undeclared = headers.iter().filter(|header| !header.is_utf8 && header.unicode_name.is_none());
    let is_gbk = names::are_gbk(undeclared.map(|header| header.name));
    let places = places(bytes, &headers)?;
    for (header, place) in headers.iter().zip(places) {
        if header.is_folder {
            continue;
        }
        let path = header
            .unicode_name
            .map_or_else(|| names::text(header.name, is_gbk && !header.is_utf8), str::to_owned);
        let content = if !header.is_file || names::is_left_out(&path) {
            Content::NoFile
        } else {
            match inflate(header, place, &mut limits.borrow_mut()) {
                Ok(bytes) => Content::Bytes(bytes),
                // A limit of the whole archive ends it, one of the member does not.
                Err(Unreadable::Excess(excess)) if excess != Excess::Member => return Err(excess.into()),
                Err(problem) => Content::Problem(problem),
            }
        };
        take(Entry { path, content });
    }
    Ok(())
}

/// The central directory, found from the end (4.3.16; of large archives 4.3.14 and 4.3.15). What stands before the
/// archive, as a program that unpacks it, moves all offsets.
fn directory<'b>(bytes: &'b [u8], limits: &RefCell<Unpacked>) -> Result<Vec<Header<'b>>, Unreadable> {
    let missing = || damaged("its directory is missing, as where a download was cut off");
    let end = end_of_directory(bytes).ok_or_else(missing)?;
    let field = |at: u64| u32_at(bytes, end + at).map(u64::from).unwrap_or_default();
    let (mut size, mut declared, mut directory_end) = (field(12), field(16), end);
    let is_64 = end.checked_sub(20).filter(|at| u32_at(bytes, *at) == Some(END_64_LOCATOR));
    if let Some(locator) = is_64 {
        let at = u64_at(bytes, locator + 8).filter(|at| u32_at(bytes, *at) == Some(END_64));
        let at = at.ok_or_else(missing)?;
        size = u64_at(bytes, at.saturating_add(40)).ok_or_else(missing)?;
        declared = u64_at(bytes, at.saturating_add(48)).ok_or_else(missing)?;
        directory_end = at;
    }
    let mut at = directory_end.checked_sub(size).ok_or_else(missing)?;
    let moved = at.checked_sub(declared).ok_or_else(missing)?;
    let mut headers = Vec::new();
    while at < directory_end {
        limits.borrow_mut().entry()?;
        let problem = || damaged(format!("entry {} of its directory is broken", headers.len() + 1));
        let (header, next) = header(bytes, at, moved).ok_or_else(problem)?;
        headers.push(header);
        at = next;
    }
    Ok(headers)
}

fn end_of_directory(bytes: &[u8]) -> Option<u64> {
    const LENGTH: usize = 22;
    let last = bytes.len().checked_sub(LENGTH)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    (first..=last).rev().map(|at| at as u64).find(|at| {
        let comment = || u16_at(bytes, at + 20).map(u64::from);
        u32_at(bytes, *at) == Some(END)
            && comment().is_some_and(|length| at + LENGTH as u64 + length <= bytes.len() as u64)
    })
}

/// An entry of the directory, and where the next one begins.
fn header(bytes: &[u8], at: u64, moved: u64) -> Option<(Header<'_>, u64)> {
    if u32_at(bytes, at)? != CENTRAL_HEADER {
        return None;
    }
    let lengths = [28, 30, 32].map(|field| u16_at(bytes, at + field).map(u64::from));
    let [name_length, extra_length, comment_length] = [lengths[0]?, lengths[1]?, lengths[2]?];
    let name = slice(bytes, at + 46, name_length)?;
    let extra = slice(bytes, at + 46 + name_length, extra_length)?;
    let flags = u16_at(bytes, at + 8)?;
    let (mut compressed, size) = (u64::from(u32_at(bytes, at + 20)?), u32_at(bytes, at + 24)?);
    let mut start = u64::from(u32_at(bytes, at + 42)?);
    let mut unicode_name = None;
    for (id, data) in extra_fields(extra) {
        match id {
            // 4.5.3: only what does not fit above stands here, in this order.
            0x0001 => {
                let mut next = if size == u32::MAX { 8 } else { 0 };
                for value in [&mut compressed, &mut start] {
                    if *value == u64::from(u32::MAX) {
                        *value = u64_at(data, next)?;
                        next += 8;
                    }
                }
            }
            // 4.6.9: version 1, and a checksum of the name that it stands for.
            0x7075 if data.first() == Some(&1) && u32_at(data, 1) == Some(checksum(name)) => {
                unicode_name = data.get(5..).and_then(|text| std::str::from_utf8(text).ok());
            }
            _ => {}
        }
    }
    let attributes = u32_at(bytes, at + 38)?;
    // 4.4.2: made on Unix or macOS, where the upper half of the attributes is the mode of a file.
    let is_unix = matches!(u16_at(bytes, at + 4)? >> 8, 3 | 19);
    let mode = (attributes >> 16) & 0o170_000;
    let is_folder = name.ends_with(b"/") || name.ends_with(b"\\") || (is_unix && mode == 0o040_000);
    let header = Header {
        name,
        unicode_name,
        is_utf8: flags & (1 << 11) != 0,
        is_encrypted: flags & 1 != 0,
        is_folder,
        is_file: !is_unix || mode == 0 || mode == 0o100_000,
        method: u16_at(bytes, at + 10)?,
        crc: u32_at(bytes, at + 16)?,
        compressed,
        start: start.checked_add(moved)?,
    };
    Some((header, at + 46 + name_length + extra_length + comment_length))
}

fn extra_fields(mut extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (id, length) = (u16_at(extra, 0)?, u16_at(extra, 2)?);
        let end = 4 + usize::from(length);
        let data = extra.get(4..end)?;
        extra = extra.get(end..)?;
        Some((id, data))
    })
}

/// The compressed bytes of each entry, none where they are not there.
fn places<'b>(bytes: &'b [u8], headers: &[Header<'_>]) -> Result<Vec<Option<&'b [u8]>>, Unreadable> {
    let range = |header: &Header<'_>| {
        // 4.3.7: the lengths of name and extra field may differ from those in the directory.
        let is_local = u32_at(bytes, header.start)? == LOCAL_HEADER;
        let name = u64::from(u16_at(bytes, header.start.checked_add(26)?)?);
        let extra = u64::from(u16_at(bytes, header.start.checked_add(28)?)?);
        let from = header.start.checked_add(30 + name + extra)?;
        is_local.then_some((header.start, from, header.compressed))
    };
    let ranges: Vec<_> = headers.iter().map(range).collect();
    let mut sorted: Vec<_> = ranges.iter().flatten().collect();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[1].0 < pair[0].1.saturating_add(pair[0].2)) {
        return Err(damaged("its entries overlap"));
    }
    Ok(ranges.iter().map(|range| range.and_then(|(_, from, length)| slice(bytes, from, length))).collect())
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn inflate(header: &Header<'_>, place: Option<&[u8]>, limits: &mut Unpacked) -> Result<Vec<u8>, Unreadable> {
    if header.is_encrypted {
        return Err(Unreadable::Protected { name: "a member of a zip archive" });
    }
    let broken = |problem: String| Unreadable::Damaged { name: "a member of a zip archive", problem };
    let Some(place) = place else {
        return Err(broken("its bytes are not where the directory says".into()));
    };
    let mut unpacked = Vec::new();
    let most = limits.member_left().saturating_add(1);
    let read = match header.method {
        0 => place.take(most).read_to_end(&mut unpacked),
        8 => DeflateDecoder::new(place).take(most).read_to_end(&mut unpacked),
        method => return Err(broken(format!("it is compressed by method {method}, which is not read"))),
    };
    // What was inflated is counted even if it is broken, or the same work could be asked for without end.
    let is_too_long = unpacked.len() as u64 == most;
    limits.unpack(unpacked.len() as u64)?;
    if is_too_long {
        return Err(Excess::Member.into());
    }
    read.map_err(|error| broken(format!("it cannot be inflated ({error})")))?;
    if checksum(&unpacked) != header.crc {
        return Err(broken("its checksum is another".into()));
    }
    Ok(unpacked)
}
