//! RTF to blocks (Rich Text Format Specification, version 1.9.1), as Word, WPS and LibreOffice write it.
//!
//! No library that is kept up keeps tables, so this is a reader of its own: `rtf_tokens` cuts the file into tokens,
//! `rtf_text` makes characters of bytes, and here the words that matter are told to the story. RTF has no tables, only
//! rows that follow one another, and no cells, only marks where they end; a table ends with the first paragraph that is
//! not in one.

use std::collections::BTreeMap;

use super::rtf_text::{Charset, Text, charset_of_code_page, charset_of_font};
use super::rtf_tokens::{Token, Tokens};
use super::story::{Story, Unseen};
use super::word_table::{Merge, Row, RowCell};
use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::{Budget, Excess};

/// Groups of which nothing is read, although they are not marked as ones to skip (`\*`).
const SKIPPED: &[&str] = &[
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "footnote",
    "annotation",
    "fldinst",
    "listtable",
    "listoverridetable",
    "revtbl",
    "filetbl",
    "tc",
    "xe",
    "pntext",
    "listtext",
    "ftnsep",
    "ftnsepc",
    "aftnsep",
    "aftnsepc",
    "ftncn",
    "aftncn",
    "nonesttables",
    "upr",
    "shprslt",
    "docvar",
    "falt",
    "panose",
    "objdata",
    "objclass",
    "listname",
    "levelnumbers",
    "leveltext",
    "template",
    "bkmkstart",
    "bkmkend",
    "atnid",
    "atnauthor",
    "sn",
    "sv",
    "private",
    "generator",
    "themedata",
    "xmlnstbl",
    "rsidtbl",
    "txe",
    "rxe",
    "mmathPr",
    "nonshppict",
    "background",
];

/// Twips that a cell takes of which a row does not say where it ends.
const UNKNOWN_WIDTH: i64 = 1_000;

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

/// Where the cells of a row end, as it says itself.
#[derive(Debug, Clone, Default)]
struct RowDefinition {
    left: i64,
    ends: Vec<(i64, Merge, bool)>,
    merge: Merge,
    joins_left: bool,
}

/// The state of a field of a form.
#[derive(Debug, Clone, Copy, Default)]
struct FormField {
    is_checkbox: bool,
    default: bool,
    result: Option<bool>,
}

struct Reader<'b> {
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

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
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
    let mut reader = Reader {
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
    };
    for token in Tokens::new(bytes) {
        reader.token(token)?;
    }
    reader.flush()?;
    let replacement_count = reader.text.replacement_count();
    let truncated = !reader.states.is_empty();
    let pages = Pages { replacement_count, ..reader.story.finish()? };
    if truncated {
        return Err(Unreadable::Damaged {
            name: Kind::Rtf.name(),
            problem: "it ends within a group, so its end is missing".to_owned(),
        });
    }
    Ok(pages)
}

impl Reader<'_> {
    fn token(&mut self, token: Token<'_>) -> Result<(), Excess> {
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
                if self.to_skip > 0 && word != "u" {
                    self.to_skip -= 1;
                } else {
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
        while self.story.depth() > level {
            self.story.end_cell()?;
            self.story.end_table()?;
        }
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
            self.settle(0, false)?;
            self.story.end_box()?;
        }
        if inner.destination == Destination::FormField && outer.destination != Destination::FormField {
            let field = std::mem::take(&mut self.field);
            if field.is_checkbox && !self.state.is_deleted && !self.state.is_hidden {
                self.settle(self.level(), true)?;
                self.story.push(if field.result.unwrap_or(field.default) { "☑" } else { "☐" });
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
                self.field_word(word, number);
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
            "cell" => self.end_cell(1)?,
            "nestcell" => self.end_cell(self.level().max(2))?,
            "row" => self.end_row(1)?,
            "nestrow" => self.end_row(self.story.depth().max(2))?,
            _ => self.row_word(word, number),
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
            // Groups that only old readers skip.
            "shppict" => Destination::Skip,
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

    fn field_word(&mut self, word: &str, number: Option<i32>) {
        match (word, number) {
            ("fftype", number) => self.field.is_checkbox = number == Some(1),
            // 25 means that nobody has touched it.
            ("ffres", Some(result)) if result != 25 => self.field.result = Some(result == 1),
            ("ffdefres", number) => self.field.default = number == Some(1),
            _ => {}
        }
    }

    fn row_word(&mut self, word: &str, number: Option<i32>) {
        let row = &mut self.definitions[usize::from(self.state.is_nested)];
        match word {
            "trowd" => *row = RowDefinition::default(),
            "trleft" => row.left = i64::from(number.unwrap_or(0)),
            "clvmgf" => row.merge = Merge::Restart,
            "clvmrg" => row.merge = Merge::Continue,
            "clmrg" => row.joins_left = true,
            "cellx" => {
                let end = i64::from(number.unwrap_or(0));
                row.ends.push((end, std::mem::take(&mut row.merge), std::mem::take(&mut row.joins_left)));
            }
            _ => {}
        }
    }

    fn end_cell(&mut self, level: usize) -> Result<(), Excess> {
        self.settle(level, true)?;
        self.story.end_cell()
    }

    /// A row ends, and only now it is sure where its cells do.
    fn end_row(&mut self, level: usize) -> Result<(), Excess> {
        while self.story.depth() > level {
            self.story.end_cell()?;
            self.story.end_table()?;
        }
        if self.story.depth() < level {
            return Ok(());
        }
        self.story.end_cell()?;
        let definition = &self.definitions[usize::from(level > 1)];
        if let Some(row) = self.story.row().filter(|row| !row.is_done) {
            place_cells(row, definition);
        }
        Ok(())
    }
}

/// Gives the cells of a row their edges.
fn place_cells(row: &mut Row, definition: &RowDefinition) {
    row.is_done = true;
    let mut left = definition.left;
    let mut ends = definition.ends.iter();
    for mut cell in std::mem::take(&mut row.cells) {
        let (end, merge, joins_left) =
            ends.next().copied().unwrap_or((left.saturating_add(UNKNOWN_WIDTH), Merge::None, false));
        (cell.left, cell.right, cell.merge) = (left, end.max(left), merge);
        left = cell.right;
        match row.cells.last_mut().filter(|_| joins_left) {
            Some(before) => {
                before.right = cell.right;
                before.pieces.append(&mut cell.pieces);
            }
            None => row.cells.push(cell),
        }
    }
}

/// What a word prints.
fn printed(word: &str) -> Option<&'static str> {
    Some(match word {
        "emdash" => "—",
        "endash" => "–",
        "lquote" => "‘",
        "rquote" => "’",
        "ldblquote" => "“",
        "rdblquote" => "”",
        "bullet" => "•",
        "emspace" => "\u{2003}",
        "enspace" => "\u{2002}",
        "qmspace" => "\u{2005}",
        "~" => "\u{a0}",
        "_" => "-",
        _ => return None,
    })
}
