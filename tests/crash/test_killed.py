"""A writer is killed at each of its calls that change the disk; readers see a whole snapshot all the time."""

import unittest

from program import EVERYTHING, current, new_folder, vacuum
from readers import Readers
from sweep import Sweep, World
from trace import was_killed


class Killed(unittest.TestCase):
    def sweep(self, world, command, ways, expected):
        sweep = Sweep(world, command)
        calls = sweep.calls(lambda call: EVERYTHING or call.changes())
        sweep.readers = Readers(world.warehouse, world.known)
        try:
            for call in calls:
                with self.subTest(call=str(call)):
                    with sweep.readers.paused():
                        world.reset()
                    ran = sweep.disturb(call, "signal=KILL")
                    self.assertTrue(was_killed(ran), f"it was not killed: {ran.code} {ran.err}")
                    self.assertEqual(ran.count(call.name), call.number)
                    content = world.content()
                    self.assertEqual(content, expected[current(world.warehouse)])
                    sweep.points[call.name] += 1
                    sweep.left[content] += 1
                    sweep.mend_once(ways)
            with sweep.readers.paused():
                sweep.ends_after("signal=KILL")
        finally:
            sweep.readers.end()
        sweep.tell("kill points")

    def test_a_run_that_is_killed_publishes_all_or_nothing(self):
        with new_folder() as folder:
            world = World(folder)
            self.sweep(world, world.night("after"), ["after", "later"], {"000002": "before", "000003": "after"})


if __name__ == "__main__":
    unittest.main()
