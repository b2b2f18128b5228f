//! Labels that a dump prints with nothing between them and what stands before or behind: a label that fills its column
//! ends right before the next cell.
//!
//! Columns are as wide in every row, so such a label stands nowhere by itself; one that does is a word of a text here.

use std::collections::HashSet;

use super::Source;
use crate::readers::aligned::{Word, Words, is_ended, room};

/// The least that a label has in characters, and the most that is looked through.
const LEAST: usize = 4;
const LONGEST: usize = 24;
/// A value between two labels, or behind the second, has at most so many characters.
const LONGEST_VALUE: usize = 20;
/// A line that is no wider does not run to the edge of a wide cell.
const NARROW: usize = 50;
/// Behind the word for a label, these go on with a sentence.
const SENTENCE: &[char] = &[
    '是', '为', '：', ':', '的', '完', '和', '及', '与', ',', '，', '、', '。', '；', '等', '按', '在', '对',
    '将', '要', '需', '应', '由', '（', '(', '）', ')', '》', '”',
];

/// Puts such labels apart.
pub fn part_labels(lines: &mut [Source], words: &Words) {
    let whole: HashSet<String> = (lines.iter().flat_map(|line| &line.tokens))
        .filter(|token| words.word(token) == Word::Label)
        .cloned()
        .collect();
    // What stands before a token: nothing of a running text.
    let mut is_open = true;
    let mut after_short = false;
    for line in lines {
        let mut tokens = Vec::new();
        for token in &line.tokens {
            let parted = if tokens.is_empty() && !is_open { None } else { leading(token, &whole, words) };
            let mut rest = token.as_str();
            if let Some((label, behind)) = parted {
                tokens.push(label.to_owned());
                after_short = !words.is_narrative(label);
                rest = behind;
            }
            while after_short && let Some((value, label, behind)) = within(rest, &whole, words) {
                tokens.extend([value.to_owned(), label.to_owned()]);
                after_short = !words.is_narrative(label);
                rest = behind;
            }
            after_short = words.word(rest) == Word::Label && !words.is_narrative(rest);
            tokens.push(rest.to_owned());
        }
        let text = line.tokens.concat();
        is_open = is_ended(&text) || room(&text) < NARROW;
        line.tokens = tokens;
    }
}

/// Whether a text is a label that stands nowhere by itself.
fn is_label(text: &str, whole: &HashSet<String>, words: &Words) -> bool {
    text.chars().count() >= LEAST && words.word(text) == Word::Label && !whole.contains(text)
}

/// A label, and what is printed right behind it.
pub fn leading<'t>(token: &'t str, whole: &HashSet<String>, words: &Words) -> Option<(&'t str, &'t str)> {
    if words.word(token) != Word::Other && words.word(token) != Word::Target || words.begins(token) {
        return None;
    }
    let ends: Vec<usize> = token.char_indices().skip(LEAST).take(LONGEST).map(|(at, _)| at).collect();
    let cuts = ends.into_iter().rev().filter_map(|at| token.split_at_checked(at));
    let (label, rest) = cuts.into_iter().find(|(head, _)| words.word(head) == Word::Label)?;
    let is_amount = words.is_amount(label) && rest.chars().all(|c| c.is_ascii_digit() || ",.".contains(c));
    (is_amount || (!whole.contains(label) && !rest.starts_with(SENTENCE))).then_some((label, rest))
}

/// A value, the label behind it, and what is printed behind that.
fn within<'t>(text: &'t str, whole: &HashSet<String>, words: &Words) -> Option<(&'t str, &'t str, &'t str)> {
    let is_value = |text: &str| {
        let is_long = text.chars().count() > LONGEST_VALUE;
        !text.is_empty()
            && !is_long
            && !text.contains(['，', '。', '；', '、'])
            && !text.starts_with(SENTENCE)
    };
    let starts: Vec<usize> = text.char_indices().skip(1).take(LONGEST_VALUE).map(|(at, _)| at).collect();
    starts.into_iter().find_map(|start| {
        let (value, rest) = text.split_at_checked(start)?;
        let ends: Vec<usize> =
            rest.char_indices().map(|(at, c)| at + c.len_utf8()).skip(LEAST - 1).take(LONGEST).collect();
        let cuts = ends.into_iter().rev().filter_map(|at| rest.split_at_checked(at));
        let (label, behind) = cuts.into_iter().find(|(head, _)| is_label(head, whole, words))?;
        (is_value(value) && (behind.is_empty() || is_value(behind) || within(behind, whole, words).is_some()))
            .then_some((value, label, behind))
    })
}
