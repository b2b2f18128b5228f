//! What one document may take.
//!
//! A few bytes can ask for any amount of memory or work: spans multiply, a formatting element that is left open is
//! opened again in each paragraph, deep nesting makes each tag look through all that are open. There is no clock here
//! (the same document must be read the same way everywhere), so what is counted is what the work is done on. The
//! limits are far above any published document: fifteen forms take two thousand slots.

use std::fmt;

use jixiao_model::{Cell, Grid, Place};

/// Slots of tables, and paragraphs.
const SLOTS: usize = 2_000_000;
/// Elements of HTML, those counted that the parser adds.
const ELEMENTS: usize = 1_000_000;
/// How deep HTML may nest. Browsers stop at 512.
const DEPTH: u32 = 1_000;
/// How often the parser may look at an element that is open.
const STEPS: u64 = 400_000_000;

/// Bytes that a compressed document may inflate to, its parts together.
const INFLATED: u64 = 256 << 20;

/// Characters and lines that the pages of a PDF may draw.
const MARKS: usize = 5_000_000;
/// Bytes of instructions that its pages may take, those of a shared piece counted each time that it is drawn.
const INSTRUCTIONS: u64 = 128 << 20;
/// How often lines of pages may be held against one another.
const MEETINGS: usize = 20_000_000;

/// What is left of a document's limits.
#[derive(Debug, Clone)]
pub struct Budget {
    slots: usize,
    elements: usize,
    steps: u64,
    inflated: u64,
    marks: usize,
    instructions: u64,
    meetings: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            slots: SLOTS,
            elements: ELEMENTS,
            steps: STEPS,
            inflated: INFLATED,
            marks: MARKS,
            instructions: INSTRUCTIONS,
            meetings: MEETINGS,
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
    /// Elements of HTML.
    Elements,
    /// Elements within one another.
    Depth,
    /// The work of the HTML parser.
    Steps,
    /// Characters and lines on pages.
    Marks,
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
            Self::Elements => write!(
                f,
                "it has over {ELEMENTS} HTML elements, unclosed ones counted as often as a browser repeats them, and that is the limit"
            ),
            Self::Marks => {
                write!(f, "its pages draw more than {MARKS} characters and lines, which is the limit")
            }
            Self::Instructions => write!(
                f,
                "its pages take more than {} MiB of drawing instructions, repeated ones counted as often as they are drawn, and that is the limit",
                INSTRUCTIONS >> 20
            ),
            Self::Meetings => {
                write!(f, "its pages draw so many lines that they meet over {MEETINGS} times, which is the limit")
            }
            Self::Depth => write!(f, "HTML elements are nested {} deep, and the limit is {DEPTH}", DEPTH + 1),
            Self::Steps => write!(
                f,
                "its HTML is so deep and so broken that the parser looked at open elements {STEPS} times, which is the limit"
            ),
        }
    }
}

impl Budget {
    /// Lays out a table.
    pub fn grid(&mut self, rows: Vec<(Place, Vec<Cell>)>) -> Result<Grid, Excess> {
        let grid = Grid::from_rows(rows, self.slots).map_err(|excess| Excess::Slots {
            count: SLOTS - self.slots + excess.count,
            place: excess.place,
        })?;
        self.slots -= grid.slot_count();
        Ok(grid)
    }

    /// Checks that so many cells are left.
    pub fn room(&self, cells: usize, place: &Place) -> Result<(), Excess> {
        if cells <= self.slots {
            return Ok(());
        }
        Err(Excess::Slots { count: SLOTS - self.slots + cells, place: place.clone() })
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

    /// Counts a character or a line on a page.
    pub fn mark(&mut self) -> Result<(), Excess> {
        self.marks = self.marks.checked_sub(1).ok_or(Excess::Marks)?;
        Ok(())
    }

    /// Counts bytes of drawing instructions.
    pub fn instruct(&mut self, bytes: u64) -> Result<(), Excess> {
        self.instructions = self.instructions.checked_sub(bytes).ok_or(Excess::Instructions)?;
        Ok(())
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

    /// Counts a look at an open element.
    pub fn step(&mut self) -> Result<(), Excess> {
        self.steps = self.steps.checked_sub(1).ok_or(Excess::Steps)?;
        Ok(())
    }

    /// Checks how deep an element stands.
    pub fn depth(depth: u32) -> Result<(), Excess> {
        if depth > DEPTH { Err(Excess::Depth) } else { Ok(()) }
    }
}
