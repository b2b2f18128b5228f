//! Indicator tables that were cut in the wrong places, where cells were told by blanks, gaps or words.
//!
//! A wrong cut shows in what a cell holds: a class with a name stuck to it, a name and its value in one cell, two values, a
//! bracket that is never closed, a heading among the values. Classes are filled down and a line in the wrong row moves
//! those below it, so one such cell is reason to believe none of the table: its texts stay in `fields`, without labels.
//! Where lines keep their columns, a wrong cut moves nothing but the lines around it, and only the row and its neighbours
//! are emptied, as are rows that the reader itself has doubted.

use std::collections::BTreeSet;
use std::sync::Arc;

use jixiao_model::finding::excerpt;
use jixiao_model::fold::fold;
use jixiao_model::{Finding, FindingCode, Place, RawField, RawIndicator};

use crate::classes::classes;
use crate::readers::Cut;
use crate::readers::aligned::{DOUBTED, Word};
use crate::table_words::{group_scope, is_group};
use crate::vocabulary::{Kind, vocabulary};
use crate::words::word;

/// Longer texts are running text, and not looked through.
const LONGEST: usize = 40;
/// The rest of a broken name has at most so many characters.
const LONGEST_REST: usize = 2;
/// A class has at most so many.
const LONGEST_CLASS: usize = 12;

/// Takes rows away that are not what they look like, and says so. `fields` gets their texts.
pub fn without_torn(
    mut indicators: Vec<RawIndicator>,
    fields: &mut Vec<RawField>,
    cut: Cut,
) -> (Vec<RawIndicator>, Vec<Finding>) {
    let mut findings = without_doubted(&mut indicators, fields);
    if cut == Cut::Blanks {
        findings.extend(without_torn_rows(&mut indicators, fields));
    }
    if let Some((text, row)) = indicators.iter().find_map(|row| Some((torn(row)?, row))) {
        let message = "cells of the indicator table were cut in the wrong places; none of its rows is read, and their texts are kept in `fields`";
        findings.push(
            Finding::new(FindingCode::ValueWithoutLabel, message).with_found(excerpt(text)).at(&row.place),
        );
        for row in indicators {
            let own = [row.level1, row.level2, row.indicator, row.target, row.weight, row.note];
            fields.extend(own.iter().flatten().map(|text| loose(text, &row.place)));
        }
        return (Vec::new(), findings);
    }
    // The rest of a name that stands by itself near a row: the name is not whole.
    let rests: BTreeSet<u32> = fields.iter().filter_map(rest_of_name).collect();
    let mut kept = indicators;
    for row in &mut kept {
        let Place::Line(line) = row.place else { continue };
        let near = (line.saturating_sub(1)..=line.saturating_add(2)).any(|at| rests.contains(&at));
        let is_open = row.indicator.as_deref().is_some_and(|name| !classes().is_indicator(&fold(name)));
        let torn = [
            (
                near && is_open,
                "indicator",
                &mut row.indicator,
                "the name of the indicator goes on in a line that nothing tells the place of",
            ),
            (
                row.weight.as_deref().is_some_and(is_torn_weight),
                "weight",
                &mut row.weight,
                "the weight has a piece of a heading in it",
            ),
            (
                row.note.as_deref().is_some_and(is_torn_note),
                "note",
                &mut row.note,
                "the remark has a piece of a heading in it",
            ),
        ];
        for (is_torn, column, cell, why) in torn {
            if let Some(text) = cell.take_if(|_| is_torn) {
                let message = format!("{why}; it is kept in `fields`");
                let finding = Finding::new(FindingCode::ValueWithoutLabel, message).with_field(column);
                findings.push(finding.with_found(&*text).at(&row.place));
                fields.push(loose(&text, &row.place));
            }
        }
    }
    (kept, findings)
}

/// Takes the marks of doubted cells from rows that turned out to be none of an indicator table, and from what is said of them.
pub fn without_marks(fields: &mut [RawField], findings: &mut [Finding]) {
    for label in fields.iter_mut().filter_map(|field| field.label.as_mut()) {
        if label.contains(DOUBTED) {
            *label = label.replace(DOUBTED, "").into();
        }
    }
    let of_fields = fields.iter_mut().filter_map(|field| field.value.as_mut());
    let of_findings = findings.iter_mut().flat_map(|finding| {
        let Finding { found, expected, message, .. } = finding;
        let message = message.contains(DOUBTED).then(|| message.to_mut());
        found.iter_mut().chain(expected).chain(message)
    });
    let texts = of_fields.chain(of_findings).filter(|text| text.contains(DOUBTED));
    texts.for_each(|text| text.retain(|c| c != DOUBTED));
}

