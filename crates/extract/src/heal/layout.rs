//! Forms without a table: a label on a line, and its value on the next (`<dl>`, `<div>`, one paragraph each).
//!
//! There a line below a label is what stands beside it elsewhere. One label alone on a line tells nothing, since a page
//! break may have left it so, with half of its text above; but a form that has several such pairs is laid out in them.

use std::borrow::Cow;

use crate::fields::Item;

/// So many labels with a line below show the layout; page breaks do not leave so many in one form.
const ENOUGH: usize = 4;

/// The items with the lines below labels as their values, where the form is laid out so.
pub(super) fn with_values_below<'i, 'b>(items: &'i [Item<'b>]) -> Cow<'i, [Item<'b>]> {
    let pairs = (0..items.len()).filter(|at| is_pair(items, *at)).count();
    if pairs < ENOUGH {
        return Cow::Borrowed(items);
    }
    let mut laid_out: Vec<Item<'b>> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        match (item, laid_out.last_mut()) {
            (Item::Piece(piece), Some(Item::Field(field))) if at > 0 && is_label_and_line(items, at - 1) => {
                field.value = Some(piece.text);
            }
            _ => laid_out.push(item.clone()),
        }
    }
    Cow::Owned(laid_out)
}

/// Whether a label stands here with its value below. What stands right above a label outside a table may be the half
/// of its text, so that such a label counts for nothing, unless that is itself the value of a label.
fn is_pair(items: &[Item<'_>], at: usize) -> bool {
    let lone_piece =
        at > 0 && matches!(items[at - 1], Item::Piece(_)) && !(at > 1 && is_label_and_line(items, at - 2));
    is_label_and_line(items, at) && !lone_piece
}

fn is_label_and_line(items: &[Item<'_>], at: usize) -> bool {
    match (&items[at], items.get(at + 1)) {
        (Item::Field(field), Some(Item::Piece(piece))) => {
            field.value.is_none() && field.label.is_some() && !piece.in_table && piece.row == field.row + 1
        }
        _ => false,
    }
}
