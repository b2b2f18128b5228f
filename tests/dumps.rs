//! Text dumps of PDFs give the forms that the document itself gives.
//!
//! The dumps were made of a PDF of the published document with `pdftotext -layout`, `pdftotext -raw` and PyMuPDF's
//! `get_text()`. What is compared is what the dump still tells; blanks that a tool put between letters do not count.
//! Other dumps tell less: with pdfplumber's `extract_text()`, labels stand in the middle of their texts, and with plain
//! `pdftotext` rows are torn apart. There what is read must be right, and the rest must be NULL.

#![expect(clippy::disallowed_methods, reason = "tests read their documents")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::cell::Cell;
use std::fs;

use common::{DOCUMENT, path, read};
use jixiao_model::FindingCode;
use jixiao_model::record::{Form, FormRecords, Indicator};

fn squeezed(text: Option<impl AsRef<str>>) -> String {
    text.iter().flat_map(|text| text.as_ref().chars()).filter(|c| !c.is_whitespace()).collect()
}

fn row(indicator: &Indicator) -> [String; 4] {
    [
        squeezed(indicator.level1.as_ref()),
        squeezed(indicator.level2.as_ref()),
        squeezed(indicator.indicator.as_ref()),
        squeezed(indicator.target_raw.as_ref()),
    ]
}

fn rows(form: &FormRecords) -> Vec<[String; 4]> {
    form.indicators.iter().map(row).collect()
}

/// Reads a dump of the published document; all its forms but these have the same indicators as the document.
fn check(name: &str, but: &[usize]) {
    let dump = fs::read(path("tests/dumps").join(name)).expect("the dump is there");
    let (dump, document) = (read(&dump).records, read(DOCUMENT).records);
    let guessed = dump.findings.iter().filter(|finding| finding.code == FindingCode::ColumnsGuessed);
    assert_eq!(guessed.count(), dump.forms.len(), "{name} says of each form how it was cut");
    assert_eq!(dump.forms.len(), 15, "{name}");
    for (number, (found, expected)) in (1..).zip(dump.forms.iter().zip(&document.forms)) {
        assert_eq!(found.form.fiscal_year, expected.form.fiscal_year, "{name}, form {number}");
        if !but.contains(&number) {
            assert_eq!(rows(found), rows(expected), "{name}, form {number}");
        }
    }
}

#[test]
fn one_cell_a_line() {
    check("published-pymupdf.txt", &[]);
}

#[test]
fn cells_behind_one_another() {
    check("published-raw.txt", &[]);
}

#[test]
fn columns_by_blanks() {
    check("published-layout.txt", &[7, 9]);
}

/// What stands in the columns of text of a form.
fn texts(form: &Form) -> Vec<(&'static str, String)> {
    [
        ("organisation", form.organisation.as_ref()),
        ("project_name", form.project_name.as_ref()),
        ("project_category", form.project_category.as_ref()),
        ("performance_type", form.performance_type.as_ref()),
        ("overview", form.overview.as_ref()),
        ("legal_basis", form.legal_basis.as_ref()),
        ("necessity", form.necessity.as_ref()),
        ("safeguards", form.safeguards.as_ref()),
        ("implementation_plan", form.implementation_plan.as_ref()),
        ("overall_goal", form.overall_goal.as_ref()),
    ]
    .map(|(column, text)| (column, squeezed(text)))
    .to_vec()
}

#[test]
fn labels_in_the_middle_of_their_texts_have_their_own_value_or_none() {
    let dump = fs::read(path("tests/dumps/published-plumber.txt")).expect("the dump is there");
    let (dump, document) = (read(&dump).records, read(DOCUMENT).records);
    assert_eq!(dump.forms.len(), 15);
    let mut right = 0;
    for (number, (found, expected)) in (1..).zip(dump.forms.iter().zip(&document.forms)) {
        for ((column, found), (_, expected)) in texts(&found.form).into_iter().zip(texts(&expected.form)) {
            assert!(found.is_empty() || found == expected, "form {number}, {column}: {found}");
            right += usize::from(!found.is_empty());
        }
        let (found, expected) = (&found.form, &expected.form);
        for (found, expected) in [
            (found.total_budget_yuan, expected.total_budget_yuan),
            (found.annual_budget_yuan, expected.annual_budget_yuan),
            (found.prior_budget_yuan, expected.prior_budget_yuan),
            (found.prior_executed_yuan, expected.prior_executed_yuan),
        ] {
            assert!(found.is_none() || found == expected, "form {number}: {found:?}");
        }
    }
    assert!(right > 50, "{right}");
}

#[test]
fn rows_that_are_torn_apart_are_no_rows() {
    let dump = fs::read(path("tests/dumps/published-default.txt")).expect("the dump is there");
    let dump = read(&dump).records;
    assert!(!dump.forms.is_empty());
    assert!(dump.forms.iter().all(|form| form.indicators.is_empty()));
    let guessed = dump.findings.iter().filter(|finding| finding.code == FindingCode::ColumnsGuessed);
    assert_eq!(guessed.count(), dump.forms.len());
}

