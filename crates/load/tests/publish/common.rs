//! A few documents to publish, and what is found in a warehouse afterwards.
//!
//! [`TWICE`] stands at two sources and has two forms of 2020; [`ONCE`] has a form of 2020 and one without a year.
//! The ids are in the other order than the sources, and everything is handed over in the wrong order.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use jiff::ToSpan;
use jiff::civil::date;
use jixiao_load::{Gathered, Gathering, Held, LoadError, Published, Update, Warehouse};
use jixiao_model::record::{
    BudgetLine, Citation, Document, DocumentRecords, Field, FindingRow, Form, FormCheck, FormRecords,
    Indicator, IndicatorType, Operator, Run, Status, Target, TargetKind,
};
use jixiao_model::{FindingCode, Place, Scope};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

/// The document at `a/2020.txt` and `c/copy.txt`.
pub(crate) const TWICE: &str = "ffffffffffffffffffffffffffffffff";
/// The document at `b/2020.txt`.
pub(crate) const ONCE: &str = "00000000000000000000000000000000";

/// A folder for a warehouse, which is not there yet.
pub(crate) fn new_root() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("warehouse");
    (folder, root)
}

/// A source as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    pub(crate) document: Document,
    /// What it holds; nothing if that was known already.
    pub(crate) records: Option<DocumentRecords>,
}

/// The rows of what one thread has read.
pub(crate) fn gathered(read: &[Read]) -> Result<Gathered, LoadError> {
    let mut gathering = Gathering::default();
    for Read { document, records } in read {
        if let Some((id, records)) = document.document_id.as_ref().zip(records.as_ref()) {
            gathering.add(id, records);
        }
    }
    gathering.finish()
}

/// Each source with what it holds.
pub(crate) fn held(read: &[Read]) -> Vec<(Document, Option<Held>)> {
    read.iter().map(|read| (read.document.clone(), read.records.as_ref().map(Held::of))).collect()
}

/// Adds what one thread has read.
pub(crate) fn add(update: &mut Update<'_>, read: &[Read]) -> Result<(), LoadError> {
    update.add(held(read), vec![gathered(read)?])
}

/// What a run has read, in any order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Tables {
    pub(crate) documents: Vec<Document>,
    /// By `document_id`.
    pub(crate) contents: BTreeMap<String, DocumentRecords>,
    pub(crate) indicator_types: Vec<IndicatorType>,
}

impl Tables {
    /// What stands at each source.
    pub(crate) fn read(&self) -> Vec<Read> {
        let read = |document: &Document| {
            let id = document.document_id.as_ref();
            Read { document: document.clone(), records: id.and_then(|id| self.contents.get(id).cloned()) }
        };
        self.documents.iter().map(read).collect()
    }
}

/// Publishes these tables in the place of what is there.
pub(crate) fn publish(root: &Path, tables: &Tables, run: &Run) -> Published {
    try_publish(&Warehouse::lock(root, "a test").unwrap(), tables, run).unwrap()
}

pub(crate) fn try_publish(warehouse: &Warehouse, tables: &Tables, run: &Run) -> Result<Published, LoadError> {
    let mut update = warehouse.rebuild()?;
    add(&mut update, &tables.read())?;
    update.stage(&tables.indicator_types)?.publish(run)
}

pub(crate) fn tables() -> Tables {
    let twice = DocumentRecords {
        forms: vec![form(TWICE, 2, Some(2020)), form(TWICE, 1, Some(2020))],
        findings: vec![
            finding(TWICE, 2, FindingCode::SpaceInName),
            finding(TWICE, 1, FindingCode::MissingAmount),
        ],
    };
    let once = DocumentRecords {
        forms: vec![form(ONCE, 2, None), form(ONCE, 1, Some(2020))],
        findings: vec![finding(ONCE, 1, FindingCode::MissingAmount)],
    };
    Tables {
        documents: vec![
            document("d/locked.pdf", None),
            document("c/copy.txt", Some(TWICE)),
            document("b/2020.txt", Some(ONCE)),
            document("a/2020.txt", Some(TWICE)),
        ],
        contents: [(ONCE.to_owned(), once), (TWICE.to_owned(), twice)].into(),
        indicator_types: vec![indicator_type("output.quantity"), indicator_type("output")],
    }
}

pub(crate) fn document(source: &str, id: Option<&str>) -> Document {
    Document {
        source: source.to_owned(),
        document_id: id.map(str::to_owned),
        sha256: id.map(|id| format!("{id}{id}")),
        size_bytes: id.map(|_| 4096),
        modified_at: Some(1_577_836_800_000_001),
        archive_size_bytes: None,
        format: id.map(|_| "text".to_owned()),
        encoding: id.map(|_| "gb18030".to_owned()),
        encoding_evidence: None,
        replacement_count: 0,
        status: if id.is_some() { Status::Parsed } else { Status::Unreadable },
        reason: None,
        form_count: 2,
        finding_count: 1,
        rules_version: "0123456789abcdef".to_owned(),
    }
}

