//! The equation, with the real program: what a warehouse holds depends on the documents that there are, and not on how
//! they came into it. Random histories of a folder are played night after night; nightly runs, a rebuild, a new warehouse
//! and backfills in any order make the same files, byte for byte, by one thread or two.
//!
//! `CASES=100 SEED=7 cargo test --test warehouse` plays more histories, or others.

#![expect(clippy::disallowed_methods, reason = "these tests make files and look at them")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "common/archives.rs"]
#[allow(dead_code, missing_docs, reason = "shared with the tests of archives")]
mod archives;
#[path = "common/papers.rs"]
mod papers;
#[path = "common/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use papers::{Make, Paper, Project};
use program::{Place, Ran};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// The names that there may be, of whatever stands there: the bytes tell. One is what a member of another is called too.
const NAMES: [&str; 12] = [
    "2018/a.txt",
    "2018/b.html",
    "2018/c.zip",
    "2018/c.zip!x.txt",
    "2019/a.docx",
    "2019/d.xlsx",
    "2019/甲/乙.zip",
    "2019/甲/丙.htm",
    "2020/a.txt",
    "2020/e",
    "f.zip",
    "g.txt",
];
const MEMBERS: [&str; 4] = ["x.txt", "y/二.html", "z.zip", "x.txt"];
const YEARS: [i32; 3] = [2018, 2019, 2020];
const DAYS: u64 = 4;

/// A file: its bytes, and the second after 2020 began in which it was modified.
#[derive(Debug, Clone, PartialEq, Eq)]
struct File {
    bytes: Vec<u8>,
    second: u64,
}

type Files = BTreeMap<&'static str, File>;

