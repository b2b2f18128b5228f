//! What the data says of words by what stands beside them: parts below their wholes, groups before labels, boxes, and
//! titles that only end like known ones.

use std::rc::Rc;

use jixiao_model::fold::{ends_with, fold, split_bracket};

use super::{Label, Vocabulary};
use crate::label::without_colon;

impl Vocabulary {
    /// Whether a text has the boxes or marks of a choice in it.
    pub fn has_box(&self, text: &str) -> bool {
        let folded = fold(text);
        let is_box = |c: char| !('\u{4E00}'..='\u{9FFF}').contains(&c) && self.box_characters.contains(&c);
        folded.contains(is_box) || self.box_words.iter().any(|name| folded.contains(name.as_str()))
    }

    /// A label as a part of another amount, if it may be one: 其他资金 below 年度资金总额.
    pub fn within(&'static self, label: &Label, whole: &str) -> Option<Label> {
        let code = self.labels.get(label.order)?.within.get(whole)?;
        let order = self.labels.iter().position(|entry| entry.code == *code)?;
        let entry = &self.labels[order];
        Some(Label { code: &entry.code, kind: entry.kind, order, ..label.clone() })
    }

    /// Whether amounts of this code have parts.
    pub fn is_whole(&self, code: &str) -> bool {
        self.wholes.contains(code)
    }

    /// Whether an amount of this code is a part of another.
    pub fn is_part(&self, code: &str) -> bool {
        self.labels.iter().any(|entry| entry.within.values().any(|part| part == code))
    }

    /// Whether an amount of this code is a part where another stands above it.
    pub fn may_be_part(&self, code: &str) -> bool {
        self.labels.iter().any(|entry| entry.code == code && !entry.within.is_empty())
    }

    /// The code of the amount whose parts stand beside this heading: 年度资金情况.
    pub fn whole_of(&self, heading: usize) -> Option<&str> {
        self.headings[heading].whole.as_deref()
    }

    /// The unit of money in the bracket behind a heading, known or not: 项目资金（万元）.
    pub fn unit_of_heading(&self, text: &str) -> Option<Rc<str>> {
        if ![')', ':'].into_iter().any(|sign| ends_with(text, sign)) {
            return None;
        }
        let folded = fold(text);
        let (before, unit) = split_bracket(without_colon(&folded));
        let unit = unit.filter(|unit| self.is_money_unit(unit.trim_start_matches("单位:")))?;
        (!before.is_empty()).then(|| unit.into())
    }

    /// Whether a line is the title of a form of a family that is not known.
    pub fn ends_like_title(&self, folded: &str) -> bool {
        self.pattern.ends.iter().any(|end| folded.ends_with(end.as_str())) && !self.is_other_title(folded)
    }

    /// Whether a title is that of another kind of form: of a whole department, or of what was achieved.
    pub fn is_other_title(&self, folded: &str) -> bool {
        self.pattern.other.iter().any(|word| folded.contains(word.as_str()))
    }
}
