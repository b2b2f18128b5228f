//! Where in a page a token stands, and what it does there (13.2.6.4, from *the "initial" insertion mode* to *in cell*).

use std::borrow::Cow;

use super::names::{Name, Rule};
use super::tags::Tag;
use super::{Form, Light, Quirks, Sure};

/// The insertion mode (13.2.4.1). What comes after the body is treated as what is in it, from which it does not differ for
/// a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    BeforeHtml,
    BeforeHead,
    Head,
    HeadNoscript,
    AfterHead,
    Body,
    Table,
    Caption,
    ColumnGroup,
    TableBody,
    Row,
    Cell,
}

/// What to do with a token after a mode has seen it.
enum Then {
    Done,
    /// Another mode is to see it.
    Again,
}

use Then::{Again, Done};

impl<'s> Light<'s, '_> {
    /// A start tag.
    pub fn start(&mut self, tag: &Tag<'s>) -> Sure {
        if self.quirks == Quirks::Undecided {
            self.quirks = Quirks::Yes;
        }
        if tag.name.rule() == Rule::Unsure {
            return None;
        }
        loop {
            let then = match self.mode {
                Mode::Body => return self.start_in_body(tag),
                Mode::BeforeHtml | Mode::BeforeHead => self.start_before_head(tag)?,
                Mode::Head | Mode::HeadNoscript | Mode::AfterHead => self.start_in_head(tag)?,
                Mode::Table | Mode::ColumnGroup | Mode::TableBody | Mode::Row => self.start_in_table(tag)?,
                Mode::Caption | Mode::Cell => match tag.name.rule() {
                    Rule::Caption
                    | Rule::Column
                    | Rule::ColumnGroup
                    | Rule::RowGroup
                    | Rule::Row
                    | Rule::Cell => self.close_cell()?,
                    _ => return self.start_in_body(tag),
                },
            };
            if matches!(then, Done) {
                return Some(());
            }
        }
    }

    /// An end tag.
    pub fn end(&mut self, tag: &Tag<'s>) -> Sure {
        if self.quirks == Quirks::Undecided {
            self.quirks = Quirks::Yes;
        }
        if tag.name.rule() == Rule::Unsure {
            return None;
        }
        loop {
            let then = match self.mode {
                Mode::Body => return self.end_in_body(tag),
                Mode::BeforeHtml | Mode::BeforeHead | Mode::Head | Mode::HeadNoscript | Mode::AfterHead => {
                    self.end_in_head(tag)?
                }
                Mode::Table | Mode::ColumnGroup | Mode::TableBody | Mode::Row => self.end_in_table(tag)?,
                Mode::Caption => match tag.name.rule() {
                    Rule::Caption => {
                        self.close_cell()?;
                        Done
                    }
                    Rule::Table => self.close_cell()?,
                    Rule::Html
                    | Rule::Body
                    | Rule::Column
                    | Rule::ColumnGroup
                    | Rule::RowGroup
                    | Rule::Row
                    | Rule::Cell => Done,
                    _ => return self.end_in_body(tag),
                },
                Mode::Cell => match tag.name.rule() {
                    Rule::Cell => {
                        if let Some(index) = self.in_table_scope(|name| name == tag.name) {
                            self.truncate(index)?;
                            self.mode = Mode::Row;
                        }
                        Done
                    }
                    Rule::Html | Rule::Body | Rule::Caption | Rule::Column | Rule::ColumnGroup => Done,
                    Rule::Table | Rule::RowGroup | Rule::Row => {
                        if self.in_table_scope(|name| name == tag.name).is_none() {
                            Done
                        } else {
                            self.close_cell()?
                        }
                    }
                    _ => return self.end_in_body(tag),
                },
            };
            if matches!(then, Done) {
                return Some(());
            }
        }
    }

    /// Text that stands at a place.
    pub fn characters(&mut self, text: Cow<'s, str>, at: usize) -> Sure {
        match self.mode {
            Mode::Body | Mode::Caption | Mode::Cell => {
                self.rebuild()?;
                self.write(text);
                return Some(());
            }
            // Any other text is moved out of the table.
            Mode::Table | Mode::ColumnGroup | Mode::TableBody | Mode::Row => {
                let is_blank = is_blank(&text);
                self.write(text);
                return is_blank.then_some(());
            }
            Mode::BeforeHtml | Mode::BeforeHead | Mode::Head | Mode::HeadNoscript | Mode::AfterHead => {}
        }
        let begun = text.trim_ascii_start();
        if begun.is_empty() {
            return Some(());
        }
        // On which line the body then begins depends on how far the tokenizer has looked ahead: over line breaks, and over
        // what stands behind a mark that may begin a tag or a reference.
        if text.contains(['\n', '\r', '<', '&']) || self.source.from(at).starts_with(b"&") {
            return None;
        }
        if self.quirks == Quirks::Undecided {
            self.quirks = Quirks::Yes;
        }
        self.enter_body(at)?;
        let begun = begun.to_owned();
        self.characters(begun.into(), at)
    }

    /// Opens what is implied before the body, and the body.
    fn enter_body(&mut self, at: usize) -> Sure {
        loop {
            match self.mode {
                Mode::BeforeHtml => self.imply(Name::Html, Mode::BeforeHead, at)?,
                Mode::BeforeHead => self.imply(Name::Head, Mode::Head, at)?,
                Mode::HeadNoscript => self.leave(Mode::Head)?,
                Mode::Head => self.leave(Mode::AfterHead)?,
                Mode::AfterHead => self.imply(Name::Body, Mode::Body, at)?,
                _ => return Some(()),
            };
        }
    }

    fn imply(&mut self, name: Name, mode: Mode, at: usize) -> Option<Then> {
        self.push_implied(name, at)?;
        self.mode = mode;
        Some(Again)
    }

    /// Opens an element and is in it.
    fn enter(&mut self, tag: &Tag<'s>, mode: Mode) -> Option<Then> {
        self.push(tag)?;
        self.mode = mode;
        Some(Done)
    }

    /// Closes the innermost element and is behind it.
    fn leave(&mut self, mode: Mode) -> Option<Then> {
        self.pop(false)?;
        self.mode = mode;
        Some(Again)
    }

    fn start_before_head(&mut self, tag: &Tag<'s>) -> Option<Then> {
        match (self.mode, tag.name) {
            (Mode::BeforeHtml, Name::Html) => self.enter(tag, Mode::BeforeHead),
            (Mode::BeforeHtml, _) => self.imply(Name::Html, Mode::BeforeHead, tag.end),
            (_, Name::Html) => self.again(tag).map(|()| Done),
            (_, Name::Head) => self.enter(tag, Mode::Head),
            _ => self.imply(Name::Head, Mode::Head, tag.end),
        }
    }

    fn start_in_head(&mut self, tag: &Tag<'s>) -> Option<Then> {
        match (self.mode, tag.name) {
            (_, Name::Html) => self.again(tag)?,
            (_, Name::Head) | (Mode::HeadNoscript, Name::Noscript) => {}
            (_, Name::Basefont | Name::Bgsound | Name::Link | Name::Meta) => self.elements += 1,
            (_, Name::Style) => self.skip_element(tag)?,
            (Mode::HeadNoscript, _) => return self.leave(Mode::Head),
            (_, Name::Base) => self.elements += 1,
            (_, Name::Script | Name::Title) => self.skip_element(tag)?,
            (Mode::Head, Name::Noscript) => return self.enter(tag, Mode::HeadNoscript),
            (Mode::Head, _) => return self.leave(Mode::AfterHead),
            (_, Name::Body) => return self.enter(tag, Mode::Body),
            _ => return self.imply(Name::Body, Mode::Body, tag.end),
        }
        Some(Done)
    }

    fn end_in_head(&mut self, tag: &Tag<'s>) -> Option<Then> {
        let begins_body = matches!(tag.name, Name::Body | Name::Html | Name::Br);
        match self.mode {
            Mode::BeforeHtml if begins_body || tag.name == Name::Head => {
                self.imply(Name::Html, Mode::BeforeHead, tag.end)
            }
            Mode::BeforeHead if begins_body || tag.name == Name::Head => {
                self.imply(Name::Head, Mode::Head, tag.end)
            }
            Mode::HeadNoscript if matches!(tag.name, Name::Br) => self.leave(Mode::Head),
            Mode::HeadNoscript if tag.name == Name::Noscript => self.leave(Mode::Head).map(|_| Done),
            Mode::Head if tag.name == Name::Head => self.leave(Mode::AfterHead).map(|_| Done),
            Mode::Head if begins_body => self.leave(Mode::AfterHead),
            Mode::AfterHead if begins_body => self.imply(Name::Body, Mode::Body, tag.end),
            _ => Some(Done),
        }
    }

    /// `<html>` or `<body>` once more: its attributes are the first one's, where that has none like them.
    pub fn again(&mut self, tag: &Tag<'s>) -> Sure {
        self.elements += 1;
        (!tag.attributes.hide).then_some(())
    }

    /// An element that is not shown, whose text is no markup.
    pub fn skip_element(&mut self, tag: &Tag<'s>) -> Sure {
        self.elements += 1;
        self.skip_raw_text(tag.name)
    }

    /// Closes the cell or caption that is open.
    fn close_cell(&mut self) -> Option<Then> {
        let wanted = self.mode;
        let is_wanted = |name: Name| match name {
            Name::Caption => wanted == Mode::Caption,
            Name::Td | Name::Th => wanted == Mode::Cell,
            _ => false,
        };
        let index = self.in_table_scope(is_wanted)?;
        self.truncate(index)?;
        self.mode = if wanted == Mode::Cell { Mode::Row } else { Mode::Table };
        Some(Again)
    }

    /// A start tag between the cells of a table.
    fn start_in_table(&mut self, tag: &Tag<'s>) -> Option<Then> {
        let at = tag.end;
        match (self.mode, tag.name.rule()) {
            (Mode::ColumnGroup, Rule::Html) => self.again(tag).map(|()| Done),
            (Mode::ColumnGroup, Rule::Column) => {
                self.elements += 1;
                Some(Done)
            }
            (Mode::ColumnGroup, _) => self.leave(Mode::Table),

            (Mode::Row, Rule::Cell) => self.enter(tag, Mode::Cell),
            (Mode::Row, Rule::Row) => self.leave(Mode::TableBody),
            (Mode::TableBody, Rule::Row) => self.enter(tag, Mode::Row),
            (Mode::TableBody, Rule::Cell) => self.imply(Name::Tr, Mode::Row, at),
            (Mode::Row, Rule::Caption | Rule::Column | Rule::ColumnGroup | Rule::RowGroup) => {
                self.leave(Mode::TableBody)
            }
            (Mode::TableBody, Rule::Caption | Rule::Column | Rule::ColumnGroup | Rule::RowGroup) => {
                self.leave(Mode::Table)
            }
            (_, Rule::Caption) => self.enter(tag, Mode::Caption),
            (_, Rule::ColumnGroup) => self.enter(tag, Mode::ColumnGroup),
            (_, Rule::Column) => self.imply(Name::Colgroup, Mode::ColumnGroup, at),
            (_, Rule::RowGroup) => self.enter(tag, Mode::TableBody),
            (_, Rule::Row | Rule::Cell) => self.imply(Name::Tbody, Mode::TableBody, at),

            (_, Rule::Table) => self.close_table().map(|()| Again),
            (_, Rule::Skipped) if matches!(tag.name, Name::Script | Name::Style) => {
                self.skip_element(tag).map(|()| Done)
            }
            (_, Rule::Input) => {
                let is_hidden =
                    tag.attributes.raw("type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"));
                self.elements += 1;
                is_hidden.then_some(Done)
            }
            (_, Rule::Form) => {
                if self.form == Form::None {
                    self.void(tag);
                    self.form = Form::Elsewhere;
                }
                Some(Done)
            }
            // It is moved out of the table.
            _ => None,
        }
    }

    /// An end tag between the cells of a table.
    fn end_in_table(&mut self, tag: &Tag<'s>) -> Option<Then> {
        match (self.mode, tag.name.rule()) {
            (Mode::ColumnGroup, Rule::ColumnGroup) => self.leave(Mode::Table).map(|_| Done),
            (Mode::ColumnGroup, Rule::Column) => Some(Done),
            (Mode::ColumnGroup, _) => self.leave(Mode::Table),

            (Mode::Row, Rule::Row) => self.leave(Mode::TableBody).map(|_| Done),
            (Mode::Row, Rule::Table) => self.leave(Mode::TableBody),
            (Mode::TableBody, Rule::Table) => self.leave(Mode::Table),
            (Mode::Row | Mode::TableBody, Rule::RowGroup) => {
                if self.in_table_scope(|name| name == tag.name).is_none() {
                    return Some(Done);
                }
                if self.mode == Mode::Row {
                    return self.leave(Mode::TableBody);
                }
                self.leave(Mode::Table).map(|_| Done)
            }
            (_, Rule::Table) => self.close_table().map(|()| Done),
            // They make an element, which is moved out of the table.
            (_, Rule::Paragraph | Rule::Break) => None,
            (_, Rule::Form) => {
                self.form = Form::None;
                Some(Done)
            }
            // The table is in the way of whatever they would close.
            _ => Some(Done),
        }
    }

    /// Closes the innermost table and is where it stood (13.2.4.1, *reset the insertion mode appropriately*).
    fn close_table(&mut self) -> Sure {
        let table = self.in_table_scope(|name| name == Name::Table)?;
        self.truncate(table)?;
        let modes = (0..table).rev().filter_map(|index| self.name_at(index)).find_map(|name| match name {
            Name::Td | Name::Th => Some(Mode::Cell),
            Name::Tr => Some(Mode::Row),
            Name::Tbody | Name::Thead | Name::Tfoot => Some(Mode::TableBody),
            Name::Caption => Some(Mode::Caption),
            Name::Colgroup => Some(Mode::ColumnGroup),
            Name::Table => Some(Mode::Table),
            Name::Body => Some(Mode::Body),
            _ => None,
        });
        self.mode = modes?;
        Some(())
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}
