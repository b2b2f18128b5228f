//! Values that may not be whole, in texts whose lines say little of which label they belong to.
//!
//! Where a dump prints labels in the middle of their texts, a line beside no label may belong to the label above or below.
//! Nothing decides that well (where a page broke a cell there is an order to hold on to; see `heal`), so such a line is
//! given to neither, and the value next to it, which it may continue, is taken from its label. Both stay in `fields`. An
//! amount, a date or an answer is whole by itself.
//!
//! Where lines were given to labels by where they stand, two texts may show that they were cut in the wrong place: a
//! bracket is closed in the second that was opened in the first, or the second begins with a comma. Then neither stays
//! with its label.

mod torn;

use std::collections::BTreeSet;

use jixiao_model::finding::excerpt;
use jixiao_model::fold::fold;
use jixiao_model::{Finding, FindingCode, RawField};

use crate::fields::Item;
use crate::readers::Cut;
use crate::vocabulary::{Kind, vocabulary};
use crate::words::{GOALS, begins};

/// The items with what is in doubt beside no label.
pub fn without_doubtful(items: Vec<Item<'_>>) -> Vec<Item<'_>> {
    let loose: BTreeSet<usize> = items
        .iter()
        .filter_map(|item| match item {
            Item::Piece(piece) => Some(piece.row),
            _ => None,
        })
        .collect();
    let mut kept = Vec::new();
    for item in items {
        match item {
            Item::Piece(piece) => {
                kept.push(Item::Remark { code: None, text: piece.text, place: piece.place });
            }
            Item::Field(mut field) => {
                let whole = field.label.as_ref().is_some_and(|label| is_whole(label.kind));
                let beside = [field.row.wrapping_sub(1), field.row, field.row + 1];
                let doubted = !whole && beside.iter().any(|row| loose.contains(row));
                let value = if doubted { field.value.take() } else { None };
                let place = field.place;
                kept.push(Item::Field(field));
                kept.extend(value.map(|text| Item::Remark { code: None, text, place }));
            }
            other => kept.push(other),
        }
    }
    kept
}

/// Whether a value of this kind cannot go on on another line.
fn is_whole(kind: Kind) -> bool {
    matches!(kind, Kind::Amount | Kind::Date | Kind::Year | Kind::YesNo | Kind::Unit)
}

/// Pairs of brackets and marks of quotation.
const PAIRS: [(char, char); 6] =
    [('《', '》'), ('（', '）'), ('(', ')'), ('“', '”'), ('〔', '〕'), ('【', '】')];
/// Marks with which no text begins.
const NEVER_FIRST: &[char] = &['、', '，', '。', '；', '：', '！', '？', '》', '）', ')', '”', ',', ';'];

/// Takes values from their labels that were cut in the wrong place, and says so.
pub fn part_torn(fields: Vec<RawField>, cut: Cut) -> (Vec<RawField>, Vec<Finding>) {
    let mut torn = without_columns(&fields, cut);
    let mut above: Option<usize> = None;
    for (at, field) in fields.iter().enumerate() {
        let Some(value) = field.value.as_deref() else { continue };
        if field.label.is_some() && value.starts_with(NEVER_FIRST) {
            torn[at] = true;
            above.into_iter().for_each(|above| torn[above] = true);
        }
        if let Some(before) = above
            && let Some(text) = fields[before].value.as_deref()
            && PAIRS.iter().any(|pair| is_left_open(text, *pair) && closes_first(value, *pair))
        {
            torn[before] = true;
            torn[at] = true;
        }
        torn[at] |= has_label(field, value) || torn::is_torn(field, value);
        torn[at] |= !matches!(cut, Cut::Blanks | Cut::Gaps) && torn::holds_goal(field, value);
        if let Some(before) = above
            && torn::is_rest_of_label(fields[before].value.as_deref().unwrap_or_default(), field)
        {
            torn[before] = true;
            torn[at] = true;
        }
        above = Some(at);
    }
    let mut kept = Vec::new();
    let mut findings = Vec::new();
    for (mut field, torn) in fields.into_iter().zip(torn) {
        let value = if torn && field.label.is_some() { field.value.take() } else { None };
        let loose = value.map(|value| {
            let message = "the text was cut in the wrong place, or nothing tells which label it belongs to; it is kept in `fields` without one";
            let finding = Finding::new(FindingCode::ValueWithoutLabel, message).with_found(excerpt(&value));
            findings.push(finding.at(&field.place));
            RawField { code: None, label: None, value: Some(value), unit: None, place: field.place.clone() }
        });
        kept.push(field);
        kept.extend(loose);
    }
    (kept, findings)
}

/// Which values nobody can give to a label: parts of amounts, where it is not plain below which whole they stand; and
/// where a dump keeps no columns, texts below two goals that stood side by side.
fn without_columns(fields: &[RawField], cut: Cut) -> Vec<bool> {
    let has_columns = matches!(cut, Cut::Blanks | Cut::Gaps);
    let code = |at: usize| fields.get(at).and_then(|field| field.code).unwrap_or_default();
    let is_part = |at: usize| vocabulary().is_part(code(at)) && !vocabulary().is_whole(code(at));
    let wholes: BTreeSet<&str> =
        (0..fields.len()).map(code).filter(|code| vocabulary().is_whole(code)).collect();
    let parts: Vec<&str> = (0..fields.len()).filter(|at| is_part(*at)).map(code).collect();
    let repeated = parts.iter().collect::<BTreeSet<_>>().len() < parts.len();
    let mixed = repeated || fields.iter().any(is_mixed) || (!has_columns && wholes.len() > 1);
    let whole = (0..fields.len()).find(|at| vocabulary().is_whole(code(*at)));
    let mut printed: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut doubted = vec![false; fields.len()];
    for (at, field) in fields.iter().enumerate() {
        let Some(value) = field.value.as_deref().filter(|_| field.label.is_some()) else { continue };
        let again = vocabulary().is_whole(code(at)) && !printed.insert((code(at), fold(value)));
        let beside = GOALS.contains(&code(at))
            && (at.saturating_sub(2)..at).any(|before| {
                let goal = torn::waiting(&fields[before]);
                goal.is_some_and(|goal| GOALS.contains(&goal) && goal != code(at))
            });
        let is_before_whole = !has_columns && whole.is_none_or(|whole| at < whole);
        let may_be_part = is_part(at) || vocabulary().may_be_part(code(at));
        doubted[at] =
            (is_part(at) && mixed) || (may_be_part && is_before_whole) || (!has_columns && (again || beside));
    }
    doubted
}

/// Whether an amount has more words in it than a unit, and so another cell, which may be that of a whole.
fn is_mixed(field: &RawField) -> bool {
    const UNIT: usize = 3;
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()).count();
    let label = field.label.as_deref().and_then(|label| vocabulary().label(label));
    label.is_some_and(|label| label.kind == Kind::Amount)
        && field.value.as_deref().is_some_and(|text| letters(text) > UNIT)
}

