//! The walk over the tokens of an RTF file: what each word changes, and what it tells.

use std::collections::BTreeMap;

use super::rtf_text::{Charset, Text, charset_of_code_page, charset_of_font};
use super::rtf_tokens::Token;
use super::rtf_words::{FormField, RowDefinition, SKIPPED, printed};
use super::story::{Story, Unseen};
use super::word_table::RowCell;
use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::{Budget, Excess};

/// What a group is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Destination {
    /// Its text is read.
    Read,
    /// Neither its text nor its words count.
    Skip,
    /// Its text does not count, but a text box in it does.
    Shape,
    /// It says what fonts there are.
    Fonts,
    /// It says what a field of a form holds.
    FormField,
}

/// What a group inherits and changes for itself.
#[derive(Debug, Clone, Copy)]
struct State {
    destination: Destination,
    font: i32,
    /// How many characters follow a Unicode character for readers that do not know it.
    skip: usize,
    is_hidden: bool,
    is_deleted: bool,
    in_table: bool,
    /// How deep the paragraph's table stands in others.
    level: usize,
    /// Definitions of rows are those of a table within a table.
    is_nested: bool,
    /// A text box ends with this group.
    ends_box: bool,
}

/// The walk, and the document as far as it was told.
pub struct RtfWalk<'b> {
    story: Story<'b>,
    text: Text,
    states: Vec<State>,
    state: State,
    fonts: BTreeMap<i32, Charset>,
    code_page: Charset,
    default_font: i32,
    /// The font that the table of fonts tells of.
    font_told: i32,
    /// Of the outermost table, and of those within it.
    definitions: [RowDefinition; 2],
    field: FormField,
    /// The group begins with `\*`: skip it unless its word is known.
    may_skip: bool,
    group_begins: bool,
    /// Characters yet to be passed over, since they repeat one that was read.
    to_skip: usize,
}

impl<'b> RtfWalk<'b> {
    /// A walk that has not begun.
    pub fn new(budget: &'b mut Budget) -> Self {
        let state = State {
            destination: Destination::Read,
            font: 0,
            skip: 1,
            is_hidden: false,
            is_deleted: false,
            in_table: false,
            level: 0,
            is_nested: false,
            ends_box: false,
        };
        Self {
            story: Story::in_twips(budget),
            text: Text::default(),
            states: Vec::new(),
            state,
            fonts: BTreeMap::new(),
            code_page: charset_of_code_page(1252),
            default_font: 0,
            font_told: 0,
            definitions: Default::default(),
            field: FormField::default(),
            may_skip: false,
            group_begins: false,
            to_skip: 0,
        }
    }

    /// The blocks.
    pub fn finish(mut self) -> Result<Pages, Unreadable> {
        self.flush()?;
        self.close_tables(0)?;
        if !self.states.is_empty() {
            return Err(Unreadable::Damaged {
                name: Kind::Rtf.name(),
                problem: "it ends within a group, so its end is missing".to_owned(),
            });
        }
        Ok(Pages { replacement_count: self.text.replacement_count(), ..self.story.finish()? })
    }

    /// The next token.
    pub fn token(&mut self, token: Token<'_>) -> Result<(), Excess> {
        match token {
            Token::Open => {
                self.flush()?;
                self.to_skip = 0;
                self.states.push(self.state);
                Budget::depth(u32::try_from(self.states.len()).unwrap_or(u32::MAX))?;
                self.state.ends_box = false;
                (self.group_begins, self.may_skip) = (true, false);
                return Ok(());
            }
            Token::Close => {
                self.flush()?;
                self.to_skip = 0;
                self.close_group()?;
            }
            Token::Byte(byte) | Token::Hex(byte) if self.state.destination == Destination::Read => {
                if self.to_skip > 0 {
                    self.to_skip -= 1;
                } else {
                    let charset = self.charset();
                    // A byte below 128 may be the second half of a character (GBK), and else is itself.
                    self.text.push_byte(byte, charset);
                }
            }
            Token::Byte(_) | Token::Hex(_) => {}
            Token::Star => {
                self.may_skip = true;
                return Ok(());
            }
            Token::Word(word, number) => {
                // A word stands for a skipped character only if it prints one: a cell must not be lost to a writer who
                // leaves the character out.
                if self.to_skip > 0 && printed(word).is_some() {
                    self.to_skip -= 1;
                } else {
                    self.to_skip = 0;
                    self.word(word, number)?;
                }
            }
        }
        self.group_begins = false;
        Ok(())
    }

