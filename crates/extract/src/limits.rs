//! What one document may take.
//!
//! A few bytes can ask for any amount of memory or work: spans multiply, a formatting element that is left open is
//! opened again in each paragraph, deep nesting makes each tag look through all that are open. There is no clock here
//! (the same document must be read the same way everywhere), so what is counted is what the work is done on. The
//! limits are far above any published document: fifteen forms take two thousand slots.

use std::fmt;

use jixiao_model::{Cell, Grid, Place};

/// Slots of tables, and paragraphs. Rows that are read as indicators, each with a finding, take 1.5 kB a slot (measured),
/// so that a document stays below a gigabyte.
const SLOTS: usize = 500_000;
/// Elements of HTML, those counted that the parser adds.
const ELEMENTS: usize = 1_000_000;
/// Attributes of one tag of HTML: the parser holds each against all before it.
pub const ATTRIBUTES: usize = 1_000;
/// Sheets of a workbook.
const SHEETS: usize = 10_000;
/// How deep elements of HTML and XML may nest. Browsers stop at 512.
const DEPTH: u32 = 1_000;
/// How deep tables, cells and text boxes of Word may nest. People stop at three.
const TABLE_DEPTH: usize = 100;
/// How often the parser may look at an element that is open.
const STEPS: u64 = 400_000_000;

/// Bytes that a compressed document may inflate to, its parts together.
const INFLATED: u64 = 256 << 20;

/// Glyphs and lines that the pages of a document draw. A page of a form has three thousand.
const SHAPES: usize = 6_000_000;
/// Bytes of instructions that its pages may take, those of a shared piece counted each time that it is drawn.
const INSTRUCTIONS: u64 = 128 << 20;
/// How often lines of pages may be held against one another.
const MEETINGS: usize = 20_000_000;
/// How often texts of pages without lines may be held against one another. A page of a form has 200 texts; what is left
/// when this is used up stays text.
const COMPARISONS: u64 = 200_000_000;
/// Bytes of one member of an archive: as many as a file may have that stands by itself.
const MEMBER_BYTES: u64 = 64 << 20;
/// Bytes that the members of an archive may have, those of archives within it counted. They are read one after
/// another, so that this limits time and not memory.
const UNPACKED: u64 = 1 << 30;
/// How many times its own size an archive may unpack to. Tables in HTML reach 30, a bomb a thousand.
const RATIO: u64 = 200;
/// Archives of few bytes may unpack to this, whatever the ratio: a page of blanks is no attack.
const SMALL: u64 = 16 << 20;
/// Entries of an archive, folders and those of archives within it counted.
const ENTRIES: usize = 10_000;

/// What is left of an archive's limits, together with the archives within it.
#[derive(Debug, Clone)]
pub struct Unpacked {
    allowed: u64,
    bytes: u64,
    entries: usize,
}

impl Unpacked {
    /// The limits of an archive of so many bytes.
    pub fn of(archive_bytes: u64) -> Self {
        let allowed = archive_bytes.saturating_mul(RATIO).clamp(SMALL, UNPACKED);
        Self { allowed, bytes: allowed, entries: ENTRIES }
    }

    /// How many bytes the next member may have: one more shows that it has too many.
    pub fn member_left(&self) -> u64 {
        self.bytes.min(MEMBER_BYTES)
    }

    /// Counts bytes that were unpacked.
    pub fn unpack(&mut self, bytes: u64) -> Result<(), Excess> {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.unwrap_or(0);
        let allowed = self.allowed;
        left.map(|_| ()).ok_or(if allowed < UNPACKED { Excess::Ratio { allowed } } else { Excess::Unpacked })
    }

    /// Counts an entry.
    pub fn entry(&mut self) -> Result<(), Excess> {
        self.entries = self.entries.checked_sub(1).ok_or(Excess::Entries)?;
        Ok(())
    }
}

/// What is left of a document's limits.
#[derive(Debug, Clone)]
pub struct Budget {
    slots: usize,
    elements: usize,
    sheets: usize,
    steps: u64,
    inflated: u64,
    instructions: u64,
    meetings: usize,
    comparisons: u64,
    shapes: usize,
    html: Count,
}

