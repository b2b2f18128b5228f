//! Lines that a page printed at its foot, and the next one again at its head.

use jixiao_model::FindingCode;
use memchr::memmem;

use super::run::about;
use super::{Healer, tail};
use crate::fields::Piece;
use crate::sentence::{self, End};

/// A text that is printed again at the head of the next page and goes on there is cut if so many characters repeat.
const CHARACTERS: usize = 6;
/// Behind the end of a sentence a whole line must repeat: lists begin their items with the same words.
const LINE: usize = 15;
/// So far the ends of texts are compared.
const LONGEST: usize = 200;

/// Whether a piece begins with what the text above ends with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeated {
    /// It does not.
    No,
    /// It does; but its author may have said the same again, since the form has the words across the break elsewhere.
    Perhaps,
    /// It does, and that was dropped.
    Dropped,
}

impl Healer<'_> {
    /// Drops what a piece behind the end of a page repeats of the text above; what it has besides goes on with that.
    pub(super) fn drop_repeated(&mut self, above: usize, piece: &Piece<'_>) -> Repeated {
        let text = self.drafts[above].field.value.as_deref().unwrap_or_default();
        if !piece.after_break || text.is_empty() {
            return Repeated::No;
        }
        let ends_so = piece.text.len() < text.len() && text.ends_with(piece.text);
        // Hardly any piece repeats so much that the end of a sentence decides.
        if !ends_so && overlap(text, piece.text) < CHARACTERS {
            return Repeated::No;
        }
        let whole = piece.text.chars().count();
        let finished = sentence::end(tail(text)) == End::Finished;
        let is_again = ends_so && (whole >= 4 || (finished && whole >= 2));
        let repeated = if is_again { whole } else { overlap(text, piece.text) };
        if !is_again && repeated < if finished { LINE } else { CHARACTERS } {
            return Repeated::No;
        }
        if self.reads_on(text, piece.text) {
            return Repeated::Perhaps;
        }
        let message = if is_again {
            format!("the end of the text above is printed again at {} and was dropped", piece.place)
        } else {
            format!(
                "the first {repeated} characters at {} repeat the end of the text above and were dropped; the rest continues it",
                piece.place
            )
        };
        let rest = piece.text.chars().skip(repeated);
        self.drafts[above].field.value.get_or_insert_default().extend(rest);
        let finding = about(FindingCode::RepeatedTextDropped, &self.drafts[above].field, piece, message);
        self.findings.push(finding);
        Repeated::Dropped
    }

    /// Whether the six characters around a break stand together elsewhere in the form.
    fn reads_on(&self, before: &str, behind: &str) -> bool {
        let mut around: Vec<char> = before.chars().rev().take(3).collect();
        around.reverse();
        around.extend(behind.chars().take(3));
        around.len() == 6
            && around.windows(4).all(|four| four.try_into().is_ok_and(|four| self.stand_together(four)))
    }
}

/// How many of the piece's first characters are the text's last; none, if they are too few to matter.
fn overlap(text: &str, piece: &str) -> usize {
    let mut characters = piece.char_indices().map(|(at, c)| at + c.len_utf8());
    let head = characters.nth(CHARACTERS - 1).and_then(|end| piece.get(..end));
    // Hardly any piece begins with words that stand there at all. (A character has four bytes at most.)
    let near = text.get(text.floor_char_boundary(text.len().saturating_sub(LONGEST * 4))..);
    let (Some(head), Some(near)) = (head, near) else { return 0 };
    if memmem::find(near.as_bytes(), head.as_bytes()).is_none() {
        return 0;
    }
    let count = near.chars().count();
    let ends = near.char_indices().enumerate().skip(count.saturating_sub(LONGEST));
    let mut ends = ends.map(|(number, (at, _))| (count - number, near.get(at..).unwrap_or_default()));
    ends.find(|(count, end)| *count >= CHARACTERS && piece.starts_with(end)).map_or(0, |(count, _)| count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_overlap_counts() {
        for (text, piece, expected) in [
            ("一二三四五六", "一二三四五六七", 6),
            ("甲一二三四五六", "一二三四五六", 6),
            ("甲乙丙甲乙丙甲乙丙", "甲乙丙甲乙丙丁", 6),
            ("甲甲甲甲甲甲甲甲", "甲甲甲甲甲甲甲乙", 7),
            ("一二三四五", "一二三四五六", 0),
            ("一二三四五六甲", "一二三四五六七", 0),
            ("一", "", 0),
            ("", "一二三四五六", 0),
        ] {
            assert_eq!(overlap(text, piece), expected, "{text} {piece}");
        }
        let long = "甲".repeat(LONGEST + 9);
        assert_eq!(overlap(&long, &long), LONGEST);
    }
}
