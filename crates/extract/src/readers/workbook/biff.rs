//! The records of the Excel workbooks of 97–2003, and the strings in them (MS-XLS 2.1.4, 2.5.293).

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, WINDOWS_1252};

/// A record that goes on in the one before it.
const CONTINUE: u16 = 0x3C;

/// A record: its number, and its content in pieces, of which all but the first stand in records that continue it.
pub struct Record<'b> {
    /// Its number.
    pub kind: u16,
    /// Its content.
    pub pieces: Vec<&'b [u8]>,
}

impl Record<'_> {
    /// How many bytes it takes.
    pub fn size(&self) -> u64 {
        const HEAD: u64 = 4;
        self.pieces.iter().map(|piece| HEAD + piece.len() as u64).sum()
    }
}

/// The records of a stream from a position on.
pub struct Records<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Records<'b> {
    /// Begins at a position.
    pub fn new(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    fn next_piece(&self) -> Option<(u16, &'b [u8], usize)> {
        let kind = number(self.bytes, self.at)?;
        let length = usize::from(number(self.bytes, self.at + 2)?);
        let start = self.at + 4;
        Some((kind, self.bytes.get(start..start + length)?, start + length))
    }
}

impl<'b> Iterator for Records<'b> {
    type Item = Record<'b>;

    fn next(&mut self) -> Option<Record<'b>> {
        let (kind, first, end) = self.next_piece()?;
        let mut record = Record { kind, pieces: vec![first] };
        self.at = end;
        while let Some((CONTINUE, piece, end)) = self.next_piece() {
            record.pieces.push(piece);
            self.at = end;
        }
        Some(record)
    }
}

/// Two bytes at a position.
pub fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

/// Four bytes at a position.
pub fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// A floating-point number at a position.
pub fn float(bytes: &[u8], at: usize) -> Option<f64> {
    let bytes = bytes.get(at..at.checked_add(8)?)?;
    Some(f64::from_le_bytes(bytes.try_into().ok()?))
}

/// A number in four bytes: thirty bits of an integer or of a floating-point number, perhaps a hundredth of it (2.5.217).
pub fn packed(bits: u32) -> f64 {
    let number = if bits & 2 == 0 {
        f64::from_bits(u64::from(bits & !3) << 32)
    } else {
        f64::from(bits.cast_signed() >> 2)
    };
    if bits & 1 == 0 { number } else { number / 100.0 }
}

/// How strings are written.
#[derive(Debug, Clone, Copy)]
pub struct Writing {
    /// Whether they are Unicode, as since 97.
    pub unicode: bool,
    /// In which encoding they are if not.
    pub encoding: &'static Encoding,
}

impl Writing {
    /// The encoding of a code page; Chinese where it is not known.
    pub fn of_code_page(unicode: bool, code_page: u16) -> Self {
        let encoding = match code_page {
            950 => BIG5,
            1_252 | 0x8001 => WINDOWS_1252,
            65_001 => UTF_8,
            _ => GB18030,
        };
        Self { unicode, encoding }
    }
}

/// Reads through the pieces of a record.
pub struct Cursor<'r, 'b> {
    pieces: &'r [&'b [u8]],
    piece: usize,
    at: usize,
}

