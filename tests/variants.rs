//! The same document in other encodings, as HTML with real tables, with its forms in another order, with cells lost
//! and with its end cut off: the forms stay what they are.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::fmt::Write;

use common::{DOCUMENT, content, contents, read};
use encoding_rs::{BIG5, GB18030, GBK};
use jixiao::read::ReadDocument;
use jixiao_model::FindingCode;
use jixiao_model::record::Status;
use proptest::prelude::*;

fn text() -> &'static str {
    std::str::from_utf8(DOCUMENT).expect("the document is UTF-8")
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// Reads a variant, and compares its forms with those of the document.
fn check(name: &str, bytes: &[u8], encoding: &str) -> ReadDocument {
    let variant = read(bytes);
    assert_eq!(variant.document.encoding.as_deref(), Some(encoding), "{name}: {:?}", variant.document.reason);
    assert_eq!(variant.document.replacement_count, 0, "{name}");
    let (found, expected) = (contents(&variant), contents(&read(DOCUMENT)));
    assert_eq!(found.len(), expected.len(), "{name}: forms");
    for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
        for part in ["form", "indicators", "budget_lines", "fields", "citations"] {
            assert_eq!(found[part], expected[part], "{name}: {part} of form {}", number + 1);
        }
    }
    variant
}

#[test]
fn in_every_encoding() {
    let text = text();
    let windows = text.replace('\n', "\r\n");
    for (name, bytes, encoding) in [
        ("GB18030", GB18030.encode(text).0.into_owned(), "gb18030"),
        ("GBK", GBK.encode(text).0.into_owned(), "gb18030"),
        ("GB18030 of Windows", GB18030.encode(&windows).0.into_owned(), "gb18030"),
        ("UTF-8 with a mark", ["\u{feff}", &windows].concat().into_bytes(), "utf-8"),
        ("UTF-16LE", utf_16(text, u16::to_le_bytes), "utf-16le"),
        ("UTF-16LE with a mark", utf_16(&format!("\u{feff}{windows}"), u16::to_le_bytes), "utf-16le"),
        ("UTF-16BE", utf_16(text, u16::to_be_bytes), "utf-16be"),
        ("UTF-16BE with a mark", utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes), "utf-16be"),
        ("line ends of old Macs", text.replace('\n', "\r").into_bytes(), "utf-8"),
    ] {
        check(name, &bytes, encoding);
    }
}

/// A form in traditional characters, as offices for Taiwan and Hong Kong affairs publish them.
const TRADITIONAL: &str = "財政項目支出績效目標表\n(2020年度)\n申報單位名稱：臺灣事務辦公室\n\
    項目名稱：\t兩岸科普交流活動\t項目類別：\t經常性項目\n計劃開始日期：\t2020年1月1日\t計劃完成日期：\t2020年12月31日\n\
    是否含有政府購買服務：\t否\t績效類型：\t其他類\n項目概況：\t為進一步促進兩岸科普工作者之交流，舉辦論壇及展覽。\t\t\n\
    項目總預算（元）：\t壹佰貳拾萬元整\t項目當年預算（萬元）：\t120\n2020年績效目標\n\
    一級目標\t二級目標\t三級目標\t指標目標值\n投入與管理\t投入管理\t預算執行率\t=100%\n\
    \t財務管理\t財務管理制度健全性\t健全\n";

#[test]
fn in_traditional_characters() {
    for (bytes, encoding) in [(BIG5.encode(TRADITIONAL).0, "big5"), (TRADITIONAL.as_bytes().into(), "utf-8")]
    {
        let document = read(&bytes);
        assert_eq!(document.document.encoding.as_deref(), Some(encoding));
        assert_eq!((document.document.status, document.document.replacement_count), (Status::Parsed, 0));
        let records = &document.records.forms[0];
        let form = content(records)["form"].clone();
        for (column, expected) in [
            ("title", "財政項目支出績效目標表"),
            ("organisation", "臺灣事務辦公室"),
            ("project_name", "兩岸科普交流活動"),
            ("start_date", "2020-01-01"),
            ("overview", "為進一步促進兩岸科普工作者之交流，舉辦論壇及展覽。"),
            ("total_budget_yuan", "1200000.00"),
            ("annual_budget_yuan", "1200000.00"),
        ] {
            assert_eq!(form[column], expected, "{column}");
        }
        let codes: Vec<_> = records.indicators.iter().filter_map(|row| row.indicator_code).collect();
        assert_eq!(codes, ["input.funding.budget-execution-rate", "input.finance.rules"]);
    }
}

/// How a page is written.
#[derive(Debug, Clone, Copy, Default)]
struct Page {
    /// Upper-case tags, without quotes around values.
    upper: bool,
    /// Cells and rows that are never closed.
    unclosed: bool,
    /// Levels that go on over rows are one cell with a `rowspan`, values over columns one with a `colspan`.
    spans: bool,
    /// Blank cells hold a `&nbsp;`, or one as a character.
    nbsp: bool,
    /// A script and navigation with words of forms in them.
    noise: bool,
    /// As Word saves it: a paragraph and spans in each cell, conditional comments.
    word: bool,
}

