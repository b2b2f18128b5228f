"""A warehouse that the first version wrote: it still opens, and who goes on with it is told exactly what to do.

`make test` names the program in JIXIAO_PROGRAM.
"""

import json
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest

import duckdb

PROGRAM = pathlib.Path(os.environ["JIXIAO_PROGRAM"]).resolve()
KEPT = pathlib.Path(__file__).resolve().parent.parent / "warehouse-of-0.1"
ORGANISATION = "江城市气象局"


class TheFirstVersion(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        with tarfile.open(KEPT / "warehouse.tar.gz") as archive:
            archive.extractall(folder, filter="data")
        self.warehouse = folder / "warehouse"

    def jixiao(self, *arguments, code=0):
        command = [PROGRAM, *arguments, "--warehouse", self.warehouse]
        done = subprocess.run(command, cwd=KEPT, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def told(self, *arguments, code=0):
        return json.loads(self.jixiao(*arguments, "--format", "json", code=code))

    def session(self):
        connection = duckdb.connect()
        # As its own first lines say, for a warehouse that was moved.
        connection.execute(f"set variable jixiao_warehouse = '{self.warehouse}'")
        connection.execute((self.warehouse / "catalog.sql").read_text(encoding="utf-8"))
        return connection

    def is_as_it_was(self):
        self.assertEqual((self.warehouse / "CURRENT").read_text(), "000002\n")
        self.assertEqual({path.name for path in (self.warehouse / "snapshots").iterdir()}, {"000001", "000002"})

    def test_it_is_told_of_and_compared(self):
        status = self.told("status")
        self.assertEqual((status["snapshot"], status["program_version"], status["schema_version"]), ("000002", "0.1.0", 1))
        rows = {table["table"]: table["rows"] for table in status["tables"]}
        self.assertEqual(
            {name: rows[name] for name in ("documents", "forms", "indicators", "budget_lines", "fields", "citations")},
            {"documents": 4, "forms": 3, "indicators": 3, "budget_lines": 6, "fields": 24, "citations": 6},
        )
        self.assertEqual(rows["form_checks"], 0, "it did not have that table")
        self.assertEqual(status["documents"], {"parsed": 3, "unreadable": 1})
        self.assertEqual([rules["is_current"] for rules in status["rules"]], [False])
        self.assertIn("jixiao ingest --outdated", self.jixiao("status"))
        diff = {table["table"]: table for table in self.told("diff", "1", "2", code=1)}
        self.assertEqual(diff["documents"]["came"], [["2020/a.txt"]])
        self.assertEqual([row["key"] for row in diff["documents"]["changed"]], [["copy.txt"]])
        self.assertEqual(len(diff["forms"]["came"]), 2)
        self.is_as_it_was()

    def test_its_own_catalogue_still_reads_it(self):
        session = self.session()
        amounts = session.execute("select 项目总预算_元::int, 年度 from 项目 order by all").fetchall()
        self.assertEqual(amounts, [(1200, 2019), (1200, 2019), (2400, 2020)])
        self.assertEqual(session.execute("select distinct organisation from forms").fetchall(), [(ORGANISATION,)])

    def test_who_goes_on_with_it_is_told_to_rebuild_it(self):
        for command in (["ingest", "in"], ["ingest", "in", "--prune"], ["backfill", "in", "--years", "2019"]):
            said = self.jixiao(*command, code=1)
            for words in ("written by jixiao 0.1.0", "can still be read", "jixiao ingest --rebuild", "all of its sources"):
                self.assertIn(words, said)
            self.is_as_it_was()
        self.jixiao("vacuum")
        self.is_as_it_was()

    def test_a_rebuild_goes_on_with_its_runs(self):
        reader = self.session()
        seen = reader.execute("select * from forms order by form_id").fetchall()
        snapshot = self.told("ingest", "in", "--rebuild", code=3)["snapshot"]
        changes = {key: snapshot[key] for key in ("id", "new", "changed", "unchanged", "removed")}
        self.assertEqual(changes, {"id": "000003", "new": 0, "changed": 0, "unchanged": 4, "removed": 0})
        session = self.session()
        runs = session.execute("select version, documents_seen, form_count from runs order by started_at").fetchall()
        self.assertEqual(runs, [("0.1.0", 3, 1), ("0.1.0", 4, 3), (snapshot_version(self), 4, 3)])
        amounts = session.execute("select total_budget_yuan::int, fiscal_year from forms_all order by all").fetchall()
        self.assertEqual(amounts, [(1200, 2019), (1200, 2019), (2400, 2020)])
        self.assertEqual(session.execute("select count(*) from forms where fiscal_year = 2019").fetchall(), [(1,)])
        self.assertEqual(reader.execute("select * from forms order by form_id").fetchall(), seen, "it has its snapshot")
        # From here on the nights are as any others, and there is a way back.
        again = self.told("ingest", "in", "--prune")
        self.assertEqual((again["as_it_was"], again["snapshot"]["files_written"]), (4, 1))
        self.jixiao("rollback", "--to", "2")
        self.assertIn("jixiao ingest --rebuild", self.jixiao("ingest", "in", code=1))


def snapshot_version(test):
    return test.told("status")["program_version"]


if __name__ == "__main__":
    unittest.main()
