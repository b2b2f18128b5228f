//! The words of indicator tables: headings of their columns, scopes, operators, and what tells that a table is another.
//!
//! A heading may have two meanings, of which the other columns tell the right one: 指标内容 is the name of an indicator
//! beside 二级指标, and a remark beside 三级指标. The second meaning is called weak, in the data as here.

use std::borrow::Cow;
use std::sync::OnceLock;

use jixiao_model::Scope;
use jixiao_model::fold::{fold, split_bracket};
use jixiao_model::reference::{INDICATOR_TABLE, parsed};
use serde::Deserialize;

use crate::label::{without_colon, without_number};
use crate::names::Names;
use crate::numbers::{mask_numbers, mask_years};

/// What a column of an indicator table holds, in the order in which known forms print them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 序号.
    Number,
    /// 单位名称、项目名称, in a table of many projects.
    Project,
    /// A field of a project, in a table of many projects.
    Field,
    /// 绩效指标, the merged cell before the classes.
    Group,
    /// 一级指标.
    Level1,
    /// 二级指标.
    Level2,
    /// 三级指标.
    Indicator,
    /// 指标性质: the comparison, in a column of its own.
    Operator,
    /// 指标值.
    Target,
    /// 度量单位, in a column of its own.
    Unit,
    /// 权重.
    Weight,
    /// 备注.
    Note,
    /// Any other column: it is kept as a note, behind its heading.
    Remark,
}

impl Role {
    /// The column of `indicators` that it fills.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Level1 => "level1",
            Self::Level2 => "level2",
            Self::Indicator => "indicator",
            Self::Operator | Self::Target | Self::Unit => "target",
            Self::Weight => "weight",
            _ => "note",
        }
    }

    /// Whether it is one of those that make a table an indicator table.
    pub fn is_core(self) -> bool {
        matches!(self, Self::Level1 | Self::Level2 | Self::Indicator | Self::Target)
    }
}

/// What a heading of a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading {
    /// What the column holds, or, of a weak heading, what it holds if no other does.
    pub role: Role,
    /// Whether the role is the weak one.
    pub weak: bool,
}

#[derive(Deserialize)]
struct File {
    column: Vec<ColumnEntry>,
    scope: ScopeWords,
    comparison: Vec<Comparison>,
    results: Listed,
    stop: Stop,
}

#[derive(Deserialize)]
struct ColumnEntry {
    role: Role,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    weak: Vec<String>,
    #[serde(default)]
    ends: Vec<String>,
}

#[derive(Deserialize)]
struct ScopeWords {
    overall: Vec<String>,
    annual: Vec<String>,
    of: Vec<String>,
}

#[derive(Deserialize)]
struct Comparison {
    sign: String,
    names: Vec<String>,
}

#[derive(Deserialize)]
struct Listed {
    names: Vec<String>,
}

#[derive(Deserialize)]
struct Stop {
    title_ends: Vec<String>,
    section_starts: Vec<String>,
    headings: Vec<String>,
}

