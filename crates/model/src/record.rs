//! The rows of the warehouse, typed. `data/dictionary.toml` says what each column means; the names here are the
//! names there, and a test in `load` holds them together.
//!
//! Text is cleaned; where a `_raw` column exists it is as printed. Money is in yuan with two decimals. `None` is
//! NULL: nothing was printed, or what was printed could not be read (then a finding says so).

#![expect(missing_docs, reason = "the columns are described in data/dictionary.toml, once")]

use std::borrow::Cow;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::{FindingCode, Place, Scope, Severity};

/// How much of a document could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Each of its forms has year, organisation, project name and an amount.
    Parsed,
    /// It has forms, and at least one of them lacks one of these.
    Partial,
    /// It was read and has no form in it.
    NoForms,
    /// It could not be read.
    Unreadable,
}

impl Status {
    /// All of them, best first.
    pub const ALL: [Self; 4] = [Self::Parsed, Self::Partial, Self::NoForms, Self::Unreadable];

    /// The word in the column `status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parsed => "parsed",
            Self::Partial => "partial",
            Self::NoForms => "no_forms",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A row of `documents`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    pub source: String,
    /// `None`, as the two below, where the file could not be opened.
    pub document_id: Option<String>,
    pub sha256: Option<String>,
    pub size_bytes: Option<u64>,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub modified_at: Option<i64>,
    /// Of the archive that it is a member of, as `modified_at`.
    pub archive_size_bytes: Option<u64>,
    pub format: Option<String>,
    pub encoding: Option<String>,
    pub encoding_evidence: Option<String>,
    pub replacement_count: u64,
    pub status: Status,
    pub reason: Option<String>,
    pub form_count: u32,
    pub finding_count: u32,
    pub rules_version: String,
}

/// A row of `forms`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Form {
    #[serde(serialize_with = "shared")]
    pub form_id: Arc<str>,
    pub document_id: String,
    pub form_number: u32,
    pub place: String,
    pub form_family: Option<String>,
    pub title: Option<String>,
    pub fiscal_year: Option<i32>,
    pub organisation: Option<String>,
    pub organisation_key: Option<String>,
    pub supervising_department: Option<String>,
    pub implementing_unit: Option<String>,
    pub project_name: Option<String>,
    pub project_key: Option<String>,
    pub project_category: Option<String>,
    pub project_nature: Option<String>,
    pub performance_type: Option<String>,
    pub government_purchase: Option<bool>,
    pub start_date: Option<Date>,
    pub end_date: Option<Date>,
    pub total_budget_yuan: Option<Decimal>,
    pub annual_budget_yuan: Option<Decimal>,
    pub prior_budget_yuan: Option<Decimal>,
    pub prior_executed_yuan: Option<Decimal>,
    pub overview: Option<String>,
    pub legal_basis: Option<String>,
    pub necessity: Option<String>,
    pub safeguards: Option<String>,
    pub implementation_plan: Option<String>,
    pub overall_goal: Option<String>,
    pub annual_goal: Option<String>,
    pub superseded_by: Option<String>,
}

/// What a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    Number,
    Range,
    Date,
    Grade,
    Text,
}

impl TargetKind {
    /// The word in the column `target_kind`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Range => "range",
            Self::Date => "date",
            Self::Grade => "grade",
            Self::Text => "text",
        }
    }
}

/// How a value is compared with its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    Equal,
    AtLeast,
    AtMost,
    Above,
    Below,
    Between,
}

impl Operator {
    /// The sign in the column `target_operator`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::Below => "<",
            Self::Between => "between",
        }
    }
}

/// A target taken apart; the columns `target_*` of `indicators`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Target {
    #[serde(rename = "target_kind")]
    pub kind: Option<TargetKind>,
    #[serde(rename = "target_operator")]
    pub operator: Option<Operator>,
    /// At most four decimals.
    #[serde(rename = "target_value")]
    pub value: Option<Decimal>,
    /// The upper end of a range.
    #[serde(rename = "target_upper")]
    pub upper: Option<Decimal>,
    #[serde(rename = "target_unit", serialize_with = "shared_if_any")]
    pub unit: Option<Arc<str>>,
    #[serde(rename = "target_text", serialize_with = "shared_if_any")]
    pub text: Option<Arc<str>>,
}

