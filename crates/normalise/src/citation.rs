//! Policy documents that a text cites: 《title》 with the 文号 that stands beside it, or a 文号 alone.
//!
//! A number has the shape that GB/T 9704-2012 (7.2.5, *document numbers*) prescribes: the issuer's abbreviation, the year
//! in 〔〕, and 号. Authors use any bracket, leave the brackets out, put 号 behind the bracket around it all, or write a
//! 令, which has no year. What stands in brackets behind a title and has no such shape (`（试行）`) is no number. A title
//! within a title is a part of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, OnceLock};

use jixiao_model::fold::is_blank;
use jixiao_model::reference::{ISSUERS, parsed};
use memchr::memmem::Finder;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;

use crate::number;
use crate::text::narrative;

#[derive(Deserialize)]
struct Issuers {
    issuer: Vec<Issuer>,
}

#[derive(Deserialize)]
struct Issuer {
    name: String,
    prefixes: Vec<String>,
}

/// The organisation whose documents' numbers begin with this abbreviation.
fn issuer(abbreviation: &str) -> Option<&'static str> {
    /// Prefixes and the names of their issuers, by the first character.
    static READ: OnceLock<BTreeMap<char, Vec<(String, String)>>> = OnceLock::new();
    let prefixes = READ.get_or_init(|| {
        let mut prefixes: BTreeMap<char, Vec<(String, String)>> = BTreeMap::new();
        for Issuer { name, prefixes: of_issuer } in parsed::<Issuers>("issuers", ISSUERS).issuer {
            for prefix in of_issuer {
                let first = prefix.chars().next().unwrap_or_default();
                prefixes.entry(first).or_default().push((prefix, name.clone()));
            }
        }
        prefixes
    });
    let fitting = prefixes.get(&abbreviation.chars().next()?)?.iter();
    let fitting = fitting.filter(|(prefix, _)| abbreviation.starts_with(prefix.as_str()));
    fitting.max_by_key(|(prefix, _)| prefix.len()).map(|(_, name)| name.as_str())
}

/// A cited document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cited {
    /// Its title, without 《》.
    pub title: Option<String>,
    /// Its number.
    pub number: Option<DocumentNumber>,
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
const LONGEST_ABBREVIATION: usize = 14;
/// A title that never closes is not searched for further than this.
const LONGEST_TITLE: usize = 300;

/// More characters than stand before the 号 of any number that [`parse_number`] reads, blanks not counted.
const LONGEST_NUMBER: usize = 64;

static TITLE: LazyLock<Finder> = LazyLock::new(|| Finder::new("《"));
static NUMBER: LazyLock<Finder> = LazyLock::new(|| Finder::new("号"));

/// All citations in a text, in its order, each title and number once.
pub fn citations(text: &str) -> Vec<Cited> {
    // Without either of them there is nothing to look for.
    if TITLE.find(text.as_bytes()).is_none() && NUMBER.find(text.as_bytes()).is_none() {
        return Vec::new();
    }
    // Lines end anywhere.
    let text = &if text.contains('\n') { Cow::Owned(text.replace('\n', "")) } else { Cow::Borrowed(text) };
    let mut found: Vec<Cited> = Vec::new();
    let mut next = 0;
    // A number that stood right before this place.
    let mut before: Option<(usize, DocumentNumber)> = None;
    for at in beginnings(text) {
        // It is a part of what was read already.
        if at < next {
            continue;
        }
        if let Some((title, behind)) = title_at(text, at) {
            let (number, behind) = number_behind(text, behind);
            let number = number.or(before.take().filter(|(stood, _)| *stood == at).map(|(_, number)| number));
            // Its brackets are part of a published name, so it stays as printed, but for blanks.
            found.push(Cited { title: narrative(title), number });
            next = behind;
        } else if let Some((number, end)) = number_in_text(text, at) {
            next = skip_blanks(text, skip(text, end, is_closing));
            if is_at(text, next, '《') {
                before = Some((next, number));
            } else {
                found.push(Cited { title: None, number: Some(number) });
            }
        }
    }
    let mut seen = BTreeSet::new();
    let is_new = found.iter().map(|cited| {
        let key = (cited.title.as_deref(), cited.number.as_ref().map(|number| number.canonical.as_str()));
        key != (None, None) && seen.insert(key)
    });
    let mut is_new = is_new.collect::<Vec<bool>>().into_iter();
    found.retain(|_| is_new.next().unwrap_or(false));
    found
}

