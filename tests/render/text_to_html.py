"""The HTML of a text with tabs, to stdout: lines with tabs that follow one another are the rows of a table."""

import html
import sys
from pathlib import Path


def html_of(text):
    lines, in_table = ['<html><head><meta charset="utf-8"></head><body>'], False
    for line in text.splitlines():
        if ("\t" in line) != in_table:
            in_table = not in_table
            lines.append('<table border="1">' if in_table else "</table>")
        if in_table:
            cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in line.split("\t"))
            lines.append(f"<tr>{cells}</tr>")
        elif line.strip():
            lines.append(f"<p>{html.escape(line)}</p>")
    lines.append(("</table>" if in_table else "") + "</body></html>")
    return "\n".join(lines)


if __name__ == "__main__":
    print(html_of(Path(sys.argv[1]).read_text(encoding="utf-8")))
