//! What a file is, told by its bytes and not by its name: a JPEG may be called `.html`.
//!
//! The signatures are those of the WHATWG MIME Sniffing standard (6, *matching a MIME type pattern*) and of the
//! formats' own specifications. Text has no signature: it is what decodes as text.

/// Whether a file is text or some other thing.
#[derive(Debug, PartialEq, Eq)]
pub enum Kind {
    /// It may be text in some encoding.
    Text,
    /// There is nothing in it.
    Empty,
    /// It is of a known kind that is not read, named for people.
    Other(&'static str),
}

/// First bytes of a file, the code of its format in `documents`, and its name for people.
type Signature = (&'static [u8], &'static str, &'static str);

/// First bytes of files that are no text. (`PK` covers every kind of zip, the OLE signature every old Office file.)
static SIGNATURES: [Signature; 22] = [
    (b"%PDF-", "pdf", "a PDF document"),
    (b"PK\x03\x04", "zip", "a zip archive or an Office document of 2007 or later (docx, xlsx, ods, …)"),
    (b"PK\x05\x06", "zip", "an empty zip archive"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "ole2", "an Office document of 97–2003 (doc, xls, wps, et)"),
    (b"{\\rtf", "rtf", "an RTF document"),
    (b"\xFF\xD8\xFF", "jpeg", "a JPEG image"),
    (b"\x89PNG\r\n\x1A\n", "png", "a PNG image"),
    (b"GIF87a", "gif", "a GIF image"),
    (b"GIF89a", "gif", "a GIF image"),
    (b"II*\x00", "tiff", "a TIFF image"),
    (b"MM\x00*", "tiff", "a TIFF image"),
    (b"BM", "bmp", "a BMP image"),
    (b"\x1F\x8B", "gzip", "a gzip archive"),
    (b"Rar!\x1A\x07", "rar", "a RAR archive"),
    (b"7z\xBC\xAF\x27\x1C", "7z", "a 7z archive"),
    (b"BZh", "bzip2", "a bzip2 archive"),
    (b"\xFD7zXZ\x00", "xz", "an xz archive"),
    (b"\x28\xB5\x2F\xFD", "zstd", "a zstd archive"),
    (b"\x7FELF", "elf", "a program"),
    (b"PAR1", "parquet", "a Parquet file"),
    (b"SQLite format 3\x00", "sqlite", "an SQLite database"),
    (b"%!PS", "postscript", "a PostScript document"),
];

/// Tells what the bytes are.
pub fn kind(bytes: &[u8]) -> Kind {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Kind::Empty;
    }
    match signature(bytes) {
        Some((_, _, name)) => Kind::Other(name),
        None => Kind::Text,
    }
}

/// The code of a known format that is not read, as `documents.format` has it.
pub fn code(bytes: &[u8]) -> Option<&'static str> {
    signature(bytes).map(|(_, code, _)| *code)
}

fn signature(bytes: &[u8]) -> Option<&'static Signature> {
    SIGNATURES.iter().find(|(signature, ..)| {
        // Two letters begin many texts: a bitmap also says its own size, little-endian, in the next four bytes.
        bytes.starts_with(signature)
            && (*signature != b"BM"
                || bytes.get(2..6).is_some_and(|size| size == (bytes.len() as u32).to_le_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_what_a_file_is() {
        for (bytes, kind_of) in [
            (&b""[..], Kind::Empty),
            (b" \r\n\t", Kind::Empty),
            (b"\xFF\xD8\xFF\xE0\x00\x10JFIF", Kind::Other("a JPEG image")),
            (b"%PDF-1.7\n", Kind::Other("a PDF document")),
            (b"BM is how this note begins", Kind::Text),
            (b"BM\x0A\x00\x00\x00\x00\x00\x00\x00", Kind::Other("a BMP image")),
            ("项目名称".as_bytes(), Kind::Text),
        ] {
            assert_eq!(kind(bytes), kind_of, "{bytes:?}");
        }
    }
    #[test]
    fn formats_that_are_not_read_have_codes_to_count_them_by() {
        for (bytes, format) in [
            (&b"%PDF-1.7\n"[..], Some("pdf")),
            (b"PK\x03\x04\x14\x00", Some("zip")),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Some("ole2")),
            (b"\x1F\x8B\x08", Some("gzip")),
            (b"BM is how this note begins", None),
            (b" ", None),
        ] {
            assert_eq!(code(bytes), format, "{bytes:?}");
        }
        assert!(SIGNATURES.iter().all(|(_, code, _)| code.chars().all(|c| c.is_ascii_alphanumeric())));
    }
}
