//! Amounts that are parts of others, and amounts that stand in one cell.
//!
//! 其他资金 below 项目资金总额 and 其他资金 below 年度资金总额 are two things. What a part belongs to is told by a cell that
//! groups it, by the whole above it in its own column, or by the whole before it in its row; where nothing tells, it keeps
//! its bare code. Which labels are parts, and of what, is data (`within` in `labels.toml`).

use std::rc::Rc;

use jixiao_model::fold::{fold, is_blank};

use crate::fields::{FieldItem, Item};
use crate::row::RowCell;
use crate::vocabulary::{Kind, Label, vocabulary};

/// The longest cell that may list amounts.
const LONGEST_LIST: usize = 2_000;
/// The longest label in such a list, in characters.
const LONGEST_NAME: usize = 24;
/// What stands between amounts. A bracket holds the parts of the amount before it.
const SEPARATORS: [char; 11] = [';', '；', ',', '，', '。', '、', '\n', '（', '）', '(', ')'];
/// What may stand behind a number, as a part of it.
const UNITS: &str = "元万千百亿整";

/// Parts cells that list several amounts: `资金总额：20万元；其中：财政拨款 10万元`. The first is the label's own. A cell may
/// also say its label once more, before its only amount.
pub fn expand(items: Vec<Item<'_>>) -> Vec<Item<'_>> {
    // Few forms have any; the items of the others are left where they are.
    if !items.iter().any(|item| list_in(item).is_some()) {
        return items;
    }
    let mut expanded = Vec::with_capacity(items.len());
    for item in items {
        match list_in(&item) {
            Some((field, list)) => {
                expanded
                    .extend(list.into_iter().enumerate().map(|(index, listed)| one(field, index, listed)));
            }
            None => expanded.push(item),
        }
    }
    expanded
}

/// A field of an amount whose cell lists several, and these.
fn list_in<'i, 'b>(item: &'i Item<'b>) -> Option<(&'i FieldItem<'b>, Vec<Listed<'b>>)> {
    let Item::Field(field) = item else { return None };
    field.label.as_ref().filter(|label| label.kind == Kind::Amount)?;
    // A number alone, as most amounts are, lists nothing.
    let is_number =
        |value: &str| value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'));
    let value = field.value.filter(|value| value.len() <= LONGEST_LIST && !is_number(value))?;
    let list = amounts(value)?;
    let says_own_label = || match list.as_slice() {
        [(Some((label, _)), _)] => field.label.as_ref().is_some_and(|own| own.code == label.code),
        _ => false,
    };
    (list.len() > 1 || says_own_label()).then_some((field, list))
}

/// An amount of a list: its label, if it has one, as printed and as known; and the number.
type Listed<'b> = (Option<(Label, &'b str)>, &'b str);

fn one<'b>(field: &FieldItem<'b>, index: usize, (label, value): Listed<'b>) -> Item<'b> {
    let own = field.label.as_ref();
    let unit = own.and_then(|label| label.unit.clone());
    Item::Field(match label {
        Some((label, printed)) if index > 0 || own.is_none_or(|own| own.code != label.code) => FieldItem {
            label: Some(Label { unit: label.unit.clone().or(unit), ..label }),
            printed,
            value: Some(value),
            ..field.clone()
        },
        _ => FieldItem { value: Some(value), ..field.clone() },
    })
}

/// The amounts that a text lists, if it does nothing else.
fn amounts(text: &str) -> Option<Vec<Listed<'_>>> {
    let mut list = Vec::new();
    for (index, part) in parts(text).enumerate() {
        list.push(amount(part, index == 0)?);
    }
    Some(list).filter(|list| !list.is_empty())
}

/// A text cut at commas, stops, brackets and line ends, and at blanks between a number and a label, but not within a number.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    let parts = std::iter::from_fn(move || {
        while let Some((at, character)) = characters.next() {
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            let next = characters.peek().map(|next| next.1);
            let within = matches!(character, ',' | '，') && digit(before) && digit(next);
            let is_number = digit(before) || before.is_some_and(|c| UNITS.contains(c));
            let is_gap = is_blank(character)
                && is_number
                && next.is_some_and(|c| c.is_alphabetic() && !UNITS.contains(c));
            if !is_blank(character) {
                before = Some(character);
            }
            if is_gap || SEPARATORS.contains(&character) && !within {
                let part = text.get(from..at);
                from = at + character.len_utf8();
                return part;
            }
        }
        let part = text.get(from..);
        from = usize::MAX;
        part
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

/// `其中：财政拨款 10万元`: a label and a number.
fn amount(part: &str, is_first: bool) -> Option<Listed<'_>> {
    let number = part.find(|c: char| c.is_ascii_digit() || matches!(c, '¥' | '￥' | '０'..='９'))?;
    let (printed, value) = part.split_at_checked(number)?;
    let is_number = |c: char| {
        c.is_ascii_digit()
            || is_blank(c)
            || ",.，．".contains(c)
            || UNITS.contains(c)
            || matches!(c, '¥' | '￥' | '０'..='９')
    };
    if !value.chars().all(is_number) {
        return None;
    }
    let printed = printed.trim();
    if printed.is_empty() {
        return is_first.then_some((None, value.trim()));
    }
    if printed.chars().count() > LONGEST_NAME {
        return None;
    }
    let without = fold(printed);
    let bare = without.trim_start_matches("其中").trim_start_matches(':');
    let label = vocabulary().label(printed).or_else(|| vocabulary().label(bare))?;
    (label.kind == Kind::Amount).then_some((Some((label, printed)), value.trim()))
}

