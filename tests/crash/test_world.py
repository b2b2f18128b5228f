"""The world does not stand still: files that go away or change while they are read, clocks that are wrong, a warehouse
that cannot be written to."""

import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

from program import AFTER, BEFORE, LATER, PROGRAM, current, form, good, ingest, new_folder, put, run, tables, vacuum
from program import needed, write_sources
from readers import look, open_catalogue
from trace import Held

DAY = 86_400
HERE = pathlib.Path(__file__).parent


class World(unittest.TestCase):
    def setUp(self):
        made = new_folder()
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name)
        self.warehouse, self.log = self.folder / "warehouse", self.folder / "strace.log"

    def night(self, sources, *more):
        """The command over sources that are written now."""
        write_sources(self.folder / "in", sources)
        return ingest(self.folder / "in", self.warehouse, *more)

    def undisturbed(self, sources):
        """What a new warehouse has of these sources."""
        write_sources(self.folder / "alone", sources)
        good(ingest(self.folder / "alone", self.folder / "undisturbed"))
        return tables(self.folder / "undisturbed")

    def ask(self, sql):
        return open_catalogue(self.warehouse).execute(sql).fetchall()


class Files(World):
    def test_a_file_that_goes_away_after_it_was_listed_stays_as_it_was_until_the_next_night(self):
        good(self.night(BEFORE))
        held = Held(self.night(AFTER), self.log, ("flock", 1))
        self.assertTrue(held.stands(), "the lock is taken when the sources are listed")
        (self.folder / "in/2020/weather.txt").unlink()
        (self.folder / "in/2021/new.txt").unlink()
        held.send(signal.SIGCONT)
        code, _, err = held.end()
        self.assertEqual(code, 0, err)
        for name in ["2020/weather.txt", "2021/new.txt"]:
            self.assertIn(f"{name} has gone since it was listed; what the warehouse has of it stays", err)
        left = {name: text for name, text in BEFORE.items() if name != "2019/radar-again.txt"}
        self.assertEqual(tables(self.warehouse), self.undisturbed(left))
        del left["2020/weather.txt"]
        good(self.night(left))
        self.assertEqual(self.ask("select count(*) from documents where source = '2020/weather.txt'"), [(0,)])

    def test_a_file_that_changes_while_it_is_read_is_read_again(self):
        good(self.night(BEFORE))
        file = self.folder / "in/2020/weather.txt"
        held = Held(self.night(AFTER), self.log, ("read", 1), only=file)
        self.assertTrue(held.stands())
        write_sources(self.folder / "in", LATER)
        held.send(signal.SIGCONT)
        code, _, err = held.end()
        self.assertEqual(code, 0, err)
        good(self.night(LATER))
        self.assertEqual(tables(self.warehouse), self.undisturbed(LATER))

    def test_a_file_that_somebody_writes_to_all_the_time_is_a_row_with_the_reason_and_read_the_next_night(self):
        command = self.night(AFTER)
        file = self.folder / "in/2020/weather.txt"
        held = Held(command, self.log, ("read", "1+"), only=file)
        stops = 0
        while held.stands():
            stops += 1
            with file.open("r+", encoding="utf-8") as open_file:
                open_file.write(AFTER["2020/weather.txt"].replace("60000", f"{60000 + stops}"))
            held.send(signal.SIGCONT)
        code, _, err = held.end()
        self.assertEqual(code, 3, err)
        self.assertGreaterEqual(stops, 3)
        [(status, reason)] = self.ask("select status, reason from documents where source = '2020/weather.txt'")
        self.assertEqual((status, reason), ("unreadable", "somebody is writing to it: it changed each time it was read"))
        self.assertEqual(self.ask("select count(*) from forms where source <> '2020/weather.txt'"), [(3,)])
        good(self.night(AFTER))
        self.assertEqual(tables(self.warehouse), self.undisturbed(AFTER))

    def test_a_source_that_the_disk_cannot_read_is_a_row_with_the_reason_and_read_the_next_night(self):
        from trace import traced

        good(self.night(BEFORE))
        file = self.folder / "in/2021/new.txt"
        ran = traced(self.night(AFTER), self.log, ["read"], inject="read:error=EIO:when=1", only=file)
        self.assertEqual((ran.code, len(ran.injected)), (3, 1), ran.err)
        [(reason,)] = self.ask("select reason from documents where source = '2021/new.txt'")
        self.assertIn("Input/output error", reason)
        good(self.night(AFTER))
        self.assertEqual(tables(self.warehouse), self.undisturbed(AFTER))


