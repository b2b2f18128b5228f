//! Amounts of money, in yuan.
//!
//! A unit in the number itself counts first, then that of the label, then that of the heading. Without any of them an
//! amount is not read: 20 may be twenty yuan or two hundred thousand, and a wrong amount is worse than none. The only
//! exception is a family whose official template prints the unit, and then a finding says that it was taken from
//! there.

use std::borrow::Cow;
use std::sync::OnceLock;

use jixiao_model::reference::{UNITS, parsed};
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::number;
use jixiao_model::fold::{fold, split_bracket};

#[derive(Deserialize)]
struct Units {
    money: Vec<Money>,
    no_amount: Names,
}

/// A unit of money, and what one is in yuan.
#[derive(Debug, Deserialize)]
pub struct Money {
    yuan: u32,
    names: Vec<String>,
}

#[derive(Deserialize)]
struct Names {
    names: Vec<String>,
}

fn units() -> &'static Units {
    static UNITS_READ: OnceLock<Units> = OnceLock::new();
    UNITS_READ.get_or_init(|| {
        let mut units: Units = parsed("units", UNITS);
        units.no_amount.names.iter_mut().for_each(|name| *name = fold(name));
        units
    })
}

/// An amount and the unit that it was read with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// In yuan, with two decimals.
    pub yuan: Decimal,
    /// The canonical name of its unit.
    pub unit: &'static str,
}

/// What became of a printed amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// It was read.
    Read(Amount),
    /// It is a mark for "none" (`/`, `无`, `—`).
    Nothing,
    /// It is a number, and nothing tells its unit.
    NoUnit,
    /// It is no amount, or one that does not fit decimal(18,2).
    Unreadable,
}

/// Reads an amount. `declared` is the unit of label or heading.
pub fn read(raw: &str, declared: Option<Unit>) -> Reading {
    // Most are a number and no more, of which folding leaves each character.
    let plain = number::plain(raw);
    let folded = if plain.is_some() { Cow::Borrowed(raw) } else { Cow::Owned(fold(raw)) };
    if units().no_amount.names.iter().any(|name| *name == folded) {
        return Reading::Nothing;
    }
    let read = plain.map(|value| (value, None)).or_else(|| value_and_unit(&folded));
    let Some((value, own)) = read else { return Reading::Unreadable };
    let unit = match own.or(declared) {
        Some(unit) => unit,
        // Nothing is nothing in every unit.
        None if value.is_zero() => &units().money[0],
        None => return Reading::NoUnit,
    };
    let Some(yuan) = value.checked_mul(Decimal::from(unit.yuan)) else { return Reading::Unreadable };
    match to_cents(yuan) {
        Some(yuan) => Reading::Read(Amount { yuan, unit: &unit.names[0] }),
        None => Reading::Unreadable,
    }
}

/// The number of an amount, and the unit that stands in it.
fn value_and_unit(folded: &str) -> Option<(Decimal, Option<Unit>)> {
    // Before the number stand the currency and 约, behind it 整; in brackets accountants write what is negative.
    let bare = without_prefix(folded, "人民币").trim_start_matches(['¥', '￥']);
    let bare = without_prefix(bare, "rmb");
    let bare = match split_bracket(bare) {
        (number, Some(content))
            if content.starts_with("大写") || in_words(content.trim_end_matches(['整', '正'])).is_some() =>
        {
            number
        }
        _ => bare,
    };
    let bare = without_prefix(without_prefix(bare, "共计"), "合计").trim_start_matches([':', '约']);
    let bare = without_suffix(bare, "左右").trim_end_matches(['整', '正']);
    let (number, own) = split_unit(bare);
    // Bare digits, or a number whose unit is only a power of ten of the declared one.
    let (negative, digits) = number.strip_prefix('-').map_or((false, number), |digits| (true, digits));
    match number::plain(digits) {
        Some(value) => Some((if negative { -value } else { value }, own)),
        None => Some((in_words(bare)?, Some(&units().money[0]))),
    }
}

/// A unit of money.
pub type Unit = &'static Money;

/// The unit of money that a text names, as printed or folded.
pub fn unit(raw: &str) -> Option<Unit> {
    let named = |name: &str| units().money.iter().find(|unit| unit.names.iter().any(|known| known == name));
    // Most are printed as the data has them.
    named(raw).or_else(|| {
        let folded = fold(raw);
        let bare = folded.trim_matches(['(', ')', ':']);
        named(without_prefix(without_prefix(bare, "单位:"), "金额单位:"))
    })
}

