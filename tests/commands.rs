//! Each command and option of a warehouse that grows, by the real program: what it does, what it says, how it ends.

#![expect(clippy::disallowed_methods, reason = "these tests make files and look at them")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "common/program.rs"]
mod program;

use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use program::{FORM, Place};
use serde_json::Value;

/// A form of another year and amount.
fn form(year: i32, amount: &str) -> String {
    FORM.replace("2019年度", &format!("{year}年度")).replace("1,200", amount)
}

/// Writes a document below `in`, modified so many days after 2020 began.
fn write(place: &Place, name: &str, text: &str, day: u64) {
    let path = place.at("in").join(name);
    fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
    fs::write(&path, text).expect("a file");
    let file = fs::File::options().write(true).open(&path).expect("it is there");
    file.set_modified(UNIX_EPOCH + Duration::from_secs(1_577_836_800 + day * 86_400)).expect("it is ours");
}

/// A warehouse of three documents of 2018 to 2020.
fn three_years() -> Place {
    let place = Place::new(&[]);
    for (year, amount) in [(2018, "1,180"), (2019, "1,190"), (2020, "1,200")] {
        write(&place, &format!("{year}/a.txt"), &form(year, amount), 1);
    }
    place.run(&["ingest", "in"]).ends(0, &["Snapshot 000001", "3 new, 0 changed, 0 unchanged documents"]);
    place
}

fn json(place: &Place, arguments: &[&str], code: i32) -> Value {
    place.run(&[arguments, &["--format", "json"]].concat()).ends(code, &[]).json()
}

/// How many sources of the snapshot that a run published are new, changed, unchanged and gone.
fn changes(place: &Place, arguments: &[&str]) -> [u64; 4] {
    let summary = json(place, arguments, 0);
    ["new", "changed", "unchanged", "removed"].map(|key| summary["snapshot"][key].as_u64().expect("a count"))
}

#[test]
fn what_is_gone_stays_unless_it_is_pruned() {
    let place = three_years();
    fs::remove_file(place.at("in/2018/a.txt")).expect("it is there");
    assert_eq!(changes(&place, &["ingest", "in"]), [0, 0, 3, 0]);
    place.run(&["ingest", "in", "--prune", "--dry-run"]).ends(0, &["Nothing was written"]);
    assert_eq!(place.current("warehouse"), "000002\n");
    assert_eq!(changes(&place, &["ingest", "in", "--prune"]), [0, 0, 2, 1]);
    // A folder that is gone or empty is a mistake, and no reason to empty the warehouse.
    fs::remove_dir_all(place.at("in")).expect("it is there");
    place.run(&["ingest", "in", "--prune"]).ends(2, &["in", "check the path"]);
    fs::create_dir(place.at("in")).expect("a folder");
    place.run(&["ingest", "in", "--prune"]).ends(1, &["no document was found"]);
    assert_eq!(json(&place, &["status"], 0)["tables"][0]["rows"], 2);
    place.run(&["ingest", "in", "--prune", "--rebuild"]).ends(2, &["cannot be used with"]);
}

#[test]
fn a_file_of_the_same_size_and_time_is_only_found_by_rehash() {
    let place = three_years();
    write(&place, "2020/a.txt", &form(2020, "9,200"), 1);
    assert_eq!(changes(&place, &["ingest", "in"]), [0, 0, 3, 0], "that is what it is for");
    assert_eq!(json(&place, &["ingest", "in"], 0)["as_it_was"], 3);
    assert_eq!(changes(&place, &["ingest", "in", "--rehash"]), [0, 1, 2, 0]);
    assert_eq!(changes(&place, &["ingest", "in", "--rehash"]), [0, 0, 3, 0]);
    let diff = json(&place, &["diff", "1", "4"], 1);
    assert_eq!(diff[0]["table"], "documents");
    assert_eq!(diff[0]["changed"][0]["key"], serde_json::json!(["2020/a.txt"]));
}

