//! The two readers of HTML read the same: wherever the light one is sure, the conforming one makes the same blocks.
//!
//! `CASES=100000 SEED=7 cargo test -p jixiao-extract --test html_readers` makes more pages, or others.

#![expect(
    clippy::disallowed_methods,
    reason = "this test reads the documents of the repository, and its settings"
)]
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use jixiao_extract::html_readers_agree as agree;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// All files below a folder, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).expect("a folder of the repository");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// The documents of the repository that are text, each with its name.
fn documents() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = ["data/raw", "tests", "fuzz/corpus"].map(|folder| root.join(folder));
    let paths = folders.iter().flat_map(|folder| files(folder));
    paths
        .filter_map(|path| {
            let bytes = fs::read(&path).expect("a file of the repository");
            let decoded = jixiao_extract::blocks(&bytes).ok()?.decoded?;
            Some((path, decoded.text.into_owned()))
        })
        .collect()
}

#[test]
fn the_readers_agree_on_every_document_of_the_repository() {
    let mut pages = 0;
    for (path, text) in documents() {
        let sure = agree(&text).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
        if path.extension().is_some_and(|extension| extension == "html") {
            assert!(sure, "{} is a common page, and the light reader is not sure of it", path.display());
            pages += 1;
        }
    }
    assert!(pages > 20, "there are only {pages} pages");
}

/// Elements whose rules differ, the more of one kind the oftener they are on pages.
const ELEMENTS: [&str; 78] = [
    "table", "table", "table", "tr", "tr", "tr", "td", "td", "td", "td", "th", "tbody", "thead", "tfoot",
    "caption", "colgroup", "col", "p", "p", "p", "p", "div", "div", "div", "span", "span", "span", "b", "b",
    "i", "font", "font", "a", "a", "strong", "u", "nobr", "o:p", "x-y", "br", "br", "hr", "img", "input",
    "h1", "h2", "ul", "li", "li", "dl", "dt", "dd", "pre", "center", "form", "form", "button", "select",
    "option", "optgroup", "object", "address", "textarea", "script", "style", "title", "iframe", "noscript",
    "html", "head", "body", "body", "meta", "link", "section", "label", "fieldset", "svg",
];

const ATTRIBUTES: [&str; 30] = [
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    " class=a",
    " style=\"color:red\"",
    " style='font-family:&quot;宋体&quot;'",
    " hidden",
    " style=\"display:none\"",
    " STYLE='a:b; Display : NONE'",
    " style=visibility:hidden",
    " style=\"display&#58;none\"",
    " colspan=2",
    " rowspan=\"3\"",
    " ROWSPAN='2' colspan = 0",
    " title='<td x>'",
    " title=\"a>b\"",
    " colspan=\n2",
    " a\r\nb",
    " type=hidden",
    " type=checkbox checked",
    " value='甲&amp;&copy1'",
    " selected",
    " type=\"text\" value=乙",
    "/",
    " rowspan=1 rowspan=4",
];

const TEXTS: [&str; 44] = [
    "甲",
    "乙丙",
    "a",
    "b c",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "  ",
    "项目名称：",
    "5 < 6",
    "a<",
    "&nbsp;",
    "&lt;",
    "&amp",
    "&ampx",
    "&#x4e00;",
    "&#13;",
    "&#10;",
    "&bogus;",
    "&notit;",
    "&",
    "&#",
    "<!-- 丁 -->",
    "<!---->",
    "<!-->",
    "<!--->",
    "<!-- a --!>",
    "<!-- <td x> -->",
    "<!--[if mso]><p>戊</p><![endif]-->",
    "<![if !mso]>",
    "<?xml:namespace a ?>",
    "<!DOCTYPE html>",
    "</>",
    "</ x>",
    "<3",
    "\x0C",
    "\u{3000}",
    "=",
    "</br>",
    "</p>",
    "<br/>",
    "é\n己",
];

fn tag() -> impl Strategy<Value = String> {
    (select(&ELEMENTS[..]), select(&ATTRIBUTES[..]), 0..12_u8, 0..4_u8).prop_map(
        |(name, attributes, case, end)| {
            let name = if case == 0 { name.to_ascii_uppercase() } else { name.to_owned() };
            if end == 0 { format!("</{name}>") } else { format!("<{name}{attributes}>") }
        },
    )
}

fn text() -> impl Strategy<Value = String> {
    select(&TEXTS[..]).prop_map(str::to_owned)
}

/// Tags and texts one after another, as they come.
fn soup() -> impl Strategy<Value = String> {
    let end = select(&ELEMENTS[..]).prop_map(|name| format!("</{name}>"));
    prop::collection::vec(prop_oneof![3 => tag(), 2 => end, 3 => text()], 1..30)
        .prop_map(|pieces| pieces.concat())
}

