"""Asks a warehouse a question: ask.py WAREHOUSE SQL. Loads catalog.sql as an analyst would, and prints the answer."""

import pathlib
import sys

import duckdb

if __name__ == "__main__":
    warehouse, sql = sys.argv[1:]
    connection = duckdb.connect()
    connection.execute((pathlib.Path(warehouse) / "catalog.sql").read_text(encoding="utf-8"))
    print(f"\nD {sql};")
    print(connection.sql(sql))
