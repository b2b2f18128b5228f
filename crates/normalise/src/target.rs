//! Targets taken apart: `≥90.00(%)` is at least 90 percent.
//!
//! The number keeps the unit that it was printed with (65万元 is 65 and 万元), but the many writings of percent are `%`.
//! A target without a unit takes that of its indicator's name (`设备购置数量（个）`). What cannot be taken apart whole is
//! text, never half a number: `target_raw` has what was printed in any case.

use std::sync::OnceLock;

use jixiao_model::record::{Operator, Target, TargetKind};
use jixiao_model::reference::{INDICATOR_TABLE, UNITS, parsed};
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::date::{self, Edge};
use crate::number;
use crate::text::name;
use jixiao_model::fold::{fold, split_bracket};

#[derive(Deserialize)]
struct Units {
    operator: Vec<OperatorWords>,
    unit: Vec<Unit>,
    measure: Measure,
}

#[derive(Deserialize)]
struct Measure {
    names: Vec<String>,
}

#[derive(Deserialize)]
struct OperatorWords {
    sign: String,
    before: Vec<String>,
    behind: Vec<String>,
}

#[derive(Deserialize)]
struct Unit {
    name: String,
    aliases: Vec<String>,
}

#[derive(Deserialize)]
struct IndicatorTable {
    shape: Shape,
}

#[derive(Deserialize)]
struct Shape {
    grades: Vec<String>,
}

struct Words {
    /// Folded, longest first.
    before: Vec<(String, Operator)>,
    behind: Vec<(String, Operator)>,
    units: Vec<(String, String)>,
    grades: Vec<String>,
    measures: Vec<String>,
}

fn words() -> &'static Words {
    static READ: OnceLock<Words> = OnceLock::new();
    READ.get_or_init(|| {
        let units: Units = parsed("units", UNITS);
        let table: IndicatorTable = parsed("indicator_table", INDICATOR_TABLE);
        let side = |names: fn(&OperatorWords) -> &Vec<String>| {
            let words =
                units.operator.iter().filter_map(|entry| Some((names(entry), operator(&entry.sign)?)));
            let mut words: Vec<_> = words
                .flat_map(|(names, operator)| names.iter().map(move |name| (fold(name), operator)))
                .collect();
            words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
            words
        };
        let aliases = |unit: &Unit| {
            unit.aliases.iter().map(|alias| (fold(alias), unit.name.clone())).collect::<Vec<_>>()
        };
        Words {
            before: side(|entry| &entry.before),
            behind: side(|entry| &entry.behind),
            units: units.unit.iter().flat_map(aliases).collect(),
            measures: units.measure.names,
            grades: table.shape.grades.iter().map(|grade| fold(grade)).collect(),
        }
    })
}

fn operator(sign: &str) -> Option<Operator> {
    [Operator::Equal, Operator::AtLeast, Operator::AtMost, Operator::Above, Operator::Below]
        .into_iter()
        .find(|operator| operator.as_str() == sign)
}

/// A target and what was odd about how it was printed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    /// The target.
    pub target: Target,
    /// Whether a number begins with zeros that mean nothing: `=025%`.
    pub misprinted: bool,
}

/// Reads a target. `indicator` is the name of its indicator, which may carry the unit.
pub fn parse(raw: &str, indicator: Option<&str>) -> Parsed {
    let Some(clean) = name(raw) else { return Parsed::default() };
    let folded = fold(raw);
    let (sign, rest) = leading_operator(&folded);
    if let Some(parsed) = date(rest, sign, &clean).or_else(|| measured(rest, sign, indicator)) {
        return parsed;
    }
    let kind = if words().grades.contains(&rest.to_owned()) { TargetKind::Grade } else { TargetKind::Text };
    Parsed {
        target: Target { kind: Some(kind), operator: sign, text: Some(clean), ..Target::default() },
        misprinted: false,
    }
}

fn leading_operator(folded: &str) -> (Option<Operator>, &str) {
    let found = words()
        .before
        .iter()
        .find_map(|(word, operator)| Some((*operator, folded.strip_prefix(word.as_str())?)));
    match found {
        Some((operator, rest)) => (Some(operator), rest),
        None => (None, folded),
    }
}

