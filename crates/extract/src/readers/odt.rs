//! OpenDocument text to blocks (ISO/IEC 26300-3, version 1.2).
//!
//! White space is collapsed as the format asks for (6.1.2). What tracked changes took out is stored ahead of the text
//! (5.5.1) and is not read; nor is what is hidden by its section or its style.

use super::odt_walk::OdtWalk;
use super::package::Package;
use super::story::Story;
use super::xml::{self, Element, Walk};
use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::Budget;

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let kind = Kind::Odt.name();
    let damaged = |problem: &str| Unreadable::Damaged { name: kind, problem: problem.to_owned() };
    let mut package = Package::open(bytes).ok_or_else(|| damaged("it is no zip package"))?;
    if let Some(manifest) = package.part("META-INF/manifest.xml", kind, budget)? {
        let mut encryption = Encryption::default();
        if xml::walk(&manifest, kind, &mut encryption).is_ok() && encryption.is_there {
            return Err(Unreadable::Protected { name: kind });
        }
    }
    let content =
        package.part("content.xml", kind, budget)?.ok_or_else(|| damaged("it has no part with the text"))?;
    let styles = package.part("styles.xml", kind, budget)?;
    let mut walk = OdtWalk::new(Story::new(budget));
    if let Some(styles) = styles {
        // Only names of styles are wanted of it.
        let _ = xml::walk(&styles, kind, walk.styles());
    }
    let replacement_count = xml::walk(&content, kind, &mut walk)?;
    Ok(Pages { replacement_count, ..walk.finish()? })
}

/// Whether a part is encrypted (part 3, 3.8.1, *encryption-data*).
#[derive(Default)]
struct Encryption {
    is_there: bool,
}

impl Walk for Encryption {
    fn open(&mut self, element: &Element<'_>) -> Result<(), Unreadable> {
        self.is_there |= matches!(element.name(), "encryption-data" | "encrypted-key");
        Ok(())
    }

    fn close(&mut self, _name: &str) -> Result<(), Unreadable> {
        Ok(())
    }

    fn text(&mut self, _text: &str) {}
}
