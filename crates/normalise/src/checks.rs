//! Checks between the values of a form. Each says how often it applied and how often it held, and raises the finding of
//! its own code where it did not, so that `checks` and `findings` can be laid beside one another.
//!
//! A check changes no value: what was filed stays as it was filed.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use foldhash::fast::RandomState;
use jixiao_model::record::{Form, FormCheck, Indicator};
use jixiao_model::{Finding, FindingCode, Place, RawForm};

use crate::expectation;
use crate::family::has_fixed_indicators;
use crate::known::{ClassName, IndicatorName};
use crate::taxonomy::{Entry, taxonomy};

/// Counts and findings of all checks of one form.
pub struct Checks {
    /// What was found in reading, and behind it what did not hold.
    pub findings: Vec<Finding>,
    /// How each check went, in the order of [`FindingCode::ALL`].
    counts: [Count; FindingCode::ALL.len()],
}

/// How often a check applied and held.
#[derive(Clone, Copy, Default)]
struct Count {
    applied: u32,
    passed: u32,
}

/// The codes in the order of their names.
static BY_NAME: LazyLock<Vec<FindingCode>> = LazyLock::new(|| {
    let mut codes = FindingCode::ALL.to_vec();
    codes.sort_unstable_by_key(|code| code.as_str());
    codes
});

impl Checks {
    /// Begins with what was found while the form was read.
    pub fn new(findings: Vec<Finding>) -> Self {
        Self { findings, counts: [Count::default(); FindingCode::ALL.len()] }
    }

    /// Notes that a check applied, and the finding if it did not hold.
    pub fn note(&mut self, code: FindingCode, failure: Option<Finding>) {
        let count = &mut self.counts[code as usize];
        count.applied += 1;
        match failure {
            Some(failure) => self.findings.push(failure),
            None => count.passed += 1,
        }
    }

    /// The rows of a form: the checks that applied, by the names of their codes.
    pub fn rows(&self, form: &Form) -> Vec<FormCheck> {
        let mut rows = Vec::with_capacity(self.counts.iter().filter(|count| count.applied > 0).count());
        let counts = BY_NAME.iter().map(|code| (*code, self.counts[*code as usize]));
        rows.extend(counts.filter(|(_, count)| count.applied > 0).map(|(code, count)| FormCheck {
            form_id: Arc::clone(&form.form_id),
            code,
            fiscal_year: form.fiscal_year,
            applied: count.applied,
            passed: count.passed,
        }));
        rows
    }
}

/// The sections that a form is expected to fill, where it prints their labels.
const SECTIONS: [&str; 7] = [
    "overview",
    "legal_basis",
    "necessity",
    "safeguards",
    "implementation_plan",
    "overall_goal",
    "annual_goal",
];

/// Checks the fields of a form, and whether it has indicators.
pub fn form(raw: &RawForm, form: &Form, indicators: &[Indicator], checks: &mut Checks) {
    present(raw, form, indicators, checks);
    for code in SECTIONS {
        if let Some(field) = raw.field(code) {
            let empty = raw.fields.iter().all(|field| field.code != Some(code) || field.value.is_none());
            let failure = empty.then(|| {
                let message = format!(
                    "the section {} is printed without a text",
                    field.label.as_deref().unwrap_or(code)
                );
                Finding::new(FindingCode::EmptySection, message).with_field(code).at(&field.place)
            });
            checks.note(FindingCode::EmptySection, failure);
        }
    }
    dates(raw, form, checks);
    amounts(raw, form, checks);
}

/// What every form must have for its document to count as good.
fn present(raw: &RawForm, form: &Form, indicators: &[Indicator], checks: &mut Checks) {
    let amount = form.total_budget_yuan.or(form.annual_budget_yuan).is_some();
    for (code, field, has, what) in [
        (FindingCode::MissingYear, "fiscal_year", form.fiscal_year.is_some(), "a year"),
        (FindingCode::MissingOrganisation, "organisation", form.organisation.is_some(), "an organisation"),
        (FindingCode::MissingProjectName, "project_name", form.project_name.is_some(), "a project name"),
        (
            FindingCode::MissingAmount,
            "total_budget_yuan",
            amount,
            "a total or annual budget that can be read",
        ),
    ] {
        let failure = (!has).then(|| {
            let place = raw.field(field).map_or(&raw.place, |field| &field.place);
            Finding::new(code, format!("the form does not have {what}"))
                .with_field(field)
                .with_expected(what)
                .at(place)
        });
        checks.note(code, failure);
    }
    let failure = indicators.is_empty().then(|| {
        Finding::new(FindingCode::MissingIndicators, "the form does not have any indicator")
            .with_field("indicators")
            .at(&raw.place)
    });
    checks.note(FindingCode::MissingIndicators, failure);
}