/// How the elements and steps of HTML were counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    /// One by one, or not at all yet.
    Exact,
    /// Some of them as what they are at most.
    AtMost,
    /// One by one, and they must be.
    MustBeExact,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            slots: SLOTS,
            elements: ELEMENTS,
            sheets: SHEETS,
            steps: STEPS,
            inflated: INFLATED,
            shapes: SHAPES,
            instructions: INSTRUCTIONS,
            meetings: MEETINGS,
            comparisons: COMPARISONS,
            html: Count::Exact,
        }
    }
}

/// A limit that a document breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Excess {
    /// Cells, the slots that they span, and paragraphs.
    Slots {
        /// How many there were when the count was stopped.
        count: usize,
        /// Where that was.
        place: Place,
    },
    /// Bytes that it inflates to.
    Inflated,
    /// Glyphs and lines on its pages.
    Shapes,
    /// Bytes that one member of an archive has.
    Member,
    /// Bytes that the members of an archive have.
    Unpacked,
    /// Bytes that the members of an archive have, for one of its size.
    Ratio {
        /// How many it may have.
        allowed: u64,
    },
    /// Entries of an archive.
    Entries,
    /// Archives within one another.
    Nesting,
    /// Elements of HTML.
    Elements,
    /// Attributes of one tag of HTML.
    Attributes,
    /// Sheets of a workbook.
    Sheets,
    /// Elements within one another.
    Depth,
    /// Tables within one another.
    TableDepth,
    /// The work of the HTML parser.
    Steps,
    /// Instructions to draw pages.
    Instructions,
    /// The work of finding tables in lines.
    Meetings,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slots { count, place } => write!(
                f,
                "up to {place} it has {count} cells and paragraphs, merged cells counted by the cells that they cover, and the limit is {SLOTS}"
            ),
            Self::Inflated => {
                write!(f, "it inflates to more than {} MiB, which is the limit", INFLATED >> 20)
            }
            Self::Shapes => {
                write!(f, "its pages draw more than {SHAPES} glyphs and lines, which is the limit")
            }
            Self::Member => {
                write!(f, "it unpacks to more than {} MiB, which is the limit of a document", MEMBER_BYTES >> 20)
            }
            Self::Unpacked => write!(
                f,
                "its members unpack to more than {} MiB together, which is the limit; what follows was not read",
                UNPACKED >> 20
            ),
            Self::Ratio { allowed } => write!(
                f,
                "its members unpack to more than {allowed} bytes, which is the limit for its size \
                 ({RATIO} times as much, at least {} MiB); what follows was not read",
                SMALL >> 20
            ),
            Self::Entries => {
                write!(f, "it has more than {ENTRIES} entries, which is the limit; what follows was not read")
            }
            Self::Nesting => f.write_str(
                "it is an archive in an archive in an archive, and archives are opened two deep; unpack the outer one",
            ),
            Self::Elements => write!(
                f,
                "it has over {ELEMENTS} HTML elements, unclosed ones counted as often as a browser repeats them, and that is the limit"
            ),
            Self::Attributes => {
                write!(f, "one of its HTML tags has more than {ATTRIBUTES} attributes, which is the limit")
            }
            Self::Sheets => write!(f, "it has more than {SHEETS} sheets, which is the limit"),
            Self::Instructions => write!(
                f,
                "its pages take more than {} MiB of drawing instructions, repeated ones counted as often as they are drawn, and that is the limit",
                INSTRUCTIONS >> 20
            ),
            Self::Meetings => {
                write!(f, "its pages draw so many lines that they meet over {MEETINGS} times, which is the limit")
            }
            Self::Depth => write!(f, "elements are nested {} deep, and the limit is {DEPTH}", DEPTH + 1),
            Self::TableDepth => {
                write!(
                    f,
                    "tables and text boxes are nested {} deep, and the limit is {TABLE_DEPTH}",
                    TABLE_DEPTH + 1
                )
            }
            Self::Steps => write!(
                f,
                "its HTML is so deep and so broken that the parser looked at open elements {STEPS} times, which is the limit"
            ),
        }
    }
}

impl Budget {
    /// The limits for a document whose HTML must be counted one by one, since an estimate came to break a limit.
    pub fn exact() -> Self {
        Self { html: Count::MustBeExact, ..Self::default() }
    }

    /// Whether elements of HTML may be counted as what they are at most.
    pub fn may_estimate(&self) -> bool {
        self.html != Count::MustBeExact
    }

