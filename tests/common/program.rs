//! The real binary in a folder of its own, for the tests that run it.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A folder to work in, with `in` to read from.
pub struct Place {
    pub folder: TempDir,
}

impl Place {
    pub fn new(files: &[(&str, &[u8])]) -> Self {
        let place = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        for (name, bytes) in files {
            let path = place.at("in").join(name);
            fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        }
        place
    }

    pub fn at(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.at(name), text).expect("a file");
    }

    /// Runs the program in the folder.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let program = env!("CARGO_BIN_EXE_jixiao");
        let output = Command::new(program).args(arguments).current_dir(self.folder.path()).output();
        Ran::of(&output.expect("it runs"))
    }

    /// The bytes of each Parquet file of a warehouse's current snapshot, by its path, but those of `runs`.
    pub fn tables(&self, warehouse: &str) -> BTreeMap<String, Vec<u8>> {
        let current = self.at(warehouse).join("current");
        let mut files = BTreeMap::new();
        collect(&current, &current, &mut files);
        files.retain(|name, _| name.ends_with(".parquet") && !name.starts_with("runs/"));
        assert!(files.len() >= 9, "every table has a file");
        files
    }

    pub fn current(&self, warehouse: &str) -> String {
        fs::read_to_string(self.at(warehouse).join("CURRENT")).expect("something was published")
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("it is below").to_string_lossy().into_owned();
            files.insert(name, fs::read(&path).expect("a file"));
        }
    }
}

/// What a run printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().expect("it was not killed"),
            out: String::from_utf8(output.stdout.clone()).expect("UTF-8"),
            err: String::from_utf8(output.stderr.clone()).expect("UTF-8"),
        }
    }

    /// Checks the exit code, and what was said on either side.
    pub fn ends(self, code: i32, says: &[&str]) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        for words in says {
            assert!(self.out.contains(words) || self.err.contains(words), "{words:?} in {self:#?}");
        }
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect("JSON on stdout")
    }
}

/// A small form that is whole.
pub const FORM: &str = "财政项目支出绩效目标表\n(2019年度)\n申报单位名称：江城市气象局\n\
                    项目名称：\t雷达维护\t项目类别：\t经常性项目\n项目总预算（元）：\t1,200\t项目当年预算（元）：\t1,200\n\
                    一级目标\t二级目标\t三级目标\t指标目标值\n产出目标\t数量\t设备购置数量（个）\t=3\n";
