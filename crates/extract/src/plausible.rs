//! How much a decoded text looks like Chinese: the measure by which encodings are told apart.
//!
//! Bytes that are read in the wrong encoding rarely fail; they turn into characters that nobody writes. The common
//! characters are not a list of ours: both national standards put them first. GB/T 2312 has its 3,755 common
//! characters in the rows 16 to 55, by pronunciation; Big5 has its 5,401 from A440 to C67E, by strokes. Together
//! they cover simplified and traditional texts.

use std::ops::RangeInclusive;
use std::sync::OnceLock;

use encoding_rs::{BIG5, GBK};

/// One bit for each character up to U+FFFF.
type Characters = [u64; 1 << 10];

/// Characters of Chinese documents beside those of the standards.
static OTHERS: [RangeInclusive<u32>; 22] = [
    // Punctuation, arrows, mathematical signs, boxes, enclosed numbers, and the full width forms.
    0xA0..=0xA0,
    0xA5..=0xA5,
    0xA7..=0xA7,
    0xB0..=0xB1,
    0xB7..=0xB7,
    0xD7..=0xD7,
    0x2010..=0x203B,
    0x2103..=0x2103,
    0x2160..=0x217F,
    0x2190..=0x2193,
    0x2200..=0x22FF,
    0x2460..=0x24FF,
    0x2500..=0x25FF,
    0x2605..=0x2606,
    0x2610..=0x2612,
    0x2713..=0x2714,
    0x3000..=0x303F,
    0x3200..=0x33FF,
    0xFE30..=0xFE4F,
    0xFF01..=0xFF65,
    0xFFE0..=0xFFE6,
    0xFEFF..=0xFEFF,
];

fn plausible() -> &'static Characters {
    /// Beside these the standards list signs, which are told by [`OTHERS`].
    const IDEOGRAPHS: RangeInclusive<u32> = 0x4E00..=0x9FFF;
    static PLAUSIBLE: OnceLock<Characters> = OnceLock::new();
    PLAUSIBLE.get_or_init(|| {
        let pairs = |leads: RangeInclusive<u8>, first: u8| -> Vec<u8> {
            let trails = move || (first..=0x7E).chain(0xA1..=0xFE);
            leads.flat_map(|lead| trails().flat_map(move |trail| [lead, trail])).collect()
        };
        // No trail byte of GB/T 2312 is below A1; one of Big5 may be from 40 to 7E.
        let (simplified, traditional) = (pairs(0xB0..=0xD7, 0x7F), pairs(0xA4..=0xC6, 0x40));
        let (simplified, ..) = GBK.decode(&simplified);
        let (traditional, ..) = BIG5.decode(&traditional);
        let common = simplified.chars().chain(traditional.chars()).map(u32::from);
        let mut plausible = [0; _];
        for code in common.filter(|code| IDEOGRAPHS.contains(code)).chain(OTHERS.iter().cloned().flatten()) {
            plausible[(code / 64) as usize] |= 1_u64 << (code % 64);
        }
        plausible
    })
}

/// Whether a character is one that published Chinese documents are made of.
pub fn is_plausible(character: char) -> bool {
    is_one_of(character, plausible())
}

fn is_one_of(character: char, characters: &Characters) -> bool {
    let code = u32::from(character);
    characters.get((code / 64) as usize).is_some_and(|word| word >> (code % 64) & 1 == 1)
}

/// How many bytes are of a kind, many at a time.
pub fn count(bytes: &[u8], is_counted: impl Fn(u8) -> bool) -> u64 {
    /// A byte counts them, and they fill registers of any width.
    const MANY: usize = 192;
    let count = |bytes: &[u8]| bytes.iter().map(|byte| u8::from(is_counted(*byte))).sum::<u8>();
    let (many, rest) = bytes.as_chunks::<MANY>();
    many.iter().map(|bytes| u64::from(count(bytes))).sum::<u64>() + u64::from(count(rest))
}

/// How many bytes come before the first that is not ASCII, where that is near, as it is between tags.
fn ascii_length(bytes: &[u8]) -> usize {
    let (eights, _) = bytes.as_chunks::<8>();
    let words = eights.iter().map(|eight| u64::from_le_bytes(*eight) & 0x8080_8080_8080_8080);
    let length = 8 * words.take_while(|beyond| *beyond == 0).count();
    let rest = bytes.get(length..).unwrap_or_default();
    length + rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len())
}

/// How much of a text is what Chinese documents are made of, while it is read.
///
/// Only characters beyond ASCII count, since all candidate encodings agree on ASCII, except where that is all there
/// is. A character that stands for unreadable bytes counts four times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plausibility {
    seen: u64,
    strange: u64,
}

impl Plausibility {
    /// Reads on.
    pub fn add(&mut self, text: &str) {
        self.add_controls(text.as_bytes());
        let plausible = plausible();
        let mut rest = text;
        while !rest.is_empty() {
            let (_, others) = rest.split_at(ascii_length(rest.as_bytes()));
            let mut characters = others.chars();
            for character in characters.by_ref() {
                if character.is_ascii() {
                    break;
                }
                let weight = if character == char::REPLACEMENT_CHARACTER { 4 } else { 1 };
                self.seen += weight;
                self.strange += if is_one_of(character, plausible) { 0 } else { weight };
            }
            rest = characters.as_str();
        }
    }

    /// Reads control characters, in any encoding in which no other has them within it.
    pub fn add_controls(&mut self, bytes: &[u8]) {
        let controls = count(bytes, |byte| matches!(byte, 0..=0x08 | 0x0B | 0x0E..=0x1F | 0x7F));
        self.add_counted(controls, controls);
    }

    /// Adds characters beyond ASCII that were counted elsewhere, and those of them that are strange.
    pub fn add_counted(&mut self, seen: u64, strange: u64) {
        self.seen += seen;
        self.strange += strange;
    }

    /// The share of characters, from 0 to 1, that are not what Chinese documents are made of.
    pub fn implausibility(self) -> f64 {
        self.strange as f64 / self.seen.max(1) as f64
    }

    /// The least that [`Self::implausibility`] may come to, where so many plausible characters may still come.
    pub fn least(self, to_come: u64) -> f64 {
        self.strange as f64 / (self.seen + to_come).max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_plausible_and_misread_chinese_is_not() {
        let simplified = "财政项目支出绩效目标表，上海市科学技术协会（2020年度）";
        let traditional = "財政項目支出績效目標表，上海市科學技術協會";
        let implausibility = |text: &str| {
            let mut plausibility = Plausibility::default();
            plausibility.add(text);
            plausibility.implausibility()
        };
        assert_eq!(implausibility(simplified), 0.0);
        assert!(implausibility(traditional) < 0.05);
        let (misread, ..) = GBK.decode(simplified.as_bytes());
        assert!(implausibility(&misread) > 0.3, "UTF-8 read as GBK: {misread}");
        let (bytes, ..) = BIG5.encode(traditional);
        let (misread, ..) = GBK.decode(&bytes);
        assert!(implausibility(&misread) > 0.2, "Big5 read as GBK: {misread}");
        let (bytes, ..) = GBK.encode(simplified);
        let (misread, ..) = BIG5.decode(&bytes);
        assert!(implausibility(&misread) > 0.2, "GBK read as Big5: {misread}");
    }
}