/// Whether a short value has a label in it, so that more than one cell is in it: `甲局实施单位`.
fn has_label(field: &RawField, value: &str) -> bool {
    const LONGEST: usize = 60;
    const LEAST: usize = 4;
    let label = field.label.as_deref().and_then(|label| vocabulary().label(label));
    let is_short = label.is_some_and(|label| matches!(label.kind, Kind::Name | Kind::Text));
    if !is_short || value.chars().count() > LONGEST || vocabulary().has_box(value) {
        return false;
    }
    let starts = value.char_indices().filter_map(|(at, _)| value.get(at..));
    starts.into_iter().any(|rest| {
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
        let mut known = true;
        ends.filter_map(|end| rest.get(..end))
            .take_while(|text| std::mem::replace(&mut known, begins(text)))
            .any(|text| text.chars().count() >= LEAST && vocabulary().label(text).is_some())
    })
}

/// Whether a text leaves a bracket open.
fn is_left_open(text: &str, (open, close): (char, char)) -> bool {
    let last_open = text.rfind(open);
    last_open.is_some_and(|open| text.rfind(close).is_none_or(|close| close < open))
}

/// Whether a text closes a bracket that it did not open.
fn closes_first(text: &str, (open, close): (char, char)) -> bool {
    let first = text.find(close);
    first.is_some_and(|close| text.find(open).is_none_or(|open| open > close))
}