    fn charset(&self) -> Charset {
        let font = self.fonts.get(&self.state.font).copied();
        match font {
            // Fonts for Latin in a Chinese document: bytes above 127 are those of its code page all the same.
            Some(Charset::Encoding(_))
                if self.code_page.is_double_byte() && !font.is_some_and(Charset::is_double_byte) =>
            {
                self.code_page
            }
            Some(Charset::Default) | None => self.code_page,
            Some(charset) => charset,
        }
    }

    /// Tells the story what was read, in the table where it stands.
    fn flush(&mut self) -> Result<(), Excess> {
        let text = self.text.take();
        if text.is_empty() {
            return Ok(());
        }
        if self.state.is_deleted {
            self.story.leave_out(Unseen::Deleted, &text);
        } else if self.state.is_hidden {
            self.story.leave_out(Unseen::Hidden, &text);
        } else {
            self.settle(self.level(), true)?;
            self.story.push(&text);
        }
        Ok(())
    }

    fn level(&self) -> usize {
        if self.state.in_table { self.state.level.max(1) } else { 0 }
    }

    /// Opens and closes tables until so many are open; and a cell in the last, if one is wanted.
    fn settle(&mut self, level: usize, in_cell: bool) -> Result<(), Excess> {
        self.close_tables(level)?;
        while self.story.depth() < level {
            if self.story.depth() > 0 && !self.story.in_cell() {
                self.start_cell()?;
            }
            self.story.start_table()?;
            self.story.start_row()?;
        }
        if in_cell && level > 0 && !self.story.in_cell() {
            self.start_cell()?;
        }
        Ok(())
    }

    /// Closes tables until so many are open. A row that never ended is blanks between rows, or one cut off.
    fn close_tables(&mut self, level: usize) -> Result<(), Excess> {
        while self.story.depth() > level {
            self.story.end_cell()?;
            let definition = &self.definitions[usize::from(self.story.depth() > 1)];
            if let Some(row) = self.story.row().filter(|row| !row.is_done) {
                if row.cells.iter().all(|cell| cell.pieces.is_empty()) {
                    self.story.drop_row();
                } else {
                    definition.place_cells(row);
                }
            }
            self.story.end_table()?;
        }
        Ok(())
    }

    fn start_cell(&mut self) -> Result<(), Excess> {
        if self.story.row().is_none_or(|row| row.is_done) {
            self.story.start_row()?;
        }
        self.story.start_cell(RowCell::default())
    }

    fn close_group(&mut self) -> Result<(), Excess> {
        let Some(outer) = self.states.pop() else { return Ok(()) };
        let inner = std::mem::replace(&mut self.state, outer);
        if inner.ends_box {
            self.close_tables(0)?;
            self.story.end_box()?;
        }
        if inner.destination == Destination::FormField && outer.destination != Destination::FormField {
            let field = std::mem::take(&mut self.field);
            if let Some(mark) = field.mark()
                && !self.state.is_deleted
                && !self.state.is_hidden
            {
                self.settle(self.level(), true)?;
                self.story.push(mark);
            }
        }
        Ok(())
    }