/// The places where a citation may begin: at a title, or at a word not too far before a 号 that stands behind a digit. From
/// the end on, and from mark to mark: what lies between is not looked at.
fn beginnings(text: &str) -> Vec<usize> {
    let mut marks: Vec<usize> = TITLE.find_iter(text.as_bytes()).collect();
    marks.extend(NUMBER.find_iter(text.as_bytes()));
    marks.sort_unstable();
    let mut beginnings = Vec::with_capacity(marks.len());
    let mut at = text.len();
    let (mut reach, mut is_behind_digit) = (0_usize, false);
    loop {
        if reach == 0 && !is_behind_digit {
            let Some(mark) = std::iter::from_fn(|| marks.pop()).find(|mark| *mark < at) else { break };
            at = mark + '号'.len_utf8();
        }
        let Some(character) = text.get(..at).and_then(|before| before.chars().next_back()) else { break };
        at -= character.len_utf8();
        let is_word = is_word(character);
        if !is_word && is_blank(character) {
            continue;
        }
        if is_behind_digit && (character.is_ascii_digit() || is_chinese_digit(character)) {
            reach = LONGEST_NUMBER;
        }
        is_behind_digit = character == '号';
        if character == '《' || (reach > 0 && is_word) {
            beginnings.push(at);
        }
        reach = reach.saturating_sub(1);
    }
    beginnings.reverse();
    beginnings
}

