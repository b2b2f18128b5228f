"""Parts of a page that a command writes, each between its markers; what stands around them is written by hand."""

import re


def put(page, part, text):
    """Writes `text` between `<!-- part -->` and `<!-- end -->`."""
    markers = re.compile(rf"(<!-- {re.escape(part)} -->\n).*?(<!-- end -->)", re.DOTALL)
    written, count = markers.subn(lambda found: f"{found[1]}\n{text.strip()}\n\n{found[2]}", page.read_text(encoding="utf-8"))
    if count != 1:
        raise SystemExit(f"{page} has {count} parts that are called {part}; expected one")
    page.write_text(written, encoding="utf-8")


def table(head, rows):
    """A table in Markdown: the first column are names, the others numbers."""
    lines = [head, ["--"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def number(value):
    """Three digits that count, without a power of ten."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
