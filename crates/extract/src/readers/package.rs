//! Files that hold files: the zip packages of Office Open XML (ECMA-376, part 2) and OpenDocument, and the compound
//! files of older Office (MS-CFB).
//!
//! What a package declares of its sizes is not believed: bytes are counted while they are inflated.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::Unreadable;
use super::xml::{Event, walk};
use crate::limits::Budget;

/// A zip package over the bytes of a file.
pub struct Package<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    mime_type: Option<String>,
}

impl<'b> Package<'b> {
    /// Opens a package by its central directory; `None` where that is damaged.
    pub fn open(bytes: &'b [u8]) -> Option<Self> {
        const LONGEST_MIME_TYPE: u64 = 100;
        let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
        let mut mime_type = None;
        if let Ok(part) = archive.by_name("mimetype") {
            let mut text = String::new();
            mime_type = part.take(LONGEST_MIME_TYPE).read_to_string(&mut text).ok().map(|_| text);
        }
        Some(Self { archive, mime_type })
    }

    /// What an OpenDocument package says that it is.
    pub fn mime_type(&self) -> Option<&str> {
        self.mime_type.as_deref()
    }

    /// Whether it has a part of this name.
    pub fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// The first bytes of a part, as text; `None` where there is no such part or it is damaged.
    pub fn head(&mut self, name: &str, most: u64) -> Option<String> {
        let part = self.archive.by_name(name).ok()?;
        let mut bytes = Vec::new();
        part.take(most).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The bytes of a part; `None` where there is no such part.
    ///
    /// # Errors
    /// If the part is damaged or protected, or inflates to more than the budget has left. `kind` names the file for people.
    pub fn part(
        &mut self,
        name: &str,
        kind: &'static str,
        budget: &mut Budget,
    ) -> Result<Option<Vec<u8>>, Unreadable> {
        let damaged = |problem: String| Unreadable::Damaged { name: kind, problem };
        let Some(index) = self.archive.index_for_name(name) else { return Ok(None) };
        let part = match self.archive.by_index(index) {
            Ok(part) => part,
            Err(zip::result::ZipError::UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED)) => {
                return Err(Unreadable::Protected { name: kind });
            }
            Err(error) => return Err(damaged(format!("its part {name} cannot be opened ({error})"))),
        };
        let mut inflated = Vec::new();
        // One byte more than may be, to know that there is more.
        let read = part.take(budget.inflated_left().saturating_add(1)).read_to_end(&mut inflated);
        read.map_err(|error| damaged(format!("its part {name} cannot be inflated ({error})")))?;
        budget.inflate(inflated.len() as u64)?;
        Ok(Some(inflated))
    }

    /// Refuses an OpenDocument package of which a part is encrypted (ISO/IEC 26300-3, *encryption-data*).
    ///
    /// # Errors
    /// If one is, or the list of parts breaks a limit.
    pub fn refuse_encrypted(&mut self, kind: &'static str, budget: &mut Budget) -> Result<(), Unreadable> {
        const MANIFEST: &str = "META-INF/manifest.xml";
        let Some(manifest) = self.part(MANIFEST, kind, budget)? else { return Ok(()) };
        let mut is_encrypted = false;
        let read = walk(&manifest, (MANIFEST, kind), |event| {
            if let Event::Open(element) = event {
                is_encrypted |= matches!(element.name(), "encryption-data" | "encrypted-key");
            }
            Ok(())
        });
        // A damaged list of parts says nothing.
        if read.is_ok() && is_encrypted { Err(Unreadable::Protected { name: kind }) } else { Ok(()) }
    }
}

/// The names of the streams at the root of a compound file.
///
/// # Errors
/// If its directory cannot be read.
pub fn streams(bytes: &[u8]) -> std::io::Result<Vec<String>> {
    let file = cfb::CompoundFile::open(Cursor::new(bytes))?;
    let entries = file.read_storage("/")?;
    Ok(entries.filter(cfb::Entry::is_stream).map(|entry| entry.name().to_owned()).collect())
}

/// A package of these parts, for tests.
#[cfg(test)]
pub fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a part");
        writer.write_all(text.as_bytes()).expect("its text");
    }
    writer.finish().expect("a package").into_inner()
}