/// `2020年12月底前`: to be done by a date.
fn date(rest: &str, sign: Option<Operator>, clean: &str) -> Option<Parsed> {
    let done = rest.strip_suffix("完成").unwrap_or(rest);
    let by = ["以前", "之前", "前"].iter().find_map(|word| done.strip_suffix(word));
    let before = by.is_some();
    let day = by.unwrap_or(done);
    if !(day.contains('年') || day.matches(['-', '/', '.']).count() == 2) {
        return None;
    }
    date::read(day, Edge::Last)?;
    let operator = if before { Some(Operator::AtMost) } else { sign };
    let target =
        Target { kind: Some(TargetKind::Date), operator, text: Some(clean.to_owned()), ..Target::default() };
    Some(Parsed { target, misprinted: false })
}

/// A number, or two, with their unit.
fn measured(rest: &str, sign: Option<Operator>, indicator: Option<&str>) -> Option<Parsed> {
    let (rest, behind) = trailing_operator(rest);
    let rest = rest.strip_prefix('约').unwrap_or(rest);
    let (rest, percent) = rest.strip_prefix("百分之").map_or((rest, false), |rest| (rest, true));
    let (first, after) = leading_number(rest)?;
    let (range, unit) = match after.strip_prefix(['-', '~', '至', '到']) {
        Some(upper) => {
            let (upper, unit) = leading_number(upper)?;
            (Some(upper), unit)
        }
        // `3篇-5篇`: the unit stands twice.
        None => match after.split_once(['-', '~', '至', '到']) {
            Some((unit, upper)) if !unit.is_empty() => {
                let (upper, upper_unit) = leading_number(upper)?;
                if unit != upper_unit {
                    return None;
                }
                (Some(upper), upper_unit)
            }
            _ => (None, after),
        },
    };
    let unit = if percent && unit.is_empty() { Some("%".to_owned()) } else { target_unit(unit, indicator)? };
    let upper = range.as_ref().map(|number| number.value);
    if upper.is_some_and(|upper| upper < first.value)
        || (behind.is_some() && sign.is_some() && sign != Some(Operator::Equal))
    {
        return None;
    }
    let misprinted = first.misprinted || range.as_ref().is_some_and(|number| number.misprinted);
    let target = Target {
        kind: Some(if upper.is_some() { TargetKind::Range } else { TargetKind::Number }),
        operator: if upper.is_some() { Some(Operator::Between) } else { behind.or(sign) },
        value: Some(first.value),
        upper,
        unit,
        text: None,
    };
    Some(Parsed { target, misprinted })
}

fn trailing_operator(rest: &str) -> (&str, Option<Operator>) {
    let found = words()
        .behind
        .iter()
        .find_map(|(word, operator)| Some((rest.strip_suffix(word.as_str())?, *operator)));
    match found {
        Some((rest, operator))
            if rest.starts_with(|c: char| c.is_ascii_digit() || c == '百' || c == '约') =>
        {
            (rest, Some(operator))
        }
        _ => (rest, None),
    }
}

/// Whether the content of a bracket in an indicator's name is a unit, and not a remark such as 含复审.
pub fn is_unit(content: &str) -> bool {
    words().measures.iter().any(|name| name == content)
}

struct Number {
    value: Decimal,
    misprinted: bool,
}

/// The number at the head of a text, in digits, with at most four decimals; and what stands behind it.
fn leading_number(text: &str) -> Option<(Number, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    if digits.is_empty() {
        let end = rest
            .find(|c: char| number::chinese(c.encode_utf8(&mut [0; 4])).is_none() && !"十百千万".contains(c));
        let (digits, rest) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        return Some((Number { value: number::chinese(digits)?, misprinted: false }, rest));
    }
    let value = number::plain(digits)?.normalize();
    let fits = value.scale() <= 4 && value < Decimal::from(10_u64.pow(14));
    let misprinted = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    fits.then_some((Number { value, misprinted }, rest))
}

