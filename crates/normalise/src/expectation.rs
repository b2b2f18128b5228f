//! Whether a target fits the name of its indicator: a rate wants a percentage, a number a number, 规范性 a word.
//!
//! The names' ends that say so are in `data/reference/units.toml`. A name that says nothing takes any target.

use std::sync::OnceLock;

use jixiao_model::record::{Indicator, Operator, TargetKind};
use jixiao_model::reference::{UNITS, parsed};
use jixiao_model::{Finding, FindingCode};
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::known::IndicatorName;
use jixiao_model::fold::split_bracket;

#[derive(Deserialize)]
struct Units {
    expected: Ends,
    multiple: Multiple,
}

#[derive(Deserialize)]
struct Ends {
    change: Vec<String>,
    share: Vec<String>,
    scored: Vec<String>,
    measure: Vec<String>,
    grade: Vec<String>,
}

#[derive(Deserialize)]
struct Multiple {
    names: Vec<String>,
}

fn units() -> &'static Units {
    static READ: OnceLock<Units> = OnceLock::new();
    READ.get_or_init(|| parsed("units", UNITS))
}

/// What the name of an indicator says of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A share of a change, in percent.
    Change,
    /// A share of a whole, in percent.
    Share,
    /// A share of a whole, in percent or in points.
    Score,
    /// A count or a measure.
    Measure,
    /// A word that grades.
    Grade,
    /// Nothing.
    Anything,
}

/// What a folded name says.
pub fn expected(folded: &str) -> Expected {
    let bare = split_bracket(folded).0;
    let ends = |ends: &[String]| ends.iter().any(|end| bare.ends_with(end.as_str()));
    let known = &units().expected;
    match () {
        () if ends(&known.change) => Expected::Change,
        () if split_bracket(folded).1 == Some("%") => Expected::Share,
        () if ends(&known.scored) => Expected::Score,
        () if ends(&known.share) => Expected::Share,
        () if ends(&known.measure) => Expected::Measure,
        () if ends(&known.grade) => Expected::Grade,
        () => Expected::Anything,
    }
}

/// Whether two units measure the same: they are one, or one is a multiple of the other (万人, 人).
fn same_measure(one: &str, other: &str) -> bool {
    let is_multiple_of = |one: &str, other: &str| {
        one.strip_suffix(other).is_some_and(|before| {
            before.is_empty() || units().multiple.names.iter().any(|name| name == before)
        })
    };
    is_multiple_of(one, other) || is_multiple_of(other, one)
}

/// What the target should have been, if it is of another kind than its indicator.
pub fn kind_mismatch(indicator: &Indicator, known: &IndicatorName) -> Option<Finding> {
    let (name, raw) = (&known.clean, indicator.target_raw.as_deref()?);
    let target = &indicator.target;
    let unit = target.unit.as_deref();
    let measured = matches!(target.kind, Some(TargetKind::Number | TargetKind::Range));
    let graded = target.kind == Some(TargetKind::Grade);
    let in_other_unit = |units: &[&str]| measured && unit.is_some_and(|unit| !units.contains(&unit));
    let wanted = match known.expected {
        Expected::Change | Expected::Share => {
            (graded || in_other_unit(&["%", "‰"])).then_some("a share in percent")
        }
        Expected::Score => {
            (graded || in_other_unit(&["%", "‰", "分"])).then_some("a share in percent, or points")
        }
        Expected::Measure => graded.then_some("a number"),
        Expected::Grade => measured.then_some("a word that grades"),
        Expected::Anything => None,
    };
    let wanted = wanted.map(str::to_owned).or_else(|| {
        let named = &known.unit.as_ref().filter(|_| measured)?.folded;
        (!same_measure(unit?, named)).then(|| format!("a number in {named}"))
    })?;
    let message = format!("the target {raw} does not fit the indicator {name}");
    let finding = Finding::new(FindingCode::TargetKindMismatch, message).with_field("target_raw");
    Some(finding.with_found(raw).with_expected(wanted))
}

/// For a target that is a share of a whole: whether it is above 100 %.
pub fn above_the_whole(indicator: &Indicator, known: &IndicatorName) -> Option<Option<Finding>> {
    let (name, raw) = (&known.clean, indicator.target_raw.as_deref()?);
    let target = &indicator.target;
    if !matches!(known.expected, Expected::Share | Expected::Score) || target.unit.as_deref() != Some("%") {
        return None;
    }
    let most = target.upper.or(target.value)?;
    let above = most > Decimal::ONE_HUNDRED && target.operator != Some(Operator::AtMost);
    Some(above.then(|| {
        let message = format!("the target {raw} of {name} is above 100 %");
        let finding = Finding::new(FindingCode::TargetOutOfRange, message).with_field("target_value");
        finding.with_found(raw).with_expected("at most 100 %")
    }))
}

#[cfg(test)]
mod tests {
    use jixiao_model::fold::fold;

    use super::*;

    #[test]
    fn names_say_what_their_targets_are() {
        for (name, says) in [
            ("信息公开实现率", Expected::Share),
            ("项目计划完成率（%）", Expected::Share),
            ("游客人数增长率", Expected::Change),
            ("服务对象满意度", Expected::Score),
            ("培训人数（人）", Expected::Measure),
            ("资格审核（含复审）规范性", Expected::Grade),
            ("固定资产管理情况", Expected::Anything),
        ] {
            assert_eq!(expected(&fold(name)), says, "{name}");
        }
    }

    #[test]
    fn multiples_of_a_unit_are_the_same_measure() {
        for (one, other, same) in [
            ("人", "人", true),
            ("万人", "人", true),
            ("元", "万元", true),
            ("万平方米", "平方米", true),
            ("人次", "人", false),
            ("个", "台", false),
        ] {
            assert_eq!(same_measure(one, other), same, "{one} {other}");
        }
    }
}
