"""What a warehouse and a run tell other programs, held against what those programs expect: the data package against
frictionless, OpenLineage events against the classes of OpenLineage's own client, which are made from its specification,
and the run report against docs/run-report.schema.json.

`make test` names the program in JIXIAO_PROGRAM and a warehouse in JIXIAO_WAREHOUSE.
"""

import copy
import enum
import json
import os
import pathlib
import subprocess
import tempfile
import types
import typing
import unittest

import attr
import frictionless
import jsonschema
import pyarrow
import pyarrow.parquet
from openlineage.client import facet_v2 as facets
from openlineage.client.generated import base
from openlineage.client.serde import Serde

PROGRAM = pathlib.Path(os.environ["JIXIAO_PROGRAM"]).resolve()
RAW = pathlib.Path(os.environ["JIXIAO_RAW"]).resolve()
CURRENT = pathlib.Path(os.environ["JIXIAO_WAREHOUSE"]).resolve() / "current"
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"

# The class of each facet, by its key and by what it is a facet of.
FACETS = {
    (base.RunFacet, "processing_engine"): facets.processing_engine_run.ProcessingEngineRunFacet,
    (base.RunFacet, "errorMessage"): facets.error_message_run.ErrorMessageRunFacet,
    (base.JobFacet, "jobType"): facets.job_type_job.JobTypeJobFacet,
    (base.JobFacet, "documentation"): facets.documentation_job.DocumentationJobFacet,
    (base.DatasetFacet, "documentation"): facets.documentation_dataset.DocumentationDatasetFacet,
    (base.DatasetFacet, "schema"): facets.schema_dataset.SchemaDatasetFacet,
    (base.DatasetFacet, "version"): facets.dataset_version_dataset.DatasetVersionDatasetFacet,
    (base.OutputDatasetFacet, "outputStatistics"):
        facets.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
}