/// The document as a page: rows of its dump become rows of tables, what stands between them paragraphs.
fn page(page: Page, charset: &str) -> String {
    let mut html =
        format!("<!DOCTYPE html><html><head><meta charset=\"{charset}\"><title>绩效目标公开</title>");
    if page.noise {
        html += "<script>var t = '<table><tr><td>财政项目支出绩效目标表</td></tr><tr><td>项目名称：</td>\
                 <td>不是项目</td></tr></table>';</script><style>td { content: '项目名称：' }</style>";
    }
    html += "</head><body>";
    if page.noise {
        html += "<ul><li><a href=\"/\">首页</a></li><li>项目名称</li></ul><!-- <table><tr><td>立项依据：</td>\
                 <td>没有</td></tr></table> -->";
    }
    let rows: Vec<Vec<&str>> = text().lines().map(|line| line.split('\t').collect()).collect();
    let mut open = false;
    for (index, row) in rows.iter().enumerate() {
        let is_row = row.len() > 1;
        if is_row != open {
            html += if is_row { "<table border=\"1\">" } else { "</table>" };
            open = is_row;
        }
        match row.as_slice() {
            [line] if line.trim().is_empty() => {}
            [line] => {
                let _ = writeln!(html, "<p>{line}</p>");
            }
            cells => html += &table_row(page, cells, &rows[index + 1..], &rows[..index]),
        }
    }
    html += if open { "</table></body></html>" } else { "</body></html>" };
    if page.upper {
        for tag in ["table", "tr", "td", "p", "body", "html", "head"] {
            html = html.replace(&format!("<{tag}"), &format!("<{}", tag.to_uppercase()));
            html = html.replace(&format!("</{tag}>"), &format!("</{}>", tag.to_uppercase()));
        }
        html = html.replace("rowspan=\"", "ROWSPAN=\"").replace("colspan=\"", "COLSPAN=\"");
    }
    html
}

fn table_row(page: Page, cells: &[&str], below: &[Vec<&str>], above: &[Vec<&str>]) -> String {
    let is_indicator_row = above.iter().rev().take_while(|row| row.len() > 1).any(|row| row[0] == "一级目标");
    let mut html = "<tr>".to_owned();
    let mut column = 0;
    while column < cells.len() {
        let cell = cells[column].trim();
        let mut attributes = String::new();
        let mut span = 1;
        if page.spans && is_indicator_row && column < 2 {
            // Only blanks that a level above really covers; a row that has slid keeps what it has.
            if cell.is_empty() {
                let covered = above.iter().rev().map(|row| row[column]).find(|text| !text.is_empty());
                if covered.is_some_and(is_class) && fits(cells) {
                    column += 1;
                    continue;
                }
            } else if is_class(cell) && fits(cells) {
                let rows = 1 + below
                    .iter()
                    .take_while(|row| {
                        row.len() > 1
                            && fits(row)
                            && row[column].is_empty()
                            && row[..column].iter().all(|text| text.is_empty())
                    })
                    .count();
                if rows > 1 {
                    let _ = write!(attributes, " rowspan=\"{rows}\"");
                }
            }
        }
        if page.spans && !is_indicator_row && column > 0 {
            span += cells[column + 1..].iter().take_while(|text| text.trim().is_empty()).count();
            if span > 1 && !cell.is_empty() {
                let _ = write!(attributes, " colspan=\"{span}\"");
            } else {
                span = 1;
            }
        }
        let blank = if page.nbsp { ["&nbsp;", "\u{a0}", "&#160; "][column % 3] } else { "" };
        let text = if cell.is_empty() { blank } else { cell };
        let _ = if page.word {
            write!(
                html,
                "<td{attributes} style='mso-border-alt:solid'><p class=MsoNormal><span lang=ZH-CN>{text}<o:p></o:p></span></p>\
                          <![if !supportEmptyParas]><![endif]>"
            )
        } else {
            write!(html, "<td{attributes}>{text}")
        };
        html += if page.unclosed { "\n" } else { "</td>" };
        column += span;
    }
    html + if page.unclosed { "" } else { "</tr>\n" }
}

/// Whether an indicator row has each cell in its own column: the dump's rows of five columns, and those whose last
/// cell is blank, have not.
fn fits(cells: &[&str]) -> bool {
    cells.len() == 4 && !cells[3].trim().is_empty() && !cells[2].trim().is_empty()
}

fn is_class(text: &str) -> bool {
    let known = [
        "投入与管理",
        "产出目标",
        "效果目标",
        "影响力目标",
        "投入管理",
        "财务管理",
        "实施管理",
        "资产管理",
        "数量",
        "质量",
        "时效",
        "社会效益",
        "满意度",
        "人力资源",
        "其它",
        "信息共享",
        "配套设施",
    ];
    known.contains(&text)
}

