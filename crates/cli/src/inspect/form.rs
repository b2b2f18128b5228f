//! One form: what was printed, what it was read as, and why.

use std::fmt::Write;

use jixiao_model::Place;
use jixiao_model::record::{Citation, Field, FindingRow, FormRecords, Indicator, Operator, TargetKind};
use serde_json::Value;

use super::naming;
use crate::failure::Failure;
use crate::terminal::{BOLD, DIM, VALUE, WARNING, columns, cut, padded, shown, styled, width};

/// How wide a value may be, unless all of it is asked for.
const COLUMNS: usize = 72;

/// Shows a form; `findings` are those of its document.
///
/// # Errors
/// If its values cannot be written as JSON, which would be a fault of jixiao.
pub fn text(records: &FormRecords, findings: &[FindingRow], full: bool) -> Result<String, Failure> {
    let form = &records.form;
    let of_form = findings.iter().filter(|row| row.form_id.as_ref() == Some(&form.form_id));
    let mut page = Page { text: String::new(), full, findings: of_form.map(Some).collect() };
    let known = |value: &Option<String>, none: &str| value.as_deref().map_or(none.to_owned(), shown);
    let heading =
        format!("Form {} at {}: {}", form.form_number, form.place, known(&form.title, "without a title"));
    let family = known(&form.form_family, "no family known");
    let _ = writeln!(
        page.text,
        "\n{} {}",
        styled(BOLD, heading),
        styled(DIM, format!("({family}; {})", form.form_id))
    );
    page.fields(records, &serde_json::to_value(form)?);
    page.indicators(&records.indicators);
    page.citations(&records.citations);
    page.other_findings();
    page.unknown_labels(&records.fields);
    Ok(page.text)
}

/// A form's text while it is put together, and the findings that it has not shown yet.
struct Page<'r> {
    text: String,
    full: bool,
    findings: Vec<Option<&'r FindingRow>>,
}

impl Page<'_> {
    fn fields(&mut self, records: &FormRecords, form: &Value) {
        self.heading("Fields", "place, label as printed, field; what was printed, → what it was read as");
        for field in &records.fields {
            let label = field.label_raw.as_deref().map_or("(no label)".to_owned(), shown);
            let code = field.field.map_or(styled(WARNING, "no field"), |code| styled(DIM, code));
            let _ = writeln!(self.text, "  {:<6} {label} {code}", field.place.to_string());
            if let Some(value) = &field.value_raw {
                let value = self.cut(value);
                self.line(&value);
            }
            if let Some(read) = read_as(field, records, form) {
                let read = styled(VALUE, format!("→ {}", self.cut(&read)));
                self.line(&read);
            }
            self.take_findings(|finding| match (&finding.field, field.field) {
                (Some(about), Some(code)) => about == code || about.strip_suffix("_yuan") == Some(code),
                (None, _) => is_at(finding, &field.place),
                (Some(_), None) => false,
            });
        }
    }

    fn indicators(&mut self, indicators: &[Indicator]) {
        self.heading(
            "Indicators",
            "place, levels and target as filed, → what the target was read as; codes of the taxonomy",
        );
        let levels: Vec<String> = indicators.iter().map(levels).collect();
        let widest = levels.iter().map(|text| width(text)).max().unwrap_or(0).min(COLUMNS);
        for (indicator, levels) in indicators.iter().zip(&levels) {
            let printed = indicator.target_raw.as_deref().map_or("(no target)".to_owned(), shown);
            let _ = writeln!(
                self.text,
                "  {:<6} {} {printed} {} {}",
                indicator.place.to_string(),
                padded(levels, widest),
                styled(VALUE, format!("→ {}", target(indicator))),
                styled(DIM, codes(indicator)),
            );
            if let Some(note) = &indicator.note {
                let note = format!("note: {}", self.cut(note));
                self.line(&note);
            }
            self.take_findings(|finding| is_at(finding, &indicator.place));
        }
    }

    fn citations(&mut self, citations: &[Citation]) {
        if citations.is_empty() {
            return;
        }
        self.heading("Citations", "place, field; title and document number");
        let rows: Vec<Vec<String>> = citations
            .iter()
            .map(|citation| {
                let title = citation
                    .title
                    .as_deref()
                    .map_or(String::new(), |title| format!("《{}》", self.cut(title)));
                let number = citation.document_number.as_deref().map_or(String::new(), shown);
                vec![citation.place.to_string(), styled(DIM, citation.field), number, title]
            })
            .collect();
        self.text += &columns(&rows, "  ");
    }

    /// Findings about no field or indicator that was shown.
    fn other_findings(&mut self) {
        if self.findings.iter().any(Option::is_some) {
            self.heading("Other findings", "");
            for index in 0..self.findings.len() {
                self.finding(index);
            }
        }
    }

    fn unknown_labels(&mut self, fields: &[Field]) {
        let snippet = naming::snippet(fields);
        if snippet.is_empty() {
            return;
        }
        self.heading("Labels that no rule knows", "their values are kept in the table `fields`");
        let _ = writeln!(
            self.text,
            "  To have them read, put this into a file, say names.toml, give each the code of a field that is there\n  \
             already (project_name, total_budget …) or leave a new one, and read again with --reference names.toml.\n  \
             For a code that is there already, leave out its kind. docs/families.md takes you through it.\n"
        );
        self.text += &snippet;
    }

    fn heading(&mut self, heading: &str, about: &str) {
        let _ = writeln!(self.text, "\n  {} {}", styled(BOLD, heading), styled(DIM, about));
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "         {line}");
    }

    fn cut(&self, text: &str) -> String {
        if self.full { shown(text) } else { cut(&shown(text), COLUMNS) }
    }

    /// Shows the findings about something, of those that are not shown yet.
    fn take_findings(&mut self, is_about: impl Fn(&FindingRow) -> bool) {
        for index in 0..self.findings.len() {
            if self.findings[index].is_some_and(&is_about) {
                self.finding(index);
            }
        }
    }

    fn finding(&mut self, index: usize) {
        let Some(finding) = self.findings[index].take() else { return };
        let severity = finding.code.severity().as_str();
        let place = finding.place.as_ref().map_or(String::new(), |place| format!(" at {place}"));
        let mark = styled(WARNING, "!");
        let mut line = format!("{mark} {severity} {}{place}: {}", finding.code, shown(&finding.message));
        for (what, text) in [("found", &finding.found), ("expected", &finding.expected)] {
            if let Some(text) = text {
                let _ = write!(line, " {} {}", styled(DIM, format!("{what}:")), self.cut(text));
            }
        }
        self.line(&line);
    }
}

