//! What the data says of labels and their values.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use jixiao_model::fold::fold;
use jixiao_model::reference::{LABELS, parsed};
use serde::Deserialize;

/// The part of `labels.toml` that says what values mean.
#[derive(Deserialize)]
pub struct Labels {
    label: Vec<Label>,
    /// What is known of each code.
    #[serde(skip)]
    by_code: HashMap<String, OfCode, RandomState>,
    /// English words that join others.
    pub english: English,
    /// Where the organisation is found.
    pub organisation: Organisation,
    /// What adds up.
    pub funding: Funding,
}

/// The labels of a code.
#[derive(Default)]
struct OfCode {
    /// Where they stand.
    indexes: Vec<usize>,
    kind: Kind,
}

/// What the values are that stand beside a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Money.
    Amount,
    /// Running text.
    Narrative,
    /// Anything else.
    #[default]
    Other,
}

#[derive(Deserialize)]
struct Label {
    code: String,
    kind: String,
    names: Vec<String>,
    #[serde(default)]
    within: BTreeMap<String, String>,
}

/// English words that join others.
#[derive(Deserialize)]
pub struct English {
    /// The words.
    pub words: Vec<String>,
}

/// Where the organisation is found.
#[derive(Deserialize)]
pub struct Organisation {
    /// Codes of fields, the first that has a value counts.
    pub fields: Vec<String>,
}

/// What adds up.
#[derive(Deserialize)]
pub struct Funding {
    /// Codes of the parts of a whole, as they are without one.
    pub parts: Vec<String>,
    /// Codes that are parts of `fiscal_funds` where that is printed.
    pub levels: Vec<String>,
    /// The code of what is left over.
    pub rest: String,
}

/// The data, read once.
pub fn labels() -> &'static Labels {
    static READ: OnceLock<Labels> = OnceLock::new();
    READ.get_or_init(|| {
        let mut labels: Labels = parsed("labels", LABELS);
        for (index, label) in labels.label.iter().enumerate() {
            let of_code = labels.by_code.entry(label.code.clone()).or_default();
            of_code.indexes.push(index);
            of_code.kind = match label.kind.as_str() {
                "amount" => Kind::Amount,
                "narrative" => Kind::Narrative,
                _ => of_code.kind,
            };
        }
        labels
    })
}

impl Labels {
    fn of(&self, code: &str) -> impl Iterator<Item = &Label> {
        let indexes = self.by_code.get(code).into_iter().flat_map(|of_code| &of_code.indexes);
        indexes.filter_map(|index| self.label.get(*index))
    }

    /// What the values are of fields with this code.
    pub fn kind(&self, code: &str) -> Kind {
        self.by_code.get(code).map_or(Kind::Other, |of_code| of_code.kind)
    }

    /// Whether a text is a name of this label.
    pub fn is_name(&self, code: &str, text: &str) -> bool {
        let folded = fold(text);
        self.of(code).flat_map(|label| &label.names).any(|name| fold(name) == folded)
    }

    /// The code of a part within a whole.
    pub fn within<'l>(&'l self, part: &str, whole: &str) -> Option<&'l str> {
        self.of(part).find_map(|label| label.within.get(whole)).map(String::as_str)
    }
}