#[cfg(test)]
mod tests {
    use jixiao_model::Place;

    use super::*;

    fn check(values: &[(&str, &str)], kept: &[Option<&str>]) {
        let field = |(label, value): &(&str, &str)| RawField {
            code: Some("overview"),
            label: Some((*label).into()),
            value: Some((*value).to_owned()),
            unit: None,
            place: Place::Line(1),
        };
        let (fields, findings) = part_torn(values.iter().map(field).collect(), Cut::Blanks);
        let labelled = fields.iter().filter(|field| field.label.is_some());
        let found: Vec<_> = labelled.map(|field| field.value.as_deref()).collect();
        assert_eq!(found, kept, "{values:?}");
        // Nothing is lost, and nothing taken without a word.
        assert_eq!(fields.iter().filter(|field| field.value.is_some()).count(), values.len());
        assert_eq!(findings.len(), kept.iter().filter(|value| value.is_none()).count());
    }

    #[test]
    fn texts_that_were_cut_within_a_sentence_have_no_label() {
        check(&[("项目概况：", "甲。"), ("立项依据：", "《乙》丙")], &[Some("甲。"), Some("《乙》丙")]);
        check(&[("项目概况：", "甲"), ("立项依据：", "，乙。")], &[None, None]);
        check(&[("项目概况：", "甲（《乙"), ("立项依据：", "丙》）丁")], &[None, None]);
        // Each has lost a mark of its own.
        check(&[("项目概况：", "甲“乙"), ("立项依据：", "（丙”丁")], &[None, None]);
        check(&[("项目概况：", "甲“乙"), ("立项依据：", "（丙）丁")], &[Some("甲“乙"), Some("（丙）丁")]);
    }

    #[test]
    fn a_value_with_a_piece_of_another_cell_has_no_label() {
        for (label, value) in [
            ("实施单位", "某中心2023-12-"),
            ("实施单位", "某研究院执行率"),
            ("年度目标", "改造5所。长期绩效指标"),
            ("年度目标", "改造5所。\n年度绩效指标 一级指标"),
            ("总体目标", "实施期总目标保障乡村教师待遇。"),
            ("项目类型", "☑新增项目 延续项目☐☑"),
        ] {
            check(&[(label, value)], &[None]);
        }
        for (label, value) in [
            ("实施单位", "某中心2023年筹备组"),
            ("年度目标", "改造5所。完成年度绩效目标"),
            ("总体目标", "保障乡村教师待遇，实现长期绩效目标。"),
            ("项目类型", "☑新增项目 ☐延续项目"),
        ] {
            check(&[(label, value)], &[Some(value)]);
        }
        check(&[("项目名称", "900,000.00 年度资金申请"), ("总额", "300,000.00")], &[None, None]);
    }

    #[test]
    fn what_stood_side_by_side_has_no_label_where_no_columns_are_kept() {
        let field = |(code, value): &(&'static str, Option<&str>)| RawField {
            code: Some(*code),
            label: Some((*code).into()),
            value: value.map(str::to_owned),
            unit: None,
            place: Place::Line(1),
        };
        let printed = [
            ("total_budget", Some("1200")),
            ("annual_budget", Some("400")),
            ("annual_fiscal_funds", Some("1000")),
            ("overall_goal", None),
            ("annual_goal", Some("甲。乙。")),
        ];
        for (cut, expected) in [(Cut::LabelsFirst, 2), (Cut::Blanks, 4)] {
            let (fields, _) = part_torn(printed.iter().map(field).collect(), cut);
            let labelled = fields.iter().filter(|field| field.label.is_some() && field.value.is_some());
            assert_eq!(labelled.count(), expected, "{cut:?}");
        }
    }

    #[test]
    fn a_short_value_with_a_label_in_it_is_of_two_cells() {
        check(&[("主管部门", "甲区教育局实施单位")], &[None]);
        check(&[("主管部门", "甲区教育局")], &[Some("甲区教育局")]);
        check(&[("项目概况：", "按照实施单位的计划")], &[Some("按照实施单位的计划")]);
    }
}
