//! The page that elements are laid out on: what opens, closes and is written, in the order of the document, becomes
//! blocks. Both readers of HTML tell it the same, so what a table or a paragraph is stands here once.

use std::borrow::Cow;

use jixiao_model::{Block, Cell, Paragraph, Place};

use super::flow::Flow;
use crate::limits::{Budget, Excess};
use crate::readers::{markup, text};

/// The HTML standard's own limits for spans (4.9.11, *attributes common to td and th elements*).
const MAX_COLUMN_SPAN: u32 = 1_000;
const MAX_ROW_SPAN: u32 = 65_534;

/// Elements whose content no reader sees.
const UNSEEN: &[&str] =
    &["script", "style", "noscript", "template", "head", "title", "iframe", "object", "svg", "math"];

/// What an element is to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Table,
    Row,
    Caption,
    Cell,
    LineBreak,
    Preformatted,
    /// Begins and ends a paragraph.
    Block,
    Input,
    /// Nothing.
    Inline,
}

impl Kind {
    /// What an element of this name is.
    pub fn of(name: &str) -> Self {
        match name {
            "table" => Self::Table,
            "tr" => Self::Row,
            "caption" => Self::Caption,
            "td" | "th" => Self::Cell,
            "br" => Self::LineBreak,
            "pre" => Self::Preformatted,
            "input" => Self::Input,
            name if markup::is_block(name) => Self::Block,
            _ => Self::Inline,
        }
    }
}

/// What a page asks of an element's attributes.
pub trait Attributes {
    /// The value of the attribute with this name, with its references resolved.
    fn value(&self, name: &'static str) -> Option<Cow<'_, str>>;

    /// Whether the element has the attribute.
    fn has(&self, name: &'static str) -> bool {
        self.value(name).is_some()
    }

    /// How many rows and columns a cell spans that has them.
    fn spans(&self) -> [u32; 2] {
        spans(self)
    }
}

/// An element that opens.
pub struct Opening<'a, A> {
    pub kind: Kind,
    pub attributes: &'a A,
    /// The line on which its start tag ends.
    pub line: u32,
    /// Whether it and all within it is hidden.
    pub unseen: bool,
    /// Whether it is a table that is read as so many pieces of the page.
    pub scaffold: bool,
}

/// How deep an element stands, by which it is known while it is open.
type Depth = usize;

/// A table that is being read.
struct Table<'s> {
    depth: Depth,
    rows: Vec<(Place, Vec<Cell<Cow<'s, str>>>)>,
    cell: Option<OpenCell>,
}

struct OpenCell {
    depth: Depth,
    row_span: u32,
    column_span: u32,
    place: Place,
}

/// The blocks of a page, while it is read.
pub struct Page<'s, 'b> {
    first_line: u32,
    blocks: Vec<Block<Cow<'s, str>>>,
    /// How many elements are open.
    depth: Depth,
    /// The table that is open, and no scaffold; what stands within it is trivial, and text of its cells.
    table: Option<Table<'s>>,
    /// All open tables, outermost first.
    owners: Vec<Depth>,
    budget: &'b mut Budget,
    /// The first limit that was broken; no block is made any more.
    excess: Option<Excess>,
    /// Text outside any table.
    paragraph: Flow<'s>,
    /// Text in the cell that is open.
    cell: Flow<'s>,
    /// The element that hides all within it.
    unseen: Option<Depth>,
    /// The `<pre>` that is open.
    preformatted: Option<Depth>,
}

impl<'s, 'b> Page<'s, 'b> {
    /// An empty page, or a piece of markup that begins at a later line of its document.
    pub fn new(first_line: u32, budget: &'b mut Budget) -> Self {
        Self {
            first_line,
            blocks: Vec::new(),
            depth: 0,
            table: None,
            owners: Vec::new(),
            budget,
            excess: None,
            paragraph: Flow::default(),
            cell: Flow::default(),
            unseen: None,
            preformatted: None,
        }
    }

