//! The reference data that the rules read, embedded in the binary.
//!
//! What differs between forms is data: a new label, title, unit or class is a line in `data/reference/`, not a
//! line of Rust. They are embedded here, in one place, so that [`rules_version`] covers all of them: a document
//! read under other data was read by other rules.

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Titles of forms and the families that they tell.
pub const FAMILIES: &str = include_str!("../../../data/reference/families.toml");
/// Labels of form fields, section headings, and page furniture.
pub const LABELS: &str = include_str!("../../../data/reference/labels.toml");
/// Headings of the columns of indicator tables, and what targets and indicator names look like.
pub const INDICATOR_TABLE: &str = include_str!("../../../data/reference/indicator_table.toml");
/// The tree of classes and indicators, with aliases.
pub const TAXONOMY: &str = include_str!("../../../data/reference/taxonomy.toml");
/// Units of targets and of money.
pub const UNITS: &str = include_str!("../../../data/reference/units.toml");
/// Traditional characters with their simplified forms.
pub const TRADITIONAL: &str = include_str!("../../../data/reference/traditional.toml");
/// Issuers of policy documents by the prefix of their document numbers (发文机关代字).
pub const ISSUERS: &str = include_str!("../../../data/reference/issuers.toml");
/// What each finding means, how bad it is and what an analyst should do.
pub const FINDINGS: &str = include_str!("../../../data/reference/findings.toml");
/// Tables and columns: the only schema.
pub const DICTIONARY: &str = include_str!("../../../data/dictionary.toml");

/// All of the data, by the name of its file, in a fixed order.
const ALL: [(&str, &str); 9] = [
    ("families", FAMILIES),
    ("labels", LABELS),
    ("indicator_table", INDICATOR_TABLE),
    ("taxonomy", TAXONOMY),
    ("units", UNITS),
    ("traditional", TRADITIONAL),
    ("issuers", ISSUERS),
    ("findings", FINDINGS),
    ("dictionary", DICTIONARY),
];

/// Sixteen hex digits that change when the reference data or the version of the program do.
pub fn rules_version() -> String {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    for (name, text) in ALL {
        hash.update([0]);
        hash.update(name);
        hash.update([0]);
        hash.update(text);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Reads one of the embedded files into the shape that its user declares.
///
/// # Panics
/// If the file does not have that shape, which is a fault of this repository: the tests read every file, and
/// there is nothing that a user could do about it.
#[expect(clippy::panic, reason = "embedded data that does not parse is a bug, and is caught by the tests")]
pub fn parsed<T: DeserializeOwned>(name: &str, text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("embedded reference data `{name}`: {error}"))
}
