//! What tells forms apart and sorts them: year, organisation, and what was chosen.

use jiff::civil::Date;
use jixiao_model::{Finding, FindingCode, RawField};

use crate::form::Reader;
use crate::labels::labels;
use crate::{answer, choice, date, text};

/// Labels whose words may name the year, where nothing else does: `年度目标（2024年）`, `2024年预算`.
const OF_THE_YEAR: [&str; 2] = ["annual_goal", "annual_budget"];

impl Reader<'_> {
    /// The year that the form declares; where it declares none, that in a heading within it, then that in the label of
    /// what is annual. A project's dates tell the year only if both lie in one, and then a finding says so: a project that
    /// runs over several years says nothing of the year for which its form was filed.
    pub fn fiscal_year(&mut self, start: Option<Date>, end: Option<Date>) -> Option<i32> {
        let declared = |code| {
            let fields = self.raw.fields.iter().filter(move |field| field.code == Some(code));
            fields.filter_map(|field| Some((field, date::year(field.value.as_deref()?)?)))
        };
        let labelled = |code| {
            let field = self.raw.field(code)?;
            Some((field, date::year(field.label.as_deref()?)?))
        };
        let labels = OF_THE_YEAR.into_iter().filter_map(labelled);
        let mut all = declared("fiscal_year").chain(declared("section_heading")).chain(labels).peekable();
        let Some((_, year)) = all.next() else { return self.year_of_dates(start, end) };
        let says_it_again = all.peek().is_some();
        let other = all.find(|(_, other)| *other != year);
        let failure = other.map(|(field, other)| {
            Finding::new(FindingCode::YearConflict, format!("the form is of {year}, and says {other} here"))
                .with_field("fiscal_year")
                .with_found(other.to_string())
                .with_expected(year.to_string())
                .at(&field.place)
        });
        if says_it_again {
            self.checks.note(FindingCode::YearConflict, failure);
        }
        Some(year)
    }

    fn year_of_dates(&mut self, start: Option<Date>, end: Option<Date>) -> Option<i32> {
        let (start, end) = (start?, end?);
        if start.year() != end.year() {
            return None;
        }
        let place = self
            .value("start_date")
            .or_else(|| self.value("period"))
            .map_or(&self.raw.place, |(field, _)| &field.place);
        let message = format!("the form names no year; the project runs from {start} to {end}, within one");
        let finding = Finding::new(FindingCode::YearFromDates, message).with_field("fiscal_year");
        self.checks.note(
            FindingCode::YearFromDates,
            Some(finding.with_found(format!("{start} to {end}")).at(place)),
        );
        Some(i32::from(start.year()))
    }

    /// Who files the form: the first of the fields that the data names.
    pub fn organisation(&mut self) -> Option<String> {
        let found = labels().organisation.fields.iter().find_map(|code| Some((code, self.name(code)?)));
        let (code, name) = found?;
        let failure = self.value(code).filter(|_| code != "organisation").map(|(field, value)| {
            let label = field.label.as_deref().unwrap_or(code);
            let message =
                format!("the form names no 申报单位; the organisation was taken from the label {label}");
            Finding::new(FindingCode::OrganisationFromOtherLabel, message)
                .with_field("organisation")
                .with_found(value)
                .at(&field.place)
        });
        self.checks.note(FindingCode::OrganisationFromOtherLabel, failure);
        Some(name)
    }

    /// A text, or of options with boxes those that are chosen.
    pub fn chosen(&mut self, code: &'static str) -> Option<String> {
        let Some((field, choices)) = self.choices(code) else { return self.name(code) };
        let chosen: Vec<&str> =
            choices.iter().filter(|choice| choice.chosen).map(|choice| choice.option.as_str()).collect();
        let options: Vec<&str> = choices.iter().map(|choice| choice.option.as_str()).collect();
        let failure = (chosen.len() != 1).then(|| {
            let message = match chosen.len() {
                0 => "none of the options is marked".to_owned(),
                count => format!("{count} options are marked"),
            };
            Finding::new(FindingCode::UnclearChoice, message)
                .with_field(code)
                .with_found(chosen.join("、"))
                .with_expected(format!("one of {}", options.join("、")))
                .at(&field.place)
        });
        self.checks.note(FindingCode::UnclearChoice, failure);
        text::name(&chosen.join("、"))
    }

    /// The options of a field, which may stand in several cells.
    fn choices(&self, code: &str) -> Option<(&RawField, Vec<choice::Choice>)> {
        let fields = self.raw.fields.iter().filter(|field| field.code == Some(code));
        let read = fields.filter_map(|field| Some((field, choice::read(field.value.as_deref()?)?)));
        let read: Vec<_> = read.collect();
        let (first, _) = read.first()?;
        Some((*first, read.iter().flat_map(|(_, choices)| choices.clone()).collect()))
    }

    /// The answer to the question, or whether 政府购买服务 is marked among the uses of the money.
    pub fn government_purchase(&mut self) -> Option<bool> {
        const CODE: &str = "government_purchase";
        if self.value(CODE).is_none() {
            let (_, choices) = self.choices("use_of_funds")?;
            return choices
                .iter()
                .find(|choice| labels().is_name(CODE, &choice.option))
                .map(|choice| choice.chosen);
        }
        let answer = self.value(CODE).and_then(|(_, value)| answer::read(value));
        self.note_unreadable(CODE, answer.as_ref(), FindingCode::UnreadableAnswer, "yes or no");
        answer
    }
}
