//! Archives and hostile files through the real binary: what becomes a document, what each one takes, and that the run
//! goes on.

#![expect(clippy::disallowed_methods, reason = "these tests make files and run the program")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "common/archives.rs"]
#[allow(dead_code, missing_docs, reason = "shared with the tests of extract")]
mod archives;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use archives::{Zipped, gzip, tar, zip};
use serde_json::Value;
use tempfile::TempDir;

const FORM: &str = "财政项目支出绩效目标表\n(2019年度)\n申报单位名称：江城市气象局\n\
                    项目名称：\t雷达维护\t项目类别：\t经常性项目\n项目总预算（元）：\t1,200\t项目当年预算（元）：\t1,200\n\
                    一级目标\t二级目标\t三级目标\t指标目标值\n产出目标\t数量\t设备购置数量（个）\t=3\n";

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("in")).expect("a folder");
    for (name, bytes) in files {
        fs::write(folder.path().join("in").join(name), bytes).expect("a file");
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_jixiao");
    Command::new(program).args(arguments).current_dir(folder).output().expect("it runs")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON on stdout")
}

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
    let folder = folder(&[
        ("a.zip", &archive),
        ("b.data", &tarred),
        ("a.zip!绩效.txt", another("丁").as_bytes()),
        ("c.txt.gz", &gzip(another("戊").as_bytes())),
    ]);
    let mut files = Vec::new();
    for (jobs, warehouse) in [("1", "one"), ("3", "three")] {
        let arguments = ["ingest", "in", "-w", warehouse, "--jobs", jobs, "--format", "json"];
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let summary = json(&output);
        assert_eq!(summary["documents"]["parsed"], 5);
        assert_eq!(summary["forms"][0]["count"], 5);
        assert_eq!(summary["left_out"][0], "a.zip!README.txt");
        files.push(tables(&folder.path().join(warehouse).join("current")));
    }
    assert!(files[0] == files[1], "the number of jobs makes no difference");
    let listed = json(&run(folder.path(), &["inspect", "in/a.zip", "--format", "json"]));
    let sources = listed["documents"].as_array().expect("a list").iter();
    let sources: Vec<_> = sources.filter_map(|document| document["source"].as_str()).collect();
    assert_eq!(sources, ["in/a.zip!绩效.txt", "in/a.zip!in.zip!c.txt"]);
    let shown = run(folder.path(), &["inspect", "in/a.zip!in.zip!c.txt", "--format", "json"]);
    assert_eq!(json(&shown)["forms"][0]["form"]["project_name"], "丙");
    let blocks = run(folder.path(), &["inspect", "in/a.zip!in.zip!c.txt", "--blocks"]);
    assert!(String::from_utf8_lossy(&blocks.stdout).contains("丙"));
    let text = run(folder.path(), &["inspect", "in/a.zip"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("jixiao inspect 'in/a.zip!绩效.txt'"));
    assert_eq!(run(folder.path(), &["inspect", "in/a.zip!none"]).status.code(), Some(2));
}

/// The bytes of each Parquet file below a folder, but those of `runs`.
fn tables(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder_at) = folders.pop() {
        for entry in fs::read_dir(&folder_at).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".parquet") && !name.starts_with("runs/") {
                files.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    assert!(files.len() >= 9, "every table has a file");
    files
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
    let folder = folder(&files);
    // GNU time is not on every machine; a shell's limit of address space is, and holds for its children.
    let program = env!("CARGO_BIN_EXE_jixiao");
    let command = format!("ulimit -v {MOST_KIB} && exec \"$0\" ingest in --dry-run --format json --jobs 2");
    let output = Command::new("sh").args(["-c", &command, program]).current_dir(folder.path()).output();
    let output = output.expect("it runs");
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let summary = json(&output);
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
