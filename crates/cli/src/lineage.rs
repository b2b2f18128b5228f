//! OpenLineage events of a run: what was read, and which tables became of it, for catalogues that draw the way of data.
//!
//! Specification 2-0-2 (`https://openlineage.io/spec/2-0-2/OpenLineage.json`): a run has one START and one COMPLETE or FAIL.
//! The facets are those of that specification and no others. Datasets of files are named by its naming rules: the
//! namespace `file`, and the path.

use std::path::{Path, PathBuf};

use jixiao_load::{SnapshotId, TablePublished};
use jixiao_model::dictionary::{Table, dictionary};
use jixiao_model::hash::sha256;
use serde_json::{Value, json};

/// The specification of the events.
const SPECIFICATION: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// Who tells: the program in its version, as a URN of a private namespace (RFC 8141, 5.1), since it has no web page.
const PRODUCER: &str = concat!("urn:x-jixiao:", env!("CARGO_PKG_VERSION"));

/// What all events of a run share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageRun<'a> {
    /// The run's id, as in `runs`.
    pub run_id: &'a str,
    /// The namespace of the job.
    pub namespace: &'a str,
    /// `ingest` or `backfill`.
    pub kind: &'a str,
    /// The pipeline file as it was named.
    pub pipeline: Option<&'a str>,
    /// Files and folders that are read, as absolute paths.
    pub sources: &'a [PathBuf],
    /// The folder of the warehouse, as an absolute path.
    pub warehouse: &'a Path,
}

/// How a run ended.
#[derive(Debug, Clone, Copy)]
pub enum Ending<'a> {
    /// It published a snapshot.
    Published {
        /// Its id.
        snapshot: SnapshotId,
        /// Its tables.
        tables: &'a [TablePublished],
    },
    /// It published nothing.
    Failed {
        /// Why.
        message: &'a str,
    },
}

/// The event of its beginning; the time is in UTC (RFC 3339).
pub fn start(run: &LineageRun<'_>, time: &str) -> Value {
    let outputs: Vec<Value> = dictionary().tables.iter().map(|table| dataset(run, table)).collect();
    event(run, "START", time, json!({}), &outputs)
}

/// The event of its end.
pub fn end(run: &LineageRun<'_>, time: &str, ending: Ending<'_>) -> Value {
    match ending {
        Ending::Published { snapshot, tables } => {
            let output = |table: &Table| {
                let mut output = dataset(run, table);
                let version = json!({ "datasetVersion": snapshot.to_string() });
                output["facets"]["version"] = facet("1-0-1", "DatasetVersionDatasetFacet", version);
                if let Some(found) = tables.iter().find(|found| found.table == table.name) {
                    let counts =
                        json!({ "rowCount": found.rows, "size": found.bytes, "fileCount": found.files });
                    output["outputFacets"] = json!({
                        "outputStatistics": facet("1-0-2", "OutputStatisticsOutputDatasetFacet", counts),
                    });
                }
                output
            };
            let outputs: Vec<Value> = dictionary().tables.iter().map(output).collect();
            event(run, "COMPLETE", time, json!({}), &outputs)
        }
        Ending::Failed { message } => {
            let message = json!({ "message": message, "programmingLanguage": "RUST" });
            let facets = json!({ "errorMessage": facet("1-0-1", "ErrorMessageRunFacet", message) });
            event(run, "FAIL", time, facets, &[])
        }
    }
}

fn event(run: &LineageRun<'_>, event_type: &str, time: &str, mut facets: Value, outputs: &[Value]) -> Value {
    let engine = json!({ "name": "jixiao", "version": env!("CARGO_PKG_VERSION") });
    facets["processing_engine"] = facet("1-1-1", "ProcessingEngineRunFacet", engine);
    let inputs: Vec<Value> =
        run.sources.iter().map(|path| json!({ "namespace": "file", "name": name(path) })).collect();
    json!({
        "eventType": event_type,
        "eventTime": time,
        "producer": PRODUCER,
        "schemaURL": SPECIFICATION,
        "run": { "runId": uuid(run.run_id), "facets": facets },
        "job": { "namespace": run.namespace, "name": job(run), "facets": job_facets(run) },
        "inputs": inputs,
        "outputs": outputs,
    })
}

/// The name of the job: runs of one pipeline are runs of one job.
fn job(run: &LineageRun<'_>) -> String {
    let pipeline = run.pipeline.and_then(|pipeline| Path::new(pipeline).file_stem());
    match pipeline {
        Some(stem) => format!("jixiao.{}.{}", run.kind, stem.to_string_lossy()),
        None => format!("jixiao.{}", run.kind),
    }
}

fn job_facets(run: &LineageRun<'_>) -> Value {
    let description = format!("budget-performance forms into {}", name(run.warehouse));
    let job_type = json!({ "processingType": "BATCH", "integration": "JIXIAO", "jobType": "COMMAND" });
    json!({
        "jobType": facet("2-0-4", "JobTypeJobFacet", job_type),
        "documentation": facet("1-1-0", "DocumentationJobFacet", json!({ "description": description })),
    })
}

