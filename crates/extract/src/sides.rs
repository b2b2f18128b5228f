//! The indicator tables of a form: one, or two side by side that share their rows.
//!
//! A row is laid under all columns at once, since a blank that got lost moves both sides; then each side reads its own
//! cells as a table of its own. The indicators of the whole time of the project come before those of the year, each in
//! the order of their rows.

use jixiao_model::{Finding, FindingCode, RawIndicator, Scope};

use crate::align::{Aligned, align, stands_in};
use crate::columns::{Column, columns, wide_target};
use crate::habits::{Habits, MOST_TABLES};
use crate::indicators::{Outcome, Table, moved};
use crate::row::{Row, RowCell};
use crate::table_words::Role;

/// The indicator tables of a form that are being read.
#[derive(Default)]
pub struct Tables {
    columns: Vec<Column>,
    habits: Option<Habits>,
    /// How many tables with columns of their own there were.
    tables: usize,
    sides: Vec<Table>,
    /// How many sides the columns have.
    active: usize,
    /// Scopes that stood beside each other above the table, and one that stood alone right above it.
    beside: Option<[Scope; 2]>,
    alone: Option<Scope>,
    /// Whether no row stood below the heading row yet, so that another one belongs to it.
    just_opened: bool,
    findings: Vec<Finding>,
}

impl Tables {
    /// Remembers what a row above the table says of scopes: 中期目标 beside 年度目标, or 年度绩效指标 alone.
    pub fn announce(&mut self, row: &Row<'_>) {
        let scopes: Vec<Scope> = row.printed().filter_map(RowCell::group_scope).collect();
        if let [.., first, second] = scopes.as_slice()
            && first != second
        {
            self.beside = Some([*first, *second]);
        }
        // 总体目标 beside a blank is a label, and its goal is not there; 年度绩效指标 heads indicators.
        let is_heading = |cell: &RowCell<'_>| row.cells().len() == 1 || cell.folded().contains("指标");
        self.alone = row.single().and_then(|cell| cell.group_scope().filter(|_| is_heading(cell)));
    }

