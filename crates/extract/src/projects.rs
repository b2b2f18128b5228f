//! A table of many projects, each a block of rows: every project is a form.
//!
//! The name and the goal of a project are merged over its block, or printed once with blanks below them. A row of one
//! name above a project's first row names the organisation of the projects that follow. What stands above the table (the
//! title, the year, the unit of money) is said of all of them.

use std::sync::Arc;

use jixiao_model::{Finding, FindingCode, RawField, RawForm};

use crate::align::{Aligned, align, stands_in};
use crate::columns::{Column, columns, field_label, is_of_projects};
use crate::habits::{Habits, MOST_TABLES};
use crate::heading::{Part, parts_of, title};
use crate::indicators::{Outcome, moved};
use crate::numbers::is_year;
use crate::row::{Row, RowCell};
use crate::sentence::{self, End};
use crate::sides::{Tables, disputed};
use crate::table_words::Role;
use crate::vocabulary::vocabulary;
use jixiao_model::fold::{fold, split_bracket};

/// A longer value above the table is kept once, with the first project.
const LONGEST_SHARED: usize = 600;

/// Where the heading row of a table of many projects stands among these rows.
pub fn header(rows: &[Row<'_>]) -> Option<usize> {
    let at = |at: &usize| {
        (rows[*at].is_header && is_of_projects(&rows[*at]))
            || rows.get(*at + 1).is_some_and(|below| joined(&rows[*at], below).is_some())
    };
    (0..rows.len()).find(at)
}

/// Two heading rows as one, where the upper one names the projects and the lower one the columns of their indicators:
/// 项目名称 | 绩效指标 above 一级指标 | 二级指标.
fn joined<'b>(upper: &Row<'b>, lower: &Row<'b>) -> Option<Row<'b>> {
    let names_projects =
        |cell: &RowCell<'_>| cell.column_heading().is_some_and(|found| found.role == Role::Project);
    if !(upper.in_table && lower.in_table && lower.is_header && upper.printed().any(names_projects)) {
        return None;
    }
    let is_free = |cell: &&RowCell<'b>| {
        lower
            .printed()
            .all(|below| below.column + below.span <= cell.column || cell.column + cell.span <= below.column)
    };
    let mut cells: Vec<RowCell<'b>> = upper.printed().filter(is_free).cloned().collect();
    cells.extend(lower.printed().cloned());
    cells.sort_by_key(|cell| cell.column);
    let both = upper.with_cells(cells);
    (!is_of_projects(upper) && is_of_projects(&both)).then_some(both)
}

/// Rows with such pairs of heading rows joined.
fn with_joined_headings<'b>(rows: &[Row<'b>]) -> Vec<Row<'b>> {
    let mut all: Vec<Row<'b>> = Vec::with_capacity(rows.len());
    let mut rows = rows.iter().peekable();
    while let Some(row) = rows.next() {
        match rows.peek().and_then(|below| joined(row, below)) {
            Some(both) => {
                rows.next();
                all.push(both);
            }
            None => all.push(row.clone()),
        }
    }
    all
}

/// A project that is being read.
struct Project {
    form: RawForm,
    name: String,
    /// The classes of its first row.
    begins_with: [Option<String>; 2],
    tables: Tables,
}

