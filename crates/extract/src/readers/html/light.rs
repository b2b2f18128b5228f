//! HTML to blocks without a tree, as long as it is sure.
//!
//! One pass over the page reads its tags and keeps the stack of open elements by the rules of the HTML standard (13.2.6,
//! *tree construction*); the tree that they make is told to the page in the order in which it would be walked. That order
//! is the one of the source unless content is moved: where a table would put its content before itself (*foster parenting*),
//! and in whatever else is not done here, nothing is read, and the conforming reader reads the page. Formatting elements
//! are let be (see `stack`).
//!
//! Limits are counted as what the conforming reader counts at most. So a page that is read here breaks none of them, and of
//! one that may, the other reader tells.

mod body;
mod modes;
mod names;
mod references;
mod stack;
mod tags;

use std::borrow::Cow;
use std::collections::BTreeSet;

use jixiao_model::Block;
use memchr::{memchr, memchr_iter, memchr2, memmem};

use self::modes::Mode;
use self::names::Name;
use self::references::{Within, reference, resolve};
use self::stack::Entry;
use self::tags::{End, Source, Tag, Tags};
use super::page::Page;
use crate::limits::Budget;

/// `None` where it is not sure what the conforming reader would do.
type Sure = Option<()>;

/// The blocks of a page, and what they take of the budget; `None` where the conforming reader must read it, which then has
/// all of the budget.
pub fn blocks<'s>(source: &'s str, first_line: u32, budget: &mut Budget) -> Option<Vec<Block<Cow<'s, str>>>> {
    let bytes = source.as_bytes();
    // The tokenizer drops byte order marks at places that depend on how it is fed, and has rules for NUL.
    if memchr(0, bytes).is_some() || memmem::find(bytes, "\u{FEFF}".as_bytes()).is_some() {
        return None;
    }
    let mut scaffolds = BTreeSet::new();
    loop {
        let mut left = budget.clone();
        let mut light = Light::new(source, first_line, &scaffolds, &mut left);
        light.read(budget)?;
        if !light.muted {
            let (elements, steps) = light.taken_in_all();
            let blocks = light.page.finish().ok()?;
            left.estimate(elements, steps)?;
            *budget = left;
            return Some(blocks);
        }
        // That a table is a scaffold is known at its end.
        scaffolds = light.found;
    }
}

/// The first form that is open (13.2.4.4, *the form element pointer*).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    None,
    Open(usize),
    /// It is not open any more, and no other may open until its end tag.
    Elsewhere,
}

/// What a browser takes the page for, by its doctype (13.2.6.4.1): in quirks mode, a table does not end a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quirks {
    /// Nothing has come yet.
    Undecided,
    Yes,
    No,
    Unknown,
}

/// The lines of a page, counted up to a place.
struct Lines {
    line: u32,
    /// Where the next line break is that is not counted yet; the end of the page where there is none.
    next: usize,
    has_returns: bool,
}

impl Lines {
    fn new(bytes: &[u8]) -> Self {
        let mut lines = Self { line: 1, next: 0, has_returns: memchr(b'\r', bytes).is_some() };
        lines.next = lines.find(bytes, 0);
        lines
    }

    /// The first line break from a place on: `\r\n` is one, and stands where it begins.
    fn find(&self, bytes: &[u8], from: usize) -> usize {
        let rest = bytes.get(from..).unwrap_or_default();
        let found = if self.has_returns { memchr2(b'\r', b'\n', rest) } else { memchr(b'\n', rest) };
        found.map_or(bytes.len(), |at| from + at)
    }

    /// The line of a place; places are asked for in their order.
    fn at(&mut self, bytes: &[u8], at: usize) -> u32 {
        while self.next < at {
            self.line = self.line.saturating_add(1);
            let is_pair = bytes.get(self.next..).is_some_and(|rest| rest.starts_with(b"\r\n"));
            self.next = self.find(bytes, self.next + if is_pair { 2 } else { 1 });
        }
        self.line
    }
}

struct Light<'s, 'b> {
    source: Source<'s>,
    at: usize,
    page: Page<'s, 'b>,
    mode: Mode,
    stack: Vec<Entry<'s>>,
    /// Formatting elements that were not closed and that a browser may open again, outermost first.
    lost: Vec<Name>,
    /// Whether it has done so since an element was closed.
    is_rebuilt: bool,
    /// The outermost element that hides what is in it.
    hidden: Option<usize>,
    form: Form,
    /// How many lists to choose from are open.
    selects: usize,
    quirks: Quirks,
    /// A line break that comes now is not there.
    drops_line_feed: bool,
    lines: Lines,
    /// Open tables by their numbers, and their rows.
    tables: Vec<(usize, u32)>,
    table_count: usize,
    /// The numbers of tables that are known to be scaffolds, and those that turned out to be.
    scaffolds: &'b BTreeSet<usize>,
    found: BTreeSet<usize>,
    /// A table turned out to be one that was read as none: only scaffolds are looked for any more.
    muted: bool,
    elements: usize,
    tokens: u64,
    rebuilt: u64,
    misnested: u64,
    gaps: usize,
    deepest: usize,
}

