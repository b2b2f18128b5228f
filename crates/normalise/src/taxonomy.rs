//! Classes and indicators by their codes, so that years and places can be compared.
//!
//! The tree is data (`data/reference/taxonomy.toml`). What a form filed stays in `level1` and `level2`; the codes of
//! those are of what was filed, and the indicator's own code says where it belongs.

use std::collections::HashMap;
use std::sync::OnceLock;

use jixiao_model::record::IndicatorType;
use jixiao_model::reference::{TAXONOMY, parsed};
use serde::Deserialize;

use jixiao_model::fold::{fold, split_bracket};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    level1: Vec<Entry>,
    level2: Vec<Entry>,
    indicator: Vec<Entry>,
}

/// A class or an indicator.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its code.
    pub code: String,
    /// The code of the class that holds it; empty for the first level.
    #[serde(default)]
    pub within: String,
    /// Codes of other classes under which an indicator may stand.
    #[serde(default)]
    pub also: Vec<String>,
    /// Whether anything may be filed under this class.
    #[serde(default)]
    pub open: bool,
    /// 中文名.
    pub name: String,
    name_en: String,
    #[serde(default)]
    aliases: Vec<String>,
}

impl Entry {
    fn names(&self) -> impl Iterator<Item = String> {
        std::iter::once(&self.name).chain(&self.aliases).map(|name| fold(name))
    }

    /// Whether an indicator may stand under a class of the second level.
    pub fn may_stand_under(&self, class: &Entry) -> bool {
        class.open || self.within == class.code || self.also.contains(&class.code)
    }
}

/// The tree, ready to be looked up.
pub struct Taxonomy {
    file: File,
    level1: HashMap<String, usize>,
    /// By the code of the first level and the folded name.
    level2: HashMap<(String, String), usize>,
    indicators: HashMap<String, usize>,
}

/// The taxonomy, read once.
pub fn taxonomy() -> &'static Taxonomy {
    static READ: OnceLock<Taxonomy> = OnceLock::new();
    READ.get_or_init(|| {
        let file: File = parsed("taxonomy", TAXONOMY);
        let mut taxonomy =
            Taxonomy { file, level1: HashMap::new(), level2: HashMap::new(), indicators: HashMap::new() };
        for (index, entry) in taxonomy.file.level1.iter().enumerate() {
            taxonomy.level1.extend(entry.names().map(|name| (name, index)));
        }
        for (index, entry) in taxonomy.file.level2.iter().enumerate() {
            taxonomy.level2.extend(entry.names().map(|name| ((entry.within.clone(), name), index)));
        }
        for (index, entry) in taxonomy.file.indicator.iter().enumerate() {
            taxonomy.indicators.extend(entry.names().map(|name| (name, index)));
        }
        taxonomy
    })
}

impl Taxonomy {
    /// The class of the first level with this name.
    pub fn level1(&self, name: &str) -> Option<&Entry> {
        let folded = fold(name);
        let index = self.level1.get(&folded).or_else(|| self.level1.get(split_bracket(&folded).0));
        index.map(|index| &self.file.level1[*index])
    }

    /// The classes of the second level with this name, one for each class of the first level that has one, in its order.
    pub fn all_of_level2(&self, name: &str) -> Vec<&Entry> {
        let folded = fold(name);
        // Behind a class its weight may stand: 产出指标（50分）.
        let bare = split_bracket(&folded).0;
        let entry = |within: &Entry, name: &str| self.level2.get(&(within.code.clone(), name.to_owned()));
        let within = |level1: &Entry| entry(level1, &folded).or_else(|| entry(level1, bare));
        self.file.level1.iter().filter_map(within).map(|index| &self.file.level2[*index]).collect()
    }

    /// The indicator with this name; a unit in brackets behind it does not matter.
    pub fn indicator(&self, name: &str) -> Option<&Entry> {
        let folded = fold(name);
        let index = self.indicators.get(&folded).or_else(|| self.indicators.get(split_bracket(&folded).0))?;
        Some(&self.file.indicator[*index])
    }

