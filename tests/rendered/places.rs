//! Random forms of the families of provinces and of the Ministry of 2021, each told by what its office prints.

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
/// Comparison, number or word, and unit, where each has a column of its own.
const PARTED: [(&str, &str, &str); 5] =
    [("≥", "12", "个"), ("=", "100", "%"), ("≤", "300", "天"), ("=", "改善", ""), ("≥", "0.6", "万亩")];
/// What stands in remarks: each column has words of its own.
const REMARKS: [[&str; 3]; 2] = [["", "按台账", "与上年相比，按年末统计"], ["", "工作计划", "历年数据"]];

/// A field: its label and its code.
type Field = (&'static str, &'static str);

/// Codes with texts.
type Texts<'f> = Vec<(&'static str, &'f str)>;

/// A row of the form above the indicators.
enum Line {
    /// Short texts in pairs.
    Names([Field; 2]),
    /// Amounts in pairs.
    Amounts([Field; 2]),
    /// A text as wide as the form.
    Section(Field),
    /// Amounts beside one merged label.
    Block(&'static str, &'static [Field]),
}

/// A column of the indicator table.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    Group,
    Level1,
    Level2,
    Name,
    Target,
    /// Of the whole time, beside that of the year.
    Overall,
    Operator,
    Number,
    Unit,
    Weight,
    Note,
    Remark,
}

/// What an office prints.
struct Family {
    /// Lines above the table; `{}` is the organisation.
    above: &'static [&'static str],
    year: i32,
    /// Fields that these lines say.
    said: &'static [(&'static str, &'static str)],
    /// What stands behind each amount.
    suffix: &'static str,
    lines: &'static [Line],
    columns: &'static [(Column, &'static str)],
}

