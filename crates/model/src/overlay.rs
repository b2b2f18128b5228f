//! Reference data that an operator adds without building: more entries for the files of `data/reference/`.
//!
//! The embedded files are their own schema. An addition may have the sections, keys and types that they have and no
//! others, so that a misspelled key is refused and not silently ignored; and it may add names to what is there or entries
//! of its own, but never change what a name means already. A section is told by its key and its type, so it does not
//! matter in which file an addition stands.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::fold::fold;

/// Why an addition was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The file in which it stands.
    pub file: String,
    /// What was expected, and what was found.
    pub problem: String,
}

/// The keys by which entries of a section are told apart, and those whose strings name an entry.
const IDENTITIES: [&str; 5] = ["code", "role", "sign", "yuan", "name"];
const NAMES: [&str; 5] = ["names", "titles", "aliases", "name", "before"];
/// Keys whose values are taken from those that the embedded entries have.
const CLOSED: [&str; 2] = ["kind", "role"];

/// Adds files, each with its name, to the tables of the embedded ones.
///
/// # Errors
/// If one of them is no TOML, has a section, key or type that is not known, or a name that means something else.
pub fn merge(tables: &mut BTreeMap<&'static str, Table>, files: &[(String, String)]) -> Result<(), Refused> {
    let embedded = tables.clone();
    for (file, text) in files {
        let refused = |problem: String| Refused { file: file.clone(), problem };
        let added: Table =
            toml::from_str(text).map_err(|error| refused(error.to_string().trim().to_owned()))?;
        for (section, value) in added {
            add_section(&embedded, tables, &section, value).map_err(refused)?;
        }
    }
    Ok(())
}

fn add_section(
    embedded: &BTreeMap<&'static str, Table>,
    tables: &mut BTreeMap<&'static str, Table>,
    section: &str,
    value: Value,
) -> Result<(), String> {
    let known: BTreeSet<&str> = embedded.values().flat_map(Table::keys).map(String::as_str).collect();
    let home = embedded
        .iter()
        .find(|(_, table)| table.get(section).is_some_and(|known| known.same_type(&value)))
        .map(|(name, table)| (*name, &table[section]));
    let Some((name, schema)) = home else {
        return Err(match known.contains(section) {
            true => {
                format!("`{section}` has another type than in data/reference; see there how it is written")
            }
            false => unknown("section", section, &known),
        });
    };
    let Some(target) = tables.get_mut(name).and_then(|table| table.get_mut(section)) else { return Ok(()) };
    match (schema, value, target) {
        (Value::Array(schema), Value::Array(entries), Value::Array(target)) => {
            entries.into_iter().try_for_each(|entry| add_entry(section, schema, target, entry))
        }
        (Value::Table(schema), Value::Table(entry), Value::Table(target)) => {
            check_keys(section, &[schema], &entry, false)?;
            extend(section, target, entry)
        }
        _ => Err(format!("`{section}` cannot be added to")),
    }
}

fn add_entry(section: &str, schema: &[Value], target: &mut Vec<Value>, entry: Value) -> Result<(), String> {
    let Value::Table(entry) = entry else {
        return Err(format!("expected entries [[{section}]], found a value"));
    };
    let schema: Vec<&Table> = schema.iter().filter_map(Value::as_table).collect();
    let identity = IDENTITIES.iter().find(|key| schema.iter().all(|table| table.contains_key(**key)));
    let same = |table: &Table| identity.is_some_and(|key| table.get(*key) == entry.get(*key));
    let at = target.iter().position(|value| value.as_table().is_some_and(same));
    check_keys(section, &schema, &entry, at.is_none())?;
    for (at_other, other) in target.iter().enumerate().filter(|(other, _)| Some(*other) != at) {
        let Some(other) = other.as_table() else { continue };
        // Classes of one name may stand within different ones, and one word compares and names.
        if other.get("within") != entry.get("within") {
            continue;
        }
        let theirs = names(other);
        if let Some(name) =
            names(&entry).into_iter().find(|name| theirs.contains(&fold(name)) || theirs.contains(name))
        {
            let other =
                identity.and_then(|key| other.get(*key)).map_or(format!("entry {}", at_other + 1), shown);
            return Err(format!("`{name}` in [[{section}]] means {other} already; a name has one meaning"));
        }
    }
    match at.and_then(|at| target.get_mut(at)).and_then(Value::as_table_mut) {
        Some(known) => extend(section, known, entry),
        None => {
            target.push(Value::Table(entry));
            Ok(())
        }
    }
}

/// Adds lists to lists; anything else must be as it is.
fn extend(section: &str, known: &mut Table, added: Table) -> Result<(), String> {
    for (key, value) in added {
        match (known.get_mut(&key), value) {
            (Some(Value::Array(list)), Value::Array(more)) => {
                for value in more {
                    if !list.contains(&value) {
                        list.push(value);
                    }
                }
            }
            (Some(there), value) if *there == value => {}
            (Some(there), value) => {
                return Err(format!(
                    "expected `{key} = {}` in `{section}`, as it is in data/reference, found {}; what is there cannot be changed",
                    shown(there),
                    shown(&value)
                ));
            }
            (None, value) => {
                known.insert(key, value);
            }
        }
    }
    Ok(())
}

