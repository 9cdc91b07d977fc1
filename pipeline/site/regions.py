"""Regions over the years: the sums that overview, coverage and activity pages filter.

Belongs here: one script per province with the rows of its divisions, one of the nation with those of the provinces.
Does not belong here: sums (sql/site/region_level_year.sql).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from pipeline.site.answers import Row, Warehouse
from pipeline.site.scripts import to_table, write_script

NATION = "000000"


def write_regions(warehouse: Warehouse, folder: Path) -> int:
    """Write data/region/<province>.js and data/region_names.js; the number of rows."""
    names = warehouse.ask("region_name")
    write_script(folder, "region_names", to_table(names.columns, names.rows))
    country: list[Row] = []
    count = 0
    with warehouse.stream("region_level_year") as (columns, rows):
        place = columns.index("region_code")
        for province, own in _by_province(rows, place):
            kept = list(own)
            count += len(kept)
            country += [row for row in kept if str(row[place]).endswith("0000")]
            if province != NATION:
                write_script(folder, f"region/{province}", to_table(columns, kept))
        write_script(folder, f"region/{NATION}", to_table(columns, country))
    return count


def _by_province(rows: Iterator[Row], place: int) -> Iterator[tuple[str, Iterator[Row]]]:
    # The question orders rows so that those of a province follow each other
    return groupby(rows, key=lambda row: f"{str(row[place])[:2]}0000")
