//! Definitions of the rows of tables that Word 97–2003 keeps apart, put where a reader of paragraphs looks for them.
//!
//! The properties of paragraphs stand in pages of 512 bytes (MS-DOC, 2.9.175, *PapxFkp*), listed by a bin table. The
//! definition of a row of seven and more cells is too long for that: there stands only where in the stream `Data` to find it
//! (2.6.2, `sprmPHugePapx`, and 2.9.211, *PrcData*). `rwml` does not go there, and loses the row: its cells, spans and the
//! table's end. So such a page is written again behind the others, in pieces, with the properties themselves; what is only
//! for the eye (borders, shading) is left out where it does not fit.

use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use cfb::CompoundFile;

use super::doc_changes::{number_16, number_32, operand_size, table_stream};

const PAGE: usize = 512;
/// A *BxPap*: half the offset of the properties, and twelve bytes that nobody reads.
const BOX: usize = 13;
/// Properties that say where in `Data` the others are: all of a paragraph's, or those of its row.
const ELSEWHERE: [u16; 2] = [0x6646, 0x646B];
/// `sprmTDefTable`, and the size of what it says of each cell (2.9.322, *TC80*).
const ROW: u16 = 0xD608;
const CELL: usize = 20;
/// Where in the file information block (2.5.1) stand place and size of the bin table of paragraphs.
const BIN_TABLE_AT: usize = 0x102;
const BIN_TABLE_SIZE: usize = 0x106;
/// How many pages are written at most: 32 MiB of them, as many rows as a table of an honest document could have.
const MOST_PAGES: usize = 1 << 16;

/// The file with the rows' definitions in their place; `None` where none is apart, or the file is damaged.
pub fn bring_home(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).ok()?;
    let mut stream = |name: &str| {
        let mut bytes = Vec::new();
        file.open_stream(name).ok()?.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    let data = stream("Data")?;
    let document = stream("WordDocument")?;
    let table_name = table_stream(&document)?;
    let table = stream(table_name)?;
    let bins = Bins::of(&document, &table)?;
    let count = bins.count();

    let first_new = document.len().div_ceil(PAGE);
    let mut new_pages = Vec::new();
    // Where the text of each page begins, and the page.
    let mut listed: Vec<(u32, u32)> = Vec::with_capacity(count);
    for bin in 0..count {
        let page = bins.page(bin, &document).filter(|_| new_pages.len() < MOST_PAGES);
        let pieces = page.and_then(|(_, page)| pieces(page, &data));
        for (from, page) in pieces.iter().flatten() {
            listed.push((*from, u32::try_from(first_new + new_pages.len()).ok()?));
            new_pages.push(*page);
        }
        if pieces.is_none() {
            listed.push((number_32(bins.0, 4 * bin)?, bins.number(bin)?));
        }
    }
    if new_pages.is_empty() {
        return None;
    }
    let mut new_bins: Vec<u8> = listed.iter().flat_map(|(from, _)| from.to_le_bytes()).collect();
    new_bins.extend_from_slice(bins.0.get(4 * count..4 * (count + 1))?);
    new_bins.extend(listed.iter().flat_map(|(_, page)| page.to_le_bytes()));

    let mut file = CompoundFile::open(Cursor::new(bytes.to_vec())).ok()?;
    let mut write = |name: &str, at: usize, bytes: &[u8]| {
        let mut stream = file.open_stream(name).ok()?;
        stream.seek(SeekFrom::Start(at as u64)).ok()?;
        stream.write_all(bytes).ok()?;
        stream.flush().ok()
    };
    let padding = vec![0; first_new * PAGE - document.len()];
    write("WordDocument", document.len(), &[padding, new_pages.concat()].concat())?;
    write("WordDocument", BIN_TABLE_AT, &u32::try_from(table.len()).ok()?.to_le_bytes())?;
    write("WordDocument", BIN_TABLE_SIZE, &u32::try_from(new_bins.len()).ok()?.to_le_bytes())?;
    write(table_name, table.len(), &new_bins)?;
    Some(file.into_inner().into_inner())
}

/// The bin table of paragraphs (2.8.25, *PlcBtePapx*): where in the text each page begins, and the pages' numbers.
pub struct Bins<'b>(&'b [u8]);

impl<'b> Bins<'b> {
    /// The table of a document.
    pub fn of(document: &[u8], table: &'b [u8]) -> Option<Self> {
        let at = number_32(document, BIN_TABLE_AT)? as usize;
        let size = number_32(document, BIN_TABLE_SIZE)? as usize;
        table.get(at..at.checked_add(size)?).filter(|bins| bins.len() >= 4).map(Self)
    }

    /// How many pages it lists.
    pub fn count(&self) -> usize {
        (self.0.len() - 4) / 8
    }

