//! Yes and no, in words and in check boxes.

use std::sync::OnceLock;

use jixiao_model::reference::{UNITS, parsed};
use serde::Deserialize;

use jixiao_model::fold::fold;

#[derive(Deserialize)]
struct Units {
    answer: Answer,
}

#[derive(Deserialize)]
struct Answer {
    yes: Vec<String>,
    no: Vec<String>,
    marks: Vec<String>,
    blanks: Vec<String>,
}

fn words() -> &'static Answer {
    static READ: OnceLock<Units> = OnceLock::new();
    &READ
        .get_or_init(|| {
            let mut units: Units = parsed("units", UNITS);
            let Answer { marks, blanks, .. } = &mut units.answer;
            for words in [marks, blanks] {
                words.iter_mut().for_each(|word| *word = fold(word));
                words.sort_by_key(|word| std::cmp::Reverse(word.len()));
            }
            units
        })
        .answer
}

/// Reads a yes or no: `是`, `否`, `是√ 否□`, `☑是 □否`, `是（√）否（ ）`. `None` if it is neither, or both.
pub fn read(raw: &str) -> Option<bool> {
    // Boxes are parted by blanks or by a stroke, and an answer may end as a sentence does.
    let folded = fold(raw).replace(['/', '、', ',', ';'], "");
    let folded = folded.trim_end_matches(['。', '.']).to_owned();
    let plain = |names: &[String]| names.contains(&folded);
    match (plain(&words().yes), plain(&words().no)) {
        (true, _) => return Some(true),
        (_, true) => return Some(false),
        _ => {}
    }
    // A row of boxes: M a mark, B a blank box, Y and N the words.
    let shape = shape(&folded)?;
    let words_first = shape.starts_with(['Y', 'N']);
    let mut chosen = Vec::new();
    let letters: Vec<char> = shape.chars().collect();
    for (index, letter) in letters.iter().enumerate().filter(|(_, letter)| matches!(letter, 'Y' | 'N')) {
        let beside = if words_first {
            letters.get(index + 1)
        } else {
            index.checked_sub(1).and_then(|at| letters.get(at))
        };
        if beside == Some(&'M') {
            chosen.push(*letter == 'Y');
        }
    }
    match chosen.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

fn shape(folded: &str) -> Option<String> {
    let Answer { yes, no, marks, blanks } = words();
    let mut longest_first: Vec<(&String, char)> = Vec::new();
    for (names, letter) in [(marks, 'M'), (blanks, 'B'), (no, 'N'), (yes, 'Y')] {
        longest_first.extend(names.iter().map(|name| (name, letter)));
    }
    longest_first.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut shape = String::new();
    let mut rest = folded;
    while !rest.is_empty() {
        let (after, letter) = longest_first
            .iter()
            .find_map(|(name, letter)| Some((rest.strip_prefix(name.as_str())?, *letter)))?;
        shape.push(letter);
        rest = after;
    }
    Some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        for (raw, answer) in [
            ("是", Some(true)),
            ("否", Some(false)),
            ("不含", Some(false)),
            ("是√ 否□", Some(true)),
            ("☑是 □否", Some(true)),
            ("□是 ☑否", Some(false)),
            ("是（　）否（√）", Some(false)),
            ("是□ 否□", None),
            ("是√ 否√", None),
            ("是☑/否□", Some(true)),
            ("否。", Some(false)),
            ("是\u{F052} 否\u{F0A3}", Some(true)),
            ("☒是 ☐否", Some(true)),
            ("部分", None),
        ] {
            assert_eq!(read(raw), answer, "{raw}");
        }
    }
}
