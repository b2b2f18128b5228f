//! One document through extract and normalise: a pure function of its bytes, guarded against a reader's panic.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Arc;

use jixiao_model::record::{Document, DocumentRecords, FindingRow, Form, Status};
use jixiao_model::{Finding, RawDocument, RawForm, Severity, hash, reference};

use crate::source::{Opened, Source};

/// How many incomplete forms a reason names.
const NAMED: usize = 5;

/// A document as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadDocument {
    /// Its row.
    pub document: Document,
    /// Everything that it holds.
    pub records: DocumentRecords,
    /// Whether nothing was read, since the content is known: the row is right, and there are no records.
    pub is_known: bool,
    /// Whether the row is of its place alone: what is wrong is no matter of the bytes, as where an archive lies too deep, so
    /// that it tells nothing of others with the same bytes.
    pub is_of_place: bool,
}

/// What is known of a document before it is read.
#[derive(Debug, Clone, Copy)]
pub struct Given<'g> {
    /// The column `source`.
    pub name: &'g str,
    /// Its bytes, if it could be opened.
    pub bytes: Option<&'g [u8]>,
    /// Why it cannot be read, if that is known already.
    pub problem: Option<&'g str>,
    /// How many bytes it has, if that is known.
    pub size_bytes: Option<u64>,
    /// When it was last modified, in microseconds since 1970-01-01T00:00:00Z.
    pub modified_at: Option<i64>,
    /// How many bytes the archive has that it is a member of.
    pub archive_size_bytes: Option<u64>,
}

/// Reads a source that was opened as one document. Never fails: what cannot be read has the status `unreadable` and a
/// reason. What may be an archive goes the way of [`crate::members::read_source`].
pub fn read_document(source: &Source, opened: &Opened) -> ReadDocument {
    read_given(&given(source, opened), &nothing_known)
}

/// What is known of a source that was opened.
pub fn given<'g>(source: &'g Source, opened: &'g Opened) -> Given<'g> {
    Given {
        name: &source.name,
        bytes: opened.bytes.as_deref().ok(),
        problem: opened.bytes.as_ref().err().map(String::as_str),
        size_bytes: opened.size_bytes,
        modified_at: opened.modified_at,
        archive_size_bytes: None,
    }
}

/// How a content was read that was met before, by its id.
pub type Known<'k> = &'k (dyn Fn(&str) -> Option<Document> + Sync);

/// Nothing was met before.
pub fn nothing_known(_document_id: &str) -> Option<Document> {
    None
}

/// As [`read_document`]; what is known is not read again.
pub fn read_given(given: &Given<'_>, known: Known<'_>) -> ReadDocument {
    let sha256 = given.bytes.map(hash::sha256);
    let document_id = sha256.as_ref().map(|hash| hash.chars().take(32).collect::<String>());
    if let Some(document) = document_id.as_deref().filter(|_| given.problem.is_none()).and_then(known) {
        let document = Document {
            source: given.name.to_owned(),
            size_bytes: given.size_bytes,
            modified_at: given.modified_at,
            archive_size_bytes: given.archive_size_bytes,
            ..document
        };
        let records = DocumentRecords::default();
        return ReadDocument { document, records, is_known: true, is_of_place: false };
    }
    let raw = match (given.bytes, given.problem) {
        // Its format is told even if it cannot be read.
        (Some(bytes), problem) => guarded(|| jixiao_extract::read(bytes)).map(|raw| RawDocument {
            unreadable: problem.map(str::to_owned).or_else(|| raw.unreadable.clone()),
            ..raw
        }),
        (None, problem) => Err(problem.unwrap_or("it could not be opened").to_owned()),
    };
    let read = raw.and_then(|mut raw| {
        let id = document_id.as_deref().unwrap_or_default();
        let (forms, findings) = (std::mem::take(&mut raw.forms), std::mem::take(&mut raw.findings));
        let records = guarded(|| records(forms, findings, id))?;
        Ok((raw, records))
    });
    let (raw, records) = read.unwrap_or_else(|reason| {
        (RawDocument { unreadable: Some(reason), ..RawDocument::default() }, DocumentRecords::default())
    });
    let (status, reason) = status(&raw, &records);
    let document = Document {
        source: given.name.to_owned(),
        document_id,
        sha256,
        size_bytes: given.size_bytes,
        modified_at: given.modified_at,
        archive_size_bytes: given.archive_size_bytes,
        format: raw.format.map(str::to_owned),
        encoding: raw.encoding.map(str::to_owned),
        encoding_evidence: raw.encoding_evidence,
        replacement_count: raw.replacement_count,
        status,
        reason,
        form_count: u32::try_from(records.forms.len()).unwrap_or(u32::MAX),
        finding_count: u32::try_from(records.findings.len()).unwrap_or(u32::MAX),
        rules_version: reference::rules_version().to_owned(),
    };
    ReadDocument { document, records, is_known: false, is_of_place: given.problem.is_some() }
}

/// Until it is dropped, a panic over a document prints nothing: its message, which may hold the document's text, becomes
/// the document's reason. Other panics are printed as ever.
pub struct QuietPanics {
    before: Arc<Hook>,
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

impl QuietPanics {
    /// Begins the quiet.
    pub fn begin() -> Self {
        let before: Arc<Hook> = Arc::new(take_hook());
        let other = Arc::clone(&before);
        set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                other(panic);
            }
        }));
        Self { before }
    }
}

impl Drop for QuietPanics {
    fn drop(&mut self) {
        // The hook cannot be changed by a thread that panics; it does no harm if it stays until the end.
        if !std::thread::panicking() {
            let before = Arc::clone(&self.before);
            set_hook(Box::new(move |panic| before(panic)));
        }
    }
}

