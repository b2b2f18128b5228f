#!/usr/bin/env python3
"""What a night costs, by how many documents the warehouse has: scale.py --program target/release/jixiao.

Makes small documents (each number always the same document), ingests them into a new warehouse, then plays nights: 100 new
documents of this year, 100 new ones over ten years, 100 that were changed, and none. Of each run it prints how long it took,
its processor time, its greatest memory, what it read and wrote (as /proc/PID/io counts it, without what the disk's cache
spared), and how many data files it wrote. Linux only.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
from page import put, table  # noqa: E402

NEW = 100
YEARS = range(2017, 2027)
ORGANISATIONS = ["气象局", "水务局", "教育局", "民政局", "档案局", "体育局", "林业局", "统计局", "审计局", "城管局"]
PLACES = ["江城", "河口", "海门", "云岭", "桐山", "白水", "青田", "石桥", "长宁", "平湖"]
THINGS = ["雷达维护", "泵站改造", "校舍修缮", "档案整理", "健身步道", "防火巡护", "数据采集", "专项审计", "路灯更新", "社区助餐"]
INDICATORS = [
    ("产出目标", "数量", "设备购置数量（个）", "={}"),
    ("", "质量", "验收合格率", "≥{}%"),
    ("", "时效", "完成及时率", "=100%"),
    ("效果目标", "社会效益", "受益群众满意度", "≥9{}%"),
    ("影响力目标", "长效管理", "长效管理制度健全性", "健全"),
]


def rows(number, year, edition):
    """The lines of a form. Every twentieth document is one that was published again: the project of the one before."""
    project = number - 1 if number % 20 == 19 else number
    amount = 10_000 + (number * 7_919 + edition * 31) % 990_000
    yield ["财政项目支出绩效目标表"]
    yield [f"({year}年度)"]
    yield [f"申报单位名称：{PLACES[project // 10 % 10]}市{ORGANISATIONS[project % 10]}"]
    yield ["项目名称：", f"第{project}号{THINGS[project // 7 % 10]}", "项目类别：", "经常性项目"]
    yield ["项目总预算（元）：", f"{amount:,}", "项目当年预算（元）：", f"{amount // 2:,}"]
    yield ["项目概况：", f"本项目由第{number}次会议议定，计划投入{amount}元，覆盖{number % 977}个社区。"]
    yield ["立项依据：", f"《中华人民共和国预算法》、国发〔{year - 1}〕{number % 90 + 1}号"]
    yield ["一级目标", "二级目标", "三级目标", "指标目标值"]
    for level1, level2, name, target in INDICATORS:
        yield [level1, level2, name, target.format(number % 10)]


def document(number, year, edition=0):
    lines = list(rows(number, year, edition))
    if number % 3:
        return "".join("\t".join(line) + "\n" for line in lines).encode("utf-8" if number % 2 else "gb18030")
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>\n" for line in lines[3:])
    heading = "".join(f"<p>{line[0]}</p>\n" for line in lines[:3])
    return f"<html><head><meta charset='utf-8'></head><body>{heading}<table>{table}</table></body></html>".encode()


def write(source, number, year, edition=0):
    path = source / str(year) / f"{number // 500:04}" / f"{number:07}.{'txt' if number % 3 else 'html'}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document(number, year, edition))
    stamp = 1_600_000_000 + number + edition * 1_000_000
    os.utime(path, times=(stamp, stamp))


def run(program, folder, options):
    """Runs an ingest, and returns what it says and what it took."""
    command = [program, "ingest", "in", "--warehouse", "warehouse", "--format", "json", *options]
    with tempfile.TemporaryFile() as told:
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, stdout=told)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        seconds = time.monotonic() - began
        # The process has ended, and its numbers are there until it is waited for.
        counts = dict(line.split(": ") for line in pathlib.Path(f"/proc/{process.pid}/io").read_text().splitlines())
        _, status, used = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
        told.seek(0)
        summary = json.load(told)
    return summary["snapshot"], {
        "seconds": seconds,
        "processor": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss / 1024,
        "read": int(counts["rchar"]) / 1e6,
        "written": int(counts["wchar"]) / 1e6,
    }


def measure(program, folder, size, options):
    """The rows of the table for a warehouse of this size."""
    folder.mkdir(parents=True)
    source = folder / "in"
    for number in range(size):
        write(source, number, YEARS[number * 10 // size])
    yield row(size, "all", *run(program, folder, options))
    for number in range(size, size + NEW):
        write(source, number, YEARS[-1])
    yield row(size, f"{NEW} new of one year", *run(program, folder, options))
    for number in range(size + NEW, size + 2 * NEW):
        write(source, number, YEARS[number % 10])
    yield row(size, f"{NEW} new over ten years", *run(program, folder, options))
    for number in range(size - NEW, size):
        write(source, number, YEARS[number * 10 // size], edition=1)
    yield row(size, f"{NEW} changed", *run(program, folder, options))
    yield row(size, "nothing new", *run(program, folder, options))


def row(size, what, snapshot, took):
    cells = [f"{size:,}", what, f"{took['seconds']:.1f}", f"{took['processor']:.1f}", f"{took['memory']:,.0f}"]
    cells += [f"{took['read']:,.1f}", f"{took['written']:,.1f}", f"{snapshot['files_written']} of {snapshot['files']}"]
    print(*cells, sep="\t", flush=True)
    return cells


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--sizes", default="1000,10000,100000", help="how many documents, with commas between")
    parser.add_argument("--folder", type=pathlib.Path, help="where to work; it must not exist [default: a temporary one]")
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--page", type=pathlib.Path, help="a page with a part for the table")
    arguments = parser.parse_args()
    root = arguments.folder or pathlib.Path(tempfile.mkdtemp(prefix="jixiao-scale-"))
    rows = []
    for size in map(int, arguments.sizes.split(",")):
        folder = root / str(size)
        try:
            rows += measure(arguments.program.resolve(), folder, size, ["--jobs", arguments.jobs])
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if arguments.page:
        head = ["documents", "a run with", "seconds", "processor s", "memory MiB", "read MB", "written MB", "data files written"]
        put(arguments.page, "make scale", table(head, rows))


if __name__ == "__main__":
    main()