struct Words {
    headings: Names<Heading>,
    /// Ends of headings that are not known, with the role that they have where no other column has it.
    ends: Vec<(String, Role)>,
    /// The last characters of these: hardly any other text ends with one.
    last_characters: Vec<char>,
    /// Words of scopes, the longest first.
    scopes: Vec<(String, Scope)>,
    /// The first characters of these.
    first_characters: Vec<char>,
    scoped: Vec<String>,
    comparisons: Names<String>,
    results: Names<()>,
    /// Headings of columns of accountants' tables.
    accounting: Names<()>,
    /// Ends of titles of other tables, and beginnings of other parts of a document.
    stop_titles: Vec<String>,
    stop_starts: Vec<String>,
}

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let file: File = parsed("indicator_table", INDICATOR_TABLE);
        let folded = |names: &[String]| names.iter().map(|name| fold(name)).collect::<Vec<_>>();
        let headings = (file.column.iter())
            .flat_map(|entry| [(entry.role, &entry.names, false), (entry.role, &entry.weak, true)])
            .flat_map(|(role, names, weak)| {
                folded(names).into_iter().map(move |name| (name, Heading { role, weak }))
            })
            .collect();
        let ends =
            file.column.iter().flat_map(|entry| folded(&entry.ends).into_iter().map(|end| (end, entry.role)));
        let ends: Vec<_> = ends.collect();
        let overall = folded(&file.scope.overall).into_iter().map(|word| (word, Scope::Overall));
        let annual = folded(&file.scope.annual).into_iter().map(|word| (word, Scope::Annual));
        let mut scopes: Vec<_> = overall.chain(annual).collect();
        scopes.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        let names = |entry: &Comparison| {
            folded(&entry.names).into_iter().map(|name| (name, entry.sign.clone())).collect::<Vec<_>>()
        };
        Words {
            headings,
            last_characters: ends.iter().filter_map(|(end, _)| end.chars().next_back()).collect(),
            ends,
            first_characters: scopes.iter().filter_map(|(word, _)| word.chars().next()).collect(),
            scopes,
            scoped: folded(&file.scope.of),
            comparisons: file.comparison.iter().flat_map(names).collect(),
            results: Names::list(folded(&file.results.names)),
            accounting: Names::list(folded(&file.stop.headings)),
            stop_titles: folded(&file.stop.title_ends),
            stop_starts: file.stop.section_starts,
        }
    })
}

/// A folded heading, with its year masked, without that and the number before it.
fn bare(masked: &str) -> &str {
    let name = without_number(without_colon(masked));
    name.strip_prefix("{year}年").map_or(name, |rest| rest.trim_start_matches('度'))
}

/// Whether a text is short enough for the heading of a column.
pub fn may_be_heading(text: &str) -> bool {
    text.len() <= LONGEST
}

/// No heading of a column is longer, in bytes.
const LONGEST: usize = 200;

/// What a cell says as the heading of a column.
pub fn heading(text: &str) -> Option<Heading> {
    if may_be_heading(text) { heading_of(&fold(text)) } else { None }
}

/// What a folded text says as the heading of a column.
pub fn heading_of(folded: &str) -> Option<Heading> {
    let masked = mask_years(folded);
    let name = bare(&masked);
    let entry = |name: &str| words().headings.get(name).copied();
    let scoped = || {
        let named = entry(split_scope(split_bracket(name).0)?.0)?;
        (named.role == Role::Target && !named.weak).then_some(named)
    };
    entry(name).or_else(|| entry(split_bracket(name).0)).or_else(scoped).or_else(|| {
        let ends_so = |(end, _): &&(String, Role)| name.ends_with(end.as_str());
        name.chars().next_back().filter(|last| words().last_characters.contains(last))?;
        words().ends.iter().find(ends_so).map(|(_, role)| Heading { role: *role, weak: true })
    })
}

/// The scope that the heading of a group of goals or indicators tells: 中期目标（2016年-2018年）, 年度绩效指标.
pub fn group_scope(text: &str) -> Option<Scope> {
    if may_be_heading(text) { group_scope_of(&fold(text)) } else { None }
}

/// As [`group_scope`], of a folded text.
pub fn group_scope_of(folded: &str) -> Option<Scope> {
    let masked = mask_years(folded);
    let name = without_scope_year(&masked);
    let scope = |name: &str| {
        let (rest, scope) = split_scope(name)?;
        words().scoped.iter().any(|word| word == rest).then_some(scope)
    };
    // 项目年度绩效指标 are those of the year; 项目期目标 is a word of its own.
    scope(&name).or_else(|| scope(name.strip_prefix("项目")?))
}

fn without_scope_year(masked: &str) -> Cow<'_, str> {
    let name = without_number(without_colon(masked));
    let name = split_bracket(name).0;
    // `2024年绩效目标` and `2024年度目标` are of a year.
    match name.strip_prefix("{year}年") {
        Some(rest) => format!("年度{}", rest.trim_start_matches('度')).into(),
        None => name.into(),
    }
}

