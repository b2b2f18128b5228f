//! Where in a document its forms begin and end.
//!
//! A form begins at its title. Documents spoil that in three ways: a title stands in a list of contents or in a
//! page's navigation, with no form behind it; a title is printed again at the head of each page of one form; and a
//! title is missing. So a title opens a form only if fields follow it, a form goes on behind a title if what
//! follows only fills what it still lacks, and a second 项目名称 behind an indicator table opens a form of its own.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::heading::Title;
use crate::row::{Row, RowCell};

/// The rows of one form.
#[derive(Debug)]
pub struct Region<'b> {
    /// Its rows, from its heading on: lines with a year or an organisation, the title, the first field.
    pub rows: Range<usize>,
    /// Its title, and the row in which it stands.
    pub title: Option<(usize, Title<'b>)>,
    /// Rows within that only repeat the title, and what stands right below it, at the head of a page.
    pub repeated_titles: Vec<usize>,
}

/// Codes of labels that stand in headings, and so may be printed again with them.
pub const HEADING_CODES: [&str; 4] = ["organisation", "budget_unit", "fiscal_year", "money_unit"];

/// What is known of the rows before the forms are known.
struct Seen {
    rows: Vec<SeenRow>,
    /// The codes of the labels in all rows, one row behind the other.
    codes: Vec<&'static str>,
}

/// What is known of a row.
struct SeenRow {
    /// Where its codes end.
    codes_end: usize,
    header: bool,
    /// Whether it belongs to another part of the document, in which no form goes on.
    stop: bool,
    /// Whether it heads a table of results.
    results: bool,
    printed_cells: usize,
}

impl Seen {
    fn of(rows: &[Row<'_>]) -> Self {
        let mut codes = Vec::with_capacity(rows.len());
        Self { rows: rows.iter().map(|row| look(row, &mut codes)).collect(), codes }
    }

    /// The codes in some rows.
    fn codes(&self, rows: Range<usize>) -> &[&'static str] {
        let end = |behind: usize| behind.checked_sub(1).map_or(0, |last| self.rows[last].codes_end);
        &self.codes[end(rows.start)..end(rows.end)]
    }

    fn has_header(&self, rows: Range<usize>) -> bool {
        self.rows[rows].iter().any(|row| row.header)
    }
}

/// Finds the forms in a document.
pub fn regions<'b>(rows: &[Row<'b>]) -> Vec<Region<'b>> {
    let seen = Seen::of(rows);
    let mut regions: Vec<Region<'b>> = Vec::new();
    for region in candidates(rows, &seen) {
        let codes = seen.codes(region.rows.clone());
        let has_header = seen.has_header(region.rows.clone());
        if seen.rows[region.rows.clone()].iter().any(|row| row.results) {
            continue;
        }
        let holds_form = match region.title {
            // What only ends like a title may be that of another table.
            Some((_, title)) if title.family.is_none() => has_header,
            Some(_) => codes.iter().any(|code| !HEADING_CODES.contains(code)) || has_header,
            None => !codes.is_empty() && has_header,
        };
        match regions.last_mut() {
            Some(previous)
                if previous.rows.end == region.rows.start && continues(&seen, previous, &region) =>
            {
                if let Some((title, _)) = region.title {
                    previous.repeated_titles.push(title);
                    let below = title + 1..region.rows.end;
                    let headings =
                        below.take_while(|index| rows[*index].is_empty() || is_heading(rows, &seen, *index));
                    previous.repeated_titles.extend(headings);
                }
                previous.rows.end = region.rows.end;
            }
            _ if holds_form => regions.push(region),
            _ => {}
        }
    }
    regions
}

/// Looks at a row, and puts its codes behind those of the rows above.
fn look(row: &Row<'_>, codes: &mut Vec<&'static str>) -> SeenRow {
    let header = row.is_header;
    let is_line = !row.in_table || row.single().is_some();
    for cell in row.printed().filter(|_| !header) {
        let alone = cell.label().map(|label| label.code);
        let within = alone.is_none() && is_line && cell.text.len() < 600;
        if let Some(code) = alone {
            codes.push(code);
        }
        if within && cell.has_labels() {
            codes.extend(crate::heading::parts_of(cell.text).into_iter().filter_map(|part| match part {
                crate::heading::Part::Labelled(label, ..) => Some(label.code),
                _ => None,
            }));
        }
    }
    SeenRow {
        codes_end: codes.len(),
        header,
        stop: is_other_part(row),
        results: header && row.printed().any(RowCell::is_result),
        printed_cells: row.printed_count(),
    }
}