/// A row of `indicators`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Indicator {
    #[serde(serialize_with = "shared")]
    pub form_id: Arc<str>,
    pub indicator_number: u32,
    pub fiscal_year: Option<i32>,
    pub scope: Scope,
    #[serde(serialize_with = "shared_if_any")]
    pub level1: Option<Arc<str>>,
    #[serde(serialize_with = "shared_if_any")]
    pub level2: Option<Arc<str>>,
    #[serde(serialize_with = "shared_if_any")]
    pub indicator: Option<Arc<str>>,
    pub level1_code: Option<&'static str>,
    pub level2_code: Option<&'static str>,
    pub indicator_code: Option<&'static str>,
    #[serde(serialize_with = "shared_if_any")]
    pub target_raw: Option<Arc<str>>,
    #[serde(flatten)]
    pub target: Target,
    pub weight: Option<Decimal>,
    pub note: Option<String>,
    pub place: Place,
}

/// A row of `budget_lines`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BudgetLine {
    #[serde(serialize_with = "shared")]
    pub form_id: Arc<str>,
    pub line_number: u32,
    pub fiscal_year: Option<i32>,
    pub item: Option<&'static str>,
    #[serde(serialize_with = "shared_if_any")]
    pub label_raw: Option<Arc<str>>,
    pub amount_yuan: Option<Decimal>,
    pub amount_raw: Option<String>,
    pub unit: Option<&'static str>,
    pub place: Place,
}

/// A row of `fields`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    #[serde(serialize_with = "shared")]
    pub form_id: Arc<str>,
    pub field_number: u32,
    pub fiscal_year: Option<i32>,
    pub field: Option<&'static str>,
    #[serde(serialize_with = "shared_if_any")]
    pub label_raw: Option<Arc<str>>,
    pub value_raw: Option<String>,
    pub place: Place,
}

/// A row of `citations`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Citation {
    #[serde(serialize_with = "shared")]
    pub form_id: Arc<str>,
    pub citation_number: u32,
    pub fiscal_year: Option<i32>,
    pub field: &'static str,
    pub title: Option<String>,
    pub document_number: Option<String>,
    pub issuer: Option<&'static str>,
    pub year: Option<i32>,
    pub number: Option<u32>,
    pub place: Place,
}

/// A row of `findings`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FindingRow {
    #[serde(serialize_with = "shared")]
    pub document_id: Arc<str>,
    pub finding_number: u32,
    #[serde(serialize_with = "shared_if_any")]
    pub form_id: Option<Arc<str>>,
    pub severity: Severity,
    pub code: FindingCode,
    pub field: Option<Cow<'static, str>>,
    pub found: Option<String>,
    pub expected: Option<String>,
    pub message: Cow<'static, str>,
    pub place: Option<Place>,
}

/// A row of `form_checks`: how one check went on one form. It applied `applied` times (once a form, or once an indicator)
/// and held `passed` times. Summed up by code and year these are the rows of `checks`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FormCheck {
    #[serde(serialize_with = "shared")]
    pub form_id: Arc<str>,
    /// The code of the finding that a failure raises.
    pub code: FindingCode,
    pub fiscal_year: Option<i32>,
    pub applied: u32,
    pub passed: u32,
}

/// A row of `checks`. The code is a text, since a snapshot may have been written by other rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub code: String,
    pub fiscal_year: Option<i32>,
    pub applied: u64,
    pub passed: u64,
}

/// A row of `runs`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Run {
    pub run_id: String,
    pub kind: String,
    pub pipeline: Option<String>,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub started_at: i64,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub finished_at: i64,
    pub outcome: String,
    pub version: String,
    pub rules_version: String,
    pub documents_seen: u64,
    pub documents_new: u64,
    pub documents_changed: u64,
    pub documents_unchanged: u64,
    pub documents_removed: u64,
    pub documents_unreadable: u64,
    pub form_count: u64,
    pub indicator_count: u64,
    pub finding_count: u64,
}

/// A row of `indicator_types`: the taxonomy, to join with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IndicatorType {
    pub indicator_code: String,
    pub level1_code: String,
    pub level2_code: Option<String>,
    pub name: String,
    pub name_en: String,
    /// Other names of the same thing, joined by `；`.
    pub aliases: Option<String>,
}

/// All rows that one form gives.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct FormRecords {
    pub form: Form,
    pub indicators: Vec<Indicator>,
    pub budget_lines: Vec<BudgetLine>,
    pub fields: Vec<Field>,
    pub citations: Vec<Citation>,
    /// Each that applied once, by the names of their codes.
    pub checks: Vec<FormCheck>,
}

/// All rows that one document's content gives: what the warehouse stores once, however many sources hold it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DocumentRecords {
    pub forms: Vec<FormRecords>,
    pub findings: Vec<FindingRow>,
}

/// Writes a text that many rows share, such as the id of their form or the name of a class.
fn shared<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

fn shared_if_any<S: Serializer>(text: &Option<Arc<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_deref().serialize(serializer)
}

serialize_as_word!(Status, TargetKind, Operator);
