"""Word documents: the form with the merges that word processors write, and what editing leaves behind in them.

Belongs here: WordprocessingML for a report, in the variants named in VARIANTS. Does not belong here: text, wording, and
layouts that are text (they have pieces to damage; a package of XML has none).
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.sax.saxutils import escape

from bench.form_tables import Box, complete_rows, list_paragraphs, list_tables
from bench.model import SimulatedReport

# clean: as a template gives it. runs: text broken over runs, cells over paragraphs. slivers: borders that miss each
# other by a hair. tracked: old numbers and a row deleted, new ones inserted, hidden notes. wrapped: rows and cells
# inside content controls, tables inside a layout table, a title in a text box.
VARIANTS = ("clean", "runs", "slivers", "tracked", "wrapped")

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_WPS = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
_V = "urn:schemas-microsoft-com:vml"
_TABLE_WIDTH = 9_000
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_STAMP = (2023, 1, 20, 9, 0, 0)
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)


def render_docx(report: SimulatedReport, variant: str, rng: random.Random) -> bytes:
    """A DOCX file that prints the report; the same rng state gives the same bytes."""
    return pack_docx("".join(_body(report, variant, rng)))


def pack_docx(body: str) -> bytes:
    """A DOCX file around the inside of a body element."""
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{_W}" xmlns:mc="{_MC}" '
        f'xmlns:wps="{_WPS}" xmlns:v="{_V}"><w:body>{body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
        "</w:body></w:document>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        parts = {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONS, "word/document.xml": document}
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, _STAMP), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _body(report: SimulatedReport, variant: str, rng: random.Random) -> Iterator[str]:
    yield _text_box(report.title) if variant == "wrapped" else _paragraph(report.title, variant, 0)
    paragraphs = list_paragraphs(report)
    for name, rows in list_tables(report):
        yield from (_paragraph(text, variant) for text in paragraphs[name])
        if rows:
            table = _table(complete_rows([cells for _, cells in rows]), variant, rng)
            yield f"<w:tbl><w:tr><w:tc>{table}<w:p/></w:tc></w:tr></w:tbl>" if variant == "wrapped" else table
    yield from (_paragraph(text, variant) for text in paragraphs[""])


def _add_slivers(rows: Sequence[Sequence[Box]], rng: random.Random) -> list[list[Box]]:
    """The rows in a grid with a sliver after every column but the last; each row gives it to the cell on either side.

    Beside a merged cell it always goes to the left one, so that the parts of the cell stay one above the other.
    """
    widened = []
    for row in rows:
        fixed = {edge for box in row if box.merge for edge in (box.start, box.end)}
        goes_left = {box.end: box.end in fixed or rng.random() < 0.5 for box in row}
        last = row[-1].end
        boxes = []
        for box in row:
            start = 2 * box.start - (box.start > 0 and not goes_left[box.start])
            end = 2 * box.end - (1 if box.end == last or not goes_left[box.end] else 0)
            boxes.append(replace(box, start=start, end=end))
        widened.append(boxes)
    return widened


def _table(rows: Sequence[Sequence[Box]], variant: str, rng: random.Random) -> str:
    column_count = max(row[-1].end for row in rows)
    widths = [_TABLE_WIDTH // column_count] * column_count
    if variant == "slivers":
        rows = _add_slivers(rows, rng)
        widths = [width for column in widths for width in (column - 1, 1)][:-1]
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    printed = [_row(row, variant) for row in rows]
    if variant == "tracked":
        stale = [replace(box, text="9") if box.text.isdecimal() else box for box in rows[-1]]
        printed.append(_row(stale, "deleted").replace("<w:tr>", '<w:tr><w:trPr><w:del w:id="1"/></w:trPr>', 1))
    properties = f'<w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>{_BORDERS}</w:tblBorders></w:tblPr>'
    return f"<w:tbl>{properties}<w:tblGrid>{columns}</w:tblGrid>{''.join(printed)}</w:tbl>"


def _row(boxes: Sequence[Box], variant: str) -> str:
    cells = "".join(_cell(box, variant) for box in boxes)
    row = f"<w:tr>{cells}</w:tr>"
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{row}</w:sdtContent></w:sdt>" if variant == "wrapped" else row


def _cell(box: Box, variant: str) -> str:
    span = f'<w:gridSpan w:val="{box.end - box.start}"/>' if box.end - box.start > 1 else ""
    merge = {"": "", "restart": '<w:vMerge w:val="restart"/>', "continue": "<w:vMerge/>"}[box.merge]
    lines = [box.text[:3], box.text[3:]] if variant == "runs" and len(box.text) > 4 else [box.text]
    if box.text.replace(".", "").isdecimal():
        lines = [box.text]
    body = "".join(_paragraph(line, variant) for line in lines)
    return f"<w:tc><w:tcPr>{span}{merge}</w:tcPr>{body}</w:tc>"


def _paragraph(text: str, variant: str, outline_level: int = 9) -> str:
    properties = f'<w:pPr><w:outlineLvl w:val="{outline_level}"/></w:pPr>' if outline_level < 9 else ""
    return f"<w:p>{properties}{_runs(text, variant)}</w:p>"


def _runs(text: str, variant: str) -> str:
    if variant == "runs":
        return "".join(_run(text[i : i + 2]) + '<w:proofErr w:type="spellStart"/>' for i in range(0, len(text), 2))
    if variant == "tracked":
        former = '<w:del w:id="2"><w:r><w:delText>7</w:delText></w:r></w:del>'
        note = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>8</w:t></w:r>"
        return f'{former}<w:ins w:id="3">{_run(text)}</w:ins>{note}'
    if variant == "deleted":
        return f'<w:del w:id="4"><w:r><w:delText>{escape(text)}</w:delText></w:r></w:del>'
    return _run(text)


def _run(text: str) -> str:
    properties = '<w:rPr><w:rFonts w:hint="eastAsia"/><w:sz w:val="21"/></w:rPr>'
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>' if text else ""


def _text_box(text: str) -> str:
    """A text box in its two forms, of which a word processor shows the first it knows."""
    content = f"<w:txbxContent>{_paragraph(text, 'clean')}</w:txbxContent>"
    return (
        '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps">'
        f"<w:drawing><wps:txbx>{content}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{content}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