    /// The blocks.
    ///
    /// # Errors
    /// The first limit that was broken.
    pub fn finish(mut self) -> Result<Vec<Block<Cow<'s, str>>>, Excess> {
        self.end_paragraph();
        self.excess.map_or(Ok(self.blocks), Err)
    }

    /// An element opens.
    pub fn open(&mut self, opening: &Opening<'_, impl Attributes>) {
        self.depth += 1;
        if self.unseen.is_some() {
            return;
        }
        if opening.unseen {
            self.unseen = Some(self.depth);
            return;
        }
        let line = self.line(opening.line);
        match opening.kind {
            Kind::Table => {
                self.owners.push(self.depth);
                if opening.scaffold || self.table.is_some() {
                    self.edge_of_block(line);
                } else {
                    self.end_paragraph();
                    self.table = Some(Table { depth: self.depth, rows: Vec::new(), cell: None });
                }
            }
            Kind::Row if self.in_own_table() => self.open_row(line),
            // The title of a form may be the caption of its table: a row of its own, above the others.
            Kind::Caption if self.in_own_table() => {
                self.open_row(line);
                self.open_cell(opening.attributes, line);
            }
            Kind::Cell if self.in_own_table() => self.open_cell(opening.attributes, line),
            Kind::LineBreak => self.end_line(line),
            Kind::Preformatted if self.preformatted.is_none() => {
                self.edge_of_block(line);
                self.preformatted = Some(self.depth);
            }
            Kind::Input => self.input(opening.attributes, line),
            Kind::Row | Kind::Cell | Kind::Preformatted | Kind::Block => self.edge_of_block(line),
            Kind::Caption | Kind::Inline => {}
        }
    }

    /// The innermost element closes; its start tag ended on this line.
    pub fn close(&mut self, kind: Kind, line: u32) {
        let depth = self.depth;
        self.depth -= 1;
        if self.unseen.is_some() {
            self.unseen.take_if(|unseen| *unseen == depth);
            return;
        }
        if kind == Kind::Table {
            self.owners.pop();
        }
        let line = self.line(line);
        match kind {
            Kind::Table if self.table.as_ref().is_some_and(|table| table.depth == depth) => {
                self.close_table();
            }
            Kind::Cell | Kind::Caption => self.close_cell(depth, line),
            Kind::Preformatted if self.preformatted == Some(depth) => self.close_preformatted(line),
            Kind::Table | Kind::Row | Kind::Preformatted | Kind::Block => self.edge_of_block(line),
            Kind::LineBreak | Kind::Input | Kind::Inline => {}
        }
    }

    /// Whether text stands as it is here.
    pub fn is_preformatted(&self) -> bool {
        self.preformatted.is_some()
    }

    /// Text stands here.
    pub fn text(&mut self, text: Cow<'s, str>) {
        if self.unseen.is_some() {
            return;
        }
        let preformatted = self.preformatted.is_some();
        match &self.table {
            Some(Table { cell: Some(_), .. }) => self.cell.push(text, preformatted),
            // White space between rows; the parser moves any other text out of the table.
            Some(_) => {}
            None => self.paragraph.push(text, preformatted),
        }
    }

    fn open_row(&mut self, line: u32) {
        if let Some(table) = &mut self.table {
            table.rows.push((Place::Line(line), Vec::new()));
        }
    }

    fn close_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        if self.excess.is_none() && table.rows.iter().any(|(_, cells)| !cells.is_empty()) {
            match self.budget.grid(table.rows) {
                Ok(grid) => self.blocks.push(Block::Grid(grid)),
                Err(excess) => self.excess = Some(excess),
            }
        }
    }

    fn open_cell(&mut self, attributes: &impl Attributes, line: u32) {
        let depth = self.depth;
        let Some(table) = &mut self.table else { return };
        let place = Place::Line(line);
        let [row_span, column_span] = attributes.spans();
        if table.rows.is_empty() {
            table.rows.push((place.clone(), Vec::new()));
        }
        table.cell = Some(OpenCell { depth, row_span, column_span, place });
        self.cell.clear();
    }

    fn close_cell(&mut self, depth: Depth, line: u32) {
        let Some(table) = &mut self.table else { return };
        if let Some(cell) = table.cell.take_if(|cell| cell.depth == depth)
            && let Some((_, cells)) = table.rows.last_mut()
        {
            let OpenCell { row_span, column_span, place, .. } = cell;
            cells.push(Cell { text: self.cell.finish(), row_span, column_span, place });
        } else if table.cell.is_some() {
            // A cell of a trivial table within this cell.
            self.edge_of_block(line);
        }
    }

    fn close_preformatted(&mut self, line: u32) {
        self.preformatted = None;
        if self.table.is_none() {
            let mut flow = std::mem::take(&mut self.paragraph);
            let line = flow.line;
            match text::plain_blocks(flow.whole(), line.unwrap_or(self.first_line), self.budget) {
                Ok(blocks) => self.blocks.extend(blocks.into_iter().map(Block::from)),
                Err(excess) => self.excess = self.excess.take().or(Some(excess)),
            }
        } else {
            self.edge_of_block(line);
        }
    }

    /// What was typed or chosen in a form of the page.
    fn input(&mut self, attributes: &impl Attributes, line: u32) {
        match attributes.value("type").as_deref() {
            Some("checkbox" | "radio") => {
                let mark = if attributes.has("checked") { "☑" } else { "□" };
                self.flow(line).push(mark.into(), false);
            }
            None | Some("text" | "number" | "date") => {
                let typed = attributes.value("value").unwrap_or_default();
                self.flow(line).push(Cow::Owned(typed.into_owned()), false);
            }
            Some(_) => {}
        }
    }

    /// Whether the row or cell belongs to the innermost open table itself, and not to a scaffold around it or to a
    /// trivial table within one of its cells.
    fn in_own_table(&self) -> bool {
        let Some(table) = &self.table else { return false };
        self.owners.last() == Some(&table.depth)
    }

    /// Where text goes now. A paragraph's place is that of the element in which it begins.
    fn flow(&mut self, line: u32) -> &mut Flow<'s> {
        match &self.table {
            Some(Table { cell: Some(_), .. }) => &mut self.cell,
            _ => {
                self.paragraph.line.get_or_insert(line);
                &mut self.paragraph
            }
        }
    }

    /// A block element begins or ends here.
    fn edge_of_block(&mut self, line: u32) {
        if self.table.is_none() {
            self.end_paragraph();
            self.paragraph.line = Some(line);
        } else {
            self.end_line(line);
        }
    }

    fn end_line(&mut self, line: u32) {
        let preformatted = self.preformatted.is_some();
        self.flow(line).end_line(preformatted);
    }

    fn end_paragraph(&mut self) {
        let place = Place::Line(self.paragraph.line.unwrap_or(self.first_line));
        let text = self.paragraph.finish();
        self.paragraph.clear();
        if text.is_empty() || self.excess.is_some() {
            return;
        }
        self.excess = self.budget.paragraph(&place).err();
        if self.excess.is_none() {
            self.blocks.push(Block::Paragraph(Paragraph { text, place }));
        }
    }

    /// A line of this piece of markup as one of its document.
    fn line(&self, line: u32) -> u32 {
        line.saturating_add(self.first_line - 1)
    }
}