    /// Whether any were: a limit that breaks then may not be one that the document breaks.
    pub fn is_estimated(&self) -> bool {
        self.html == Count::AtMost
    }

    /// Counts elements of HTML and looks at those that are open, as what they are at most. There may be too many: `None`.
    pub fn estimate(&mut self, elements: usize, steps: u64) -> Option<()> {
        self.elements = self.elements.checked_sub(elements)?;
        self.steps = self.steps.checked_sub(steps)?;
        self.html = Count::AtMost;
        Some(())
    }

    /// Lays out a table.
    pub fn grid<T>(&mut self, rows: Vec<(Place, Vec<Cell<T>>)>) -> Result<Grid<T>, Excess> {
        let grid = Grid::from_rows(rows, self.slots).map_err(|excess| Excess::Slots {
            count: SLOTS - self.slots + excess.count,
            place: excess.place,
        })?;
        self.slots -= grid.slot_count();
        Ok(grid)
    }

    /// Counts the cells of a table, for each of which there was [room](Self::room).
    pub fn cells(&mut self, count: usize) {
        self.slots = self.slots.saturating_sub(count);
    }

    /// Checks that so many cells are left.
    pub fn room(&self, cells: usize, place: &Place) -> Result<(), Excess> {
        if cells <= self.slots {
            return Ok(());
        }
        Err(Excess::Slots { count: SLOTS - self.slots + cells, place: place.clone() })
    }

    /// As [`Self::room`], for a place that is made only to be said.
    pub fn room_at(&self, cells: usize, place: impl FnOnce() -> Place) -> Result<(), Excess> {
        if cells <= self.slots { Ok(()) } else { self.room(cells, &place()) }
    }

    /// Counts a paragraph.
    pub fn paragraph(&mut self, place: &Place) -> Result<(), Excess> {
        self.room(1, place)?;
        self.slots -= 1;
        Ok(())
    }

    /// How many bytes may still be inflated.
    pub fn inflated_left(&self) -> u64 {
        self.inflated
    }

    /// Counts bytes that were inflated.
    pub fn inflate(&mut self, bytes: u64) -> Result<(), Excess> {
        self.inflated = self.inflated.checked_sub(bytes).ok_or(Excess::Inflated)?;
        Ok(())
    }

    /// Counts a glyph or a line that is drawn.
    pub fn shape(&mut self) -> Result<(), Excess> {
        self.shapes = self.shapes.checked_sub(1).ok_or(Excess::Shapes)?;
        Ok(())
    }

    /// Counts bytes of drawing instructions.
    pub fn instruct(&mut self, bytes: u64) -> Result<(), Excess> {
        self.instructions = self.instructions.checked_sub(bytes).ok_or(Excess::Instructions)?;
        Ok(())
    }

    /// Whether so many texts may all be held against one another.
    pub fn may_compare(&mut self, texts: usize) -> bool {
        let left = (texts as u64).checked_pow(2).and_then(|pairs| self.comparisons.checked_sub(pairs));
        self.comparisons = left.unwrap_or(self.comparisons);
        left.is_some()
    }

    /// Counts a line that is held against another.
    pub fn meet(&mut self) -> Result<(), Excess> {
        self.meetings = self.meetings.checked_sub(1).ok_or(Excess::Meetings)?;
        Ok(())
    }

    /// Counts an element.
    pub fn element(&mut self) -> Result<(), Excess> {
        self.elements = self.elements.checked_sub(1).ok_or(Excess::Elements)?;
        Ok(())
    }

    /// Counts a sheet.
    pub fn sheet(&mut self) -> Result<(), Excess> {
        self.sheets = self.sheets.checked_sub(1).ok_or(Excess::Sheets)?;
        Ok(())
    }

    /// Counts a look at an open element.
    pub fn step(&mut self) -> Result<(), Excess> {
        self.steps = self.steps.checked_sub(1).ok_or(Excess::Steps)?;
        Ok(())
    }

    /// Checks how deep a table or its cell stands.
    pub fn table_depth(depth: usize) -> Result<(), Excess> {
        if depth > TABLE_DEPTH { Err(Excess::TableDepth) } else { Ok(()) }
    }

    /// Checks how deep an element stands.
    pub fn depth(depth: u32) -> Result<(), Excess> {
        if depth > DEPTH { Err(Excess::Depth) } else { Ok(()) }
    }
}
