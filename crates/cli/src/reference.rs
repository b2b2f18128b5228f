//! `--reference`: reference data from files, added to what is embedded before anything is read.

use std::path::Path;

use jixiao_model::overlay::Refused;

use crate::failure::Failure;
use crate::source;

/// Adds a file, or the files of a folder in the order of their names.
///
/// # Errors
/// If there is no such file, or one that says what cannot be.
pub fn add(path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let unreadable = |source| Failure::ReferenceUnreadable { path: path.to_owned(), source };
    let files = source::read_texts(path, "toml").map_err(unreadable)?;
    if files.is_empty() {
        return Err(Failure::NoReference { path: path.to_owned() });
    }
    jixiao_model::reference::install(&files)
        .map_err(|Refused { file, problem }| Failure::ReferenceRefused { file, problem })
}