/// Compares a dump of a document of a family with the document: the dump may tell less, and nothing else. Returns how many
/// values are there.
fn check_family(tool: &str, name: &str) -> usize {
    let dump =
        fs::read(path("tests/dumps").join(tool).join(format!("{name}.txt"))).expect("the dump is there");
    let source = path("tests").join(name.replace("--", "/")).join("form.html");
    let (dump, source) =
        (read(&dump).records, read(&fs::read(source).expect("the document is there")).records);
    let told = Cell::new(0);
    for (found, expected) in dump.forms.iter().zip(&source.forms) {
        let id = &found.form.form_id;
        let own = |column: &str| {
            let of_form =
                dump.findings.iter().filter(|finding| finding.form_id.as_deref() == Some(id.as_ref()));
            of_form.into_iter().any(|finding| finding.field.as_deref() == Some(column))
        };
        let check = |column: &str, found: String, expected: String| {
            assert!(
                found.is_empty() || found == expected || own(column),
                "{tool}, {name}, {column}: {found} for {expected}"
            );
            told.set(told.get() + usize::from(!found.is_empty()));
        };
        let (one, other) = (&found.form, &expected.form);
        for ((column, found), (_, expected)) in texts(one).into_iter().zip(texts(other)) {
            check(column, found, expected);
        }
        for (column, found, expected) in [
            ("supervising_department", &one.supervising_department, &other.supervising_department),
            ("implementing_unit", &one.implementing_unit, &other.implementing_unit),
            ("project_nature", &one.project_nature, &other.project_nature),
            ("annual_goal", &one.annual_goal, &other.annual_goal),
        ] {
            check(column, squeezed(found.as_ref()), squeezed(expected.as_ref()));
        }
        let amounts = |form: &FormRecords| -> Vec<_> {
            let lines = form.budget_lines.iter();
            lines.filter_map(|line| Some(format!("{:?} {}", line.item, line.amount_yuan.as_ref()?))).collect()
        };
        let expected_amounts = amounts(expected);
        for amount in amounts(found) {
            assert!(expected_amounts.contains(&amount), "{tool}, {name}: {amount}");
            told.set(told.get() + 1);
        }
        for (row, expected) in rows(found).into_iter().zip(rows(expected)) {
            for (cell, expected) in row.into_iter().zip(expected) {
                check("indicator", cell, expected);
            }
        }
        assert!(found.indicators.len() <= expected.indicators.len(), "{tool}, {name}");
    }
    told.get()
}

/// Labels beside one another, goals and amounts in two columns, two tables, cells broken over lines, forms in a long
/// document: where a tool's dump does not tell which cell a text is of, it is no value.
#[test]
fn dumps_of_the_families_tell_less_and_nothing_else() {
    const ALL: [&str; 17] = [
        "families--shanghai-2021",
        "families--shanghai-2021-goals-beside",
        "families--goals-without-spans",
        "families--ministry-2015",
        "families--ministry-without-spans",
        "families--chongqing",
        "families--zhejiang-sum",
        "families--guangdong",
        "families-indicators--shanghai-2021",
        "families-indicators--hunan-beside",
        "families-indicators--hunan-groups-above",
        "families-indicators--hunan-groups-above-blank",
        "families-indicators--hunan-two-scopes",
        "families-indicators--ministry-two-scopes",
        "families-indicators--gansu",
        "families-indicators--guangdong-parted-targets",
        "families-indicators--whole-budget",
    ];
    const SOME: [&str; 6] = [
        "families--shanghai-2021",
        "families--hunan",
        "families--ministry-2015",
        "families-indicators--shanghai-2021",
        "families-indicators--hunan-groups-above",
        "families-indicators--gansu",
    ];
    for (tool, names, least) in [
        ("layout", ALL.as_slice(), 410),
        ("plumber", ALL.as_slice(), 405),
        ("pymupdf", ALL.as_slice(), 190),
        ("raw", SOME.as_slice(), 90),
        ("default", SOME.as_slice(), 8),
    ] {
        let told: usize = names.iter().map(|name| check_family(tool, name)).sum();
        assert!(told >= least, "{tool}: {told}");
    }
}

/// Dumps whose rows were read from the page by eye: two tables side by side of which one has a blank row, cells of two and
/// three lines, classes that the end of a page cuts, and a name that is a label elsewhere.
#[test]
fn rows_of_several_lines_stand_side_by_side_and_over_pages() {
    for name in [
        "layout-hunan-14",
        "layout-gansu-11",
        "layout-ministry-at-the-top",
        "plumber-chongqing-remarks",
        "plumber-ministry-15",
        "pymupdf-gansu-11",
    ] {
        let folder = path("tests/dumps/variants");
        let dump = fs::read(folder.join(format!("{name}.txt"))).expect("the dump is there");
        let expected = fs::read_to_string(folder.join(format!("{name}.rows"))).expect("its rows are there");
        let records = read(&dump).records;
        let found = records
            .forms
            .first()
            .expect("there is a form")
            .indicators
            .iter()
            .map(|indicator| format!("{} | {}", indicator.scope.as_str(), row(indicator).join(" | ")));
        assert_eq!(found.collect::<Vec<_>>(), expected.lines().collect::<Vec<_>>(), "{name}");
    }
}
