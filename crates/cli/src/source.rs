//! Listing and opening documents: the rim on the reading side, and the only file of this crate that touches files.
//!
//! What cannot be opened is a source with a reason, never a gap: `documents` has a row for it. Left out are only
//! names that say themselves that they are no publication: hidden files, what Office leaves beside an open document
//! (`~$…`), and notes about a folder (`README…`). Links are followed to files within the folder that is read.

#![expect(clippy::disallowed_methods, reason = "this is the source lister: the rim that reads files")]

mod named;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use walkdir::WalkDir;

use crate::failure::Failure;
use crate::pipeline::globs::Globs;
pub use named::{Names, Source};

/// The longest document that is read, unless a pipeline says otherwise. The largest that were seen are 30 MB of scanned pages.
pub const MOST_BYTES: u64 = 64 << 20;
/// How often a file is read that changes meanwhile.
const READINGS: u32 = 3;

/// What there is to read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The sources, by name.
    pub sources: Vec<Source>,
    /// Names that were left out, sorted.
    pub left_out: Vec<String>,
}

impl Listing {
    /// Leaves out the sources that these patterns mean.
    pub fn leave_out(&mut self, exclude: &Globs) {
        let left_out = self.sources.extract_if(.., |source| exclude.matches(&source.name));
        self.left_out.extend(left_out.map(|source| source.name.into_string()));
        self.left_out.sort();
    }
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
    /// Whether it has gone since it was listed.
    pub has_gone: bool,
}

/// A source that is not simply a file below the folder, as it was come upon.
struct Found {
    source: Source,
    /// The file itself, whichever way led to it; of what cannot be opened, where that is.
    real: PathBuf,
    /// Whether a link led to it.
    is_link: bool,
}

/// What the paths have led to so far.
#[derive(Default)]
struct Seen {
    /// The folders, each with the files in it by name.
    folders: Vec<(PathBuf, Vec<Source>)>,
    /// All else.
    others: BTreeSet<PathBuf>,
}

impl Seen {
    /// Whether this file, which is named by no link, is among it.
    fn has(&self, real: &Path) -> bool {
        let is_in = |(folder, files): &(PathBuf, Vec<Source>)| {
            let name = real.strip_prefix(folder).ok().and_then(plain_name);
            name.is_some_and(|name| Names::of(files).contains(name))
        };
        self.others.contains(real) || self.folders.iter().any(is_in)
    }
}

/// Lists what is at these paths, and below them where they are folders.
///
/// A file is one source, however many of the paths and links lead to it. Its name is the one below the first path that
/// holds it, and the one of a link only if it stands nowhere by itself (as a file in a hidden folder).
///
/// # Errors
/// If a path is not there, or two files would have the same name.
pub fn list(paths: &[PathBuf]) -> Result<Listing, Failure> {
    let mut others = Vec::new();
    let mut left_out = BTreeMap::new();
    let mut seen = Seen::default();
    for path in paths {
        let missing = |source| Failure::NoSuchPath { path: path.clone(), source };
        let real = fs::canonicalize(path).map_err(missing)?;
        let mut found = Vec::new();
        if real.is_dir() {
            let mut files = found_below(path, &real, &mut found, &mut left_out);
            if !seen.others.is_empty() {
                files.retain(|file| !seen.has(&real.join(file.name.as_ref())));
            }
            files.sort_unstable_by(|one, other| one.name.cmp(&other.name));
            seen.folders.push((real.clone(), files));
        } else {
            let source = Source::new(file_name(path), path.as_path());
            found.push(Found { source, real: real.clone(), is_link: false });
        }
        found.sort_by(|one, other| (one.is_link, &one.source.name).cmp(&(other.is_link, &other.source.name)));
        for Found { source, real, .. } in found {
            if !seen.has(&real) {
                seen.others.insert(real);
                others.push(source);
            }
        }
        seen.others.insert(real);
    }
    left_out.retain(|real, _| !seen.has(real));
    let mut left_out: Vec<String> = left_out.into_values().collect();
    left_out.sort();
    let mut sources = Vec::new();
    for files in seen.folders.into_iter().map(|(_, files)| files).chain([others]) {
        if sources.is_empty() { sources = files } else { sources.extend(files) }
    }
    sources.sort_by(|one, other| one.name.cmp(&other.name).then_with(|| one.path().cmp(&other.path())));
    sources.shrink_to_fit();
    match sources.windows(2).find(|pair| pair[0].name == pair[1].name) {
        Some([one, other]) => {
            Err(Failure::SameSource { name: one.name.to_string(), one: one.path(), other: other.path() })
        }
        _ => Ok(Listing { sources, left_out }),
    }
}

