//! What a run hands over, and the one order in which all of it is written.
//!
//! The order depends on the documents alone: documents by their source; everything that a document holds by the
//! first of its sources, then as it stands in the document. Equal bytes at two sources are two rows of `documents`,
//! and their forms are stored once.

use std::collections::{BTreeMap, BTreeSet};

use jixiao_model::FindingCode;
use jixiao_model::record::{
    BudgetLine, Check, Citation, Document, DocumentRecords, Field, FindingRow, Form, FormRecords, Indicator,
    IndicatorType,
};

use crate::LoadError;

/// All rows of a snapshot but `runs`, in any order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tables {
    /// A row for each source.
    pub documents: Vec<Document>,
    /// What the documents hold, by `document_id`.
    pub contents: BTreeMap<String, DocumentRecords>,
    /// The taxonomy.
    pub indicator_types: Vec<IndicatorType>,
}

/// The rows of all tables but `runs`, sorted.
pub(crate) struct Sorted<'a> {
    pub(crate) documents: Vec<&'a Document>,
    pub(crate) forms: Vec<&'a Form>,
    pub(crate) indicators: Vec<&'a Indicator>,
    pub(crate) budget_lines: Vec<&'a BudgetLine>,
    pub(crate) fields: Vec<&'a Field>,
    pub(crate) citations: Vec<&'a Citation>,
    pub(crate) findings: Vec<&'a FindingRow>,
    pub(crate) checks: Vec<Check>,
    pub(crate) indicator_types: Vec<&'a IndicatorType>,
}

impl Tables {
    /// Puts all rows in their order, and sums up the checks.
    pub(crate) fn sorted(&self) -> Result<Sorted<'_>, LoadError> {
        let documents = by(self.documents.iter(), |document| &document.source);
        if let Some(pair) = documents.windows(2).find(|pair| pair[0].source == pair[1].source) {
            return Err(LoadError::DuplicateSource { source_path: pair[0].source.clone() });
        }
        let contents = self.contents_by_source(&documents)?;
        let forms: Vec<&FormRecords> = contents
            .iter()
            .flat_map(|content| by(content.forms.iter(), |records| records.form.form_number))
            .collect();
        let findings =
            contents.iter().flat_map(|content| by(content.findings.iter(), |row| row.finding_number));
        Ok(Sorted {
            forms: forms.iter().map(|records| &records.form).collect(),
            indicators: rows(&forms, |records| by(records.indicators.iter(), |row| row.indicator_number)),
            budget_lines: rows(&forms, |records| by(records.budget_lines.iter(), |row| row.line_number)),
            fields: rows(&forms, |records| by(records.fields.iter(), |row| row.field_number)),
            citations: rows(&forms, |records| by(records.citations.iter(), |row| row.citation_number)),
            findings: findings.collect(),
            checks: checks(&forms),
            indicator_types: by(self.indicator_types.iter(), |row| &row.indicator_code),
            documents,
        })
    }

    /// What the documents hold, each once, by the first of their sources.
    fn contents_by_source(&self, documents: &[&Document]) -> Result<Vec<&DocumentRecords>, LoadError> {
        let mut seen = BTreeSet::new();
        let ids = documents
            .iter()
            .filter_map(|document| document.document_id.as_ref())
            .filter(|id| seen.insert(id.as_str()));
        let contents = ids.filter_map(|id| self.contents.get(id)).collect();
        match self.contents.keys().find(|id| !seen.contains(id.as_str())) {
            Some(id) => Err(LoadError::ContentWithoutSource { document_id: id.clone() }),
            None => Ok(contents),
        }
    }
}

fn by<'a, T, K: Ord>(rows: impl Iterator<Item = &'a T>, key: impl Fn(&'a T) -> K) -> Vec<&'a T> {
    let mut rows: Vec<&T> = rows.collect();
    rows.sort_by_key(|row| key(row));
    rows
}

fn rows<'a, T>(forms: &[&'a FormRecords], of: impl Fn(&'a FormRecords) -> Vec<&'a T>) -> Vec<&'a T> {
    forms.iter().flat_map(|records| of(records)).collect()
}

/// The outcomes of all forms, summed up by code and year.
fn checks(forms: &[&FormRecords]) -> Vec<Check> {
    let mut sums: BTreeMap<(&str, Option<i32>), (FindingCode, u64, u64)> = BTreeMap::new();
    for records in forms {
        for outcome in &records.checks {
            let key = (outcome.code.as_str(), records.form.fiscal_year);
            let (_, applied, passed) = sums.entry(key).or_insert((outcome.code, 0, 0));
            *applied += u64::from(outcome.applied);
            *passed += u64::from(outcome.passed);
        }
    }
    let check = |((_, fiscal_year), (code, applied, passed))| Check { code, fiscal_year, applied, passed };
    sums.into_iter().map(check).collect()
}
