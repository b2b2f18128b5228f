//! The real binary over real folders: what it publishes, what it says, and how it ends when things go wrong.

#![expect(clippy::disallowed_methods, reason = "these tests make files and look at them")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;
#[path = "common/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use common::{DOCUMENT, path};
use program::{FORM, Place, Ran};

/// Random bytes, the same each time (a linear congruential generator, Numerical Recipes).
fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// How many rows the published document has in each table, and in each year where the table is parted by it. A change here
/// is a change of what analysts count, to be understood before it is written down.
const ROWS: [&str; 10] = [
    "documents 1",
    "forms 15, in 2020: 15",
    "indicators 149, in 2020: 149",
    "budget_lines 48, in 2020: 48",
    "fields 315, in 2020: 315",
    "citations 171, in 2020: 171",
    "findings 70",
    "form_checks 451, in 2020: 451",
    "checks 31",
    "runs 2",
];

#[test]
fn the_published_document_ends_to_end() {
    let place = Place::new(&[("shanghai/2020/forms.txt", DOCUMENT)]);
    let ran = place.run(&["ingest", "in", "--format", "json"]).ends(0, &[]);
    let summary = ran.json();
    assert_eq!(summary["documents"]["parsed"], 1);
    assert_eq!(summary["forms"][0]["fiscal_year"], 2020);
    assert_eq!((&summary["forms"][0]["count"], &summary["indicators"]), (&15.into(), &149.into()));
    let text = place
        .run(&["ingest", "in", "--rebuild"])
        .ends(0, &["15 in 2020", "149", "misfiled-indicator", "1 unchanged", "duckdb -init"]);
    assert_eq!(text.err, "", "nobody looks at a bar here");
    let status = place.run(&["status", "--format", "json"]).ends(0, &[]).json();
    assert_eq!(status["snapshot"], "000002");
    assert_eq!(status["runs"].as_array().expect("runs").len(), 2);
    let tables = status["tables"].as_array().expect("tables").iter().map(|table| {
        let years = table["years"].as_array().expect("years").iter();
        let years = years.map(|year| format!(", in {}: {}", year["fiscal_year"], year["rows"]));
        format!("{} {}{}", table["table"].as_str().expect("a name"), table["rows"], years.collect::<String>())
    });
    // The eleventh table is reference data of ours.
    let rows: Vec<_> = tables.filter(|row| !row.starts_with("indicator_types ")).collect();
    assert_eq!(rows, ROWS);
    place.run(&["status"]).ends(0, &["Snapshot 000002", "项目", "2020: 15", "2 ", "ingest"]);
}

#[test]
fn the_tables_do_not_depend_on_threads_runs_or_names_of_folders() {
    let gb = encoding_rs::GB18030.encode(FORM).0.into_owned();
    let files: Vec<(String, Vec<u8>)> = (0..40)
        .map(|number| match number % 4 {
            0 => (format!("{number}/甲.txt"), FORM.replace("1,200", &format!("{number},000")).into_bytes()),
            1 => (format!("{number}.html"), gb.clone()),
            2 => (format!("{number}.bin"), noise(400 + number)),
            _ => (format!("x/{number}.txt"), DOCUMENT[..number * 900].to_vec()),
        })
        .collect();
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let place = Place::new(&files);
    let touch = |folder: &str, second: u64| {
        for (name, _) in &files {
            let file = fs::File::open(place.at(folder).join(name)).expect("it is there");
            file.set_modified(UNIX_EPOCH + Duration::from_secs(second)).expect("it is ours");
        }
    };
    touch("in", 2);
    for (jobs, memory, warehouse) in
        [("1", "192", "one"), ("2", "64", "two"), ("7", "192", "seven"), ("2", "1", "little")]
    {
        let arguments = ["ingest", "in", "--jobs", jobs, "--memory", memory, "--warehouse", warehouse];
        place.run(&arguments).ends(3, &["unreadable"]);
    }
    let tables = place.tables("one");
    assert_eq!(tables, place.tables("two"));
    assert_eq!(tables, place.tables("seven"));
    assert_eq!(tables, place.tables("little"), "what waits on the disk is what waits in memory");
    place.run(&["ingest", "in", "--warehouse", "one"]).ends(0, &["40 as they were"]);
    assert_eq!(place.current("one"), "000002\n");
    assert_eq!(tables, place.tables("one"), "a second run gives the same bytes");
    place.run(&["ingest", "in", "--warehouse", "one", "--rebuild"]).ends(3, &["40 unchanged"]);
    assert_eq!(tables, place.tables("one"), "so does one that reads all anew");
    fs::rename(place.at("in"), place.at("elsewhere")).expect("it moves");
    place.run(&["ingest", "elsewhere", "--warehouse", "moved"]).ends(3, &[]);
    assert_eq!(tables, place.tables("moved"), "sources are named below the folder that is read");

    // As after a clone. `documents.modified_at` is the one column that tells of the file and not of what is in it, unless a
    // project was published again: then the times say which is the newer form.
    touch("elsewhere", 1);
    place.run(&["ingest", "elsewhere", "--warehouse", "touched"]).ends(3, &[]);
    let touched = place.tables("touched");
    let but_documents = |tables: &BTreeMap<String, Vec<u8>>| {
        let mut tables = tables.clone();
        tables.retain(|name, _| !name.starts_with("documents/"));
        tables
    };
    assert_ne!(tables, touched, "the column holds the file's own time");
    assert_eq!(but_documents(&tables), but_documents(&touched));
}

