"""A writer is killed at each of its calls that change the disk; readers see a whole snapshot all the time.

A kill at a call that only looks leaves the disk as one at the next call that changes it; those are tried, too, with
JIXIAO_CRASH=all.
"""

import unittest

from program import EVERYTHING, current, new_folder, vacuum
from sweep import Sweep, World
from trace import was_killed


class Killed(unittest.TestCase):
    def sweep(self, world, command, ways, expected):
        """Kills a command everywhere; `expected` is what each snapshot has that may be the current one then."""
        sweep = Sweep(world, command)
        calls = sweep.calls(lambda call: EVERYTHING or call.changes())

        def judge_end(ran, call, content):
            self.assertTrue(was_killed(ran), f"it was not killed: {ran.code} {ran.err}")
            self.assertEqual(ran.count(call.name), call.number)
            self.assertEqual(content, expected[current(world.warehouse)])

        sweep.go(self, [(call, "signal=KILL") for call in calls], judge_end, ways)

    def test_a_run_that_is_killed_publishes_all_or_nothing(self):
        with new_folder() as folder:
            world = World(folder)
            self.sweep(world, world.night("after"), ["after", "later"], {"000002": "before", "000003": "after"})

    def test_a_vacuum_that_is_killed_takes_nothing_from_the_current_snapshot(self):
        with new_folder() as folder:
            world = World(folder)
            self.sweep(world, vacuum(world.warehouse), ["after"], {"000002": "before"})


if __name__ == "__main__":
    unittest.main()
