//! The indicator table, row by row.
//!
//! Levels are printed once for the rows that they hold, so a blank is filled from above: but not where the class above
//! cannot hold what stands there, since then the blank was not a merged cell but a lost one. A row that a page broke
//! goes on in the first row of the next page.

use std::borrow::Cow;
use std::sync::Arc;

use jixiao_model::{Finding, FindingCode, RawIndicator, Scope};

use crate::align::{Aligned, align, stands_in};
use crate::classes::classes;
use crate::columns::{Column, USUAL};
use crate::habits::Habits;
use crate::known::known;
use crate::row::{Row, RowCell};
use crate::sentence::{self, End};
use crate::table_words::{Role, comparison};
use crate::vocabulary::vocabulary;
use jixiao_model::fold::{fold, split_bracket};

/// A note of more characters than this is no cell of an indicator table.
const LONGEST_CELL: usize = 80;

/// Whether a row outside any indicator table looks like one of its rows: its first cell is a class and its last a
/// target.
pub fn looks_like_indicator(row: &Row<'_>) -> bool {
    let is_target = |cell: &RowCell<'_>| {
        vocabulary().is_measured_target(cell.folded()) || vocabulary().is_grade(cell.folded())
    };
    row.in_table
        && row.printed_count() > 2
        && row.printed().next().is_some_and(|first| first.looks().level1)
        && row.printed().last().is_some_and(is_target)
}

/// What is said of a row whose cells were moved, or that lost one.
pub fn moved(row: &Row<'_>, aligned: &Aligned<'_, '_>, read: &str) -> Finding {
    let printed: Vec<_> = row.cells().iter().filter(|cell| !cell.from_above).map(|cell| cell.text).collect();
    let finding = if aligned.doubtful {
        let message = "a cell of the row is gone and nothing tells for certain which; what may belong to two columns is kept in `note`";
        Finding::new(FindingCode::LostCell, message)
    } else {
        let message = "a blank cell was lost or added, so that the cells of the row stand in other columns than their own";
        Finding::new(FindingCode::ShiftedRow, message)
    };
    finding.with_field("indicators").with_found(printed.join(" | ")).with_expected(read).at(row.place)
}

/// An indicator table that is being read.
#[derive(Default)]
pub struct Table {
    columns: Vec<Column>,
    /// What the rows look like, of a table whose rows stand as they were printed.
    habits: Option<Habits>,
    /// The rows so far.
    pub indicators: Vec<RawIndicator>,
    /// What was moved or put together.
    pub findings: Vec<Finding>,
    /// Which goals its rows belong to, if anything says so.
    scope: Option<Scope>,
    level1: Option<Arc<str>>,
    level2: Option<Arc<str>>,
    /// Whether the heading row was printed again right above, as a page does at its head.
    reopened: bool,
    /// The first row under the class that is open, so that a class broken by a page can be mended in all its rows.
    level1_from: usize,
    level2_from: usize,
}

/// Whether a row is the one above, printed again.
fn is_printed_again(last: &RawIndicator, row: &RawIndicator) -> bool {
    let same = RawIndicator { place: last.place.clone(), ..row.clone() };
    same == *last && row.indicator.is_some() && row.target.is_some()
}

/// Whether a piece may be the rest of an indicator's name: both together are one, and what stands above is none.
fn name_goes_on(before: &str, piece: &str) -> bool {
    let whole = format!("{before}{piece}");
    let complete = |text: &str| {
        let folded = fold(text);
        // A name ends with its unit in brackets: 新建站点（个）.
        let has_unit = split_bracket(&folded).1.is_some();
        classes().is_indicator(&folded) || vocabulary().ends_like_indicator(&folded) || has_unit
    };
    // A grade that stands in the name's column is no target: 居民知晓率 and 提升.
    let may_end = !complete(before) || vocabulary().is_grade(&fold(piece));
    classes().is_indicator(&fold(&whole)) || (may_end && complete(&whole))
}

