//! The tokens of a page (13.2.5, *tokenization*): where its tags, comments and raw texts end.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memmem};

use super::names::Name;
use super::references::{Within, resolve};
use crate::readers::html::{attributes as counted, page};

/// Attributes of one tag, more of which are left to the other reader, which counts them.
const ATTRIBUTES: usize = 200;

/// A start tag or an end tag; one is used again and again, since it is too large to be moved about for each tag.
pub struct Tag<'s> {
    pub name: Name,
    /// The name as it stands in the page.
    pub text: &'s str,
    pub attributes: Attributes<'s>,
    /// Where the page goes on behind it.
    pub end: usize,
}

impl<'s> Tag<'s> {
    /// A tag that the standard implies at a place, or that stands for another one.
    pub fn implied(name: Name, text: &'s str, end: usize) -> Self {
        Self { name, text, attributes: Attributes::default(), end }
    }
}

/// The attributes of a tag that say anything here, as they stand in the page; the first of a name counts.
#[derive(Default)]
pub struct Attributes<'s> {
    values: [Option<&'s str>; ASKED.len()],
    is_noted: bool,
}

/// The names of those attributes, the most common first.
const ASKED: [&str; 8] = ["style", "colspan", "rowspan", "hidden", "type", "value", "checked", "selected"];

impl<'s> Attributes<'s> {
    fn note(&mut self, name: &str, value: &'s str) {
        // Most have none of these lengths, or are a style.
        if !matches!(name.len(), 4..=8) {
            return;
        }
        let asked = ASKED.iter().position(|asked| asked.eq_ignore_ascii_case(name));
        if let Some(slot) = asked.and_then(|at| self.values.get_mut(at)) {
            slot.get_or_insert(value);
            self.is_noted = true;
        }
    }

    fn clear(&mut self) {
        if self.is_noted {
            *self = Self::default();
        }
    }

    /// The value as it stands in the page.
    pub fn raw(&self, name: &str) -> Option<&'s str> {
        let at = ASKED.iter().position(|asked| *asked == name)?;
        self.values.get(at).copied().flatten()
    }

    /// Whether any may hide the element.
    pub fn may_hide(&self) -> bool {
        // Nearly all styles are done with at this glance: both properties that hide end in a `y`.
        let may = |style: &str| memchr::memchr3(b'y', b'Y', b'&', style.as_bytes()).is_some();
        self.is_noted && (self.raw("style").is_some_and(may) || self.raw("hidden").is_some())
    }
}

impl page::Attributes for Attributes<'_> {
    fn value(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.raw(name).map(|value| resolve(value, Within::Attribute))
    }

    fn has(&self, name: &'static str) -> bool {
        self.raw(name).is_some()
    }
}

/// The text of a page, to be read from any byte on.
#[derive(Clone, Copy)]
pub struct Source<'s> {
    pub text: &'s str,
}

/// Where something ends.
pub enum End {
    /// The page goes on here.
    At(usize),
    /// The page ended first.
    OfPage,
}

impl<'s> Source<'s> {
    /// The byte at a place.
    pub fn byte(self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The bytes from a place on.
    pub fn from(self, at: usize) -> &'s [u8] {
        self.text.as_bytes().get(at..).unwrap_or_default()
    }

    /// The text between two places, which are beside ASCII characters.
    pub fn between(self, from: usize, to: usize) -> &'s str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Reads a tag from its name on, and says whether the page goes on behind it; else it ends within the tag, which then is
    /// none. `None` where it is not sure what is read.
    pub fn tag(self, from: usize, tag: &mut Tag<'s>) -> Option<bool> {
        tag.attributes.clear();
        // What follows a `=` in a name is taken for a value where attributes are counted.
        let end = self.skip(from, |byte| !(is_between(byte) || matches!(byte, b'>' | b'=')));
        tag.text = self.between(from, end);
        tag.name = Name::of(tag.text.as_bytes());
        tag.end = end;
        if self.byte(end) == Some(b'=') || memchr(b'<', tag.text.as_bytes()).is_some() {
            return None;
        }
        for _ in 0..ATTRIBUTES {
            tag.end = self.skip(tag.end, is_between);
            match self.byte(tag.end) {
                None => return Some(false),
                Some(b'>') => {
                    tag.end += 1;
                    return Some(true);
                }
                Some(_) => {}
            }
            // An attribute that begins with `=` has that in its name.
            let begin = tag.end;
            let is_name = |byte| !(is_between(byte) || matches!(byte, b'>' | b'=' | b'<'));
            tag.end = if self.byte(begin) == Some(b'<') { begin } else { self.skip(begin + 1, is_name) };
            // What begins with `<` within a tag may be taken for a tag where attributes are counted.
            if self.byte(tag.end) == Some(b'<') {
                return None;
            }
            let name = self.between(begin, tag.end);
            let behind = self.skip(tag.end, |byte| byte.is_ascii_whitespace());
            if self.byte(behind) != Some(b'=') {
                tag.end = behind;
                tag.attributes.note(name, "");
                continue;
            }
            let Some((value, end)) = self.value(behind + 1)? else { return Some(false) };
            tag.attributes.note(name, value);
            tag.end = end;
        }
        None
    }

