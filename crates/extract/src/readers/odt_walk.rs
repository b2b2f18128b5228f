//! The walk over the content of an OpenDocument text.

use std::collections::BTreeSet;

use super::story::{Story, Unseen};
use super::word_table::RowCell;
use super::xml::{Element, Event};
use super::{Pages, Unreadable};

/// Spans of a cell, and how often it may be repeated.
const MOST_COLUMNS: u32 = 1_000;
const MOST_ROWS: u32 = 65_534;
/// How often a row may be repeated; the limit on cells comes first.
const MOST_REPEATS: u32 = 3_000_000;
/// Blanks that one element may stand for.
const MOST_BLANKS: u32 = 1_000;

/// Elements of which nothing is read: notes and comments, pronunciation, titles of drawings, parts of lists and tables
/// that a program shows, text that a condition hides.
const SKIPPED: &[&str] = &[
    "note",
    "annotation",
    "ruby-text",
    "hidden-text",
    "hidden-paragraph",
    "event-listeners",
    "sequence-decls",
    "variable-decls",
    "user-field-decls",
    "desc",
    "shapes",
    "script",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Other,
    Paragraph {
        hidden: bool,
    },
    Text,
    Table,
    Row {
        times: u32,
    },
    Cell,
    /// A cell that a merged one covers: its text is not seen.
    Covered,
    Box,
    Changes,
    Hidden,
    /// A check box; its text is printed as its state.
    Checkbox,
    /// A check box of the older kind, which has no text.
    FieldBox {
        checked: bool,
    },
}

/// Styles of characters and paragraphs that hide their text (*text:display*).
#[derive(Debug, Default)]
struct HiddenStyles {
    names: BTreeSet<String>,
    /// The style that is being read.
    style: Option<String>,
}

impl HiddenStyles {
    fn knows(&self, element: &Element<'_>) -> bool {
        !self.names.is_empty()
            && element.attribute("style-name").is_some_and(|name| self.names.contains(&*name))
    }
}

impl HiddenStyles {
    fn open(&mut self, element: &Element<'_>) {
        match element.name() {
            "style" => self.style = element.attribute("name").map(|name| name.into_owned()),
            "text-properties" if element.attribute("display").as_deref() == Some("none") => {
                self.names.extend(self.style.take());
            }
            _ => {}
        }
    }
}

/// The walk, and the document as far as it was told.
pub struct OdtWalk<'b> {
    story: Story<'b>,
    styles: HiddenStyles,
    in_body: bool,
    open: Vec<Open>,
    /// How many of them are paragraphs.
    paragraphs: u32,
    /// How many elements are open within the one that is skipped, that one included.
    skipped: u32,
    /// The column at which the next cell of each open row begins.
    columns: Vec<i64>,
    /// Why text is not read here; the last one counts.
    unseen: Vec<Unseen>,
    /// White space that stands at the begin of a line, or after a blank, is nothing.
    after_blank: bool,
    checkboxes: u32,
}

impl<'b> OdtWalk<'b> {
    /// A walk that has not begun.
    pub fn new(story: Story<'b>) -> Self {
        Self {
            story,
            styles: HiddenStyles::default(),
            in_body: false,
            open: Vec::new(),
            paragraphs: 0,
            skipped: 0,
            columns: Vec::new(),
            unseen: Vec::new(),
            after_blank: true,
            checkboxes: 0,
        }
    }

    /// Takes the next event of the part with the styles, of which only the names of those that hide text are wanted.
    pub fn style_event(&mut self, event: &Event<'_>) {
        if let Event::Open(element) = event {
            self.styles.open(element);
        }
    }

    /// The blocks.
    pub fn finish(self) -> Result<Pages, Unreadable> {
        Ok(self.story.finish()?)
    }

    fn push(&mut self, text: &str) {
        match self.unseen.last() {
            Some(Unseen::Deleted) => self.story.leave_out_apart(Unseen::Deleted, text),
            Some(unseen) => self.story.leave_out(*unseen, text),
            None if self.checkboxes > 0 => {}
            None => self.story.push(text),
        }
        self.after_blank = false;
    }

    /// Text with its white space collapsed.
    fn flow(&mut self, text: &str) {
        let mut collapsed = String::with_capacity(text.len());
        for character in text.chars() {
            if matches!(character, ' ' | '\t' | '\n' | '\r') {
                if !std::mem::replace(&mut self.after_blank, true) {
                    collapsed.push(' ');
                }
            } else {
                self.after_blank = false;
                collapsed.push(character);
            }
        }
        let after_blank = self.after_blank;
        self.push(&collapsed);
        self.after_blank = after_blank;
    }

    fn start_cell(&mut self, element: &Element<'_>) -> Result<Open, Unreadable> {
        let span = element.number_up_to("number-columns-spanned", MOST_COLUMNS).unwrap_or(1).max(1);
        let rows = element.number_up_to("number-rows-spanned", MOST_ROWS).unwrap_or(1).max(1);
        let repeats = element.number_up_to("number-columns-repeated", MOST_COLUMNS).unwrap_or(1).max(1);
        let left = self.columns.last().copied().unwrap_or(0);
        // A repeated cell of a text document is an empty one.
        for repeat in 1..repeats {
            let left = left + i64::from(repeat) - 1;
            self.story.start_cell(RowCell { left, right: left + 1, ..RowCell::default() })?;
            self.story.end_cell()?;
        }
        let left = left + i64::from(repeats) - 1;
        // The cells that a wide one covers are written after it, each as one.
        if let Some(column) = self.columns.last_mut() {
            *column = left + 1;
        }
        self.story.start_cell(RowCell { left, right: left + i64::from(span), rows, ..RowCell::default() })?;
        Ok(Open::Cell)
    }

