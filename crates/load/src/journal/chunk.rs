//! A chunk of the journal: a file of sections, each with rows of one table (and year) as an Arrow IPC stream.
//! Those are columns as they lie in memory, so that neither writing nor reading them costs more than the copy.
//!
//! ```text
//! section, section, …
//! the name, place, length and CRC-32 of each section, as JSON
//! the length and the CRC-32 of that, in four bytes each
//! ```
//!
//! The checksums tell what a loss of power has left incomplete. They are no guard against people who change a file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Metadata, Schema};
use jixiao_model::dictionary::Table;
use parquet::errors::ParquetError;
use serde::{Deserialize, Serialize};

use crate::schema::arrow_schema;
use crate::{LoadError, disk};

/// Where the sections of a chunk are, by their names.
pub(super) type Places = BTreeMap<String, Section>;

/// Where a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Section {
    offset: u64,
    length: usize,
    crc32: u32,
}

/// The bytes that tell where the sections are told.
const TRAILER: usize = 8;
/// Larger pieces go to the file without being copied.
const BUFFER_BYTES: usize = 64 << 10;

/// A chunk that is written.
pub(super) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    offset: u64,
    sections: Places,
}

impl Writer {
    /// A file that has nothing in it yet.
    pub(super) fn create(path: &Path) -> Result<Self, LoadError> {
        let file = BufWriter::with_capacity(BUFFER_BYTES, disk::create(path)?);
        Ok(Self { path: path.to_owned(), file, offset: 0, sections: Places::new() })
    }

    /// Adds a section with rows of a table, without what the dictionary says of its columns.
    pub(super) fn add(&mut self, name: &str, batches: &[RecordBatch]) -> Result<(), LoadError> {
        let Some(first) = batches.first() else { return Ok(()) };
        let schema = first.schema();
        let bare =
            schema.fields().iter().map(|field| field.as_ref().clone().with_metadata(Metadata::default()));
        let bare = Schema::new(bare.collect::<Vec<_>>());
        let mut counted = Counted { file: &mut self.file, length: 0, crc32: crc32fast::Hasher::new() };
        let written = StreamWriter::try_new(&mut counted, &bare).and_then(|mut writer| {
            batches.iter().try_for_each(|batch| writer.write(batch))?;
            writer.finish()
        });
        written.map_err(|error| match error {
            ArrowError::IoError(_, source) => LoadError::io("write", &self.path)(source),
            source => LoadError::Encode { table: name.to_owned(), source: source.into() },
        })?;
        let section =
            Section { offset: self.offset, length: counted.length, crc32: counted.crc32.finalize() };
        self.offset += section.length as u64;
        self.sections.insert(name.to_owned(), section);
        Ok(())
    }

    /// Tells where the sections are.
    pub(super) fn finish(mut self) -> Result<Places, LoadError> {
        let json = serde_json::to_vec(&self.sections);
        let json = json.map_err(|source| LoadError::Json { path: self.path.clone(), source })?;
        let length = u32::try_from(json.len()).unwrap_or(u32::MAX);
        let written = self
            .file
            .write_all(&json)
            .and_then(|()| self.file.write_all(&length.to_le_bytes()))
            .and_then(|()| self.file.write_all(&crc32fast::hash(&json).to_le_bytes()))
            .and_then(|()| self.file.flush());
        written.map_err(LoadError::io("write", &self.path))?;
        Ok(self.sections)
    }
}

/// What is written is counted and summed up on its way.
struct Counted<'f> {
    file: &'f mut BufWriter<File>,
    length: usize,
    crc32: crc32fast::Hasher,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.length += written;
        self.crc32.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        // The file is flushed once, when all is written.
        Ok(())
    }
}

/// The sections of a chunk; nothing if one of them, or what tells of them, is not as it was written.
pub(super) fn whole(path: &Path) -> Result<Option<Places>, LoadError> {
    let bytes = disk::bytes(path)?;
    let read = || {
        let (rest, trailer) = bytes.split_at_checked(bytes.len().checked_sub(TRAILER)?)?;
        let (length, crc32) = trailer.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (body, json) = rest.split_at_checked(rest.len().checked_sub(length)?)?;
        if crc32fast::hash(json).to_le_bytes() != *crc32 {
            return None;
        }
        let sections: Places = serde_json::from_slice(json).ok()?;
        let is_whole = |section: &Section| {
            let begin = usize::try_from(section.offset).ok()?;
            let bytes = body.get(begin..begin.checked_add(section.length)?)?;
            (crc32fast::hash(bytes) == section.crc32).then_some(())
        };
        sections.values().try_for_each(is_whole)?;
        Some(sections)
    };
    Ok(read())
}

/// The rows of a section of this table.
pub(super) fn rows(path: &Path, section: &Section, table: &Table) -> Result<Vec<RecordBatch>, LoadError> {
    let mut bytes = vec![0; section.length];
    let mut file = disk::open(path)?;
    file.seek(SeekFrom::Start(section.offset))
        .and_then(|_| file.read_exact(&mut bytes))
        .map_err(LoadError::io("read", path))?;
    let read = || {
        let schema = arrow_schema(table);
        let batches = StreamReader::try_new(Cursor::new(bytes), None)?;
        let batches = batches.map(|rows| RecordBatch::try_new(Arc::clone(&schema), rows?.columns().to_vec()));
        batches.collect::<Result<Vec<_>, ArrowError>>()
    };
    read()
        .map_err(|source| LoadError::Unreadable { path: path.to_owned(), source: ParquetError::from(source) })
}

#[cfg(test)]
mod tests {
    use jixiao_model::record::Check;

    use super::*;
    use crate::batches::{Row, table_of};

    fn check(number: u64) -> Check {
        Check { code: format!("检查{}", number % 3), fiscal_year: None, applied: number, passed: 0 }
    }

    #[test]
    fn sections_come_back_and_damage_anywhere_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chunk");
        let table = table_of::<Check>().unwrap();
        let batches = [0, 1, 500].map(|count| {
            let checks: Vec<Check> = (0..count).map(check).collect();
            Check::batch(&checks.iter().collect::<Vec<_>>()).unwrap()
        });
        let mut writer = Writer::create(&path).unwrap();
        for (index, batch) in batches.iter().enumerate() {
            writer.add(&index.to_string(), std::slice::from_ref(batch)).unwrap();
        }
        // Batches of one section, with texts of their own each.
        writer.add("all", &batches).unwrap();
        let sections = writer.finish().unwrap();
        assert_eq!(whole(&path).unwrap(), Some(sections.clone()));
        for (index, batch) in batches.iter().enumerate() {
            assert_eq!(
                rows(&path, &sections[&index.to_string()], table).unwrap(),
                std::slice::from_ref(batch)
            );
        }
        assert_eq!(rows(&path, &sections["all"], table).unwrap(), batches);
        let bytes = disk::bytes(&path).unwrap().to_vec();
        for at in (0..bytes.len()).step_by(7).chain(bytes.len() - TRAILER..bytes.len()) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 4;
            disk::write(&path, &damaged).unwrap();
            assert_eq!(whole(&path).unwrap(), None, "byte {at}");
        }
        for length in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
            disk::write(&path, &bytes[..length]).unwrap();
            assert_eq!(whole(&path).unwrap(), None, "{length} bytes");
            disk::write(&path, &vec![0; length]).unwrap();
            assert_eq!(whole(&path).unwrap(), None, "{length} zeros");
        }
    }
}
