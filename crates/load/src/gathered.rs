//! Rows of documents as columns, made where they are read: each document is added to columns that grow, by the thread that
//! has read it and while it is in that one's cache, and its records are let go of.
//!
//! What a run asks of records later, it asks of [`Held`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use jixiao_model::FindingCode;
use jixiao_model::dictionary::{Table, dictionary};
use jixiao_model::record::{
    BudgetLine, Citation, DocumentRecords, Field, FindingRow, Form, FormCheck, FormRecords, Indicator,
};

use crate::LoadError;
use crate::batches::{Columns, Row};
use crate::content::ContentId;
use crate::rows::File;

/// So many rows are in columns that still grow, at most: an archive may have any number of them.
const ROWS_AT_ONCE: usize = 1 << 16;

/// What a document holds, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// The year of each of its forms.
    pub years: Vec<Option<i32>>,
    /// How many indicators they have.
    pub indicators: u64,
    /// How many findings there are of each code.
    pub findings: BTreeMap<FindingCode, u64>,
}

impl Held {
    /// What these records are.
    pub fn of(records: &DocumentRecords) -> Self {
        let mut findings = BTreeMap::new();
        for finding in &records.findings {
            *findings.entry(finding.code).or_default() += 1;
        }
        Self {
            years: records.forms.iter().map(|form| form.form.fiscal_year).collect(),
            indicators: records.forms.iter().map(|form| form.indicators.len() as u64).sum(),
            findings,
        }
    }
}

/// Batches by the names of their sections: the rows of a content, of a table and year, are in one of them.
pub(crate) type Sections = BTreeMap<String, Vec<RecordBatch>>;

/// The name of a section with rows of a table: of a year, if it is parted by year.
pub(crate) fn section_name(table: &str, year: Option<Option<i32>>) -> String {
    match year {
        Some(Some(year)) => format!("{table}.{year}"),
        Some(None) => format!("{table}.none"),
        None => table.to_owned(),
    }
}

/// The table of a section.
fn table_of_section(name: &str) -> Option<&'static Table> {
    dictionary().table(name.split_once('.').map_or(name, |(table, _)| table))
}

/// The columns of what was read, in the making.
pub struct Gathering {
    gathered: Gathered,
    findings: Columns<FindingRow>,
    years: BTreeMap<Option<i32>, OfYear>,
    rows: usize,
    /// The first failure; it is told at the end.
    error: Option<LoadError>,
}

/// The columns of the tables that are parted by year, of one year.
struct OfYear {
    forms: Columns<Form>,
    indicators: Columns<Indicator>,
    budget_lines: Columns<BudgetLine>,
    fields: Columns<Field>,
    citations: Columns<Citation>,
    checks: Columns<FormCheck>,
}

/// The columns of what was read.
#[derive(Debug, Default)]
pub struct Gathered {
    contents: BTreeSet<ContentId>,
    sections: Sections,
}

impl Default for Gathering {
    fn default() -> Self {
        let (gathered, findings) = (Gathered::default(), FindingRow::columns());
        Self { gathered, findings, years: BTreeMap::new(), rows: 0, error: None }
    }
}

impl Gathering {
    /// Adds what a content holds. What is here already is not added again.
    pub fn add(&mut self, document_id: &str, records: &DocumentRecords) {
        let Some(id) = ContentId::parse(document_id) else {
            self.error.get_or_insert(LoadError::Value {
                table: Form::TABLE.to_owned(),
                column: "document_id".to_owned(),
                row: 1,
                expected: "32 hex digits".to_owned(),
                found: document_id.to_owned(),
            });
            return;
        };
        if !self.gathered.contents.insert(id) {
            return;
        }
        let findings = [&records.findings].into_iter();
        self.findings.add(&in_order(findings, |row| row.finding_number));
        self.rows += records.findings.len();
        let forms = in_order([&records.forms].into_iter(), |records| records.form.form_number);
        // The forms of a document are mostly of one year.
        let mut rest = forms.as_slice();
        while let Some(year) = rest.first().map(|form| form.form.fiscal_year) {
            let same = rest.iter().take_while(|form| form.form.fiscal_year == year).count();
            let (forms, others) = rest.split_at(same);
            self.rows += self.years.entry(year).or_default().add(forms);
            rest = others;
        }
        if self.rows >= ROWS_AT_ONCE {
            self.cut();
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// If a column cannot hold a value, or code and dictionary do not agree.
    pub fn finish(mut self) -> Result<Gathered, LoadError> {
        self.cut();
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.gathered),
        }
    }

