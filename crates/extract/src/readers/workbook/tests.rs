//! Whole workbooks, as openpyxl and xlwt write them, and hostile ones that are made here.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use jixiao_model::{Finding, Place};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::limits::Excess;
use crate::readers::shown;
use crate::words::JUDGE;

fn pages(bytes: &[u8], kind: Kind) -> Result<Pages, Unreadable> {
    read(bytes, kind, &Words::new(JUDGE), &mut Budget::default())
}

/// The blocks, and the places and codes of findings.
fn read_whole(bytes: &[u8], kind: Kind) -> (Vec<String>, Vec<String>) {
    let pages = pages(bytes, kind).expect("it can be read");
    let said = |finding: &Finding| {
        let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{place} {}", finding.code)
    };
    // Rows are as wide as their table; blanks at their end say nothing here.
    let rows = shown(&pages.blocks).into_iter().map(|row| row.trim_end_matches('|').to_owned());
    (rows.collect(), pages.findings.iter().map(said).collect())
}

/// A zip of these parts.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(text.as_bytes()).expect("its text");
    }
    zip.finish().expect("a zip").into_inner()
}

/// A workbook of one sheet.
fn xlsx(sheet: &str, texts: &str) -> Vec<u8> {
    let relation = |id, kind, target| format!("<Relationship Id='{id}' Type='x/{kind}' Target='{target}'/>");
    let relations = relation("a", "worksheet", "sheet.xml") + &relation("b", "sharedStrings", "texts.xml");
    package(&[
        ("xl/workbook.xml", "<workbook><sheets><sheet name='表' r:id='a'/></sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", &format!("<Relationships>{relations}</Relationships>")),
        ("xl/sheet.xml", &format!("<worksheet>{sheet}</worksheet>")),
        ("xl/texts.xml", &format!("<sst>{texts}</sst>")),
    ])
}

fn ods(table: &str) -> Vec<u8> {
    package(&[("content.xml", &format!("<content><table name='表'>{table}</table></content>"))])
}

fn excess(bytes: &[u8], kind: Kind) -> Excess {
    match pages(bytes, kind) {
        Err(Unreadable::Excess(excess)) => excess,
        other => panic!("it breaks a limit: {:?}", other.map(|pages| pages.blocks.len())),
    }
}

const VALUES: [&str; 14] = [
    "数值!A1 百分比|90.00%",
    "数值!A2 百分比|90%",
    "数值!A3 金额|771,325,800.00",
    "数值!A4 天|300天",
    "数值!A5 不低于|≥90%",
    "数值!A6 万元|12.35万元",
    "数值!A7 日期|2023年1月5日",
    "数值!A8 日期|2023/1/5",
    "数值!A9 尾数|0.3",
    "数值!A10 大数|100000000000000000",
    "数值!A11 编号|310107199001011234",
    "数值!A12 是否|TRUE",
    "数值!A13 货币|¥1,234.50",
    "数值!A14 文字|2.50",
];

#[test]
fn cells_of_an_xlsx_say_what_is_shown_or_was_typed() {
    let (blocks, findings) =
        read_whole(include_bytes!("../../../../../tests/formats/values.xlsx"), Kind::Xlsx);
    let rest = [
        "数值!A15 公式|=985米",
        "数值!A16 公式|=100.00(%)",
        "数值!A17 公式|=SUM(B3:B4)",
        "数值!A18 引号|甲",
        "数值!A20 合并的\n标题|.",
        "数值!XFD1048576 ||远",
        "暗表 !B2 藏",
    ];
    assert_eq!(blocks, [&VALUES[..], &rest[..]].concat());
    let expected = ["数值!A2 hidden-cells", "数值!C17 formula-without-value", "暗表 !B2 hidden-cells"];
    assert_eq!(findings, expected);
}

#[test]
fn cells_of_an_xls_say_what_is_shown_or_was_typed() {
    let (blocks, findings) = read_whole(include_bytes!("../../../../../tests/formats/values.xls"), Kind::Xls);
    let long = (0..6).map(|number| {
        let (text, letters) = ("很长的文字".repeat(800), "ascii".repeat(1_500));
        format!("长文!A{} {text}{number}|{letters}{number}", number + 1)
    });
    let rest = ["数值!A15 公式|=100%", "数值!A16 公式", "数值!A17 合并的\n标题|.", "数值!IV65536 ||远"];
    let mut expected: Vec<String> = VALUES.iter().chain(&rest).map(|row| (*row).to_owned()).collect();
    expected.extend(long);
    expected.push("暗表!B2 藏".to_owned());
    assert_eq!(blocks, expected);
    assert_eq!(findings, ["数值!A2 hidden-cells", "暗表!B2 hidden-cells"]);
}

