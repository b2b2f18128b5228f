//! XML parts of packages, as a walk over elements by their local names.
//!
//! Prefixes mean nothing here: WordprocessingML has two sets of namespaces (ECMA-376, transitional and strict) with the
//! same names in them. References to entities that XML does not define stay as they are written; none is looked up.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::Unreadable;
use crate::limits::Budget;

/// What is done on each step of the walk.
pub trait Walk {
    /// An element begins.
    ///
    /// # Errors
    /// If a limit is broken.
    fn open(&mut self, element: &Element<'_>) -> Result<(), Unreadable>;

    /// The element of this name that began last ends.
    ///
    /// # Errors
    /// If a limit is broken.
    fn close(&mut self, name: &str) -> Result<(), Unreadable>;

    /// Text.
    fn text(&mut self, text: &str);
}

/// The begin of an element.
pub struct Element<'e> {
    start: &'e BytesStart<'e>,
}

impl Element<'_> {
    /// Its name without a prefix.
    pub fn name(&self) -> &str {
        self.start.local_name().into_inner()
    }

    /// Its attribute of this local name.
    pub fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut attributes = self.start.attributes();
        let attribute = attributes.with_checks(false).flatten();
        let found = attribute.into_iter().find(|found| found.key.local_name().into_inner() == name)?;
        found.normalized_value(XmlVersion::Implicit1_0).ok()
    }

    /// The same as a number, which is at most `most`.
    pub fn number(&self, name: &str, most: u32) -> Option<u32> {
        let value = self.attribute(name)?;
        let digits = value.trim();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(digits.parse().unwrap_or(most).min(most))
    }
}

/// Walks over a part. `kind` names the file for people.
///
/// # Errors
/// If it is no XML, ends too early, or breaks a limit.
pub fn walk(bytes: &[u8], kind: &'static str, walk: &mut impl Walk) -> Result<u64, Unreadable> {
    let damaged = |problem: String| Unreadable::Damaged { name: kind, problem };
    let (text, replaced) = decoded(bytes);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    let mut depth: u32 = 0;
    loop {
        match reader.read_event().map_err(|error| damaged(format!("its XML is broken ({error})")))? {
            Event::Start(start) => {
                depth += 1;
                Budget::depth(depth)?;
                walk.open(&Element { start: &start })?;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                walk.close(end.local_name().into_inner())?;
            }
            Event::Text(text) => walk.text(&text.xml10_content()),
            Event::CData(text) => walk.text(&text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => walk.text(character.encode_utf8(&mut [0; 4])),
                _ => match &*reference {
                    "lt" => walk.text("<"),
                    "gt" => walk.text(">"),
                    "amp" => walk.text("&"),
                    "quot" => walk.text("\""),
                    "apos" => walk.text("'"),
                    other => walk.text(&format!("&{other};")),
                },
            },
            Event::Eof => break,
            _ => {}
        }
    }
    if depth > 0 {
        return Err(damaged("its XML ends too early".to_owned()));
    }
    Ok(replaced)
}

/// The text of a part: UTF-8, or UTF-16 by its mark (XML 1.0, 4.3.3); and how many characters could not be told.
fn decoded(bytes: &[u8]) -> (Cow<'_, str>, u64) {
    let encoding = encoding_rs::Encoding::for_bom(bytes).map_or(encoding_rs::UTF_8, |(encoding, _)| encoding);
    let (text, _, had_errors) = encoding.decode(bytes);
    let replaced = if had_errors { text.matches('\u{FFFD}').count() as u64 } else { 0 };
    (text, replaced)
}
