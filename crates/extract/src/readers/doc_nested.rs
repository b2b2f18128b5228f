//! Tables within tables of Word 97–2003, marked so that a reader of paragraphs passes on what it does not know of them.
//!
//! The mark of a paragraph says how deep in tables it stands (MS-DOC, 2.6.2, `sprmPItap`), and whether a cell or a row of an
//! inner table ends with it (`sprmPFInnerTableCell`, `sprmPFInnerTtp`). `rwml` reads all that as paragraphs of the outer
//! cell. So the depth, which it passes over, is overwritten with an outline level that nobody has, which it hands on. How
//! wide the cells of an inner row are stands at its end as for any row, and is collected here.

use std::collections::{BTreeSet, VecDeque};
use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use cfb::CompoundFile;

use super::doc_changes::{number_16, number_32, table_stream};
use super::doc_rows::{Bins, own_properties, split};
use super::word_table::Merge;

const DEPTH: u16 = 0x6649;
const CELL_ENDS: u16 = 0x244B;
const ROW_ENDS: u16 = 0x244C;
const OUTLINE: u16 = 0x2640;
const ROW: u16 = 0xD608;
const VERTICAL_MERGE: u16 = 0xD62B;
/// What an outline level of ours begins with: those of Word end at 9.
const OURS: u8 = 0x80;
/// The deepest table that fits into it; the story stops before.
const DEEPEST: u32 = 31;

/// How many inner rows are looked at: as many as no document has.
const MOST_ROWS: usize = 100_000;

/// What ends with a paragraph of an inner table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Nothing else.
    Paragraph,
    /// A cell.
    Cell,
    /// A row, which has ended its cells before.
    Row,
}

/// The cells of an inner row: where each ends in twips, the first edge before them, and how each is merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edges {
    /// One more than there are cells.
    pub edges: Vec<i64>,
    /// As many as there are cells.
    pub merges: Vec<Merge>,
}

/// A file with its inner tables marked.
pub struct Marked {
    /// The file.
    pub bytes: Vec<u8>,
    /// The inner rows in the order of the text.
    pub rows: VecDeque<Option<Edges>>,
}

/// How many tables a paragraph with this outline level stands in, and what ends with it; none where it is no mark.
pub fn read(outline: Option<u8>) -> Option<(usize, Ends)> {
    let mark = outline.filter(|level| *level >= OURS)? - OURS;
    let ends = match mark & 3 {
        0 => Ends::Paragraph,
        1 => Ends::Cell,
        _ => Ends::Row,
    };
    Some((usize::from(mark >> 2), ends))
}

/// Marks the inner tables; `None` where there is none, or the file is damaged.
pub fn mark(bytes: &[u8]) -> Option<Marked> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).ok()?;
    let mut stream = |name: &str| {
        let mut bytes = Vec::new();
        file.open_stream(name).ok()?.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    let document = stream("WordDocument")?;
    let table = stream(table_stream(&document)?)?;
    let bins = Bins::of(&document, &table)?;
    let mut changes: Vec<(usize, u8)> = Vec::new();
    let mut rows: Vec<(u32, Option<Edges>)> = Vec::new();
    let (mut seen, mut marked) = (BTreeSet::new(), BTreeSet::new());
    for bin in 0..bins.count() {
        // The table may list one page any number of times.
        let Some((start, page)) = bins.page(bin, &document).filter(|(start, _)| seen.insert(*start)) else {
            continue;
        };
        let runs = usize::from(page.last().copied().unwrap_or(0));
        for run in 0..runs {
            let Some(properties) = own_properties(page, runs, run) else { continue };
            let Some((depth, ends)) = depth_and_end(page.get(properties.clone())?) else { continue };
            let mark = OURS | u8::try_from(depth.min(DEEPEST)).ok()? << 2 | ends as u8;
            // Runs may share their properties.
            if marked.insert(start + properties.start) {
                changes.extend(changed(page.get(properties.clone())?, start + properties.start, mark));
            }
            if rows.len() > MOST_ROWS {
                return None;
            }
            if ends == Ends::Row {
                rows.push((number_32(page, 4 * run)?, edges(page.get(properties)?)));
            }
        }
    }
    if changes.is_empty() {
        return None;
    }
    rows.sort_by_key(|(from, _)| *from);
    let mut file = CompoundFile::open(Cursor::new(bytes.to_vec())).ok()?;
    let mut stream = file.open_stream("WordDocument").ok()?;
    for (at, byte) in changes {
        stream.seek(SeekFrom::Start(at as u64)).ok()?;
        stream.write_all(&[byte]).ok()?;
    }
    stream.flush().ok()?;
    drop(stream);
    let rows = rows.into_iter().map(|(_, edges)| edges).collect();
    Some(Marked { bytes: file.into_inner().into_inner(), rows })
}

