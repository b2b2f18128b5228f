#!/usr/bin/env python3
"""The rival: what a good Python pipeline takes for a part of the work: rival.py --documents DIR --out DIR.

Written for speed: selectolax (lexbor) for HTML, lxml for Word, calamine (Rust) for Excel, pdfplumber for PDF, regular
expressions and dictionaries for the rest, columns into pyarrow, zstd. It writes forms and indicators and nothing else: no
places, no fields as printed, no findings, no citations, no checks. It knows this family of forms alone.
"""

import argparse
import datetime
import io
import pathlib
import re
import zipfile

import pyarrow
import pyarrow.parquet

TITLE = "财政项目支出绩效目标表"
VALUES = {
    "项目名称": "project_name",
    "项目类别": "project_category",
    "计划开始日期": "start_date",
    "计划完成日期": "end_date",
    "是否含有政府购买服务": "government_purchase",
    "绩效类型": "performance_type",
    "项目总预算(元)": "total_budget_yuan",
    "项目当年预算(元)": "annual_budget_yuan",
    "同名项目上年预算额(元)": "prior_budget_yuan",
    "同名项目上年预算执行数(元)": "prior_executed_yuan",
}
SECTIONS = {
    "项目概况": "overview",
    "立项依据": "legal_basis",
    "项目设立的必要性": "necessity",
    "保证项目实施的制度、措施": "safeguards",
    "项目实施计划": "implementation_plan",
    "总目标及阶段性目标": "overall_goal",
}
BRACKETS = str.maketrans("()", "（）")
# A label is looked up as it is printed: with brackets of either width, and with or without its colon.
FIELDS = {
    spelling + colon: field
    for label, field in {**VALUES, **SECTIONS}.items()
    for spelling in (label, label.translate(BRACKETS))
    for colon in ("：", ":", "")
}
LONG = set(SECTIONS.values())
DATES, AMOUNTS = ("start_date", "end_date"), tuple(field for field in VALUES.values() if field.endswith("_yuan"))
TEXTS = ("project_name", "project_category", "performance_type", *SECTIONS.values())
FORMS = pyarrow.schema([
    ("source", pyarrow.string()), ("form_number", pyarrow.int32()), ("fiscal_year", pyarrow.int32()),
    ("organisation", pyarrow.string()), ("government_purchase", pyarrow.bool_()),
    *((field, pyarrow.string()) for field in TEXTS), *((field, pyarrow.date32()) for field in DATES),
    *((field, pyarrow.float64()) for field in AMOUNTS),
])
INDICATORS = pyarrow.schema([
    ("source", pyarrow.string()), ("form_number", pyarrow.int32()), ("indicator_number", pyarrow.int32()),
    ("level1", pyarrow.string()), ("level2", pyarrow.string()), ("indicator", pyarrow.string()),
    ("target_raw", pyarrow.string()), ("target_operator", pyarrow.string()), ("target_value", pyarrow.float64()),
    ("target_unit", pyarrow.string()),
])
TAG = re.compile(r"<[^>]*>")
BETWEEN = re.compile(r"</p>\s*<p[^>]*>|<br\s*/?>")
CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""")
HEADING_YEAR = re.compile(r"(\d{4})年度")
ORGANISATION = re.compile(r"申报单位名称[：:]\s*(\S+)")
DATE = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})")
TARGET = re.compile(r"(≥|>=|≤|<=|＝|=|＞|>|＜|<)?(\d+(?:\.\d+)?)(.*)")
UNIT = re.compile(r"[（(]([^（()）]{1,4})[）)]$")
OPERATORS = {"≥": ">=", "≤": "<=", "＝": "=", "＞": ">", "＜": "<"}
DOCUMENTS_IN_GROUP = 250


# ------------------------------------------------------------------------------------------- documents to rows of cells


def decoded(data):
    declared = CHARSET.search(data, 0, 1024)
    if declared and declared[1][:2].lower() == b"gb":
        return data.decode("gb18030", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def text_rows(text):
    for line in text.split("\n"):
        if line and not line.isspace():
            if "<" in line:
                line = TAG.sub("", BETWEEN.sub("\n", line))
            yield [cell.strip() for cell in line.split("\t")]


def html_rows(text):
    from selectolax.lexbor import LexborHTMLParser

    for node in LexborHTMLParser(text).css("p, table"):
        if node.tag == "table":
            for row in node.css("tr"):
                yield [cell.text().strip() for cell in row.iter()]
        elif node.parent.tag != "td":
            yield [node.text().strip()]


WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def docx_rows(data):
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        body = etree.fromstring(package.read("word/document.xml"))[0]

    def text(element):
        return "".join(run.text or "" for run in element.iter(f"{WORD}t")).strip()

    for element in body:
        if element.tag == f"{WORD}tbl":
            for row in element.iterchildren(f"{WORD}tr"):
                yield [text(cell) for cell in row.iterchildren(f"{WORD}tc")]
        else:
            yield [text(element)]


def xlsx_rows(data):
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        for row in book.get_sheet_by_name(name).to_python():
            yield [cell.strip() if isinstance(cell, str) else str(cell) for cell in row]


def pdf_rows(data):
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            tables = page.find_tables()
            found = [(table.bbox[1], table.extract()) for table in tables]
            boxes = [table.bbox for table in tables]
            for line in page.extract_text_lines(return_chars=False):
                if not any(box[1] <= line["top"] <= box[3] for box in boxes):
                    found.append((line["top"], [[line["text"]]]))
            for _, rows in sorted(found, key=lambda each: each[0]):
                for row in rows:
                    yield [(cell or "").replace("\n", "") for cell in row]
            page.close()


def rows_of(path):
    data = path.read_bytes()
    match path.suffix:
        case ".docx":
            return docx_rows(data)
        case ".xlsx":
            return xlsx_rows(data)
        case ".pdf":
            return pdf_rows(data)
    text = decoded(data)
    return html_rows(text) if "<table" in text else text_rows(text)


# ------------------------------------------------------------------------------------------------------- rows to forms


class Form:
    __slots__ = ("values", "sections", "indicators")

    def __init__(self):
        self.values, self.sections, self.indicators = {}, {}, []


def forms_of(rows):
    forms, form, section, loose, levels = [], None, None, None, None
    for row in rows:
        first = row[0]
        if TITLE in first:
            form, section, loose, levels = Form(), None, None, None
            forms.append(form)
        elif form is None:
            continue
        elif levels is not None:
            # From the right: a blank that was lost, or a cell that spans rows, leaves target and name where they are.
            cells = [cell for cell in row if cell]
            if len(cells) < 2:
                continue
            if len(cells) > 3:
                levels = cells[-4], cells[-3]
            elif len(cells) == 3:
                levels = levels[0], cells[0]
            form.indicators.append((*levels, cells[-2], cells[-1]))
            continue
        elif (field := FIELDS.get(first)) is not None:
            if field in LONG:
                value = "".join(row[1:])
                if loose is not None:
                    # Text without a label stands above a label without text, or goes on with the section before.
                    form.sections[section if value else field] = form.sections.get(section, "") + loose if value else loose
                    loose = None
                if value or field not in form.sections:
                    form.sections[field] = value
                section = field
            else:
                for at in range(0, len(row) - 1, 2):
                    if (field := FIELDS.get(row[at])) is not None:
                        form.values[field] = row[at + 1]
            continue
        elif first == "一级目标":
            levels = (None, None)
            continue
        elif section is not None:
            if first.startswith("本项目上年度"):
                if loose is not None:
                    form.sections[section] += loose
                section = loose = None
            elif not first and len(row) > 1:
                loose = (loose or "") + "".join(row)
            else:
                form.sections[section] += "".join(row)
            continue
        # The lines above the table, or one line with all of them.
        for cell in row:
            if (year := HEADING_YEAR.search(cell)) is not None:
                form.values["fiscal_year"] = int(year[1])
            if (organisation := ORGANISATION.search(cell)) is not None:
                form.values["organisation"] = organisation[1]
    return forms


def date(text):
    parts = DATE.match(text or "")
    return datetime.date(int(parts[1]), int(parts[2]), int(parts[3])) if parts else None


def amount(text):
    try:
        return float(text.replace(",", "")) if text else None
    except ValueError:
        return None


def target(text, name):
    parts = TARGET.fullmatch(text)
    if parts is None:
        return None, None, None
    operator, number, unit = parts.groups()
    if not unit and (of_name := UNIT.search(name)) is not None:
        unit = of_name[1]
    return OPERATORS.get(operator, operator), float(number), unit or None


# ------------------------------------------------------------------------------------------------------ forms to Parquet


class Table:
    def __init__(self, path, schema):
        self.schema = schema
        self.writer = pyarrow.parquet.ParquetWriter(path, schema, compression="zstd")
        self.columns = [[] for _ in schema]

    def add(self, row):
        for column, value in zip(self.columns, row):
            column.append(value)

    def write(self):
        arrays = [pyarrow.array(column, field.type) for column, field in zip(self.columns, self.schema)]
        self.writer.write_table(pyarrow.Table.from_arrays(arrays, schema=self.schema))
        self.columns = [[] for _ in self.schema]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    forms, indicators = Table(arguments.out / "forms.parquet", FORMS), Table(arguments.out / "indicators.parquet", INDICATORS)
    paths = sorted(path for path in arguments.documents.rglob("*") if path.is_file())
    for count, path in enumerate(paths, 1):
        source = path.relative_to(arguments.documents).as_posix()
        for number, form in enumerate(forms_of(rows_of(path)), 1):
            value = form.values.get
            forms.add((
                source, number, value("fiscal_year"), value("organisation"),
                {"是": True, "否": False}.get(value("government_purchase")),
                *(value(field) or form.sections.get(field) or None for field in TEXTS),
                *(date(value(field)) for field in DATES), *(amount(value(field)) for field in AMOUNTS),
            ))
            for at, (level1, level2, name, printed) in enumerate(form.indicators, 1):
                indicators.add((source, number, at, level1, level2, name, printed, *target(printed, name)))
        if count % DOCUMENTS_IN_GROUP == 0 or count == len(paths):
            forms.write()
            indicators.write()
    forms.writer.close()
    indicators.writer.close()


if __name__ == "__main__":
    main()