#[test]
fn as_a_page_with_real_tables() {
    let whole = Page { upper: true, unclosed: true, spans: true, nbsp: true, noise: true, word: false };
    for (name, form) in [
        ("plain", Page::default()),
        ("upper-case", Page { upper: true, ..Page::default() }),
        ("unclosed", Page { unclosed: true, ..Page::default() }),
        ("spans", Page { spans: true, ..Page::default() }),
        ("nbsp", Page { nbsp: true, ..Page::default() }),
        ("noise", Page { noise: true, ..Page::default() }),
        ("word", Page { word: true, nbsp: true, spans: true, ..Page::default() }),
        ("everything", whole),
    ] {
        let html = page(form, "utf-8");
        check(name, html.as_bytes(), "utf-8");
        let gb = check(name, &GB18030.encode(&html).0, "gb18030");
        let codes: Vec<_> = gb.records.findings.iter().map(|finding| finding.code).collect();
        assert!(
            codes.contains(&FindingCode::EncodingContradicted),
            "{name}: it declares utf-8 and is GB18030"
        );
    }
    assert!(page(whole, "gbk").contains("ROWSPAN=\"3\""), "the page has the spans that it is to test");
}

/// The lines of each form.
fn forms() -> Vec<String> {
    let mut forms: Vec<String> = Vec::new();
    for line in text().lines() {
        if line.contains("财政项目支出绩效目标表") {
            forms.push(String::new());
        }
        if let Some(form) = forms.last_mut() {
            form.push_str(line);
            form.push('\n');
        }
    }
    forms
}

#[test]
fn each_form_alone_is_what_it_is_among_others() {
    let expected = contents(&read(DOCUMENT));
    let forms = forms();
    assert_eq!(forms.len(), expected.len());
    for (form, expected) in forms.iter().zip(&expected) {
        assert_eq!(contents(&read(form.as_bytes())), std::slice::from_ref(expected));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_forms_does_not_matter(order in Just((0..15_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let (forms, expected) = (forms(), contents(&read(DOCUMENT)));
        let shuffled: String = order.iter().map(|index| forms[*index].as_str()).collect();
        let found = contents(&read(shuffled.as_bytes()));
        prop_assert_eq!(found, order.iter().map(|index| expected[*index].clone()).collect::<Vec<_>>());
    }

    #[test]
    fn broken_bytes_never_end_the_program(at in 0..DOCUMENT.len(), bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut broken = DOCUMENT.to_vec();
        let end = (at + bytes.len()).min(broken.len());
        broken.splice(at..end, bytes);
        let read = read(&broken);
        prop_assert_ne!(read.document.status, Status::Unreadable);
        prop_assert!(read.records.forms.len() >= 14, "{} forms", read.records.forms.len());
    }
}

/// A blank cell of an indicator row may get lost, so that the rest slides left. In each row in turn, each of its
/// blanks: the row is read as it was, or what is read differently is among the findings.
#[test]
fn a_lost_blank_is_healed_or_told() {
    let mut tried = 0;
    for form in forms() {
        let expected = content(&read(form.as_bytes()).records.forms[0]);
        let lines: Vec<&str> = form.lines().collect();
        let header = lines.iter().position(|line| line.starts_with("一级目标")).expect("it has indicators");
        for index in header + 1..lines.len() {
            let cells: Vec<&str> = lines[index].split('\t').collect();
            let blanks = (0..cells.len().min(2)).filter(|column| cells[*column].is_empty() && fits(&cells));
            for column in blanks {
                let mut shifted = cells.clone();
                shifted.remove(column);
                shifted.push("");
                let mut lines = lines.clone();
                let row = shifted.join("\t");
                lines[index] = &row;
                let read = read(lines.join("\n").as_bytes());
                let found = &read.records.forms[0];
                tried += 1;
                assert_eq!(content(found)["indicators"], expected["indicators"], "{row}");
                let place = format!("L{}", index + 1);
                let told = read.records.findings.iter().any(|finding| {
                    finding.code == FindingCode::ShiftedRow
                        && finding.place.as_ref().is_some_and(|at| at.to_string() == place)
                });
                assert!(told, "{row}");
            }
        }
    }
    assert!(tried > 100, "{tried} blanks were tried");
}

/// A document may be cut off anywhere: a form is read as it was if the title of the next one is still there.
#[test]
fn a_document_cut_off_keeps_what_came_before() {
    const TITLE: &str = "财政项目支出绩效目标表";
    let whole = contents(&read(DOCUMENT));
    let titles: Vec<usize> = text().match_indices(TITLE).map(|(at, _)| at + TITLE.len()).collect();
    for end in (1..DOCUMENT.len()).step_by(1_999) {
        let read = read(&DOCUMENT[..end]);
        let finished = titles.iter().skip(1).filter(|title| **title <= end).count();
        assert!(read.records.forms.len() >= finished, "cut at {end}");
        assert_eq!(contents(&read)[..finished], whole[..finished], "cut at {end}");
    }
}
