//! The rows that were published are read back: their values, their partitions and their order.

use jixiao_load::arrow_schema;
use jixiao_model::dictionary::dictionary;
use jixiao_model::record::DocumentRecords;

use crate::common::{
    ONCE, TWICE, Tables, clockless, column, document, files, form, new_root, only_file, open, publish, run,
    tables,
};

const YEAR: &str = "fiscal_year=2020";
const NO_YEAR: &str = "fiscal_year=__HIVE_DEFAULT_PARTITION__";

/// Checks the values of columns in the only file of each folder.
fn check(tables: &Tables, cases: &[(&str, &str, &[Option<&str>])]) {
    let (_folder, root) = new_root();
    let published = publish(&root, tables, &run(1));
    for (folder, name, expected) in cases {
        let values = column(&published.path.join(folder), name);
        let values: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
        assert_eq!(values, *expected, "{folder} {name}");
    }
}

/// `check` for the only row of a document with one form of this year.
fn check_form(year: Option<i32>, cases: &[(&str, &str, Option<&str>)]) {
    let contents = DocumentRecords { forms: vec![form(ONCE, 1, year)], findings: Vec::new() };
    let tables = Tables {
        documents: vec![document("a.txt", Some(ONCE))],
        contents: [(ONCE.to_owned(), contents)].into(),
        ..Tables::default()
    };
    let year = if year.is_some() { YEAR } else { NO_YEAR };
    let cases: Vec<(String, &str, [Option<&str>; 1])> =
        cases.iter().map(|(table, name, value)| (format!("{table}/{year}"), *name, [*value])).collect();
    let cases: Vec<(&str, &str, &[Option<&str>])> =
        cases.iter().map(|(folder, name, values)| (folder.as_str(), *name, values.as_slice())).collect();
    check(&tables, &cases);
}

#[test]
fn values_are_read_back() {
    check_form(
        Some(2020),
        &[
            ("forms", "form_id", Some("00000000000000000000000000000000-1")),
            ("forms", "form_number", Some("1")),
            ("forms", "fiscal_year", Some("2020")),
            ("forms", "project_name", Some("科普活动")),
            ("forms", "project_category", Some("其他一次性项目")),
            ("forms", "project_nature", None),
            ("forms", "government_purchase", Some("true")),
            ("forms", "start_date", Some("2020-01-01")),
            ("forms", "end_date", Some("1969-12-31")),
            ("forms", "total_budget_yuan", Some("28797500.50")),
            ("forms", "annual_budget_yuan", Some("-0.10")),
            ("forms", "prior_budget_yuan", None),
            ("budget_lines", "amount_yuan", Some("28797500.50")),
            ("budget_lines", "unit", None),
            ("fields", "field", None),
            ("fields", "value_raw", Some("科普活动")),
            ("citations", "document_number", Some("国发〔2018〕32号")),
            ("citations", "number", Some("32")),
        ],
    );
}

#[test]
fn a_form_without_a_year_is_in_the_folder_for_none() {
    check_form(
        None,
        &[
            ("forms", "form_id", Some("00000000000000000000000000000000-1")),
            ("forms", "fiscal_year", None),
            ("forms", "government_purchase", None),
            ("forms", "start_date", None),
            ("forms", "total_budget_yuan", None),
            ("forms", "project_category", None),
            ("budget_lines", "fiscal_year", None),
            ("fields", "fiscal_year", None),
            ("citations", "fiscal_year", None),
            ("citations", "year", Some("2018")),
        ],
    );
}

#[test]
fn indicators_are_read_back() {
    let folder = format!("indicators/{NO_YEAR}");
    check(
        &tables(),
        &[
            (&folder, "indicator_number", &[Some("1"), Some("2")]),
            (&folder, "scope", &[Some("annual"), Some("annual")]),
            (&folder, "level1", &[Some("产出指标"), Some("产出指标")]),
            (&folder, "level2", &[None, None]),
            (&folder, "target_operator", &[Some(">="), Some(">=")]),
            (&folder, "target_value", &[Some("12.5000"), Some("12.5000")]),
            (&folder, "target_upper", &[None, None]),
        ],
    );
}

