//! Indicator tables of each family, made by hand in the structure that its office prints, and what a person reads in them.
//!
//! A folder has a document and its facts: a line for each form with its family, its project and, in a table of many
//! projects, organisation and goal; and below it a line for each indicator. What the file leaves out must not be there.
//! The property test drops every cell in turn: an indicator then stands under its own classes, or under none.

#![expect(clippy::disallowed_methods, reason = "tests read their documents")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use common::{differing_lines, path, read};
use jixiao_model::record::{FormRecords, Indicator, Operator, TargetKind};

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
        target.unit.clone(),
        target.text.clone(),
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
const TELLING: [&str; 5] =
    ["shifted-row", "missing-level1", "missing-level2", "missing-indicator-name", "class-outside-parent"];

/// The cells of a document of tables, each with where it begins and ends in the source.
fn cells(source: &str) -> Vec<(usize, usize)> {
    let starts = source.match_indices("<td").map(|(at, _)| at);
    starts.filter_map(|at| Some((at, at + source.get(at..)?.find("</td>")? + 5))).collect()
}

/// Documents with each cell of the indicator tables gone, and with each of their texts gone.
fn damaged(source: &str) -> Vec<String> {
    let table = ["一级", "绩效指标</td>"].iter().filter_map(|word| source.find(word)).min().unwrap_or(0);
    let header_end = table + source.get(table..).and_then(|rest| rest.find("</tr>")).unwrap_or(0);
    let mut damaged = Vec::new();
    for (start, end) in cells(source).into_iter().filter(|(start, _)| *start > header_end) {
        let (before, cell, after) = (&source.get(..start), source.get(start..end), &source.get(end..));
        let (Some(before), Some(cell), Some(after)) = (before, cell, after) else { continue };
        // A cell that is gone leaves no slot in its row; one that reached over rows would move all of them.
        if !cell.contains("rowspan") {
            damaged.push(format!("{before}{after}"));
        }
        let tag = cell.find('>').and_then(|at| cell.get(..=at)).unwrap_or("<td>");
        // Where only a class's text is gone, the blank reads as one that is filled from above; nobody could tell.
        let is_class = ["指标</td>", "指<br>标</td>"].iter().any(|end| cell.ends_with(end));
        if !is_class {
            damaged.push(format!("{before}{tag}</td>{after}"));
        }
    }
    damaged
}

#[test]
fn a_lost_cell_files_no_indicator_under_a_wrong_class() {
    let (mut wrong, mut documents, mut rows, mut moved) = (String::new(), 0, 0, 0);
    for folder in folders().iter().filter(|folder| folder.join("form.html").exists()) {
        let source = document(folder);
        let whole = read(source.as_bytes());
        let known: Vec<&Indicator> =
            whole.records.forms.iter().flat_map(|records| &records.indicators).collect();
        for damaged in damaged(&source) {
            documents += 1;
            let found = read(damaged.as_bytes());
            for records in &found.records.forms {
                for row in &records.indicators {
                    rows += 1;
                    let Some(name) = &row.indicator else { continue };
                    let same = |other: &&&Indicator| {
                        other.indicator.as_ref() == Some(name) && other.scope == row.scope
                    };
                    let is_right = |other: &&Indicator| {
                        (row.level1.is_none() || row.level1 == other.level1)
                            && (row.level2.is_none() || row.level2 == other.level2)
                    };
                    let candidates: Vec<_> = known.iter().filter(same).collect();
                    if candidates.iter().any(|other| is_right(other)) {
                        continue;
                    }
                    let told = records.findings.iter().any(|finding| {
                        let here = finding.place.as_ref().is_some_and(|place| place.to_string() == row.place);
                        here && TELLING.contains(&finding.code.as_str())
                    });
                    moved += usize::from(told);
                    if !told {
                        let _ = writeln!(wrong, "{}: {}", folder.display(), indicator_fact(row));
                    }
                }
            }
        }
    }
    assert!(documents > 200 && rows > 1000, "{documents} {rows}");
    assert!(wrong.is_empty(), "{documents} documents, {rows} rows, {moved} told\n{wrong}");
}
