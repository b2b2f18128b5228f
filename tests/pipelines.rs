//! Pipeline files: the ones that are shipped are valid, and what is wrong with one is told at once, before it runs.

#![expect(clippy::disallowed_methods, reason = "these tests make files and look at them")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;
#[path = "common/program.rs"]
mod program;

use std::fs;

use clap::Parser;
use common::path;
use program::{FORM, Place};
use serde_json::Value;

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

/// Schedulers are told commands; a command or an option that is not there any more would be noticed at night.
#[test]
fn schedulers_are_told_commands_that_there_are() {
    let mut count = 0;
    for file in ["systemd/jixiao.service", "cron/jixiao", "airflow/jixiao_nightly.py", "README.md"] {
        let text = fs::read_to_string(path("pipelines").join(file)).expect("text");
        for line in text.lines().filter(|line| line.contains("--pipeline ")) {
            let words = line.split([' ', '"', '\'', '`']).filter(|word| !word.is_empty());
            let words: Vec<_> = words.collect();
            let option = words.iter().position(|word| *word == "--pipeline").expect("it is there");
            let command = words[option - 1..].iter();
            let command = command.take_while(|word| **word != "is" && !word.starts_with([',', '>', '|']));
            let command: Vec<_> = ["jixiao"].into_iter().chain(command.copied()).collect();
            let parsed = jixiao::arguments::Arguments::try_parse_from(&command);
            assert!(parsed.is_ok(), "{file}: {command:?}: {}", parsed.unwrap_err());
            count += 1;
        }
    }
    assert!(count >= 7, "{count} commands were found");
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
    fs::create_dir(place.at("w")).expect("a folder");
    place.write("w/CURRENT", "seven\n");
    check(&pipeline(""), 2, "the warehouse cannot be gone on with: expected the id of a snapshot");
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

/// A pipeline with a report and events, beside the folder that it reads.
const WATCHED: &str = "sources = ['in']\nwarehouse = 'w'\n[report]\npath = 'reports'\n\
                       [lineage]\npath = 'events.jsonl'\nnamespace = 'tests'\n";

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

fn reports(place: &Place) -> Vec<Value> {
    let entries = fs::read_dir(place.at("reports")).expect("a folder");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let texts = files.iter().map(|file| fs::read_to_string(file).expect("text"));
    texts.map(|text| serde_json::from_str(&text).expect("JSON")).collect()
}

#[test]
fn a_run_is_told_to_those_who_watch_it() {
    let place = Place::new(&[("a.txt", FORM.as_bytes()), ("b.txt", b"")]);
    place.write("p.toml", WATCHED);
    let ran = place.run(&["ingest", "--pipeline", "p.toml", "--log-format", "json", "--quiet"]).ends(3, &[]);
    assert_eq!(ran.out, "");
    let log = lines(&ran.err);
    let events: Vec<_> = log.iter().map(|line| line["event"].as_str().expect("a name")).collect();
    assert_eq!(events, ["run-started", "sources-listed", "document-read", "published", "run-finished"]);
    assert!(log.iter().all(|line| line["run_id"] == log[0]["run_id"] && line["time"].is_string()));
    assert_eq!((&log[2]["source"], &log[2]["status"]), (&"b.txt".into(), &"unreadable".into()));
    assert_eq!((&log[3]["snapshot"], &log[3]["new"]), (&"000001".into(), &2.into()));
    assert_eq!(log[4]["exit_code"], 3);

    let status = place.run(&["status", "--warehouse", "w", "--format", "json"]).ends(0, &[]).json();
    assert_eq!(status["runs"][0]["run_id"], log[0]["run_id"], "one run has one id everywhere");
    let reports = reports(&place);
    assert_eq!((reports.len(), &reports[0]["run"]), (1, &status["runs"][0]));
    assert_eq!((&reports[0]["exit_code"], &reports[0]["error"]), (&3.into(), &Value::Null));
    assert_eq!(reports[0]["summary"]["not_parsed"][0]["source"], "b.txt");

    let events = lines(&fs::read_to_string(place.at("events.jsonl")).expect("a file"));
    let types: Vec<_> = events.iter().map(|event| event["eventType"].as_str().expect("a type")).collect();
    assert_eq!(types, ["START", "COMPLETE"]);
    let input = place.at("in").canonicalize().expect("it is there");
    assert_eq!(events[1]["inputs"][0]["name"], input.to_str().expect("text"));
}

#[test]
fn a_run_that_fails_is_told_too() {
    let place = Place::new(&[("a.txt", FORM.as_bytes())]);
    place.write("p.toml", WATCHED);
    place.write("w", "a file where the warehouse should be");
    let ran = place.run(&["ingest", "--pipeline", "p.toml", "--log-format", "json"]).ends(1, &[]);
    let log = lines(&ran.err);
    let last = log.last().expect("a line");
    assert_eq!(
        (&last["event"], &last["level"], &last["exit_code"]),
        (&"run-failed".into(), &"error".into(), &1.into())
    );
    let report = &reports(&place)[0];
    assert_eq!((&report["exit_code"], &report["error"]), (&1.into(), &last["message"]));
    assert_eq!(report["run_id"], last["run_id"]);
    let events = lines(&fs::read_to_string(place.at("events.jsonl")).expect("a file"));
    assert_eq!(events[1]["eventType"], "FAIL");
    assert_eq!(events[1]["run"]["facets"]["errorMessage"]["message"], last["message"]);
    // Usage is complained of as everything else is.
    let usage = place.run(&["ingest", "nowhere", "--log-format", "json"]).ends(2, &[]);
    assert_eq!(lines(&usage.err).last().expect("a line")["event"], "run-failed");
}

#[test]
fn those_who_watch_cannot_stop_a_run_and_a_dry_run_writes_nothing() {
    let place = Place::new(&[("a.txt", FORM.as_bytes())]);
    place.write("p.toml", WATCHED);
    place.run(&["ingest", "--pipeline", "p.toml", "--dry-run"]).ends(0, &[]);
    assert!(!place.at("reports").exists() && !place.at("events.jsonl").exists());
    place.write("reports", "a file where the folder should be");
    fs::create_dir(place.at("events.jsonl")).expect("a folder");
    place
        .run(&["ingest", "--pipeline", "p.toml"])
        .ends(0, &["Snapshot 000001", "cannot write the report", "cannot add an OpenLineage event"]);
}

/// Two years, of which the second is gone.
fn a_year_is_gone(gates: &str) -> Place {
    let other_year = FORM.replace("2019", "2018");
    let place = Place::new(&[("a.txt", FORM.as_bytes()), ("b.txt", other_year.as_bytes())]);
    place.write("p.toml", &format!("{WATCHED}{gates}"));
    place.run(&["ingest", "--pipeline", "p.toml"]).ends(0, &["Snapshot 000001"]);
    fs::remove_file(place.at("in/b.txt")).expect("it is there");
    place
}

#[test]
fn a_gate_that_is_missed_keeps_readers_at_what_they_had() {
    let place = a_year_is_gone("[gates]\n");
    let before = place.tables("w");
    let ran = place.run(&["ingest", "--pipeline", "p.toml", "--prune", "--log-format", "json"]).ends(1, &[]);
    assert_eq!(before, place.tables("w"), "readers see what they saw");
    let log = lines(&ran.err);
    let missed = log.iter().find(|line| line["event"] == "gate-missed").expect("it is told");
    assert_eq!((&missed["gate"], &missed["level"]), (&"year_vanished".into(), &"error".into()));
    assert_eq!(missed["fiscal_year"], 2018);
    assert_eq!(log.last().expect("a line")["event"], "run-failed");

    let status = place.run(&["status", "--warehouse", "w", "--format", "json"]).ends(0, &[]).json();
    let run = &status["runs"][1];
    assert_eq!(
        (&run["outcome"], &run["run_id"]),
        (&"held".into(), &log[0]["run_id"]),
        "the run left its row"
    );
    let report = &reports(&place)[1];
    assert_eq!((&report["gates"][0]["fiscal_year"], &report["exit_code"]), (&2018.into(), &1.into()));
    assert_eq!(report["snapshot"]["before"], "000001");
    assert_eq!(report["snapshot"]["after"], status["snapshot"]);
    let held = place.at("w/held").join(log[0]["run_id"].as_str().expect("a text")).join("forms");
    assert!(held.is_dir(), "what was held back can be looked at");

    // For people: why, and where.
    place.run(&["ingest", "--pipeline", "p.toml", "--prune"]).ends(
        1,
        &["quality gates of the pipeline were missed", "rows of 2018 in", "(year_vanished)", "w/held/"],
    );
    // The file is back, and so is the run.
    fs::write(place.at("in/b.txt"), FORM.replace("2019", "2018")).expect("a file");
    place.run(&["ingest", "--pipeline", "p.toml", "--prune"]).ends(0, &[]);
    assert_eq!(before.keys().filter(|name| name.starts_with("forms/")).count(), 2);
}

#[test]
fn a_gate_that_warns_lets_the_snapshot_pass_and_says_so() {
    let place = a_year_is_gone("[gates]\nseverity = 'warn'\n[gates.rows]\ndocuments = { may_drop = 0.4 }\n");
    place.run(&["ingest", "--pipeline", "p.toml"]).ends(0, &[]);
    let ran = place
        .run(&["ingest", "--pipeline", "p.toml", "--prune"])
        .ends(3, &["Snapshot 000003", "rows of 2018 in", "rows of `documents`", "50 % fewer"]);
    assert_eq!(ran.err.matches("expected").count(), 2, "each is said once: {}", ran.err);
    let status = place.run(&["status", "--warehouse", "w", "--format", "json"]).ends(0, &[]).json();
    assert_eq!(status["runs"][2]["outcome"], "with_missed_gates");
    assert_eq!(reports(&place)[2]["gates"].as_array().expect("a list").len(), 2);
}

#[test]
fn a_folder_that_is_not_mounted_empties_no_warehouse() {
    let place = a_year_is_gone("[gates.rows]\ndocuments = { may_drop = 0.4 }\n");
    fs::remove_file(place.at("in/a.txt")).expect("it is there");
    place.run(&["ingest", "--pipeline", "p.toml", "--prune"]).ends(1, &["no document was found"]);
    // A folder beside it is there, of another disk.
    fs::write(place.at("in/c.txt"), "通知").expect("a file");
    place
        .run(&["ingest", "--pipeline", "p.toml", "--prune"])
        .ends(1, &["`documents`, against the snapshot before"]);
    assert!(place.tables("w").keys().any(|name| name.contains("fiscal_year=2019")));
}

#[test]
fn the_night_is_judged_by_what_it_has_read() {
    let place = Place::new(&[("a.txt", FORM.as_bytes())]);
    place.write(
        "p.toml",
        &format!("{WATCHED}[gates]\nparsed = {{ at_least = 0.5 }}\nunreadable = {{ at_most = 1 }}\n"),
    );
    place.run(&["ingest", "--pipeline", "p.toml"]).ends(0, &[]);
    // Nothing was read, so that nothing is judged.
    place.run(&["ingest", "--pipeline", "p.toml"]).ends(0, &[]);
    for name in ["b.txt", "c.txt"] {
        fs::write(place.at("in").join(name), b"").expect("a file");
    }
    place
        .run(&["ingest", "--pipeline", "p.toml"])
        .ends(1, &["at least 50 %, found 0 % (0 of 2)", "expected at most 1, found 2"]);
    fs::remove_file(place.at("in/c.txt")).expect("it is there");
    fs::write(place.at("in/d.txt"), FORM.replace("2019", "2018")).expect("a file");
    place.run(&["ingest", "--pipeline", "p.toml"]).ends(3, &["1 parsed, 1 unreadable", "Snapshot"]);
}

#[test]
fn a_backfill_runs_by_its_file() {
    let other_year = FORM.replace("2019", "2018");
    let place = Place::new(&[("a.txt", FORM.as_bytes()), ("old/b.txt", other_year.as_bytes())]);
    let backfill = "kind = 'backfill'\nsources = ['in']\nwarehouse = 'w'\n[backfill]\nyears = 2018\nsources = 'old/**'\n";
    place.write("b.toml", backfill);
    place.run(&["check", "--pipeline", "b.toml"]).ends(0, &["2018 to 2018", "old/**"]);
    place.run(&["backfill", "--pipeline", "b.toml"]).ends(0, &["1 in 2018"]);
    let status = place.run(&["status", "--warehouse", "w", "--format", "json"]).ends(0, &[]).json();
    assert_eq!((&status["runs"][0]["kind"], &status["documents"]["parsed"]), (&"backfill".into(), &1.into()));
}

#[test]
fn a_pipeline_says_how_long_snapshots_are_kept() {
    let place = Place::new(&[("a.txt", FORM.as_bytes())]);
    place.write("p.toml", "sources = ['in']\nwarehouse = 'w'\n[retention]\ndays = 0\nsnapshots = 2\n");
    for _ in 0..3 {
        place.run(&["ingest", "--pipeline", "p.toml"]).ends(0, &[]);
    }
    let vacuum = |more: &[&str]| place.run(&[&["vacuum", "--pipeline", "p.toml"], more].concat());
    vacuum(&["--snapshots", "3"]).ends(0, &["nothing to remove"]);
    vacuum(&[]).ends(0, &["000001", "to remove", "Nothing was removed"]);
    vacuum(&["--delete"]).ends(0, &["removed"]);
    assert!(!place.at("w/snapshots/000001").exists() && place.at("w/snapshots/000002").exists());
}

#[test]
fn a_limit_that_changes_is_kept_to_from_the_next_run_on() {
    let long = format!("{FORM}{}", "\n".repeat(2 << 20));
    let place = Place::new(&[("a.txt", FORM.as_bytes()), ("b.txt", long.as_bytes())]);
    let pipeline = |mib: u32| {
        let limits = format!("[limits]\ndocument_mib = {mib}\n");
        place.write("p.toml", &format!("sources = ['in']\nwarehouse = 'w'\n{limits}"));
    };
    let run = ["ingest", "--pipeline", "p.toml"];
    pipeline(1);
    place.run(&run).ends(3, &["1 parsed", "1 unreadable", "and the limit is 1048576"]);
    place.run(&run).ends(0, &["2 as they were"]);
    pipeline(64);
    place.run(&run).ends(0, &["1 parsed", "1 as they were"]);
    pipeline(1);
    place.run(&run).ends(3, &["1 unreadable", "1 as they were"]);
    pipeline(2000);
    place.run(&run).ends(2, &["expected in `limits.document_mib` at most 1024, found `2000`"]);
}
