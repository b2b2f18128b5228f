//! Word since 2007 (ECMA-376, part 1, 17: WordprocessingML) to blocks.
//!
//! Read is what the printed document shows: text that was inserted, the results of fields, text boxes once. Not read is
//! what was deleted while changes were tracked and what is hidden; both are said. Numbers that Word puts before
//! paragraphs by itself are not in the file, and are not made up.

use jixiao_model::Finding;

use super::body::{Body, Merge, Span};
use super::package::Package;
use super::xml::{Element, Piece, decoded, walk};
use super::{Pages, Unreadable, damaged_document, deleted_text, hidden_text};
use crate::format::Kind;
use crate::limits::{Budget, Excess};

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let name = Kind::Docx.name();
    let damaged = |problem: &str| Unreadable::Damaged { name, problem: problem.to_owned() };
    let mut package = Package::open(bytes).ok_or_else(|| damaged("its list of parts cannot be read"))?;
    let main = package.main_part(name, budget)?.unwrap_or_else(|| "word/document.xml".to_owned());
    let part = package.part(&main, name, budget)?;
    let part = part.ok_or_else(|| damaged("its main part is missing"))?;
    let mut walker = Walker { body: Body::new(budget), state: State::default() };
    let whole = walk(&decoded(&part), |piece| walker.piece(piece))?;
    let Walker { body, state } = walker;
    let told = [
        (state.deleted, deleted_text as fn() -> Finding),
        (state.hidden, hidden_text),
        (!whole, damaged_document),
    ];
    let findings = told.iter().filter(|(is_there, _)| *is_there).map(|(_, finding)| finding()).collect();
    Ok(Pages { blocks: body.finish()?, findings, ..Pages::default() })
}

#[derive(Default)]
struct State {
    /// Elements within the outermost one that is not read, itself included.
    unread: usize,
    /// Whether the open run is hidden.
    hidden_run: bool,
    /// Whether the text that comes is printed: only that in `t` is.
    in_text: bool,
    /// Whether the open row was deleted.
    deleted_row: bool,
    /// Whether properties of a row are open, where `del` deletes the row.
    in_row_properties: bool,
    /// A check box of a form field, and whether it is marked.
    check_box: Option<bool>,
    deleted: bool,
    hidden: bool,
}

struct Walker<'b> {
    body: Body<'b>,
    state: State,
}

