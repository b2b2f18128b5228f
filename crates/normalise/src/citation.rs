//! Policy documents that a text cites: 《title》 with the 文号 that stands beside it, or a 文号 alone.
//!
//! A number has the shape that GB/T 9704-2012 (7.2.5, *document numbers*) prescribes: the issuer's abbreviation, the year
//! in 〔〕, and 号. Authors use any bracket, leave the brackets out, put 号 behind the bracket around it all, or write a
//! 令, which has no year. What stands in brackets behind a title and has no such shape (`（试行）`) is no number. A title
//! within a title is a part of it. A number alone counts where its abbreviation is one that `issuers.toml` has, or where
//! its beginning is plain: at the beginning of a clause, behind another citation, or behind a word that leads to one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, OnceLock};

use jixiao_model::reference::{ISSUERS, parsed};
use memchr::memmem::Finder;
use serde::Deserialize;

use rust_decimal::prelude::ToPrimitive;

use crate::number;
use crate::text::narrative;
use jixiao_model::fold::is_blank;

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

const OPENING: &str = "（(〔[【［﹝〈｛{";
const CLOSING: &str = "）)〕]】］﹞〉｝}";
/// A longer run before the year is no abbreviation, but text.
const LONGEST_ABBREVIATION: usize = 14;
/// A title that never closes is not searched for further than this.
const LONGEST_TITLE: usize = 300;

/// More characters than stand before the 号 of any number that [`parse_number`] reads, blanks not counted.
const LONGEST_NUMBER: usize = 64;

