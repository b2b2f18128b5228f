#!/usr/bin/env python3
"""What jixiao takes, beside a rival and the limits, in one run: bench.py --program target/release/jixiao.

Makes the corpora (corpus.py), runs the program and the rival in turn, checks what both have read against what stands in
the documents, runs the stages one by one (stages.rs), and writes docs/performance.md. What is compared is processor time,
the best of several rounds, since other work disturbs the clock more. Linux only.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from page import number, put, table

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DOCUMENTS = {"text": 300, "html": 150, "docx": 150, "xlsx": 150, "pdf": 8}
FORMS = 15
# What the stages are measured over: their documents are all in memory, and each goes through a stage many times.
STAGED = {"text": 40, "html": 30, "docx": 30, "xlsx": 30, "pdf": 4}
STAGES = {
    "decode": "bytes to text, the encoding found",
    "blocks": "text or package to paragraphs and tables",
    "split": "rows, and where forms begin",
    "fields": "labels and values, healing, indicators",
    "normalise": "typed records, citations, checks",
    "batches": "records to columns",
    "parquet": "columns to the bytes of files",
    "load": "batches and Parquet with the journal, cuts and the commit",
}
LIMITS = {
    "read": "from the disk's cache",
    "validate": "UTF-8, of what is in it",
    "decode": "GB18030 by `encoding_rs`, of what is in it",
    "unpack": "by `zip`",
    "tokenise": "lines and cells; `html5ever`'s tokenizer; `quick-xml`; `hayro-syntax`",
    "parquet": "all tables by `arrow-rs`",
}


def run(command, folder=None):
    """Runs a program to its end: its processor time and the clock's, in seconds, and its greatest memory, in MiB."""
    with open(os.devnull, "wb") as nowhere:
        actions = [(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)]
        began = time.perf_counter()
        process = os.posix_spawn(command[0], [str(part) for part in command], os.environ, file_actions=actions)
        _, status, used = os.wait4(process, 0)
        seconds = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    return {"processor": used.ru_utime + used.ru_stime, "seconds": seconds, "memory": used.ru_maxrss / 1024}


def best(rounds):
    """The least of each figure; of memory the greatest."""
    found = {name: min(each[name] for each in rounds) for name in ("processor", "seconds")}
    return {**found, "memory": max(each["memory"] for each in rounds)}


def made(folder, kind, documents, forms=FORMS):
    """A corpus, made anew if anything that makes it has changed."""
    options = ["--kind", kind, "--documents", str(documents), "--forms", str(forms)]
    sources = b"".join((HERE / name).read_bytes() for name in ("corpus.py", "forms.py", "office.py"))
    stamp = hashlib.sha256(sources + " ".join(options).encode()).hexdigest()
    stamped = folder / "stamp"
    if not stamped.exists() or stamped.read_text() != stamp:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, HERE / "corpus.py", "--folder", folder, *options], check=True)
        stamped.write_text(stamp)
    return folder


def score(truth, *tables):
    """What a reader got right, and some of what it did not."""
    command = [sys.executable, HERE / "check.py", truth, *tables]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def whole(program, folder, kind, documents, forms, rounds):
    """The program and the rival over a corpus, in turn; and what each of them got right."""
    source = made(folder / kind, kind, documents, forms) / "in"
    warehouse, out = folder / f"{kind}.warehouse", folder / f"{kind}.rival"
    took = {"one": [], "two": [], "rival": []}
    for _ in range(rounds):
        for jobs, name in ((1, "one"), (2, "two")):
            shutil.rmtree(warehouse, ignore_errors=True)
            command = [program, "ingest", source, "--warehouse", warehouse, "--jobs", jobs, "--quiet"]
            took[name].append(run(command))
            if name == "one":
                took["rival"].append(run([sys.executable, HERE / "rival.py", "--documents", source, "--out", out]))
    truth = folder / kind / "truth.jsonl"
    scores = {
        "jixiao": score(truth, warehouse / "catalog.sql"),
        "rival": score(truth, out / "forms.parquet", out / "indicators.parquet"),
    }
    size = sum(path.stat().st_size for path in source.rglob("*") if path.is_file())
    return {name: best(each) for name, each in took.items()} | {"scores": scores, "bytes": size, "documents": documents}


def share(part, all_):
    return "all" if part == all_ else f"all but {all_ - part:,}"


def whole_tables(results):
    rows, right = [], []
    for kind, result in results.items():
        one, two, rival = result["one"], result["two"], result["rival"]
        size, documents = result["bytes"] / 1e6, result["documents"]
        rows.append([
            kind, documents, number(size),
            *(number(documents / each["processor"]) for each in (one, rival)),
            *(number(size / each["processor"]) for each in (one, rival)),
            f"**{rival['processor'] / one['processor']:.2f}**",
            number(one["seconds"] / two["seconds"]),
            *(f"{each['memory']:.0f}" for each in (one, two, rival)),
        ])
        for name, (counts, _) in result["scores"].items():
            pairs = (("forms_found", "forms"), ("facts_right", "facts"), ("indicators_right", "indicators"))
            right.append([f"{kind}, {name}", *(f"{share(counts[a], counts[b])} of {counts[b]:,}" for a, b in pairs)])
    head = ["", "documents", "MB", "documents/s", "rival", "MB/s", "rival", "times as fast", "two threads", "MiB", "two threads", "rival"]
    return table(head, rows), table(["", "forms", "facts", "indicators"], right)


