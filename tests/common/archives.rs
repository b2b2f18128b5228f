//! Archives for tests, byte by byte, so that what is wrong with one is on purpose. Shared with the tests of
//! `crates/extract`.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

/// An entry of a zip.
#[derive(Debug, Clone, Default)]
pub struct Zipped<'z> {
    pub name: &'z [u8],
    pub bytes: &'z [u8],
    /// Bit 0: encrypted; bit 11: the name is UTF-8.
    pub flags: u16,
    /// In the directory, as `0x7075`.
    pub extra: Vec<u8>,
    /// The mode of a file on Unix, or 0.
    pub mode: u32,
}

impl<'z> Zipped<'z> {
    pub fn new(name: &'z [u8], bytes: &'z [u8]) -> Self {
        Self { name, bytes, ..Self::default() }
    }
}

pub fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A zip of deflated entries.
pub fn zip(entries: &[Zipped<'_>]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let start = archive.len() as u32;
        let data = deflated(entry.bytes);
        archive.extend(local_header(entry, &data));
        archive.extend(data.iter());
        directory.extend(central_header(entry, data.len() as u32, start));
    }
    end(archive, &directory, entries.len())
}

/// What stands before the data of an entry (APPNOTE.TXT, 4.3.7).
fn local_header(entry: &Zipped<'_>, data: &[u8]) -> Vec<u8> {
    let mut header = b"PK\x03\x04\x14\x00".to_vec();
    header.extend(entry.flags.to_le_bytes());
    header.extend(8_u16.to_le_bytes());
    header.extend([0; 4]);
    header.extend(crc(entry.bytes).to_le_bytes());
    header.extend((data.len() as u32).to_le_bytes());
    header.extend((entry.bytes.len() as u32).to_le_bytes());
    header.extend((entry.name.len() as u16).to_le_bytes());
    header.extend([0; 2]);
    header.extend(entry.name);
    header
}

/// An entry of the directory (4.3.12).
pub fn central_header(entry: &Zipped<'_>, compressed: u32, start: u32) -> Vec<u8> {
    let mut header = b"PK\x01\x02".to_vec();
    header.extend(if entry.mode == 0 { [20, 0] } else { [20, 3] });
    header.extend([20, 0]);
    header.extend(entry.flags.to_le_bytes());
    header.extend(8_u16.to_le_bytes());
    header.extend([0; 4]);
    header.extend(crc(entry.bytes).to_le_bytes());
    header.extend(compressed.to_le_bytes());
    header.extend((entry.bytes.len() as u32).to_le_bytes());
    header.extend((entry.name.len() as u16).to_le_bytes());
    header.extend((entry.extra.len() as u16).to_le_bytes());
    header.extend([0; 6]);
    header.extend((entry.mode << 16).to_le_bytes());
    header.extend(start.to_le_bytes());
    header.extend(entry.name);
    header.extend(&entry.extra);
    header
}

/// The directory and its end (4.3.16).
pub fn end(mut archive: Vec<u8>, directory: &[u8], count: usize) -> Vec<u8> {
    let start = archive.len() as u32;
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend((count as u16).to_le_bytes());
    archive.extend((count as u16).to_le_bytes());
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0; 2]);
    archive
}

/// A tar of files and links: name, type and bytes; `size` is what the last one says of itself, if it lies.
pub fn tar(entries: &[(&str, u8, &[u8])], size: Option<u64>) -> Vec<u8> {
    let mut archive = Vec::new();
    for (at, (name, kind, bytes)) in entries.iter().enumerate() {
        let size = size.filter(|_| at + 1 == entries.len()).unwrap_or(bytes.len() as u64);
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..107].copy_from_slice(b"0000644");
        header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        header[136..147].copy_from_slice(b"00000000000");
        header[148..156].copy_from_slice(b"        ");
        header[156] = *kind;
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend(header);
        archive.extend(*bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.extend([0; 1024]);
    archive
}
