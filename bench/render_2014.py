"""Reports of the years 2014 to 2018: invented figures for the statistics table, and two layouts that print it.

Belongs here: the national form and Fujian's, as an HTML page and as text with tabs. Does not belong here: its wording
(wording_2014.yml), the forms since 2019 (simulate.py, render_html.py, render_text.py).
"""

from __future__ import annotations

import datetime as dt
import html
import random
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from bench.model import Piece, Rendering, SimulatedReport
from bench.wording import BENCH_ROOT

VARIANTS = ("national", "fujian")
_MOST_COUNTED = 400
_QUIET_SHARE = 0.4


@cache
def load_statistics_wording() -> Mapping[str, Any]:
    """The parsed wording_2014.yml."""
    wording: Mapping[str, Any] = yaml.safe_load((BENCH_ROOT / "wording_2014.yml").read_text(encoding="utf-8"))
    return wording


def simulate_statistics(variant: str, agency_name: str, report_year: int, seed: int) -> SimulatedReport:
    """A report whose every sum holds; the same arguments always give the same one. variant: one of VARIANTS."""
    wording = load_statistics_wording()
    rng = random.Random(f"{seed}/{variant}/{agency_name}/{report_year}")
    year = _draw_figures(wording[variant], rng)
    cells = {f"stats.{code}.year": str(value) for code, value in year.items()}
    if len(wording[variant]["header"]) > 3:
        past = _draw_figures(wording[variant], rng)
        cells |= {f"stats.{code}.cumulative": str(year[code] + past[code]) for code in year}
    narrative = {heading: (text,) for heading, text in wording["sections"]}
    return SimulatedReport(
        agency_name=agency_name,
        report_year=report_year,
        title=wording["title"].format(agency=agency_name, year=report_year),
        cells=cells,
        narrative={"preface": (wording["period"].format(year=report_year),), **narrative},
        published=dt.date(report_year + 1, 3, 1) + dt.timedelta(days=rng.randrange(30)),
    )


def render_statistics_page(report: SimulatedReport, variant: str) -> Rendering:
    """A page with the table as an appendix; captions and rows keep the table's columns."""
    title = html.escape(report.title)
    metas = f'<meta name="ArticleTitle" content="{title}">\n<meta name="PubDate" content="{report.published}">\n'
    pieces = [
        Piece(f"<!DOCTYPE html>\n<html>\n<head>\n<title>{title}</title>\n{metas}</head>\n<body>\n<h1>{title}</h1>\n")
    ]
    pieces += [Piece(f"<p>{html.escape(text)}</p>\n") for text in _list_paragraphs(report, variant)]
    pieces.append(Piece("<table>\n"))
    for row, cells in _list_rows(report, variant):
        pieces.append(Piece(f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in cells)}</tr>\n", row))
    pieces.append(Piece(f"</table>\n<p>{html.escape(_closing(report))}</p>\n</body>\n</html>\n"))
    return Rendering(tuple(pieces), "html")


def render_statistics_tabs(report: SimulatedReport, variant: str) -> Rendering:
    """Text with one line per paragraph and table row, cells parted by tabs."""
    pieces = [Piece(f"{report.title}\n"), *(Piece(f"{text}\n") for text in _list_paragraphs(report, variant))]
    pieces += [Piece("\t".join(cells) + "\n", row) for row, cells in _list_rows(report, variant)]
    pieces.append(Piece(f"{_closing(report)}\n"))
    return Rendering(tuple(pieces), "txt")


def _draw_figures(variant: Mapping[str, Any], rng: random.Random) -> dict[str, int]:
    """A number per row: parts are drawn, wholes are their sums."""
    codes = [row[0] for row in variant["rows"] if len(row) == 3]
    figures = {code: 0 if rng.random() < _QUIET_SHARE else rng.randrange(1, _MOST_COUNTED) for code in codes}
    for whole, parts in variant["parts"].items():
        figures[whole] = sum(figures[part] for part in parts)
    return figures


def _list_paragraphs(report: SimulatedReport, variant: str) -> Iterator[str]:
    for heading, texts in report.narrative.items():
        yield from texts if heading == "preface" else (heading, *texts)
    yield load_statistics_wording()[variant]["heading"]


def _list_rows(report: SimulatedReport, variant: str) -> Iterator[tuple[str, list[str]]]:
    """Row name and cells of every printed row, header and captions included; a row without cells is left out."""
    raw = load_statistics_wording()[variant]
    columns = ["year", "cumulative"][: len(raw["header"]) - 2]
    yield "stats.header", [heading.format(year=report.report_year) for heading in raw["header"]]
    for row in raw["rows"]:
        if len(row) == 2:
            yield "stats.caption", [*row, *("——" for _ in columns)]
        elif f"stats.{row[0]}.year" in report.cells:
            values = [report.cells[f"stats.{row[0]}.{column}"] for column in columns]
            yield f"stats.{row[0]}", [report.labels.get(row[0], row[1]), row[2], *values]


def _closing(report: SimulatedReport) -> str:
    closing: str = load_statistics_wording()["closing"].format(agency=report.agency_name)
    return closing
