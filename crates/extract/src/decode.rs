//! Bytes to text, in any encoding that China publishes in.
//!
//! What a document declares is evidence, not authority: pages say `gb2312` and are GB18030, or say `utf-8` since the
//! template does. Except for a byte order mark, the decision is over the whole file, since an ASCII head says nothing
//! and a sample may be cut inside a character. A file in valid UTF-8 is UTF-8, whatever it declares: the chance that
//! Chinese in another encoding is valid UTF-8 falls to nothing within a sentence. Otherwise each candidate decodes
//! the whole, and the text that looks most like Chinese wins; a declaration and `chardetng` break ties.
//!
//! GB2312 and GBK are read as GB18030, their superset (the labels are aliases in practice; Encoding Standard, 10.1).

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use jixiao_model::{Finding, FindingCode, Place};
use memchr::{memchr, memmem};

use crate::plausible::implausibility;

/// A decoded document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// The encoding's WHATWG name in lower case.
    pub encoding: &'static str,
    /// Why this encoding, in words.
    pub evidence: String,
    /// The encoding that the document declares, where that is another one than it is in.
    pub contradicted: Option<String>,
    /// How many U+FFFD stand in the text for bytes that mean nothing.
    pub replacement_count: u64,
}

impl Decoded {
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

/// Decodes a document, or `None` where the bytes are text in no encoding.
pub fn decode(bytes: &[u8]) -> Option<Decoded> {
    let declared = declared_encoding(bytes);
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let body = bytes.get(mark..).unwrap_or_default();
        let decoded = finish(encoding, body, "byte order mark".into(), declared);
        // Two bytes of noise may be a mark by chance.
        return (!is_noise(&decoded)).then_some(decoded);
    }
    if memchr(0, bytes).is_none()
        && let Some(text) = UTF_8.decode_without_bom_handling_and_without_replacement(bytes)
    {
        let evidence = if bytes.is_ascii() { "only ASCII bytes" } else { "all bytes are valid UTF-8" };
        let decoded = told(UTF_8, text.into_owned(), bytes, evidence.into(), declared);
        return (!is_noise(&decoded)).then_some(decoded);
    }
    most_plausible(bytes, declared)
}

/// Whether a text is none.
fn is_noise(decoded: &Decoded) -> bool {
    const CHUNK: usize = 64;
    // A strange character begins with one of these bytes. In nearly all pieces of a text there are none, and that is seen
    // fastest by looking at all bytes of a piece in the same way.
    let may_be_strange =
        |byte: u8| ((byte < 0x20) & !matches!(byte, 0x09..=0x0D)) | (byte == 0x7F) | (byte == 0xC2);
    let is_odd = |chunk: &&[u8]| chunk.iter().fold(false, |odd, byte| odd | may_be_strange(*byte));
    let odd = decoded.text.as_bytes().chunks(CHUNK).filter(is_odd);
    let most: usize = odd.map(|chunk| chunk.iter().filter(|byte| may_be_strange(**byte)).count()).sum();
    let most = most as u64 + decoded.replacement_count;
    // A character has four bytes at most, so that few of them need no second look.
    most * 4 * 2 >= decoded.text.len() as u64 && strangeness(&decoded.text) >= NOISE
}

/// The share of a text's characters that stand in no text at all: control characters and U+FFFD. In what is valid UTF-8
/// or has a mark, any other character is one that somebody wrote, Chinese or not.
fn strangeness(text: &str) -> f64 {
    let is_strange = |c: char| c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace());
    let (strange, all) =
        text.chars().fold((0_u32, 0_u32), |(strange, all), c| (strange + u32::from(is_strange(c)), all + 1));
    f64::from(strange) / f64::from(all.max(1))
}

fn most_plausible(bytes: &[u8], declared: Option<&'static Encoding>) -> Option<Decoded> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes.get(..DETECTOR_BYTES).unwrap_or(bytes), bytes.len() <= DETECTOR_BYTES);
    let detected = superset(detector.guess(None, Utf8Detection::Allow));

    // Each ASCII character of a UTF-16 text is a NUL in the other encodings, and counts as strange there.
    let mut candidates: Vec<(&'static Encoding, f64)> = [UTF_8, GB18030, BIG5, UTF_16LE, UTF_16BE]
        .into_iter()
        .map(|encoding| (encoding, implausibility(&encoding.decode_without_bom_handling(bytes).0)))
        .collect();
    candidates.sort_by(|one, other| one.1.total_cmp(&other.1));
    let &(_, best) = candidates.first().filter(|(_, strange)| *strange < NOISE)?;
    candidates.retain(|(_, strange)| *strange <= best + TIE);
    let is_candidate = |encoding: &Encoding| candidates.iter().any(|(candidate, _)| *candidate == encoding);

    let (encoding, why) = match declared {
        _ if candidates.len() == 1 => (candidates[0].0, "the text reads as Chinese in no other encoding"),
        Some(declared) if is_candidate(declared) => (declared, "declared, and the text agrees"),
        _ if is_candidate(detected) => (detected, "told by the frequency of its characters (chardetng)"),
        _ => (candidates[0].0, "the text reads best in it"),
    };
    let share =
        candidates.iter().find(|(candidate, _)| *candidate == encoding).map_or(0.0, |(_, strange)| *strange);
    let evidence = format!("{why}; {:.1} % of its characters beyond ASCII are unusual", share * 100.0);
    Some(finish(encoding, bytes, evidence, declared))
}

fn is_wide(encoding: &Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

fn finish(
    encoding: &'static Encoding,
    bytes: &[u8],
    evidence: String,
    declared: Option<&'static Encoding>,
) -> Decoded {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    told(encoding, text.into_owned(), bytes, evidence, declared)
}

fn told(
    encoding: &'static Encoding,
    text: String,
    bytes: &[u8],
    evidence: String,
    declared: Option<&'static Encoding>,
) -> Decoded {
    let replacement_count = memmem::find_iter(text.as_bytes(), "\u{FFFD}".as_bytes()).count() as u64;
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
    memchr(b'<', head)?;
    let head = head.to_ascii_lowercase();
    // In UTF-16 the same words stand with NULs between their letters.
    let head: Vec<u8> = head.into_iter().filter(|byte| *byte != 0).collect();
    [&b"<meta"[..], b"<?xml"].iter().find_map(|tag| {
        let mut rest = head.as_slice();
        while let Some(at) = find(rest, tag) {
            rest = &rest[at + tag.len()..];
            let declaration = &rest[..find(rest, b">").unwrap_or(rest.len())];
            let value = [&b"charset"[..], b"encoding"].iter().find_map(|key| value_of(declaration, key));
            if let Some(encoding) = value.and_then(Encoding::for_label) {
                return Some(superset(encoding));
            }
        }
        None
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memmem::find(haystack, needle)
}

/// The value behind `key =` with its quotes and blanks taken off.
fn value_of<'a>(declaration: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let rest = &declaration[find(declaration, key)? + key.len()..];
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

    fn check(bytes: &[u8], encoding: &str, text: &str) -> Decoded {
        let decoded = decode(bytes).expect("it is text");
        assert_eq!((decoded.encoding, decoded.text.as_str()), (encoding, text), "{}", decoded.evidence);
        decoded
    }

    #[test]
    fn every_encoding_is_told_without_a_declaration() {
        for encoding in [UTF_8, GB18030, UTF_16LE, UTF_16BE] {
            let decoded = check(&encoded(encoding, TEXT), name(encoding), TEXT);
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
            let decoded = check(&encoded(actual, &page), name(actual), &page);
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
