//! Pieces of broken cells back to where they belong.
//!
//! When a page ends within a long cell, its rest stands on the next page beside an empty label cell, or outside the
//! table; and since a label is centred in its cell, the label may stand between the halves or behind both. So a
//! piece may end the field above or begin the field below. Neither is certain, so everything that speaks for one
//! or the other is weighed, the reasons go into the finding, and a narrow decision is reported as a doubt.
//! Pieces are put together without anything between them: Chinese needs nothing, and a page that ended with a
//! sentence cannot be told from a paragraph that did.
//! A piece that nothing speaks for is kept without a label: nothing is lost, and nothing is invented.

mod evidence;
mod layout;

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

use jixiao_model::finding::excerpt;
use jixiao_model::{Finding, FindingCode, Place, RawField};

use crate::fields::{FieldItem, Item, Piece};
use crate::sentence::{self, End};
use crate::vocabulary::Kind;
use evidence::Case;
use memchr::memmem;

/// A decision by less than this is reported as a doubt.
const DOUBT: i32 = 2;
/// A text that is printed again at the head of the next page and goes on there is cut if so many characters repeat.
const REPEATED_CHARACTERS: usize = 6;
/// Behind the end of a sentence a whole line must repeat: lists begin their items with the same words.
const REPEATED_LINE: usize = 15;
/// How much of the form is searched for words that a page break may have cut.
const CORPUS_CHARACTERS: usize = 100_000;
/// For so many pieces it is quicker to search it than to take it apart.
const FEW_PIECES: usize = 50;

/// How much of the end of a text tells whether a piece continues it.
const TAIL_BYTES: usize = 900;
/// How many fields may stand in a row.
const FIELDS_IN_ROW: usize = 200;

/// A field whose text is put together.
struct Draft {
    field: RawField,
    kind: Option<Kind>,
    order: Option<usize>,
    column: usize,
    row: usize,
}

/// The fields of a form, and what was healed.
#[derive(Default)]
pub struct Healed {
    /// All fields in reading order.
    pub fields: Vec<RawField>,
    /// What was put together, cut or left over.
    pub findings: Vec<Finding>,
}

/// Puts the items of one form together.
pub fn heal(items: &[Item<'_>]) -> Healed {
    let items = &layout::with_values_below(items);
    let mut healer = Healer::new(items);
    for (index, item) in items.iter().enumerate() {
        match item {
            Item::Field(field) => healer.field(field),
            Item::Heading { text, place } => {
                healer.bare(Some("section_heading"), text, place);
                healer.above = None;
            }
            Item::Remark { code, text, place } => healer.bare(*code, text, place),
            Item::Piece(piece) => healer.piece(piece, index),
        }
    }
    Healed { fields: healer.drafts.into_iter().map(|draft| draft.field).collect(), findings: healer.findings }
}

struct Healer<'i> {
    items: &'i [Item<'i>],
    /// Codes that the form prints anywhere. Only pieces are weighed by them.
    codes: BTreeSet<&'static str>,
    /// For each item, the next one that is no piece.
    next: Vec<usize>,
    /// The form's text, to see whether two halves of a word stand together in it. Only a form with pieces needs it.
    corpus: OnceCell<String>,
    /// Every four characters of that text, each four as one number. Only a form with many pieces needs them, so that the
    /// text is not looked through for each.
    fours: OnceCell<HashSet<u128>>,
    pieces: usize,
    drafts: Vec<Draft>,
    /// The last field, where pieces may still follow it.
    above: Option<usize>,
    /// Text that was found to begin the next field.
    before_label: Option<String>,
    findings: Vec<Finding>,
}

/// The field below a piece, and the text that would go on there.
struct Below<'i> {
    field: &'i FieldItem<'i>,
    /// The text behind its label, where nothing else stands between the piece and the label.
    next: Option<&'i str>,
    /// Whether a page may have ended between the piece and what follows it.
    after_break: bool,
}