#[test]
fn bad_documents_are_rows_with_a_reason_and_cost_nothing_of_the_rest() {
    let jpeg = [b"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00".as_slice(), &noise(900)].concat();
    let cut = FORM.as_bytes().split_at(FORM.find("一级目标").expect("it is there") + 3).0;
    let deep = format!("<html><body>{}<table><tr><td>项目名称<td>甲", "<div>".repeat(20_000));
    let place = Place::new(&[
        ("a empty.txt", b""),
        ("b noise.txt", &noise(5_000)),
        ("c photo.html", &jpeg),
        ("d notice.txt", "关于召开年度工作会议的通知\n请各单位准时参加。\n".as_bytes()),
        ("e cut.txt", cut),
        ("f deep.html", deep.as_bytes()),
        ("g good.txt", FORM.as_bytes()),
        ("h big.txt", &vec![b'x'; (64 << 20) + 1]),
    ]);
    let ran = place.run(&["ingest", "in", "--format", "json"]).ends(3, &[]);
    let summary = ran.json();
    let found: BTreeMap<&str, (&str, &str)> = summary["not_parsed"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().expect("a text");
            (text("source"), (text("status"), text("reason")))
        })
        .collect();
    for (source, status, reason) in [
        ("a empty.txt", "unreadable", "empty"),
        ("b noise.txt", "unreadable", "neither text"),
        ("c photo.html", "unreadable", "JPEG"),
        ("d notice.txt", "no_forms", "no form"),
        ("f deep.html", "unreadable", "nested"),
        ("h big.txt", "unreadable", "the limit is"),
    ] {
        let (found, why) = found[source];
        assert_eq!(found, status, "{source}");
        assert!(why.contains(reason), "{source}: {why}");
    }
    let cut_off = place.run(&["inspect", "in/e cut.txt"]);
    assert!(cut_off.out.contains("missing-indicators"), "a form cut off says so: {}", cut_off.out);
    assert!(!found.contains_key("g good.txt"));
    assert_eq!(summary["forms"][0]["count"], 2, "the good form and the one that was cut off");
    let text = place
        .run(&["ingest", "in", "--rebuild"])
        .ends(3, &["Could not be read", "a JPEG image", "Without forms"]);
    assert!(!text.out.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn paths_that_overlap_list_each_file_once() {
    let place = Place::new(&[("a.txt", FORM.as_bytes()), ("sub/b.txt", FORM.as_bytes())]);
    for paths in [&["in", "in/sub"][..], &["./in", "in"], &["in/sub", "in"]] {
        let arguments = [&["ingest", "--dry-run", "--format", "json"], paths].concat();
        let summary = place.run(&arguments).ends(0, &[]).json();
        assert_eq!(summary["documents"]["parsed"], 2, "{paths:?}");
    }
}

#[test]
fn wrong_usage_is_said_with_exit_code_2() {
    let place = Place::new(&[("a.txt", FORM.as_bytes()), ("b/a.txt", FORM.as_bytes())]);
    fs::write(place.at("p.toml"), "sources = ['in']\nwarehouse = 'w'\nthreads = 3\n").expect("a file");
    place.run(&["ingest", "no-such-folder"]).ends(2, &["no-such-folder", "check the path"]);
    place.run(&["ingest"]).ends(2, &["required", "PATH"]);
    place.run(&["ingest", "in", "--jobs", "0"]).ends(2, &["--jobs"]);
    place.run(&["ingest", "in/b", "in"]).ends(2, &["would both be the source `a.txt`"]);
    place.run(&["ingest", "."]).ends(2, &["the warehouse is in the source", "choose another warehouse"]);
    place.run(&["ingest", "in/b", "--warehouse", "in"]).ends(2, &["the source is in the warehouse"]);
    place
        .run(&["ingest", "--pipeline", "p.toml"])
        .ends(2, &["threads", "expected one of", "line 3, column 1"]);
    place.run(&["ingest", "--pipeline", "q.toml"]).ends(2, &["cannot read the pipeline"]);
    place.run(&["inspect", "in/none.txt"]).ends(2, &["none.txt"]);
    place.run(&["inspect", "in/a.txt", "--form", "2"]).ends(2, &["from 1 to 1, found 2"]);
    place.run(&["ingset"]).ends(2, &["ingest"]);
    assert!(!place.at("warehouse").exists(), "nothing was made on the way");
}

#[test]
fn a_warehouse_that_cannot_be_written_publishes_nothing() {
    let place = Place::new(&[("a.txt", FORM.as_bytes())]);
    fs::write(place.at("file"), "x").expect("a file");
    place.run(&["ingest", "in", "--warehouse", "file/below"]).ends(1, &["file/below", "choose another"]);
    place.run(&["status", "--warehouse", "nowhere"]).ends(1, &["no snapshot", "jixiao ingest"]);
    fs::create_dir(place.at("nothing")).expect("a folder");
    place.run(&["ingest", "nothing"]).ends(1, &["no document was found in nothing"]);
    assert!(!place.at("warehouse").exists());
    place.run(&["ingest", "in"]).ends(0, &[]);
    let before = place.tables("warehouse");
    // A file where the next snapshot is put together: it is in the way only of those who do not clean up.
    fs::remove_dir_all(place.at("warehouse/.staging")).expect("it is there");
    fs::write(place.at("warehouse/.staging"), "x").expect("a file");
    place.run(&["ingest", "in"]).ends(1, &["a file stands where a folder is needed"]);
    assert_eq!(place.current("warehouse"), "000001\n");
    assert_eq!(before, place.tables("warehouse"));
}

/// What is published is published: exit code 1 would make a scheduler run it again.
#[cfg(target_os = "linux")]
#[test]
fn a_summary_that_cannot_be_printed_does_not_undo_what_is_published() {
    let place = Place::new(&[("a.txt", FORM.as_bytes())]);
    let told_to_a_full_disk = |arguments: &[&str]| {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let mut command = Command::new(env!("CARGO_BIN_EXE_jixiao"));
        let output = command.args(arguments).current_dir(place.folder.path()).stdout(full).output();
        Ran::of(&output.expect("it runs"))
    };
    told_to_a_full_disk(&["ingest", "in"]).ends(0, &["published", "cannot print the result"]);
    assert_eq!(place.current("warehouse"), "000001\n");
    fs::write(place.at("in/b.txt"), b"").expect("a file");
    told_to_a_full_disk(&["ingest", "in", "--format", "json"]).ends(3, &["published"]);
    assert_eq!(place.current("warehouse"), "000002\n");
    told_to_a_full_disk(&["ingest", "in", "--dry-run"]).ends(1, &["cannot print the result"]);
    told_to_a_full_disk(&["status"]).ends(1, &["cannot print the result"]);
}

#[cfg(unix)]
#[test]
fn a_link_that_cannot_be_moved_is_a_warning() {
    let place = Place::new(&[("a.txt", FORM.as_bytes())]);
    fs::create_dir_all(place.at("warehouse/current/mine")).expect("a folder");
    place
        .run(&["ingest", "in"])
        .ends(0, &["Snapshot 000001", "snapshot 000001 is published, but then: cannot"]);
    assert_eq!(place.current("warehouse"), "000001\n");
}

#[test]
fn a_second_run_is_told_who_holds_the_warehouse() {
    let place = Place::new(&[("a.txt", FORM.as_bytes())]);
    let held =
        jixiao_load::Warehouse::lock(&place.at("warehouse"), "process 42 since noon").expect("it is free");
    place.run(&["ingest", "in"]).ends(4, &["process 42 since noon"]);
    place.run(&["ingest", "in", "--dry-run"]).ends(0, &["dry run"]);
    drop(held);
    place.run(&["ingest", "in"]).ends(0, &["Snapshot 000001"]);
}

#[test]
fn a_dry_run_and_a_quiet_one_do_what_they_say() {
    let place = Place::new(&[("a.txt", FORM.as_bytes()), (".hidden", b"x"), ("README.md", b"x")]);
    place
        .run(&["ingest", "in", "--dry-run"])
        .ends(0, &["Nothing was written", "left out: .hidden, README.md"]);
    fs::write(place.at("in/b.txt"), b"").expect("a file");
    place.run(&["ingest", "in", "--dry-run"]).ends(3, &["Nothing was written", "the file is empty"]);
    fs::remove_file(place.at("in/b.txt")).expect("it is there");
    assert!(!place.at("warehouse").exists());
    let quiet = place.run(&["ingest", "in", "--quiet"]).ends(0, &[]);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("", ""));
    assert_eq!(place.current("warehouse"), "000001\n");
}

