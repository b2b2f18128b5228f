//! A table of many projects, each a block of rows: every project is a form.
//!
//! The name and the goal of a project are merged over its block, or printed once with blanks below them. A row of one
//! name above a project's first row names the organisation of the projects that follow. What stands above the table (the
//! title, the year, the unit of money) is said of all of them.

use jixiao_model::{Finding, FindingCode, RawField, RawForm};

use crate::align::align;
use crate::columns::{Column, columns, is_header, is_of_projects};
use crate::indicators::Outcome;
use crate::row::{Row, RowCell};
use crate::sides::Tables;
use crate::table_words::Role;
use crate::vocabulary::vocabulary;
use jixiao_model::fold::fold;

/// A longer value above the table is kept once, with the first project.
const LONGEST_SHARED: usize = 600;

/// Where the heading row of a table of many projects stands among these rows.
pub fn header(rows: &[Row<'_>]) -> Option<usize> {
    rows.iter().position(|row| is_header(row) && is_of_projects(row))
}

/// A project that is being read.
struct Project {
    form: RawForm,
    name: String,
    tables: Tables,
}

/// Reads the projects of a table, from its heading row on. `shared` is a form with what stands above the table.
pub fn read(rows: &[Row<'_>], shared: RawForm) -> Vec<RawForm> {
    let width = rows.iter().flat_map(|row| &row.cells).map(|cell| cell.column + cell.span).max().unwrap_or(0);
    let mut reader = Reader {
        shared,
        width,
        header: None,
        columns: Vec::new(),
        organisation: None,
        projects: Vec::new(),
        loose: Vec::new(),
    };
    for (at, row) in rows.iter().enumerate() {
        if is_header(row) {
            reader.open(row);
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
    organisation: Option<RawField>,
    projects: Vec<Project>,
    /// Rows above the first project that are none.
    loose: Vec<RawField>,
}

impl<'b> Reader<'b> {
    fn open(&mut self, row: &Row<'b>) {
        self.columns = columns(row, self.width, &[]).columns;
        if let Some(project) = self.projects.last_mut() {
            project.tables.open(row, self.width);
        }
        self.header = Some(row.clone());
    }

    fn heading(&self, role: Role) -> Option<String> {
        self.columns.iter().find(|column| column.role == role).map(|column| column.heading.clone())
    }

    fn read_row(&mut self, row: &Row<'b>, next: Option<&Row<'b>>) {
        let columns = std::mem::take(&mut self.columns);
        let aligned = align(row, &columns);
        self.columns = columns;
        let name = aligned.cells.iter().find(|(role, ..)| *role == Role::Project).map(|(.., cell)| **cell);
        if let (Some(cell), Some(_)) = (name, row.single()) {
            let is_name =
                |row: &Row<'_>| row.printed().next().is_some_and(|first| first.column == cell.column);
            if vocabulary().is_note(cell.text) || !row.in_table {
                return self.keep(&cell);
            }
            if vocabulary().is_organisation(&fold(cell.text)) || next.is_some_and(is_name) {
                self.organisation = Some(self.field(Some("organisation"), Role::Project, &cell));
                return;
            }
        }
        if let Some(cell) = name
            && self.projects.last().is_none_or(|project| project.name != fold(cell.text))
        {
            self.begin(row, &cell);
        }
        let mut rest = row.clone();
        for (role, column, cell) in &aligned.cells {
            if !matches!(role, Role::Project | Role::Field) {
                continue;
            }
            rest.cells.retain(|other| other.from_above || other.column != cell.column);
            if *role == Role::Field {
                let column = column.and_then(|at| self.columns.get(at)).cloned();
                self.add_field(column, cell);
            }
        }
        // What reaches down from a project's first row is no class.
        let columns = &self.columns;
        rest.cells.retain(|cell| {
            let own = columns.iter().find(|column| (column.start..column.end).contains(&cell.column));
            !cell.from_above || own.is_none_or(|column| !matches!(column.role, Role::Project | Role::Field))
        });
        let Some(project) = self.projects.last_mut() else {
            let cells: Vec<RowCell<'b>> = row.printed().copied().collect();
            return cells.iter().for_each(|cell| self.keep(cell));
        };
        if !rest.is_empty() && project.tables.read_row(&rest) == Outcome::Loose {
            let cells: Vec<RowCell<'b>> = rest.printed().copied().collect();
            cells.iter().for_each(|cell| self.keep(cell));
        }
    }

    fn field(&self, code: Option<&str>, role: Role, cell: &RowCell<'_>) -> RawField {
        RawField {
            code: code.map(str::to_owned),
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

    fn begin(&mut self, row: &Row<'b>, cell: &RowCell<'_>) {
        let first = self.projects.is_empty();
        let offset = u32::try_from(self.projects.len()).unwrap_or(u32::MAX);
        let is_shared = |field: &&RawField| {
            let is_short = field.value.as_ref().is_none_or(|value| value.len() <= LONGEST_SHARED);
            first || (field.code.is_some() && is_short)
        };
        let is_overruled = |field: &&RawField| {
            self.organisation.is_some() && field.code.as_deref() == Some("organisation") && !first
        };
        let shared = self.shared.fields.iter().filter(is_shared).filter(|field| !is_overruled(field));
        // The organisation right above the project counts before that above the table.
        let mut fields: Vec<RawField> = self.organisation.iter().cloned().collect();
        fields.extend(shared.cloned());
        fields.append(&mut self.loose);
        fields.push(self.field(Some("project_name"), Role::Project, cell));
        let form = RawForm {
            number: self.shared.number.saturating_add(offset),
            place: row.place.clone(),
            family: self.shared.family.clone(),
            money_unit: self.shared.money_unit.clone(),
            fields,
            indicators: Vec::new(),
            findings: if first { std::mem::take(&mut self.shared.findings) } else { Vec::new() },
        };
        let mut tables = Tables::default();
        if let Some(header) = &self.header {
            tables.open(&without_projects(header, &self.columns), self.width);
        }
        self.projects.push(Project { form, name: fold(cell.text), tables });
    }

    /// A field of the project: its goal, in a column of its own. Printed again, with every row or page, it says nothing new.
    fn add_field(&mut self, column: Option<Column>, cell: &RowCell<'_>) {
        let Some(project) = self.projects.last_mut() else { return self.keep(cell) };
        let heading = column.map(|column| column.heading).unwrap_or_default();
        let label = vocabulary().label(&heading);
        let code = label.as_ref().map(|label| label.code.to_owned());
        let value = Some(cell.text.to_owned());
        if project.form.fields.iter().any(|field| field.code == code && field.value == value) {
            return;
        }
        let unit = label.and_then(|label| label.unit);
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

/// The heading row without the columns of fields, for the project's own indicator table.
fn without_projects<'b>(header: &Row<'b>, columns: &[Column]) -> Row<'b> {
    let is_field = |cell: &RowCell<'_>| {
        columns
            .iter()
            .any(|column| column.start == cell.column && matches!(column.role, Role::Project | Role::Field))
    };
    let cells = header.cells.iter().filter(|cell| !is_field(cell)).copied().collect();
    Row { cells, ..header.clone() }
}

/// Fields that a project has twice, with different values.
fn repeated(fields: &[RawField]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let Some(code) = field.code.as_deref().filter(|code| *code != "organisation") else { continue };
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
