//! The equation: a warehouse depends on the documents that there are, and not on how they came. Random histories of
//! documents that arrive, change, move, are copied, touched and vanish are played night after night, and after each night
//! the data files are those of a warehouse that was written at once.

use std::collections::BTreeMap;
use std::path::Path;

use jixiao_load::Warehouse;
use jixiao_model::FindingCode;
use jixiao_model::record::{Document, DocumentRecords};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::common::{Read, add, clockless, column, document, finding, form, form_check, new_root, run};

/// The sources there may be.
const SOURCES: u8 = 24;

/// A file: which of the contents it has, and when it was modified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct File {
    content: u8,
    modified_at: i64,
}

/// What happens in a night to a source.
#[derive(Debug, Clone, Copy)]
enum Event {
    Written(File),
    Touched(i64),
    Moved(u8),
    Copied(u8),
    Gone,
}

type Folder = BTreeMap<u8, File>;

fn event() -> impl Strategy<Value = Event> {
    let file = (0..40_u8, 0..4_i64).prop_map(|(content, modified_at)| File { content, modified_at });
    prop_oneof![
        4 => file.prop_map(Event::Written),
        1 => (0..4_i64).prop_map(Event::Touched),
        1 => (0..SOURCES).prop_map(Event::Moved),
        1 => (0..SOURCES).prop_map(Event::Copied),
        2 => Just(Event::Gone),
    ]
}

fn happen(folder: &mut Folder, source: u8, event: Event) {
    let file = folder.get(&source).copied();
    match (event, file) {
        (Event::Written(file), _) => {
            folder.insert(source, file);
        }
        (Event::Touched(modified_at), Some(file)) => {
            folder.insert(source, File { modified_at, ..file });
        }
        (Event::Moved(other), Some(file)) => {
            folder.remove(&source);
            folder.insert(other, file);
        }
        (Event::Copied(other), Some(file)) => {
            folder.insert(other, file);
        }
        (Event::Gone, _) => {
            folder.remove(&source);
        }
        (_, None) => {}
    }
}

fn name(source: u8) -> String {
    format!("{}/{source:03}.html", 2018 + u32::from(source % 3))
}

fn id(content: u8) -> String {
    format!("{:02x}{content:030}", content.wrapping_mul(97))
}

/// What a content holds: some have no forms, some several, of several years, and some projects are published again.
fn records(content: u8) -> DocumentRecords {
    let count = [1, 1, 0, 3][usize::from(content % 4)];
    let forms = (1..=count).map(|number| {
        let year = match (u32::from(content) + number) % 3 {
            0 => None,
            other => Some(2016 + i32::try_from(other).unwrap()),
        };
        let mut records = form(&id(content), number, year);
        records.form.organisation_key = (!content.is_multiple_of(7)).then(|| format!("{}局", content % 2));
        records.form.project_key = Some(format!("项目{}", (content / 2) % 2));
        if content.is_multiple_of(5) {
            records.citations.clear();
        }
        let (form_id, code) = (&records.form.form_id, FindingCode::MissingAmount);
        records.checks.insert(0, form_check(form_id, code, year, content.is_multiple_of(3)));
        records
    });
    let findings =
        (0..u32::from(content % 3)).map(|number| finding(&id(content), number + 1, FindingCode::SpaceInName));
    DocumentRecords { forms: forms.collect(), findings: findings.collect() }
}

fn row(source: u8, file: File) -> Document {
    let records = records(file.content);
    Document {
        modified_at: Some(file.modified_at),
        form_count: u32::try_from(records.forms.len()).unwrap(),
        finding_count: u32::try_from(records.findings.len()).unwrap(),
        rules_version: jixiao_model::reference::rules_version().to_owned(),
        ..document(&name(source), Some(&id(file.content)))
    }
}

fn read(source: u8, file: File) -> Read {
    Read { document: row(source, file), records: Some(records(file.content)) }
}

/// A night: only what is other than in the warehouse is read, and only what the warehouse does not know is read through.
fn night(warehouse: &Warehouse, folder: &Folder, number: i64) {
    let mut update = warehouse.update().unwrap();
    let held = update.documents().clone();
    let gone = held.iter().filter(|held| !folder.keys().any(|source| name(*source) == held.source()));
    gone.for_each(|held| update.remove(held.source()));
    let mut changed = Vec::new();
    for (source, file) in folder {
        let is_held = held.get(&name(*source)).is_some_and(|entry| {
            let document = entry.document();
            document.document_id == Some(id(file.content)) && document.modified_at == Some(file.modified_at)
        });
        if is_held {
            continue;
        }
        changed.push(match update.content(&id(file.content)) {
            Some(known) => {
                let (source, modified_at) = (name(*source), Some(file.modified_at));
                Read { document: Document { source, modified_at, ..known }, records: None }
            }
            None => read(*source, *file),
        });
    }
    // In several chunks, as a long run has them.
    for chunk in changed.chunks(5) {
        add(&mut update, chunk).unwrap();
    }
    update.stage(&[]).unwrap().publish(&run(number)).unwrap();
}