    fn number(&self, bin: usize) -> Option<u32> {
        number_32(self.0, 4 * (self.count() + 1) + 4 * bin)
    }

    /// A page, and where in the document it stands.
    pub fn page<'d>(&self, bin: usize, document: &'d [u8]) -> Option<(usize, &'d [u8])> {
        let start = (self.number(bin)? & 0x003F_FFFF) as usize * PAGE;
        Some((start, document.get(start..start + PAGE)?))
    }
}

/// A page of properties in pieces, each with where its text begins: those with properties from elsewhere alone, what lies
/// between them together. `None` where the page has all that it needs.
fn pieces(page: &[u8], data: &[u8]) -> Option<Vec<(u32, [u8; PAGE])>> {
    let runs = usize::from(*page.last()?);
    let mut pieces = Vec::new();
    let mut done = 0;
    for run in 0..runs {
        let Some(properties) = properties_from_elsewhere(page, runs, run, data) else { continue };
        pieces.extend(part(page, runs, done..run));
        let mut single = part(page, runs, run..run + 1)?;
        let start = usize::next_multiple_of(4 * 2 + BOX, 2);
        *single.1.get_mut(4 * 2)? = u8::try_from(start / 2).ok()?;
        *single.1.get_mut(start)? = u8::try_from(properties.len().div_ceil(2)).ok()?;
        single.1.get_mut(start + 1..start + 1 + properties.len())?.copy_from_slice(&properties);
        pieces.push(single);
        done = run + 1;
    }
    if done == 0 {
        return None;
    }
    pieces.extend(part(page, runs, done..runs));
    Some(pieces)
}

/// Some runs of a page as a page of their own. Its head is shorter, so that properties may stay where they stand.
fn part(page: &[u8], runs: usize, of: std::ops::Range<usize>) -> Option<(u32, [u8; PAGE])> {
    let count = of.len();
    let offsets = page.get(4 * of.start..4 * (of.end + 1)).filter(|_| count > 0)?;
    let boxes = 4 * (runs + 1);
    let boxes = page.get(boxes + BOX * of.start..boxes + BOX * of.end)?;
    let mut part = <[u8; PAGE]>::try_from(page).ok()?;
    part.get_mut(..offsets.len())?.copy_from_slice(offsets);
    part.get_mut(offsets.len()..offsets.len() + boxes.len())?.copy_from_slice(boxes);
    *part.last_mut()? = u8::try_from(count).ok()?;
    Some((number_32(&part, 0)?, part))
}

/// The properties of a run, with those from elsewhere, if it says that there are some; as long as a page has room for.
fn properties_from_elsewhere(page: &[u8], runs: usize, run: usize, data: &[u8]) -> Option<Vec<u8>> {
    let place = own_properties(page, runs, run)?;
    let (style, own) = (page.get(place.start - 2..place.start)?, page.get(place)?);
    let mut all = Vec::new();
    let mut is_elsewhere = false;
    for property in split(own) {
        let (name, place) = (number_16(property, 0)?, number_32(property, 2));
        if !ELSEWHERE.contains(&name) {
            all.push(property);
        } else if let Some(found) = place.and_then(|place| elsewhere(data, place as usize)) {
            all.extend(split(found));
            is_elsewhere = true;
        }
    }
    if !is_elsewhere {
        return None;
    }
    // From behind the page's head to before its count, and the size of the properties themselves.
    let mut room = PAGE - 1 - usize::next_multiple_of(4 * 2 + BOX, 2) - 1 - style.len();
    let is_for_the_eye = |property: &[u8]| {
        // Variable in size, and of tables (2.2.5.1, *Sprm*).
        number_16(property, 0).is_some_and(|name| name >> 13 == 6 && (name >> 10) & 7 == 5 && name != ROW)
    };
    let fits = all.iter().map(|property| property.len()).sum::<usize>() <= room;
    let mut properties = style.to_vec();
    for property in all.into_iter().filter(|property| fits || !is_for_the_eye(property)) {
        let property = if property.len() > room { shortened(property, room)? } else { property.to_vec() };
        room -= property.len();
        properties.extend(property);
    }
    // The size is said in halves: an odd one with what stands before it.
    if properties.len() % 2 == 0 {
        properties.push(0);
    }
    Some(properties)
}

/// Where in a page the properties of a run are, behind its style.
pub fn own_properties(page: &[u8], runs: usize, run: usize) -> Option<std::ops::Range<usize>> {
    let start = usize::from(*page.get(4 * (runs + 1) + BOX * run)?) * 2;
    if start == 0 {
        return None;
    }
    // Half the size, rounded up; or, after a zero, the half of an even size (2.9.174, *PapxInFkp*).
    let (start, size) = match usize::from(*page.get(start)?) {
        0 => (start + 2, usize::from(*page.get(start + 1)?) * 2),
        half => (start + 1, half * 2 - 1),
    };
    (size >= 2 && start + size <= page.len()).then_some(start + 2..start + size)
}

