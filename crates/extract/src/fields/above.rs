//! Labels that stand above their values.
//!
//! Only a row of nothing but labels, with values in the row below and in the same columns, is read so: no other way of
//! reading would find them.

use super::{FieldItem, Item, meant, read_heading, some};
use crate::group::{groups, is_beside_money, with_group};
use crate::numbers::is_year;
use crate::row::{Row, RowCell};
use crate::vocabulary::{Kind, vocabulary};

/// Reads a row of labels with their values in the row below, where that is what the two are. Each value then stands in
/// the column of its label, and no other way of reading would find it.
pub fn read_above_values<'b>(
    labels: &Row<'b>,
    values: &Row<'b>,
    number: usize,
    items: &mut Vec<Item<'b>>,
) -> bool {
    if !labels.in_table || !values.in_table {
        return false;
    }
    let groups = groups(labels);
    // The last cell of most rows is a value.
    let is_word = |cell: &RowCell<'_>| cell.label().is_some() || cell.is_total();
    if groups.is_empty() && !labels.printed().last().is_some_and(is_word) {
        return false;
    }
    // 合计 | 2023年 | 2024年 beside 资金总额 head amounts, too.
    let sum = |cell: &RowCell<'_>| {
        let is_sum = cell.is_total() && is_beside_money(labels, cell);
        if is_sum { vocabulary().label("资金合计") } else { None }
    };
    let label = |cell: &RowCell<'_>| cell.label().cloned().or_else(|| sum(cell));
    let is_label = |cell: &RowCell<'_>| {
        cell.label().is_some() || sum(cell).is_some() || (!groups.is_empty() && is_year(cell.folded()))
    };
    let named: Vec<_> = labels.printed().skip(groups.len()).collect();
    let beside = named.windows(2).any(|pair| pair[0].column + pair[0].span == pair[1].column);
    // Goals that are as wide as half the form leave blanks between where cells lost their spans.
    let goals = named.len() > 1
        && named.iter().all(|cell| label(cell).is_some_and(|label| label.kind == Kind::Narrative));
    let below = |cell: &RowCell<'_>| named.iter().any(|label| label.column == cell.column);
    let are = (beside || goals)
        && named.iter().all(|cell| is_label(cell))
        && !values.is_empty()
        && values.printed().all(|cell| below(cell) && !is_label(cell));
    if are {
        for cell in &groups {
            read_heading(cell, number, items);
        }
        items.extend(named.iter().map(|cell| {
            let value = values.printed().find(|value| value.column == cell.column);
            let text = value.and_then(|value| some(value.text));
            let label = label(cell).and_then(|label| meant(label, text));
            let label = label.map(|label| with_group(label, labels, cell.column));
            let (label, group) = label.map_or((None, None), |(label, group)| (Some(label), group));
            Item::Field(FieldItem {
                label,
                group,
                printed: cell.text,
                value: text,
                place: cell.place,
                column: cell.column,
                label_column: cell.column,
                row: number,
                after_break: labels.after_break,
            })
        }));
    }
    are
}
