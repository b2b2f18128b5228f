"""DuckDB readers beside a writer: each pins a snapshot as an analyst does, and looks whether all its tables fit together."""

import collections
import contextlib
import multiprocessing
import os
import pathlib

import duckdb

TABLES = ["documents", "forms", "indicators", "budget_lines", "fields", "citations", "findings", "form_checks", "checks"]
PARTED = {"forms", "indicators", "budget_lines", "fields", "citations", "form_checks"}
TIES = """
    select
        (select sum(total_budget_yuan) from forms_all),
        (select sum(form_count) from (select distinct document_id, form_count from documents)),
        (select count(*) from forms_all join (select distinct document_id from documents) using (document_id)),
        (select count(*) from indicators_all join forms_all using (form_id)),
        (select sum(amount_yuan) from budget_lines_all join forms_all using (form_id)),
        (select count(*) from findings join (select distinct document_id from documents) using (document_id)),
        (select count(*) from forms_all one join forms_all other on other.form_id = one.superseded_by)
"""
RUNS = "select outcome, form_count from runs order by started_at, run_id"


def open_catalogue(warehouse):
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    connection.execute((pathlib.Path(warehouse) / "catalog.sql").read_text(encoding="utf-8"))
    return connection


def look(connection):
    """Moves a session to the current snapshot, and returns what is in it: all rows of all tables as sums of their hashes,
    joins over them, and the runs."""
    connection.execute("set variable jixiao_snapshot = jixiao_current()")
    views = [f"{name}_all" if name in PARTED else name for name in TABLES]
    sums = [f"(select count(*) from {view}), (select sum(hash(t)::hugeint) from {view} t)" for view in views]
    [tables] = connection.execute(f"select {', '.join(sums)}").fetchall()
    [ties] = connection.execute(TIES).fetchall()
    return (tables, ties), connection.execute(RUNS).fetchall()


def judge(seen, known):
    """Which of the known contents a look has found, or why it is none of them."""
    content, runs = seen
    name = known.get(content)
    if name is None:
        return None, f"a mixture of snapshots: {content} with the runs {runs}"
    forms = content[0][2 * TABLES.index("forms")]
    good = [count for outcome, count in runs if outcome == "succeeded"]
    if good[-1:] != [forms]:
        return None, f"{forms} forms, and the last good run has {good[-1:]}"
    return name, None


def read_on(warehouse, known, gate, turn, results):
    """A reader's life: it reads whenever the gate is open, until it is told to end or sees something that cannot be."""
    seen = collections.Counter()
    os.nice(5)  # the writer is what there is to be tried
    try:
        with turn:
            connection = open_catalogue(warehouse)
        while True:
            gate.wait()
            with turn:
                if not gate.is_set():
                    continue
                name, problem = judge(look(connection), known)
            if problem:
                results.put(("problem", problem))
                return
            seen[name] += 1
            results.put(("seen", name))
    except Exception as error:  # whatever it is, the reader has been failed
        results.put(("problem", f"{type(error).__name__}: {error}"))


class Readers:
    """Some readers of a warehouse, in processes of their own."""

    def __init__(self, warehouse, known, count=2):
        context = multiprocessing.get_context("spawn")
        self.gate, self.results = context.Event(), context.Queue()
        self.turns = [context.Lock() for _ in range(count)]
        arguments = [(str(warehouse), known, self.gate, turn, self.results) for turn in self.turns]
        self.processes = [context.Process(target=read_on, args=each, daemon=True) for each in arguments]
        self.seen = collections.Counter()
        for process in self.processes:
            process.start()
        self.gate.set()

    @contextlib.contextmanager
    def paused(self):
        """While this lasts nobody reads."""
        self.gate.clear()
        for turn in self.turns:
            turn.acquire()
        try:
            self.collect()
            yield
        finally:
            self.gate.set()
            for turn in self.turns:
                turn.release()

    def collect(self):
        while not self.results.empty():
            kind, told = self.results.get()
            assert kind == "seen", f"a reader beside the writer saw {told}"
            self.seen[told] += 1
        assert all(process.is_alive() for process in self.processes), "a reader has died"

    def end(self):
        for process in self.processes:
            process.kill()
            process.join()