#[test]
fn documents_of_older_rules_are_counted_and_read_again_when_told_to() {
    let place = three_years();
    place.run(&["status"]).ends(0, &["     3  the rules of this version"]);
    let of = |more: &[&str]| -> Vec<(u64, bool)> {
        let count = |rules: &Value| {
            (rules["documents"].as_u64().expect("a count"), rules["is_current"].as_bool().expect("a choice"))
        };
        let status = json(&place, &[&["status"], more].concat(), 0);
        status["rules"].as_array().expect("a list").iter().map(count).collect()
    };
    assert_eq!(of(&[]), [(3, true)]);

    // Reference data of one's own are other rules.
    place.write("names.toml", "[[label]]\ncode = \"project_category\"\nnames = [\"项目门类\"]\n");
    write(&place, "2021/a.txt", &form(2021, "1,210").replace("项目类别", "项目门类"), 2);
    let more = ["--reference", "names.toml"];
    let ingest = |arguments: &[&str]| changes(&place, &[&["ingest", "in"], arguments, &more].concat());
    assert_eq!(ingest(&[]), [1, 0, 3, 0], "what is as it was is not read again");
    assert_eq!(of(&more), [(3, false), (1, true)]);
    assert_eq!(of(&[]), [(1, false), (3, true)], "a program that is not told of the file has other rules");
    place.run(&[&["status"][..], &more].concat()).ends(
        0,
        &[
            "     3  other rules; `jixiao ingest --outdated` reads them again",
            "     1  the rules of this version",
        ],
    );
    let dry = json(&place, &[&["ingest", "in", "--outdated", "--dry-run"][..], &more].concat(), 0);
    assert_eq!((&dry["documents"]["parsed"], &dry["as_it_was"]), (&3.into(), &1.into()));
    assert_eq!(ingest(&["--outdated"]), [0, 0, 4, 0], "their bytes are the same");
    assert_eq!(of(&more), [(4, true)]);
    let again = json(&place, &[&["ingest", "in", "--outdated"][..], &more].concat(), 0);
    assert_eq!((&again["as_it_was"], &again["snapshot"]["files_written"]), (&4.into(), &1.into()));
}

#[test]
fn a_backfill_reads_what_it_names_and_nothing_else() {
    let place = three_years();
    for year in [2017, 2018, 2021] {
        write(&place, &format!("{year}/b.txt"), &form(year, "77"), 2);
    }
    write(&place, "2020/a.txt", &form(2020, "2,200"), 2);
    for (arguments, says) in [
        (&["--years", "2018-2016"][..], "expected years as 2016-2019 or 2020, found `2018-2016`"),
        (&["--years", "16"], "expected years"),
        (&["--rules-older-than", "yesterday"], "found `yesterday`"),
        (&["--rules-older-than", "1999-01-01"], "a day such as 2026-01-31"),
        (&["--prune"], "unexpected argument"),
    ] {
        place.run(&[&["backfill", "in"], arguments].concat()).ends(2, &[says]);
    }
    assert_eq!(place.current("warehouse"), "000001\n");
    let dry = json(&place, &["backfill", "in", "--years", "2016-2018", "--dry-run"], 0);
    assert_eq!((&dry["snapshot"], &dry["documents"]["parsed"]), (&Value::Null, &2.into()));
    assert_eq!(place.current("warehouse"), "000001\n", "nothing was written");

    assert_eq!(changes(&place, &["backfill", "in", "--years", "2016-2018"]), [2, 0, 3, 0]);
    let status = json(&place, &["status"], 0);
    assert_eq!(status["runs"][1]["kind"], "backfill");
    let years = status["tables"][1]["years"].as_array().expect("years").iter();
    let years: Vec<_> = years.map(|year| format!("{}: {}", year["fiscal_year"], year["rows"])).collect();
    assert_eq!(years, ["2017: 1", "2018: 2", "2019: 1", "2020: 1"]);
    assert_eq!(changes(&place, &["backfill", "in", "--source", "2021/*"]), [1, 0, 5, 0]);
    assert_eq!(changes(&place, &["backfill", "in", "--years", "2020"]), [0, 1, 5, 0], "it was changed");
    assert_eq!(json(&place, &["ingest", "in"], 0)["as_it_was"], 6, "nothing is left for the night");

    // Of older rules: none, until the rules are others.
    assert_eq!(changes(&place, &["backfill", "in", "--rules-older-than", "current"]), [0, 0, 6, 0]);
    assert_eq!(json(&place, &["status"], 0)["rules"].as_array().expect("a list").len(), 1);
    place.write("names.toml", "[[label]]\ncode = \"project_category\"\nnames = [\"项目门类\"]\n");
    let older = |years: &str| {
        let arguments = ["backfill", "in", "--rules-older-than", "current", "--years", years];
        let summary = json(&place, &[&arguments[..], &["--reference", "names.toml"]].concat(), 0);
        summary["documents"]["parsed"].as_u64().expect("a count")
    };
    assert_eq!(older("2017-2018"), 3);
    assert_eq!(older("2017-2018"), 0, "they are of the present rules now");
    let of_others: Vec<_> = json(&place, &["status"], 0)["rules"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|rules| rules["documents"].clone())
        .collect();
    assert_eq!(of_others, [3, 3]);
    assert_eq!(older("2016-2021"), 3);
}

