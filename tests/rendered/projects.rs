//! Random tables of many projects, as departments in Yunnan print them: the name and the goal of a project beside its block of
//! rows, and the comparison, the number and the unit of a target in columns of their own.

use jixiao_model::Scope;
use proptest::prelude::*;

use crate::facts::{Facts, Indicator};
use crate::form::words;
use crate::levels::{self, Classes, Row, Style, class_cell};
use crate::page::{Cell, Part, Table, cell, wide};

const CLASSES: &Classes = &[
    ("产出指标", &["数量指标", "质量指标", "时效指标"]),
    ("效益指标", &["社会效益指标", "经济效益指标"]),
    ("满意度指标", &["服务对象满意度指标"]),
];
const HEADINGS: [&str; 10] = [
    "单位名称、项目名称",
    "项目年度绩效目标",
    "一级指标",
    "二级指标",
    "三级指标",
    "指标性质",
    "指标值",
    "度量单位",
    "指标属性",
    "指标内容",
];
/// 指标性质, 指标值, 度量单位 and 指标属性.
const TARGETS: [[&str; 4]; 4] = [
    ["≥", "12", "个", "定量指标"],
    ["=", "100", "%", "定量指标"],
    ["=", "改善", "", "定性指标"],
    ["≤", "300", "天", "定量指标"],
];
const CONTENTS: [&str; 3] = ["", "按台账", "问卷调查"];

/// A project.
#[derive(Debug, Clone)]
struct Project {
    name: String,
    goal: String,
    rows: Vec<Vec<Row>>,
}

/// A table of projects.
#[derive(Debug, Clone)]
pub struct Form {
    organisation: String,
    projects: Vec<Project>,
    /// How names and goals are printed.
    is_merged: bool,
    styles: [Style; 2],
}

/// Any table.
pub fn form() -> impl Strategy<Value = Form> {
    let project = || {
        let rows: Vec<_> = CLASSES.iter().map(|(_, levels2)| levels::rows(levels2, "", 3)).collect();
        (words(1, 4), words(2, 6), rows)
            .prop_filter("a project has indicators, of the first class first", |(.., rows)| {
                rows.first().is_some_and(|rows| !rows.is_empty())
            })
    };
    (words(1, 3), prop::collection::vec(project(), 1..4), any::<bool>(), levels::styles()).prop_map(
        |(organisation, projects, is_merged, styles)| {
            // Names differ, so that no project is taken for one that goes on.
            let projects = projects.into_iter().zip(["甲", "乙", "丙"]);
            let project = |((name, goal, rows), number)| Project {
                name: format!("{name}{number}项目"),
                goal: format!("{goal}完成任务。"),
                rows,
            };
            Form {
                organisation: format!("{organisation}管理局"),
                projects: projects.map(project).collect(),
                is_merged,
                styles,
            }
        },
    )
}

fn target(row: &Row) -> [&'static str; 4] {
    TARGETS[row.weight as usize % TARGETS.len()]
}

fn content(row: &Row) -> &'static str {
    CONTENTS[row.weight as usize % CONTENTS.len()]
}

impl Form {
    /// What each project says.
    pub fn facts(&self) -> Vec<Facts> {
        let of_project = |project: &Project| {
            let fields = [
                ("organisation", self.organisation.as_str()),
                ("project_name", &project.name),
                ("annual_goal", &project.goal),
            ];
            let indicators = CLASSES.iter().zip(&project.rows).flat_map(|((level1, _), rows)| {
                rows.iter().map(|row| {
                    let [sign, number, unit, kind] = target(row);
                    let mut note = format!("指标属性：{kind}");
                    if !content(row).is_empty() {
                        note += &format!("\n指标内容：{}", content(row));
                    }
                    Indicator {
                        scope: Scope::Annual,
                        level1: (*level1).to_owned(),
                        level2: row.level2.to_owned(),
                        name: row.name.clone(),
                        target: format!("{sign}{number}{unit}"),
                        weight: None,
                        note,
                    }
                })
            });
            Facts::new(2024, &fields, &[], indicators.collect())
        };
        self.projects.iter().map(of_project).collect()
    }

    /// The page on which they are printed.
    pub fn parts(&self) -> Vec<Part> {
        let mut rows = vec![HEADINGS.map(cell).to_vec(), vec![wide(&self.organisation, HEADINGS.len())]];
        for project in &self.projects {
            let height = project.rows.iter().map(Vec::len).sum();
            let mut is_first = true;
            for ((level1, _), of_class) in CLASSES.iter().zip(&project.rows) {
                for (at, row) in of_class.iter().enumerate() {
                    let run = of_class.iter().skip(at).take_while(|other| other.level2 == row.level2).count();
                    let begins = at == 0 || of_class[at - 1].level2 != row.level2;
                    let style = if self.is_merged { Style::Merged } else { Style::Once };
                    let mut cells: Vec<Cell> = Vec::new();
                    cells.extend(class_cell(&project.name, style, is_first, height));
                    cells.extend(class_cell(&project.goal, style, is_first, height));
                    cells.extend(class_cell(level1, self.styles[0], at == 0, of_class.len()));
                    cells.extend(class_cell(row.level2, self.styles[1], begins, run));
                    cells.push(cell(&row.name));
                    cells.extend(target(row).map(cell));
                    cells.push(cell(content(row)));
                    rows.push(cells);
                    is_first = false;
                }
            }
        }
        vec![
            Part::Line("部门项目支出绩效目标表".into()),
            Part::Line("（2024年度）".into()),
            Part::Table(Table { rows }),
        ]
    }
}
