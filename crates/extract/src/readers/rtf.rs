//! Rich Text Format (specification 1.9.1) to blocks.
//!
//! No library that is kept up reads its tables, so this is a short reader of our own: tokens, groups with what they
//! inherit, and text in the code page of its font. Groups are kept on a list and not on the stack, since a hostile file
//! may nest them as deep as it is long.

mod table;
mod token;

use encoding_rs::Encoding;

use super::body::Body;
use super::{Pages, Unreadable, deleted_text, hidden_text};
use crate::limits::{Budget, Excess};
use table::Tables;
use token::{Token, Tokens};

/// Groups within one another.
const DEEPEST: usize = 10_000;

/// Destinations that are not the text of the document, or are it a second time.
const UNREAD: [&str; 42] = [
    "annotation",
    "atnauthor",
    "atnid",
    "bkmkend",
    "bkmkstart",
    "colorschememapping",
    "colortbl",
    "datafield",
    "datastore",
    "defchp",
    "defpap",
    "falt",
    "fldinst",
    "footer",
    "footerf",
    "footerl",
    "footerr",
    "footnote",
    "generator",
    "header",
    "headerf",
    "headerl",
    "headerr",
    "info",
    "latentstyles",
    "listoverridetable",
    "listtable",
    "listtext",
    "nonesttables",
    "nonshppict",
    "objdata",
    "pgptbl",
    "pict",
    "pntext",
    "rsidtbl",
    "shprslt",
    "sp",
    "stylesheet",
    "themedata",
    "xmlnstbl",
    "revtbl",
    "panose",
];

/// Destinations marked with `\*` that hold text of the document.
const READ: [&str; 4] = ["nesttableprops", "shpinst", "shptxt", "shppict"];

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let mut reader = Reader {
        body: Body::new(budget),
        tables: Tables::default(),
        fonts: Vec::new(),
        code_page: encoding_of_code_page(1252),
        group: Group { skip_behind_unicode: 1, ..Group::default() },
        outer: Vec::new(),
        bytes: Vec::new(),
        high_surrogate: None,
        to_skip: 0,
        starred: false,
        font_in_table: 0,
        deleted: false,
        hidden: false,
        replaced: 0,
    };
    for token in Tokens::new(bytes) {
        reader.token(token)?;
    }
    reader.end_paragraph()?;
    reader.tables.close_all(&mut reader.body)?;
    let mut findings = Vec::new();
    findings.extend(reader.deleted.then(deleted_text));
    findings.extend(reader.hidden.then(hidden_text));
    Ok(Pages { blocks: reader.body.finish()?, findings, replacement_count: reader.replaced })
}

/// What a group has, and the groups within it inherit.
#[derive(Clone, Copy, Default)]
struct Group {
    unread: bool,
    in_font_table: bool,
    font: i32,
    hidden: bool,
    deleted: bool,
    /// How many characters behind `\u` stand for those who cannot read it.
    skip_behind_unicode: u32,
}

struct Reader<'b> {
    body: Body<'b>,
    tables: Tables,
    /// Encodings of fonts by their numbers.
    fonts: Vec<(i32, &'static Encoding)>,
    code_page: &'static Encoding,
    group: Group,
    outer: Vec<Group>,
    /// Bytes of text that are not decoded yet: a character may be two, each written in its own way.
    bytes: Vec<u8>,
    high_surrogate: Option<u16>,
    /// Characters that are still to be skipped behind `\u`.
    to_skip: u32,
    /// Whether `\*` stands right before.
    starred: bool,
    font_in_table: i32,
    deleted: bool,
    hidden: bool,
    replaced: u64,
}

