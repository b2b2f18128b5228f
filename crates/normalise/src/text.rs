//! Text as analysts want it.
//!
//! A *name* is cleaned so that the same thing looks the same however it was typed: digits, letters and signs in half
//! width, brackets in full width (as GB/T 15834-2011 has them in Chinese text), no blanks between Chinese characters.
//! A *narrative* keeps its words, punctuation and paragraphs; only white space, and digits and letters in full width,
//! are made plain. What was printed stays in `fields` in either case.

use std::borrow::Cow;

use jixiao_model::fold::{is_blank, is_invisible, narrow, unified};

/// A Chinese character or one of the marks that stand between them.
pub fn is_chinese(character: char) -> bool {
    matches!(u32::from(character),
        0x2018..=0x201D | 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFF60 | 0x20000..=0x3FFFF)
}

/// A name or another short value; `None` if nothing is left.
pub fn name(raw: &str) -> Option<String> {
    let mut clean = String::with_capacity(raw.len());
    let mut blank = false;
    let mut rest = raw;
    loop {
        let (simple, behind) = split_simple(rest);
        if let Some(first) = simple.chars().next() {
            push_blank(blank, first, &mut clean);
            blank = false;
            clean.push_str(simple);
        }
        let mut characters = behind.chars();
        let Some(character) = characters.next() else { break };
        rest = characters.as_str();
        if is_blank(character) {
            blank = blank || !is_invisible(character);
            continue;
        }
        let character = match unified(character) {
            '(' | '（' => '（',
            ')' | '）' => '）',
            // Signs and punctuation keep the width that they have in Chinese text, but for those of numbers.
            '％' | '＝' | '＞' | '＜' | '＋' | '－' | '．' | '／' | '～' => narrow(character),
            other if narrow(other).is_ascii_alphanumeric() => narrow(other),
            other => other,
        };
        push_blank(blank, character, &mut clean);
        blank = false;
        clean.push(character);
    }
    Some(clean).filter(|clean| !clean.is_empty())
}

/// Adds the blank that stands before a character of a name, where it parts two words that are not Chinese.
fn push_blank(is_there: bool, next: char, clean: &mut String) {
    let before = if is_there { clean.chars().next_back() } else { None };
    if before.is_some_and(|before| !is_chinese(before) && !is_chinese(next)) {
        clean.push(' ');
    }
}

/// The head of a text that is letters, digits and Chinese characters alone, which every rule leaves as they are.
fn split_simple(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let mut length = 0;
    loop {
        length += match bytes.get(length) {
            // U+4000 to U+9FFF
            Some(0xE4..=0xE9) => 3,
            Some(byte) if byte.is_ascii_alphanumeric() => 1,
            _ => break,
        };
    }
    text.split_at_checked(length).unwrap_or(("", text))
}

/// Whether a name has a blank between two Chinese characters, where none belongs.
pub fn has_inner_blank(raw: &str) -> bool {
    if split_plain(raw).1.is_empty() {
        return false;
    }
    let mut before = None;
    let mut blank = false;
    for character in raw.trim_matches(is_blank).chars() {
        if is_blank(character) {
            blank = true;
            continue;
        }
        if blank && before.is_some_and(is_chinese) && is_chinese(character) {
            return true;
        }
        (before, blank) = (Some(character), false);
    }
    false
}

/// A section of running text.
#[derive(Debug, PartialEq, Eq)]
pub struct Narrative<'t> {
    /// Without what does not belong in it; nearly all texts are printed so.
    pub text: Cow<'t, str>,
    /// Whether a Latin letter stands behind a blank or a line's end, as the first of an English word does.
    pub has_words: bool,
}

