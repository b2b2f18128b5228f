//! What stands in a cell: its value as shown, or what its author typed.
//!
//! Authors type targets with a sign: `=100%`, `=985米`, `=3`. A spreadsheet takes these for formulas: it shows `1`, an error,
//! or nothing. So a formula that is one number with its unit, or words, is what was typed. Any other formula is a
//! calculation, and what counts of it is its value.

use jixiao_model::finding::excerpt;

use super::decimal::general;
use super::format_code::Format;
use super::number_format;

/// The value that is stored for a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Absent,
    /// Text.
    Text(String),
    /// A number; dates are numbers too.
    Number(f64),
    /// TRUE or FALSE.
    Bool(bool),
    /// An error as it is shown: `#NAME?`.
    Error(String),
}

/// What is to be read in a cell.
#[derive(Debug, PartialEq)]
pub struct Shown {
    /// The text; empty where there is none.
    pub text: String,
    /// Why it is doubted.
    pub doubt: Option<String>,
}

/// What is to be read in a cell, by its value, its number format and its formula without the sign before it.
pub fn shown(value: &Value, format: Option<&Format>, formula: Option<&str>, epoch_1904: bool) -> Shown {
    let certain = |text: String| Shown { text, doubt: None };
    if formula.is_some_and(|formula| formula.trim().is_empty()) && *value == Value::Number(0.0) {
        // XlsxWriter takes `=` alone, an operator in a column of its own, for a formula whose value is 0. Another value was
        // worked out from a formula that somebody has taken away.
        return certain("=".to_owned());
    }
    let formula = formula.map(str::trim).filter(|formula| !formula.is_empty());
    if let Some(formula) = formula {
        let has_value = !matches!(value, Value::Absent | Value::Error(_));
        if is_typed(formula) || (!has_value && !is_calculation(formula)) {
            // Some writers put between quotes what they could not read, and took for a name.
            let is_name = *value == Value::Error("#NAME?".to_owned());
            return certain(format!(
                "={}",
                if is_name { formula.replace('"', "") } else { unquoted(formula).into() }
            ));
        }
        if *value == Value::Absent {
            let doubt = format!("the formula ={} has no value in the file", excerpt(formula));
            return Shown { text: format!("={formula}"), doubt: Some(doubt) };
        }
    }
    certain(match (value, format) {
        (Value::Absent, _) => String::new(),
        (Value::Text(text), Some(format)) => number_format::text(text, format),
        (Value::Text(text), None) => text.clone(),
        (Value::Number(number), Some(format)) => number_format::number(*number, format, epoch_1904),
        (Value::Number(number), None) => general(*number),
        (Value::Bool(true), _) => "TRUE".to_owned(),
        (Value::Bool(false), _) => "FALSE".to_owned(),
        (Value::Error(error), _) => error.clone(),
    })
}

/// Why a value is doubted that has no formula: a program that could not write a formula wrote what it came to.
pub fn doubt(value: &Value) -> Option<String> {
    let Value::Error(error) = value else { return None };
    Some(format!("the cell shows {error}, and what was typed into it is not in the file"))
}

/// Whether a formula is a number with what may stand behind one, and so no calculation.
pub fn is_typed(formula: &str) -> bool {
    let unsigned = formula.trim_start_matches(['+', '-']).trim_start();
    let rest = unsigned.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if rest.len() == unsigned.len() || !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let rest = rest.strip_prefix('%').unwrap_or(rest).trim_start();
    // What no formula can have behind a number.
    !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "+-*/^&=<>:!".contains(c))
}

/// Whether a formula calls a function or names a cell.
fn is_calculation(formula: &str) -> bool {
    let mut word = String::new();
    let mut in_text = false;
    for character in formula.chars().chain([' ']) {
        if character == '"' {
            in_text = !in_text;
            word.clear();
            continue;
        }
        if in_text {
            continue;
        }
        if character.is_ascii_alphanumeric() || matches!(character, '$' | '.' | '_') {
            word.push(character);
            continue;
        }
        if (character == '(' || character == '!') && word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return true;
        }
        if is_reference(&word) || matches!(character, '[' | ']') {
            return true;
        }
        // What is written in Chinese is part of a word: `A1标准` names no cell.
        word.clear();
        if character.is_alphanumeric() {
            word.push('.');
        }
    }
    false
}

/// `B12`, `$B$12`.
fn is_reference(word: &str) -> bool {
    let plain = word.replace('$', "");
    let digits = plain.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let letters = plain.len() - digits.len();
    (1..=3).contains(&letters) && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

/// A formula that is one text, without its quotes.
fn unquoted(formula: &str) -> &str {
    let inner = formula.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(formula)
}

#[cfg(test)]
mod tests {
    use super::super::format_code::parse;
    use super::*;

    #[test]
    fn what_was_typed_is_told_from_a_calculation() {
        let percent = parse("0%");
        let error = Value::Error("#NAME?".into());
        for (value, formula, text) in [
            (Value::Number(1.0), "100%", "=100%"),
            (Value::Number(1.0), "100.00%", "=100.00%"),
            (Value::Number(3.0), "3", "=3"),
            (Value::Number(0.0), "", "="),
            (Value::Number(-3.0), "-3", "=-3"),
            (error.clone(), "985米", "=985米"),
            (Value::Absent, "985米", "=985米"),
            (Value::Absent, "300天", "=300天"),
            (Value::Absent, "100.00(%)", "=100.00(%)"),
            (Value::Absent, "2020年12月", "=2020年12月"),
            (error.clone(), "优秀", "=优秀"),
            (error.clone(), "\"985米\"", "=985米"),
            (error.clone(), "3-5天", "=3-5天"),
            (error, "3-\"5篇\"", "=3-5篇"),
            (Value::Number(0.5), "SUM(A1:A3)", "50%"),
            (Value::Number(0.5), "1/2", "50%"),
            (Value::Number(0.5), "A1", "50%"),
            (Value::Error("#DIV/0!".into()), "A1/B1", "#DIV/0!"),
            (Value::Text("甲".into()), "\"甲\"", "甲"),
        ] {
            let shown = shown(&value, percent.as_ref(), Some(formula), false);
            assert_eq!((shown.text.as_str(), shown.doubt), (text, None), "{formula}");
        }
    }

    #[test]
    fn a_value_whose_formula_was_taken_away_is_read() {
        assert_eq!(shown(&Value::Number(1_250_000.0), None, Some(""), false).text, "1250000");
        assert_eq!(shown(&Value::Absent, None, Some(""), false).text, "");
    }

    #[test]
    fn a_calculation_without_a_value_is_doubted() {
        let shown = shown(&Value::Absent, None, Some("SUM(B2:B5)"), false);
        assert_eq!(shown.text, "=SUM(B2:B5)");
        assert_eq!(shown.doubt.as_deref(), Some("the formula =SUM(B2:B5) has no value in the file"));
    }
}