fn is_at(finding: &FindingRow, place: &Place) -> bool {
    finding.place.as_ref() == Some(place)
}

/// What a field was read as, where that is not what was printed.
fn read_as(field: &Field, records: &FormRecords, form: &Value) -> Option<String> {
    let code = field.field?;
    let line = records.budget_lines.iter().find(|line| line.item == Some(code) && line.place == field.place);
    if let Some(line) = line {
        return Some(match (&line.amount_yuan, &line.unit) {
            (Some(yuan), Some(unit)) => format!("{yuan} yuan (printed in {unit})"),
            _ => "NULL".to_owned(),
        });
    }
    let read = form.get(code)?;
    let read = match read {
        Value::String(text) => text.clone(),
        Value::Null => "NULL".to_owned(),
        other => other.to_string(),
    };
    let printed = field.value_raw.as_deref();
    (printed != Some(read.as_str()) && !(printed.is_none() && read == "NULL")).then_some(read)
}

fn levels(indicator: &Indicator) -> String {
    let parts = [&indicator.level1, &indicator.level2, &indicator.indicator];
    parts.map(|part| part.as_deref().map_or("(blank)".to_owned(), shown)).join(" › ")
}

fn target(indicator: &Indicator) -> String {
    let target = &indicator.target;
    let number = |number: Option<rust_decimal::Decimal>| number.map(|number| number.normalize().to_string());
    let parts = [
        target.kind.map(TargetKind::as_str).map(str::to_owned),
        target.operator.map(Operator::as_str).map(str::to_owned),
        number(target.value),
        number(target.upper),
        target.unit.as_deref().map(shown),
        target.text.as_deref().map(shown),
    ];
    let read = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if read.is_empty() { "NULL".to_owned() } else { read }
}

fn codes(indicator: &Indicator) -> String {
    let code = |code: Option<&'static str>| code.unwrap_or("?");
    format!(
        "{} {} {}",
        code(indicator.level1_code),
        code(indicator.level2_code),
        code(indicator.indicator_code)
    )
}
