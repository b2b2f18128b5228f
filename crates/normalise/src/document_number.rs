//! 文号, the numbers of policy documents.
//!
//! A number has the shape that GB/T 9704-2012 (7.2.5, *document numbers*) prescribes: the issuer's abbreviation, the year
//! in 〔〕, and 号. Authors use any bracket, leave the brackets out, put 号 behind the bracket around it all, or write a
//! 令, which has no year.

use std::collections::HashMap;
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use jixiao_model::fold::is_blank;
use jixiao_model::reference::{ISSUERS, parsed};
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;

use crate::number;

#[derive(Deserialize)]
struct Issuers {
    issuer: Vec<Issuer>,
}

#[derive(Deserialize)]
struct Issuer {
    name: String,
    prefixes: Vec<String>,
}

/// Abbreviations and the names of their issuers, by the first character; the longest come first.
type Prefixes = HashMap<char, Vec<(String, String)>, RandomState>;

/// The abbreviations that begin with a character.
fn prefixes(first: char) -> Option<&'static [(String, String)]> {
    static READ: OnceLock<Prefixes> = OnceLock::new();
    let prefixes = READ.get_or_init(|| {
        let mut prefixes = Prefixes::default();
        for Issuer { name, prefixes: of_issuer } in parsed::<Issuers>("issuers", ISSUERS).issuer {
            for prefix in of_issuer {
                let first = prefix.chars().next().unwrap_or_default();
                prefixes.entry(first).or_default().push((prefix, name.clone()));
            }
        }
        prefixes
            .values_mut()
            .for_each(|some| some.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len())));
        prefixes
    });
    prefixes.get(&first).map(Vec::as_slice)
}

/// The organisation whose documents' numbers begin with this abbreviation.
fn issuer(abbreviation: &str) -> Option<&'static str> {
    let mut prefixes = prefixes(abbreviation.chars().next()?)?.iter();
    let fitting = prefixes.find(|(prefix, _)| abbreviation.starts_with(prefix.as_str()));
    fitting.map(|(_, name)| name.as_str())
}

/// Whether a known abbreviation begins with the character at a place.
pub(crate) fn begins_issuer(text: &str, at: usize) -> bool {
    character(text, at).and_then(prefixes).is_some()
}

pub(crate) fn issuer_at(text: &str, at: usize) -> bool {
    text.get(at..word_end(text, at, LONGEST_ABBREVIATION)).is_some_and(|ahead| issuer(ahead).is_some())
}

/// A document's number, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentNumber {
    /// In the prescribed writing: `国发〔2018〕32号`.
    pub canonical: String,
    /// The organisation, where its abbreviation is known.
    pub issuer: Option<&'static str>,
    /// The year; a 令 has none.
    pub year: Option<i32>,
    /// The serial number.
    pub serial: u32,
    /// Whether 号 stood outside the bracket around the number.
    pub split: bool,
}

/// A longer run before the year is no abbreviation, but text.
pub(crate) const LONGEST_ABBREVIATION: usize = 14;

/// Reads a number that begins at `at`: its parts and the place behind it.
pub(crate) fn parse_number(text: &str, at: usize) -> Option<(DocumentNumber, usize)> {
    // Past the longest abbreviation and its 第, it does not matter any more where the word ends.
    let word_end = |from: usize| word_end(text, from, LONGEST_ABBREVIATION + 2);
    let digits = |from: usize| digits(text, skip_blanks(text, from));
    let is_year = |year: u32| (1949..=2100).contains(&year);

    let mut end = word_end(at);
    let word = text.get(at..end).filter(|word| !word.is_empty())?;
    // An order is numbered without a year: 第 belongs to its number, and Chinese digits look like words.
    let mut ordinals = word.match_indices('第').map(|(index, _)| at + index);
    if let Some(ordinal) = ordinals.find(|ordinal| digits(ordinal + WORD_CHARACTER).is_some()) {
        return parse_order(text, at, ordinal);
    }
    let abbreviation = word.strip_suffix('第').unwrap_or(word);
    end -= word.len() - abbreviation.len();
    let is_long_enough = (2..=LONGEST_ABBREVIATION).contains(&(abbreviation.len() / WORD_CHARACTER));
    let open = skip_blanks(text, end);
    let behind = character(text, open).filter(|_| is_long_enough)?;
    if is_opening(behind) {
        let (printed_year, year, after) =
            digits(open + behind.len_utf8()).filter(|(_, year, _)| is_year(*year))?;
        let close = skip_blanks(text, after);
        let behind = skip(text, close, is_closing);
        if behind == close {
            return None;
        }
        let before = skip_blanks(text, behind);
        let start = skip(text, before, |c| c == '第');
        let (printed, serial, next) = digits(start)?;
        let ordinal = if start > before { "第" } else { "" };
        let canonical = [abbreviation, "〔", printed_year, "〕", ordinal, printed, "号"].concat();
        let next = skip(text, next, |c| c == '号');
        return Some((document_number(canonical, abbreviation, i32::try_from(year).ok(), serial), next));
    }
    // `国务院令721号`, which leaves 第 out.
    if abbreviation.ends_with('令')
        && let Some((printed, serial, next)) = digits(open)
        && is_at(text, next, '号')
    {
        let canonical = format!("{abbreviation}{printed}号");
        return Some((document_number(canonical, abbreviation, None, serial), next + '号'.len_utf8()));
    }
    // `沪组委2019发字126号`: without brackets, the year before the kind of document.
    let (printed_year, year, after) = digits(open).filter(|(_, year, _)| is_year(*year))?;
    let kind_end = word_end(after);
    let kind = text.get(after..kind_end)?;
    let (printed, serial, next) = digits(kind_end)?;
    if !kind.ends_with('字') || !is_at(text, next, '号') {
        return None;
    }
    let canonical = format!("{abbreviation}{printed_year}{kind}{printed}号");
    let number = document_number(canonical, abbreviation, i32::try_from(year).ok(), serial);
    Some((number, next + '号'.len_utf8()))
}

