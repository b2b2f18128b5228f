//! Defects of documents, one small document each: what is printed, and what it was before it was broken.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use jixiao_extract::read;
use jixiao_model::{RawForm, Scope};

const TITLE: &str = "财政项目支出绩效目标表\n(2020年度)\n申报单位名称：甲局\n";
const FIELDS: &str = "项目名称：\t乙\t项目类别：\t丙\n";
const HEADER: &str = "一级目标\t二级目标\t三级目标\t指标目标值\n";

fn form(text: &str) -> RawForm {
    let mut forms = read(text.as_bytes()).forms;
    assert_eq!(forms.len(), 1, "{text}");
    forms.remove(0)
}

/// Checks fields of a form as `code=value`.
fn fields(text: &str, expected: &[&str]) {
    let form = form(text);
    for fact in expected {
        let (code, value) = fact.split_once('=').expect("code=value");
        let found = form.field(code).and_then(|field| field.value.as_deref()).unwrap_or("NULL");
        assert_eq!(found, value, "{code} in\n{text}");
    }
}

/// Checks the indicators of a form whose table has these rows, as `level1|level2|indicator|target`.
fn indicators(rows: &str, expected: &[&str]) {
    let form = form(&format!("{TITLE}{FIELDS}{HEADER}{rows}"));
    let shown = form.indicators.iter().map(|row| {
        let cells =
            [row.level1.as_deref(), row.level2.as_deref(), row.indicator.as_deref(), row.target.as_deref()];
        cells.map(|cell| cell.unwrap_or("-")).join("|")
    });
    assert_eq!(shown.collect::<Vec<_>>(), expected, "{rows}");
}

#[test]
fn a_heading_repeated_on_the_next_page_is_no_text_of_the_form() {
    let start = format!("{TITLE}{FIELDS}项目概况：\t一、建设科普资源库，\t\t\n");
    let rest = "\t做好服务工作。\t\t\n立项依据：\t有关规定。\t\t\n";
    let whole =
        ["overview=一、建设科普资源库，做好服务工作。", "organisation=甲局", "legal_basis=有关规定。"];
    fields(&format!("{start}\n{rest}{HEADER}"), &whole);
    fields(&format!("{start}\n{TITLE}{rest}{HEADER}"), &whole);
    fields(&format!("{start}\n— 3 —\n\n财政项目支出绩效目标表\n{rest}{HEADER}"), &whole);
    indicators(
        &format!("产出目标\t数量\t场次\t=3\n\n{TITLE}\t质量\t合格率\t=90%\n"),
        &["产出目标|数量|场次|=3", "产出目标|质量|合格率|=90%"],
    );
}

#[test]
fn a_label_may_be_two_columns_wide() {
    fields(
        &format!("{TITLE}项目名称：\t\t乙\t\n项目概况：\t\t概况一。\t\n立项依据：\t\t依据一。\t\n{HEADER}"),
        &["project_name=乙", "overview=概况一。", "legal_basis=依据一。"],
    );
    fields(
        &format!("{TITLE}{FIELDS}项目总预算（元）：\t\t项目当年预算（元）：\t5\n{HEADER}"),
        &["total_budget=NULL", "annual_budget=5"],
    );
}

#[test]
fn a_stray_text_does_not_end_in_a_number() {
    fields(
        &format!(
            "{TITLE}{FIELDS}项目总预算（元）：\t45.6\t项目当年预算（元）：\t45.6\n\t县级统筹\t\t\n{HEADER}"
        ),
        &["total_budget=45.6", "annual_budget=45.6"],
    );
}

