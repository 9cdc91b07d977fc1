"""What rules find, and what changed after publication: lists that pages load by rule, year and area.

Belongs here: findings by rule, year and area, revisions by year. Does not belong here: the rules (contract), verdicts
(facts/, sql/mart).
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from pipeline.site.answers import Warehouse
from pipeline.site.scripts import script_name, to_table, write_script


def write_quality(warehouse: Warehouse, folder: Path) -> int:
    """Write data/rule_year.js, data/finding/<rule>-<year>-<area>.js and data/finding_index.js; how many are flagged."""
    counted = warehouse.ask("rule_year")
    write_script(folder, "rule_year", to_table(counted.columns, counted.rows))
    counts: dict[str, dict[str, int]] = {}
    with warehouse.stream("finding") as (columns, rows):
        for (rule, year, area), own in groupby(rows, key=lambda row: row[:3]):
            table = to_table(columns[3:], (row[3:] for row in own))
            name = f"{script_name(rule)}-{year}"
            write_script(folder, f"finding/{name}-{area}", table)
            counts.setdefault(name, {})[str(area)] = len(table["rows"])
    write_script(folder, "finding_index", counts)
    return sum(sum(by_area.values()) for by_area in counts.values())


def write_revisions(warehouse: Warehouse, folder: Path) -> tuple[int, ...]:
    """Write data/changed_versions.js and data/revision/<year>.js; the years with changed cells."""
    versions = warehouse.ask("changed_version")
    write_script(folder, "changed_versions", to_table(versions.columns, versions.rows))
    years = []
    with warehouse.stream("revision") as (columns, rows):
        for year, own in groupby(rows, key=lambda row: row[0]):
            write_script(folder, f"revision/{year}", to_table(columns[1:], (row[1:] for row in own)))
            years.append(int(str(year)))
    return tuple(years)
