//! All rows of one form.
//!
//! Field codes become columns; every field, known or not, also becomes a row of `fields` as it was printed, so that
//! nothing is lost where a rule is missing or wrong.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use jixiao_model::fold::fold;
use jixiao_model::record::{BudgetLine, Citation, Field, Form, FormRecords, Indicator};
use jixiao_model::{Finding, FindingCode, RawField, RawForm, RawIndicator};
use rust_decimal::Decimal;

use crate::amount::{self, Reading};
use crate::checks::{self, Checks, Words};
use crate::citation::citations;
use crate::date::{self, Edge};
use crate::labels::{Kind, labels};
use crate::text::Narrative;
use crate::{family, funding, known, number, text};

/// Makes all rows of a form, with the findings of reading and of normalising it, in the order of the form. Never fails:
/// what cannot be read is NULL, and a finding says so.
pub fn normalise(mut printed: RawForm, document_id: &str) -> (FormRecords, Vec<Finding>) {
    let printed_indicators = std::mem::take(&mut printed.indicators);
    let mut checks = Checks::new(std::mem::take(&mut printed.findings));
    let raw = &printed;
    let form_id: Arc<str> = format!("{document_id}-{:04}", raw.number).into();
    let meanings = raw.fields.iter().map(Meaning::of).collect();
    let mut reader = Reader { raw, checks: &mut checks, meanings };
    let mut form = reader.form(form_id, document_id);
    let budget_lines = reader.budget_lines(&form);
    for line in &budget_lines {
        let column = match line.item {
            Some("total_budget") => &mut form.total_budget_yuan,
            Some("annual_budget") => &mut form.annual_budget_yuan,
            Some("prior_budget") => &mut form.prior_budget_yuan,
            Some("prior_executed") => &mut form.prior_executed_yuan,
            _ => continue,
        };
        *column = column.or(line.amount_yuan);
    }
    let citations = reader.citations(&form);
    reader.latin_words();
    let (indicators, words) = reader.indicators(printed_indicators, &form);
    reader.narratives(&mut form);
    checks::form(raw, &form, &indicators, &mut checks);
    funding::adds_up(&budget_lines, raw, &mut checks);
    checks::indicators(raw.family.as_deref(), &indicators, &words, &mut checks);

    let fields = fields(printed.fields, &form);
    let of_form = checks.rows(&form);
    (FormRecords { form, indicators, budget_lines, fields, citations, checks: of_form }, checks.findings)
}

fn fields(printed: Vec<RawField>, form: &Form) -> Vec<Field> {
    let rows = printed.into_iter().zip(1..).map(|(field, number)| Field {
        form_id: Arc::clone(&form.form_id),
        field_number: number,
        fiscal_year: form.fiscal_year,
        field: field.code,
        label_raw: field.label,
        value_raw: field.value,
        place: field.place,
    });
    rows.collect()
}

/// A form that is read, and what is noted meanwhile.
pub struct Reader<'r> {
    /// The form as printed.
    pub raw: &'r RawForm,
    /// What is noted.
    pub checks: &'r mut Checks,
    /// What is known of each field.
    meanings: Vec<Meaning<'r>>,
}

/// What is known of a field, looked up once.
struct Meaning<'r> {
    kind: Kind,
    /// Its running text, cleaned.
    narrative: Option<Narrative<'r>>,
}

impl<'r> Meaning<'r> {
    fn of(field: &'r RawField) -> Self {
        let kind = field.code.map_or(Kind::Other, |code| labels().kind(code));
        let running = field.value.as_deref().filter(|_| kind == Kind::Narrative);
        Self { kind, narrative: running.and_then(text::narrative) }
    }
}

impl<'r> Reader<'r> {
    /// The first field with this code that has a value.
    pub fn value(&self, code: &str) -> Option<(&RawField, &str)> {
        let mut fields = self.raw.fields.iter().filter(|field| field.code == Some(code));
        fields.find_map(|field| Some((field, field.value.as_deref()?)))
    }

    pub fn name(&self, code: &str) -> Option<String> {
        self.value(code).and_then(|(_, value)| text::name(value))
    }

