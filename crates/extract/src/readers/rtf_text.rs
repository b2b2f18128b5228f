//! The characters of RTF: bytes in the code page of their font, or units of UTF-16, one number each.
//!
//! A Chinese character is two bytes, each of which is written for itself (`\'d6\'d0`), and the second may be a plain
//! letter. So bytes are kept until something else comes.

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, WINDOWS_1252};

/// How the bytes of a font are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// By the code page of the document.
    Default,
    /// As signs: characters of private use.
    Symbol,
    /// In an encoding.
    Encoding(&'static Encoding),
}

impl Charset {
    /// Whether some characters are two bytes.
    pub fn is_double_byte(self) -> bool {
        matches!(self, Self::Encoding(encoding) if [GB18030, BIG5, SHIFT_JIS, EUC_KR].contains(&encoding))
    }
}

/// The charset of a code page of Windows.
pub fn charset_of_code_page(code_page: i32) -> Charset {
    let label = match code_page {
        936 | 54936 => return Charset::Encoding(GB18030),
        950 => return Charset::Encoding(BIG5),
        932 => return Charset::Encoding(SHIFT_JIS),
        949 => return Charset::Encoding(EUC_KR),
        65001 => return Charset::Encoding(UTF_8),
        10000 => "macintosh".to_owned(),
        code_page => format!("windows-{code_page}"),
    };
    Charset::Encoding(Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252))
}

/// The charset of a font (`\fcharset`).
pub fn charset_of_font(charset: i32) -> Charset {
    charset_of_code_page(match charset {
        1 => return Charset::Default,
        2 => return Charset::Symbol,
        77 => 10000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => 1252,
    })
}

/// Text as it is put together.
#[derive(Debug, Default)]
pub struct Text {
    text: String,
    bytes: Vec<u8>,
    charset: Option<Charset>,
    /// The last byte is the first half of a character.
    is_half: bool,
    /// The first unit of a pair.
    high: Option<u16>,
    replacement_count: u64,
}

impl Text {
    /// A byte of text.
    pub fn push_byte(&mut self, byte: u8, charset: Charset) {
        self.end_pair();
        if self.charset != Some(charset) && !self.is_half {
            self.decode();
            self.charset = Some(charset);
        }
        if byte < 0x80 && !self.is_half && charset != Charset::Symbol {
            self.decode();
            self.text.push(char::from(byte));
            return;
        }
        self.bytes.push(byte);
        self.is_half = !self.is_half && charset.is_double_byte() && (0x81..=0xFE).contains(&byte);
    }

    /// A unit of UTF-16.
    pub fn push_unit(&mut self, unit: u16) {
        self.decode();
        let units: &[u16] = match self.high.take() {
            Some(high) => &[high, unit],
            None if (0xD800..0xDC00).contains(&unit) => {
                self.high = Some(unit);
                return;
            }
            None => &[unit],
        };
        for character in char::decode_utf16(units.iter().copied()) {
            self.push_character(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }

    /// Text that a word prints.
    pub fn push_text(&mut self, text: &str) {
        self.end_pair();
        self.decode();
        self.text.push_str(text);
    }

    /// How many characters could not be told.
    pub fn replacement_count(&self) -> u64 {
        self.replacement_count
    }

    /// The text so far. The first unit of a pair waits for the second: words that print nothing may stand between.
    pub fn take(&mut self) -> String {
        self.decode();
        std::mem::take(&mut self.text)
    }

    fn push_character(&mut self, character: char) {
        self.replacement_count += u64::from(character == char::REPLACEMENT_CHARACTER);
        self.text.push(character);
    }

    fn end_pair(&mut self) {
        if self.high.take().is_some() {
            self.push_character(char::REPLACEMENT_CHARACTER);
        }
    }

    fn decode(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        self.is_half = false;
        match self.charset {
            Some(Charset::Symbol) => {
                for byte in bytes {
                    self.push_character(super::docx_walk::symbol(char::from(byte)));
                }
            }
            Some(Charset::Encoding(encoding)) => {
                let (text, _) = encoding.decode_without_bom_handling(&bytes);
                self.replacement_count += text.matches(char::REPLACEMENT_CHARACTER).count() as u64;
                self.text.push_str(&text);
            }
            _ => self.text.extend(bytes.into_iter().map(char::from)),
        }
    }
}
