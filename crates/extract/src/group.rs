//! What the cells beside a label say of it.
//!
//! Forms have labels on two levels: 项目资金（万元） is as high as the rows of the amounts beside it, 总体目标 as high as
//! 中期目标 and 年度目标 with their texts. The outer one has no value of its own, and what it says holds for the inner ones.

use std::rc::Rc;

use crate::fields::Item;
use crate::heading::{Part, parts_of};
use crate::numbers::is_year;
use crate::row::{Row, RowCell};
use crate::vocabulary::{Kind, Label, vocabulary};
use crate::words::begins;

/// The cells at the head of a row that group the labels beside them, and hold no field of their own: a heading before a
/// label, and a label that is several rows high before another (总体目标 before 中期目标 and 年度目标); whatever is so high before an
/// amount; and an amount that is so high before its sum or its years (资金总额 before 合计 and 2023年).
pub fn groups<'r, 'b>(row: &'r Row<'b>) -> Vec<&'r RowCell<'b>> {
    // Every row is asked, and hardly any begins with a heading or a cell that is several rows high.
    let may_group = |first: &RowCell<'_>| first.rows > 1 || first.heading().is_some();
    if !row.in_table || !row.printed().next().is_some_and(may_group) {
        return Vec::new();
    }
    let is_group = |(this, beside): &(&RowCell<'_>, &RowCell<'_>)| {
        // Where cells lost their spans, blanks stand between.
        let is_heading = this.heading().is_some();
        let adjacent = this.column + this.span == beside.column || is_heading;
        let first = || if beside.has_labels() { parts_of(beside.text).into_iter().next() } else { None };
        let next = || {
            beside.label().is_some()
                || beside.heading().is_some()
                || matches!(first(), Some(Part::Labelled(label, ..)) if label.kind == Kind::Amount)
        };
        let is_amount = |cell: &RowCell<'_>| cell.label().is_some_and(|label| label.kind == Kind::Amount);
        // A page may have torn it.
        let is_label = || this.label().is_some() || begins(this.text);
        let own = || is_heading || (this.rows > 1 && (is_label() || is_amount(beside)));
        let divided = || this.rows > 1 && is_amount(this) && (beside.is_total() || is_year(beside.folded()));
        adjacent && ((own() && next()) || divided())
    };
    row.printed().zip(row.printed().skip(1)).take_while(is_group).map(|(this, _)| this).collect()
}

/// What the cells to the left of a label say of it: the whole of which it is a part, and the unit of its amount.
fn grouped(row: &Row<'_>, column: usize) -> (Option<&'static str>, Option<Rc<str>>) {
    let beside = groups(row);
    let left = row.cells().iter().filter(|cell| {
        cell.column < column && (cell.from_above || beside.iter().any(|group| group.column == cell.column))
    });
    let (mut whole, mut unit) = (None, None);
    for cell in left {
        let label = cell.label();
        let code = label.map(|label| label.code).filter(|code| vocabulary().is_whole(code));
        whole = code.or_else(|| cell.whole_of_heading()).or(whole);
        let own = label.and_then(|label| label.unit.clone()).filter(|unit| vocabulary().is_money_unit(unit));
        unit = own.or_else(|| vocabulary().unit_of_heading(cell.text)).or(unit);
    }
    (whole, unit)
}

/// A label with what the cells to its left say of it.
pub fn with_group(mut label: Label, row: &Row<'_>, column: usize) -> (Label, Option<&'static str>) {
    if label.kind != Kind::Amount {
        return (label, None);
    }
    let (group, unit) = grouped(row, column);
    label.unit = label.unit.filter(|own| unit.is_none() || vocabulary().is_money_unit(own)).or(unit);
    (label, group)
}

/// Further cells of check boxes behind the first: 资金用途 | 政府购买服务□ | 其他√.
pub fn further_boxes<'r, 'b>(
    cells: &[&'r RowCell<'b>],
    at: usize,
    text: Option<&str>,
) -> Vec<&'r RowCell<'b>> {
    let rest = cells.get(at..).unwrap_or_default().iter();
    let boxes = rest.take_while(|cell| cell.text.is_empty() || cell.has_box());
    let further: Vec<_> = boxes.copied().filter(|cell| !cell.text.is_empty()).collect();
    // Most texts are long and have nothing behind them, so they are looked through last.
    let goes_on = !further.is_empty() && text.is_some_and(|text| vocabulary().has_box(text));
    if goes_on { further } else { Vec::new() }
}

/// Fields that stand in one cell, with what the cells to its left say of them.
pub fn in_cell<'b>(fields: Vec<Item<'b>>, row: &Row<'b>, cell: &RowCell<'b>) -> Vec<Item<'b>> {
    let placed = fields.into_iter().map(|item| match item {
        Item::Field(mut field) => {
            (field.column, field.label_column) = (cell.column, cell.column);
            if let Some(label) = field.label.take() {
                let (label, group) = with_group(label, row, cell.column);
                field.value = match label.kind {
                    Kind::Amount => {
                        field.value.map(|value| value.trim_end_matches([';', '；', ',', '，', '。', '、']))
                    }
                    _ => field.value,
                };
                (field.label, field.group) = (Some(label), group);
            }
            Item::Field(field)
        }
        other => other,
    });
    placed.collect()
}

/// Whether a row is 绩效目标 beside a text: a goal, where the same words alone head an indicator table.
pub fn is_goal(row: &Row<'_>) -> bool {
    let mut printed = row.printed();
    let (Some(first), Some(text), None) = (printed.next(), printed.next(), printed.next()) else {
        return false;
    };
    let is_text = || {
        text.label().is_none()
            && text.heading().is_none()
            && !text.is_group()
            && text.column_heading().is_none_or(|heading| heading.weak)
    };
    row.in_table && first.heading_label().is_some() && is_text()
}

/// Whether a cell says that the number behind it is a sum.
pub fn is_total_of(cells: &[&RowCell<'_>], at: usize) -> bool {
    let is_number = |cell: &RowCell<'_>| {
        cell.folded().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '¥' | '￥'))
    };
    let next = cells.get(at + 1..).and_then(|rest| rest.iter().find(|cell| !cell.text.is_empty()));
    cells.get(at).is_some_and(|cell| cell.is_total()) && next.is_none_or(|next| is_number(next))
}

/// Whether a cell to the left, as high as several rows or a heading, groups amounts.
pub fn is_beside_money(row: &Row<'_>, cell: &RowCell<'_>) -> bool {
    let mut left = row.cells().iter().filter(|left| left.column < cell.column && !left.text.is_empty());
    left.next_back().is_some_and(|left| {
        left.heading() == Some(false) || left.label().is_some_and(|label| label.kind == Kind::Amount)
    })
}