    /// Makes batches of the columns, and begins others.
    fn cut(&mut self) {
        self.rows = 0;
        let findings = std::mem::replace(&mut self.findings, FindingRow::columns());
        let years = std::mem::take(&mut self.years);
        let cut = self.gathered.add(None, findings).and_then(|()| {
            years.into_iter().try_for_each(|(year, of_year)| self.gathered.add_year(year, of_year))
        });
        if let Err(error) = cut {
            self.error.get_or_insert(error);
        }
    }
}

impl Default for OfYear {
    fn default() -> Self {
        Self {
            forms: Form::columns(),
            indicators: Indicator::columns(),
            budget_lines: BudgetLine::columns(),
            fields: Field::columns(),
            citations: Citation::columns(),
            checks: FormCheck::columns(),
        }
    }
}

impl OfYear {
    /// Adds forms of one document; returns how many rows that are.
    fn add(&mut self, forms: &[&FormRecords]) -> usize {
        let of = || forms.iter().copied();
        self.forms.add(&of().map(|records| &records.form).collect::<Vec<_>>());
        let indicators = in_order(of().map(|records| &records.indicators), |row| row.indicator_number);
        self.indicators.add(&indicators);
        let budget_lines = in_order(of().map(|records| &records.budget_lines), |row| row.line_number);
        self.budget_lines.add(&budget_lines);
        let fields = in_order(of().map(|records| &records.fields), |row| row.field_number);
        self.fields.add(&fields);
        let citations = in_order(of().map(|records| &records.citations), |row| row.citation_number);
        self.citations.add(&citations);
        let checks: Vec<&FormCheck> = of().flat_map(|records| &records.checks).collect();
        self.checks.add(&checks);
        forms.len() + indicators.len() + budget_lines.len() + fields.len() + citations.len() + checks.len()
    }
}

impl Gathered {
    /// Lets go of the rows of contents that are not wanted.
    pub(crate) fn retain(&mut self, is_wanted: impl Fn(ContentId) -> bool) -> Result<(), LoadError> {
        if self.contents.iter().all(|id| is_wanted(*id)) {
            return Ok(());
        }
        self.contents.retain(|id| is_wanted(*id));
        for (name, batches) in &mut self.sections {
            let Some(table) = table_of_section(name) else { continue };
            let file = Arc::new(File::of(Path::new(name), table, std::mem::take(batches))?);
            let spans = self.contents.iter().filter_map(|id| file.rows_of(*id));
            *batches = spans.filter_map(|span| span.rows()).collect();
        }
        self.sections.retain(|_, batches| !batches.is_empty());
        Ok(())
    }

    /// Whose rows these are.
    pub(crate) fn contents(&self) -> impl Iterator<Item = ContentId> {
        self.contents.iter().copied()
    }

    /// All of it, by section.
    pub(crate) fn into_sections(self) -> Sections {
        self.sections
    }

    /// Adds the rows of one year.
    fn add_year(&mut self, year: Option<i32>, of_year: OfYear) -> Result<(), LoadError> {
        let OfYear { forms, indicators, budget_lines, fields, citations, checks } = of_year;
        let year = Some(year);
        self.add(year, forms)?;
        self.add(year, indicators)?;
        self.add(year, budget_lines)?;
        self.add(year, fields)?;
        self.add(year, citations)?;
        self.add(year, checks)?;
        let parted = dictionary().tables.iter().filter(|table| table.partitioned_by.is_some());
        debug_assert_eq!(parted.count(), 6);
        Ok(())
    }

    /// Adds the rows of a table, if it has any.
    fn add<T: Row>(&mut self, year: Option<Option<i32>>, columns: Columns<T>) -> Result<(), LoadError> {
        let batch = columns.finish()?;
        if batch.num_rows() > 0 {
            self.sections.entry(section_name(T::TABLE, year)).or_default().push(batch);
        }
        Ok(())
    }
}