/// The bytes of properties that a mark changes, with their places; the properties begin at one.
fn changed(properties: &[u8], mut at: usize, mark: u8) -> Vec<(usize, u8)> {
    let mut changes = Vec::new();
    for property in split(properties) {
        match number_16(property, 0) {
            // Six bytes: twice the same of three.
            Some(DEPTH) => {
                let [low, high] = OUTLINE.to_le_bytes();
                changes.extend((at..).zip([low, high, mark, low, high, mark]));
            }
            Some(OUTLINE) => changes.push((at + 2, mark)),
            _ => {}
        }
        at += property.len();
    }
    changes
}

/// How many tables a paragraph stands in, if there are more than one, and what ends with it.
fn depth_and_end(properties: &[u8]) -> Option<(u32, Ends)> {
    let properties = split(properties);
    let find = |name: u16| properties.iter().find(|property| number_16(property, 0) == Some(name));
    let is = |name: u16| find(name).is_some_and(|property| property.get(2) == Some(&1));
    let depth = number_32(find(DEPTH)?, 2).filter(|depth| *depth > 1)?;
    let ends = match (is(ROW_ENDS), is(CELL_ENDS)) {
        (true, _) => Ends::Row,
        (_, true) => Ends::Cell,
        _ => Ends::Paragraph,
    };
    Some((depth, ends))
}

/// The cells of a row (2.9.322, *TDefTableOperand*, and 2.9.327, *TC80*: of its flags the sixth and seventh).
fn edges(properties: &[u8]) -> Option<Edges> {
    let properties = split(properties);
    let row = properties.iter().find(|property| number_16(property, 0) == Some(ROW))?;
    let cells = usize::from(*row.get(4)?);
    let edge = |cell: usize| Some(i64::from(number_16(row, 5 + 2 * cell)?.cast_signed()));
    let edges = (0..=cells).map(edge).collect::<Option<Vec<i64>>>()?;
    let merge = |bits: u16| match bits & 3 {
        0 => Merge::None,
        1 => Merge::Continue,
        _ => Merge::Restart,
    };
    let flags = |cell: usize| number_16(row, 5 + 2 * (cells + 1) + 20 * cell).unwrap_or(0);
    let mut merges: Vec<Merge> = (0..cells).map(|cell| merge(flags(cell) >> 5)).collect();
    for property in properties.iter().filter(|property| number_16(property, 0) == Some(VERTICAL_MERGE)) {
        if let (Some(cell), Some(bits)) = (property.get(3), property.get(4))
            && let Some(merged) = merges.get_mut(usize::from(*cell))
        {
            *merged = merge(u16::from(*bits));
        }
    }
    Some(Edges { edges, merges })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(name: u16, operand: &[u8]) -> Vec<u8> {
        [&name.to_le_bytes(), operand].concat()
    }

    #[test]
    fn the_depth_of_a_paragraph_becomes_its_outline_level() {
        let outline = property(OUTLINE, &[3]);
        let properties = [property(DEPTH, &2_u32.to_le_bytes()), property(CELL_ENDS, &[1]), outline].concat();
        assert_eq!(depth_and_end(&properties), Some((2, Ends::Cell)));
        let mark = OURS | 2 << 2 | 1;
        let mut marked = properties.clone();
        for (at, byte) in changed(&properties, 100, mark) {
            marked[at - 100] = byte;
        }
        let levels: Vec<_> =
            split(&marked).into_iter().filter(|one| one.starts_with(&OUTLINE.to_le_bytes())).collect();
        assert_eq!(levels, vec![property(OUTLINE, &[mark]); 3]);
        assert_eq!(marked.len(), properties.len());
        assert_eq!(read(Some(mark)), Some((2, Ends::Cell)));
        assert_eq!(read(Some(9)), None);
        assert_eq!(depth_and_end(&property(DEPTH, &1_u32.to_le_bytes())), None);
    }

    #[test]
    fn a_row_says_where_its_cells_end_and_how_they_are_merged() {
        let mut row = vec![0, 0, 2, 10, 0, 200, 1, 88, 2];
        row.resize(row.len() + 2 * 20, 0);
        row[9] = 1 << 5;
        let size = u16::try_from(row.len() - 1).expect("short");
        row[..2].copy_from_slice(&size.to_le_bytes());
        let found = edges(&property(ROW, &row)).expect("it is one");
        assert_eq!(found, Edges { edges: vec![10, 456, 600], merges: vec![Merge::Continue, Merge::None] });
        let merged = [property(ROW, &row), property(VERTICAL_MERGE, &[2, 1, 3])].concat();
        assert_eq!(edges(&merged).expect("it is one").merges, [Merge::Continue, Merge::Restart]);
    }
}