/// An element with what is in it; one in eight is not closed, and one in sixteen closes what it does not open.
fn element(name: &str, attributes: &str, within: &str, end: u8, other: &str) -> String {
    match end {
        0 | 1 => format!("<{name}{attributes}>{within}"),
        2 => format!("<{name}{attributes}>{within}</{other}>"),
        _ => format!("<{name}{attributes}>{within}</{name}>"),
    }
}

/// Elements within one another, most of them closed.
fn nested() -> impl Strategy<Value = String> {
    text().prop_recursive(6, 60, 6, |inner| {
        let within = || prop::collection::vec(inner.clone(), 0..5).prop_map(|parts| parts.concat());
        let any = (select(&ELEMENTS[..]), select(&ATTRIBUTES[..]), within(), 0..16_u8, select(&ELEMENTS[..]))
            .prop_map(|(name, attributes, within, end, other)| {
                element(name, attributes, &within, end, other)
            });
        let row = (prop::collection::vec(inner.clone(), 0..4), select(&ATTRIBUTES[..]), 0..24_u8).prop_map(
            |(cells, attributes, end)| {
                let cells: String =
                    cells.iter().map(|cell| element("td", attributes, cell, end, "p")).collect();
                element("tr", "", &cells, end.wrapping_add(1), "table")
            },
        );
        let table =
            prop::collection::vec(row, 0..4).prop_map(|rows| format!("<table>\n{}</table>", rows.join("\n")));
        let flow = (
            select(vec!["p", "div", "span", "b", "font", "a", "li", "h2", "form", "pre", "center"]),
            select(&ATTRIBUTES[..]),
            within(),
            0..32_u8,
        )
            .prop_map(|(name, attributes, within, end)| element(name, attributes, &within, end, "font"));
        prop_oneof![2 => any, 2 => table, 4 => flow, 2 => within()]
    })
}

fn page() -> impl Strategy<Value = String> {
    let head = select(vec![
        "",
        "<!DOCTYPE html>\n<html>\n<head><title>甲</title></head>\n<body>\n",
        "<html><head><meta charset=gbk></head><body>",
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n<body>",
        "<body>",
    ]);
    (head, prop_oneof![soup(), nested(), nested()]).prop_map(|(head, body)| format!("{head}{body}"))
}

fn given(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Runs a test over pages, and tells of how many of them the light reader was sure.
fn agree_on(pages: &impl Strategy<Value = String>, default_cases: u64) -> (usize, usize) {
    let (cases, seed) = (given("CASES", default_cases), given("SEED", 20_200_101));
    let config = Config {
        cases: u32::try_from(cases).expect("a number of cases"),
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..Config::default()
    };
    let (sure, all) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let result = TestRunner::new(config).run(pages, |page| {
        all.fetch_add(1, Ordering::Relaxed);
        match agree(&page) {
            Ok(is_sure) => sure.fetch_add(usize::from(is_sure), Ordering::Relaxed),
            Err(problem) => return Err(TestCaseError::fail(problem)),
        };
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("SEED={seed} CASES={cases}: {error}"));
    (sure.into_inner(), all.into_inner())
}

#[test]
fn the_readers_agree_on_pages_of_any_tags() {
    let (sure, all) = agree_on(&page(), 4_000);
    println!("the light reader was sure of {sure} of {all} pages");
    assert!(sure * 4 > all, "of only {sure} of {all} pages was it sure");
}

#[test]
fn the_readers_agree_on_documents_with_other_tags_in_them() {
    let documents: Vec<String> = documents()
        .into_iter()
        .filter(|(path, text)| {
            text.contains("<td") && text.len() < 30_000 && path.extension().is_some_and(|e| e == "html")
        })
        .map(|(_, text)| text)
        .collect();
    let piece = prop_oneof![2 => tag(), 1 => text()];
    let change = (any::<prop::sample::Index>(), piece, 0..3_u8, 0..40_usize);
    let changed = (select(documents), prop::collection::vec(change, 1..5)).prop_map(|(page, changes)| {
        let mut characters: Vec<char> = page.chars().collect();
        for (at, piece, action, length) in changes {
            let at = at.index(characters.len() + 1);
            let end = (at + if action == 0 { 0 } else { length }).min(characters.len());
            characters.splice(at..end, if action == 2 { String::new() } else { piece }.chars());
        }
        characters.into_iter().collect::<String>()
    });
    let (sure, all) = agree_on(&changed, 300);
    println!("the light reader was sure of {sure} of {all} documents");
    assert!(sure * 8 > all, "of only {sure} of {all} documents was it sure");
}