/// The rows of one after another, those of each by their numbers, in which order they are already but in tests.
fn in_order<'a, T>(each: impl Iterator<Item = &'a Vec<T>>, number: impl Fn(&T) -> u32) -> Vec<&'a T> {
    let mut all: Vec<&T> = Vec::new();
    for rows in each {
        let begin = all.len();
        all.extend(rows);
        if !rows.is_sorted_by_key(&number)
            && let Some(added) = all.get_mut(begin..)
        {
            added.sort_by_key(|row| number(row));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batches::table_of;

    /// A document's id, of a digit.
    fn id(digit: &str) -> String {
        digit.repeat(32)
    }

    fn content(digit: &str) -> ContentId {
        ContentId::parse(&id(digit)).unwrap()
    }

    /// What a document holds that has a form of each of these years.
    fn records(digit: &str, years: &[Option<i32>]) -> DocumentRecords {
        let form = |(number, year): (u32, &Option<i32>)| {
            let form_id: Arc<str> = format!("{}-{number}", id(digit)).into();
            let check = FormCheck {
                form_id: Arc::clone(&form_id),
                code: FindingCode::MissingYear,
                fiscal_year: *year,
                applied: 1,
                passed: 0,
            };
            let form = Form {
                form_id,
                document_id: id(digit),
                form_number: number,
                fiscal_year: *year,
                ..Form::default()
            };
            FormRecords { form, checks: vec![check], ..FormRecords::default() }
        };
        DocumentRecords { forms: (1..).zip(years).map(form).collect(), findings: Vec::new() }
    }

    /// The ids of the forms in a section of forms, each shortened to the digit of its document.
    fn ids(gathered: &Gathered, year: Option<i32>) -> Vec<String> {
        let batches = gathered.sections.get(&section_name(Form::TABLE, Some(year)));
        let texts = |batch: &RecordBatch| {
            let ids = crate::rows::texts(Path::new(""), batch, "form_id").unwrap();
            ids.iter().flatten().map(|id| id.get(31..).unwrap().to_owned()).collect::<Vec<_>>()
        };
        batches.into_iter().flatten().flat_map(texts).collect()
    }

    #[test]
    fn rows_are_parted_by_year_and_each_content_is_added_once() {
        let (one, two) = (Some(2020), None);
        let mut gathering = Gathering::default();
        for (digit, years) in
            [("a", &[one, two, one][..]), ("b", &[one]), ("a", &[one, two, one]), ("c", &[])]
        {
            gathering.add(&id(digit), &records(digit, years));
        }
        let mut gathered = gathering.finish().unwrap();
        assert_eq!(ids(&gathered, one), ["a-1", "a-3", "b-1"]);
        assert_eq!(ids(&gathered, two), ["a-2"]);
        gathered.retain(|id| id != content("a")).unwrap();
        assert_eq!(gathered.sections.keys().collect::<Vec<_>>(), ["form_checks.2020", "forms.2020"]);
        assert_eq!(ids(&gathered, one), ["b-1"]);
    }

    #[test]
    fn columns_that_are_long_enough_become_a_batch_of_their_own() {
        let mut gathering = Gathering::default();
        let each = ROWS_AT_ONCE / 4;
        for digit in ["a", "b", "c"] {
            gathering.add(&id(digit), &records(digit, &vec![None; each]));
        }
        let gathered = gathering.finish().unwrap();
        let name = section_name(Form::TABLE, Some(None));
        let lengths = gathered.sections[&name].iter().map(RecordBatch::num_rows).collect::<Vec<_>>();
        assert_eq!(lengths, [2 * each, each]);
        let file = File::of(Path::new(""), table_of::<Form>().unwrap(), gathered.sections[&name].clone());
        let span = Arc::new(file.unwrap()).rows_of(content("c")).unwrap().rows().unwrap();
        assert_eq!(span, gathered.sections[&name][1]);
    }

    #[test]
    fn what_is_held_is_counted() {
        let held = Held::of(&records("a", &[Some(2020), None]));
        assert_eq!(held, Held { years: vec![Some(2020), None], ..Held::default() });
    }
}
