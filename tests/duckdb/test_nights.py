"""Ten nights of a source folder, as an operator and an analyst see them.

A warehouse is fed by the real program night after night: documents arrive, change, move, are repaired, published again
and deleted; there is a backfill in between, a rollback, and a vacuum when time is over. After each night DuckDB is asked,
and the tables are those of a warehouse that is written at once. `make test` names the program in JIXIAO_PROGRAM.
"""

import io
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zipfile

import duckdb

PROGRAM = pathlib.Path(os.environ["JIXIAO_PROGRAM"]).resolve()
DAY = 86_400
NEW_YEAR_2020 = 1_577_836_800
VIEWS = {"forms": "项目", "indicators": "指标", "budget_lines": "资金明细", "fields": "栏目", "citations": "引用文件"}
OTHERS = {"documents": "文件", "findings": "质量提示", "checks": "检查", "runs": "运行记录"}
A, B = "江城市气象局", "河口市水务局"


def form(organisation, project, year, amount):
    return (
        f"财政项目支出绩效目标表\n({year}年度)\n申报单位名称：{organisation}\n"
        f"项目名称：\t{project}\t项目类别：\t经常性项目\n"
        f"项目总预算（元）：\t{amount}\t项目当年预算（元）：\t{amount}\n"
        "立项依据：\t《气象法》、国发〔2018〕32号\n"
        "一级目标\t二级目标\t三级目标\t指标目标值\n产出目标\t数量\t设备购置数量（个）\t=3\n"
    ).encode()


