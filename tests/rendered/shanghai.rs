//! Random forms of Shanghai since 2021: amounts of the whole and of the year beside one another within a merged group,
//! and two goals beside one another.

use jixiao_model::Scope;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::facts::{Facts, Indicator};
use crate::form::{amount, section, words};
use crate::levels::{self, Classes, Row, Style, class_cell};
use crate::page::{Cell, Part, Table, cell, wide};

const CLASSES: &Classes = &[
    ("成本指标", &["经济成本指标", "社会成本指标", "生态环境成本指标"]),
    ("产出指标", &["数量指标", "质量指标", "时效指标"]),
    ("效益指标", &["经济效益指标", "社会效益指标", "生态效益指标"]),
    ("满意度指标", &["服务对象满意度指标"]),
];

/// A form with all that it prints.
#[derive(Debug, Clone)]
pub struct Form {
    project: String,
    nature: &'static str,
    department: String,
    unit: String,
    dates: (&'static str, &'static str),
    in_ten_thousands: bool,
    /// Of the whole: total, fiscal, other. Of the year: total, fiscal, carried over, other.
    amounts: [String; 7],
    goals: [String; 2],
    goals_below_labels: bool,
    rows: Vec<Vec<Row>>,
    styles: [Style; 2],
}

/// Any form.
pub fn form() -> impl Strategy<Value = Form> {
    let texts = (words(1, 5), words(1, 3), words(1, 3), section(), section());
    let choices = (
        prop::sample::select(&["一次性项目", "经常性项目", "阶段性项目"][..]),
        prop::sample::select(&[("2026/1/1", "2027/12/31"), ("2026-03-01", ""), ("", "")][..]),
        any::<bool>(),
        any::<bool>(),
        levels::styles(),
    );
    let amounts = prop::array::uniform7(amount());
    let rows: Vec<_> = CLASSES.iter().map(|(_, levels2)| levels::rows(levels2, "", 4)).collect();
    (texts, choices, amounts, rows)
        .prop_map(|(texts, choices, amounts, rows)| {
            let (project, department, unit, overall, annual) = texts;
            let (nature, dates, in_ten_thousands, goals_below_labels, styles) = choices;
            Form {
                project: format!("{project}项目"),
                nature,
                department: format!("{department}管理局"),
                unit: format!("{unit}中心"),
                dates,
                in_ten_thousands,
                amounts,
                goals: [overall, annual],
                goals_below_labels,
                rows,
                styles,
            }
        })
        .prop_filter("a form has indicators", |form| form.rows.iter().any(|rows| !rows.is_empty()))
}

impl Form {
    /// What it says.
    pub fn facts(&self) -> Facts {
        let unit = Decimal::from(if self.in_ten_thousands { 10_000 } else { 1 });
        let fields = [
            ("project_name", self.project.as_str()),
            ("project_nature", self.nature),
            ("project_category", "特定目标类"),
            ("supervising_department", &self.department),
            ("implementing_unit", &self.unit),
            ("start_date", self.dates.0),
            ("end_date", self.dates.1),
            ("overall_goal", &self.goals[0]),
            ("annual_goal", &self.goals[1]),
        ];
        let items = [
            "total_budget",
            "total_fiscal_funds",
            "total_other_funds",
            "annual_budget",
            "annual_fiscal_funds",
            "annual_carried_over",
            "annual_other_funds",
        ];
        let budget: Vec<_> =
            items.iter().zip(&self.amounts).map(|(item, text)| (*item, text.as_str(), unit)).collect();
        let of_class = CLASSES.iter().zip(&self.rows);
        let indicators = of_class.flat_map(|((level1, _), rows)| {
            rows.iter().map(|row| Indicator {
                scope: Scope::Annual,
                level1: (*level1).to_owned(),
                level2: row.level2.to_owned(),
                name: row.name.clone(),
                target: row.target.to_owned(),
                weight: None,
                note: String::new(),
            })
        });
        Facts::new(2026, &fields, &budget, indicators.collect())
    }

    /// The page on which it is printed.
    pub fn parts(&self) -> Vec<Part> {
        let [total, fiscal, other, annual, annual_fiscal, carried, annual_other] =
            self.amounts.each_ref().map(|amount| cell(amount));
        let group = Cell {
            rows: 4,
            ..cell(if self.in_ten_thousands { "项目资金（万元）" } else { "项目资金（元）" })
        };
        let mut rows = vec![
            vec![
                cell("项目名称"),
                cell(&self.project),
                cell("项目性质"),
                cell(self.nature),
                cell("项目类别"),
                cell("特定目标类"),
            ],
            vec![cell("主管部门"), cell(&self.department), cell("实施单位"), wide(&self.unit, 3)],
            vec![cell("计划开始日期"), cell(self.dates.0), cell("计划完成日期"), wide(self.dates.1, 3)],
            vec![group, cell("项目资金总额"), total, wide("年度资金申请总额", 2), annual],
            vec![cell("其中：财政资金"), fiscal, wide("其中：当年财政拨款", 2), annual_fiscal],
            vec![cell("其他资金"), other, wide("上年结转资金", 2), carried],
            vec![cell(""), cell(""), wide("其他资金", 2), annual_other],
        ];
        let [overall, of_year] = self.goals.each_ref();
        if self.goals_below_labels {
            rows.push(vec![wide("项目总目标", 3), wide("年度总体目标", 3)]);
            rows.push(vec![wide(overall, 3), wide(of_year, 3)]);
        } else {
            let beside = vec![cell("项目总目标"), wide(overall, 2), cell("年度总体目标"), wide(of_year, 2)];
            rows.push(beside);
        }
        rows.push(vec![cell("一级指标"), cell("二级指标"), wide("三级指标", 2), wide("年度指标值", 2)]);
        for ((level1, _), of_class) in CLASSES.iter().zip(&self.rows) {
            for (at, row) in of_class.iter().enumerate() {
                let run = of_class.iter().skip(at).take_while(|other| other.level2 == row.level2).count();
                let begins = at == 0 || of_class[at - 1].level2 != row.level2;
                let mut cells: Vec<Cell> = Vec::new();
                cells.extend(class_cell(level1, self.styles[0], at == 0, of_class.len()));
                cells.extend(class_cell(row.level2, self.styles[1], begins, run));
                cells.extend([wide(&row.name, 2), wide(row.target, 2)]);
                rows.push(cells);
            }
        }
        vec![
            Part::Line("财政项目支出绩效目标申报表".into()),
            Part::Line("（2026年度）".into()),
            Part::Table(Table { rows }),
        ]
    }
}
