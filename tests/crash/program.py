"""The real program, small documents for it, and what a warehouse's folder may hold."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

PROGRAM = pathlib.Path(os.environ.get("JIXIAO", "target/debug/jixiao")).resolve()
# The whole sweep takes several times as long, and finds the same states of the disk again.
EVERYTHING = os.environ.get("JIXIAO_CRASH") == "all"


def needed(tool, package):
    """Where a tool is, or a failure that says how to get it: a test that passes by doing nothing is none."""
    found = shutil.which(tool)
    if found is None:
        raise AssertionError(f"{tool} is missing, which these tests need: apt-get install {package}")
    return found


def new_folder():
    """A folder to work in: in memory where that can be, since a sweep waits for the disk some thousand times."""
    memory = pathlib.Path("/dev/shm")
    inside = memory if os.access(memory, os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix="jixiao-crash-", dir=inside)


def form(year, project, amount):
    return (
        f"财政项目支出绩效目标表\n({year}年度)\n申报单位名称：江城市气象局\n"
        f"项目名称：\t{project}\t项目类别：\t经常性项目\n"
        f"项目总预算（元）：\t{amount}\t项目当年预算（元）：\t{amount}\n"
        "一级目标\t二级目标\t三级目标\t指标目标值\n产出目标\t数量\t设备购置数量（个）\t=3\n"
    )


# What a folder of sources holds on three nights. Files are new, changed, gone and published again (the last form of
# 2019 is the first one with another amount), so that a run writes, links and leaves out files.
BEFORE = {
    "2019/radar.txt": form(2019, "雷达维护", 1200),
    "2019/radar-again.txt": form(2019, "雷达维护", 1300),
    "2020/weather.txt": form(2020, "人工影响天气", 50000),
    "2020/notice.txt": "关于召开年度工作会议的通知\n请各单位准时参加。\n",
    "2018/old.txt": form(2018, "观测站迁建", 7000),
}
AFTER = {name: text for name, text in BEFORE.items() if name != "2019/radar-again.txt"} | {
    "2020/weather.txt": form(2020, "人工影响天气", 60000),
    "2021/new.txt": form(2021, "预警发布", 900),
}
LATER = AFTER | {
    "2020/weather.txt": form(2020, "人工影响天气", 65000),
    "2020/late.txt": form(2020, "雷达维护", 800),
}


def write_sources(folder, sources):
    """Makes a folder of sources, the same each time, down to the times of the files."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in sources.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        second = 1_600_000_000 + int(hashlib.sha256(text.encode()).hexdigest()[:5], 16)
        os.utime(path, (second, second))


def ingest(sources, warehouse, *more):
    """The command of a night."""
    return [PROGRAM, "ingest", sources, "--warehouse", warehouse, "--prune", "--jobs", "1", "--format", "json", *more]


def vacuum(warehouse):
    """The command that leaves nothing but the current snapshot."""
    return [PROGRAM, "vacuum", "--warehouse", warehouse, "--days", "0", "--snapshots", "1", "--delete"]


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def good(command):
    """Runs a command that has to succeed, and returns what it printed."""
    ran = run(command)
    assert ran.returncode == 0, f"{command} ended with {ran.returncode}: {ran.stderr}"
    return ran.stdout


def put(saved, warehouse):
    """Puts a copy in the place of a warehouse; files with several names keep them."""
    shutil.rmtree(warehouse, ignore_errors=True)
    subprocess.run(["cp", "-a", saved, warehouse], check=True)


def current(warehouse):
    """The id of the current snapshot, if there is one."""
    file = warehouse / "CURRENT"
    return file.read_text() .strip() if file.exists() else None


def manifest(warehouse):
    return json.loads((warehouse / "snapshots" / current(warehouse) / "snapshot.json").read_text())


def tables(warehouse):
    """The bytes of all files of the current snapshot that have no clock in them."""
    folder = warehouse / "snapshots" / current(warehouse)
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix == ".parquet"]
    named = {str(path.relative_to(folder)): path for path in files}
    return {name: path.read_bytes() for name, path in named.items() if not name.startswith("runs/")}


def leaks(warehouse):
    """What stands in a warehouse that nothing points to, now that one snapshot alone is left."""
    snapshot = f"snapshots/{current(warehouse)}"
    listed = {f"{snapshot}/{file['path']}" for file in manifest(warehouse)["files"]}
    listed |= {f"{snapshot}/{name}" for name in ["snapshot.json", "datapackage.json"]}
    listed |= {"CURRENT", "current", "catalog.sql", ".lock"}
    there = set()
    for folder, folders, files in os.walk(warehouse):
        names = files + [name for name in folders if os.path.islink(os.path.join(folder, name))]
        there |= {os.path.relpath(os.path.join(folder, name), warehouse) for name in names}
    empty = {name for name in ["snapshots", ".staging", ".journal"] if (warehouse / name).exists()}
    stray = {f"{path}/" for path in empty if path != "snapshots" and any((warehouse / path).iterdir())}
    stray |= {f"snapshots/{path.name}" for path in (warehouse / "snapshots").iterdir() if f"snapshots/{path.name}" != snapshot}
    return sorted((there ^ listed) | stray)


def state(warehouse):
    """What is on the disk, but for the clock: two crashes that left the same need not be mended twice."""
    found = []
    for folder, folders, files in os.walk(warehouse):
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            shown = re.sub(r"runs/\w+\.parquet", "runs/*", os.path.relpath(path, warehouse))
            if os.path.islink(path):
                found.append((shown, os.readlink(path)))
            elif os.path.isdir(path):
                found.append((shown, "folder"))
            elif shown.endswith(".lock"):
                found.append((shown, os.path.getsize(path) > 0))
            else:
                clock = "runs/" in shown or shown.endswith("snapshot.json")
                found.append((shown, os.path.getsize(path) > 0 if clock else os.path.getsize(path)))
    return tuple(sorted(found))
