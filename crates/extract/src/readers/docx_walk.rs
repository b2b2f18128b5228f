//! The walk over the main part of a docx.

use super::story::{Story, Unseen};
use super::word_table::{Merge, RowCell};
use super::xml::{Element, Event};
use super::{Pages, Unreadable};

/// Columns that a cell may span; Word stops at 63.
const MOST_COLUMNS: u32 = 1_000;

/// Elements of which nothing is read: earlier properties of what was changed, commands of fields, stops of tabs,
/// pronunciation above characters.
const SKIPPED: &[&str] = &[
    "rPrChange",
    "pPrChange",
    "tblPrChange",
    "tblPrExChange",
    "tblGridChange",
    "trPrChange",
    "tcPrChange",
    "sectPrChange",
    "numberingChange",
    "instrText",
    "delInstrText",
    "tabs",
    "rt",
    "sectPr",
];

/// An element that is open, and what is to be done at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Other,
    Paragraph,
    ParagraphProperties,
    Run,
    RunProperties,
    Text,
    DeletedText,
    Table,
    Row,
    RowProperties,
    Cell,
    Box,
    /// What a tracked change takes out.
    Deletion,
    Alternate {
        read: bool,
    },
    Control(Control),
    ControlProperties,
    ControlContent,
    FieldBox,
}

/// What is known of a content control (17.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Control {
    /// It is a check box, and whether that is checked.
    checkbox: Option<bool>,
    /// Its check box is printed already.
    printed: bool,
    /// It shows a prompt, and nothing was filled in.
    prompt: bool,
}

/// What is known of the row that is open.
#[derive(Debug, Clone, Copy, Default)]
struct OpenRow {
    column: i64,
    is_deleted: bool,
}

/// The walk, and the document as far as it was told.
pub struct DocxWalk<'b> {
    story: Story<'b>,
    open: Vec<Open>,
    /// Where in `open` the controls stand: each piece of text asks for the innermost, however deep it stands itself.
    controls: Vec<usize>,
    /// How many elements are open within the one that is skipped, that one included.
    skipped: u32,
    rows: Vec<OpenRow>,
    /// Changes around this place that take it out.
    deletions: u32,
    /// The mark of the paragraph is deleted: it goes on in the next one.
    mark_is_deleted: bool,
    /// The run is hidden.
    is_hidden: bool,
    /// The run is in a font of signs, whose letters are no letters.
    is_symbols: bool,
    /// The state of a check box of the older kind.
    field_box: bool,
}

impl<'b> DocxWalk<'b> {
    /// A walk that has not begun.
    pub fn new(story: Story<'b>) -> Self {
        Self {
            story,
            open: Vec::new(),
            controls: Vec::new(),
            skipped: 0,
            rows: Vec::new(),
            deletions: 0,
            mark_is_deleted: false,
            is_hidden: false,
            is_symbols: false,
            field_box: false,
        }
    }

    /// The blocks.
    pub fn finish(self) -> Result<Pages, Unreadable> {
        Ok(self.story.finish()?)
    }

    /// Text of a run: read, or said to be left out.
    fn push(&mut self, text: &str) {
        if self.deletions > 0 {
            self.story.leave_out(Unseen::Deleted, text);
            return;
        }
        let control = innermost(&mut self.open, &self.controls);
        match control {
            Some(Control { checkbox: Some(checked), printed, .. }) => {
                if !*printed {
                    *printed = true;
                    let mark = if *checked { "☑" } else { "☐" };
                    self.story.push(mark);
                }
            }
            Some(Control { prompt: true, .. }) => self.story.leave_out(Unseen::Prompt, text),
            _ if self.is_hidden => self.story.leave_out(Unseen::Hidden, text),
            _ if self.is_symbols => {
                let symbols: String = text.chars().map(symbol).collect();
                self.story.push(&symbols);
            }
            _ => self.story.push(text),
        }
    }

    fn is_seen(&self) -> bool {
        self.deletions == 0 && !self.is_hidden
    }

