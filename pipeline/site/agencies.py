"""Agencies' own pages: every year of each, its reports with their printed cells, findings and predecessors.

Belongs here: one script per shard, which is the division in an agency's identifier. Does not belong here: source text
(reports.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.site.answers import Answer, Warehouse
from pipeline.site.scripts import script_name, write_script

_ABOUT = ("agency_name", "region_code", "region_path_text", "organ_kind_code", "department_code", "division_level")
_YEARS = slice(8, None)
_OWN_ROWS = ("report", "finding", "lineage")


def write_agencies(warehouse: Warehouse, folder: Path) -> int:
    """Write data/agency/<shard>.js; how many agencies."""
    count = 0
    for batch in warehouse.ask("agency_batch").rows:
        years = warehouse.ask("agency_profile", batch=batch[0])
        own = {name: _by_agency(warehouse.ask(f"agency_{name}", batch=batch[0])) for name in _OWN_ROWS}
        columns = {"years": years.columns[_YEARS], **{name: answer.columns[1:] for name, (answer, _) in own.items()}}
        for shard, agencies in _by_shard(years):
            profiles = {
                agency: {**about, **{name: rows.get(agency, []) for name, (_, rows) in own.items()}}
                for agency, about in agencies
            }
            count += len(profiles)
            write_script(folder, f"agency/{script_name(shard)}", {"columns": columns, "agencies": profiles})
    return count


def _by_agency(answer: Answer) -> tuple[Answer, Mapping[str, list[Any]]]:
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in answer.rows:
        rows[str(row[0])].append(row[1:])
    return answer, rows


def _by_shard(years: Answer) -> Iterator[tuple[str, list[tuple[str, dict[str, object]]]]]:
    places = {name: years.columns.index(name) for name in _ABOUT}
    for shard, of_shard in groupby(years.rows, key=lambda row: row[0]):
        agencies = []
        for agency, own in groupby(of_shard, key=lambda row: row[1]):
            rows = list(own)
            # Names and divisions change; the latest year's stand for the agency
            about: dict[str, object] = {name: rows[-1][place] for name, place in places.items()}
            agencies.append((str(agency), {**about, "years": [row[_YEARS] for row in rows]}))
        yield str(shard), agencies
