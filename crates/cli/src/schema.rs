//! `jixiao schema`: the dictionary and the catalogue of findings, for people, programs and DuckDB.

use std::fmt::Write;
use std::path::absolute;

use jixiao_load::catalog;
use jixiao_model::dictionary::{self, dictionary};
use jixiao_model::finding::catalogue;

use crate::arguments::{Language, SchemaArguments, SchemaFormat};
use crate::failure::Failure;

/// Prints what was asked for.
///
/// # Errors
/// If the path of the warehouse is no text.
pub fn schema(arguments: &SchemaArguments) -> Result<String, Failure> {
    match (arguments.findings, arguments.format) {
        (true, SchemaFormat::Json) => Ok(serde_json::to_string_pretty(catalogue())? + "\n"),
        (true, _) => Ok(findings()),
        (false, SchemaFormat::Json) => Ok(serde_json::to_string_pretty(dictionary())? + "\n"),
        (false, SchemaFormat::Sql) => {
            let root = absolute(&arguments.warehouse)
                .map_err(|source| Failure::NoSuchPath { path: arguments.warehouse.clone(), source })?;
            Ok(catalog::sql(&root)?)
        }
        (false, SchemaFormat::Markdown) => Ok(match arguments.language {
            Language::En => dictionary::english(dictionary()),
            Language::Zh => dictionary::chinese(dictionary()),
        }),
    }
}

/// The catalogue of findings as a page: `docs/findings.md`.
fn findings() -> String {
    let mut text = "# Findings\n\nMade by `jixiao schema --findings` from `data/reference/findings.toml`; do not edit. \
                    The codes are stable. Of a check, the table `checks` says how often it applied and how often it \
                    held; pipelines can hold it to a share (`[gates.checks]`).\n\n\
                    | Code | 中文名 | Severity | Check | What was seen | What to do |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for entry in catalogue() {
        let code = format!("`{}`", entry.code);
        let cells = [
            code.as_str(),
            &entry.name_zh,
            entry.severity.as_str(),
            if entry.is_check { "yes" } else { "" },
            &entry.meaning,
            &entry.reaction,
        ];
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}