impl Reader<'_> {
    fn token(&mut self, token: Token<'_>) -> Result<(), Excess> {
        match token {
            Token::Open => {
                self.flush();
                self.to_skip = 0;
                self.outer.push(self.group);
                Budget::depth_of_groups(self.outer.len(), DEEPEST)?;
            }
            Token::Close => {
                self.flush();
                self.to_skip = 0;
                self.group = self.outer.pop().unwrap_or(self.group);
            }
            Token::Byte(byte) => self.byte(byte),
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Word(word, number) => return self.word(word, number),
        }
        self.starred &= matches!(token, Token::Symbol(b'*'));
        Ok(())
    }

    fn byte(&mut self, byte: u8) {
        if self.to_skip > 0 {
            self.to_skip -= 1;
        } else if !self.group.unread && !self.group.in_font_table {
            self.bytes.push(byte);
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'*' => self.starred = true,
            b'~' => self.character('\u{A0}'),
            b'_' => self.character('-'),
            b'\\' | b'{' | b'}' => self.byte(symbol),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>) -> Result<(), Excess> {
        let starred = std::mem::take(&mut self.starred);
        let is_on = number != Some(0);
        if UNREAD.contains(&word) || (starred && !READ.contains(&word)) {
            self.flush();
            self.group.unread = true;
        }
        match word {
            "ansicpg" => self.code_page = encoding_of_code_page(number.unwrap_or(1252)),
            "fonttbl" => self.group.in_font_table = true,
            "f" if self.group.in_font_table => self.font_in_table = number.unwrap_or(0),
            "fcharset" if self.group.in_font_table => {
                if let Some(encoding) = encoding_of_charset(number.unwrap_or(0)) {
                    self.fonts.push((self.font_in_table, encoding));
                }
            }
            "uc" => self.group.skip_behind_unicode = number.and_then(|n| u32::try_from(n).ok()).unwrap_or(1),
            "u" => {
                self.flush();
                // Written as a signed number of 16 bits.
                if let Some(unit) = number.and_then(|number| u16::try_from(number.rem_euclid(0x1_0000)).ok())
                {
                    self.unit(unit);
                    self.to_skip = self.group.skip_behind_unicode;
                }
            }
            "bin" | "rtf" => {}
            _ if self.group.unread => {}
            "f" => {
                self.flush();
                self.group.font = number.unwrap_or(0);
            }
            "plain" => {
                self.flush();
                (self.group.hidden, self.group.deleted) = (false, false);
            }
            "v" => {
                self.flush();
                self.group.hidden = is_on;
            }
            "deleted" => {
                self.flush();
                self.group.deleted = is_on;
            }
            "line" => self.character('\n'),
            "tab" => self.character('\t'),
            "emdash" => self.character('—'),
            "endash" => self.character('–'),
            "lquote" => self.character('‘'),
            "rquote" => self.character('’'),
            "ldblquote" => self.character('“'),
            "rdblquote" => self.character('”'),
            "bullet" => self.character('•'),
            "par" | "sect" | "page" => {
                self.end_paragraph()?;
            }
            "cell" | "nestcell" => {
                self.end_paragraph()?;
                self.tables.end_cell(word == "nestcell");
                self.body_has_room()?;
            }
            "row" | "nestrow" => {
                self.flush();
                self.tables.end_row(word == "nestrow");
            }
            _ => self.tables.word(word, number.unwrap_or(0), is_on),
        }
        Ok(())
    }

    /// A unit of UTF-16.
    fn unit(&mut self, unit: u16) {
        let before = self.high_surrogate.take();
        if (0xD800..0xDC00).contains(&unit) {
            self.high_surrogate = Some(unit);
            return;
        }
        let units = before.into_iter().chain([unit]);
        for character in char::decode_utf16(units) {
            self.character(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }

    fn character(&mut self, character: char) {
        self.flush();
        if self.group.in_font_table {
            return;
        }
        self.text(character.encode_utf8(&mut [0; 4]));
    }

    /// Decodes the bytes that have come together, in the encoding of their font.
    fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let font = self.fonts.iter().rev().find(|(font, _)| *font == self.group.font);
        let encoding = font.map_or(self.code_page, |(_, encoding)| *encoding);
        let (text, _) = encoding.decode_without_bom_handling(&bytes);
        self.text(&text);
    }

    fn text(&mut self, text: &str) {
        let is_printed = !text.trim().is_empty();
        if self.group.unread {
            return;
        }
        if self.group.deleted {
            self.deleted |= is_printed;
        } else if self.group.hidden {
            self.hidden |= is_printed;
        } else {
            self.replaced += text.matches(char::REPLACEMENT_CHARACTER).count() as u64;
            self.tables.text(text);
        }
    }

    fn end_paragraph(&mut self) -> Result<(), Excess> {
        self.flush();
        self.tables.end_paragraph(&mut self.body)
    }

    fn body_has_room(&mut self) -> Result<(), Excess> {
        self.body.has_room(self.tables.cells())
    }
}

/// The encoding of a code page of Windows.
fn encoding_of_code_page(number: i32) -> &'static Encoding {
    let label: &[u8] = match number {
        936 | 54936 => b"gb18030",
        950 => b"big5",
        932 => b"shift_jis",
        949 => b"euc-kr",
        65001 => b"utf-8",
        1250 => b"windows-1250",
        1251 => b"windows-1251",
        _ => b"windows-1252",
    };
    Encoding::for_label(label).unwrap_or(encoding_rs::WINDOWS_1252)
}

