//! What an operator has to write so that labels are known which no rule knows.

use std::collections::BTreeSet;

use jixiao_model::fold::fold;
use jixiao_model::record::Field;

use crate::terminal::shown;

/// A longer value is a section of running text.
const LONGEST_TEXT: usize = 40;
/// How much of a value is shown beside its label.
const EXCERPT: usize = 24;

/// Entries for `labels.toml`, one for each label, ready to be pasted; empty if all labels are known.
pub fn snippet(fields: &[Field]) -> String {
    let mut seen = BTreeSet::new();
    let mut text = String::new();
    for field in fields.iter().filter(|field| field.field.is_none()) {
        let Some(label) = field.label_raw.as_deref() else { continue };
        // A unit or remark in brackets behind a label is no part of its name.
        let words = label.trim_end_matches([':', '：']).trim();
        let words = match words.rfind(['(', '（']).filter(|at| *at > 0 && words.ends_with([')', '）'])) {
            Some(at) => words.get(..at).unwrap_or(words),
            None => words,
        };
        let name: String = shown(words).split('⏎').collect();
        if !seen.insert(fold(&name)) {
            continue;
        }
        let value = field.value_raw.as_deref().unwrap_or_default();
        let excerpt: String = shown(value).chars().take(EXCERPT).collect();
        let about = if excerpt.is_empty() { String::new() } else { format!("    # {excerpt}") };
        text += &format!(
            "    [[label]]\n    code = \"field_{}\"{about}\n    kind = \"{}\"    # name, text, narrative, amount, date, year or yes_no\n    names = [{name:?}]\n\n",
            seen.len(),
            kind(value),
        );
    }
    text
}

/// What kind of value this looks like.
fn kind(value: &str) -> &'static str {
    let folded = fold(value);
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    let is_made_of =
        |signs: &str| digits > 0 && folded.chars().all(|c| c.is_ascii_digit() || signs.contains(c));
    match () {
        () if is_made_of(",.元万千百亿¥￥") => "amount",
        () if is_made_of("年月日-/.") && digits >= 5 => "date",
        () if ["是", "否"].contains(&folded.as_str()) => "yes_no",
        () if folded.chars().count() > LONGEST_TEXT => "narrative",
        () => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_guessed_from_values() {
        for (value, expected) in [
            ("1,200.00", "amount"),
            ("20万元", "amount"),
            ("2019-01-01", "date"),
            ("2019年1月", "date"),
            ("是", "yes_no"),
            ("二级", "text"),
            ("", "text"),
        ] {
            assert_eq!(kind(value), expected, "{value}");
        }
        assert_eq!(kind(&"字".repeat(41)), "narrative");
    }
}
