//! The lines of an indicator table, cut wherever a cell may have ended.

use super::Source;
use crate::readers::aligned::{Word, Words};

/// A token is cut in at most so many places, and is no longer than this.
const MOST_CUTS: usize = 4;
const LONGEST_TOKEN: usize = 60;

/// A piece of a line that is cut no further.
pub struct Atom {
    /// The line on which it stands.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// Whether nothing is printed between it and the one before.
    pub glued: bool,
}

/// The pieces of all lines.
pub fn atoms(lines: &[Source], words: &Words) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for (line, source) in lines.iter().enumerate() {
        for token in &source.tokens {
            for (at, text) in pieces(token, words).into_iter().enumerate() {
                atoms.push(Atom { line, text: text.to_owned(), glued: at > 0 });
            }
        }
    }
    atoms
}

/// A token, cut wherever a class may have ended or a value or a known name may begin.
fn pieces<'t>(token: &'t str, words: &Words) -> Vec<&'t str> {
    let whole = matches!(words.word(token), Word::Class(_) | Word::Target | Word::Column(_));
    // Two values stand behind one another where a number follows a sign or a letter: 100%100%.
    let is_parted = |pair: (char, char)| {
        (pair.0 == '%' || pair.0 == '％') && (pair.1.is_ascii_digit() || "≥≤=".contains(pair.1))
    };
    let whole = whole && !token.chars().zip(token.chars().skip(1)).any(is_parted);
    if whole || words.is_known_name(token) || token.chars().count() > LONGEST_TOKEN {
        return vec![token];
    }
    let mut pieces = Vec::new();
    let mut from = 0;
    let ends: Vec<usize> = token.char_indices().skip(2).map(|(at, _)| at).collect();
    for at in ends {
        let (Some(head), Some(tail)) = (token.get(from..at), token.get(at..)) else { continue };
        // 服务对象满意度 goes on to a longer class.
        let is_class = |text: &str| matches!(words.word(text), Word::Class(_));
        let next = tail.chars().next().map_or(at, |c| at + c.len_utf8());
        let grows = words.begins(head)
            && token.get(from..next).is_some_and(|text| is_class(text) || words.begins(text));
        let begins_value = tail.starts_with(|c: char| c.is_ascii_digit() || "=＝≥≤><".contains(c))
            && !head.ends_with(|c: char| c.is_ascii_digit() || "=＝≥≤><.,-/".contains(c));
        let ends_class = is_class(head) && !grows;
        let begins_class = !grows && begins_with_class(tail, words);
        let is_grade = words.word(tail) == Word::Target && tail.chars().all(char::is_alphabetic);
        let begins = words.is_known_name(tail)
            || (words.word(tail) == Word::Target && words.word(head) == Word::Name)
            || (is_grade && tail.chars().count() > 1 && head.chars().count() >= 4);
        if (ends_class || begins_class || begins_value || begins) && pieces.len() < MOST_CUTS {
            pieces.push(head);
            from = at;
        }
    }
    pieces.extend(token.get(from..));
    pieces
}

/// Whether a text begins with a class that is written out: 产出指标.
fn begins_with_class(text: &str, words: &Words) -> bool {
    const LONGEST_CLASS: usize = 10;
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST_CLASS);
    let mut heads = ends.filter_map(|end| text.get(..end));
    heads.any(|head| {
        (head.ends_with("指标") || head.ends_with("目标")) && matches!(words.word(head), Word::Class(_))
    })
}
