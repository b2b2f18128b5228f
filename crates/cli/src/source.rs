//! Listing and opening documents: the rim on the reading side, and the only file of this crate that touches files.
//!
//! What cannot be opened is a source with a reason, never a gap: `documents` has a row for it. Left out are only
//! names that say themselves that they are no publication: hidden files, what Office leaves beside an open document
//! (`~$…`), and notes about a folder (`README…`). Links are followed to files within the folder that is read.

#![expect(clippy::disallowed_methods, reason = "this is the source lister: the rim that reads files")]

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use walkdir::WalkDir;

use crate::failure::Failure;

/// The longest document that is read. The largest that were seen are 30 MB of scanned pages.
pub const MOST_BYTES: u64 = 64 << 20;

/// A file to be read, or something that stands where one should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path below the folder that was named, `/`-separated; the column `source`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Why it cannot be opened, where the listing tells that already.
    pub problem: Option<String>,
}

/// What there is to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The sources, by name.
    pub sources: Vec<Source>,
    /// Names that were left out, sorted.
    pub left_out: Vec<String>,
}

/// A file as it was found.
#[derive(Debug)]
pub struct Opened {
    /// Its bytes, or why they could not be read.
    pub bytes: Result<Vec<u8>, String>,
    /// How many bytes it has, if that is known.
    pub size_bytes: Option<u64>,
    /// When it was last modified, in microseconds since 1970-01-01T00:00:00Z.
    pub modified_at: Option<i64>,
}

/// Lists what is at these paths, and below them where they are folders.
///
/// # Errors
/// If a path is not there, or two files would have the same name.
pub fn list(paths: &[PathBuf]) -> Result<Listing, Failure> {
    let mut listing = Listing::default();
    for path in paths {
        let found =
            fs::metadata(path).map_err(|source| Failure::NoSuchPath { path: path.clone(), source })?;
        if found.is_dir() {
            list_folder(path, &mut listing);
        } else {
            let name = path.file_name().map(Path::new).unwrap_or(path);
            listing.sources.push(Source { name: source_name(name), path: path.clone(), problem: None });
        }
    }
    listing.sources.sort_by(|one, other| (&one.name, &one.path).cmp(&(&other.name, &other.path)));
    listing.sources.dedup_by(|one, other| one.path == other.path);
    listing.left_out.sort();
    match listing.sources.windows(2).find(|pair| pair[0].name == pair[1].name) {
        Some([one, other]) => Err(Failure::SameSource {
            name: one.name.clone(),
            one: one.path.clone(),
            other: other.path.clone(),
        }),
        _ => Ok(listing),
    }
}

fn list_folder(root: &Path, listing: &mut Listing) {
    let name = |path: &Path| source_name(path.strip_prefix(root).unwrap_or(path));
    let mut entries = WalkDir::new(root).into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                let problem = format!("it cannot be listed: {}", io::Error::from(error));
                listing.sources.push(Source { name: name(&path), path, problem: Some(problem) });
                continue;
            }
        };
        if entry.depth() == 0 {
            continue;
        }
        let path = entry.path();
        if is_left_out(&entry.file_name().to_string_lossy()) {
            listing.left_out.push(name(path));
            if entry.file_type().is_dir() {
                entries.skip_current_dir();
            }
            continue;
        }
        let problem = match entry.file_type() {
            kind if kind.is_dir() => continue,
            kind if kind.is_file() => None,
            kind if kind.is_symlink() => match link_problem(root, path) {
                // A folder within the root is listed where it is.
                Ok(true) => continue,
                Ok(false) => None,
                Err(problem) => Some(problem),
            },
            _ => Some("it is neither a file nor a folder".to_owned()),
        };
        listing.sources.push(Source { name: name(path), path: path.to_owned(), problem });
    }
}

/// Whether a link leads to a folder, or why it is not followed.
fn link_problem(root: &Path, link: &Path) -> Result<bool, String> {
    let target =
        fs::canonicalize(link).map_err(|error| format!("it is a link that leads nowhere: {error}"))?;
    match fs::canonicalize(root) {
        Ok(root) if target.starts_with(&root) => Ok(target.is_dir()),
        _ => Err(format!("it is a link to {}, outside of the folder that is read", target.display())),
    }
}

fn is_left_out(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("~$") || name.starts_with("README")
}