/// Whether a row is the title of another table or part of the document, or heads an accountant's table. In a table a title
/// stands in its first row only: further down the same words are a value.
fn is_other_part(row: &Row<'_>) -> bool {
    const HEADINGS: usize = 2;
    let may_be_title = !row.in_table || (row.after_break && row.cells().iter().all(|cell| !cell.from_above));
    (may_be_title && row.single().is_some_and(|cell| cell.is_stop() && cell.title().is_none()))
        || (row.in_table && row.printed().filter(|cell| cell.is_accounting()).count() >= HEADINGS)
}

/// Every stretch of rows that may be a form.
fn candidates<'b>(rows: &[Row<'b>], seen: &Seen) -> Vec<Region<'b>> {
    let mut starts: Vec<(usize, Option<(usize, Title<'b>)>)> = Vec::new();
    let (mut named, mut header) = (false, false);
    for (index, row) in rows.iter().enumerate() {
        let heading = row.single().and_then(RowCell::title);
        if let Some(title) = heading {
            let first =
                if starts.is_empty() || header { heading_above(rows, seen, &starts, index) } else { index };
            starts.push((first, Some((index, title))));
            (named, header) = (false, false);
        }
        if seen.codes(index..index + 1).first() == Some(&"project_name") {
            if starts.is_empty() || (named && header) {
                starts.push((heading_above(rows, seen, &starts, index), None));
                header = false;
            }
            named = true;
        }
        header |= seen.rows[index].header;
    }
    if let Some(first) = cut_off_beginning(seen, starts.first().map_or(rows.len(), |(start, _)| *start)) {
        starts.insert(0, (first, None));
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([rows.len()]);
    let regions = starts.iter().zip(ends).map(|((start, title), end)| {
        let below = title.map_or(*start, |(row, _)| row) + 1;
        let end = (below..end).find(|row| seen.rows[*row].stop).unwrap_or(end);
        Region { rows: *start..end, title: *title, repeated_titles: Vec::new() }
    });
    regions.collect()
}

/// The first field of a form whose beginning was cut off: above the first heading of a document stand fields and the
/// heading row of an indicator table.
fn cut_off_beginning(seen: &Seen, end: usize) -> Option<usize> {
    let has_field = |row: &usize| seen.codes(*row..row + 1).iter().any(|code| !HEADING_CODES.contains(code));
    // What another part of the document prints is no beginning, unless it names a project.
    let stop = (0..end).rev().find(|row| seen.rows[*row].stop);
    let from = stop.filter(|stop| !seen.codes(0..*stop).contains(&"project_name")).map_or(0, |stop| stop + 1);
    let first = (from..end).find(has_field)?;
    seen.has_header(first..end).then_some(first)
}

/// The first of the lines right above a form's title or first field that belong to its heading: those with labels of
/// headings or a year.
fn heading_above(
    rows: &[Row<'_>],
    seen: &Seen,
    starts: &[(usize, Option<(usize, Title<'_>)>)],
    first: usize,
) -> usize {
    let floor = starts.last().map_or(0, |(start, _)| start + 1);
    (floor..first).rev().take_while(|index| is_heading(rows, seen, *index)).last().unwrap_or(first)
}

/// Whether a row belongs to the heading of a form: it has one of its labels, or is a year or an organisation.
fn is_heading(rows: &[Row<'_>], seen: &Seen, index: usize) -> bool {
    let alone = |cell: &RowCell<'_>| cell.is_printed_year() || cell.is_organisation_alone();
    seen.codes(index..index + 1).iter().any(|code| HEADING_CODES.contains(code))
        || rows[index].single().is_some_and(alone)
}

/// Whether a stretch goes on with the form before it: it has no name of its own and repeats nothing.
fn continues(seen: &Seen, previous: &Region<'_>, region: &Region<'_>) -> bool {
    let here = seen.codes(region.rows.clone());
    if region.title.is_none() || here.contains(&"project_name") {
        return false;
    }
    let before: BTreeSet<&str> = seen.codes(previous.rows.clone()).iter().copied().collect();
    if here.iter().any(|code| before.contains(code) && !HEADING_CODES.contains(code)) {
        return false;
    }
    let below = seen.rows[region.rows.clone()].iter().skip(1);
    let widest = below.map(|row| row.printed_cells).max().unwrap_or(0);
    let adds = here.iter().any(|code| !HEADING_CODES.contains(code));
    if seen.has_header(previous.rows.clone()) {
        // Only rows of its indicator table are left to come, with or without their heading row.
        return !adds && widest > 1;
    }
    let own_header = seen.has_header(region.rows.clone());
    widest > 0 && (adds || own_header || before.contains("project_name"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::text::small_blocks as blocks;
    use crate::row::rows;

    /// The lines on which forms begin and end, and how many repeated titles each has.
    fn check(text: &str, expected: &[(usize, usize, usize)]) {
        let blocks = blocks(text);
        let rows = rows(&blocks);
        let found = regions(&rows).into_iter().map(|region| {
            let line =
                |row: usize| rows[row].place.to_string().trim_start_matches('L').parse().expect("a line");
            (line(region.rows.start), line(region.rows.end - 1), region.repeated_titles.len())
        });
        assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
    }

    const TITLE: &str = "财政项目支出绩效目标表\n";
    const FIELDS: &str = "项目名称：\t甲\n立项依据：\t乙\n";
    const TABLE: &str = "一级目标\t二级目标\t三级目标\t指标目标值\n产出目标\t数量\t场次\t=3\n";

    #[test]
    fn forms_begin_at_titles() {
        let form = format!("{TITLE}{FIELDS}{TABLE}");
        check(&format!("前言\n{form}\n{form}"), &[(2, 6, 0), (8, 12, 0)]);
    }

    #[test]
    fn lists_of_contents_are_no_forms() {
        check(&format!("目录\n{TITLE}{TITLE}\n正文\n{TITLE}{FIELDS}{TABLE}"), &[(6, 10, 0)]);
        check(&format!("目录\n{TITLE}\n没有表格"), &[]);
    }

    #[test]
    fn a_title_printed_again_on_the_next_page_opens_no_form() {
        check(&format!("{TITLE}项目名称：\t甲\n\n{TITLE}立项依据：\t乙\n{TABLE}"), &[(1, 7, 1)]);
        check(&format!("{TITLE}{FIELDS}{TABLE}\n{TITLE}\t质量\t合格率\t=100%\n"), &[(1, 8, 1)]);
    }

    #[test]
    fn a_heading_may_stand_above_its_title() {
        let above = "申报单位名称：甲局\n(2020年度)\n";
        check(&format!("前言\n{above}{TITLE}{FIELDS}{TABLE}"), &[(2, 8, 0)]);
        check(
            &format!("{above}{TITLE}{FIELDS}{TABLE}{above}{TITLE}{FIELDS}{TABLE}"),
            &[(1, 7, 0), (8, 14, 0)],
        );
    }

    #[test]
    fn a_form_may_have_lost_its_beginning() {
        check(&format!("立项依据：\t乙\n{TABLE}{TITLE}{FIELDS}{TABLE}"), &[(1, 3, 0), (4, 8, 0)]);
        check(&format!("立项依据：\t乙\n{TITLE}{FIELDS}{TABLE}"), &[(2, 6, 0)]);
    }

    #[test]
    fn a_form_may_have_lost_its_title() {
        check(
            &format!("{TITLE}{FIELDS}{TABLE}(2020年度)\t\t\n申报单位名称：甲局\t\t\n{FIELDS}{TABLE}"),
            &[(1, 5, 0), (6, 11, 0)],
        );
        check(&format!("{FIELDS}{TABLE}"), &[(1, 4, 0)]);
        check(
            &format!("{TITLE}{FIELDS}{TABLE}\n(2020年度)\n申报单位名称：甲局\n{FIELDS}{TABLE}"),
            &[(1, 5, 0), (7, 12, 0)],
        );
    }

    #[test]
    fn a_form_that_was_cut_off_is_one() {
        check(&format!("{TITLE}项目名称：\t甲\n"), &[(1, 2, 0)]);
    }
}