    fn word(&mut self, word: &str, number: Option<i32>) -> Result<(), Excess> {
        if self.state.destination == Destination::Skip && !(self.group_begins && word == "formfield") {
            return Ok(());
        }
        if self.group_begins && self.begins_destination(word)? {
            return Ok(());
        }
        match self.state.destination {
            Destination::Fonts => {
                self.font_word(word, number);
                return Ok(());
            }
            Destination::FormField => {
                self.field.word(word, number);
                return Ok(());
            }
            Destination::Shape | Destination::Skip => return Ok(()),
            Destination::Read => {}
        }
        if word == "u" {
            let unit = u16::try_from(number.unwrap_or(0) & 0xFFFF).unwrap_or(0xFFFD);
            self.text.push_unit(unit);
            self.to_skip = self.state.skip;
            return Ok(());
        }
        if let Some(text) = printed(word) {
            self.text.push_text(text);
            return Ok(());
        }
        self.flush()?;
        let on = number != Some(0);
        match word {
            "ansicpg" => self.code_page = charset_of_code_page(number.unwrap_or(1252)),
            "deff" => {
                self.default_font = number.unwrap_or(0);
                self.state.font = self.default_font;
            }
            "f" => self.state.font = number.unwrap_or(self.default_font),
            "uc" => self.state.skip = usize::try_from(number.unwrap_or(1)).unwrap_or(1),
            "v" => self.state.is_hidden = on,
            "deleted" => self.state.is_deleted = on,
            "plain" => {
                (self.state.is_hidden, self.state.is_deleted) = (false, false);
                self.state.font = self.default_font;
            }
            "pard" => (self.state.in_table, self.state.level) = (false, 0),
            "intbl" => self.state.in_table = on,
            "itap" => {
                self.state.level = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
                self.state.in_table |= self.state.level > 0;
            }
            "par" | "sect" => {
                self.settle(self.level(), true)?;
                self.story.end_paragraph()?;
            }
            "line" | "page" | "column" | "softline" => self.story.end_line(),
            "tab" if !self.state.is_hidden && !self.state.is_deleted => {
                self.settle(self.level(), true)?;
                self.story.tab();
            }
            "cell" if self.in_nested_row() => {}
            "cell" => self.end_cell(1)?,
            "nestcell" => self.end_cell(self.level().max(2))?,
            "row" => self.end_row(1)?,
            "nestrow" => self.end_row(self.story.depth().max(2))?,
            _ => self.definitions[usize::from(self.state.is_nested)].word(word, number),
        }
        Ok(())
    }

    /// Whether the word says what its group is for.
    fn begins_destination(&mut self, word: &str) -> Result<bool, Excess> {
        let destination = match word {
            "fonttbl" => Destination::Fonts,
            "shpinst" | "do" => Destination::Shape,
            "formfield" => {
                self.field = FormField::default();
                Destination::FormField
            }
            "shptxt" | "dptxbxtext" if self.state.destination == Destination::Shape => {
                self.state.destination = Destination::Read;
                (self.state.in_table, self.state.level) = (false, 0);
                self.state.ends_box = true;
                self.story.start_box()?;
                return Ok(true);
            }
            "nesttableprops" => {
                self.state.is_nested = true;
                self.definitions[1] = RowDefinition::default();
                return Ok(true);
            }
            _ if SKIPPED.contains(&word) || self.may_skip => Destination::Skip,
            _ => return Ok(false),
        };
        // Within a group that is skipped for its command, the state of its field is still wanted.
        self.state.destination = destination;
        Ok(true)
    }

    fn font_word(&mut self, word: &str, number: Option<i32>) {
        match (word, number) {
            ("f", Some(font)) => self.font_told = font,
            ("fcharset", Some(charset)) => {
                self.fonts.insert(self.font_told, charset_of_font(charset));
            }
            ("cpg", Some(code_page)) if code_page > 0 => {
                self.fonts.insert(self.font_told, charset_of_code_page(code_page));
            }
            _ => {}
        }
    }

    fn end_cell(&mut self, level: usize) -> Result<(), Excess> {
        self.settle(level, true)?;
        self.story.end_cell()
    }

    /// Whether the row of a table in a table has ended a cell and not itself. The cell around cannot end there, though
    /// LibreOffice writes so where a table stands in such a row.
    fn in_nested_row(&mut self) -> bool {
        let is_between = self.level() > 1 && self.story.depth() > 1 && !self.story.in_cell();
        is_between && self.story.row().is_some_and(|row| !row.is_done && !row.cells.is_empty())
    }

    /// A row ends, and only now it is sure where its cells do.
    fn end_row(&mut self, level: usize) -> Result<(), Excess> {
        self.close_tables(level)?;
        if self.story.depth() < level {
            return Ok(());
        }
        self.story.end_cell()?;
        let definition = &self.definitions[usize::from(level > 1)];
        if let Some(row) = self.story.row().filter(|row| !row.is_done) {
            definition.place_cells(row);
        }
        Ok(())
    }
}
