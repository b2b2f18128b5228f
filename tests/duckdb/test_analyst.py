"""An analyst's session with the warehouse: load the catalogue, look around, ask, and trace a number to its line.

The answers were worked out by hand from the published document, which is the only one that the warehouse holds
here. `make test` builds the warehouse and names it in JIXIAO_WAREHOUSE.
"""

import datetime
import decimal
import json
import os
import pathlib
import unittest

import duckdb
import polars
import pyarrow.dataset
import pyarrow.parquet

WAREHOUSE = pathlib.Path(os.environ["JIXIAO_WAREHOUSE"]).resolve()
CURRENT = WAREHOUSE / "current"
ORGANISATION = "上海市科学技术协会"
TABLES = {
    "documents": "文件",
    "forms": "项目",
    "indicators": "指标",
    "budget_lines": "资金明细",
    "fields": "栏目",
    "citations": "引用文件",
    "findings": "质量提示",
    "form_checks": "项目表检查",
    "checks": "检查",
    "runs": "运行记录",
    "indicator_types": "指标分类",
}
PARTED = ["forms", "indicators", "budget_lines", "fields", "citations", "form_checks"]
# Beside the views of these, which show current forms alone, there are some that show all.
ALL = {f"{english}_all": f"{TABLES[english]}_全部" for english in PARTED}


def money(text):
    return decimal.Decimal(text).quantize(decimal.Decimal("0.01"))


