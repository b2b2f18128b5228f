//! Quality gates: what a snapshot must be like before it is published.
//!
//! Thresholds are data, in the pipeline file; what is compared are counts of the run, of the snapshot that it would
//! publish and of the one before. Both are handed over, so that a gate is one pure function. What cannot be judged, as
//! there is nothing before it, or too little, passes: a gate guards against loss, and a first run loses nothing.
//!
//! Shares are quotients of whole numbers, and a quotient and the same fraction written in decimals round to the same
//! number, so that 19 of 20 is 0.95 and neither more nor less.

use std::collections::{BTreeMap, BTreeSet};

use jixiao_model::dictionary::dictionary;
use jixiao_model::finding::catalogue;
use serde::Serialize;

use crate::pipeline::section::{Section, Value};

/// What happens if a gate is missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Consequence {
    /// Nothing is published.
    #[default]
    Error,
    /// It is published and said.
    Warn,
}

impl Consequence {
    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
        }
    }
}

/// A share that must be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtLeast {
    /// The share, from 0 to 1.
    pub share: f64,
    /// Of how many it is judged: a night with one document has no share to speak of.
    pub of_at_least: u32,
    /// What happens otherwise.
    pub severity: Consequence,
}

/// A number that must not be exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtMost {
    /// The number.
    pub count: u32,
    /// What happens otherwise.
    pub severity: Consequence,
}

/// By which share a number may be smaller than it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MayDrop {
    /// The share, from 0 to 1.
    pub share: f64,
    /// Of how many it is judged.
    pub of_at_least: u32,
    /// What happens otherwise.
    pub severity: Consequence,
}

/// The section `[gates]` of a pipeline file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gates {
    /// The share of the documents read that are `parsed`.
    pub parsed: Option<AtLeast>,
    /// How many documents may be unreadable.
    pub unreadable: Option<AtMost>,
    /// Forms per document that this run has read, against the snapshot before.
    pub forms_per_document: Option<MayDrop>,
    /// What happens if a year that the snapshot before has is no longer there. Judged always.
    pub year_vanished: Consequence,
    /// Rows of a table, in all and in each year, against the snapshot before.
    pub rows: BTreeMap<String, MayDrop>,
    /// The share in which a check held, by its code.
    pub checks: BTreeMap<String, AtLeast>,
}

/// What gates are held against.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// How many of the documents that this run has read have each status.
    pub read: BTreeMap<String, u64>,
    /// How many forms they have.
    pub forms_read: u64,
    /// The snapshot before, if there is one.
    pub before: Option<Counts>,
    /// The snapshot that would be published.
    pub after: Counts,
}

/// What a snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// How many rows a table has in a year; of a table without years, in all, under no year.
    pub rows: BTreeMap<(String, Option<i32>), u64>,
    /// How often each check applied and held, by its code, in all years together.
    pub checks: BTreeMap<String, CheckSum>,
}

/// How often a check applied and held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CheckSum {
    /// How often it applied.
    pub applied: u64,
    /// How often it held.
    pub passed: u64,
}

impl Counts {
    /// Adds the sums of a check, as of one year.
    pub fn add_check(&mut self, code: &str, applied: u64, passed: u64) {
        let sum = self.checks.entry(code.to_owned()).or_default();
        sum.applied += applied;
        sum.passed += passed;
    }
}

/// A gate that was missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// The gate, by its key in the file: `parsed`, `rows.forms`, `checks.missing-amount`.
    pub gate: String,
    /// What follows.
    pub severity: Consequence,
    /// The year that it is about, if it is about one.
    pub fiscal_year: Option<i32>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Both as a sentence.
    pub message: String,
}

impl Missed {
    fn new(
        gate: impl Into<String>,
        severity: Consequence,
        subject: &str,
        expected: String,
        found: String,
    ) -> Self {
        let message = format!("{subject}: expected {expected}, found {found}");
        Self { gate: gate.into(), severity, fiscal_year: None, expected, found, message }
    }

