//! Everything that touches files, but for the lock: each failure names what was tried, and on what.
//!
//! What must survive a loss of power is written to disk before anything refers to it: [`write`] returns when the
//! bytes are there, and a new name in a folder counts only after [`sync_folder`].

#![expect(
    clippy::disallowed_methods,
    reason = "this is the committer's rim: the only file of the crate that does IO"
)]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::LoadError;

/// The text of a file, or nothing if, and only if, there is no such file: any other failure is one.
pub(crate) fn read_if_found(path: &Path) -> Result<Option<String>, LoadError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LoadError::io("read", path)(error)),
    }
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String, LoadError> {
    fs::read_to_string(path).map_err(LoadError::io("read", path))
}

/// The bytes of a file.
pub(crate) fn bytes(path: &Path) -> Result<Bytes, LoadError> {
    fs::read(path).map(Bytes::from).map_err(LoadError::io("read", path))
}

/// Opens a file to read from.
pub(crate) fn open(path: &Path) -> Result<File, LoadError> {
    File::open(path).map_err(LoadError::io("open", path))
}

/// A path that does not depend on the folder that the process was started in; links in it stay, since people
/// mount and move what is behind them.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, LoadError> {
    std::path::absolute(path).map_err(LoadError::io("find", path))
}

/// Makes a folder and those above it, as far as they are missing.
pub(crate) fn create_folder(path: &Path) -> Result<(), LoadError> {
    let created = fs::create_dir_all(path).or_else(|error| match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(()),
        // The standard library says that something else stands there when it could not look at what does.
        Err(unseen) if error.kind() == io::ErrorKind::AlreadyExists => Err(unseen),
        _ => Err(error),
    });
    created.map_err(LoadError::io("create the folder", path))
}

/// As [`create_folder`], with the names of what was made written down to the disk.
pub(crate) fn create_folder_to_stay(path: &Path) -> Result<(), LoadError> {
    let mut missing = Vec::new();
    for folder in path.ancestors().filter(|folder| !folder.as_os_str().is_empty()) {
        if exists(folder)? {
            break;
        }
        missing.push(folder);
    }
    create_folder(path)?;
    missing.iter().filter_map(|folder| folder.parent()).try_for_each(sync_folder)
}

/// Writes a new file, down to the disk.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), LoadError> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(LoadError::io("write", path))
}

/// Writes a new file, which is on the disk after [`sync`].
pub(crate) fn write_soon(path: &Path, bytes: &[u8]) -> Result<File, LoadError> {
    let mut file = create(path)?;
    file.write_all(bytes).map_err(LoadError::io("write", path))?;
    Ok(file)
}

/// Writes what a file has down to the disk.
pub(crate) fn sync(file: &File, path: &Path) -> Result<(), LoadError> {
    file.sync_all().map_err(LoadError::io("write", path))
}

/// A new file to write to, which reaches the disk when the operating system thinks fit.
pub(crate) fn create(path: &Path) -> Result<File, LoadError> {
    File::create(path).map_err(LoadError::io("write", path))
}

/// Gives a file a second name or, where the file system has no links, a copy.
pub(crate) fn link_or_copy(existing: &Path, path: &Path) -> Result<(), LoadError> {
    let copy = || {
        fs::copy(existing, path)?;
        File::open(path)?.sync_all()
    };
    match fs::hard_link(existing, path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(LoadError::io("find", existing)(error)),
        Err(_) => copy().map_err(LoadError::io("copy", existing)),
    }
}

/// Writes the names in a folder down to the disk.
pub(crate) fn sync_folder(path: &Path) -> Result<(), LoadError> {
    if cfg!(unix) {
        File::open(path)
            .and_then(|folder| folder.sync_all())
            .map_err(LoadError::io("write to disk", path))?;
    }
    Ok(())
}

/// A folder and all folders below it, each behind those that it holds.
pub(crate) fn folders_of(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let mut folders = Vec::new();
    for path in entries(folder)? {
        if is_folder(&path)? {
            folders.extend(folders_of(&path)?);
        }
    }
    folders.push(folder.to_owned());
    Ok(folders)
}

/// All files below a folder, in the order of their paths.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let mut files = Vec::new();
    for path in entries(folder)? {
        if is_folder(&path)? { files.extend(files_below(&path)?) } else { files.push(path) }
    }
    Ok(files)
}

/// Renames a file or folder.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), LoadError> {
    fs::rename(from, to).map_err(LoadError::io("rename to", to))
}

/// Puts a file in the place of another at once, by way of a temporary file in the same file system. An error means that
/// the other is still there: writing the folder down to the disk, which may fail after the rename, is left to the caller.
pub(crate) fn replace(path: &Path, bytes: &[u8], temporary: &Path) -> Result<(), LoadError> {
    write(temporary, bytes)?;
    rename(temporary, path)
}

/// Puts a symbolic link in the place of another at once.
pub(crate) fn replace_link(path: &Path, target: &Path, temporary: &Path) -> Result<(), LoadError> {
    symlink(target, temporary).map_err(LoadError::io("link", temporary))?;
    rename(temporary, path)
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_target: &Path, _link: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What a folder holds, by name; nothing if there is no such folder.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect()),
    };
    let mut paths: Vec<PathBuf> = listed.map_err(LoadError::io("list", folder))?;
    paths.sort();
    Ok(paths)
}

/// Whether there is anything at a path. Only "not found" means that there is not.
pub(crate) fn exists(path: &Path) -> Result<bool, LoadError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(LoadError::io("find", path)(error)),
    }
}

/// When something was last modified, in microseconds since 1970-01-01T00:00:00Z, as far as the file system tells.
pub(crate) fn modified_at(path: &Path) -> Result<Option<i64>, LoadError> {
    let found = fs::symlink_metadata(path).map_err(LoadError::io("find", path))?;
    let since = found.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    Ok(since.and_then(|since| i64::try_from(since.as_micros()).ok()))
}

/// Whether a path is a folder itself, and no link to one. What cannot be looked at is no answer: a folder that was taken
/// for none would not be written down to the disk.
pub(crate) fn is_folder(path: &Path) -> Result<bool, LoadError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(found.is_dir()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(LoadError::io("find", path)(error)),
    }
}

/// Removes a file, a link, or a folder with all that it holds.
pub(crate) fn remove(path: &Path) -> Result<(), LoadError> {
    let removed = if is_folder(path)? { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(LoadError::io("remove", path))
}
