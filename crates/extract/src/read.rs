//! The whole way from bytes to raw forms.

use std::collections::BTreeSet;

use jixiao_model::finding::excerpt;
use jixiao_model::{Finding, FindingCode, Place, RawDocument, RawField, RawForm};

use crate::decode::{Decoded, decode};
use crate::doubtful::{part_torn, without_doubtful};
use crate::fields::{CodesInCells, Item, read_above_values, read_parts, read_row};
use crate::format::{Kind, kind};
use crate::funding::{expand, name_parts};
use crate::group::{groups, is_goal};
use crate::heading::title_parts;
use crate::heal::heal;
use crate::indicators::{Outcome, looks_like_indicator};
use crate::projects;
use crate::readers::{Cut, Pages, Unreadable, blocks, text_pages};
use crate::row::{Row, RowCell, rows};
use crate::sides::{Tables, with_weight};
use crate::split::{HEADING_CODES, Region, regions};
use crate::torn_rows::{without_marks, without_torn};
use crate::vocabulary::{Kind as LabelKind, vocabulary};

/// A document halfway: decoded and cut into blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocks<'b> {
    /// `text`, `html`, `docx` …: the column `format`.
    pub format: &'static str,
    /// The text and its encoding, of what is text.
    pub decoded: Option<Decoded<'b>>,
    /// What was read.
    pub pages: Pages,
    /// How cells were told in a text that has neither tabs nor markup.
    pub cut: Option<Cut>,
}

/// Reads a document: everything that its bytes tell about the forms in it. Never fails.
pub fn read(bytes: &[u8]) -> RawDocument {
    let kind = kind(bytes);
    let read = match kind {
        Kind::Text => read_text(bytes),
        _ => blocks(bytes).map(|Blocks { format, pages, cut, .. }| read_pages(format, pages, cut)),
    };
    read.unwrap_or_else(|reason| RawDocument {
        format: kind.code(),
        unreadable: Some(reason.to_string()),
        ..RawDocument::default()
    })
}

fn read_text(bytes: &[u8]) -> Result<RawDocument, Unreadable> {
    let decoded = decode(bytes).ok_or(Unreadable::Unknown)?;
    let (format, pages, cut) = text_pages(&decoded)?;
    let read = read_pages(format, pages, cut);
    Ok(RawDocument { encoding: Some(decoded.encoding), encoding_evidence: Some(decoded.evidence), ..read })
}

fn read_pages<T: AsRef<str>>(format: &'static str, pages: Pages<T>, cut: Option<Cut>) -> RawDocument {
    RawDocument {
        format: Some(format),
        replacement_count: pages.replacement_count,
        forms: forms(&rows(&pages.blocks), &pages.without_lines, cut),
        findings: pages.findings,
        ..RawDocument::default()
    }
}