#[test]
fn vacuum_shows_what_it_would_remove_and_removes_it_when_told_to() {
    let place = three_years();
    for night in 0..4 {
        write(&place, "2020/a.txt", &form(2020, &format!("{night}")), 2 + night);
        place.run(&["ingest", "in", "--quiet"]).ends(0, &[]);
    }
    let snapshots = || fs::read_dir(place.at("warehouse/snapshots")).expect("a folder").count();
    place.run(&["vacuum"]).ends(0, &["less than 7 days ago", "There is nothing to remove."]);
    let to_remove = ["vacuum", "--days", "0", "--snapshots", "2"];
    place
        .run(&to_remove)
        .ends(0, &["000001  to remove", "000004  kept", "Nothing was removed: add --delete"]);
    assert_eq!(snapshots(), 5);
    let dry = json(&place, &to_remove, 0);
    assert_eq!(dry["snapshots"], serde_json::json!(["000001", "000002", "000003"]));
    assert_eq!((&dry["deleted"], &dry["kept"]), (&false.into(), &serde_json::json!(["000004", "000005"])));
    let tables = place.tables("warehouse");
    place.run(&[&to_remove[..], &["--delete"]].concat()).ends(0, &["000001  removed", "MB are free again"]);
    assert_eq!((snapshots(), place.tables("warehouse")), (2, tables));
    place.run(&[&to_remove[..], &["--delete"]].concat()).ends(0, &["There is nothing to remove."]);
    place.run(&["diff", "1", "5"]).ends(2, &["there is no snapshot 000001"]);
    place.run(&["vacuum", "--days", "soon"]).ends(2, &["--days"]);
    place.run(&["ingest", "in"]).ends(0, &["Snapshot 000006"]);
}

#[test]
fn a_rollback_brings_an_earlier_snapshot_back() {
    let place = three_years();
    let first = place.tables("warehouse");
    place.run(&["rollback"]).ends(1, &["snapshot 000001 has none before it"]);
    place.run(&["rollback", "--to", "7"]).ends(2, &["there is no snapshot 000007"]);
    place.run(&["rollback", "--to", "last"]).ends(2, &["such as 000007"]);
    for night in 2..5 {
        write(&place, "2020/a.txt", &form(2020, &format!("{night}")), night);
        place.run(&["ingest", "in", "--quiet"]).ends(0, &[]);
    }
    let last = place.tables("warehouse");
    place.run(&["rollback"]).ends(0, &["000003 is the current one again, in the place of 000004"]);
    place.run(&["rollback", "--to", "000001"]).ends(0, &["000001 is the current one again"]);
    assert_eq!((place.current("warehouse").as_str(), place.tables("warehouse")), ("000001\n", first));
    // The run after it reads again what came since, under a number that was never used, and all is as it was.
    assert_eq!(changes(&place, &["ingest", "in"]), [0, 1, 2, 0]);
    assert_eq!((place.current("warehouse").as_str(), place.tables("warehouse")), ("000005\n", last));
    place.run(&["diff", "4", "5"]).ends(0, &["have the same rows"]);
    place.run(&["rollback", "--to", "4"]).ends(0, &["000004 is the current one again"]);
    place.run(&["rollback", "--warehouse", "nowhere"]).ends(1, &["no snapshot has been published"]);
}

