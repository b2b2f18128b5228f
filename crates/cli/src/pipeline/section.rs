//! Reading a TOML file key by key, so that all that is wrong with it is told at once, with its line and column.
//!
//! `serde` stops at the first problem. Here a key becomes known by being asked for, what nobody asked for is refused with
//! the nearest key that is known, and a value that does not fit is a problem and then counts as not there.

use std::cell::RefCell;
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Range;

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::terminal::shown;

/// Something that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Where it stands; nothing if it is about the file as a whole.
    #[serde(flatten)]
    pub at: Option<Position>,
    /// What was expected, and what was found.
    pub text: String,
}

/// A place in a file, in lines and characters, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column in it.
    pub column: usize,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(Position { line, column }) => write!(f, "line {line}, column {column}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// The text of a file, and what was found to be wrong with it so far.
#[derive(Debug)]
pub struct File<'t> {
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

impl<'t> File<'t> {
    /// A file of this text.
    pub fn new(text: &'t str) -> Self {
        Self { text, problems: RefCell::new(Vec::new()) }
    }

    /// Its tables.
    ///
    /// # Errors
    /// Why it is no TOML: the first reason alone, since what follows a bracket that is not closed means nothing.
    pub fn parse(&self) -> Result<Spanned<DeTable<'t>>, Problem> {
        DeTable::parse(self.text).map_err(|error| Problem {
            at: error.span().map(|span| self.position(span.start)),
            text: error.message().to_owned(),
        })
    }

    /// Notes that something is wrong with what stands there, or with the file as a whole.
    pub fn problem(&self, span: Option<Range<usize>>, text: String) {
        let at = span.map(|span| self.position(span.start));
        self.problems.borrow_mut().push(Problem { at, text });
    }

    /// All problems, in the order of the lines.
    pub fn problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort();
        problems
    }

    fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or(before);
        Position { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
    }
}

/// A table of a file while it is read.
#[derive(Debug)]
pub struct Section<'f> {
    file: &'f File<'f>,
    /// What it is called in messages; the file's own table has no name.
    name: String,
    table: &'f DeTable<'f>,
    known: Vec<String>,
}

/// A value of a file, under the name that messages give it.
#[derive(Debug, Clone)]
pub struct Value<'f> {
    file: &'f File<'f>,
    name: String,
    value: &'f Spanned<DeValue<'f>>,
}

impl<'f> Section<'f> {
    /// The file's own table.
    pub fn root(file: &'f File<'f>, table: &'f DeTable<'f>) -> Self {
        Self { file, name: String::new(), table, known: Vec::new() }
    }

    /// The value of a key, which is known from now on.
    pub fn take(&mut self, key: &str) -> Option<Value<'f>> {
        self.known.push(key.to_owned());
        let (_, value) = self.table.iter().find(|(found, _)| found.get_ref() == key)?;
        Some(Value { file: self.file, name: self.named(key), value })
    }

    /// The value of a key without which nothing can be done.
    pub fn need(&mut self, key: &str, what: &str) -> Option<Value<'f>> {
        let value = self.take(key);
        if value.is_none() {
            self.file.problem(None, format!("expected `{}`, {what}, found none", self.named(key)));
        }
        value
    }

    /// The table under a key.
    pub fn section(&mut self, key: &str) -> Option<Section<'f>> {
        self.take(key)?.section()
    }

    /// Every key that is one of these, in their order; other keys are refused at the end.
    pub fn each<'k>(
        &mut self,
        keys: impl Iterator<Item = &'k str>,
    ) -> impl Iterator<Item = (String, Value<'f>)> {
        let found = keys.filter_map(|key| Some((key.to_owned(), self.take(key)?)));
        found.collect::<Vec<_>>().into_iter()
    }

    /// Refuses the keys that nobody has asked for.
    pub fn finish(self) {
        for (key, _) in self.table.iter() {
            if !self.known.iter().any(|known| known == key.get_ref()) {
                let text = unexpected(key.get_ref(), self.known.iter().map(String::as_str), &self.name);
                self.file.problem(Some(key.span()), text);
            }
        }
    }

    fn named(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

impl<'f> Value<'f> {
    /// Says what was expected of this value.
    pub fn refuse(&self, expected: &str) {
        let found = match self.value.get_ref() {
            DeValue::Table(_) => "a table".to_owned(),
            DeValue::Array(array) if array.is_empty() => "an empty list".to_owned(),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Boolean(flag) => format!("`{flag}`"),
            DeValue::Integer(number) => format!("`{}`", number.as_str()),
            DeValue::Float(number) => format!("`{}`", number.as_str()),
            DeValue::Datetime(time) => format!("`{time}`"),
            DeValue::String(text) => format!("`{}`", shown(text)),
        };
        let text = format!("expected in `{}` {expected}, found {found}", shown(&self.name));
        self.file.problem(Some(self.value.span()), text);
    }

    /// The value, if there is one, and the complaint that another was expected if there is none.
    fn or_refuse<T>(&self, value: Option<T>, expected: &str) -> Option<T> {
        if value.is_none() {
            self.refuse(expected);
        }
        value
    }

    /// A table.
    pub fn section(&self) -> Option<Section<'f>> {
        let table = self.or_refuse(self.value.get_ref().as_table(), "a table of keys")?;
        Some(Section { file: self.file, name: self.name.clone(), table, known: Vec::new() })
    }

    /// A text that is not empty.
    pub fn text(&self, expected: &str) -> Option<&'f str> {
        let text = self.value.get_ref().as_str().filter(|text| !text.trim().is_empty());
        self.or_refuse(text, expected)
    }

    /// `true` or `false`.
    pub fn flag(&self) -> Option<bool> {
        self.or_refuse(self.value.get_ref().as_bool(), "`true` or `false`")
    }

    /// A whole number of at least so much.
    pub fn count(&self, least: u32) -> Option<u32> {
        let number = self.integer().filter(|number| *number >= least);
        self.or_refuse(number, &format!("a whole number of at least {least}"))
    }

    /// A whole number that is not 0.
    pub fn positive(&self) -> Option<NonZeroUsize> {
        self.count(1).and_then(|number| NonZeroUsize::new(number as usize))
    }

    /// A share from 0 to 1.
    pub fn share(&self) -> Option<f64> {
        let share = match self.value.get_ref() {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(_) => self.integer().map(f64::from),
            _ => None,
        };
        self.or_refuse(
            share.filter(|share| (0.0..=1.0).contains(share)),
            "a share from 0.0 to 1.0 (0.95 is 95 %)",
        )
    }

    /// One of some words.
    pub fn word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let found = self.value.get_ref().as_str();
        let value = words.iter().find(|(word, _)| Some(*word) == found).map(|(_, value)| *value);
        let quoted: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        self.or_refuse(value, &quoted.join(" or "))
    }

    /// A list of texts, or one text by itself.
    pub fn texts(&self, expected: &str) -> Option<Vec<Value<'f>>> {
        let one = |value| Value { file: self.file, name: self.name.clone(), value };
        let values: Vec<_> = match self.value.get_ref() {
            DeValue::Array(array) => array.iter().map(one).collect(),
            _ => vec![self.clone()],
        };
        if values.is_empty() {
            self.refuse(expected);
        }
        let fitting = values.iter().filter(|value| value.text(expected).is_some()).count();
        (fitting == values.len() && fitting > 0).then_some(values)
    }

    /// A year, or two with `-` between them.
    pub fn years(&self) -> Option<(i32, i32)> {
        let written = match self.value.get_ref() {
            DeValue::Integer(number) => Some(number.as_str()),
            value => value.as_str(),
        };
        let range = written.and_then(years);
        self.or_refuse(range, "a year or a range of years, the earlier first, as \"2016-2019\"")
    }

    fn integer(&self) -> Option<u32> {
        let number = self.value.get_ref().as_integer()?;
        u32::from_str_radix(number.as_str(), number.radix()).ok()
    }
}