    /// Opens the table, or goes on with it on another page, by its heading row. `below` are the rows below it, if those that
    /// will be read stand as they were printed.
    pub fn open(&mut self, header: &Row<'_>, width: usize, below: Option<&[Row<'_>]>) {
        let above = if self.just_opened { self.columns.as_slice() } else { &[] };
        // 长期绩效指标 beside 年度绩效指标 may stand in the heading itself, above the headings of their columns.
        let groups: Vec<Scope> = header.printed().filter_map(RowCell::group_scope).collect();
        if let [first, second] = groups.as_slice()
            && first != second
        {
            self.beside = Some([*first, *second]);
        }
        let found = columns(header, width, above);
        if !found.missing.is_empty() {
            let printed: Vec<_> = header.printed().map(|cell| cell.text).collect();
            let missing: Vec<_> = found.missing.iter().map(|role| role.as_str()).collect();
            let message =
                "a heading of the indicator table is missing; its column was put where it would stand";
            let finding = Finding::new(FindingCode::ShiftedRow, message).with_field("indicators");
            let finding = finding.with_found(printed.join(" | ")).with_expected(missing.join(" | "));
            self.findings.push(finding.at(header.place));
        }
        for unknown in &found.unknown {
            let message = "no rule knows this column of the indicator table; its cells are kept in `note`, behind this heading, and data/reference/indicator_table.toml can name it";
            let finding = Finding::new(FindingCode::UnknownLabel, message).with_field("indicators");
            self.findings.push(finding.with_found(unknown.as_str()).at(header.place));
        }
        let scopes = self.scopes(&found.scopes);
        // A heading row that a page prints again changes nothing.
        if self.columns != found.columns {
            self.tables += 1;
            let below = below.filter(|_| self.tables <= MOST_TABLES && Habits::count(&found.columns));
            self.habits = below.map(|rows| Habits::of(rows, &found.columns));
        }
        self.active = scopes.len();
        self.sides.resize_with(self.sides.len().max(self.active), Table::default);
        for (side, scope) in scopes.into_iter().enumerate() {
            let own = found.columns.iter().filter(|column| column.side.is_none_or(|of| of == side));
            let habits = if self.active == 1 { self.habits.clone() } else { None };
            self.sides[side].open(own.cloned().collect(), scope, habits);
        }
        self.columns = found.columns;
        (self.just_opened, self.alone) = (true, None);
    }

    /// Whether a row right below a heading row parts the column of targets: 实施周期指标 and 年度指标 below 目标值, 上年 and
    /// 预计当年实现 below 指标值.
    pub fn is_subheading(&self, row: &Row<'_>) -> bool {
        if !self.just_opened {
            return false;
        }
        let Some((start, end)) = wide_target(&self.columns) else { return false };
        let is_part = |cell: &RowCell<'_>| {
            let within = start <= cell.column && cell.column + cell.span <= end;
            within && (cell.group_scope().is_some() || cell.column_heading().is_some())
        };
        row.in_table && row.single().is_none() && row.printed().all(is_part)
    }

    /// The scopes of the sides. Where nothing says which is which, the first is that of the whole time, as in the forms of
    /// the Ministry.
    fn scopes(&self, printed: &[Option<Scope>]) -> Vec<Option<Scope>> {
        let other = |scope| if scope == Scope::Annual { Scope::Overall } else { Scope::Annual };
        match *printed {
            [Some(first), Some(second)] => vec![Some(first), Some(second)],
            [Some(first), None] => vec![Some(first), Some(other(first))],
            [None, Some(second)] => vec![Some(other(second)), Some(second)],
            [None, None] => self.beside.unwrap_or([Scope::Overall, Scope::Annual]).map(Some).to_vec(),
            [scope] => vec![scope.or(self.alone)],
            _ => vec![self.alone],
        }
    }

    /// Opens a table that has no heading row.
    pub fn open_without_heading(&mut self) {
        self.sides.resize_with(self.sides.len().max(1), Table::default);
        self.active = 1;
        self.sides[0].open_without_heading();
        if let Some(scope) = self.alone.take() {
            self.sides[0].set_scope(scope);
        }
    }

    /// Whether a heading row was seen.
    pub fn is_open(&self) -> bool {
        self.active > 0
    }

    /// Adds a finding about the table.
    pub fn note(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Reads a row.
    pub fn read_row(&mut self, row: &Row<'_>) -> Outcome {
        self.just_opened = false;
        if let Some((rest, weight)) = with_weight(row) {
            return self.read_weighted(&rest, weight);
        }
        if self.active < 2 || !row.in_table || row.is_empty() {
            return self.sides.first_mut().map_or(Outcome::Loose, |side| side.read_row(row));
        }
        if row.single().is_some_and(|cell| cell.span > 1 && cell.span >= self.columns.len()) {
            return Outcome::Loose;
        }
        let columns = std::mem::take(&mut self.columns);
        let aligned = align(row, &columns, self.habits.as_ref());
        if aligned.shifted || aligned.doubtful {
            self.findings.push(moved(row, &aligned, &aligned.describe()));
        }
        for (side, table) in self.sides.iter_mut().take(self.active).enumerate() {
            let mut own = cells_of(row, &aligned, &columns, side);
            if is_value_of_other(&aligned, &columns, side) {
                let is_name = |cell: &RowCell<'_>| {
                    columns.iter().any(|column| column.role == Role::Indicator && stands_in(cell, column))
                };
                own.retain(|cell| !is_name(cell));
            }
            let own = row.with_cells(own);
            if !own.is_empty() {
                table.read_settled(&own);
            }
        }
        self.columns = columns;
        if aligned.doubtful
            && let Some(first) = self.sides.first_mut()
        {
            disputed(&aligned).for_each(|cell| first.keep(cell.text));
        }
        Outcome::Read
    }

    /// Reads a row whose cells were put where they belong, and keeps what may belong to two columns.
    pub fn read_settled(&mut self, row: &Row<'_>, kept: &[&RowCell<'_>]) -> Outcome {
        self.just_opened = false;
        let Some(first) = self.sides.first_mut() else { return Outcome::Loose };
        let outcome = first.read_settled(row);
        kept.iter().for_each(|cell| first.keep(cell.text));
        outcome
    }

    /// A row that prints its weight behind the word: 年度预算执行率 | 100% | 分值 | 10分. It belongs to no class.
    fn read_weighted(&mut self, row: &Row<'_>, weight: &str) -> Outcome {
        let Some(side) = self.sides.get_mut(self.active.saturating_sub(1)) else { return Outcome::Loose };
        let before = side.indicators.len();
        let outcome = side.read_settled(row);
        if let Some(read) = side.indicators.get_mut(before..).and_then(<[_]>::first_mut) {
            read.weight = Some(weight.into());
            (read.level1, read.level2) = (None, None);
        }
        outcome
    }

    /// The indicators, those of the whole time first, and what was found.
    pub fn finish(self) -> (Vec<RawIndicator>, Vec<Finding>) {
        let mut findings = self.findings;
        let mut indicators = Vec::new();
        for mut side in self.sides {
            if indicators.is_empty() {
                indicators = side.indicators;
            } else {
                indicators.append(&mut side.indicators);
            }
            findings.append(&mut side.findings);
        }
        indicators.sort_by_key(|indicator| indicator.scope == Scope::Annual);
        (indicators, findings)
    }
}

