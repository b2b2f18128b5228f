//! Text as analysts want it.
//!
//! A *name* is cleaned so that the same thing looks the same however it was typed: digits, letters and signs in half
//! width, brackets in full width (as GB/T 15834-2011 has them in Chinese text), no blanks between Chinese characters.
//! A *narrative* keeps its words, punctuation and paragraphs; only white space, and digits and letters in full width,
//! are made plain. What was printed stays in `fields` in either case.

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
    for character in raw.chars() {
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
        let before = clean.chars().next_back();
        if blank && before.is_some_and(|before| !is_chinese(before) && !is_chinese(character)) {
            clean.push(' ');
        }
        blank = false;
        clean.push(character);
    }
    Some(clean).filter(|clean| !clean.is_empty())
}

/// Whether a name has a blank between two Chinese characters, where none belongs.
pub fn has_inner_blank(raw: &str) -> bool {
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

/// A section of running text; `None` if nothing is left.
pub fn narrative(raw: &str) -> Option<String> {
    let line = |line: &str| {
        let mut clean = String::with_capacity(line.len());
        let mut blank = false;
        for character in line.trim_matches(is_blank).chars() {
            if is_blank(character) {
                blank = blank || !is_invisible(character);
                continue;
            }
            if blank {
                clean.push(' ');
            }
            blank = false;
            let character = unified(character);
            let plain = narrow(character);
            clean.push(if plain.is_ascii_alphanumeric() { plain } else { character });
        }
        clean
    };
    let lines: Vec<_> = raw.split('\n').map(line).filter(|line| !line.is_empty()).collect();
    Some(lines.join("\n")).filter(|text| !text.is_empty())
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
        ] {
            assert_eq!(narrative(raw).as_deref(), Some(clean));
        }
    }
}