/// Cleans a section of running text; `None` if nothing is left.
pub fn narrative(raw: &str) -> Option<Narrative<'_>> {
    let mut has_words = false;
    let mut rest = raw;
    while let (plain, behind) = split_plain(rest)
        && !plain.is_empty()
    {
        if behind.is_empty() {
            return Some(Narrative { text: Cow::Borrowed(raw), has_words });
        }
        let Some(next) = behind.strip_prefix('\n') else { break };
        (rest, has_words) = (next, has_words || begins_latin(next));
    }
    let mut clean = String::with_capacity(raw.len());
    for line in raw.split('\n') {
        let before = clean.len();
        if before > 0 {
            clean.push('\n');
        }
        let begin = clean.len();
        let has_latin = push_line(line, begin, &mut clean);
        has_words = has_words || has_latin || begins_latin(line);
        if clean.len() == begin {
            clean.truncate(before);
        }
    }
    Some(Narrative { text: Cow::Owned(clean), has_words }).filter(|clean| !clean.text.is_empty())
}

fn begins_latin(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// Adds a line of running text to what begins at `begin`; returns whether a Latin letter stands behind a blank in it.
fn push_line(line: &str, begin: usize, clean: &mut String) -> bool {
    let (mut blank, mut has_latin) = (false, false);
    let mut rest = line;
    while !rest.is_empty() {
        let (plain, behind) = split_plain(rest);
        let mut characters = behind.chars();
        let next = characters.next();
        rest = characters.as_str();
        if !plain.is_empty() {
            if blank && clean.len() > begin {
                clean.push(' ');
            }
            blank = false;
            clean.push_str(plain);
        }
        let Some(character) = next else { break };
        if is_blank(character) {
            blank = blank || !is_invisible(character);
            has_latin = has_latin || begins_latin(rest);
            continue;
        }
        if blank && clean.len() > begin {
            clean.push(' ');
        }
        blank = false;
        let character = unified(character);
        let plain = narrow(character);
        clean.push(if plain.is_ascii_alphanumeric() { plain } else { character });
    }
    has_latin
}

/// The words of a text, which blanks part.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let whole = rest.trim_start_matches(is_blank);
        let mut ahead = whole;
        loop {
            let (_, behind) = split_plain(ahead);
            let mut characters = behind.chars();
            match characters.next() {
                Some(character) if !is_blank(character) => ahead = characters.as_str(),
                _ => {
                    ahead = behind;
                    break;
                }
            }
        }
        let (word, behind) = whole.split_at_checked(whole.len() - ahead.len())?;
        rest = behind;
        Some(word).filter(|word| !word.is_empty())
    })
}

