//! Random forms of the Ministry of 2015 (财预〔2015〕88号): goals, amounts and indicators of the whole time and of the year
//! beside one another, under the same first classes, with a weight on each side.

use jixiao_model::Scope;
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::facts::{Facts, Indicator};
use crate::form::{amount, section, words};
use crate::levels::{self, Classes, Row, Style, class_cell};
use crate::page::{Cell, Part, Table, cell, wide};

const CLASSES: &Classes = &[
    ("产出指标", &["数量指标", "质量指标", "时效指标", "成本指标"]),
    ("效益指标", &["经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标"]),
    ("满意度指标", &["服务对象满意度指标"]),
];

/// A form with all that it prints.
#[derive(Debug, Clone)]
pub struct Form {
    organisation: String,
    project: String,
    department: String,
    unit: String,
    nature: &'static str,
    period: &'static str,
    /// Of the whole time and of the year: total, fiscal, other.
    amounts: [[String; 3]; 2],
    goals: [String; 2],
    /// By class: rows of the whole time, and of the year.
    rows: Vec<(Vec<Row>, Vec<Row>)>,
    has_weights: bool,
    styles: [Style; 2],
}

/// Any form.
pub fn form() -> impl Strategy<Value = Form> {
    let texts = (words(1, 3), words(1, 5), words(1, 3), words(1, 3), section(), section());
    let choices = (
        prop::sample::select(&["新增项目□ 延续项目√", "延续项目", ""][..]),
        prop::sample::select(&["3年", "2023年-2025年", ""][..]),
        any::<bool>(),
        levels::styles(),
    );
    let amounts = prop::array::uniform2(prop::array::uniform3(amount()));
    let sides = |(_, levels2): &(&str, &'static [&'static str])| {
        (levels::rows(levels2, "", 4), levels::rows(levels2, "本年", 4))
    };
    let rows: Vec<_> = CLASSES.iter().map(sides).collect();
    (texts, choices, amounts, rows)
        .prop_map(|(texts, choices, amounts, rows)| {
            let (organisation, project, department, unit, overall, annual) = texts;
            let (nature, period, has_weights, styles) = choices;
            Form {
                organisation: format!("{organisation}水文局"),
                project: format!("{project}项目"),
                department: format!("{department}水利厅"),
                unit: format!("{unit}中心"),
                nature,
                period,
                amounts,
                goals: [overall, annual],
                rows,
                has_weights,
                styles,
            }
        })
        .prop_filter("a form has indicators on both sides", |form| {
            form.rows.iter().any(|(left, _)| !left.is_empty())
                && form.rows.iter().any(|(_, right)| !right.is_empty())
        })
}

impl Form {
    /// What it says.
    pub fn facts(&self) -> Facts {
        let fields = [
            ("organisation", self.organisation.as_str()),
            ("project_name", &self.project),
            ("supervising_department", &self.department),
            ("implementing_unit", &self.unit),
            ("project_nature", self.nature),
            ("period", self.period),
            ("overall_goal", &self.goals[0]),
            ("annual_goal", &self.goals[1]),
        ];
        let items = [
            ["total_budget", "total_fiscal_funds", "total_other_funds"],
            ["annual_budget", "annual_fiscal_funds", "annual_other_funds"],
        ];
        let unit = Decimal::from(10_000);
        let amounts = items.iter().flatten().zip(self.amounts.iter().flatten());
        let budget: Vec<_> = amounts.map(|(item, text)| (*item, text.as_str(), unit)).collect();
        let indicators = CLASSES.iter().zip(&self.rows).flat_map(|((level1, _), (left, right))| {
            let side = |scope, rows: &[Row]| {
                let indicator = |row: &Row| Indicator {
                    scope,
                    level1: (*level1).to_owned(),
                    level2: row.level2.to_owned(),
                    name: row.name.clone(),
                    target: row.target.to_owned(),
                    weight: self.has_weights.then(|| Decimal::from(row.weight)),
                    note: String::new(),
                };
                rows.iter().map(indicator).collect::<Vec<_>>()
            };
            [side(Scope::Overall, left), side(Scope::Annual, right)].concat()
        });
        Facts::new(2023, &fields, &budget, indicators.collect())
    }