    /// The name of the class with this code.
    pub fn class_name(&self, code: &str) -> Option<&str> {
        self.file
            .level1
            .iter()
            .chain(&self.file.level2)
            .find(|entry| entry.code == code)
            .map(|entry| entry.name.as_str())
    }
}

/// The rows of the table `indicator_types`: the classes of both levels and the indicators, by code. A class of the first
/// level has no `level2_code`; a class is its own level.
pub fn indicator_types() -> Vec<IndicatorType> {
    let file = &taxonomy().file;
    let row = |entry: &Entry, level1: &str, level2: Option<&str>| IndicatorType {
        indicator_code: entry.code.clone(),
        level1_code: level1.to_owned(),
        level2_code: level2.map(str::to_owned),
        name: entry.name.clone(),
        name_en: entry.name_en.clone(),
        aliases: Some(entry.aliases.join("；")).filter(|aliases| !aliases.is_empty()),
    };
    let level1_of = |level2: &str| {
        let entry = file.level2.iter().find(|entry| entry.code == level2);
        entry.map(|entry| entry.within.as_str()).unwrap_or_default()
    };
    let mut rows: Vec<_> = file.level1.iter().map(|entry| row(entry, &entry.code, None)).collect();
    rows.extend(file.level2.iter().map(|entry| row(entry, &entry.within, Some(&entry.code))));
    rows.extend(file.indicator.iter().map(|entry| row(entry, level1_of(&entry.within), Some(&entry.within))));
    rows.sort_by(|one, other| one.indicator_code.cmp(&other.indicator_code));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known;

    #[test]
    fn the_tree_hangs_together() {
        let file = &taxonomy().file;
        let codes = |entries: &[Entry]| entries.iter().map(|entry| entry.code.clone()).collect::<Vec<_>>();
        let (level1, level2) = (codes(&file.level1), codes(&file.level2));
        assert!(file.level2.iter().all(|entry| level1.contains(&entry.within)));
        for entry in &file.indicator {
            assert!(
                level2.contains(&entry.within) && entry.also.iter().all(|code| level2.contains(code)),
                "{}",
                entry.code
            );
            assert!(entry.code.starts_with(&entry.within));
        }
        let mut all = [level1, level2, codes(&file.indicator)].concat();
        all.sort();
        all.dedup();
        assert_eq!(
            all.len(),
            file.level1.len() + file.level2.len() + file.indicator.len(),
            "codes are unique"
        );
        let names: usize = file.indicator.iter().map(|entry| entry.names().count()).sum();
        assert_eq!(taxonomy().indicators.len(), names, "names are unique");
    }

    #[test]
    fn classes_of_all_years_are_found() {
        let tree = taxonomy();
        let code = |level1, level2| {
            let level1 = tree.level1(level1);
            let level2 = known::class(level2).and_then(|class| class.level2(level1));
            (level1.map(|entry| entry.code.as_str()), level2.map(|entry| entry.code.as_str()))
        };
        assert_eq!(code("产出目标", "数量"), (Some("output"), Some("output.quantity")));
        assert_eq!(code("产出指标", "数量指标"), (Some("output"), Some("output.quantity")));
        assert_eq!(code("成本指标", "经济成本指标"), (Some("cost"), Some("cost.economic")));
        assert_eq!(code("产出指标", "成本指标"), (Some("output"), Some("output.cost")));
        assert_eq!(code("投入与管理", "数量"), (Some("input"), None));
        assert_eq!(code("甲", "数量（20分）"), (None, Some("output.quantity")));
        assert_eq!(code("甲", "乙"), (None, None));
        assert_eq!(
            tree.indicator("项目计划完成率(%)").map(|entry| entry.code.as_str()),
            Some("output.quantity.plan-completion-rate")
        );
        assert_eq!(
            tree.indicator("资格审核(含复审)规范性").map(|entry| entry.name.as_str()),
            Some("资格审核（含复审）规范性")
        );
    }
}