fn at_once(root: &Path, folder: &Folder, least: u64) -> BTreeMap<String, Vec<u8>> {
    let warehouse = Warehouse::lock(root, "a test").unwrap().with_parts_of(least);
    let mut update = warehouse.rebuild().unwrap();
    add(&mut update, &folder.iter().map(|(source, file)| read(*source, *file)).collect::<Vec<_>>()).unwrap();
    clockless(&update.stage(&[]).unwrap().publish(&run(1)).unwrap().path)
}

fn check(nights: &[Vec<(u8, Event)>], least: u64) {
    let ((_one, grown), mut folder) = (new_root(), Folder::new());
    let warehouse = Warehouse::lock(&grown, "a test").unwrap().with_parts_of(least);
    for (number, events) in nights.iter().enumerate() {
        events.iter().for_each(|(source, event)| happen(&mut folder, *source, *event));
        night(&warehouse, &folder, i64::try_from(number).unwrap());
        let (_two, fresh) = new_root();
        let (expected, found) = (at_once(&fresh, &folder, least), clockless(&grown.join("current")));
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&expected), "night {number}");
        assert!(found == expected, "night {number}");
    }
}

#[test]
fn nights_make_what_one_rebuild_makes() {
    let cases = std::env::var("CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(8);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let nights = prop::collection::vec(prop::collection::vec((0..SOURCES, event()), 0..12), 1..7);
    let result = runner.run(&(nights, prop_oneof![Just(1_u64), Just(3), Just(1024)]), |(nights, least)| {
        check(&nights, least);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// The restatements of contents that are the same project: those of which the rest of a division agrees.
fn same_project(count: usize) -> Vec<u8> {
    let key = |content: u8| {
        let forms = &records(content).forms;
        let project = |form: &jixiao_model::record::Form| {
            Some((form.organisation_key.clone()?, form.project_key.clone()?, form.fiscal_year))
        };
        (forms.len() == 1).then(|| project(&forms[0].form)).flatten()
    };
    let all: Vec<u8> = (0..40).collect();
    let same =
        |first: &u8| all.iter().copied().filter(|other| key(*other) == key(*first)).collect::<Vec<_>>();
    let found =
        all.iter().filter(|content| key(**content).is_some()).map(same).find(|same| same.len() >= count);
    found.unwrap()[..count].to_vec()
}

#[test]
fn a_newer_form_takes_the_place_of_an_older_one_and_the_finding_says_so() {
    let contents = same_project(3);
    let [one, two, three] = contents[..] else { panic!("three") };
    let file = |content, modified_at| Event::Written(File { content, modified_at });
    // The second arrives between the other two in time, after them in order.
    let nights =
        [vec![(0, file(one, 1)), (1, file(three, 3))], vec![(2, file(two, 2))], vec![(1, Event::Gone)]];
    for least in [1, 1024] {
        check(&nights, least);
    }
    let ((_folder, root), mut folder) = (new_root(), Folder::new());
    let warehouse = Warehouse::lock(&root, "a test").unwrap();
    let form_id = |content: u8| Some(format!("{}-1", id(content)));
    let expected = [
        vec![(form_id(one), form_id(three))],
        vec![(form_id(one), form_id(two)), (form_id(two), form_id(three))],
        vec![(form_id(one), form_id(two))],
    ];
    for (number, (events, expected)) in (0..).zip(nights.iter().zip(expected)) {
        events.iter().for_each(|(source, event)| happen(&mut folder, *source, *event));
        night(&warehouse, &folder, number);
        let snapshot = root.join("current");
        let year = only_folder(&snapshot.join("forms"));
        let newer: Vec<_> =
            column(&year, "form_id").into_iter().zip(column(&year, "superseded_by")).collect();
        let superseded = newer.into_iter().filter(|(_, newer)| newer.is_some()).collect::<Vec<_>>();
        assert_eq!(superseded, expected, "night {number}");
        let findings = snapshot.join("findings");
        let codes = column(&findings, "code");
        let told = column(&findings, "form_id").into_iter().zip(column(&findings, "found")).zip(&codes);
        let told: Vec<_> = told
            .filter(|(_, code)| code.as_deref() == Some("superseded-form"))
            .map(|(told, _)| told)
            .collect();
        assert_eq!(told, expected, "night {number}");
        let counts = column(&snapshot.join("documents"), "finding_count");
        let sum: usize = counts.iter().flatten().map(|count| count.parse::<usize>().unwrap()).sum();
        assert_eq!(sum, codes.len(), "documents count them, night {number}");
    }
}

/// The only folder in a folder.
fn only_folder(folder: &Path) -> std::path::PathBuf {
    crate::common::only_file(folder).parent().unwrap().to_owned()
}
