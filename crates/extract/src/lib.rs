//! How a published document is read: bytes to text, text to blocks, blocks to forms, all without IO.
//!
//! The modules in the order in which a document passes through them. [`read()`] is the whole way; [`blocks()`] stops
//! halfway, for people who want to see what the forms were read from. Neither fails: a document that is broken, or
//! no document at all, is a [`RawDocument`](jixiao_model::RawDocument) that says so. [`members()`] stands before both, for
//! what holds documents and is none.

// What the bytes are, and what one document may take.
mod format;
mod limits;

mod archive;

// Bytes to text, and to blocks.
mod decode;
mod plausible;

mod readers;

// The words of forms, which the reference data lists.
mod label;
mod numbers;

mod classes;
mod names;
mod table_words;
mod vocabulary;
mod words;

// Blocks to rows, each cell with what the words say of it, and rows to forms.
mod known;
mod row;

mod heading;
mod split;

// Rows to labels and values, each with what stands beside it, and what a page broke.
mod doubtful;
mod fields;
mod funding;
mod group;

mod heal;
mod sentence;

// Rows to indicators: the columns of a table, its rows under them, one table or two beside each other.
mod columns;

mod align;
mod habits;
mod indicators;
mod sides;
mod torn_rows;

// A table whose rows are many forms.
mod projects;

mod read;

#[doc(hidden)]
pub mod stages;

pub use archive::{Member, members};
pub use decode::Decoded;
pub use read::{Blocks, read};
pub use readers::{Cut, Pages, Unreadable, blocks};

#[doc(hidden)]
pub use readers::html_readers_agree;
