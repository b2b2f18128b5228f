//! What a file is, told by its bytes and not by its name: a JPEG may be called `.html`.
//!
//! The signatures are those of the WHATWG MIME Sniffing standard (6, *matching a MIME type pattern*) and of the
//! formats' own specifications. Text has no signature: it is what decodes as text. Packages (zip, OLE) are told by what
//! they hold.

use crate::readers::package::{Package, streams};

/// What the bytes of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There is nothing in them.
    Empty,
    /// They may be text in some encoding.
    Text,
    /// Word since 2007 (ECMA-376).
    Docx,
    /// Excel since 2007 (ECMA-376).
    Xlsx,
    /// OpenDocument text (ISO/IEC 26300).
    Odt,
    /// OpenDocument spreadsheet.
    Ods,
    /// Word 97–2003 (MS-DOC).
    Doc,
    /// Excel 97–2003 (MS-XLS).
    Xls,
    /// Rich Text Format.
    Rtf,
    /// PDF (ISO 32000).
    Pdf,
    /// A compound file (MS-CFB) of which it cannot be told what is in it.
    BrokenCompound,
    /// An Office document that is encrypted (MS-OFFCRYPTO).
    Encrypted,
    /// Something that holds documents, and is none.
    Archive(Container),
    /// A known kind that is not read: its code, and its name for people.
    Other(&'static str, &'static str),
}

/// What holds the documents of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// zip (APPNOTE.TXT), without the parts by which a package of an office is known.
    Zip,
    /// tar (POSIX.1, `ustar` and `pax`; GNU).
    Tar,
    /// gzip (RFC 1952) of one document, or of a tar.
    Gzip,
}

impl Kind {
    /// The code in the column `format`; of text the reader tells whether it is `text` or `html`.
    pub fn code(self) -> Option<&'static str> {
        Some(match self {
            Self::Empty | Self::Text => return None,
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Odt => "odt",
            Self::Ods => "ods",
            Self::Doc => "doc",
            Self::Xls => "xls",
            Self::Rtf => "rtf",
            Self::Pdf => "pdf",
            Self::Encrypted | Self::BrokenCompound => "ole2",
            Self::Archive(Container::Zip) => "zip",
            Self::Archive(Container::Tar) => "tar",
            Self::Archive(Container::Gzip) => "gzip",
            Self::Other(code, _) => code,
        })
    }

    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "an empty file",
            Self::Text => "a text",
            Self::Docx => "a Word document (docx)",
            Self::Xlsx => "an Excel workbook (xlsx)",
            Self::Odt => "an OpenDocument text (odt)",
            Self::Ods => "an OpenDocument spreadsheet (ods)",
            Self::Doc => "a Word document of 97–2003 (doc)",
            Self::Xls => "an Excel workbook of 97–2003 (xls)",
            Self::Rtf => "an RTF document",
            Self::Pdf => "a PDF document",
            Self::Encrypted => "an Office document",
            Self::BrokenCompound => "a document of Office 97–2003 (doc, xls)",
            Self::Archive(Container::Zip) => "a zip archive",
            Self::Archive(Container::Tar) => "a tar archive",
            Self::Archive(Container::Gzip) => "a gzip archive",
            Self::Other(_, name) => name,
        }
    }
}

/// First bytes of files that are neither text nor a package.
static SIGNATURES: [(&[u8], Kind); 19] = [
    (b"%PDF-", Kind::Pdf),
    (b"{\\rtf", Kind::Rtf),
    (b"\xFF\xD8\xFF", Kind::Other("jpeg", "a JPEG image")),
    (b"\x89PNG\r\n\x1A\n", Kind::Other("png", "a PNG image")),
    (b"GIF87a", Kind::Other("gif", "a GIF image")),
    (b"GIF89a", Kind::Other("gif", "a GIF image")),
    (b"II*\x00", Kind::Other("tiff", "a TIFF image")),
    (b"MM\x00*", Kind::Other("tiff", "a TIFF image")),
    (b"BM", Kind::Other("bmp", "a BMP image")),
    (b"\x1F\x8B", Kind::Archive(Container::Gzip)),
    (b"Rar!\x1A\x07", Kind::Other("rar", "a RAR archive")),
    (b"7z\xBC\xAF\x27\x1C", Kind::Other("7z", "a 7z archive")),
    (b"BZh", Kind::Other("bzip2", "a bzip2 archive")),
    (b"\xFD7zXZ\x00", Kind::Other("xz", "an xz archive")),
    (b"\x28\xB5\x2F\xFD", Kind::Other("zstd", "a zstd archive")),
    (b"\x7FELF", Kind::Other("elf", "a program")),
    (b"PAR1", Kind::Other("parquet", "a Parquet file")),
    (b"SQLite format 3\x00", Kind::Other("sqlite", "an SQLite database")),
    (b"%!PS", Kind::Other("postscript", "a PostScript document")),
];

/// The part by which a zip package is known, and what it is then.
///
/// Packages that are not read stand here too: their parts are no documents, as those of an archive would be.
static PARTS: [(&str, Kind); 3] = [
    ("word/document.xml", Kind::Docx),
    ("xl/workbook.xml", Kind::Xlsx),
    ("OFD.xml", Kind::Other("ofd", "an OFD document")),
];

/// The list of content types, which every package of Office Open XML has.
const CONTENT_TYPES: &str = "[Content_Types].xml";