impl<'i> Healer<'i> {
    fn new(items: &'i [Item<'i>]) -> Self {
        let pieces = items.iter().filter(|item| matches!(item, Item::Piece(_))).count();
        let codes = items.iter().filter_map(|item| match item {
            Item::Field(field) => field.label.as_ref().map(|label| label.code),
            _ => None,
        });
        let mut next = vec![items.len(); items.len()];
        for at in (1..items.len()).rev() {
            next[at - 1] = if matches!(items[at], Item::Piece(_)) { next[at] } else { at };
        }
        Self {
            items,
            next,
            codes: codes.filter(|_| pieces > 0).collect(),
            corpus: OnceCell::new(),
            fours: OnceCell::new(),
            pieces,
            drafts: Vec::with_capacity(items.len()),
            above: None,
            before_label: None,
            findings: Vec::new(),
        }
    }

    /// Whether four characters stand together anywhere on the form.
    fn stand_together(&self, four: [char; 4]) -> bool {
        let corpus = self.corpus.get_or_init(|| {
            let texts = self.items.iter().filter_map(|item| match item {
                Item::Field(field) => field.value,
                Item::Piece(piece) => Some(piece.text),
                _ => None,
            });
            let mut corpus = String::new();
            for text in texts {
                // A character has four bytes at most.
                if corpus.len() >= CORPUS_CHARACTERS * 4 {
                    break;
                }
                corpus.push_str(text);
                corpus.push('\n');
            }
            if corpus.len() > CORPUS_CHARACTERS {
                let end = corpus.char_indices().nth(CORPUS_CHARACTERS);
                corpus.truncate(end.map_or(corpus.len(), |(end, _)| end));
            }
            corpus
        });
        if self.pieces <= FEW_PIECES {
            return memmem::find(corpus.as_bytes(), String::from_iter(four).as_bytes()).is_some();
        }
        let fours = self.fours.get_or_init(|| {
            let characters: Vec<char> = corpus.chars().collect();
            characters.windows(4).map(as_number).collect()
        });
        fours.contains(&as_number(&four))
    }

    fn field(&mut self, item: &FieldItem<'_>) {
        if self.goes_on(item) {
            return;
        }
        let mut value = self.before_label.take();
        if let Some(text) = item.value {
            match &mut value {
                Some(before) => before.push_str(text),
                None => value = Some(text.to_owned()),
            }
        }
        self.above = Some(self.drafts.len());
        self.drafts.push(Draft {
            field: RawField {
                code: item.label.as_ref().map(|label| label.code),
                label: Some(item.printed.to_owned()),
                value,
                unit: item.label.as_ref().and_then(|label| label.unit.clone()),
                place: item.place.clone(),
            },
            kind: item.label.as_ref().map(|label| label.kind),
            order: item.label.as_ref().map(|label| label.order),
            column: item.column,
            row: item.row,
        });
    }

    /// A page may print the label of a section again above the rest of its text. Returns whether it did.
    fn goes_on(&mut self, item: &FieldItem<'_>) -> bool {
        let (Some(label), Some(rest), Some(above)) = (&item.label, item.value, self.above) else {
            return false;
        };
        let draft = &mut self.drafts[above];
        let same = draft.field.code == Some(label.code) && label.kind == Kind::Narrative;
        let marked = label.unit.as_deref().is_some_and(|remark| remark.starts_with('续'));
        let Some(text) = draft.field.value.as_mut().filter(|_| same && (item.after_break || marked)) else {
            return false;
        };
        if text == rest {
            return true;
        }
        text.push_str(rest);
        let message = "a page ended within the text, and printed its label again above the rest";
        let finding = Finding::new(FindingCode::HealedPageBreak, message).with_field(label.code);
        self.findings.push(finding.with_found(rest).with_expected(item.printed).at(item.place));
        true
    }

    /// A text that needs no label.
    fn bare(&mut self, code: Option<&'static str>, text: &str, place: &Place) {
        let field =
            RawField { code, label: None, value: Some(text.to_owned()), unit: None, place: place.clone() };
        self.drafts.push(Draft { field, kind: None, order: None, column: 0, row: 0 });
    }

    fn piece(&mut self, piece: &Piece<'_>, index: usize) {
        if let Some(before) = &mut self.before_label {
            // What stands above it begins the field below already.
            before.push_str(piece.text);
            return;
        }
        let above = self.above_of(piece);
        let below = self.below(index);
        if let Some(above) = above
            && self.drop_repeated(above, piece, below.as_ref())
        {
            return;
        }
        let case_above = above.map(|above| self.case_above(above, piece, below.as_ref()));
        let case_below = below.as_ref().map(|below| self.case_below(above, piece, below));
        let points = |case: &Option<Case>| case.as_ref().map_or(i32::MIN, |case| case.points);
        let (up, down) = (points(&case_above), points(&case_below));
        if up.max(down) < 1 {
            self.leave(piece);
            return;
        }
        let (case, other) = if up >= down { (case_above, down) } else { (case_below, up) };
        let case = case.unwrap_or_default();
        let in_doubt = case.points.saturating_sub(other) < DOUBT;
        match (up >= down, above, below) {
            (true, Some(above), _) => self.attach_above(above, piece, &case, in_doubt),
            (_, _, Some(below)) => self.attach_below(piece, &below, &case, in_doubt),
            _ => self.leave(piece),
        }
    }

    /// The field that a piece would continue: the one whose value stands in its column in the last row with several
    /// fields, else the last one.
    fn above_of(&self, piece: &Piece<'_>) -> Option<usize> {
        let last = self.above?;
        let row = self.drafts[last].row;
        let in_row = || {
            (0..=last)
                .rev()
                .take_while(|index| self.drafts[*index].row == row || self.drafts[*index].kind.is_none())
                .take(FIELDS_IN_ROW)
        };
        let several = in_row().filter(|index| self.drafts[*index].field.label.is_some()).count() > 1;
        let above = if piece.in_table && several {
            in_row().find(|index| self.drafts[*index].column == piece.column)?
        } else {
            last
        };
        let draft = &self.drafts[above];
        let value = draft.field.value.as_deref().unwrap_or_default();
        let in_cell = piece.in_table && (piece.after_break || piece.under_label || value.is_empty());
        let takes_text = match draft.kind {
            Some(Kind::Narrative) => true,
            Some(Kind::Text | Kind::Name) => in_cell,
            // A number or a date is too short for a page to break it; only where it is missing may it be the piece.
            Some(Kind::Amount | Kind::Date | Kind::Year | Kind::YesNo | Kind::Unit) => {
                value.is_empty() && (in_cell || piece.text.starts_with(|c: char| c.is_ascii_digit()))
            }
            None => value.chars().nth(30).is_some() || piece.in_table,
        };
        (takes_text && piece.row > row).then_some(above)
    }

    /// The next field, if nothing but pieces stands between; a narrative one, or one that has no value.
    fn below(&self, index: usize) -> Option<Below<'i>> {
        let items = self.items;
        let at = self.next[index];
        let Some(Item::Field(field)) = items.get(at) else { return None };
        if field.label.as_ref().is_none_or(|label| label.kind != Kind::Narrative) {
            return None;
        }
        let (next, after_break) = match items.get(index + 1) {
            Some(Item::Piece(piece)) => (None, piece.after_break),
            _ => {
                let behind = match items.get(at + 1) {
                    Some(Item::Piece(piece)) => Some(piece.text),
                    _ => None,
                };
                (field.value.or(behind), field.after_break)
            }
        };
        Some(Below { field, next, after_break })
    }

    /// A line that is printed at the foot of one page and again at the head of the next.
    fn drop_repeated(&mut self, above: usize, piece: &Piece<'_>, below: Option<&Below<'_>>) -> bool {
        let needed_below = below.is_some_and(|below| below.field.value.is_none());
        let Some(text) = self.drafts[above].field.value.as_mut() else { return false };
        if !piece.after_break || needed_below {
            return false;
        }
        let whole = piece.text.chars().count();
        let shorter = piece.text.len() < text.len();
        let finished = sentence::end(tail(text)) == End::Finished;
        if shorter && text.ends_with(piece.text) && (whole >= 4 || (finished && whole >= 2)) {
            let message =
                format!("the end of the text above is printed again at {} and was dropped", piece.place);
            self.findings.push(about(
                FindingCode::RepeatedTextDropped,
                &self.drafts[above].field,
                piece,
                message,
            ));
            return true;
        }
        let repeated = overlap(text, piece.text);
        let enough = if finished { REPEATED_LINE } else { REPEATED_CHARACTERS };
        if repeated < enough {
            return false;
        }
        let rest: String = piece.text.chars().skip(repeated).collect();
        text.push_str(&rest);
        let message = format!(
            "the first {repeated} characters at {} repeat the end of the text above and were dropped; the rest continues it",
            piece.place
        );
        self.findings.push(about(
            FindingCode::RepeatedTextDropped,
            &self.drafts[above].field,
            piece,
            message,
        ));
        true
    }

    fn attach_above(&mut self, above: usize, piece: &Piece<'_>, case: &Case, in_doubt: bool) {
        let draft = &mut self.drafts[above];
        match &mut draft.field.value {
            Some(text) => text.push_str(piece.text),
            None => draft.field.value = Some(piece.text.to_owned()),
        }
        let message =
            format!("text beside no label was read as the rest of the field above, {}", because(case));
        self.findings.push(about(code(in_doubt), &self.drafts[above].field, piece, message));
    }

    fn attach_below(&mut self, piece: &Piece<'_>, below: &Below<'_>, case: &Case, in_doubt: bool) {
        self.before_label = Some(piece.text.to_owned());
        let message =
            format!("text beside no label was read as the beginning of the field below, {}", because(case));
        let mut finding = Finding::new(code(in_doubt), message).with_found(piece.text).at(piece.place);
        finding.field = below.field.label.as_ref().map(|label| label.code.to_owned());
        self.findings.push(finding.with_expected(below.field.printed));
    }

    fn leave(&mut self, piece: &Piece<'_>) {
        self.bare(None, piece.text, piece.place);
        let message =
            "text beside no label, and nothing tells which field it belongs to; it is kept in `fields`";
        self.findings.push(
            Finding::new(FindingCode::ValueWithoutLabel, message).with_found(piece.text).at(piece.place),
        );
    }
}

