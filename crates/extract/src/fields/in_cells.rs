//! Labels that a form prints in cells of their own.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::row::{Row, RowCell};

/// The codes of labels that have a cell or a line of their own in these rows. Where a form prints a label so, the same
/// words with a colon at the head of a line are running text that a page happened to cut there. Few forms need them.
#[derive(Default)]
pub struct CodesInCells<'r, 'b> {
    rows: &'r [Row<'b>],
    codes: OnceCell<BTreeSet<&'static str>>,
}

impl<'r, 'b> CodesInCells<'r, 'b> {
    /// Those of the rows of a form.
    pub fn new(rows: &'r [Row<'b>]) -> Self {
        Self { rows, codes: OnceCell::new() }
    }

    /// Whether a code is one of them.
    pub fn contains(&self, code: &str) -> bool {
        let codes = self.codes.get_or_init(|| {
            let cells = self.rows.iter().flat_map(Row::printed);
            cells.filter_map(RowCell::label).map(|label| label.code).collect()
        });
        codes.contains(code)
    }
}
