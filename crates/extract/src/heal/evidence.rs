//! What speaks for the end of the field above a piece, and what for the beginning of the field below it.
//!
//! Each reason has points, found by breaking the sections of the published document everywhere and in every way
//! (`tests/page_breaks.rs`): the halves of a sentence, a bracket or a word tell most, the place of the page's end next, and
//! full stops least, since many sections have none.

use super::{Below, Healer, tail};
use crate::fields::{FieldItem, Piece};
use crate::sentence::{self, End};
use crate::vocabulary::vocabulary;
use jixiao_model::fold::{fold, is_blank};

/// Where around a piece a page may have ended. The halves of a broken cell stand on two pages, so a piece that stands
/// on the same page as the field above is not that field's rest.
#[derive(PartialEq, Eq)]
enum PageEnd {
    Nowhere,
    Before,
    Behind,
    Both,
}

impl PageEnd {
    fn of(piece: &Piece<'_>, below: Option<&Below<'_>>) -> Self {
        match (piece.after_break, below.is_some_and(|below| below.after_break)) {
            (false, false) => Self::Nowhere,
            (true, false) => Self::Before,
            (false, true) => Self::Behind,
            (true, true) => Self::Both,
        }
    }
}

/// Points for a reading, with the reasons.
#[derive(Default)]
pub(super) struct Case {
    pub(super) points: i32,
    pub(super) reasons: Vec<&'static str>,
}

impl Case {
    fn weigh(&mut self, holds: bool, points: i32, reason: &'static str) {
        if holds {
            self.points += points;
            if points > 0 {
                self.reasons.push(reason);
            }
        }
    }
}

/// A line of a cell in a form has at least so many characters.
const SHORTEST_LINE: usize = 15;