#[test]
fn cells_of_the_indicator_table_that_a_page_broke_are_whole() {
    indicators(
        "产出目\t数量\t场次\t=3\n\n标\t\t\t\n\t质量\t合格率\t=90%\n",
        &["产出目标|数量|场次|=3", "产出目标|质量|合格率|=90%"],
    );
    indicators("产出目标\t数量\t培训教师人\t=3\n\n\t\t数\t\n", &["产出目标|数量|培训教师人数|=3"]);
    indicators("产出目标\t数量\t培训教师人\t\n\n\t\t数\t=3\n", &["产出目标|数量|培训教师人数|=3"]);
    indicators("产出目标\t数量\t场次\t=10\n\n\t\t\t0场\n", &["产出目标|数量|场次|=100场"]);
    indicators(
        "产出目标\t数量\t场次\t=100%\n\n\t\t合格率\t85%\n",
        &["产出目标|数量|场次|=100%", "产出目标|数量|合格率|85%"],
    );
    // Two short names may read as one, and two numbers never do.
    indicators(
        "产出目标\t数量\t网络培训（个）\t=3\n\n\t\t系统平台数量\t985米\n",
        &["产出目标|数量|网络培训（个）|=3", "产出目标|数量|系统平台数量|985米"],
    );
}

#[test]
fn what_stands_below_the_indicator_table_is_none_of_it() {
    let rows = "产出目标\t数量\t场次\t=73%\n";
    for below in
        ["\n版权所有 联系我们\n", "注：以上指标均为年度指标。\t\t\t\n", "\n填报人：张三 联系电话：123\n"]
    {
        indicators(&format!("{rows}{below}"), &["产出目标|数量|场次|=73%"]);
    }
}

#[test]
fn a_label_printed_again_above_the_rest_of_its_text_is_no_second_one() {
    let start = format!("{TITLE}{FIELDS}项目概况：\t一、建设科普资源库，\t\t\n");
    for again in ["项目概况：", "项目概况（续）："] {
        fields(
            &format!("{start}\n{again}\t做好服务工作。\t\t\n立项依据：\t有关规定。\t\t\n{HEADER}"),
            &["overview=一、建设科普资源库，做好服务工作。", "legal_basis=有关规定。"],
        );
    }
}

#[test]
fn heads_and_feet_of_pages_are_no_text_of_the_form() {
    let start = format!("{TITLE}{FIELDS}项目概况：\t一、建设科普资源库，\t\t\n");
    for foot in [
        "第3页，共12页",
        "· 3 ·",
        "第三页",
        "2019年部门预算",
        "甲市体育局2019年度部门预算",
        "https://a.cn/1.html\t3/12",
    ] {
        fields(
            &format!("{start}\n{foot}\n\n\t做好服务工作。\t\t\n立项依据：\t有关规定。\t\t\n{HEADER}"),
            &["overview=一、建设科普资源库，做好服务工作。", "legal_basis=有关规定。"],
        );
    }
}

#[test]
fn two_labels_with_their_values_in_two_cells() {
    fields(
        &format!("{TITLE}项目名称：垃圾箱房改造\t项目类别：经常性项目\n项目概况：\t甲。\t\n{HEADER}"),
        &["project_name=垃圾箱房改造", "project_category=经常性项目", "overview=甲。"],
    );
}

#[test]
fn a_heading_in_one_line_has_all_its_parts() {
    fields(
        &format!("财政项目支出绩效目标表（2019年度）申报单位名称：甲局\n{FIELDS}{HEADER}"),
        &["fiscal_year=（2019年度）", "organisation=甲局"],
    );
    fields(
        &format!("申报单位名称：甲局\n(2019年度)\n财政项目支出绩效目标表\n{FIELDS}{HEADER}"),
        &["fiscal_year=(2019年度)", "organisation=甲局"],
    );
    fields(
        &format!("{TITLE}项目名称：\t乙\t预算单位：\t丙中心\n{HEADER}"),
        &["organisation=甲局", "project_name=乙"],
    );
}

