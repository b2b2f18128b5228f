//! An RTF file cut into tokens: groups, words, bytes. Line ends in the file mean nothing; binary data is passed over by
//! its length.

/// A piece of RTF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'t> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// `\*`: what follows may be skipped by readers who do not know it.
    Star,
    /// `\word` or `\sign`, with its number.
    Word(&'t str, Option<i32>),
    /// `\'hh`
    Hex(u8),
    /// Any other byte.
    Byte(u8),
}

/// The tokens of a file.
pub struct Tokens<'t> {
    rest: &'t [u8],
}

impl<'t> Tokens<'t> {
    /// The tokens of these bytes.
    pub fn new(bytes: &'t [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take(&mut self, count: usize) -> &'t [u8] {
        let (taken, rest) = self.rest.split_at(count.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn control(&mut self) -> Option<Token<'t>> {
        let letters = self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if letters == 0 {
            let sign = self.take(1);
            return Some(match sign {
                b"'" => {
                    let digits = self.take(2);
                    let byte =
                        std::str::from_utf8(digits).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
                    byte.map_or(Token::Word("", None), Token::Hex)
                }
                b"*" => Token::Star,
                // A line end behind a backslash ends a paragraph.
                b"\n" | b"\r" => Token::Word("par", None),
                b"\t" => Token::Word("tab", None),
                [byte @ (b'\\' | b'{' | b'}')] => Token::Byte(*byte),
                _ => Token::Word(std::str::from_utf8(sign).unwrap_or_default(), None),
            });
        }
        let word = std::str::from_utf8(self.take(letters)).unwrap_or_default();
        let sign = usize::from(self.rest.first() == Some(&b'-'));
        let digits = self.rest.iter().skip(sign).take_while(|byte| byte.is_ascii_digit()).count();
        let number = if digits > 0 {
            let number = std::str::from_utf8(self.take(sign + digits)).unwrap_or_default();
            Some(number.parse().unwrap_or(if sign == 1 { i32::MIN } else { i32::MAX }))
        } else {
            None
        };
        // One blank belongs to the word.
        if self.rest.first() == Some(&b' ') {
            self.take(1);
        }
        if word == "bin" {
            self.take(usize::try_from(number.unwrap_or(0)).unwrap_or(0));
        }
        Some(Token::Word(word, number))
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        loop {
            match *self.take(1).first()? {
                b'{' => return Some(Token::Open),
                b'}' => return Some(Token::Close),
                b'\\' => return self.control(),
                b'\r' | b'\n' | 0 => {}
                b'\t' => return Some(Token::Word("tab", None)),
                byte => return Some(Token::Byte(byte)),
            }
        }
    }
}
