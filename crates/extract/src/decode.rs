//! Bytes to text, in any encoding that China publishes in.
//!
//! What a document declares is evidence, not authority: pages say `gb2312` and are GB18030, or say `utf-8` since the
//! template does. Except for a byte order mark, the decision is over the whole file, since an ASCII head says nothing
//! and a sample may be cut inside a character. A file in valid UTF-8 is UTF-8, whatever it declares: the chance that
//! Chinese in another encoding is valid UTF-8 falls to nothing within a sentence. Otherwise each candidate decodes
//! the whole, and the text that looks most like Chinese wins; a declaration and `chardetng` break ties.
//!
//! GB2312 and GBK are read as GB18030, their superset (the labels are aliases in practice; Encoding Standard, 10.1).

mod gb18030;

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use jixiao_model::{Finding, FindingCode, Place};
use memchr::memmem;

use crate::plausible::{Plausibility, count};

/// A decoded document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'b> {
    /// The text, without a byte order mark: the bytes themselves, if they are UTF-8.
    pub text: Cow<'b, str>,
    /// The encoding's WHATWG name in lower case.
    pub encoding: &'static str,
    /// Why this encoding, in words.
    pub evidence: String,
    /// The encoding that the document declares, where that is another one than it is in.
    pub contradicted: Option<String>,
    /// How many U+FFFD stand in the text for bytes that mean nothing.
    pub replacement_count: u64,
}

impl Decoded<'_> {
    /// What an analyst should know of the encoding.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let Some(declared) = &self.contradicted {
            let message = format!("the document declares {declared} and is in {}", self.encoding);
            let finding = Finding::new(FindingCode::EncodingContradicted, message).with_field("encoding");
            findings.push(finding.with_found(declared.as_str()).with_expected(self.encoding));
        }
        if self.replacement_count > 0 {
            let line =
                self.text.lines().position(|line| line.contains(char::REPLACEMENT_CHARACTER)).unwrap_or(0);
            let message = format!(
                "{} characters could not be decoded and stand as U+FFFD; the first is on this line",
                self.replacement_count
            );
            let finding = Finding::new(FindingCode::ReplacedCharacters, message).with_field("encoding");
            let found = self.replacement_count.to_string();
            findings.push(
                finding.with_found(found).at(&Place::Line(u32::try_from(line + 1).unwrap_or(u32::MAX))),
            );
        }
        findings
    }
}

/// Above this share of strange characters a text is taken for noise.
const NOISE: f64 = 0.5;
/// Candidates that differ by less are equally likely by their text alone.
const TIE: f64 = 0.02;
/// `chardetng` reads about 10 MB a second; past the first kilobytes it no longer changes its mind (measured in
/// the research notes), and it only breaks ties here.
const DETECTOR_BYTES: usize = 65_536;
/// HTML must declare its encoding within the first 1,024 bytes (HTML standard, 4.2.5.4); real pages are late.
const DECLARATION_BYTES: usize = 8_192;

/// Candidates in the order in which the first of equals wins.
static CANDIDATES: [&Encoding; 5] = [UTF_8, GB18030, BIG5, UTF_16LE, UTF_16BE];
/// How much is decoded before it is asked whether a candidate can still win.
const CHUNK_BYTES: usize = 2_048;

/// Decodes a document, or `None` where the bytes are text in no encoding.
pub fn decode(bytes: &[u8]) -> Option<Decoded<'_>> {
    let declared = declared_encoding(bytes);
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let body = bytes.get(mark..).unwrap_or_default();
        let (text, _) = encoding.decode_without_bom_handling(body);
        // Two bytes of noise may be a mark by chance.
        return (!is_noise(&text)).then(|| finish(encoding, body, text, "byte order mark".into(), declared));
    }
    if let Some(text) = simdutf8::compat::from_utf8(bytes).ok().filter(|_| memchr::memchr(0, bytes).is_none())
    {
        let evidence = if bytes.is_ascii() { "only ASCII bytes" } else { "all bytes are valid UTF-8" };
        return (!is_noise(text)).then(|| finish(UTF_8, bytes, text.into(), evidence.into(), declared));
    }
    most_plausible(bytes, declared)
}

