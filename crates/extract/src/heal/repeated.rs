//! Lines that a page printed at its foot, and the next one again at its head.

use jixiao_model::FindingCode;

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
        let whole = piece.text.chars().count();
        let finished = sentence::end(tail(text)) == End::Finished;
        let is_again = piece.text.len() < text.len()
            && text.ends_with(piece.text)
            && (whole >= 4 || (finished && whole >= 2));
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

/// How many of the piece's first characters are the text's last.
fn overlap(text: &str, piece: &str) -> usize {
    let mut text: Vec<char> = text.chars().rev().take(LONGEST).collect();
    text.reverse();
    let piece: Vec<char> = piece.chars().take(LONGEST).collect();
    (1..=text.len().min(piece.len()))
        .rev()
        .find(|length| text[text.len() - length..] == piece[..*length])
        .unwrap_or(0)
}
