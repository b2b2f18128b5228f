//! The names of classes and indicators, from the taxonomy: they tell which column a cell of a shifted row came from.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

/// What the taxonomy names.
#[derive(Default)]
pub struct Classes {
    level1: HashSet<String>,
    /// Folded names of classes of the second level, each with the folded names of the classes that hold it.
    level2: HashMap<String, BTreeSet<String>>,
    indicators: HashSet<String>,
}

/// The names, read once.
pub fn classes() -> &'static Classes {
    static CLASSES: OnceLock<Classes> = OnceLock::new();
    CLASSES.get_or_init(Classes::default)
}

impl Classes {
    /// Whether a folded name is a class of the first level.
    pub fn is_level1(&self, folded: &str) -> bool {
        self.level1.contains(folded)
    }

    /// Whether a folded name is a class of the second level.
    pub fn is_level2(&self, folded: &str) -> bool {
        self.level2.contains_key(folded)
    }

    /// Whether a folded name is that of a known indicator.
    pub fn is_indicator(&self, folded: &str) -> bool {
        self.indicators.contains(folded)
    }

    /// Whether a class of the first level may hold one of the second. What is not known may.
    pub fn may_hold(&self, level1: &str, level2: &str) -> bool {
        match self.level2.get(level2) {
            Some(holders) if self.level1.contains(level1) => holders.contains(level1),
            _ => true,
        }
    }
}