/// The number of an order, of which 第 stands at `ordinal`: `主席令第七十一号`, `国务院第721号令`.
fn parse_order(text: &str, at: usize, ordinal: usize) -> Option<(DocumentNumber, usize)> {
    let abbreviation = text.get(at..ordinal)?;
    if !(2..=LONGEST_ABBREVIATION).contains(&(abbreviation.len() / WORD_CHARACTER)) {
        return None;
    }
    let (printed, serial, next) = digits(text, skip_blanks(text, ordinal + WORD_CHARACTER))?;
    let end = skip_blanks(text, next);
    let behind = skip(text, end, |c| c == '号');
    if behind == end {
        return None;
    }
    if abbreviation.ends_with('令') {
        let canonical = format!("{abbreviation}第{printed}号");
        return Some((document_number(canonical, abbreviation, None, serial), behind));
    }
    let canonical = format!("{abbreviation}第{printed}号令");
    let order = format!("{abbreviation}令");
    is_at(text, behind, '令')
        .then(|| (document_number(canonical, &order, None, serial), behind + '令'.len_utf8()))
}

fn document_number(canonical: String, abbreviation: &str, year: Option<i32>, serial: u32) -> DocumentNumber {
    DocumentNumber { canonical, issuer: issuer(abbreviation), year, serial, split: false }
}

/// A number in Arabic or Chinese digits: as printed, its value, and the place behind it.
fn digits(text: &str, from: usize) -> Option<(&str, u32, usize)> {
    const LONGEST: usize = 8;
    let behind = text.get(from..)?;
    let run = |is_digit: fn(char) -> bool| {
        let mut digits = behind.chars().take_while(|c| is_digit(*c));
        let length = digits.by_ref().take(LONGEST).map(char::len_utf8).sum::<usize>();
        behind.get(..length).filter(|run| !run.is_empty() && digits.next().is_none())
    };
    if let Some(run) = run(|c| c.is_ascii_digit()) {
        return run.parse().ok().map(|value| (run, value, from + run.len()));
    }
    let run = run(is_chinese_digit)?;
    let value = number::chinese(run)?.to_u32()?;
    Some((run, value, from + run.len()))
}

/// The character at a place.
pub(crate) fn character(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

pub(crate) fn is_at(text: &str, at: usize, character: char) -> bool {
    self::character(text, at) == Some(character)
}

/// The place behind the character at `at`, if it is one of these, or else `at`.
pub(crate) fn skip(text: &str, at: usize, is_any: impl Fn(char) -> bool) -> usize {
    character(text, at).filter(|c| is_any(*c)).map_or(at, |c| at + c.len_utf8())
}

pub(crate) fn skip_blanks(text: &str, mut at: usize) -> usize {
    while let Some(blank) = character(text, at).filter(|c| is_blank(*c)) {
        at += blank.len_utf8();
    }
    at
}

pub(crate) fn is_word(character: char) -> bool {
    matches!(u32::from(character), 0x4E00..=0x9FFF)
}

/// The bytes of each character of a word.
const WORD_CHARACTER: usize = 3;

/// Where the word ends that begins at `from`, but at most so many characters behind it.
pub(crate) fn word_end(text: &str, from: usize, most: usize) -> usize {
    let word = text.get(from..).unwrap_or_default().chars().take(most).take_while(|c| is_word(*c));
    from + word.count() * WORD_CHARACTER
}

pub(crate) fn is_opening(character: char) -> bool {
    matches!(character, '（' | '(' | '〔' | '[' | '【' | '［' | '﹝' | '〈' | '｛' | '{')
}

pub(crate) fn is_closing(character: char) -> bool {
    matches!(character, '）' | ')' | '〕' | ']' | '】' | '］' | '﹞' | '〉' | '｝' | '}')
}

pub(crate) fn is_chinese_digit(character: char) -> bool {
    number::digit(character).is_some() || matches!(character, '十' | '百' | '千')
}