const FAMILIES: [Family; 8] = [
    Family {
        above: &["项目支出绩效目标审批表", "（2023年度）", "金额单位：万元"],
        year: 2023,
        said: &[("money_unit", "万元")],
        suffix: "",
        lines: &[
            Line::Names([("项目名称", "project_name"), ("预算单位", "budget_unit")]),
            Line::Names([("项目编码", "project_code"), ("建设周期", "period")]),
            Line::Amounts([("项目总额", "total_budget"), ("当年预算", "annual_budget")]),
            Line::Amounts([
                ("其中：财政资金", "total_fiscal_funds"),
                ("其中：区级资金", "annual_county_funds"),
            ]),
            Line::Amounts([("自筹资金", "total_self_raised"), ("上级补助资金", "annual_superior_subsidy")]),
            Line::Section(("项目概况", "overview")),
            Line::Section(("立项依据", "legal_basis")),
            Line::Section(("当年绩效目标", "annual_goal")),
        ],
        columns: &[
            (Column::Level1, "一级指标"),
            (Column::Level2, "二级指标"),
            (Column::Name, "三级指标"),
            (Column::Weight, "指标权重"),
            (Column::Unit, "计量单位"),
            (Column::Operator, "指标性质"),
            (Column::Number, "指标值"),
            (Column::Remark, "指标解释"),
        ],
    },
    Family {
        above: &["项目支出绩效目标审批表", "（2022年度）", "金额单位：万元"],
        year: 2022,
        said: &[("money_unit", "万元")],
        suffix: "",
        lines: &[
            Line::Names([("项目名称", "project_name"), ("预算单位", "budget_unit")]),
            Line::Amounts([("项目总额", "total_budget"), ("当年预算", "annual_budget")]),
            Line::Section(("当年绩效目标", "annual_goal")),
        ],
        columns: &[
            (Column::Level1, "一级指标"),
            (Column::Level2, "二级指标"),
            (Column::Name, "三级指标"),
            (Column::Target, "指标值"),
            (Column::Weight, "分值"),
        ],
    },
    Family {
        above: &["2023年项目支出绩效目标表"],
        year: 2023,
        said: &[],
        suffix: "万元",
        lines: &[
            Line::Names([("一级项目名称", "parent_project_name"), ("二级项目名称", "project_name")]),
            Line::Names([("主管部门", "supervising_department"), ("项目实施单位", "implementing_unit")]),
            Line::Amounts([("项目总投资", "total_budget"), ("中央补助安排", "total_central_subsidy")]),
            Line::Amounts([
                ("省级财政安排", "total_provincial_funds"),
                ("县级配套资金", "total_county_funds"),
            ]),
            Line::Section(("项目概况", "overview")),
            Line::Section(("总体目标", "overall_goal")),
        ],
        columns: &[
            (Column::Level1, "一级指标"),
            (Column::Level2, "二级指标"),
            (Column::Name, "三级指标"),
            (Column::Target, "指标值"),
        ],
    },
    Family {
        above: &["2022年度专项资金绩效目标表", "填报单位（盖章）：{}"],
        year: 2022,
        said: &[],
        suffix: "",
        lines: &[
            Line::Names([("专项名称", "project_name"), ("项目负责人", "person_responsible")]),
            Line::Section(("长期绩效目标", "overall_goal")),
            Line::Section(("年度绩效目标", "annual_goal")),
        ],
        columns: &[
            (Column::Level1, "一级指标"),
            (Column::Level2, "二级指标"),
            (Column::Name, "指标内容"),
            (Column::Target, "指标值"),
            (Column::Note, "备注"),
        ],
    },
    Family {
        above: &["项目绩效目标表", "（2024年度）", "单位：万元"],
        year: 2024,
        said: &[("money_unit", "万元")],
        suffix: "",
        lines: &[
            Line::Names([("项目编码", "project_code"), ("项目名称", "project_name")]),
            Line::Section(("绩效目标", "overall_goal")),
        ],
        columns: &[
            (Column::Level1, "一级指标"),
            (Column::Level2, "二级指标"),
            (Column::Name, "三级指标"),
            (Column::Remark, "绩效指标描述"),
            (Column::Target, "指标值"),
            (Column::Remark, "指标值确定依据"),
        ],
    },
    Family {
        above: &["2023年项目支出绩效目标申报表", "填报单位：{}"],
        year: 2023,
        said: &[],
        suffix: "万元",
        lines: &[
            Line::Names([("项目名称", "project_name"), ("资金用途", "use_of_funds")]),
            Line::Amounts([("项目总额", "total_budget"), ("年度金额", "annual_budget")]),
            Line::Section(("项目概述", "overview")),
            Line::Section(("总体绩效目标", "overall_goal")),
            Line::Section(("年度绩效目标", "annual_goal")),
        ],
        columns: &[
            (Column::Level1, "一级指标"),
            (Column::Level2, "二级指标"),
            (Column::Name, "三级指标"),
            (Column::Overall, "实施周期指标值"),
            (Column::Target, "年度指标值"),
        ],
    },
    Family {
        above: &["2024年度部门预算项目绩效目标表", "单位：万元"],
        year: 2024,
        said: &[("money_unit", "万元")],
        suffix: "",
        lines: &[
            Line::Names([("项目名称", "project_name"), ("主管部门", "supervising_department")]),
            Line::Block(
                "预算金额",
                &[
                    ("合计", "total_budget"),
                    ("其中：财政资金", "total_fiscal_funds"),
                    ("其他资金", "total_other_funds"),
                ],
            ),
            Line::Section(("总体目标", "overall_goal")),
        ],
        columns: &[
            (Column::Group, "年度绩效指标"),
            (Column::Level1, "一级指标"),
            (Column::Level2, "二级指标"),
            (Column::Name, "三级指标"),
            (Column::Target, "指标值"),
        ],
    },
    Family {
        above: &["项目支出绩效目标申报表", "（2022年度）"],
        year: 2022,
        said: &[],
        suffix: "",
        lines: &[
            Line::Names([("项目名称", "project_name"), ("项目属性", "project_nature")]),
            Line::Names([("主管部门及代码", "supervising_department"), ("实施单位", "implementing_unit")]),
            Line::Block(
                "项目资金\n（万元）",
                &[
                    ("年度资金总额：", "annual_budget"),
                    ("其中：财政拨款", "annual_fiscal_funds"),
                    ("其他资金", "annual_other_funds"),
                ],
            ),
            Line::Section(("总\n体\n目\n标", "overall_goal")),
        ],
        columns: &[
            (Column::Group, "绩\n效\n指\n标"),
            (Column::Level1, "一级指标"),
            (Column::Level2, "二级指标"),
            (Column::Name, "三级指标"),
            (Column::Target, "指标值"),
            (Column::Weight, "分值"),
        ],
    },
];

