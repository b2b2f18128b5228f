//! Indicator tables of each family, made by hand in the structure that its office prints, and what a person reads in them.
//!
//! A folder has a document and its facts: a line for each form with its family, its project and, in a table of many
//! projects, organisation and goal; and below it a line for each indicator. What the file leaves out must not be there.
//! The property test drops every cell in turn, in these and in `tests/families`: what is read then stands in the whole
//! document, or is not there, or a finding tells.

#![expect(clippy::disallowed_methods, reason = "tests read their documents")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use common::{differing_lines, path, read};
use jixiao_model::fold::fold;
use jixiao_model::record::{FindingRow, FormRecords, Indicator, Operator, TargetKind};

fn text(value: Option<&str>) -> String {
    value.map_or_else(|| "NULL".to_owned(), |text| text.replace('\n', "⏎"))
}

fn form_fact(records: &FormRecords, of_many: bool) -> String {
    let form = &records.form;
    let mut fact =
        format!("form {} {}", text(form.form_family.as_deref()), text(form.project_name.as_deref()));
    if of_many {
        let _ = write!(fact, " {} {}", text(form.organisation.as_deref()), text(form.annual_goal.as_deref()));
    }
    fact
}

fn indicator_fact(row: &Indicator) -> String {
    let target = &row.target;
    let parsed = [
        target.kind.map(TargetKind::as_str).map(str::to_owned),
        target.operator.map(Operator::as_str).map(str::to_owned),
        target.value.map(|value| value.normalize().to_string()),
        target.unit.as_deref().map(str::to_owned),
        target.text.as_deref().map(str::to_owned),
    ];
    let mut fact = format!(
        "{} {} > {} > {}: {} [{}]",
        row.scope.as_str(),
        text(row.level1.as_deref()),
        text(row.level2.as_deref()),
        text(row.indicator.as_deref()),
        text(row.target_raw.as_deref()),
        parsed.into_iter().flatten().collect::<Vec<_>>().join(" "),
    );
    if let Some(weight) = row.weight {
        let _ = write!(fact, " weight {}", weight.normalize());
    }
    if let Some(note) = &row.note {
        let _ = write!(fact, " note {}", text(Some(note)));
    }
    fact
}

fn facts(forms: &[FormRecords], of_many: bool) -> Vec<String> {
    let of_form = |records: &FormRecords| {
        let mut facts = vec![form_fact(records, of_many)];
        facts.extend(records.indicators.iter().map(indicator_fact));
        facts
    };
    forms.iter().flat_map(of_form).collect()
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(path("tests/families-indicators")).expect("the folders");
    let mut folders: Vec<_> = entries.map(|entry| entry.expect("a folder").path()).collect();
    folders.sort();
    folders
}

fn document(folder: &std::path::Path) -> String {
    let file = ["form.html", "form.txt"].map(|name| folder.join(name)).into_iter().find(|file| file.exists());
    fs::read_to_string(file.expect("a document")).expect("text")
}

