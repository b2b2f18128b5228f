//! Records, dictionary and batches name the same columns and hold the same values.
//!
//! The records can be written as JSON under their own names, so a column that is missing, or filled from another
//! field, shows without a list of columns here. Texts are the names of their columns, and numbers all differ.

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use jiff::civil::date;
use jixiao_model::record::{
    BudgetLine, Check, Citation, Document, Field, FindingRow, Form, FormCheck, Indicator, IndicatorType,
    Operator, Run, Status, Target, TargetKind,
};
use jixiao_model::{FindingCode, Place, Scope, Severity};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Row, table_of};
use crate::LoadError;
use crate::diff::value;
use crate::schema::arrow_schema;

/// The name of a column as its value.
fn text<T: From<String>>(column: &str) -> T {
    column.to_owned().into()
}

fn number(number: &str) -> Option<Decimal> {
    Some(number.parse().unwrap())
}

/// A value as a record has it: moments are numbers there.
fn cell(array: &ArrayRef, row: usize) -> Value {
    match array.data_type() {
        DataType::Timestamp(..) if array.is_valid(row) => {
            array.as_primitive::<TimestampMicrosecondType>().value(row).into()
        }
        _ => value(array, row),
    }
}

fn record<T: Serialize>(row: &T) -> Map<String, Value> {
    serde_json::to_value(row).unwrap().as_object().unwrap().clone()
}

fn cells(batch: &RecordBatch, row: usize) -> Map<String, Value> {
    let schema = batch.schema();
    let names = schema.fields().iter().map(|field| field.name().clone());
    names.zip(batch.columns()).map(|(name, array)| (name, cell(array, row))).collect()
}

/// Checks the batches of a table by a row with all values, and by one with those alone that must be there.
fn check<T: Row + Serialize>(full: &T, bare: &T) {
    let table = table_of::<T>().unwrap();
    for rows in [&[][..], &[full], &[bare], &[full, bare, full]] {
        let batch = T::batch(rows).unwrap();
        assert_eq!(batch.schema(), arrow_schema(table), "{}", table.name);
        assert_eq!(batch.num_rows(), rows.len(), "{}", table.name);
        for (row, expected) in rows.iter().enumerate() {
            assert_eq!(cells(&batch, row), record(*expected), "{}", table.name);
        }
    }
    let (full, bare) = (record(full), record(bare));
    for column in &table.columns {
        assert!(!full[&column.name].is_null(), "{}.{} has a value", table.name, column.name);
        assert_eq!(bare[&column.name].is_null(), column.nullable, "{}.{}", table.name, column.name);
    }
}

fn full_document() -> Document {
    Document {
        source: text("source"),
        document_id: text("document_id"),
        sha256: text("sha256"),
        size_bytes: Some(1 << 40),
        modified_at: Some(1_577_836_800_000_001),
        archive_size_bytes: Some(1 << 41),
        format: text("format"),
        encoding: text("encoding"),
        encoding_evidence: text("encoding_evidence"),
        replacement_count: 1 << 33,
        status: Status::Partial,
        reason: text("reason"),
        form_count: 1,
        finding_count: u32::MAX,
        rules_version: text("rules_version"),
    }
}

fn full_form() -> Form {
    Form {
        form_id: text("form_id"),
        document_id: text("document_id"),
        form_number: 1,
        place: text("place"),
        form_family: text("form_family"),
        title: text("title"),
        fiscal_year: Some(2020),
        organisation: text("organisation"),
        organisation_key: text("organisation_key"),
        supervising_department: text("supervising_department"),
        implementing_unit: text("implementing_unit"),
        project_name: text("project_name"),
        project_key: text("project_key"),
        project_category: text("project_category"),
        project_nature: text("project_nature"),
        performance_type: text("performance_type"),
        government_purchase: Some(true),
        start_date: Some(date(1949, 10, 1)),
        end_date: Some(date(2020, 12, 31)),
        total_budget_yuan: number("9999999999999999.99"),
        annual_budget_yuan: number("-0.01"),
        prior_budget_yuan: number("28797500.50"),
        prior_executed_yuan: number("3.00"),
        overview: text("overview"),
        legal_basis: text("legal_basis"),
        necessity: text("necessity"),
        safeguards: text("safeguards"),
        implementation_plan: text("implementation_plan"),
        overall_goal: text("overall_goal"),
        annual_goal: text("annual_goal"),
        superseded_by: text("superseded_by"),
    }
}

