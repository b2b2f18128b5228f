//! Words compared by what they say and not by how they were typed.
//!
//! Labels, titles and headings come in full and half width, with blanks between their characters to fill a line
//! (`项 目 名 称`), broken over lines by a narrow column, and with any kind of bracket.

/// A text without white space, in half width and lower case.
pub fn fold(text: &str) -> String {
    text.chars().filter(|c| !is_blank(*c)).map(narrow).flat_map(char::to_lowercase).collect()
}

/// White space, also the kinds that only typesetting knows.
pub fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

/// The half width form of a character (Unicode block *Halfwidth and Fullwidth Forms*), and one bracket, dash and
/// tilde for its many kinds.
fn narrow(character: char) -> char {
    match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        '〔' | '【' => '[',
        '〕' | '】' => ']',
        '﹙' => '(',
        '﹚' => ')',
        '︰' | '∶' => ':',
        _ => character,
    }
}

/// A folded text without the colon at its end.
pub fn without_colon(folded: &str) -> &str {
    folded.trim_end_matches(':')
}

/// A folded text without what numbers it: `一、`, `1.`, `(一)`, `①`.
pub fn without_number(folded: &str) -> &str {
    const DIGITS: &[char] = &['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];
    let is_digit = |c: char| c.is_ascii_digit() || DIGITS.contains(&c);
    if let Some(rest) = folded.strip_prefix('(')
        && let Some((number, rest)) = rest.split_once(')')
        && !number.is_empty()
        && number.chars().all(is_digit)
    {
        return rest.trim_start_matches('、');
    }
    if let Some(rest) = folded.strip_prefix(|c: char| ('①'..='⑳').contains(&c)) {
        return rest;
    }
    let rest = folded.trim_start_matches(is_digit);
    match rest.strip_prefix(['、', '.']) {
        Some(after) if rest.len() < folded.len() => after,
        _ => folded,
    }
}

/// A folded text and the content of the bracket at its end: `项目总预算(元)` is `项目总预算` and `元`.
pub fn split_bracket(folded: &str) -> (&str, Option<&str>) {
    folded
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('))
        .filter(|(before, _)| !before.is_empty())
        .map_or((folded, None), |(before, content)| (before, Some(content)))
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
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn numbers_and_brackets_come_off() {
        for (folded, rest) in [
            ("一、项目概况", "项目概况"),
            ("1.概况", "概况"),
            ("(二)依据", "依据"),
            ("①依据", "依据"),
            ("十三五", "十三五"),
            ("2020年", "2020年"),
        ] {
            assert_eq!(without_number(folded), rest);
        }
        assert_eq!(split_bracket("项目总预算(元)"), ("项目总预算", Some("元")));
        assert_eq!(split_bracket("(元)"), ("(元)", None));
    }
}
