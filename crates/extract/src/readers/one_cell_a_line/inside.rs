//! Labels and their values in dumps that print lines by height, so that a label stands in the middle of its text.
//!
//! What is on a label's own line belongs to it; what stands above and below may belong to it or to its neighbour, and
//! stays a line by itself. Which values are then whole is for those to say who know what labels mean.

use super::Source;
use super::labels::{label_at, split_label};
use crate::readers::aligned::{Part, Word, Words, cell};

/// Makes rows of labels and values, and lines of all else.
pub fn fields(lines: &[Source], words: &Words, parts: &mut Vec<Part>) {
    let mut at = 0;
    while let Some(source) = lines.get(at) {
        let all = source.tokens.join(" ");
        if words.word(&all) == Word::Line || words.furniture(&all) {
            parts.extend([Part::End, Part::Line(source.place.clone(), all)]);
            at += 1;
            continue;
        }
        let label = label_at(lines, at, words).unwrap_or_default();
        let behind = label.last().map_or(at, |last| last.0) + 1;
        let taken = lines.get(at..behind).unwrap_or_default();
        if !row(taken, at, &label, words, parts) {
            let line =
                |source: &Source| [Part::End, Part::Line(source.place.clone(), source.tokens.join(" "))];
            parts.extend(taken.iter().flat_map(line));
        }
        at = behind;
    }
    parts.push(Part::End);
}

/// Makes a row of lines that begin with a label, or hold one. Returns whether they do, beyond doubt.
fn row(
    lines: &[Source],
    first: usize,
    label: &[(usize, usize)],
    words: &Words,
    parts: &mut Vec<Part>,
) -> bool {
    let mut left = String::new();
    let mut rest = Vec::new();
    for (at, source) in (first..).zip(lines) {
        let count = label.iter().find(|piece| piece.0 == at).map_or(0, |piece| piece.1);
        left.extend(source.tokens.iter().take(count).map(String::as_str));
        rest.extend(source.tokens.iter().skip(count));
    }
    // Two labels side by side that are both broken cannot be told apart.
    let is_piece =
        |token: &str| token.chars().count() > 2 && words.begins(token) && words.word(token) != Word::Label;
    if label.len() > 1 && rest.iter().any(|token| is_piece(token)) {
        return false;
    }
    let mut texts = Vec::new();
    if !left.is_empty() {
        texts.push(left);
    }
    let mut value: Vec<&str> = Vec::new();
    let mut split: Vec<(Option<String>, Option<String>)> = Vec::new();
    for token in &rest {
        split.push(split_label(token, words));
    }
    if texts.is_empty() && split.iter().all(|(label, _)| label.is_none()) {
        return false;
    }
    let Some(place) = lines.first().map(|source| &source.place) else { return false };
    for (token, (label, answer)) in rest.iter().zip(&split) {
        let Some(label) = label else {
            value.push(token);
            continue;
        };
        if texts.is_empty() && !value.is_empty() {
            // The end of what stands above.
            parts.extend([Part::End, Part::Line(place.clone(), value.join(" "))]);
        } else if !texts.is_empty() {
            texts.push(value.join(" "));
        }
        value.clear();
        texts.push(label.clone());
        value.extend(answer.as_deref());
    }
    texts.push(value.join(" "));
    parts.push(Part::Row(place.clone(), texts.into_iter().map(|text| cell(text, place)).collect()));
    true
}