/// A form with all that it prints.
#[derive(Debug, Clone)]
pub struct Form {
    family: usize,
    organisation: String,
    names: Vec<String>,
    amounts: Vec<String>,
    sections: Vec<String>,
    rows: Vec<Vec<Row>>,
    styles: [Style; 2],
}

/// Any form.
pub fn form() -> impl Strategy<Value = Form> {
    let texts = (
        words(1, 3),
        prop::collection::vec(words(2, 5), 6),
        prop::collection::vec(amount(), 8),
        prop::collection::vec(section(), 4),
    );
    let rows: Vec<_> = CLASSES.iter().map(|(_, levels2)| levels::rows(levels2, "", 4)).collect();
    (0..FAMILIES.len(), texts, rows, levels::styles())
        .prop_map(|(family, (organisation, names, amounts, sections), rows, styles)| Form {
            family,
            organisation: format!("{organisation}管理局"),
            names: names.into_iter().map(|name| format!("{name}项目")).collect(),
            amounts,
            sections,
            rows,
            styles,
        })
        .prop_filter("a form has indicators", |form| form.rows.iter().any(|rows| !rows.is_empty()))
}

/// A target in three cells.
fn parted(row: &Row) -> (&'static str, &'static str, &'static str) {
    PARTED[row.weight as usize % PARTED.len()]
}

/// The target of the whole time, beside that of the year.
fn overall(row: &Row) -> &'static str {
    ["6", "≥85%", "完成建设", ""][row.weight as usize % 4]
}

/// What stands in the remarks of a row; each column has its own.
fn remark(row: &Row, column: usize) -> &'static str {
    REMARKS[usize::from(column > 4)][(row.weight as usize + column) % 3]
}