pub(crate) fn form(document_id: &str, form_number: u32, fiscal_year: Option<i32>) -> FormRecords {
    let form_id: Arc<str> = format!("{document_id}-{form_number}").into();
    FormRecords {
        form: Form {
            form_id: Arc::clone(&form_id),
            document_id: document_id.to_owned(),
            form_number,
            place: "L1".to_owned(),
            fiscal_year,
            project_name: Some("科普活动".to_owned()),
            project_category: fiscal_year.map(|_| "其他一次性项目".to_owned()),
            government_purchase: fiscal_year.map(|_| true),
            start_date: fiscal_year.map(|_| date(2020, 1, 1)),
            end_date: Some(date(1969, 12, 31)),
            total_budget_yuan: fiscal_year.map(|_| "28797500.50".parse().unwrap()),
            annual_budget_yuan: Some("-0.10".parse().unwrap()),
            ..Form::default()
        },
        indicators: vec![indicator(&form_id, 2, fiscal_year), indicator(&form_id, 1, fiscal_year)],
        budget_lines: vec![BudgetLine {
            form_id: Arc::clone(&form_id),
            line_number: 1,
            fiscal_year,
            item: Some("total_budget"),
            label_raw: Some("项目总预算（元）".into()),
            amount_yuan: Some("28797500.50".parse().unwrap()),
            amount_raw: Some("28,797,500.50".to_owned()),
            unit: None,
            place: Place::Line(7),
        }],
        fields: vec![Field {
            form_id: Arc::clone(&form_id),
            field_number: 1,
            fiscal_year,
            field: None,
            label_raw: Some("项目名称".into()),
            value_raw: Some("科普活动".to_owned()),
            place: Place::Line(3),
        }],
        checks: vec![form_check(&form_id, FindingCode::MissingYear, fiscal_year, fiscal_year.is_some())],
        citations: vec![Citation {
            form_id,
            citation_number: 1,
            fiscal_year,
            field: "legal_basis",
            title: None,
            document_number: Some("国发〔2018〕32号".to_owned()),
            issuer: Some("国发"),
            year: Some(2018),
            number: Some(32),
            place: Place::Line(9),
        }],
    }
}

pub(crate) fn form_check(
    form_id: &Arc<str>,
    code: FindingCode,
    fiscal_year: Option<i32>,
    has_passed: bool,
) -> FormCheck {
    FormCheck { form_id: Arc::clone(form_id), code, fiscal_year, applied: 1, passed: u32::from(has_passed) }
}

fn indicator(form_id: &str, indicator_number: u32, fiscal_year: Option<i32>) -> Indicator {
    Indicator {
        form_id: form_id.into(),
        indicator_number,
        fiscal_year,
        scope: Scope::Annual,
        level1: Some("产出指标".into()),
        level2: None,
        indicator: Some("活动次数".into()),
        level1_code: Some("output"),
        level2_code: None,
        indicator_code: None,
        target_raw: Some("≥12.5场".into()),
        target: Target {
            kind: Some(TargetKind::Number),
            operator: Some(Operator::AtLeast),
            value: Some("12.5".parse().unwrap()),
            upper: None,
            unit: Some("场".into()),
            text: None,
        },
        weight: None,
        note: None,
        place: Place::Line(12),
    }
}

pub(crate) fn finding(document_id: &str, finding_number: u32, code: FindingCode) -> FindingRow {
    FindingRow {
        document_id: document_id.into(),
        finding_number,
        form_id: None,
        severity: code.severity(),
        code,
        field: None,
        found: None,
        expected: None,
        message: "说明".into(),
        place: Some(Place::Line(12)),
    }
}

fn indicator_type(code: &str) -> IndicatorType {
    IndicatorType {
        indicator_code: code.to_owned(),
        level1_code: "output".to_owned(),
        level2_code: None,
        name: "产出指标".to_owned(),
        name_en: "output".to_owned(),
        aliases: None,
    }
}

/// A run that started in this second after 2020 began.
pub(crate) fn run(second: i64) -> Run {
    let started_at = 1_577_836_800_000_000 + second * 1_000_000;
    Run {
        run_id: format!("20200101T0000{second:02}.000000Z-1"),
        kind: "ingest".to_owned(),
        started_at,
        finished_at: started_at + 1,
        outcome: "succeeded".to_owned(),
        version: "0.1.0".to_owned(),
        rules_version: "0123456789abcdef".to_owned(),
        documents_seen: 4,
        ..Run::default()
    }
}

/// The files below a folder and their bytes, by their `/`-separated paths; of a link, where it points.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            let below = self::files(&entry.path());
            files.extend(below.into_iter().map(|(path, bytes)| (format!("{name}/{path}"), bytes)));
        } else if kind.is_symlink() {
            files.insert(name, fs::read_link(entry.path()).unwrap().into_os_string().into_encoded_bytes());
        } else {
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    files
}

/// The Parquet files of a snapshot but those of `runs`, which hold the clock.
pub(crate) fn clockless(snapshot: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(snapshot);
    files.retain(|path, _| path.ends_with(".parquet") && !path.starts_with("runs/"));
    files
}

/// The only file in a folder.
pub(crate) fn only_file(folder: &Path) -> PathBuf {
    let names: Vec<String> = files(folder).into_keys().collect();
    let [name] = names.as_slice() else { panic!("{}: {names:?}", folder.display()) };
    folder.join(name)
}

pub(crate) fn open(path: &Path) -> ParquetRecordBatchReaderBuilder<File> {
    ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap()
}

/// The values of a column in the only file of a folder, as text.
pub(crate) fn column(folder: &Path, name: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    for batch in open(&only_file(folder)).build().unwrap() {
        let batch = batch.unwrap();
        let array = batch.column_by_name(name).unwrap();
        values.extend((0..array.len()).map(|row| array.is_valid(row).then(|| shown(array, row))));
    }
    values
}

fn shown(array: &ArrayRef, row: usize) -> String {
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::Dictionary(..) => {
            let array = array.as_dictionary::<Int32Type>();
            array.values().as_string::<i32>().value(array.key(row).unwrap()).to_owned()
        }
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Decimal128(..) => array.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::Date32 => {
            (date(1970, 1, 1) + array.as_primitive::<Date32Type>().value(row).days()).to_string()
        }
        DataType::Timestamp(..) => array.as_primitive::<TimestampMicrosecondType>().value(row).to_string(),
        other => panic!("no column is of type {other}"),
    }
}
