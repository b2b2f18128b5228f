//! Archives and hostile files through the real binary: what becomes a document, what each one takes, and that the run
//! goes on.

#![expect(clippy::disallowed_methods, reason = "these tests make files and run the program")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "common/archives.rs"]
#[allow(dead_code, missing_docs, reason = "shared with the tests of extract")]
mod archives;
#[path = "common/program.rs"]
mod program;

use std::process::Command;

use archives::{Zipped, gzip, tar, zip};
use program::{FORM, Place, Ran};
use serde_json::Value;

fn another(name: &str) -> String {
    FORM.replace("雷达维护", name)
}

#[test]
fn each_member_is_a_document_and_the_archive_is_none() {
    let inner = zip(&[Zipped::new(b"c.txt", another("丙").as_bytes())]);
    let archive = zip(&[
        Zipped::new(b"\xBC\xA8\xD0\xA7.txt", FORM.as_bytes()),
        Zipped::new(b"in.zip", &inner),
        Zipped::new(b"README.txt", b"note"),
    ]);
    let tarred = gzip(&tar(&[("d/b.txt", b'0', another("乙").as_bytes())], None));
    let place = Place::new(&[
        ("a.zip", &archive),
        ("b.data", &tarred),
        ("a.zip!绩效.txt", another("丁").as_bytes()),
        ("c.txt.gz", &gzip(another("戊").as_bytes())),
    ]);
    let mut files = Vec::new();
    for (jobs, warehouse) in [("1", "one"), ("3", "three")] {
        let arguments = ["ingest", "in", "-w", warehouse, "--jobs", jobs, "--format", "json"];
        let summary = place.run(&arguments).ends(0, &[]).json();
        assert_eq!(summary["documents"]["parsed"], 5);
        assert_eq!(summary["forms"][0]["count"], 5);
        assert_eq!(summary["left_out"][0], "a.zip!README.txt");
        files.push(place.tables(warehouse));
    }
    assert!(files[0] == files[1], "the number of jobs makes no difference");
    let listed = place.run(&["inspect", "in/a.zip", "--format", "json"]).json();
    let sources = listed["documents"].as_array().expect("a list").iter();
    let sources: Vec<_> = sources.filter_map(|document| document["source"].as_str()).collect();
    assert_eq!(sources, ["in/a.zip!绩效.txt", "in/a.zip!in.zip!c.txt"]);
    let shown = place.run(&["inspect", "in/a.zip!in.zip!c.txt", "--format", "json"]).json();
    assert_eq!(shown["forms"][0]["form"]["project_name"], "丙");
    place.run(&["inspect", "in/a.zip!in.zip!c.txt", "--blocks"]).ends(0, &["丙"]);
    place.run(&["inspect", "in/a.zip"]).ends(0, &["jixiao inspect 'in/a.zip!绩效.txt'"]);
    place.run(&["inspect", "in/a.zip!none"]).ends(2, &[]);
}

/// The most memory that a run may take.
const MOST_KIB: u64 = 1 << 20;

/// Files that ask for more than there is; what their reason says.
fn hostile() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let blank = vec![b' '; 20 << 20];
    let inner = zip(&[Zipped::new(b"x", &blank[..12 << 20])]);
    let nested = [b"1", b"2", b"3"].map(|name| Zipped::new(name, &inner));
    let many = std::iter::repeat_n(Zipped::new(b"x", b""), 20_000).collect::<Vec<_>>();
    let cells = "\t".repeat(1_000).into_bytes();
    let cells = [cells.as_slice(), b"x\n"].concat().repeat(10_000);
    let html_cells = ["<table>", &"<tr><td colspan=1000>x<td>y</tr>".repeat(10_000), "</table>"].concat();
    vec![
        ("bomb.zip", zip(&[Zipped::new(b"x", &blank)]), "unpack to more than"),
        ("nested.zip", zip(&nested), "unpack to more than"),
        ("many.zip", zip(&many), "more than 10000 entries"),
        ("bomb.gz", gzip(&blank), "unpack to more than"),
        ("lies.tar", tar(&[("x", b'0', b"1")], Some(8_000_000_000)), "cannot be read on"),
        ("deep.html", format!("<table>{}", "<div>".repeat(100_000)).into_bytes(), "nested 1001 deep"),
        ("cells.txt", cells, "the limit is 500000"),
        ("cells.html", html_cells.into_bytes(), "the limit is 500000"),
    ]
}

#[test]
fn hostile_files_are_rows_with_a_reason_and_the_run_goes_on() {
    let hostile = hostile();
    let mut files: Vec<(&str, &[u8])> =
        hostile.iter().map(|(name, bytes, _)| (*name, bytes.as_slice())).collect();
    let line = "数".repeat(2_000_000).into_bytes();
    files.extend([("good.txt", FORM.as_bytes()), ("line.txt", &line)]);
    let place = Place::new(&files);
    // GNU time is not on every machine; a shell's limit of address space is, and holds for its children.
    let program = env!("CARGO_BIN_EXE_jixiao");
    let command = format!("ulimit -v {MOST_KIB} && exec \"$0\" ingest in --dry-run --format json --jobs 2");
    let output = Command::new("sh").args(["-c", &command, program]).current_dir(place.folder.path()).output();
    let summary = Ran::of(&output.expect("it runs")).ends(3, &[]).json();
    assert_eq!(summary["documents"]["parsed"], 1, "{summary:#}");
    let rows = summary["not_parsed"].as_array().expect("a list");
    for (name, _, reason) in &hostile {
        let of_it = |row: &&Value| row["source"].as_str().is_some_and(|source| source.starts_with(name));
        let is_said = rows.iter().filter(of_it).any(|row| {
            row["status"] == "unreadable" && row["reason"].as_str().is_some_and(|said| said.contains(reason))
        });
        assert!(is_said, "{name}: {reason} in {summary:#}");
    }
}