/// One in so many rows may be torn.
const ONE_IN: usize = 3;

/// Empties the cells that the reader marked, and says so.
fn without_doubted(rows: &mut [RawIndicator], fields: &mut Vec<RawField>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut above: Option<String> = None;
    for row in rows {
        let is_doubted = |text: &str| text.contains(DOUBTED);
        let levels = take_levels(row, is_doubted);
        let own = [&mut row.indicator, &mut row.target, &mut row.weight, &mut row.note];
        let own = own.map(|cell| cell.take_if(|text| is_doubted(text)));
        let is_level = levels.iter().any(Option::is_some);
        let all = |texts: &[Option<Arc<str>>]| {
            let texts: Vec<_> = texts.iter().flatten().map(|text| text.replace(DOUBTED, "")).collect();
            texts.join(" ").trim().to_owned()
        };
        // A class is filled down, and printed once.
        let class = all(&levels);
        let class = if above.as_ref() == Some(&class) { String::new() } else { class };
        let text = format!("{class} {}", all(&own)).trim().to_owned();
        if is_level || own.iter().any(Option::is_some) {
            findings.push(emptied(&text, &row.place));
        }
        if !text.is_empty() {
            fields.push(loose(&text, &row.place));
        }
        if is_level {
            above = Some(all(&levels));
        }
    }
    findings
}

/// Takes the classes of a row of which something holds.
fn take_levels(row: &mut RawIndicator, holds: impl Fn(&str) -> bool) -> [Option<Arc<str>>; 2] {
    [&mut row.level1, &mut row.level2].map(|level| level.take_if(|text| holds(text)))
}

/// Empties rows with a torn cell and those around them, if they are few.
fn without_torn_rows(rows: &mut [RawIndicator], fields: &mut Vec<RawField>) -> Vec<Finding> {
    let mut doubted = vec![false; rows.len()];
    let torn: Vec<usize> = (0..rows.len()).filter(|at| torn(&rows[*at]).is_some()).collect();
    if torn.is_empty() || torn.len() * ONE_IN > rows.len() {
        return Vec::new();
    }
    for at in torn {
        let around = at.saturating_sub(1)..(at + 2).min(rows.len());
        around.filter(|other| rows[*other].scope == rows[at].scope).for_each(|other| doubted[other] = true);
    }
    let mut findings = Vec::new();
    for (row, _) in rows.iter_mut().zip(doubted).filter(|row| row.1) {
        let levels = take_levels(row, is_torn_class);
        let own = [row.indicator.take(), row.target.take(), row.weight.take(), row.note.take()];
        let texts: Vec<&str> = levels.iter().chain(&own).flatten().map(AsRef::as_ref).collect();
        let text = texts.join(" ");
        findings.push(emptied(&text, &row.place));
        if !text.is_empty() {
            fields.push(loose(&text, &row.place));
        }
    }
    findings
}

fn emptied(text: &str, place: &Place) -> Finding {
    let message = "cells of the row, or of one beside it, were cut in the wrong places; what is not plain is empty, and its text is kept in `fields`";
    let finding = Finding::new(FindingCode::ValueWithoutLabel, message).with_field("indicator");
    finding.with_found(excerpt(text)).at(place)
}

fn loose(text: &str, place: &Place) -> RawField {
    RawField { code: None, label: None, value: Some(text.to_owned()), unit: None, place: place.clone() }
}

/// The line of a text that is too short to be anything by itself.
fn rest_of_name(field: &RawField) -> Option<u32> {
    let Place::Line(line) = field.place else { return None };
    let text = field.value.as_deref().filter(|_| field.label.is_none())?;
    let is_rest = text.chars().count() <= LONGEST_REST && text.chars().all(|c| !c.is_ascii());
    is_rest.then_some(line)
}

/// The cell of a row that shows a wrong cut.
fn torn(row: &RawIndicator) -> Option<&str> {
    let levels = [&row.level1, &row.level2].into_iter().flatten();
    let level = levels.map(AsRef::as_ref).find(|text| is_torn_class(text));
    let name = row.indicator.as_deref().filter(|text| is_torn_name(text, row.level2.as_deref()));
    let target = row.target.as_deref().filter(|text| is_torn_target(text, row.indicator.is_none()));
    let note = row.note.as_deref().filter(|text| holds_class(text));
    level.or(name).or(target).or(note)
}

/// The two parts of a text for each place where it may be cut.
fn cuts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.char_indices().skip(1).filter_map(|(at, _)| text.split_at_checked(at))
}

