//! What the cells of a column look like over the rows of its table.
//!
//! A row that lost a cell is put right by what its other cells are. Where their words do not tell (a plain number is a
//! target or a weight, a text a remark or a name), the other rows do: a column of whole numbers has no signs in it, one
//! of explanations no targets, and weights add up to a hundred.

use std::collections::BTreeMap;

use crate::classes::classes;
use crate::columns::{Column, USUAL};
use crate::row::{Row, RowCell};
use crate::table_words::{Role, comparison};
use crate::vocabulary::vocabulary;

/// Points for a cell that looks like others of the column, or like none of them.
const SAME_TEXT: i32 = 3;
const SAME_KIND: i32 = 1;
const OTHER_KIND: i32 = -4;
const OTHER_WORDS: i32 = -2;
const ADDS_UP: i32 = 4;
const ADDS_NOT_UP: i32 = -3;
/// What it costs to leave a column blank that is filled elsewhere.
const LEFT_BLANK: i32 = -3;

/// No form has so many tables with columns of their own; from there on nobody looks at their rows.
pub const MOST_TABLES: usize = 100;
/// So many rows are looked at: a longer table has no other habits.
const MOST_ROWS: usize = 300;

/// What a cell looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A number alone, as weights are: `20`, `20分`.
    Number,
    /// A number with a sign or a unit.
    Measured,
    Grade,
    Class,
    /// A comparison in a column of its own.
    Sign,
    Words,
}

impl Kind {
    fn of(folded: &str) -> Self {
        match () {
            () if is_plain_number(folded) => Self::Number,
            () if comparison(folded).is_some() => Self::Sign,
            () if vocabulary().is_measured_target(folded) => Self::Measured,
            () if vocabulary().is_like_grade(folded) => Self::Grade,
            () if classes().is_level1(folded) || classes().is_level2(folded) => Self::Class,
            () => Self::Words,
        }
    }
}

/// Whether a cell is a number alone, as a weight is and a target may be: `20`, `20分`.
pub fn is_plain_number(folded: &str) -> bool {
    hundredths(folded.strip_suffix('分').unwrap_or(folded)).is_some()
}

/// The number that a cell of weights prints, in hundredths.
fn weight(folded: &str) -> Option<u64> {
    hundredths(folded.trim_end_matches(['分', '%']))
}