fn place<'r>(raw: &'r RawForm, code: &str) -> &'r Place {
    raw.field(code).map_or(&raw.place, |field| &field.place)
}

fn dates(raw: &RawForm, form: &Form, checks: &mut Checks) {
    let (start, end) = (form.start_date, form.end_date);
    if let (Some(start), Some(end)) = (start, end) {
        let failure = (start > end).then(|| {
            Finding::new(
                FindingCode::DatesOutOfOrder,
                format!("the project ends on {end}, before it begins on {start}"),
            )
            .with_field("end_date")
            .with_found(end.to_string())
            .with_expected(format!("on or after {start}"))
            .at(place(raw, "end_date"))
        });
        checks.note(FindingCode::DatesOutOfOrder, failure);
    }
    if let (Some(year), Some(start), Some(end)) = (form.fiscal_year, start, end) {
        let outside = i32::from(start.year()) > year || i32::from(end.year()) < year;
        let failure = outside.then(|| {
            Finding::new(
                FindingCode::DatesOutsideYear,
                format!("the project runs from {start} to {end}, outside of {year}"),
            )
            .with_field("start_date")
            .with_found(format!("{start} to {end}"))
            .with_expected(year.to_string())
            .at(place(raw, "start_date"))
        });
        checks.note(FindingCode::DatesOutsideYear, failure);
    }
}

fn amounts(raw: &RawForm, form: &Form, checks: &mut Checks) {
    for (code, part, whole, field, message) in [
        (
            FindingCode::AnnualAboveTotal,
            form.annual_budget_yuan,
            form.total_budget_yuan,
            "annual_budget",
            "the budget of the year is above the total",
        ),
        (
            FindingCode::ExecutedAboveBudget,
            form.prior_executed_yuan,
            form.prior_budget_yuan,
            "prior_executed",
            "more of the prior year's budget was spent than there was",
        ),
    ] {
        let (Some(part), Some(whole)) = (part, whole) else { continue };
        let failure = (part > whole).then(|| {
            Finding::new(code, format!("{message}: {part} and {whole} yuan"))
                .with_field(format!("{field}_yuan"))
                .with_found(part.to_string())
                .with_expected(format!("at most {whole}"))
                .at(place(raw, field))
        });
        checks.note(code, failure);
    }
}

