//! Deletions that a document of Word 97–2003 has on record, marked as hidden, so that a reader that knows hidden text
//! leaves them out.
//!
//! The properties of characters stand in pages of 512 bytes (MS-DOC, 2.9.33, *ChpxFkp*), which the bin table in the table
//! stream lists (2.8.6, *PlcBteChpx*). A deletion is the property `sprmCFRMarkDel` of one byte; hidden text is
//! `sprmCFVanish`, of one byte too, so the one becomes the other where it stands.

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use cfb::CompoundFile;

const PAGE: usize = 512;
const DELETED: u16 = 0x0800;
const HIDDEN: u16 = 0x083C;
/// Where in the file information block (2.5.1) stand: flags, of which one says which table stream is used; and the place
/// and size of the bin table.
const FLAGS: usize = 0x0A;
const SECOND_TABLE: u16 = 0x0200;
const BIN_TABLE_AT: usize = 0xFA;
const BIN_TABLE_SIZE: usize = 0xFE;

/// The file with deletions marked as hidden; `None` where there is none, or the file is damaged.
pub fn hide_deletions(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).ok()?;
    let document = stream(&mut file, "WordDocument")?;
    let table = stream(&mut file, table_stream(&document)?)?;
    let (at, size) =
        (number_32(&document, BIN_TABLE_AT)? as usize, number_32(&document, BIN_TABLE_SIZE)? as usize);
    // As many numbers of pages as there are pieces, after the offsets of the pieces and of the end.
    let pieces = size.checked_sub(4)? / 8;
    let pages = table.get(at + 4 * (pieces + 1)..at.checked_add(size)?)?;
    let mut places = Vec::new();
    // The table may list one page any number of times.
    let numbers = pages.chunks_exact(4).filter_map(|number| Some(number_32(number, 0)? & 0x003F_FFFF));
    for number in numbers.collect::<BTreeSet<u32>>() {
        let start = number as usize * PAGE;
        let Some(page) = document.get(start..start + PAGE) else { continue };
        places.extend(deletions(page).into_iter().map(|at| start + at));
    }
    if places.is_empty() {
        return None;
    }
    let mut file = CompoundFile::open(Cursor::new(bytes.to_vec())).ok()?;
    let mut stream = file.open_stream("WordDocument").ok()?;
    for at in places {
        stream.seek(SeekFrom::Start(at as u64)).ok()?;
        stream.write_all(&HIDDEN.to_le_bytes()).ok()?;
    }
    stream.flush().ok()?;
    drop(stream);
    Some(file.into_inner().into_inner())
}

/// The name of the stream that the document's tables are in.
pub fn table_stream(document: &[u8]) -> Option<&'static str> {
    Some(if number_16(document, FLAGS)? & SECOND_TABLE == 0 { "0Table" } else { "1Table" })
}

/// Where in a page of properties deletions are.
fn deletions(page: &[u8]) -> BTreeSet<usize> {
    let mut places = BTreeSet::new();
    let count = usize::from(page.last().copied().unwrap_or(0));
    // Behind the offsets of the runs stands for each half the offset of its properties, which runs may share.
    let offsets = page.get(4 * (count + 1)..).unwrap_or_default().iter().take(count);
    for offset in offsets.copied().filter(|offset| *offset > 0).collect::<BTreeSet<u8>>() {
        let start = usize::from(offset) * 2;
        let Some(size) = page.get(start) else { continue };
        let end = start + 1 + usize::from(*size);
        let mut at = start + 1;
        while at + 2 < end {
            let Some(property) = number_16(page, at) else { break };
            if property == DELETED && page.get(at + 2) == Some(&1) {
                places.insert(at);
            }
            let Some(size) = operand_size(property, page.get(at + 2).copied()) else { break };
            at += 2 + size;
        }
    }
    places
}

/// How many bytes follow a property (2.2.5.1, *Sprm*).
pub fn operand_size(property: u16, first: Option<u8>) -> Option<usize> {
    Some(match property >> 13 {
        0 | 1 => 1,
        2 | 4 | 5 => 2,
        3 => 4,
        7 => 3,
        _ => 1 + usize::from(first?),
    })
}

fn stream(file: &mut CompoundFile<Cursor<&[u8]>>, name: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    file.open_stream(name).ok()?.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// A number of two bytes.
pub fn number_16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// A number of four bytes.
pub fn number_32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
