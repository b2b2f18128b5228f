//! Words compared by what they say and not by how they were typed.
//!
//! Labels, titles, classes and units come in full and half width, with blanks between their characters to fill a line
//! (`项 目 名 称`), broken over lines by a narrow column, and with any kind of bracket, dash or tilde. The reference data
//! is folded in the same way when it is read, so that whoever writes it may type as people do.

use std::sync::OnceLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::reference;

/// A text without white space, in half width and lower case, with one kind of bracket, dash, colon and tilde, and with
/// the words of the reference data in simplified characters.
pub fn fold(text: &str) -> String {
    let forms = forms();
    let mut folded = String::with_capacity(text.len());
    // Nearly all characters stay as they are, and every cell is folded: what lies between others is copied at once.
    let mut rest = text;
    let mut characters = rest.chars();
    loop {
        let before = characters.as_str();
        let Some(character) = characters.next() else { break };
        let other = match character {
            '\u{4E00}'..='\u{9FFF}' => match form(forms, character) {
                same if same == character => continue,
                other => other,
            },
            '!'..='~' if !character.is_ascii_uppercase() => continue,
            other => other,
        };
        folded.push_str(rest.get(..rest.len() - before.len()).unwrap_or_default());
        rest = characters.as_str();
        match other {
            '\u{4E00}'..='\u{9FFF}' => folded.push(other),
            '!'..='~' => folded.push(other.to_ascii_lowercase()),
            _ if is_blank(other) => {}
            _ => folded.extend(plain(other).to_lowercase()),
        }
    }
    folded.push_str(rest);
    folded
}

/// The characters of what [`fold`] makes of a text, for whom only the first of them matter.
pub fn folded_characters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !is_blank(*c)).flat_map(|c| plain(c).to_lowercase())
}

/// What [`fold`] makes of a character that is no blank, where that is one character; else the first of them.
pub fn fold_character(character: char) -> char {
    match character {
        '\u{4E00}'..='\u{9FFF}' => simplified(character),
        '!'..='~' => character.to_ascii_lowercase(),
        _ => plain(character).to_lowercase().next().unwrap_or(character),
    }
}

/// Whether a text folds to more than so many characters. A long text need not be folded to know: each character that is
/// no blank folds to one at least.
pub fn is_longer(text: &str, characters: usize) -> bool {
    text.chars().filter(|c| !is_blank(*c)).nth(characters).is_some()
}

/// Whether a text folds to one that ends with a sign.
pub fn ends_with(text: &str, sign: char) -> bool {
    text.chars().rev().find(|c| !is_blank(*c)).is_some_and(|last| fold_character(last) == sign)
}

/// White space, also the kinds that only typesetting knows.
#[inline]
pub fn is_blank(character: char) -> bool {
    // Nearly all characters are one of these, of which none is.
    !matches!(character, '!'..='~' | '\u{3001}'..='\u{FEFE}')
        && (character.is_whitespace() || is_invisible(character))
}

/// Characters of no width, which say how to break lines and nothing else; and control characters that got into a text.
pub fn is_invisible(character: char) -> bool {
    (character.is_control() && !character.is_whitespace())
        || matches!(character, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

/// The half width form of a letter, digit or sign (Unicode block *Halfwidth and Fullwidth Forms*).
pub fn narrow(character: char) -> char {
    match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        _ => character,
    }
}

/// The character that stands in dictionaries for one that only looks like it: radicals, which PDF files put in the place
/// of characters (⽬ for 目), and compatibility ideographs (Unicode Standard Annex #15, NFKC).
pub fn unified(character: char) -> char {
    match character {
        '\u{2E80}'..='\u{2FDF}' | '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}' => {
            std::iter::once(character).nfkc().next().unwrap_or(character)
        }
        _ => character,
    }
}

fn plain(character: char) -> char {
    match narrow(unified(character)) {
        '〔' | '【' => '[',
        '〕' | '】' => ']',
        '﹙' => '(',
        '﹚' => ')',
        '︰' | '∶' => ':',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
        '〜' | '∼' => '~',
        other if other >= '\u{4E00}' => simplified(other),
        other => other,
    }
}

/// The simplified form of a traditional character, for those that stand in the words of the reference data.
fn simplified(character: char) -> char {
    form(forms(), character)
}

fn form(forms: &[char], character: char) -> char {
    slot(character).and_then(|slot| forms.get(slot)).copied().unwrap_or(character)
}

/// For each character of the block *CJK Unified Ideographs* its simplified form.
fn forms() -> &'static [char] {
    #[derive(Deserialize)]
    struct Traditional {
        pairs: String,
    }
    static FORMS: OnceLock<Vec<char>> = OnceLock::new();
    FORMS.get_or_init(|| {
        let mut forms: Vec<char> = ('\u{4E00}'..='\u{9FFF}').collect();
        let read: Traditional = reference::parsed("traditional", reference::TRADITIONAL);
        for word in read.pairs.split_whitespace() {
            let mut pair = word.chars();
            if let (Some(traditional), Some(simplified)) = (pair.next(), pair.next())
                && let Some(form) = slot(traditional).and_then(|slot| forms.get_mut(slot))
            {
                *form = simplified;
            }
        }
        forms
    })
}

fn slot(character: char) -> Option<usize> {
    usize::try_from(u32::from(character).checked_sub(0x4E00)?).ok()
}

/// A folded text and the content of the bracket at its end: `项目总预算(元)` is `项目总预算` and `元`.
pub fn split_bracket(folded: &str) -> (&str, Option<&str>) {
    let parts = folded.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    match parts.filter(|(before, _)| !before.is_empty()) {
        Some((before, content)) => (before, Some(content)),
        None => (folded, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_fold_to_the_same() {
        for (text, folded) in [
            ("项 目\n名　称：", "项目名称:"),
            ("项目总预算（元）：", "项目总预算(元):"),
            ("２０２０年度", "2020年度"),
            ("Ｐａｇｅ 3", "page3"),
            ("2016—2020年〔试行〕", "2016-2020年[试行]"),
            ("財政項目支出績效目標表", "财政项目支出绩效目标表"),
            ("\u{2F6C}标、\u{F9B4}导\0", "目标、領导"),
        ] {
            assert_eq!(fold(text), folded);
            assert!(folded_characters(text).eq(folded.chars()));
        }
    }

    #[test]
    fn blanks_are_white_space_and_what_has_no_width() {
        for character in char::MIN..=char::MAX {
            assert_eq!(
                is_blank(character),
                character.is_whitespace() || is_invisible(character),
                "{character:?}"
            );
        }
    }

    #[test]
    fn brackets_come_off_the_end() {
        assert_eq!(split_bracket("项目总预算(元)"), ("项目总预算", Some("元")));
        assert_eq!(split_bracket("(元)"), ("(元)", None));
        assert_eq!(split_bracket("资格审核(含复审)规范性"), ("资格审核(含复审)规范性", None));
    }
}