    /// Hands the form its running texts, of which nothing else is read any more.
    fn narratives(mut self, form: &mut Form) {
        let fields = &self.raw.fields;
        let of_fields = &mut self.meanings;
        let mut text = |code: &str| {
            let is_it = |field: &RawField| field.code == Some(code) && field.value.is_some();
            let meaning = of_fields.get_mut(fields.iter().position(is_it)?)?;
            meaning.narrative.take().map(|narrative| narrative.text.into_owned())
        };
        form.overview = text("overview");
        form.legal_basis = text("legal_basis");
        form.necessity = text("necessity");
        form.safeguards = text("safeguards");
        form.implementation_plan = text("implementation_plan");
        form.overall_goal = text("overall_goal");
        form.annual_goal = text("annual_goal");
    }

    /// Notes a value that could not be read, where one is printed.
    pub fn note_unreadable<T>(
        &mut self,
        code: &'static str,
        read: Option<&T>,
        finding: FindingCode,
        expected: &str,
    ) {
        let Some((field, value)) = self.value(code) else { return };
        let failure = read.is_none().then(|| {
            Finding::new(finding, format!("the value of {code} is not {expected}"))
                .with_field(code)
                .with_found(value)
                .with_expected(expected)
                .at(&field.place)
        });
        self.checks.note(finding, failure);
    }

    fn form(&mut self, form_id: Arc<str>, document_id: &str) -> Form {
        let (start_date, end_date) = self.dates();
        let fiscal_year = self.fiscal_year(start_date, end_date);
        let government_purchase = self.government_purchase();
        self.note_inner_blank();
        let key = |value: &Option<String>| value.as_deref().map(fold);
        let organisation = self.organisation();
        let project_name = self.name("project_name");
        Form {
            form_id,
            document_id: document_id.to_owned(),
            form_number: self.raw.number,
            place: self.raw.place.to_string(),
            form_family: self.raw.family.clone(),
            title: self.name("title"),
            fiscal_year,
            organisation_key: key(&organisation),
            organisation,
            supervising_department: self.name("supervising_department"),
            implementing_unit: self.name("implementing_unit"),
            project_key: key(&project_name),
            project_name,
            project_category: self.chosen("project_category"),
            project_nature: self.chosen("project_nature"),
            performance_type: self.chosen("performance_type"),
            government_purchase,
            start_date,
            end_date,
            ..Form::default()
        }
    }

    fn dates(&mut self) -> (Option<jiff::civil::Date>, Option<jiff::civil::Date>) {
        let read = |code, edge| self.value(code).and_then(|(_, value)| date::read(value, edge));
        let (mut start, mut end) = (read("start_date", Edge::First), read("end_date", Edge::Last));
        let period = self.value("period").and_then(|(_, value)| date::period(value));
        self.note_unreadable("start_date", start.as_ref(), FindingCode::UnreadableDate, "a date");
        self.note_unreadable("end_date", end.as_ref(), FindingCode::UnreadableDate, "a date");
        if self.value("period").is_none_or(|(_, value)| !date::is_duration(value)) {
            self.note_unreadable("period", period.as_ref(), FindingCode::UnreadableDate, "a period");
        }
        if let Some((first, last)) = period {
            start = start.or(Some(first));
            end = end.or(Some(last));
        }
        (start, end)
    }

    fn note_inner_blank(&mut self) {
        for code in ["organisation", "project_name"] {
            let Some((field, value)) = self.value(code) else { continue };
            let failure = text::has_inner_blank(value).then(|| {
                Finding::new(
                    FindingCode::SpaceInName,
                    "a blank between two Chinese characters of a name was taken out",
                )
                .with_field(code)
                .with_found(value)
                .with_expected(text::name(value).unwrap_or_default())
                .at(&field.place)
            });
            self.checks.note(FindingCode::SpaceInName, failure);
        }
    }