/// `其中：财政拨款 80` in one cell: amounts behind their labels, without a colon between.
pub fn listed<'b>(cell: &RowCell<'b>, number: usize) -> Option<Vec<Item<'b>>> {
    const LONGEST: usize = 600;
    let list = Some(cell.text).filter(|text| text.len() <= LONGEST).and_then(amounts)?;
    let fields = list.into_iter().map(|(label, value)| {
        let (label, printed) = label?;
        Some(Item::Field(FieldItem {
            label: Some(label),
            printed,
            value: Some(value).filter(|value| !value.is_empty()),
            place: cell.place,
            column: cell.column,
            label_column: cell.column,
            row: number,
            after_break: true,
            group: None,
        }))
    });
    fields.collect()
}

/// The code of an amount that has parts, and its unit.
type Whole = (&'static str, Option<Rc<str>>);

/// The last whole in each column, by the order of columns. A form has a few.
#[derive(Default)]
struct Wholes(Vec<(usize, Whole)>);

impl Wholes {
    fn set(&mut self, column: usize, whole: &Whole) {
        match self.0.binary_search_by_key(&column, |(column, _)| *column) {
            Ok(at) => self.0[at].1 = whole.clone(),
            Err(at) => self.0.insert(at, (column, whole.clone())),
        }
    }

    fn of(&self, column: usize) -> Option<&Whole> {
        let at = self.0.binary_search_by_key(&column, |(column, _)| *column).ok()?;
        Some(&self.0[at].1)
    }

    /// The first one, if all are of its code.
    fn only(&self) -> Option<&Whole> {
        let (_, first) = self.0.first()?;
        self.0.iter().all(|(_, whole)| whole.0 == first.0).then_some(first)
    }
}

/// Gives parts of amounts the codes that they have as parts of their wholes, and their units.
pub fn name_parts(mut items: Vec<Item<'_>>) -> Vec<Item<'_>> {
    let mut wholes = Wholes::default();
    // In a dump a label of several columns leaves blanks before its value. Where the value is blank as well, nobody can
    // tell in which column it would stand; but labels stand below one another.
    let mut by_label = Wholes::default();
    let mut last_in_row: Option<(usize, Whole)> = None;
    for item in &mut items {
        let Item::Field(field) = item else { continue };
        let Some(label) = field.label.as_mut().filter(|label| label.kind == Kind::Amount) else { continue };
        if let Some(own) = field.group.and_then(|group| vocabulary().within(label, group)) {
            // 资金总额 beside 年度资金 is the whole of the year.
            *label = own;
        }
        if vocabulary().is_whole(label.code) {
            let whole = (label.code, label.unit.clone());
            wholes.set(field.column, &whole);
            by_label.set(field.label_column, &whole);
            last_in_row = Some((field.row, whole));
            continue;
        }
        let above = || wholes.of(field.column).or_else(|| by_label.of(field.label_column)).cloned();
        let before = || {
            let last = last_in_row.as_ref().filter(|(row, _)| *row == field.row);
            last.map(|(_, whole)| whole.clone())
        };
        let whole = field.group.map(|code| (code, None)).or_else(above).or_else(before);
        let whole = whole.or_else(|| wholes.only().cloned());
        let Some((code, unit)) = whole else { continue };
        if let Some(part) = vocabulary().within(label, code) {
            *label = part;
        }
        if label.unit.is_none() {
            label.unit = unit;
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_may_list_amounts() {
        for (text, expected) in [
            (
                "资金总额：20万元；其中：财政拨款 10万元，其他资金10万元",
                Some("total_budget=20万元 fiscal_funds=10万元 other_funds=10万元"),
            ),
            (
                "资金总额：850 其中：财政拨款：800  自筹资金 50 万元",
                Some("total_budget=850 fiscal_funds=800 self_raised=50 万元"),
            ),
            (
                "850万元（财政拨款800万元，其他资金50万元）",
                Some("=850万元 fiscal_funds=800万元 other_funds=50万元"),
            ),
            ("资金总额：850", Some("total_budget=850")),
            ("1,200万元（大写）", None),
            ("850万元（2023年）", None),
            ("。", None),
            (
                "20万元，其中：中央财政资金12万元、省级财政资金8万元。",
                Some("=20万元 central_subsidy=12万元 provincial_funds=8万元"),
            ),
            ("合计20万元，用于采购设备3台", None),
        ] {
            let shown = amounts(text).map(|list| {
                let one = |(label, value): &Listed<'_>| {
                    format!("{}={value}", label.as_ref().map_or("", |(label, _)| label.code))
                };
                list.iter().map(one).collect::<Vec<_>>().join(" ")
            });
            assert_eq!(shown.as_deref(), expected, "{text}");
        }
    }
}
