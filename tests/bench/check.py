#!/usr/bin/env python3
"""What a reader got right: its forms and indicators against what the generator knows to stand in the documents.

check.py TRUTH catalog.sql, or check.py TRUTH forms.parquet indicators.parquet; prints JSON. It is a program of its own, so
that the one that measures stays small: Linux counts the memory of who starts a program as that program's.
"""

import json
import sys

import duckdb

FACTS = (
    "fiscal_year organisation project_name project_category start_date end_date government_purchase performance_type "
    "total_budget_yuan annual_budget_yuan prior_budget_yuan prior_executed_yuan overview legal_basis necessity safeguards "
    "implementation_plan overall_goal"
).split()
INDICATOR = "level1 level2 indicator target_raw target_operator target_value target_unit".split()


def comparable(value):
    """Texts without white space, since where a line ends is no matter of what it says; numbers as numbers, dates as text."""
    if isinstance(value, str):
        return "".join(value.split()) or None
    if value is None or isinstance(value, bool):
        return value
    return str(value) if hasattr(value, "isoformat") else float(value)


def ask(forms, indicators):
    """Facts and indicators by (source, form number), of two relations of DuckDB."""
    connection = duckdb.connect()
    if indicators is not None:
        forms, indicators = f"read_parquet('{forms}')", f"read_parquet('{indicators}')"
    else:
        connection.execute(open(forms, encoding="utf-8").read())
        forms, indicators = "forms_all", "(select i.*, source, form_number from indicators_all i join forms_all using (form_id))"
    facts = connection.execute(f"select source, form_number, {', '.join(FACTS)} from {forms}").fetchall()
    facts = {row[:2]: dict(zip(FACTS, map(comparable, row[2:]))) for row in facts}
    rows = connection.execute(
        f"select source, form_number, {', '.join(INDICATOR)} from {indicators} order by source, form_number, indicator_number"
    ).fetchall()
    by_form = {}
    for row in rows:
        by_form.setdefault(row[:2], []).append(tuple(map(comparable, row[2:])))
    return facts, by_form


def score(truth, forms, indicators=None):
    """How many forms, facts and indicators there are, how many of them were read right, and some that were not."""
    facts, by_form = ask(forms, indicators)
    counts = dict.fromkeys(("forms", "forms_found", "facts", "facts_right", "indicators", "indicators_right"), 0)
    wrong = []
    with open(truth, encoding="utf-8") as lines:
        for line in lines:
            true = json.loads(line)
            key = (true["source"], true["form_number"])
            read = facts.pop(key, None)
            counts["forms"] += 1
            counts["forms_found"] += read is not None
            for name in FACTS:
                is_right = read is not None and read[name] == comparable(true[name])
                counts["facts"] += 1
                counts["facts_right"] += is_right
                if not is_right and len(wrong) < 20:
                    wrong.append((*key, name, true[name], read and read[name]))
            expected = [tuple(map(comparable, row)) for row in true["indicators"]]
            found = by_form.pop(key, [])
            right = sum(one == other for one, other in zip(expected, found))
            counts["indicators"] += max(len(expected), len(found))
            counts["indicators_right"] += right
            if right < len(expected) and len(wrong) < 20:
                wrong.append((*key, "indicators", [e for e in expected if e not in found], [f for f in found if f not in expected]))
    # A form that is not there was invented.
    counts["forms"] += len(facts)
    counts["indicators"] += sum(map(len, by_form.values()))
    return counts, wrong


if __name__ == "__main__":
    print(json.dumps(score(*sys.argv[1:]), ensure_ascii=False, default=str))