#[test]
fn a_diff_tells_what_came_went_and_changed() {
    let place = three_years();
    fs::remove_file(place.at("in/2018/a.txt")).expect("it is there");
    write(&place, "2021/a.txt", &form(2021, "1,210"), 2);
    fs::rename(place.at("in/2019/a.txt"), place.at("in/2019/b.txt")).expect("it moves");
    write(&place, "2019/b.txt", &form(2019, "1,190"), 3);
    place.run(&["ingest", "in", "--prune", "--quiet"]).ends(0, &[]);
    place.run(&["diff", "1", "1"]).ends(0, &["Snapshots 000001 and 000001 have the same rows."]);
    assert_eq!(json(&place, &["diff", "2", "2"], 0), Value::Array(Vec::new()));
    place.run(&["diff", "1", "2"]).ends(
        1,
        &["documents  2 came, 2 went, 0 changed", "+ 2019/b.txt", "- 2018/a.txt", "forms  1 came, 1 went"],
    );
    place.run(&["diff", "2", "1"]).ends(1, &["- 2019/b.txt", "+ 2018/a.txt"]);
    let diff = json(&place, &["diff", "1", "2"], 1);
    let tables: Vec<_> = diff.as_array().expect("a list").iter().map(|table| &table["table"]).collect();
    assert!(!tables.contains(&&"runs".into()) && !tables.contains(&&"indicator_types".into()), "{tables:?}");
    assert_eq!(diff[0]["came"], serde_json::json!([["2019/b.txt"], ["2021/a.txt"]]));
    let checks = diff.as_array().expect("a list").iter().find(|table| table["table"] == "checks");
    let came = checks.expect("of two years")["came"].as_array().expect("keys");
    assert!(came.iter().all(|key| key[1] == 2021) && !came.is_empty(), "{came:?}");

    // A form that is published again: the older one now points to it, and that is all that changed of it.
    write(&place, "2020/z.txt", &form(2020, "1,500"), 9);
    place.run(&["ingest", "in", "--quiet"]).ends(0, &[]);
    let diff = json(&place, &["diff", "2", "3"], 1);
    let of = |name: &str| diff.as_array().expect("a list").iter().find(|table| table["table"] == name);
    let changed = &of("forms").expect("a form came")["changed"];
    assert_eq!(changed.as_array().expect("rows").len(), 1);
    let columns = changed[0]["columns"].as_object().expect("columns");
    assert_eq!(columns.keys().collect::<Vec<_>>(), ["superseded_by"]);
    assert_eq!((&columns["superseded_by"][0], &of("forms").expect("it is")["came"][0][0]), {
        (&Value::Null, &columns["superseded_by"][1])
    });
    assert_eq!(of("findings").expect("it is told")["came"].as_array().expect("keys").len(), 1);
    place.run(&["diff", "2", "3"]).ends(1, &["superseded_by: NULL → "]);
    place.run(&["diff", "2", "9"]).ends(2, &["there is no snapshot 000009"]);
    place.run(&["diff", "2"]).ends(2, &["<B>"]);
}

#[test]
fn the_help_names_what_there_is() {
    let place = Place::new(&[]);
    for (command, says) in [
        ("ingest", &["--prune", "--rehash", "--outdated", "--rebuild", "Exit codes:"][..]),
        ("backfill", &["--years <FIRST-LAST>", "--source <GLOB>", "--rules-older-than <RULES>", "--dry-run"]),
        ("status", &["--warehouse <DIR>", "--format <FORMAT>"]),
        ("vacuum", &["--days <N>", "[default: 7]", "--snapshots <N>", "[default: 3]", "--delete"]),
        ("rollback", &["--to <SNAPSHOT>", "the one that the current one followed"]),
        ("diff", &["<A>", "<B>", "--full"]),
    ] {
        let told = place.run(&[command, "--help"]).ends(0, says);
        assert_eq!(told.err, "", "help that was asked for goes to stdout");
        place.run(&["--help"]).ends(0, &[command]);
    }
}