/// A table of the warehouse, under the path by which plain globs read it.
fn dataset(run: &LineageRun<'_>, table: &Table) -> Value {
    let field = |(column, position): (&jixiao_model::dictionary::Column, usize)| {
        json!({
            "name": column.name,
            "type": column.column_type.to_string(),
            "description": format!("{}: {}", column.name_zh, column.description),
            "ordinal_position": position,
        })
    };
    let fields: Vec<Value> = table.columns.iter().zip(1..).map(field).collect();
    json!({
        "namespace": "file",
        "name": name(&run.warehouse.join("current").join(&table.name)),
        "facets": {
            "schema": facet("1-2-0", "SchemaDatasetFacet", json!({ "fields": fields })),
            "documentation": facet(
                "1-1-0",
                "DocumentationDatasetFacet",
                json!({ "description": format!("{}: {}", table.name_zh, table.description) }),
            ),
        },
    })
}

/// The name of a dataset that is a path.
fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A facet of the specification, with who tells it and where it is defined.
fn facet(version: &str, name: &str, mut fields: Value) -> Value {
    fields["_producer"] = PRODUCER.into();
    fields["_schemaURL"] =
        format!("https://openlineage.io/spec/facets/{version}/{name}.json#/$defs/{name}").into();
    fields
}

/// A UUID made of a run's id, which tells runs apart already: version 8, of our own making (RFC 9562, 5.8).
fn uuid(run_id: &str) -> String {
    let hash = sha256(run_id.as_bytes());
    let digits: Vec<char> = hash.chars().take(32).collect();
    let part = |from: usize, to: usize| digits[from..to].iter().collect::<String>();
    // The variant is the two highest bits of its digit: 8, 9, a or b.
    let variant = match digits[16] {
        '0'..='3' => '8',
        '4'..='7' => '9',
        '8' | '9' | 'a' | 'b' => 'a',
        _ => 'b',
    };
    format!("{}-{}-8{}-{variant}{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<'a>(sources: &'a [PathBuf], pipeline: Option<&'a str>) -> LineageRun<'a> {
        LineageRun {
            run_id: "20260102T030405.678901Z-42",
            namespace: "jixiao",
            kind: "ingest",
            pipeline,
            sources,
            warehouse: Path::new("/srv/warehouse"),
        }
    }

    #[test]
    fn both_events_of_a_run_are_of_one_run_and_job() {
        let sources = ["/srv/in".into()];
        let run = run(&sources, Some("pipelines/nightly.toml"));
        let tables = [TablePublished { table: "forms".into(), files: 2, rows: 15, bytes: 900 }];
        let (start, end) = (
            start(&run, "2026-01-02T03:04:05Z"),
            end(&run, "2026-01-02T03:05:00Z", Ending::Published { snapshot: SnapshotId(7), tables: &tables }),
        );
        assert_eq!((&start["eventType"], &end["eventType"]), (&"START".into(), &"COMPLETE".into()));
        assert_eq!(start["run"]["runId"], end["run"]["runId"]);
        assert_eq!(end["job"]["name"], "jixiao.ingest.nightly");
        assert_eq!(start["inputs"], json!([{ "namespace": "file", "name": "/srv/in" }]));
        let outputs = end["outputs"].as_array().unwrap();
        assert_eq!(outputs.len(), dictionary().tables.len());
        let forms = outputs.iter().find(|output| output["name"] == "/srv/warehouse/current/forms").unwrap();
        assert_eq!(forms["facets"]["version"]["datasetVersion"], "000007");
        assert_eq!(forms["outputFacets"]["outputStatistics"]["rowCount"], 15);
        let field = &forms["facets"]["schema"]["fields"][0];
        assert_eq!((&field["name"], &field["type"]), (&"form_id".into(), &"string".into()));
    }

    #[test]
    fn a_run_that_failed_says_why_and_has_no_outputs() {
        let event = end(&run(&[], None), "2026-01-02T03:05:00Z", Ending::Failed { message: "disk full" });
        assert_eq!((&event["eventType"], &event["outputs"]), (&"FAIL".into(), &json!([])));
        assert_eq!(event["run"]["facets"]["errorMessage"]["message"], "disk full");
        assert_eq!(event["job"]["name"], "jixiao.ingest");
    }

    #[test]
    fn run_ids_become_uuids_of_version_8() {
        let made: Vec<String> = (0..64).map(|number| uuid(&format!("run-{number}"))).collect();
        for uuid in &made {
            let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
            let digits: Vec<char> = uuid.chars().collect();
            assert!(digits[14] == '8' && "89ab".contains(digits[19]), "{uuid}");
        }
        let different: std::collections::BTreeSet<_> = made.iter().collect();
        assert_eq!(different.len(), made.len());
        assert_eq!(uuid("run-1"), uuid("run-1"));
    }
}
