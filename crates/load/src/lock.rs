//! One writer at a time: the operating system's lock on `.lock`, which ends with the process that holds it.
//!
//! So a lock cannot be left behind by a crash, and the file itself may stay. It says who holds the lock, which the
//! caller knows (this crate has no clock).

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use crate::LoadError;

/// Takes the lock of a warehouse, which is held until the file is dropped.
pub(crate) fn take(root: &Path, holder: &str) -> Result<File, LoadError> {
    let path = root.join(".lock");
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = open.map_err(LoadError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(LoadError::Locked { root: root.to_owned(), holder: named(&mut file) });
        }
        Err(TryLockError::Error(error)) => return Err(LoadError::io("lock", &path)(error)),
    }
    let mut write = || {
        file.set_len(0)?;
        file.write_all(holder.as_bytes())
    };
    write().map_err(LoadError::io("write", &path))?;
    Ok(file)
}

/// Who holds the lock, by the file; where the file cannot be read that is no reason for another error.
fn named(file: &mut File) -> String {
    let mut holder = String::new();
    match file.read_to_string(&mut holder) {
        Ok(_) if !holder.trim().is_empty() => holder.trim().to_owned(),
        _ => "it has not said who it is".to_owned(),
    }
}