/// Reads the projects of a table, from its heading row on. `shared` is a form with what stands above the table.
pub fn read(rows: &[Row<'_>], shared: RawForm) -> Vec<RawForm> {
    let width = rows.iter().flat_map(Row::cells).map(|cell| cell.column + cell.span).max().unwrap_or(0);
    let mut reader = Reader {
        shared,
        width,
        header: None,
        columns: Vec::new(),
        habits: Habits::default(),
        tables: 0,
        organisation: None,
        projects: Vec::new(),
        loose: Vec::new(),
        reopened: false,
        just_named: false,
        findings: Vec::new(),
    };
    let rows = with_joined_headings(rows);
    for (at, row) in rows.iter().enumerate() {
        if row.is_header {
            reader.open(row, rows.get(at + 1..).unwrap_or_default());
        } else if !row.is_empty() {
            let next = rows.get(at + 1..).and_then(|rest| rest.iter().find(|row| !row.is_empty()));
            reader.read_row(row, next);
        }
    }
    reader.finish()
}

struct Reader<'b> {
    shared: RawForm,
    width: usize,
    header: Option<Row<'b>>,
    columns: Vec<Column>,
    habits: Habits,
    /// How many tables with columns of their own there were.
    tables: usize,
    organisation: Option<RawField>,
    projects: Vec<Project>,
    /// Rows above the first project that are none.
    loose: Vec<RawField>,
    /// Whether the heading row was printed again right above, as a page does at its head.
    reopened: bool,
    /// Whether the row right above names the organisation.
    just_named: bool,
    /// About the next project.
    findings: Vec<Finding>,
}

