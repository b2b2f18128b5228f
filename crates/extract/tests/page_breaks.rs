//! A page may end at any character of a text. Here it ends at every one of them, in each way in which dumps show it,
//! over all sections of the published document; what comes back must be the text, or a doubt that says so.

use jixiao_extract::read;
use jixiao_model::{FindingCode, RawForm};

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

/// Breaks every section everywhere (or at every `step`th character) and counts what came back wrong without a doubt,
/// and what came back wrong with one.
fn check(kind: Break, step: usize) -> (usize, usize, usize) {
    let (mut all, mut wrong, mut doubted) = (0, 0, 0);
    for (number, form) in sections().iter().enumerate() {
        for (broken, section) in form.iter().enumerate() {
            for at in (1..section.chars().count()).step_by(step) {
                let document = read(dump(form, broken, at, kind).as_bytes());
                assert_eq!(document.forms.len(), 1);
                let read = &document.forms[0];
                let right = (0..6).all(|index| value(read, SECTIONS[index]) == form[index]);
                let doubt = read.findings.iter().any(|finding| {
                    matches!(
                        finding.code,
                        FindingCode::AmbiguousPageBreak
                            | FindingCode::ValueWithoutLabel
                            | FindingCode::RepeatedTextDropped
                    )
                });
                all += 1;
                if !right {
                    if doubt {
                        doubted += 1;
                    } else {
                        wrong += 1;
                        if wrong < 12 {
                            let near: String = section.chars().skip(at.saturating_sub(8)).take(16).collect();
                            println!("{kind:?} form {} {} at {at}: {near}", number + 1, SECTIONS[broken]);
                            for f in &read.findings {
                                println!("    {} {:?} {}", f.code, f.field, f.message);
                            }
                        }
                    }
                }
            }
        }
    }
    println!("{kind:?}: {all} breaks, {wrong} wrong, {doubted} wrong and doubted");
    (all, wrong, doubted)
}

#[test]
fn rest_in_a_row() {
    assert_eq!(check(Break::Row, 7).1, 0);
}

#[test]
fn rest_in_a_row_right_below() {
    assert_eq!(check(Break::TightRow, 7).1, 0);
}

#[test]
fn rest_outside_the_table() {
    assert_eq!(check(Break::Bare, 7).1, 0);
}

#[test]
fn halves_around_the_label() {
    assert_eq!(check(Break::AroundLabel, 7).1, 0);
}

#[test]
fn label_beside_the_rest() {
    assert_eq!(check(Break::BeforeLabel, 7).1, 0);
}
