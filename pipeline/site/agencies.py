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

from pipeline.progress import each_told
from pipeline.site.answers import Answer, Warehouse
from pipeline.site.scripts import script_name, write_script

_ABOUT = ("agency_name", "region_code", "region_path_text", "organ_kind_code", "department_code", "division_level")
# Behind the agency's own columns
_YEARS = slice(7, None)
_OWN_ROWS = ("report", "finding", "lineage")
# Reports asked for at once: each question looks at all cells there are, and holds those of its reports
_BATCH_REPORTS = 20_000


def shard_of(agency_id: str) -> str:
    """The shard that holds an agency: the division in its identifier; assets/lists.js finds the same."""
    return script_name(agency_id[3:9] if agency_id.startswith("cn-") else agency_id[:4])


def write_agencies(warehouse: Warehouse, folder: Path) -> int:
    """Write data/agency/<shard>.js; how many agencies."""
    count = 0
    for batch in each_told("writing agencies", list(_group_batches(warehouse.ask("agency_batch")))):
        years = warehouse.ask("agency_profile", batch=batch)
        own = {name: _by_agency(warehouse.ask(f"agency_{name}", batch=batch)) for name in _OWN_ROWS}
        columns = {"years": years.columns[_YEARS], **{name: answer.columns[1:] for name, (answer, _) in own.items()}}
        shards: dict[str, dict[str, Any]] = defaultdict(dict)
        for agency, about in _profiles(years):
            rows = {name: by_agency.get(agency, []) for name, (_, by_agency) in own.items()}
            shards[shard_of(agency)][agency] = {**about, **rows}
        for shard, agencies in shards.items():
            count += len(agencies)
            write_script(folder, f"agency/{shard}", {"columns": columns, "agencies": agencies})
    return count


def _group_batches(answer: Answer) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for code, count in answer.rows:
        if group and size + int(str(count)) > _BATCH_REPORTS:
            yield group
            group, size = [], 0
        group.append(str(code))
        size += int(str(count))
    if group:
        yield group


def _by_agency(answer: Answer) -> tuple[Answer, Mapping[str, list[Any]]]:
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in answer.rows:
        rows[str(row[0])].append(row[1:])
    return answer, rows


def _profiles(years: Answer) -> Iterator[tuple[str, dict[str, object]]]:
    places = {name: years.columns.index(name) for name in _ABOUT}
    for agency, own in groupby(years.rows, key=lambda row: row[0]):
        rows = list(own)
        # Names and divisions change; the latest year's stand for the agency
        about: dict[str, object] = {name: rows[-1][place] for name, place in places.items()}
        yield str(agency), {**about, "years": [row[_YEARS] for row in rows]}