#[test]
fn the_unit_of_money_stands_in_many_places() {
    let amounts = "项目总预算：\t325\t项目当年预算：\t325\n";
    let heading = "本项目上年度市级财政资金使用情况";
    for text in [
        format!("{TITLE}{FIELDS}{heading}（单位：万元）\n{amounts}{HEADER}"),
        format!("{TITLE}{FIELDS}{heading}\t\t\t单位：万元\n{amounts}{HEADER}"),
        format!(
            "财政项目支出绩效目标表\n(2020年度)\n申报单位名称：甲局　（金额单位：万元）\n{FIELDS}{amounts}{HEADER}"
        ),
        format!("{TITLE}单位：\t甲局\n金额单位：万元\n{FIELDS}{amounts}{HEADER}"),
    ] {
        assert_eq!(form(&text).money_unit.as_deref(), Some("万元"), "{text}");
    }
    fields(
        &format!("{TITLE}{FIELDS}项目总预算（元）：\n500000\n立项依据：\t乙\n{HEADER}"),
        &["total_budget=500000"],
    );
}

#[test]
fn rows_below_the_indicators_are_no_indicators() {
    let rows = "产出目标\t数量\t场次\t=3\n";
    for below in [
        "其他需要说明的问题\t无\t\t\n",
        "财务部门意见\t同意\t\t\n",
        "审核意见：\t同意申报\t\t\n",
        "备注：详见附件\t\t\t\n",
        "合计\t\t\t100\n",
        "\n以下为部门收支预算\n\n科目\t名称\t金额\n201\t一般公共服务支出\t120,000,000\n合计\t\t120,000,000\n",
    ] {
        indicators(&format!("{rows}{below}"), &["产出目标|数量|场次|=3"]);
    }
    indicators(
        &format!("{rows}\n2019年部门预算\n\n\t质量\t合格率\t=90%\n"),
        &["产出目标|数量|场次|=3", "产出目标|质量|合格率|=90%"],
    );
}

#[test]
fn an_organisation_may_stand_alone_above_the_title() {
    fields(
        &format!("甲市体育局\n2019年度\n财政项目支出绩效目标表\n{FIELDS}{HEADER}"),
        &["organisation=甲市体育局", "fiscal_year=2019年度"],
    );
}

#[test]
fn what_a_page_repeats_of_the_indicator_table_counts_once() {
    let row = "\t\t合格率\t=90%\n";
    indicators(
        &format!("产出目标\t数量\t场次\t=3\n{row}\n{HEADER}{row}产出目标（续）\t质量\t达标率\t=80%\n"),
        &["产出目标|数量|场次|=3", "产出目标|数量|合格率|=90%", "产出目标|质量|达标率|=80%"],
    );
}

#[test]
fn values_may_stand_below_their_labels() {
    fields(
        &format!(
            "{TITLE}{FIELDS}项目总预算（元）\t项目当年预算（元）\t同名项目上年预算额（元）\n1,250,000\t\t880,000\n{HEADER}"
        ),
        &["total_budget=1,250,000", "annual_budget=NULL", "prior_budget=880,000"],
    );
}

#[test]
fn values_on_the_lines_below_their_labels() {
    let pairs = [
        ("项目名称：", "社区矫正服务"),
        ("项目类别：", "经常性专项"),
        ("绩效类型：", "其他类"),
        ("项目概况：", "为社区矫正对象提供心理疏导。"),
        ("立项依据：", "有关规定"),
        ("项目设立的必要性：", "促进社会稳定"),
    ];
    let list: String =
        pairs.iter().map(|(label, value)| format!("<dt>{label}</dt><dd>{value}</dd>")).collect();
    let title = TITLE.replace('\n', "<br>");
    let page = format!("<html><body><p>{title}</p><dl>{list}</dl></body></html>");
    let facts = [
        "project_name=社区矫正服务",
        "project_category=经常性专项",
        "performance_type=其他类",
        "overview=为社区矫正对象提供心理疏导。",
        "legal_basis=有关规定",
        "necessity=促进社会稳定",
    ];
    fields(&page, &facts);
    assert!(form(&page).findings.is_empty());
    // One label that a page break left alone, between the halves of its text, is no such layout.
    let broken = format!(
        "{TITLE}{FIELDS}立项依据：\t有关规定。\t\t\n\t甲、乙、\t\t\n\n项目实施计划：\n\n丙三项工作。\n\n{HEADER}"
    );
    fields(&broken, &["legal_basis=有关规定。", "implementation_plan=甲、乙、丙三项工作。"]);
}

