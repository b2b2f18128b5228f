//! The tokens of RTF: braces, control words with a number, control symbols, and bytes of text.

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'r> {
    /// `{`.
    Open,
    /// `}`.
    Close,
    /// `\word` and the number behind it.
    Word(&'r str, Option<i32>),
    /// A backslash and a character that is no letter.
    Symbol(u8),
    /// A byte of text, as itself or as `\'hh`.
    Byte(u8),
}

/// The tokens of a file.
pub struct Tokens<'r> {
    bytes: &'r [u8],
    at: usize,
}

impl<'r> Tokens<'r> {
    /// From its first byte on.
    pub fn new(bytes: &'r [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn take_while(&mut self, holds: impl Fn(u8) -> bool) -> &'r str {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| holds(**byte)).count();
        self.at += length;
        rest.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    fn next_byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn control(&mut self) -> Option<Token<'r>> {
        let word = self.take_while(|byte| byte.is_ascii_alphabetic());
        if word.is_empty() {
            let symbol = self.next_byte()?;
            if symbol != b'\'' {
                // A line end behind a backslash is a paragraph mark.
                return Some(if matches!(symbol, b'\r' | b'\n') {
                    Token::Word("par", None)
                } else {
                    Token::Symbol(symbol)
                });
            }
            let digits = self.bytes.get(self.at..self.at + 2).and_then(|two| std::str::from_utf8(two).ok());
            let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                return Some(Token::Symbol(symbol));
            };
            self.at += 2;
            return Some(Token::Byte(byte));
        }
        let sign = if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
            -1
        } else {
            1
        };
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        let number: Option<i32> = digits.parse().ok();
        if self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        if word == "bin" {
            // That many bytes of anything follow.
            self.at = self.at.saturating_add(usize::try_from(number.unwrap_or(0)).unwrap_or(0));
        }
        Some(Token::Word(word, number.map(|number| number * sign)))
    }
}

impl<'r> Iterator for Tokens<'r> {
    type Item = Token<'r>;

    fn next(&mut self) -> Option<Token<'r>> {
        loop {
            match self.next_byte()? {
                b'{' => return Some(Token::Open),
                b'}' => return Some(Token::Close),
                b'\\' => return self.control(),
                b'\r' | b'\n' | 0 => {}
                byte => return Some(Token::Byte(byte)),
            }
        }
    }
}
