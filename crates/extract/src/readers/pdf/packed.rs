//! What a stream unpacks to, counted without the parser, which unpacks all of it before anybody can say no.
//!
//! Filters (ISO 32000-2, 7.4) follow one another, so that each may multiply what the one before has multiplied. What is
//! packed by `FlateDecode` alone is only counted; of anything else each step is made, as far as the limit goes.

use std::io::Read;

use flate2::read::{DeflateDecoder, ZlibDecoder};
use hayro_syntax::Filter;

use crate::limits::{Budget, Excess};

/// The names of filters in a dictionary as it is written, in their order. One that is written elsewhere is met when the
/// objects are known.
pub fn named(dictionary: &[u8]) -> Vec<Filter> {
    let names = dictionary.split(|byte| *byte == b'/').skip(1);
    let name = |text: &[u8]| {
        let end = text.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(text.len());
        filter(&text[..end])
    };
    names.filter_map(name).collect()
}

fn filter(name: &[u8]) -> Option<Filter> {
    Some(match name {
        b"ASCIIHexDecode" | b"AHx" => Filter::AsciiHexDecode,
        b"ASCII85Decode" | b"A85" => Filter::Ascii85Decode,
        b"LZWDecode" | b"LZW" => Filter::LzwDecode,
        b"FlateDecode" | b"Fl" => Filter::FlateDecode,
        b"RunLengthDecode" | b"RL" => Filter::RunLengthDecode,
        _ => return None,
    })
}

/// Counts what data unpacks to by filters, one after the other. A filter for pictures ends it: they are not looked at.
pub fn count(filters: &[Filter], data: &[u8], budget: &mut Budget) -> Result<(), Excess> {
    let mut unpacked;
    let mut data = data;
    for (filter, left) in filters.iter().zip((0..filters.len()).rev()) {
        // One byte more than may be, to know that there is more.
        let most = usize::try_from(budget.inflated_left()).unwrap_or(usize::MAX).saturating_add(1);
        unpacked = match filter {
            Filter::FlateDecode if left == 0 => return count_inflated(data, budget),
            Filter::FlateDecode => {
                let mut inflated = Vec::new();
                // What is broken is unpacked up to there.
                _ = inflating(data).take(most as u64).read_to_end(&mut inflated);
                inflated
            }
            Filter::AsciiHexDecode => hexadecimal(data),
            Filter::Ascii85Decode => base_85(data, most),
            Filter::RunLengthDecode => run_lengths(data, most),
            Filter::LzwDecode => {
                // Which of both it is stands in its parameters (`EarlyChange`); a wrong guess soon ends.
                let (early, late) = (lzw(data, 1, most), lzw(data, 0, most));
                if early.len() >= late.len() { early } else { late }
            }
            _ => return Ok(()),
        };
        budget.inflate(unpacked.len() as u64)?;
        data = &unpacked;
    }
    Ok(())
}

fn count_inflated(data: &[u8], budget: &mut Budget) -> Result<(), Excess> {
    let mut inflated = inflating(data);
    let mut buffer = vec![0; 1 << 16];
    while let Ok(count) = inflated.read(&mut buffer)
        && count > 0
    {
        budget.inflate(count as u64)?;
    }
    Ok(())
}

/// A stream of zlib, or where its head is missing, of what that wraps: so the parser has it.
fn inflating(data: &[u8]) -> Box<dyn Read + '_> {
    if is_zlib(data) { Box::new(ZlibDecoder::new(data)) } else { Box::new(DeflateDecoder::new(data)) }
}

/// Whether bytes begin as a zlib stream does (RFC 1950, 2.2).
pub fn is_zlib(bytes: &[u8]) -> bool {
    let [method, flags, ..] = *bytes else { return false };
    method & 0x0F == 8 && method >> 4 <= 7 && (u16::from(method) << 8 | u16::from(flags)) % 31 == 0
}