/// A path as a name: `/`-separated, with bytes that are no text as `\xNN`, so that different files keep different
/// names.
fn source_name(path: &Path) -> String {
    let parts = path.components().map(|part| {
        let chunks = part.as_os_str().as_encoded_bytes().utf8_chunks();
        chunks.fold(String::new(), |name, chunk| {
            let invalid = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
            name + chunk.valid() + &invalid.collect::<String>()
        })
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Opens a source and reads it whole.
pub fn open(source: &Source) -> Opened {
    let mut opened = Opened { bytes: Err(String::new()), size_bytes: None, modified_at: None };
    opened.bytes = match &source.problem {
        Some(problem) => Err(problem.clone()),
        None => {
            read(&source.path, &mut opened).map_err(|error| format!("it cannot be opened: {error}")).flatten()
        }
    };
    opened
}

fn read(path: &Path, opened: &mut Opened) -> io::Result<Result<Vec<u8>, String>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(Err("it is no file".into()));
    }
    opened.size_bytes = Some(metadata.len());
    opened.modified_at = metadata.modified().ok().and_then(|time| match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_micros()).ok(),
        Err(before) => i64::try_from(before.duration().as_micros()).ok().map(|micros| -micros),
    });
    // The limit holds for what is read, since a file may grow after it was asked for its size.
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        let size = metadata.len();
        return Ok(Err(format!("it has {size} bytes, and the limit is {MOST_BYTES}")));
    }
    opened.size_bytes = Some(bytes.len() as u64);
    Ok(Ok(bytes))
}

/// The folder in which a file stands, with no link in its path.
///
/// # Errors
/// If the file is not there.
pub fn real_folder(file: &Path) -> io::Result<PathBuf> {
    let mut folder = fs::canonicalize(file)?;
    folder.pop();
    Ok(folder)
}

/// The text of a small file of our own.
///
/// # Errors
/// If it cannot be read, or is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        list(&[folder.to_owned()]).unwrap().sources.into_iter().map(|source| source.name).collect()
    }

    fn write(folder: &Path, name: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }

    #[test]
    fn files_are_listed_by_name_without_notes_and_hidden_ones() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b/2.txt", "b.txt", "a/1.html", "README.md", ".git/config", "b/~$1.docx", "b/.x"] {
            write(folder.path(), name);
        }
        assert_eq!(names(folder.path()), ["a/1.html", "b.txt", "b/2.txt"]);
        let left_out = list(&[folder.path().to_owned()]).unwrap().left_out;
        assert_eq!(left_out, [".git", "README.md", "b/.x", "b/~$1.docx"]);
    }

    #[test]
    fn two_files_of_one_name_are_refused_and_one_file_twice_is_not() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a/1.txt");
        write(folder.path(), "b/1.txt");
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        assert!(matches!(list(&[a.clone(), b]), Err(Failure::SameSource { name, .. }) if name == "1.txt"));
        assert_eq!(list(&[a.clone(), a.join("1.txt")]).unwrap().sources.len(), 1);
        assert!(matches!(list(&[a.join("2.txt")]), Err(Failure::NoSuchPath { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out_of_the_folder() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "secret.txt");
        write(folder.path(), "in/1.txt");
        let root = folder.path().join("in");
        symlink("1.txt", root.join("2.txt")).unwrap();
        symlink("../secret.txt", root.join("3.txt")).unwrap();
        symlink("nowhere", root.join("4.txt")).unwrap();
        symlink(".", root.join("loop")).unwrap();
        let listing = list(&[root]).unwrap();
        let problems: Vec<_> =
            listing.sources.iter().map(|source| (source.name.as_str(), source.problem.is_some())).collect();
        assert_eq!(problems, [("1.txt", false), ("2.txt", false), ("3.txt", true), ("4.txt", true)]);
        assert!(open(&listing.sources[2]).bytes.unwrap_err().contains("outside"));
    }

    #[test]
    fn a_file_that_has_gone_is_a_reason() {
        let source = Source { name: "a".into(), path: "no/such/file".into(), problem: None };
        assert!(open(&source).bytes.unwrap_err().contains("cannot be opened"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_no_text_stay_apart() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let name = |bytes: &[u8]| source_name(Path::new(OsStr::from_bytes(bytes)));
        assert_eq!(name(b"2020/\xBC\xA8.txt"), "2020/\\xbc\\xa8.txt");
        assert_eq!(name("绩效/表.txt".as_bytes()), "绩效/表.txt");
    }
}
