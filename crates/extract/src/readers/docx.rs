//! Word since 2007 to blocks (ECMA-376, part 1; docx, docm and dotx, transitional and strict).
//!
//! Read is what stands on the page, once: of a drawing that is there for new and for old versions of Word the first
//! (part 3, 9.3, *AlternateContent*), of a field its result, of tracked changes what they lead to. Numbers that Word gives
//! paragraphs are not in the text and labels do not need them. Headers, footers, notes and comments stand apart from the
//! text, in parts of their own, and are not read.

use super::docx_walk::DocxWalk;
use super::package::Package;
use super::story::Story;
use super::xml::{Event, walk};
use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::Budget;

const KIND: &str = Kind::Docx.name();
const RELATIONS: &str = "_rels/.rels";
/// The main part of all documents that Word and WPS write.
const USUAL_PART: &str = "word/document.xml";

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let damaged = |problem: &str| Unreadable::Damaged { name: KIND, problem: problem.to_owned() };
    let mut package = Package::open(bytes).ok_or_else(|| damaged("it is no zip package"))?;
    let relations = package.part(RELATIONS, KIND, budget)?;
    let part = relations.and_then(|relations| main_part(&relations));
    let name = part.filter(|name| package.has(name)).unwrap_or_else(|| USUAL_PART.to_owned());
    let document =
        package.part(&name, KIND, budget)?.ok_or_else(|| damaged("it has no part with the text"))?;
    let mut reading = DocxWalk::new(Story::new(budget));
    let replacement_count = walk(&document, (&name, KIND), |event| reading.event(event))?;
    Ok(Pages { replacement_count, ..reading.finish()? })
}

