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
    /// Where those of each code stand.
    #[serde(skip)]
    by_code: HashMap<String, Vec<usize>, RandomState>,
    /// English words that join others.
    pub english: English,
    /// Where the organisation is found.
    pub organisation: Organisation,
    /// What adds up.
    pub funding: Funding,
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
            labels.by_code.entry(label.code.clone()).or_default().push(index);
        }
        labels
    })
}

impl Labels {
    fn of(&self, code: &str) -> impl Iterator<Item = &Label> {
        self.by_code.get(code).into_iter().flatten().filter_map(|index| self.label.get(*index))
    }

    /// Whether fields of this code are of this kind.
    pub fn is_kind(&self, code: &str, kind: &str) -> bool {
        self.of(code).any(|label| label.kind == kind)
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