impl<'b> Reader<'b> {
    fn open(&mut self, row: &Row<'b>, below: &[Row<'b>]) {
        let columns = columns(row, self.width, &[]).columns;
        // A heading row that a page prints again changes nothing.
        if self.columns != columns {
            self.tables += 1;
            let below = if self.tables <= MOST_TABLES { below } else { &[] };
            self.habits = Habits::of(below, &columns);
            self.columns = columns;
        }
        if let Some(project) = self.projects.last_mut() {
            project.tables.open(row, self.width, None);
        }
        self.header = Some(row.clone());
        self.reopened = !self.projects.is_empty();
    }

    fn heading(&self, role: Role) -> Option<Arc<str>> {
        self.columns.iter().find(|column| column.role == role).map(|column| Arc::clone(&column.heading))
    }

    fn read_row(&mut self, row: &Row<'b>, next: Option<&Row<'b>>) {
        let named = std::mem::take(&mut self.just_named);
        let columns = std::mem::take(&mut self.columns);
        let aligned = align(row, &columns, Some(&self.habits));
        self.columns = columns;
        let name =
            aligned.cells.iter().find(|(role, ..)| *role == Role::Project).map(|(.., cell)| (*cell).clone());
        if let (Some(cell), Some(_)) = (&name, row.single()) {
            let is_name =
                |row: &Row<'_>| row.printed().next().is_some_and(|first| first.column == cell.column);
            if !row.in_table {
                return self.read_line(cell, next.is_some_and(|next| next.in_table && is_name(next)));
            }
            if cell.is_note() {
                return self.keep(cell);
            }
            if vocabulary().is_organisation(&fold(cell.text)) || next.is_some_and(is_name) {
                let at_page_head = std::mem::take(&mut self.reopened) || row.after_break;
                if !(named && at_page_head && self.mend_organisation(cell)) {
                    self.organisation = Some(self.field(Some("organisation"), Role::Project, cell));
                }
                self.just_named = true;
                return;
            }
        }
        let at_page_head = std::mem::take(&mut self.reopened) || row.after_break;
        let goes_on = at_page_head && self.goes_on(&aligned);
        if goes_on {
            self.mend(&aligned);
        } else if let Some(cell) = &name
            && self.projects.last().is_none_or(|project| project.name != fold(cell.text))
        {
            let begins_with = [Role::Level1, Role::Level2].map(|role| aligned.text(role).map(fold));
            self.begin(row, cell, begins_with);
        }
        let mut rest = row.cells().to_vec();
        for (role, column, cell) in &aligned.cells {
            if !matches!(role, Role::Project | Role::Field) {
                continue;
            }
            rest.retain(|other| other.from_above || other.column != cell.column);
            if *role == Role::Field && !goes_on {
                let column = column.and_then(|at| self.columns.get(at)).cloned();
                self.add_field(column, cell);
            }
        }
        // What reaches down from a project's first row is no class.
        let columns = &self.columns;
        rest.retain(|cell| {
            let own = columns.iter().find(|column| (column.start..column.end).contains(&cell.column));
            !cell.from_above || own.is_none_or(|column| !matches!(column.role, Role::Project | Role::Field))
        });
        let rest = row.with_cells(rest);
        let Some(project) = self.projects.last_mut() else {
            let cells: Vec<RowCell<'b>> = row.printed().cloned().collect();
            return cells.iter().for_each(|cell| self.keep(cell));
        };
        let outcome = if rest.is_empty() {
            Outcome::Read
        } else if aligned.doubtful || is_slid(row, &aligned, columns) {
            project.form.findings.push(moved(row, &aligned, &aligned.describe()));
            let kept: Vec<&RowCell<'b>> = disputed(&aligned).collect();
            project.tables.read_settled(&in_columns(&rest, &aligned, columns), &kept)
        } else {
            project.tables.read_row(&rest)
        };
        if outcome == Outcome::Loose {
            let cells: Vec<RowCell<'b>> = rest.printed().cloned().collect();
            cells.iter().for_each(|cell| self.keep(cell));
        }
    }

    /// A line between the pages of a table, or one of its rows that is merged over its whole width, which some readers make a
    /// line: it names the organisation of the projects below it.
    fn read_line(&mut self, cell: &RowCell<'_>, before_project: bool) {
        const LONGEST_NAME: usize = 40;
        let named = parts_of(cell.text).into_iter().find_map(|part| match part {
            Part::Labelled(label, _, value) if matches!(label.code, "organisation" | "budget_unit") => {
                Some(value)
            }
            _ => None,
        });
        let folded = fold(cell.text);
        let is_name = before_project
            && folded.chars().count() <= LONGEST_NAME
            && !folded.contains(['。', ';', ',', ':', '、'])
            && !cell.is_note()
            && !is_year(&folded)
            && title(cell.text).is_none();
        let is_organisation = vocabulary().is_organisation_alone(split_bracket(&folded).0);
        match named.filter(|name| !name.is_empty()).or((is_name || is_organisation).then_some(cell.text)) {
            Some(name) => {
                let field = self.field(Some("organisation"), Role::Project, cell);
                self.organisation = Some(RawField { value: Some(name.to_owned()), ..field });
            }
            None => self.keep(cell),
        }
    }

    /// Whether the first row of a page goes on with the project above. A new project begins with a class of the first level,
    /// mostly with the one with which others do; and a project whose goal breaks off is not over.
    fn goes_on(&self, aligned: &Aligned<'_, 'b>) -> bool {
        let Some(project) = self.projects.last() else { return false };
        let (name, rest) = (aligned.text(Role::Project), aligned.text(Role::Field));
        let goal = project.form.fields.iter().rev().find(|field| field.code != Some("project_name"));
        let goal = goal.and_then(|field| field.value.as_deref()).filter(|_| self.has(Role::Field));
        let is_open = goal.is_some_and(|goal| sentence::end(goal) != End::Finished);
        let classes = [Role::Level1, Role::Level2].map(|role| aligned.text(role).map(fold));
        let is_other = classes[0].is_none() || classes != project.begins_with;
        match (name, rest) {
            (None, None) => false,
            (None, Some(rest)) => is_open && goal != Some(rest),
            (Some(name), _) if fold(name) == project.name => false,
            (Some(_), None) => {
                aligned.text(Role::Indicator).is_some()
                    && (classes[0].is_none() || (goal.is_some() && is_other))
            }
            (Some(_), Some(rest)) => is_open && is_other && sentence::end(rest) == End::Finished,
        }
    }

    fn has(&self, role: Role) -> bool {
        self.columns.iter().any(|column| column.role == role)
    }

    /// Puts what a page broke off behind the name and the goal of the project above.
    fn mend(&mut self, aligned: &Aligned<'_, 'b>) {
        let Some(project) = self.projects.last_mut() else { return };
        for (role, column, cell) in &aligned.cells {
            let heading = column.and_then(|at| self.columns.get(at)).map(|column| &*column.heading);
            let is_whole = |field: &&mut RawField| match role {
                Role::Project => field.code == Some("project_name"),
                Role::Field => field.label.as_deref() == heading,
                _ => false,
            };
            let Some(field) = project.form.fields.iter_mut().rev().find(is_whole) else { continue };
            let whole = format!("{}{}", field.value.as_deref().unwrap_or_default(), cell.text);
            let message = "the cell was broken by a page; its two pieces were put together";
            let mut finding = Finding::new(FindingCode::HealedPageBreak, message).at(cell.place);
            finding.field = field.code.map(Into::into);
            project.form.findings.push(finding.with_found(cell.text).with_expected(whole.as_str()));
            if *role == Role::Project {
                project.name = fold(&whole);
            }
            field.value = Some(whole);
        }
    }

    /// Puts what a page broke off behind the name of the organisation above, if only both are a name as organisations have.
    fn mend_organisation(&mut self, cell: &RowCell<'_>) -> bool {
        let Some(field) = &mut self.organisation else { return false };
        let begun = field.value.as_deref().unwrap_or_default();
        let whole = format!("{begun}{}", cell.text);
        if vocabulary().is_organisation(&fold(begun)) || !vocabulary().is_organisation(&fold(&whole)) {
            return false;
        }
        let message = "the cell was broken by a page; its two pieces were put together";
        let finding = Finding::new(FindingCode::HealedPageBreak, message).with_field("organisation");
        self.findings.push(finding.at(cell.place).with_found(cell.text).with_expected(whole.as_str()));
        field.value = Some(whole);
        true
    }

    fn field(&self, code: Option<&'static str>, role: Role, cell: &RowCell<'_>) -> RawField {
        RawField {
            code,
            label: self.heading(role),
            value: Some(cell.text.to_owned()),
            unit: None,
            place: cell.place.clone(),
        }
    }

    /// Keeps a text that is none of a project's cells.
    fn keep(&mut self, cell: &RowCell<'_>) {
        let field = RawField {
            code: None,
            label: None,
            value: Some(cell.text.to_owned()),
            unit: None,
            place: cell.place.clone(),
        };
        match self.projects.last_mut() {
            Some(project) => project.form.fields.push(field),
            None => self.loose.push(field),
        }
    }

    fn begin(&mut self, row: &Row<'b>, cell: &RowCell<'_>, begins_with: [Option<String>; 2]) {
        let first = self.projects.is_empty();
        let offset = u32::try_from(self.projects.len()).unwrap_or(u32::MAX);
        let is_shared = |field: &&RawField| {
            let is_short = field.value.as_ref().is_none_or(|value| value.len() <= LONGEST_SHARED);
            first || (field.code.is_some() && is_short)
        };
        let is_overruled =
            |field: &&RawField| self.organisation.is_some() && field.code == Some("organisation") && !first;
        let shared = self.shared.fields.iter().filter(is_shared).filter(|field| !is_overruled(field));
        // The organisation right above the project counts before that above the table.
        let mut fields: Vec<RawField> = self.organisation.iter().cloned().collect();
        fields.extend(shared.cloned());
        fields.append(&mut self.loose);
        fields.push(self.field(Some("project_name"), Role::Project, cell));
        let mut findings = std::mem::take(&mut self.findings);
        if first {
            findings.append(&mut self.shared.findings);
        }
        let form = RawForm {
            number: self.shared.number.saturating_add(offset),
            place: row.place.clone(),
            family: self.shared.family.clone(),
            money_unit: self.shared.money_unit.clone(),
            fields,
            indicators: Vec::new(),
            findings,
        };
        let mut tables = Tables::default();
        if let Some(header) = &self.header {
            tables.open(&without_projects(header, &self.columns), self.width, None);
        }
        self.projects.push(Project { form, name: fold(cell.text), begins_with, tables });
    }

    /// A field of the project: its goal, in a column of its own. Printed again, with every row or page, it says nothing new.
    fn add_field(&mut self, column: Option<Column>, cell: &RowCell<'_>) {
        let Some(project) = self.projects.last_mut() else { return self.keep(cell) };
        let heading = column.map(|column| column.heading).unwrap_or_default();
        let label = field_label(&heading);
        let code = label.as_ref().map(|label| label.code);
        let value = Some(cell.text.to_owned());
        if project.form.fields.iter().any(|field| field.code == code && field.value == value) {
            return;
        }
        let unit = label.and_then(|label| label.unit.map(|unit| unit.to_string()));
        project.form.fields.push(RawField {
            code,
            label: Some(heading),
            value,
            unit,
            place: cell.place.clone(),
        });
    }

    fn finish(self) -> Vec<RawForm> {
        let forms = self.projects.into_iter().map(|Project { mut form, tables, .. }| {
            let (indicators, findings) = tables.finish();
            form.indicators = indicators;
            form.findings.extend(findings);
            form.findings.extend(repeated(&form.fields));
            form.findings.sort_by(|one, other| one.place.cmp(&other.place));
            form
        });
        forms.collect()
    }
}