fn is_class(text: &str) -> bool {
    classes().is_level1(text) || classes().is_level2(text)
}

/// Whether a text ends as only classes do, so that it begins no name.
fn is_plain_class(text: &str) -> bool {
    (text.ends_with("指标") || text.ends_with("目标")) && is_class(text)
}

/// A known class with something before or behind it, the heading of a group, or a part of brackets.
fn is_torn_class(text: &str) -> bool {
    let folded = fold(text);
    if is_class(&folded) || folded.chars().count() > LONGEST {
        return false;
    }
    is_group(text)
        || is_unbalanced(&folded)
        || cuts(&folded).any(|(head, tail)| is_class(head) && !tail.starts_with('(') || is_class(tail))
}

fn is_torn_name(text: &str, level2: Option<&str>) -> bool {
    let folded = fold(text);
    if folded.contains(['≥', '≤']) {
        return true;
    }
    if classes().is_indicator(&folded) || folded.chars().count() > LONGEST {
        return false;
    }
    let own = level2.map(fold);
    let headed = |(head, tail): (&str, &str)| {
        is_plain_class(head)
            || (head.chars().count() >= 4
                && classes().is_level2(head)
                && own.as_deref() != Some(head)
                && word(tail) == Word::Name
                && !own.as_deref().is_some_and(|own| own.starts_with(head)))
    };
    is_unbalanced(&folded)
        || is_plain_class(&folded)
        || matches!(word(text), Word::Line | Word::Column(_))
        || folded.ends_with(['=', '≥', '≤', '>', '<'])
        || cuts(&folded).any(headed)
        || is_labelled(&folded)
        || cuts(&folded).any(|(head, tail)| is_name(head) && is_value(tail))
}

fn is_name(text: &str) -> bool {
    word(text) == Word::Name
}

/// A value that no name ends with: `≥200`.
fn is_value(text: &str) -> bool {
    text.starts_with(['=', '≥', '≤', '>', '<']) && text.chars().any(|c| c.is_ascii_digit())
}

/// Whether a text begins with the label of a name and goes on: `填报单位东山区水务局`, but not 主管部门满意度.
fn is_labelled(folded: &str) -> bool {
    let is_label = |head: &str| {
        let label = vocabulary().label(head).filter(|_| head.chars().count() >= 4);
        label.is_some_and(|label| matches!(label.kind, Kind::Name | Kind::Text))
    };
    word(folded) != Word::Name && cuts(folded).any(|(head, _)| is_label(head))
}

fn is_torn_target(text: &str, is_nameless: bool) -> bool {
    let folded = fold(text);
    if folded.chars().count() > LONGEST {
        return folded.chars().skip(1).filter(|c| matches!(c, '≥' | '≤')).count() > 1;
    }
    let named = |(head, tail): (&str, &str)| {
        is_name(head) && (is_value(tail) || (is_nameless && word(tail) == Word::Target))
    };
    is_unbalanced(&folded)
        || matches!(word(text), Word::Label | Word::Line | Word::Column(_))
        || is_plain_class(&folded)
        || is_labelled(&folded)
        || cuts(&folded).any(named)
        || cuts(&folded).any(|(head, tail)| head.chars().count() > 1 && is_heading(head) && is_heading(tail))
        || is_two_values(&folded)
}

fn is_heading(text: &str) -> bool {
    matches!(word(text), Word::Column(_)) || group_scope(text).is_some()
}

/// Whether two values stand behind one another: the same one twice, or a number behind a whole one.
fn is_two_values(folded: &str) -> bool {
    // What parts dates, spans and products: `2023年4月`, `90%-95%`, `7天24小时`.
    const PARTING: &[char] = &[
        '年', '月', '日', '季', '周', '天', '时', '分', '第', '每', '-', '~', '至', '到', '*', '/', ':', ',',
        '.',
    ];
    cuts(folded).any(|(head, tail)| {
        let twice = head == tail && (word(head) == Word::Target || vocabulary().is_grade(head));
        let starts = tail.starts_with(['=', '≥', '≤']) || tail.starts_with(|c: char| c.is_ascii_digit());
        let ended = head.ends_with(|c: char| c == '%' || (c.is_alphabetic() && !c.is_ascii()));
        let parted = head.chars().any(|c| PARTING.contains(&c)) || tail.chars().any(|c| PARTING.contains(&c));
        let measured = vocabulary().is_measured_target(head)
            && head.chars().any(|c| c.is_ascii_digit())
            && !head.contains(['(', '、', '。', ';']);
        twice || (starts && ended && measured && !parted)
    })
}