def stages(program, folder, kinds):
    """The stages and the limits: milliseconds a document, by format."""
    command = [program, *(made(folder / "stages" / kind, kind, STAGED[kind]) / "in" for kind in kinds)]
    lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    found = {kind: {} for kind in kinds}
    for line in map(json.loads, filter(None, lines)):
        kind = pathlib.Path(line["folder"]).parent.name
        found[kind][line["stage"]] = 1000 * line["seconds"] / line["documents"]
    for times in found.values():
        times["fields"] = times["extract"] - times["blocks"] - times["split"]
        times["blocks"] -= times.get("decode", 0)
    return found


def stage_tables(found, results):
    def row(name, what, stage):
        return [name, what, *(number(times[stage]) if stage in times else "" for times in found.values())]

    rows = [row(name, what, name) for name, what in STAGES.items()]
    names = ("decode", "blocks", "split", "fields", "normalise", "load")
    sums = {kind: sum(times.get(name, 0) for name in names) for kind, times in found.items()}
    rows.append(["sum", "without the two that `load` has in it", *map(number, sums.values())])
    whole = {kind: 1000 * results[kind]["one"]["processor"] / results[kind]["documents"] for kind in found}
    rows.append(["the program", "`--jobs 1`, listing, hashes and reports too", *map(number, whole.values())])
    limits = [row(name, what, f"limit {name}") for name, what in LIMITS.items()]
    least = {kind: sum(times.get(f"limit {name}", 0) for name in LIMITS) for kind, times in found.items()}
    limits.append(["sum", "", *map(number, least.values())])
    limits.append(["the program / the sum", "", *(f"**{whole[kind] / least[kind]:.1f}**" for kind in found)])
    head = ["", "", *found]
    return table(head, rows), table(head, limits)


def starts(program, folder, rounds):
    """How long the program takes for next to nothing."""
    one = made(folder / "one", "text", 1) / "in"
    warehouse = folder / "one.warehouse"
    commands = {
        "`jixiao --help`": [program, "--help"],
        "`jixiao inspect`, a document of 15 forms": [program, "inspect", next(one.rglob("*.txt"))],
        "`jixiao ingest`, the same into a new warehouse": [program, "ingest", one, "--warehouse", warehouse, "--quiet"],
    }
    rows = []
    for name, command in commands.items():
        times = []
        for _ in range(rounds):
            shutil.rmtree(warehouse, ignore_errors=True)
            times.append(run(command))
        least = best(times)
        rows.append([name, f"{1000 * least['processor']:.1f}", f"{1000 * least['seconds']:.1f}", f"{least['memory']:.0f}"])
    return table(["", "processor ms", "clock ms", "MiB"], rows)


def machine():
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"Measured on {datetime.date.today()} on {os.cpu_count()} cores, with a load of {load} (the last 1, 5 and 15 minutes)."


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=lambda path: pathlib.Path(path).resolve(), required=True)
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "target/bench", help="where to work")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stages", type=pathlib.Path, help="the program of stages.rs")
    parser.add_argument("--tiny", action="store_true", help="two small documents of each format, once: whether it works")
    parser.add_argument("--only", choices=DOCUMENTS, action="append", help="only this format; the page is left as it is")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    results = {}
    for kind, documents in DOCUMENTS.items():
        if not arguments.only or kind in arguments.only:
            at, forms, rounds = folder, FORMS, arguments.rounds
            if arguments.tiny:
                at, documents, forms, rounds = folder / "tiny", 2, 3, 1
            results[kind] = whole(arguments.program, at, kind, documents, forms, rounds)
            counts, wrong = results[kind]["scores"]["jixiao"]
            if arguments.tiny and wrong:
                raise SystemExit(f"{kind}: {counts}, among them {wrong[:3]}")
    parts = dict(zip(("whole", "right"), whole_tables(results)))
    if arguments.stages:
        parts |= zip(("stages", "limits"), stage_tables(stages(arguments.stages, folder, results), results))
    if not arguments.tiny:
        parts["starts"] = starts(arguments.program, folder, 6 * arguments.rounds)
        parts["machine"] = machine()
    for name, text in parts.items():
        print(f"{text}\n")
        if not arguments.tiny and not arguments.only and arguments.stages:
            put(ROOT / "docs/performance.md", f"make bench: {name}", text)


if __name__ == "__main__":
    main()
