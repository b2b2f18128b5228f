//! A page may end at any character of a text. Here it ends all over the sections of the published document, in each
//! way in which dumps show it; what comes back must be the text, or a doubt that says so.

use jixiao_extract::read;
use jixiao_model::{Finding, FindingCode, RawForm};

const DOCUMENT: &[u8] = include_bytes!(
    "../../../data/raw/shanghai/2020/shanghai-association-for-science-and-technology-2020.txt"
);

const SECTIONS: [&str; 6] =
    ["overview", "legal_basis", "necessity", "safeguards", "implementation_plan", "overall_goal"];
const LABELS: [&str; 6] = [
    "项目概况：",
    "立项依据：",
    "项目设立的必要性：",
    "保证项目实施的制度、措施：",
    "项目实施计划：",
    "总目标及阶段性目标：",
];

/// Every how many characters a page ends. A prime: breaks fall on all kinds of characters.
const STEP: usize = 29;

/// How a page ended within the cell of one section.
#[derive(Debug, Clone, Copy)]
enum Break {
    /// The rest stands beside an empty label cell, behind a blank line.
    Row,
    /// As `Row`, in a dump without blank lines.
    TightRow,
    /// The rest stands outside the table.
    Bare,
    /// The label was centred: the first half stands in a row of its own, then the label alone, then the rest.
    AroundLabel,
    /// The label fell on the next page, beside the rest.
    BeforeLabel,
}

/// The form as a dump, with a break in one of its sections.
fn dump(sections: &[String; 6], broken: usize, at: usize, kind: Break) -> String {
    let mut text =
        "财政项目支出绩效目标表\n(2020年度)\n申报单位名称：甲局\n项目名称：\t乙\t项目类别：\t丙\n".to_owned();
    for (index, (label, section)) in LABELS.iter().zip(sections).enumerate() {
        if index != broken {
            text.push_str(&format!("{label}\t{section}\t\t\n"));
            continue;
        }
        let first: String = section.chars().take(at).collect();
        let rest: String = section.chars().skip(at).collect();
        text.push_str(&match kind {
            Break::Row => format!("{label}\t{first}\t\t\n\n\t{rest}\t\t\n"),
            Break::TightRow => format!("{label}\t{first}\t\t\n\t{rest}\t\t\n"),
            Break::Bare => format!("{label}\t{first}\t\t\n\n{rest}\n\n"),
            Break::AroundLabel => format!("\t{first}\t\t\n\n{label}\n\n{rest}\n\n"),
            Break::BeforeLabel => format!("\t{first}\t\t\n\n{label}\t{rest}\t\t\n"),
        });
    }
    text.push_str("\n2020年绩效目标\n\n一级目标\t二级目标\t三级目标\t指标目标值\n产出目标\t数量\t场次\t=3\n");
    text
}

fn value(form: &RawForm, code: &str) -> String {
    form.field(code)
        .and_then(|field| field.value.clone())
        .unwrap_or_default()
        .replace(char::is_whitespace, "")
}

fn sections() -> Vec<[String; 6]> {
    let document = read(DOCUMENT);
    assert_eq!(document.forms.len(), 15);
    document.forms.iter().map(|form| SECTIONS.map(|code| value(form, code))).collect()
}

/// Breaks every section of every form at every `STEP`th character, from another first one in each section. What comes
/// back must be the text; or, in at most one break of a hundred, something else with a finding that doubts it.
fn check(kind: Break) {
    let (mut all, mut doubted) = (0_usize, 0_usize);
    for (number, form) in sections().iter().enumerate() {
        for (broken, section) in form.iter().enumerate() {
            let first = 1 + (number * 7 + broken * 11) % STEP;
            for at in (first..section.chars().count()).step_by(STEP) {
                let document = read(dump(form, broken, at, kind).as_bytes());
                assert_eq!(document.forms.len(), 1);
                let read = &document.forms[0];
                all += 1;
                if (0..6).all(|index| value(read, SECTIONS[index]) == form[index]) {
                    continue;
                }
                let near: String = section.chars().skip(at.saturating_sub(8)).take(16).collect();
                let place = format!("{kind:?} in {} of form {}: {near}", SECTIONS[broken], number + 1);
                assert!(read.findings.iter().any(doubts), "silently wrong at {place}");
                doubted += 1;
            }
        }
    }
    assert!(all > 400, "{all} breaks");
    assert!(doubted * 100 <= all, "{doubted} of {all} breaks were healed wrongly, though with a doubt");
}

fn doubts(finding: &Finding) -> bool {
    let codes =
        [FindingCode::AmbiguousPageBreak, FindingCode::ValueWithoutLabel, FindingCode::RepeatedTextDropped];
    codes.contains(&finding.code)
}

#[test]
fn rest_in_a_row() {
    check(Break::Row);
}

#[test]
fn rest_in_a_row_right_below() {
    check(Break::TightRow);
}

#[test]
fn rest_outside_the_table() {
    check(Break::Bare);
}

#[test]
fn halves_around_the_label() {
    check(Break::AroundLabel);
}

#[test]
fn label_on_the_next_page() {
    check(Break::BeforeLabel);
}