    fn in_year(self, fiscal_year: Option<i32>) -> Self {
        Self { fiscal_year, ..self }
    }
}

/// Whether anything that was missed forbids to publish.
pub fn forbid(missed: &[Missed]) -> bool {
    missed.iter().any(|missed| missed.severity == Consequence::Error)
}

/// The gates that were missed, in the order of the file's description, then by name and year.
pub fn evaluate(gates: &Gates, facts: &Facts) -> Vec<Missed> {
    let mut missed = Vec::new();
    missed.extend(gates.parsed.and_then(|gate| parsed(gate, facts)));
    missed.extend(gates.unreadable.and_then(|gate| unreadable(gate, facts)));
    missed.extend(gates.forms_per_document.and_then(|gate| forms_per_document(gate, facts)));
    if let Some(before) = &facts.before {
        missed.extend(vanished(gates.year_vanished, before, &facts.after));
        for (table, gate) in &gates.rows {
            missed.extend(rows(table, *gate, before, &facts.after));
        }
    }
    missed.extend(gates.checks.iter().filter_map(|(code, gate)| check(code, *gate, &facts.after)));
    missed
}

fn parsed(gate: AtLeast, facts: &Facts) -> Option<Missed> {
    let parsed = facts.read.get("parsed").copied().unwrap_or(0);
    let (expected, found) = share(gate, parsed, facts.read.values().sum())?;
    Some(Missed::new("parsed", gate.severity, "documents of this run that are parsed", expected, found))
}

fn unreadable(gate: AtMost, facts: &Facts) -> Option<Missed> {
    let found = facts.read.get("unreadable").copied().unwrap_or(0);
    (found > u64::from(gate.count)).then(|| {
        let expected = format!("at most {}", gate.count);
        Missed::new(
            "unreadable",
            gate.severity,
            "unreadable documents of this run",
            expected,
            found.to_string(),
        )
    })
}

fn check(code: &str, gate: AtLeast, after: &Counts) -> Option<Missed> {
    let CheckSum { applied, passed } = *after.checks.get(code)?;
    let (expected, found) = share(gate, passed, applied)?;
    let subject = format!("how often the check `{code}` held");
    Some(Missed::new(format!("checks.{code}"), gate.severity, &subject, expected, found))
}

/// What was expected and found where a share is too small.
fn share(gate: AtLeast, part: u64, whole: u64) -> Option<(String, String)> {
    let is_judged = whole > 0 && whole >= u64::from(gate.of_at_least);
    let found = part as f64 / whole as f64;
    (is_judged && found < gate.share).then(|| {
        (format!("at least {} %", percent(gate.share)), format!("{} % ({part} of {whole})", percent(found)))
    })
}

/// What this run has read is held against all that was read before: a night is small beside the warehouse, and would
/// not be noticed in it.
fn forms_per_document(gate: MayDrop, facts: &Facts) -> Option<Missed> {
    let before = facts.before.as_ref()?;
    let total = |table: &str| -> u64 {
        before.rows.iter().filter(|((name, _), _)| name == table).map(|(_, rows)| rows).sum()
    };
    let (forms_before, documents_before) = (total("forms"), total("documents"));
    let documents: u64 = facts.read.values().sum();
    let is_judged = documents > 0 && documents >= u64::from(gate.of_at_least);
    if !is_judged || forms_before == 0 || documents_before == 0 {
        return None;
    }
    // (a/b - c/d) / (a/b) with one division, so that it is rounded once.
    let before = u128::from(forms_before) * u128::from(documents);
    let after = u128::from(facts.forms_read) * u128::from(documents_before);
    let dropped = before.saturating_sub(after) as f64 / before as f64;
    (dropped > gate.share).then(|| {
        let expected_ratio = forms_before as f64 / documents_before as f64;
        let found_ratio = facts.forms_read as f64 / documents as f64;
        let expected = format!("at most {} % fewer than {expected_ratio:.2}", percent(gate.share));
        let found = format!("{found_ratio:.2}, {} % fewer", percent(dropped));
        let subject = "forms per document of this run, against the snapshot before";
        Missed::new("forms_per_document", gate.severity, subject, expected, found)
    })
}