/// What LibreOffice writes of targets that were typed with a sign: a name that it does not know as a text, so that the
/// target is there; of brackets it keeps only that they were an error.
#[test]
fn targets_that_were_typed_are_given_back_as_far_as_they_are_in_the_file() {
    let (blocks, findings) = read_whole(include_bytes!("../../../../../tests/formats/typed.xls"), Kind::Xls);
    let row = "Sheet1!A1 #VALUE!|≥90.00(%)|=985米|=100%|#VALUE!|#VALUE!|#VALUE!|#N/A|=3-5篇";
    assert_eq!(blocks, [row]);
    let lost = ["A", "E", "F", "G", "H"].map(|column| format!("Sheet1!{column}1 formula-without-value"));
    assert_eq!(findings, lost);
}

/// A value in place of what was typed: there is no formula to tell.
#[test]
fn an_error_without_a_formula_is_doubted() {
    let sheet = "<sheetData><row><c t='e'><v>#VALUE!</v></c><c t='e'><f>A9/B9</f><v>#DIV/0!</v></c></row></sheetData>";
    let (blocks, findings) = read_whole(&xlsx(sheet, ""), Kind::Xlsx);
    assert_eq!(blocks, ["表!A1 #VALUE!|#DIV/0!"]);
    assert_eq!(findings, ["表!A1 formula-without-value"]);
}

/// What LibreOffice keeps of the xlsx: a target with a bracket is an error for good, and that is said.
#[test]
fn what_a_program_lost_of_a_typed_target_is_said() {
    let (blocks, findings) =
        read_whole(include_bytes!("../../../../../tests/formats/values-saved-again.xls"), Kind::Xls);
    let rest = ["数值!A15 公式|=985米", "数值!A16 公式|#VALUE!", "数值!A17 公式|0", "数值!A18 引号|甲"];
    assert_eq!(blocks[..18], [&VALUES[..], &rest[..]].concat());
    assert!(findings.contains(&"数值!C16 formula-without-value".to_owned()), "{findings:?}");
}

#[test]
fn cells_of_an_ods_say_what_is_shown_or_was_typed() {
    let bytes = ods("<table-column number-columns-repeated='3'/><table-column visibility='collapse'/>\
        <table-row><table-cell number-columns-spanned='2' number-rows-spanned='2'><p>甲<s c='2'/>乙</p><p>丙</p></table-cell>\
        <covered-table-cell/><table-cell number-columns-repeated='2'><p>丁</p></table-cell></table-row>\
        <table-row number-rows-repeated='2'><covered-table-cell number-columns-repeated='2'/>\
        <table-cell formula='of:=985米' value-type='string'><p>Err:509</p></table-cell></table-row>\
        <table-row number-rows-repeated='1048570'><table-cell number-columns-repeated='16384'/></table-row>\
        <table-row><table-cell value-type='percentage' value='0.07'/><table-cell formula='of:=SUM([.A1])' value-type='float' value='2'>\
        <annotation><p>旁注</p></annotation><p>2.00</p></table-cell></table-row>");
    let (blocks, findings) = read_whole(&bytes, Kind::Ods);
    let expected = ["表!A1 甲  乙\n丙|.|丁|丁", "表!C2 .|.|=985米", "表!C3 ||=985米", "表!A1048574 7%|2.00"];
    assert_eq!(blocks, expected);
    assert_eq!(findings, ["表!D1 hidden-cells"]);
}

#[test]
fn spare_rows_and_columns_do_not_matter() {
    let cell = |name: &str, text: &str| format!("<c r='{name}' t='inlineStr'><is><t>{text}</t></is></c>");
    let sheet = format!(
        "<sheetData><row>{}</row><row>{}{}</row><row>{}</row></sheetData><mergeCells><mergeCell ref='A1:H2'/>\
         <mergeCell ref='B5:B9'/><mergeCell ref='C5:D5'/><mergeCell ref='A1:XFD1048576'/></mergeCells>",
        cell("A1", "标题"),
        cell("B5", "标签"),
        cell("H5", "值"),
        cell("H8", "二"),
    );
    let (blocks, _) = read_whole(&xlsx(&sheet, ""), Kind::Xlsx);
    assert_eq!(blocks, ["表!A1 标题", "表!B5 |标签|值", "表!H8 |.|二"]);
}

