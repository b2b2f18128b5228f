//! What speaks for it that a cell goes on from one text to the next, and what for it that another one begins there.
//!
//! Each reason has points, found by breaking the sections of the published document everywhere and in every way
//! (`tests/page_breaks.rs`): the halves of a sentence, a bracket or a word tell most, the place of the page's end next, and
//! full stops least, since many sections have none.

use super::run::{Below, Chain};
use super::{Healer, tail};
use crate::fields::{FieldItem, Piece};
use crate::sentence::{self, End};
use crate::vocabulary::vocabulary;
use jixiao_model::Place;
use jixiao_model::fold::folded_characters;

/// Points for a reading, with the reasons.
#[derive(Clone, Default)]
pub(super) struct Case {
    pub(super) points: i32,
    reasons: Vec<&'static str>,
}

impl Case {
    fn weigh(&mut self, holds: bool, points: i32, reason: &'static str) {
        if holds {
            self.points += points;
            if points > 0 && !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
    }

    fn with(mut self, other: &Self) -> Self {
        self.points += other.points;
        let reasons = other.reasons.iter().filter(|reason| !self.reasons.contains(reason));
        let reasons: Vec<_> = reasons.copied().collect();
        self.reasons.extend(reasons);
        self
    }

    /// The reasons as the end of a sentence.
    pub(super) fn because(&self) -> String {
        format!("because {}", self.reasons.join(", and "))
    }
}

/// A line of a cell in a form has at least so many characters.
const SHORTEST_LINE: usize = 15;

/// What it counts that a page did not end between a piece and the label below.
const ON_PAGE: i32 = 4;

/// The gap before a piece.
struct Gap {
    /// What speaks for a cell that goes on over it.
    goes_on: Case,
    /// What speaks for another cell that begins behind it.
    begins: Case,
    /// Whether a page may have ended in it.
    is_break: bool,
    /// Whether the cell of the label above reaches down to the piece.
    is_under_label: bool,
}

/// What stands in and behind the gaps of a chain.
pub(super) struct Gaps {
    gaps: Vec<Gap>,
    /// For each piece, the points of all gaps behind it over which a cell goes on.
    behind: Vec<i32>,
    /// What speaks for the field above as the one that all pieces end.
    all_above: Case,
    /// What speaks for the field below as one that begins above its label, and whether a page may have ended right above that.
    below: Option<(Case, Case, bool)>,
    /// Whether the field below stands with all that is beside it on the page on which the last piece begins.
    is_below_on_page: bool,
}

impl Gaps {
    /// What speaks for the field above as that of a piece behind other pieces of it; and of how many pieces it gets.
    pub(super) fn above(&self, at: usize, up: usize) -> Case {
        let count = self.gaps.len();
        let mut shared = Case::default();
        shared.weigh(up < count, 2, "what stands behind it begins the field below");
        if up == count && (at + 1 == count || self.all_above.points > 0) {
            shared = self.all_above.clone();
        }
        self.one_above(at).with(&shared)
    }

    fn one_above(&self, at: usize) -> Case {
        let mut case = Case::default();
        case.weigh(self.gaps[at].is_under_label, 8, "the cell of the label above reaches down to it");
        case.with(&self.gaps[at].goes_on)
    }

    /// What speaks for the field below as that of all pieces from one on.
    pub(super) fn below(&self, from: usize) -> Option<Case> {
        let (waits, next, is_break) = self.below.as_ref()?;
        let first = self.gaps.get(from)?;
        let mut case = waits.clone();
        // The halves of a cell stand on two pages.
        let is_behind = *is_break && !first.is_break;
        case.weigh(is_behind, 4, "a page may have ended behind it, and none right before it");
        case.weigh(first.is_break && !is_break, -2, "");
        case.weigh(self.is_below_on_page, -ON_PAGE, "");
        let mut case = case.with(&first.begins).with(next);
        case.points += self.behind[from];
        Some(case)
    }