#[test]
fn every_indicator_table_is_read() {
    let mut wrong = String::new();
    for folder in folders() {
        let found = read(document(&folder).as_bytes());
        let of_many = folder.to_string_lossy().contains("yunnan");
        let found = facts(&found.records.forms, of_many);
        wrong += &differing_lines(&folder.join("facts.txt"), found.iter().map(String::as_str));
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Findings that tell of a row that lost a cell.
const TELLING: [&str; 6] = [
    "shifted-row",
    "lost-cell",
    "missing-level1",
    "missing-level2",
    "missing-indicator-name",
    "class-outside-parent",
];

/// Where the rows of the indicator table begin: behind its first heading row.
fn rows_begin(source: &str, row_end: &str) -> usize {
    let headings = ["一级指标", "一级目标", "一级<br>指标", "绩效指标</td>"];
    let header = headings.iter().filter_map(|word| source.find(word)).min().unwrap_or(0);
    header + source.get(header..).and_then(|rest| rest.find(row_end)).unwrap_or(0)
}

/// The rows of a document, each with the cells in it: where they begin and end in the source.
fn rows_of_cells(source: &str, is_html: bool) -> Vec<Vec<(usize, usize)>> {
    let row_end = if is_html { "</tr>" } else { "\n" };
    let begin = rows_begin(source, row_end);
    let mut rows = Vec::new();
    let mut at = 0;
    for row in source.split_inclusive(row_end) {
        let starts: Vec<usize> = if is_html {
            row.match_indices("<td").map(|(cell, _)| cell).collect()
        } else {
            std::iter::once(0).chain(row.match_indices('\t').map(|(tab, _)| tab + 1)).collect()
        };
        let end = |start: usize| {
            let rest = row.get(start..).unwrap_or_default();
            start
                + if is_html {
                    rest.find("</td>").map_or(rest.len(), |end| end + 5)
                } else {
                    rest.find(['\t', '\n']).unwrap_or(rest.len())
                }
        };
        if at >= begin && starts.len() > 1 {
            rows.push(starts.into_iter().map(|start| (at + start, at + end(start))).collect());
        }
        at += row.len();
    }
    rows
}

/// What is done to a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// Its text is gone.
    Text,
    /// It is gone, and those behind it moved to the left.
    Cell,
    /// The same, and the row is as wide as before.
    Moved,
}

/// A document without a cell, which may leave no slot. A cell that reaches over rows would move all of them.
fn without(source: &str, row: &[(usize, usize)], cell: usize, loss: Loss, is_html: bool) -> Option<String> {
    let (start, end) = row[cell];
    let last = row.last()?.1;
    let tag =
        source.get(start..end)?.find('>').and_then(|at| source.get(start..=start + at)).filter(|_| is_html);
    let blank = if is_html { "<td></td>" } else { "\t" };
    let (before, between) = (source.get(..start)?, source.get(end..last)?);
    let between =
        if is_html || loss == Loss::Text { between } else { between.strip_prefix('\t').unwrap_or(between) };
    let is_merged = tag.is_some_and(|tag| tag.contains("rowspan"));
    let after = source.get(last..)?;
    let is_last = cell + 1 == row.len();
    match loss {
        Loss::Text => Some(format!(
            "{before}{}{between}{after}",
            tag.map_or(String::new(), |tag| format!("{tag}</td>"))
        )),
        _ if is_merged => None,
        Loss::Moved if is_last => None,
        Loss::Cell if is_last && !is_html => Some(format!("{}{after}", before.trim_end_matches('\t'))),
        Loss::Cell => Some(format!("{before}{between}{after}")),
        Loss::Moved => Some(format!("{before}{between}{blank}{after}")),
    }
}

/// Whether a target is what is left of one that was printed in several cells: without its sign or its unit.
fn is_part(target: &str, whole: &str) -> bool {
    let no_sign = whole.trim_start_matches(|c: char| !c.is_ascii_digit());
    let bare = no_sign.trim_end_matches(|c: char| !c.is_ascii_digit());
    let no_unit = whole.trim_end_matches(|c: char| !c.is_ascii_digit());
    [no_sign, bare, no_unit].contains(&target)
        || (!target.is_empty() && whole.strip_prefix(['≥', '≤', '=', '＝']) == Some(target))
}

/// The columns in which a row says what the document did not.
fn invented(row: &Indicator, whole: &Indicator) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    let levels = [
        ("level1", &row.level1, &whole.level1),
        ("level2", &row.level2, &whole.level2),
        ("indicator", &row.indicator, &whole.indicator),
    ];
    wrong.extend(
        levels.into_iter().filter(|(_, row, whole)| row.is_some() && row != whole).map(|(column, ..)| column),
    );
    if let Some(target) = &row.target_raw
        && whole.target_raw.as_ref().is_none_or(|whole| target != whole && !is_part(target, whole))
    {
        wrong.push("target");
    }
    if row.weight.is_some() && row.weight != whole.weight {
        wrong.push("weight");
    }
    let lines = |note: &Option<String>| -> Vec<String> {
        note.as_deref().unwrap_or_default().lines().map(str::to_owned).collect()
    };
    let (known, target) = (lines(&whole.note), whole.target_raw.as_deref().unwrap_or_default());
    // A sign or a unit without its number stands behind its heading.
    let is_of_target = |line: &str| {
        let parts = ["指标性质：", "度量单位：", "计量单位："].iter();
        parts.filter_map(|label| line.strip_prefix(label)).any(|text| target.contains(text))
    };
    if lines(&row.note).iter().any(|line| !known.contains(line) && !is_of_target(line)) {
        wrong.push("note");
    }
    wrong
}