/// Whether too many of a text's characters stand in no text at all: control characters and U+FFFD. In what is valid UTF-8
/// or has a mark, any other character is one that somebody wrote, Chinese or not.
fn is_noise(text: &str) -> bool {
    // The first bytes of all such characters, and of some others, are few in any text; so they are hardly ever counted.
    let bytes = text.as_bytes();
    let may_begin = |byte: u8| matches!(byte, 0..=0x1F | 0x7F | 0xC2 | 0xEF);
    let suspect = count(bytes, may_begin);
    // A character has four bytes at most.
    if (suspect as f64) < NOISE * (bytes.len() / 4) as f64 {
        return false;
    }
    let all = count(bytes, |byte| !(0x80..0xC0).contains(&byte));
    if (suspect as f64) < NOISE * all as f64 {
        return false;
    }
    let is_strange = |c: &char| *c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace());
    let strange = text.chars().filter(is_strange).count();
    strange as f64 / all.max(1) as f64 >= NOISE
}

fn most_plausible<'b>(bytes: &'b [u8], declared: Option<&'static Encoding>) -> Option<Decoded<'b>> {
    // Each ASCII character of a UTF-16 text is a NUL in the other encodings, and counts as strange there.
    let mut candidates: Vec<(&'static Encoding, f64)> = Vec::new();
    let (mut best, mut best_text) = (f64::INFINITY, None);
    // Most are GB18030, and then the others are given up soon.
    let rank = |encoding: &Encoding| CANDIDATES.iter().position(|candidate| *candidate == encoding);
    for encoding in [GB18030, UTF_8, BIG5, UTF_16LE, UTF_16BE] {
        if let Some((strange, text)) = decode_as(encoding, bytes, best + TIE) {
            candidates.push((encoding, strange));
            if strange < best {
                (best, best_text) = (strange, Some((encoding, text)));
            }
        }
    }
    candidates.sort_by(|one, other| one.1.total_cmp(&other.1).then(rank(one.0).cmp(&rank(other.0))));
    let &(_, best) = candidates.first().filter(|(_, strange)| *strange < NOISE)?;
    candidates.retain(|(_, strange)| *strange <= best + TIE);
    let is_candidate = |encoding: &Encoding| candidates.iter().any(|(candidate, _)| *candidate == encoding);

    let (encoding, why) = match declared {
        _ if candidates.len() == 1 => (candidates[0].0, "the text reads as Chinese in no other encoding"),
        Some(declared) if is_candidate(declared) => (declared, "declared, and the text agrees"),
        _ => match detected(bytes) {
            detected if is_candidate(detected) => {
                (detected, "told by the frequency of its characters (chardetng)")
            }
            _ => (candidates[0].0, "the text reads best in it"),
        },
    };
    let share =
        candidates.iter().find(|(candidate, _)| *candidate == encoding).map_or(0.0, |(_, strange)| *strange);
    let evidence = format!("{why}; {:.1} % of its characters beyond ASCII are unusual", share * 100.0);
    let text = best_text
        .filter(|(best, _)| *best == encoding)
        .map_or_else(|| encoding.decode_without_bom_handling(bytes).0, |(_, text)| text.into());
    Some(finish(encoding, bytes, text, evidence, declared))
}

/// What `chardetng` takes the bytes for.
fn detected(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes.get(..DETECTOR_BYTES).unwrap_or(bytes), bytes.len() <= DETECTOR_BYTES);
    superset(detector.guess(None, Utf8Detection::Allow))
}

/// Decodes bytes, and tells how implausible the text is; `None` as soon as it is sure to be more so than it may be.
fn decode_as(encoding: &'static Encoding, bytes: &[u8], most: f64) -> Option<(f64, String)> {
    if encoding == GB18030
        && let Some((plausibility, text)) = gb18030::decode(bytes)
    {
        return Some((plausibility.implausibility(), text));
    }
    if encoding == UTF_8 && has_errors(bytes, most) {
        return None;
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut plausibility = Plausibility::default();
    let mut rest = bytes;
    // Each character that counts takes a byte beyond ASCII, or two of any. Four may be in the decoder.
    let counting = |bytes: &[u8]| -> u64 {
        if is_wide(encoding) {
            return bytes.len() as u64 / 2 + 1;
        }
        count(bytes, |byte| byte >= 0x80)
    };
    let all = counting(bytes);
    let mut to_come = all + 4;
    // Nearly all that is read to its end is text of two bytes a character, which are three in UTF-8.
    let mut text =
        if most.is_finite() { String::new() } else { String::with_capacity(bytes.len() + all as usize / 2) };
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rest.len().min(CHUNK_BYTES));
        let seen = text.len();
        text.reserve(decoder.max_utf8_buffer_length(chunk.len())?);
        let _ = decoder.decode_to_string(chunk, &mut text, after.is_empty());
        plausibility.add(text.get(seen..).unwrap_or_default());
        if most.is_finite() {
            to_come = to_come.saturating_sub(counting(chunk).saturating_sub(u64::from(is_wide(encoding))));
            if plausibility.least(to_come) > most {
                return None;
            }
        }
        rest = after;
    }
    Some((plausibility.implausibility(), text))
}

