//! Targets taken apart: `≥90.00(%)` is at least 90 percent.
//!
//! The number keeps the unit that it was printed with (65万元 is 65 and 万元), but the many writings of percent are `%`.
//! A target without a unit takes that of its indicator's name (`设备购置数量（个）`). Many words begin with a digit
//! (一般, 二级, 十分满意), so what cannot be taken apart whole, into a number and a unit, is text: `target_raw` has what was
//! printed in any case.

use std::sync::{Arc, OnceLock};

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
    measure: Names,
    time: Names,
    approximate: Approximate,
    more: Names,
    no_unit: NoUnit,
}

#[derive(Deserialize)]
struct Names {
    names: Vec<String>,
}

#[derive(Deserialize)]
struct Approximate {
    before: Vec<String>,
    behind: Vec<String>,
}

#[derive(Deserialize)]
struct NoUnit {
    characters: String,
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
    /// Folded aliases with the name that they stand for.
    units: Vec<(String, String)>,
    grades: Vec<String>,
    measures: Vec<String>,
    time: Vec<String>,
    approximate: Approximate,
    more: Vec<String>,
    no_unit: String,
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
            time: units.time.names,
            approximate: units.approximate,
            more: units.more.names,
            no_unit: units.no_unit.characters,
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
    /// Whether it is a number without a unit, and has that of its indicator's name.
    pub takes_unit: bool,
}

/// Reads a target. `indicator` is the name of its indicator, which may carry the unit.
pub fn parse(raw: &str, indicator: Option<&str>) -> Parsed {
    let mut parsed = read(raw).unwrap_or_default();
    if parsed.takes_unit {
        let unit = indicator.and_then(|indicator| named_unit(indicator, &fold(indicator)));
        parsed.target.unit = unit.map(|unit| unit.printed);
    }
    parsed
}