    /// The points of each number of pieces that may go to the field above, the others going to the one below. `takes` says
    /// which pieces the one above may have.
    pub(super) fn ways(&self, takes: &[bool]) -> Vec<(usize, i32)> {
        let count = self.gaps.len();
        let (mut ways, mut points) = (Vec::new(), 0);
        for up in 0..=count {
            let last = up.checked_sub(1);
            if let Some(last) = last.filter(|last| takes[*last]) {
                points += self.one_above(last).points;
            } else if last.is_some() {
                continue;
            }
            let rest = if up == count {
                Some(self.all_above.points)
            } else {
                self.below(up).map(|case| case.points)
            };
            ways.extend(rest.filter(|_| count > 0).map(|rest| (up, points + rest)));
        }
        ways
    }
}

/// What a text and a piece behind it tell of the break between them.
struct Joint {
    /// Whether there is no text.
    is_blank: bool,
    end: End,
    opens: bool,
    begins_inside: bool,
    /// Whether the piece closes a bracket that the text opens.
    closes: bool,
    counts_on: bool,
    repeats_beginning: bool,
    stands_together: bool,
}

impl Joint {
    /// What speaks for a cell that goes on from the text to the piece.
    fn goes_on(&self) -> Case {
        let end = self.end;
        let mut case = Case::default();
        case.weigh(self.is_blank, 6, "the label above has no text of its own");
        case.weigh(end == End::Unfinished, 5, "the text above breaks off");
        case.weigh(end == End::Clause, 3, "the text above ends with a semicolon");
        case.weigh(end == End::Open && !self.is_blank, 1, "the text above has no full stop");
        case.weigh(end == End::Finished, -2, "");
        case.weigh(self.opens, 2, "the text above has a bracket or quotation open");
        case.weigh(self.begins_inside, 4, "it begins in the middle of a sentence");
        case.weigh(self.closes, 3, "it closes a bracket that the text above opens");
        case.weigh(self.counts_on, 4, "it goes on with the list of the text above");
        case.weigh(self.repeats_beginning, -3, "");
        case.weigh(
            self.stands_together,
            4,
            "the words across the break stand together elsewhere in the form",
        );
        case
    }

    /// What speaks for another cell that begins with the piece behind the text.
    fn begins(&self, piece: &Piece<'_>, is_first: bool) -> Case {
        let mut case = Case::default();
        // A page breaks a text behind a line, and a line in a cell has more characters than this.
        let a_line = piece.text.chars().count() >= SHORTEST_LINE;
        case.weigh(is_first && a_line, 2, "no field above could go on with it");
        case.weigh(self.end == End::Finished, 2, "the text above ends with a sentence");
        case.weigh(self.end == End::Unfinished, -4, "");
        case.weigh(self.begins_inside, -4, "");
        case.weigh(self.counts_on, -2, "");
        case.weigh(
            !self.is_blank && self.repeats_beginning,
            1,
            "it begins anew with the words of the text above",
        );
        case.weigh(self.stands_together, -2, "");
        case
    }
}

impl Healer<'_> {
    /// Weighs the gaps of a chain.
    pub(super) fn gaps(&self, chain: &Chain<'_>) -> Gaps {
        let draft = chain.above.map(|above| &self.drafts[above]);
        let mut whole = draft.and_then(|draft| draft.field.value.clone()).unwrap_or_default();
        let label_breaks = chain.below.as_ref().is_some_and(|below| below.field.after_break);
        let has_break = label_breaks || chain.pieces.iter().any(|piece| piece.after_break);
        let mut gaps = Vec::with_capacity(chain.pieces.len());
        let mut was_outside = false;
        for piece in &chain.pieces {
            // Below a line outside of the table that goes on: no other page need have ended there.
            let is_back = was_outside && piece.in_table;
            was_outside = !piece.in_table;
            let is_break = piece.after_break && !is_back;
            let joint = self.joint(&whole, piece);
            let mut goes_on = joint.goes_on();
            goes_on.weigh(is_break, 2, "a page may have ended right before it");
            if !is_break && !piece.under_label {
                goes_on.weigh(true, if has_break { -4 } else { -1 }, "");
            }
            let mut begins = joint.begins(piece, draft.is_none() && gaps.is_empty());
            begins.weigh(is_back, 2, "it stands in the table again, and the text above stands outside of it");
            gaps.push(Gap { goes_on, begins, is_break, is_under_label: piece.under_label });
            whole.push_str(piece.text);
        }
        let mut behind = vec![0; gaps.len()];
        for at in (1..gaps.len()).rev() {
            behind[at - 1] = behind[at] + gaps[at].goes_on.points;
        }
        let last = chain.pieces.last();
        let order = draft.and_then(|draft| draft.order);
        let below = chain.below.as_ref().zip(last).map(|(below, last)| {
            (waits(below, last), self.next_goes_on(below, last), below.field.after_break)
        });
        let is_begun = gaps.last().is_some_and(|gap| gap.is_break) && !label_breaks;
        let is_whole =
            |below: &Below<'_>| !below.is_lone() || last.is_some_and(|last| is_alone_on_page(below, last));
        let is_below_on_page = is_begun && chain.below.as_ref().is_some_and(is_whole);
        let mut all_above = self.all_above(order, chain, last);
        all_above.weigh(
            is_below_on_page,
            ON_PAGE,
            "the next label stands on the same page with all that is beside it",
        );
        Gaps { gaps, behind, all_above, below, is_below_on_page }
    }