    /// What an element of a run prints.
    fn open_in_run(&mut self, element: &Element<'_>) {
        match element.name() {
            "br" | "cr" if self.is_seen() => self.story.end_line(),
            "tab" | "ptab" if self.is_seen() => self.story.tab(),
            "noBreakHyphen" => self.push("-"),
            "sym" => {
                let code =
                    element.attribute("char").and_then(|code| u32::from_str_radix(code.trim(), 16).ok());
                let font = element.attribute("font");
                if let Some(character) = code.and_then(char::from_u32) {
                    let is_symbols = font.is_some_and(|font| is_symbol_font(&font));
                    let character = if is_symbols { symbol(character) } else { character };
                    self.push(character.encode_utf8(&mut [0; 4]));
                }
            }
            _ => {}
        }
    }

    fn open_properties_of_run(&mut self, element: &Element<'_>) {
        match element.name() {
            "vanish" => self.is_hidden = is_on(element),
            "rFonts" => {
                self.is_symbols = element.attribute("ascii").is_some_and(|font| is_symbol_font(&font));
            }
            _ => {}
        }
    }

    fn open_properties_of_cell(&mut self, element: &Element<'_>) {
        let Some(row) = self.rows.last_mut() else { return };
        let Some(cell) = self.story.cell() else { return };
        match element.name() {
            "gridSpan" => {
                let span = element.number_up_to("val", MOST_COLUMNS).unwrap_or(1).max(1);
                cell.right = cell.left + i64::from(span);
                row.column = cell.right;
            }
            "vMerge" => cell.merge = merge(element),
            // The older way to merge cells of a row (17.4.22).
            "hMerge" if merge(element) == Merge::Continue => cell.joins_left = true,
            _ => {}
        }
    }

    fn start_cell(&mut self) -> Result<Open, Unreadable> {
        let left = self.rows.last().map_or(0, |row| row.column);
        if let Some(row) = self.rows.last_mut() {
            row.column += 1;
        }
        self.story.start_cell(RowCell { left, right: left + 1, ..RowCell::default() })?;
        Ok(Open::Cell)
    }

    fn start_alternate(&mut self, element: &Element<'_>) -> bool {
        let Some(Open::Alternate { read }) = self.open.last_mut() else { return false };
        if !matches!(element.name(), "Choice" | "Fallback") {
            return false;
        }
        std::mem::replace(read, true)
    }

    fn open_control(&mut self, element: &Element<'_>) {
        let control = innermost(&mut self.open, &self.controls);
        let Some(control) = control else { return };
        match element.name() {
            "checkbox" => control.checkbox = Some(false),
            "checked" => control.checkbox = Some(is_on(element)),
            "showingPlcHdr" => control.prompt = is_on(element),
            _ => {}
        }
    }

    fn end_row(&mut self) {
        let row = self.rows.pop().unwrap_or_default();
        if !row.is_deleted {
            return;
        }
        if let Some(dropped) = self.story.drop_row() {
            for cell in dropped.cells {
                self.story.leave_out(Unseen::Deleted, &cell.text());
            }
        }
    }
}

/// The innermost control that is open.
fn innermost<'o>(open: &'o mut [Open], controls: &[usize]) -> Option<&'o mut Control> {
    match open.get_mut(*controls.last()?) {
        Some(Open::Control(control)) => Some(control),
        _ => None,
    }
}

