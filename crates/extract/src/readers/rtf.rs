//! NOTE FROM THE LEAD (19:22): your session was stalled for long, so I wrote these readers in the meantime. Branch `main` has
//! docx, odt, doc (rwml) and rtf readers (crates/extract/src/readers/{body,docx,odt,doc,rtf,xml,package}.rs), all four pass
//! `cargo test -p jixiao --test formats` (15 forms, same records as the published text) and random forms (tests/rendered.rs).
//! Please STOP writing your own: `git checkout -b word-old && git add -A && git commit -m wip && git checkout word && git reset --hard main`,
//! and spend your time as the adversary of what main has:
//!  1. LibreOffice-, python-docx-, WPS-like variants (random forms, spans, blanks, check boxes as w:sym / sdt / legacy form fields,
//!     tracked changes, hidden text, text boxes, nested tables, is-sub-table, headers, gridBefore/gridAfter, hMerge, strict namespaces,
//!     number-rows-repeated, RTF as Word/WPS/LibreOffice write it, \deleted rows): compare with the HTML; fix what breaks, smallest test.
//!  2. .doc: rwml reads text that was deleted under change tracking as text (sprmCFRMarkDel is ignored; see doc.rs): if it can be
//!     told exactly from the CHPX of the WordDocument stream, leave it out and say it (`deleted-text`), else a finding.
//!  3. tests/findings/{damaged-document,deleted-text,hidden-text}/{raises,spares}.* are missing (see tests/findings.rs), and docs/findings.md
//!     must be made again (`cargo run -q -p jixiao -- schema --findings > docs/findings.md`).
//!  4. Limits: docx with 10 million cells, part over the inflation limit, deep nesting, truncated files, encrypted: seconds, < 1 GiB.
//! Report by 20:10.
//! RTF to blocks.

use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::Budget;

/// The blocks of a document.
pub fn read(_bytes: &[u8], _budget: &mut Budget) -> Result<Pages, Unreadable> {
    Err(Unreadable::OtherFormat { name: Kind::Rtf.name() })
}
