//! The reference data that the rules read, embedded in the binary.
//!
//! What differs between forms is data: a new label, title, unit or class is a line in `data/reference/`, not a
//! line of Rust. They are embedded here, in one place, and an operator may add to them ([`install`]). [`rules_version`]
//! covers all of them and the rules in Rust: a document read under other data, or by other code, was read by other rules.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::hash::sha256;
use crate::overlay::{Refused, merge};

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

/// The files that may be added to, by the names by which [`parsed`] is asked for them.
const EXTENSIBLE: [(&str, &str); 5] = [
    ("families", FAMILIES),
    ("labels", LABELS),
    ("indicator_table", INDICATOR_TABLE),
    ("taxonomy", TAXONOMY),
    ("units", UNITS),
];

/// What was added to the embedded data.
struct Installed {
    tables: BTreeMap<&'static str, Table>,
    version: String,
}

static INSTALLED: OnceLock<Installed> = OnceLock::new();

/// Adds files, each with its name and its text, to the embedded data. It is called once, before anything is read: what
/// was read before does not know of it.
///
/// # Errors
/// If one of the files cannot be added, with what was expected.
pub fn install(files: &[(String, String)]) -> Result<(), Refused> {
    if files.is_empty() {
        return Ok(());
    }
    let mut tables = BTreeMap::from(EXTENSIBLE.map(|(name, text)| (name, parsed::<Table>(name, text))));
    merge(&mut tables, files)?;
    let mut all = env!("JIXIAO_RULES_VERSION").to_owned();
    for (name, table) in &tables {
        all += &format!("\n{name}\n{table:?}");
    }
    let version = sha256(all.as_bytes()).chars().take(16).collect();
    let _ = INSTALLED.set(Installed { tables, version });
    Ok(())
}

/// Sixteen hex digits that change when the rules do: the sources of this crate, `extract` and `normalise`, the
/// reference data with what was added to it, the dictionary, or the version of the program. A comment in a source is
/// enough, so equal versions mean equal rules, and different ones only that they may differ. Added files count by what
/// they say, not by their names or comments.
pub fn rules_version() -> &'static str {
    INSTALLED.get().map_or(env!("JIXIAO_RULES_VERSION"), |installed| &installed.version)
}

/// Reads one of the embedded files, with what was added to it, into the shape that its user declares.
///
/// # Panics
/// If the file does not have that shape, which is a fault of this repository: the tests read every file, and
/// [`install`] refuses what has another shape than they.
#[expect(clippy::panic, reason = "embedded data that does not parse is a bug, and is caught by the tests")]
pub fn parsed<T: DeserializeOwned>(name: &str, text: &str) -> T {
    let added = INSTALLED.get().and_then(|installed| installed.tables.get(name));
    let read = match added {
        Some(table) => {
            Value::Table(table.clone()).try_into().map_err(|error: toml::de::Error| error.to_string())
        }
        None => toml::from_str(text).map_err(|error| error.to_string()),
    };
    read.unwrap_or_else(|error| panic!("embedded reference data `{name}`: {error}"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::rules::{files, version};

    fn sources() -> Vec<(String, String)> {
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
    }

    #[test]
    fn the_version_is_that_of_the_rules_and_data_as_they_are_now() {
        let files = sources();
        for rule in [
            "crates/extract/src/read.rs",
            "crates/model/src/fold.rs",
            "crates/model/src/dictionary/markdown.rs",
            "crates/normalise/src/target.rs",
            "data/dictionary.toml",
            "data/reference/labels.toml",
        ] {
            assert!(files.iter().any(|(name, _)| name == rule), "{rule}");
        }
        assert!(files.iter().all(|(name, _)| !name.starts_with("data/raw")));
        assert_eq!(rules_version(), version(files));
    }

    #[test]
    fn every_byte_and_name_counts_but_no_order_and_no_line_end() {
        let own = |files: &[(&str, &str)]| {
            version(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
        };
        let two = own(&[("a.rs", "x\ny\n"), ("b.rs", "z")]);
        assert_eq!(two.len(), 16);
        assert_eq!(two, own(&[("b.rs", "z"), ("a.rs", "x\r\ny\r\n")]));
        for other in [
            &[("a.rs", "x\ny\n"), ("b.rs", "Z")][..],
            &[("a.rs", "x\ny\n"), ("c.rs", "z")],
            &[("a.rs", "x\ny\n")],
            &[("a.rs", "x\ny\nz"), ("b.rs", "")],
        ] {
            assert_ne!(two, own(other));
        }
    }
}
