//! OpenDocument text (ISO/IEC 26300-1) to blocks.
//!
//! A table that says that it is a sub-table (9.1.2, `table:is-sub-table`) is the way in which converters write a cell that
//! is split: it fills its cell, so that the two read as one text.

use std::collections::HashSet;

use jixiao_model::Finding;

use super::body::{Body, Span};
use super::package::Package;
use super::xml::{Element, Piece, decoded, walk};
use super::{Pages, Unreadable, damaged_document, deleted_text, hidden_text};
use crate::format::Kind;
use crate::limits::{Budget, Excess};

/// A row that is repeated more often is a page's worth of blank ones.
const MOST_REPEATED: u32 = 1_000;

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let name = Kind::Odt.name();
    let damaged = |problem: &str| Unreadable::Damaged { name, problem: problem.to_owned() };
    let mut package = Package::open(bytes).ok_or_else(|| damaged("its list of parts cannot be read"))?;
    package.refuse_encrypted(name, budget)?;
    let part = package.part("content.xml", name, budget)?;
    let part = part.ok_or_else(|| damaged("its part content.xml is missing"))?;
    let mut walker = Walker {
        body: Body::new(budget),
        unread: 0,
        paragraphs: 0,
        style: String::new(),
        hidden_styles: HashSet::new(),
        is_deleted: false,
        is_hidden: false,
    };
    let whole = walk(&decoded(&part), |piece| walker.piece(piece))?;
    let Walker { body, is_deleted, is_hidden, .. } = walker;
    let told =
        [(is_deleted, deleted_text as fn() -> Finding), (is_hidden, hidden_text), (!whole, damaged_document)];
    let findings = told.iter().filter(|(is_there, _)| *is_there).map(|(_, finding)| finding()).collect();
    Ok(Pages { blocks: body.finish()?, findings, ..Pages::default() })
}

struct Walker<'b> {
    body: Body<'b>,
    /// Elements within the outermost one that is not read, itself included.
    unread: usize,
    /// Paragraphs that are open: text elsewhere is only the source's own white space.
    paragraphs: usize,
    /// The style that is being described.
    style: String,
    /// Styles whose text is hidden (20.2, `text:display`).
    hidden_styles: HashSet<String>,
    is_deleted: bool,
    is_hidden: bool,
}

impl Walker<'_> {
    fn piece(&mut self, piece: Piece<'_>) -> Result<(), Excess> {
        match piece {
            Piece::Open(element) if self.unread > 0 || self.is_unread(&element) => self.unread += 1,
            Piece::Close(_) if self.unread > 0 => self.unread -= 1,
            Piece::Open(element) => self.open(&element)?,
            Piece::Close(name) => self.close(&name)?,
            Piece::Text(text) if self.unread == 0 && self.paragraphs > 0 => self.flow(&text),
            Piece::Text(_) => {}
        }
        Ok(())
    }

    /// What changes have deleted stands aside (5.5.1); notes, comments, styles and hidden text are not the text.
    fn is_unread(&mut self, element: &Element<'_>) -> bool {
        match element.name() {
            "deletion" => {
                self.is_deleted = true;
                true
            }
            "annotation" | "note" | "font-face-decls" | "scripts" | "desc" | "ruby-text" => true,
            "section" if element.attribute("display").as_deref() == Some("none") => {
                self.is_hidden = true;
                true
            }
            "span"
                if element.attribute("style-name").is_some_and(|name| self.hidden_styles.contains(&name)) =>
            {
                self.is_hidden = true;
                true
            }
            _ => false,
        }
    }

    fn open(&mut self, element: &Element<'_>) -> Result<(), Excess> {
        match element.name() {
            "style" => self.style = element.attribute("name").unwrap_or_default(),
            "text-properties" if element.attribute("display").as_deref() == Some("none") => {
                self.hidden_styles.insert(self.style.clone());
            }
            "table" => self.body.open_table()?,
            "table-row" => self.body.open_row(0),
            "table-cell" => {
                let span = |name| element.number(name).unwrap_or(1);
                let (columns, rows) = (span("number-columns-spanned"), span("number-rows-spanned"));
                self.body.open_cell(Span { columns, rows, ..Span::default() });
            }
            "p" | "h" => self.paragraphs += 1,
            "s" => self.body.text(&" ".repeat(element.number("c").unwrap_or(1).min(MOST_REPEATED) as usize)),
            "tab" => self.body.text("\t"),
            "line-break" => self.body.end_line(),
            "text-box" => self.body.open_aside(),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), Excess> {
        match name {
            "table" => self.body.close_table()?,
            "table-cell" => self.body.close_cell()?,
            "p" | "h" => {
                self.paragraphs = self.paragraphs.saturating_sub(1);
                self.body.end_paragraph()?;
            }
            "text-box" => self.body.close_aside()?,
            _ => {}
        }
        Ok(())
    }

    /// White space runs together (6.1.2); blanks that count are elements.
    fn flow(&mut self, text: &str) {
        let mut blank = false;
        for character in text.chars() {
            if matches!(character, ' ' | '\t' | '\n' | '\r') {
                blank = true;
                continue;
            }
            if std::mem::take(&mut blank) {
                self.body.text(" ");
            }
            self.body.text(character.encode_utf8(&mut [0; 4]));
        }
        if blank {
            self.body.text(" ");
        }
    }
}

#[cfg(test)]
mod tests {
    use jixiao_model::FindingCode;

    use super::*;
    use crate::readers::package::tests::zipped;
    use crate::readers::shown;

    fn check(body: &str, expected: &[&str]) -> Pages {
        let content = format!(
            "<office:document-content><office:body><office:text>{body}</office:text></office:body></office:document-content>"
        );
        let bytes =
            zipped(&[("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", &content)]);
        let pages = read(&bytes, &mut Budget::default()).expect("it is whole");
        assert_eq!(shown(&pages.blocks), expected, "{body}");
        pages
    }

    #[test]
    fn spans_blanks_and_breaks() {
        check(
            "<text:p>甲<text:s text:c='2'/>乙\n  丙<text:line-break/>丁</text:p>\n<table:table><table:table-row>\
             <table:table-cell table:number-rows-spanned='2'><text:p>一</text:p><text:p>二</text:p></table:table-cell>\
             <table:table-cell table:number-columns-spanned='2'><text:p>三</text:p></table:table-cell><table:covered-table-cell/></table:table-row>\
             <table:table-row><table:covered-table-cell/><table:table-cell/><table:table-cell><text:p>四</text:p></table:table-cell></table:table-row></table:table>",
            &["¶1 甲  乙 丙\n丁", "T1!A1 一\n二|三|.", "T1!A2 .||四"],
        );
    }

    #[test]
    fn what_was_deleted_is_left_out_and_told() {
        let pages = check(
            "<text:tracked-changes><text:changed-region><text:deletion><text:p>旧</text:p></text:deletion></text:changed-region></text:tracked-changes><text:p>新</text:p>",
            &["¶1 新"],
        );
        assert_eq!(pages.findings[0].code, FindingCode::DeletedText);
    }

    #[test]
    fn an_encrypted_document_says_so() {
        let manifest = "<manifest:manifest><manifest:file-entry manifest:full-path='content.xml'><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
        let bytes = zipped(&[("content.xml", "x"), ("META-INF/manifest.xml", manifest)]);
        assert_eq!(
            read(&bytes, &mut Budget::default()),
            Err(Unreadable::Protected { name: Kind::Odt.name() })
        );
    }
}
