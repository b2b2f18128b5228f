//! Values that may not be whole, in texts whose lines say little of which label they belong to.
//!
//! Where a dump prints labels in the middle of their texts, a line beside no label may belong to the label above or below.
//! Nothing decides that well (where a page broke a cell there is an order to hold on to; see `heal`), so such a line is
//! given to neither, and the value next to it, which it may continue, is taken from its label. Both stay in `fields`. An
//! amount, a date or an answer is whole by itself.

use std::collections::BTreeSet;

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