/// Whether so much is no UTF-8 that its text is sure to be more implausible than it may be. To find errors takes a part of
/// what it takes to decode them.
fn has_errors(bytes: &[u8], most: f64) -> bool {
    let to_come = count(bytes, |byte| byte >= 0x80);
    let mut plausibility = Plausibility::default();
    bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).any(|_| {
        plausibility.add("\u{FFFD}");
        plausibility.least(to_come) > most
    })
}

fn is_wide(encoding: &Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

fn finish<'b>(
    encoding: &'static Encoding,
    bytes: &[u8],
    text: Cow<'b, str>,
    evidence: String,
    declared: Option<&'static Encoding>,
) -> Decoded<'b> {
    let replacement_count = memmem::find_iter(text.as_bytes(), "\u{FFFD}").count() as u64;
    let contradicted = declared
        .filter(|declared| *declared != encoding && (is_wide(encoding) || !bytes.is_ascii()))
        .map(|declared| declared.name().to_ascii_lowercase());
    let evidence = match (&contradicted, declared) {
        (Some(declared), _) => format!("{evidence}; declared as {declared}"),
        (None, Some(_)) => format!("{evidence}; declared so"),
        (None, None) => evidence,
    };
    Decoded { text, encoding: name(encoding), evidence, contradicted, replacement_count }
}

fn name(encoding: &'static Encoding) -> &'static str {
    match encoding {
        _ if encoding == UTF_8 => "utf-8",
        _ if encoding == GB18030 => "gb18030",
        _ if encoding == BIG5 => "big5",
        _ if encoding == UTF_16LE => "utf-16le",
        _ if encoding == UTF_16BE => "utf-16be",
        _ => encoding.name(),
    }
}

/// GB18030 for its subsets.
fn superset(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == encoding_rs::GBK { GB18030 } else { encoding }
}

/// The encoding named by `charset=` in a `<meta>` or by `encoding=` in an XML declaration.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..DECLARATION_BYTES).unwrap_or(bytes);
    let head = head.get(memchr::memchr(b'<', head)?..)?;
    let mut head = head.to_ascii_lowercase();
    // In UTF-16 the same words stand with NULs between their letters.
    if memchr::memchr(0, &head).is_some() {
        head.retain(|byte| *byte != 0);
    }
    [&b"<meta"[..], b"<?xml"].iter().find_map(|tag| {
        let mut rest = head.as_slice();
        while let Some(at) = memmem::find(rest, tag) {
            rest = &rest[at + tag.len()..];
            let declaration = &rest[..memchr::memchr(b'>', rest).unwrap_or(rest.len())];
            let value = [&b"charset"[..], b"encoding"].iter().find_map(|key| value_of(declaration, key));
            if let Some(encoding) = value.and_then(Encoding::for_label) {
                return Some(superset(encoding));
            }
        }
        None
    })
}

