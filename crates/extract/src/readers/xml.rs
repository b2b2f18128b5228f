//! XML as the parts of Office packages hold it: names without their prefix, so that the strict and the transitional
//! namespaces (ECMA-376, part 1, annex A) and the habits of each writer read alike.
//!
//! Entities that a document type defines are not expanded: no package needs one, and a bomb is made of them.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// What the next piece of a part is.
#[derive(Debug)]
pub enum Piece<'x> {
    /// An element begins.
    Open(Element<'x>),
    /// An element ends.
    Close(String),
    /// Text.
    Text(Cow<'x, str>),
}

/// An element that begins.
#[derive(Debug)]
pub struct Element<'x>(BytesStart<'x>);

impl Element<'_> {
    /// Its name without a prefix.
    pub fn name(&self) -> &str {
        local(self.0.name().into_inner())
    }

    /// The value of an attribute, by its name without a prefix.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let mut attributes = attributes.with_checks(false).flatten();
        let attribute = attributes.find(|attribute| local(attribute.key.into_inner()) == name)?;
        attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
    }

    /// The value of an attribute that is a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.attribute(name)?.trim().parse().ok()
    }

    /// Whether a property of Office Open XML is on: it is there, and does not say that it is off (part 1, 17.17.4).
    pub fn is_on(&self) -> bool {
        !matches!(self.attribute("val").as_deref(), Some("0" | "false" | "off" | "none"))
    }
}

/// A name without its prefix.
pub fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The text of a part, in the encoding of its byte order mark or in UTF-8.
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let encoding = Encoding::for_bom(bytes).map_or(UTF_8, |(encoding, _)| encoding);
    encoding.decode(bytes).0
}

/// Walks through a part, and stops where it is no XML any more: what came before counts. Returns whether it got to the
/// end. `each` may stop the walk with an error.
pub fn walk<'x, E>(text: &'x str, mut each: impl FnMut(Piece<'x>) -> Result<(), E>) -> Result<bool, E> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    loop {
        let Ok(event) = reader.read_event() else { return Ok(false) };
        match event {
            Event::Start(element) => each(Piece::Open(Element(element)))?,
            Event::Empty(element) => {
                let name = local(element.name().into_inner()).to_owned();
                each(Piece::Open(Element(element)))?;
                each(Piece::Close(name))?;
            }
            Event::End(element) => each(Piece::Close(local(element.name().into_inner()).to_owned()))?,
            Event::Text(text) => each(Piece::Text(text.into_inner()))?,
            Event::CData(text) => each(Piece::Text(text.into_inner()))?,
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character),
                    _ => named(&reference.into_inner()),
                };
                if let Some(character) = character {
                    each(Piece::Text(Cow::Owned(character.to_string())))?;
                }
            }
            Event::Eof => return Ok(true),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// The entities that XML has without a document type (XML 1.0, 4.6).
fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_walked_by_local_names() {
        let mut shown = Vec::new();
        let whole = walk::<()>("<w:p a:b='1&lt;2'>≥&amp;&#8805;&nope;<w:br/></w:p>", |piece| {
            shown.push(match piece {
                Piece::Open(element) => {
                    format!("<{} {}", element.name(), element.attribute("b").unwrap_or_default())
                }
                Piece::Close(name) => format!(">{name}"),
                Piece::Text(text) => text.into_owned(),
            });
            Ok(())
        });
        assert_eq!(whole, Ok(true));
        assert_eq!(shown, ["<p 1<2", "≥", "&", "≥", "<br ", ">br", ">p"]);
    }

    #[test]
    fn what_stands_before_a_fault_counts() {
        let mut texts = 0;
        let whole = walk::<()>("<p>甲</p><p", |piece| {
            texts += usize::from(matches!(piece, Piece::Text(_)));
            Ok(())
        });
        assert_eq!((whole, texts), (Ok(false), 1));
    }
}
