//! Workbooks (xlsx, xls, ods) to blocks: each sheet with text in it is a table.
//!
//! What a cell says is what a reader of the printed sheet sees: a number as its format shows it. The one exception is a
//! target that its author typed with a sign, `=100%`, which a spreadsheet takes for a formula and shows as `1`: there the
//! author's own words count (see `value`). The formats are read here and not by a library, since the limits, the number
//! formats of xls and the text of formulas all need what lies below the values.

mod biff;
mod calendar;
mod decimal;
mod format_code;
mod number_format;
mod ods;
mod sheet;
mod styles;
#[cfg(test)]
mod tests;
mod value;
mod xls;
mod xlsx;

use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::Budget;
use crate::readers::aligned::Words;

/// The blocks of a workbook.
pub fn read(bytes: &[u8], kind: Kind, words: &Words, budget: &mut Budget) -> Result<Pages, Unreadable> {
    let mut pages = Pages::default();
    match kind {
        Kind::Xls => xls::read(bytes, words, budget, &mut pages)?,
        Kind::Ods => ods::read(bytes, words, budget, &mut pages)?,
        _ => xlsx::read(bytes, words, budget, &mut pages)?,
    }
    Ok(pages)
}