impl<'r, 'b> Cursor<'r, 'b> {
    /// Begins at a position of the first piece.
    pub fn new(pieces: &'r [&'b [u8]], at: usize) -> Self {
        Self { pieces, piece: 0, at }
    }

    /// What is left of the piece; at its end, of the next. Says whether that is another one.
    fn rest(&mut self) -> Option<(&'b [u8], bool)> {
        let mut other = false;
        loop {
            let rest = self.pieces.get(self.piece)?.get(self.at..).unwrap_or_default();
            if !rest.is_empty() {
                return Some((rest, other));
            }
            self.piece += 1;
            self.at = 0;
            other = true;
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (rest, _) = self.rest()?;
        self.at += 1;
        rest.first().copied()
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn long(&mut self) -> Option<u32> {
        Some(u32::from(self.number()?) | u32::from(self.number()?) << 16)
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            let (rest, _) = self.rest()?;
            let step = rest.len().min(count);
            self.at += step;
            count -= step;
        }
        Some(())
    }

    /// A string with its length in two bytes, or in one.
    pub fn string(&mut self, writing: Writing, short: bool) -> Option<String> {
        let length = if short { u16::from(self.byte()?) } else { self.number()? };
        if writing.unicode {
            self.unicode(length)
        } else {
            self.encoded(usize::from(length), writing.encoding)
        }
    }

    fn encoded(&mut self, length: usize, encoding: &'static Encoding) -> Option<String> {
        let (rest, _) = self.rest()?;
        let bytes = rest.get(..length)?;
        self.at += length;
        Some(encoding.decode_without_bom_handling(bytes).0.into_owned())
    }

    /// Characters of one byte or two; where they go on in another record, that says again which (2.5.293). Behind
    /// them stand their fonts and how they are spoken.
    fn unicode(&mut self, length: u16) -> Option<String> {
        let flags = self.byte()?;
        let runs = if flags & 8 == 0 { 0 } else { usize::from(self.number()?) };
        let spoken = if flags & 4 == 0 { 0 } else { self.long()? as usize };
        let mut wide = flags & 1 != 0;
        let mut units: Vec<u16> = Vec::new();
        let mut left = usize::from(length);
        while left > 0 {
            let (mut rest, other) = self.rest()?;
            if other {
                wide = rest.first()? & 1 != 0;
                self.at += 1;
                rest = rest.get(1..).unwrap_or_default();
                if rest.is_empty() {
                    continue;
                }
            }
            let size = if wide { 2 } else { 1 };
            let count = (rest.len() / size).min(left);
            if count == 0 {
                return None;
            }
            let taken = rest.get(..count * size)?;
            if wide {
                units.extend(taken.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])));
            } else {
                units.extend(taken.iter().map(|byte| u16::from(*byte)));
            }
            self.at += count * size;
            left -= count;
        }
        self.skip(runs * 4 + spoken);
        Some(String::from_utf16_lossy(&units))
    }
}

/// A formula of numbers and texts, as it was typed; none if it names a cell or calls a function (2.5.198).
pub fn typed_formula(tokens: &[u8], writing: Writing) -> Option<String> {
    /// More than one text takes, and a few signs.
    const LONGEST: usize = 600;
    /// Signs, brackets and percents.
    const MOST_SIGNS: usize = 8;
    /// From 0x03 on.
    const BETWEEN: [&str; 12] = ["+", "-", "*", "/", "^", "&", "<", "<=", "=", ">=", ">", "<>"];
    if tokens.len() > LONGEST {
        return None;
    }
    let mut signs = 0;
    let mut typed: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        signs += usize::from((0x03..=0x15).contains(token));
        if signs > MOST_SIGNS {
            return None;
        }
        match token {
            0x03..=0x0E => {
                let (behind, before) = (typed.pop()?, typed.pop()?);
                typed.push(format!("{before}{}{behind}", BETWEEN.get(usize::from(token - 0x03))?));
            }
            0x12 => typed.last_mut()?.insert(0, '+'),
            0x13 => typed.last_mut()?.insert(0, '-'),
            0x14 => typed.last_mut()?.push('%'),
            0x15 => {
                let within = typed.pop()?;
                typed.push(format!("({within})"));
            }
            0x17 => {
                let pieces = [tokens.get(at..)?];
                let mut cursor = Cursor::new(&pieces, 0);
                let text = cursor.string(writing, true)?;
                at += cursor.at;
                typed.push(format!("\"{text}\""));
            }
            // Blanks in the formula, and what only speeds it up.
            0x19 => {
                let choose = tokens.get(at)? & 4 != 0;
                if choose {
                    return None;
                }
                at += 3;
            }
            0x1E => {
                typed.push(number(tokens, at)?.to_string());
                at += 2;
            }
            0x1F => {
                typed.push(super::decimal::general(float(tokens, at)?));
                at += 8;
            }
            _ => return None,
        }
    }
    let whole = typed.pop()?;
    typed.is_empty().then_some(whole)
}

/// How an error is shown (2.5.10).
pub fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    }
}