/// The forms in the rows of a document.
fn forms(rows: &[Row<'_>], without_lines: &[[Place; 2]], cut: Option<Cut>) -> Vec<RawForm> {
    let mut forms = Vec::new();
    for region in &regions(rows) {
        let places = rows[region.rows.clone()].iter().filter(|row| row.in_table).map(|row| row.place);
        let is_guessed = |place: &Place| without_lines.iter().any(|[from, to]| from <= place && place <= to);
        let cut = cut.or_else(|| places.into_iter().any(is_guessed).then_some(Cut::Gaps));
        let number = u32::try_from(forms.len() + 1).unwrap_or(u32::MAX);
        forms.extend(read_region(rows, region, number, cut));
    }
    forms
}

/// The forms of a region: one, or as many as a table of projects has.
fn read_region(rows: &[Row<'_>], region: &Region<'_>, number: u32, cut: Option<Cut>) -> Vec<RawForm> {
    let Some(header) = projects::header(&rows[region.rows.clone()]) else {
        return vec![read_form(rows, region, number, cut)];
    };
    let header = region.rows.start + header;
    let above = Region {
        rows: region.rows.start..header,
        title: region.title,
        repeated_titles: region.repeated_titles.clone(),
    };
    let shared = read_form(rows, &above, number, cut);
    let own = (header..region.rows.end).filter(|row| !region.repeated_titles.contains(row));
    let own = own.map(|row| rows[row].clone()).filter(|row| !is_page_furniture(row));
    projects::read(&own.collect::<Vec<_>>(), shared)
}

fn read_form(rows: &[Row<'_>], region: &Region<'_>, number: u32, cut: Option<Cut>) -> RawForm {
    let first = &rows[region.rows.start.min(rows.len().saturating_sub(1))];
    let mut items = Vec::with_capacity(region.rows.len());
    let mut table = Tables::default();
    let mut findings = Vec::new();
    if region.title.is_none() {
        let message = "a form without a title, told by its fields and its indicator table";
        let finding = Finding::new(FindingCode::FormWithoutTitle, message).with_field("title");
        findings.push(finding.at(first.place));
    }
    findings.extend(cut.map(|cut| columns_guessed(cut, first.place)));
    let width =
        rows[region.rows.clone()].iter().flat_map(Row::cells).map(|cell| cell.column + cell.span).max();
    read_body(rows, region, width.unwrap_or(0), &mut items, &mut table);

    let items = name_parts(expand(items));
    let items = match cut {
        Some(Cut::LabelsInside | Cut::Scrambled) => without_doubtful(items),
        _ => items,
    };
    let mut healed = heal(&items);
    if let Some(cut) = cut {
        let (fields, torn) = part_torn(std::mem::take(&mut healed.fields), cut);
        healed.fields = fields;
        findings.extend(torn);
    }
    findings.extend(healed.findings);
    findings.extend(unknown_labels(&healed.fields));
    let (mut indicators, about_indicators) = table.finish();
    findings.extend(about_indicators);
    if let Some(cut) = cut {
        let (kept, torn) = without_torn(indicators, &mut healed.fields, cut);
        indicators = kept;
        findings.extend(torn);
        without_marks(&mut healed.fields, &mut findings);
    }
    findings.sort_by(|one, other| one.place.cmp(&other.place));
    RawForm {
        number,
        place: first.place.clone(),
        family: region.title.as_ref().and_then(|(_, title)| Some(title.family?.code.clone())),
        money_unit: money_unit(&healed.fields),
        fields: healed.fields,
        indicators,
        findings,
    }
}

/// Says of a form how its cells were told.
fn columns_guessed(cut: Cut, place: &Place) -> Finding {
    let why = if cut == Cut::Gaps {
        "no lines are drawn around cells"
    } else {
        "the text has neither tabs nor markup"
    };
    let message = format!("{why}: {}", cut.describe());
    Finding::new(FindingCode::ColumnsGuessed, message).at(place)
}

/// Where in a form a row stands.
#[derive(PartialEq, Eq)]
enum Part {
    /// Above the first label in a table: lines need no label.
    Heading,
    Fields,
    /// Behind a heading that announces indicators.
    BeforeIndicators,
    Indicators,
    /// Below the indicators, where notes stand, and what is no part of the form.
    Below,
}

fn read_body<'b>(
    rows: &[Row<'b>],
    region: &Region<'b>,
    width: usize,
    items: &mut Vec<Item<'b>>,
    table: &mut Tables,
) {
    let in_cells = CodesInCells::new(&rows[region.rows.clone()]);
    let repeated: BTreeSet<usize> = region.repeated_titles.iter().copied().collect();
    let mut part = Part::Heading;
    // The row that was read together with the one above it.
    let mut done = region.rows.start;
    for number in region.rows.clone() {
        let row = &rows[number];
        let is_done = number > region.rows.start && number == done;
        if is_done || row.is_empty() || repeated.contains(&number) || is_page_furniture(row) {
            continue;
        }
        if let Some((at, title)) = &region.title
            && *at == number
        {
            read_parts(title_parts(title), row.place, number, items);
            continue;
        }
        if row.is_header || table.is_subheading(row) {
            table.open(row, width, Some(below(rows, region, number)));
            part = Part::Indicators;
            continue;
        }
        let heading = row.printed().next().and_then(RowCell::heading);
        let heading = heading.filter(|_| groups(row).is_empty() && !is_goal(row));
        // The merged cell before the classes is no heading of a part.
        let grouped = row.in_table
            && row.printed_count() > 2
            && table.is_open()
            && row.printed().next().is_some_and(RowCell::is_group);
        let heading = heading.filter(|_| !grouped);
        let labelled = !grouped && is_labelled(row) && !(part == Part::Indicators && is_under_class(row));
        if part != Part::Indicators || heading.is_some() {
            table.announce(row);
        }
        if part == Part::Below && !labelled && heading.is_none() {
            if goes_on_below(row) {
                part = Part::Indicators;
            } else {
                keep_below(row, items);
                continue;
            }
        }
        if matches!(part, Part::Heading | Part::Fields | Part::BeforeIndicators)
            && !labelled
            && (looks_like_indicator(row)
                || (row.in_table && with_weight(row).is_some())
                || (part == Part::BeforeIndicators && row.single().is_none() && row.in_table))
        {
            if !table.is_open() {
                table.open_without_heading();
            }
            part = Part::Indicators;
        }
        if part == Part::Indicators && !labelled && heading.is_none() {
            if !read_indicator_row(row, items, table) {
                part = Part::Below;
            }
            continue;
        }
        let in_heading = part == Part::Heading && row.single().is_some();
        part = match heading {
            Some(true) => Part::BeforeIndicators,
            _ if in_heading && (!labelled || is_heading_label(row)) => Part::Heading,
            _ => Part::Fields,
        };
        if let Some(below) = rows.get(number + 1)
            && region.rows.contains(&(number + 1))
            && read_above_values(row, below, number, items)
        {
            done = number + 1;
            continue;
        }
        match row.single() {
            Some(cell) if above_title(region, number) && cell.is_organisation_alone() => {
                items.push(Item::Remark { code: Some("organisation"), text: cell.text, place: cell.place });
            }
            Some(cell) if part == Part::Heading => {
                read_parts(crate::heading::parts_of(cell.text), cell.place, number, items);
            }
            _ => read_row(row, number, &in_cells, items),
        }
    }
}

/// The rows of a form below one of them.
fn below<'r, 'b>(rows: &'r [Row<'b>], region: &Region<'_>, number: usize) -> &'r [Row<'b>] {
    rows.get(number + 1..region.rows.end).unwrap_or_default()
}

/// Whether a row of a form stands above its title.
fn above_title(region: &Region<'_>, number: usize) -> bool {
    region.title.as_ref().is_some_and(|(title, _)| number < *title)
}

/// Whether a line begins with a label of headings: below it another line of the heading may stand.
fn is_heading_label(row: &Row<'_>) -> bool {
    let first = row.single().filter(|cell| cell.has_labels());
    let first = first.map(|cell| crate::heading::parts_of(cell.text).into_iter().next());
    matches!(first, Some(Some(crate::heading::Part::Labelled(label, ..))) if HEADING_CODES.contains(&label.code))
}

/// Whether a row stands within a cell that reaches down to it: 完成时间 below 时效指标 is an indicator and no label.
fn is_under_class(row: &Row<'_>) -> bool {
    let first = row.printed().next().map_or(0, |cell| cell.column);
    row.cells().iter().any(|cell| cell.from_above && cell.column < first && !cell.text.is_empty())
}

/// Whether a row within or below an indicator table begins with a label, and so ends the table.
fn is_labelled(row: &Row<'_>) -> bool {
    let Some(first) = row.printed().next() else { return false };
    match first.label() {
        Some(label) => {
            label.colon || matches!(label.kind, LabelKind::Narrative | LabelKind::Amount | LabelKind::Date)
        }
        None => {
            let begins_with_label = |text| {
                let first = crate::heading::parts_of(text).into_iter().next();
                matches!(first, Some(crate::heading::Part::Labelled(..)))
            };
            (first.has_labels() && begins_with_label(first.text))
                || (row.in_table && row.single().is_none() && first.is_label_with_colon())
        }
    }
}

/// Reads a row within an indicator table. Returns whether the table may go on behind it: not behind a line of text.
fn read_indicator_row<'b>(row: &Row<'b>, items: &mut Vec<Item<'b>>, table: &mut Tables) -> bool {
    if table.read_row(row) == Outcome::Read {
        return true;
    }
    let is_sum = row.printed().next().is_some_and(RowCell::is_total);
    for cell in row.printed() {
        // What stands below the table and outside of any is a note or the foot of a page, and nobody misses its label.
        if row.in_table && !is_sum && !cell.is_note() {
            let message = "text beside no label within the indicator table; it is kept in `fields`";
            let finding = Finding::new(FindingCode::ValueWithoutLabel, message);
            table.note(finding.with_found(cell.text).at(cell.place));
        }
    }
    keep_below(row, items);
    row.in_table
}

/// Keeps what stands below the indicators, beside no label.
fn keep_below<'b>(row: &Row<'b>, items: &mut Vec<Item<'b>>) {
    items.extend(row.printed().map(|cell| Item::Remark { code: None, text: cell.text, place: cell.place }));
}

/// Whether a row below a line of text goes on with the indicator table above: it has a class or an indicator that is
/// known, or a name and a target as only indicators have them.
fn goes_on_below(row: &Row<'_>) -> bool {
    let printed: Vec<&str> = row.printed().map(RowCell::folded).collect();
    let is_known = |cell: &RowCell<'_>| {
        let looks = cell.looks();
        looks.level1 || looks.level2 || looks.indicator
    };
    let named = match printed.as_slice() {
        [.., name, target] => {
            vocabulary().ends_like_indicator(name)
                && (vocabulary().is_grade(target)
                    || (vocabulary().is_measured_target(target)
                        && !target.starts_with(|c: char| c.is_ascii_digit())))
        }
        _ => false,
    };
    row.in_table && printed.len() > 1 && (named || row.printed().any(is_known))
}