impl DocxWalk<'_> {
    /// Takes the next event.
    pub fn event(&mut self, event: Event<'_>) -> Result<(), Unreadable> {
        match event {
            Event::Open(element) => self.open(element)?,
            Event::Close(_) => self.close()?,
            Event::Text(text) => self.text(text),
        }
        Ok(())
    }

    fn open(&mut self, element: &Element<'_>) -> Result<(), Unreadable> {
        let name = element.name();
        if self.skipped > 0 || SKIPPED.contains(&name) || self.start_alternate(element) {
            self.skipped += 1;
            return Ok(());
        }
        let around = self.open.last().copied().unwrap_or(Open::Other);
        let open = match (name, around) {
            ("p", _) => Open::Paragraph,
            ("pPr", Open::Paragraph) => Open::ParagraphProperties,
            ("r", _) => {
                (self.is_hidden, self.is_symbols) = (false, false);
                Open::Run
            }
            ("rPr", Open::Run) => Open::RunProperties,
            // Of the paragraph's mark.
            ("rPr", Open::ParagraphProperties) => Open::ParagraphProperties,
            ("del" | "moveFrom", Open::ParagraphProperties) => {
                self.mark_is_deleted = true;
                Open::Other
            }
            ("del", Open::RowProperties) => {
                if let Some(row) = self.rows.last_mut() {
                    row.is_deleted = true;
                }
                Open::Other
            }
            ("gridBefore", Open::RowProperties) => {
                if let Some(row) = self.rows.last_mut() {
                    row.column = i64::from(element.number_up_to("val", MOST_COLUMNS).unwrap_or(0));
                }
                Open::Other
            }
            ("ins" | "cnfStyle", Open::RowProperties) => Open::Other,
            ("del" | "moveFrom", _) => {
                self.deletions += 1;
                Open::Deletion
            }
            ("t", _) => Open::Text,
            ("delText", _) => Open::DeletedText,
            ("tbl", _) => {
                self.story.start_table()?;
                Open::Table
            }
            ("tr", _) => {
                self.story.start_row()?;
                self.rows.push(OpenRow::default());
                Open::Row
            }
            ("trPr", Open::Row) => Open::RowProperties,
            ("tc", _) => self.start_cell()?,
            ("txbxContent", _) => {
                self.story.start_box()?;
                Open::Box
            }
            ("AlternateContent", _) => Open::Alternate { read: false },
            ("sdt", _) => Open::Control(Control::default()),
            ("sdtPr", _) => Open::ControlProperties,
            ("sdtContent", _) => Open::ControlContent,
            ("checkBox", _) => {
                self.field_box = false;
                Open::FieldBox
            }
            ("default" | "checked", Open::FieldBox) => {
                self.field_box = is_on(element);
                Open::Other
            }
            (_, Open::ControlProperties) => {
                self.open_control(element);
                // The state of a check box stands within it.
                Open::ControlProperties
            }
            (_, Open::RunProperties) => {
                self.open_properties_of_run(element);
                Open::Other
            }
            (_, Open::Run) => {
                self.open_in_run(element);
                Open::Other
            }
            ("gridSpan" | "vMerge" | "hMerge", _) => {
                self.open_properties_of_cell(element);
                Open::Other
            }
            _ => Open::Other,
        };
        if matches!(open, Open::Control(_)) {
            self.controls.push(self.open.len());
        }
        self.open.push(open);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Unreadable> {
        if self.skipped > 0 {
            self.skipped -= 1;
            return Ok(());
        }
        match self.open.pop() {
            Some(Open::Paragraph) if std::mem::take(&mut self.mark_is_deleted) => {}
            Some(Open::Paragraph) => self.story.end_paragraph()?,
            Some(Open::Table) => self.story.end_table()?,
            Some(Open::Row) => self.end_row(),
            Some(Open::Cell) => self.story.end_cell()?,
            Some(Open::Box) => self.story.end_box()?,
            Some(Open::Deletion) => self.deletions -= 1,
            Some(Open::Control(_)) => _ = self.controls.pop(),
            Some(Open::Run) => (self.is_hidden, self.is_symbols) = (false, false),
            Some(Open::FieldBox) => self.push(if self.field_box { "☑" } else { "☐" }),
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if self.skipped > 0 {
            return;
        }
        match self.open.last() {
            Some(Open::Text) => {
                let text = text.replace(['\n', '\r'], " ");
                self.push(&text);
            }
            Some(Open::DeletedText) => self.story.leave_out(Unseen::Deleted, text),
            _ => {}
        }
    }
}

/// A property that is on unless its value says otherwise (17.17.4).
fn is_on(element: &Element<'_>) -> bool {
    !element.attribute("val").is_some_and(|value| matches!(&*value, "0" | "false" | "off"))
}

/// Without a value it goes on (17.18.57).
fn merge(element: &Element<'_>) -> Merge {
    match element.attribute("val").as_deref() {
        Some("restart") => Merge::Restart,
        _ => Merge::Continue,
    }
}

/// Fonts in which letters are signs.
pub fn is_symbol_font(name: &str) -> bool {
    name.starts_with("Wingdings") || name.starts_with("Webdings") || name == "Symbol"
}

/// A sign of such a font as a character of private use, which is how Word itself writes it.
pub fn symbol(character: char) -> char {
    let code = u32::from(character);
    if (0x21..=0xFF).contains(&code) { char::from_u32(0xF000 + code).unwrap_or(character) } else { character }
}