/// Years that have rows in the snapshot before and none in this one, with the tables in which that is so.
fn vanished(severity: Consequence, before: &Counts, after: &Counts) -> Vec<Missed> {
    let mut years: BTreeMap<i32, (Vec<&str>, u64)> = BTreeMap::new();
    for ((table, year), rows) in &before.rows {
        let (Some(year), true) = (year, *rows > 0) else { continue };
        if after.rows.get(&(table.clone(), Some(*year))).copied().unwrap_or(0) == 0 {
            let (tables, sum) = years.entry(*year).or_default();
            tables.push(table);
            *sum += rows;
        }
    }
    let missed = years.into_iter().map(|(year, (tables, rows))| {
        let tables = tables.join(", ");
        let subject = format!("rows of {year} in {tables}");
        let expected = format!("some, as the snapshot before has {rows}");
        Missed::new("year_vanished", severity, &subject, expected, "none".to_owned()).in_year(Some(year))
    });
    missed.collect()
}

/// A table's rows in all, then in each year. Rows without a year count only among all: one that has found its year is no
/// loss. A year without any row is told by [`vanished`].
fn rows(table: &str, gate: MayDrop, before: &Counts, after: &Counts) -> Vec<Missed> {
    let of_table = |counts: &Counts| -> BTreeMap<Option<i32>, u64> {
        let rows = counts.rows.iter().filter(|((name, _), _)| name == table);
        rows.map(|((_, year), rows)| (*year, *rows)).collect()
    };
    let (before, after) = (of_table(before), of_table(after));
    let total = |rows: &BTreeMap<Option<i32>, u64>| rows.values().sum::<u64>();
    let mut compared = vec![(None, total(&before), total(&after))];
    compared.extend(before.iter().filter(|(year, _)| year.is_some()).filter_map(|(year, rows)| {
        let after = after.get(year).copied().filter(|rows| *rows > 0)?;
        Some((*year, *rows, after))
    }));
    let missed = compared.into_iter().filter_map(|(year, before, after)| {
        let dropped = before.saturating_sub(after) as f64 / before as f64;
        let is_judged = before > 0 && before >= u64::from(gate.of_at_least);
        (is_judged && dropped > gate.share).then(|| {
            let subject = match year {
                Some(year) => format!("rows of `{table}` in {year}, against the snapshot before"),
                None => format!("rows of `{table}`, against the snapshot before"),
            };
            let expected = format!("at most {} % fewer than {before}", percent(gate.share));
            let found = format!("{after}, {} % fewer", percent(dropped));
            Missed::new(format!("rows.{table}"), gate.severity, &subject, expected, found).in_year(year)
        })
    });
    missed.collect()
}

/// A share in percent with at most two decimals, the further ones cut.
fn percent(share: f64) -> String {
    // What is written as 0.29 is 28.999… hundredths.
    let hundredths = (share * 10_000.0 + 1e-6).floor() / 100.0;
    hundredths.to_string()
}

/// Tables whose rows are what documents print; others say how they were read, and may well get fewer.
fn tables_of_documents() -> impl Iterator<Item = &'static str> {
    let tables = dictionary().tables.iter();
    let tables = tables.filter(|table| table.partitioned_by.is_some() || table.name == "documents");
    tables.map(|table| table.name.as_str())
}

