//! `jixiao check`: whether a pipeline could run, and what it would run.
//!
//! What stands in the file and what it points at are looked at together, so that an operator hears of everything at once.
//! Nothing is written, and no document is opened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jixiao_load::read;
use serde::Serialize;

use crate::arguments::{CheckArguments, Format};
use crate::failure::{Exit, Failure};
use crate::pipeline::{self, Backfill, Pipeline, Problem};
use crate::settings::processors;
use crate::terminal::{BOLD, columns, shown, styled};
use crate::{reference, source};

/// What is to be said of a pipeline, for programs.
#[derive(Debug, Serialize)]
struct Checked {
    /// The file as it was named.
    pipeline: String,
    /// Whether it could run.
    valid: bool,
    /// All that is wrong.
    problems: Vec<Problem>,
    /// What it would run: the lines for people by their names; empty if it could not.
    plan: BTreeMap<String, Vec<String>>,
}

/// Says whether a pipeline file is valid and what it would run.
///
/// # Errors
/// If the file cannot be opened or, for people, is not valid.
pub fn check(arguments: &CheckArguments) -> Result<(String, Exit), Failure> {
    let path = &arguments.pipeline;
    let unreadable = |source| Failure::PipelineUnreadable { path: path.clone(), source };
    let text = source::read_text(path).map_err(unreadable)?;
    let folder = source::real_folder(path).map_err(unreadable)?;
    let (pipeline, mut problems) = pipeline::examine(&folder, &text);
    let mut plan = Vec::new();
    if let Some(pipeline) = &pipeline {
        let (more, sources) = around(pipeline);
        problems.extend(more.into_iter().map(|text| Problem { at: None, text }));
        plan = self::plan(path, pipeline, sources);
    }
    if arguments.format == Format::Json {
        let valid = problems.is_empty();
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in plan.into_iter().filter(|_| valid) {
            by_name.entry(name.to_lowercase().replace(' ', "_")).or_default().push(value);
        }
        let plan = by_name;
        let checked = Checked { pipeline: path.to_string_lossy().into_owned(), valid, problems, plan };
        let exit = if valid { Exit::Good } else { Exit::Usage };
        return Ok((serde_json::to_string_pretty(&checked)? + "\n", exit));
    }
    if !problems.is_empty() {
        return Err(Failure::PipelineInvalid { path: path.clone(), problems });
    }
    let mut last = "";
    let rows = plan.into_iter().map(|(name, value)| {
        let again = std::mem::replace(&mut last, name) == name;
        vec![if again { String::new() } else { styled(BOLD, name) }, shown(&value)]
    });
    Ok((columns(&rows.collect::<Vec<_>>(), ""), Exit::Good))
}

/// What a pipeline would do, as lines.
fn plan(
    path: &Path,
    pipeline: &Pipeline,
    (sources, left_out): (usize, usize),
) -> Vec<(&'static str, String)> {
    let Pipeline { retention, .. } = pipeline;
    let mut plan =
        vec![("Command", format!("jixiao {} --pipeline {}", pipeline.kind.as_str(), path.display()))];
    plan.extend(pipeline.sources.iter().map(|path| ("Sources", path.display().to_string())));
    plan.push(("Files", format!("{sources}, and {left_out} left out")));
    plan.push(("Warehouse", warehouse(&pipeline.warehouse)));
    plan.extend(pipeline.reference.iter().map(|path| ("Reference", path.display().to_string())));
    plan.push(("Jobs", pipeline.jobs.unwrap_or_else(processors).to_string()));
    if let Some(Backfill { years, sources, rules_older_than }) = &pipeline.backfill {
        plan.extend(years.map(|(first, last)| ("Years", format!("{first} to {last}"))));
        plan.extend(sources.iter().map(|globs| ("Only", globs.to_string())));
        plan.extend(rules_older_than.iter().map(|rules| ("Rules older than", rules.clone())));
    }
    let gone = if pipeline.prune { "leave the warehouse" } else { "stay in the warehouse" };
    plan.push(("Documents gone", gone.to_owned()));
    let changed = if pipeline.rehash { "told by their bytes" } else { "told by size and time, then bytes" };
    plan.push(("Changed files", changed.to_owned()));
    plan.push(("Longest file", format!("{} MiB", pipeline.most_bytes >> 20)));
    plan.push(("Waits in memory", format!("{} MiB", pipeline.memory_bytes >> 20)));
    plan.push(("Retention", format!("{} days, and {} snapshots", retention.days, retention.snapshots)));
    plan.extend(pipeline.report.iter().map(|path| ("Report", path.display().to_string())));
    plan.extend(pipeline.lineage.iter().map(|lineage| {
        ("Lineage", format!("{}, in the namespace {}", lineage.path.display(), lineage.namespace))
    }));
    let gates = pipeline.gates.iter().flat_map(|gates| gates.lines());
    plan.extend(gates.map(|line| ("Gates", line)));
    plan
}

