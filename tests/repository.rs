//! Rules of this repository that a tool does not know: where to look, how long a file may be, who may know whom.

#![expect(clippy::disallowed_methods, reason = "this test reads the repository")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::path;

/// A file of more lines is asking to be two.
const MOST_LINES: usize = 500;

/// What each crate may know of the others.
const MAY_USE: [(&str, &[&str]); 5] = [
    ("model", &[]),
    ("extract", &["jixiao-model"]),
    ("normalise", &["jixiao-model"]),
    ("load", &["jixiao-model"]),
    ("cli", &["jixiao-model", "jixiao-extract", "jixiao-normalise", "jixiao-load"]),
];

fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in ["crates", "tests"] {
        collect(&path(folder), &mut files);
    }
    assert!(files.len() > 50, "{} files were found", files.len());
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_is_short_enough_to_read() {
    for file in sources() {
        let text = fs::read_to_string(&file).expect("it is text");
        assert!(text.starts_with("//! "), "{} does not open with what it is for", file.display());
        let lines = text.lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines", file.display());
    }
}

#[test]
fn the_stages_do_not_know_each_other() {
    for (crate_name, may_use) in MAY_USE {
        let manifest = path(&format!("crates/{crate_name}/Cargo.toml"));
        let text = fs::read_to_string(manifest).expect("each crate has a manifest");
        let used = text.lines().filter_map(|line| line.split(['.', ' ']).next());
        for used in used.filter(|name| name.starts_with("jixiao-")) {
            assert!(may_use.contains(&used), "crates/{crate_name} must not know {used}");
        }
    }
}

/// A wording that stood in two entries would mean whichever was read last.
#[test]
fn every_wording_of_the_reference_data_has_one_meaning() {
    for (file, key) in [("labels", "names"), ("indicator_table", "names"), ("families", "titles")] {
        let text = fs::read_to_string(path(&format!("data/reference/{file}.toml"))).expect("it is there");
        let table: toml::Table = toml::from_str(&text).expect("it is TOML");
        let entries = table.values().filter_map(toml::Value::as_array).flatten();
        let mut seen = BTreeMap::new();
        for (entry, wordings) in entries.filter_map(|entry| entry.get(key)?.as_array()).enumerate() {
            for wording in wordings.iter().filter_map(toml::Value::as_str) {
                let other = seen.insert(jixiao_model::fold::fold(wording), entry);
                assert!(
                    other.is_none_or(|other| other == entry),
                    "{file}.toml: {wording} stands in two entries"
                );
            }
        }
        assert!(seen.len() > 10, "{file}.toml: {} wordings were found", seen.len());
    }
}