#[test]
fn what_looks_like_a_label_or_a_year_is_the_rest_of_a_text() {
    let goal = "总目标：建成体系。\n\n阶段性目标：上半年完成60所，";
    let text = format!("{TITLE}{FIELDS}\n总目标及阶段性目标：\n\n{goal}\n\n下半年完成其余。\n\n{HEADER}");
    fields(&text, &["overall_goal=总目标：建成体系。阶段性目标：上半年完成60所，下半年完成其余。"]);
    let title = format!("{TITLE}{FIELDS}立项依据：\t市整治方案（2018—\t\t\n\n\t2020年）\t\t\n{HEADER}");
    fields(&title, &["legal_basis=市整治方案（2018—2020年）"]);
}

#[test]
fn targets_and_names_that_a_page_broke_at_a_comparing_word() {
    let row = "效果目标\t满意度\t";
    for (first, rest, whole) in [("不低于", "95%", "不低于95%"), ("85%", "以上", "85%以上")] {
        indicators(
            &format!("{row}居民满意度\t{first}\n\n\t\t\t{rest}\n"),
            &[&format!("效果目标|满意度|居民满意度|{whole}")],
        );
    }
    indicators(&format!("{row}居民知晓率\t85%\n\n\t\t提升\t\n"), &["效果目标|满意度|居民知晓率提升|85%"]);
}

#[test]
fn an_indicator_that_stands_alone_on_a_line() {
    indicators(
        "投入与管理\t投入管理\t预算编制合理性\t合理\n预算执行率\n\t财务管理\t资金使用合规性\t合规\n",
        &[
            "投入与管理|投入管理|预算编制合理性|合理",
            "投入与管理|投入管理|预算执行率|-",
            "投入与管理|财务管理|资金使用合规性|合规",
        ],
    );
}

#[test]
fn a_name_with_its_unit_lacks_its_target_at_the_end_of_a_page() {
    // A blank line is where a page ended.
    indicators(
        "影响力目标\t信息共享\t新建站点（个）\t\n\n\t\t培训人次完成率\t=100%\n",
        &["影响力目标|信息共享|新建站点（个）|-", "影响力目标|信息共享|培训人次完成率|=100%"],
    );
    indicators(
        "影响力目标\t信息共享\t新建站点（个）\t=3\n\n\t\t培训人次完成率\t\n",
        &["影响力目标|信息共享|新建站点（个）|=3", "影响力目标|信息共享|培训人次完成率|-"],
    );
    // A known name that a page broke behind its bracket is whole again.
    indicators(
        "投入与管理\t实施管理\t资格审核（含复审）\t\n\n\t\t规范性\t规范\n",
        &["投入与管理|实施管理|资格审核（含复审）规范性|规范"],
    );
}

/// A column of targets has numbers and words; what looks more like the column beside it is no reason to move it there.
#[test]
fn a_word_below_numbers_stays_in_its_column() {
    let text = "2023年项目支出绩效目标申报表\n填报单位：甲局\n项目名称\t乙\t资金用途\t丙\t\n\
        一级指标\t二级指标\t三级指标\t实施周期指标值\t年度指标值\n\
        产出指标\t数量指标\t巡查次数\t≥85%\t=3\n\
        效益指标\t社会效益指标\t网络完成情况\t≥85%\t可控\n\
        满意度指标\t服务对象满意度指标\t平台完成情况\t≥85%\t不低于95%\n\
        满意度指标\t服务对象满意度指标\t办法丙（个）\t完成建设\t\n";
    let form = form(text);
    let last = form.indicators.iter().find(|row| row.target.as_deref() == Some("完成建设"));
    assert_eq!(last.map(|row| row.scope), Some(Scope::Overall), "{:?}", form.indicators);
}
