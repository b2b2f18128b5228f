//! What the vocabularies say of the text of a cell, asked once.
//!
//! Every rule asks what a cell is, and most cells (labels, headings, classes, grades) are printed again in every form. So
//! the answers are kept beside the cell, and cells with the same text share them, also those of documents that the
//! thread reads later. Nothing is answered before it is asked. Answers depend on the text alone, so sharing shows nowhere.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use jixiao_model::Scope;
use jixiao_model::fold::{fold, is_longer};

use crate::align::Looks;
use crate::fields::is_label_with_colon;
use crate::heading::{Title, TitleAt, has_labels, title_at};
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
    pub fn folded(&self) -> &str {
        self.known.folded.get_or_init(|| fold(self.text).into())
    }

    pub fn label(&self) -> Option<&Label> {
        let label = || vocabulary().may_be_word(self.text).then(|| vocabulary().label_of(self.folded()));
        self.known.label.get_or_init(|| label().flatten()).as_ref()
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
        (*self.known.title.get_or_init(|| title_at(self.text)))?.in_line(self.text)
    }

    pub fn is_total(&self) -> bool {
        self.known.ask(Question::Total, || {
            !is_longer(self.text, vocabulary().longest_total()) && vocabulary().is_total_of(self.folded())
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
