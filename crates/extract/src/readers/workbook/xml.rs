//! The parts of a package as a stream of XML events, with references resolved and names without their prefixes.
//!
//! Prefixes are any that a writer chose; within one part no two names of ours differ by their namespace alone.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event as XmlEvent};

use crate::readers::Unreadable;

/// What is next in a part. An empty element opens and closes.
pub enum Event<'e> {
    /// An element opens.
    Open(&'e Element<'e>),
    /// An element of this name closes.
    Close(&'e str),
    /// Text.
    Text(&'e str),
}

/// An element that opens.
pub struct Element<'e> {
    start: &'e BytesStart<'e>,
    /// Its name without its prefix.
    pub name: &'e str,
}

impl Element<'_> {
    /// An attribute by its name without its prefix.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.start.attributes();
        attributes.with_checks(false);
        let mut found = attributes.flatten().filter(|attribute| attribute.key.local_name().as_ref() == name);
        let value = found.next()?.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?;
        Some(value.into_owned())
    }

    /// An attribute that is a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.attribute(name)?.trim().parse().ok()
    }

    /// An attribute that is true, in any of its spellings (XML Schema, part 2, 3.2.2).
    pub fn is(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| value == "1" || value == "true")
    }
}

/// Decodes a part: UTF-8 if no byte order mark says otherwise (XML 1.0, 4.3.3).
pub fn text(part: &[u8]) -> Option<Cow<'_, str>> {
    match encoding_rs::Encoding::for_bom(part) {
        Some((encoding, _)) => encoding.decode_without_bom_handling_and_without_replacement(
            part.get(encoding_rs::Encoding::for_bom(part)?.1..)?,
        ),
        None => std::str::from_utf8(part).ok().map(Cow::Borrowed),
    }
}

/// Walks through a part.
///
/// # Errors
/// If it is not XML, or what `visit` fails with.
pub fn walk(
    part: &[u8],
    (part_name, kind): (&str, &'static str),
    mut visit: impl FnMut(Event<'_>) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let damaged = |problem: String| Unreadable::Damaged { name: kind, problem };
    let text =
        text(part).ok_or_else(|| damaged(format!("its part {part_name} is not in a known encoding")))?;
    let mut reader = Reader::from_str(&text);
    loop {
        let event = reader
            .read_event()
            .map_err(|error| damaged(format!("its part {part_name} is no XML ({error})")))?;
        match event {
            XmlEvent::Start(start) => open(&start, &mut visit)?,
            XmlEvent::Empty(start) => {
                open(&start, &mut visit)?;
                visit(Event::Close(start.local_name().as_ref()))?;
            }
            XmlEvent::End(end) => visit(Event::Close(end.local_name().as_ref()))?,
            XmlEvent::Text(text) => visit(Event::Text(&text.xml10_content()))?,
            XmlEvent::CData(text) => visit(Event::Text(&text.xml10_content()))?,
            XmlEvent::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().ok().flatten();
                let named = match &*reference.xml10_content() {
                    "lt" => "<",
                    "gt" => ">",
                    "amp" => "&",
                    "quot" => "\"",
                    "apos" => "'",
                    _ => "\u{FFFD}",
                };
                match character {
                    Some(character) => visit(Event::Text(character.encode_utf8(&mut [0; 4])))?,
                    None => visit(Event::Text(named))?,
                }
            }
            XmlEvent::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn open(
    start: &BytesStart<'_>,
    visit: &mut impl FnMut(Event<'_>) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let name = start.local_name();
    visit(Event::Open(&Element { start, name: name.as_ref() }))
}