/// All citations in a text, in its order, each title and number once.
pub fn citations(text: &str) -> Vec<Cited> {
    // Without either of them there is nothing to look for.
    static TITLE: LazyLock<Finder> = LazyLock::new(|| Finder::new("《"));
    static NUMBER: LazyLock<Finder> = LazyLock::new(|| Finder::new("号"));
    if TITLE.find(text.as_bytes()).is_none() && NUMBER.find(text.as_bytes()).is_none() {
        return Vec::new();
    }
    let mut characters: Vec<char> = Vec::with_capacity(text.len() / 2);
    characters.extend(text.chars().filter(|c| *c != '\n'));
    let mut found: Vec<Cited> = Vec::new();
    let mut next = 0;
    // A number that stood right before this place.
    let mut before: Option<(usize, DocumentNumber)> = None;
    for at in beginnings(&characters) {
        // It is a part of what was read already.
        if at < next {
            continue;
        }
        if characters[at] == '《'
            && let Some(end) = closing(&characters, at)
        {
            let title: String = characters[at + 1..end].iter().collect();
            let (number, behind) = number_behind(&characters, end + 1);
            let number = number.or(before.take().filter(|(stood, _)| *stood == at).map(|(_, number)| number));
            // Its brackets are part of a published name, so it stays as printed, but for blanks.
            found.push(Cited { title: narrative(&title), number });
            next = behind;
        } else if let Some((number, end)) = number_in_text(&characters, at, next) {
            next = skip_blanks(&characters, skip(&characters, end, CLOSING)).max(at + 1);
            if characters.get(next) == Some(&'《') {
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

/// The places where a citation may begin: at a title, or at a word not too far before a 号 that stands behind a digit.
fn beginnings(characters: &[char]) -> Vec<usize> {
    let mut beginnings = Vec::new();
    let (mut reach, mut is_behind_digit) = (0_usize, false);
    for (at, character) in characters.iter().enumerate().rev() {
        let is_word = is_word(*character);
        if !is_word && is_blank(*character) {
            continue;
        }
        if is_behind_digit && (character.is_ascii_digit() || is_chinese_digit(*character)) {
            reach = LONGEST_NUMBER;
        }
        is_behind_digit = *character == '号';
        if *character == '《' || (reach > 0 && is_word) {
            beginnings.push(at);
        }
        reach = reach.saturating_sub(1);
    }
    beginnings.reverse();
    beginnings
}

/// Where the title that opens at `at` closes.
fn closing(characters: &[char], at: usize) -> Option<usize> {
    let mut depth = 0_u32;
    for (index, character) in characters.iter().enumerate().skip(at).take(LONGEST_TITLE) {
        match character {
            '《' => depth += 1,
            '》' if depth == 1 => return Some(index),
            '》' => depth -= 1,
            _ => {}
        }
    }
    // An inner title that was never closed must not swallow the outer one.
    characters.iter().skip(at).take(LONGEST_TITLE).position(|c| *c == '》').map(|offset| at + offset)
}

fn skip_blanks(characters: &[char], mut at: usize) -> usize {
    while characters.get(at).is_some_and(|c| is_blank(*c)) {
        at += 1;
    }
    at
}

fn skip(characters: &[char], at: usize, any: &str) -> usize {
    if characters.get(at).is_some_and(|c| any.contains(*c)) { at + 1 } else { at }
}

/// The number behind a title, in brackets or not, and the place behind it. A title may first say `（试行）`.
fn number_behind(characters: &[char], at: usize) -> (Option<DocumentNumber>, usize) {
    let mut start = skip_blanks(characters, at);
    for _ in 0..2 {
        if !characters.get(start).is_some_and(|c| OPENING.contains(*c)) {
            break;
        }
        if let Some((number, end)) = number_in_bracket(characters, start) {
            return (Some(number), end);
        }
        let Some(close) = close_of(characters, start) else { return (None, at) };
        start = skip_blanks(characters, close + 1);
    }
    match parse_number(characters, start) {
        Some((number, end)) => (Some(number), end),
        None => (None, at),
    }
}

/// `（国发〔2018〕32号）`, `（科协发学字〔2017〕42）号`, `（国办发[2016]10号，以下简称…）`.
fn number_in_bracket(characters: &[char], open: usize) -> Option<(DocumentNumber, usize)> {
    let (mut number, end) = parse_number(characters, skip_blanks(characters, open + 1))?;
    let close = close_of(characters, open).filter(|close| *close >= end)?;
    let outside = skip_blanks(characters, close + 1);
    if characters.get(end.checked_sub(1)?) != Some(&'号') && characters.get(outside) == Some(&'号') {
        number.split = true;
        return Some((number, outside + 1));
    }
    // `（国发〔2018〕32号、国发〔2018〕33号）`: another number follows, which is read next.
    let further = skip_blanks(characters, end + 1);
    let another = characters.get(end).is_some_and(|c| "、，；,;".contains(*c))
        && number_in_text(characters, further, further).is_some();
    Some((number, if another { further } else { close + 1 }))
}

/// Where the bracket that opens at `open` closes, brackets within it counted.
fn close_of(characters: &[char], open: usize) -> Option<usize> {
    let mut depth = 0_u32;
    characters.iter().enumerate().skip(open).take(LONGEST_TITLE).find_map(|(index, c)| {
        if OPENING.contains(*c) {
            depth += 1;
        } else if CLOSING.contains(*c) {
            depth -= 1;
        }
        (depth == 0).then_some(index)
    })
}

/// A number in running text, which ends with 号. Words before it would else be taken for a part of it, so it begins with a
/// known abbreviation, or where words cannot be before it; `next` is where the citation before it ended, or 0.
fn number_in_text(characters: &[char], at: usize, next: usize) -> Option<(DocumentNumber, usize)> {
    if !is_word(*characters.get(at)?) {
        return None;
    }
    let (number, end) = parse_number(characters, at)?;
    // An order names its issuer in full before 第.
    let is_order = characters.get(end - 1) == Some(&'令');
    let is_behind = at == 0 || !is_word(characters[at - 1]);
    let is_led = || at == next || leads(&characters[..at]) || is_joined(characters, at, next);
    if number.issuer.is_some() {
        // 江财预 is not 财预: what stands before may only be a word of its own.
        let is_own_word = || issuer_at(characters, at) && (is_led() || BEFORE.contains(characters[at - 1]));
        let is_whole = is_order || characters.get(end - 1) == Some(&'号');
        return (is_whole && (is_behind || is_order || is_own_word())).then_some((number, end));
    }
    ((is_behind || is_led()) && is_plain(characters, at, end, next)).then_some((number, end))
}

/// Words that lead to a number in running text, and are no part of one.
const LEADS: [&str; 20] = [
    "根据", "依据", "按照", "依照", "遵照", "参照", "贯彻", "落实", "执行", "结合", "符合", "以及", "印发",
    "下发", "转发", "关于", "详见", "参见", "文件", "通知",
];
/// Characters that may stand before a known abbreviation, and are no part of a longer one.
const BEFORE: &str = "的了和及与或按据依照经由以为对从自如见即将在";
/// What joins a number to the citation before it.
const JOINING: &str = "和及与";

/// Whether a text ends with a word that leads to a number.
fn leads(before: &[char]) -> bool {
    LEADS.iter().any(|word| {
        let length = word.chars().count();
        before.len() >= length && before[before.len() - length..].iter().copied().eq(word.chars())
    })
}

/// Whether what stands before is the one character that joins it to the citation that ended at `next`.
fn is_joined(characters: &[char], at: usize, next: usize) -> bool {
    next > 0 && at == next + 1 && JOINING.contains(characters[next])
}

/// Whether a number of an issuer that nobody has described is one for sure: an abbreviation without words that lead to it,
/// a year in brackets, a serial, and 号, which no house or line is named by.
fn is_plain(characters: &[char], at: usize, end: usize, next: usize) -> bool {
    /// A place, an office and a kind take no more characters; a longer run is a sentence.
    const LONGEST: usize = 10;
    let Some(length) = characters[at..end].iter().position(|c| !is_word(*c)) else { return false };
    let has_year = characters.get(skip_blanks(characters, at + length)).is_some_and(|c| OPENING.contains(*c));
    let has_lead = (at + 1..=at + length).any(|until| leads(&characters[at..until]));
    // `经江府发〔2020〕4号`: one character that leads to a number is not told from the first of an abbreviation.
    let is_joined = at == next && next > 0 && JOINING.contains(characters[at]);
    let is_led = is_joined || "经按据依由如见即".contains(characters[at]);
    let goes_on =
        characters.get(end).is_some_and(|c| is_word(*c) && !"文和及与等的中精要规通之".contains(*c));
    characters.get(end - 1) == Some(&'号')
        && length <= LONGEST
        && has_year
        && !has_lead
        && !is_led
        && !goes_on
}

fn issuer_at(characters: &[char], at: usize) -> bool {
    let ahead: String =
        characters.iter().skip(at).take(LONGEST_ABBREVIATION).take_while(|c| is_word(**c)).collect();
    issuer(&ahead).is_some()
}

fn is_word(character: char) -> bool {
    matches!(u32::from(character), 0x4E00..=0x9FFF)
}

fn is_chinese_digit(character: char) -> bool {
    number::digit(character).is_some() || matches!(character, '十' | '百' | '千')
}

/// A number in Arabic or Chinese digits: as printed, its value, and the place behind it.
fn digits(characters: &[char], from: usize) -> Option<(String, u32, usize)> {
    const LONGEST: usize = 8;
    let run = |is_digit: &dyn Fn(char) -> bool| {
        let end = (from..=from + LONGEST).find(|at| !characters.get(*at).is_some_and(|c| is_digit(*c)))?;
        let text: String = characters.get(from..end).filter(|run| !run.is_empty())?.iter().collect();
        Some((text, end))
    };
    if let Some((text, end)) = run(&|c| c.is_ascii_digit()) {
        return text.parse().ok().map(|value| (text, value, end));
    }
    let (text, end) = run(&is_chinese_digit)?;
    let value = number::chinese(&text)?.to_u32()?;
    Some((text, value, end))
}

/// Reads a number that begins at `at`: its parts and the place behind it.
fn parse_number(characters: &[char], at: usize) -> Option<(DocumentNumber, usize)> {
    // Past the longest abbreviation and its 第, it does not matter any more where the word ends.
    let word_end = |from: usize| {
        let most = from + LONGEST_ABBREVIATION + 2;
        (from..most).find(|index| !characters.get(*index).is_some_and(|c| is_word(*c))).unwrap_or(most)
    };
    let digits = |from: usize| digits(characters, skip_blanks(characters, from));
    let is_year = |year: u32| (1949..=2100).contains(&year);

    let mut end = word_end(at);
    // An order is numbered without a year: 第 belongs to its number, and Chinese digits look like words.
    let order = (at..end).find(|index| characters.get(*index) == Some(&'第') && digits(index + 1).is_some());
    if let Some(ordinal) = order {
        return parse_order(characters, at, ordinal);
    }
    if end > at && characters[end - 1] == '第' {
        end -= 1;
    }
    let is_long_enough = (2..=LONGEST_ABBREVIATION).contains(&end.saturating_sub(at));
    let open = skip_blanks(characters, end);
    let behind = characters.get(open).filter(|_| is_long_enough)?;
    if !(OPENING.contains(*behind) || behind.is_ascii_digit() || is_chinese_digit(*behind)) {
        return None;
    }
    let abbreviation: String = characters.get(at..end)?.iter().collect();
    if characters.get(open).is_some_and(|c| OPENING.contains(*c)) {
        let (printed_year, year, after) = digits(open + 1).filter(|(_, year, _)| is_year(*year))?;
        let close = skip_blanks(characters, after);
        if !characters.get(close).is_some_and(|c| CLOSING.contains(*c)) {
            return None;
        }
        let ordinal = characters.get(skip_blanks(characters, close + 1)) == Some(&'第');
        let start = skip_blanks(characters, close + 1) + usize::from(ordinal);
        let (printed, serial, next) = digits(start)?;
        let ordinal = if ordinal { "第" } else { "" };
        let canonical = format!("{abbreviation}〔{printed_year}〕{ordinal}{printed}号");
        let next = if characters.get(next) == Some(&'号') { next + 1 } else { next };
        return Some((document_number(canonical, &abbreviation, i32::try_from(year).ok(), serial), next));
    }
    // `国务院令721号`, which leaves 第 out.
    if abbreviation.ends_with('令')
        && let Some((printed, serial, next)) = digits(open)
        && characters.get(next) == Some(&'号')
    {
        let canonical = format!("{abbreviation}{printed}号");
        return Some((document_number(canonical, &abbreviation, None, serial), next + 1));
    }
    // `沪组委2019发字126号`: without brackets, the year before the kind of document.
    let (printed_year, year, after) = digits(open).filter(|(_, year, _)| is_year(*year))?;
    let kind_end = word_end(after);
    let kind: String = characters.get(after..kind_end)?.iter().collect();
    let (printed, serial, next) = digits(kind_end)?;
    let is_number = kind.ends_with('字') && characters.get(next) == Some(&'号');
    let canonical = format!("{abbreviation}{printed_year}{kind}{printed}号");
    let read = || (document_number(canonical, &abbreviation, i32::try_from(year).ok(), serial), next + 1);
    is_number.then(read)
}

/// The number of an order, of which 第 stands at `ordinal`: `主席令第七十一号`, `国务院第721号令`.
fn parse_order(characters: &[char], at: usize, ordinal: usize) -> Option<(DocumentNumber, usize)> {
    let abbreviation: String = characters.get(at..ordinal)?.iter().collect();
    if !(2..=LONGEST_ABBREVIATION).contains(&abbreviation.chars().count()) {
        return None;
    }
    let (printed, serial, next) = digits(characters, skip_blanks(characters, ordinal + 1))?;
    let end = skip_blanks(characters, next);
    if characters.get(end) != Some(&'号') {
        return None;
    }
    if abbreviation.ends_with('令') {
        let canonical = format!("{abbreviation}第{printed}号");
        return Some((document_number(canonical, &abbreviation, None, serial), end + 1));
    }
    let canonical = format!("{abbreviation}第{printed}号令");
    let order = format!("{abbreviation}令");
    (characters.get(end + 1) == Some(&'令'))
        .then(|| (document_number(canonical, &order, None, serial), end + 2))
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
    fn numbers_of_issuers_that_nobody_has_described() {
        check(
            "《防治条例》（国务院令第394号）、綦江府办发〔2021〕18号和江财预[2022]7号文件",
            &[
                "防治条例|国务院令第394号|国务院|0|394",
                "|綦江府办发〔2021〕18号|?|2021|18",
                "|江财预〔2022〕7号|?|2022|7",
            ],
        );
        check("我局根据江府发〔2021〕18号的要求", &["|江府发〔2021〕18号|?|2021|18"]);
        check("《办法》；湘财资环〔2021〕55号", &["办法", "|湘财资环〔2021〕55号|湖南省财政厅|2021|55"]);
        check("按财资环〔2021〕55号", &["|财资环〔2021〕55号|财政部|2021|55"]);
        // Not of the Ministry, whatever the end of it looks like.
        check("我区今年收到转来江财资〔2021〕55号", &[]);
        check("江水务发（2020）3号；经江府发〔2020〕4号同意", &["|江水务发〔2020〕3号|?|2020|3"]);
        // Where the words before it end is not told.
        check("我市已经市政府常务会议审定的江府发〔2020〕4号", &[]);
        check("经江府发〔2020〕4号，", &[]);
        check("维修教学楼（2020）3号楼、泵站〔2020〕3号线", &[]);
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
            let characters: Vec<char> = text.chars().collect();
            let beginnings = beginnings(&characters);
            for at in 0..characters.len() {
                prop_assert!(number_in_text(&characters, at, 0).is_none() || beginnings.contains(&at), "{} {}", text, at);
            }
        }
    }
}
