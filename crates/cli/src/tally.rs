//! What a run has read, counted while it reads: nothing of it is kept that grows with the forms.

use std::collections::BTreeMap;

use jixiao_load::Held;
use jixiao_model::FindingCode;
use jixiao_model::record::{Document, Status};

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
    /// Counts a document, and what it holds unless that was known already.
    pub fn add(&mut self, document: &Document, held: Option<&Held>) {
        *self.documents.entry(document.status).or_default() += 1;
        if let Some(reason) = &document.reason {
            self.not_parsed.push((document.source.clone(), document.status, reason.clone()));
        }
        self.forms_read += u64::from(document.form_count);
        let Some(held) = held else { return };
        for year in &held.years {
            *self.forms.entry(*year).or_default() += 1;
        }
        self.indicators += held.indicators;
        for (code, count) in &held.findings {
            *self.findings.entry(*code).or_default() += count;
        }
    }

    /// How many documents could not be read.
    pub fn unreadable(&self) -> u64 {
        self.documents.get(&Status::Unreadable).copied().unwrap_or(0)
    }
}
