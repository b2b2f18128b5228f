//! Random forms of the family of 2017 to 2020, and what a reader must find in them.

use proptest::prelude::*;

use crate::page::{Cell, Part, Table, cell, wide};

/// A form with all that it prints.
#[derive(Debug, Clone)]
pub struct Form {
    /// 年度.
    pub year: i32,
    /// 申报单位名称.
    pub organisation: String,
    /// Short fields: label and value, which may be blank, in pairs of a row.
    pub short: Vec<(&'static str, String)>,
    /// Sections: label and text, which may be blank.
    pub sections: Vec<(&'static str, String)>,
    /// Rows of the indicator table.
    pub indicators: Vec<Indicator>,
}

/// A row of the indicator table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// 一级目标.
    pub level1: String,
    /// 二级目标.
    pub level2: String,
    /// 三级目标.
    pub name: String,
    /// 指标目标值, which may be blank.
    pub target: String,
}

const CLASSES: [(&str, &[&str]); 4] = [
    ("投入与管理", &["投入管理", "财务管理", "实施管理"]),
    ("产出目标", &["数量", "质量", "时效"]),
    ("效果目标", &["社会效益", "经济效益", "满意度"]),
    ("影响力目标", &["人力资源", "信息共享"]),
];
const WORDS: [&str; 24] = [
    "推进",
    "社区",
    "养老服务",
    "设施",
    "改造",
    "本市",
    "居民",
    "培训",
    "监测",
    "网络",
    "平台",
    "开展",
    "活动",
    "完善",
    "机制",
    "资料",
    "数据2.5万条",
    "（含配套）",
    "《管理办法》",
    "“一网通办”",
    "ABC系统",
    "及",
    "12个区",
    "保障",
];
const ENDS: [&str; 5] = ["率", "数量", "完成情况", "（个）", "合格率（%）"];
const TARGETS: [&str; 10] =
    ["=100%", "≥90.00(%)", "=3", "健全", "可控", "3-5篇", "不低于95%", "985米", "2020年12月底前", ""];

fn words(least: usize, most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&WORDS[..]), least..most).prop_map(|words| words.concat())
}

/// A section: paragraphs of sentences, or nothing.
fn section() -> impl Strategy<Value = String> {
    let sentence = (words(3, 12), prop::sample::select(&["。", "；", "，并"][..]));
    let paragraph = prop::collection::vec(sentence, 1..4).prop_map(|sentences| {
        sentences.into_iter().map(|(words, end)| words + end).collect::<String>() + "完成任务。"
    });
    prop_oneof![
        1 => Just(String::new()),
        8 => prop::collection::vec(paragraph, 1..3).prop_map(|paragraphs| paragraphs.join("\n")),
    ]
}

fn indicators() -> impl Strategy<Value = Vec<Indicator>> {
    let row = (
        0..CLASSES.len(),
        0..3_usize,
        words(1, 4),
        prop::sample::select(&ENDS[..]),
        prop::sample::select(&TARGETS[..]),
    );
    prop::collection::vec(row, 1..12).prop_map(|mut rows| {
        rows.sort_by_key(|(level1, level2, ..)| (*level1, *level2 % CLASSES[*level1].1.len()));
        let mut indicators = Vec::new();
        for (number, (level1, level2, name, end, target)) in rows.into_iter().enumerate() {
            let (level1, levels2) = CLASSES[level1];
            let level2 = levels2[level2 % levels2.len()];
            // Names differ, so that no row is taken for another printed again.
            let name = format!("{name}{}{end}", ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"][number % 8]);
            indicators.push(Indicator {
                level1: level1.into(),
                level2: level2.into(),
                name,
                target: target.into(),
            });
        }
        indicators
    })
}

/// Any form.
pub fn form() -> impl Strategy<Value = Form> {
    let dates = prop::sample::select(&[("2020-01-01", "2020-12-31"), ("2020年3月1日", "2020年11月30日")][..]);
    let amounts = prop::array::uniform4(prop_oneof![
        Just(String::new()),
        (1..99_999_999_u32).prop_map(|amount| format!("{amount}.50")),
        (1_000..999_999_u32).prop_map(|amount| format!("{},{:03}", amount / 1000, amount % 1000)),
    ]);
    (words(1, 3), words(1, 5), dates, amounts, prop::array::uniform6(section()), indicators()).prop_map(
        |(organisation, project, (start, end), amounts, sections, indicators)| {
            let [total, annual, prior, executed] = amounts;
            let labels = [
                "项目概况",
                "立项依据",
                "项目设立的必要性",
                "保证项目实施的制度、措施",
                "项目实施计划",
                "总目标及阶段性目标",
            ];
            Form {
                year: 2020,
                organisation: format!("{organisation}管理局"),
                short: vec![
                    ("项目名称", format!("{project}项目")),
                    ("项目类别", "其他一次性项目".into()),
                    ("计划开始日期", start.into()),
                    ("计划完成日期", end.into()),
                    ("是否含有政府购买服务", "否".into()),
                    ("绩效类型", "其他类".into()),
                    ("项目总预算（元）", total),
                    ("项目当年预算（元）", annual),
                    ("同名项目上年预算额（元）", prior),
                    ("同名项目上年预算执行数（元）", executed),
                ],
                sections: labels.into_iter().zip(sections).collect(),
                indicators,
            }
        },
    )
}

impl Form {
    /// The page on which it is printed.
    pub fn parts(&self) -> Vec<Part> {
        let mut fields = Table::default();
        let pair = |pair: &[(&str, String)]| {
            let cells = pair.iter().flat_map(|(label, value)| [cell(&format!("{label}：")), cell(value)]);
            cells.collect::<Vec<_>>()
        };
        let (head, money) = self.short.split_at(6);
        fields.rows.extend(head.chunks(2).map(pair));
        let section = |(label, text): &(&str, String)| vec![cell(&format!("{label}：")), wide(text, 3)];
        fields.rows.extend(self.sections.iter().map(section));
        let budget = Table { rows: money.chunks(2).map(pair).collect() };
        vec![
            Part::Line("财政项目支出绩效目标表".into()),
            Part::Line(format!("({}年度)", self.year)),
            Part::Line(format!("申报单位名称：{}", self.organisation)),
            Part::Table(fields),
            Part::Line("本项目上年度市级财政资金使用情况".into()),
            Part::Table(budget),
            Part::Line(format!("{}年绩效目标", self.year)),
            Part::Table(self.indicator_table()),
        ]
    }

    fn indicator_table(&self) -> Table {
        let mut rows = vec![["一级目标", "二级目标", "三级目标", "指标目标值"].map(cell).to_vec()];
        let run = |from: usize, same: &dyn Fn(&Indicator, &Indicator) -> bool| {
            let first = &self.indicators[from];
            self.indicators[from..].iter().take_while(|row| same(first, row)).count()
        };
        let same1 = |one: &Indicator, other: &Indicator| one.level1 == other.level1;
        let same2 = |one: &Indicator, other: &Indicator| same1(one, other) && one.level2 == other.level2;
        for (at, indicator) in self.indicators.iter().enumerate() {
            let above = at.checked_sub(1).map(|above| &self.indicators[above]);
            let mut row = Vec::new();
            if above.is_none_or(|above| !same1(above, indicator)) {
                row.push(Cell { rows: run(at, &same1), ..cell(&indicator.level1) });
            }
            if above.is_none_or(|above| !same2(above, indicator)) {
                row.push(Cell { rows: run(at, &same2), ..cell(&indicator.level2) });
            }
            row.extend([cell(&indicator.name), cell(&indicator.target)]);
            rows.push(row);
        }
        Table { rows }
    }
}
