//! XML parts of packages, as a walk over elements by their local names.
//!
//! Prefixes mean nothing here: a writer chooses them, Office Open XML has two sets of namespaces (ECMA-376, transitional
//! and strict) with the same names in them, and within one part no two names of ours differ by their namespace alone. References to entities that XML does not define stay as they are written; none is looked up.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event as XmlEvent};
use quick_xml::{Reader, XmlVersion};

use super::Unreadable;
use crate::limits::Budget;

/// What is next in a part. An empty element opens and closes.
pub enum Event<'e> {
    /// An element opens.
    Open(&'e Element<'e>),
    /// The element of this name that opened last closes.
    Close(&'e str),
    /// Text, or a piece of one.
    Text(&'e str),
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

    /// The same, empty where there is none.
    pub fn text(&self, name: &str) -> String {
        self.attribute(name).map(Cow::into_owned).unwrap_or_default()
    }

    /// Its attribute of this name as a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.attribute(name)?.trim().parse().ok()
    }

    /// The same, or `most` where that is less.
    pub fn number_up_to(&self, name: &str, most: u32) -> Option<u32> {
        let value = self.attribute(name)?;
        let digits = value.trim();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(digits.parse().unwrap_or(most).min(most))
    }

    /// Whether an attribute is true, in any of its spellings (XML Schema, part 2, 3.2.2).
    pub fn is(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| matches!(&*value, "1" | "true"))
    }
}

/// Walks over a part. Its name and that of the kind of file are for people. Returns how many characters could not be
/// decoded.
///
/// # Errors
/// If it is no XML, ends too early, or breaks a limit; or what `visit` fails with.
pub fn walk(
    part: &[u8],
    (name, kind): (&str, &'static str),
    mut visit: impl FnMut(Event<'_>) -> Result<(), Unreadable>,
) -> Result<u64, Unreadable> {
    let damaged = |problem: String| Unreadable::Damaged { name: kind, problem };
    let (text, replaced) = decoded(part);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    let mut depth: u32 = 0;
    loop {
        let event = reader.read_event();
        match event.map_err(|error| damaged(format!("its part {name} is no XML ({error})")))? {
            XmlEvent::Start(start) => {
                depth += 1;
                Budget::depth(depth)?;
                visit(Event::Open(&Element { start: &start }))?;
            }
            XmlEvent::End(end) => {
                depth = depth.saturating_sub(1);
                visit(Event::Close(end.local_name().into_inner()))?;
            }
            XmlEvent::Text(text) => visit(Event::Text(&text.xml10_content()))?,
            XmlEvent::CData(text) => visit(Event::Text(&text.xml10_content()))?,
            XmlEvent::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => visit(Event::Text(character.encode_utf8(&mut [0; 4])))?,
                _ => match &*reference {
                    "lt" => visit(Event::Text("<"))?,
                    "gt" => visit(Event::Text(">"))?,
                    "amp" => visit(Event::Text("&"))?,
                    "quot" => visit(Event::Text("\""))?,
                    "apos" => visit(Event::Text("'"))?,
                    other => visit(Event::Text(&format!("&{other};")))?,
                },
            },
            XmlEvent::Eof => break,
            _ => {}
        }
    }
    if depth > 0 {
        return Err(damaged(format!("its part {name} ends too early")));
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