impl Form {
    fn family(&self) -> &'static Family {
        &FAMILIES[self.family]
    }

    fn has(&self, column: Column) -> bool {
        self.family().columns.iter().any(|(of, _)| *of == column)
    }

    /// The fields with their texts.
    fn fields(&self) -> Texts<'_> {
        let (mut names, mut sections) = (self.names.iter(), self.sections.iter());
        let mut fields = Texts::new();
        for line in self.family().lines {
            match line {
                Line::Names(pair) => {
                    let texts = names.by_ref().map(String::as_str);
                    fields.extend(pair.iter().map(|(_, code)| *code).zip(texts));
                }
                Line::Section((_, code)) => fields.push((*code, sections.next().map_or("", String::as_str))),
                Line::Amounts(_) | Line::Block(..) => {}
            }
        }
        fields
    }

    /// The amounts as they are printed, but for their units.
    fn amounts(&self) -> Texts<'_> {
        let codes = self.family().lines.iter().flat_map(|line| match line {
            Line::Amounts(pair) => pair.as_slice(),
            Line::Block(_, lines) => lines,
            Line::Names(_) | Line::Section(_) => &[],
        });
        codes.map(|(_, code)| *code).zip(self.amounts.iter().map(String::as_str)).collect()
    }

    fn indicators(&self, row: &Row, level1: &str) -> Vec<Indicator> {
        let columns = self.family().columns.iter().enumerate();
        let notes = columns.filter_map(|(at, (column, heading))| {
            let text = remark(row, at);
            match column {
                _ if text.is_empty() => None,
                Column::Note => Some(text.to_owned()),
                Column::Remark => Some(format!("{heading}：{text}")),
                _ => None,
            }
        });
        let (sign, number, unit) = parted(row);
        let target =
            if self.has(Column::Number) { format!("{sign}{number}{unit}") } else { row.target.to_owned() };
        let of_year = Indicator {
            scope: Scope::Annual,
            level1: level1.to_owned(),
            level2: row.level2.to_owned(),
            name: row.name.clone(),
            target,
            weight: self.has(Column::Weight).then(|| Decimal::from(row.weight)),
            note: notes.collect::<Vec<_>>().join("\n"),
        };
        if !self.has(Column::Overall) {
            return vec![of_year];
        }
        let of_whole =
            Indicator { scope: Scope::Overall, target: overall(row).to_owned(), ..of_year.clone() };
        // A side without a value has no such indicator, but where neither has one.
        match (of_whole.target.is_empty(), of_year.target.is_empty()) {
            (true, false) => vec![of_year],
            (false, true) => vec![of_whole],
            _ => vec![of_whole, of_year],
        }
    }

    /// What it says.
    pub fn facts(&self) -> Facts {
        let mut fields = self.fields();
        fields.extend(self.family().said);
        if self.family().above.iter().any(|line| line.contains("{}")) {
            fields.push(("organisation", &self.organisation));
        }
        let unit = Decimal::from(10_000);
        let budget: Vec<_> = self.amounts().into_iter().map(|(code, text)| (code, text, unit)).collect();
        let of_class = CLASSES.iter().zip(&self.rows);
        let indicators = of_class.flat_map(|((level1, _), rows)| {
            rows.iter().flat_map(|row| self.indicators(row, level1)).collect::<Vec<_>>()
        });
        Facts::new(self.family().year, &fields, &budget, indicators.collect())
    }

    /// The page on which it is printed.
    pub fn parts(&self) -> Vec<Part> {
        let columns = self.family().columns;
        let width = columns.len();
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        let (mut names, mut amounts, mut sections) =
            (self.names.iter(), self.amounts.iter(), self.sections.iter());
        let mut money = || {
            let amount = amounts.next().map_or("", String::as_str);
            if amount.is_empty() { String::new() } else { format!("{amount}{}", self.family().suffix) }
        };
        // The second value of a pair reaches to the edge.
        let pair = |[(one, _), (other, _)]: &[Field; 2], texts: [&str; 2]| {
            vec![cell(one), cell(texts[0]), cell(other), wide(texts[1], width - 3)]
        };
        for line in self.family().lines {
            match line {
                Line::Names(fields) => {
                    let texts = [names.next(), names.next()].map(|text| text.map_or("", String::as_str));
                    rows.push(pair(fields, texts));
                }
                Line::Amounts(fields) => {
                    let (one, other) = (money(), money());
                    rows.push(pair(fields, [&one, &other]));
                }
                Line::Section((label, _)) => {
                    let text = sections.next().map_or("", String::as_str);
                    rows.push(vec![cell(label), wide(text, width - 1)]);
                }
                Line::Block(label, fields) => {
                    for (at, (part, _)) in fields.iter().enumerate() {
                        let mut cells = Vec::new();
                        if at == 0 {
                            cells.push(Cell { rows: fields.len(), ..cell(label) });
                        }
                        cells.extend([wide(part, 2), wide(&money(), width - 3)]);
                        rows.push(cells);
                    }
                }
            }
        }
        rows.extend(self.indicator_rows());
        let above = self.family().above.iter().map(|line| Part::Line(line.replace("{}", &self.organisation)));
        above.chain([Part::Table(Table { rows })]).collect()
    }

    fn indicator_rows(&self) -> Vec<Vec<Cell>> {
        let columns = self.family().columns;
        let mut rows = vec![columns.iter().map(|(_, heading)| cell(heading)).collect::<Vec<_>>()];
        for ((level1, _), of_class) in CLASSES.iter().zip(&self.rows) {
            for (at, row) in of_class.iter().enumerate() {
                let run = of_class.iter().skip(at).take_while(|other| other.level2 == row.level2).count();
                let begins = at == 0 || of_class[at - 1].level2 != row.level2;
                let (sign, number, unit) = parted(row);
                let mut cells: Vec<Cell> = Vec::new();
                for (place, (column, _)) in columns.iter().enumerate() {
                    match column {
                        // It is merged with its heading.
                        Column::Group => {}
                        Column::Level1 => {
                            cells.extend(class_cell(level1, self.styles[0], at == 0, of_class.len()));
                        }
                        Column::Level2 => cells.extend(class_cell(row.level2, self.styles[1], begins, run)),
                        Column::Name => cells.push(cell(&row.name)),
                        Column::Target => cells.push(cell(row.target)),
                        Column::Overall => cells.push(cell(overall(row))),
                        Column::Operator => cells.push(cell(sign)),
                        Column::Number => cells.push(cell(number)),
                        Column::Unit => cells.push(cell(unit)),
                        Column::Weight => cells.push(cell(&row.weight.to_string())),
                        Column::Note | Column::Remark => cells.push(cell(remark(row, place))),
                    }
                }
                rows.push(cells);
            }
        }
        let height = rows.len();
        if let Some(group) = rows[0].first_mut().filter(|_| columns[0].0 == Column::Group) {
            group.rows = height;
        }
        rows
    }
}