thread_local! {
    /// Whether this thread is inside of [`guarded`].
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// What `work` returns, or what it panicked with: no document may end the run.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let outer = GUARDED.replace(true);
    let caught = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    caught.map_err(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        format!("the reader failed on it, which is a fault of jixiao; please report it: {message}")
    })
}

fn records(forms: Vec<RawForm>, of_document: Vec<Finding>, document_id: &str) -> DocumentRecords {
    let mut records = DocumentRecords::default();
    let shared: Arc<str> = document_id.into();
    let mut add = |findings: Vec<Finding>, form_id: Option<&Arc<str>>| {
        let first = records.findings.len() + 1;
        let rows = findings.into_iter().zip(first..);
        records.findings.extend(rows.map(|(finding, number)| row(finding, &shared, form_id, number)));
    };
    add(of_document, None);
    records.forms.reserve_exact(forms.len());
    for form in forms {
        let (form, findings) = jixiao_normalise::normalise(form, document_id);
        add(findings, Some(&form.form.form_id));
        records.forms.push(form);
    }
    records
}

fn row(finding: Finding, document_id: &Arc<str>, form_id: Option<&Arc<str>>, number: usize) -> FindingRow {
    let Finding { code, field, found, expected, message, place } = finding;
    FindingRow {
        document_id: Arc::clone(document_id),
        finding_number: u32::try_from(number).unwrap_or(u32::MAX),
        form_id: form_id.map(Arc::clone),
        severity: code.severity(),
        code,
        field,
        found,
        expected,
        message,
        place,
    }
}

/// Whether a document counts as good, and why it does not.
fn status(raw: &RawDocument, records: &DocumentRecords) -> (Status, Option<String>) {
    if let Some(reason) = &raw.unreadable {
        return (Status::Unreadable, Some(reason.clone()));
    }
    if records.forms.is_empty() {
        let reason =
            "no form of performance targets was found in it: neither a known title nor the fields of a form";
        return (Status::NoForms, Some(reason.into()));
    }
    let incomplete = incomplete(records);
    if incomplete.is_empty() {
        return (Status::Parsed, None);
    }
    let named = incomplete.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
    let more = if incomplete.len() > NAMED { "; …" } else { "" };
    let reason =
        format!("{} of {} forms are incomplete: {named}{more}", incomplete.len(), records.forms.len());
    (Status::Partial, Some(reason))
}

/// The forms that lack something of what every form must have for its document to count as [`Status::Parsed`], and what
/// each lacks.
fn incomplete(records: &DocumentRecords) -> Vec<String> {
    // The findings are in the order of the forms.
    let mut errors = records.findings.iter().filter(|row| row.severity == Severity::Error).peekable();
    while errors.next_if(|row| row.form_id.is_none()).is_some() {}
    let of_form = |form: &Form| {
        let is_of_it = |row: &&FindingRow| row.form_id.as_ref() == Some(&form.form_id);
        let codes: Vec<&str> =
            std::iter::from_fn(|| errors.next_if(is_of_it)).map(|row| row.code.as_str()).collect();
        let what = || format!("form {} at {}: {}", form.form_number, form.place, codes.join(", "));
        (!codes.is_empty()).then(what)
    };
    records.forms.iter().map(|records| &records.form).filter_map(of_form).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn read(bytes: &[u8]) -> ReadDocument {
        let source = Source::new("a", "a");
        let opened =
            Opened { bytes: Ok(bytes.to_vec()), size_bytes: None, modified_at: None, has_gone: false };
        read_document(&source, &opened)
    }

    #[test]
    fn a_panic_becomes_a_reason() {
        let printed = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&printed);
        let hook = take_hook();
        set_hook(Box::new(move |panic| {
            // Another test may fail meanwhile.
            if panic.payload_as_str().is_some_and(|message| message.starts_with("row ")) {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }));
        let quiet = QuietPanics::begin();
        let caught: Result<(), String> = guarded(|| panic!("row {} is odd", 3));
        assert!(caught.unwrap_err().ends_with("row 3 is odd"));
        assert_eq!(printed.load(Ordering::Relaxed), 0, "it is in the reason");
        assert!(catch_unwind(|| panic!("row 4 is ours")).is_err());
        assert_eq!(printed.load(Ordering::Relaxed), 1, "a fault of ours is printed");
        drop(quiet);
        assert!(guarded(|| panic!("row 5 is odd")).is_err());
        assert_eq!(printed.load(Ordering::Relaxed), 2, "the hook is as it was");
        set_hook(hook);
    }

    #[test]
    fn a_document_counts_as_good_only_with_year_organisation_name_and_amount() {
        let form = "财政项目支出绩效目标表\n(2020年度)\n申报单位名称：甲局\n项目名称：\t乙\t项目类别：\t丙\n\
                    项目总预算（元）：\t100\t项目当年预算（元）：\t100\n一级目标\t二级目标\t三级目标\t指标目标值\n\
                    产出目标\t数量\t培训人数（人）\t=3\n";
        let good = read(form.as_bytes());
        assert_eq!((good.document.status, &good.document.reason), (Status::Parsed, &None));
        for (cut, code) in [
            ("(2020年度)\n", "missing-year"),
            ("申报单位名称：甲局\n", "missing-organisation"),
            ("乙", "missing-project-name"),
            ("项目总预算（元）：\t100\t项目当年预算（元）：\t100\n", "missing-amount"),
        ] {
            let read = read(form.replace(cut, "").as_bytes());
            assert_eq!(read.document.status, Status::Partial, "{code}");
            assert!(read.document.reason.unwrap().contains(code));
        }
        assert_eq!(read("会议通知：请各单位参加。".as_bytes()).document.status, Status::NoForms);
        assert_eq!(read(b"").document.status, Status::Unreadable);
    }
}
