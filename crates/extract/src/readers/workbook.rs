//! Workbooks (xlsx, xls, ods) to blocks.

use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::Budget;

/// The blocks of a workbook.
pub fn read(_bytes: &[u8], kind: Kind, _budget: &mut Budget) -> Result<Pages, Unreadable> {
    Err(Unreadable::OtherFormat { name: kind.name() })
}