/// Whether a piece may be the rest of a target. A number goes on with digits or its unit and is whole with a unit; a
/// grade is whole; words go on where they break off, or where the piece stands in the table.
fn target_goes_on(before: &str, piece: &str, in_table: bool) -> bool {
    const LONGEST_UNIT: usize = 6;
    /// A target that ends so compares with what follows, and one that begins so ends what stands above.
    const COMPARING: [&str; 12] =
        ["不", "不低于", "不少于", "不高于", "不超过", "低于", "高于", "大于", "小于", "达到", "超过", "约"];
    const BOUNDS: [&str; 6] = ["以上", "以下", "以内", "左右", "及以上", "及以下"];
    let (folded, rest) = (fold(before), fold(piece));
    if in_table && (COMPARING.contains(&folded.as_str()) || BOUNDS.contains(&rest.as_str())) {
        return true;
    }
    let begins_with_digit = rest.starts_with(|c: char| c.is_ascii_digit());
    let begins_anew = vocabulary().is_measured_target(&rest) && !begins_with_digit;
    if begins_anew || (vocabulary().is_grade(&rest) && !folded.is_empty()) {
        return false;
    }
    match folded.chars().next_back() {
        None => in_table,
        Some('%' | '‰') => false,
        Some(last) if vocabulary().is_measured_target(&folded) => {
            let short = rest.chars().count() <= LONGEST_UNIT;
            let signs = rest.starts_with(['.', ',', '%', '(', '-', '~', '至']);
            let open = last.is_ascii_digit() || last.is_ascii_punctuation() || "≥≤年月".contains(last);
            if open { begins_with_digit || signs || short } else { in_table && short && !begins_with_digit }
        }
        Some(_) if vocabulary().is_grade(&folded) => false,
        Some(_) => in_table || sentence::end(before) == End::Unfinished,
    }
}

/// What became of a row.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was read.
    Read,
    /// It is no indicator; its text stands by itself.
    Loose,
}

impl Table {
    /// Opens the table, or goes on with it on another page, with these columns. Another scope is another table: no class
    /// reaches into it.
    pub fn open(&mut self, columns: Vec<Column>, scope: Option<Scope>, habits: Option<Habits>) {
        self.reopened = self.is_open();
        (self.columns, self.habits) = (columns, habits);
        if let Some(scope) = scope {
            self.set_scope(scope);
        }
    }

    /// Says which goals the rows belong to that follow.
    pub fn set_scope(&mut self, scope: Scope) {
        if self.scope.replace(scope).is_some_and(|before| before != scope) {
            (self.level1, self.level2, self.reopened) = (None, None, false);
        }
    }

    /// Opens a table that has no heading row.
    pub fn open_without_heading(&mut self) {
        let usual = USUAL.iter().enumerate();
        self.columns = usual.map(|(start, role)| Column::plain(*role, start)).collect();
    }

