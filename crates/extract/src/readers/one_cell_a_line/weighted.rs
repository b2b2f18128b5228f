//! A row above the headings of an indicator table that prints its weight behind the word: 年度预算执行率, 100%, 分值, 10分.

use jixiao_model::Place;

use super::Source;
use crate::readers::aligned::{Part, Word, Words, append, cell};

/// The number of the column of weights.
const WEIGHT: usize = 5;
/// A name is broken over at most so many lines, and has at least so many characters.
const BROKEN: usize = 4;
const LEAST: usize = 4;

/// The row that ends these lines, and the line with which it begins.
pub fn row(lines: &[Source], words: &Words) -> Option<(usize, Part)> {
    let tokens: Vec<(usize, &Place, &str)> = (lines.iter().enumerate())
        .flat_map(|(at, line)| line.tokens.iter().map(move |token| (at, &line.place, token.as_str())))
        .collect();
    // A unit may stand apart: 10 分.
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let (rest, weight) = match tokens.as_slice() {
        [rest @ .., number, unit] if unit.2 == "分" && digits(number.2) => (rest, format!("{}分", number.2)),
        [rest @ .., number] if digits(number.2.trim_end_matches('分')) => (rest, number.2.to_owned()),
        _ => return None,
    };
    let [rest @ .., value, word] = rest else { return None };
    if words.word(word.2) != Word::Column(WEIGHT) || words.word(value.2) != Word::Target {
        return None;
    }
    // The name goes back to the value of a label.
    let name = (1..=rest.len().min(BROKEN)).find_map(|count| {
        let (before, pieces) = rest.split_at_checked(rest.len() - count)?;
        let mut name = String::new();
        pieces.iter().for_each(|piece| append(&mut name, piece.2));
        let is_named = words.word(&name) == Word::Name && name.chars().count() >= LEAST;
        let is_after_value = match before {
            [.., label, _] => words.word(label.2) == Word::Label,
            _ => before.is_empty(),
        };
        (is_named && is_after_value).then_some((pieces.first()?, name))
    });
    let ((at, place, _), name) = name?;
    // What stands before the name on its line is no part of this row.
    let is_first = lines
        .get(*at)
        .and_then(|line| line.tokens.first())
        .is_some_and(|first| name.starts_with(first.as_str()));
    let texts = [name, value.2.to_owned(), word.2.to_owned(), weight];
    let cells = texts.into_iter().map(|text| cell(text, place)).collect();
    is_first.then_some((*at, Part::Row((*place).clone(), cells)))
}
