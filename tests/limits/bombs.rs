//! Zip packages of which a few bytes inflate to anything: pieces of a deflate stream that refer to nothing before them may
//! be repeated, so that nobody has to deflate a gigabyte to ask for one.

use flate2::{Compress, Compression, Crc, FlushCompress};

/// The bytes of a deflate stream, and what they stand for.
#[derive(Clone)]
pub struct Deflated {
    pub bytes: Vec<u8>,
    sum: u32,
    size: u32,
}

fn deflated(bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut packed = Vec::with_capacity(bytes.len() / 2 + 1_000);
    compress.compress_vec(bytes, &mut packed, flush).expect("memory");
    assert_eq!(compress.total_in(), bytes.len() as u64, "all of it");
    packed
}

fn crc(bytes: &[u8]) -> Crc {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc
}

/// A head, so many times a piece, and a tail. Short pieces are put together first.
pub fn repeated(head: &str, piece: &str, times: usize, tail: &str) -> Deflated {
    const LONG: usize = 1 << 18;
    let together = (LONG / piece.len()).clamp(1, times.max(1));
    let rest = piece.repeat(times % together);
    let head = format!("{head}{rest}");
    let piece = piece.repeat(together);
    let mut bytes = deflated(head.as_bytes(), FlushCompress::Full);
    let mut sum = crc(head.as_bytes());
    let packed = deflated(piece.as_bytes(), FlushCompress::Full);
    let of_piece = crc(piece.as_bytes());
    for _ in 0..times / together {
        bytes.extend(&packed);
        sum.combine(&of_piece);
    }
    bytes.extend(deflated(tail.as_bytes(), FlushCompress::Finish));
    sum.combine(&crc(tail.as_bytes()));
    Deflated { bytes, sum: sum.sum(), size: sum.amount() }
}

pub fn text(text: &str) -> Deflated {
    repeated(text, " ", 0, "")
}

/// A package of parts (APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16). A part without bytes is one more name for the part before
/// it: both have the same bytes in the file.
pub fn package(parts: &[(&str, Option<Deflated>)]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    let mut before: Option<(u32, Deflated)> = None;
    for (name, part) in parts {
        let start = file.len() as u32;
        let (start, part) = match (part, &before) {
            (Some(part), _) => (start, part.clone()),
            (None, Some(before)) => before.clone(),
            (None, None) => panic!("the first part has bytes"),
        };
        let mut sizes = part.sum.to_le_bytes().to_vec();
        sizes.extend((part.bytes.len() as u32).to_le_bytes());
        sizes.extend(part.size.to_le_bytes());
        sizes.extend((name.len() as u16).to_le_bytes());
        sizes.extend([0; 2]);
        if start as usize == file.len() {
            file.extend(b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0");
            file.extend(&sizes);
            file.extend(name.as_bytes());
            file.extend(&part.bytes);
        }
        directory.extend(b"PK\x01\x02\x14\0\x14\0\0\0\x08\0\0\0\0\0");
        directory.extend(&sizes);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
        before = Some((start, part));
    }
    crate::archives::end(file, &directory, parts.len())
}