    /// What a text and a piece behind it tell of the break between them.
    fn joint(&self, whole: &str, piece: &Piece<'_>) -> Joint {
        let text = tail(whole);
        let opens = sentence::opens(text);
        let end = sentence::end_knowing(text, opens);
        Joint {
            is_blank: text.is_empty(),
            end,
            opens,
            begins_inside: sentence::begins_inside(piece.text),
            closes: opens && sentence::closes(piece.text),
            counts_on: sentence::counts_on(text, piece.text),
            repeats_beginning: repeats_beginning(whole, piece.text),
            stands_together: self.stands_together(text, end, piece.text),
        }
    }

    /// What speaks for it that the pieces of a chain, down to the last, end the field above.
    fn all_above(&self, order: Option<usize>, chain: &Chain<'_>, last: Option<&&Piece<'_>>) -> Case {
        let mut case = Case::default();
        let (Some(below), Some(last)) = (&chain.below, last) else {
            case.weigh(true, 3, "no field follows that it could begin");
            return case;
        };
        case.weigh(breaks_off(last, below), -2, "");
        case.weigh(!below.is_lone(), 2, "the next label has a text of its own");
        // What of a cell stands outside of the table is mostly its rest.
        case.weigh(
            !below.is_lone() && !last.in_table,
            2,
            "it stands outside of the table, as the rest of a cell may",
        );
        case.weigh(below.is_lone(), -3, "");
        let missing = self.missing_between(order, below.field);
        case.weigh(!missing, 1, "no field is missing between the two labels");
        case.weigh(missing, -2, "");
        case
    }

    /// What speaks for it that the last piece above a label goes on behind it.
    fn next_goes_on(&self, below: &Below<'_>, piece: &Piece<'_>) -> Case {
        let mut case = Case::default();
        let Some(next) = below.next else { return case };
        case.weigh(below.is_lone(), 1, "more text follows the next label");
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
        let end = sentence::end(piece.text);
        case.weigh(
            self.stands_together(piece.text, end, next),
            4,
            "its last words go on behind the next label",
        );
        case
    }

    /// Whether two characters before and behind a break stand together elsewhere in the form. Of sentences that tells
    /// nothing: the same ones may follow each other anywhere. `end` is that of the text before it.
    fn stands_together(&self, before: &str, end: End, behind: &str) -> bool {
        if matches!(end, End::Finished | End::Clause) {
            return false;
        }
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
        vocabulary().between(first, label.order).any(|code| !self.codes.contains(&code))
    }
}

/// What speaks for a field as one that begins with the piece above its label.
fn waits(below: &Below<'_>, piece: &Piece<'_>) -> Case {
    let mut case = Case::default();
    case.weigh(below.is_lone(), 3, "the next label has no text beside it");
    case.weigh(!below.is_lone(), -3, "");
    case.weigh(!below.is_lone() && !piece.in_table, -2, "");
    case.weigh(
        breaks_off(piece, below),
        3,
        "it breaks off, and the text beside the next label ends a sentence",
    );
    case
}

/// Whether a label without a text stands below a piece on a page that is known, and nothing below it: then its cell is
/// blank, since the halves of a cell stand on two pages.
fn is_alone_on_page(below: &Below<'_>, piece: &Piece<'_>) -> bool {
    let pages = (piece.place, below.field.place);
    below.next.is_none() && matches!(pages, (Place::Page(piece), Place::Page(label)) if piece == label)
}

/// Whether a piece ends within a sentence, and the text beside the label below it does not.
fn breaks_off(piece: &Piece<'_>, below: &Below<'_>) -> bool {
    sentence::end(piece.text) != End::Finished
        && below.next.is_some()
        && below.field.value.is_some_and(|rest| sentence::end(rest) == End::Finished)
}

/// Whether a piece begins with the same words as a text, so that it is another beginning and not its rest.
fn repeats_beginning(text: &str, piece: &str) -> bool {
    const CHARACTERS: usize = 12;
    let both = folded_characters(text).zip(folded_characters(piece)).take(CHARACTERS);
    both.take_while(|(one, other)| one == other).count() == CHARACTERS
}
