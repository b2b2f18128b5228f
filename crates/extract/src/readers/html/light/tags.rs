//! The tokens of a page (13.2.5, *tokenization*): where its tags, comments and raw texts end.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memmem};

use super::names::{Name, is_end_of_name};
use super::references::{Within, resolve};
use crate::readers::html::{attributes as counted, page};

/// Attributes of one tag, more of which are left to the other reader, which counts them.
const ATTRIBUTES: usize = 200;

/// A start tag or an end tag.
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
pub struct Attributes<'s> {
    values: [Option<&'s str>; ASKED.len()],
    /// Whether they hide the element that has them.
    pub hide: bool,
    spans: [u32; 2],
}

/// The names of those attributes, the most common first.
const ASKED: [&str; 8] = ["style", "colspan", "rowspan", "hidden", "type", "value", "checked", "selected"];

impl Default for Attributes<'_> {
    fn default() -> Self {
        Self { values: [None; _], hide: false, spans: [1; _] }
    }
}

impl<'s> Attributes<'s> {
    fn note(&mut self, name: &str, value: &'s str) {
        // Most have none of these lengths, or are a style.
        if !matches!(name.len(), 4..=8) {
            return;
        }
        let asked = ASKED.iter().position(|asked| asked.eq_ignore_ascii_case(name));
        if let Some(slot) = asked.and_then(|at| self.values.get_mut(at)) {
            slot.get_or_insert(value);
        }
    }

    /// Works out what is asked of each tag.
    fn understand(&mut self) {
        self.hide = page::is_unseen("", self);
        self.spans = page::spans(self);
    }

    /// The value as it stands in the page.
    pub fn raw(&self, name: &str) -> Option<&'s str> {
        let at = ASKED.iter().position(|asked| *asked == name)?;
        self.values.get(at).copied().flatten()
    }
}

impl page::Attributes for Attributes<'_> {
    fn value(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.raw(name).map(|value| resolve(value, Within::Attribute))
    }

    fn has(&self, name: &'static str) -> bool {
        self.raw(name).is_some()
    }

    fn spans(&self) -> [u32; 2] {
        self.spans
    }
}

/// How many tags are kept.
const KEPT: usize = 64;

/// The tags of a page as they are read.
///
/// Whatever writes pages writes the same tags over and over: `<td style="…">` for each cell. So the last ones that have
/// attributes are kept, each at a place that its first bytes tell, and one that stands there again is not read again.
pub struct Tags<'s> {
    plain: Tag<'s>,
    kept: Vec<Kept<'s>>,
}

struct Kept<'s> {
    /// The tag from behind its name to its end, which alone says what its attributes are; nothing where none is kept.
    behind: &'s str,
    tag: Tag<'s>,
}

impl<'s> Tags<'s> {
    pub fn new() -> Self {
        let none = || Tag::implied(Name::Unknown, "", 0);
        let kept = || Kept { behind: "", tag: none() };
        Self { plain: none(), kept: std::iter::repeat_with(kept).take(KEPT).collect() }
    }

    /// Reads a tag from its name on; `Some(None)` where the page ends within it, so that it is none. `None` where it is not
    /// sure what is read.
    pub fn read(&mut self, source: Source<'s>, from: usize) -> Option<Option<&Tag<'s>>> {
        let (name, text) = source.name(from)?;
        let end = from + text.len();
        let behind = source.from(end);
        if behind.first() == Some(&b'>') {
            let plain = &mut self.plain;
            (plain.name, plain.text, plain.end) = (name, text, end + 1);
            return Some(Some(plain));
        }
        let kept = self.kept.get_mut(slot(behind))?;
        let tag = &mut kept.tag;
        (tag.name, tag.text) = (name, text);
        if !kept.behind.is_empty() && behind.starts_with(kept.behind.as_bytes()) {
            tag.end = end + kept.behind.len();
            return Some(Some(tag));
        }
        kept.behind = "";
        if !source.attributes(end, tag)? {
            return Some(None);
        }
        // Whether what begins with a `<` in it may be let be depends on what follows.
        let whole = source.between(end, tag.end);
        if memchr(b'<', whole.as_bytes()).is_none() {
            kept.behind = whole;
        }
        Some(Some(tag))
    }
}

/// Where a tag is kept, by its first bytes behind the name: enough to tell `colspan="2"` from `colspan="3"`, and no more than
/// these have.
fn slot(behind: &[u8]) -> usize {
    let Some((head, rest)) = behind.split_first_chunk() else { return 0 };
    let Some(tail) = rest.first_chunk() else { return 0 };
    let key = u64::from_le_bytes(*head) ^ u64::from(u32::from_le_bytes(*tail)) << 17;
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58) as usize
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

    /// Reads the name of a tag; `None` where that has a character in it which begins something where attributes are counted.
    fn name(self, from: usize) -> Option<(Name, &'s str)> {
        let (name, length) = Name::read(self.from(from));
        if matches!(self.byte(from + length), Some(b'=' | b'<')) {
            return None;
        }
        Some((name, self.between(from, from + length)))
    }

    /// Reads a tag from its name on, and tells where the page goes on behind it; `Some(None)` and `None` as of [`Tags::read`].
    pub fn end_of_tag(self, from: usize) -> Option<Option<usize>> {
        let (name, text) = self.name(from)?;
        let mut tag = Tag::implied(name, text, 0);
        Some(self.attributes(from + text.len(), &mut tag)?.then_some(tag.end))
    }

    /// Reads the attributes of a tag, and says whether the page goes on behind it. `None` where it is not sure what is read.
    fn attributes(self, from: usize, tag: &mut Tag<'s>) -> Option<bool> {
        tag.attributes = Attributes::default();
        tag.end = from;
        for _ in 0..ATTRIBUTES {
            tag.end = self.skip(tag.end, is_between);
            match self.byte(tag.end) {
                None => return Some(false),
                Some(b'>') => {
                    tag.end += 1;
                    tag.attributes.understand();
                    return Some(true);
                }
                Some(_) => {}
            }
            // An attribute that begins with `=` has that in its name.
            let begin = tag.end;
            tag.end = if self.byte(begin) == Some(b'<') {
                begin
            } else {
                self.skip(begin + 1, |byte| !is_end_of_name(byte))
            };
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