#[test]
fn a_pipeline_says_what_to_read_and_where_to() {
    let place = Place::new(&[("a.txt", FORM.as_bytes())]);
    fs::create_dir(place.at("jobs")).expect("a folder");
    fs::write(place.at("jobs/p.toml"), "sources = ['../in']\nwarehouse = '../w'\njobs = 1\n")
        .expect("a file");
    place.run(&["ingest", "--pipeline", "jobs/p.toml"]).ends(0, &["Snapshot 000001"]);
    let status = place.run(&["status", "--warehouse", "w", "--format", "json"]).ends(0, &[]).json();
    assert_eq!(status["runs"][0]["pipeline"], "jobs/p.toml");
}

#[test]
fn inspect_shows_why_each_value_was_read_as_it_was() {
    let odd = FORM.replace("雷达维护", "雷达 \u{1b}[2J维护").replace("项目类别", "部门代号");
    let place = Place::new(&[("a.txt", odd.as_bytes()), ("b.bin", &noise(800))]);
    let ran = place.run(&["inspect", "in/a.txt"]).ends(
        0,
        &[
            "江城市气象局",
            "→ 1200.00 yuan (printed in 元)",
            "→ number = 3 个",
            "部门代号",
            "unknown-label",
            "--reference names.toml",
            "L4",
        ],
    );
    assert!(!ran.out.contains('\u{1b}'), "control characters of a document are shown, not sent");
    let json = place.run(&["inspect", "in/a.txt", "--format", "json"]).ends(0, &[]).json();
    assert_eq!(json["forms"][0]["form"]["total_budget_yuan"], "1200.00");
    assert_eq!(json["forms"][0]["indicators"][0]["target_operator"], "=");
    place.run(&["inspect", "in/a.txt", "--blocks"]).ends(0, &["¶", "table of"]);
    place.run(&["inspect", "in/b.bin"]).ends(3, &["unreadable", "neither text"]);
    fs::write(place.at("in/c.txt"), b"%PDF-1.7\n").expect("a file");
    let pdf = place.run(&["inspect", "in/c.txt"]).ends(3, &["format    pdf", "a PDF document"]);
    assert!(!pdf.out.contains("encoding"), "{}", pdf.out);
    let json = place.run(&["inspect", "in/c.txt", "--format", "json"]).ends(3, &[]).json();
    assert_eq!(json["document"]["format"], "pdf");
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new(&[("a.txt", DOCUMENT)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_jixiao"))
        .args(["inspect", "in/a.txt", "--full"])
        .current_dir(place.folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut first = [0; 10];
    child.stdout.take().expect("a pipe").read_exact(&mut first).expect("some output");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn the_pages_of_the_dictionary_are_those_that_the_program_makes() {
    let place = Place::new(&[]);
    for (file, arguments) in [
        ("docs/dictionary.md", &["schema"][..]),
        ("docs/dictionary.zh.md", &["schema", "--language", "zh"]),
        ("docs/findings.md", &["schema", "--findings"]),
    ] {
        let made = place.run(arguments).ends(0, &[]).out;
        let kept = fs::read_to_string(path(file)).unwrap_or_default();
        assert!(made == kept, "{file} is stale: run `make docs`");
    }
    place.run(&["schema", "--format", "json"]).ends(0, &["\"name_zh\": \"项目名称\""]);
    place.run(&["schema", "--format", "sql"]).ends(0, &["CREATE OR REPLACE VIEW \"项目\""]);
    place.run(&["completions", "bash"]).ends(0, &["_jixiao"]);
    place
        .run(&["--help"])
        .ends(0, &["Exit codes", "in a dry run: would be", "another run holds the warehouse"]);
}