def read(expected, value, where):
    """A JSON value as what OpenLineage's classes declare; anything that they do not is refused."""
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if origin in (types.UnionType, typing.Union):
        [expected] = [argument for argument in arguments if argument is not type(None)]
        return read(expected, value, where)
    if origin is list:
        return [read(arguments[0], item, f"{where}[{index}]") for index, item in enumerate(value)]
    if origin is dict:
        return {key: read(FACETS[arguments[1], key], item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(expected, type) and issubclass(expected, enum.Enum):
        return expected(value)
    if attr.has(expected):
        return read_object(expected, value, where)
    if type(value) is not expected:
        raise TypeError(f"{where}: expected {expected}, found {value!r}")
    return value


def read_object(expected, value, where):
    hints = typing.get_type_hints(expected)
    fields = {field.name: field for field in attr.fields(expected)}
    unknown = set(value) - set(fields)
    if unknown:
        raise TypeError(f"{where}: {expected.__name__} has no {unknown}")
    found = {}
    for name, item in value.items():
        item = read(hints[name], item, f"{where}.{name}")
        if name in ("schemaURL", "_schemaURL"):
            if item != expected._get_schema():
                raise TypeError(f"{where}.{name}: expected {expected._get_schema()}, found {item}")
        else:
            found[fields[name].alias] = item
    return expected(**found)


def without_empty(value):
    """A JSON value without empty lists and objects, which OpenLineage's classes add."""
    if isinstance(value, dict):
        value = {key: without_empty(item) for key, item in value.items()}
        return {key: item for key, item in value.items() if item not in ([], {})}
    return [without_empty(item) for item in value] if isinstance(value, list) else value


class Run:
    """A run of the program over some files, with everything that it tells."""

    def __init__(self, files, code, *, gates="", fails=False):
        self.code = code
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            for name, content in files.items():
                path = folder / "in" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            (folder / "p.toml").write_text(
                "sources = ['in']\nwarehouse = 'w'\n[report]\npath = 'report.json'\n[lineage]\npath = 'events.jsonl'\n" + gates
            )
            if fails:
                (folder / "w").write_text("a file where the warehouse should be")
            self.ran = subprocess.run(
                [PROGRAM, "ingest", "--pipeline", "p.toml", "--quiet", "--log-format", "json"],
                cwd=folder, capture_output=True, check=False,
            )
            self.log = [json.loads(line) for line in self.ran.stderr.splitlines()]
            self.report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
            self.events = [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]


class TheDataPackage(unittest.TestCase):
    def setUp(self):
        self.descriptor = json.loads((CURRENT / "datapackage.json").read_text(encoding="utf-8"))

    def package(self, descriptor):
        """The package with its rows. pyarrow reads them: frictionless does by pandas, to which a whole number that may
        be missing is a fraction."""
        package = frictionless.Package(name=descriptor["name"])
        for resource in descriptor["resources"]:
            files = [pyarrow.parquet.ParquetFile(CURRENT / path).read() for path in resource["path"]]
            table = pyarrow.concat_tables(files)
            rows = [table.column_names] + [list(row.values()) for row in table.to_pylist()]
            schema = frictionless.Schema.from_descriptor(resource["schema"])
            package.add_resource(frictionless.Resource(name=resource["name"], data=rows, schema=schema))
        return package

    def errors(self, descriptor):
        report = self.package(descriptor).validate()
        return {task.name: {error.type for error in task.errors} for task in report.tasks if not task.valid}

    def test_the_descriptor_is_one(self):
        package = frictionless.Package.from_descriptor(copy.deepcopy(self.descriptor), basepath=str(CURRENT))
        self.assertEqual([resource.name for resource in package.resources],
                         [resource["name"] for resource in self.descriptor["resources"]])
        self.descriptor["resources"][0]["schema"]["fields"][0]["type"] = "text"
        with self.assertRaises(frictionless.FrictionlessException):
            frictionless.Package.from_descriptor(self.descriptor)

    def test_every_row_is_as_it_says(self):
        report = self.package(self.descriptor).validate()
        self.assertTrue(report.valid, report.flatten(["name", "type", "note"]))
        rows = {task.name: task.stats["rows"] for task in report.tasks}
        self.assertEqual((rows["forms"], rows["indicators"], rows["citations"]), (15, 149, 171))

    def test_a_key_that_is_none_and_a_reference_to_nothing_would_be_found(self):
        resources = {resource["name"]: resource["schema"] for resource in self.descriptor["resources"]}
        resources["forms"]["primaryKey"] = ["fiscal_year"]
        resources["indicators"]["foreignKeys"][0]["fields"] = ["level1"]
        self.assertEqual(self.errors(self.descriptor), {"forms": {"primary-key"}, "indicators": {"foreign-key"}})


class WhatARunTells(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        [document] = RAW.glob("**/*.txt")
        good = {"2020/a.txt": document.read_bytes()}
        gates = "[gates]\nparsed = { at_least = 0.9, severity = '%s' }\n"
        cls.runs = {
            "good": Run(good, 0),
            "unreadable": Run(good | {"b.txt": b""}, 3),
            "warned": Run(good | {"b.txt": b""}, 3, gates=gates % "warn"),
            "held": Run(good | {"b.txt": b""}, 1, gates=gates % "error"),
            "failed": Run(good, 1, fails=True),
        }
        cls.schema = json.loads((DOCS / "run-report.schema.json").read_text(encoding="utf-8"))

    def test_events_are_openlineage(self):
        for name, run in self.runs.items():
            for event in run.events:
                with self.subTest(run=name, type=event["eventType"]):
                    again = read_object(base.RunEvent, event, "event")
                    self.assertEqual(without_empty(Serde.to_dict(again)), without_empty(event), "nothing is lost")

    def test_a_wrong_event_would_be_found(self):
        event = self.runs["good"].events[1]
        for spoil in (
            lambda event: event.update(eventTime="yesterday"),
            lambda event: event.update(eventType="DONE"),
            lambda event: event["run"].update(runId="1"),
            lambda event: event["run"]["facets"].update(mine={}),
            lambda event: event["outputs"][0]["facets"]["schema"]["fields"][0].update(name=1),
            lambda event: event["outputs"][0]["facets"]["schema"].update(_schemaURL="https://example.org"),
            lambda event: event["outputs"][0]["outputFacets"]["outputStatistics"].update(rows=1),
        ):
            wrong = copy.deepcopy(event)
            spoil(wrong)
            with self.assertRaises((TypeError, ValueError, KeyError)):
                read_object(base.RunEvent, wrong, "event")

    def test_reports_are_as_their_schema_says(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)
        validator = jsonschema.Draft202012Validator(self.schema)
        for name, run in self.runs.items():
            with self.subTest(run=name):
                self.assertEqual([error.message for error in validator.iter_errors(run.report)], [])
                self.assertEqual((run.ran.returncode, run.report["exit_code"]), (run.code, run.code))
        self.assertEqual([gate["gate"] for gate in self.runs["held"].report["gates"]], ["parsed"])
        self.assertGreater(self.runs["good"].report["written"]["bytes_written"], 0)
        for wrong in ({"exit_code": 7}, {"gates": [{"gate": "parsed"}]}, {"more": 1}, {"written": {}}):
            self.assertFalse(validator.is_valid(self.runs["good"].report | wrong), wrong)

    def test_log_report_and_events_tell_of_the_same_run(self):
        for name, run in self.runs.items():
            with self.subTest(run=name):
                self.assertEqual({line["run_id"] for line in run.log}, {run.report["run_id"]})
                [run_id] = {event["run"]["runId"] for event in run.events}
                ended = [event["eventType"] for event in run.events]
                self.assertEqual(ended, ["START", "FAIL" if run.code == 1 else "COMPLETE"])
                self.assertEqual(run.log[-1]["event"], "run-failed" if run.code == 1 else "run-finished")


if __name__ == "__main__":
    unittest.main()
