//! Small documents for tests of whole warehouses, each made of what it is about, in several formats.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::fmt::Write as _;

use crate::archives::{Zipped, zip};

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paper {
    /// Forms, written as this.
    Forms(Vec<Project>, Make),
    /// A text without a form.
    Notice(u8),
    /// Bytes that are no document.
    Noise(u8),
    /// No bytes at all.
    Empty,
    /// Documents by their names.
    Archive(Vec<(&'static str, Paper)>),
}

/// What a form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Project {
    /// Which of some organisations.
    pub organisation: u8,
    /// Which of its projects.
    pub number: u8,
    /// The year that is printed, if any.
    pub year: Option<i32>,
    /// In yuan.
    pub amount: u32,
}

/// What a document is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    Text,
    Gb18030,
    Html,
    Docx,
    Xlsx,
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

impl Project {
    /// Its name.
    pub fn name(&self) -> String {
        format!("第{}号雷达维护", self.number)
    }

    /// Its organisation's name.
    pub fn organisation(&self) -> String {
        format!("{}市气象局", ["江城", "河口", "海门"][usize::from(self.organisation % 3)])
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let amount = self.amount.to_string();
        let year = self.year.map(|year| format!("({year}年度)"));
        let rows = [
            vec!["财政项目支出绩效目标表".to_owned()],
            year.into_iter().collect(),
            vec![format!("申报单位名称：{}", self.organisation())],
            vec!["项目名称：".into(), self.name(), "项目类别：".into(), "经常性项目".into()],
            vec!["项目总预算（元）：".into(), amount.clone(), "项目当年预算（元）：".into(), amount],
            ["一级目标", "二级目标", "三级目标", "指标目标值"].map(str::to_owned).to_vec(),
            ["产出目标", "数量", "设备购置数量（个）", "=3"].map(str::to_owned).to_vec(),
        ];
        rows.into_iter().filter(|row| !row.is_empty()).collect()
    }
}

impl Paper {
    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Forms(projects, make) => {
                let rows: Vec<_> = projects.iter().flat_map(Project::rows).collect();
                match make {
                    Make::Text => text(&rows).into_bytes(),
                    Make::Gb18030 => encoding_rs::GB18030.encode(&text(&rows)).0.into_owned(),
                    Make::Html => html(&rows).into_bytes(),
                    Make::Docx => docx(&rows),
                    Make::Xlsx => xlsx(&rows),
                }
            }
            Self::Notice(number) => format!("关于召开第{number}次会议的通知\n请准时参加。\n").into_bytes(),
            Self::Noise(number) => (0..300_u32).map(|at| (at * at * 7 + u32::from(*number)) as u8).collect(),
            Self::Empty => Vec::new(),
            Self::Archive(members) => {
                package(&members.iter().map(|(name, paper)| (*name, paper.bytes())).collect::<Vec<_>>())
            }
        }
    }
}

fn text(rows: &[Vec<String>]) -> String {
    rows.iter().map(|row| row.join("\t") + "\n").collect()
}

/// Lines of one cell as paragraphs, the others as tables.
fn html(rows: &[Vec<String>]) -> String {
    let mut html = "<html><head><meta charset=\"utf-8\"></head><body>".to_owned();
    for part in rows.chunk_by(|one, other| (one.len() == 1) == (other.len() == 1)) {
        if part[0].len() == 1 {
            html.extend(part.iter().map(|row| format!("<p>{}</p>\n", row[0])));
            continue;
        }
        html += "<table>";
        for row in part {
            let cells: String = row.iter().map(|cell| format!("<td>{cell}</td>")).collect();
            let _ = writeln!(html, "<tr>{cells}</tr>");
        }
        html += "</table>";
    }
    html + "</body></html>"
}

fn docx(rows: &[Vec<String>]) -> Vec<u8> {
    let paragraph = |text: &String| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let mut xml = format!(
        "{XML}<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>"
    );
    for part in rows.chunk_by(|one, other| (one.len() == 1) == (other.len() == 1)) {
        if part[0].len() == 1 {
            xml.extend(part.iter().map(|row| paragraph(&row[0])));
            continue;
        }
        xml += "<w:tbl><w:tblPr/><w:tblGrid>";
        xml += &"<w:gridCol w:w=\"2000\"/>".repeat(part[0].len());
        xml += "</w:tblGrid>";
        for row in part {
            let cells = row.iter().map(|cell| format!("<w:tc><w:tcPr/>{}</w:tc>", paragraph(cell)));
            let _ = write!(xml, "<w:tr>{}</w:tr>", cells.collect::<String>());
        }
        xml += "</w:tbl>";
    }
    xml += "</w:body></w:document>";
    office_open("word/document.xml", "wordprocessingml.document", xml, &[])
}

fn xlsx(rows: &[Vec<String>]) -> Vec<u8> {
    let mut xml = format!(
        "{XML}<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>"
    );
    for (row, number) in rows.iter().zip(1..) {
        let cells = row.iter().zip('A'..).map(|(cell, column)| {
            format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>")
        });
        let _ = write!(xml, "<row r=\"{number}\">{}</row>", cells.collect::<String>());
    }
    xml += "</sheetData></worksheet>";
    let workbook = format!(
        "{XML}<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
         <sheets><sheet name=\"表\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
    );
    let relations = relations("worksheet", "worksheets/sheet1.xml");
    let others = [("xl/_rels/workbook.xml.rels", relations), ("xl/worksheets/sheet1.xml", xml)];
    office_open("xl/workbook.xml", "spreadsheetml.sheet", workbook, &others)
}

fn relations(kind: &str, target: &str) -> String {
    format!(
        "{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" \
         Target=\"{target}\"/></Relationships>"
    )
}

fn office_open(main: &str, kind: &str, text: String, others: &[(&str, String)]) -> Vec<u8> {
    let types = format!(
        "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/{main}\" ContentType=\"application/vnd.openxmlformats-officedocument.{kind}.main+xml\"/></Types>"
    );
    let mut parts = vec![
        ("[Content_Types].xml", types),
        ("_rels/.rels", relations("officeDocument", main)),
        (main, text),
    ];
    parts.extend(others.iter().cloned());
    package(&parts.into_iter().map(|(name, text)| (name, text.into_bytes())).collect::<Vec<_>>())
}

/// A zip whose names are UTF-8.
fn package(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut entries = Vec::new();
    for (name, bytes) in parts {
        entries.push(Zipped { flags: 1 << 11, ..Zipped::new(name.as_bytes(), bytes) });
    }
    zip(&entries)
}