fn bare_form() -> Form {
    Form {
        form_id: text("form_id"),
        document_id: text("document_id"),
        place: text("place"),
        ..Form::default()
    }
}

fn full_indicator() -> Indicator {
    Indicator {
        form_id: text("form_id"),
        indicator_number: 1,
        fiscal_year: Some(2020),
        scope: Scope::Annual,
        level1: Some(text("level1")),
        level2: Some(text("level2")),
        indicator: Some(text("indicator")),
        level1_code: Some("level1_code"),
        level2_code: Some("level2_code"),
        indicator_code: Some("indicator_code"),
        target_raw: Some(text("target_raw")),
        target: Target {
            kind: Some(TargetKind::Range),
            operator: Some(Operator::Between),
            value: number("-0.0001"),
            upper: number("99999999999999.9999"),
            unit: Some(text("target_unit")),
            text: Some(text("target_text")),
        },
        weight: number("12.5000"),
        note: text("note"),
        place: Place::Line(12),
    }
}

fn bare_indicator() -> Indicator {
    Indicator {
        fiscal_year: None,
        level1: None,
        level2: None,
        indicator: None,
        level1_code: None,
        level2_code: None,
        indicator_code: None,
        target_raw: None,
        target: Target::default(),
        weight: None,
        note: None,
        ..full_indicator()
    }
}

fn full_budget_line() -> BudgetLine {
    BudgetLine {
        form_id: text("form_id"),
        line_number: 1,
        fiscal_year: Some(2020),
        item: Some("item"),
        label_raw: Some(text("label_raw")),
        amount_yuan: number("28797500.50"),
        amount_raw: text("amount_raw"),
        unit: Some("unit"),
        place: Place::Line(12),
    }
}

fn full_field() -> Field {
    Field {
        form_id: text("form_id"),
        field_number: 1,
        fiscal_year: Some(2020),
        field: Some("field"),
        label_raw: Some(text("label_raw")),
        value_raw: text("value_raw"),
        place: Place::Line(12),
    }
}

fn full_citation() -> Citation {
    Citation {
        form_id: text("form_id"),
        citation_number: 1,
        fiscal_year: Some(2020),
        field: "field",
        title: text("title"),
        document_number: text("document_number"),
        issuer: Some("issuer"),
        year: Some(2018),
        number: Some(32),
        place: Place::Line(12),
    }
}

fn full_finding() -> FindingRow {
    FindingRow {
        document_id: text("document_id"),
        finding_number: 1,
        form_id: Some(text("form_id")),
        severity: Severity::Warning,
        code: FindingCode::SpaceInName,
        field: Some(text("field")),
        found: text("found"),
        expected: text("expected"),
        message: text("message"),
        place: Some(Place::Line(12)),
    }
}

fn full_run() -> Run {
    Run {
        run_id: text("run_id"),
        kind: text("kind"),
        pipeline: text("pipeline"),
        started_at: 1_577_836_800_000_001,
        finished_at: 1_577_836_800_000_002,
        outcome: text("outcome"),
        version: text("version"),
        rules_version: text("rules_version"),
        documents_seen: 1,
        documents_new: 2,
        documents_changed: 3,
        documents_unchanged: 4,
        documents_removed: 5,
        documents_unreadable: 6,
        form_count: 7,
        indicator_count: 8,
        finding_count: 1 << 40,
    }
}

#[test]
fn documents() {
    check(&full_document(), &crate::entries::tests::document("source", None));
}

#[test]
fn forms_and_indicators() {
    check(&full_form(), &bare_form());
    check(&full_indicator(), &bare_indicator());
}

#[test]
fn what_stands_on_a_form() {
    let line = BudgetLine {
        fiscal_year: None,
        item: None,
        label_raw: None,
        amount_yuan: None,
        amount_raw: None,
        unit: None,
        ..full_budget_line()
    };
    check(&full_budget_line(), &line);
    let field = Field { fiscal_year: None, field: None, label_raw: None, value_raw: None, ..full_field() };
    check(&full_field(), &field);
    let citation = Citation {
        fiscal_year: None,
        title: None,
        document_number: None,
        issuer: None,
        year: None,
        number: None,
        ..full_citation()
    };
    check(&full_citation(), &citation);
}