fn split_scope(name: &str) -> Option<(&str, Scope)> {
    name.chars().next().filter(|first| words().first_characters.contains(first))?;
    words().scopes.iter().find_map(|(word, scope)| Some((name.strip_prefix(word.as_str())?, *scope)))
}

/// The scope in the heading of a column: 中期指标值, 2024年指标值.
pub fn column_scope(text: &str) -> Option<Scope> {
    heading(text)?;
    split_scope(&without_scope_year(&mask_years(&fold(text)))).map(|(_, scope)| scope)
}

/// Whether a cell heads a group of columns or rows: 绩效指标, 长期绩效指标.
pub fn is_group(text: &str) -> bool {
    group_scope(text).is_some() || (may_be_heading(text) && is_group_of(&fold(text)))
}

/// Whether a folded text heads a group of no scope.
pub fn is_group_of(folded: &str) -> bool {
    bare(&mask_years(folded)) == "绩效指标"
}

/// The sign that a cell in a column of operators stands for.
pub fn comparison(text: &str) -> Option<&'static str> {
    comparison_of(&fold(text))
}

/// The sign that a folded text in a column of operators stands for.
pub fn comparison_of(folded: &str) -> Option<&'static str> {
    words().comparisons.get(folded).map(String::as_str)
}

/// Whether a folded heading of a column tells that the table reports results.
pub fn is_result_of(folded: &str) -> bool {
    words().results.contains(bare(&mask_years(folded)))
}

/// Whether a folded text is the heading of a column of an accountant's table.
pub fn is_accounting_of(folded: &str) -> bool {
    words().accounting.contains(bare(&mask_years(folded)))
}

/// Whether a line is the title of another table, or of a part of the document in which no form goes on.
pub fn is_stop(line: &str) -> bool {
    const LONGEST_TITLE: usize = 40;
    if line.len() > LONGEST {
        return false;
    }
    let folded = fold(line);
    let name = split_bracket(&folded).0;
    let is_title = name.chars().count() <= LONGEST_TITLE
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '(' | ')' | '"' | '“' | '”' | '、' | '-' | '.'))
        && words().stop_titles.iter().any(|end| name.ends_with(end.as_str()));
    let masked = mask_numbers(&folded);
    is_title
        || (name.chars().count() <= LONGEST_TITLE
            && !folded.contains(['。', ';'])
            && words().stop_starts.iter().any(|start| masked.starts_with(start.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_tell_roles_and_scopes() {
        for (text, role) in [
            ("一级\n指标", Some(Role::Level1)),
            ("指 标 值", Some(Role::Target)),
            ("2024年指标值", Some(Role::Target)),
            ("年度（/项目）指标值", Some(Role::Target)),
            ("权重（%）", Some(Role::Weight)),
            ("度量单位", Some(Role::Unit)),
            ("评分标准", Some(Role::Remark)),
            ("长度", None),
        ] {
            assert_eq!(heading(text).map(|heading| heading.role), role, "{text}");
        }
        for (text, scope) in [
            ("中期目标（2016年-2018年）", Some(Scope::Overall)),
            ("长 期\n绩效指标", Some(Scope::Overall)),
            ("年度绩效指标", Some(Scope::Annual)),
            ("2024年度目标", Some(Scope::Annual)),
            ("绩效指标", None),
            ("年度工作总结", None),
        ] {
            assert_eq!(group_scope(text), scope, "{text}");
        }
        assert_eq!(column_scope("中期指标值"), Some(Scope::Overall));
        assert_eq!((comparison(">="), comparison("＝"), comparison("定量")), (Some("≥"), Some("="), None));
    }

    #[test]
    fn other_parts_of_a_document_stop_a_form() {
        for text in
            ["第四部分 名词解释", "附件3", "2024年一般公共预算支出表", "部门收支总表", "项目支出绩效自评表"]
        {
            assert!(is_stop(text), "{text}");
        }
        for text in ["项目支出绩效目标表", "填报一览表，并于月底前报送", "续表", "附件", "第四季度完成"]
        {
            assert!(!is_stop(text), "{text}");
        }
    }
}
