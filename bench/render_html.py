"""HTML layouts: a clean page of a content system, and a page somebody pasted from a word processor.

Belongs here: two layouts, each a function from report to rendering. Does not belong here: text, wording.
"""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Iterator

from bench.model import Piece, Rendering, SimulatedReport
from bench.wording import list_blocks, list_dispute_values, list_request_rows, load_wording

CELL_STYLE = "border:1px solid windowtext;padding:0 5.4pt;mso-border-alt:solid windowtext .5pt"
SPAN_STYLE = "font-family:FangSong_GB2312;mso-hansi-font-family:Calibri;font-size:10.5pt"
# (cell text, row span, column span)
Spanned = tuple[str, int, int]
PrintRow = Callable[[list[Spanned]], str]


def render_page(report: SimulatedReport) -> Rendering:
    """A content system's page: head metadata, navigation and footer around the article, true tables with spans."""
    wording, title, agency = load_wording()["page"], html.escape(report.title), html.escape(report.agency_name)
    stamps = {
        "SiteName": wording["site_name"],
        "ArticleTitle": title,
        "PubDate": report.published,
        "ContentSource": agency,
    }
    metas = "".join(f'<meta name="{name}" content="{content}">\n' for name, content in stamps.items())
    links = "".join(f'<li><a href="#">{name}</a></li>' for name in wording["navigation"])
    head = (
        f"<!DOCTYPE html>\n<html>\n<head>\n<title>{title}</title>\n{metas}</head>\n<body>\n"
        f'<div class="nav"><ul>{links}</ul></div>\n<div class="position">{wording["position"]}</div>\n'
        f'<div class="article">\n<h1>{title}</h1>\n<div class="info">{wording["published"]}{report.published} '
        f'{wording["source"]}{agency} <a href="javascript:print()">{wording["print"]}</a></div>\n'
    )
    footer = wording["footer"].format(agency=agency)
    pieces = [Piece(head), *_article(report, _page_row, lambda text: f"<p>{html.escape(text)}</p>\n", "<table>\n")]
    pieces.append(Piece(f'</div>\n<div class="footer">{footer}</div>\n</body>\n</html>\n'))
    return Rendering(tuple(pieces), "html")


def render_word(report: SimulatedReport) -> Rendering:
    """A pasted page: text broken into styled spans, end tags missing, tables inside a layout table."""
    title = html.escape(report.title)
    head = (
        f'<html><head><meta charset="utf-8"><title>{title}</title></head><body>\n'
        f'<table width="980" align="center"><tr><td height="30">{load_wording()["page"]["position"]}</td></tr>\n'
        f'<tr><td valign="top"><div id="zoom">{_word_paragraph(report.title)}'
    )
    table = (
        '<table class="MsoTableGrid" border="1" cellspacing="0" style="border-collapse:collapse;mso-yfti-tbllook:1184">'
    )
    pieces = [Piece(head), *_article(report, _word_row, _word_paragraph, table + "<tbody>\n")]
    footer = load_wording()["page"]["footer"].format(agency=html.escape(report.agency_name))
    pieces.append(Piece(f"</div></td></tr>\n<tr><td>{footer}</td></tr></table>\n</body></html>\n"))
    return Rendering(tuple(pieces), "html")


def _article(
    report: SimulatedReport, print_row: PrintRow, print_paragraph: Callable[[str], str], open_table: str
) -> Iterator[Piece]:
    """Sections and tables in order; each table row is a piece of its own."""
    headings = load_wording()["sections"]
    for text in (*report.narrative["preface"], headings["S1"], *report.narrative["S1"], headings["S2"]):
        yield Piece(print_paragraph(text))
    for rows in (_proactive_rows(report), _request_rows(report), _dispute_rows(report)):
        yield Piece(open_table)
        for code, cells in rows:
            yield Piece(print_row(cells), code)
        yield Piece("</table>\n")
        section = {"proactive": "S3", "requests": "S4"}.get(code.partition(".")[0], "S5")
        yield Piece(print_paragraph(headings[section]))
    for text in (*report.narrative["S5"], headings["S6"], *report.narrative["S6"]):
        yield Piece(print_paragraph(text))


