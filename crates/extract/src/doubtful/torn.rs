//! What shows of a single value that a piece of another cell is in it.

use jixiao_model::RawField;
use jixiao_model::fold::fold;

use crate::table_words::{group_scope, is_group};
use crate::vocabulary::{Kind, vocabulary};
use crate::words::GOALS;

/// Headings and labels have at most so many characters.
const LONGEST: usize = 14;
/// And at least so many, where they stand before running text.
const LEAST: usize = 4;

/// Whether a value has a piece of another cell in it.
pub fn is_torn(field: &RawField, value: &str) -> bool {
    let Some(label) = field.label.as_deref().and_then(|label| vocabulary().label(label)) else {
        return false;
    };
    has_loose_boxes(value)
        || match label.kind {
            Kind::Name if label.code != "project_name" => is_torn_name(value),
            Kind::Name => has_date(&fold(value)),
            Kind::Narrative => ends_with_heading(value) || begins_with_goal(value),
            _ => false,
        }
}

/// Whether a label is the rest of one that the value before it ends with: `年度资金申请`, `总额`.
pub fn is_rest_of_label(before: &str, field: &RawField) -> bool {
    let (Some(label), Some(last)) = (field.label.as_deref(), before.split_whitespace().next_back()) else {
        return false;
    };
    last.len() < before.len()
        && last.chars().count() <= LONGEST
        && last.chars().all(char::is_alphabetic)
        && vocabulary().label(last).is_none()
        && vocabulary().label(&format!("{last}{label}")).is_some()
}

/// Whether a bracket of a label is not closed.
fn is_unclosed(label: &str) -> bool {
    let folded = fold(label);
    folded.rfind('(').is_some_and(|open| folded.rfind(')').is_none_or(|close| close < open))
}

/// The code of a label that has no text of its own, or with which the value of another ends, up to its bracket.
pub fn waiting(field: &RawField) -> Option<&str> {
    // Of a label that is cut within its bracket, the rest is no value.
    let open = field.label.as_deref().is_some_and(is_unclosed);
    let Some(value) = field.value.as_deref().filter(|_| !open) else { return field.code };
    let head = Some(value).filter(|value| value.chars().count() <= 40)?.split(['(', '（']).next()?;
    let ends = head.char_indices().filter_map(|(at, _)| head.get(at..));
    ends.into_iter().find_map(|end| vocabulary().label(end)).map(|label| label.code)
}

/// Whether the name of an office goes on with a date, or ends as indicators do.
fn is_torn_name(value: &str) -> bool {
    let folded = fold(value);
    has_date(&folded) || vocabulary().ends_like_indicator(&folded)
}

/// `2023-12-`, whole or cut, behind other words.
fn has_date(folded: &str) -> bool {
    let mut digits = 0;
    folded.ends_with('-')
        || folded.chars().skip_while(char::is_ascii_digit).any(|c| {
            let date = digits == 4 && matches!(c, '-' | '/');
            digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
            date
        })
}

fn is_heading(text: &str) -> bool {
    group_scope(text).is_some() || is_group(text)
}

/// Whether behind the last sentence stands the heading of a group of indicators, with others behind it or not.
fn ends_with_heading(value: &str) -> bool {
    let rest = value.rsplit(['。', '；', ';', '！', '\n']).next().unwrap_or_default();
    if rest.len() == value.len() {
        return false;
    }
    let folded = fold(rest);
    let ends = folded.char_indices().map(|(at, c)| at + c.len_utf8()).take(LONGEST);
    ends.filter_map(|end| folded.get(..end)).any(|head| head.ends_with("指标") && is_heading(head))
}

/// Whether a text begins with the heading of a goal, so that it may be one of several.
fn begins_with_goal(value: &str) -> bool {
    let folded = fold(value);
    let heads =
        folded.char_indices().skip(LEAST).take(LONGEST).filter_map(|(at, _)| folded.split_at_checked(at));
    heads.into_iter().any(|(head, tail)| {
        let follows = tail.starts_with(['是', '为', ':', '的', '完', '和', '及', '与', ',']);
        head.ends_with("目标")
            && !follows
            && group_scope(head).is_some()
            && vocabulary().label(head).is_some()
    })
}

/// Whether the label of a goal stands right behind the end of a text, with its own text behind it.
pub fn holds_goal(field: &RawField, value: &str) -> bool {
    let label = field.label.as_deref().and_then(|label| vocabulary().label(label));
    if label.is_none_or(|label| label.kind != Kind::Narrative) {
        return false;
    }
    let is_goal = |text: &str| vocabulary().label(text).is_some_and(|label| GOALS.contains(&label.code));
    let behind = value.char_indices().filter(|(_, c)| matches!(c, '。' | '；' | '）' | ')' | '》' | ' '));
    behind.filter_map(|(at, c)| value.get(at + c.len_utf8()..)).any(|rest| {
        let heads =
            rest.char_indices().skip(LEAST).take(LONGEST).filter_map(|(at, _)| rest.split_at_checked(at));
        heads.into_iter().any(|(head, tail)| head.ends_with("目标") && !tail.is_empty() && is_goal(head))
    })
}

/// Whether two boxes stand with nothing between, so that options have lost theirs.
fn has_loose_boxes(value: &str) -> bool {
    let mut before = false;
    value.chars().filter(|c| !c.is_whitespace()).any(|c| {
        let is_box = !c.is_alphanumeric() && vocabulary().has_box(c.encode_utf8(&mut [0; 4]));
        std::mem::replace(&mut before, is_box) && is_box
    })
}
