//! What `jixiao status` reads of a warehouse, and how a run's documents are compared with it.

use std::fs;

use jixiao_load::read::{FindingCount, YearCount, summary};
use jixiao_load::{Changes, LoadError, SnapshotId, Warehouse};
use jixiao_model::record::{Check, Document, Run};

use crate::common::{ONCE, TWICE, Tables, document, new_root, publish, run, tables, try_publish};

#[test]
fn a_warehouse_is_summed_up() {
    let (_folder, root) = new_root();
    publish(&root, &Tables::default(), &run(1));
    let told = Run { pipeline: Some("nightly.toml".to_owned()), finding_count: 3, ..run(2) };
    let published = publish(&root, &tables(), &told);
    let summary = summary(&root).unwrap();

    assert_eq!((summary.snapshot, summary.parent), (SnapshotId(2), Some(SnapshotId(1))));
    assert_eq!((&summary.path, &summary.catalog), (&published.path, &published.catalog));
    let statuses = [("parsed".to_owned(), 3), ("unreadable".to_owned(), 1)];
    assert_eq!(summary.documents, statuses.into());
    let finding = |code: &str, severity: &str, count| FindingCount {
        severity: severity.to_owned(),
        code: code.to_owned(),
        count,
    };
    assert_eq!(
        summary.findings,
        [finding("missing-amount", "error", 2), finding("space-in-name", "info", 1)]
    );
    let check = |fiscal_year, applied, passed| Check {
        code: "missing-year".to_owned(),
        fiscal_year,
        applied,
        passed,
    };
    assert_eq!(summary.checks, [check(None, 1, 0), check(Some(2020), 3, 3)]);
    assert_eq!(summary.runs, [run(1), told]);
}

#[test]
fn rows_are_counted_by_table_and_year() {
    let (_folder, root) = new_root();
    let published = publish(&root, &tables(), &run(1));
    let summary = summary(&root).unwrap();
    let years = |year, none| {
        vec![YearCount { fiscal_year: Some(2020), rows: year }, YearCount { fiscal_year: None, rows: none }]
    };
    let expected = [
        ("documents", 4, vec![]),
        ("forms", 4, years(3, 1)),
        ("indicators", 8, years(6, 2)),
        ("budget_lines", 4, years(3, 1)),
        ("fields", 4, years(3, 1)),
        ("citations", 4, years(3, 1)),
        ("findings", 3, vec![]),
        ("form_checks", 4, years(3, 1)),
        ("checks", 2, vec![]),
        ("runs", 1, vec![]),
        ("indicator_types", 2, vec![]),
    ];
    assert_eq!(summary.tables.len(), expected.len());
    for ((table, published), (name, rows, years)) in
        summary.tables.iter().zip(&published.tables).zip(expected)
    {
        assert_eq!((table.table.as_str(), table.rows), (name, rows));
        assert_eq!(table.files, years.len().max(1) as u64, "{name}");
        assert_eq!(table.bytes, published.bytes, "{name}");
        assert_eq!(table.years, years, "{name}");
    }
}

#[test]
fn a_folder_without_a_snapshot_has_nothing_to_sum_up() {
    let (_folder, root) = new_root();
    let check = || {
        let error = summary(&root).unwrap_err();
        assert!(matches!(&error, LoadError::NothingPublished { root: named } if *named == root), "{error}");
    };
    check();
    fs::create_dir_all(&root).unwrap();
    check();
    let _held = Warehouse::lock(&root, "a test").unwrap();
    check();
}

/// Runs that started later come later, whichever was published first.
#[test]
fn runs_are_in_the_order_in_which_they_started() {
    let (_folder, root) = new_root();
    for second in [2, 3, 1] {
        publish(&root, &Tables::default(), &run(second));
    }
    assert_eq!(summary(&root).unwrap().runs, [run(1), run(2), run(3)]);
}

#[test]
fn documents_are_compared_with_the_current_snapshot() {
    let (_folder, root) = new_root();
    let warehouse = Warehouse::lock(&root, "a test").unwrap();
    let changes = |documents: &[Document]| {
        let mut update = warehouse.rebuild().unwrap();
        update.add(documents.iter().map(|document| (document.clone(), None)).collect(), Vec::new()).unwrap();
        update.changes()
    };
    let documents = tables().documents;
    let all_new = Changes { new: 4, ..Changes::default() };
    assert_eq!(changes(&documents), all_new);

    try_publish(&warehouse, &tables(), &run(1)).unwrap();
    let now = [
        document("a/2020.txt", Some(TWICE)),
        document("b/2020.txt", Some(TWICE)),
        document("d/locked.pdf", None),
        document("e/new.txt", Some(ONCE)),
    ];
    let mixed = Changes { new: 1, changed: 2, unchanged: 1, removed: 1 };
    assert_eq!(changes(&now), mixed);

    try_publish(&warehouse, &Tables::default(), &run(2)).unwrap();
    assert_eq!(changes(&documents), all_new);
}
