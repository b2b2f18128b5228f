//! Random indicators of the classes of 2015 and 2021, and the cells of their classes in a table.

use proptest::prelude::*;

use crate::form::{TARGETS, words};
use crate::page::{Cell, cell};

/// Classes with theirs.
pub type Classes = [(&'static str, &'static [&'static str])];

/// How a class is printed that holds for several rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// One cell over all of them.
    Merged,
    /// Once, with blanks below.
    Once,
    /// In each row.
    Repeated,
}

/// Any styles of the two classes, but one: below a first class that is printed in each row, a blank second class may as
/// well be one that lost its text, and nobody can tell.
pub fn styles() -> impl Strategy<Value = [Style; 2]> {
    let style = || prop::sample::select(&[Style::Merged, Style::Once, Style::Repeated][..]);
    prop::array::uniform2(style().boxed())
        .prop_filter("the second is told", |styles| styles[0] != Style::Repeated || styles[1] == styles[0])
}

/// A row without its classes, but for the number of the second.
#[derive(Debug, Clone)]
pub struct Row {
    /// 二级指标.
    pub level2: &'static str,
    /// 三级指标.
    pub name: String,
    /// 指标值, which may be blank.
    pub target: &'static str,
    /// 分值.
    pub weight: u32,
}

const ENDS: [&str; 5] = ["率", "数量", "完成情况", "（个）", "合格率（%）"];
const NUMBERS: [&str; 8] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"];

/// Rows of one class, in the order of their second classes. Names differ, so that no row is taken for one printed again.
pub fn rows(
    levels2: &'static [&'static str],
    side: &'static str,
    most: usize,
) -> impl Strategy<Value = Vec<Row>> {
    let row = (
        0..levels2.len(),
        words(1, 4),
        prop::sample::select(&ENDS[..]),
        prop::sample::select(&TARGETS[..]),
        1..40_u32,
    );
    prop::collection::vec(row, 0..most).prop_map(move |mut rows| {
        rows.sort_by_key(|(level2, ..)| *level2);
        let row = |(number, (level2, name, end, target, weight)): (
            usize,
            (usize, String, &str, &'static str, u32),
        )| Row {
            level2: levels2[level2],
            name: format!("{side}{name}{}{end}", NUMBERS[number % 8]),
            target,
            weight,
        };
        rows.into_iter().enumerate().map(row).collect()
    })
}

/// The cell of a class in a row, if one begins there. `run` tells how many rows the class holds for from its first row
/// on; `begins` whether this is the first.
pub fn class_cell(text: &str, style: Style, begins: bool, run: usize) -> Option<Cell> {
    match style {
        Style::Merged => begins.then(|| Cell { rows: run, ..cell(text) }),
        Style::Once => Some(cell(if begins { text } else { "" })),
        Style::Repeated => Some(cell(text)),
    }
}