/// What the list of content types (ECMA-376, part 2, 7.3) says of the main part, where that is not in the usual place.
/// Templates and documents with macros have types of their own, which begin alike.
static MAIN_PARTS: [(&str, Kind); 4] = [
    ("wordprocessingml.", Kind::Docx),
    ("ms-word.", Kind::Docx),
    ("spreadsheetml.", Kind::Xlsx),
    ("ms-excel.", Kind::Xlsx),
];

/// The stream by which an OLE compound file (MS-CFB) is known, and what it is then.
static STREAMS: [(&str, Kind); 4] = [
    ("EncryptedPackage", Kind::Encrypted),
    ("WordDocument", Kind::Doc),
    ("Workbook", Kind::Xls),
    ("Book", Kind::Xls),
];

/// Tells what the bytes are.
pub fn kind(bytes: &[u8]) -> Kind {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Kind::Empty;
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return package_kind(bytes);
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        let Ok(streams) = streams(bytes) else { return Kind::BrokenCompound };
        let known = STREAMS.iter().find(|(name, _)| streams.iter().any(|stream| stream == name));
        return known
            .map_or(Kind::Other("ole2", "a compound file that is neither Word nor Excel"), |known| known.1);
    }
    // POSIX.1, pax, "ustar Interchange Format": the magic of a header of 512 bytes; GNU has a space behind it.
    if bytes.get(257..262) == Some(b"ustar") {
        return Kind::Archive(Container::Tar);
    }
    let known = SIGNATURES.iter().find(|(signature, _)| {
        // Two letters begin many texts: a bitmap also says its own size, little-endian, in the next four bytes.
        bytes.starts_with(signature)
            && (*signature != b"BM"
                || bytes.get(2..6).is_some_and(|size| size == (bytes.len() as u32).to_le_bytes()))
    });
    known.map_or(Kind::Text, |(_, kind)| *kind)
}

/// What a zip is: OpenDocument names its type first (ISO/IEC 26300-3, *mimetype*), Office Open XML has a part for the main document.
fn package_kind(bytes: &[u8]) -> Kind {
    let Some(mut package) = Package::open(bytes) else { return Kind::Archive(Container::Zip) };
    match package.mime_type() {
        Some(
            "application/vnd.oasis.opendocument.text" | "application/vnd.oasis.opendocument.text-template",
        ) => return Kind::Odt,
        Some("application/vnd.oasis.opendocument.spreadsheet") => return Kind::Ods,
        Some(other) if other.starts_with("application/") => {
            return Kind::Other("package", "a package that is neither a text nor a spreadsheet");
        }
        _ => {}
    }
    let known = PARTS.iter().find(|(part, _)| package.has(part));
    if let Some(kind) = known.map(|known| known.1).or_else(|| main_part_kind(&mut package)) {
        return kind;
    }
    if package.has(CONTENT_TYPES) {
        return Kind::Other("ooxml", "an Office document that is neither Word nor Excel");
    }
    Kind::Archive(Container::Zip)
}

/// What the list of content types says, where the main part is not where it usually is.
fn main_part_kind(package: &mut Package<'_>) -> Option<Kind> {
    const LONGEST_LIST: u64 = 1 << 20;
    let types = package.head(CONTENT_TYPES, LONGEST_LIST)?;
    let is_main = |(prefix, kind): &(&str, Kind)| {
        let mut types = types.split('"').filter(|value| value.ends_with("main+xml"));
        types.any(|value| value.contains(prefix)).then_some(*kind)
    };
    MAIN_PARTS.iter().find_map(is_main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_what_a_file_is() {
        for (bytes, kind_of) in [
            (&b""[..], Kind::Empty),
            (b" \r\n\t", Kind::Empty),
            (b"\xFF\xD8\xFF\xE0\x00\x10JFIF", Kind::Other("jpeg", "a JPEG image")),
            (b"%PDF-1.7\n", Kind::Pdf),
            (b"BM is how this note begins", Kind::Text),
            (b"BM\x0A\x00\x00\x00\x00\x00\x00\x00", Kind::Other("bmp", "a BMP image")),
            ("项目名称".as_bytes(), Kind::Text),
        ] {
            assert_eq!(kind(bytes), kind_of, "{bytes:?}");
        }
    }

    #[test]
    fn a_package_is_known_by_its_main_part_wherever_that_is() {
        use crate::readers::package::zipped;
        let types = |kind: &str| {
            let list =
                format!("<Types><Override PartName=\"/a.xml\" ContentType=\"application/{kind}\"/></Types>");
            zipped(&[("[Content_Types].xml", &list), ("a.xml", "")])
        };
        for (kind_of_part, kind_of) in [
            ("vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", Kind::Docx),
            ("vnd.ms-word.document.macroEnabled.main+xml", Kind::Docx),
            ("vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", Kind::Xlsx),
            (
                "vnd.openxmlformats-officedocument.wordprocessingml.styles+xml",
                Kind::Other("ooxml", "an Office document that is neither Word nor Excel"),
            ),
        ] {
            assert_eq!(kind(&types(kind_of_part)), kind_of, "{kind_of_part}");
        }
    }

    #[test]
    fn an_encrypted_document_is_known_by_its_stream() {
        let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).expect("a file");
        file.create_stream("/EncryptedPackage").expect("a stream");
        file.flush().expect("it is written");
        assert_eq!(kind(file.into_inner().get_ref()), Kind::Encrypted);
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
            assert_eq!(kind(bytes).code(), format, "{bytes:?}");
        }
        let codes = SIGNATURES.iter().filter_map(|(_, kind)| kind.code());
        assert!(codes.flat_map(str::chars).all(|c| c.is_ascii_alphanumeric()));
    }
}
