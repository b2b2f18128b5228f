"""A writer is refused one of its calls on the warehouse: no space, a broken disk, a disk that is really full."""

import os
import pathlib
import shutil
import subprocess
import unittest

from program import AFTER, BEFORE, EVERYTHING, good, ingest, leaks, new_folder, run, tables, vacuum, write_sources
from sweep import Sweep, World

# `make test` tries one of so many; JIXIAO_CRASH=all tries each, with both errors.
SHARE = 8


class Refused(unittest.TestCase):
    def test_a_run_that_is_refused_a_call_publishes_all_or_nothing(self):
        with new_folder() as folder:
            world = World(folder)
            sweep = Sweep(world, world.night("after"))

            def judge_end(ran, call, content):
                self.assertEqual(len(ran.injected), 1, "nothing was refused")
                said = f"{ran.code}: {ran.err}"
                self.assertEqual(content, {0: "after", 1: "before"}.get(ran.code), said)
                if ran.code == 1:
                    self.assertRegex(ran.err, r"(No space left on device|Input/output error)", said)

            sweep.go(self, points(sweep), judge_end, ["after", "later"])

    def test_a_disk_that_is_full_keeps_the_snapshot_before(self):
        made = new_folder()
        self.addCleanup(made.cleanup)
        folder = pathlib.Path(made.name)
        disk = folder / "warehouse"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
        if mounted.returncode:
            self.skipTest(f"no disk can be mounted here: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        for name, sources in [("before", BEFORE), ("after", AFTER)]:
            write_sources(folder / name, sources)
        good(ingest(folder / "before", disk))
        before = tables(disk)
        subprocess.run(["cp", "-a", disk, folder / "saved"], check=True)
        good(ingest(folder / "after", disk))
        after = tables(disk)
        codes = []
        for pages in range(0, 200, 10):
            with self.subTest(pages=pages):
                for path in disk.iterdir():
                    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
                subprocess.run(["cp", "-a", f"{folder}/saved/.", disk], check=True)
                room, ballast = os.statvfs(disk), disk / "ballast"
                ballast.write_bytes(bytes((room.f_bavail - pages) * room.f_frsize))
                ran = run(ingest(folder / "after", disk))
                codes.append(ran.returncode)
                if ran.returncode == 1:
                    self.assertRegex(ran.stderr, r"No space left on device \(os error 28\); free some space")
                    self.assertEqual(tables(disk), before)
                ballast.unlink()
                good(ingest(folder / "after", disk))
                self.assertEqual(tables(disk), after)
                good(vacuum(disk))
                self.assertEqual(leaks(disk), [])
        self.assertEqual(set(codes), {0, 1}, "some had too little room, and some enough")
        print(f"\na disk with room for less and less: {codes.count(1)} runs failed, {codes.count(0)} had enough")


def points(sweep):
    """Which calls are refused, and how: those that change the disk have no space, those that look (and fsync) find it
    broken. Of the calls of one name on one file the first is refused: the others are handled by the same lines."""
    # The thread that reads the sources counts its own calls: a number that both reach would refuse a source as well.
    calls = sweep.calls(lambda call: call.number > sweep.plain.beside.get(call.name, 0))
    if EVERYTHING:
        return [(call, how) for call in calls for how in ["error=ENOSPC", "error=EIO"]]
    first = {}
    for call in calls:
        first.setdefault((call.name, call.changes(), *call.paths()), call)
    chosen = list(first.values())[::SHARE]
    print(f"\n{len(chosen)} of {len(first)} points are tried; JIXIAO_CRASH=all tries {2 * len(calls)}")
    return [(call, "error=ENOSPC" if call.changes() and call.name != "fsync" else "error=EIO") for call in chosen]


if __name__ == "__main__":
    unittest.main()
