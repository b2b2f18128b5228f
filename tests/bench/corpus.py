#!/usr/bin/env python3
"""Writes a corpus of documents, and beside it what stands in them: corpus.py --folder DIR --kind text --documents 500.

The documents depend on the arguments alone. Text is what a page leaves when it is copied: tabs, a cell that the end of a
page cuts, a label in the middle of its own cell, a row that lost its blank. HTML is written by hand or by a word
processor, half of it in GB18030, some tables cut by a page. docx, xlsx and pdf are in office.py.
"""

import argparse
import html
import json
import pathlib
import random

import office
from forms import LABELS, LEVELS, PRIOR, document, heading, pairs, printed_levels, table

SEED = "jixiao 1"
SUFFIXES = {"text": "txt", "html": "html", "docx": "docx", "xlsx": "xlsx", "pdf": "pdf"}


def cut(random_, text):
    """Where the end of a page cuts a text: within a sentence, with enough on both sides."""
    at = random_.randrange(len(text) // 3, len(text) * 2 // 3)
    while text[at - 1] in "。；，、（《〔" or text[at] in "。；，、）》〕号" or text[at - 1].isascii():
        at += 1
    return at


def text(forms, random_):
    """Lines of cells with tabs between, as a page that was copied into an editor."""
    lines = []
    for form in forms:
        above, below = pairs(form)
        style = random_.random()
        if style < 0.5:
            lines += ["", *heading(form)]
        elif style < 0.8:
            lines += ["", *(f'<p style="text-align: center;">{line}</p>' for line in heading(form))]
        else:
            lines += ["", " ".join(f"<p>{line}</p>" for line in heading(form))]
        lines += ["\t".join(row) for row in above]
        is_marked = random_.random() < 0.5
        for field, label in LABELS.items():
            value = form.sections[field]
            broken = random_.random() if len(value) > 150 else 1
            if broken < 0.05:
                at = cut(random_, value)
                lines += [f"{label}\t{value[:at]}", "", value[at:], ""]
            elif broken < 0.07 and field != "overview":
                at = cut(random_, value)
                lines += [f"\t{value[:at]}", "", label, "", value[at:], ""]
            elif is_marked:
                lines.append(f"{label}\t<p>{value}</p>")
            else:
                lines.append(f"{label}\t{value}")
        lines += ["", PRIOR, "", *("\t".join(row) for row in below), "", f"{form.year}年绩效目标", "", "\t".join(LEVELS)]
        for (level1, level2), indicator in zip(printed_levels(form), form.indicators):
            row = [level1 or "", level2 or "", indicator.name, indicator.target]
            has_slid = level1 is None and level2 is not None and random_.random() < 0.05
            lines.append("\t".join(row[1:] if has_slid else row))
        lines.append("")
    return "\n".join(lines).encode()


BY_HAND = ("<td{}>", "", "</td>")
BY_WORD = (
    '<td style="border:1px solid #000;padding:2pt 5pt;vertical-align:middle;"{}>',
    '<p class="MsoNormal" style="text-align:left;line-height:20pt;"><span style="font-family:宋体;font-size:10.5pt;">',
    "</span></p></td>",
)
TABLE = '<table border="1" cellspacing="0">\n'


def page(forms, random_, charset):
    """An HTML page with the furniture of a site around its tables."""
    opening, before, after = BY_WORD if random_.random() < 0.5 else BY_HAND

    def cell(value, width, height):
        attributes = (f' colspan="{width}"' if width > 1 else "") + (f' rowspan="{height}"' if height > 1 else "")
        return opening.format(attributes) + before + (html.escape(value, quote=False) or "&nbsp;") + after

    def row(cells):
        return "<tr>" + "".join(cell(*parts) for parts in cells) + "</tr>\n"

    out = [
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="{charset}">\n<title>绩效目标公开</title>\n',
        "<style>td{font-size:12px}</style>\n<script>var page={a:1};function go(u){location.href=u;}</script>\n</head>\n",
        '<body>\n<div class="nav"><ul><li><a href="/1/">首页</a></li><li><a href="/2/">政务公开</a></li></ul></div>\n',
    ]
    for form in forms:
        out += (f'<p style="text-align: center;">{line}</p>\n' for line in heading(form))
        out.append(TABLE)
        for cells in table(form):
            (label, _, _), (value, width, _) = cells[0], cells[-1]
            if len(value) > 150 and random_.random() < 0.02:
                at = cut(random_, value)
                out += [row([(label, 1, 1), (value[:at], width, 1)]), "</table>\n", TABLE]
                out.append(row([("", 1, 1), (value[at:], width, 1)]))
            else:
                out.append(row(cells))
        out.append("</table>\n")
    out.append("<div class=\"footer\">版权所有</div>\n</body>\n</html>\n")
    return "".join(out).encode("utf-8" if charset == "utf-8" else "gb18030")


def write(kind, forms, random_, number):
    if kind == "text":
        return text(forms, random_)
    if kind == "html":
        return page(forms, random_, "utf-8" if number % 2 else ("gb18030", "gbk", "gb2312")[number // 2 % 3])
    return {"docx": office.docx, "xlsx": office.xlsx, "pdf": office.pdf}[kind](forms)


def make(folder, kind, documents, forms, sentences, year):
    """Writes documents below `folder`/in, and `folder`/truth.jsonl, a line for each form."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "truth.jsonl", "w", encoding="utf-8") as truth:
        for number in range(documents):
            made = list(document(SEED, number, forms, sentences, year))
            source = f"{made[0].year}/{number // 500:04}/{number:07}.{SUFFIXES[kind]}"
            path = folder / "in" / source
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(write(kind, made, random.Random(f"{SEED} {kind} {number}"), number))
            for form in made:
                truth.write(json.dumps(form.facts(source), ensure_ascii=False) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--kind", choices=SUFFIXES, required=True)
    parser.add_argument("--documents", type=int, required=True)
    parser.add_argument("--forms", type=int, default=15, help="how many a document has")
    parser.add_argument("--sentences", type=int, default=6, help="about how many a section has")
    parser.add_argument("--year", type=int, help="of all documents [default: ten years]")
    arguments = parser.parse_args()
    make(**vars(arguments))


if __name__ == "__main__":
    main()