/// Whether an entry has the keys that entries of its section have, with values of the same types.
fn check_keys(section: &str, schema: &[&Table], entry: &Table, is_new: bool) -> Result<(), String> {
    let known: BTreeSet<&str> = schema.iter().flat_map(|table| table.keys()).map(String::as_str).collect();
    for (key, value) in entry {
        let examples: Vec<&Value> = schema.iter().filter_map(|table| table.get(key)).collect();
        let Some(example) = examples.first() else {
            return Err(unknown(&format!("key of `{section}`"), key, &known));
        };
        let strings = |value: &Value| value.as_array().is_none_or(|list| list.iter().all(Value::is_str));
        if !example.same_type(value) || (strings(example) && !strings(value)) {
            let what = if example.is_array() { "a list of texts" } else { example.type_str() };
            return Err(format!("expected {what} in `{key}` of `{section}`, found {}", shown(value)));
        }
        if CLOSED.contains(&key.as_str()) && !examples.contains(&value) {
            let known: BTreeSet<&str> = examples.iter().filter_map(|value| value.as_str()).collect();
            return Err(unknown(key, value.as_str().unwrap_or_default(), &known));
        }
    }
    let missing = known
        .iter()
        .find(|key| schema.iter().all(|table| table.contains_key(**key)) && !entry.contains_key(**key));
    match missing.filter(|_| is_new) {
        Some(key) => Err(format!("a new entry [[{section}]] needs `{key}`")),
        None => Ok(()),
    }
}

/// What names an entry, folded.
fn names(entry: &Table) -> BTreeSet<String> {
    let values = NAMES.iter().filter_map(|key| entry.get(*key));
    let strings = values.flat_map(|value| match value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
        value => value.as_str().into_iter().collect(),
    });
    strings.map(fold).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        Value::Integer(number) => number.to_string(),
        other => format!("another {}", other.type_str()),
    }
}

fn unknown(what: &str, found: &str, known: &BTreeSet<&str>) -> String {
    let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let nearest = known.iter().min_by_key(|name| distance(name, found));
    let nearest = nearest.filter(|name| distance(name, found) <= 1 + found.chars().count() / 3);
    match nearest {
        Some(name) => format!("`{found}` is no {what}; did you mean `{name}`?"),
        None => format!("`{found}` is no {what}; expected one of {}", list.join(", ")),
    }
}

/// How many characters have to be changed, added or taken to make one word of another (Levenshtein's distance).
fn distance(one: &str, other: &str) -> usize {
    // Keys are short; a long word is far from all of them.
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, character) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = index + 1;
        for at in 0..other.len() {
            let changed = corner + usize::from(other[at] != character);
            corner = row[at + 1];
            row[at + 1] = changed.min(corner + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedded() -> BTreeMap<&'static str, Table> {
        let labels = "label = [{ code = 'project_name', kind = 'name', names = ['项目名称'] },\n\
                      { code = 'overview', kind = 'narrative', names = ['项目概况'] }]\n\
                      [furniture]\nnames = ['续表']\n[money]\nunits = ['元']\n";
        let units = "money = [{ yuan = 1, names = ['元'] }]";
        BTreeMap::from(
            [("labels", labels), ("units", units)].map(|(name, text)| (name, toml::from_str(text).unwrap())),
        )
    }

    fn add(text: &str) -> Result<BTreeMap<&'static str, Table>, String> {
        let mut tables = embedded();
        merge(&mut tables, &[("a.toml".into(), text.into())])
            .map(|()| tables)
            .map_err(|refused| refused.problem)
    }

    #[test]
    fn names_and_entries_are_added() {
        let tables = add("[[label]]\ncode = 'project_name'\nnames = ['工程名称', '项目名称']\n\
             [[label]]\ncode = 'voltage'\nkind = 'name'\nnames = ['电压']\n\
             [furniture]\nnames = ['接上页']\n[[money]]\nyuan = 10\nnames = ['十元']\n")
        .unwrap();
        let shown = |name: &str| format!("{:?}", tables[name]);
        assert_eq!(tables["labels"]["label"][0]["names"], Value::from(vec!["项目名称", "工程名称"]));
        assert_eq!(tables["labels"]["label"].as_array().unwrap().len(), 3);
        assert!(shown("labels").contains("接上页") && shown("units").contains("十元"));
    }

    #[test]
    fn what_cannot_be_added_is_refused_with_what_can() {
        for (text, says) in [
            ("[[labels]]\ncode = 'a'", "`labels` is no section; did you mean `label`?"),
            ("[[label]]\ncode = 'a'\nkind = 'name'\nname = ['甲']", "did you mean `names`?"),
            ("[[label]]\ncode = 'a'\nkind = 'naem'\nnames = ['甲']", "did you mean `name`?"),
            ("[[label]]\ncode = 'a'\nnames = ['甲']", "needs `kind`"),
            ("[[label]]\ncode = 'a'\nkind = 'name'\nnames = '甲'", "expected a list of texts"),
            ("[[label]]\ncode = 'a'\nkind = 'name'\nnames = ['项 目 概 况']", "means `overview` already"),
            ("[[label]]\ncode = 'overview'\nkind = 'name'\nnames = []", "cannot be changed"),
            ("[label]\ncode = 'a'", "another type"),
            ("label = [", "TOML parse error"),
        ] {
            let problem = add(text).unwrap_err();
            assert!(problem.contains(says), "{text}: {problem}");
        }
    }
}