/// The character at a place.
fn character(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

fn is_at(text: &str, at: usize, character: char) -> bool {
    self::character(text, at) == Some(character)
}

/// The place behind the character at `at`, if it is one of these, or else `at`.
fn skip(text: &str, at: usize, is_any: impl Fn(char) -> bool) -> usize {
    character(text, at).filter(|c| is_any(*c)).map_or(at, |c| at + c.len_utf8())
}

fn skip_blanks(text: &str, mut at: usize) -> usize {
    while let Some(blank) = character(text, at).filter(|c| is_blank(*c)) {
        at += blank.len_utf8();
    }
    at
}

/// The title that opens at `at`, without 《》, and the place behind it.
fn title_at(text: &str, at: usize) -> Option<(&str, usize)> {
    let open = text.get(at..)?.strip_prefix('《')?;
    let (mut depth, mut end) = (1_u32, None);
    for (index, character) in open.char_indices().take(LONGEST_TITLE - 1) {
        depth += u32::from(character == '《');
        if character == '》' {
            depth -= 1;
            // An inner title that was never closed must not swallow the outer one: then the first 》 closes it.
            end = end.filter(|_| depth > 0).or(Some(index));
            if depth == 0 {
                break;
            }
        }
    }
    let (title, behind) = open.split_at_checked(end?)?;
    Some((title, text.len() - behind.len() + '》'.len_utf8()))
}

/// The number behind a title, in brackets or not, and the place behind it. A title may first say `（试行）`.
fn number_behind(text: &str, at: usize) -> (Option<DocumentNumber>, usize) {
    let mut start = skip_blanks(text, at);
    for _ in 0..2 {
        if !character(text, start).is_some_and(is_opening) {
            break;
        }
        if let Some((number, end)) = number_in_bracket(text, start) {
            return (Some(number), end);
        }
        let Some(close) = close_of(text, start) else { return (None, at) };
        start = skip_blanks(text, skip(text, close, is_closing));
    }
    match parse_number(text, start) {
        Some((number, end)) => (Some(number), end),
        None => (None, at),
    }
}

/// `（国发〔2018〕32号）`, `（科协发学字〔2017〕42）号`, `（国办发[2016]10号，以下简称…）`.
fn number_in_bracket(text: &str, open: usize) -> Option<(DocumentNumber, usize)> {
    let (mut number, end) = parse_number(text, skip_blanks(text, skip(text, open, is_opening)))?;
    let close = close_of(text, open).filter(|close| *close >= end)?;
    let behind = skip(text, close, is_closing);
    let outside = skip_blanks(text, behind);
    if !text.get(..end)?.ends_with('号') && is_at(text, outside, '号') {
        number.split = true;
        return Some((number, outside + '号'.len_utf8()));
    }
    // `（国发〔2018〕32号、国发〔2018〕33号）`: another number follows, which is read next.
    let further = skip(text, end, |c| matches!(c, '、' | '，' | '；' | ',' | ';'));
    let another = Some(skip_blanks(text, further))
        .filter(|another| further > end && number_in_text(text, *another).is_some());
    Some((number, another.unwrap_or(behind)))
}

/// Where the bracket that opens at `open` closes, brackets within it counted.
fn close_of(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_u32;
    text.get(open..)?.char_indices().take(LONGEST_TITLE).find_map(|(index, c)| {
        if is_opening(c) {
            depth += 1;
        } else if is_closing(c) {
            depth -= 1;
        }
        (depth == 0).then_some(open + index)
    })
}

/// A number in running text, which ends with 号 and begins with a known abbreviation: words before it would else be
/// taken for a part of it.
fn number_in_text(text: &str, at: usize) -> Option<(DocumentNumber, usize)> {
    if !is_word(character(text, at)?) {
        return None;
    }
    let (number, end) = parse_number(text, at)?;
    // An order names its issuer in full before 第.
    let is_order = text.get(..end)?.ends_with('令');
    let goes_on = text.get(..at)?.chars().next_back().is_some_and(is_word);
    let begins = !goes_on || is_order || issuer_at(text, at);
    let is_whole = is_order || text.get(..end)?.ends_with('号');
    (begins && is_whole && number.issuer.is_some()).then_some((number, end))
}

fn issuer_at(text: &str, at: usize) -> bool {
    text.get(at..word_end(text, at, LONGEST_ABBREVIATION)).is_some_and(|ahead| issuer(ahead).is_some())
}

fn is_word(character: char) -> bool {
    matches!(u32::from(character), 0x4E00..=0x9FFF)
}

/// The bytes of each character of a word.
const WORD_CHARACTER: usize = 3;

/// Where the word ends that begins at `from`, but at most so many characters behind it.
fn word_end(text: &str, from: usize, most: usize) -> usize {
    let word = text.get(from..).unwrap_or_default().chars().take(most).take_while(|c| is_word(*c));
    from + word.count() * WORD_CHARACTER
}

fn is_opening(character: char) -> bool {
    matches!(character, '（' | '(' | '〔' | '[' | '【' | '［' | '﹝' | '〈' | '｛' | '{')
}

fn is_closing(character: char) -> bool {
    matches!(character, '）' | ')' | '〕' | ']' | '】' | '］' | '﹞' | '〉' | '｝' | '}')
}

fn is_chinese_digit(character: char) -> bool {
    number::digit(character).is_some() || matches!(character, '十' | '百' | '千')
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

/// Reads a number that begins at `at`: its parts and the place behind it.
fn parse_number(text: &str, at: usize) -> Option<(DocumentNumber, usize)> {
    // Past the longest abbreviation and its 第, it does not matter any more where the word ends.
    let word_end = |from: usize| word_end(text, from, LONGEST_ABBREVIATION + 2);
    let digits = |from: usize| digits(text, skip_blanks(text, from));
    let is_year = |year: u32| (1949..=2100).contains(&year);

    let mut end = word_end(at);
    let word = text.get(at..end)?;
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
        let canonical = format!("{abbreviation}〔{printed_year}〕{ordinal}{printed}号");
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &[&str]) {
        let shown = citations(text).into_iter().map(|cited| {
            let number = cited.number.map_or_else(String::new, |number| {
                let split = if number.split { "!" } else { "" };
                format!(
                    "|{}|{}|{:?}|{}{split}",
                    number.canonical,
                    number.issuer.unwrap_or("?"),
                    number.year.unwrap_or(0),
                    number.serial
                )
            });
            cited.title.unwrap_or_default() + &number
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn titles_and_numbers() {
        check(
            "《国务院意见》（国发〔2018〕32号）、《普及法》",
            &["国务院意见|国发〔2018〕32号|国务院|2018|32", "普及法"],
        );
        check("《通知》(国办发[2016]10号)文件", &["通知|国办发〔2016〕10号|国务院办公厅|2016|10"]);
        check(
            "《复函》（沪机管局【2018】34号）",
            &["复函|沪机管局〔2018〕34号|上海市机关事务管理局|2018|34"],
        );
        check(
            "《意见》（科协发学字〔2017〕42）号，3、",
            &["意见|科协发学字〔2017〕42号|中国科学技术协会|2017|42!"],
        );
        check("《通知》（沪组委2019发字126号）", &["通知|沪组委2019发字126号|中共上海市委组织部|2019|126"]);
        check("《评估办法》（民政部令〔2010〕第39号）", &["评估办法|民政部令〔2010〕第39号|民政部|2010|39"]);
        check("《通知》（沪府办﹝2016﹞59号）", &["通知|沪府办〔2016〕59号|上海市人民政府办公厅|2016|59"]);
        check("《意见》（国发〈2018〉32号）", &["意见|国发〔2018〕32号|国务院|2018|32"]);
        check(
            "《意见》（国发〔2018〕32号、国发〔2018〕33号）",
            &["意见|国发〔2018〕32号|国务院|2018|32", "|国发〔2018〕33号|国务院|2018|33"],
        );
        check("《办法》（财政部令第71号）", &["办法|财政部令第71号|财政部|0|71"]);
        check("根据财预〔2021〕101号文件", &["|财预〔2021〕101号|财政部|2021|101"]);
        check("财预〔2015〕88号《管理办法》", &["管理办法|财预〔2015〕88号|财政部|2015|88"]);
        check(
            "《修订版》（试行）（沪科协〔2017〕66号）",
            &["修订版|沪科协〔2017〕66号|上海市科学技术协会|2017|66"],
        );
    }

    #[test]
    fn orders_and_chinese_digits() {
        check("《预算法》（主席令第七十一号）", &["预算法|主席令第七十一号|中华人民共和国主席|0|71"]);
        check(
            "依据中华人民共和国主席令第二十二号，",
            &["|中华人民共和国主席令第二十二号|中华人民共和国主席|0|22"],
        );
        check("《意见》（国发〔二〇一八〕32号）", &["意见|国发〔二〇一八〕32号|国务院|2018|32"]);
        check("《意见》（国发〔二○一八〕三十二号）", &["意见|国发〔二○一八〕三十二号|国务院|2018|32"]);
        check("《条例》（国务院令第721号）", &["条例|国务院令第721号|国务院|0|721"]);
        check("《条例》（国务院令第 721 号）、", &["条例|国务院令第721号|国务院|0|721"]);
        check("《条例》（中华人民共和国国务院令721号）", &["条例|中华人民共和国国务院令721号|国务院|0|721"]);
        check(
            "按国务院第721号令和财政部第71号令",
            &["|国务院第721号令|国务院|0|721", "|财政部第71号令|财政部|0|71"],
        );
        check("《办法》（财政部令第一百零二号）", &["办法|财政部令第一百零二号|财政部|0|102"]);
        check("本令第三条、国务院第三次会议、口令第三十号", &[]);
    }

    #[test]
    fn what_is_no_number() {
        check("《培训费管理办法》（2017年8月1日修订）", &["培训费管理办法"]);
        check("《规划（2016-2020年）》（以下简称《纲要》）", &["规划（2016-2020年）", "纲要"]);
        check("第十三条，2020年32号", &[]);
    }

    #[test]
    fn titles_within_titles() {
        check(
            "《贯彻落实〈关于印发〈实施方案〉的通知〉的意见》（科协发学字〔2015〕60号）",
            &["贯彻落实〈关于印发〈实施方案〉的通知〉的意见|科协发学字〔2015〕60号|中国科学技术协会|2015|60"],
        );
        check("《关于印发《办法》的通知》", &["关于印发《办法》的通知"]);
        check("《甲》、《甲》，《未完", &["甲"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[《》（）〔〕第号令字国发财预0-9 、\n]{0,60}") {
            citations(&text);
        }

        #[test]
        fn a_number_is_found_wherever_one_begins(
            text in "([一-三财国务院令发办第字〔〕（）]|国发|财政部令|沪组委|2018|〔2018〕| |十|[0-9]|号|号令){0,40}"
        ) {
            let beginnings = beginnings(&text);
            for (at, _) in text.char_indices() {
                prop_assert!(number_in_text(&text, at).is_none() || beginnings.contains(&at), "{} {}", text, at);
            }
        }
    }
}