/// What is known of the words in a row of the indicator table.
pub struct Words {
    /// Its class of the first level.
    pub level1: Option<Rc<ClassName>>,
    /// Its class of the second level.
    pub level2: Option<Rc<ClassName>>,
    /// Its name.
    pub indicator: Option<Rc<IndicatorName>>,
    /// What the taxonomy has for its classes.
    pub entries: [Option<&'static Entry>; 2],
}

/// Checks the indicators of a form of this family; `words` are those of its rows.
pub fn indicators(family: Option<&str>, indicators: &[Indicator], words: &[Words], checks: &mut Checks) {
    let is_listed = family.is_some_and(has_fixed_indicators);
    let mut seen = HashSet::with_capacity_and_hasher(indicators.len(), RandomState::default());
    for (indicator, words) in indicators.iter().zip(words) {
        let place = &indicator.place;
        let mut note =
            |code, failure: Option<Finding>| checks.note(code, failure.map(|failure| failure.at(place)));
        complete(indicator, &mut note);
        classes(words, is_listed, &mut note);
        if let Some(known) = &words.indicator {
            let name = &known.clean;
            let [level1, level2] = [&words.level1, &words.level2]
                .map(|class| class.as_deref().map_or("", |class| class.folded.as_str()));
            let key = (indicator.scope, level1, level2, known.folded.as_str());
            let failure = (!seen.insert(key)).then(|| {
                Finding::new(
                    FindingCode::DuplicateIndicator,
                    format!("the indicator {name} stands under the same class twice"),
                )
                .with_field("indicator")
                .with_found(&**name)
            });
            note(FindingCode::DuplicateIndicator, failure);
            if indicator.target_raw.is_some() {
                note(FindingCode::TargetKindMismatch, expectation::kind_mismatch(indicator, known));
            }
            if let Some(failure) = expectation::above_the_whole(indicator, known) {
                note(FindingCode::TargetOutOfRange, failure);
            }
        }
    }
}

fn complete(indicator: &Indicator, note: &mut impl FnMut(FindingCode, Option<Finding>)) {
    for (code, is_missing, what) in [
        (FindingCode::MissingLevel1, indicator.level1.is_none(), "level1"),
        (FindingCode::MissingLevel2, indicator.level2.is_none(), "level2"),
        (FindingCode::MissingIndicatorName, indicator.indicator.is_none(), "indicator"),
        (FindingCode::MissingTarget, indicator.target_raw.is_none(), "target_raw"),
    ] {
        let failure = is_missing.then(|| {
            let of = indicator.indicator.as_deref().unwrap_or("without a name");
            Finding::new(code, format!("the indicator {of} has no {what}")).with_field(what)
        });
        note(code, failure);
    }
}

fn classes(words: &Words, is_listed: bool, note: &mut impl FnMut(FindingCode, Option<Finding>)) {
    let (class1, class2) = (words.level1.as_deref(), words.level2.as_deref());
    let (level1, level2) = [class1, class2].map(|class| class.map(|class| &*class.clean)).into();
    let [entry1, entry2] = words.entries;
    let unknown = |field, name: &str| {
        Finding::new(FindingCode::UnknownClass, format!("the taxonomy does not have the class {name}"))
            .with_field(field)
            .with_found(name)
    };
    if let Some(name) = level1 {
        note(FindingCode::UnknownClass, entry1.is_none().then(|| unknown("level1", name)));
    }
    if let Some(class) = class2 {
        let name = &*class.clean;
        note(FindingCode::UnknownClass, (!class.is_level2()).then(|| unknown("level2", name)));
        if let Some(parent) = entry1.filter(|_| class.is_level2()) {
            let failure = entry2.is_none().then(|| {
                Finding::new(
                    FindingCode::ClassOutsideParent,
                    format!("the class {name} is not one of {}", parent.name),
                )
                .with_field("level2")
                .with_found(name)
            });
            note(FindingCode::ClassOutsideParent, failure);
        }
    }
    let Some(indicator) = &words.indicator else { return };
    let (name, known) = (&indicator.clean, indicator.entry);
    let unknown = || {
        Finding::new(
            FindingCode::UnknownIndicator,
            format!("the taxonomy does not have the indicator {name}"),
        )
        .with_field("indicator")
        .with_found(&**name)
    };
    if is_listed {
        note(FindingCode::UnknownIndicator, known.is_none().then(unknown));
    }
    if let (Some(known), Some(filed)) = (known, entry2) {
        let failure = (!known.may_stand_under(filed)).then(|| {
            let home = taxonomy().class_name(&known.within).unwrap_or_default();
            let filed = [level1.unwrap_or_default(), "/", level2.unwrap_or_default()].concat();
            let message = [&**name, " is filed under ", &filed, ", and belongs to ", home].concat();
            Finding::new(FindingCode::MisfiledIndicator, message)
                .with_field("level2")
                .with_found(filed)
                .with_expected(home)
        });
        note(FindingCode::MisfiledIndicator, failure);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_that_applied_is_a_row_by_the_name_of_its_code() {
        let mut checks = Checks::new(Vec::new());
        let failure = || Finding::new(FindingCode::MissingYear, "none");
        for (code, failure) in [
            (FindingCode::MissingYear, None),
            (FindingCode::AnnualAboveTotal, None),
            (FindingCode::MissingYear, Some(failure())),
        ] {
            checks.note(code, failure);
        }
        let rows = checks.rows(&Form { fiscal_year: Some(2020), ..Form::default() });
        let row = |code, applied, passed| FormCheck {
            form_id: "".into(),
            code,
            fiscal_year: Some(2020),
            applied,
            passed,
        };
        assert_eq!(rows, [row(FindingCode::AnnualAboveTotal, 1, 1), row(FindingCode::MissingYear, 2, 1)]);
        assert_eq!(checks.findings, [failure()]);
    }
}