impl Healer<'_> {
    /// What speaks for the end of the field above.
    pub(super) fn case_above(&self, above: usize, piece: &Piece<'_>, below: Option<&Below<'_>>) -> Case {
        let draft = &self.drafts[above];
        let whole = draft.field.value.as_deref().unwrap_or_default();
        let text = tail(whole);
        let (end, opens) = (sentence::end(text), sentence::opens(text));
        let mut case = Case::default();
        case.weigh(text.is_empty(), 6, "the label above has no text of its own");
        case.weigh(piece.under_label, 8, "the cell of the label above reaches down to it");
        let page_ended = PageEnd::of(piece, below);
        case.weigh(piece.after_break, 2, "a page may have ended right before it");
        case.weigh(page_ended == PageEnd::Behind && !piece.under_label, -4, "");
        case.weigh(page_ended == PageEnd::Nowhere && !piece.under_label, -1, "");
        case.weigh(end == End::Unfinished, 5, "the text above breaks off");
        case.weigh(end == End::Clause, 3, "the text above ends with a semicolon");
        case.weigh(end == End::Open && !text.is_empty(), 1, "the text above has no full stop");
        case.weigh(end == End::Finished, -2, "");
        case.weigh(opens, 2, "the text above has a bracket or quotation open");
        case.weigh(sentence::begins_inside(piece.text), 4, "it begins in the middle of a sentence");
        case.weigh(opens && sentence::closes(piece.text), 3, "it closes a bracket that the text above opens");
        case.weigh(sentence::counts_on(text, piece.text), 4, "it goes on with the list of the text above");
        case.weigh(repeats_beginning(whole, piece.text), -5, "");
        case.weigh(
            self.stands_together(text, piece.text),
            4,
            "the words across the break stand together elsewhere in the form",
        );
        match below {
            None => case.weigh(true, 3, "no field follows that it could begin"),
            Some(below) => {
                let lone = below.field.value.is_none();
                case.weigh(breaks_off(piece, below), -2, "");
                case.weigh(!lone, 2, "the next label has a text of its own");
                case.weigh(lone, -3, "");
                let missing = self.missing_between(draft.order, below.field);
                case.weigh(!missing, 1, "no field is missing between the two labels");
                case.weigh(missing, -2, "");
            }
        }
        case
    }

    /// What speaks for the beginning of the field below.
    pub(super) fn case_below(&self, above: Option<usize>, piece: &Piece<'_>, below: &Below<'_>) -> Case {
        let whole = above.and_then(|above| self.drafts[above].field.value.as_deref()).unwrap_or_default();
        let text = tail(whole);
        let end = sentence::end(text);
        let lone = below.field.value.is_none();
        let mut case = Case::default();
        case.weigh(lone, 3, "the next label has no text beside it");
        case.weigh(!lone, -3, "");
        // A page breaks a text behind a line, and a line in a cell has more characters than this.
        let a_line = piece.text.chars().count() >= SHORTEST_LINE;
        case.weigh(above.is_none() && a_line, 2, "no field above could go on with it");
        case.weigh(
            breaks_off(piece, below),
            3,
            "it breaks off, and the text beside the next label ends a sentence",
        );
        let page_ended = PageEnd::of(piece, Some(below));
        case.weigh(
            page_ended == PageEnd::Behind,
            4,
            "a page may have ended behind it, and none right before it",
        );
        case.weigh(page_ended == PageEnd::Before, -2, "");
        case.weigh(end == End::Finished, 2, "the text above ends with a sentence");
        case.weigh(end == End::Unfinished, -4, "");
        case.weigh(sentence::begins_inside(piece.text), -4, "");
        case.weigh(sentence::counts_on(text, piece.text), -2, "");
        case.weigh(
            !text.is_empty() && repeats_beginning(whole, piece.text),
            3,
            "it begins anew with the words of the text above",
        );
        case.weigh(self.stands_together(text, piece.text), -2, "");
        if let Some(next) = below.next {
            case.weigh(lone, 1, "more text follows the next label");
            case.weigh(
                sentence::begins_inside(next),
                4,
                "the text behind the next label begins in the middle of a sentence",
            );
            case.weigh(
                sentence::counts_on(piece.text, next),
                4,
                "the text behind the next label goes on with its list",
            );
            case.weigh(
                sentence::opens(piece.text) && sentence::closes(next),
                3,
                "the text behind the next label closes a bracket that it opens",
            );
            case.weigh(
                self.stands_together(piece.text, next),
                4,
                "its last words go on behind the next label",
            );
        }
        case
    }

    /// Whether two characters before and behind a break stand together elsewhere in the form.
    fn stands_together(&self, before: &str, behind: &str) -> bool {
        let mut last = before.trim_end().chars().rev();
        let mut first = behind.trim_start().chars();
        match (last.next(), last.next(), first.next(), first.next()) {
            (Some(second), Some(first), Some(third), Some(fourth)) => {
                self.stand_together([first, second, third, fourth])
            }
            _ => false,
        }
    }

    /// Whether a narrative that forms usually print between two labels is nowhere on the form.
    fn missing_between(&self, above: Option<usize>, below: &FieldItem<'_>) -> bool {
        let (Some(first), Some(label)) = (above, &below.label) else { return false };
        vocabulary().between(first, label.order).any(|code| !self.codes.contains(code))
    }
}

/// Whether a piece ends within a sentence, and the text beside the label below it does not.
fn breaks_off(piece: &Piece<'_>, below: &Below<'_>) -> bool {
    sentence::end(piece.text) != End::Finished
        && below.next.is_some()
        && below.field.value.is_some_and(|rest| sentence::end(rest) == End::Finished)
}

/// Whether a piece begins with the same words as a text, so that it is another beginning and not its rest.
fn repeats_beginning(text: &str, piece: &str) -> bool {
    // Each character that is no blank folds to one at least.
    let head = |text: &str| -> String {
        let visible: String = text.chars().filter(|c| !is_blank(*c)).take(12).collect();
        fold(&visible).chars().take(12).collect()
    };
    let first = head(piece);
    first.chars().count() == 12 && head(text) == first
}