/// Reads a target, but for a unit that it takes from its indicator; `None` if nothing is printed.
pub fn read(raw: &str) -> Option<Parsed> {
    let clean = name(raw)?;
    let folded = fold(raw);
    let (sign, rest) = leading_operator(&folded);
    let is_grade = words().grades.iter().any(|grade| grade == rest);
    let number = || date(rest, sign).or_else(|| measured(rest, sign, &clean));
    if let Some(parsed) = (!is_grade).then(number).flatten() {
        return Some(parsed);
    }
    let kind = if is_grade { TargetKind::Grade } else { TargetKind::Text };
    // A sign before a grade stands in its own column, and an equals sign says nothing more of words. (A misprinted number
    // stays as it is: `=1OO%`.)
    let is_words = |text: &str| text.trim_start().starts_with(crate::text::is_chinese);
    let text = match clean.strip_prefix(['=', '＝']) {
        _ if is_grade && sign.is_some() => rest.to_owned(),
        Some(words) if is_words(words) => words.trim().to_owned(),
        _ => clean,
    };
    let target = Target { kind: Some(kind), operator: sign, text: Some(text.into()), ..Target::default() };
    Some(Parsed { target, ..Parsed::default() })
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
fn date(rest: &str, sign: Option<Operator>) -> Option<Parsed> {
    let done = rest.strip_suffix("完成").unwrap_or(rest);
    let by = ["以前", "之前", "前"].iter().find_map(|word| done.strip_suffix(word));
    let day = by.unwrap_or(done);
    if !(day.contains('年') || day.matches(['-', '/', '.']).count() == 2) {
        return None;
    }
    let day = date::read(day, Edge::Last)?;
    let operator = if by.is_some() { Some(Operator::AtMost) } else { sign };
    let text = Some(day.to_string().into());
    let target = Target { kind: Some(TargetKind::Date), operator, text, ..Target::default() };
    Some(Parsed { target, ..Parsed::default() })
}

/// A number, or two, with their unit. `clean` is the target as printed, for the letters of the unit.
fn measured(rest: &str, sign: Option<Operator>, clean: &str) -> Option<Parsed> {
    let rest = rest.strip_suffix("完成").unwrap_or(rest);
    let without = |text: &str, words: &[String], strip: fn(&str, &str) -> Option<String>| {
        words.iter().find_map(|word| strip(text, word)).unwrap_or_else(|| text.to_owned())
    };
    let approximate = &words().approximate;
    let rest = without(rest, &approximate.behind, |text, word| text.strip_suffix(word).map(str::to_owned));
    let rest = without(&rest, &approximate.before, |text, word| text.strip_prefix(word).map(str::to_owned));
    // ≤5%（含） is the bound itself, which the sign says already.
    let rest = if sign.is_some() { rest.strip_suffix("(含)").unwrap_or(&rest) } else { &rest };
    let (rest, behind) = trailing_operator(rest);
    let (rest, percent) = rest.strip_prefix("百分之").map_or((rest, false), |rest| (rest, true));
    let (first, after) = leading_number(rest)?;
    let (more, after) = match words().more.iter().find_map(|word| after.strip_prefix(word.as_str())) {
        Some(after) => (Some(Operator::Above), after),
        None => (None, after),
    };
    let (upper, unit) = upper_end(after)?;
    let takes_unit = unit.is_empty() && !percent;
    let unit = match unit {
        "" => percent.then(|| "%".to_owned()),
        unit => Some(target_unit(unit, first.in_words, clean)?),
    };
    let contradicts = |one: Operator, other: Operator| one != other && one != Operator::Equal;
    let operator = match (behind.or(more), sign) {
        (Some(behind), Some(sign)) if contradicts(sign, behind) => return None,
        (Some(behind), _) => Some(behind),
        (None, sign) => sign,
    };
    if upper.as_ref().is_some_and(|upper| upper.value < first.value) {
        return None;
    }
    let misprinted = first.misprinted || upper.as_ref().is_some_and(|number| number.misprinted);
    let target = Target {
        kind: Some(if upper.is_some() { TargetKind::Range } else { TargetKind::Number }),
        operator: if upper.is_some() { Some(Operator::Between) } else { operator },
        value: Some(first.value),
        upper: upper.map(|number| number.value),
        unit: unit.map(Arc::from),
        text: None,
    };
    Some(Parsed { target, misprinted, takes_unit })
}

/// The upper end of a range behind its lower one (`3-5篇`, `3篇-5篇`), and the unit.
fn upper_end(after: &str) -> Option<(Option<Number>, &str)> {
    const MARKS: [char; 4] = ['-', '~', '至', '到'];
    if let Some(upper) = after.strip_prefix(MARKS) {
        let (upper, unit) = leading_number(upper)?;
        return Some((Some(upper), unit));
    }
    match after.split_once(MARKS) {
        // The unit stands twice, and must be the same.
        Some((unit, upper)) if !unit.is_empty() => {
            let (upper, upper_unit) = leading_number(upper)?;
            (unit == upper_unit).then_some((Some(upper), upper_unit))
        }
        _ => Some((None, after)),
    }
}

fn trailing_operator(rest: &str) -> (&str, Option<Operator>) {
    if let Some(span) = rest.strip_suffix('内')
        && words().time.iter().any(|unit| {
            span.strip_suffix(unit.as_str())
                .is_some_and(|number| leading_number(number).is_some_and(|(_, rest)| rest.is_empty()))
        })
    {
        return (span, Some(Operator::AtMost));
    }
    let found = words()
        .behind
        .iter()
        .find_map(|(word, operator)| Some((rest.strip_suffix(word.as_str())?, *operator)));
    found.map_or((rest, None), |(rest, operator)| (rest, Some(operator)))
}

/// Whether the content of a bracket in an indicator's name is a unit, and not a remark such as 含复审.
pub fn is_unit(content: &str) -> bool {
    words().measures.iter().any(|name| name == content)
}

struct Number {
    value: Decimal,
    misprinted: bool,
    /// Whether it is written in Chinese digits.
    in_words: bool,
}

/// The number at the head of a text, with at most four decimals; and what stands behind it.
fn leading_number(text: &str) -> Option<(Number, &str)> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ','))).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    if digits.is_empty() {
        let is_numeral = |c: char| number::digit(c).is_some() || "十百千万".contains(c);
        let end = rest.find(|c: char| !is_numeral(c)).unwrap_or(rest.len());
        let (digits, rest) = rest.split_at_checked(end)?;
        let value = number::chinese(digits).filter(|_| !negative)?;
        return Some((Number { value, misprinted: false, in_words: true }, rest));
    }
    let value = number::plain(digits)?.normalize();
    let fits = value.scale() <= 4 && value < Decimal::from(10_u64.pow(14));
    let misprinted = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let value = if negative { -value } else { value };
    fits.then_some((Number { value, misprinted, in_words: false }, rest))
}

