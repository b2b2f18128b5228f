//! PDF to blocks.

use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::Budget;

/// The blocks of a document.
pub fn read(_bytes: &[u8], _budget: &mut Budget) -> Result<Pages, Unreadable> {
    Err(Unreadable::OtherFormat { name: Kind::Pdf.name() })
}
