//! Documents of offices that ask for more than there is.

use crate::bombs::{Deflated, package, repeated, text};

const WORD: &str = "<w:document xmlns:w=\"urn:w\"><w:body>";

/// A docx whose text is so.
pub fn docx(document: Deflated) -> Vec<u8> {
    package(&[("word/document.xml", Some(document))])
}

pub fn docx_cells(count: usize) -> Vec<u8> {
    let head = format!("{WORD}<w:tbl><w:tr>");
    docx(repeated(&head, "<w:tc/>", count, "</w:tr></w:tbl></w:body></w:document>"))
}

pub fn docx_paragraph(piece: &str, count: usize) -> Vec<u8> {
    let head = format!("{WORD}<w:p><w:r><w:t>");
    docx(repeated(&head, piece, count, "</w:t></w:r></w:p></w:body></w:document>"))
}

pub fn docx_nested(open: &str, close: &str, depth: usize) -> Vec<u8> {
    docx(text(&format!("{WORD}{}{}</w:body></w:document>", open.repeat(depth), close.repeat(depth))))
}

/// Entities that each stand for ten of the one before, and a paragraph of the last.
pub fn docx_entities() -> Vec<u8> {
    let mut declared = "<!DOCTYPE w:document [<!ENTITY e0 \"笑\">".to_owned();
    for number in 1..10 {
        let before = format!("&e{};", number - 1).repeat(10);
        declared += &format!("<!ENTITY e{number} \"{before}\">");
    }
    docx(text(&format!("{declared}]>{WORD}<w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>")))
}

/// An OpenDocument file of a type.
pub fn open_document(kind: &str, content: Deflated) -> Vec<u8> {
    let kind = format!("application/vnd.oasis.opendocument.{kind}");
    package(&[("mimetype", Some(text(&kind))), ("content.xml", Some(content))])
}

const OPEN_HEAD: &str = "<office:document-content xmlns:office=\"urn:o\" xmlns:table=\"urn:t\" xmlns:text=\"urn:x\"><office:body>";
const OPEN_TAIL: &str = "</office:body></office:document-content>";

pub fn odt_paragraph(piece: &str, count: usize) -> Vec<u8> {
    let head = format!("{OPEN_HEAD}<office:text><text:p>");
    open_document("text", repeated(&head, piece, count, &format!("</text:p></office:text>{OPEN_TAIL}")))
}

pub fn odt_nested(open: &str, close: &str, depth: usize) -> Vec<u8> {
    let nested = format!("{}{}", open.repeat(depth), close.repeat(depth));
    open_document("text", text(&format!("{OPEN_HEAD}<office:text>{nested}</office:text>{OPEN_TAIL}")))
}

/// A sheet of one row of one cell, each there so many times.
pub fn ods_repeated(rows: u64, columns: u64, cell: &str) -> Vec<u8> {
    let sheet = format!(
        "{OPEN_HEAD}<office:spreadsheet><table:table table:name=\"甲\">\
         <table:table-row table:number-rows-repeated=\"{rows}\">\
         <table:table-cell table:number-columns-repeated=\"{columns}\">{cell}</table:table-cell>\
         </table:table-row></table:table></office:spreadsheet>{OPEN_TAIL}"
    );
    open_document("spreadsheet", text(&sheet))
}

fn xlsx_of(workbook: Deflated, relations: Deflated, sheet: Deflated) -> Vec<u8> {
    package(&[
        ("xl/workbook.xml", Some(workbook)),
        ("xl/_rels/workbook.xml.rels", Some(relations)),
        ("xl/worksheets/sheet1.xml", Some(sheet)),
    ])
}

const RELATION: &str = "<Relationships><Relationship Id=\"r1\" Type=\"http://x/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>";

/// A workbook of one sheet.
pub fn xlsx(sheet: Deflated) -> Vec<u8> {
    let workbook = "<workbook xmlns:r=\"urn:r\"><sheets><sheet name=\"甲\" r:id=\"r1\"/></sheets></workbook>";
    xlsx_of(text(workbook), text(RELATION), sheet)
}

/// A cell in the last row and column that there may be.
pub fn xlsx_last_cell() -> Vec<u8> {
    let cell = "<c r=\"XFD1048576\" t=\"inlineStr\"><is><t>末</t></is></c>";
    xlsx(text(&format!("<worksheet><sheetData><row r=\"1048576\">{cell}</row></sheetData></worksheet>")))
}

/// A workbook that names one sheet so many times.
pub fn xlsx_sheets(count: usize, sheet: &str) -> Vec<u8> {
    let head = "<workbook xmlns:r=\"urn:r\"><sheets>";
    let sheets = repeated(head, "<sheet name=\"甲\" r:id=\"r1\"/>", count, "</sheets></workbook>");
    xlsx_of(sheets, text(RELATION), text(sheet))
}

/// A cell with text, and so many merged ranges that all cover it.
pub fn xlsx_merged(count: usize) -> Vec<u8> {
    let cell = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>首</t></is></c></row>";
    let head = format!("<worksheet><sheetData>{cell}</sheetData><mergeCells>");
    xlsx(repeated(&head, "<mergeCell ref=\"A1:XFD1048576\"/>", count, "</mergeCells></worksheet>"))
}

/// A workbook whose sheets are all one entry of the file under many names, each a megabyte of nothing.
pub fn xlsx_overlapping(count: usize) -> Vec<u8> {
    let names: Vec<String> = (0..count).map(|number| format!("xl/worksheets/sheet{number}.xml")).collect();
    let (mut sheets, mut relations) = (String::new(), String::new());
    for number in 0..count {
        sheets += &format!("<sheet name=\"{number}\" r:id=\"r{number}\"/>");
        relations += &format!(
            "<Relationship Id=\"r{number}\" Type=\"http://x/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
        );
    }
    let workbook = format!("<workbook xmlns:r=\"urn:r\"><sheets>{sheets}</sheets></workbook>");
    let relations = format!("<Relationships>{relations}</Relationships>");
    let mut parts = vec![
        ("xl/workbook.xml", Some(text(&workbook))),
        ("xl/_rels/workbook.xml.rels", Some(text(&relations))),
    ];
    let blank = repeated("<worksheet>", " ", 1 << 20, "</worksheet>");
    let sheets = names.iter().zip(std::iter::once(Some(blank)).chain(std::iter::repeat(None)));
    parts.extend(sheets.map(|(name, part)| (name.as_str(), part)));
    package(&parts)
}