/// Properties in the stream `Data`: their size, and they themselves.
fn elsewhere(data: &[u8], at: usize) -> Option<&[u8]> {
    let size = usize::from(number_16(data, at)?);
    data.get(at.checked_add(2)?..at.checked_add(2 + size)?)
}

/// The definition of a row without what it says of its last cells, which only tells of merging and borders.
fn shortened(property: &[u8], room: usize) -> Option<Vec<u8>> {
    let cells = usize::from(*property.get(4).filter(|_| number_16(property, 0) == Some(ROW))?);
    let edges = 5 + 2 * (cells + 1);
    let kept = room.checked_sub(edges)? / CELL * CELL;
    let mut short = property.get(..edges + kept)?.to_vec();
    let size = u16::try_from(short.len() - 3).ok()?;
    short.get_mut(2..4)?.copy_from_slice(&size.to_le_bytes());
    Some(short)
}

/// The properties in a list of them.
pub fn split(mut list: &[u8]) -> Vec<&[u8]> {
    let mut properties = Vec::new();
    while let Some(name) = number_16(list, 0) {
        let operand = match name {
            // Its size has two bytes, and is one more than what follows (2.9.326, *TDefTableOperand*).
            ROW => number_16(list, 2).map(|size| usize::from(size) + 1),
            _ => operand_size(name, list.get(2).copied()),
        };
        let Some((property, rest)) = operand.and_then(|size| list.split_at_checked(2 + size)) else { break };
        properties.push(property);
        list = rest;
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A definition of a row: its cells are 500 twips wide, and say nothing.
    fn row(cells: u8) -> Vec<u8> {
        let mut definition = ROW.to_le_bytes().to_vec();
        let size = 2 + 2 * (u16::from(cells) + 1) + CELL as u16 * u16::from(cells);
        definition.extend(size.to_le_bytes());
        definition.push(cells);
        definition.extend((0..=i16::from(cells)).flat_map(|edge| (edge * 500).to_le_bytes()));
        definition.resize(definition.len() + CELL * usize::from(cells), 0);
        definition
    }

    /// A page of two runs: one with a property of its own, one whose properties stand at the start of `Data`.
    fn page() -> Vec<u8> {
        let mut page = vec![0; PAGE];
        for (at, offset) in [0_u32, 10, 20].into_iter().enumerate() {
            page[4 * at..4 * at + 4].copy_from_slice(&offset.to_le_bytes());
        }
        page[12] = 250;
        page[12 + BOX] = 240;
        page[500..506].copy_from_slice(&[3, 0, 0, 0x16, 0x24, 1]);
        page[480..490].copy_from_slice(&[0, 4, 0, 0, 0x46, 0x66, 0, 0, 0, 0]);
        page[PAGE - 1] = 2;
        page
    }

    fn data(properties: &[u8]) -> Vec<u8> {
        [&u16::try_from(properties.len()).expect("short").to_le_bytes(), properties].concat()
    }

    #[test]
    fn a_page_is_cut_where_properties_come_from_elsewhere() {
        let definition = row(7);
        let pieces = pieces(&page(), &data(&definition)).expect("some come from elsewhere");
        let froms: Vec<u32> = pieces.iter().map(|(from, _)| *from).collect();
        assert_eq!(froms, [0, 10]);
        let of_row = &pieces[1].1;
        let start = usize::from(of_row[8]) * 2;
        assert_eq!(of_row[start + 3..start + 3 + definition.len()], definition);
        assert_eq!(properties_from_elsewhere(of_row, 1, 0, &[]), None);
        // The other keeps its own.
        assert_eq!(usize::from(pieces[0].1[8]) * 2, 500);
    }

    #[test]
    fn what_does_not_fit_a_page_is_left_out_from_the_last_cell() {
        let pieces = pieces(&page(), &data(&row(40))).expect("some come from elsewhere");
        let of_row = &pieces[1].1;
        let start = usize::from(of_row[8]) * 2;
        assert_eq!(of_row[start + 3 + 4], 40);
        let definition = split(&of_row[start + 3..PAGE - 1]).first().map_or(0, |row| row.len());
        assert_eq!(definition, 5 + 2 * 41 + 19 * CELL);
    }

    #[test]
    fn a_place_outside_the_stream_changes_nothing() {
        assert_eq!(pieces(&page(), &[9, 0, 1]), None);
        assert_eq!(pieces(&vec![0xFF; PAGE], &data(&row(7))), None);
    }
}
