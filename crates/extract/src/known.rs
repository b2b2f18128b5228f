//! What the vocabularies say of the text of a cell, asked once.
//!
//! Every rule asks what a cell is, and most cells (labels, headings, classes, grades) are printed again in every form. So
//! the answers are kept beside the cell, and cells with the same text share them, also those of documents that the
//! thread reads later. Nothing is answered before it is asked. Answers depend on the text alone, so sharing shows nowhere.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use jixiao_model::Scope;
use jixiao_model::fold::{fold, is_longer};

use crate::align::Looks;
use crate::fields::is_label_with_colon;
use crate::heading::{Title, TitleAt, has_labels, may_have_title, title_at};
use crate::numbers::is_year;
use crate::row::RowCell;
use crate::table_words::{
    self, Heading, group_scope_of, heading_of, is_accounting_of, is_group_of, is_result_of, is_stop,
};
use crate::vocabulary::{Label, vocabulary};

/// Answers for longer texts, in bytes, are not shared: running text is hardly printed twice.
const LONGEST_SHARED: usize = 200;
/// So many texts share their answers; then a thread begins anew.
const MOST_SHARED: usize = 8_192;

/// The answers for one text.
#[derive(Debug, Default)]
pub struct Known {
    shared: OnceCell<Arc<str>>,
    folded: OnceCell<Box<str>>,
    label: OnceCell<Option<Label>>,
    heading: OnceCell<Option<usize>>,
    column: OnceCell<Option<Heading>>,
    scope: OnceCell<Option<Scope>>,
    looks: OnceCell<Looks>,
    title: OnceCell<Option<TitleAt>>,
    /// Which questions were answered, and which of them with yes.
    answers: Cell<(u16, u16)>,
}

/// Questions with yes or no for an answer.
#[derive(Debug, Clone, Copy)]
enum Question {
    Total,
    Note,
    Furniture,
    Group,
    Stop,
    Accounting,
    Result,
    Year,
    OrganisationAlone,
    LabelWithColon,
    Labels,
    Box,
}

thread_local! {
    static SHARED: RefCell<HashMap<Box<str>, Rc<Known>, foldhash::fast::RandomState>> = RefCell::default();
}

/// The answers for a text.
pub fn known(text: &str) -> Rc<Known> {
    if text.len() > LONGEST_SHARED {
        return Rc::default();
    }
    SHARED.with_borrow_mut(|shared| {
        if let Some(known) = shared.get(text) {
            return Rc::clone(known);
        }
        if shared.len() >= MOST_SHARED {
            shared.clear();
        }
        Rc::clone(shared.entry(text.into()).or_default())
    })
}

impl Known {
    /// The text, as one that all share who keep it. It must be the one that this was asked for.
    pub fn shared(&self, text: &str) -> Arc<str> {
        Arc::clone(self.shared.get_or_init(|| text.into()))
    }

    /// The text, folded. It must be the one that this was asked for.
    pub fn folded(&self, text: &str) -> &str {
        self.folded.get_or_init(|| fold(text).into())
    }

    /// The label that the text is. It must be the one that this was asked for.
    pub fn label(&self, text: &str) -> Option<&Label> {
        let label = || vocabulary().may_be_word(text).then(|| vocabulary().label_of(self.folded(text)));
        self.label.get_or_init(|| label().flatten()).as_ref()
    }

    fn ask(&self, question: Question, answer: impl FnOnce() -> bool) -> bool {
        let bit = 1 << question as u16;
        if self.answers.get().0 & bit == 0 {
            let yes = if answer() { bit } else { 0 };
            let (answered, holds) = self.answers.get();
            self.answers.set((answered | bit, holds | yes));
        }
        self.answers.get().1 & bit != 0
    }
}

/// See the functions of the same names: these are asked of the text of the cell.
impl<'b> RowCell<'b> {
    pub fn shared(&self) -> Arc<str> {
        self.known.shared(self.text)
    }

    pub fn folded(&self) -> &str {
        self.known.folded(self.text)
    }

    pub fn label(&self) -> Option<&Label> {
        self.known.label(self.text)
    }

    fn heading_index(&self) -> Option<usize> {
        let index = || vocabulary().may_be_word(self.text).then(|| vocabulary().heading_of(self.folded()));
        *self.known.heading.get_or_init(|| index().flatten())
    }

    pub fn heading(&self) -> Option<bool> {
        self.heading_index().map(|index| vocabulary().opens_indicators(index))
    }

    pub fn heading_label(&self) -> Option<Label> {
        vocabulary().label_of_heading(self.heading_index()?)
    }

