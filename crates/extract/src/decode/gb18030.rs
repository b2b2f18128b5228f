//! GB18030 to text, and how much it looks like Chinese, in one pass over what is whole.
//!
//! Nearly every Chinese page that is not in UTF-8 is in GB18030 without an error, and then nearly each of its characters is
//! ASCII or two bytes. A table by these two bytes has both answers. What the characters are is `encoding_rs`'s: the table is
//! made by it, and whatever is neither (four bytes, six rare characters) it decodes. A text with an error is left to it.

use std::sync::OnceLock;

use encoding_rs::GB18030;

use crate::plausible::{Plausibility, is_plausible};

/// Of each two bytes: the UTF-8 of their character, which has three bytes at most; its length above that; and whether the
/// character is strange. Zero where they are no such character.
type Table = [u32; 1 << 16];
const LENGTH_AT: u32 = 24;
const STRANGE_AT: u32 = 31;

/// How much is decoded before it goes to the text.
const PAGE_BYTES: usize = 8_192;

fn table() -> &'static Table {
    static TABLE: OnceLock<Box<Table>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Box::new([0; _]);
        for lead in 0x81..=0xFE {
            let trails = (0x40..=0x7E).chain(0x80..=0xFE);
            let pairs: Vec<u8> = trails.clone().flat_map(|trail| [lead, trail]).collect();
            let row = GB18030.decode_without_bom_handling_and_without_replacement(&pairs);
            for (trail, character) in trails.zip(row.as_deref().unwrap_or_default().chars()) {
                let mut utf8 = [0; 4];
                let length = character.encode_utf8(&mut utf8).len() as u32;
                if length < 4 {
                    let is_strange = u32::from(!is_plausible(character));
                    let entry = u32::from_le_bytes(utf8) | length << LENGTH_AT | is_strange << STRANGE_AT;
                    table[usize::from(u16::from_be_bytes([lead, trail]))] = entry;
                }
            }
        }
        table
    })
}

/// The text, and how plausible it is; `None` where there is an error in it.
pub fn decode(bytes: &[u8]) -> Option<(Plausibility, String)> {
    let table = table();
    let mut plausibility = Plausibility::default();
    // No control character is a part of another one.
    plausibility.add_controls(bytes);
    let (mut pairs, mut strange) = (0, 0);
    // Two bytes are three in UTF-8.
    let mut out = Out { text: String::with_capacity(bytes.len() + bytes.len() / 2), page: [0; _], filled: 0 };
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        out.make_room()?;
        if first.is_ascii() {
            let (some, length) = match rest.first_chunk::<8>() {
                Some(eight) => (*eight, ascii_length(*eight)),
                None => ([first, 0, 0, 0, 0, 0, 0, 0], 1),
            };
            out.put(some, length);
            rest = rest.get(length..)?;
            continue;
        }
        let mut length = 0;
        for pair in rest.as_chunks::<2>().0.iter().take(out.room() / 4) {
            let entry = table[usize::from(u16::from_be_bytes(*pair))];
            if entry == 0 {
                break;
            }
            out.put(entry.to_le_bytes(), (entry >> LENGTH_AT & 7) as usize);
            strange += u64::from(entry >> STRANGE_AT);
            length += 2;
        }
        rest = rest.get(length..)?;
        pairs += length as u64 / 2;
        if length == 0 {
            let length = match *rest {
                [0x80, ..] => 1,
                [_, 0x30..=0x39, ..] => 4,
                _ => 2,
            };
            let (sequence, behind) = rest.split_at_checked(length)?;
            let character = GB18030.decode_without_bom_handling_and_without_replacement(sequence)?;
            plausibility.add(&character);
            out.flush()?;
            out.text.push_str(&character);
            rest = behind;
        }
    }
    out.flush()?;
    plausibility.add_counted(pairs, strange);
    Some((plausibility, out.text))
}

/// How many of eight bytes come before the first that is not ASCII.
fn ascii_length(bytes: [u8; 8]) -> usize {
    (u64::from_le_bytes(bytes) & 0x8080_8080_8080_8080).trailing_zeros() as usize / 8
}

/// The text that is written, the last of it in a page.
struct Out {
    text: String,
    page: [u8; PAGE_BYTES],
    filled: usize,
}

impl Out {
    /// Writes so many of some bytes.
    fn put<const N: usize>(&mut self, bytes: [u8; N], length: usize) {
        if let Some(to) = self.page.get_mut(self.filled..).and_then(<[u8]>::first_chunk_mut) {
            *to = bytes;
            self.filled += length;
        }
    }

    /// How many bytes may still be written.
    fn room(&self) -> usize {
        PAGE_BYTES - self.filled
    }

    /// Makes room for eight bytes.
    fn make_room(&mut self) -> Option<()> {
        if self.room() < 8 { self.flush() } else { Some(()) }
    }

    fn flush(&mut self) -> Option<()> {
        let page = self.page.get(..self.filled)?;
        self.text.push_str(simdutf8::basic::from_utf8(page).ok()?);
        self.filled = 0;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) {
        let (text, has_errors) = GB18030.decode_without_bom_handling(bytes);
        let decoded = decode(bytes);
        assert_eq!(decoded.is_none(), has_errors, "{text}");
        if let Some((plausibility, decoded)) = decoded {
            let mut expected = Plausibility::default();
            expected.add(&text);
            assert_eq!(decoded, text);
            assert_eq!(plausibility, expected, "{text}");
        }
    }

    #[test]
    fn every_two_bytes_are_read_as_encoding_rs_reads_them() {
        for lead in 0..=0xFF {
            for trail in 0..=0xFF {
                check(&[b'a', lead, trail, b'\x01']);
                check(&[lead, trail]);
            }
            check(&[lead, 0x30, 0x81, 0x30]);
            check(&[b'a', lead, 0x39, 0xFE, 0x39, 0xB0, 0xA1]);
            check(&[lead, 0x31, 0xA4]);
        }
    }

    #[test]
    fn pages_of_any_length_are_whole() {
        let text = "<td style=\"border:1\">财政项目支出㐀€𠂇绩效，α镕䶮\u{FFFD}目标</td>\n1 ";
        let (bytes, ..) = GB18030.encode(text);
        for length in 0..120 {
            let head = "x".repeat(length);
            check(&[head.as_bytes(), &bytes.repeat(200)].concat());
            check(&bytes.repeat(3)[..length]);
        }
    }
}