/// The head of a text that is printed as every rule here leaves it, by its bytes: nearly all of a Chinese text. No blank is
/// in it, and no letter, digit or character that has another form; not everything behind it has.
fn split_plain(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let mut length = 0;
    loop {
        // U+4000 to U+9FFF, which most characters are.
        while let Some(0xE4..=0xE9) = bytes.get(length) {
            length += 3;
        }
        length += match bytes.get(length) {
            Some(b'!'..=b'~') => 1,
            // U+00C0 to U+07FF
            Some(0xC3..=0xDF) => 2,
            _ => match bytes.get(length..).unwrap_or_default() {
                // U+3001 to U+3FFF: 、。《》【】
                [0xE3, 0x80, 0x81..=0xBF, ..] | [0xE3, 0x81..=0xBF, ..] => 3,
                // U+FF01 to U+FF3F, but no letter or digit: ，：；（）
                [0xEF, 0xBC, 0x81..=0x8F | 0x9A..=0xA0 | 0xBB..=0xBF, ..] => 3,
                // — ‘ ’ “ ” …
                [0xE2, 0x80, 0x94 | 0x98 | 0x99 | 0x9C | 0x9D | 0xA6, ..] => 3,
                // U+2080 to U+2E7F: ①≥℃
                [0xE2, 0x82..=0xB9, ..] => 3,
                _ => break,
            },
        };
    }
    text.split_at_checked(length).unwrap_or(("", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_look_the_same_however_they_were_typed() {
        for (raw, clean) in [
            ("资格审核(含复审)规范性", "资格审核（含复审）规范性"),
            ("项目计划完成率(％)", "项目计划完成率（%）"),
            (" 院士专家工作站推进与服务 企业科技创新\u{A0}", "院士专家工作站推进与服务企业科技创新"),
            ("２０２０年　ＳＴＥＭ　云中心", "2020年STEM云中心"),
            ("Workshop  room", "Workshop room"),
            ("《十万个为什么》，节目", "《十万个为什么》，节目"),
            ("\u{2F64}户\u{2F6C}录\0", "用户目录"),
        ] {
            assert_eq!(name(raw).as_deref(), Some(clean));
        }
        assert_eq!(name(" \u{3000}\u{200B}"), None);
        assert!(
            has_inner_blank("服务 企业") && !has_inner_blank(" 服务企业 ") && !has_inner_blank("STEM 云")
        );
    }

    #[test]
    fn narratives_keep_their_words() {
        for (raw, clean) in [
            ("2．努力成为（政府）", "2．努力成为（政府）"),
            ("　一、目标\u{A0}\u{A0}二、计划 \n\n １００件 ", "一、目标 二、计划\n100件"),
            ("思想 and 精神", "思想 and 精神"),
            ("\u{200B}甲\u{200B}乙 \u{AD}丙\u{2028}丁", "甲乙 丙 丁"),
            ("\n \n“甲”…——\n\u{3000}\n\u{2F64}\u{2F6C}Ａ，\n", "“甲”…——\n用目A，"),
        ] {
            assert_eq!(narrative(raw).map(|narrative| narrative.text).as_deref(), Some(clean));
        }
        assert_eq!(narrative("\n \u{200B}\n"), None);
        assert_eq!(narrative(""), None);
    }

    #[test]
    fn a_narrative_that_is_clean_is_not_copied() {
        for (raw, is_copied, has_words) in [
            ("一、目标，①二（2）", false, false),
            ("一、目标\n二、计划", false, false),
            ("一、目标\nand\n二、计划", false, true),
            ("一、目标\n", true, false),
            ("\n一、目标", true, false),
            ("一、目标\n\n二", true, false),
            ("思想 and 精神", true, true),
            ("思想\u{200B}and 精神", true, true),
            ("思想 \nand 精神", true, true),
            ("思想 精神", true, false),
        ] {
            let narrative = narrative(raw).unwrap();
            let found = (matches!(narrative.text, Cow::Owned(_)), narrative.has_words);
            assert_eq!(found, (is_copied, has_words), "{raw:?}");
        }
    }

    #[test]
    fn words_are_what_blanks_part() {
        let parted = |text: &'static str| words(text).collect::<Vec<_>>();
        assert_eq!(
            parted(" 思想\u{A0}and\u{200B}精神。\n\u{3000}ＡＢ \u{2F64}"),
            ["思想", "and", "精神。", "ＡＢ", "\u{2F64}"]
        );
        assert!(parted("\u{3000} \n").is_empty() && parted("").is_empty());
    }

    /// A run of bytes is taken as it is only if every rule leaves each of its characters alone.
    #[test]
    fn what_is_plain_is_left_alone_by_every_rule() {
        for character in '\0'..=char::MAX {
            let text = character.to_string();
            let (plain, rest) = split_plain(&text);
            assert_eq!(plain.len() + rest.len(), text.len());
            let changes = is_blank(character)
                || unified(character) != character
                || (narrow(character) != character && narrow(character).is_ascii_alphanumeric());
            assert!(!(changes && rest.is_empty()), "{character:?}");
            assert!(plain.is_empty() || rest.is_empty(), "{character:?}");
            let is_simple = split_simple(&text).1.is_empty();
            assert!(!is_simple || (!changes && name(&text).as_ref() == Some(&text)), "{character:?}");
        }
    }
}
