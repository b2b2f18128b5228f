"""A command that is killed, or refused, at one of its calls after the other, with readers beside it."""

import collections
import pathlib
import time

from program import AFTER, BEFORE, EVERYTHING, LATER, good, ingest, leaks, put, state, tables, vacuum, write_sources
from readers import Readers, judge, look, open_catalogue
from strace import CHANGING, LOOKING, traced, was_killed


# Of the states of the disk that a sweep leaves, `make test` mends one of so many; JIXIAO_CRASH=all mends all, in every way.
SHARE = 2


class World:
    """A warehouse that has one night behind it, and what it has to hold after each of the next two."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.warehouse = self.folder / "warehouse"
        self.saved = self.folder / "saved"
        self.copy = self.folder / "copy"
        for name, sources in [("first", {}), ("before", BEFORE), ("after", AFTER), ("later", LATER)]:
            write_sources(self.folder / name, sources)
        self.known, self.bytes, self.session = {}, {}, None
        # Built where it will stand: the catalogue names the path.
        for name in ["before", "after", "later"]:
            good(ingest(self.folder / name, self.warehouse))
            if name == "before":
                good(ingest(self.folder / name, self.warehouse))
                put(self.warehouse, self.saved)
            self.session = self.session or open_catalogue(self.warehouse)
            self.known[look(self.session)[0]] = name
            self.bytes[name] = tables(self.warehouse)
        assert len(self.known) == 3, "the nights differ"
        self.reset()

    def reset(self):
        put(self.saved, self.warehouse)

    def content(self):
        """What a reader sees who comes now."""
        name, problem = judge(look(self.session), self.known)
        assert problem is None, problem
        return name

    def night(self, name, *more):
        return ingest(self.folder / name, self.warehouse, *more)

    def mend(self, name):
        """The next run, which nothing disturbs, and the way to nothing but its snapshot."""
        good(self.night(name))
        assert tables(self.warehouse) == self.bytes[name], "the next run gives the files of one that was not disturbed"


class Sweep:
    """The points at which a command is disturbed, and what came of it."""

    def __init__(self, world, command):
        self.world, self.command = world, command
        self.log = world.folder / "strace.log"
        self.found, self.mended = set(), 0
        self.points, self.left, self.elsewhere = collections.Counter(), collections.Counter(), 0
        self.begun = time.monotonic()
        world.reset()
        self.plain = traced(command, self.log, CHANGING + LOOKING)
        assert self.plain.code == 0, self.plain.err

    def calls(self, wanted):
        """The calls on the warehouse of the run that was not disturbed."""
        return [call for call in self.plain.calls if call.is_on(self.world.warehouse) and wanted(call)]

    def is_on_warehouse(self, injected):
        return str(self.world.warehouse) in injected

    def go(self, test, points, judge_end, ways):
        """Disturbs the command at each of these points, a call and what happens at it, and mends what that leaves."""
        self.readers = Readers(self.world.warehouse, self.world.known)
        try:
            for call, how in points:
                with test.subTest(call=str(call), how=how):
                    with self.readers.paused():
                        self.world.reset()
                    ran = traced(self.command, self.log, [call.name], inject=f"{call.name}:{how}:when={call.number}")
                    # A thread that reads a source has a call of that number as well: a source that cannot be read is a
                    # row with a reason, and another snapshot than those that are known.
                    if not all(self.is_on_warehouse(call) for call in ran.injected):
                        self.elsewhere += 1
                        continue
                    content = self.world.content()
                    judge_end(ran, call, content)
                    self.points[f"{call.name} {how}"] += 1
                    self.left[content] += 1
                    self.mend_once(ways)
            with self.readers.paused():
                self.nothing_is_left_out({how for _, how in points})
        finally:
            self.readers.end()
        self.tell()

    def nothing_is_left_out(self, hows):
        """A call more of each name than there were is not met: else there were calls that the sweep has not seen."""
        for name in sorted({call.name for call in self.plain.calls}):
            count = self.plain.count(name)
            self.world.reset()
            ran = traced(self.command, self.log, [name], inject=f"{name}:{min(hows)}:when={count + 1}")
            assert ran.code == 0 and not ran.injected and not was_killed(ran), f"{name} has more than {count} calls"

    def mend_once(self, ways):
        """Mends what is on the disk now, if it was not met before: by one of these runs after the other, or by each."""
        found = state(self.world.warehouse)
        if found in self.found:
            return
        self.found.add(found)
        if not EVERYTHING and len(self.found) % SHARE:
            return
        self.mended += 1
        put(self.world.warehouse, self.world.copy)
        for way in ways if EVERYTHING else [ways[self.mended % len(ways)]]:
            self.world.mend(way)
            with self.readers.paused():
                good(vacuum(self.world.warehouse))
                assert self.world.content() == way
                left = leaks(self.world.warehouse)
                assert not left, f"after vacuum there is still {left}"
                put(self.world.copy, self.world.warehouse)

    def tell(self):
        """Prints how much was tried."""
        each = ", ".join(f"{name} {count}" for name, count in sorted(self.points.items()))
        left = ", ".join(f"{count} {name}" for name, count in sorted(self.left.items()))
        seen = ", ".join(f"{count} {name}" for name, count in sorted(self.readers.seen.items()))
        print(f"\n{self.points.total()} points ({each}), and {self.elsewhere} that met a thread that reads a source")
        print(f"they left the snapshot of: {left}")
        print(f"they left {len(self.found)} states of the disk, of which the next run mended {self.mended} that were tried")
        print(f"{self.readers.seen.total()} reads beside it saw a whole snapshot, that of: {seen}")
        print(f"{time.monotonic() - self.begun:.0f} s", flush=True)