/// The target of the package's relationship of the type `officeDocument` (ECMA-376, part 1, 11.3.10). A damaged list of
/// parts is no reason to give up where the usual part is there.
fn main_part(relations: &[u8]) -> Option<String> {
    let mut target = None;
    let read = walk(relations, (RELATIONS, KIND), |event| {
        if let Event::Open(element) = event
            && element.name() == "Relationship"
            && element.attribute("Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
            && target.is_none()
        {
            target =
                element.attribute("Target").map(|target| target.trim_start_matches(['/', '.']).to_owned());
        }
        Ok(())
    });
    target.filter(|_| read.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Excess;
    use crate::readers::package::zipped;
    use crate::readers::shown;

    const HEAD: &str = "<w:document xmlns:w=\"urn:w\"><w:body>";

    fn package(body: &str) -> Vec<u8> {
        zipped(&[(USUAL_PART, &format!("{HEAD}{body}</w:body></w:document>"))])
    }

    fn pages(body: &str) -> Pages {
        read(&package(body), &mut Budget::default()).expect("it can be read")
    }

    fn check(body: &str, expected: &[&str]) {
        assert_eq!(shown(&pages(body).blocks), expected, "{body}");
    }

    fn check_unseen(body: &str, expected: &[&str], unseen: &str) {
        let pages = pages(body);
        assert_eq!(shown(&pages.blocks), expected, "{body}");
        let found: Vec<_> = pages.findings.iter().filter_map(|finding| finding.found.as_deref()).collect();
        assert_eq!(found, [unseen], "{body}");
    }

    fn paragraph(text: &str) -> String {
        format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
    }

    fn cell(properties: &str, text: &str) -> String {
        format!("<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>", paragraph(text))
    }

    fn row(cells: &[String]) -> String {
        format!("<w:tr>{}</w:tr>", cells.concat())
    }

    fn table(rows: &[String]) -> String {
        format!("<w:tbl><w:tblGrid/>{}</w:tbl>", rows.concat())
    }

    #[test]
    fn text_is_read_as_printed() {
        check(
            "<w:p><w:r><w:t>甲</w:t><w:br/><w:t>a&lt;5 &#x2265; &amp;lt;</w:t><w:noBreakHyphen/><w:t>b</w:t></w:r></w:p><w:p/>\
             <w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr><w:r><w:t>乙</w:t><w:lastRenderedPageBreak/><w:t>丙</w:t></w:r></w:p>",
            &["¶1 甲\na<5 ≥ &lt;-b", "¶3 乙丙"],
        );
        let field = "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>7</w:t></w:r></w:p>";
        check(field, &["¶1 7"]);
    }

    #[test]
    fn strict_names_and_other_parts_are_the_same() {
        let relation = "<Relationships><Relationship Type=\"http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument\" Target=\"/word/document2.xml\"/></Relationships>";
        let text = "<document xmlns=\"http://purl.oclc.org/ooxml/wordprocessingml/main\"><body><p><r><t>甲</t></r></p></body></document>";
        let bytes = zipped(&[("_rels/.rels", relation), ("word/document2.xml", text)]);
        let pages = read(&bytes, &mut Budget::default()).expect("it can be read");
        assert_eq!(shown(&pages.blocks), ["¶1 甲"]);
    }

    #[test]
    fn spans_go_by_the_columns_of_the_grid() {
        check(
            &table(&[
                row(&[cell("<w:vMerge w:val=\"restart\"/>", "甲"), cell("<w:gridSpan w:val=\"2\"/>", "乙")]),
                row(&[cell("<w:vMerge/>", ""), cell("", "丙"), cell("", "丁")]),
                row(&[
                    cell("<w:vMerge w:val=\"continue\"/>", ""),
                    cell("<w:hMerge w:val=\"restart\"/>", "戊"),
                    cell("<w:hMerge/>", ""),
                ]),
                row(&[cell("<w:vMerge/><w:gridSpan w:val=\"2\"/>", "己"), cell("", "庚")]),
            ]),
            &["T1!A1 甲|乙|.", "T1!A2 .|丙|丁", "T1!A3 .|戊|.", "T1!A4 己|.|庚"],
        );
        let before = "<w:tr><w:trPr><w:gridBefore w:val=\"1\"/></w:trPr>".to_owned()
            + &cell("<w:vMerge/>", "")
            + "</w:tr>";
        check(
            &table(&[row(&[cell("", "甲"), cell("<w:vMerge w:val=\"restart\"/>", "乙")]), before]),
            &["T1!A1 甲|乙", "T1!A2 |."],
        );
    }

    #[test]
    fn properties_before_a_change_do_not_count() {
        let changed = "<w:gridSpan w:val=\"2\"/><w:tcPrChange><w:tcPr><w:gridSpan w:val=\"3\"/><w:vMerge/></w:tcPr></w:tcPrChange>";
        check(
            &table(&[row(&[cell("", "甲"), cell("", "乙")]), row(&[cell(changed, "丙")])]),
            &["T1!A1 甲|乙", "T1!A2 丙|."],
        );
    }

    #[test]
    fn a_table_around_tables_is_a_scaffold() {
        let inner =
            table(&[row(&[cell("", "项目名称"), cell("", "甲")]), row(&[cell("", "类别"), cell("", "乙")])]);
        let outer = format!("<w:tc>{}{inner}<w:p/></w:tc>", paragraph("标题"));
        check(
            &table(&[row(&[cell("", "导航"), outer])]),
            &["T1!A1 导航", "T1!B1 标题", "T2!A1 项目名称|甲", "T2!A2 类别|乙"],
        );
        let small = table(&[row(&[cell("", "是√"), cell("", "否□")])]);
        check(
            &table(&[
                row(&[cell("", "采购"), format!("<w:tc>{small}<w:p/></w:tc>")]),
                row(&[cell("", "甲"), cell("", "乙")]),
            ]),
            &["T1!A1 采购|是√\n否□", "T1!A2 甲|乙"],
        );
    }

    #[test]
    fn a_text_box_is_read_once() {
        let shape = |text: &str| format!("<w:txbxContent>{}</w:txbxContent>", paragraph(text));
        let alternate = format!(
            "<w:p><w:r><w:t>前</w:t></w:r><w:r><mc:AlternateContent xmlns:mc=\"urn:mc\"><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>后</w:t></w:r></w:p>",
            shape("框"),
            shape("框"),
        );
        check(&alternate, &["¶2 前后", "¶1 框"]);
    }

    #[test]
    fn check_boxes_are_printed_by_their_state() {
        let control = |checked: &str, text: &str| {
            format!(
                "<w:sdt><w:sdtPr><w14:checkbox xmlns:w14=\"urn:w14\"><w14:checked w14:val=\"{checked}\"/><w14:checkedState w14:val=\"0052\"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>{text}</w:t></w:r></w:sdtContent></w:sdt>"
            )
        };
        let body = format!(
            "<w:p>{}<w:r><w:t>是</w:t></w:r>{}<w:r><w:t>否</w:t></w:r></w:p>",
            control("1", "R"),
            control("0", "☐")
        );
        check(&body, &["¶1 ☑是☐否"]);
        let old = "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:checkBox><w:default w:val=\"0\"/><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r><w:r><w:t>是</w:t></w:r></w:p>";
        check(old, &["¶1 ☑是"]);
        let signs = "<w:p><w:r><w:sym w:font=\"Wingdings 2\" w:char=\"F052\"/><w:t>是</w:t></w:r><w:r><w:rPr><w:rFonts w:ascii=\"Wingdings\"/></w:rPr><w:t>¨</w:t></w:r><w:r><w:t>否</w:t></w:r></w:p>";
        check(signs, &["¶1 \u{f052}是\u{f0a8}否"]);
    }

    #[test]
    fn what_nobody_sees_is_left_out_and_said() {
        let deleted = "<w:p><w:r><w:t>甲</w:t></w:r><w:del><w:r><w:delText>乙</w:delText></w:r></w:del><w:ins><w:r><w:t>丙</w:t></w:r></w:ins></w:p>";
        check_unseen(deleted, &["¶1 甲丙"], "乙");
        let moved = "<w:p><w:moveFrom><w:r><w:t>甲</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>乙</w:t></w:r></w:moveTo></w:p>";
        check_unseen(moved, &["¶1 乙"], "甲");
        let hidden = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>甲</w:t></w:r><w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>乙</w:t></w:r></w:p>";
        check_unseen(hidden, &["¶1 乙"], "甲");
        let row_deleted = format!("<w:tr><w:trPr><w:del/></w:trPr>{}</w:tr>", cell("", "乙"));
        check_unseen(&table(&[row(&[cell("", "甲")]), row_deleted]), &["T1!A1 甲"], "乙");
        let covered =
            table(&[row(&[cell("<w:vMerge w:val=\"restart\"/>", "甲")]), row(&[cell("<w:vMerge/>", "乙")])]);
        check_unseen(&covered, &["T1!A1 甲", "T1!A2 ."], "乙");
        let prompt = "<w:p><w:r><w:t>甲</w:t></w:r><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>单击输入</w:t></w:r></w:sdtContent></w:sdt></w:p>";
        check_unseen(prompt, &["¶1 甲"], "单击输入");
    }

    #[test]
    fn a_paragraph_whose_mark_is_deleted_goes_on() {
        let body = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>甲</w:t></w:r></w:p>";
        check(&format!("{body}{}", paragraph("乙")), &["¶1 甲乙"]);
    }

    #[test]
    fn paragraphs_with_tabs_are_a_table() {
        let tabbed = "<w:p><w:r><w:t>项目名称：</w:t><w:tab/><w:t>甲</w:t></w:r></w:p>";
        let indented = "<w:p><w:r><w:tab/><w:t>正文</w:t></w:r></w:p>";
        check(&format!("{indented}{tabbed}{tabbed}"), &["¶1 正文", "¶2 项目名称：|甲", "¶3 项目名称：|甲"]);
    }

    #[test]
    fn hostile_documents_break_limits_and_nothing_else() {
        let of = |body: &str| read(&package(body), &mut Budget::default());
        let rows =
            "<w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"99999999999\"/></w:tcPr></w:tc></w:tr>".repeat(3_000);
        assert!(matches!(
            of(&format!("<w:tbl>{rows}</w:tbl>")),
            Err(Unreadable::Excess(Excess::Slots { .. }))
        ));
        let deep = "<w:tbl><w:tr><w:tc>".repeat(200) + &"</w:tc></w:tr></w:tbl>".repeat(200);
        assert_eq!(of(&deep), Err(Unreadable::Excess(Excess::TableDepth)));
        let deep = "<w:x>".repeat(2_000) + &"</w:x>".repeat(2_000);
        assert_eq!(of(&deep), Err(Unreadable::Excess(Excess::Depth)));
        assert!(matches!(of("<w:p>"), Err(Unreadable::Damaged { .. })));
        let mut nearly_spent = Budget::default();
        nearly_spent.inflate(nearly_spent.inflated_left() - 1_000).expect("so much is there");
        let bomb = package(&"甲".repeat(10_000));
        assert_eq!(read(&bomb, &mut nearly_spent), Err(Unreadable::Excess(Excess::Inflated)));
        let whole = package(&paragraph("甲"));
        let cut = whole.get(..whole.len() / 2).unwrap_or_default();
        assert!(matches!(read(cut, &mut Budget::default()), Err(Unreadable::Damaged { .. })));
        let cyclic =
            "<Relationships><Relationship Type=\"x/officeDocument\" Target=\"_rels/.rels\"/></Relationships>";
        let cyclic = zipped(&[("_rels/.rels", cyclic)]);
        assert_eq!(read(&cyclic, &mut Budget::default()).map(|pages| pages.blocks), Ok(Vec::new()));
    }
}