class Clocks(World):
    def wrong_by(self, seconds):
        """The environment of a program whose clock is wrong."""
        shim = self.folder / "clock.so"
        if not shim.exists():
            subprocess.run([needed("cc", "gcc"), "-shared", "-fPIC", "-o", shim, HERE / "clock.c", "-ldl"], check=True)
        return os.environ | {"LD_PRELOAD": str(shim), "JIXIAO_CLOCK": str(seconds)}

    def good_at(self, seconds, command):
        ran = run(command, env=self.wrong_by(seconds))
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    def snapshots(self):
        return sorted(path.name for path in (self.warehouse / "snapshots").iterdir())

    def test_a_clock_that_was_set_back_changes_no_row_and_no_run_is_lost(self):
        self.good_at(10 * DAY, self.night(BEFORE))
        self.good_at(0, self.night(AFTER))
        self.good_at(-3000 * DAY, self.night(LATER))
        self.assertEqual(tables(self.warehouse), self.undisturbed(LATER), "the sources' times are in the future then")
        seen = self.ask("select documents_new, documents_changed, documents_removed from runs order by started_at")
        self.assertEqual(seen, [(1, 1, 0), (1, 1, 1), (5, 0, 0)], "in the order of what the clocks said")
        summary = json.loads(good(self.night(LATER)))
        self.assertEqual(summary["as_it_was"], len(LATER), "times are compared, not ordered")

    def test_retention_keeps_what_a_wrong_clock_makes_young_and_takes_it_when_its_time_comes(self):
        self.good_at(10 * DAY, self.night(BEFORE))
        self.good_at(10 * DAY, self.night(AFTER))
        self.good_at(0, self.night(LATER))
        self.good_at(0, self.night(LATER))
        keep = [PROGRAM, "vacuum", "--warehouse", self.warehouse, "--days", "7", "--snapshots", "1", "--delete"]
        self.good_at(0, keep)
        self.assertEqual(self.snapshots(), ["000001", "000002", "000003", "000004"])
        self.good_at(8 * DAY, keep)
        self.assertEqual(self.snapshots(), ["000001", "000004"], "the first was superseded on the tenth day, it says")
        self.good_at(18 * DAY, keep)
        self.assertEqual(self.snapshots(), ["000004"])
        self.assertEqual(tables(self.warehouse), self.undisturbed(LATER))

    def test_sources_from_the_future_are_ingested_once(self):
        write_sources(self.folder / "in", BEFORE)
        ahead = time.time() + 4000 * DAY
        for path in (self.folder / "in").rglob("*.txt"):
            os.utime(path, (ahead, ahead))
        command = ingest(self.folder / "in", self.warehouse)
        good(command)
        self.assertEqual(json.loads(good(command))["as_it_was"], len(BEFORE))


class Rights(World):
    def test_a_warehouse_that_cannot_be_written_to_is_said_so_and_can_be_read(self):
        good(self.night(BEFORE))
        before = tables(self.warehouse)
        command = self.night(AFTER)
        self.folder.chmod(0o755)
        ways = {"a user without rights": self.without_rights(command)}
        mount = ["unshare", "--mount", "sh", "-c", 'mount --bind -o ro "$0" "$0" && exec "$@"', self.warehouse]
        if run([*mount, "true"]).returncode == 0:
            ways["a disk that is mounted read-only"] = [*mount, *command]
        else:
            print("\na disk that is mounted read-only was not tried: nothing can be mounted here")
        for way, command in ways.items():
            with self.subTest(way=way):
                ran = run(command)
                self.assertEqual(ran.returncode, 1, ran.stderr)
                self.assertRegex(ran.stderr, r"cannot open .*\.lock: .*(give this user the right|mounted read-only)")
                self.assertEqual(tables(self.warehouse), before)
                status = [PROGRAM, "status", "--warehouse", self.warehouse]
                self.assertEqual(run(command[: -len(self.night(AFTER))] + status).returncode, 0)
        self.assertEqual(self.ask("select count(*) from documents"), [(len(BEFORE),)])
        good(self.night(AFTER))
        self.assertEqual(tables(self.warehouse), self.undisturbed(AFTER))

    def without_rights(self, command):
        if os.geteuid() == 0:
            return [needed("setpriv", "util-linux"), "--reuid", "65534", "--regid", "65534", "--clear-groups", *command]
        for path in [self.warehouse, *self.warehouse.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o555 if path.is_dir() else 0o444)
        self.addCleanup(lambda: run(["chmod", "-R", "u+w", self.warehouse]))
        return command


if __name__ == "__main__":
    unittest.main()
