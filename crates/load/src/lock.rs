//! One writer at a time: the operating system's lock on `.lock`, which ends with the process that holds it.
//!
//! So a lock cannot be left behind by a crash, and the file itself may stay. It says who holds the lock, which the
//! caller knows (this crate has no clock). That is written after the lock was taken: who comes in between finds nothing,
//! or what the holder before has left, and so looks until it finds the same twice.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::LoadError;

/// How often it is looked who holds the lock, and how long it takes to write that down at most, unless a machine is very
/// busy.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

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
    let mut look = || {
        let mut holder = String::new();
        file.rewind().and_then(|()| file.read_to_string(&mut holder)).ok()?;
        Some(holder.trim().to_owned()).filter(|holder| !holder.is_empty())
    };
    let mut holder = look();
    for _ in 0..LOOKS {
        sleep(BETWEEN_LOOKS);
        let again = look();
        if again.is_some() && again == holder {
            break;
        }
        holder = again;
    }
    holder.unwrap_or_else(|| "it has not said who it is".to_owned())
}