def packed(members):
    """A zip of documents by their names."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return package.getvalue()


def docx(text):
    """A document of Word whose lines are paragraphs, or rows of a table of their cells."""
    body = ""
    for line in text.decode().splitlines():
        cells = [f"<w:p><w:r><w:t>{cell}</w:t></w:r></w:p>" for cell in line.split("\t")]
        row = "".join(f"<w:tc>{cell}</w:tc>" for cell in cells)
        body += cells[0] if len(cells) == 1 else f"<w:tbl><w:tr>{row}</w:tr></w:tbl>"
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return packed({"word/document.xml": f'<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>'})


class TenNights(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.source, self.warehouse = self.folder / "in", self.folder / "warehouse"
        self.source.mkdir()
        self.run_count = 0
        self.asked = None

    def write(self, name, data, day):
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, times=(NEW_YEAR_2020 + day * DAY,) * 2)

    def jixiao(self, *arguments, code=0):
        command = [PROGRAM, *arguments, "--warehouse", self.warehouse]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def told(self, *arguments, code=0):
        return json.loads(self.jixiao(*arguments, "--format", "json", code=code))

    def night(self, *arguments, code=0, command="ingest"):
        """Runs, and returns how many sources are new, changed, as they were, and gone."""
        snapshot = self.told(command, "in", *arguments, code=code)["snapshot"]
        self.run_count += 1
        run = self.ask("select new, changed, unchanged, removed, kind from (select documents_new as new, documents_changed "
                       "as changed, documents_unchanged as unchanged, documents_removed as removed, * from runs) "
                       "order by started_at desc limit 1")[0]
        counts = tuple(snapshot[key] for key in ("new", "changed", "unchanged", "removed"))
        self.assertEqual(run, (*counts, command), "what is told is what the table says")
        self.files_written = snapshot["files_written"]
        self.sound()
        return counts

    def session(self):
        connection = duckdb.connect()
        connection.execute((self.warehouse / "catalog.sql").read_text(encoding="utf-8"))
        return connection

    def ask(self, sql):
        """What an analyst is told whose session goes on from night to night, moved on to what is current."""
        if self.asked is None:
            self.asked = self.session()
        self.asked.execute("set variable jixiao_snapshot = jixiao_current()")
        return self.asked.execute(sql).fetchall()

    def sound(self):
        """What holds after every night."""
        one = lambda sql: self.ask(sql)[0][0]
        rows = {table["table"]: table["rows"] for table in self.told("status")["tables"]}
        for english, chinese in VIEWS.items():
            self.assertEqual(one(f"select count(*) from {english}_all"), rows[english])
            self.assertEqual(one(f"select count(*) from {chinese}_全部"), rows[english])
            self.assertEqual(one(f"select count(*) from {english}"), one(f"select count(*) from {chinese}"))
            of_current = f"select count(*) from {english}_all join forms using (form_id)"
            self.assertEqual(one(f"select count(*) from {english}"), one(of_current), english)
        for english, chinese in OTHERS.items():
            self.assertEqual(one(f"select count(*) from {english}"), rows[english])
            self.assertEqual(one(f"select count(*) from {chinese}"), rows[english])
        self.assertEqual(one("select count(*) from runs"), self.run_count)
        superseded = "select form_id from forms_all where superseded_by is not null"
        told = "select form_id from findings where code = 'superseded-form'"
        self.assertEqual(self.ask(f"({superseded} except {told}) union ({told} except {superseded})"), [])
        counted = "select sum(n) from (select any_value(finding_count) n from documents group by document_id)"
        self.assertEqual(one(counted) or 0, rows["findings"], "documents count their findings")
        summed = "select sum(applied) from form_checks_all"
        self.assertEqual(one(summed), one("select sum(applied) from checks"), "checks are the sums of those of forms")
        current = self.current()
        manifest = json.loads((current / "snapshot.json").read_text())
        for file in manifest["files"]:
            self.assertEqual((current / file["path"]).stat().st_size, file["bytes"])

    def current(self):
        return self.warehouse / "snapshots" / (self.warehouse / "CURRENT").read_text().strip()

    def files(self, warehouse=None):
        """The data files but `runs`, by name."""
        root = (warehouse or self.warehouse) / "current"
        files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.parquet")}
        return {name: data for name, data in files.items() if not name.startswith("runs/")}

    def is_as_if_written_at_once(self):
        fresh = self.folder / "fresh"
        subprocess.run([PROGRAM, "ingest", "in", "--warehouse", fresh, "--quiet"], cwd=self.folder, check=False)
        self.assertEqual(sorted(self.files(fresh)), sorted(self.files()))
        self.assertEqual(self.files(fresh), self.files())
        shutil.rmtree(fresh)

    def amounts(self, view="forms"):
        """Organisation, project, year and amount of each form."""
        return self.ask(f"select organisation, project_name, fiscal_year, total_budget_yuan::int from {view} order by all")

    def statuses(self):
        return dict(self.ask("select source, status from documents"))

    def test_a_folder_over_ten_nights(self):
        # 1: the first night. The Word document was cut off while it was copied.
        repaired = docx(form(B, "泵站", 2020, 700))
        self.write("2019/a.txt", form(A, "雷达", 2019, 1200), 1)
        self.write("2020/b.txt", form(A, "雷达", 2020, 1300), 1)
        self.write("2020/c.zip", packed({"m1.txt": form(B, "水闸", 2020, 10), "m2.txt": form(B, "堤防", 2020, 20)}), 1)
        self.write("2020/d.docx", repaired[: len(repaired) // 2], 1)
        self.assertEqual(self.night(code=3), (5, 0, 0, 0))
        first = [
            (A, "雷达", 2019, 1200),
            (A, "雷达", 2020, 1300),
            (B, "堤防", 2020, 20),
            (B, "水闸", 2020, 10),
        ]
        self.assertEqual(self.amounts(), first)
        self.assertEqual(self.statuses()["2020/d.docx"], "unreadable")
        self.is_as_if_written_at_once()

        # 2: nothing happens: only the table of runs is another one, and what is bad is not read again.
        self.assertEqual(self.night(), (0, 0, 5, 0))
        self.assertEqual(self.files_written, 1)
        self.is_as_if_written_at_once()

        # 3: one document is new, one has another amount; 2019 is left alone.
        before = self.files()
        self.write("2020/b.txt", form(A, "雷达", 2020, 1350), 3)
        self.write("2020/e.txt", form(A, "雨量站", 2020, 90), 3)
        self.assertEqual(self.night(), (1, 1, 4, 0))
        third = sorted([*first[:1], (A, "雷达", 2020, 1350), (A, "雨量站", 2020, 90), *first[2:]])
        self.assertEqual(sorted(self.amounts()), third)
        now = self.files()
        self.assertEqual(
            {name for name in before if "=2019" in name}, {name for name in now if "=2019" in name}
        )
        self.is_as_if_written_at_once()

        # 4: a document is moved. Nothing is read through; its forms name the new place.
        (self.source / "archive").mkdir()
        (self.source / "2019/a.txt").rename(self.source / "archive/a.txt")
        self.assertEqual(self.night("--prune"), (1, 0, 5, 1))
        self.assertEqual(sorted(self.amounts()), third)
        self.assertEqual(self.ask("select source from forms where fiscal_year = 2019"), [("archive/a.txt",)])
        self.is_as_if_written_at_once()

        # 5: an archive changes: one member stays, one is another, one is new.
        members = {"m1.txt": form(B, "水闸", 2020, 10), "m2.txt": form(B, "堤防", 2020, 25), "m3.txt": b"\0\1\2" * 99}
        self.write("2020/c.zip", packed(members), 5)
        self.assertEqual(self.night(code=3), (1, 1, 5, 0))
        self.assertIn((B, "堤防", 2020, 25), self.amounts())
        self.assertEqual(self.statuses()["2020/c.zip!m3.txt"], "unreadable")
        self.is_as_if_written_at_once()

        # 6: the Word document is sent again, whole; a member of the archive is gone, whatever --prune says of files.
        self.write("2020/d.docx", repaired, 6)
        self.write("2020/c.zip", packed({name: members[name] for name in ("m1.txt", "m2.txt")}), 6)
        self.assertEqual(self.night(), (0, 1, 5, 1))
        self.assertEqual(set(self.statuses().values()), {"parsed"})
        self.assertIn((B, "泵站", 2020, 700), self.amounts())
        self.is_as_if_written_at_once()

        # 7: a form is published again with another amount: both stay, the newer one is shown.
        self.write("2020/e2.txt", form(A, "雨量站", 2020, 95), 7)
        self.assertEqual(self.night(), (1, 0, 6, 0))
        stations = "where project_name = '雨量站' order by all"
        self.assertEqual(self.ask(f"select total_budget_yuan::int, superseded_by from forms {stations}"), [(95, None)])
        both = self.ask(f"select total_budget_yuan::int, source, superseded_by is null from forms_all {stations}")
        self.assertEqual(both, [(90, "2020/e.txt", False), (95, "2020/e2.txt", True)])
        self.assertEqual(self.ask('select "项目总预算_元"::int from "项目" where "项目名称" = \'雨量站\''), [(95,)])
        pointed = "select newer.source from forms_all older join forms_all newer on newer.form_id = older.superseded_by"
        self.assertEqual(self.ask(pointed), [("2020/e2.txt",)])
        [(severity, document)] = self.ask(
            "select severity, source from findings where code = 'superseded-form'"
        )
        self.assertEqual((severity, document), ("info", "2020/e.txt"))
        self.is_as_if_written_at_once()

        # Before the eighth night history comes in by a backfill, which leaves alone what came at the same time.
        analyst = self.session()
        seen = analyst.execute("select * from forms_all order by form_id").fetchall()
        self.write("2018/h.txt", form(A, "雷达", 2018, 1100), 8)
        self.write("2018/i.zip", packed({"甲.txt": form(B, "水闸", 2018, 8)}), 8)
        self.write("2021/j.txt", form(A, "雷达", 2021, 1500), 8)
        dry = self.told("backfill", "in", "--years", "2017-2018", "--dry-run")
        self.assertIsNone(dry["snapshot"])
        self.assertEqual(dry["forms"], [{"fiscal_year": 2018, "count": 2}])
        self.assertEqual(self.night("--years", "2017-2018", command="backfill"), (2, 0, 7, 0))
        self.assertEqual([year for *_, year, _ in self.amounts() if year < 2019], [2018, 2018])
        self.assertNotIn("2021/j.txt", self.statuses())

        # 8: the night takes what the backfill has left, and no more.
        self.assertEqual(self.night(), (1, 0, 9, 0))
        self.assertIn((A, "雷达", 2021, 1500), self.amounts())
        self.is_as_if_written_at_once()
        self.assertEqual(analyst.execute("select * from forms_all order by form_id").fetchall(), seen)

        # 9: a document is deleted. It stays until the warehouse is told to leave out what is gone.
        (self.source / "2020/e.txt").unlink()
        self.assertEqual(self.night(), (0, 0, 10, 0))
        self.assertIn("2020/e.txt", self.statuses())
        self.assertEqual(self.night("--prune"), (0, 0, 9, 1))
        self.assertEqual(self.ask("select count(*) from findings where code = 'superseded-form'"), [(0,)])
        self.assertEqual(len(self.amounts()), len(self.amounts("forms_all")))
        self.is_as_if_written_at_once()

        # That was too much: back. The next night goes on from there, and numbers are not given twice.
        pruned, files = self.current().name, self.files()
        self.jixiao("rollback")
        self.run_count -= 1
        self.assertLess(self.current().name, pruned)
        self.assertIn("2020/e.txt", self.statuses())
        self.sound()
        diff = self.told("diff", self.current().name, pruned, code=1)
        went = {table["table"]: table["went"] for table in diff}
        self.assertEqual(went["documents"], [["2020/e.txt"]])
        self.assertEqual(len(went["forms"]), 1)

        # 10: the last night, and time passes: eight days after, only the newest three snapshots are kept.
        self.write("2021/k.txt", form(B, "水闸", 2021, 11), 10)
        self.assertEqual(self.night("--prune"), (1, 0, 9, 1))
        self.assertGreater(self.current().name, pruned)
        self.is_as_if_written_at_once()
        self.assertTrue(set(files) - set(self.files()), "and the files of 2021 are others than before")
        last = self.files()
        self.assertEqual(self.told("vacuum")["snapshots"], [], "all are young")
        self.let_time_pass(8 * DAY)
        snapshots = sorted(path.name for path in (self.warehouse / "snapshots").iterdir())
        would = self.told("vacuum")
        self.assertEqual((would["deleted"], would["snapshots"]), (False, snapshots[:-3]))
        self.assertEqual(snapshots, sorted(path.name for path in (self.warehouse / "snapshots").iterdir()))
        done = self.told("vacuum", "--delete")
        self.assertEqual({**would, "deleted": True}, done)
        self.assertEqual(snapshots[-3:], sorted(path.name for path in (self.warehouse / "snapshots").iterdir()))
        self.assertEqual(self.files(), last)
        self.sound()
        self.assertEqual(self.told("vacuum", "--delete")["snapshots"], [])
        # What is left is what the snapshots list, and a file that the snapshot before has is that very file.
        manifests = [json.loads(path.read_text()) for path in (self.warehouse / "snapshots").glob("*/snapshot.json")]
        listed = {manifest["snapshot"]: {file["path"] for file in manifest["files"]} for manifest in manifests}
        for snapshot, files in listed.items():
            root = self.warehouse / "snapshots" / snapshot
            self.assertEqual({path.relative_to(root).as_posix() for path in root.rglob("*.parquet")}, files)
        for manifest in manifests:
            root, parent = (self.warehouse / "snapshots" / manifest[key] for key in ("snapshot", "parent"))
            for file in listed[manifest["snapshot"]] & listed.get(manifest["parent"], set()):
                self.assertTrue((root / file).samefile(parent / file), file)

    def let_time_pass(self, seconds):
        """As if all snapshots had been published so much earlier."""
        for manifest in (self.warehouse / "snapshots").glob("*/snapshot.json"):
            text = json.loads(manifest.read_text())
            text["published_at"] -= seconds * 1_000_000
            manifest.write_text(json.dumps(text))


if __name__ == "__main__":
    unittest.main()