    fn hide(&mut self, unseen: Unseen, open: Open) -> Open {
        self.unseen.push(unseen);
        open
    }

    fn open_element(&mut self, element: &Element<'_>) -> Result<Open, Unreadable> {
        let open = match element.name() {
            "p" | "h" => {
                self.after_blank = true;
                let hidden = self.styles.knows(element);
                if hidden {
                    self.unseen.push(Unseen::Hidden);
                }
                Open::Paragraph { hidden }
            }
            "span" if self.styles.knows(element) => self.hide(Unseen::Hidden, Open::Hidden),
            "section" if element.attribute("display").as_deref() == Some("none") => {
                self.hide(Unseen::Hidden, Open::Hidden)
            }
            "s" => {
                let count = element.number_up_to("c", MOST_BLANKS).unwrap_or(1);
                self.story.repeat(u64::from(count))?;
                self.push(&" ".repeat(count as usize));
                Open::Other
            }
            "tab" => {
                if self.unseen.is_empty() {
                    self.story.tab();
                }
                self.after_blank = false;
                Open::Other
            }
            "line-break" => {
                if self.unseen.is_empty() {
                    self.story.end_line();
                }
                self.after_blank = true;
                Open::Other
            }
            "tracked-changes" => self.hide(Unseen::Deleted, Open::Changes),
            // What is hidden makes no tables.
            "table" | "table-row" | "table-cell" | "text-box" if !self.unseen.is_empty() => Open::Other,
            "table" => {
                self.story.start_table()?;
                Open::Table
            }
            "table-row" => {
                self.story.start_row()?;
                self.columns.push(0);
                Open::Row { times: element.number_up_to("number-rows-repeated", MOST_REPEATS).unwrap_or(1) }
            }
            "table-cell" => self.start_cell(element)?,
            "covered-table-cell" => {
                let repeats = element.number_up_to("number-columns-repeated", MOST_COLUMNS).unwrap_or(1);
                if let Some(column) = self.columns.last_mut() {
                    *column += i64::from(repeats);
                }
                self.hide(Unseen::Covered, Open::Covered)
            }
            // A shape with text in it is a text box in all but name.
            "text-box" | "custom-shape" | "rect" | "ellipse" | "circle" | "polygon" | "path" | "caption" => {
                self.story.start_box()?;
                Open::Box
            }
            "fieldmark" if element.attribute("type").is_some_and(|kind| kind.ends_with("FORMCHECKBOX")) => {
                Open::FieldBox { checked: false }
            }
            "param" if element.attribute("name").as_deref() == Some("Checkbox_Checked") => {
                if let Some(Open::FieldBox { checked }) = self.open.last_mut() {
                    *checked = element.attribute("value").as_deref() == Some("true");
                }
                Open::Other
            }
            "content-control" if element.attribute("checkbox").as_deref() == Some("true") => {
                let checked = element.attribute("checked").as_deref() == Some("true");
                self.push(if checked { "☑" } else { "☐" });
                self.checkboxes += 1;
                Open::Checkbox
            }
            "content-control" if element.attribute("showing-place-holder").as_deref() == Some("true") => {
                self.hide(Unseen::Prompt, Open::Hidden)
            }
            // Spans, links, fields: their text is that of the paragraph.
            _ if self.paragraphs > 0 => Open::Text,
            _ => Open::Other,
        };
        Ok(open)
    }
}

impl OdtWalk<'_> {
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
        if !self.in_body {
            self.in_body = name == "body";
            self.styles.open(element);
            return Ok(());
        }
        let is_title_of_drawing = name == "title" && self.paragraphs > 0;
        if self.skipped > 0 || SKIPPED.contains(&name) || is_title_of_drawing {
            self.skipped += 1;
            return Ok(());
        }
        let open = self.open_element(element)?;
        self.paragraphs += u32::from(matches!(open, Open::Paragraph { .. }));
        self.open.push(open);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Unreadable> {
        if !self.in_body {
            return Ok(());
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return Ok(());
        }
        match self.open.pop() {
            Some(Open::Paragraph { hidden }) => {
                self.paragraphs -= 1;
                self.after_blank = true;
                if hidden {
                    self.unseen.pop();
                }
                if self.unseen.is_empty() {
                    self.story.end_paragraph()?;
                }
            }
            Some(Open::Table) => self.story.end_table()?,
            Some(Open::Row { times }) => {
                self.columns.pop();
                self.story.repeat_row(times as usize)?;
            }
            Some(Open::Cell) => self.story.end_cell()?,
            Some(Open::Covered | Open::Hidden | Open::Changes) => {
                self.unseen.pop();
            }
            Some(Open::Box) => self.story.end_box()?,
            Some(Open::FieldBox { checked }) => self.push(if checked { "☑" } else { "☐" }),
            Some(Open::Checkbox) => self.checkboxes -= 1,
            Some(Open::Text | Open::Other) | None => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let is_read = matches!(
            self.open.last(),
            Some(Open::Paragraph { .. } | Open::Text | Open::Hidden | Open::Checkbox)
        ) && self.paragraphs > 0;
        if self.in_body && self.skipped == 0 && is_read {
            self.flow(text);
        }
    }
}