/// The table of a department's projects: each is a block of rows, its name and goal merged over them.
#[test]
fn a_table_of_many_projects_keeps_its_merged_cells() {
    let (blocks, findings) =
        read_whole(include_bytes!("../../../../../tests/formats/projects-in-one-table.xlsx"), Kind::Xlsx);
    let expected = [
        "05-2!A1 项目支出绩效目标表（本次下达）",
        "05-2!A2 单位名称：昆明市科学技术协会|||||||||单位：万元",
        "05-2!A4 单位名称、项目名称|项目年度绩效目标|一级指标|二级指标|三级指标|指标性质|指标值|度量单位|指标属性|指标内容",
        "05-2!A5 1|2|3|4|5|6|7|8|9|10",
        "05-2!A6 昆明市科学技术协会",
        "05-2!A7 科普活动经费|开展科普活动。|产出指标|数量指标|活动场次|>=|10|场|定量指标|活动场次不少于10场",
        "05-2!D8 .|.|.|质量指标|合格率|=|95%|%|定量指标|验收合格率",
        "05-2!C9 .|.|满意度指标|服务对象满意度指标|公众满意度|>=|90|%|定性指标|满意度",
        "05-2!A10 学会服务经费|服务学会。|产出指标|数量指标|活动场次|>=|10|场|定量指标|活动场次不少于10场",
        "05-2!D11 .|.|.|质量指标|合格率|=|95%|%|定量指标|验收合格率",
        "05-2!C12 .|.|满意度指标|服务对象满意度指标|公众满意度|>=|90|%|定性指标|满意度",
    ];
    assert_eq!(blocks, expected);
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn limits_hold_whatever_a_workbook_declares() {
    let texts = format!("<si><t>{}</t></si>", "长".repeat(100_000));
    let cells: String = (0..1_000).map(|_| "<c t='s'><v>0</v></c>").collect();
    let sheet = format!("<sheetData><row>{cells}</row></sheetData>");
    assert_eq!(excess(&xlsx(&sheet, &texts), Kind::Xlsx), Excess::Inflated, "one text in many cells");

    let texts = format!("<si><t>{}</t></si>", " ".repeat(300_000));
    assert_eq!(excess(&xlsx(&sheet, &texts), Kind::Xlsx), Excess::Inflated, "blanks in many cells");

    let texts = "<si/>".repeat(2_000_001);
    assert!(matches!(excess(&xlsx("", &texts), Kind::Xlsx), Excess::Slots { .. }), "many texts");

    let bomb = xlsx(&" ".repeat(2 << 20), "");
    let mut budget = Budget::default();
    budget.inflate(255 << 20).expect("one mebibyte is left");
    let read = read(&bomb, Kind::Xlsx, &Words::new(JUDGE), &mut budget);
    assert_eq!(read, Err(Unreadable::Excess(Excess::Inflated)), "a part that inflates");

    let mut sheet = String::from("<sheetData>");
    for at in 0..900 {
        let name = Place::Cell { sheet: String::new(), row: at, column: at }.to_string();
        let _ = write!(sheet, "<row><c r='{}'><v>1</v></c></row>", name.trim_start_matches('!'));
    }
    sheet.push_str("</sheetData>");
    let diagonal = pages(&xlsx(&sheet, ""), Kind::Xlsx).expect("half of a square of 900");
    assert_eq!(diagonal.blocks.len(), 1);
    let sheet = sheet.replace("<sheetData>", "<sheetData><row><c r='XFD1'><v>1</v></c></row>");
    let sheet = sheet
        .replace("</sheetData>", "</sheetData><mergeCells><mergeCell ref='A1:XFC1048576'/></mergeCells>");
    assert!(matches!(excess(&xlsx(&sheet, ""), Kind::Xlsx), Excess::Slots { .. }), "a merged cell over all");

    let row = "<table-row number-rows-repeated='1048576'><table-cell number-columns-repeated='16384'><p>一</p></table-cell></table-row>";
    assert!(
        matches!(excess(&ods(row), Kind::Ods), Excess::Slots { .. }),
        "a cell that is repeated everywhere"
    );
}

#[test]
fn records_that_are_many_sheets_are_counted_for_each() {
    let record = |kind: u16, content: &[u8]| {
        let length = u16::try_from(content.len()).expect("a record is short");
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), content].concat()
    };
    let begin = record(0x809, &[0, 6, 5, 0]);
    let end = record(0x0A, &[]);
    // The position of the sheet; shown; a sheet; its name.
    let entry = |at: usize| {
        let at = u32::try_from(at).expect("it is near").to_le_bytes();
        record(0x85, &[&at[..], &[0, 0, 1, 0, b'a']].concat())
    };
    let at = begin.len() + 5_000 * entry(0).len() + end.len();
    let sheet = [begin.clone(), record(0x99, &[0; 60_000]), end.clone()].concat();
    let stream = [begin, entry(at).repeat(5_000), end, sheet].concat();
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).expect("a file");
    let mut book = file.create_stream("/Workbook").expect("a stream");
    std::io::Write::write_all(&mut book, &stream).expect("it is written");
    drop(book);
    file.flush().expect("it is written");
    assert_eq!(excess(file.into_inner().get_ref(), Kind::Xls), Excess::Inflated);
}

