//! The vocabulary of jixiao, shared by the three stages, which do not know each other and meet here.
//!
//! In the order in which a document flows: a [`Place`] says where something stands; a [`Block`] is a paragraph
//! or a table as every format is turned into; a [`RawForm`] is one 绩效目标表 as it was printed, healed but not
//! interpreted; the [`record`] types are the rows of the warehouse; a [`Finding`] is something that an analyst
//! should know; the [`dictionary`] says what tables and columns there are, in Chinese and English; and
//! [`mod@reference`] holds the data that the rules read, whose words are compared [folded](fold). [`hash`] makes the ids.
//!
//! This crate does no IO and depends on no sibling.

/// Serialises types by the word that stands in the warehouse, their `as_str`.
macro_rules! serialize_as_word {
    ($($name:ty),*) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    )*};
}

pub mod block;
pub mod dictionary;
pub mod finding;
pub mod fold;
pub mod hash;
pub mod overlay;
pub mod place;
pub mod raw;
pub mod record;
pub mod reference;

#[cfg(test)]
#[path = "../rules.rs"]
#[expect(clippy::disallowed_methods, reason = "a test compares the sources with what was built")]
mod rules;

pub use block::{Block, Cell, Grid, Paragraph};
pub use finding::{Finding, FindingCode, Severity};
pub use place::Place;
pub use raw::{RawDocument, RawField, RawForm, RawIndicator, Scope};
