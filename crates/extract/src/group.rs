//! What the cells beside a label say of it.
//!
//! Forms have labels on two levels: 项目资金（万元） is as high as the rows of the amounts beside it, 总体目标 as high as
//! 中期目标 and 年度目标 with their texts. The outer one has no value of its own, and what it says holds for the inner ones.

use crate::fields::Item;
use crate::heading::{Part, parts_of};
use crate::numbers::is_year;
use crate::row::{Row, RowCell};
use crate::table_words::{heading, is_group};
use crate::vocabulary::{Kind, Label, vocabulary};
use crate::words::begins;
use jixiao_model::fold::fold;

/// The cells at the head of a row that group the labels beside them, and hold no field of their own: a heading before a
/// label, and a label that is several rows high before another (总体目标 before 中期目标 and 年度目标); whatever is so high before an
/// amount; and an amount that is so high before its sum or its years (资金总额 before 合计 and 2023年).
pub fn groups<'r, 'b>(row: &'r Row<'b>) -> Vec<&'r RowCell<'b>> {
    let printed: Vec<_> = row.printed().collect();
    let is_group = |pair: &&[&RowCell<'_>]| {
        // Where cells lost their spans, blanks stand between.
        let is_heading = vocabulary().heading(pair[0].text).is_some();
        let adjacent = pair[0].column + pair[0].span == pair[1].column || is_heading;
        let beside = adjacent && row.in_table;
        let first = || parts_of(pair[1].text).into_iter().next();
        let next = || {
            vocabulary().label(pair[1].text).is_some()
                || vocabulary().heading(pair[1].text).is_some()
                || matches!(first(), Some(Part::Labelled(label, ..)) if label.kind == Kind::Amount)
        };
        let amount = || vocabulary().label(pair[1].text).is_some_and(|label| label.kind == Kind::Amount);
        // A page may have torn it.
        let label = || vocabulary().label(pair[0].text).is_some() || begins(pair[0].text);
        let own = || is_heading || (pair[0].rows > 1 && (label() || amount()));
        let divided = || {
            let is_sum = vocabulary().is_total(pair[1].text) || is_year(&fold(pair[1].text));
            let label = vocabulary().label(pair[0].text).filter(|label| label.kind == Kind::Amount);
            is_sum && pair[0].rows > 1 && label.is_some()
        };
        // Every row is asked, so what is cheap to know comes first.
        beside && ((own() && next()) || divided())
    };
    printed.windows(2).take_while(is_group).map(|pair| pair[0]).collect()
}

/// What the cells to the left of a label say of it: the whole of which it is a part, and the unit of its amount.
fn grouped(row: &Row<'_>, column: usize) -> (Option<&'static str>, Option<String>) {
    let beside = groups(row);
    let left = row.cells.iter().filter(|cell| {
        cell.column < column && (cell.from_above || beside.iter().any(|group| group.column == cell.column))
    });
    let (mut whole, mut unit) = (None, None);
    for cell in left {
        let label = vocabulary().label(cell.text);
        let code = label.as_ref().map(|label| label.code).filter(|code| vocabulary().is_whole(code));
        whole = code.or_else(|| vocabulary().whole_of_heading(cell.text)).or(whole);
        let own = label.and_then(|label| label.unit).filter(|unit| vocabulary().is_money_unit(unit));
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
    let boxes = rest.take_while(|cell| cell.text.is_empty() || vocabulary().has_box(cell.text));
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
    let is_text = vocabulary().label(text.text).is_none()
        && vocabulary().heading(text.text).is_none()
        && !is_group(text.text)
        && heading(text.text).is_none_or(|heading| heading.weak);
    row.in_table && is_text && vocabulary().heading_label(first.text).is_some()
}

/// Whether a cell says that the number behind it is a sum.
pub fn is_total_of(cells: &[&RowCell<'_>], at: usize) -> bool {
    let is_number =
        |text: &str| fold(text).starts_with(|c: char| c.is_ascii_digit() || matches!(c, '¥' | '￥'));
    let next = cells.get(at + 1..).and_then(|rest| rest.iter().find(|cell| !cell.text.is_empty()));
    cells.get(at).is_some_and(|cell| vocabulary().is_total(cell.text))
        && next.is_none_or(|next| is_number(next.text))
}

/// Whether a cell to the left, as high as several rows or a heading, groups amounts.
pub fn is_beside_money(row: &Row<'_>, cell: &RowCell<'_>) -> bool {
    let mut left = row.cells.iter().filter(|left| left.column < cell.column && !left.text.is_empty());
    left.next_back().is_some_and(|left| {
        vocabulary().heading(left.text) == Some(false)
            || vocabulary().label(left.text).is_some_and(|label| label.kind == Kind::Amount)
    })
}
