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

/// Sections of other projects, as people write them: with lists and without, short and long, with brackets, numbers and
/// foreign words, and with words in them that are labels elsewhere.
const OTHERS: [[&str; 6]; 4] = [
    [
        "本项目面向全市中小学开展校园心理健康服务，覆盖学校120所，服务学生6.5万人次。通过购买专业机构服务，建立“一校一档”，并对重点人群进行跟踪。",
        "根据《中华人民共和国精神卫生法》、《关于加强中小学心理健康教育的意见》（沪教委德〔2017〕12号）和市政府第35次常务会议纪要",
        "青少年心理问题日益突出，家长和学校缺少专业支持",
        "1.制度：《专项资金管理办法（试行）》；2.人员：由德育处3名专职人员负责；3.监督：每季度检查一次。",
        "第一阶段（1-3月）：招标；第二阶段（4-10月）：实施；第三阶段（11-12月）：验收与总结",
        "总目标：建立心理服务体系。阶段性目标：上半年完成60所学校，下半年完成其余60所学校",
    ],
    [
        "（一）基本情况：本项目为延续性项目，2017年立项，主要内容包括：1、系统运维；2、数据中心机房租赁；3、网络安全等级保护测评。（二）资金构成：总投入345.6万元，其中：运维费200万元，租赁费100.6万元，测评费45万元",
        "1）《国务院关于加快推进“互联网+政务服务”工作的指导意见》（国发〔2016〕55号）；2）《上海市电子政务管理办法》；3）局办公会2018年第6次会议纪要",
        "全局21个业务系统已连续运行5年以上，设备老化严重，故障率逐年上升。若不及时更新与维护，将无法满足“一网通办”的要求，也无法通过等级保护测评。",
        "局信息中心负责项目组织实施，财务处负责资金监管，纪检组全程监督；制定了《信息化项目管理办法》《信息系统运维服务考核办法》等制度",
        "2019年1月签订合同，2019年2月至11月按月巡检，2019年12月组织验收，验收合格后支付尾款",
        "1、确保21个系统全年可用率不低于99.9%；2、故障响应时间不超过30分钟；3、等级保护测评通过率100%；4、用户满意度90%以上。",
    ],
    [
        "ProjectMercury是我院与德国Fraunhofer研究所（IPA）合作开展的智能制造技术研究，目标是攻克高精度力控装配、数字孪生（DigitalTwin）建模等3项关键技术；周期为36个月（2019.1-2021.12）",
        "依据：①科技部国际合作专项任务书（编号：2018YFE0101234）；②院长办公会决议[2018]第11号",
        "国内该领域与国际先进水平存在5-8年差距，通过合作可缩短研发周期，降低成本30%左右",
        "院《科研经费管理办法》第三章第12条、《国际合作项目管理细则》",
        "按上海市农村人居环境整治实施方案（2018—2020年）实施",
        "发表SCI论文3-5篇，申请发明专利4项，培养博士生2名、硕士生5名；完成样机1台，装配精度优于0.02mm",
    ],
    [
        "绿化养护",
        "市绿化条例",
        "保障绿地设施完好",
        "养护管理办法、考核细则",
        "全年养护绿地35公顷，修剪行道树1200株",
        "市民满意度达到90%以上",
    ],
];

/// A page ends behind a line, and a line of a cell has more characters than this.
const SHORTEST_LINE: usize = 10;

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
    /// As `Bare`, with the number of the page between the halves.
    PageNumber,
    /// As `Row`, with the last line of the page printed again on the next.
    RepeatedLine,
    /// Two pages end within the section.
    TwoRows,
    /// The label stands alone on its line, and so do both halves below it.
    BelowLabel,
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
            Break::PageNumber => format!("{label}\t{first}\t\t\n\n- 3 -\n\n{rest}\n\n"),
            Break::RepeatedLine => {
                let line: String = first.chars().skip(at.saturating_sub(20)).collect();
                let again = if at > 24 { line.as_str() } else { "" };
                format!("{label}\t{first}\t\t\n\n\t{again}{rest}\t\t\n")
            }
            Break::TwoRows => {
                let half = rest.chars().count() / 2;
                let (second, third): (String, String) =
                    (rest.chars().take(half).collect(), rest.chars().skip(half).collect());
                format!("{label}\t{first}\t\t\n\n\t{second}\t\t\n\n\t{third}\t\t\n")
            }
            Break::BelowLabel => format!("\n{label}\n\n{first}\n\n{rest}\n\n"),
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

/// Breaks the sections of the other projects behind every character that may end a first line. At most one in fifty may
/// come back as something else, and never without a doubt.
fn check_others(kind: Break) {
    let (mut all, mut doubted) = (0_usize, 0_usize);
    for sections in OTHERS {
        let sections = sections.map(str::to_owned);
        for (broken, section) in sections.iter().enumerate() {
            for at in (SHORTEST_LINE..section.chars().count()).step_by(3) {
                let document = read(dump(&sections, broken, at, kind).as_bytes());
                assert_eq!(document.forms.len(), 1);
                let read = &document.forms[0];
                all += 1;
                if (0..6).all(|index| value(read, SECTIONS[index]) == sections[index]) {
                    continue;
                }
                let near: String = section.chars().skip(at.saturating_sub(8)).take(16).collect();
                assert!(read.findings.iter().any(doubts), "silently wrong, {kind:?} at {near}");
                doubted += 1;
            }
        }
    }
    assert!(all > 200, "{all} breaks");
    assert!(doubted * 50 <= all, "{doubted} of {all} breaks were healed wrongly, though with a doubt");
}

#[test]
fn other_texts_in_all_ways() {
    let kinds = [
        Break::Row,
        Break::TightRow,
        Break::Bare,
        Break::AroundLabel,
        Break::BeforeLabel,
        Break::PageNumber,
        Break::RepeatedLine,
        Break::TwoRows,
        Break::BelowLabel,
    ];
    kinds.into_iter().for_each(check_others);
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
