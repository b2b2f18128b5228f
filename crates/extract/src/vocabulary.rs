//! The words that forms are made of, from the reference data, ready to be looked up.
//!
//! Everything is compared folded (see `fold`). What a provincial form calls its fields is a line in
//! `data/reference/`, not a line here.

mod beside;
mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::OnceLock;

pub use crate::table_words::Role;
use jixiao_model::fold::{fold, split_bracket};
use jixiao_model::reference::{self, parsed};
use serde::Deserialize;

use crate::label::{without_colon, without_marks, without_number};
use crate::names::Names;
use crate::numbers::{mask_numbers, mask_years};

pub use crate::numbers::{is_printed_year, split_year};

/// What kind of value a label has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A short text that names something.
    Name,
    /// A short text.
    Text,
    /// Running text, which a page may break.
    Narrative,
    /// Money.
    Amount,
    /// A date.
    Date,
    /// A year.
    Year,
    /// Yes or no.
    YesNo,
    /// A unit of money.
    Unit,
}

/// A label found in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its code in `labels.toml`.
    pub code: &'static str,
    /// What kind of value it has.
    pub kind: Kind,
    /// Its place in the usual order of labels.
    pub order: usize,
    /// The content of a bracket behind it that is no part of its name, folded: `元`.
    pub unit: Option<Rc<str>>,
    /// Whether a colon stands behind it.
    pub colon: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Families {
    family: Vec<Family>,
    pattern: Pattern,
    heading: TitleHeading,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    ends: Vec<String>,
    other: Vec<String>,
}

