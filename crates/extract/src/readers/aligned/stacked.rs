//! Titles, and labels with their answers, that a narrow cell breaks over several lines with nothing beside them.

use super::{Line, Piece, Words, append};

/// A title or a label takes at most so many lines.
const MOST_LINES: usize = 8;
/// A broken answer takes at most so many.
const MOST_ANSWER: usize = 24;

/// Joins the lines of such texts, each into one.
pub fn join(lines: Vec<Line>, words: &Words) -> Vec<Line> {
    let mut joined = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let (taken, text) = stack(&lines[at..], words).unwrap_or((0, String::new()));
        if taken == 0 {
            joined.push(line.clone());
            at += 1;
            continue;
        }
        let x1 = lines[at..at + taken].iter().filter_map(|line| line.pieces.first()).map(|piece| piece.x1);
        let x1 = x1.fold(0.0, f64::max);
        let x0 = line.pieces.first().map_or(0.0, |piece| piece.x0);
        joined.push(Line { pieces: vec![Piece { x0, x1, text, soft: false }], ..line.clone() });
        at += taken;
    }
    joined
}

/// The text that begins on the first of these lines and is whole only with the next ones, and how many lines it takes.
pub fn stack(lines: &[Line], words: &Words) -> Option<(usize, String)> {
    let single = |line: &Line| line.pieces.iter().skip(1).all(|piece| piece.soft);
    let first = lines.first().filter(|line| single(line))?;
    let mut text = super::text_of(first);
    if text.chars().count() > 24
        || (words.is_line(&text) && !is_open(&text))
        || (words.is_label(&text) && !words.begins(&text))
        || words.is_answered(&text)
    {
        return None;
    }
    for (at, line) in lines.iter().enumerate().take(MOST_LINES).skip(1) {
        let here = super::text_of(line);
        // The end of a title may be one itself: 财政项目支出, 绩效目标表.
        let ends_title = || words.begins(&text) && words.is_line(&format!("{text}{here}"));
        if !single(line)
            || !is_below(first, line)
            || (words.is_line(&here) && !is_open(&here) && !ends_title())
            || words.is_answered(&here)
        {
            break;
        }
        // Each piece of it is how something known begins, so that nothing else gets into a title.
        if !words.begins(&text) && !is_open(&text) {
            break;
        }
        append(&mut text, &here);
        if (words.is_line(&text) && !is_open(&text)) || words.is_answered(&text) {
            return Some(rest(lines, at + 1, text, words));
        }
    }
    None
}

/// What stands in a narrow cell goes on until something known begins, or a line is wider.
fn rest(lines: &[Line], from: usize, mut text: String, words: &Words) -> (usize, String) {
    let mut taken = from;
    let edge = lines[..from].iter().flat_map(|line| &line.pieces).map(|piece| piece.x1).fold(0.0, f64::max);
    for (at, line) in lines.iter().enumerate().skip(from).take(MOST_ANSWER) {
        let hard = line.pieces.iter().skip(1).any(|piece| !piece.soft);
        let wide = hard || line.pieces.iter().any(|piece| piece.x1 > edge + 1.0);
        let whole = line.gap && ends_whole(&text) && !is_open(&text);
        if whole
            || wide
            || !is_below(&lines[0], line)
            || (starts(&lines[at..], words) && !goes_on(&text, line, words))
        {
            break;
        }
        append(&mut text, &super::text_of(line));
        taken = at + 1;
    }
    (taken, text)
}

/// Whether a bracket is open.
fn is_open(text: &str) -> bool {
    text.matches(['(', '（']).count() > text.matches([')', '）']).count()
}

/// Whether the last word goes on on the next line, to a label that is known.
fn goes_on(text: &str, line: &Line, words: &Words) -> bool {
    let last = text.split_whitespace().next_back().unwrap_or_default();
    let next = super::text_of(line);
    last.len() < text.len()
        && (words.is_label(&format!("{last}{next}")) || words.is_answered(&format!("{last}{next}")))
}

/// Whether a gap below a text may end it: a label with a colon still waits for its answer.
fn ends_whole(text: &str) -> bool {
    !text.ends_with([':', '：'])
}

/// Whether something known begins with the first piece of the first line, over the first pieces of the next lines.
pub fn starts(lines: &[Line], words: &Words) -> bool {
    let mut text = String::new();
    let Some(left) = lines.first().and_then(|line| line.pieces.first()) else { return false };
    let firsts = lines.iter().take(MOST_ANSWER).filter_map(|line| line.pieces.first());
    for piece in firsts.filter(|piece| piece.x0 < left.x0 + 3.0).take(MOST_LINES) {
        append(&mut text, &piece.text);
        if words.is_line(&text) || words.is_label(&text) || words.is_answered(&text) {
            return true;
        }
        if !words.begins(&text) {
            return false;
        }
    }
    false
}

/// Whether a line may be below another in one cell, its text to the middle or to the left.
fn is_below(first: &Line, line: &Line) -> bool {
    let x0 = |line: &Line| line.pieces.first().map_or(0.0, |piece| piece.x0);
    (x0(first) - x0(line)).abs() <= 4.0
}
