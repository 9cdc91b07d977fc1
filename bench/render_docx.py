"""Word documents: the form with the merges that word processors write, and what editing leaves behind in them.

Belongs here: WordprocessingML for a report, in the variants named in VARIANTS. Does not belong here: text, wording, and
layouts that are text (they have pieces to damage; a package of XML has none).
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from bench.model import SimulatedReport
from bench.wording import list_blocks, list_dispute_values, list_request_rows, load_wording

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


@dataclass(frozen=True, slots=True)
class _Box:
    """One cell of one row, continuations of merged cells included; merge is '', 'restart' or 'continue'."""

    text: str
    start: int
    end: int
    merge: str = ""


# (cell text, row span, column span)
_Spanned = tuple[str, int, int]


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
    headings = load_wording()["sections"]
    yield _text_box(report.title) if variant == "wrapped" else _paragraph(report.title, variant, 0)
    for text in (*report.narrative["preface"], headings["S1"], *report.narrative["S1"], headings["S2"]):
        yield _paragraph(text, variant)
    tables = (_proactive_rows(report), _request_rows(report), _dispute_rows(report))
    for rows, section in zip(tables, ("S3", "S4", "S5"), strict=True):
        table = _table(_lay_out(rows), variant, rng)
        yield f"<w:tbl><w:tr><w:tc>{table}<w:p/></w:tc></w:tr></w:tbl>" if variant == "wrapped" else table
        yield _paragraph(headings[section], variant)
    for text in (*report.narrative["S5"], headings["S6"], *report.narrative["S6"]):
        yield _paragraph(text, variant)


def _proactive_rows(report: SimulatedReport) -> list[list[_Spanned]]:
    caption = load_wording()["proactive"]["caption"]
    rows: list[list[_Spanned]] = []
    for block in list_blocks(report):
        span = 4 - len(block.headers)
        rows.append([(block.article, 1, 4)])
        rows.append([(caption, 1, 1), *((header, 1, span) for header in block.headers)])
        rows.extend([(row.label, 1, 1), *((value, 1, span) for value in row.values)] for row in block.rows)
    return rows


def _request_rows(report: SimulatedReport) -> list[list[_Spanned]]:
    raw = load_wording()["requests"]
    rows: list[list[_Spanned]] = [
        [(raw["note"], 3, 3), (raw["applicants"], 1, 7)],
        [(raw["persons"], 2, 1), (raw["organisations"], 1, 5), (raw["total"], 2, 1)],
        [(kind, 1, 1) for kind in raw["organisation_kinds"]],
    ]
    for row in list_request_rows(report):
        opened = [(label, count, 1) for label, count in row.opens]
        rows.append([*opened, (row.label, 1, 3 - row.depth), *((value, 1, 1) for value in row.values)])
    return rows


def _dispute_rows(report: SimulatedReport) -> list[list[_Spanned]]:
    raw = load_wording()["disputes"]
    return [
        [(raw["review"], 1, 5), (raw["litigation"], 1, 10)],
        [*((outcome, 2, 1) for outcome in raw["outcomes"]), *((kind, 1, 5) for kind in raw["litigation_kinds"])],
        [(outcome, 1, 1) for outcome in raw["outcomes"] * 2],
        [(value, 1, 1) for value in list_dispute_values(report)],
    ]


def _lay_out(rows: Sequence[Sequence[_Spanned]]) -> list[list[_Box]]:
    """Every row with the continuations of the cells merged into it from above, in column order."""
    continued: list[dict[int, _Box]] = [{} for _ in rows]
    laid_out = []
    for number, row in enumerate(rows):
        boxes, column, waiting = [], 0, list(row)
        while waiting or column in continued[number]:
            if column in continued[number]:
                boxes.append(continued[number][column])
            else:
                text, row_span, span = waiting.pop(0)
                boxes.append(_Box(text, column, column + span, "restart" if row_span > 1 else ""))
                for below in continued[number + 1 : number + row_span]:
                    below[column] = _Box("", column, column + span, "continue")
            column = boxes[-1].end
        laid_out.append(boxes)
    return laid_out


def _add_slivers(rows: Sequence[Sequence[_Box]], rng: random.Random) -> list[list[_Box]]:
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


def _table(rows: Sequence[Sequence[_Box]], variant: str, rng: random.Random) -> str:
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


def _row(boxes: Sequence[_Box], variant: str) -> str:
    cells = "".join(_cell(box, variant) for box in boxes)
    row = f"<w:tr>{cells}</w:tr>"
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{row}</w:sdtContent></w:sdt>" if variant == "wrapped" else row


def _cell(box: _Box, variant: str) -> str:
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
