//! Archives in, members out: one line for each.

#[path = "../../../../tests/common/archives.rs"]
#[allow(dead_code, missing_docs, reason = "shared with the tests of the whole program")]
mod archives;

use self::archives::{Zipped, central_header, crc, deflated, end, gzip, tar, zip};
use super::*;

/// Each member with its text or what is wrong with it, and then what was left out.
fn shown(bytes: &[u8]) -> Vec<String> {
    let mut shown = Vec::new();
    let left_out = members(bytes, "a", &mut |member| {
        shown.push(match (member.problem, member.bytes) {
            (Some(problem), _) => format!("{}: {problem}", member.source),
            (None, Some(bytes)) => format!("{}={}", member.source, String::from_utf8_lossy(bytes)),
            (None, None) => member.source,
        });
    });
    shown.extend(left_out.expect("it is an archive").iter().map(|name| format!("-{name}")));
    shown
}

#[test]
fn names_are_gbk_or_utf_8_or_in_a_field_of_their_own() {
    let gbk = b"\xBC\xA8\xD0\xA7.txt";
    assert_eq!(shown(&zip(&[Zipped::new(gbk, b"1"), Zipped::new(b"b", b"2")])), ["a!绩效.txt=1", "a!b=2"]);
    let flagged = Zipped { flags: 1 << 11, ..Zipped::new("绩效.txt".as_bytes(), b"1") };
    assert_eq!(shown(&zip(&[flagged, Zipped::new(gbk, b"2")])), ["a!绩效.txt=1", "a!绩效.txt#2=2"]);
    let field = |checksum: u32| {
        let name = "目标.txt".as_bytes();
        let length = (name.len() as u16 + 5).to_le_bytes();
        [b"\x75\x70".as_slice(), &length, &[1], &checksum.to_le_bytes(), name].concat()
    };
    let with = |checksum| Zipped { extra: field(checksum), ..Zipped::new(b"x.txt", b"1") };
    assert_eq!(shown(&zip(&[with(crc(b"x.txt"))])), ["a!目标.txt=1"]);
    assert_eq!(shown(&zip(&[with(7)])), ["a!x.txt=1"], "the field belongs to another name");
}

#[test]
fn members_are_files_and_stay_in_the_archive() {
    let entries = [
        Zipped::new(b"d/", b""),
        Zipped::new(b"../../x", b"1"),
        Zipped::new(b"/x", b"2"),
        Zipped::new(b"d\\x", b"3"),
        Zipped::new(b"__MACOSX/d/._x", b""),
        Zipped::new(b"d/.git/x", b""),
        Zipped::new(b"d/~$x", b""),
        Zipped::new(b"README.md", b""),
        Zipped { mode: 0o120_777, ..Zipped::new(b"link", b"/etc/passwd") },
        Zipped { mode: 0o100_644, ..Zipped::new(b"y\x1b[2J", b"4") },
    ];
    let left_out = ["-a!README.md", "-a!__MACOSX/d/._x", "-a!d/.git/x", "-a!d/~$x", "-a!link"];
    let read = ["a!x=1", "a!x#2=2", "a!d/x=3", "a!y\u{1b}[2J=4"];
    assert_eq!(shown(&zip(&entries)), [read.as_slice(), &left_out].concat());
    let entries: [(&str, u8, &[u8]); 4] =
        [("d/", b'5', b""), ("d/x", b'0', b"1"), ("link", b'2', b""), ("d/x", b'0', b"2")];
    let members = ["a!d/x=1", "a!d/x#2=2", "-a!link"];
    assert_eq!(shown(&tar(&entries, None)), members);
    assert_eq!(shown(&gzip(&tar(&entries, None))), members);
    assert_eq!(shown(&gzip("甲".as_bytes())), ["a!a=甲"]);
}

#[test]
fn archives_are_opened_two_deep() {
    let one = zip(&[Zipped::new(b"x", b"1")]);
    let two = zip(&[Zipped::new(b"1.zip", &one), Zipped::new(b"y", b"2")]);
    assert_eq!(shown(&two), ["a!1.zip!x=1", "a!y=2"]);
    let three = shown(&gzip(&tar(&[("2.zip", b'0', &two)], None)));
    assert_eq!(three[0].split(':').next(), Some("a!2.zip!1.zip"), "{three:?}");
    assert!(three[0].contains("two deep"));
    assert_eq!(three[1..], ["a!2.zip!y=2"]);
}

