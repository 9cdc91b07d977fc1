"""HTML layouts: a clean page of a content system, and a page somebody pasted from a word processor.

Belongs here: two layouts, each a function from report to rendering. Does not belong here: text, wording.
"""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Iterator

from bench.form_tables import Spanned, list_paragraphs, list_tables
from bench.model import Piece, Rendering, SimulatedReport
from bench.wording import load_wording

CELL_STYLE = "border:1px solid windowtext;padding:0 5.4pt;mso-border-alt:solid windowtext .5pt"
SPAN_STYLE = "font-family:FangSong_GB2312;mso-hansi-font-family:Calibri;font-size:10.5pt"
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
    paragraphs = list_paragraphs(report)
    for table, rows in list_tables(report):
        yield from (Piece(print_paragraph(text)) for text in paragraphs[table])
        if rows:
            yield Piece(open_table)
            yield from (Piece(print_row(cells), code) for code, cells in rows)
            yield Piece("</table>\n")
    yield from (Piece(print_paragraph(text)) for text in paragraphs[""])


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
