//! What the cells beside a label say of it.
//!
//! Forms have labels on two levels: 项目资金（万元） is as high as the rows of the amounts beside it, 总体目标 as high as
//! 中期目标 and 年度目标 with their texts. The outer one has no value of its own, and what it says holds for the inner ones.

use crate::fields::Item;
use crate::heading::{Part, parts_of};
use crate::row::{Row, RowCell};
use crate::vocabulary::{Kind, Label, vocabulary};

/// The cells at the head of a row that group the labels beside them, and hold no field of their own: a heading before a
/// label, and a label that is several rows high before another (总体目标 before 中期目标 and 年度目标); and whatever is so high before an
/// amount.
pub fn groups<'r, 'b>(row: &'r Row<'b>) -> Vec<&'r RowCell<'b>> {
    let printed: Vec<_> = row.printed().collect();
    let is_group = |pair: &&[&RowCell<'_>]| {
        let beside = pair[0].column + pair[0].span == pair[1].column && row.in_table;
        let first = || parts_of(pair[1].text).into_iter().next();
        let next = vocabulary().label(pair[1].text).is_some()
            || vocabulary().heading(pair[1].text).is_some()
            || matches!(first(), Some(Part::Labelled(label, ..)) if label.kind == Kind::Amount);
        let amount = || vocabulary().label(pair[1].text).is_some_and(|label| label.kind == Kind::Amount);
        let own = vocabulary().heading(pair[0].text).is_some()
            || (pair[0].rows > 1 && (vocabulary().label(pair[0].text).is_some() || amount()));
        beside && next && own
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
    if !text.is_some_and(|text| vocabulary().has_box(text)) {
        return Vec::new();
    }
    let rest = cells.get(at..).unwrap_or_default().iter();
    rest.take_while(|cell| cell.text.is_empty() || vocabulary().has_box(cell.text))
        .copied()
        .filter(|cell| !cell.text.is_empty())
        .collect()
}

/// Fields that stand in one cell, with what the cells to its left say of them.
pub fn in_cell<'b>(fields: Vec<Item<'b>>, row: &Row<'b>, cell: &RowCell<'b>) -> Vec<Item<'b>> {
    let placed = fields.into_iter().map(|item| match item {
        Item::Field(mut field) => {
            field.column = cell.column;
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