    /// How many columns each side has.
    fn side(&self) -> usize {
        if self.has_weights { 4 } else { 3 }
    }

    /// The page on which it is printed.
    pub fn parts(&self) -> Vec<Part> {
        let side = self.side();
        let width = 2 + 2 * side;
        let [whole, year] = self.amounts.each_ref();
        let mut rows = vec![
            vec![cell("项目名称"), wide(&self.project, width - 1)],
            vec![
                cell("主管部门及代码"),
                wide(&self.department, side),
                cell("实施单位"),
                wide(&self.unit, width - 2 - side),
            ],
            vec![
                cell("项目属性"),
                wide(self.nature, side),
                cell("项目期"),
                wide(self.period, width - 2 - side),
            ],
        ];
        let labels = [
            ["中期资金总额：", "年度资金总额："],
            ["其中：财政拨款", "其中：财政拨款"],
            ["其他资金", "其他资金"],
        ];
        for (at, [left, right]) in labels.into_iter().enumerate() {
            let mut cells = Vec::new();
            if at == 0 {
                cells.push(Cell { rows: 3, ..cell("项目资金（万元）") });
            }
            cells.extend([
                cell(left),
                wide(&whole[at], side - 1),
                wide(right, 2),
                wide(&year[at], width - 3 - side),
            ]);
            rows.push(cells);
        }
        let (left, right) = (1 + side, width - 2 - side);
        let group = Cell { rows: 2, ..cell("总体目标") };
        rows.push(vec![group, wide("中期目标（2023年—2025年）", left), wide("年度目标", right)]);
        rows.push(vec![wide(&self.goals[0], left), wide(&self.goals[1], right)]);
        let mut table = self.indicator_rows();
        if let Some(heading) = table.first_mut() {
            heading.insert(0, Cell { text: "绩效指标".into(), rows: 0, columns: 1 });
        }
        let height = table.len();
        if let Some(group) = table.first_mut().and_then(|heading| heading.first_mut()) {
            group.rows = height;
        }
        rows.extend(table);
        vec![
            Part::Line("项目支出绩效目标申报表".into()),
            Part::Line("（2023年度）".into()),
            Part::Line(format!("填报单位：{}", self.organisation)),
            Part::Table(Table { rows }),
        ]
    }

    fn indicator_rows(&self) -> Vec<Vec<Cell>> {
        let headings = ["二级指标", "三级指标", "指标值", "分值"].map(cell);
        let of_side = headings.get(..self.side()).unwrap_or_default().to_vec();
        let mut rows = vec![[vec![cell("一级指标")], of_side.clone(), of_side].concat()];
        for ((level1, _), (left, right)) in CLASSES.iter().zip(&self.rows) {
            let height = left.len().max(right.len());
            for at in 0..height {
                let mut cells: Vec<Cell> =
                    class_cell(level1, self.styles[0], at == 0, height).into_iter().collect();
                for rows in [left, right] {
                    cells.extend(self.side_cells(rows, at));
                }
                rows.push(cells);
            }
        }
        rows
    }

    fn side_cells(&self, rows: &[Row], at: usize) -> Vec<Cell> {
        let Some(row) = rows.get(at) else { return vec![cell(""); self.side()] };
        let run = rows.iter().skip(at).take_while(|other| other.level2 == row.level2).count();
        let begins = at == 0 || rows[at - 1].level2 != row.level2;
        let mut cells: Vec<Cell> = class_cell(row.level2, self.styles[1], begins, run).into_iter().collect();
        cells.extend([cell(&row.name), cell(row.target)]);
        if self.has_weights {
            cells.push(cell(&row.weight.to_string()));
        }
        cells
    }
}
