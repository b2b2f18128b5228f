//! Every fact of the published document, as a person read it: one file for each form, one fact a line.
//!
//! The files were written from the document and not from what the program prints, and there is no switch that writes
//! them anew: whoever changes a line has looked at the document.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::fmt::Write;

use common::{DOCUMENT, differing_lines, path, read};
use jixiao_model::record::{FindingRow, FormRecords, Indicator, Operator, Status, TargetKind};
use rust_decimal::Decimal;
use serde_json::Value;

/// The columns of `forms` in the order of the files; narratives are those after `prior_executed_yuan`.
const COLUMNS: [&str; 21] = [
    "place",
    "form_family",
    "title",
    "fiscal_year",
    "organisation",
    "project_name",
    "project_category",
    "performance_type",
    "government_purchase",
    "start_date",
    "end_date",
    "total_budget_yuan",
    "annual_budget_yuan",
    "prior_budget_yuan",
    "prior_executed_yuan",
    "overview",
    "legal_basis",
    "necessity",
    "safeguards",
    "implementation_plan",
    "overall_goal",
];

/// Columns for which the document prints nothing in any form.
const NEVER_PRINTED: [&str; 5] =
    ["supervising_department", "implementing_unit", "project_nature", "annual_goal", "superseded_by"];

/// Writes a form as its file does.
fn facts(records: &FormRecords, findings: &[FindingRow]) -> String {
    let form = serde_json::to_value(&records.form).expect("a form is JSON");
    let mut text = String::new();
    for column in COLUMNS {
        let _ = writeln!(text, "{column} {}", shown(&form[column]));
    }
    text.push('\n');
    for field in &records.fields {
        let code = field.field.unwrap_or("?");
        let label = field.label_raw.as_deref().unwrap_or("-");
        let value = field.value_raw.as_deref().map_or("NULL".to_owned(), one_line);
        let is_above = COLUMNS[15..].contains(&code) && Value::String(value.replace('⏎', "\n")) == form[code];
        let value = if is_above { "the text above" } else { &value };
        let _ = writeln!(text, "field {} {code} {label} {value}", field.place);
    }
    text.push('\n');
    for indicator in &records.indicators {
        let _ = writeln!(text, "{}", indicator_fact(indicator));
    }
    text.push('\n');
    for citation in &records.citations {
        let _ = write!(text, "citation {} {}", citation.place, citation.field);
        if let Some(title) = &citation.title {
            let _ = write!(text, " 《{title}》");
        }
        if let Some(number) = &citation.document_number {
            let issuer = citation.issuer.unwrap_or("NULL");
            let known = [citation.year.map(i64::from), citation.number.map(i64::from)];
            let known = known.map(|number| number.map_or("NULL".to_owned(), |number| number.to_string()));
            let _ = write!(text, " {number} = {issuer} {}", known.join(" "));
        }
        text.push('\n');
    }
    let of_form = findings.iter().filter(|row| row.form_id.as_ref() == Some(&records.form.form_id));
    let mut findings: Vec<_> = of_form.map(|row| (row.place.clone(), row.code.to_string())).collect();
    findings.sort();
    for (place, code) in findings {
        let _ = writeln!(text, "finding {} {code}", place.expect("it has a place"));
    }
    text
}

fn indicator_fact(indicator: &Indicator) -> String {
    let text = |value: Option<&str>| value.unwrap_or("NULL").to_owned();
    let target = &indicator.target;
    let parsed = [
        target.kind.map(TargetKind::as_str).map(str::to_owned),
        target.operator.map(Operator::as_str).map(str::to_owned),
        target.value.map(|value| value.normalize().to_string()),
        target.upper.map(|value| value.to_string()),
        target.unit.as_deref().map(str::to_owned),
        target.text.as_deref().map(str::to_owned),
    ];
    format!(
        "indicator {} {} > {} > {}: {} ({})",
        indicator.place,
        text(indicator.level1.as_deref()),
        text(indicator.level2.as_deref()),
        text(indicator.indicator.as_deref()),
        text(indicator.target_raw.as_deref()),
        parsed.into_iter().flatten().collect::<Vec<_>>().join(" "),
    )
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => one_line(text),
        other => other.to_string(),
    }
}

fn one_line(text: &str) -> String {
    text.replace('\n', "⏎")
}

#[test]
fn every_fact_of_the_document_is_read() {
    let document = read(DOCUMENT);
    let mut wrong = String::new();
    for records in &document.records.forms {
        let file = path(&format!("tests/golden/shanghai-2020/form-{:02}.txt", records.form.form_number));
        wrong += &differing_lines(&file, facts(records, &document.records.findings).lines());
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_document_as_a_whole() {
    let document = read(DOCUMENT);
    let forms = &document.records.forms;
    assert_eq!((document.document.status, document.document.reason.as_deref()), (Status::Parsed, None));
    assert_eq!((forms.len(), forms.iter().map(|records| records.indicators.len()).sum::<usize>()), (15, 149));
    let sum = |column: fn(&FormRecords) -> Option<Decimal>| forms.iter().filter_map(column).sum::<Decimal>();
    assert_eq!(sum(|records| records.form.total_budget_yuan), Decimal::from(28_797_500));
    assert_eq!(sum(|records| records.form.prior_budget_yuan), Decimal::from(13_644_110));
    let purchases = forms.iter().filter(|records| records.form.government_purchase == Some(true));
    assert_eq!(purchases.map(|records| records.form.form_number).collect::<Vec<_>>(), [6, 13, 14]);
    for records in forms {
        let form = serde_json::to_value(&records.form).expect("a form is JSON");
        for column in NEVER_PRINTED {
            assert!(form[column].is_null(), "{column} of form {}", records.form.form_number);
        }
    }
}
