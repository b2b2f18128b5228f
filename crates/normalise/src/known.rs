//! What is known of the words in the rows of indicators: of each class, name and target once.
//!
//! Forms print the same few words over and over, so what was worked out of one is kept, by its text, for as long as the
//! thread lives. It follows from the text alone, so nothing depends on whether it was kept.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use foldhash::fast::RandomState;
use jixiao_model::fold::fold;

use crate::expectation::{Expected, expected};
use crate::target::{self, NamedUnit, Parsed, named_unit};
use crate::taxonomy::{Entry, taxonomy};
use crate::text;

/// A class of the first or the second level, by its name.
pub struct ClassName {
    /// As the table has it; its rows share the text.
    pub clean: Arc<str>,
    /// As names are compared.
    pub folded: String,
    /// The class of the first level with this name.
    pub level1: Option<&'static Entry>,
    /// Those of the second level, each within another class of the first.
    level2: Vec<&'static Entry>,
}

impl ClassName {
    fn read(raw: &str) -> Option<Self> {
        let clean = text::name(raw)?;
        let (level1, level2) = (taxonomy().level1(&clean), taxonomy().all_of_level2(&clean));
        Some(Self { folded: fold(&clean), clean: clean.into(), level1, level2 })
    }

    /// The class of the second level with this name within a class of the first, or, where that is unknown, within the
    /// only one that has it.
    pub fn level2(&self, level1: Option<&Entry>) -> Option<&'static Entry> {
        match level1 {
            Some(level1) => self.level2.iter().find(|class| class.within == level1.code).copied(),
            None => self.level2.first().filter(|_| self.level2.len() == 1).copied(),
        }
    }

    /// Whether any class of the first level has a class of the second with this name.
    pub fn is_level2(&self) -> bool {
        !self.level2.is_empty()
    }
}

/// An indicator, by its name.
pub struct IndicatorName {
    /// As the table has it; its rows share the text.
    pub clean: Arc<str>,
    /// As names are compared.
    pub folded: String,
    /// What the taxonomy has of this name.
    pub entry: Option<&'static Entry>,
    /// What its target should be.
    pub expected: Expected,
    /// The unit in brackets behind it.
    pub unit: Option<NamedUnit>,
}

impl IndicatorName {
    fn read(raw: &str) -> Option<Self> {
        let clean = text::name(raw)?;
        let folded = fold(&clean);
        let (entry, expected) = (taxonomy().indicator(&clean), expected(&folded));
        Some(Self { unit: named_unit(&clean, &folded), entry, expected, folded, clean: clean.into() })
    }
}

thread_local! {
    static CLASSES: RefCell<Kept<ClassName>> = RefCell::default();
    static INDICATORS: RefCell<Kept<IndicatorName>> = RefCell::default();
    static TARGETS: RefCell<Kept<Parsed>> = RefCell::default();
}

/// A class as printed; `None` if nothing is.
pub fn class(raw: &str) -> Option<Rc<ClassName>> {
    CLASSES.with_borrow_mut(|kept| kept.get(raw, ClassName::read))
}

/// The name of an indicator as printed; `None` if nothing is.
pub fn indicator(raw: &str) -> Option<Rc<IndicatorName>> {
    INDICATORS.with_borrow_mut(|kept| kept.get(raw, IndicatorName::read))
}

/// A target as printed; `None` if nothing is.
pub fn target(raw: &str) -> Option<Rc<Parsed>> {
    TARGETS.with_borrow_mut(|kept| kept.get(raw, target::read))
}

/// What was worked out of texts, by the text. Long ones do not come again, and no more are kept than fit.
struct Kept<T> {
    by_text: HashMap<Box<str>, Option<Rc<T>>, RandomState>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { by_text: HashMap::default() }
    }
}

impl<T> Kept<T> {
    const MOST: usize = 4096;
    const LONGEST: usize = 150;

    fn get(&mut self, text: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<Rc<T>> {
        if text.len() > Self::LONGEST {
            return read(text).map(Rc::new);
        }
        if let Some(known) = self.by_text.get(text) {
            return known.clone();
        }
        if self.by_text.len() >= Self::MOST {
            self.by_text.clear();
        }
        let known = read(text).map(Rc::new);
        self.by_text.insert(text.into(), known.clone());
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_once_and_what_is_kept_is_bounded() {
        let mut kept = Kept::<String>::default();
        let mut count = 0;
        let mut get = |kept: &mut Kept<String>, text: &str| {
            kept.get(text, |text| {
                count += 1;
                Some(text.to_owned()).filter(|text| !text.is_empty())
            })
        };
        for _ in 0..3 {
            assert_eq!(get(&mut kept, "甲").as_deref().map(String::as_str), Some("甲"));
            assert_eq!(get(&mut kept, ""), None);
            assert!(get(&mut kept, &"长".repeat(100)).is_some());
        }
        for number in 0..3 * Kept::<String>::MOST {
            get(&mut kept, &number.to_string());
            assert!(kept.by_text.len() <= Kept::<String>::MOST);
        }
        assert_eq!(count, 2 + 3 + 3 * Kept::<String>::MOST);
    }
}