class Session(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.connection = duckdb.connect()
        cls.connection.execute((WAREHOUSE / "catalog.sql").read_text(encoding="utf-8"))

    def ask(self, sql):
        return self.connection.execute(sql).fetchall()


class TheCatalogue(Session):
    def test_every_table_has_a_view_in_english_and_in_chinese(self):
        views = {name for (name,) in self.ask("select view_name from duckdb_views() where not internal")}
        tables = {**TABLES, **ALL}
        self.assertEqual(views, set(tables) | set(tables.values()))
        for english, chinese in tables.items():
            self.assertEqual(self.ask(f'select * from {english}'), self.ask(f'select * from "{chinese}"'), english)

    def test_every_view_and_column_has_a_comment(self):
        self.assertEqual(self.ask("select view_name from duckdb_views() where not internal and comment is null"), [])
        uncommented = self.ask(
            "select table_name, column_name from duckdb_columns() where not internal and comment is null"
        )
        self.assertEqual(uncommented, [])
        [(comment,)] = self.ask(
            "select comment from duckdb_columns() where table_name = '项目' and column_name = '项目总预算_元'"
        )
        self.assertIn("总预算", comment)

    def test_the_session_is_pinned_to_a_snapshot(self):
        [(snapshot,)] = self.ask("select getvariable('jixiao_snapshot')")
        current = (WAREHOUSE / "CURRENT").read_text().strip()
        self.assertEqual(pathlib.Path(snapshot), WAREHOUSE / "snapshots" / current)

    def test_types_are_those_that_an_analyst_expects(self):
        types = dict(self.ask("select column_name, data_type from duckdb_columns() where table_name = 'forms'"))
        self.assertEqual(types["total_budget_yuan"], "DECIMAL(18,2)")
        self.assertEqual(types["start_date"], "DATE")
        self.assertEqual(types["fiscal_year"], "INTEGER")
        self.assertEqual(types["government_purchase"], "BOOLEAN")

    def test_a_join_with_documents_does_not_multiply_rows(self):
        self.assertEqual(self.ask("select count(*) from forms join documents using (document_id)"), [(15,)])
        self.assertEqual(
            self.ask("select distinct source from forms"),
            [("shanghai/2020/shanghai-association-for-science-and-technology-2020.txt",)],
        )


class TheQuestions(Session):
    def test_budget_by_organisation_and_year(self):
        answer = self.ask("""
            select organisation, fiscal_year, count(*), sum(total_budget_yuan), sum(prior_budget_yuan)
            from forms group by all
        """)
        self.assertEqual(answer, [(ORGANISATION, 2020, 15, money(28797500), money(13644110))])

    def test_change_against_the_prior_year(self):
        answer = self.ask("""
            select 项目名称, 当年预算_元 - 上年预算_元 as 增减 from 项目
            where 增减 <> 0 order by 增减
        """)
        self.assertEqual(answer, [
            ("科协综合管理", money(-1325000)),
            ("市科协网站（运维）", money(-281610)),
            ("院士专家工作站推进与服务企业科技创新", money(-230000)),
            ("科技人才举荐与培育", money(-70000)),
            ("科技创新智库建设", money(160000)),
            ("科协组织机构建设", money(330000)),
            ("市科协办公用房维修项目", money(3000000)),
        ])

    def test_projects_that_are_new(self):
        answer = self.ask("""
            select list(form_number order by form_number), sum(annual_budget_yuan)
            from forms where prior_budget_yuan is null
        """)
        self.assertEqual(answer, [([1, 2, 3, 6, 12, 13], money(13570000))])

    def test_government_purchase(self):
        answer = self.ask("select project_name from forms where government_purchase order by form_number")
        names = ["科技工作者之家", "学术交流与建设项目", "院士专家工作站推进与服务企业科技创新"]
        self.assertEqual([name for (name,) in answer], names)

    def test_indicators_by_class(self):
        answer = self.ask("select level1, count(*) from indicators group by level1 order by 2 desc")
        self.assertEqual(answer, [("投入与管理", 68), ("产出目标", 49), ("效果目标", 17), ("影响力目标", 15)])
        by_code = self.ask("""
            select t.name_en, count(*) from indicators i
            join indicator_types t on t.indicator_code = i.level1_code group by all order by 2 desc
        """)
        self.assertEqual([count for _, count in by_code], [68, 49, 17, 15])

    def test_share_of_quantified_targets(self):
        answer = self.ask("""
            select count(*) filter (target_kind = 'number'), count(*) filter (target_kind = 'grade'), count(*)
            from indicators
        """)
        self.assertEqual(answer, [(68, 81, 149)])

    def test_satisfaction_that_is_promised(self):
        answer = self.ask("""
            select target_value, target_unit, count(*) from indicators
            where indicator = '群众满意度' group by all order by all
        """)
        self.assertEqual(answer, [(money(85), "%", 11), (money(100), "%", 3)])

    def test_most_cited_documents(self):
        answer = self.ask("""
            select title, count(distinct form_id) as forms from citations
            group by title order by forms desc, title limit 1
        """)
        self.assertEqual(answer, [("中国科学技术协会章程", 4)])
        issuers = self.ask("""
            select issuer, count(*) from citations where issuer is not null
            group by issuer order by 2 desc, 1 limit 2
        """)
        self.assertEqual(issuers, [("中国科学技术协会", 9), ("国务院", 5)])

    def test_a_document_by_its_number(self):
        answer = self.ask("""
            select distinct title, issuer, year, number from citations where document_number = '国发〔2018〕32号'
        """)
        title = "国务院关于推动创新创业高质量发展打造“双创”升级版的意见"
        self.assertEqual(answer, [(title, "国务院", 2018, 32)])

    def test_indicators_that_are_misfiled(self):
        answer = self.ask("""
            select i.indicator, count(*) from findings f
            join indicators i on i.form_id = f.form_id and i.place = f.place
            where f.code = 'misfiled-indicator' group by all order by 2 desc limit 1
        """)
        self.assertEqual(answer, [("预算资金到位率", 11)])
        self.assertEqual(self.ask("select count(*) from findings where code = 'misfiled-indicator'"), [(46,)])

    def test_forms_with_repairs(self):
        answer = self.ask("""
            select m.form_number, list(distinct f.code order by f.code) from findings f join forms m using (form_id)
            where f.severity = 'info' group by all order by all
        """)
        self.assertEqual(answer, [
            (1, ["healed-page-break", "latin-in-chinese", "target-misprinted"]),
            (2, ["healed-page-break", "shifted-row"]),
            (3, ["healed-page-break", "shifted-row"]),
            (5, ["healed-page-break", "shifted-row"]),
            (7, ["shifted-row"]),
            (12, ["citation-number-split", "healed-page-break", "shifted-row"]),
            (14, ["latin-in-chinese", "repeated-text-dropped", "space-in-name"]),
        ])

    def test_trace_a_number_to_its_line(self):
        answer = self.ask("""
            select b.label_raw, b.amount_raw, b.place, m.source from budget_lines b join forms m using (form_id)
            where b.amount_yuan = 634110 and b.item = 'prior_budget'
        """)
        [(label, amount, place, source)] = answer
        self.assertEqual((label, amount, place), ("同名项目上年预算额(元)：", "634,110", "L335"))
        lines = (pathlib.Path(os.environ["JIXIAO_RAW"]) / source).read_text(encoding="utf-8").split("\n")
        self.assertIn(f"{label}\t{amount}", lines[int(place[1:]) - 1])

    def test_a_section_is_whole_across_its_page(self):
        [(goal,)] = self.ask("select overall_goal from forms where form_number = 1")
        self.assertIn("党建“全区域统筹、多方面联动", goal)
        [(plan,)] = self.ask("select implementation_plan from forms where form_number = 3")
        self.assertIn("“海智计划系列“两个二级项目合并）", plan)

    def test_what_was_not_printed_is_null(self):
        answer = self.ask("""
            select count(supervising_department), count(annual_goal), count(superseded_by), count(prior_budget_yuan)
            from forms
        """)
        self.assertEqual(answer, [(0, 0, 0, 9)])

    def test_everything_that_was_printed_is_there(self):
        self.assertEqual(self.ask("select count(*), count(distinct field) from fields where form_id like '%-0001'"), [(21, 20)])
        self.assertEqual(self.ask("select value_raw from fields where field = 'project_name' and place = 'L418'"),
                         [("院士专家工作站推进与服务 企业科技创新",)])

    def test_checks_say_how_often_they_held(self):
        failed = self.ask("select code, applied - passed from checks where passed < applied order by code")
        found = self.ask("""
            select code, count(*) from findings where code in (select code from checks) group by code order by code
        """)
        self.assertEqual(failed, found)
        self.assertEqual(self.ask("select applied, passed from checks where code = 'misfiled-indicator'"), [(149, 103)])

    def test_the_run_is_recorded(self):
        answer = self.ask("select kind, outcome, documents_seen, form_count, indicator_count from runs")
        self.assertEqual(answer[-1], ("ingest", "succeeded", 1, 15, 149))


class OtherReaders(unittest.TestCase):
    def test_duckdb_reads_a_plain_glob(self):
        rows = duckdb.sql(f"select count(*), sum(total_budget_yuan) from read_parquet('{CURRENT}/forms/**/*.parquet')")
        self.assertEqual(rows.fetchall(), [(15, money(28797500))])

    def test_polars(self):
        forms = polars.scan_parquet(CURRENT / "forms", hive_partitioning=True).collect()
        self.assertEqual(forms["total_budget_yuan"].sum(), money(28797500))
        self.assertEqual(forms["start_date"].min(), datetime.date(2020, 1, 1))
        self.assertEqual(forms["fiscal_year"].unique().to_list(), [2020])
        for table in TABLES:
            polars.scan_parquet(CURRENT / table / "**" / "*.parquet").collect()

    def test_pyarrow(self):
        for table in PARTED:
            found = pyarrow.dataset.dataset(CURRENT / table, partitioning="hive").to_table()
            self.assertEqual(set(found["fiscal_year"].to_pylist()), {2020})
        indicators = pyarrow.dataset.dataset(CURRENT / "indicators", partitioning="hive").to_table()
        self.assertEqual(indicators.num_rows, 149)

    def test_descriptions_travel_with_the_files(self):
        [file] = (CURRENT / "forms").glob("**/*.parquet")
        field = pyarrow.parquet.read_schema(file).field("total_budget_yuan")
        self.assertEqual(field.metadata[b"name_zh"].decode(), "项目总预算_元")
        metadata = duckdb.sql(
            f"select value::varchar from parquet_kv_metadata('{file}') where key::varchar = 'jixiao.columns'"
        )
        [(comments,)] = metadata.fetchall()
        self.assertIn("total_budget_yuan", comments)

    def test_the_data_package_lists_every_file(self):
        package = json.loads((CURRENT / "datapackage.json").read_text(encoding="utf-8"))
        listed = {path for resource in package["resources"] for path in resource["path"]}
        there = {str(path.relative_to(CURRENT)) for path in CURRENT.glob("**/*.parquet")}
        self.assertEqual(listed, there)
        self.assertEqual([resource["name"] for resource in package["resources"]], list(TABLES))


if __name__ == "__main__":
    unittest.main()