#[test]
fn broken_archives_say_what_is_wrong_and_what_can_be_read_is() {
    let whole = zip(&[Zipped::new(b"x", b"1"), Zipped::new(b"y", b"2")]);
    let says = |bytes: &[u8], words: &str| {
        let shown = shown(bytes);
        assert!(shown.last().is_some_and(|last| last.contains(words)), "{words:?} in {shown:?}");
        shown.len()
    };
    assert_eq!(
        says(&whole[..whole.len() - 30], "a: the file is a zip archive and damaged: its directory"),
        1
    );
    assert_eq!(says(&zip(&[]), "a: the archive is empty"), 1);
    says(
        &zip(&[Zipped { flags: 1, ..Zipped::new(b"x", b"1") }]),
        "a: the file is a zip archive with a password",
    );
    let mixed = [Zipped { flags: 1, ..Zipped::new(b"x", b"1") }, Zipped::new(b"y", b"2")];
    assert_eq!(shown(&zip(&mixed))[1], "a!y=2");
    let mut wrong = whole.clone();
    let data = wrong.windows(3).position(|bytes| bytes == deflated(b"2")).unwrap();
    wrong[data + 1] ^= 0x40;
    assert_eq!(says(&wrong, "a!y: the file is a member of a zip archive and damaged"), 2);
    let cut = gzip(&tar(&[("x", b'0', &[b'1'; 5000])], None));
    says(&cut[..cut.len() / 2], "damaged: it cannot be read on");
    says(&tar(&[("x", b'0', b"1"), ("y", b'0', b"2")], Some(70_000)), "damaged");
    says(
        &tar(&[("x", b'0', b"1"), ("y", b'0', b"2")], Some(8_000_000_000)),
        "a: the file is a tar archive and damaged",
    );
    let before = [b"PK\x03\x04 a program ".as_slice(), &whole].concat();
    assert_eq!(shown(&before), ["a!x=1", "a!y=2"]);
}

#[test]
fn limits_end_what_is_too_much() {
    let blank = vec![b' '; 17 << 20];
    let says = |bytes: &[u8], words: &str| {
        let shown = shown(bytes);
        assert!(shown.last().is_some_and(|last| last.contains(words)), "{words:?} in {:?}", shown.last());
        shown.len()
    };
    assert_eq!(
        says(&zip(&[Zipped::new(b"x", &blank)]), "a: its members unpack to more than 16777216 bytes"),
        1
    );
    assert_eq!(says(&gzip(&blank), "a: its members unpack to more than 16777216 bytes"), 1);
    assert_eq!(says(&gzip(&tar(&[("x", b'0', &blank)], None)), "more than"), 2);
    let inner = zip(&[Zipped::new(b"x", &blank[..6 << 20])]);
    let nested = ["1", "2", "3"].map(|name| Zipped::new(name.as_bytes(), &inner));
    assert!(says(&zip(&nested), "a!3: its members unpack to more than") == 3);
    let many: Vec<_> = std::iter::repeat_n(Zipped::new(b"x", b"1"), 10_001).collect();
    assert_eq!(says(&zip(&many), "a: it has more than 10000 entries"), 1);
    let many: Vec<_> = std::iter::repeat_n(("x", b'0', b"1".as_slice()), 10_001).collect();
    assert_eq!(says(&tar(&many, None), "a: it has more than 10000 entries"), 10_001);
    // All entries of the directory name the same bytes.
    let entry = Zipped::new(b"x", &blank[..1000]);
    let one = zip(std::slice::from_ref(&entry));
    let data = deflated(entry.bytes);
    let header = central_header(&entry, data.len() as u32, 0);
    let shared = end(one[..31 + data.len()].to_vec(), &header.repeat(500), 500);
    assert_eq!(says(&shared, "a: the file is a zip archive and damaged: its entries overlap"), 1);
}

#[test]
fn packages_and_texts_are_no_archives() {
    let docx =
        zip(&[Zipped::new(b"[Content_Types].xml", b"<x/>"), Zipped::new(b"word/document.xml", b"<x/>")]);
    let ofd = zip(&[Zipped::new(b"OFD.xml", b"<x/>")]);
    for bytes in [docx.as_slice(), &ofd, b"PK", "项目名称".as_bytes(), b""] {
        assert_eq!(members(bytes, "a", &mut |member| panic!("{member:?}")), None);
    }
    let archive = shown(&zip(&[Zipped::new(b"1.docx", &docx)]));
    assert!(archive[0].starts_with("a!1.docx=PK"));
}