/// The files below a folder whose names are plain; `found` gets all else that is a source, and `left_out` the names that
/// are left out, by where they are.
fn found_below(
    root: &Path,
    real_root: &Path,
    found: &mut Vec<Found>,
    left_out: &mut BTreeMap<PathBuf, String>,
) -> Vec<Source> {
    let folder = Arc::new(root.to_owned());
    let mut files = Vec::new();
    let mut add = |path: &Path, real: Option<PathBuf>, problem: Option<String>| {
        let below = path.strip_prefix(root).unwrap_or(path);
        let name = if below.as_os_str().is_empty() { file_name(root) } else { source_name(below) };
        let is_link = real.is_some();
        let real = real.unwrap_or_else(|| real_root.join(below));
        let source = match problem {
            Some(problem) => Source::with_problem(name, path, problem),
            None => Source::new(name, path),
        };
        found.push(Found { source, real, is_link });
    };
    let mut entries = WalkDir::new(root).into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(root).to_owned();
                add(&path, None, Some(format!("it cannot be listed: {}", io::Error::from(error))));
                continue;
            }
        };
        if entry.depth() == 0 {
            continue;
        }
        let path = entry.path();
        if is_left_out(&entry.file_name().to_string_lossy()) {
            let below = path.strip_prefix(root).unwrap_or(path);
            left_out.entry(real_root.join(below)).or_insert_with(|| source_name(below));
            if entry.file_type().is_dir() {
                entries.skip_current_dir();
            }
            continue;
        }
        match entry.file_type() {
            kind if kind.is_dir() => {}
            kind if kind.is_file() => match path.strip_prefix(root).ok().and_then(plain_name) {
                Some(name) => files.push(Source::below(&folder, name)),
                None => add(path, None, None),
            },
            kind if kind.is_symlink() => match linked_file(real_root, path) {
                Ok(Some(real)) => add(path, Some(real), None),
                Ok(None) => {}
                Err(problem) => add(path, None, Some(problem)),
            },
            _ => add(path, None, Some("it is neither a file nor a folder".to_owned())),
        }
    }
    files
}

/// The file that a link leads to, nothing if it is a folder (which is listed where it is), or why it is not followed.
fn linked_file(real_root: &Path, link: &Path) -> Result<Option<PathBuf>, String> {
    let real = fs::canonicalize(link).map_err(|error| format!("it is a link that leads nowhere: {error}"))?;
    if !real.starts_with(real_root) {
        return Err(format!("it is a link to {}, outside of the folder that is read", real.display()));
    }
    match fs::metadata(&real) {
        Ok(found) if found.is_dir() => Ok(None),
        Ok(found) if found.is_file() => Ok(Some(real)),
        Ok(_) => Err("it is a link to something that is neither a file nor a folder".to_owned()),
        Err(error) => Err(format!("it is a link to something that cannot be looked at: {error}")),
    }
}

/// The name of a source that was named itself.
fn file_name(path: &Path) -> String {
    source_name(path.file_name().map_or(path, Path::new))
}

fn is_left_out(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("~$") || name.starts_with("README")
}

/// The path of a file below a folder, if that is its name as well: text, and `/`-separated.
fn plain_name(below: &Path) -> Option<&str> {
    below.to_str().filter(|_| std::path::MAIN_SEPARATOR == '/')
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

/// Opens a source and reads it whole, unless it has more than so many bytes.
pub fn open(source: &Source, most_bytes: u64) -> Opened {
    let mut opened =
        Opened { bytes: Err(String::new()), size_bytes: None, modified_at: None, has_gone: false };
    let bytes = match source.problem() {
        Some(problem) => Err(problem.to_owned()),
        None => {
            let read = read(&source.path(), most_bytes, &mut opened);
            if read.is_err() {
                // Without a stamp it is tried again next time: what the disk refused today it may give tomorrow.
                (opened.size_bytes, opened.modified_at) = (None, None);
            }
            opened.has_gone = read.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
            read.map_err(|error| format!("it cannot be opened: {error}")).flatten()
        }
    };
    opened.bytes = bytes;
    opened
}

fn read(path: &Path, most_bytes: u64, opened: &mut Opened) -> io::Result<Result<Vec<u8>, String>> {
    // Asked before it is opened: opening a pipe waits for somebody to write into it.
    if !fs::metadata(path)?.is_file() {
        return Ok(Err("it is no file".into()));
    }
    for _ in 0..READINGS {
        let mut file = File::open(path)?;
        let before = Stamp::of(&file.metadata()?);
        opened.size_bytes = Some(before.size_bytes);
        opened.modified_at = before.modified_at;
        // The limit holds for what is read, since a file may grow after it was asked for its size.
        let capacity = before.size_bytes.min(most_bytes).saturating_add(1);
        let mut bytes = Vec::with_capacity(usize::try_from(capacity).unwrap_or_default());
        (&mut file).take(most_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most_bytes {
            let size = before.size_bytes.max(bytes.len() as u64);
            return Ok(Err(format!("it has {size} bytes, and the limit is {most_bytes}")));
        }
        let after = Stamp::of(&file.metadata()?);
        if before == after && before.size_bytes == bytes.len() as u64 {
            return Ok(Ok(bytes));
        }
    }
    (opened.size_bytes, opened.modified_at) = (None, None);
    Ok(Err("somebody is writing to it: it changed each time it was read".into()))
}

/// What tells without reading whether a file is still the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// How many bytes it has.
    pub size_bytes: u64,
    /// When it was last modified, in microseconds since 1970-01-01T00:00:00Z.
    pub modified_at: Option<i64>,
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        let modified_at = metadata.modified().ok().and_then(|time| match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_micros()).ok(),
            Err(before) => i64::try_from(before.duration().as_micros()).ok().map(|micros| -micros),
        });
        Self { size_bytes: metadata.len(), modified_at }
    }
}

