//! The names of classes and indicators, from the taxonomy: they tell which column a cell of a shifted row came from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jixiao_model::reference::{TAXONOMY, parsed};
use serde::Deserialize;

use crate::names::Names;

use jixiao_model::fold::{fold, split_bracket};

/// The part of `taxonomy.toml` that names things; `normalise` reads all of it.
#[derive(Deserialize)]
struct Taxonomy {
    level1: Vec<Entry>,
    level2: Vec<Entry>,
    indicator: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    code: String,
    #[serde(default)]
    within: String,
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
}

impl Entry {
    fn names(&self) -> impl Iterator<Item = String> {
        std::iter::once(&self.name).chain(&self.aliases).map(|name| fold(name))
    }
}

/// What the taxonomy names.
pub struct Classes {
    level1: Names<()>,
    /// Folded names of classes of the second level, each with the folded names of the classes that hold it.
    level2: Names<BTreeSet<String>>,
    /// Folded names of classes of the second level without their aliases, with 指标 behind them and without.
    plain_level2: Names<()>,
    indicators: Names<()>,
}

/// The names, read once.
pub fn classes() -> &'static Classes {
    static CLASSES: OnceLock<Classes> = OnceLock::new();
    CLASSES.get_or_init(Classes::load)
}

impl Classes {
    fn load() -> Self {
        let taxonomy: Taxonomy = parsed("taxonomy", TAXONOMY);
        let mut level2: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut plain_level2: Vec<String> = Vec::new();
        for entry in &taxonomy.level2 {
            let holders =
                taxonomy.level1.iter().filter(|level1| level1.code == entry.within).flat_map(Entry::names);
            let holders: BTreeSet<String> = holders.collect();
            let plain = fold(&entry.name);
            plain_level2.extend(plain.strip_suffix("指标").map(str::to_owned));
            plain_level2.push(plain);
            for name in entry.names() {
                level2.entry(name).or_default().extend(holders.iter().cloned());
            }
        }
        Self {
            level1: Names::list(taxonomy.level1.iter().flat_map(Entry::names)),
            level2: level2.into_iter().collect(),
            plain_level2: Names::list(plain_level2),
            indicators: Names::list(taxonomy.indicator.iter().flat_map(Entry::names)),
        }
    }

    /// The folded names of classes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.level1.keys().chain(self.level2.keys())
    }

    /// Whether a folded name is a class of the first level.
    pub fn is_level1(&self, folded: &str) -> bool {
        self.level1.contains(folded) || self.level1.contains(split_bracket(folded).0)
    }

    /// Whether a folded name is a class of the second level.
    pub fn is_level2(&self, folded: &str) -> bool {
        self.level2.contains(folded) || self.level2.contains(split_bracket(folded).0)
    }

    /// Whether a folded name is that of a class of the second level by its own name, and not by an alias.
    pub fn is_plain_level2(&self, folded: &str) -> bool {
        self.plain_level2.contains(folded)
    }

    /// Whether a folded name is that of a known indicator.
    pub fn is_indicator(&self, folded: &str) -> bool {
        self.indicators.contains(folded) || self.indicators.contains(split_bracket(folded).0)
    }

    /// Whether a class of the first level may hold one of the second. What is not known may.
    pub fn may_hold(&self, level1: &str, level2: &str) -> bool {
        // Behind a class its weight may stand: 产出指标（50分）.
        let (level1, level2) = (split_bracket(level1).0, split_bracket(level2).0);
        match self.level2.get(level2) {
            Some(holders) if self.level1.contains(level1) => holders.contains(level1),
            _ => true,
        }
    }
}
