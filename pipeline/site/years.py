"""Agencies of an area in a year: the lists behind every sum, and the shares that can be compared.

Belongs here: one script per area and year, of agencies, of their metrics, and of reports to chase. Does not belong
here: an agency's own page (agencies.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.progress import each_told
from pipeline.site.answers import Answer, Row, Warehouse
from pipeline.site.scripts import script_name, to_table, write_script

# Besides the provinces: the organs of all provinces and of the centre, who have no peers within their own province
COUNTRY = "00"


@dataclass(frozen=True, slots=True)
class YearIndex:
    """Which areas have which lists for which years (<area>-<year>). report_years: those with a report at all."""

    areas: tuple[str, ...]
    years: tuple[int, ...]
    report_years: tuple[int, ...]
    lists: tuple[str, ...]
    metrics: tuple[str, ...]
    chases: tuple[str, ...]


def write_years(warehouse: Warehouse, folder: Path) -> YearIndex:
    """Write data/year/…, data/metric/… and data/chase/<area>-<year>.js."""
    metrics = tuple(str(row["column_name"]) for row in warehouse.ask("metric_column").records())
    areas = [str(row[0]) for row in warehouse.ask("area").rows]
    lists: list[str] = []
    known: list[str] = []
    for area in each_told("writing years", [COUNTRY, *areas]):
        for year, rows in _split_years(warehouse.ask("agency_year", area=area)):
            write_script(folder, f"year/{area}-{year}", rows)
            lists.append(f"{area}-{year}")
        answer = warehouse.ask("metric_value", area=area, columns=list(metrics))
        for year, values in _split_metrics(answer, metrics):
            write_script(folder, f"metric/{area}-{year}", values)
            known.append(f"{area}-{year}")
    years = warehouse.ask("year").rows
    return YearIndex(
        areas=tuple(areas),
        years=tuple(int(str(year)) for year, _ in years),
        report_years=tuple(int(str(year)) for year, has_report in years if has_report),
        lists=tuple(lists),
        metrics=tuple(known),
        chases=_write_chases(warehouse, folder),
    )


def _split_years(answer: Answer) -> list[tuple[int, dict[str, list[Any]]]]:
    place = answer.columns.index("report_year")
    return [
        (int(str(year)), to_table(answer.columns, rows))
        for year, rows in groupby(answer.rows, key=lambda row: row[place])
    ]


def _split_metrics(answer: Answer, metrics: Sequence[str]) -> list[tuple[int, dict[str, object]]]:
    """Of each year: agency -> numerator, denominator, numerator … in the order of the metrics, None where undefined."""
    split = []
    for year, of_year in groupby(answer.rows, key=lambda row: row[1]):
        values: dict[str, object] = {}
        for agency, of_agency in groupby(of_year, key=lambda row: row[0]):
            known = {row[2]: (row[3], row[4]) for row in of_agency}
            values[str(agency)] = [part for name in metrics for part in known.get(name, (None, None))]
        split.append((int(str(year)), values))
    return split


def _write_chases(warehouse: Warehouse, folder: Path) -> tuple[str, ...]:
    written = []
    with warehouse.stream("chase") as (columns, rows):
        for (area, year), own in groupby(rows, key=_area_and_year):
            name = f"{script_name(area)}-{year}"
            write_script(folder, f"chase/{name}", to_table(columns[2:], (row[2:] for row in own)))
            written.append(name)
    return tuple(written)


def _area_and_year(row: Row) -> tuple[object, object]:
    return row[0], row[1]
