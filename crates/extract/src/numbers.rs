//! Years and page numbers within labels, headings and furniture, masked so that the data need not list them.

/// Digits of years, in all three writings: `2020`, `二〇二〇`, `二零二零`.
fn is_year_digit(character: char) -> bool {
    character.is_ascii_digit() || "〇零○一二三四五六七八九".contains(character)
}

/// A folded text with each year before 年 as `{year}`.
pub fn mask_years(folded: &str) -> String {
    if !folded.contains('年') {
        return folded.to_owned();
    }
    let characters: Vec<_> = folded.chars().collect();
    let mut masked = String::new();
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let is_year = characters
            .get(at..at + 5)
            .is_some_and(|five| five[..4].iter().all(|c| is_year_digit(*c)) && five[4] == '年');
        if is_year {
            masked.push_str("{year}");
            at += 4;
        } else {
            masked.push(character);
            at += 1;
        }
    }
    masked
}

/// Whether a folded text is a year and nothing else: `(2020年度)`, `2020年`.
pub fn is_year(folded: &str) -> bool {
    let bare = folded.trim_matches(['(', ')', '[', ']']);
    matches!(mask_years(bare).as_str(), "{year}年" | "{year}年度")
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