/// The value behind `key =` with its quotes and blanks taken off.
fn value_of<'a>(declaration: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let rest = &declaration[memmem::find(declaration, key)? + key.len()..];
    let rest = rest.trim_ascii_start().strip_prefix(b"=")?;
    let start = rest.iter().position(|byte| !matches!(byte, b'"' | b'\'') && !byte.is_ascii_whitespace())?;
    let rest = &rest[start..];
    let end =
        rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b';' | b'/') || byte.is_ascii_whitespace());
    Some(&rest[..end.unwrap_or(rest.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "财政项目支出绩效目标表\n(2020年度)\n项目名称：\t镕基䶮湖科普资源建设\t≥85％\n";
    const TRADITIONAL: &str = "財政項目支出績效目標表\n申報單位名稱：\t臺北市科學技術協會，為進一步提升\n";

    fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        let unit = |unit: u16| if encoding == UTF_16BE { unit.to_be_bytes() } else { unit.to_le_bytes() };
        if is_wide(encoding) {
            return text.encode_utf16().flat_map(unit).collect();
        }
        let (bytes, _, lossy) = encoding.encode(text);
        assert!(!lossy);
        bytes.into_owned()
    }

    fn check<'b>(bytes: &'b [u8], encoding: &str, text: &str) -> Decoded<'b> {
        let decoded = decode(bytes).expect("it is text");
        assert_eq!((decoded.encoding, &*decoded.text), (encoding, text), "{}", decoded.evidence);
        decoded
    }

    #[test]
    fn every_encoding_is_told_without_a_declaration() {
        for encoding in [UTF_8, GB18030, UTF_16LE, UTF_16BE] {
            let bytes = encoded(encoding, TEXT);
            let decoded = check(&bytes, name(encoding), TEXT);
            assert_eq!((decoded.replacement_count, decoded.contradicted), (0, None));
        }
        check(&encoded(BIG5, TRADITIONAL), "big5", TRADITIONAL);
        check(&encoded(GB18030, TRADITIONAL), "gb18030", TRADITIONAL);
    }

    #[test]
    fn a_byte_order_mark_decides() {
        for (encoding, mark) in
            [(UTF_8, &b"\xEF\xBB\xBF"[..]), (UTF_16LE, b"\xFF\xFE"), (UTF_16BE, b"\xFE\xFF")]
        {
            let bytes = [mark, &encoded(encoding, TEXT)].concat();
            assert!(check(&bytes, name(encoding), TEXT).evidence.contains("byte order mark"));
        }
    }

    #[test]
    fn a_declaration_is_evidence_and_not_authority() {
        for (declared, actual, contradicted) in [
            ("gb2312", GB18030, None),
            ("GBK", GB18030, None),
            ("utf-8", GB18030, Some("utf-8")),
            ("gb2312", UTF_8, Some("gb18030")),
            ("big5", GB18030, Some("big5")),
            ("no-such-encoding", UTF_8, None),
        ] {
            let page = format!(
                "<html><head><META http-equiv=Content-Type content='text/html; charset={declared}'>{TEXT}"
            );
            let bytes = encoded(actual, &page);
            let decoded = check(&bytes, name(actual), &page);
            assert_eq!(decoded.contradicted.as_deref(), contradicted, "{declared}");
        }
    }

    #[test]
    fn the_whole_file_decides_and_not_its_head() {
        let late = format!("{}{TEXT}", "x".repeat(20_000));
        check(&encoded(GB18030, &late), "gb18030", &late);
    }

    #[test]
    fn a_broken_byte_does_not_turn_utf_8_into_another_encoding() {
        let mut bytes = encoded(UTF_8, &TEXT.repeat(3));
        bytes[40] = 0xFF;
        let decoded = decode(&bytes).expect("it is text");
        assert_eq!(decoded.encoding, "utf-8");
        assert!((1..=3).contains(&decoded.replacement_count));
        let mut bytes = encoded(GB18030, TEXT);
        bytes.pop();
        bytes.push(0x81);
        let decoded = decode(&bytes).expect("it is text");
        assert_eq!((decoded.encoding, decoded.replacement_count), ("gb18030", 1));
    }

    #[test]
    fn every_cut_of_a_text_keeps_its_encoding() {
        for encoding in [UTF_8, GB18030, UTF_16LE] {
            let bytes = encoded(encoding, &TEXT.repeat(2));
            for end in 60..bytes.len() {
                assert_eq!(
                    decode(&bytes[..end]).map(|decoded| decoded.encoding),
                    Some(name(encoding)),
                    "{end}"
                );
            }
        }
    }

    #[test]
    fn a_page_in_english_with_one_sign_is_text() {
        let page = "<html><body><p>Annual report</p><p>© 2020 An office</p></body></html>";
        check(page.as_bytes(), "utf-8", page);
        assert_eq!(decode(&[0x01; 400]), None);
    }

    #[test]
    fn noise_is_no_text() {
        // A linear congruential generator (Numerical Recipes): every byte value about equally often.
        let mut state = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(4_000)
        .collect();
        assert_eq!(decode(&noise), None);
    }
}
