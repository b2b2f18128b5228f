//! Deletions that a document of Word 97–2003 has on record, marked as hidden, so that a reader that knows hidden text
//! leaves them out.
//!
//! The properties of characters stand in pages of 512 bytes (MS-DOC, 2.9.33, *ChpxFkp*), which the bin table in the table
//! stream lists (2.8.6, *PlcBteChpx*). A deletion is the property `sprmCFRMarkDel` of one byte; hidden text is
//! `sprmCFVanish`, of one byte too, so the one becomes the other where it stands.

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
    let table = if number_16(&document, FLAGS)? & SECOND_TABLE == 0 { "0Table" } else { "1Table" };
    let table = stream(&mut file, table)?;
    let (at, size) =
        (number_32(&document, BIN_TABLE_AT)? as usize, number_32(&document, BIN_TABLE_SIZE)? as usize);
    // As many numbers of pages as there are pieces, after the offsets of the pieces and of the end.
    let pieces = size.checked_sub(4)? / 8;
    let pages = table.get(at + 4 * (pieces + 1)..at.checked_add(size)?)?;
    let mut places = Vec::new();
    for page in pages.chunks_exact(4) {
        let number = u32::from_le_bytes(page.try_into().ok()?) & 0x003F_FFFF;
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

/// Where in a page of properties deletions are.
fn deletions(page: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let count = usize::from(page.last().copied().unwrap_or(0));
    for run in 0..count {
        // Behind the offsets of the runs stands for each half the offset of its properties.
        let Some(offset) = page.get(4 * (count + 1) + run) else { break };
        let start = usize::from(*offset) * 2;
        let Some(size) = page.get(start).filter(|_| *offset > 0) else { continue };
        let end = start + 1 + usize::from(*size);
        let mut at = start + 1;
        while at + 2 < end {
            let Some(property) = number_16(page, at) else { break };
            if property == DELETED && page.get(at + 2) == Some(&1) && !places.contains(&at) {
                places.push(at);
            }
            let Some(size) = operand_size(property, page.get(at + 2).copied()) else { break };
            at += 2 + size;
        }
    }
    places
}

/// How many bytes follow a property (2.2.5.1, *Sprm*).
fn operand_size(property: u16, first: Option<u8>) -> Option<usize> {
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

fn number_16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn number_32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
