//! What a run has read, counted while it reads: nothing of it is kept that grows with the forms.

use std::collections::BTreeMap;

use jixiao_model::FindingCode;
use jixiao_model::record::{Document, DocumentRecords, Status};

/// Counts of what was read.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many documents have each status.
    pub documents: BTreeMap<Status, u64>,
    /// How many forms there are of each year.
    pub forms: BTreeMap<Option<i32>, u64>,
    /// How many forms all documents have, those included of which the content was known.
    pub forms_read: u64,
    /// How many documents an earlier run has read, which was stopped or failed before it could publish them.
    pub resumed: u64,
    /// How many indicators they have.
    pub indicators: u64,
    /// How many findings there are of each code.
    pub findings: BTreeMap<FindingCode, u64>,
    /// Documents that do not count as good: their source, status and reason.
    pub not_parsed: Vec<(String, Status, String)>,
}

impl Tally {
    /// Counts a document; what was known already has no records.
    pub fn add(&mut self, document: &Document, records: Option<&DocumentRecords>) {
        *self.documents.entry(document.status).or_default() += 1;
        if let Some(reason) = &document.reason {
            self.not_parsed.push((document.source.clone(), document.status, reason.clone()));
        }
        self.forms_read += u64::from(document.form_count);
        for form in records.iter().flat_map(|records| &records.forms) {
            *self.forms.entry(form.form.fiscal_year).or_default() += 1;
            self.indicators += form.indicators.len() as u64;
        }
        for finding in records.iter().flat_map(|records| &records.findings) {
            *self.findings.entry(finding.code).or_default() += 1;
        }
    }

    /// How many documents could not be read.
    pub fn unreadable(&self) -> u64 {
        self.documents.get(&Status::Unreadable).copied().unwrap_or(0)
    }
}