/// The unit that stands behind a number, in the letters in which it was printed; `None` if that is no unit.
fn target_unit(folded: &str, in_words: bool, clean: &str) -> Option<String> {
    const LONGEST_UNKNOWN: usize = 4;
    let bare = folded.strip_prefix('(').and_then(|unit| unit.strip_suffix(')')).unwrap_or(folded);
    let known = words().units.iter().find(|(alias, _)| alias == folded || alias == bare);
    if let Some((_, name)) = known {
        return Some(name.clone());
    }
    let is_measure = |unit: &str| words().measures.iter().any(|name| name == unit);
    let is_word = |c: char| c.is_alphabetic() && !c.is_ascii() && !words().no_unit.contains(c);
    let is_rate = || bare.split_once('/').is_some_and(|(one, other)| is_measure(one) && is_measure(other));
    let may_be = || {
        !bare.is_empty() && !in_words && bare.chars().count() <= LONGEST_UNKNOWN && bare.chars().all(is_word)
    };
    // 场(次) is one of two words for the same.
    let is_either = || {
        let (one, other) = split_bracket(bare);
        is_measure(one) && other.is_some_and(is_measure)
    };
    (is_measure(bare) || is_either() || is_rate() || may_be()).then(|| as_printed(bare, clean))
}

/// A folded word as it stands in a text: folding took the capitals from `GB`.
fn as_printed(folded: &str, clean: &str) -> String {
    let word: Vec<char> = folded.chars().collect();
    let printed: Vec<char> = clean.chars().collect();
    let same = |window: &&[char]| fold(&window.iter().collect::<String>()) == folded;
    printed.windows(word.len()).rev().find(same).map_or(folded.to_owned(), |window| window.iter().collect())
}

/// The unit in brackets behind an indicator's name.
pub struct NamedUnit {
    /// As units are compared.
    pub folded: String,
    /// As the column `target_unit` has it.
    pub printed: Arc<str>,
}

/// The unit of an indicator's name, which is given folded as well.
pub fn named_unit(name: &str, folded: &str) -> Option<NamedUnit> {
    let unit = split_bracket(folded).1.filter(|unit| is_unit(unit))?;
    let known = words().units.iter().find(|(alias, _)| alias == unit);
    let printed = known.map_or_else(|| as_printed(unit, name), |(_, known)| known.clone());
    Some(NamedUnit { folded: unit.to_owned(), printed: printed.into() })
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
        words.extend(unit.as_deref().map(str::to_owned));
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
            ("2020年12月底前", "date <= '2020-12-31'"),
            ("2020年6月30日前完成", "date <= '2020-06-30'"),
            ("≥95％以上", "number >= 95 %"),
            ("控制在5%以内", "number <= 5 %"),
            ("24小时内", "number <= 24 小时"),
            ("5个工作日内", "number <= 5 个工作日"),
            ("3年内完成", "number <= 3 年"),
            ("100%完成", "number 100 %"),
            ("50%左右", "number 50 %"),
            ("近100人", "number 100 人"),
            ("100余人", "number > 100 人"),
            ("⩾90%", "number >= 90 %"),
            ("-5%", "number -5 %"),
            ("10GB", "number 10 GB"),
            ("1200m2", "number 1200 m2"),
            ("300元/人", "number 300 元/人"),
            ("60座次", "number 60 座次"),
            ("一般", "grade '一般'"),
            ("十分满意", "grade '十分满意'"),
            ("一次性验收合格", "text '一次性验收合格'"),
            ("三分之二以上", "text '三分之二以上'"),
            ("两三次", "text '两三次'"),
            ("12月底前", "text '12月底前'"),
            ("二级以上", "text '二级以上'"),
            ("三星级", "text '三星级'"),
            ("=1OO%", "text = '=1OO%'"),
            ("≥90%以下", "text >= '≥90%以下'"),
            ("2020-12-31", "date '2020-12-31'"),
            ("2020年底", "date '2020-12-31'"),
            ("合理", "grade '合理'"),
            ("提升", "grade '提升'"),
            ("≥1场（次）", "number >= 1 场（次）"),
            ("≤5%（含）", "number <= 5 %"),
            ("=广泛应用", "text = '广泛应用'"),
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
