//! Files that hold files: the zip packages of Office Open XML (ECMA-376, part 2) and OpenDocument, and the compound
//! files of older Office (MS-CFB).
//!
//! What a package declares of its sizes is not believed: bytes are counted while they are inflated.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::Unreadable;
use super::xml::{Piece, decoded, walk};
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
}

impl Package<'_> {
    /// The part that the package names as its main document (ECMA-376, part 2, 9.3).
    pub fn main_part(
        &mut self,
        kind: &'static str,
        budget: &mut Budget,
    ) -> Result<Option<String>, Unreadable> {
        let Some(relations) = self.part("_rels/.rels", kind, budget)? else { return Ok(None) };
        let mut main = None;
        walk::<Unreadable>(&decoded(&relations), |piece| {
            if let Piece::Open(element) = piece
                && element.attribute("Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
            {
                main = element.attribute("Target").map(|target| target.trim_start_matches('/').to_owned());
            }
            Ok(())
        })?;
        Ok(main.filter(|main| self.has(main)))
    }

    /// Refuses an OpenDocument package whose parts are encrypted (ISO/IEC 26300-3, 4.4).
    pub fn refuse_encrypted(&mut self, kind: &'static str, budget: &mut Budget) -> Result<(), Unreadable> {
        let Some(manifest) = self.part("META-INF/manifest.xml", kind, budget)? else { return Ok(()) };
        walk(&decoded(&manifest), |piece| match piece {
            Piece::Open(element) if element.name() == "encryption-data" => {
                Err(Unreadable::Protected { name: kind })
            }
            _ => Ok(()),
        })?;
        Ok(())
    }
}

/// The names of the streams at the root of a compound file; none where it is damaged.
pub fn streams(bytes: &[u8]) -> Vec<String> {
    let Ok(file) = cfb::CompoundFile::open(Cursor::new(bytes)) else { return Vec::new() };
    let Ok(entries) = file.read_storage("/") else { return Vec::new() };
    entries.filter(cfb::Entry::is_stream).map(|entry| entry.name().to_owned()).collect()
}

/// Packages for the tests of readers.
#[cfg(test)]
pub mod tests {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    /// A package with these parts.
    pub fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}