    /// Whether a heading row was seen.
    pub fn is_open(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Reads a row.
    pub fn read_row(&mut self, row: &Row<'_>) -> Outcome {
        let habits = self.habits.take();
        let outcome = self.read_as(row, habits.as_ref());
        self.habits = habits;
        outcome
    }

    /// Reads a row whose cells were put where they belong.
    pub fn read_settled(&mut self, row: &Row<'_>) -> Outcome {
        self.read_as(row, None)
    }

    fn read_as(&mut self, row: &Row<'_>, habits: Option<&Habits>) -> Outcome {
        if row.in_table
            && (row.printed().next().is_some_and(RowCell::is_total)
                || row.single().is_some_and(RowCell::is_note))
        {
            return Outcome::Loose;
        }
        let mut row = Cow::Borrowed(row);
        if std::mem::take(&mut self.reopened) {
            row.to_mut().after_break = true;
        }
        let across = self.moved_across_classes(&row);
        let is_across = across.is_some();
        if let Some(moved) = across {
            row = Cow::Owned(moved);
            (self.level1, self.level2) = (None, None);
        }
        if row.after_break {
            row = Cow::Owned(self.mend_levels(&row));
        }
        let row = row.as_ref();
        let aligned = align(row, &self.columns, habits.filter(|_| !is_across));
        if row.after_break && self.continues_above(row, &aligned) {
            return Outcome::Read;
        }
        let too_long = |text: &str| text.chars().count() > LONGEST_CELL;
        let whole_width = row.single().is_some_and(|cell| self.is_across(cell));
        // A row that lost its blanks and its target is a line, and only a known name tells it from a remark.
        let named = row.single().is_some_and(|cell| cell.looks().indicator);
        if !(row.in_table || named) || whole_width || row.single().is_some_and(|cell| too_long(cell.text)) {
            return Outcome::Loose;
        }
        if let Some(scope) = aligned.cell(Role::Group).and_then(RowCell::group_scope) {
            self.set_scope(scope);
        }
        self.note_shift(row, &aligned);
        self.open_levels(row, &aligned);
        let text = |role| aligned.cell(role).map(RowCell::shared);
        if aligned.text(Role::Indicator).is_none() && aligned.text(Role::Target).is_none() {
            // Only classes: they hold for the rows that follow.
            return Outcome::Read;
        }
        let target = self.target(&aligned);
        let indicator = RawIndicator {
            scope: self.scope.unwrap_or(Scope::Annual),
            level1: self.level1.clone(),
            level2: self.level2.clone(),
            indicator: text(Role::Indicator),
            note: self.notes(&aligned, target.as_deref().unwrap_or_default()),
            target,
            weight: text(Role::Weight),
            place: row.place.clone(),
        };
        match self.indicators.last() {
            Some(last) if row.after_break && is_printed_again(last, &indicator) => {
                self.note_repeated(row, &indicator);
            }
            _ => self.indicators.push(indicator),
        }
        Outcome::Read
    }

    /// Keeps a text of the last row that may belong to two columns.
    pub fn keep(&mut self, text: &str) {
        if let Some(last) = self.indicators.last_mut() {
            let note = last.note.take();
            last.note = Some(note.map_or(text.into(), |note| format!("{note}\n{text}").into()));
        }
    }

    /// Whether a cell is as wide as the table, but for the column that groups its classes.
    fn is_across(&self, cell: &RowCell<'_>) -> bool {
        let mut columns = self.columns.iter().filter(|column| column.role != Role::Group);
        let Some(first) = columns.next() else { return false };
        let last = columns.next_back().unwrap_or(first);
        cell.span > 1 && cell.column <= first.start && cell.column + cell.span > last.start
    }

    /// A name that is as wide as the classes and the indicator together is that of an indicator without a class: 年度预算执行率.
    /// The row in which it stands under the indicators.
    fn moved_across_classes<'b>(&self, row: &Row<'b>) -> Option<Row<'b>> {
        let column = |role| self.columns.iter().find(|column| column.role == role);
        let (level1, indicator) = (column(Role::Level1)?, column(Role::Indicator)?);
        // Where it lost its span, blanks stand behind it, and it stands where the classes are grouped.
        let target = column(Role::Target).map_or(usize::MAX, |target| target.start);
        let lost_span = || {
            row.printed().nth(1).is_some_and(|next| next.column >= target)
                && row
                    .cells()
                    .iter()
                    .all(|cell| !cell.from_above || cell.text.is_empty() || cell.column >= target)
        };
        let in_group = |cell: &RowCell<'_>| {
            column(Role::Group).is_some_and(|group| stands_in(cell, group) && group.start < level1.start)
        };
        let is_class = |cell: &RowCell<'_>| cell.is_group() || cell.looks().level1 || cell.looks().level2;
        let is_wide = |cell: &RowCell<'_>| {
            (cell.column <= level1.start && cell.column + cell.span >= indicator.end && cell.span > 1)
                || (in_group(cell) && lost_span() && !is_class(cell))
        };
        row.printed().next().filter(|first| is_wide(first) && row.single().is_none())?;
        let mut moved = row.cells().to_vec();
        if let Some(cell) = moved.iter_mut().find(|cell| cell.is_printed()) {
            (cell.column, cell.span) = (indicator.start, indicator.end - indicator.start);
        }
        moved.sort_by_key(|cell| cell.column);
        Some(row.with_cells(moved))
    }

    fn note_repeated(&mut self, row: &Row<'_>, indicator: &RawIndicator) {
        let message = "the last row of a page stands again at the head of the next one, and was kept once";
        let finding = Finding::new(FindingCode::RepeatedTextDropped, message).with_field("indicators");
        self.findings
            .push(finding.with_found(indicator.indicator.as_deref().unwrap_or_default()).at(row.place));
    }

    fn note_shift(&mut self, row: &Row<'_>, aligned: &Aligned<'_, '_>) {
        if !aligned.shifted && !aligned.doubtful {
            return;
        }
        let read: Vec<_> = USUAL.iter().map(|role| aligned.text(*role).unwrap_or_default()).collect();
        self.findings.push(moved(row, aligned, &read.join(" | ")));
    }

    /// Classes printed in this row open.
    fn open_levels(&mut self, row: &Row<'_>, aligned: &Aligned<'_, '_>) {
        // A class that goes on over the page is marked: 产出目标（续）.
        let unmarked = |cell: &RowCell<'_>| match cell.text.rsplit_once(['(', '（']) {
            Some((class, mark)) if mark.starts_with('续') => class.into(),
            _ => cell.shared(),
        };
        let [level1, level2] = [Role::Level1, Role::Level2].map(|role| aligned.cell(role).map(unmarked));
        let is_covered = || {
            let column = self.columns.iter().find(|column| column.role == Role::Level1);
            let is_above =
                |cell: &RowCell<'_>| cell.from_above && column.is_some_and(|of| of.start == cell.column);
            row.cells().iter().find(|cell| is_above(cell)).is_some_and(|cell| !cell.text.is_empty())
        };
        let next = self.indicators.len();
        if level1.is_some() {
            (self.level1, self.level2) = (level1, None);
            (self.level1_from, self.level2_from) = (next, next);
        } else if let Some(level2) = &level2
            && !is_covered()
            && self.level1.as_ref().is_some_and(|level1| {
                // Both are printed again and again.
                let (known1, known2) = (known(level1), known(level2));
                !classes().may_hold(known1.folded(level1), known2.folded(level2))
            })
        {
            self.level1 = None;
            self.level1_from = next;
        }
        if level2.is_some() {
            self.level2 = level2;
            self.level2_from = next;
        }
    }

    /// A row that a page broke goes on in the first row of the next page, whose cells stand in their own columns or, where
    /// it lost a blank, where they best fit. Returns whether this is such a rest.
    fn continues_above(&mut self, row: &Row<'_>, aligned: &Aligned<'_, '_>) -> bool {
        let in_place = |role| {
            let column = self.columns.iter().find(|column| column.role == role)?;
            row.printed().find(|cell| stands_in(cell, column)).map(|cell| cell.text)
        };
        let in_place = [Role::Level1, Role::Level2, Role::Indicator, Role::Target].map(in_place);
        let fitted =
            [Role::Level1, Role::Level2, Role::Indicator, Role::Target].map(|role| aligned.text(role));
        [in_place, fitted].into_iter().any(|[level1, level2, name, target]| {
            level1.is_none() && level2.is_none() && self.continue_with(row, name, target)
        })
    }

    /// Puts the rests of a name and a target behind those of the last row, if they are rests.
    fn continue_with(&mut self, row: &Row<'_>, name: Option<&str>, target: Option<&str>) -> bool {
        let Some(last) = self.indicators.last_mut() else { return false };
        let before = |text: &Option<Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
        let name_goes_on = name.is_some_and(|piece| name_goes_on(&before(&last.indicator), piece));
        let target_goes_on =
            target.is_some_and(|piece| target_goes_on(&before(&last.target), piece, row.in_table));
        let is_rest = match (name, target) {
            (Some(_), None) => name_goes_on,
            (None, Some(_)) => target_goes_on,
            // A page breaks texts and no numbers: `=3` and `985米` beside two names are two targets.
            (Some(_), Some(target)) => {
                let ends_in_digit = before(&last.target).ends_with(|c: char| c.is_ascii_digit());
                let is_number_each = ends_in_digit && fold(target).starts_with(|c: char| c.is_ascii_digit());
                name_goes_on && (last.target.is_none() || (target_goes_on && !is_number_each))
            }
            (None, None) => false,
        };
        if !is_rest {
            return false;
        }
        let rests = [(Role::Indicator, name, &mut last.indicator), (Role::Target, target, &mut last.target)];
        let mut healed = Vec::new();
        for (role, piece, cell) in rests {
            if let Some(piece) = piece {
                let whole: Arc<str> = format!("{}{piece}", before(cell)).into();
                healed.push((role, piece, Arc::clone(&whole)));
                *cell = Some(whole);
            }
        }
        for (role, piece, whole) in healed {
            self.note_healed(row, role.as_str(), piece, &whole);
        }
        true
    }

    /// A class that a page broke: its rest stands in the class's column on the next page, and both together are known.
    /// Returns the row without such rests.
    fn mend_levels<'b>(&mut self, row: &Row<'b>) -> Row<'b> {
        let mut rest = row.cells().to_vec();
        for role in [Role::Level1, Role::Level2] {
            let column = self.columns.iter().find(|column| column.role == role).cloned();
            let is_there =
                |cell: &&mut RowCell<'b>| column.as_ref().is_some_and(|column| stands_in(cell, column));
            if let Some(cell) = rest.iter_mut().filter(|cell| !cell.from_above).find(is_there)
                && self.mend_level(row, cell.text, role)
            {
                *cell = RowCell { text: "", known: known(""), ..cell.clone() };
            }
        }
        row.with_cells(rest)
    }

    fn mend_level(&mut self, row: &Row<'_>, piece: &str, role: Role) -> bool {
        let (level, from) = match role {
            Role::Level1 => (&self.level1, self.level1_from),
            _ => (&self.level2, self.level2_from),
        };
        let Some(before) = level else { return false };
        let whole: Arc<str> = format!("{before}{piece}").into();
        let is_known = |text: &str| match role {
            Role::Level1 => classes().is_level1(&fold(text)),
            _ => classes().is_level2(&fold(text)),
        };
        if piece.is_empty() || is_known(piece) || is_known(before) || !is_known(&whole) {
            return false;
        }
        for indicator in &mut self.indicators[from..] {
            let level = if role == Role::Level1 { &mut indicator.level1 } else { &mut indicator.level2 };
            *level = Some(Arc::clone(&whole));
        }
        self.note_healed(row, role.as_str(), piece, &whole);
        *(if role == Role::Level1 { &mut self.level1 } else { &mut self.level2 }) = Some(whole);
        true
    }

    fn note_healed(&mut self, row: &Row<'_>, column: &'static str, piece: &str, whole: &str) {
        let message =
            "a page ended within a cell of the indicator table, and its rest stands on the next page";
        let finding = Finding::new(FindingCode::HealedPageBreak, message);
        self.findings.push(finding.with_field(column).with_found(piece).with_expected(whole).at(row.place));
    }

    /// The target as a reader would write it: the operator and the unit stand in columns of their own, or in its cell.
    fn target(&self, aligned: &Aligned<'_, '_>) -> Option<Arc<str>> {
        let cell = aligned.cell(Role::Target)?;
        let (value, folded) = (cell.text, cell.folded());
        let sign = aligned.text(Role::Operator).and_then(comparison);
        let sign = sign.filter(|_| !vocabulary().is_measured_target(folded) || starts_with_digit(folded));
        let unit = aligned.text(Role::Unit).filter(|unit| is_unit(unit) && !folded.ends_with(&fold(unit)));
        let unit = unit.filter(|_| folded.chars().next_back().is_some_and(|c| c.is_ascii_digit()));
        if sign.is_none() && unit.is_none() {
            return Some(cell.shared());
        }
        Some(format!("{}{value}{}", sign.unwrap_or_default(), unit.unwrap_or_default()).into())
    }

    /// Notes, and cells of other columns behind the headings of these, one after the other.
    fn notes(&self, aligned: &Aligned<'_, '_>, target: &str) -> Option<Arc<str>> {
        let mut notes: Vec<String> = Vec::new();
        for (role, column, cell) in &aligned.cells {
            let heading = column.and_then(|at| self.columns.get(at)).map_or("", |column| &*column.heading);
            match role {
                Role::Note => notes.push(cell.text.to_owned()),
                // What the target says already needs no note.
                Role::Operator if !target.starts_with(cell.text) => notes.push(labelled(heading, cell.text)),
                Role::Unit if !target.ends_with(cell.text) => notes.push(labelled(heading, cell.text)),
                Role::Remark | Role::Project | Role::Field => notes.push(labelled(heading, cell.text)),
                _ => {}
            }
        }
        let notes = notes.join("\n");
        if notes.is_empty() { None } else { Some(notes.into()) }
    }
}

fn starts_with_digit(folded: &str) -> bool {
    folded.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a cell of a column of units has one, and not a stroke for none.
fn is_unit(text: &str) -> bool {
    text.chars().any(|c| c.is_alphabetic() || matches!(c, '%' | '％' | '‰' | '℃' | '㎡' | '°'))
}

/// A remark behind the heading of its column.
fn labelled(heading: &str, text: &str) -> String {
    let heading: String = heading.split_whitespace().collect();
    if heading.is_empty() { text.to_owned() } else { format!("{heading}：{text}") }
}
