"""Runs that are told to stop, that meet another one, and that are killed with documents half read: the next one goes on."""

import json
import pathlib
import shutil
import signal
import subprocess
import unittest

from program import BEFORE, form, good, ingest, leaks, new_folder, put, run, tables, vacuum
from program import write_sources
from readers import open_catalogue
from strace import Held, traced, was_killed

# More documents than one, so that some are read when the run is told to stop, and some are not.
MANY = {f"2020/{number:02}.txt": form(2020, f"监测站{number}", 1000 + number) for number in range(30)}
HALF = "2020/14.txt"


class Night(unittest.TestCase):
    """A night that brings many documents."""

    def setUp(self):
        folder = new_folder()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.warehouse, self.log = self.folder / "warehouse", self.folder / "strace.log"
        for name, sources in [("before", BEFORE), ("many", BEFORE | MANY)]:
            write_sources(self.folder / name, sources)
        good(self.night("before"))
        self.before = tables(self.warehouse)
        put(self.warehouse, self.folder / "saved")
        good(self.night("many"))
        self.many = tables(self.warehouse)
        put(self.folder / "saved", self.warehouse)

    def night(self, name):
        return ingest(self.folder / name, self.warehouse)

    def runs(self):
        return open_catalogue(self.warehouse).execute("select outcome, documents_seen from runs order by started_at").fetchall()

    def stop(self, *rules):
        """A run that gets signals while it reads the document in the middle."""
        return traced(self.night("many"), self.log, ["openat", "read"], inject=rules, only=self.folder / "many" / HALF)


class Stopped(Night):
    def test_a_run_that_is_told_to_stop_says_so_and_the_next_one_goes_on_from_there(self):
        for name in ["SIGINT", "SIGTERM"]:
            with self.subTest(signal=name):
                put(self.folder / "saved", self.warehouse)
                ran = self.stop(f"openat:signal={name}:when=1")
                self.assertEqual(ran.code, 1, ran.err)
                self.assertIn(f"stopped by {name}; nothing was published", ran.err)
                self.assertEqual(tables(self.warehouse), self.before)
                [_, (outcome, seen)] = self.runs()
                self.assertEqual(outcome, "stopped")
                self.assertIn(seen, range(1, len(BEFORE | MANY)), "some were read, and some were not")
                summary = json.loads(good(self.night("many")))
                self.assertGreater(summary["resumed"], 0)
                self.assertEqual(summary["resumed"] + summary["as_it_was"], seen)
                self.assertEqual(tables(self.warehouse), self.many)
                good(vacuum(self.warehouse))
                self.assertEqual(leaks(self.warehouse), [])
                self.assertEqual(json.loads(good(self.night("many")))["resumed"], 0)

    def test_a_run_that_is_told_twice_dies_at_once_and_does_no_harm(self):
        ran = self.stop("openat:signal=SIGINT:when=1", "read:signal=SIGINT:when=1")
        self.assertIn(ran.code, [-signal.SIGINT, 128 + signal.SIGINT], ran.err)
        self.assertEqual(tables(self.warehouse), self.before)
        good(self.night("many"))
        self.assertEqual(tables(self.warehouse), self.many)

    def test_what_a_loss_of_power_leaves_of_the_journal_is_read_again(self):
        self.assertEqual(self.stop("openat:signal=SIGTERM:when=1").code, 1)
        put(self.warehouse, self.folder / "stopped")
        files = sorted(path.relative_to(self.warehouse) for path in (self.warehouse / ".journal").rglob("*.arrow"))
        self.assertGreater(len(files), 0)
        for file in files:
            whole = (self.warehouse / file).read_bytes()
            page = len(whole) // 2 // 4096 * 4096
            left = {
                "missing": None,
                "empty": b"",
                "zeros": bytes(len(whole)),
                "a page of zeros": whole[:page] + bytes(4096) + whole[page + 4096:],
                "cut": whole[:page],
                "without its end": whole[:-8] + bytes(8),
            }
            for damage, now in left.items():
                with self.subTest(file=file.name, damage=damage):
                    put(self.folder / "stopped", self.warehouse)
                    path = self.warehouse / file
                    path.unlink()
                    if now is not None:
                        path.write_bytes(now)
                    self.assertEqual(json.loads(good(self.night("many")))["resumed"], 0)
                    self.assertEqual(tables(self.warehouse), self.many)

    def test_what_was_being_written_to_the_journal_is_not_taken_for_whole(self):
        # What was read goes to the journal when the run fails, which it does at its first wait for the disk.
        rules = ["fsync:error=EIO:when=1", "rename:signal=KILL:when=1"]
        ran = traced(self.night("many"), self.log, ["fsync", "rename"], inject=rules)
        self.assertTrue(was_killed(ran))
        self.assertIn("/unfinished", ran.log)
        # A document that has come meanwhile is written to the journal where the dead run has left its own.
        write_sources(self.folder / "more", BEFORE | MANY | {"2022/late.txt": form(2022, "预警发布", 900)})
        good(self.night("more"))
        mended = tables(self.warehouse)
        shutil.rmtree(self.warehouse)
        good(self.night("more"))
        self.assertEqual(mended, tables(self.warehouse))


class Two(Night):
    def test_a_second_run_says_who_holds_the_warehouse_and_since_when(self):
        first = Held(self.night("many"), self.log, ("fsync", 3))
        self.assertTrue(first.stands())
        second = run(self.night("many"))
        self.assertEqual(second.returncode, 4, second.stderr)
        self.assertRegex(second.stderr, rf"held by another run \(process {first.pid()} since 20\d\d-\d\d-\d\dT[\d:]+Z\)")
        first.send(signal.SIGKILL)
        first.end()
        good(self.night("many"))
        self.assertEqual(tables(self.warehouse), self.many)

    def test_of_two_that_start_at_once_one_at_least_publishes_and_the_other_names_it(self):
        for _ in range(5):
            both = [
                subprocess.Popen(self.night("many"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for _ in range(2)
            ]
            said = [process.communicate()[1] for process in both]
            codes = [process.returncode for process in both]
            self.assertIn(sorted(codes), [[0, 0], [0, 4]], said)
            if 4 in codes:
                other = both[codes.index(0)].pid
                self.assertIn(f"(process {other} since ", said[codes.index(4)])
            self.assertEqual(tables(self.warehouse), self.many)


if __name__ == "__main__":
    unittest.main()