/// The unit behind a number, or else in the indicator's name. `None` (outside) if what stands there is no unit.
#[expect(clippy::option_option, reason = "no unit at all is an answer, and no answer is another")]
fn target_unit(printed: &str, indicator: Option<&str>) -> Option<Option<String>> {
    let canonical = |unit: &str| {
        let bare = unit.strip_prefix('(').and_then(|unit| unit.strip_suffix(')')).unwrap_or(unit);
        let known = words().units.iter().find(|(alias, _)| alias == unit || alias == bare);
        known.map_or_else(|| bare.to_owned(), |(_, name)| name.clone())
    };
    if !printed.is_empty() {
        let unit = canonical(printed);
        let strange = |c: char| c.is_ascii_digit() || "，。；：、,;:《》“”()（）=<>≥≤~".contains(c);
        return (unit.chars().count() <= 8 && !unit.contains(strange)).then_some(Some(unit));
    }
    let folded = indicator.map(fold);
    let unit = folded.as_deref().and_then(|name| split_bracket(name).1).filter(|unit| is_unit(unit));
    Some(unit.map(canonical))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Prints a target as `kind operator value..upper unit text`, with `!` if it was misprinted.
    fn shown(parsed: &Parsed) -> String {
        let Target { kind, operator, value, upper, unit, text } = &parsed.target;
        let mut words = vec![kind.map_or("none", TargetKind::as_str).to_owned()];
        words.extend(operator.map(|operator| operator.as_str().to_owned()));
        words.extend(value.map(|value| value.to_string()));
        words.extend(upper.map(|upper| format!("..{upper}")));
        words.extend(unit.clone());
        words.extend(text.as_ref().map(|text| format!("'{text}'")));
        words.join(" ") + if parsed.misprinted { " !" } else { "" }
    }

    #[test]
    fn targets_in_all_writings() {
        for (raw, expected) in [
            ("=100%", "number = 100 %"),
            ("=025%", "number = 25 % !"),
            ("=85％", "number = 85 %"),
            ("≥90.00(%)", "number >= 90 %"),
            ("=300天", "number = 300 天"),
            ("=100百分比", "number = 100 %"),
            ("≤65万元", "number <= 65 万元"),
            ("985米", "number 985 米"),
            ("3-5篇", "range between 3 ..5 篇"),
            ("3～5篇", "range between 3 ..5 篇"),
            ("6篇至8篇", "range between 6 ..8 篇"),
            ("不低于95%", "number >= 95 %"),
            ("不少于2场", "number >= 2 场"),
            ("不超过10名", "number <= 10 名"),
            (">95%", "number > 95 %"),
            ("＞=95%", "number >= 95 %"),
            ("85％以上", "number >= 85 %"),
            ("50万", "number 50 万"),
            ("约400篇", "number 400 篇"),
            ("百分之九十", "number 90 %"),
            ("三次", "number 3 次"),
            ("1,200人次", "number 1200 人次"),
            ("0.5", "number 0.5"),
            ("2020年12月底前", "date <= '2020年12月底前'"),
            ("2020-12-31", "date '2020-12-31'"),
            ("合理", "grade '合理'"),
            ("提升", "grade '提升'"),
            ("按照上级要求完成", "text '按照上级要求完成'"),
            ("1/2", "text '1/2'"),
            ("1:3", "text '1:3'"),
            ("5-3篇", "text '5-3篇'"),
            ("3场，每场50人", "text '3场，每场50人'"),
            ("", "none"),
        ] {
            assert_eq!(shown(&parse(raw, None)), expected, "{raw}");
        }
        assert_eq!(shown(&parse("=3", Some("设备购置数量（个）"))), "number = 3 个");
        assert_eq!(shown(&parse("=3台", Some("设备购置数量（个）"))), "number = 3 台");
        assert_eq!(shown(&parse("=100", Some("项目计划完成率(％)"))), "number = 100 %");
    }

    proptest! {
        #[test]
        fn a_printed_target_reads_back(sign in 0..6_usize, value in 0..1_000_000_i64, scale in 0..5_u32, unit in 0..5_usize) {
            let value = Decimal::new(value, scale).normalize();
            let operator = [None, Some(Operator::Equal), Some(Operator::AtLeast), Some(Operator::AtMost), Some(Operator::Above), Some(Operator::Below)][sign];
            let unit = ["", "%", "个", "万元", "人次"][unit];
            let printed = format!("{}{value}{unit}", operator.map_or("", Operator::as_str));
            let read = parse(&printed, None).target;
            prop_assert_eq!((read.operator, read.value, read.unit.as_deref().unwrap_or("")), (operator, Some(value), unit));
        }

        #[test]
        fn any_text_is_read(raw in "\\PC*") {
            parse(&raw, Some(&raw));
        }
    }
}
