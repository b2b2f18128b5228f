//! RTF to blocks (Rich Text Format Specification, version 1.9.1), as Word, WPS and LibreOffice write it.
//!
//! No library that is kept up keeps tables, so this is a reader of its own: `rtf_tokens` cuts the file into tokens,
//! `rtf_text` makes characters of bytes, and `rtf_walk` tells the words that matter to the story. RTF has no tables, only
//! rows that follow one another, and no cells, only marks where they end; a table ends with the first paragraph that is
//! not in one.

use super::rtf_tokens::Tokens;
use super::rtf_walk::RtfWalk;
use super::{Pages, Unreadable};
use crate::limits::Budget;

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let mut walk = RtfWalk::new(budget);
    for token in Tokens::new(bytes) {
        walk.token(token)?;
    }
    walk.finish()
}
