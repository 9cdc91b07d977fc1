"""Figures of real reports, as printed.

reports.csv says who, when, what is blank or not printed; cells.csv lists the cells that are not 0.
Belongs here: facts of published reports and their loading. Does not belong here: invented figures (bench/simulate.py).
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from bench.model import SimulatedReport
from bench.narrative import compose_narrative
from bench.wording import list_form_codes, merge_rows

FIGURES_ROOT = Path(__file__).resolve().parent


def load_figures() -> dict[str, SimulatedReport]:
    """Report key -> a report with the real figures; its narrative is ours and the same on every call."""
    printed: dict[str, dict[str, str]] = {}
    for row in _read_rows("cells.csv"):
        printed.setdefault(row["report"], {})[row["cell_code"]] = row["value"]
    return {row["report"]: _build_report(row, printed.get(row["report"], {})) for row in _read_rows("reports.csv")}


def _build_report(row: dict[str, str], printed: dict[str, str]) -> SimulatedReport:
    cells = {}
    for code in list_form_codes():
        blank = any(fnmatchcase(code, pattern) for pattern in row["blank_cells"].split())
        cells[code] = "" if blank else printed.pop(code, "0")
    if row["merged_row"]:
        cells = merge_rows(cells, row["merged_row"])
    if printed:
        raise ValueError(f"figures/cells.csv: {row['report']} lists cells it does not print: {sorted(printed)}")
    year = int(row["report_year"])
    return SimulatedReport(
        agency_name=row["agency_name"],
        report_year=year,
        title=row["title"],
        cells=cells,
        narrative=compose_narrative(row["agency_name"], year, cells, random.Random(row["report"])),
        published=dt.date.fromisoformat(row["published"]),
    )


def _read_rows(name: str) -> Iterator[dict[str, str]]:
    with (FIGURES_ROOT / name).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)
