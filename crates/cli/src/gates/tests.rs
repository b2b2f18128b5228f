//! Each gate on both sides of its threshold, and what cannot be judged.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::pipeline;

/// The gates of a section's text.
fn gates(text: &str) -> Gates {
    let text = format!("sources = 'in'\nwarehouse = 'w'\n[gates]\n{text}");
    pipeline::parse(Path::new("/srv"), &text).unwrap().gates.unwrap()
}

/// What was missed, as `gate year: expected; found`.
fn missed(text: &str, facts: &Facts) -> Vec<String> {
    let shown = evaluate(&gates(text), facts).into_iter().map(|missed| {
        let year = missed.fiscal_year.map_or(String::new(), |year| format!(" {year}"));
        let warning = if missed.severity == Consequence::Warn { " (warn)" } else { "" };
        format!("{}{year}{warning}: {}; {}", missed.gate, missed.expected, missed.found)
    });
    shown.collect()
}

fn counts(rows: &[(&str, Option<i32>, u64)]) -> Counts {
    let rows = rows.iter().map(|(table, year, rows)| (((*table).to_owned(), *year), *rows)).collect();
    Counts { rows, ..Counts::default() }
}

fn between(before: &[(&str, Option<i32>, u64)], after: &[(&str, Option<i32>, u64)]) -> Facts {
    Facts { before: Some(counts(before)), after: counts(after), ..Facts::default() }
}

fn reading(statuses: &[(&str, u64)]) -> Facts {
    let read = statuses.iter().map(|(status, count)| ((*status).to_owned(), *count)).collect();
    Facts { read, ..Facts::default() }
}

/// A run that has read so many documents and forms, where the snapshot before has so many.
fn forms_read(documents: u64, forms_read: u64, before: Option<(u64, u64)>) -> Facts {
    let before = before.map(|(documents, forms)| {
        counts(&[("documents", None, documents), ("forms", Some(2016), forms), ("forms", None, 0)])
    });
    Facts { forms_read, before, ..reading(&[("parsed", documents)]) }
}

#[test]
fn parsed_is_a_share_of_what_was_read() {
    let gate = "parsed = { at_least = 0.95, of_at_least = 10 }";
    assert_eq!(missed(gate, &reading(&[("parsed", 19), ("no_forms", 1)])), Vec::<String>::new());
    assert_eq!(
        missed(gate, &reading(&[("parsed", 18), ("partial", 1), ("unreadable", 1)])),
        ["parsed: at least 95 %; 90 % (18 of 20)"]
    );
    assert_eq!(missed(gate, &reading(&[("unreadable", 10)])), ["parsed: at least 95 %; 0 % (0 of 10)"]);
    assert_eq!(missed(gate, &reading(&[("unreadable", 9)])), Vec::<String>::new(), "too few to judge");
    assert_eq!(missed("parsed = { at_least = 1 }", &reading(&[])), Vec::<String>::new(), "nothing was read");
}

#[test]
fn unreadable_is_a_number() {
    let gate = "unreadable = { at_most = 2, severity = 'warn' }";
    assert_eq!(missed(gate, &reading(&[("unreadable", 2), ("parsed", 1)])), Vec::<String>::new());
    assert_eq!(missed(gate, &reading(&[("unreadable", 3)])), ["unreadable (warn): at most 2; 3"]);
}

#[test]
fn forms_per_document_are_held_against_the_snapshot_before() {
    let gate = "forms_per_document = { may_drop = 0.2, of_at_least = 4 }";
    let after = [("forms", Some(2016), 1)];
    let missed = |documents, forms, before| {
        missed(gate, &Facts { after: counts(&after), ..forms_read(documents, forms, before) })
    };
    assert_eq!(missed(10, 40, Some((4, 20))), Vec::<String>::new(), "exactly a fifth");
    assert_eq!(
        missed(10, 39, Some((4, 20))),
        ["forms_per_document: at most 20 % fewer than 5.00; 3.90, 22 % fewer"]
    );
    for (documents, forms, before) in [
        (10, 50, Some((4, 20))),
        (3, 0, Some((4, 20))),
        (10, 0, Some((4, 0))),
        (0, 0, Some((4, 20))),
        (10, 0, None),
    ] {
        assert_eq!(missed(documents, forms, before), Vec::<String>::new());
    }
}

#[test]
fn a_year_that_vanishes_fails_without_being_asked() {
    let before = [("forms", Some(2016), 3), ("forms", Some(2017), 5), ("indicators", Some(2016), 30)];
    let after = [("forms", Some(2016), 0), ("forms", Some(2017), 1)];
    let facts = between(&before, &after);
    let told = ["year_vanished 2016: some, as the snapshot before has 33; none"];
    assert_eq!(missed("", &facts), told);
    let sentence = &evaluate(&gates(""), &facts)[0].message;
    assert!(sentence.starts_with("rows of 2016 in forms, indicators: expected some"), "{sentence}");
    assert!(forbid(&evaluate(&gates(""), &facts)));
    let warned = "year_vanished = { severity = 'warn' }";
    assert_eq!(
        missed(warned, &facts),
        ["year_vanished 2016 (warn): some, as the snapshot before has 33; none"]
    );
    assert!(!forbid(&evaluate(&gates(warned), &facts)));
    assert_eq!(missed("", &Facts { before: None, ..facts }), Vec::<String>::new(), "a first run");
}

