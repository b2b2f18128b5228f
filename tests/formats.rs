//! The published document in other formats, and small documents of each: the same records, whatever the format.

#![expect(clippy::disallowed_methods, reason = "tests read their documents")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::fmt::Write;
use std::fs;

use common::{content, path, read, same_as_published, same_as_published_but};
use jixiao_model::FindingCode;

/// LibreOffice takes `=025%` for a formula and keeps `=25%` of it.
const REWRITTEN: [(&str, &str); 1] = [("=025%", "=25%")];

fn published_workbook(name: &str) {
    let bytes = fs::read(path(&format!("tests/formats/{name}"))).expect("it is there");
    same_as_published_but(name, &bytes, &REWRITTEN);
}

#[test]
fn the_published_document_as_xlsx() {
    published_workbook("published.xlsx");
}

#[test]
fn the_published_document_as_xls() {
    published_workbook("published.xls");
}

#[test]
fn the_published_document_as_ods() {
    published_workbook("published.ods");
}

fn published(format: &str) {
    let bytes = fs::read(path(&format!("tests/formats/published.{format}"))).expect("it is there");
    assert_eq!(read(&bytes).document.format.as_deref(), Some(format));
    same_as_published(format, &bytes);
}

#[test]
fn the_published_document_as_docx() {
    published("docx");
}

#[test]
fn the_published_document_as_odt() {
    published("odt");
}

#[test]
fn the_published_document_as_doc() {
    published("doc");
}

#[test]
fn the_published_document_as_rtf() {
    published("rtf");
}

#[test]
fn the_published_document_as_pdf() {
    published("pdf");
}

/// Two forms in one sheet with spare rows between them, and one in another sheet.
#[test]
fn a_workbook_holds_forms_below_one_another_and_in_sheets() {
    let bytes = fs::read(path("tests/formats/forms-in-sheets.xlsx")).expect("it is there");
    let document = read(&bytes);
    let forms = document.records.forms.iter().map(|records| {
        let form = &records.form;
        let name = form.project_name.clone().unwrap_or_default();
        let budget = form.total_budget_yuan.map(|amount| amount.normalize().to_string()).unwrap_or_default();
        format!("{} {name} {budget} {}", form.place, records.indicators.len())
    });
    let expected = ["项目!A2 科普宣传 500000 2", "项目!A12 学术交流 800000 2", "第三个!A4 人才服务 700000 2"];
    assert_eq!(forms.collect::<Vec<_>>(), expected);
}

/// A form in whose project's name a tracked change deleted a word, written by LibreOffice in each format.
#[test]
fn what_was_deleted_is_not_read_in_any_format() {
    for format in ["docx", "doc", "odt", "rtf"] {
        let name = format!("tests/formats/unseen.{format}");
        let document = read(&fs::read(path(&name)).expect("the file is there"));
        let form = content(&document.records.forms[0]);
        assert_eq!(form["form"]["project_name"], "科普活动", "{name}");
        let unseen =
            document.records.findings.iter().filter(|finding| finding.code == FindingCode::UnseenText);
        let found: Vec<_> = unseen.filter_map(|finding| finding.found.as_deref()).collect();
        assert_eq!(found, ["宣传"], "{name}");
    }
}

/// A page of a form in fonts that every reader is expected to have: Chinese in a character collection under one of the
/// predefined CMaps (ISO 32000-2, 9.7.5.2), and what is ASCII in one of the standard fonts.
fn pdf_in_fonts_of_the_reader(cmap: &str, encode: fn(&str) -> Vec<u8>) -> Vec<u8> {
    let lines = [("财政项目支出绩效目标表", 780), ("申报单位名称：江城市气象局", 740), ("(2019)", 760)];
    let rows = [
        ["项目名称：", "雷达维护", "项目类别：", "经常性项目"],
        ["项目总预算（元）：", "1,200", "项目当年预算（元）：", "1,200"],
        ["一级目标", "二级目标", "三级目标", "指标目标值"],
        ["产出目标", "数量", "设备购置数量（个）", "=3"],
    ];
    let mut content = String::new();
    let mut show = |text: &str, x: usize, y: usize| {
        let (font, bytes) =
            if text.is_ascii() { ('L', text.as_bytes().to_vec()) } else { ('C', encode(text)) };
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(content, "BT /{font} 10 Tf {x} {y} Td <{digits}> Tj ET").expect("memory");
        if y <= 708 {
            writeln!(content, "{} {} 120 24 re S", x - 4, y - 8).expect("memory");
        }
    };
    for (line, y) in lines {
        show(line, 64, y);
    }
    for (row, texts) in rows.iter().enumerate() {
        for (column, text) in texts.iter().enumerate() {
            show(text, 64 + 120 * column, 708 - 24 * row);
        }
    }
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</C 5 0 R/L 7 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
        format!("<</Type/Font/Subtype/Type0/BaseFont/STSong-Light-{cmap}/Encoding/{cmap}/DescendantFonts[6 0 R]>>"),
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light\
          /CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000>>"
            .to_owned(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    let objects =
        objects.iter().zip(1..).map(|(object, number)| format!("{number} 0 obj\n{object}\nendobj\n"));
    format!("%PDF-1.7\n{}trailer\n<</Root 1 0 R>>\n", objects.collect::<String>()).into_bytes()
}

#[test]
fn a_pdf_is_read_whose_fonts_are_not_in_it() {
    let wide: fn(&str) -> Vec<u8> = |text| text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let gbk: fn(&str) -> Vec<u8> = |text| encoding_rs::GBK.encode(text).0.into_owned();
    let cmaps = [
        ("UniGB-UCS2-H", wide),
        ("UniGB-UTF16-H", wide),
        ("GBK-EUC-H", gbk),
        ("GBKp-EUC-H", gbk),
        ("GBK2K-H", gbk),
        ("GB-EUC-H", gbk),
    ];
    for (cmap, encode) in cmaps {
        let document = read(&pdf_in_fonts_of_the_reader(cmap, encode));
        assert_eq!(document.document.replacement_count, 0, "{cmap}");
        let form = content(document.records.forms.first().expect("a form"));
        let facts = ["title", "organisation", "project_name", "project_category"]
            .map(|column| form["form"][column].clone());
        assert_eq!(facts, ["财政项目支出绩效目标表", "江城市气象局", "雷达维护", "经常性项目"], "{cmap}");
        assert_eq!(form["form"]["total_budget_yuan"], "1200.00", "{cmap}");
        assert_eq!(form["indicators"][0]["indicator"], "设备购置数量（个）", "{cmap}");
        assert_eq!(form["indicators"][0]["target_raw"], "=3", "{cmap}");
    }
}

/// The fonts that every reader has (9.6.2.2), in their own encodings.
#[test]
fn a_pdf_in_standard_fonts_is_read() {
    let fonts = ["Helvetica", "Times-Roman", "Courier-Bold"];
    for font in fonts {
        let bytes = pdf_in_fonts_of_the_reader("UniGB-UCS2-H", |text| {
            text.encode_utf16().flat_map(u16::to_be_bytes).collect()
        });
        let text = String::from_utf8(bytes)
            .expect("ASCII")
            .replace("BaseFont/Helvetica", &format!("BaseFont/{font}"));
        // “—é of WinAnsiEncoding in place of `=3`.
        let document = read(text.replace("<3d33>", "<9397e9>").as_bytes());
        let form = content(document.records.forms.first().expect("a form"));
        assert_eq!(form["indicators"][0]["target_raw"], "“—é", "{font}");
    }
}