/// A family of forms.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// Its code, the column `form_family`.
    pub code: String,
    #[serde(rename = "name")]
    _name: String,
    titles: Vec<String>,
    #[serde(rename = "default_money_unit")]
    _default_money_unit: Option<String>,
    #[serde(default, rename = "fixed_indicators")]
    _fixed_indicators: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TitleHeading {
    organisation_ends: Vec<String>,
    qualifiers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labels {
    label: Vec<LabelEntry>,
    heading: Vec<HeadingEntry>,
    furniture: Furniture,
    money: Money,
    #[serde(rename = "english")]
    _english: serde::de::IgnoredAny,
    #[serde(rename = "organisation")]
    _organisation: serde::de::IgnoredAny,
    #[serde(rename = "funding")]
    _funding: serde::de::IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Money {
    units: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelEntry {
    code: String,
    kind: Kind,
    names: Vec<String>,
    /// The code that the label has as a part of another amount, by the code of that.
    #[serde(default)]
    within: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadingEntry {
    names: Vec<String>,
    #[serde(default)]
    opens_indicators: bool,
    whole: Option<String>,
    /// A name of the label that it is beside a text.
    label: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Furniture {
    names: Vec<String>,
    running_heads: Vec<String>,
}

#[derive(Deserialize)]
struct IndicatorTable {
    shape: Shape,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    target_starts: Vec<String>,
    indicator_ends: Vec<String>,
    grades: Vec<String>,
    grade_starts: Vec<String>,
    note_starts: Vec<String>,
    totals: Vec<String>,
}

/// Everything that the rules look up.
pub struct Vocabulary {
    families: Vec<Family>,
    /// Folded titles, longest first, with their family.
    titles: Vec<(String, usize)>,
    /// The last characters of titles, known or not: a line without any of them has none.
    title_ends: Vec<char>,
    organisation_ends: Vec<String>,
    qualifiers: Vec<String>,
    labels: Vec<LabelEntry>,
    label_names: Names<usize>,
    /// The codes of amounts that have parts.
    wholes: Names<()>,
    headings: Vec<HeadingEntry>,
    /// Folded headings, with a mask for their year.
    heading_names: Names<usize>,
    /// Folded ends of titles of families that are not known, and words of titles of other kinds of forms.
    pattern: Pattern,
    furniture: Vec<String>,
    running_heads: Vec<String>,
    money_units: Vec<String>,
    shape: Shape,
    /// How many characters the longest word of a sum has.
    pub longest_total: usize,
    grades: Names<()>,
    /// The boxes and marks of a choice that are one character, and those that are more and have none of these in them.
    box_characters: Vec<char>,
    box_words: Vec<String>,
}

/// The part of `units.toml` that names the boxes and marks of a choice.
#[derive(Deserialize)]
struct Units {
    answer: Boxes,
}

#[derive(Deserialize)]
struct Boxes {
    marks: Vec<String>,
    blanks: Vec<String>,
}

/// The vocabulary, read once.
pub fn vocabulary() -> &'static Vocabulary {
    static VOCABULARY: OnceLock<Vocabulary> = OnceLock::new();
    VOCABULARY.get_or_init(Vocabulary::load)
}

impl Vocabulary {
    fn load() -> Self {
        let families: Families = parsed("families", reference::FAMILIES);
        let labels: Labels = parsed("labels", reference::LABELS);
        let table: IndicatorTable = parsed("indicator_table", reference::INDICATOR_TABLE);
        let Units { answer: boxes } = parsed("units", reference::UNITS);
        let folded = |names: &[String]| names.iter().map(|name| fold(name)).collect::<Vec<_>>();
        let mut titles: Vec<_> = families
            .family
            .iter()
            .enumerate()
            .flat_map(|(index, family)| folded(&family.titles).into_iter().map(move |title| (title, index)))
            .collect();
        titles.sort_by_key(|(title, _)| std::cmp::Reverse(title.chars().count()));
        let label_names = (labels.label.iter().enumerate())
            .flat_map(|(index, label)| folded(&label.names).into_iter().map(move |name| (name, index)))
            .collect();
        let heading_names = (labels.heading.iter().enumerate())
            .flat_map(|(index, heading)| folded(&heading.names).into_iter().map(move |name| (name, index)))
            .collect();
        let shape = Shape {
            target_starts: folded(&table.shape.target_starts),
            indicator_ends: folded(&table.shape.indicator_ends),
            grades: folded(&table.shape.grades),
            grade_starts: folded(&table.shape.grade_starts),
            note_starts: folded(&table.shape.note_starts),
            totals: folded(&table.shape.totals),
        };
        let pattern =
            Pattern { ends: folded(&families.pattern.ends), other: folded(&families.pattern.other) };
        let ends = titles.iter().map(|title| &title.0).chain(&pattern.ends);
        let title_ends: BTreeSet<char> = ends.filter_map(|end| end.chars().next_back()).collect();
        let boxes: Vec<String> = boxes.marks.iter().chain(&boxes.blanks).map(|name| fold(name)).collect();
        let is_character = |name: &&String| name.chars().nth(1).is_none();
        let box_characters: Vec<char> =
            boxes.iter().filter(is_character).flat_map(|name| name.chars()).collect();
        let box_words =
            boxes.iter().filter(|name| !name.contains(box_characters.as_slice())).cloned().collect();
        Self {
            families: families.family,
            titles,
            title_ends: title_ends.into_iter().collect(),
            organisation_ends: families.heading.organisation_ends,
            qualifiers: families.heading.qualifiers,
            wholes: Names::list(labels.label.iter().flat_map(|label| label.within.keys().cloned())),
            labels: labels.label,
            label_names,
            headings: labels.heading,
            heading_names,
            pattern,
            furniture: folded(&labels.furniture.names),
            running_heads: folded(&labels.furniture.running_heads),
            money_units: labels.money.units,
            grades: Names::list(shape.grades.iter().cloned()),
            longest_total: shape.totals.iter().map(|total| total.chars().count()).max().unwrap_or(0),
            shape,
            box_characters,
            box_words,
        }
    }

    /// The folded names of labels and titles.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.label_names.keys().chain(self.titles.iter().map(|title| title.0.as_str()))
    }

    /// Titles of forms, folded and longest first, each with its family.
    pub fn titles(&self) -> impl Iterator<Item = (&str, &Family)> {
        self.titles.iter().map(|(title, family)| (title.as_str(), &self.families[*family]))
    }

    /// Whether a folded line has a title in it, known or not; it may be no heading for all that.
    pub fn has_title(&self, folded: &str) -> bool {
        let known = || self.titles.iter().map(|title| &title.0).chain(&self.pattern.ends);
        // Where none of the few last characters of titles stands, none ends.
        let mut ends = folded.match_indices(self.title_ends.as_slice());
        ends.any(|(at, last)| {
            let before = folded.get(..at + last.len()).unwrap_or_default();
            known().any(|title| before.ends_with(title.as_str()))
        })
    }

    /// Whether a name ends as organisations' names do.
    pub fn is_organisation(&self, name: &str) -> bool {
        self.organisation_ends.iter().any(|end| name.ends_with(end.as_str()))
    }

    /// Words before a title that are a part of it and name no organisation: 部门预算.
    pub fn qualifiers(&self) -> impl Iterator<Item = &str> {
        self.qualifiers.iter().map(String::as_str)
    }

    /// Whether a line is the name of an organisation and nothing else, as it may stand above a title.
    pub fn is_organisation_alone(&self, line: &str) -> bool {
        let folded = fold(line);
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '(' | ')' | '"' | '“' | '”');
        (3..=30).contains(&folded.chars().count())
            && folded.chars().all(is_word)
            && self.is_organisation(&folded)
    }

    /// Whether a text is short enough for a label or a heading, with its blanks and remarks; running text need not be folded
    /// to know.
    pub fn may_be_word(&self, text: &str) -> bool {
        const LONGEST: usize = 200;
        text.len() <= LONGEST
    }

    /// The label that a cell holds, if it holds nothing else.
    pub fn label(&'static self, text: &str) -> Option<Label> {
        if self.may_be_word(text) { self.label_of(&fold(text)) } else { None }
    }

    /// The label that a folded text is.
    pub fn label_of(&'static self, folded: &str) -> Option<Label> {
        let name = without_colon(folded);
        let colon = name.len() < folded.len();
        let entry = |name: &str| self.label_names.get(name).copied();
        let plain = without_number(without_marks(name));
        let (before, bracket) = split_bracket(plain);
        // 年度绩效目标1 is the first of several.
        let first = |text: &str| entry(text.trim_end_matches(|c: char| c.is_ascii_digit()));
        let narrative = |index: &usize| self.labels[*index].kind == Kind::Narrative;
        let (index, unit) = entry(name)
            .or_else(|| entry(plain))
            .map(|index| (index, None))
            .or_else(|| entry(before).map(|index| (index, bracket)))
            .or_else(|| self.amount_label(plain))
            .or_else(|| first(plain).filter(narrative).map(|index| (index, None)))
            .or_else(|| entry(&mask_years(before)).map(|index| (index, bracket)))?;
        let LabelEntry { code, kind, .. } = &self.labels[index];
        Some(Label { code, kind: *kind, order: index, unit: unit.map(Rc::from), colon })
    }

    /// The label of an amount whose unit stands behind it in other ways than in brackets: `项目总预算/万元`.
    fn amount_label<'t>(&self, folded: &'t str) -> Option<(usize, Option<&'t str>)> {
        let bare = folded.trim_end_matches(']');
        self.money_units.iter().find_map(|unit| {
            let name = bare.strip_suffix(unit.as_str())?;
            let unit = bare.get(name.len()..);
            let index = *self.label_names.get(name.trim_end_matches(['[', '/', ':', ',']))?;
            (self.labels[index].kind == Kind::Amount).then_some((index, unit))
        })
    }

    /// The codes of labels that stand between two others in the usual order of forms.
    pub fn between(&'static self, first: usize, second: usize) -> impl Iterator<Item = &'static str> {
        let range = self.labels.get(first + 1..second).unwrap_or_default();
        range.iter().map(|label| label.code.as_str())
    }

    /// Whether a text heads a part of the form, and whether an indicator table follows it.
    pub fn heading(&self, text: &str) -> Option<bool> {
        self.heading_index(text).map(|index| self.opens_indicators(index))
    }

    /// The label that a heading is where a text stands beside it: 绩效目标.
    pub fn heading_label(&'static self, text: &str) -> Option<Label> {
        self.label_of_heading(self.heading_index(text)?)
    }

    /// Whether an indicator table follows this heading.
    pub fn opens_indicators(&self, heading: usize) -> bool {
        self.headings[heading].opens_indicators
    }

    /// The label that this heading is where a text stands beside it.
    pub fn label_of_heading(&'static self, heading: usize) -> Option<Label> {
        self.label(self.headings[heading].label.as_deref()?)
    }

    fn heading_index(&self, text: &str) -> Option<usize> {
        if self.may_be_word(text) { self.heading_of(&fold(text)) } else { None }
    }

    /// Which heading a folded text is.
    pub fn heading_of(&self, folded: &str) -> Option<usize> {
        let name = without_number(without_colon(folded));
        let masked = mask_years(name);
        let entry = |name: &str| self.heading_names.get(name).copied();
        entry(&masked).or_else(|| entry(split_bracket(&masked).0))
    }

    /// Whether a text is a page's own and no part of the form.
    pub fn is_furniture(&self, text: &str) -> bool {
        if text.len() > 200 {
            return false;
        }
        let folded = fold(text);
        let bare = folded.trim_matches(['·', '•', '-', '|', '_', '.', ',']);
        bare.starts_with("http://")
            || bare.starts_with("https://")
            || bare.starts_with("file:///")
            || [folded.as_str(), bare].iter().any(|text| self.furniture.contains(&mask_numbers(text)))
            || self.is_running_head(&folded)
    }

    /// Whether a text is the name of a publication as pages print it above their text: `甲局2019年部门预算`.
    fn is_running_head(&self, folded: &str) -> bool {
        let masked = mask_years(folded);
        self.running_heads.iter().any(|end| {
            let Some(before) = masked.strip_suffix(end.as_str()) else { return false };
            let before = before.trim_end_matches('度').trim_end_matches("{year}年");
            (before.len() < masked.len() - end.len() && before.is_empty()) || self.is_organisation(before)
        })
    }

    /// Whether a text is a unit of money.
    pub fn is_money_unit(&self, text: &str) -> bool {
        self.money_units.contains(&fold(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_words::heading;

    #[test]
    fn labels_are_known_by_their_words() {
        for (text, code, unit) in [
            ("项目名称：", Some("project_name"), None),
            ("项 目 名 称", Some("project_name"), None),
            ("一、项目概况:", Some("overview"), None),
            ("项目总预算（元）：", Some("total_budget"), Some("元")),
            ("项目总预算(万元)", Some("total_budget"), Some("万元")),
            ("项目总预算【万元】", Some("total_budget"), Some("万元")),
            ("项目总预算/万元：", Some("total_budget"), Some("万元")),
            ("项目总预算 元", Some("total_budget"), Some("元")),
            ("填报单位（盖章）：", Some("organisation"), Some("盖章")),
            ("项目名称*", Some("project_name"), None),
            ("年度绩效目标①", Some("annual_goal"), None),
            ("2024年度目标", Some("annual_goal"), None),
            ("项目名称有误", None, None),
            ("为进一步", None, None),
        ] {
            let label = vocabulary().label(text);
            assert_eq!(label.as_ref().map(|label| label.code), code, "{text}");
            assert_eq!(label.and_then(|label| label.unit).as_deref(), unit, "{text}");
        }
    }

    #[test]
    fn headings_years_and_furniture() {
        assert_eq!(vocabulary().heading("2020年绩效目标"), Some(true));
        assert_eq!(vocabulary().heading("二〇二〇年度绩效目标"), Some(true));
        assert_eq!(vocabulary().heading("本项目上年度市级财政资金使用情况"), Some(false));
        assert_eq!(vocabulary().heading("按照预算执行"), None);
        for (text, expected) in
            [("(2020年度)", true), ("2020年", true), ("2020", false), ("第2020年度", false)]
        {
            assert_eq!(is_printed_year(text), expected, "{text}");
        }
        assert_eq!(split_year("上海市科协2020年度"), Some(("上海市科协", "2020年度")));
        assert!(vocabulary().is_furniture("— 12 —") && vocabulary().is_furniture("第 3 页 共 10 页"));
        for text in [
            "第3页，共12页",
            "· 3 ·",
            "第三页",
            "2019年部门预算",
            "甲市体育局2019年度部门预算",
            "https://a.cn/1.html",
        ] {
            assert!(vocabulary().is_furniture(text), "{text}");
        }
        for text in ["2020年", "500000", "部门预算", "按要求编制2019年部门预算"] {
            assert!(!vocabulary().is_furniture(text), "{text}");
        }
        assert_eq!(heading("2019年目标值").map(|heading| heading.role), Some(Role::Target));
    }

    #[test]
    fn no_two_labels_share_a_name() {
        let labels: Labels = parsed("labels", reference::LABELS);
        let names: Vec<_> =
            labels.label.iter().flat_map(|label| &label.names).map(|name| fold(name)).collect();
        let mut unique = names.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
    }
}
