//! All rows of one form.
//!
//! Field codes become columns; every field, known or not, also becomes a row of `fields` as it was printed, so that
//! nothing is lost where a rule is missing or wrong.

use std::collections::BTreeSet;

use jixiao_model::fold::{fold, is_blank};
use jixiao_model::record::{BudgetLine, Citation, Field, Form, FormRecords, Indicator};
use jixiao_model::{Finding, FindingCode, RawField, RawForm, RawIndicator};
use rust_decimal::Decimal;

use crate::amount::{self, Reading};
use crate::checks::{self, Checks};
use crate::citation::citations;
use crate::date::{self, Edge};
use crate::labels::labels;
use crate::taxonomy::taxonomy;
use crate::{family, funding, number, target, text};

/// Makes all rows of a form. Never fails: what cannot be read is NULL, and a finding says so.
pub fn normalise(raw: &RawForm, document_id: &str) -> FormRecords {
    let mut checks = Checks::default();
    let form_id = format!("{document_id}-{:04}", raw.number);
    let mut reader = Reader { raw, checks: &mut checks };
    let mut form = reader.form(&form_id, document_id);
    let budget_lines = reader.budget_lines(&form);
    for line in &budget_lines {
        let column = match line.item.as_deref() {
            Some("total_budget") => &mut form.total_budget_yuan,
            Some("annual_budget") => &mut form.annual_budget_yuan,
            Some("prior_budget") => &mut form.prior_budget_yuan,
            Some("prior_executed") => &mut form.prior_executed_yuan,
            _ => continue,
        };
        *column = column.or(line.amount_yuan);
    }
    let fields = fields(raw, &form);
    let citations = reader.citations(&form);
    reader.latin_words();
    let indicators = reader.indicators(&form);
    checks::form(raw, &form, &mut checks);
    funding::adds_up(&budget_lines, raw, &mut checks);
    let places: Vec<_> = raw.indicators.iter().map(|indicator| indicator.place.clone()).collect();
    checks::indicators(raw.family.as_deref(), &indicators, &places, &mut checks);

    let Checks { outcomes, findings } = checks;
    let findings = raw.findings.iter().cloned().chain(findings).collect();
    FormRecords { form, indicators, budget_lines, fields, citations, checks: outcomes, findings }
}

fn fields(raw: &RawForm, form: &Form) -> Vec<Field> {
    let rows = raw.fields.iter().zip(1..).map(|(field, number)| Field {
        form_id: form.form_id.clone(),
        field_number: number,
        fiscal_year: form.fiscal_year,
        field: field.code.clone(),
        label_raw: field.label.clone(),
        value_raw: field.value.clone(),
        place: field.place.to_string(),
    });
    rows.collect()
}

/// A form that is read, and what is noted meanwhile.
pub struct Reader<'r> {
    /// The form as printed.
    pub raw: &'r RawForm,
    /// What is noted.
    pub checks: &'r mut Checks,
}

