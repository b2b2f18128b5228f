#!/usr/bin/env python3
"""What analysts' questions take over a large warehouse, and what they would take if its files were written otherwise.

queries.py grow SMALL LARGE      ten years of a warehouse that has one: every form again in each year, under other ids
queries.py ask WAREHOUSE…        asks, and makes a table: a row for each question, a column for each warehouse
queries.py vary LARGE OTHER …    the same rows with other settings (--help)

Large warehouses are what `jixiao` would write: the sort order, the cuts between files and the settings of the small one.
"""

import argparse
import hashlib
import pathlib
import resource
import shutil

import duckdb
import pyarrow
import pyarrow.compute
import pyarrow.parquet

from page import number, put, table

YEARS = range(2017, 2027)
ROWS_IN_GROUP = 122_880
LOOKED_UP = ["form_id", "document_id", "organisation_key", "project_key", "document_number"]
ROUNDS = 3
QUESTIONS = {
    "budget by organisation and year": "select organisation, fiscal_year, count(*), sum(total_budget_yuan) from forms group by all",
    "change against the year before": """
        select project_name, annual_budget_yuan - prior_budget_yuan as change from forms
        where change <> 0 order by abs(change) desc limit 20""",
    "projects that are new, by year": """
        select fiscal_year, count(*), sum(annual_budget_yuan) from forms where prior_budget_yuan is null group by all""",
    "indicators by class": """
        select t.name_en, count(*) from indicators i join indicator_types t on t.indicator_code = i.level1_code group by all""",
    "satisfaction that is promised": """
        select target_value, target_unit, count(*) from indicators where indicator = '群众满意度' group by all""",
    "most cited documents": """
        select title, count(distinct form_id) as forms from citations group by title order by forms desc, title limit 10""",
    "a document by its number": """
        select fiscal_year, count(*) from citations where document_number = '中发〔2018〕34号' group by all""",
    "forms with repairs, by kind": """
        select m.fiscal_year, f.code, count(distinct form_id) from findings f join forms m using (form_id)
        where f.severity = 'info' group by all""",
    "indicators with a finding": """
        select i.indicator, count(*) from findings f join indicators i on i.form_id = f.form_id and i.place = f.place
        where f.code = 'unknown-indicator' and i.fiscal_year = 2020 group by all order by 2 desc limit 10""",
    "trace a number to its line": """
        select m.source, b.place, b.label_raw from budget_lines b join forms m using (form_id)
        where b.fiscal_year = 2021 and b.amount_yuan = (select min(total_budget_yuan) from forms_all where fiscal_year = 2021)""",
    "an organisation over the years": """
        select fiscal_year, project_name, total_budget_yuan from forms_all where organisation_key = $organisation""",
    "a project over the years": "select fiscal_year, total_budget_yuan from forms_all where project_key = $project",
    "all that one form prints": "select label_raw, value_raw, place from fields_all where form_id = $form",
}


def ids(column, year):
    """Other ids for another year: those of documents are hashes, those of forms begin with the document's."""
    encoded = column.combine_chunks().dictionary_encode()
    other = [
        value and hashlib.md5(f"{year} {value[:32]}".encode()).hexdigest() + value[32:] for value in encoded.dictionary.to_pylist()
    ]
    return pyarrow.array(other, pyarrow.string()).take(encoded.indices)


def write(rows, path, group=ROWS_IN_GROUP, level=3, bloom=True):
    path.parent.mkdir(parents=True, exist_ok=True)
    filters = {name: {"fpp": 0.01, "ndv": max(1, min(len(rows), group))} for name in LOOKED_UP if bloom and name in rows.column_names}
    pyarrow.parquet.write_table(
        rows, path, compression="zstd", compression_level=level, row_group_size=group, bloom_filter_options=filters or None
    )


def grow(small, large):
    snapshot = (small / "CURRENT").read_text().strip()
    base, into = small / "snapshots" / snapshot, large / "snapshots" / snapshot
    shutil.rmtree(large, ignore_errors=True)
    for path in sorted(base.rglob("*.parquet")):
        below = path.relative_to(base)
        if below.parts[0] in ("checks", "runs", "indicator_types"):
            (into / below).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, into / below)
            continue
        rows = pyarrow.parquet.ParquetFile(path).read()
        for year in YEARS:
            other = rows
            for name in ("form_id", "document_id"):
                if name in rows.column_names:
                    at = rows.column_names.index(name)
                    other = other.set_column(at, rows.schema.field(name), ids(rows[name], year).cast(rows.schema.field(name).type))
            if "source" in rows.column_names:
                sources = pyarrow.compute.binary_join_element_wise(str(year), rows["source"], "/")
                other = other.set_column(rows.column_names.index("source"), rows.schema.field("source"), sources)
            parts = [f"fiscal_year={year}" if part.startswith("fiscal_year=") else part for part in below.parts[:-1]]
            if "fiscal_year" in rows.column_names:
                field = rows.schema.field("fiscal_year")
                years = pyarrow.array([year] * len(rows), field.type)
                other = other.set_column(rows.column_names.index("fiscal_year"), field, years)
            write(other, into.joinpath(*parts) / f"{year}-{below.name}")
    finish(small, large)