    pub fn whole_of_heading(&self) -> Option<&'static str> {
        vocabulary().whole_of(self.heading_index()?)
    }

    pub fn column_heading(&self) -> Option<Heading> {
        let heading = || table_words::may_be_heading(self.text).then(|| heading_of(self.folded()));
        *self.known.column.get_or_init(|| heading().flatten())
    }

    pub fn group_scope(&self) -> Option<Scope> {
        let scope = || table_words::may_be_heading(self.text).then(|| group_scope_of(self.folded()));
        *self.known.scope.get_or_init(|| scope().flatten())
    }

    pub fn is_group(&self) -> bool {
        self.group_scope().is_some()
            || self
                .known
                .ask(Question::Group, || table_words::may_be_heading(self.text) && is_group_of(self.folded()))
    }

    pub fn looks(&self) -> &Looks {
        self.known.looks.get_or_init(|| Looks::of(self.folded()))
    }

    pub fn title(&self) -> Option<Title<'b>> {
        let at = || if may_have_title(self.text) { title_at(self.text, self.folded()) } else { None };
        (*self.known.title.get_or_init(at))?.in_line(self.text)
    }

    pub fn is_total(&self) -> bool {
        self.known.ask(Question::Total, || {
            !is_longer(self.text, vocabulary().longest_total) && vocabulary().is_total_of(self.folded())
        })
    }

    pub fn is_note(&self) -> bool {
        self.known.ask(Question::Note, || vocabulary().is_note_of(self.folded()))
    }

    pub fn is_furniture(&self) -> bool {
        self.known.ask(Question::Furniture, || vocabulary().is_furniture(self.text))
    }

    pub fn is_stop(&self) -> bool {
        self.known.ask(Question::Stop, || is_stop(self.text))
    }

    pub fn is_accounting(&self) -> bool {
        self.known.ask(Question::Accounting, || {
            table_words::may_be_heading(self.text) && is_accounting_of(self.folded())
        })
    }

    pub fn is_result(&self) -> bool {
        self.known
            .ask(Question::Result, || table_words::may_be_heading(self.text) && is_result_of(self.folded()))
    }

    pub fn is_printed_year(&self) -> bool {
        self.text.len() <= crate::numbers::LONGEST_YEAR
            && self.known.ask(Question::Year, || is_year(self.folded()))
    }

    pub fn is_organisation_alone(&self) -> bool {
        let is_alone = || vocabulary().is_organisation_alone(self.text);
        self.known.ask(Question::OrganisationAlone, is_alone)
    }

    pub fn is_label_with_colon(&self) -> bool {
        self.known.ask(Question::LabelWithColon, || is_label_with_colon(self.text))
    }

    pub fn has_labels(&self) -> bool {
        self.known.ask(Question::Labels, || has_labels(self.text))
    }

    pub fn has_box(&self) -> bool {
        self.known.ask(Question::Box, || vocabulary().has_box(self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heading::{parts_of, title};
    use crate::readers::text::small_blocks as blocks;
    use crate::row::rows;
    use crate::table_words::{group_scope, heading, is_group};
    use crate::vocabulary::is_printed_year;

    #[test]
    fn a_cell_answers_what_the_vocabularies_say_of_its_text() {
        let long = "项目名称：".repeat(60);
        let spaced = format!("项目名称{}：", " ".repeat(200));
        for text in [
            "项目名称：",
            "一、项目概况",
            "年度绩效指标",
            "三级指标",
            "（2020年度）",
            "财政项目支出绩效目标表",
            "第二部分 名词解释",
            "合 计",
            "注：填报",
            "节能等级：",
            "预算执行率",
            "≥90%",
            "较上年提升",
            "绩效指标",
            "□是 √否",
            "甲市科学技术局",
            long.as_str(),
            spaced.as_str(),
        ] {
            let blocks = blocks(text);
            let rows = rows(&blocks);
            let cell = &rows[0].cells()[0];
            // Asked again, it answers the same.
            for _ in 0..2 {
                assert_eq!(cell.folded(), fold(text));
                assert_eq!(cell.label().cloned(), vocabulary().label(text), "{text}");
                assert_eq!(cell.heading(), vocabulary().heading(text), "{text}");
                assert_eq!(cell.heading_label(), vocabulary().heading_label(text), "{text}");
                assert_eq!(cell.column_heading(), heading(text), "{text}");
                assert_eq!(cell.group_scope(), group_scope(text), "{text}");
                assert_eq!(cell.is_group(), is_group(text), "{text}");
                assert_eq!(cell.is_total(), vocabulary().is_total_of(&fold(text)), "{text}");
                assert_eq!(cell.is_note(), vocabulary().is_note_of(&fold(text)), "{text}");
                assert_eq!(cell.is_furniture(), vocabulary().is_furniture(text), "{text}");
                assert_eq!(cell.is_printed_year(), is_printed_year(text), "{text}");
                assert_eq!(cell.is_stop(), is_stop(text), "{text}");
                assert_eq!(cell.has_box(), vocabulary().has_box(text), "{text}");
                assert_eq!(cell.title().is_some(), title(text).is_some(), "{text}");
                let is_labelled =
                    parts_of(text).iter().any(|part| matches!(part, crate::heading::Part::Labelled(..)));
                assert!(cell.has_labels() || !is_labelled, "{text}");
            }
        }
    }

    #[test]
    fn short_texts_share_their_answers_and_a_thread_keeps_only_so_many() {
        assert!(Rc::ptr_eq(&known("项目名称"), &known("项目名称")));
        let long = "项".repeat(LONGEST_SHARED);
        assert!(!Rc::ptr_eq(&known(&long), &known(&long)));
        for number in 0..=MOST_SHARED {
            known(&number.to_string());
        }
        assert!(SHARED.with_borrow(HashMap::len) <= MOST_SHARED);
    }
}
