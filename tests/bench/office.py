"""Forms as Word, Excel and PDF print them, as bytes that depend on the forms alone.

Word and Excel are written by hand, part by part, with what their authors' programs leave around each text: fonts,
widths, borders, merged cells, shared strings. PDF is written by reportlab, where the end of a page cuts rows and cells.
"""

import io
import zipfile
from xml.sax.saxutils import escape

from forms import heading, placed, table

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org"
RELATIONS = f"{OFFICE}/officeDocument/2006/relationships"
COLUMNS = (1900, 2600, 1900, 2600)


def package(parts):
    """A zip with these parts, without a clock in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), HEAD + text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def content_types(parts):
    overrides = "".join(f'<Override PartName="/{name}" ContentType="application/vnd.{kind}+xml"/>' for name, kind in parts)
    return (
        f'<Types xmlns="{OFFICE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def relations(targets):
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{OFFICE}/package/2006/relationships">{listed}</Relationships>'


def paragraph(text, alignment="left"):
    font = '<w:rPr><w:rFonts w:ascii="宋体" w:eastAsia="宋体" w:hAnsi="宋体" w:hint="eastAsia"/><w:sz w:val="21"/></w:rPr>'
    run = f'<w:r>{font}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""
    spacing = '<w:spacing w:line="400" w:lineRule="exact"/>'
    return f'<w:p><w:pPr>{spacing}<w:jc w:val="{alignment}"/>{font}</w:pPr>{run}</w:p>'


def docx(forms):
    """A Word document: three lines and a table for each form."""
    body = []
    for form in forms:
        body += (paragraph(line, "center") for line in heading(form))
        body.append('<w:tbl><w:tblPr><w:tblStyle w:val="a3"/><w:tblW w:w="9000" w:type="dxa"/></w:tblPr><w:tblGrid>')
        body += (f'<w:gridCol w:w="{width}"/>' for width in COLUMNS)
        body.append("</w:tblGrid>")
        rows = table(form)
        grid = [[None] * 4 for _ in rows]
        for row, column, text, width, height in placed(rows):
            merged = ("", '<w:vMerge w:val="restart"/>')[height > 1]
            grid[row][column] = (text, width, merged)
            for below in range(row + 1, row + height):
                grid[below][column] = ("", width, "<w:vMerge/>")
        for cells in grid:
            body.append('<w:tr><w:trPr><w:trHeight w:val="454"/></w:trPr>')
            for column, cell in enumerate(cells):
                if cell:
                    text, width, merged = cell
                    size = sum(COLUMNS[column : column + width])
                    span = f'<w:gridSpan w:val="{width}"/>' if width > 1 else ""
                    properties = f'<w:tcW w:w="{size}" w:type="dxa"/>{span}{merged}<w:vAlign w:val="center"/>'
                    body.append(f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>")
            body.append("</w:tr>")
        body.append("</w:tbl>" + paragraph(""))
    kind = "openxmlformats-officedocument.wordprocessingml.document.main"
    return package({
        "[Content_Types].xml": content_types([("word/document.xml", kind)]),
        "_rels/.rels": relations([("officeDocument", "word/document.xml")]),
        "word/document.xml": f'<w:document xmlns:w="{OFFICE}/wordprocessingml/2006/main"><w:body>{"".join(body)}</w:body></w:document>',
    })


STYLES = (
    '<numFmts count="1"><numFmt numFmtId="176" formatCode="#,##0.00"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" xfId="0"/><xf numFmtId="176" xfId="0" applyNumberFormat="1"/></cellXfs>'
)


def xlsx(forms):
    """A workbook with a sheet for each form; amounts are numbers."""
    main = f"{OFFICE}/spreadsheetml/2006/main"
    strings, sheets = {}, []
    for form in forms:
        amounts = set(filter(None, form.amounts))
        rows = [[(line, 4, 1)] for line in heading(form)] + table(form)
        written, merged = {}, []
        for row, column, text, width, height in placed(rows):
            name = f"{'ABCD'[column]}{row + 1}"
            if text in amounts:
                cell = f'<c r="{name}" s="1"><v>{float(text.replace(",", "")):.15g}</v></c>'
            elif text:
                cell = f'<c r="{name}" s="0" t="s"><v>{strings.setdefault(text, len(strings))}</v></c>'
            else:
                cell = f'<c r="{name}" s="0"/>'
            written.setdefault(row, []).append(cell)
            if width * height > 1:
                merged.append(f'<mergeCell ref="{name}:{"ABCD"[column + width - 1]}{row + height}"/>')
        data = "".join(f'<row r="{row + 1}">{"".join(cells)}</row>' for row, cells in written.items())
        sheets.append(
            f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData>'
            f'<mergeCells count="{len(merged)}">{"".join(merged)}</mergeCells></worksheet>'
        )
    names = [f"worksheets/sheet{number}.xml" for number in range(1, len(sheets) + 1)]
    listed = "".join(f'<sheet name="项目{n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(1, len(sheets) + 1))
    shared = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    kind = "openxmlformats-officedocument.spreadsheetml"
    types = [("xl/workbook.xml", f"{kind}.sheet.main"), ("xl/styles.xml", f"{kind}.styles")]
    types += [("xl/sharedStrings.xml", f"{kind}.sharedStrings"), *((f"xl/{name}", f"{kind}.worksheet") for name in names)]
    targets = [*(("worksheet", name) for name in names), ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
    return package({
        "[Content_Types].xml": content_types(types),
        "_rels/.rels": relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(targets),
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{STYLES}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}" uniqueCount="{len(strings)}">{shared}</sst>',
        **{f"xl/{name}": sheet for name, sheet in zip(names, sheets)},
    })


def pdf(forms):
    """Ruled tables, one form after another; rows and long cells go on over the end of a page."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle("cell", fontName="STSong-Light", fontSize=9, leading=13, wordWrap="CJK")
    centred = ParagraphStyle("heading", parent=style, alignment=1)
    flow = []
    for form in forms:
        flow += (Paragraph(escape(line), centred) for line in heading(form))
        rows = table(form)
        grid, commands = [[""] * 4 for _ in rows], [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        for row, column, text, width, height in placed(rows):
            grid[row][column] = Paragraph(escape(text), style)
            if width * height > 1:
                commands.append(("SPAN", (column, row), (column + width - 1, row + height - 1)))
        widths = [width / 18 for width in COLUMNS]
        flow.append(Table(grid, colWidths=widths, style=commands, splitInRow=1))
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, invariant=1).build(flow)
    return out.getvalue()