def finish(one, other):
    (other / "CURRENT").write_text((one / "CURRENT").read_text())
    catalog = (one / "catalog.sql").read_text(encoding="utf-8")
    (other / "catalog.sql").write_text(catalog.replace(str(one.resolve()), str(other.resolve())), encoding="utf-8")


def vary(large, other, options):
    """The same rows in the same order, or in the order of a column, in other files."""
    snapshot = (large / "CURRENT").read_text().strip()
    base, into = large / "snapshots" / snapshot, other / "snapshots" / snapshot
    shutil.rmtree(other, ignore_errors=True)
    for folder in sorted({path.parent for path in base.rglob("*.parquet")}):
        files = sorted(folder.glob("*.parquet"))
        for at in range(0, len(files), options.join):
            joined = files[at : at + options.join]
            rows = pyarrow.concat_tables(
                [pyarrow.parquet.ParquetFile(path).read() for path in joined], promote_options="none"
            ).unify_dictionaries()
            if options.sort and options.sort in rows.column_names:
                rows = rows.sort_by(options.sort)
            path = into / folder.relative_to(base) / joined[0].name
            write(rows, path, group=options.group, level=options.level, bloom=not options.no_bloom)
    finish(large, other)


def ask(warehouses):
    """The best processor time of each question in milliseconds, and below them what the warehouses are."""
    columns = []
    for warehouse in warehouses:
        connection = duckdb.connect(config={"threads": 2})
        connection.execute((warehouse / "catalog.sql").read_text(encoding="utf-8"))
        [(form, organisation, project)] = connection.execute(
            "select form_id, organisation_key, project_key from forms_all where fiscal_year = 2020 order by form_id limit 1"
        ).fetchall()
        given = {"form": form, "organisation": organisation, "project": project}
        times = []
        for sql in QUESTIONS.values():
            least = float("inf")
            for _ in range(ROUNDS):
                before = resource.getrusage(resource.RUSAGE_SELF)
                connection.execute(sql, {name: value for name, value in given.items() if f"${name}" in sql}).fetchall()
                after = resource.getrusage(resource.RUSAGE_SELF)
                least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            times.append(1000 * least)
        files = list(warehouse.rglob("*.parquet"))
        columns.append((*times, sum(times), len(files), sum(path.stat().st_size for path in files) / 1e6))
        [(forms,)] = connection.execute("select count(*) from forms_all").fetchall()
    rows = zip((*QUESTIONS, "all", "files", "MB"), *columns)
    head = [f"{forms:,} forms", *(warehouse.name for warehouse in warehouses)]
    return table(head, [[name, *map(number, cells)] for name, *cells in rows])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    growing = commands.add_parser("grow")
    growing.add_argument("small", type=pathlib.Path)
    growing.add_argument("large", type=pathlib.Path)
    varying = commands.add_parser("vary")
    varying.add_argument("large", type=pathlib.Path)
    varying.add_argument("other", type=pathlib.Path)
    varying.add_argument("--join", type=int, default=1, help="how many files of a folder become one")
    varying.add_argument("--group", type=int, default=ROWS_IN_GROUP, help="rows in a row group")
    varying.add_argument("--level", type=int, default=3, help="of zstd")
    varying.add_argument("--sort", help="a column by which the rows of a file are sorted")
    varying.add_argument("--no-bloom", action="store_true")
    asking = commands.add_parser("ask")
    asking.add_argument("warehouses", type=pathlib.Path, nargs="+")
    asking.add_argument("--page", type=pathlib.Path, help="a page with a part for the table")
    arguments = parser.parse_args()
    match arguments.command:
        case "grow":
            grow(arguments.small, arguments.large)
        case "vary":
            vary(arguments.large, arguments.other, arguments)
        case "ask":
            answer = ask(arguments.warehouses)
            print(answer)
            if arguments.page:
                put(arguments.page, "make queries", answer)


if __name__ == "__main__":
    main()
