"""Writes form.python-docx.docx and form.openpyxl.xlsx beside each form.html or form.txt given.

Their merged cells differ from LibreOffice's: python-docx continues a cell with a bare `<w:vMerge/>`, and a paragraph
stands where LibreOffice has a line break; openpyxl writes no cached values, and here what a person types as a number is a
number: amounts with `#,##0.00`, percentages with `0.00%`, dates as dates.
"""

import datetime
import re
import sys
from pathlib import Path

import docx
import lxml.html
import openpyxl
from openpyxl.styles import Alignment
from text_to_html import html_of

AMOUNT = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+\.\d+")
WHOLE = re.compile(r"\d{1,15}")
PERCENTAGE = re.compile(r"\d+(\.\d+)?%")
DATE = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})")
# A fixed time in the file, so that the same form gives the same bytes.
MADE = datetime.datetime(2026, 1, 1)


def lines(element):
    for line_break in element.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return [line.strip() for line in element.text_content().split("\n")]


def cells(table):
    """The cells of a table with the first row and column, the last row and column, and their lines."""
    taken, found = set(), []
    for row, tr in enumerate(table.iter("tr")):
        column = 0
        for td in tr.iterchildren("td", "th"):
            while (row, column) in taken:
                column += 1
            height, width = int(td.get("rowspan", 1)), int(td.get("colspan", 1))
            taken.update((row + y, column + x) for y in range(height) for x in range(width))
            found.append((row, column, row + height - 1, column + width - 1, lines(td)))
            column += width
    return found


def parts(file):
    text = file.read_bytes().decode()
    body = lxml.html.fromstring(html_of(text) if file.suffix == ".txt" else text).find(".//body")
    for element in body if body is not None else []:
        if element.tag == "table":
            yield cells(element)
        else:
            yield "".join(lines(element))


def write_docx(form, out):
    document = docx.Document()
    document.core_properties.created = document.core_properties.modified = MADE
    for part in parts(form):
        if isinstance(part, str):
            document.add_paragraph(part)
            continue
        height = 1 + max(cell[2] for cell in part)
        width = 1 + max(cell[3] for cell in part)
        table = document.add_table(height, width, "Table Grid")
        for top, left, bottom, right, texts in part:
            cell = table.cell(top, left)
            if (bottom, right) != (top, left):
                cell = cell.merge(table.cell(bottom, right))
            cell.text = texts[0]
            for text in texts[1:]:
                cell.add_paragraph(text)
    document.save(out)


def typed(text):
    """What a person gets who types a text into a cell, and how it is shown."""
    if AMOUNT.fullmatch(text):
        return float(text.replace(",", "")), "#,##0.00"
    if WHOLE.fullmatch(text) and (text == "0" or not text.startswith("0")):
        return int(text), "General"
    if PERCENTAGE.fullmatch(text):
        return float(text[:-1]) / 100, "0.00%"
    if date := DATE.fullmatch(text):
        return datetime.date(*map(int, date.groups())), "yyyy/m/d"
    return text, "General"


def write_xlsx(form, out):
    workbook = openpyxl.Workbook()
    workbook.properties.created = workbook.properties.modified = MADE
    sheet = workbook.active
    all_parts = list(parts(form))
    width = max(1 + cell[3] for part in all_parts if not isinstance(part, str) for cell in part)
    row = 1
    for part in all_parts:
        if isinstance(part, str):
            part = [(0, 0, 0, width - 1, [part])]
        for top, left, bottom, right, texts in part:
            cell = sheet.cell(row + top, left + 1)
            # A text that begins with `=` becomes a formula without a value: openpyxl takes it for one.
            cell.value, cell.number_format = typed("\n".join(texts))
            cell.alignment = Alignment(wrap_text=True)
            if (bottom, right) != (top, left):
                sheet.merge_cells(None, row + top, left + 1, row + bottom, right + 1)
        row += 1 + max(cell[2] for cell in part)
    workbook.save(out)


for name in sys.argv[1:]:
    form = Path(name)
    write_docx(form, form.with_name("form.python-docx.docx"))
    write_xlsx(form, form.with_name("form.openpyxl.xlsx"))