impl<'s, 'b> Light<'s, 'b> {
    fn new(text: &'s str, first_line: u32, scaffolds: &'b BTreeSet<usize>, budget: &'b mut Budget) -> Self {
        Self {
            source: Source { text },
            at: 0,
            page: Page::new(first_line, budget),
            mode: Mode::BeforeHtml,
            stack: Vec::new(),
            lost: Vec::new(),
            is_rebuilt: false,
            hidden: None,
            form: Form::None,
            selects: 0,
            quirks: Quirks::Undecided,
            drops_line_feed: false,
            lines: Lines::new(text.as_bytes()),
            tables: Vec::new(),
            table_count: 0,
            scaffolds,
            found: BTreeSet::new(),
            muted: false,
            elements: 0,
            tokens: 0,
            rebuilt: 0,
            misnested: 0,
            gaps: 0,
            deepest: 0,
        }
    }

    /// Reads the page; what is sure to be given up in the end, for all that it takes, is given up at once.
    fn read(&mut self, budget: &Budget) -> Sure {
        let mut tags = Tags::new();
        while let Some(byte) = self.source.byte(self.at) {
            self.tokens += 1;
            if self.tokens.is_multiple_of(1024) {
                let (elements, steps) = self.taken();
                budget.clone().estimate(elements, steps)?;
            }
            if byte == b'<' { self.markup(&mut tags)? } else { self.text()? }
        }
        self.close_all();
        Some(())
    }

    /// Elements that the conforming reader makes at most, and how often it looks at one.
    ///
    /// For each token it goes through what is open a few times (for the scope of what it closes, for what it opens again, for
    /// forms); to close a formatting element out of order, eight times over, and each time each is held against each.
    fn taken(&self) -> (usize, u64) {
        let depth = self.deepest as u64 + 8;
        let tokens = 24 * (self.tokens + self.elements as u64);
        let steps = (tokens + self.rebuilt * depth + self.misnested * (16 * depth + 128)) * depth;
        (self.elements + 3, steps)
    }

    /// As [`Self::taken`], for all of the page: each line break, reference and piece that is fed is a text of its own.
    fn taken_in_all(&mut self) -> (usize, u64) {
        let (elements, steps) = self.taken();
        let bytes = self.source.from(0);
        let returns = if self.lines.has_returns { memchr_iter(b'\r', bytes).count() } else { 0 };
        let parts = memchr_iter(b'&', bytes).count() + returns + bytes.len() / 1024;
        let texts = parts as u64 + u64::from(self.line(bytes.len()));
        (elements, steps + 8 * texts * (self.deepest as u64 + 8))
    }

    /// The line of a place; places are asked for in their order.
    fn line(&mut self, at: usize) -> u32 {
        self.lines.at(self.source.from(0), at)
    }

    /// What begins with `<` (13.2.5.6, *tag open state*).
    fn markup(&mut self, tags: &mut Tags<'s>) -> Sure {
        let (begin, next) = (self.at + 1, self.source.byte(self.at + 1));
        self.drops_line_feed = false;
        match next {
            Some(letter) if letter.is_ascii_alphabetic() => {
                let tag = tags.read(self.source, begin)?;
                self.go_behind(tag.map(|tag| tag.end));
                tag.map_or(Some(()), |tag| self.start(tag))
            }
            Some(b'/') if self.source.byte(begin + 1).is_some_and(|letter| letter.is_ascii_alphabetic()) => {
                let tag = tags.read(self.source, begin + 1)?;
                self.go_behind(tag.map(|tag| tag.end));
                tag.map_or(Some(()), |tag| self.end(tag))
            }
            Some(b'/') => None,
            Some(b'!' | b'?') => self.declaration(),
            _ => {
                self.characters("<".into(), self.at)?;
                self.at += 1;
                Some(())
            }
        }
    }

    /// Goes behind a tag; where the page ends within it, it is none.
    fn go_behind(&mut self, end: Option<usize>) {
        self.at = end.unwrap_or(self.source.text.len());
    }

    /// A comment, a doctype, or what is taken for a comment.
    fn declaration(&mut self) -> Sure {
        let begin = self.at;
        let behind = self.source.from(begin);
        let is_doctype = behind.get(2..9).is_some_and(|name| name.eq_ignore_ascii_case(b"doctype"));
        let end = if behind.starts_with(b"<!--") {
            self.elements += 1;
            self.source.end_of_comment(begin + 4)
        } else {
            self.elements += 1;
            self.source.end_of_bogus_comment(begin + 2)
        };
        self.at = match end {
            End::At(end) => end,
            End::OfPage => self.source.text.len(),
        };
        if is_doctype {
            self.doctype(self.source.between(begin + 9, self.at))?;
        }
        self.source.hides_no_long_tag(begin + 1, self.at)
    }

