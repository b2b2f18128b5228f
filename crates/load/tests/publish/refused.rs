//! Publishing that fails: the error says what to do, and readers see what they saw before.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jixiao_load::{LoadError, Warehouse};

use crate::common::{ONCE, Tables, files, new_root, publish, run, tables, try_publish};

/// What a reader can see of a warehouse: all but the lock and the staging folder.
fn visible(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(root);
    files.retain(|path, _| {
        path != ".lock" && !path.starts_with(".staging/") && !path.starts_with(".journal/")
    });
    files
}

/// The error of publishing these tables into a warehouse with two snapshots, after something was done to it.
fn refused(tables: &Tables, spoil: impl Fn(&Path)) -> LoadError {
    let (_folder, root) = new_root();
    publish(&root, &self::tables(), &run(1));
    publish(&root, &Tables::default(), &run(2));
    spoil(&root);
    let before = visible(&root);
    let error = try_publish(&Warehouse::lock(&root, "a test").unwrap(), tables, &run(3)).unwrap_err();
    assert!(visible(&root) == before, "something was published or removed, though: {error}");
    error
}

#[test]
fn a_value_that_does_not_fit_is_refused() {
    let mut wrong = tables();
    let form = &mut wrong.contents.get_mut(ONCE).unwrap().forms[0].form;
    form.total_budget_yuan = Some("0.12345".parse().unwrap());
    let error = refused(&wrong, |_| {});
    assert!(
        matches!(&error, LoadError::Value { table, column, .. }
            if (table.as_str(), column.as_str()) == ("forms", "total_budget_yuan")),
        "{error}"
    );
    assert!(
        error.to_string().contains("expected in column `total_budget_yuan` a value that fits decimal(18,2)")
    );
}

#[test]
fn a_current_that_names_no_snapshot_is_refused() {
    for (text, line) in [
        ("", ""),
        ("2\n", "2"),
        ("latest\n", "latest"),
        ("000002\r\n", "000002\r"),
        ("000001\n000002\n", "000001\n000002"),
        ("../000002\n", "../000002"),
    ] {
        let error = refused(&tables(), |root| fs::write(root.join("CURRENT"), text).unwrap());
        assert!(
            matches!(&error, LoadError::CurrentUnreadable { found, .. } if found == line),
            "{text:?}: {error}"
        );
    }
    let error = refused(&tables(), |root| fs::write(root.join("CURRENT"), b"\xff\xfe").unwrap());
    assert!(matches!(&error, LoadError::Io { path, .. } if path.ends_with("CURRENT")), "{error}");
}

#[test]
fn a_current_snapshot_that_is_gone_or_damaged_is_refused() {
    let error = refused(&tables(), |root| fs::write(root.join("CURRENT"), "000009\n").unwrap());
    assert!(
        matches!(&error, LoadError::Io { path, .. } if path.ends_with("snapshots/000009/snapshot.json")),
        "{error}"
    );
    let error =
        refused(&tables(), |root| fs::write(root.join("snapshots/000002/snapshot.json"), "{").unwrap());
    assert!(matches!(&error, LoadError::Json { path, .. } if path.ends_with("snapshot.json")), "{error}");
    let error = refused(&tables(), |root| {
        let runs = crate::common::only_file(&root.join("snapshots/000002/runs"));
        fs::write(runs, "PAR1").unwrap();
    });
    assert!(matches!(&error, LoadError::Unreadable { .. }), "{error}");
}

#[test]
fn a_file_in_the_place_of_a_folder_is_told_with_advice() {
    let (folder, _) = new_root();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    for root in [file.clone(), file.join("warehouse"), file.join("deep/warehouse")] {
        let error = Warehouse::lock(&root, "a test").unwrap_err();
        assert!(matches!(&error, LoadError::Io { action: "create the folder" | "find", .. }), "{error}");
        let advice = "; a file stands where a folder is needed, choose another warehouse";
        assert!(error.to_string().ends_with(advice), "{error}");
    }
    assert_eq!(fs::read(file).unwrap(), b"mine");
}

#[test]
fn one_run_at_a_time() {
    let (_folder, root) = new_root();
    let held = Warehouse::lock(&root, "process 1, a long name of a holder").unwrap();
    for _ in 0..2 {
        let error = Warehouse::lock(&root, "process 2").unwrap_err();
        assert!(
            matches!(&error, LoadError::Locked { root: named, holder }
                if *named == root && holder == "process 1, a long name of a holder"),
            "{error}"
        );
    }
    drop(held);
    let held = Warehouse::lock(&root, "process 3").unwrap();
    let error = Warehouse::lock(&root, "process 4").unwrap_err();
    assert!(matches!(&error, LoadError::Locked { holder, .. } if holder == "process 3"), "{error}");
    assert!(try_publish(&held, &tables(), &run(1)).is_ok());
}

#[test]
fn a_holder_that_does_not_say_who_it_is_still_holds() {
    let (_folder, root) = new_root();
    let _held = Warehouse::lock(&root, "").unwrap();
    let error = Warehouse::lock(&root, "process 2").unwrap_err();
    assert!(error.to_string().contains("(it has not said who it is)"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let (folder, _) = new_root();
    let root = folder.path().join(std::ffi::OsStr::from_bytes(b"\xb2\xd6\xbf\xe2"));
    let warehouse = Warehouse::lock(&root, "a test").unwrap();
    let error = try_publish(&warehouse, &tables(), &run(1)).unwrap_err();
    assert!(matches!(&error, LoadError::PathNotText { path } if *path == root), "{error}");
    assert!(!root.join("CURRENT").exists());
}