    fn budget_lines(&mut self, form: &Form) -> Vec<BudgetLine> {
        let mut lines = Vec::new();
        let of = self.raw.family.as_deref();
        let of_form = self.raw.money_unit.as_deref().and_then(amount::unit);
        let fields = self.raw.fields.iter().zip(&self.meanings);
        for (field, _) in fields.filter(|(_, meaning)| meaning.kind == Kind::Amount) {
            let Some(printed) = &field.value else { continue };
            let declared = field.unit.as_deref().and_then(amount::unit).or(of_form);
            let mut reading = amount::read(printed, declared);
            let mut finding = None;
            if reading == Reading::NoUnit {
                let template = of.and_then(family::template_unit);
                let message = match template {
                    Some(unit) => format!("no unit is printed; the family's template has {unit}, and so it was read"),
                    None => "no unit is printed, in the number, beside its label or in a heading, so it was not read".into(),
                };
                finding = Some(Finding::new(FindingCode::AmountWithoutUnit, message));
                reading = template.map_or(Reading::NoUnit, |unit| amount::read(printed, amount::unit(unit)));
            } else {
                self.checks.note(FindingCode::AmountWithoutUnit, None);
            }
            if reading == Reading::Unreadable {
                finding = Some(Finding::new(
                    FindingCode::UnreadableAmount,
                    "the value is not an amount that can be read",
                ));
            } else {
                self.checks.note(FindingCode::UnreadableAmount, None);
            }
            if let Some(mut finding) = finding {
                finding.field = field.code.map(Cow::Borrowed);
                self.checks.note(finding.code, Some(finding.with_found(printed.as_str()).at(&field.place)));
            }
            let amount = match reading {
                Reading::Read(amount) => Some(amount),
                _ => None,
            };
            lines.push(BudgetLine {
                form_id: Arc::clone(&form.form_id),
                line_number: u32::try_from(lines.len() + 1).unwrap_or(u32::MAX),
                fiscal_year: form.fiscal_year,
                item: field.code,
                label_raw: field.label.clone(),
                amount_yuan: amount.as_ref().map(|amount| amount.yuan),
                amount_raw: field.value.clone(),
                unit: amount.map(|amount| amount.unit),
                place: field.place.clone(),
            });
        }
        lines
    }

    /// What the running texts cite, once for each section and document.
    fn citations(&mut self, form: &Form) -> Vec<Citation> {
        let mut rows = Vec::new();
        for (field, meaning) in self.raw.fields.iter().zip(&self.meanings) {
            let (Some(code), Some(narrative)) = (field.code, &meaning.narrative) else { continue };
            for cited in citations(narrative) {
                if let Some(number) = &cited.number {
                    let failure = number.split.then(|| {
                        Finding::new(
                            FindingCode::CitationNumberSplit,
                            "号 stands outside the bracket around the document's number",
                        )
                        .with_field(code)
                        .with_found(cited.title.clone().unwrap_or_default())
                        .with_expected(number.canonical.as_str())
                        .at(&field.place)
                    });
                    self.checks.note(FindingCode::CitationNumberSplit, failure);
                }
                rows.push(Citation {
                    form_id: Arc::clone(&form.form_id),
                    citation_number: u32::try_from(rows.len() + 1).unwrap_or(u32::MAX),
                    fiscal_year: form.fiscal_year,
                    field: code,
                    title: cited.title,
                    issuer: cited.number.as_ref().and_then(|number| number.issuer),
                    year: cited.number.as_ref().and_then(|number| number.year),
                    number: cited.number.as_ref().map(|number| number.serial),
                    document_number: cited.number.map(|number| number.canonical),
                    place: field.place.clone(),
                });
            }
        }
        rows
    }

    /// English function words between Chinese ones: ` and ` where 和 was meant. Names (`STEM`) are none of them.
    fn latin_words(&mut self) {
        let fields = self.raw.fields.iter().zip(&self.meanings);
        for (field, meaning) in fields.filter(|(_, meaning)| meaning.kind == Kind::Narrative) {
            let Some(value) = &field.value else { continue };
            let has_words = meaning.narrative.as_ref().is_some_and(|narrative| narrative.has_words);
            let found = if has_words { words_between_chinese(value) } else { BTreeSet::new() };
            let failure = (!found.is_empty()).then(|| {
                let words = found.into_iter().collect::<Vec<_>>().join(", ");
                let message = format!(
                    "the English word {words} stands between Chinese ones, where a Chinese one was meant"
                );
                let mut finding =
                    Finding::new(FindingCode::LatinInChinese, message).with_found(words).at(&field.place);
                finding.field = field.code.map(Cow::Borrowed);
                finding
            });
            self.checks.note(FindingCode::LatinInChinese, failure);
        }
    }

