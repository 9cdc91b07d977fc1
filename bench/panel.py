"""A few agencies over several years as pages of their sites: mergers, late and missing years, copies and a revision.

Belongs here: the documents of panel.yml, in the state of the first captures and as changed later. Does not belong here:
what the product should make of them (tests/pipeline/test_panel.py).
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import yaml

from bench.layouts import LAYOUTS
from bench.model import SimulatedReport
from bench.render_html import render_page
from bench.wording import BENCH_ROOT, list_form_codes, load_names, load_wording

_SENTENCES_PER_SECTION = {"preface": 0, "S1": 6, "S5": 3, "S6": 1}


@dataclass(frozen=True, slots=True)
class PanelFile:
    """One document: its path within the folder that stands for the sites, and its bytes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Entry:
    """One report of panel.yml; number counts the reports."""

    number: int
    agency_name: str
    site_code: str
    report_year: int
    raw: Mapping[str, Any]


def list_first_files() -> Iterator[PanelFile]:
    """Every document as it stands at the first captures; the same on every call."""
    for entry in _list_entries():
        report = _write_report(entry)
        yield PanelFile(_page_path(entry), _print_page(report, entry))
        if "also_as" in entry.raw:
            rendering = LAYOUTS[entry.raw["also_as"]](report)
            yield PanelFile(f"mirror/{report.title}.{rendering.suffix}", rendering.content)


def list_changed_files() -> Iterator[PanelFile]:
    """The documents whose agencies changed them later, at the same paths."""
    for entry in _list_entries():
        if "later" in entry.raw:
            report = _write_report(entry)
            changed = replace(report, cells={**report.cells, **entry.raw["later"]})
            yield PanelFile(_page_path(entry), _print_page(changed, entry))


@cache
def _load_panel() -> Mapping[str, Any]:
    panel: Mapping[str, Any] = yaml.safe_load((BENCH_ROOT / "panel.yml").read_text(encoding="utf-8"))
    return panel


@cache
def _list_entries() -> tuple[_Entry, ...]:
    numbers = itertools.count()
    return tuple(
        _Entry(next(numbers), agency["name"], agency["site_code"], year, raw)
        for agency in _load_panel()["agencies"]
        for year, raw in agency["years"].items()
    )


def _find_entry(agency_name: str, report_year: int) -> _Entry:
    return next(e for e in _list_entries() if (e.agency_name, e.report_year) == (agency_name, report_year))


def _write_report(entry: _Entry) -> SimulatedReport:
    printed_as = _find_entry(entry.agency_name, entry.raw.get("figures_of", entry.report_year))
    written_as = _find_entry(*entry.raw.get("text_of", (entry.agency_name, entry.report_year)))
    return SimulatedReport(
        agency_name=entry.agency_name,
        report_year=entry.report_year,
        title=load_names()["title"].format(agency=entry.agency_name, year=entry.report_year),
        cells=_fill_cells(printed_as),
        narrative=_compose_sentences(written_as.number),
        published=entry.raw["published"] or dt.date.min,
    )


def _fill_cells(entry: _Entry) -> dict[str, str]:
    """Requests of natural persons only, all of them granted; decisions that no other report counts; zero elsewhere."""
    carried_in, received, carried_out = entry.raw["requests"]
    disposed = carried_in + received - carried_out
    rows = {"carried_in": carried_in, "new_received": received, "carried_out": carried_out}
    rows |= {"granted": disposed, "total_disposed": disposed}
    counts = {f"requests.{row}.{column}": n for row, n in rows.items() for column in ("natural_person", "total")}
    counts |= {"proactive.licensing.decisions": 1_000 + entry.number, "proactive.penalty.decisions": 100 + entry.number}
    return {code: str(counts.get(code, 0)) for code in list_form_codes()}


def _compose_sentences(number: int) -> dict[str, tuple[str, ...]]:
    """Section code -> paragraphs, of sentences that stand in this report alone."""
    panel = _load_panel()
    pairs = list(itertools.product(panel["subjects"], panel["actions"]))
    count = sum(_SENTENCES_PER_SECTION.values())
    own = iter([panel["sentence"].format(subject=s, action=a) for s, a in pairs[number * count : (number + 1) * count]])
    return {section: tuple(itertools.islice(own, size)) for section, size in _SENTENCES_PER_SECTION.items()}


def _page_path(entry: _Entry) -> str:
    return f"{entry.site_code}/{entry.number:02}-{entry.report_year}.html"


def _print_page(report: SimulatedReport, entry: _Entry) -> bytes:
    """The page with its site's code, without a date where it has none."""
    text = render_page(report).text.replace(
        "<head>\n", f'<head>\n<meta name="SiteIDCode" content="{entry.site_code}">\n'
    )
    if entry.raw["published"] is None:
        shown = f"{load_wording()['page']['published']}{report.published} "
        text = text.replace(f'<meta name="PubDate" content="{report.published}">\n', "").replace(shown, "")
    return text.encode()