fn hundredths(number: &str) -> Option<u64> {
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let is_short = |digits: &str, most| {
        (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_short(whole, 9) || !is_short(part, 2) {
        return None;
    }
    format!("{whole}{part:0<2}").parse().ok()
}

#[derive(Debug, Clone, Default)]
struct Habit {
    blank: usize,
    kinds: BTreeMap<Kind, usize>,
    texts: BTreeMap<String, usize>,
    /// Of the numbers in it, in hundredths.
    sum: u64,
}

impl Habit {
    fn add(&mut self, folded: String) {
        if folded.is_empty() {
            self.blank += 1;
            return;
        }
        self.sum += weight(&folded).unwrap_or_default();
        *self.kinds.entry(Kind::of(&folded)).or_default() += 1;
        *self.texts.entry(folded).or_default() += 1;
    }
}

/// The habits of the columns of a table, by the slots in which they begin.
#[derive(Debug, Clone, Default)]
pub struct Habits {
    columns: BTreeMap<usize, Habit>,
    /// How many rows there are, and how many of them end before their table does.
    rows: usize,
    short: usize,
}

impl Habits {
    /// Whether anything hangs on what the other rows of a table look like. Where classes, a name and a target are all there
    /// is, their words tell.
    pub fn count(columns: &[Column]) -> bool {
        columns.iter().any(|column| !USUAL.contains(&column.role))
            || columns.iter().filter(|column| column.role == Role::Target).count() > 1
    }

    /// Looks at the rows below a heading row.
    pub fn of(rows: &[Row<'_>], columns: &[Column]) -> Self {
        let mut habits = Self::default();
        let is_sum = |row: &Row<'_>| row.printed().next().is_some_and(RowCell::is_total);
        let is_counted =
            |row: &&Row<'_>| row.in_table && row.printed_count() > 1 && !is_sum(row) && !row.is_header;
        for row in rows.iter().take(MOST_ROWS).filter(is_counted) {
            let shown = shown(row, columns);
            if shown.is_empty() {
                continue;
            }
            habits.rows += 1;
            habits.short += usize::from(is_short(row, columns));
            for (start, text) in shown {
                habits.columns.entry(start).or_default().add(text);
            }
        }
        habits
    }

    /// What the other rows of a row's table show.
    pub fn without<'h>(&'h self, row: &Row<'_>, columns: &[Column]) -> Others<'h> {
        let own = shown(row, columns);
        let is_short = is_short(row, columns);
        let (rows, short) = (self.rows.saturating_sub(1), self.short.saturating_sub(usize::from(is_short)));
        Others { habits: self, own, is_odd: is_short && rows > 0 && short == 0 }
    }
}

/// The habits of a table but for one row.
pub struct Others<'h> {
    habits: &'h Habits,
    own: Vec<(usize, String)>,
    /// Whether the row is the only one that ends before its table does.
    is_odd: bool,
}

impl Others<'_> {
    fn habit(&self, column: &Column) -> Option<(&Habit, Option<&str>)> {
        let habit = self.habits.columns.get(&column.start)?;
        let own = self.own.iter().find(|(start, _)| *start == column.start).map(|(_, text)| text.as_str());
        Some((habit, own))
    }

    /// How many cells of a column are filled, and how many blank.
    fn counts(&self, column: &Column) -> (usize, usize) {
        let Some((habit, own)) = self.habit(column) else { return (0, 0) };
        let filled: usize = habit.kinds.values().sum();
        let is_filled = own.is_some_and(|own| !own.is_empty());
        let is_blank = own.is_some_and(str::is_empty);
        (filled.saturating_sub(usize::from(is_filled)), habit.blank.saturating_sub(usize::from(is_blank)))
    }

    /// Whether a column is filled in so many rows at least, and hardly ever blank.
    pub fn is_filled(&self, column: &Column, least: usize) -> bool {
        let (filled, blank) = self.counts(column);
        filled >= least && filled >= 4 * blank
    }

    /// Whether there is no other row.
    pub fn is_empty(&self) -> bool {
        self.habits.rows <= 1
    }

    /// How much a cell is like the others of a column.
    pub fn likeness(&self, folded: &str, column: &Column) -> i32 {
        let by_name = matches!(
            column.role,
            Role::Number
                | Role::Project
                | Role::Field
                | Role::Group
                | Role::Level1
                | Role::Level2
                | Role::Indicator
        );
        let Some((habit, own)) = self.habit(column).filter(|_| !by_name) else { return 0 };
        let (filled, blank) = self.counts(column);
        if filled == 0 {
            return 0;
        }
        let own = own.filter(|own| !own.is_empty());
        let kind = Kind::of(folded);
        let count = habit.kinds.get(&kind).copied().unwrap_or(0);
        let count = count.saturating_sub(usize::from(own.is_some_and(|own| Kind::of(own) == kind)));
        let is_other = count * 5 < filled;
        let by_kind = match column.role {
            Role::Target if is_other && matches!(kind, Kind::Measured | Kind::Grade) => 0,
            Role::Target if is_other && kind == Kind::Words => OTHER_WORDS,
            _ if is_other => OTHER_KIND,
            _ if count * 2 >= filled => SAME_KIND,
            _ => 0,
        };
        let seen = habit.texts.get(folded).copied().unwrap_or(0);
        // Plain numbers are alike by chance.
        let is_repeated = kind != Kind::Number && seen > usize::from(own == Some(folded));
        // A column of a few words that are printed again and again has no others.
        let is_closed =
            kind != Kind::Number && filled >= 3 && habit.texts.len().saturating_sub(1) * 3 <= filled;
        let is_of_other = || {
            self.habits.columns.iter().any(|(start, habit)| {
                let own = self.own.iter().any(|(at, text)| at == start && text == folded);
                let count = habit.texts.get(folded).copied().unwrap_or(0);
                *start != column.start && count > usize::from(own)
            })
        };
        let by_text = match () {
            () if is_repeated => SAME_TEXT,
            () if is_closed || (kind == Kind::Words && is_of_other()) => OTHER_WORDS,
            () => 0,
        };
        let sum = habit.sum.saturating_sub(own.and_then(weight).unwrap_or(0));
        let by_sum = if column.role == Role::Weight && blank == 0 { adds_up(sum, folded) } else { 0 };
        by_kind + by_text + by_sum
    }

    /// What it costs to leave a column blank. Where only this row ends early, any of its cells may be the one that is gone.
    pub fn missing(&self, column: &Column) -> i32 {
        if !self.is_odd && self.is_filled(column, 1) { LEFT_BLANK } else { 0 }
    }
}

/// Whether a row ends before its table does.
fn is_short(row: &Row<'_>, columns: &[Column]) -> bool {
    let end = row.cells().iter().map(|cell| cell.column + cell.span).max().unwrap_or(0);
    columns.iter().any(|column| column.start >= end)
}

/// Whether a number is the weight that the others lack: all of them are a hundred, or ninety where the ten of the budget's
/// execution stand apart.
fn adds_up(others: u64, folded: &str) -> i32 {
    let Some(number) = weight(folded) else { return 0 };
    let whole = |sum: u64| sum == 90 * 100 || sum == 100 * 100;
    match (whole(others), whole(others + number)) {
        (false, true) => ADDS_UP,
        (true, false) => ADDS_NOT_UP,
        _ => 0,
    }
}

/// The folded texts in the columns of a row; none of a row without an indicator, nor of a column that a cell from above
/// covers. A column behind the row's end is blank.
fn shown(row: &Row<'_>, columns: &[Column]) -> Vec<(usize, String)> {
    let of = |column: &Column| {
        let is_here =
            |cell: &&RowCell<'_>| cell.column < column.end && column.start < cell.column + cell.span;
        match row.cells().iter().find(is_here) {
            Some(cell) if cell.from_above => None,
            Some(cell) => Some((column.start, cell.folded().to_owned())),
            None => Some((column.start, String::new())),
        }
    };
    let first = columns.iter().find(|column| column.role >= Role::Indicator).map_or(0, |column| column.start);
    let has_values = row.printed().any(|cell| cell.column >= first);
    if has_values { columns.iter().filter_map(of).collect() } else { Vec::new() }
}
