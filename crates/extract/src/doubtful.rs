//! Values that may not be whole, in texts whose lines say little of which label they belong to.
//!
//! Where a dump prints labels in the middle of their texts, a line beside no label may belong to the label above or below.
//! Nothing decides that well (where a page broke a cell there is an order to hold on to; see `heal`), so such a line is
//! given to neither, and the value next to it, which it may continue, is taken from its label. Both stay in `fields`. An
//! amount, a date or an answer is whole by itself.
//!
//! Where lines were given to labels by where they stand, two texts may show that they were cut in the wrong place: a
//! bracket is closed in the second that was opened in the first, or the second begins with a comma. Then neither stays
//! with its label.

use std::collections::BTreeSet;

use jixiao_model::finding::excerpt;
use jixiao_model::{Finding, FindingCode, RawField};

use crate::fields::Item;
use crate::vocabulary::Kind;

/// The items with what is in doubt beside no label.
pub fn without_doubtful(items: Vec<Item<'_>>) -> Vec<Item<'_>> {
    let loose: BTreeSet<usize> = items
        .iter()
        .filter_map(|item| match item {
            Item::Piece(piece) => Some(piece.row),
            _ => None,
        })
        .collect();
    let mut kept = Vec::new();
    for item in items {
        match item {
            Item::Piece(piece) => {
                kept.push(Item::Remark { code: None, text: piece.text, place: piece.place })
            }
            Item::Field(mut field) => {
                let whole = field.label.as_ref().is_some_and(|label| is_whole(label.kind));
                let beside = [field.row.wrapping_sub(1), field.row, field.row + 1];
                let doubted = !whole && beside.iter().any(|row| loose.contains(row));
                let value = if doubted { field.value.take() } else { None };
                let place = field.place;
                kept.push(Item::Field(field));
                kept.extend(value.map(|text| Item::Remark { code: None, text, place }));
            }
            other => kept.push(other),
        }
    }
    kept
}

/// Whether a value of this kind cannot go on on another line.
fn is_whole(kind: Kind) -> bool {
    matches!(kind, Kind::Amount | Kind::Date | Kind::Year | Kind::YesNo | Kind::Unit)
}

/// Pairs of brackets and marks of quotation.
const PAIRS: [(char, char); 6] =
    [('《', '》'), ('（', '）'), ('(', ')'), ('“', '”'), ('〔', '〕'), ('【', '】')];
/// Marks with which no text begins.
const NEVER_FIRST: &[char] = &['、', '，', '。', '；', '：', '！', '？', '》', '）', ')', '”', ',', ';'];

/// Takes values from their labels that were cut in the wrong place, and says so.
pub fn part_torn(fields: Vec<RawField>) -> (Vec<RawField>, Vec<Finding>) {
    let mut torn = vec![false; fields.len()];
    let mut above: Option<usize> = None;
    for (at, field) in fields.iter().enumerate() {
        let Some(value) = field.value.as_deref() else { continue };
        if field.label.is_some() && value.starts_with(NEVER_FIRST) {
            torn[at] = true;
            above.into_iter().for_each(|above| torn[above] = true);
        }
        if let Some(before) = above
            && let Some(text) = fields[before].value.as_deref()
            && PAIRS.iter().any(|pair| is_left_open(text, *pair) && closes_first(value, *pair))
        {
            torn[before] = true;
            torn[at] = true;
        }
        above = Some(at);
    }
    let mut kept = Vec::new();
    let mut findings = Vec::new();
    for (mut field, torn) in fields.into_iter().zip(torn) {
        let value = if torn && field.label.is_some() { field.value.take() } else { None };
        let loose = value.map(|value| {
            let message = "the text is cut in the wrong place, within a sentence; its label has no value, and it is kept in `fields`";
            let finding = Finding::new(FindingCode::ValueWithoutLabel, message).with_found(excerpt(&value));
            findings.push(finding.at(&field.place));
            RawField { code: None, label: None, value: Some(value), unit: None, place: field.place.clone() }
        });
        kept.push(field);
        kept.extend(loose);
    }
    (kept, findings)
}

/// Whether a text leaves a bracket open.
fn is_left_open(text: &str, (open, close): (char, char)) -> bool {
    let last_open = text.rfind(open);
    last_open.is_some_and(|open| text.rfind(close).is_none_or(|close| close < open))
}

/// Whether a text closes a bracket that it did not open.
fn closes_first(text: &str, (open, close): (char, char)) -> bool {
    let first = text.find(close);
    first.is_some_and(|close| text.find(open).is_none_or(|open| open > close))
}