/// Whether cells of indicators, not only those of the project, stand in other columns than their own.
fn is_slid(row: &Row<'_>, aligned: &Aligned<'_, '_>, columns: &[Column]) -> bool {
    let is_placed = |(_, at, _): &(Role, Option<usize>, &RowCell<'_>)| at.is_some();
    let is_own = |(_, at, cell): &(Role, Option<usize>, &RowCell<'_>)| {
        at.and_then(|at| columns.get(at)).is_some_and(|column| stands_in(cell, column))
    };
    row.single().is_none() && aligned.cells.iter().all(is_placed) && !aligned.cells.iter().all(is_own)
}

/// A row with its cells under the columns that they belong to; what belongs to none for certain is left out.
fn in_columns<'b>(row: &Row<'b>, aligned: &Aligned<'_, 'b>, columns: &[Column]) -> Row<'b> {
    let mut cells: Vec<RowCell<'b>> = row.cells().iter().filter(|cell| cell.from_above).cloned().collect();
    for (role, at, cell) in &aligned.cells {
        if let Some(column) = at.and_then(|at| columns.get(at))
            && !matches!(role, Role::Project | Role::Field)
        {
            cells.push(RowCell { column: column.start, span: 1, ..(*cell).clone() });
        }
    }
    cells.sort_by_key(|cell| cell.column);
    row.with_cells(cells)
}

/// The heading row without the columns of fields, for the project's own indicator table.
fn without_projects<'b>(header: &Row<'b>, columns: &[Column]) -> Row<'b> {
    let is_field = |cell: &RowCell<'_>| {
        columns
            .iter()
            .any(|column| column.start == cell.column && matches!(column.role, Role::Project | Role::Field))
    };
    let cells = header.cells().iter().filter(|cell| !is_field(cell)).cloned().collect();
    header.with_cells(cells)
}

/// Fields that a project has twice, with different values.
fn repeated(fields: &[RawField]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let Some(code) = field.code.filter(|code| *code != "organisation") else { continue };
        let earlier = fields.iter().take(at).find(|earlier| earlier.code == field.code);
        if let Some(earlier) = earlier.filter(|earlier| earlier.value != field.value) {
            let message = "the value is printed again within the project, and differs; the first one counts";
            let mut finding =
                Finding::new(FindingCode::RepeatedLabel, message).with_field(code).at(&field.place);
            finding.found = field.value.as_deref().map(jixiao_model::finding::excerpt);
            finding.expected = earlier.value.as_deref().map(jixiao_model::finding::excerpt);
            findings.push(finding);
        }
    }
    findings
}
