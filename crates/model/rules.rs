//! What the version of the rules is made of: the sources that read and interpret documents, and the data beside them.
//!
//! The build script includes this, and a test, which finds out whether the build script was run when it had to be. The
//! version depends on the files' paths in the repository and their text, and on no machine: not on where the repository
//! is, on the order in which a file system lists, or on the line ends that git gives to a checkout.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folders and files, with the ending of the files in them that count.
pub(crate) const RULES: [(&str, &str); 5] = [
    ("crates/extract/src", "rs"),
    ("crates/model/src", "rs"),
    ("crates/normalise/src", "rs"),
    ("data/dictionary.toml", "toml"),
    ("data/reference", "toml"),
];

/// The files below the root of the repository, by their `/`-separated paths, with their text.
pub(crate) fn files(repository: &Path) -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for (path, ending) in RULES {
        collect(path.to_owned(), &repository.join(path), ending, &mut files)?;
    }
    Ok(files)
}

fn collect(name: String, path: &PathBuf, ending: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            collect(format!("{name}/{}", entry.file_name().display()), &entry.path(), ending, files)?;
        }
    } else if path.extension().is_some_and(|found| found == ending) {
        files.push((name, fs::read_to_string(path)?));
    }
    Ok(())
}

/// Sixteen hex digits over some files: their names and texts with their lengths, in the order of the names.
pub(crate) fn version(mut files: Vec<(String, String)>) -> String {
    files.sort();
    let mut all = env!("CARGO_PKG_VERSION").to_owned();
    for (name, text) in files {
        let text = text.replace("\r\n", "\n");
        all += &format!("\n{name} {}\n{text}", text.len());
    }
    super::hash::sha256(all.as_bytes()).chars().take(16).collect()
}
