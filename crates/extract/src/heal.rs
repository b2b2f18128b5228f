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
mod repeated;
mod run;

use std::cell::OnceCell;
use std::collections::HashSet;

use jixiao_model::{Finding, FindingCode, Place, RawField};

use crate::fields::{FieldItem, Item};
use crate::known::known;
use crate::vocabulary::Kind;
use memchr::memmem;

/// A decision by less than this is reported as a doubt.
const DOUBT: i32 = 2;
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
    let mut at = 0;
    while let Some(item) = items.get(at) {
        at += 1;
        match item {
            Item::Field(field) => healer.field(field, at - 1),
            Item::Heading { text, place } => {
                healer.bare(Some("section_heading"), text, place);
                healer.above = None;
            }
            Item::Remark { code, text, place } => healer.bare(*code, text, place),
            Item::Piece(_) => at = healer.run(at - 1),
        }
    }
    Healed { fields: healer.drafts.into_iter().map(|draft| draft.field).collect(), findings: healer.findings }
}

struct Healer<'i> {
    items: &'i [Item<'i>],
    /// Codes that the form prints anywhere, each once. Only pieces are weighed by them.
    codes: Vec<&'static str>,
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
    /// Text that was found to begin a field below, which is told by its item.
    before_label: Vec<(usize, String)>,
    findings: Vec<Finding>,
}

impl<'i> Healer<'i> {
    fn new(items: &'i [Item<'i>]) -> Self {
        let pieces = items.iter().filter(|item| matches!(item, Item::Piece(_))).count();
        let codes = items.iter().filter_map(|item| match item {
            Item::Field(field) => field.label.as_ref().map(|label| label.code),
            _ => None,
        });
        let mut codes: Vec<_> = codes.filter(|_| pieces > 0).collect();
        codes.sort_unstable();
        codes.dedup();
        let mut next = vec![items.len(); items.len()];
        for at in (1..items.len()).rev() {
            next[at - 1] = if matches!(items[at], Item::Piece(_)) { next[at] } else { at };
        }
        Self {
            items,
            next,
            codes,
            corpus: OnceCell::new(),
            fours: OnceCell::new(),
            pieces,
            drafts: Vec::with_capacity(items.len()),
            above: None,
            before_label: Vec::new(),
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

    fn field(&mut self, item: &FieldItem<'_>, number: usize) {
        if self.goes_on(item) {
            return;
        }
        let before = self.before_label.iter().position(|(item, _)| *item == number);
        let mut value = before.map(|at| self.before_label.swap_remove(at).1);
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
                label: Some(known(item.printed).shared(item.printed)),
                value,
                unit: item.label.as_ref().and_then(|label| label.unit.as_deref().map(str::to_owned)),
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
        let Some(above) = self.above.filter(|above| self.is_printed_again(item, *above)) else {
            return false;
        };
        let text = self.drafts[above].field.value.as_mut();
        let (Some(label), Some(rest), Some(text)) = (&item.label, item.value, text) else { return false };
        if text == rest {
            return true;
        }
        text.push_str(rest);
        let message = "a page ended within the text, and printed its label again above the rest";
        let finding = Finding::new(FindingCode::HealedPageBreak, message).with_field(label.code);
        self.findings.push(finding.with_found(rest).with_expected(item.printed).at(item.place));
        true
    }

    /// Whether a label is that of the section above, printed again on another page with more text beside it.
    fn is_printed_again(&self, item: &FieldItem<'_>, above: usize) -> bool {
        let Some(label) = item.label.as_ref().filter(|label| label.kind == Kind::Narrative) else {
            return false;
        };
        let is_marked = label.unit.as_deref().is_some_and(|remark| remark.starts_with('续'));
        let section = &self.drafts[above].field;
        section.code == Some(label.code)
            && section.value.is_some()
            && item.value.is_some()
            && (item.after_break || is_marked)
    }

    /// A text that needs no label.
    fn bare(&mut self, code: Option<&'static str>, text: &str, place: &Place) {
        let field =
            RawField { code, label: None, value: Some(text.to_owned()), unit: None, place: place.clone() };
        self.drafts.push(Draft { field, kind: None, order: None, column: 0, row: 0 });
    }
}

/// Four characters as one number, which is quicker to look up.
fn as_number(four: &[char]) -> u128 {
    four.iter().fold(0, |number, character| number << 32 | u128::from(u32::from(*character)))
}

/// The end of a text: what tells how it goes on. A text that thousands of pieces continue must not be looked through
/// for each of them.
fn tail(text: &str) -> &str {
    text.get(text.floor_char_boundary(text.len().saturating_sub(TAIL_BYTES))..).unwrap_or_default()
}