#[test]
fn rows_without_a_year_may_get_one() {
    let facts = between(&[("forms", None, 40)], &[("forms", Some(2018), 40)]);
    assert_eq!(missed("[gates.rows]\nforms = { may_drop = 0.0 }", &facts), Vec::<String>::new());
    let facts = between(&[("forms", None, 40)], &[("forms", Some(2018), 39)]);
    assert_eq!(
        missed("[gates.rows]\nforms = { may_drop = 0.0 }", &facts),
        ["rows.forms: at most 0 % fewer than 40; 39, 2.5 % fewer"]
    );
}

#[test]
fn rows_are_compared_in_all_and_in_each_year() {
    let gate = "[gates.rows]\nforms = { may_drop = 0.1, of_at_least = 10 }";
    let before = [("forms", Some(2016), 100), ("forms", Some(2017), 100), ("forms", Some(2018), 9)];
    let (kept, lost) = ([90, 100, 1], [89, 100, 9]);
    let after = |rows: [u64; 3]| {
        [("forms", Some(2016), rows[0]), ("forms", Some(2017), rows[1]), ("forms", Some(2018), rows[2])]
    };
    assert_eq!(missed(gate, &between(&before, &after(kept))), Vec::<String>::new());
    assert_eq!(
        missed(gate, &between(&before, &after(lost))),
        ["rows.forms 2016: at most 10 % fewer than 100; 89, 11 % fewer"]
    );
    assert_eq!(
        missed(gate, &between(&before, &after([90, 90, 1]))),
        ["rows.forms: at most 10 % fewer than 209; 181, 13.39 % fewer"],
        "each year is within its limit, and all together are not"
    );
    assert_eq!(
        missed("[gates.rows]\ndocuments = { may_drop = 0.5 }", &between(&[("documents", None, 9)], &[])),
        ["rows.documents: at most 50 % fewer than 9; 0, 100 % fewer"],
        "as when a folder is not mounted"
    );
}

#[test]
fn a_check_is_summed_over_its_years() {
    let mut after = Counts::default();
    after.add_check("missing-amount", 10, 10);
    after.add_check("missing-amount", 10, 8);
    after.add_check("missing-year", 10, 0);
    let facts = Facts { after, ..Facts::default() };
    let gate = |share: &str| format!("[gates.checks]\nmissing-amount = {{ at_least = {share} }}");
    assert_eq!(missed(&gate("0.9"), &facts), Vec::<String>::new());
    assert_eq!(missed(&gate("0.91"), &facts), ["checks.missing-amount: at least 91 %; 90 % (18 of 20)"]);
    let never_applied = "[gates.checks]\nduplicate-indicator = { at_least = 1.0 }";
    assert_eq!(missed(never_applied, &facts), Vec::<String>::new());
}

proptest! {
    /// Thresholds are decimals and shares are quotients; comparing them as floating point numbers gives what comparing
    /// them as fractions does.
    #[test]
    fn a_threshold_is_exact(whole in 1_u64..100_000, part in 0_u64..100_000, ten_thousandths in 0_u64..=10_000) {
        let part = part.min(whole);
        let written = format!("{}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000);
        let fails = !missed(
            &format!("parsed = {{ at_least = {written} }}"),
            &reading(&[("parsed", part), ("partial", whole - part)]),
        ).is_empty();
        prop_assert_eq!(fails, part * 10_000 < ten_thousandths * whole);

        let facts = between(&[("forms", Some(2016), whole), ("forms", Some(2017), 1)],
                            &[("forms", Some(2016), part), ("forms", Some(2017), 1)]);
        let gate = format!("[gates.rows]\nforms = {{ may_drop = {written}, of_at_least = 1 }}");
        let of_year = missed(&gate, &facts).iter().any(|missed| missed.starts_with("rows.forms 2016"));
        let dropped = (whole - part) * 10_000 > ten_thousandths * whole;
        prop_assert_eq!(of_year, dropped && part > 0);
        prop_assert_eq!(missed("", &facts).len(), usize::from(part == 0), "the year has vanished");

        let facts = Facts { after: counts(&[("forms", Some(2016), 1)]), ..forms_read(whole, part, Some((7, 7))) };
        let fails = !missed(&format!("forms_per_document = {{ may_drop = {written} }}"), &facts).is_empty();
        prop_assert_eq!(fails, dropped);
    }
}