/// Cells after whose loss a row that is as wide as before reads as well with a blank at its end.
const READS_AS_WELL: [(&str, &str); 4] = [
    ("headings-two-values", "≥15次"),
    ("hunan-two-scopes", "<td>2万亩</td>"),
    ("yunnan-projects", "<td>改善</td>"),
    ("yunnan-text", "人"),
];

/// What a damaged document says that the whole one does not, and no finding tells. `line` is that of the damaged row, under
/// whose class the rows below it stand.
fn wrong_without_a_word(known: &[&Indicator], damaged: &str, line: &str, loss: Loss) -> (usize, Vec<String>) {
    let found = read(damaged.as_bytes());
    let mut wrong = Vec::new();
    let mut rows = 0;
    for records in &found.records.forms {
        let is_told = |place: &str| {
            let of_form = |row: &&FindingRow| row.form_id.as_ref() == Some(&records.form.form_id);
            let here = found.records.findings.iter().filter(of_form);
            let here = here.filter(|row| TELLING.contains(&row.code.as_str()));
            here.flat_map(|finding| &finding.place).any(|of| of.to_string() == place)
        };
        for row in &records.indicators {
            rows += 1;
            let mut here = known.iter().filter(|other| other.place == row.place);
            let same = here.clone().find(|other| other.scope == row.scope).or(here.next());
            let mut columns = same.map_or(vec!["row"], |same| invented(row, same));
            // A remark under another heading says as much in a row that may as well be whole.
            columns.retain(|column| loss != Loss::Moved || *column != "note");
            if !columns.is_empty() && !is_told(&row.place.to_string()) && !is_told(line) {
                let before = same.map_or_else(String::new, |same| indicator_fact(same));
                wrong.push(format!("{columns:?}\n  {before}\n  {}", indicator_fact(row)));
            }
        }
    }
    (rows, wrong)
}

#[test]
fn a_lost_cell_gives_no_wrong_value_without_a_word() {
    let (mut all, mut documents, mut rows) = (String::new(), 0, 0);
    let families = fs::read_dir(path("tests/families")).expect("the folders");
    let families = families.map(|entry| entry.expect("a folder").path());
    for folder in folders().into_iter().chain(families) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source = document(&folder);
        let is_html = folder.join("form.html").exists();
        let whole = read(source.as_bytes());
        let known: Vec<&Indicator> =
            whole.records.forms.iter().flat_map(|records| &records.indicators).collect();
        // Where only a class's text is gone, the blank reads as one that is filled from above; nobody could tell.
        let is_class = |text: &str| {
            let mut levels = known.iter().flat_map(|row| [&row.level1, &row.level2]).flatten();
            text.contains("绩效指标") || levels.any(|level| fold(text).contains(&fold(level)))
        };
        for row in rows_of_cells(&source, is_html) {
            let line = source.get(..row[0].0).unwrap_or_default().matches('\n').count() + 1;
            let line = format!("L{line}");
            if known.iter().all(|row| row.place.to_string() != line) {
                continue;
            }
            for (cell, (start, end)) in row.iter().enumerate() {
                let text = source.get(*start..*end).unwrap_or_default();
                for loss in [Loss::Text, Loss::Cell, Loss::Moved] {
                    let is_blank = text.is_empty() || text.ends_with("></td>");
                    if is_blank
                        || (loss == Loss::Text && is_class(text))
                        || (loss == Loss::Moved && READS_AS_WELL.contains(&(name.as_str(), text)))
                    {
                        continue;
                    }
                    let Some(damaged) = without(&source, &row, cell, loss, is_html) else { continue };
                    let (read, wrong) = wrong_without_a_word(&known, &damaged, &line, loss);
                    (documents, rows) = (documents + 1, rows + read);
                    for wrong in wrong {
                        let _ = writeln!(all, "{name}: {loss:?} {text}: {wrong}");
                    }
                }
            }
        }
    }
    assert!(documents > 1400 && rows > 6500, "{documents} {rows}");
    assert!(all.is_empty(), "{documents} documents, {rows} rows\n{all}");
}