#[test]
fn what_cannot_be_read_is_said() {
    let protected = package(&[("META-INF/manifest.xml", "<encryption-data/>"), ("content.xml", "x")]);
    assert_eq!(pages(&protected, Kind::Ods), Err(Unreadable::Protected { name: Kind::Ods.name() }));
    for (bytes, kind) in [
        (package(&[("xl/workbook.xml", "<workbook><sheets>")]), Kind::Ods),
        (package(&[("xl/workbook.xml", "<workbook></sheets>")]), Kind::Xlsx),
        (package(&[("xl/workbook.xml", "<workbook><sheet r:id='a'/></workbook>")]), Kind::Xlsx),
        (b"PK\x03\x04".to_vec(), Kind::Xlsx),
        (
            include_bytes!("../../../../../tests/formats/values.xls")
                .get(..2_000)
                .unwrap_or_default()
                .to_vec(),
            Kind::Xls,
        ),
    ] {
        assert!(matches!(pages(&bytes, kind), Err(Unreadable::Damaged { .. })), "{kind:?}");
    }
}

/// Bytes that are changed anywhere must not bring the reader down.
#[test]
fn changed_bytes_do_no_harm() {
    let book = include_bytes!("../../../../../tests/formats/values.xls");
    // The stream of the workbook begins behind the header.
    for step in 0..60_usize {
        let mut changed = book.to_vec();
        for at in 0..4 {
            let position = 512 + (step * 7_919 + at * 104_729) % (book.len() - 512);
            changed[position] = changed[position].wrapping_add(u8::try_from(step % 251 + 1).unwrap_or(1));
        }
        let _ = pages(&changed, Kind::Xls);
    }
}

#[test]
fn rows_over_the_whole_width_part_tables_where_they_are_titles_or_headings() {
    let row = |cells: &[&str]| {
        let cells = cells.iter().map(|text| format!("<c t='inlineStr'><is><t>{text}</t></is></c>"));
        format!("<row>{}</row>", cells.collect::<String>())
    };
    let rows = [
        row(&["项目绩效目标表"]),
        row(&["甲", "乙"]),
        row(&["丙丁"]),
        row(&["戊", "己"]),
        row(&["庚辛"]),
        row(&["2020年绩效目标"]),
        row(&["壬", "癸"]),
        row(&["子丑"]),
    ];
    let merged = [1, 3, 5, 6, 8].map(|row| format!("<mergeCell ref='A{row}:B{row}'/>")).concat();
    let sheet = format!("<sheetData>{}</sheetData><mergeCells>{merged}</mergeCells>", rows.concat());
    let (blocks, _) = read_whole(&xlsx(&sheet, ""), Kind::Xlsx);
    let expected = [
        "表!A1 项目绩效目标表",
        "表!A2 甲|乙",
        "表!A3 丙丁|.",
        "表!A4 戊|己",
        "表!A5 庚辛",
        "表!A6 2020年绩效目标",
        "表!A7 壬|癸",
        "表!A8 子丑",
    ];
    assert_eq!(blocks, expected);
}