    /// What a browser takes the page for (13.2.6.4.1, *the "initial" insertion mode*), for the doctypes that pages have.
    fn doctype(&mut self, rest: &str) -> Sure {
        const KNOWN: [&str; 4] = [
            "html public \"-//w3c//dtd xhtml 1.0 transitional//en\" \"http://www.w3.org/tr/xhtml1/dtd/xhtml1-transitional.dtd\"",
            "html public \"-//w3c//dtd xhtml 1.0 strict//en\" \"http://www.w3.org/tr/xhtml1/dtd/xhtml1-strict.dtd\"",
            "html public \"-//w3c//dtd html 4.01 transitional//en\" \"http://www.w3.org/tr/html4/loose.dtd\"",
            "html public \"-//w3c//dtd html 4.01//en\" \"http://www.w3.org/tr/html4/strict.dtd\"",
        ];
        // An identifier may have a `>` in quotes nowhere; what ends at the end of the page is broken.
        let rest = rest.strip_suffix('>')?;
        if self.quirks == Quirks::Undecided {
            let words: Vec<_> = rest.split_ascii_whitespace().collect();
            let doctype = words.join(" ").to_ascii_lowercase();
            let is_known = doctype == "html" || KNOWN.contains(&doctype.as_str());
            self.quirks = if is_known { Quirks::No } else { Quirks::Unknown };
        }
        Some(())
    }

    /// Text up to the next tag.
    fn text(&mut self) -> Sure {
        if std::mem::take(&mut self.drops_line_feed) {
            self.at += match self.source.from(self.at) {
                [b'\r', b'\n', ..] => 2,
                [b'\r' | b'\n', ..] => 1,
                // One that a reference stands for (`&#10;`, `&NewLine;`) is dropped as well, unless the reference is broken.
                [b'&', b'#' | b'N', ..] => return None,
                _ => 0,
            };
        }
        loop {
            let rest = self.source.from(self.at);
            let length = memchr2(b'<', b'&', rest).unwrap_or(rest.len());
            let begin = self.at;
            self.at += length;
            if length > 0 {
                self.characters(self.source.between(begin, self.at).into(), begin)?;
            }
            if rest.get(length) != Some(&b'&') {
                return Some(());
            }
            let begin = self.at;
            self.at += 1;
            match reference(self.source.text.get(self.at..)?, Within::Text) {
                // It is none of those that the tokenizer makes a line feed of.
                Some(([Some('\r'), None], _)) => return None,
                Some((characters, length)) => {
                    let text: String = characters.into_iter().flatten().collect();
                    self.characters(text.into(), begin)?;
                    self.at += length;
                }
                None => self.characters("&".into(), begin)?,
            }
        }
    }

    /// Skips the raw text of an element and its end tag.
    fn skip_raw_text(&mut self, name: Name) -> Sure {
        let begin = self.at;
        self.end_raw_text(name)?;
        self.source.hides_no_long_tag(begin, self.at)
    }

    /// Goes behind the end tag of a raw text, and tells where that began.
    fn end_raw_text(&mut self, name: Name) -> Option<usize> {
        let Some((text_end, begin)) = self.source.end_of_raw_text(self.at, name)? else {
            self.at = self.source.text.len();
            return Some(self.at);
        };
        let end = self.source.end_of_tag(begin)?;
        self.go_behind(end);
        Some(text_end)
    }

    /// A text field, which shows what is in it.
    fn textarea(&mut self, tag: &Tag<'s>) -> Sure {
        let begin = self.at;
        let hidden = self.is_unseen(tag);
        self.elements += 1;
        let end = self.end_raw_text(Name::Textarea)?;
        self.source.hides_no_long_tag(begin, self.at)?;
        let raw = self.source.between(begin, end);
        if raw.contains("&#") || raw.starts_with("&N") {
            return None;
        }
        let raw = raw.strip_prefix("\r\n").or(raw.strip_prefix(['\n', '\r'])).unwrap_or(raw);
        if !hidden {
            self.write(resolve(raw, Within::Text));
        }
        Some(())
    }

    /// Tells the page a text, in which each line break is one character.
    fn write(&mut self, text: Cow<'s, str>) {
        if self.muted {
            return;
        }
        // Elsewhere both are white space.
        if self.lines.has_returns && self.page.is_preformatted() {
            self.page.text(text.replace("\r\n", "\n").replace('\r', "\n").into());
        } else {
            self.page.text(text);
        }
    }
}
