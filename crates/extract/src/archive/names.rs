//! Names of members: bytes of an encoding that nobody declared, from a stranger.
//!
//! The zip of Chinese Windows writes GBK and says nothing (APPNOTE.TXT, appendix D, knows only code page 437 and
//! UTF-8); that of macOS and Java writes UTF-8 and often says nothing either. All names of an archive are judged
//! together, since one short name fits both.

use std::collections::BTreeMap;
use std::fmt::Write;

use encoding_rs::GB18030;

/// Whether names without a declared encoding are GBK (of which GB 18030 is a superset), and not UTF-8.
///
/// What is not UTF-8 is GBK. Few words of GBK are UTF-8 by chance, and then only in pairs of bytes, which is to say
/// without one Chinese character; letters with accents, which they would be then, are not what these archives hold.
pub fn are_gbk<'n>(names: impl Iterator<Item = &'n [u8]> + Clone) -> bool {
    let texts: Option<Vec<&str>> = names.clone().map(|name| std::str::from_utf8(name).ok()).collect();
    let Some(texts) = texts else { return true };
    let mut beyond_ascii = texts.iter().flat_map(|text| text.chars()).filter(|c| !c.is_ascii()).peekable();
    if beyond_ascii.peek().is_none() || beyond_ascii.any(|c| c >= '\u{800}') {
        return false;
    }
    let mut names = names.filter(|name| !name.is_ascii());
    names.all(|name| match GB18030.decode_without_bom_handling_and_without_replacement(name) {
        Some(text) => text.chars().all(|c| c.is_ascii() || ('\u{4E00}'..='\u{9FFF}').contains(&c)),
        None => false,
    })
}

/// A name as text; bytes that are none stand as `\xNN`, so that different names stay different.
pub fn text(name: &[u8], is_gbk: bool) -> String {
    if is_gbk && let Some(text) = GB18030.decode_without_bom_handling_and_without_replacement(name) {
        return text.into_owned();
    }
    name.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
        text
    })
}

/// A path as it is below its archive: no root, no drive, no way up. Backslashes part folders on Windows.
pub fn below(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut parts = path.split('/').filter(|part| !matches!(*part, "" | "." | "..")).peekable();
    let is_drive = |part: &&str| part.len() == 2 && part.ends_with(':');
    if parts.peek().is_some_and(is_drive) && path.split('/').count() > 1 {
        parts.next();
    }
    let below = parts.collect::<Vec<_>>().join("/");
    if below.is_empty() { "?".to_owned() } else { below }
}

/// Whether a path says of itself that it is no publication; as for files, and what macOS puts beside each.
pub fn is_left_out(path: &str) -> bool {
    let path = path.replace('\\', "/");
    let mut parts = path.split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    parts
        .any(|part| part == "__MACOSX" || [".", "~$", "README"].iter().any(|prefix| part.starts_with(prefix)))
}

/// Names that are given away.
#[derive(Debug, Default)]
pub struct Names {
    /// Each name, and the number that was last put behind it.
    used: BTreeMap<String, u32>,
}

impl Names {
    /// The name, or the first of `name#2`, `name#3` … that is free, which is then taken.
    pub fn unique(&mut self, name: String) -> String {
        // The number goes on where it was, or many equal names would each look through all of them.
        let mut number = match self.used.get(&name) {
            None => {
                self.used.insert(name.clone(), 1);
                return name;
            }
            Some(number) => number + 1,
        };
        let mut free = format!("{name}#{number}");
        while self.used.contains_key(&free) {
            number += 1;
            free = format!("{name}#{number}");
        }
        self.used.insert(name, number);
        self.used.insert(free.clone(), 1);
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(names: &[&[u8]]) -> Vec<String> {
        let is_gbk = are_gbk(names.iter().copied());
        names.iter().map(|name| text(name, is_gbk)).collect()
    }

    #[test]
    fn names_are_judged_together() {
        // 联通 in GBK is UTF-8 by chance.
        let chance = b"\xC1\xAA\xCD\xA8.txt";
        assert_eq!(decoded(&[chance, b"a.txt"]), ["联通.txt", "a.txt"]);
        assert_eq!(decoded(&[chance, b"\xBC\xA8\xD0\xA7"]), ["联通.txt", "绩效"]);
        assert_eq!(decoded(&["绩效".as_bytes(), b"a"]), ["绩效", "a"]);
        assert_eq!(decoded(&[b"a\xFF\xFF"]), ["a\\xff\\xff"]);
    }

    #[test]
    fn paths_do_not_lead_out_of_the_archive() {
        for (path, name) in [
            ("../../etc/passwd", "etc/passwd"),
            ("/etc/./passwd", "etc/passwd"),
            ("C:\\年\\表.txt", "年/表.txt"),
            ("a/../b", "a/b"),
            ("..", "?"),
            ("表:.txt", "表:.txt"),
        ] {
            assert_eq!(below(path), name, "{path}");
        }
    }

    #[test]
    fn equal_names_are_told_apart() {
        let mut names = Names::default();
        let given = ["a", "a", "a#2", "a", "b"].map(|name| names.unique(name.to_owned()));
        assert_eq!(given, ["a", "a#2", "a#2#2", "a#3", "b"]);
    }
}