/// The encoding of a character set of fonts (`\fcharset`); none where the font says nothing.
fn encoding_of_charset(number: i32) -> Option<&'static Encoding> {
    let code_page = match number {
        134 => 936,
        136 => 950,
        128 => 932,
        129 => 949,
        204 => 1251,
        238 => 1250,
        0 => 1252,
        _ => return None,
    };
    Some(encoding_of_code_page(code_page))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::shown;

    fn check(rtf: &str, expected: &[&str]) -> Pages {
        let pages = read(rtf.as_bytes(), &mut Budget::default()).expect("it breaks no limit");
        assert_eq!(shown(&pages.blocks), expected, "{rtf}");
        pages
    }

    #[test]
    fn characters_in_every_writing() {
        check(
            r"{\rtf1\ansi\ansicpg936 \'bc\'d7\u20057 ?\u-10179 ?\u-8704 ?\{a\}\~b\par}",
            &["¶1 甲乙😀{a}\u{A0}b"],
        );
        // The second byte of a character may stand as itself, and the font decides on the code page.
        check(
            r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fnil\fcharset134 SimSun;}}\f1\'b6A\f0\'e9\par}",
            &["¶1 禔é"],
        );
        check(
            r"{\rtf1{\info{\title 题}}{\*\generator x;}{\fonttbl{\f0 甲;}}\uc2\u20057\'d2\'d2 z\par}",
            &["¶1 乙 z"],
        );
    }

    #[test]
    fn what_is_deleted_or_hidden_is_left_out_and_told() {
        let pages = check(r"{\rtf1 a{\deleted b}c{\v d}\v e\v0 f\par}", &["¶1 acf"]);
        assert_eq!(pages.findings.len(), 2);
    }

    #[test]
    fn cells_span_what_lies_between_their_edges() {
        check(
            r"{\rtf1\trowd\clvmgf\cellx100\cellx300\pard\intbl a\cell b\cell\row
              \trowd\clvmrg\cellx100\cellx200\cellx300\pard\intbl\cell c\par d\cell e\cell\row\pard f\par}",
            &["T1!A1 a|b|.", "T1!A2 .|c\nd|e", "¶1 f"],
        );
        check(
            r"{\rtf1\trowd\clmgf\cellx100\clmrg\cellx200\cellx300\intbl a\cell\cell b\cell\row\trowd\cellx100\cellx200\cellx300\intbl c\cell d\cell e\cell\row\pard}",
            &["T1!A1 a|.|b", "T1!A2 c|d|e"],
        );
    }

    #[test]
    fn tables_within_tables() {
        let nested = r"\pard\intbl\itap2 a\nestcell b\nestcell{\*\nesttableprops\trowd\cellx50\cellx90\nestrow}{\nonesttables\par}
              \pard\intbl\itap2 c\nestcell d\nestcell{\*\nesttableprops\trowd\cellx50\cellx90\nestrow}{\nonesttables\par}";
        check(
            &format!(
                r"{{\rtf1 {nested}\pard\intbl\cell\pard\intbl x\cell\trowd\cellx100\cellx200\row\pard y\par}}"
            ),
            &["T1!A1 a|b", "T1!A1 c|d", "T1!B1 x", "¶1 y"],
        );
    }

    #[test]
    fn groups_are_bounded_and_broken_ones_harmless() {
        let deep = format!("{{\\rtf1 {}", "{".repeat(20_000));
        assert!(matches!(read(deep.as_bytes(), &mut Budget::default()), Err(Unreadable::Excess(_))));
        check(r"{\rtf1 a}}}\par b\'z\u", &["¶1 a", "¶2 bz"]);
    }
}
