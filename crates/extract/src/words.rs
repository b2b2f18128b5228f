//! What the words of a text say that it is, for readers of pages without lines: there the eye finds the cells of a table
//! by reading them.

use std::collections::HashSet;
use std::sync::OnceLock;

use jixiao_model::fold::fold;

use crate::classes::classes;
use crate::heading::title;
use crate::numbers::is_year;
use crate::readers::aligned::{Judge, Word};
use crate::table_words::{Heading, column_scope, group_scope, heading, is_group, is_stop};
use crate::vocabulary::{Kind, Label, Role, vocabulary};

/// Texts longer than this are not asked about.
const LONGEST: usize = 240;

/// Headings that are told by their end, or have two meanings, are believed up to so many characters.
const LONGEST_WEAK: usize = 6;

/// This judge, for readers.
pub const JUDGE: Judge = Judge {
    word,
    begins,
    is_known_name,
    is_class_of: |text, level| match level {
        0 => classes().is_level1(&fold(text)),
        _ => classes().is_level2(&fold(text)),
    },
    may_hold: |first, second| classes().may_hold(&fold(first), &fold(second)),
    furniture,
    has_box,
    is_group,
    is_scope: |text| group_scope(text).is_some() || column_scope(text).is_some(),
    is_goal: |text| label_of(text).is_some_and(|label| GOALS.contains(&label.code)) || is_goal_heading(text),
    is_amount: |text| label_of(text).is_some_and(|label| label.kind == Kind::Amount),
    is_narrative: |text| label_of(text).is_some_and(|label| label.kind == Kind::Narrative),
    is_part: |text| label_of(text).is_some_and(|label| is_part(label.code)),
};

/// The goals that forms print side by side.
pub const GOALS: [&str; 2] = ["overall_goal", "annual_goal"];

fn is_part(code: &str) -> bool {
    vocabulary().is_part(code) && !vocabulary().is_whole(code)
}

fn label_of(text: &str) -> Option<Label> {
    if text.len() <= LONGEST { vocabulary().label(text) } else { None }
}

/// 中期目标（2023年—2025年）, and not 年度绩效指标.
fn is_goal_heading(text: &str) -> bool {
    group_scope(text).is_some() && !fold(text).contains("指标")
}

fn is_known_name(text: &str) -> bool {
    classes().is_indicator(&fold(text))
}

fn has_box(text: &str) -> bool {
    vocabulary().has_box(text)
}

fn furniture(text: &str) -> bool {
    vocabulary().is_furniture(text)
}

/// What a text is by its words.
pub fn word(text: &str) -> Word {
    if text.is_empty() || text.len() > LONGEST {
        return Word::Other;
    }
    let vocabulary = vocabulary();
    let folded = fold(text);
    if title(text).is_some()
        || is_stop(text)
        || is_year(&folded)
        || (vocabulary.heading(text).is_some() && !is_class(&folded))
    {
        return Word::Line;
    }
    // 项目名称 heads a column only in tables of many projects, which these readers leave as they are; and a long text, or
    // one that only ends like the heading of a remark, may be anything.
    let doubtful = |heading: &Heading| {
        heading.weak && (heading.role == Role::Remark || folded.chars().count() > LONGEST_WEAK)
    };
    let heading = heading(text).filter(|heading| !doubtful(heading));
    if let Some(role) = heading.map(|heading| heading.role)
        && vocabulary
            .label(text)
            .is_none_or(|label| !label.colon && !matches!(role, Role::Project | Role::Field | Role::Remark))
    {
        return Word::Column(number(role));
    }
    if vocabulary.label(text).is_some() {
        return Word::Label;
    }
    // 群众满意度 is an indicator in most tables, and a class in few.
    if classes().is_indicator(&folded) && !classes().is_plain_level2(&folded) {
        return Word::Name;
    }
    let (first, second) = (classes().is_level1(&folded), classes().is_level2(&folded));
    // Of names that both levels have, those of the first are written out: 满意度指标, and not 满意度.
    if first && (!second || folded.ends_with("指标") || folded.ends_with("目标")) {
        return Word::Class(0);
    }
    if second {
        return Word::Class(1);
    }
    if vocabulary.is_measured_target(&folded) || vocabulary.is_grade(&folded) {
        return Word::Target;
    }
    if vocabulary.ends_like_indicator(&folded) {
        return Word::Name;
    }
    Word::Other
}

/// The number of a column in the usual order: the four that a table must have, and any other.
fn number(role: Role) -> usize {
    match role {
        Role::Level1 => 0,
        Role::Level2 => 1,
        Role::Indicator => 2,
        Role::Target => 3,
        Role::Weight => 5,
        Role::Unit => 6,
        Role::Operator => 7,
        _ => 4,
    }
}

fn is_class(folded: &str) -> bool {
    classes().is_level1(folded) || classes().is_level2(folded)
}

/// Whether a text is how a known label, title or class begins, and not the whole of it.
pub fn begins(text: &str) -> bool {
    static BEGINNINGS: OnceLock<HashSet<String>> = OnceLock::new();
    let beginnings = BEGINNINGS.get_or_init(|| {
        let names = vocabulary().names().chain(classes().names());
        let mut beginnings = HashSet::new();
        for name in names {
            let ends = name.char_indices().skip(1).map(|(at, _)| at);
            beginnings.extend(ends.filter_map(|end| name.get(..end)).map(str::to_owned));
        }
        beginnings
    });
    text.len() <= LONGEST && beginnings.contains(&fold(text))
}