impl Gates {
    /// What must hold, a line for each gate, in the order in which they are judged.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut add = |gate: &str, expected: String, of_at_least: u32, severity: Consequence| {
            let of = if of_at_least > 1 { format!(", of at least {of_at_least}") } else { String::new() };
            lines.push(format!("{gate}: {expected}{of} ({})", severity.as_str()));
        };
        if let Some(AtLeast { share, of_at_least, severity }) = self.parsed {
            add("parsed", format!("at least {} %", percent(share)), of_at_least, severity);
        }
        if let Some(AtMost { count, severity }) = self.unreadable {
            add("unreadable", format!("at most {count}"), 1, severity);
        }
        if let Some(MayDrop { share, of_at_least, severity }) = self.forms_per_document {
            add("forms_per_document", format!("at most {} % fewer", percent(share)), of_at_least, severity);
        }
        add("year_vanished", "no year without rows that had some".to_owned(), 1, self.year_vanished);
        for (table, MayDrop { share, of_at_least, severity }) in &self.rows {
            let expected = format!("at most {} % fewer", percent(*share));
            add(&format!("rows.{table}"), expected, *of_at_least, *severity);
        }
        for (code, AtLeast { share, of_at_least, severity }) in &self.checks {
            add(
                &format!("checks.{code}"),
                format!("at least {} %", percent(*share)),
                *of_at_least,
                *severity,
            );
        }
        lines
    }

    /// Reads the section, whose problems are noted in its file.
    pub fn read(mut section: Section<'_>) -> Self {
        let severity = severity(&mut section, Consequence::Error);
        let parsed = section.take("parsed").and_then(|value| at_least(&value, severity));
        let unreadable = section.take("unreadable").and_then(|value| at_most(&value, severity));
        let forms_per_document =
            section.take("forms_per_document").and_then(|value| may_drop(&value, severity));
        let year_vanished = section.section("year_vanished").map_or(severity, |mut section| {
            let severity = self::severity(&mut section, severity);
            section.finish();
            severity
        });
        let rows = by_name(section.section("rows"), tables_of_documents(), |value| may_drop(value, severity));
        // A finding that no check counts would make a gate that nothing can miss.
        let checks = catalogue().iter().filter(|entry| entry.is_check);
        let codes: BTreeSet<&str> = checks.map(|entry| entry.code.as_str()).collect();
        let checks = by_name(section.section("checks"), codes.into_iter(), |value| at_least(value, severity));
        section.finish();
        Self { parsed, unreadable, forms_per_document, year_vanished, rows, checks }
    }
}

fn by_name<'n, T>(
    section: Option<Section<'_>>,
    names: impl Iterator<Item = &'n str>,
    read: impl Fn(&Value<'_>) -> Option<T>,
) -> BTreeMap<String, T> {
    let Some(mut section) = section else { return BTreeMap::new() };
    let found = section.each(names).filter_map(|(name, value)| Some((name, read(&value)?))).collect();
    section.finish();
    found
}

fn severity(section: &mut Section<'_>, otherwise: Consequence) -> Consequence {
    let words = [("error", Consequence::Error), ("warn", Consequence::Warn)];
    section.take("severity").and_then(|value| value.word(&words)).unwrap_or(otherwise)
}

fn at_least(value: &Value<'_>, otherwise: Consequence) -> Option<AtLeast> {
    let mut section = value.section()?;
    let share = section.need("at_least", "the smallest share").and_then(|value| value.share());
    let of_at_least = section.take("of_at_least").and_then(|value| value.count(1)).unwrap_or(1);
    let severity = severity(&mut section, otherwise);
    section.finish();
    Some(AtLeast { share: share?, of_at_least, severity })
}

fn may_drop(value: &Value<'_>, otherwise: Consequence) -> Option<MayDrop> {
    let mut section = value.section()?;
    let share = section.need("may_drop", "the largest relative drop").and_then(|value| value.share());
    let of_at_least = section.take("of_at_least").and_then(|value| value.count(1)).unwrap_or(1);
    let severity = severity(&mut section, otherwise);
    section.finish();
    Some(MayDrop { share: share?, of_at_least, severity })
}

fn at_most(value: &Value<'_>, otherwise: Consequence) -> Option<AtMost> {
    let mut section = value.section()?;
    let count = section.need("at_most", "the largest number").and_then(|value| value.count(0));
    let severity = severity(&mut section, otherwise);
    section.finish();
    Some(AtMost { count: count?, severity })
}

#[cfg(test)]
mod tests;
