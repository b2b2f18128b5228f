//! Years and page numbers within labels, headings and furniture, masked so that the data need not list them.

use std::borrow::Cow;

use jixiao_model::fold::fold;

/// Digits of years, in all three writings: `2020`, `二〇二〇`, `二零二零`.
fn is_year_digit(character: char) -> bool {
    character.is_ascii_digit() || "〇零○一二三四五六七八九".contains(character)
}

/// A folded text with each year before 年 as `{year}`.
pub fn mask_years(folded: &str) -> Cow<'_, str> {
    let first_digit = |text: &str| {
        let mut digits = text.char_indices().rev().take_while(|(_, c)| is_year_digit(*c));
        digits.nth(3).map(|(at, _)| at)
    };
    let mut masked = String::new();
    let mut rest = folded;
    while let Some((before, behind)) = rest.split_once('年') {
        match first_digit(before).and_then(|at| before.get(..at)) {
            Some(before) => masked.extend([before, "{year}年"]),
            None => masked.extend([before, "年"]),
        }
        rest = behind;
    }
    if masked.is_empty() {
        return Cow::Borrowed(folded);
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

/// Whether a folded text is a year and nothing else: `(2020年度)`, `2020年`.
pub fn is_year(folded: &str) -> bool {
    let bare = folded.trim_matches(['(', ')', '[', ']']);
    let digits = bare.strip_suffix('度').unwrap_or(bare).strip_suffix('年');
    digits.is_some_and(|digits| digits.chars().count() == 4 && digits.chars().all(is_year_digit))
}

/// No year is longer as printed, in bytes: running text need not be folded to know.
pub const LONGEST_YEAR: usize = 100;

/// Whether a text as printed is a year and nothing else.
pub fn is_printed_year(text: &str) -> bool {
    text.len() <= LONGEST_YEAR && is_year(&fold(text))
}

/// The year that a folded text ends with, and what stands before it.
pub fn split_year(folded: &str) -> Option<(&str, &str)> {
    let (at, _) = folded.char_indices().find(|(at, _)| folded.get(*at..).is_some_and(is_year))?;
    folded.split_at_checked(at)
}

/// A folded text with each run of digits, Arabic or Chinese, as `{number}`. A longer one than a page's is none of these.
pub fn mask_numbers(folded: &str) -> String {
    const LONGEST: usize = 4;
    let is_digit = |c: char| c.is_ascii_digit() || "〇零一二三四五六七八九十百".contains(c);
    let mut masked = String::new();
    let mut digits = String::new();
    for character in folded.chars().map(Some).chain([None]) {
        if let Some(digit) = character.filter(|c| is_digit(*c)) {
            digits.push(digit);
            continue;
        }
        if !digits.is_empty() {
            masked.push_str(if digits.chars().count() <= LONGEST { "{number}" } else { &digits });
            digits.clear();
        }
        masked.extend(character);
    }
    masked
}
