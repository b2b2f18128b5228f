"""Runs under strace: which calls a program makes, and the same run with one of them killed or refused.

What there is to know (strace 6.1): only a call that is traced is injected into; `when=N` counts per call and per thread;
and a run into which nothing was injected looks like a good one, so that the log has to say that it was.
"""

import dataclasses
import os
import pathlib
import re
import subprocess
import time

from program import needed

# Calls that change what is on the disk. A question mark lets strace pass over what this machine does not have.
CHANGING = [
    "openat", "write", "pwrite64", "writev", "fsync", "fdatasync", "mkdir", "mkdirat", "link", "linkat", "rename",
    "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "symlink", "symlinkat", "ftruncate", "flock",
    "copy_file_range", "sendfile", "fallocate",
]  # fmt: skip
# Calls that only look.
LOOKING = ["read", "pread64", "statx", "newfstatat", "fstat", "lstat", "stat", "getdents64", "lseek", "readlink", "access"]
LINE = re.compile(r"^(\d+)\s+(\w+)\((.*)")
CREATES = re.compile(r"O_CREAT|O_TRUNC|O_WRONLY|O_RDWR")


@dataclasses.dataclass(frozen=True)
class Call:
    """A call of the main thread."""

    name: str
    # Which one of this name it is, from 1.
    number: int
    # What strace printed behind the name.
    text: str

    def is_on(self, folder):
        """Whether it is about something in this folder, or the folder itself."""
        return bool(re.search(re.escape(str(folder)) + r'[/">]', self.text))

    def paths(self):
        """What it is about."""
        arguments = self.text.rsplit(" = ", 1)[0]
        opened = re.match(r"\d+<([^>]*)>", arguments)
        return (opened[1],) if opened else tuple(re.findall(r'"([^"]*)"', arguments))

    def changes(self):
        return self.name in CHANGING and (self.name != "openat" or bool(CREATES.search(self.text)))

    def __str__(self):
        return f"{self.name} {self.number}: {self.text[:200]}"


@dataclasses.dataclass
class Traced:
    """How a run went."""

    code: int
    out: str
    err: str
    log: str
    calls: list
    # The calls into which something was injected.
    injected: list
    # How many calls of a name another thread makes: the counting is per thread, so that `when=N` may meet both.
    beside: dict

    def count(self, name):
        return sum(call.name == name for call in self.calls)


def traced(command, log, names, inject=None, only=None, **more):
    """Runs a command and writes the calls of these names to a log; `inject` is what strace does at some of them, `only` a
    path that they have to be about."""
    names = ",".join(f"?{name}" for name in names)
    options = ["-f", "-y", "-s", "256", "-o", log, "-e", f"trace={names}"]
    for rule in [inject] if isinstance(inject, str) else inject or []:
        options += ["-e", f"inject={rule}"]
    options += ["-P", only] if only else []
    command = [needed("strace", "strace"), *options, *command]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    text = log.read_text(errors="replace")
    return Traced(ran.returncode, ran.stdout, ran.stderr, text, *calls_of(text))


def calls_of(log):
    """The calls of the thread that a log begins with, those into which something was injected, and how many of each name
    another thread makes."""
    calls, injected, counts, main = [], [], {}, None
    for line in log.splitlines():
        found = LINE.match(line)
        if found is None:
            continue
        thread, name, text = found.groups()
        main = main or thread
        if "(INJECTED)" in text:
            injected.append(f"{name}({text}")
        counts[thread, name] = counts.get((thread, name), 0) + 1
        if thread == main:
            calls.append(Call(name, counts[thread, name], text))
    beside = {}
    for (thread, name), count in counts.items():
        if thread != main:
            beside[name] = max(count, beside.get(name, 0))
    return calls, injected, beside


def was_killed(run):
    return run.code in (-9, 137) and "+++ killed by SIGKILL +++" in run.log


class Held:
    """A command that stands still at one of its calls, until it is told to go on; the world may change meanwhile."""

    def __init__(self, command, log, call, only=None):
        name, number = call
        options = ["-f", "-y", "-o", log, "-e", f"trace={name}", "-e", f"inject={name}:signal=STOP:when={number}"]
        options += ["-P", only] if only else []
        command = [needed("strace", "strace"), *options, *command]
        self.log, self.seen = log, 0
        log.unlink(missing_ok=True)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def stands(self):
        """Waits until it stands still once more; false if it has ended instead."""
        while True:
            ended = self.process.poll() is not None
            text = self.log.read_text(errors="replace") if self.log.exists() else ""
            stops = [int(line.split()[0]) for line in text.splitlines() if "--- stopped by SIGSTOP ---" in line]
            if stops and not ended:
                self.thread = stops[-1]
                # Each thread stops by itself; a signal to go on that comes before the last of them is lost.
                if all(stops.count(thread) > self.seen for thread in self.threads()):
                    self.seen += 1
                    return True
            if ended:
                return False
            time.sleep(0.02)

    def threads(self):
        return [int(task.name) for task in pathlib.Path(f"/proc/{self.pid()}/task").iterdir()]

    def pid(self):
        """The process that stands still."""
        status = pathlib.Path(f"/proc/{self.thread}/status").read_text()
        return int(re.search(r"^Tgid:\s+(\d+)", status, re.MULTILINE)[1])

    def send(self, signal):
        os.kill(self.pid(), signal)

    def end(self):
        """Waits for it, and returns its exit code and what it said."""
        out, err = self.process.communicate()
        return self.process.returncode, out, err
