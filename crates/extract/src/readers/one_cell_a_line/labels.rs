//! Labels and their values in dumps that keep no columns.

use super::{LABEL_LINES, LABEL_PIECES, Source, line_of, piece};
use crate::readers::aligned::{Line, Word, Words};

/// Lays out lines of labels and values: a label first, its value second, further ones behind.
pub fn fields(lines: &[Source], words: &Words, laid: &mut Vec<Line>) {
    let mut labels = vec![0_usize; lines.len()];
    for at in 0..lines.len() {
        if labels[at] == 0 {
            for (line, count) in label_at(lines, at, words).into_iter().flatten() {
                labels[line] = count;
            }
        }
    }
    for (source, count) in lines.iter().zip(labels) {
        let all = source.tokens.join(" ");
        if words.word(&all) == Word::Line || words.furniture(&all) {
            laid.push(line_of(source, vec![piece(0, all)]));
            continue;
        }
        let mut pieces = Vec::new();
        let mut rest = source.tokens.as_slice();
        if count > 0 {
            pieces.push(piece(0, source.tokens[..count].concat()));
            rest = &source.tokens[count..];
        }
        let mut value: Vec<String> = Vec::new();
        let mut column = 1;
        for token in rest {
            let (label, answer) = split_label(token, words);
            let Some(label) = label else {
                value.push(token.clone());
                continue;
            };
            if !value.is_empty() {
                pieces.push(piece(column, value.join(" ")));
                value.clear();
            }
            column = if pieces.is_empty() { 0 } else { (column + 1).max(2) };
            pieces.push(piece(column, label));
            column += 1;
            value.extend(answer);
        }
        if !value.is_empty() {
            pieces.push(piece(column, value.join(" ")));
        }
        laid.push(line_of(source, pieces));
    }
}

/// `项目类别：甲` as the label and what is behind its colon.
pub fn split_label(token: &str, words: &Words) -> (Option<String>, Option<String>) {
    let colon = token.char_indices().find(|(_, c)| matches!(c, ':' | '：'));
    let Some((label, answer)) = colon.and_then(|(at, c)| token.split_at_checked(at + c.len_utf8())) else {
        return (None, None);
    };
    if words.word(label) != Word::Label {
        return (None, None);
    }
    (Some(label.to_owned()), Some(answer.to_owned()).filter(|answer| !answer.is_empty()))
}

/// The pieces of the longest label that begins on a line: lines, and how many tokens of each.
pub fn label_at(lines: &[Source], at: usize, words: &Words) -> Option<Vec<(usize, usize)>> {
    let first = lines.get(at)?;
    // A whole label, its blanks included.
    let whole = (1..=first.tokens.len().min(LABEL_PIECES)).rev().find_map(|count| {
        let text = first.tokens[..count].concat();
        let alone = count == first.tokens.len() || count == 1 || text.ends_with(['：', ':']);
        (words.word(&text) == Word::Label && alone).then(|| vec![(at, count)])
    });
    let mut text = first.tokens[0].clone();
    if text.chars().count() < 2 || !words.begins(&text) {
        return whole;
    }
    let near = if whole.is_some() { 2 } else { LABEL_LINES };
    let mut found = vec![(at, 1)];
    for (line, source) in lines.iter().enumerate().skip(at + 1).take(near) {
        let longer = format!("{text}{}", source.tokens[0]);
        let extends = words.begins(&longer) && found.len() < LABEL_PIECES;
        if words.word(&longer) == Word::Label && !extends {
            found.push((line, 1));
            return Some(found);
        }
        if extends {
            found.push((line, 1));
            text = longer;
        } else if matches!(words.word(&source.tokens[0]), Word::Label | Word::Line) {
            break;
        }
    }
    if words.word(&text) == Word::Label && found.len() > 1 { Some(found) } else { whole }
}