/// Whether a bracket is opened and not closed, or closed and not opened.
fn is_unbalanced(folded: &str) -> bool {
    let mut open = 0_i32;
    for character in folded.chars() {
        open += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if open < 0 {
            return true;
        }
    }
    open != 0
}

/// Whether a remark is a class, or has one behind the heading that it is kept with: `二级指标：数量指标`.
fn holds_class(text: &str) -> bool {
    let folded = fold(text);
    let mut starts: Vec<&str> = vec![&folded];
    starts
        .extend(folded.char_indices().filter(|(_, c)| *c == ':').filter_map(|(at, _)| folded.get(at + 1..)));
    starts.into_iter().any(|start| {
        let ends = start.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST_CLASS);
        ends.filter_map(|end| start.get(..end)).any(is_plain_class)
    })
}

/// Whether a bracket of the heading stands before a weight: `（90）20`.
fn is_torn_weight(text: &str) -> bool {
    fold(text)
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .is_some_and(|(_, rest)| !rest.is_empty())
}

/// Whether a remark stands below a piece of a heading: `绩：效指标`, `（90）20`.
fn is_torn_note(text: &str) -> bool {
    text.lines().any(|line| {
        let folded = fold(line);
        let heading = folded.split_once(':').map(|(heading, _)| heading);
        heading.is_some_and(|heading| heading.chars().count() < 2) || folded.starts_with('(')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row([level2, name, target]: [&str; 3]) -> RawIndicator {
        let some = |text: &str| Some(text.into()).filter(|text: &Arc<str>| !text.is_empty());
        RawIndicator {
            scope: jixiao_model::Scope::Annual,
            level1: some("产出指标"),
            level2: some(level2),
            indicator: some(name),
            target: some(target),
            weight: None,
            note: None,
            place: Place::Line(7),
        }
    }

    #[test]
    fn a_cell_that_holds_more_than_one_or_less_tears_the_table() {
        for cells in [
            ["数量指标", "数量指标监测湿地数量", "≥12处"],
            ["效益", "社会效益查档利用人次", "≥3000人次"],
            ["长期绩效指标", "农田面积", "2万亩"],
            ["质量指标", "设备完好", "=100.00("],
            ["数量指标", "项目名称乙工程", "2"],
            ["数量指标", "资料数量", "填报单位东山区水务局"],
            ["数量指标", "资料采购数量≥20", "个"],
            ["成本指标", "成本", "资料采购成本控制率=100.00(%)"],
            ["数量指标", "补贴教师人数", "4500人次1500人"],
            ["时效指标", "发放及时率", "100%100%"],
            ["社会效益指标", "教师队伍稳定", "稳定稳定"],
            ["数量指标", "管网改造长度", "≥18公里30"],
        ] {
            let mut fields = Vec::new();
            let whole = row(["数量指标", "设备购置数量", "=2台"]);
            let (kept, findings) = without_torn(vec![whole, row(cells)], &mut fields, Cut::LabelsFirst);
            assert_eq!((kept.len(), findings.len(), fields.len()), (0, 1, 8), "{cells:?}");
        }
    }

    #[test]
    fn whole_cells_are_kept() {
        for cells in [
            ["数量指标", "设备购置数量", "=2(台)"],
            ["时效指标", "完成时间", "2023年4月-2024年2月"],
            ["质量指标", "验收合格率", "90%-95%"],
            ["时效指标", "响应时间", "7天24小时"],
            ["社会效益指标", "社会效益提升程度", "明显提升"],
            ["质量指标", "服务质量", "服务质量提升"],
            ["数量指标", "每万人床位数", "≥1,200.5张"],
            ["服务对象满意度指标", "服务对象满意度", "≥90%"],
        ] {
            let mut fields = Vec::new();
            let (kept, findings) = without_torn(vec![row(cells)], &mut fields, Cut::LabelsFirst);
            assert_eq!((kept.len(), findings.len()), (1, 0), "{cells:?} {findings:?}");
        }
    }

    #[test]
    fn a_name_whose_rest_stands_by_itself_is_not_whole() {
        let mut fields = vec![loose("率", &Place::Line(8))];
        let (kept, findings) =
            without_torn(vec![row(["", "年度预算执行", "100%"])], &mut fields, Cut::LabelsFirst);
        assert_eq!((kept[0].indicator.as_deref(), findings.len(), fields.len()), (None, 1, 2));
        assert_eq!(kept[0].target.as_deref(), Some("100%"));
    }
}