    fn indicators(&mut self, printed: Vec<RawIndicator>, form: &Form) -> (Vec<Indicator>, Vec<Words>) {
        let rows = printed.into_iter().zip(1..);
        rows.map(|(raw, number)| self.indicator(raw, number, form)).unzip()
    }

    fn indicator(&mut self, raw: RawIndicator, number: u32, form: &Form) -> (Indicator, Words) {
        let level1 = raw.level1.as_deref().and_then(known::class);
        let level2 = raw.level2.as_deref().and_then(known::class);
        let indicator = raw.indicator.as_deref().and_then(known::indicator);
        let entry1 = level1.as_ref().and_then(|class| class.level1);
        let entry2 = level2.as_ref().and_then(|class| class.level2(entry1));
        let words = Words { level1, level2, indicator, entries: [entry1, entry2] };
        let entry = words.indicator.as_ref().and_then(|name| name.entry);
        let mut parsed =
            raw.target.as_deref().and_then(known::target).as_deref().cloned().unwrap_or_default();
        if parsed.takes_unit {
            let unit = words.indicator.as_ref().and_then(|name| name.unit.as_ref());
            parsed.target.unit = unit.map(|unit| Arc::clone(&unit.printed));
        }
        if let Some(printed) = &raw.target {
            let failure = parsed.misprinted.then(|| {
                let value = parsed.target.value.map(|value| value.to_string()).unwrap_or_default();
                Finding::new(
                    FindingCode::TargetMisprinted,
                    "the number of the target begins with a zero that means nothing",
                )
                .with_field("target_raw")
                .with_found(&**printed)
                .with_expected(value)
                .at(&raw.place)
            });
            self.checks.note(FindingCode::TargetMisprinted, failure);
        }
        let row = Indicator {
            form_id: Arc::clone(&form.form_id),
            indicator_number: number,
            fiscal_year: form.fiscal_year,
            scope: raw.scope,
            level1_code: entry1.map(|entry| entry.code.as_str()),
            level2_code: entry2.map(|entry| entry.code.as_str()),
            indicator_code: entry.map(|entry| entry.code.as_str()),
            level1: words.level1.as_ref().map(|class| Arc::clone(&class.clean)),
            level2: words.level2.as_ref().map(|class| Arc::clone(&class.clean)),
            indicator: words.indicator.as_ref().map(|name| Arc::clone(&name.clean)),
            target: parsed.target,
            weight: raw.weight.as_deref().and_then(weight),
            note: note(&raw),
            target_raw: raw.target,
            place: raw.place,
        };
        (row, words)
    }
}

/// What stands in further columns, and a weight that cannot be read.
fn note(raw: &RawIndicator) -> Option<String> {
    if raw.weight.is_none() && raw.note.is_none() {
        return None;
    }
    let weight = raw.weight.as_deref().filter(|printed| weight(printed).is_none());
    let printed: Vec<&str> = weight.into_iter().chain(raw.note.as_deref()).collect();
    text::narrative(&printed.join("\n")).map(|note| note.text.into_owned())
}

/// `10`, `10分`, `10%`.
fn weight(raw: &str) -> Option<Decimal> {
    let folded = fold(raw);
    let value = number::plain(folded.trim_end_matches(['分', '%']))?.normalize();
    (value.scale() <= 4 && value < Decimal::from(1_000_000)).then_some(value)
}

/// English function words that stand in blanks between Chinese characters.
fn words_between_chinese(value: &str) -> BTreeSet<&str> {
    let is_chinese = |c: Option<char>| c.is_some_and(text::is_chinese);
    let mut found = BTreeSet::new();
    let (mut before, mut word) = ("", "");
    for behind in text::words(value) {
        if labels().english.words.iter().any(|known| known == word)
            && is_chinese(before.chars().next_back())
            && is_chinese(behind.chars().next())
        {
            found.insert(word);
        }
        (before, word) = (word, behind);
    }
    found
}