    /// Reads the value of an attribute; `Some(None)` where the page ends within it.
    fn value(self, from: usize) -> Option<Option<(&'s str, usize)>> {
        let begin = self.skip(from, |byte| byte.is_ascii_whitespace());
        // The tokenizer does not count these lines.
        if begin > from && self.between(from, begin).contains(['\n', '\r']) {
            return None;
        }
        let quote = match self.byte(begin) {
            None => return Some(None),
            Some(quote @ (b'"' | b'\'')) => quote,
            Some(_) => {
                let end = self.skip(begin, |byte| !(byte.is_ascii_whitespace() || byte == b'>'));
                self.hides_no_long_tag(begin, end)?;
                return Some(Some((self.between(begin, end), end)));
            }
        };
        let rest = self.from(begin + 1);
        let mut length = memchr2(quote, b'<', rest);
        if length.is_some_and(|at| rest.get(at) == Some(&b'<')) {
            length = memchr(quote, rest);
            self.hides_no_long_tag(begin, begin + 1 + length.unwrap_or(rest.len()))?;
        }
        Some(length.map(|length| (self.between(begin + 1, begin + 1 + length), begin + length + 2)))
    }

    fn skip(self, from: usize, skipped: impl Fn(u8) -> bool) -> usize {
        let rest = self.from(from);
        from + rest.iter().position(|byte| !skipped(*byte)).unwrap_or(rest.len())
    }

    /// Whatever seems to begin a tag is refused when it has too many attributes, also within comments and scripts (see
    /// `attributes`); what stands between these places has none like that.
    pub fn hides_no_long_tag(self, from: usize, to: usize) -> Option<()> {
        let within = self.from(from).get(..to.saturating_sub(from)).unwrap_or_default();
        for at in memchr_iter(b'<', within) {
            counted::check_at(self.text.get(from + at + 1..).unwrap_or_default()).ok()?;
        }
        Some(())
    }

    /// Where a comment ends whose `<!--` ends here.
    pub fn end_of_comment(self, from: usize) -> End {
        let rest = self.from(from);
        for abrupt in [&b">"[..], b"->"] {
            if rest.starts_with(abrupt) {
                return End::At(from + abrupt.len());
            }
        }
        for at in memchr_iter(b'>', rest) {
            let before = rest.get(..at).unwrap_or_default();
            if before.ends_with(b"--") || before.ends_with(b"--!") {
                return End::At(from + at + 1);
            }
        }
        End::OfPage
    }

    /// Where what is no comment and no tag ends.
    pub fn end_of_bogus_comment(self, from: usize) -> End {
        memchr(b'>', self.from(from)).map_or(End::OfPage, |at| End::At(from + at + 1))
    }

    /// Where the end tag begins that ends a raw text, and its name; the text of a script may hide one.
    pub fn end_of_raw_text(self, from: usize, name: Name) -> Option<Option<(usize, usize)>> {
        let rest = self.from(from);
        for at in memchr_iter(b'<', rest) {
            let Some(tag) = rest.get(at + 1..).and_then(|tag| tag.strip_prefix(b"/")) else { continue };
            let (length, name) = (name.text().len(), name.text().as_bytes());
            let is_named = tag.get(..length).is_some_and(|tag| tag.eq_ignore_ascii_case(name));
            if !(is_named && tag.get(length).is_some_and(|next| is_between(*next) || *next == b'>')) {
                continue;
            }
            let text = rest.get(..at).unwrap_or_default();
            if name == b"script" && hides_scripts(text) {
                return None;
            }
            return Some(Some((from + at, from + at + 2)));
        }
        if name == Name::Script && hides_scripts(rest) { None } else { Some(None) }
    }
}

/// Whether a script may write a script within what looks like a comment (13.2.5.20, *script data double escaped state*).
fn hides_scripts(text: &[u8]) -> bool {
    let Some(at) = memmem::find(text, b"<!--") else { return false };
    let behind = text.get(at..).unwrap_or_default();
    memchr_iter(b'<', behind).any(|at| {
        let tag = behind.get(at + 1..).unwrap_or_default();
        tag.get(..6).is_some_and(|name| name.eq_ignore_ascii_case(b"script"))
    })
}

fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'/'
}
