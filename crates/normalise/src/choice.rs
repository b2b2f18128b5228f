//! Options with check boxes: `新增项目□ 延续项目√`, `☑新增项目 ☐延续项目`.
//!
//! A box stands before its option or behind it, the same way in a whole row. Where only what was chosen has a mark and
//! nothing else a box, blanks part the options.

use std::sync::OnceLock;

use jixiao_model::fold::{fold, is_blank, narrow};
use jixiao_model::reference::{UNITS, parsed};
use serde::Deserialize;

use crate::text;

#[derive(Deserialize)]
struct Units {
    answer: Boxes,
}

#[derive(Deserialize)]
struct Boxes {
    marks: Vec<String>,
    blanks: Vec<String>,
}

/// Boxes and marks, the longest first, each with whether it chooses.
struct Known {
    boxes: Vec<(String, bool)>,
    /// The characters with which one begins, in their order.
    first: Vec<char>,
}

fn known() -> &'static Known {
    static READ: OnceLock<Known> = OnceLock::new();
    READ.get_or_init(|| {
        let Units { answer } = parsed("units", UNITS);
        let marks = answer.marks.iter().map(|name| (fold(name), true));
        let blanks = answer.blanks.iter().map(|name| (fold(name), false));
        let mut boxes: Vec<_> = marks.chain(blanks).collect();
        boxes.sort_by_key(|(name, _)| std::cmp::Reverse(name.chars().count()));
        let mut first: Vec<char> = boxes.iter().filter_map(|(name, _)| name.chars().next()).collect();
        first.sort_unstable();
        first.dedup();
        Known { boxes, first }
    })
}

/// An option, and whether it is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its words, cleaned as a name.
    pub option: String,
    /// Whether its box is marked.
    pub chosen: bool,
}

/// The options of a text; `None` if it has no boxes.
pub fn read(raw: &str) -> Option<Vec<Choice>> {
    // Nearly all texts have nothing that a box begins with.
    let first = &known().first;
    if !raw.chars().any(|character| first.binary_search(&narrow(character)).is_ok()) {
        return None;
    }
    let pieces = pieces(raw);
    if !pieces.iter().any(|piece| matches!(piece, Piece::Box(_))) {
        return None;
    }
    let has_blank_box = pieces.contains(&Piece::Box(false));
    let before = matches!(pieces.first(), Some(Piece::Box(_)));
    let mut choices = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Words(words) = piece else { continue };
        let beside = if before { index.checked_sub(1) } else { Some(index + 1) };
        let chosen = beside.and_then(|at| pieces.get(at)) == Some(&Piece::Box(true));
        let apart: Vec<&str> =
            words.split(|c| is_blank(c) || "、，,；;/".contains(c)).filter(|word| !word.is_empty()).collect();
        // Each option has a box of its own, so that blanks are part of it; or only the chosen one has.
        let options = if has_blank_box { vec![words.as_str()] } else { apart };
        let own = if before { 0 } else { options.len().saturating_sub(1) };
        choices.extend(options.iter().enumerate().filter_map(|(at, option)| {
            let option = option.trim_matches(|c| is_blank(c) || "、，,；;。/：:".contains(c));
            Some(Choice { option: text::name(option)?, chosen: chosen && at == own })
        }));
    }
    Some(choices)
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Box(bool),
}

fn pieces(raw: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut words = String::new();
    let characters: Vec<char> = raw.chars().collect();
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        match box_at(&characters, at) {
            Some((length, chosen)) => {
                if words.chars().any(|c| !is_blank(c)) {
                    pieces.push(Piece::Words(std::mem::take(&mut words)));
                }
                words.clear();
                pieces.push(Piece::Box(chosen));
                at += length;
            }
            None => {
                words.push(character);
                at += 1;
            }
        }
    }
    if words.chars().any(|c| !is_blank(c)) {
        pieces.push(Piece::Words(words));
    }
    pieces
}

/// The box that begins at a character: how many characters it takes, blanks within it included, and whether it is marked.
fn box_at(characters: &[char], at: usize) -> Option<(usize, bool)> {
    known().boxes.iter().find_map(|(name, chosen)| {
        let mut taken = 0;
        for wanted in name.chars() {
            while taken > 0 && characters.get(at + taken).is_some_and(|c| is_blank(*c)) {
                taken += 1;
            }
            if characters.get(at + taken).map(|c| narrow(*c)) != Some(wanted) {
                return None;
            }
            taken += 1;
        }
        Some((taken, *chosen))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_before_and_behind() {
        for (raw, expected) in [
            (
                "新增项目□ 结转项目□ 经常性专项业务费√ 其他经常性项目□",
                "新增项目- 结转项目- 经常性专项业务费+ 其他经常性项目-",
            ),
            ("□新增项目 ☑延续项目", "新增项目- 延续项目+"),
            ("新增项目（ ）  延续项目（√）", "新增项目- 延续项目+"),
            ("新增项目 延续项目√", "新增项目- 延续项目+"),
            ("√新增项目 延续项目", "新增项目+ 延续项目-"),
            ("新增项目\u{F0A3}\n延续项目\u{F052}", "新增项目- 延续项目+"),
            ("新增项目□√ 延续项目□", "新增项目+ 延续项目-"),
            ("■新增（含 续建） □延续", "新增（含续建）+ 延续-"),
        ] {
            let choices = read(raw).unwrap();
            let shown: Vec<_> = choices
                .iter()
                .map(|choice| format!("{}{}", choice.option, if choice.chosen { '+' } else { '-' }))
                .collect();
            assert_eq!(shown.join(" "), expected, "{raw}");
        }
        assert_eq!(read("经常性项目"), None);
    }
}