def _proactive_rows(report: SimulatedReport) -> Iterator[tuple[str, list[Spanned]]]:
    caption = load_wording()["proactive"]["caption"]
    for block in list_blocks(report):
        span = 4 - len(block.headers)
        yield "proactive.article", [(block.article, 1, 4)]
        yield "proactive.header", [(caption, 1, 1), *((header, 1, span) for header in block.headers)]
        for row in block.rows:
            yield row.code, [(row.label, 1, 1), *((value, 1, span) for value in row.values)]


def _request_rows(report: SimulatedReport) -> Iterator[tuple[str, list[Spanned]]]:
    raw = load_wording()["requests"]
    yield "requests.header", [(raw["note"], 3, 3), (raw["applicants"], 1, 7)]
    yield "requests.header", [(raw["persons"], 2, 1), (raw["organisations"], 1, 5), (raw["total"], 2, 1)]
    yield "requests.header", [(kind, 1, 1) for kind in raw["organisation_kinds"]]
    for row in list_request_rows(report):
        cells = [(label, count, 1) for label, count in row.opens]
        yield row.code, [*cells, (row.label, 1, 3 - row.depth), *((value, 1, 1) for value in row.values)]


def _dispute_rows(report: SimulatedReport) -> Iterator[tuple[str, list[Spanned]]]:
    raw = load_wording()["disputes"]
    yield "disputes.header", [(raw["review"], 1, 5), (raw["litigation"], 1, 10)]
    kinds = [(kind, 1, 5) for kind in raw["litigation_kinds"]]
    yield "disputes.header", [*((outcome, 2, 1) for outcome in raw["outcomes"]), *kinds]
    yield "disputes.header", [(outcome, 1, 1) for outcome in raw["outcomes"] * 2]
    yield "disputes.values", [(value, 1, 1) for value in list_dispute_values(report)]


def _spans(row_span: int, column_span: int) -> str:
    return (f' rowspan="{row_span}"' if row_span > 1 else "") + (f' colspan="{column_span}"' if column_span > 1 else "")


def _page_row(cells: list[Spanned]) -> str:
    printed = "".join(f"<td{_spans(rows, columns)}>{html.escape(text)}</td>" for text, rows, columns in cells)
    return f"<tr>{printed}</tr>\n"


def _word_row(cells: list[Spanned]) -> str:
    """Cells without end tags; every second one breaks its text into paragraphs, as narrow columns do."""
    printed = ""
    for (text, rows, columns), narrow in zip(cells, itertools.cycle((False, True)), strict=False):
        lines = [text[:3], text[3:]] if narrow and len(text) > 4 and not text[0].isdecimal() else [text]
        body = "".join(f'<p class="MsoNormal" align="center">{_word_runs(line)}</p>' for line in lines)
        printed += f'<td width="77" style="{CELL_STYLE}"{_spans(rows, columns)}>{body}\n'
    return f'<tr style="mso-yfti-irow:1;page-break-inside:avoid">{printed}\n'


def _word_paragraph(text: str) -> str:
    return f'<p class="MsoNormal" style="text-indent:32pt;line-height:28pt">{_word_runs(text)}</p>\n'


def _word_runs(text: str) -> str:
    """The text broken into runs of one, two and three characters, a no-break space where the cell is blank."""
    runs, sizes = [], itertools.cycle((1, 2, 3))
    while text:
        size = next(sizes)
        runs.append(f'<span style="{SPAN_STYLE}">{html.escape(text[:size])}</span>')
        text = text[size:]
    return "".join(runs) + ("<span><o:p></o:p></span>" if runs else "<span>&nbsp;</span>")
