//! Word since 2007 to blocks (ECMA-376, part 1; docx, docm and dotx, transitional and strict).
//!
//! Read is what stands on the page, once: of a drawing that is there for new and for old versions of Word the first
//! (part 3, 9.3, *AlternateContent*), of a field its result, of tracked changes what they lead to. Numbers that Word gives
//! paragraphs are not in the text and labels do not need them. Headers, footers, notes and comments stand apart from the
//! text, in parts of their own, and are not read.

use super::docx_walk::DocxWalk;
use super::package::Package;
use super::story::Story;
use super::xml::{self, Element, Walk};
use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::Budget;

/// The main part of all documents that Word and WPS write.
const USUAL_PART: &str = "word/document.xml";

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let kind = Kind::Docx.name();
    let damaged = |problem: &str| Unreadable::Damaged { name: kind, problem: problem.to_owned() };
    let mut package = Package::open(bytes).ok_or_else(|| damaged("it is no zip package"))?;
    let mut part = None;
    if let Some(relations) = package.part("_rels/.rels", kind, budget)? {
        let mut main = MainPart::default();
        // A damaged list of parts is no reason to give up where the usual part is there.
        if xml::walk(&relations, kind, &mut main).is_ok() {
            part = main.target;
        }
    }
    let name = part.filter(|name| package.has(name)).unwrap_or_else(|| USUAL_PART.to_owned());
    let document =
        package.part(&name, kind, budget)?.ok_or_else(|| damaged("it has no part with the text"))?;
    let mut walk = DocxWalk::new(Story::new(budget));
    let replacement_count = xml::walk(&document, kind, &mut walk)?;
    Ok(Pages { replacement_count, ..walk.finish()? })
}

/// The target of the package's relationship of the type `officeDocument` (ECMA-376, part 1, 11.3.10).
#[derive(Default)]
struct MainPart {
    target: Option<String>,
}

impl Walk for MainPart {
    fn open(&mut self, element: &Element<'_>) -> Result<(), Unreadable> {
        let is_main = element.name() == "Relationship"
            && element.attribute("Type").is_some_and(|kind| kind.ends_with("/officeDocument"));
        if is_main && self.target.is_none() {
            let target = element.attribute("Target");
            self.target = target.map(|target| target.trim_start_matches(['/', '.']).to_owned());
        }
        Ok(())
    }

    fn close(&mut self, _name: &str) -> Result<(), Unreadable> {
        Ok(())
    }

    fn text(&mut self, _text: &str) {}
}