/// Whether an element and all within it is hidden.
pub fn is_unseen(name: &str, attributes: &impl Attributes) -> bool {
    let unchosen = name == "option" && !attributes.has("selected");
    unchosen
        || UNSEEN.contains(&name)
        || attributes.has("hidden")
        || attributes.value("style").is_some_and(|style| hides(&style))
}

/// Whether a style hides what has it.
fn hides(style: &str) -> bool {
    // Nearly every cell has a style, and nearly none of them is about this.
    if !may_hide(style.as_bytes()) {
        return false;
    }
    let style = style.to_ascii_lowercase();
    style.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
        let value = value.trim();
        (name.trim() == "display" && value.starts_with("none"))
            || (name.trim() == "visibility" && value.starts_with("hidden"))
    })
}

/// Whether one of the two properties is named anywhere: both end in a `y`.
fn may_hide(style: &[u8]) -> bool {
    memchr::memchr2_iter(b'y', b'Y', style).any(|at| {
        let before = style.get(..at).unwrap_or_default();
        [&b"displa"[..], b"visibilit"].iter().any(|name| {
            let tail = before.len().checked_sub(name.len()).and_then(|from| before.get(from..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(name))
        })
    })
}

/// How many rows and columns a cell spans, by the values of its attributes.
pub fn spans(attributes: &(impl Attributes + ?Sized)) -> [u32; 2] {
    [span(attributes, "rowspan", MAX_ROW_SPAN), span(attributes, "colspan", MAX_COLUMN_SPAN)]
}

/// A span as the HTML standard reads it: digits up front count, zero and nonsense are 1. (`rowspan=0` would mean all
/// rows that are left; it is not seen in published forms, and a cell too short is visible where one too long is not.)
fn span(attributes: &(impl Attributes + ?Sized), name: &'static str, most: u32) -> u32 {
    let Some(value) = attributes.value(name) else { return 1 };
    let value = value.trim_start();
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, _) = value.split_at(digits);
    digits.parse().unwrap_or(if digits.is_empty() { 1 } else { most }).clamp(1, most)
}