fn warehouse(root: &Path) -> String {
    match read::followed(root) {
        Ok(Some(snapshot)) => format!("{}, snapshot {snapshot}", root.display()),
        _ => format!("{}, nothing published yet", root.display()),
    }
}

/// What is wrong around a pipeline, and how many sources it has and leaves out.
fn around(pipeline: &Pipeline) -> (Vec<String>, (usize, usize)) {
    let Pipeline { sources, warehouse, .. } = pipeline;
    let mut problems = Vec::new();
    for source in sources.iter().filter(|source| !source.exists()) {
        problems.push(format!("expected in `sources` a file or folder, found none at {}", source.display()));
    }
    let mut counts = (0, 0);
    if problems.is_empty() {
        match source::list(sources) {
            Ok(mut listing) => {
                listing.leave_out(&pipeline.exclude);
                counts = (listing.sources.len(), listing.left_out.len());
                let narrowed = pipeline.backfill.as_ref().and_then(|backfill| backfill.sources.as_ref());
                if listing.sources.is_empty() {
                    problems
                        .push(format!("expected in `sources` documents, found none ({} left out)", counts.1));
                } else if let Some(globs) = narrowed
                    && !listing.sources.iter().any(|source| globs.matches(&source.name))
                {
                    problems
                        .push(format!("expected in `backfill.sources` what means a source, found {globs}"));
                }
            }
            Err(failure) => problems.push(failure.to_string()),
        }
    }
    problems.extend(overlaps(sources, warehouse));
    let written = [
        ("report.path", pipeline.report.as_ref()),
        ("lineage.path", pipeline.lineage.as_ref().map(|lineage| &lineage.path)),
    ];
    for (key, path) in written.into_iter().filter_map(|(key, path)| Some((key, path?))) {
        let holder = sources.iter().find(|source| source.is_dir() && real(path).starts_with(real(source)));
        if let Some(source) = holder {
            problems.push(format!(
                "expected in `{key}` a path outside of the sources, found {} in {}, where it would be read as a document",
                path.display(),
                source.display()
            ));
        }
        problems.extend(obstacle(key, path));
    }
    problems.extend(obstacle("warehouse", &warehouse.join("CURRENT")));
    if warehouse.is_dir()
        && let Err(error) = read::followed(warehouse)
    {
        problems.push(format!("the warehouse cannot be gone on with: {error}"));
    }
    if let Err(failure) = reference::add(pipeline.reference.as_deref()) {
        problems.push(failure.to_string());
    }
    (problems, counts)
}

/// Sources that are in the warehouse, or have it in them: a run would read what the last one wrote.
pub fn overlaps(sources: &[PathBuf], warehouse: &Path) -> Vec<String> {
    let root = real(warehouse);
    let overlap = |source: &PathBuf| {
        let found = real(source);
        let how = if found.starts_with(&root) {
            "the source is in the warehouse"
        } else if root.starts_with(&found) {
            "the warehouse is in the source"
        } else {
            return None;
        };
        Some(format!(
            "expected sources and warehouse apart, found {} and {}: {how}, and would be read as documents",
            source.display(),
            warehouse.display()
        ))
    };
    sources.iter().filter_map(overlap).collect()
}

/// Why a file could not be made at this path: something else than a folder stands above it.
fn obstacle(key: &str, path: &Path) -> Option<String> {
    let above = path.ancestors().skip(1).find(|path| path.exists())?;
    let problem =
        || format!("expected in `{key}` a path in a folder, found {}, which is none", above.display());
    (!above.is_dir()).then(problem)
}

/// Where a path leads, with no link in as much of it as there is.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let found = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    match found {
        Some((above, real)) => match path.strip_prefix(above) {
            Ok(rest) if rest.as_os_str().is_empty() => real,
            Ok(rest) => real.join(rest),
            Err(_) => path,
        },
        None => path,
    }
}