/// The cells of a row that may belong to two columns.
pub fn disputed<'a, 'b>(aligned: &'a Aligned<'_, 'b>) -> impl Iterator<Item = &'a RowCell<'b>> {
    aligned.cells.iter().filter(|(_, at, _)| at.is_none() && aligned.doubtful).map(|(.., cell)| *cell)
}

/// The cells of a side, each under its own column.
fn cells_of<'b>(
    row: &Row<'b>,
    aligned: &Aligned<'_, 'b>,
    columns: &[Column],
    side: usize,
) -> Vec<RowCell<'b>> {
    let is_own = |column: &Column| column.side.is_none_or(|of| of == side);
    let reaching = row.cells().iter().filter(|cell| {
        cell.from_above && columns.iter().any(|column| is_own(column) && stands_in(cell, column))
    });
    let mut cells: Vec<RowCell<'b>> = reaching.cloned().collect();
    for (_, at, cell) in &aligned.cells {
        match at.and_then(|at| columns.get(at)) {
            Some(column) if is_own(column) => {
                cells.push(RowCell { column: column.start, span: 1, ..(*cell).clone() });
            }
            // What no column takes is kept once.
            None if side == 0 && !aligned.doubtful => cells.push((*cell).clone()),
            _ => {}
        }
    }
    cells.sort_by_key(|cell| cell.column);
    cells
}

/// Whether both sides share the name of the indicator, and only the other one has a value for it.
fn is_value_of_other(aligned: &Aligned<'_, '_>, columns: &[Column], side: usize) -> bool {
    let is_shared = columns.iter().any(|column| column.role == Role::Indicator && column.side.is_none());
    let sides = aligned.cells.iter().filter(|(role, ..)| *role == Role::Target);
    let mut sides = sides.filter_map(|(_, at, _)| columns.get((*at)?)?.side).peekable();
    is_shared && sides.peek().is_some() && sides.all(|of| of != side)
}

/// A row without the word for weight and the number behind it, and that number.
pub fn with_weight<'b>(row: &Row<'b>) -> Option<(Row<'b>, &'b str)> {
    if row.printed_count() <= 3 {
        return None;
    }
    let is_word =
        |cell: &RowCell<'_>| cell.column_heading().is_some_and(|heading| heading.role == Role::Weight);
    let mut pairs = row.printed().zip(row.printed().skip(1));
    let (word, number) = pairs.find(|(word, number)| is_word(word) && number.looks().weight)?;
    let word = word.column;
    let cells = row
        .cells()
        .iter()
        .filter(|cell| cell.from_above || (cell.column != word && cell.column != number.column));
    Some((row.with_cells(cells.cloned().collect()), number.text))
}