/// Whether all that a row prints is a page's own: its number, the name of the publication, the address of a page. In a
/// table only an address beside a number is (a browser's foot).
fn is_page_furniture(row: &Row<'_>) -> bool {
    let address = |text: &str| {
        matches!(text.as_bytes().first(), Some(b'h' | b'f'))
            && ["http://", "https://", "file:///"].iter().any(|start| text.starts_with(start))
    };
    (!row.in_table || row.printed().any(|cell| address(cell.text)))
        && row.printed().all(RowCell::is_furniture)
        && row.printed().any(|cell| !cell.text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Labels that no rule knows, and labels that are printed twice with different values.
fn unknown_labels(fields: &[RawField]) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A form has some dozens of codes, which are found as quickly without a tree.
    let mut first: Vec<(&str, &RawField)> = Vec::new();
    for field in fields {
        let Some(label) = &field.label else { continue };
        let Some(code) = field.code else {
            let message = "no rule knows this label; its value is kept in `fields`, and `jixiao inspect` shows how to name it";
            findings
                .push(Finding::new(FindingCode::UnknownLabel, message).with_found(&**label).at(&field.place));
            continue;
        };
        let Some((_, first_of_code)) = first.iter_mut().find(|(other, _)| *other == code) else {
            first.push((code, field));
            continue;
        };
        let earlier = *first_of_code;
        // A choice may go on in further cells; then they have one label.
        let same = earlier.label == field.label
            && earlier.value.as_deref().is_some_and(|text| vocabulary().has_box(text));
        if same && field.value.as_deref().is_some_and(|text| vocabulary().has_box(text)) {
            continue;
        }
        if earlier.value.is_none() && field.value.is_some() {
            *first_of_code = field;
            continue;
        }
        if earlier.value != field.value && field.value.is_some() {
            let message = format!(
                "the label {label} is printed again with another value; the first one with a value counts"
            );
            let mut finding =
                Finding::new(FindingCode::RepeatedLabel, message).with_field(code).at(&field.place);
            finding.found = field.value.as_deref().map(excerpt);
            finding.expected = earlier.value.as_deref().map(excerpt);
            findings.push(finding);
        }
    }
    findings
}

/// The unit that a heading declares for all amounts.
fn money_unit(fields: &[RawField]) -> Option<String> {
    fields.iter().find(|field| field.code == Some("money_unit")).and_then(|field| field.value.clone())
}