/// A text without a word at its beginning, however often it stands there.
fn without_prefix<'t>(mut text: &'t str, word: &str) -> &'t str {
    while let Some(rest) = text.strip_prefix(word) {
        text = rest;
    }
    text
}

/// As [`without_prefix`], at the end.
fn without_suffix<'t>(mut text: &'t str, word: &str) -> &'t str {
    while let Some(rest) = text.strip_suffix(word) {
        text = rest;
    }
    text
}

/// A number and the unit behind it, the longest that fits: `20万元` is 20 and 万元.
fn split_unit(folded: &str) -> (&str, Option<Unit>) {
    if let (number, Some(content)) = split_bracket(folded)
        && let Some(unit) = unit(content)
    {
        return (number, Some(unit));
    }
    let names = units().money.iter().flat_map(|unit| unit.names.iter().map(move |name| (name, unit)));
    let found = names.filter_map(|(name, unit)| Some((folded.strip_suffix(name.as_str())?, unit)));
    match found.min_by_key(|(number, _)| number.len()) {
        Some((number, unit)) => (number, Some(unit)),
        None => (folded, None),
    }
}

/// `壹佰贰拾万元`, `三百元五角六分`: Chinese digits always carry their unit.
fn in_words(folded: &str) -> Option<Decimal> {
    let (yuan, rest) = folded.split_once(['元', '圆'])?;
    let mut value = number::chinese(yuan)?;
    let mut rest = rest.trim_start_matches(['零', '〇']);
    for (mark, scale) in [('角', 1), ('分', 2)] {
        if let Some((digit, after)) = rest.split_once(mark) {
            let mut digits = digit.chars().filter(|c| !matches!(c, '零' | '〇'));
            let digit = number::digit(digits.next()?).filter(|_| digits.next().is_none())?;
            value = value.checked_add(Decimal::new(i64::from(digit), scale))?;
            rest = after;
        }
    }
    rest.is_empty().then_some(value)
}

/// With two decimals, if that loses nothing and fits decimal(18,2).
fn to_cents(yuan: Decimal) -> Option<Decimal> {
    let mut cents = yuan.normalize();
    if cents.scale() > 2 || cents.abs() >= Decimal::from(10_000_000_000_000_000_u64) {
        return None;
    }
    cents.rescale(2);
    Some(cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, declared: Option<&str>, expected: &str) {
        let shown = match read(raw, declared.and_then(unit)) {
            Reading::Read(amount) => format!("{} {}", amount.yuan, amount.unit),
            other => format!("{other:?}"),
        };
        assert_eq!(shown, expected, "{raw} {declared:?}");
    }

    #[test]
    fn amounts_in_all_writings() {
        for (raw, unit, expected) in [
            ("2,000,000", Some("元"), "2000000.00 元"),
            ("６３４，１１０．５", Some("（元）"), "634110.50 元"),
            ("120", Some("万元"), "1200000.00 万元"),
            ("20万元", Some("元"), "200000.00 万元"),
            ("1.5亿", None, "150000000.00 亿元"),
            ("￥1,000.00", Some("元"), "1000.00 元"),
            ("人民币壹佰贰拾万元整", None, "1200000.00 元"),
            ("三百五十万元", None, "3500000.00 元"),
            ("叁仟肆佰元伍角陆分", None, "3400.56 元"),
            ("壹佰元零伍分", None, "100.05 元"),
            ("-500", Some("元"), "-500.00 元"),
            ("0", Some("元"), "0.00 元"),
            ("0.1234567", Some("万元"), "Unreadable"),
            ("0.1234", Some("万元"), "1234.00 万元"),
            ("/", Some("元"), "Nothing"),
            ("2,000,000", None, "NoUnit"),
            ("0.00", None, "0.00 元"),
            ("2,000,000", Some("盖章"), "NoUnit"),
            ("详见附件", Some("元"), "Unreadable"),
            ("$1,000", Some("元"), "Unreadable"),
            ("(500)", Some("元"), "Unreadable"),
            ("20（万元）", Some("元"), "200000.00 万元"),
            ("1,200,000元（大写：壹佰贰拾万元整）", None, "1200000.00 元"),
            ("约120万元", None, "1200000.00 万元"),
            ("120万元左右", None, "1200000.00 万元"),
            ("共计：120万元", None, "1200000.00 万元"),
            ("100万元（壹佰万元整）", None, "1000000.00 万元"),
            ("100万元（含税）", None, "Unreadable"),
            ("12,34", Some("元"), "Unreadable"),
            ("99999999999999999", Some("元"), "Unreadable"),
        ] {
            check(raw, unit, expected);
        }
    }
}