#[test]
fn findings_and_checks() {
    let finding =
        FindingRow { form_id: None, field: None, found: None, expected: None, place: None, ..full_finding() };
    check(&full_finding(), &finding);
    let full = Check { code: text("code"), fiscal_year: Some(2020), applied: 1 << 40, passed: 2 };
    check(&full, &Check { fiscal_year: None, ..full.clone() });
    let of_form = FormCheck {
        form_id: text("form_id"),
        code: FindingCode::MissingYear,
        fiscal_year: Some(2020),
        applied: 3,
        passed: 2,
    };
    check(&of_form, &FormCheck { fiscal_year: None, ..of_form.clone() });
}

#[test]
fn runs_and_indicator_types() {
    check(&full_run(), &Run { pipeline: None, ..full_run() });
    let full = IndicatorType {
        indicator_code: text("indicator_code"),
        level1_code: text("level1_code"),
        level2_code: text("level2_code"),
        name: text("name"),
        name_en: text("name_en"),
        aliases: text("aliases"),
    };
    check(&full, &IndicatorType { level2_code: None, aliases: None, ..full.clone() });
}

/// Checks that no batch is made of a row, the second of two, once it has a value that its column cannot hold.
fn refused<T: Row + Clone>(good: &T, column: &str, found: &str, spoil: impl Fn(&mut T)) {
    let mut bad = good.clone();
    spoil(&mut bad);
    match T::batch(&[good, &bad]) {
        Err(LoadError::Value { table, column: named, row, expected, found: value }) => {
            let column_type = table_of::<T>().unwrap().column(column).unwrap().column_type;
            assert_eq!((table.as_str(), named.as_str(), row), (T::TABLE, column, 2));
            assert_eq!((expected, value.as_str()), (column_type.to_string(), found));
        }
        other => panic!("{}.{column} = {found}: {other:?}", T::TABLE),
    }
}

#[test]
fn decimals_that_do_not_fit_are_refused() {
    for found in ["0.001", "-1.999", "0.00001", "10000000000000000"] {
        let form = full_form();
        refused(&form, "total_budget_yuan", found, |row| row.total_budget_yuan = number(found));
        refused(&form, "annual_budget_yuan", found, |row| row.annual_budget_yuan = number(found));
        refused(&form, "prior_budget_yuan", found, |row| row.prior_budget_yuan = number(found));
        refused(&form, "prior_executed_yuan", found, |row| row.prior_executed_yuan = number(found));
        refused(&full_budget_line(), "amount_yuan", found, |row| row.amount_yuan = number(found));
    }
    for found in ["0.00005", "-1.23456", "100000000000000"] {
        let indicator = full_indicator();
        refused(&indicator, "target_value", found, |row| row.target.value = number(found));
        refused(&indicator, "target_upper", found, |row| row.target.upper = number(found));
        refused(&indicator, "weight", found, |row| row.weight = number(found));
    }
}

#[test]
fn zeros_behind_the_point_are_no_decimals() {
    let form = Form { total_budget_yuan: number("1.50000"), ..full_form() };
    let batch = Form::batch(&[&form]).unwrap();
    assert_eq!(cell(batch.column_by_name("total_budget_yuan").unwrap(), 0), "1.50");
}

#[test]
fn whole_numbers_that_do_not_fit_are_refused() {
    let (number, found) = (1 << 31, "2147483648");
    refused(&full_form(), "form_number", found, |row| row.form_number = number);
    refused(&full_indicator(), "indicator_number", found, |row| row.indicator_number = number);
    refused(&full_budget_line(), "line_number", found, |row| row.line_number = number);
    refused(&full_field(), "field_number", found, |row| row.field_number = number);
    refused(&full_citation(), "citation_number", found, |row| row.citation_number = number);
    refused(&full_citation(), "number", found, |row| row.number = Some(number));
    refused(&full_finding(), "finding_number", found, |row| row.finding_number = number);
    let (number, found) = (1 << 63, "9223372036854775808");
    refused(&full_document(), "size_bytes", found, |row| row.size_bytes = Some(number));
    refused(&full_document(), "replacement_count", found, |row| row.replacement_count = number);
    refused(&full_run(), "finding_count", found, |row| row.finding_count = number);
}