/// The stamp of a source, if it is a file that can be looked at.
pub fn stamp(source: &Source) -> Option<Stamp> {
    let metadata = fs::metadata(source.path()).ok().filter(|_| source.problem().is_none())?;
    metadata.is_file().then(|| Stamp::of(&metadata))
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

/// The name and text of a file, or of each file with this ending in a folder, in the order of their names.
///
/// # Errors
/// If one of them cannot be read, or is not UTF-8.
pub fn read_texts(path: &Path, ending: &str) -> io::Result<Vec<(String, String)>> {
    let mut paths = vec![path.to_owned()];
    if path.is_dir() {
        let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
        paths = entries.collect::<io::Result<_>>()?;
        paths.retain(|path| path.extension().is_some_and(|found| found == ending));
        paths.sort();
    }
    paths.into_iter().map(|path| Ok((path.display().to_string(), read_text(&path)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        list(&[folder.to_owned()])
            .unwrap()
            .sources
            .into_iter()
            .map(|source| source.name.into_string())
            .collect()
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

    #[test]
    fn a_file_is_one_source_whichever_paths_lead_to_it() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["in/1.txt", "in/sub/2.txt", "in/sub/3.txt", "in/sub/README", "in/z.txt"] {
            write(folder.path(), name);
        }
        let root = folder.path().join("in");
        let dotted = folder.path().join("in/../in/./");
        let whole = ["1.txt", "sub/2.txt", "sub/3.txt", "z.txt"];
        let names = |paths: &[PathBuf]| -> Vec<String> {
            list(paths).unwrap().sources.into_iter().map(|source| source.name.into_string()).collect()
        };
        assert_eq!(names(&[root.clone(), root.join("sub")]), whole);
        assert_eq!(names(&[dotted, root.clone()]), whole);
        assert_eq!(names(&[root.clone(), root.join("sub/2.txt")]), whole);
        assert_eq!(names(&[root.join("sub"), root.clone()]), ["1.txt", "2.txt", "3.txt", "z.txt"]);
        let listing = list(&[root.clone(), root.join("sub"), root.join("sub/README")]).unwrap();
        assert_eq!((listing.sources.len(), listing.left_out.len()), (5, 0), "what is named is not left out");
        assert_eq!(list(&[root.clone(), root.join("sub")]).unwrap().left_out, ["sub/README"]);
    }

    /// Opening a pipe would wait until somebody writes into it.
    #[cfg(unix)]
    #[test]
    fn pipes_and_sockets_are_rows_with_a_reason_and_are_not_opened() {
        use std::os::unix::fs::symlink;
        use std::os::unix::net::UnixListener;
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("mkfifo").arg(folder.path().join("1.txt")).status().unwrap();
        assert!(made.success());
        let _socket = UnixListener::bind(folder.path().join("2.txt")).unwrap();
        symlink("1.txt", folder.path().join("3.txt")).unwrap();
        symlink("2.txt", folder.path().join("4.txt")).unwrap();
        let sources = list(&[folder.path().to_owned()]).unwrap().sources;
        assert_eq!(sources.len(), 4);
        for source in sources {
            assert!(
                open(&source, MOST_BYTES).bytes.unwrap_err().contains("neither a file nor a folder"),
                "{}",
                source.name
            );
        }
        let named = list(&[folder.path().join("3.txt")]).unwrap().sources;
        assert_eq!(open(&named[0], MOST_BYTES).bytes.unwrap_err(), "it is no file");
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
        write(folder.path(), "in/.store/5");
        symlink(".store/5", root.join("5.txt")).unwrap();
        symlink(".store/5", root.join("6.txt")).unwrap();
        let listing = list(&[root]).unwrap();
        let problems: Vec<_> =
            listing.sources.iter().map(|source| (source.name.as_ref(), source.problem().is_some())).collect();
        assert_eq!(problems, [("1.txt", false), ("3.txt", true), ("4.txt", true), ("5.txt", false)]);
        assert!(open(&listing.sources[1], MOST_BYTES).bytes.unwrap_err().contains("outside"));
    }

    #[test]
    fn a_file_that_has_gone_is_a_reason() {
        let source = Source::new("a", "no/such/file");
        assert!(open(&source, MOST_BYTES).bytes.unwrap_err().contains("cannot be opened"));
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