/// Four characters as one number, which is quicker to look up.
fn as_number(four: &[char]) -> u128 {
    four.iter().fold(0, |number, character| number << 32 | u128::from(u32::from(*character)))
}

fn code(in_doubt: bool) -> FindingCode {
    if in_doubt { FindingCode::AmbiguousPageBreak } else { FindingCode::HealedPageBreak }
}

fn because(case: &Case) -> String {
    format!("because {}", case.reasons.join(", and "))
}

fn about(code: FindingCode, field: &RawField, piece: &Piece<'_>, message: String) -> Finding {
    let mut finding = Finding::new(code, message).with_found(piece.text).at(piece.place);
    finding.field = field.code.map(str::to_owned);
    finding.expected = field.label.as_deref().map(excerpt);
    finding
}

/// The end of a text: what tells how it goes on. A text that thousands of pieces continue must not be looked through
/// for each of them.
fn tail(text: &str) -> &str {
    text.get(text.floor_char_boundary(text.len().saturating_sub(TAIL_BYTES))..).unwrap_or_default()
}

/// How many of the piece's first characters are the text's last.
fn overlap(text: &str, piece: &str) -> usize {
    let text: Vec<char> = text.chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
    let piece: Vec<char> = piece.chars().take(200).collect();
    (1..=text.len().min(piece.len()))
        .rev()
        .find(|length| text[text.len() - length..] == piece[..*length])
        .unwrap_or(0)
}
