//! The columns of an indicator table, by its heading row.
//!
//! Two tables may stand side by side, one for the whole time of the project and one for the year: then a heading is
//! printed twice, and the columns from its second time on are the second side. Columns before the first of them belong
//! to both.

use std::sync::Arc;

use jixiao_model::Scope;

use crate::row::{Row, RowCell};
use crate::table_words::{Role, column_scope, group_scope};
use crate::vocabulary::{Label, vocabulary};

/// A column of an indicator table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What it holds.
    pub role: Role,
    /// Its first slot.
    pub start: usize,
    /// The slot behind its last.
    pub end: usize,
    /// Its heading as printed; empty where there is none.
    pub heading: Arc<str>,
    /// The side to which it belongs, where two tables stand side by side; `None` if to both.
    pub side: Option<usize>,
}

impl Column {
    /// A column of one slot without a heading.
    pub fn plain(role: Role, start: usize) -> Self {
        Self { role, start, end: start + 1, heading: "".into(), side: None }
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// The roles that a table without a heading row has, in their columns.
pub const USUAL: [Role; 4] = [Role::Level1, Role::Level2, Role::Indicator, Role::Target];

/// Whether a row is the heading row of an indicator table.
pub fn is_header(row: &Row<'_>) -> bool {
    let headings = || row.printed().filter_map(RowCell::column_heading);
    let known = headings().count();
    let core =
        |weak: bool| headings().filter(|heading| heading.role.is_core() && heading.weak == weak).count();
    let groups = || row.printed().filter(|cell| cell.is_group() || is_project_label(cell)).count();
    // 一级指标 may stand alone beside 长期绩效指标 and 年度绩效指标, whose columns have their headings in the row below.
    let two_sides = || row.printed().filter(|cell| cell.group_scope().is_some()).count() == 2;
    (known >= 2 || (known == 1 && two_sides()))
        && (core(false) >= 1 || core(true) >= 2)
        && (known + groups()) * 2 >= row.printed_count()
}

/// The label of a field that a column of a table of many projects holds.
pub fn field_label(text: &str) -> Option<Label> {
    vocabulary().label(text).or_else(|| vocabulary().heading_label(text))
}

fn is_project_label(cell: &RowCell<'_>) -> bool {
    cell.label().is_some() || cell.heading_label().is_some()
}

/// Whether a heading row is that of a table of many projects.
pub fn is_of_projects(row: &Row<'_>) -> bool {
    let has =
        |role| row.printed().any(|cell| cell.column_heading().is_some_and(|heading| heading.role == role));
    has(Role::Project) && has(Role::Target) && (has(Role::Level1) || has(Role::Indicator))
}

/// What a heading row says.
#[derive(Debug, Default)]
pub struct Columns {
    /// The columns, from left to right.
    pub columns: Vec<Column>,
    /// Roles whose headings are gone and whose columns were put where they would stand.
    pub missing: Vec<Role>,
    /// What the headings say of the scope of each side; two sides at most.
    pub scopes: Vec<Option<Scope>>,
    /// Headings that no rule knows.
    pub unknown: Vec<String>,
}

/// The columns under a heading row in a table of so many slots. `above` are those of the heading row right above, whose
/// cells may reach over several of this row. A column that the row itself has lost is put where it would stand.
pub fn columns(header: &Row<'_>, width: usize, above: &[Column]) -> Columns {
    let of_projects = is_of_projects(header);
    let cells: Vec<_> = header.printed().collect();
    let headings: Vec<_> = cells.iter().map(|cell| cell.column_heading()).collect();
    let is_strong = |role| {
        let named = headings.iter().flatten().any(|heading| heading.role == role && !heading.weak);
        let is_under = |column: &Column| {
            cells.iter().any(|cell| cell.column < column.end && column.start < cell.column + cell.span)
        };
        named || above.iter().any(|column| column.role == role && !is_under(column))
    };
    let mut columns: Vec<Column> = Vec::new();
    let mut unknown = Vec::new();
    let mut weak_level1 = false;
    for (cell, heading) in cells.iter().zip(&headings) {
        let role = match heading {
            Some(heading) if heading.role == Role::Project && !of_projects => Role::Remark,
            Some(heading) if !heading.weak => heading.role,
            Some(heading) if !is_strong(heading.role) => {
                weak_level1 |= heading.role == Role::Level1;
                heading.role
            }
            Some(heading) if heading.role == Role::Level1 => Role::Group,
            Some(_) => Role::Remark,
            None if of_projects && is_project_label(cell) => Role::Field,
            None if cell.is_group() && is_below_target(cell, above) => Role::Target,
            None if cell.is_group() => Role::Group,
            None => {
                unknown.push(cell.text.to_owned());
                Role::Remark
            }
        };
        let (start, end) = (cell.column, cell.column + cell.span);
        columns.push(Column { role, start, end, heading: cell.shared(), side: None });
    }
    let kept = above.iter().filter(|old| columns.iter().all(|new| !new.overlaps(old))).cloned();
    let kept: Vec<_> = kept.collect();
    columns.extend(kept);
    columns.sort_by_key(|column| column.start);
    let scopes = set_sides(&mut columns);
    let mut found = Columns { columns, missing: Vec::new(), scopes, unknown };
    if found.scopes.len() < 2 && !weak_level1 && !of_projects {
        found.missing = put_missing(&mut found.columns, width);
    }
    found
}

/// Whether a cell stands below a wider one that heads the targets.
fn is_below_target(cell: &RowCell<'_>, above: &[Column]) -> bool {
    let Some((start, end)) = wide_target(above) else { return false };
    start <= cell.column && cell.column + cell.span <= end
}

/// Where the column of targets begins and ends, if it is wider than a slot. A heading that lost its span reaches to the next
/// one.
pub fn wide_target(columns: &[Column]) -> Option<(usize, usize)> {
    let at = columns.iter().position(|column| column.role == Role::Target)?;
    let target = &columns[at];
    let end = columns.get(at + 1).map_or(usize::MAX, |next| next.start).max(target.end);
    (end > target.start + 1).then_some((target.start, end))
}

/// Tells the sides of a table apart, and makes what is repeated for no such reason a remark: of two targets the first
/// counts, and none is lost. Returns the scopes of the sides.
fn set_sides(columns: &mut [Column]) -> Vec<Option<Scope>> {
    let count = |columns: &[Column], role| columns.iter().filter(|column| column.role == role).count();
    let repeats = |at: &usize| {
        let role = columns[*at].role;
        let repeatable = role.is_core() || role == Role::Group;
        repeatable && columns[..*at].iter().any(|column| column.role == role)
    };
    let two_targets = count(columns, Role::Target) == 2;
    if two_targets && count(columns, Role::Indicator) == 2 {
        if let Some(second) = (0..columns.len()).find(repeats) {
            let role = columns[second].role;
            let first = columns.iter().position(|column| column.role == role).unwrap_or(0);
            for (at, column) in columns.iter_mut().enumerate().skip(first) {
                column.side = Some(usize::from(at >= second));
            }
            // What stands behind both and only once belongs to both.
            let lone = |column: &Column| !column.role.is_core() && count(columns, column.role) == 1;
            let shared: Vec<_> =
                columns.iter().map(|column| column.side == Some(1) && lone(column)).collect();
            for (column, shared) in columns.iter_mut().zip(shared) {
                column.side = column.side.filter(|_| !shared);
            }
            let of = |side| {
                let mut own = columns.iter().filter(move |column| column.side == Some(side));
                own.find_map(|column| group_scope(&column.heading).or_else(|| column_scope(&column.heading)))
            };
            let scopes = vec![of(0), of(1)];
            drop_repeated(columns);
            return scopes;
        }
    } else if two_targets {
        let targets: Vec<_> = (0..columns.len()).filter(|at| columns[*at].role == Role::Target).collect();
        let scopes: Vec<_> = (targets.iter())
            .map(|at| column_scope(&columns[*at].heading).or_else(|| group_scope(&columns[*at].heading)))
            .collect();
        if scopes.iter().all(Option::is_some) && scopes[0] != scopes[1] {
            for (side, at) in targets.into_iter().enumerate() {
                columns[at].side = Some(side);
            }
            drop_repeated(columns);
            return scopes;
        }
    }
    drop_repeated(columns);
    let scope = columns
        .iter()
        .find_map(|column| (column.role == Role::Group).then(|| group_scope(&column.heading))?);
    vec![scope]
}

fn drop_repeated(columns: &mut [Column]) {
    for at in 1..columns.len() {
        let (before, rest) = columns.split_at_mut(at);
        let column = &mut rest[0];
        let single =
            column.role.is_core() || matches!(column.role, Role::Weight | Role::Operator | Role::Unit);
        if single && before.iter().any(|other| other.role == column.role && other.side == column.side) {
            column.role = Role::Remark;
        }
    }
}

fn put_missing(columns: &mut Vec<Column>, width: usize) -> Vec<Role> {
    let has = |role| columns.iter().any(|column| column.role == role);
    let missing: Vec<Role> = USUAL.into_iter().filter(|role| !has(*role)).collect();
    let no_levels =
        !has(Role::Level1) && !has(Role::Level2) && columns.first().is_some_and(|first| first.start == 0);
    if missing.is_empty() || missing.len() > 2 || no_levels {
        return Vec::new();
    }
    for role in &missing {
        // The slot in which it would stand: behind the role before it.
        let index = columns.iter().take_while(|column| column.role < *role).count();
        let start = index.checked_sub(1).map_or(0, |before| columns[before].end);
        let next = columns.get(index).map_or(width, |column| column.start);
        if start < next {
            columns.insert(index, Column::plain(*role, start));
        } else if columns.last().is_some_and(|last| last.end < width) {
            // Its cell is gone, and all behind it slid to the left.
            for column in &mut columns[index..] {
                column.start += 1;
                column.end += 1;
            }
            columns.insert(index, Column::plain(*role, start));
        }
    }
    missing
}