impl Reader<'_> {
    /// The first field with this code that has a value.
    pub fn value(&self, code: &str) -> Option<(&RawField, &str)> {
        let mut fields = self.raw.fields.iter().filter(|field| field.code.as_deref() == Some(code));
        fields.find_map(|field| Some((field, field.value.as_deref()?)))
    }

    pub fn name(&self, code: &str) -> Option<String> {
        self.value(code).and_then(|(_, value)| text::name(value))
    }

    fn narrative(&self, code: &str) -> Option<String> {
        self.value(code).and_then(|(_, value)| text::narrative(value))
    }

    /// Notes a value that could not be read, where one is printed.
    pub fn note_unreadable<T>(&mut self, code: &str, read: Option<&T>, finding: FindingCode, expected: &str) {
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

    fn form(&mut self, form_id: &str, document_id: &str) -> Form {
        let (start_date, end_date) = self.dates();
        let fiscal_year = self.fiscal_year(start_date, end_date);
        let government_purchase = self.government_purchase();
        self.note_inner_blank();
        let key = |value: &Option<String>| value.as_deref().map(fold);
        let organisation = self.organisation();
        let project_name = self.name("project_name");
        Form {
            form_id: form_id.to_owned(),
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
            total_budget_yuan: None,
            annual_budget_yuan: None,
            prior_budget_yuan: None,
            prior_executed_yuan: None,
            overview: self.narrative("overview"),
            legal_basis: self.narrative("legal_basis"),
            necessity: self.narrative("necessity"),
            safeguards: self.narrative("safeguards"),
            implementation_plan: self.narrative("implementation_plan"),
            overall_goal: self.narrative("overall_goal"),
            annual_goal: self.narrative("annual_goal"),
            superseded_by: None,
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
        for field in self.raw.fields.iter().filter(|field| labels().is_kind(field.code.as_deref(), "amount"))
        {
            let Some(printed) = &field.value else { continue };
            let declared = field
                .unit
                .as_deref()
                .filter(|unit| amount::unit_name(unit).is_some())
                .or(self.raw.money_unit.as_deref());
            let mut reading = amount::read(printed, declared);
            let mut finding = None;
            if reading == Reading::NoUnit {
                let template = of.and_then(family::template_unit);
                let message = match template {
                    Some(unit) => format!("no unit is printed; the family's template has {unit}, and so it was read"),
                    None => "no unit is printed, in the number, beside its label or in a heading, so it was not read".into(),
                };
                finding = Some(Finding::new(FindingCode::AmountWithoutUnit, message));
                reading = template.map_or(Reading::NoUnit, |unit| amount::read(printed, Some(unit)));
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
                finding.field.clone_from(&field.code);
                self.checks.note(finding.code, Some(finding.with_found(printed.as_str()).at(&field.place)));
            }
            let amount = match reading {
                Reading::Read(amount) => Some(amount),
                _ => None,
            };
            lines.push(BudgetLine {
                form_id: form.form_id.clone(),
                line_number: u32::try_from(lines.len() + 1).unwrap_or(u32::MAX),
                fiscal_year: form.fiscal_year,
                item: field.code.clone(),
                label_raw: field.label.clone(),
                amount_yuan: amount.as_ref().map(|amount| amount.yuan),
                amount_raw: field.value.clone(),
                unit: amount.map(|amount| amount.unit.to_owned()),
                place: field.place.to_string(),
            });
        }
        lines
    }

    /// What the running texts cite, once for each section and document.
    fn citations(&mut self, form: &Form) -> Vec<Citation> {
        let mut rows = Vec::new();
        for field in
            self.raw.fields.iter().filter(|field| labels().is_kind(field.code.as_deref(), "narrative"))
        {
            let (Some(code), Some(value)) = (&field.code, &field.value) else { continue };
            for cited in citations(&text::narrative(value).unwrap_or_default()) {
                if let Some(number) = &cited.number {
                    let failure = number.split.then(|| {
                        Finding::new(
                            FindingCode::CitationNumberSplit,
                            "号 stands outside the bracket around the document's number",
                        )
                        .with_field(code.as_str())
                        .with_found(cited.title.clone().unwrap_or_default())
                        .with_expected(number.canonical.as_str())
                        .at(&field.place)
                    });
                    self.checks.note(FindingCode::CitationNumberSplit, failure);
                }
                rows.push(Citation {
                    form_id: form.form_id.clone(),
                    citation_number: u32::try_from(rows.len() + 1).unwrap_or(u32::MAX),
                    fiscal_year: form.fiscal_year,
                    field: code.clone(),
                    title: cited.title,
                    document_number: cited.number.as_ref().map(|number| number.canonical.clone()),
                    issuer: cited.number.as_ref().and_then(|number| number.issuer).map(str::to_owned),
                    year: cited.number.as_ref().and_then(|number| number.year),
                    number: cited.number.as_ref().map(|number| number.serial),
                    place: field.place.to_string(),
                });
            }
        }
        rows
    }

    /// English function words between Chinese ones: ` and ` where 和 was meant. Names (`STEM`) are none of them.
    fn latin_words(&mut self) {
        for field in
            self.raw.fields.iter().filter(|field| labels().is_kind(field.code.as_deref(), "narrative"))
        {
            let Some(value) = &field.value else { continue };
            let found: BTreeSet<&str> = words_between_chinese(value).collect();
            let failure = (!found.is_empty()).then(|| {
                let words = found.into_iter().collect::<Vec<_>>().join(", ");
                let message = format!(
                    "the English word {words} stands between Chinese ones, where a Chinese one was meant"
                );
                let mut finding =
                    Finding::new(FindingCode::LatinInChinese, message).with_found(words).at(&field.place);
                finding.field.clone_from(&field.code);
                finding
            });
            self.checks.note(FindingCode::LatinInChinese, failure);
        }
    }

    fn indicators(&mut self, form: &Form) -> Vec<Indicator> {
        let mut rows = Vec::new();
        for (raw, number) in self.raw.indicators.iter().zip(1..) {
            rows.push(self.indicator(raw, number, form));
        }
        rows
    }

    fn indicator(&mut self, raw: &RawIndicator, number: u32, form: &Form) -> Indicator {
        let clean = |value: &Option<String>| value.as_deref().and_then(text::name);
        let (level1, level2, indicator) = (clean(&raw.level1), clean(&raw.level2), clean(&raw.indicator));
        let entry1 = level1.as_deref().and_then(|name| taxonomy().level1(name));
        let entry2 = level2.as_deref().and_then(|name| taxonomy().level2(entry1, name));
        let known = indicator.as_deref().and_then(|name| taxonomy().indicator(name));
        let parsed = target::parse(raw.target.as_deref().unwrap_or_default(), indicator.as_deref());
        if let Some(printed) = &raw.target {
            let failure = parsed.misprinted.then(|| {
                let value = parsed.target.value.map(|value| value.to_string()).unwrap_or_default();
                Finding::new(
                    FindingCode::TargetMisprinted,
                    "the number of the target begins with a zero that means nothing",
                )
                .with_field("target_raw")
                .with_found(printed.as_str())
                .with_expected(value)
                .at(&raw.place)
            });
            self.checks.note(FindingCode::TargetMisprinted, failure);
        }
        Indicator {
            form_id: form.form_id.clone(),
            indicator_number: number,
            fiscal_year: form.fiscal_year,
            scope: raw.scope,
            level1_code: entry1.map(|entry| entry.code.clone()),
            level2_code: entry2.map(|entry| entry.code.clone()),
            indicator_code: known.map(|entry| entry.code.clone()),
            level1,
            level2,
            indicator,
            target_raw: raw.target.clone(),
            target: parsed.target,
            weight: raw.weight.as_deref().and_then(weight),
            note: note(raw),
            place: raw.place.to_string(),
        }
    }
}

/// What stands in further columns, and a weight that cannot be read.
fn note(raw: &RawIndicator) -> Option<String> {
    let weight = raw.weight.as_deref().filter(|printed| weight(printed).is_none());
    let printed: Vec<&str> = weight.into_iter().chain(raw.note.as_deref()).collect();
    text::narrative(&printed.join("\n"))
}

/// `10`, `10分`, `10%`.
fn weight(raw: &str) -> Option<Decimal> {
    let folded = fold(raw);
    let value = number::plain(folded.trim_end_matches(['分', '%']))?.normalize();
    (value.scale() <= 4 && value < Decimal::from(1_000_000)).then_some(value)
}

/// English function words that stand in blanks between Chinese characters.
fn words_between_chinese(value: &str) -> impl Iterator<Item = &str> {
    let words: Vec<&str> = value.split(is_blank).filter(|word| !word.is_empty()).collect();
    let triples: Vec<_> = words.windows(3).map(|three| (three[0], three[1], three[2])).collect();
    triples.into_iter().filter_map(|(before, word, behind)| {
        let chinese = |c: Option<char>| c.is_some_and(text::is_chinese);
        let between = chinese(before.chars().next_back()) && chinese(behind.chars().next());
        (between && labels().english.words.iter().any(|known| known == word)).then_some(word)
    })
}
