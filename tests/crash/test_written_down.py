"""What a loss of power may take: everything that a snapshot consists of is on the disk before `CURRENT` names it.

A killed process leaves what it has handed to the system, so that no sweep of kills tells of this. It is read off the
calls of a run that nothing disturbs: each name that is made in the warehouse (created, linked, renamed) counts as lost
until the folder that holds it was written down, and each file until its bytes were, after the last of them.
"""

import os
import pathlib
import re
import unittest

from program import AFTER, BEFORE, good, ingest, new_folder, put, write_sources
from trace import CHANGING, traced

PATHS = re.compile(r'"((?:[^"\\]|\\.)*)"')
OPENED = re.compile(r"= \d+<([^>]*)>")
FD = re.compile(r"^\d+<([^>]*)>")


def lost(calls, root):
    """What a loss of power could take when `CURRENT` is renamed into its place, and at the end of the run."""
    names, bytes_of, losses = set(), set(), []

    def moved(path, old, new):
        return new + path[len(old) :] if path == old or path.startswith(f"{old}/") else path

    def is_temporary(path):
        # What is renamed from before anybody sees it; who reads the journal looks at its hashes.
        return os.path.relpath(path, root).split("/")[0] in [".staging", ".journal", ".lock"]

    def is_ours(path):
        return path == root or path.startswith(f"{root}/")

    for call in calls:
        if "= -1 " in call.text:
            continue
        paths = PATHS.findall(call.text)
        if call.name == "openat" and call.changes():
            path = OPENED.search(call.text)[1]
            bytes_of.add(path)
            if "O_CREAT" in call.text:
                names.add(path)
        elif call.name in ("write", "pwrite64", "ftruncate"):
            bytes_of.add(FD.match(call.text)[1])
        elif call.name in ("mkdir", "symlink"):
            names.add(paths[-1])
        elif call.name == "linkat":
            names.add(paths[1])
        elif call.name in ("fsync", "fdatasync"):
            path = FD.match(call.text)[1]
            bytes_of.discard(path)
            names = {name for name in names if os.path.dirname(name) != path}
        elif call.name == "rename":
            old, new = paths
            if new == f"{root}/CURRENT":
                losses += sorted(path for path in names | bytes_of if is_ours(path) and not is_temporary(path))
                losses += sorted({old} & bytes_of)
            names = {moved(name, old, new) for name in names - {old}} | {new}
            bytes_of = {moved(path, old, new) for path in bytes_of}
        elif call.name in ("unlink", "unlinkat", "rmdir"):
            for path in paths:
                names.discard(path)
                bytes_of.discard(path)
    losses += sorted(name for name in names | bytes_of if is_ours(name) and not is_temporary(name))
    return losses


class WrittenDown(unittest.TestCase):
    def test_a_snapshot_is_on_the_disk_before_it_is_the_current_one(self):
        with new_folder() as folder:
            folder = pathlib.Path(folder)
            root, log = folder / "warehouse", folder / "strace.log"
            for name, sources in [("before", BEFORE), ("after", AFTER)]:
                write_sources(folder / name, sources)
            for name in ["before", "after"]:
                ran = traced(ingest(folder / name, root), log, CHANGING)
                self.assertEqual(ran.code, 0, ran.err)
                calls = ran.calls
                self.assertEqual(lost(calls, str(root)), [])
                synced = [call for call in calls if call.name == "fsync"]
                print(f"\n{len(calls)} calls, {len(synced)} of them fsync: a loss of power takes nothing of the snapshot")
                # Without any one of them something could be: the lint sees what it is there for.
                for call in synced:
                    without = [other for other in calls if other != call]
                    again = [other for other in synced if other.text == call.text and other != call]
                    if not again:
                        self.assertNotEqual(lost(without, str(root)), [], f"{call} is not needed")


if __name__ == "__main__":
    unittest.main()
