//! Pipeline files: the ones that are shipped are valid, and what is wrong with one is told at once, before it runs.

#![expect(clippy::disallowed_methods, reason = "these tests make files and look at them")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;
#[path = "common/program.rs"]
mod program;

use std::fs;

use common::path;
use program::{FORM, Place};

#[test]
fn the_pipelines_that_are_shipped_are_valid() {
    let place = Place::new(&[]);
    let entries = fs::read_dir(path("pipelines")).expect("a folder");
    let files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    let files = files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "toml"));
    let mut count = 0;
    for file in files {
        let file = file.to_str().expect("our own names are text");
        place.run(&["check", "--pipeline", file]).ends(0, &["Command", "Warehouse", "Retention"]);
        count += 1;
    }
    assert!(count >= 3, "{count} files were found");
}

#[test]
fn everything_that_is_wrong_in_a_file_and_around_it_is_told_at_once() {
    let place = Place::new(&[("a.txt", FORM.as_bytes())]);
    place.write("file", "x");
    place.write(
        "p.toml",
        "soruces = ['in']\nsources = ['in', 'nowhere']\nwarehouse = 'in/warehouse'\nexclude = ['[']\n\
         reference = 'names'\n[report]\npath = 'file/below'\n[lineage]\npath = 'in/events.jsonl'\n\
         [gates]\nparsed = { at_least = 95 }\n",
    );
    let problems = [
        "line 1, column 1: expected a known key, found `soruces`; did you mean `sources`?",
        "line 4, column 12: expected in `exclude` a pattern",
        "line 11, column 23: expected in `gates.parsed.at_least` a share",
        "expected in `sources` a file or folder, found none at",
        "the warehouse is in the source",
        "expected in `report.path` a path in a folder, found",
        "expected in `lineage.path` a path outside of the sources",
        "cannot read the reference data",
    ];
    let ran = place.run(&["check", "--pipeline", "p.toml"]).ends(2, &problems);
    assert_eq!(ran.err.lines().count(), problems.len() + 1, "{}", ran.err);
    let json = place.run(&["check", "--pipeline", "p.toml", "--format", "json"]).ends(2, &[]).json();
    assert_eq!(json["valid"], false);
    assert_eq!(json["problems"].as_array().expect("a list").len(), problems.len());
    assert_eq!((&json["problems"][0]["line"], &json["problems"][0]["column"]), (&1.into(), &1.into()));
    assert!(
        !place.at("in/warehouse").exists() && !place.at("in/events.jsonl").exists(),
        "nothing is written"
    );
}

#[test]
fn a_pipeline_that_would_read_nothing_is_not_valid() {
    let place = Place::new(&[("2015/a.txt", FORM.as_bytes())]);
    let pipeline = |more: &str| format!("sources = ['in']\nwarehouse = 'w'\n{more}");
    let check = |text: &str, code: i32, says: &str| {
        place.write("p.toml", text);
        place.run(&["check", "--pipeline", "p.toml"]).ends(code, &[says]);
    };
    check(&pipeline(""), 0, "nothing published yet");
    check(&pipeline("exclude = ['2015']"), 2, "documents, found none (1 left out)");
    let backfill = |globs: &str| {
        pipeline("kind = 'backfill'\n[backfill]\nyears = 2015\nsources = ") + &format!("'{globs}'")
    };
    check(&backfill("2015/**"), 0, "jixiao backfill --pipeline p.toml");
    check(&backfill("2016/**"), 2, "`backfill.sources` what means a source, found 2016/**");
    place.write("in/CURRENT", "000001\n");
    check("sources = ['in/2015']\nwarehouse = 'in'", 2, "the source is in the warehouse");
}

#[test]
fn what_a_pipeline_excludes_is_left_out_and_told() {
    let place = Place::new(&[("a.txt", FORM.as_bytes()), ("drafts/b.txt", FORM.as_bytes())]);
    place.write("p.toml", "sources = ['in']\nwarehouse = 'w'\nexclude = 'drafts'\n");
    place.run(&["check", "--pipeline", "p.toml"]).ends(0, &["1, and 1 left out"]);
    place
        .run(&["ingest", "--pipeline", "p.toml"])
        .ends(0, &["1 parsed", "left out: drafts/b.txt", "Snapshot 000001"]);
}

#[test]
fn a_pipeline_for_backfill_is_not_ingested() {
    let place = Place::new(&[("a.txt", FORM.as_bytes())]);
    place.write("p.toml", "kind = 'backfill'\nsources = ['in']\nwarehouse = 'w'\nbackfill.years = 2015\n");
    place.run(&["ingest", "--pipeline", "p.toml"]).ends(2, &["run `jixiao backfill --pipeline p.toml`"]);
    assert!(!place.at("w").exists());
}
