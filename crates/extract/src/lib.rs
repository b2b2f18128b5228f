//! How a published document is read: bytes to text, text to blocks, blocks to forms, all without IO.
//!
//! The modules in the order in which a document passes through them. [`read()`] is the whole way; [`blocks()`] stops
//! halfway, for people who want to see what the forms were read from. Neither fails: a document that is broken, or
//! no document at all, is a [`RawDocument`](jixiao_model::RawDocument) that says so.

mod format;

mod decode;
mod plausible;

mod limits;

mod readers;

mod archive;

mod classes;
mod label;
mod numbers;
mod table_words;
mod vocabulary;
mod words;

mod row;
mod split;

mod doubtful;
mod fields;
mod funding;
mod group;
mod heading;
mod heal;
mod sentence;

mod align;
mod columns;
mod indicators;
mod projects;
mod sides;

mod read;

pub use archive::{Member, members};
pub use decode::Decoded;
pub use read::{Blocks, read};
pub use readers::{Cut, Pages, Unreadable, blocks};