fn hexadecimal(data: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = data
        .iter()
        .take_while(|byte| **byte != b'>')
        .filter_map(|byte| char::from(*byte).to_digit(16))
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

fn base_85(data: &[u8], most: usize) -> Vec<u8> {
    let mut unpacked = Vec::new();
    let mut group: Vec<u8> = Vec::with_capacity(5);
    for byte in data.iter().copied() {
        match byte {
            b'z' if group.is_empty() => unpacked.extend([0; 4]),
            b'!'..=b'u' => group.push(byte - b'!'),
            b'~' => break,
            _ => {}
        }
        if group.len() == 5 {
            unpacked.extend(of_85(&group));
            group.clear();
        }
        if unpacked.len() >= most {
            break;
        }
    }
    if let Some(kept) = group.len().checked_sub(1) {
        group.resize(5, 84);
        unpacked.extend(of_85(&group).into_iter().take(kept));
    }
    unpacked
}

fn of_85(digits: &[u8]) -> [u8; 4] {
    digits
        .iter()
        .fold(0_u32, |value, digit| value.wrapping_mul(85).wrapping_add(u32::from(*digit)))
        .to_be_bytes()
}

fn run_lengths(data: &[u8], most: usize) -> Vec<u8> {
    let mut unpacked = Vec::new();
    let mut rest = data;
    while let [length, behind @ ..] = rest
        && unpacked.len() < most
    {
        let length = usize::from(*length);
        rest = match (length, behind) {
            (0..=127, _) => {
                let (copied, behind) = behind.split_at(behind.len().min(length + 1));
                unpacked.extend(copied);
                behind
            }
            (129.., [byte, behind @ ..]) => {
                unpacked.resize(unpacked.len() + 257 - length, *byte);
                behind
            }
            _ => break,
        };
    }
    unpacked
}

/// 7.4.4.2. Codes grow so many entries before the table asks for it.
fn lzw(data: &[u8], early: usize, most: usize) -> Vec<u8> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    const FULL: usize = 4_096;
    let mut unpacked: Vec<u8> = Vec::new();
    // Where in what is unpacked the text of each code from 258 on stands.
    let mut table: Vec<(usize, usize)> = Vec::new();
    let mut before: Option<(usize, usize)> = None;
    let mut at_bit = 0;
    while unpacked.len() < most {
        let width = match table.len() + END + 1 + early {
            2_048.. => 12,
            1_024.. => 11,
            512.. => 10,
            _ => 9,
        };
        let code = (at_bit..at_bit + width).try_fold(0_usize, |code, at| {
            let byte = data.get(at / 8)?;
            Some(code << 1 | usize::from(byte >> (7 - at % 8) & 1))
        });
        at_bit += width;
        let start = unpacked.len();
        match code {
            Some(CLEAR) => {
                table.clear();
                before = None;
                continue;
            }
            None | Some(END) => break,
            Some(code @ ..CLEAR) => unpacked.push(u8::try_from(code).unwrap_or_default()),
            Some(code) => {
                // The code that is being made stands for the text before and its first byte.
                let Some((from, length)) = table.get(code - END - 1).copied().or_else(|| {
                    before.map(|(from, length)| (from, length + 1)).filter(|_| code == table.len() + END + 1)
                }) else {
                    break;
                };
                for at in from..from + length {
                    unpacked.push(unpacked[at]);
                }
            }
        }
        if let Some((from, length)) = before
            && table.len() + END + 1 < FULL
        {
            // The first byte of this text stands right behind the one before.
            table.push((from, length + 1));
        }
        before = Some((start, unpacked.len() - start));
    }
    unpacked
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What is left of the limit when data were counted.
    fn counted(filters: &[Filter], data: &[u8]) -> u64 {
        let mut budget = Budget::default();
        count(filters, data, &mut budget).expect("it is little");
        Budget::default().inflated_left() - budget.inflated_left()
    }

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(bytes).expect("memory");
        packed.finish().expect("memory")
    }

    #[test]
    fn each_filter_is_undone() {
        assert_eq!(hexadecimal(b"61 6 27> 3"), b"abp");
        assert_eq!(base_85(b"9jqo^ z Bla~>", 99), b"Man \0\0\0\0is");
        assert_eq!(run_lengths(&[1, b'a', b'b', 254, b'c', 128, 9], 99), b"abccc");
        // The example of the standard (7.4.4.2).
        assert_eq!(lzw(&[0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01], 1, 99), b"-----A---B");
    }

    #[test]
    fn filters_multiply() {
        let packed = deflated(&vec![b' '; 100_000]);
        assert_eq!(counted(&[Filter::FlateDecode], &packed), 100_000);
        // Without the head of zlib.
        assert_eq!(counted(&[Filter::FlateDecode], &packed[2..]), 100_000);
        let hex: String = packed.iter().map(|byte| format!("{byte:02x}")).collect();
        let chain = [Filter::AsciiHexDecode, Filter::FlateDecode];
        assert_eq!(counted(&chain, hex.as_bytes()), 100_000 + packed.len() as u64);
        let twice = deflated(&packed);
        assert_eq!(counted(&[Filter::FlateDecode; 2], &twice), 100_000 + packed.len() as u64);
        let mut budget = Budget::default();
        budget.inflate(budget.inflated_left() - 50_000).expect("there is more");
        assert_eq!(count(&chain, hex.as_bytes(), &mut budget), Err(Excess::Inflated));
    }

    #[test]
    fn filters_are_named_in_their_order() {
        let dictionary = b"<</Length 9/Filter[/A85 /LZWDecode/FlateDecode]/Type/ObjStm>>";
        let named = named(dictionary);
        assert_eq!(named, [Filter::Ascii85Decode, Filter::LzwDecode, Filter::FlateDecode]);
    }
}