impl Walker<'_> {
    fn piece(&mut self, piece: Piece<'_>) -> Result<(), Excess> {
        match piece {
            Piece::Open(element) if self.state.unread > 0 || self.is_unread(&element) => {
                self.state.unread += 1;
                Ok(())
            }
            Piece::Close(_) if self.state.unread > 0 => {
                self.state.unread -= 1;
                Ok(())
            }
            Piece::Open(element) => self.open(&element),
            Piece::Close(name) => self.close(&name),
            Piece::Text(text) if self.state.in_text && self.state.unread == 0 => {
                if self.state.hidden_run {
                    self.state.hidden |= !text.trim().is_empty();
                } else {
                    self.body.text(&text);
                }
                Ok(())
            }
            Piece::Text(_) => Ok(()),
        }
    }

    /// What was deleted or moved away (17.13.5), the second of two ways to draw one thing (part 3, 9.3), and the reading
    /// beside a character (17.3.3.24).
    fn is_unread(&mut self, element: &Element<'_>) -> bool {
        match element.name() {
            "del" | "moveFrom" => {
                if self.state.in_row_properties {
                    self.state.deleted_row = true;
                }
                self.state.deleted = true;
                true
            }
            "Fallback" | "rt" => true,
            _ => false,
        }
    }

    fn open(&mut self, element: &Element<'_>) -> Result<(), Excess> {
        match element.name() {
            "tbl" => self.body.open_table()?,
            "tr" => {
                self.state.deleted_row = false;
                self.body.open_row(0);
            }
            "trPr" => self.state.in_row_properties = true,
            "gridBefore" => self.body.skip_columns(element.number("val").unwrap_or(0)),
            "tc" => self.body.open_cell(Span::default()),
            "gridSpan" => {
                let columns = element.number("val").unwrap_or(1);
                self.body.set_span(|span| span.columns = columns);
            }
            "vMerge" => {
                // Without a value it goes on (17.4.84); LibreOffice writes the value out.
                let begins = element.attribute("val").as_deref() == Some("restart");
                let merge = if begins { Merge::Begins } else { Merge::GoesOn };
                self.body.set_span(|span| span.merge = merge);
            }
            "r" => self.state.hidden_run = false,
            "vanish" => self.state.hidden_run = element.is_on(),
            "t" => self.state.in_text = true,
            "br" if element.attribute("type").is_none_or(|kind| kind == "textWrapping") => {
                self.body.end_line();
            }
            "cr" => self.body.end_line(),
            "tab" if element.attribute("pos").is_none() => self.body.text("\t"),
            "noBreakHyphen" => self.body.text("-"),
            "sym" => {
                let code = element.attribute("char").and_then(|code| u32::from_str_radix(&code, 16).ok());
                if let Some(character) = code.and_then(char::from_u32) {
                    self.body.text(character.encode_utf8(&mut [0; 4]));
                }
            }
            "checkBox" => self.state.check_box = Some(false),
            "default" | "checked" if self.state.check_box.is_some() => {
                self.state.check_box = Some(element.is_on());
            }
            "txbxContent" => self.body.open_aside(),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), Excess> {
        match name {
            "tbl" => self.body.close_table()?,
            "tr" if self.state.deleted_row => self.body.drop_row(),
            "trPr" => self.state.in_row_properties = false,
            "tc" => self.body.close_cell()?,
            "p" => self.body.end_paragraph()?,
            "r" => self.state.hidden_run = false,
            "t" => self.state.in_text = false,
            "checkBox" => {
                // A check box of Word 97 prints a box and has no text (17.16.7).
                if let Some(is_marked) = self.state.check_box.take() {
                    self.body.text(if is_marked { "☑" } else { "□" });
                }
            }
            "txbxContent" => self.body.close_aside()?,
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jixiao_model::FindingCode;

    use super::*;
    use crate::readers::package::tests::zipped;
    use crate::readers::shown;

    fn check(body: &str, expected: &[&str]) -> Pages {
        let document = format!("<w:document xmlns:w='w'><w:body>{body}</w:body></w:document>");
        let bytes = zipped(&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", &document)]);
        let pages = read(&bytes, &mut Budget::default()).expect("it is whole");
        assert_eq!(shown(&pages.blocks), expected, "{body}");
        pages
    }

    fn paragraph(text: &str) -> String {
        format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
    }

    fn cell(properties: &str, text: &str) -> String {
        format!("<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>", paragraph(text))
    }

    #[test]
    fn merged_cells_of_word_and_of_others() {
        for goes_on in ["<w:vMerge/>", "<w:vMerge w:val='continue'/>"] {
            let rows = [
                cell("<w:vMerge w:val='restart'/>", "甲") + &cell("<w:gridSpan w:val='2'/>", "乙"),
                cell(goes_on, "") + &cell("", "丙") + &cell("", "丁"),
            ];
            check(
                &format!("<w:tbl><w:tr>{}</w:tr><w:tr>{}</w:tr></w:tbl>", rows[0], rows[1]),
                &["T1!A1 甲|乙|.", "T1!A2 .|丙|丁"],
            );
        }
        let short = format!("<w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr>{}</w:tr>", cell("", "乙"));
        check(
            &format!("<w:tbl><w:tr>{}{}</w:tr>{short}</w:tbl>", cell("", "甲"), cell("", "一")),
            &["T1!A1 甲|一", "T1!A2 |乙"],
        );
    }

    #[test]
    fn what_was_deleted_or_hidden_is_left_out_and_told() {
        let pages = check(
            "<w:p><w:r><w:t>甲</w:t></w:r><w:del><w:r><w:delText>乙</w:delText><w:t>乙</w:t></w:r></w:del>\
             <w:ins><w:r><w:t>丙</w:t></w:r></w:ins></w:p>",
            &["¶1 甲丙"],
        );
        assert_eq!(pages.findings[0].code, FindingCode::DeletedText);
        let pages = check(
            "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>甲</w:t></w:r><w:r><w:t>乙</w:t></w:r></w:p>",
            &["¶1 乙"],
        );
        assert_eq!(pages.findings[0].code, FindingCode::HiddenText);
        let deleted = format!("<w:tr><w:trPr><w:del/></w:trPr>{}</w:tr>", cell("", "乙"));
        check(&format!("<w:tbl><w:tr>{}</w:tr>{deleted}</w:tbl>", cell("", "甲")), &["T1!A1 甲"]);
    }

    #[test]
    fn characters_breaks_boxes_and_fields() {
        check(
            "<w:p><w:r><w:t xml:space='preserve'>≥1 </w:t><w:br/><w:t>&lt;乙&#8805;</w:t><w:noBreakHyphen/><w:sym w:font='Wingdings' w:char='F0FE'/></w:r></w:p>",
            &["¶1 ≥1\n<乙≥-\u{F0FE}"],
        );
        check(
            "<w:p><w:r><w:fldChar><w:ffData><w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox></w:ffData></w:fldChar>\
             <w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r><w:t>是</w:t></w:r></w:p>",
            &["¶1 ☑是"],
        );
        let boxed = format!(
            "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{0}</w:txbxContent></mc:Choice>\
             <mc:Fallback><w:txbxContent>{0}</w:txbxContent></mc:Fallback></mc:AlternateContent><w:t>乙</w:t></w:r></w:p>",
            paragraph("甲")
        );
        check(&boxed, &["¶1 甲", "¶2 乙"]);
    }

    #[test]
    fn limits_and_damage() {
        let bytes =
            zipped(&[("word/document.xml", "<w:document><w:body><w:p><w:r><w:t>甲</w:t></w:r></w:p><w:tbl")]);
        let pages = read(&bytes, &mut Budget::default()).expect("what came before counts");
        assert_eq!(shown(&pages.blocks), ["¶1 甲"]);
        assert_eq!(pages.findings[0].code, FindingCode::DamagedDocument);
        let cells =
            format!("<w:document><w:tbl><w:tr>{}</w:tr></w:tbl></w:document>", "<w:tc/>".repeat(2_100_000));
        let bytes = zipped(&[("word/document.xml", &cells)]);
        assert!(matches!(
            read(&bytes, &mut Budget::default()),
            Err(Unreadable::Excess(Excess::Slots { .. }))
        ));
        assert!(matches!(read(b"PK\x03\x04", &mut Budget::default()), Err(Unreadable::Damaged { .. })));
    }
}
