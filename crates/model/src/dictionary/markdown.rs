//! The data dictionary as a page, in English and in Chinese: `docs/dictionary.md` and `docs/dictionary.zh.md`.
//!
//! The two pages have one shape, so that a reader may switch between them line by line.

use std::fmt::Write;

use super::{Column, Dictionary, Table};

/// The words of a page that do not come from the dictionary.
struct Words {
    title: &'static str,
    introduction: &'static str,
    contents: [&'static str; 3],
    headings: [&'static str; 5],
    key: &'static str,
    optional: &'static str,
    required: &'static str,
    unit: &'static str,
    points_to: &'static str,
    partitioned_by: &'static str,
    name: fn(&str, &str) -> (String, String),
    description: for<'a> fn(&'a str, &'a str) -> &'a str,
}

const ENGLISH: Words = Words {
    title: "Data dictionary",
    introduction: "Made by `jixiao schema` from `data/dictionary.toml`; do not edit. Each table and column has a \
                   Chinese name under which the catalogue offers it as well. Money is in yuan. NULL means that \
                   nothing was printed, or that what was printed could not be read, and then a finding says so.",
    contents: ["Table", "中文名", "A row is"],
    headings: ["Column", "中文名", "Type", "NULL", "Meaning"],
    key: "key",
    optional: "yes",
    required: "no",
    unit: "unit",
    points_to: "points to",
    partitioned_by: "Files are parted by",
    name: |english, chinese| (english.to_owned(), chinese.to_owned()),
    description: |english, _| english,
};

const CHINESE: Words = Words {
    title: "数据字典",
    introduction: "由 `jixiao schema --language zh` 根据 `data/dictionary.toml` 生成，请勿手工修改。每个表和列都有中文名，\
                   目录文件 `catalog.sql` 同时提供中文视图。金额单位一律为元。空值（NULL）表示原文未填写，或填写的内容\
                   无法识别；后一种情况在“质量提示”中有记录。",
    contents: ["表", "英文名", "一行是"],
    headings: ["列", "英文名", "类型", "可空", "含义"],
    key: "主键",
    optional: "是",
    required: "否",
    unit: "单位",
    points_to: "关联",
    partitioned_by: "文件分区列：",
    name: |english, chinese| (chinese.to_owned(), english.to_owned()),
    description: |_, chinese| chinese,
};

/// The dictionary as an English page of Markdown.
pub fn english(dictionary: &Dictionary) -> String {
    page(dictionary, &ENGLISH)
}

/// The dictionary as a Chinese page of Markdown.
pub fn chinese(dictionary: &Dictionary) -> String {
    page(dictionary, &CHINESE)
}

fn page(dictionary: &Dictionary, words: &Words) -> String {
    let mut sections =
        vec![format!("# {}", words.title), words.introduction.to_owned(), contents(dictionary, words)];
    sections.extend(dictionary.tables.iter().map(|table| section(table, words)));
    sections.join("\n\n") + "\n"
}

fn contents(dictionary: &Dictionary, words: &Words) -> String {
    let rows = dictionary.tables.iter().map(|table| {
        let (name, other) = (words.name)(&table.name, &table.name_zh);
        [
            format!("[{name}](#{name})"),
            other,
            (words.description)(&table.description, &table.description_zh).to_owned(),
        ]
    });
    grid(words.contents, rows)
}

fn section(table: &Table, words: &Words) -> String {
    let (name, other) = (words.name)(&table.name, &table.name_zh);
    let mut text = format!("## {name}\n\n{other}. ", other = other);
    text.push_str((words.description)(&table.description, &table.description_zh));
    if let Some(partition) = &table.partitioned_by {
        let _ = write!(text, " {} `{partition}`.", words.partitioned_by);
    }
    let rows = table.columns.iter().map(|column| row(column, words));
    text + "\n\n" + &grid(words.headings, rows)
}

fn row(column: &Column, words: &Words) -> [String; 5] {
    let (name, other) = (words.name)(&column.name, &column.name_zh);
    let mut kind = column.column_type.to_string();
    if let Some(unit) = &column.unit {
        let _ = write!(kind, ", {} {unit}", words.unit);
    }
    if column.key {
        let _ = write!(kind, ", {}", words.key);
    }
    let mut meaning = (words.description)(&column.description, &column.description_zh).to_owned();
    if let Some(reference) = &column.references {
        let _ = write!(meaning, " ({} `{reference}`)", words.points_to);
    }
    let nullable = if column.nullable { words.optional } else { words.required };
    [format!("`{name}`"), other, kind, nullable.to_owned(), meaning]
}

/// A table of Markdown; a bar inside a cell is escaped, since it would end the cell.
fn grid<const N: usize>(headings: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: [String; N]| format!("| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
    let mut lines = vec![line(headings.map(str::to_owned)), format!("|{}", "---|".repeat(N))];
    lines.extend(rows.map(line));
    lines.join("\n")
}