#[test]
fn tables_without_partitions_are_read_back() {
    let modified = Some("1577836800000001");
    check(
        &tables(),
        &[
            ("documents", "size_bytes", &[Some("4096"), Some("4096"), Some("4096"), None]),
            ("documents", "modified_at", &[modified, modified, modified, modified]),
            ("documents", "encoding", &[Some("gb18030"), Some("gb18030"), Some("gb18030"), None]),
            ("documents", "status", &[Some("parsed"), Some("parsed"), Some("parsed"), Some("unreadable")]),
            ("findings", "severity", &[Some("error"), Some("info"), Some("error")]),
            ("findings", "place", &[Some("L12"), Some("L12"), Some("L12")]),
            ("checks", "fiscal_year", &[None, Some("2020")]),
            ("checks", "applied", &[Some("1"), Some("3")]),
            ("checks", "passed", &[Some("0"), Some("3")]),
            ("indicator_types", "indicator_code", &[Some("output"), Some("output.quantity")]),
            ("runs", "started_at", &[Some("1577836801000000")]),
            ("runs", "documents_seen", &[Some("4")]),
            ("runs", "pipeline", &[None]),
        ],
    );
}

/// Equal bytes at two sources are two documents, and their forms stand at the first of them, once.
#[test]
fn rows_are_in_the_order_of_the_sources() {
    let (twice_1, twice_2) = (format!("{TWICE}-1"), format!("{TWICE}-2"));
    let (once_1, once_2) = (format!("{ONCE}-1"), format!("{ONCE}-2"));
    let [twice_1, twice_2, once_1, once_2] =
        [&twice_1, &twice_2, &once_1, &once_2].map(|id| Some(id.as_str()));
    let (twice, once) = (Some(TWICE), Some(ONCE));
    check(
        &tables(),
        &[
            (
                "documents",
                "source",
                &[Some("a/2020.txt"), Some("b/2020.txt"), Some("c/copy.txt"), Some("d/locked.pdf")],
            ),
            ("documents", "document_id", &[twice, once, twice, None]),
            (&format!("forms/{YEAR}"), "form_id", &[twice_1, twice_2, once_1]),
            (&format!("forms/{NO_YEAR}"), "form_id", &[once_2]),
            (&format!("indicators/{YEAR}"), "form_id", &[twice_1, twice_1, twice_2, twice_2, once_1, once_1]),
            (&format!("budget_lines/{YEAR}"), "form_id", &[twice_1, twice_2, once_1]),
            (&format!("fields/{YEAR}"), "form_id", &[twice_1, twice_2, once_1]),
            (&format!("citations/{YEAR}"), "form_id", &[twice_1, twice_2, once_1]),
            ("findings", "document_id", &[twice, twice, once]),
            ("findings", "finding_number", &[Some("1"), Some("2"), Some("1")]),
        ],
    );
}

#[test]
fn the_order_in_which_rows_are_handed_over_does_not_matter() {
    let (_folder, root) = new_root();
    let expected = clockless(&publish(&root, &tables(), &run(1)).path);
    let mut reversed = tables();
    reversed.documents.reverse();
    reversed.indicator_types.reverse();
    for content in reversed.contents.values_mut() {
        content.forms.reverse();
        content.findings.reverse();
        content.forms.iter_mut().for_each(|records| records.indicators.reverse());
    }
    assert_ne!(reversed, tables());
    assert_eq!(clockless(&publish(&root, &reversed, &run(2)).path), expected);
}

#[test]
fn every_table_has_its_columns_also_without_rows() {
    let (_folder, root) = new_root();
    let published = publish(&root, &Tables::default(), &run(1));
    for table in &dictionary().tables {
        let folder = published.path.join(&table.name);
        let path = only_file(&folder);
        let parted = path.strip_prefix(&folder).unwrap().starts_with(NO_YEAR);
        assert_eq!(parted, table.partitioned_by.is_some(), "{}", table.name);
        let file = open(&path);
        assert_eq!(file.schema().fields(), arrow_schema(table).fields(), "{}", table.name);
        let rows: usize = file.build().unwrap().map(|batch| batch.unwrap().num_rows()).sum();
        assert_eq!(rows, usize::from(table.name == "runs"), "{}", table.name);
    }
}

#[test]
fn a_year_is_a_folder_of_its_own() {
    let (_folder, root) = new_root();
    let forms = [2021, 2019, 2020].into_iter().zip(1..).map(|(year, number)| form(ONCE, number, Some(year)));
    let contents = DocumentRecords { forms: forms.collect(), findings: Vec::new() };
    let tables = Tables {
        documents: vec![document("a.txt", Some(ONCE))],
        contents: [(ONCE.to_owned(), contents)].into(),
        ..Tables::default()
    };
    let published = publish(&root, &tables, &run(1));
    for table in dictionary().tables.iter().filter(|table| table.partitioned_by.is_some()) {
        let files = files(&published.path.join(&table.name));
        let folders: Vec<&str> = files.keys().map(|path| path.split_once('/').unwrap().0).collect();
        assert_eq!(folders, ["fiscal_year=2019", "fiscal_year=2020", "fiscal_year=2021"], "{}", table.name);
    }
}
