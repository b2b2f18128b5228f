//! Families added from data files alone, as an operator does it: the real binary with `--reference`.

#![expect(clippy::disallowed_methods, reason = "these tests make files and look at them")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "common/program.rs"]
mod program;

use std::fs;

use program::Place;
use serde_json::Value;

/// A form of a family that nobody has described: its own title, labels and column headings.
const STRANGE: &str = "<p>边陲州帮扶工程成效承诺书</p><p>（2023年度）</p><table border=1>\
    <tr><td>承诺主体</td><td>云岭州乡村振兴局</td><td>工程称谓</td><td>高原牧道硬化</td></tr>\
    <tr><td>工程造价（万元）</td><td>45.6</td><td>海拔等级</td><td>二级</td></tr>\
    <tr><td>甲类成效</td><td>乙类成效</td><td>成效点</td><td>承诺值</td></tr>\
    <tr><td>产出指标</td><td>数量指标</td><td>硬化牧道长度</td><td>≥12公里</td></tr></table>";

/// All that an operator writes to have it read.
const NAMES: &str = r#"
[[family]]
code = "border-prefecture"
name = "A family that only this test has"
titles = ["帮扶工程成效承诺书"]
[[label]]
code = "organisation"
names = ["承诺主体"]
[[label]]
code = "project_name"
names = ["工程称谓"]
[[label]]
code = "total_budget"
names = ["工程造价"]
[[label]]
code = "altitude_grade"
kind = "text"
names = ["海拔等级"]
[[column]]
role = "level1"
names = ["甲类成效"]
[[column]]
role = "level2"
names = ["乙类成效"]
[[column]]
role = "indicator"
names = ["成效点"]
[[column]]
role = "target"
names = ["承诺值"]
"#;

#[test]
fn a_family_is_added_from_a_data_file_alone() {
    let place = Place::new(&[("form.html", STRANGE.as_bytes())]);
    place.write("names.toml", NAMES);
    place.write("job.toml", "sources = ['in']\nwarehouse = 'wh2'\nreference = 'names.toml'");
    let without = place.run(&["inspect", "in/form.html", "--format", "json"]).ends(0, &[]).json();
    assert_eq!(without["document"]["status"], "no_forms", "{without:#}");

    let with = ["inspect", "in/form.html", "--reference", "names.toml", "--format", "json"];
    let with = place.run(&with).ends(0, &[]).json();
    let (document, form) = (&with["document"], &with["forms"][0]["form"]);
    assert_eq!(document["status"], "parsed", "{with:#}");
    assert_ne!(document["rules_version"], without["document"]["rules_version"], "other rules");
    for (column, value) in [
        ("form_family", "border-prefecture"),
        ("organisation", "云岭州乡村振兴局"),
        ("project_name", "高原牧道硬化"),
        ("total_budget_yuan", "456000.00"),
    ] {
        assert_eq!(form[column], value, "{column}");
    }
    assert_eq!(form["fiscal_year"], 2023);
    let fields = with["forms"][0]["fields"].as_array().expect("fields");
    assert!(fields.iter().any(|field| field["field"] == "altitude_grade" && field["value_raw"] == "二级"));
    let indicator = &with["forms"][0]["indicators"][0];
    assert_eq!(
        (&indicator["indicator"], &indicator["target_raw"]),
        (&"硬化牧道长度".into(), &"≥12公里".into())
    );

    place.run(&["ingest", "--pipeline", "job.toml"]).ends(0, &["1 parsed"]);
}

#[test]
fn a_family_that_no_data_describes_is_found_by_its_title_and_table() {
    let form = STRANGE.replace("成效承诺书", "绩效目标登记表").replace("甲类成效", "一级指标");
    let form = form.replace("乙类成效", "二级指标").replace("成效点", "三级指标").replace("承诺值", "指标值");
    let place = Place::new(&[("form.html", form.as_bytes())]);
    let ran = place.run(&["inspect", "in/form.html", "--format", "json"]).ends(0, &[]).json();
    let form = &ran["forms"][0]["form"];
    assert_eq!((&form["form_family"], &form["fiscal_year"]), (&Value::Null, &2023.into()), "{ran:#}");
    let text = place.run(&["inspect", "in/form.html"]).ends(0, &["no family known"]);
    let snippet: String = text.out.split("docs/families.md takes you through it.").skip(1).collect();
    assert!(snippet.contains("names = [\"工程造价\"]") && snippet.contains("kind = \"amount\""), "{snippet}");
    place.write("names.toml", &snippet);
    place.run(&["inspect", "in/form.html", "--reference", "names.toml"]).ends(0, &["field_1"]);
}

#[test]
fn reference_data_that_cannot_be_is_refused() {
    let place = Place::new(&[("form.txt", b"no form")]);
    for (text, says) in [
        ("[[label]]\ncode = 'a'\nkind = 'text'\nname = ['甲']", "did you mean `names`?"),
        ("[[label]]\ncode = 'a'\nkind = 'text'\nnames = ['项目名称']", "means `project_name` already"),
    ] {
        place.write("names.toml", text);
        let ingest = ["ingest", "in", "--reference", "names.toml", "--dry-run"];
        place.run(&ingest).ends(2, &["names.toml", says]);
    }
    place.run(&["ingest", "in", "--reference", "nowhere", "--dry-run"]).ends(2, &["nowhere"]);
    fs::create_dir(place.at("empty")).expect("a folder");
    place.run(&["ingest", "in", "--reference", "empty", "--dry-run"]).ends(2, &["end with .toml"]);
}
