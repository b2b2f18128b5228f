//! Pages as packages of Office Open XML (ECMA-376) and OpenDocument (ISO/IEC 26300), with what these formats ask for and
//! no more.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::page::{Cell, Part, Slot, Table, escaped, width};

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const OFFICE: &str = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
    xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
    xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" office:version=\"1.3\"";

fn package(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a part can be added");
        zip.write_all(text.as_bytes()).expect("memory can be written");
    }
    zip.finish().expect("a package can be closed").into_inner()
}

fn office_open(main: &str, kind: &str, mut others: Vec<(&'static str, String)>, text: String) -> Vec<u8> {
    let types = format!(
        "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/{main}\" ContentType=\"application/vnd.openxmlformats-officedocument.{kind}.main+xml\"/></Types>"
    );
    let relations = format!(
        "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"{main}\"/></Relationships>"
    );
    others.insert(0, ("[Content_Types].xml", types));
    others.insert(1, ("_rels/.rels", relations));
    let mut parts: Vec<(&str, String)> = others;
    parts.push((main, text));
    package(&parts)
}

/// A document of Word.
pub fn docx(parts: &[Part]) -> Vec<u8> {
    let paragraph =
        |line: &str| format!("<w:p><w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>", escaped(line));
    let mut xml = format!(
        "{XML}<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>"
    );
    for part in parts {
        match part {
            Part::Line(line) => xml += &paragraph(line),
            Part::Table(table) => {
                xml += "<w:tbl><w:tblPr/><w:tblGrid>";
                xml += &"<w:gridCol w:w=\"2000\"/>".repeat(table.width());
                xml += "</w:tblGrid>";
                for row in table.slots() {
                    xml += "<w:tr>";
                    for slot in row {
                        let (cell, merged, text) = match slot {
                            Slot::Begin(cell) if cell.rows > 1 => {
                                (cell, "<w:vMerge w:val=\"restart\"/>", cell.text.as_str())
                            }
                            Slot::Begin(cell) => (cell, "", cell.text.as_str()),
                            Slot::Below(cell) => (cell, "<w:vMerge/>", ""),
                            Slot::Right => continue,
                        };
                        let _ = write!(
                            xml,
                            "<w:tc><w:tcPr><w:gridSpan w:val=\"{}\"/>{merged}</w:tcPr>",
                            cell.columns
                        );
                        xml += &text.split('\n').map(paragraph).collect::<String>();
                        xml += "</w:tc>";
                    }
                    xml += "</w:tr>";
                }
                xml += "</w:tbl>";
            }
        }
    }
    xml += "<w:sectPr/></w:body></w:document>";
    office_open("word/document.xml", "wordprocessingml.document", Vec::new(), xml)
}

/// A workbook of one sheet; a line is a cell merged over the whole width.
pub fn xlsx(parts: &[Part]) -> Vec<u8> {
    let width = width(parts);
    let mut rows = String::new();
    let mut merged = Vec::new();
    let mut at = 0;
    for table in sheet(parts, width) {
        for row in table.slots() {
            at += 1;
            let _ = write!(rows, "<row r=\"{at}\">");
            for (column, slot) in row.iter().enumerate() {
                let Slot::Begin(cell) = slot else { continue };
                let name = |row: usize, column: usize| format!("{}{row}", char::from(b'A' + column as u8));
                if cell.rows > 1 || cell.columns > 1 {
                    let end = name(at + cell.rows - 1, column + cell.columns - 1);
                    merged.push(format!("<mergeCell ref=\"{}:{end}\"/>", name(at, column)));
                }
                if !cell.text.is_empty() {
                    let _ = write!(
                        rows,
                        "<c r=\"{}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                        name(at, column),
                        escaped(&cell.text)
                    );
                }
            }
            rows += "</row>";
        }
    }
    let sheet = format!(
        "{XML}<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData>\
         <mergeCells count=\"{}\">{}</mergeCells></worksheet>",
        merged.len(),
        merged.concat()
    );
    let relations = format!(
        "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let workbook = format!(
        "{XML}<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
         <sheet name=\"绩效目标\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let others = vec![("xl/_rels/workbook.xml.rels", relations), ("xl/worksheets/sheet1.xml", sheet)];
    office_open("xl/workbook.xml", "spreadsheetml.sheet", others, workbook)
}

/// The parts as tables of a sheet, one below the other.
fn sheet(parts: &[Part], width: usize) -> Vec<Table> {
    let table = |part: &Part| match part {
        Part::Line(line) => Table { rows: vec![vec![Cell { text: line.clone(), rows: 1, columns: width }]] },
        Part::Table(table) => table.clone(),
    };
    parts.iter().map(table).collect()
}

fn open_document(mime_type: &str, body: &str) -> Vec<u8> {
    let manifest = format!(
        "{XML}<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.3\">\
         <manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"{mime_type}\"/>\
         <manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\"/></manifest:manifest>"
    );
    let content = format!(
        "{XML}<office:document-content {OFFICE}><office:body>{body}</office:body></office:document-content>"
    );
    package(&[
        ("mimetype", mime_type.to_owned()),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content),
    ])
}

fn open_document_rows(table: &Table, typed: &str) -> String {
    let mut xml = String::new();
    for row in table.slots() {
        xml += "<table:table-row>";
        for slot in row {
            match slot {
                Slot::Begin(cell) => {
                    let _ = write!(
                        xml,
                        "<table:table-cell{typed} table:number-rows-spanned=\"{}\" table:number-columns-spanned=\"{}\">",
                        cell.rows, cell.columns
                    );
                    for line in cell.text.split('\n').filter(|line| !line.is_empty()) {
                        let _ = write!(xml, "<text:p>{}</text:p>", escaped(line));
                    }
                    xml += "</table:table-cell>";
                }
                Slot::Below(_) | Slot::Right => xml += "<table:covered-table-cell/>",
            }
        }
        xml += "</table:table-row>";
    }
    xml
}

/// An OpenDocument text.
pub fn odt(parts: &[Part]) -> Vec<u8> {
    let mut body = "<office:text>".to_owned();
    for part in parts {
        match part {
            Part::Line(line) => {
                let _ = write!(body, "<text:p>{}</text:p>", escaped(line));
            }
            Part::Table(table) => {
                let _ = write!(
                    body,
                    "<table:table><table:table-column table:number-columns-repeated=\"{}\"/>{}</table:table>",
                    table.width(),
                    open_document_rows(table, "")
                );
            }
        }
    }
    open_document("application/vnd.oasis.opendocument.text", &(body + "</office:text>"))
}

/// An OpenDocument spreadsheet of one sheet.
pub fn ods(parts: &[Part]) -> Vec<u8> {
    let width = width(parts);
    let rows: String = sheet(parts, width)
        .iter()
        .map(|table| open_document_rows(table, " office:value-type=\"string\""))
        .collect();
    let body = format!(
        "<office:spreadsheet><table:table table:name=\"绩效目标\">\
         <table:table-column table:number-columns-repeated=\"{width}\"/>{rows}</table:table></office:spreadsheet>"
    );
    open_document("application/vnd.oasis.opendocument.spreadsheet", &body)
}
