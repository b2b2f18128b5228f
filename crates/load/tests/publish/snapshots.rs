//! One snapshot after another: the same rows are the same files, what a crash leaves is removed, and no snapshot ever.

use std::fs;
use std::path::Path;

use jixiao_load::{SnapshotId, Warehouse, catalog};

use crate::common::{
    Read, TWICE, Tables, add, clockless, column, files, gathered, held, new_root, publish, run, tables,
    try_publish,
};

fn current(root: &Path) -> String {
    fs::read_to_string(root.join("CURRENT")).unwrap()
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_warehouse_is_laid_out_as_it_is_documented() {
    let (_folder, root) = new_root();
    let published = publish(&root, &tables(), &run(1));
    assert_eq!(published.snapshot, SnapshotId(1));
    assert_eq!(published.path, root.join("snapshots/000001"));
    assert_eq!(current(&root), "000001\n");
    assert_eq!(published.catalog, root.join("catalog.sql"));
    assert_eq!(fs::read_to_string(&published.catalog).unwrap(), catalog::sql(&root).unwrap());
    assert!(names(&root.join(".staging")).is_empty());
    if cfg!(unix) {
        assert!(published.warnings.is_empty(), "{:?}", published.warnings);
        assert_eq!(fs::read_link(root.join("current")).unwrap(), Path::new("snapshots/000001"));
        publish(&root, &tables(), &run(2));
        assert_eq!(fs::read_link(root.join("current")).unwrap(), Path::new("snapshots/000002"));
    }
}

#[test]
fn the_same_run_into_two_warehouses_gives_the_same_bytes() {
    let ((_one, one), (_two, two)) = (new_root(), new_root());
    let first = files(&publish(&one, &tables(), &run(1)).path);
    let second = files(&publish(&two, &tables(), &run(1)).path);
    assert!(first.contains_key("snapshot.json") && first.contains_key("datapackage.json"));
    assert_eq!(first, second);
}

#[test]
fn the_same_tables_again_give_the_same_bytes_but_for_runs() {
    let (_folder, root) = new_root();
    let first = publish(&root, &tables(), &run(1));
    let second = publish(&root, &tables(), &run(2));
    assert_eq!((second.snapshot, current(&root).as_str()), (SnapshotId(2), "000002\n"));
    assert_eq!(clockless(&first.path), clockless(&second.path));
    assert_ne!(files(&first.path.join("runs")), files(&second.path.join("runs")));
    let (first_run, second_run) = (run(1).run_id, run(2).run_id);
    assert_eq!(column(&second.path.join("runs"), "run_id"), [Some(first_run), Some(second_run)]);
}

#[cfg(unix)]
#[test]
fn files_that_did_not_change_are_linked() {
    use std::os::unix::fs::MetadataExt;
    let inode = |path: &Path| fs::metadata(path).unwrap().ino();
    let (_folder, root) = new_root();
    let first = publish(&root, &tables(), &run(1));
    let mut changed = tables();
    changed.contents.get_mut(TWICE).unwrap().forms[0].form.title = Some("绩效目标表".to_owned());
    let second = publish(&root, &changed, &run(2));

    let files = clockless(&second.path);
    let written: Vec<&String> = files.keys().filter(|path| !first.path.join(path).exists()).collect();
    assert_eq!(written.len(), 1, "{written:?}");
    assert!(written[0].starts_with("forms/fiscal_year=2020/"), "{written:?}");
    for path in files.keys().filter(|path| !written.contains(path)) {
        assert_eq!(inode(&first.path.join(path)), inode(&second.path.join(path)), "{path}");
    }
    for path in ["snapshot.json", "datapackage.json"] {
        assert_ne!(inode(&first.path.join(path)), inode(&second.path.join(path)), "{path}");
    }
}

#[test]
fn what_a_crash_has_left_is_removed_and_nothing_else() {
    let (_folder, root) = new_root();
    let first = publish(&root, &tables(), &run(1));
    let published = files(&first.path);
    for rubbish in [
        "snapshots/000002/forms/rubbish.parquet",
        ".staging/000002/forms/fiscal_year=2020/half.parquet",
        ".staging/CURRENT",
    ] {
        fs::create_dir_all(root.join(rubbish).parent().unwrap()).unwrap();
        fs::write(root.join(rubbish), "rubbish").unwrap();
    }
    for own in ["snapshots/README", "notes.txt"] {
        fs::write(root.join(own), "mine").unwrap();
    }
    let second = publish(&root, &tables(), &run(2));
    assert_eq!(second.snapshot, SnapshotId(3), "a number is never given twice");
    assert!(names(&root.join(".staging")).is_empty());
    assert_eq!(names(&root.join("snapshots")), ["000001", "000003", "README"]);
    assert_eq!(fs::read(root.join("notes.txt")).unwrap(), b"mine");
    assert_eq!(files(&first.path), published);
    assert_eq!(clockless(&second.path), clockless(&first.path));
}

#[cfg(unix)]
#[test]
fn a_link_in_the_staging_folder_is_removed_and_not_followed() {
    let (folder, root) = new_root();
    let elsewhere = folder.path().join("elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    fs::write(elsewhere.join("mine"), "mine").unwrap();
    fs::create_dir_all(root.join(".staging")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, root.join(".staging/link")).unwrap();
    publish(&root, &tables(), &run(1));
    assert!(names(&root.join(".staging")).is_empty());
    assert_eq!(names(&elsewhere), ["mine"]);
}

/// The first run of all may crash as well, before its manifest is there.
#[test]
fn a_first_snapshot_that_is_not_whole_is_removed() {
    let (_folder, root) = new_root();
    fs::create_dir_all(root.join("snapshots/000001/forms")).unwrap();
    fs::write(root.join("snapshots/000001/forms/rubbish.parquet"), "rubbish").unwrap();
    let published = publish(&root, &Tables::default(), &run(1));
    assert_eq!(names(&root.join("snapshots")), ["000002"]);
    assert_eq!(names(&published.path.join("forms")), ["fiscal_year=__HIVE_DEFAULT_PARTITION__"]);
}

/// The runs that a snapshot knows of.
fn runs_in(folder: &Path) -> Vec<Option<String>> {
    column(&folder.join("runs"), "run_id")
}

/// What an operator does by hand, and what a crash between the two renames leaves behind: readers are moved, and nothing
/// that was published is lost.
#[test]
fn a_snapshot_after_the_current_one_is_kept_and_its_number_is_not_used_again() {
    let (_folder, root) = new_root();
    let (first, second) = (publish(&root, &tables(), &run(1)), publish(&root, &tables(), &run(2)));
    let kept = files(&second.path);
    fs::write(root.join("CURRENT"), "000001\n").unwrap();
    let third = publish(&root, &tables(), &run(3));
    assert_eq!((third.snapshot, current(&root).as_str()), (SnapshotId(3), "000003\n"));
    assert_eq!(files(&second.path), kept);
    assert_eq!(runs_in(&third.path), [Some(run(1).run_id), Some(run(3).run_id)], "it follows the first");
    assert_eq!(clockless(&third.path), clockless(&first.path));
}

#[test]
fn a_lost_current_is_made_anew_and_the_snapshots_stay() {
    let (_folder, root) = new_root();
    let (first, second) = (publish(&root, &tables(), &run(1)), publish(&root, &tables(), &run(2)));
    let kept = (files(&first.path), files(&second.path));
    fs::remove_file(root.join("CURRENT")).unwrap();
    let third = publish(&root, &tables(), &run(3));
    assert_eq!((third.snapshot, current(&root).as_str()), (SnapshotId(3), "000003\n"));
    assert_eq!((files(&first.path), files(&second.path)), kept);
    assert_eq!(runs_in(&third.path), [1, 2, 3].map(|second| Some(run(second).run_id)));
}

/// People may put a folder where the link belongs; readers by `catalog.sql` do not look at it.
#[cfg(unix)]
#[test]
fn a_link_that_cannot_be_moved_is_told_and_harms_nobody() {
    let (_folder, root) = new_root();
    fs::create_dir_all(root.join("current")).unwrap();
    fs::write(root.join("current/mine"), "mine").unwrap();
    let published = publish(&root, &tables(), &run(1));
    assert_eq!(published.warnings.len(), 1, "{:?}", published.warnings);
    assert_eq!(current(&root), "000001\n");
    assert_eq!(names(&root.join("current")), ["mine"]);
    assert_eq!(publish(&root, &tables(), &run(2)).snapshot, SnapshotId(2));
}

#[test]
fn a_catalogue_that_was_edited_is_written_again() {
    let (_folder, root) = new_root();
    publish(&root, &tables(), &run(1));
    fs::write(root.join("catalog.sql"), "DROP VIEW forms;").unwrap();
    publish(&root, &tables(), &run(2));
    assert_eq!(fs::read_to_string(root.join("catalog.sql")).unwrap(), catalog::sql(&root).unwrap());
}

#[test]
fn a_warehouse_that_is_held_publishes_again_and_again() {
    let (_folder, root) = new_root();
    let warehouse = Warehouse::lock(&root, "a test").unwrap();
    assert_eq!(warehouse.root(), root);
    for number in 1..=3 {
        let published = try_publish(&warehouse, &tables(), &run(i64::from(number))).unwrap();
        assert_eq!(published.snapshot, SnapshotId(number));
    }
    assert_eq!(names(&root.join("snapshots")), ["000001", "000002", "000003"]);
}

/// Two threads that come upon the same bytes at the same time both read them; their rows are published once.
#[test]
fn a_content_that_several_threads_have_read_has_its_rows_once() {
    let (_folder, root) = new_root();
    let warehouse = Warehouse::lock(&root, "a test").unwrap();
    let read = tables().read();
    let mut update = warehouse.rebuild().unwrap();
    update.add(held(&read), [(), (), ()].map(|()| gathered(&read).unwrap()).into()).unwrap();
    let published = update.stage(&tables().indicator_types).unwrap().publish(&run(1)).unwrap();
    let (_other, fresh) = new_root();
    assert_eq!(clockless(&published.path), clockless(&publish(&fresh, &tables(), &run(1)).path));
}

/// What a run has read that was stopped waits for the next one, through a run that is only recorded, and counts for those
/// alone that read by the same rules.
#[test]
fn what_was_read_before_a_stop_is_taken_over() {
    let (_folder, root) = new_root();
    let warehouse = Warehouse::lock(&root, "a test").unwrap();
    let read = tables().read();
    add(&mut warehouse.rebuild().unwrap(), &read).unwrap();
    assert!(warehouse.update().unwrap().content(TWICE).is_some());
    let recorded = warehouse.record(&run(1)).unwrap();
    assert_eq!(runs_in(&recorded.path), [Some(run(1).run_id)]);

    let mut update = warehouse.update().unwrap();
    assert!(update.documents().is_empty(), "nothing of it was published");
    let known = |read: &Read| {
        let id = read.document.document_id.as_ref()?;
        update.content(id).map(|known| (id.clone(), known.rules_version))
    };
    assert_eq!(read.iter().filter_map(known).count(), 3);
    let bare: Vec<Read> = read.into_iter().map(|read| Read { records: None, ..read }).collect();
    add(&mut update, &bare).unwrap();
    let published = update.stage(&tables().indicator_types).unwrap().publish(&run(2)).unwrap();
    let (_other, fresh) = new_root();
    assert_eq!(clockless(&published.path), clockless(&publish(&fresh, &tables(), &run(1)).path));
    assert!(!root.join(".journal").exists());

    // A run that publishes something else leaves it waiting.
    let mut stopped = tables().read();
    stopped.retain(|read| read.document.document_id.as_deref() == Some(TWICE));
    add(&mut warehouse.rebuild().unwrap(), &stopped).unwrap();
    let mut night = warehouse.update().unwrap();
    night.remove("d/locked.pdf");
    night.stage(&[]).unwrap().publish(&run(3)).unwrap();
    assert!(warehouse.rebuild().unwrap().content(TWICE).is_some());

    add(&mut warehouse.rebuild().unwrap(), &tables().read()).unwrap();
    let rules = fs::read_dir(root.join(".journal")).unwrap().next().unwrap().unwrap().path();
    fs::rename(&rules, rules.with_file_name("0000000000000000")).unwrap();
    assert!(warehouse.rebuild().unwrap().content(TWICE).is_none(), "it was read by other rules");
    assert!(names(&root.join(".journal")).is_empty());
}