/// What happens to a file.
#[derive(Debug, Clone)]
enum Event {
    Written(Paper, u64),
    Touched(u64),
    Moved(&'static str),
    Copied(&'static str),
    Gone,
}

fn project() -> impl Strategy<Value = Project> {
    let year = prop_oneof![6 => select(&YEARS[..]).prop_map(Some), 1 => Just(None)];
    (0..2_u8, 0..2_u8, year, 1..4_u32).prop_map(|(organisation, number, year, amount)| Project {
        organisation,
        number,
        year,
        amount: amount * 100,
    })
}

/// A document that is no archive.
fn leaf() -> impl Strategy<Value = Paper> {
    let make = select(vec![Make::Text, Make::Gb18030, Make::Html, Make::Docx, Make::Xlsx]);
    let forms = (prop::collection::vec(project(), 1..3), make);
    prop_oneof![
        8 => forms.prop_map(|(projects, make)| Paper::Forms(projects, make)),
        1 => (0..3_u8).prop_map(Paper::Notice),
        1 => (0..3_u8).prop_map(Paper::Noise),
        1 => Just(Paper::Empty),
    ]
}

fn paper() -> impl Strategy<Value = Paper> {
    let archive = |papers: BoxedStrategy<Paper>| {
        let members = prop::collection::vec((select(&MEMBERS[..]), papers), 0..4);
        members.prop_map(Paper::Archive).boxed()
    };
    let inner = prop_oneof![5 => leaf(), 1 => archive(leaf().boxed())];
    prop_oneof![3 => leaf(), 1 => archive(inner.boxed())]
}

fn event() -> impl Strategy<Value = Event> {
    let name = || select(&NAMES[..]);
    prop_oneof![
        6 => (paper(), 0..DAYS).prop_map(|(paper, day)| Event::Written(paper, day)),
        1 => (0..DAYS).prop_map(Event::Touched),
        1 => name().prop_map(Event::Moved),
        1 => name().prop_map(Event::Copied),
        2 => Just(Event::Gone),
    ]
}

fn happen(files: &mut Files, name: &'static str, event: Event) {
    let file = files.get(name).cloned();
    match (event, file) {
        (Event::Written(paper, day), _) => {
            files.insert(name, File { bytes: paper.bytes(), second: day * 86_400 });
        }
        (Event::Touched(day), Some(file)) => {
            files.insert(name, File { second: day * 86_400, ..file });
        }
        (Event::Moved(other), Some(file)) => {
            files.remove(name);
            files.insert(other, file);
        }
        (Event::Copied(other), Some(file)) => {
            files.insert(other, file);
        }
        (Event::Gone, _) => {
            files.remove(name);
        }
        (_, None) => {}
    }
}

/// A file of the same size and time is taken for the same, as `--rehash` is there to tell: such a one came a second later.
fn told_apart(before: &Files, now: &mut Files) {
    for (name, file) in now {
        if before.get(name).is_some_and(|before| {
            (before.bytes.len(), before.second) == (file.bytes.len(), file.second)
                && before.bytes != file.bytes
        }) {
            file.second += 1;
        }
    }
}

/// Makes the folder what the files are.
fn lay_out(place: &Place, before: &Files, now: &Files) {
    for name in before.keys().filter(|name| !now.contains_key(*name)) {
        fs::remove_file(place.at("in").join(name)).expect("it was there");
    }
    for (name, file) in now.iter().filter(|(name, file)| before.get(*name) != Some(file)) {
        let path = place.at("in").join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        fs::write(&path, &file.bytes).expect("a file");
        let modified = UNIX_EPOCH + Duration::from_secs(1_577_836_800 + file.second);
        let file = fs::File::options().write(true).open(&path).expect("it is there");
        file.set_modified(modified).expect("it is ours");
    }
}

/// A run that publishes, whether or not all could be read.
fn run(place: &Place, arguments: &[&str]) -> Ran {
    let ran = place.run(&[arguments, &["--quiet"]].concat());
    assert!(ran.code == 0 || ran.code == 3, "{arguments:?}: {ran:#?}");
    ran
}

/// Compares two warehouses: their files are named by what is in them, but one name may hide another's bytes.
fn same(place: &Place, warehouse: &str, expected: &BTreeMap<String, Vec<u8>>, why: &str) {
    let found = place.tables(warehouse);
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(expected), "{why}");
    assert!(found == *expected, "{why}");
}

/// The files of years, without the one for forms that have none.
fn of_years(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let is_of_year = |name: &str| YEARS.iter().any(|year| name.contains(&format!("fiscal_year={year}")));
    files
        .iter()
        .filter(|(name, _)| is_of_year(name))
        .map(|(name, file)| (name.clone(), file.clone()))
        .collect()
}

/// A history: its nights, and the order in which backfills go over the years and the folders.
#[derive(Debug, Clone)]
struct History {
    nights: Vec<Vec<(&'static str, Event)>>,
    years: Vec<&'static str>,
    folders: Vec<&'static str>,
}

fn history() -> impl Strategy<Value = History> {
    let night = prop::collection::vec((select(&NAMES[..]), event()), 1..9);
    let years = prop_oneof![
        Just(vec!["2018", "2019", "2020"]),
        Just(vec!["2018-2019", "2020"]),
        Just(vec!["2018-2020", "2019"]),
    ];
    let folders = subsequence(vec!["2018/**", "2019/**", "2020/*", "?.*"], 4);
    (prop::collection::vec(night, 1..5), years.prop_shuffle(), folders.prop_shuffle())
        .prop_map(|(nights, years, folders)| History { nights, years, folders })
}

fn check(history: History) {
    let place = Place::new(&[]);
    fs::create_dir(place.at("in")).expect("a folder");
    let mut files = Files::new();
    let mut jobs = ["1", "2"].iter().cycle();
    let mut jobs = || *jobs.next().expect("it goes on for ever");
    for (number, events) in history.nights.into_iter().enumerate() {
        let mut now = files.clone();
        events.into_iter().for_each(|(name, event)| happen(&mut now, name, event));
        if now.is_empty() {
            // Told by tests/commands.rs: a folder without a document is taken for a mistake.
            continue;
        }
        told_apart(&files, &mut now);
        lay_out(&place, &files, &now);
        files = now;
        run(&place, &["ingest", "in", "--prune", "--warehouse", "grown", "--jobs", jobs()]);
        let fresh = format!("fresh{number}");
        run(&place, &["ingest", "in", "--prune", "--warehouse", &fresh, "--jobs", jobs()]);
        same(&place, "grown", &place.tables(&fresh), &format!("night {number} and a new warehouse"));
    }
    if files.is_empty() {
        return;
    }
    let expected = place.tables("grown");
    for (options, why) in [
        (&["--prune"][..], "the night again"),
        (&["--rehash"], "all bytes again"),
        (&["--rebuild"], "a rebuild"),
        (&["--outdated"], "none is outdated"),
    ] {
        let arguments = [&["ingest", "in", "--warehouse", "grown", "--jobs", jobs()], options].concat();
        run(&place, &arguments);
        same(&place, "grown", &expected, why);
    }
    for years in &history.years {
        run(&place, &["backfill", "in", "--warehouse", "years", "--years", years, "--jobs", jobs()]);
        run(&place, &["backfill", "in", "--warehouse", "grown", "--years", years, "--rehash"]);
    }
    same(&place, "grown", &expected, "backfills of what is there");
    let (found, all) = (of_years(&place.tables("years")), of_years(&expected));
    assert_eq!(found.keys().collect::<Vec<_>>(), all.keys().collect::<Vec<_>>(), "backfills over all years");
    run(&place, &["ingest", "in", "--warehouse", "years"]);
    same(&place, "years", &expected, "what has no year came last");
    for folder in &history.folders {
        for _ in 0..2 {
            run(&place, &["backfill", "in", "--warehouse", "folders", "--source", folder, "--jobs", jobs()]);
        }
    }
    same(&place, "folders", &expected, "backfills over all folders, each twice");
}

/// A number that the environment gives, for a longer run.
fn given(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |value| value.parse().expect("a number"))
}

#[test]
fn nights_rebuilds_and_backfills_make_the_same_files() {
    let (cases, seed) = (given("CASES", 4), given("SEED", 20_200_101));
    let config = Config {
        cases: u32::try_from(cases).expect("not so many"),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 40,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&history(), |history| {
        check(history);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("SEED={seed} CASES={cases}: {error}"));
}