/// A year, or two with `-` between them, the earlier first.
pub fn years(text: &str) -> Option<(i32, i32)> {
    let year = |text: &str| {
        let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (i32, i32) = (year(first.trim())?, year(last.trim())?);
    (first <= last).then_some((first, last))
}

/// How a key is refused: with the nearest one that there is or, if none is near, with all.
fn unexpected<'k>(found: &str, known: impl Iterator<Item = &'k str> + Clone, section: &str) -> String {
    let place = if section.is_empty() { String::new() } else { format!(" in `{section}`") };
    let found_text = format!("found `{}`", shown(found));
    let nearest = known
        .clone()
        .map(|key| (strsim::damerau_levenshtein(&key.replace('-', "_"), &found.replace('-', "_")), key))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, key)| distance * 3 <= key.chars().count());
    match nearest {
        Some((_, key)) => format!("expected a known key{place}, {found_text}; did you mean `{key}`?"),
        None => {
            let all: Vec<_> = known.map(|key| format!("`{key}`")).collect();
            format!("expected{place} one of {}, {found_text}", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_refused_with_the_nearest_one_or_with_all() {
        let known = ["sources", "warehouse", "exclude", "jobs"];
        for (found, says) in [
            ("soruces", "did you mean `sources`?"),
            ("source", "did you mean `sources`?"),
            ("ware-house", "did you mean `warehouse`?"),
            ("jbos", "did you mean `jobs`?"),
            ("thread", "expected one of `sources`, `warehouse`, `exclude`, `jobs`"),
            ("来源", "found `来源`"),
            ("a\u{1b}[2J", "found `a\\u{1b}[2J`"),
        ] {
            let text = unexpected(found, known.into_iter(), "");
            assert!(text.contains(says), "{text}");
        }
    }

    #[test]
    fn years_are_closed_ranges() {
        for (text, range) in [
            ("2016-2019", Some((2016, 2019))),
            ("2016 - 2019", Some((2016, 2019))),
            ("2018", Some((2018, 2018))),
            ("2019-2016", None),
            ("2016-", None),
            ("-2016", None),
            ("16-19", None),
            ("+016", None),
            ("2016-2017-2018", None),
            ("二〇一六", None),
            ("", None),
        ] {
            assert_eq!(years(text), range, "{text}");
        }
    }

    #[test]
    fn columns_are_counted_in_characters() {
        let file = File::new("a = 1\n项 = 2");
        for (offset, line, column) in [(0, 1, 1), (6, 2, 1), (10, 2, 3)] {
            assert_eq!(file.position(offset), Position { line, column });
        }
    }
}
