"""Administrative divisions of China from province to township, with their history: the record and its look-ups.

Belongs here: reading contract/vocab/divisions.csv and exact look-ups by code, name and stem. Does not belong here:
making the file (divisions_build.py), and judging which division a printed name means (agencies/).
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from pipeline.contract.load import CONTRACT_ROOT

DIVISIONS_FILE = CONTRACT_ROOT / "vocab" / "divisions.csv"
SUFFIXES_FILE = CONTRACT_ROOT / "vocab" / "division_suffixes.csv"
CHANGES_FILE = CONTRACT_ROOT / "vocab" / "division_changes.csv"
COLUMNS = ("code", "name", "level", "parent_code", "valid_from", "valid_to", "successor_codes", "source")
LEVELS = ("province", "prefecture", "county", "township")
# A shorter stem (嵩 of 嵩县) is too common a character to look anything up by
_SHORTEST_STEM = 2
_NAME = COLUMNS.index("name")
_PARENT = COLUMNS.index("parent_code")
_SUCCESSORS = COLUMNS.index("successor_codes")


@dataclass(frozen=True, slots=True)
class Division:
    """One holder of a division code over the years in which it had one name.

    code: 6 digits down to counties, 9 for a township. level: one of LEVELS. parent_code: '' for a province.
    valid_from, valid_to: first and last year (state at its end) that the source shows; valid_from is None where the
    beginning is not known, valid_to where no end is known. successor_codes: what holds its place from valid_to + 1 on;
    empty where it still exists or nothing is proved.
    """

    code: str
    name: str
    level: str
    parent_code: str
    valid_from: int | None
    valid_to: int | None
    successor_codes: tuple[str, ...]


class Gazetteer:
    """Every division by code, printed name and stem. Order is always by code, then from the oldest to the newest.

    Rows stay the file's lines until they are asked for; the indexes by name, stem, parent and successor are made when
    first used. Look-ups never raise: what is not in the table is None or an empty tuple.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        """The lines of a table without its head: fields as COLUMNS has them, sorted by code."""
        self._lines = tuple(lines)

    def by_code(self, code: str) -> Division | None:
        """The newest holder of a code."""
        holders = self.all_of_code(code)
        return holders[-1] if holders else None

    def all_of_code(self, code: str) -> tuple[Division, ...]:
        """Every holder of a code, oldest first."""
        return tuple(_parse_line(self._lines[place]) for place in self._places_of_code(code))

    def by_name(self, name: str) -> tuple[Division, ...]:
        """Every division that ever had exactly this name, at any level."""
        return self._divisions(self._places_by_name.get(name, ()))

    def by_stem(self, stem: str) -> tuple[Division, ...]:
        """Every division whose name is this stem and a suffix (see stem_of), at any level and time."""
        return self._divisions(self._places_by_stem.get(stem, ()))

    def holder_in(self, code: str, year: int | None) -> Division | None:
        """The holder of a code at the end of a year; the newest for None and for a year the table does not cover."""
        holders = self.all_of_code(code)
        if year is not None:
            for holder in holders:
                if (holder.valid_from or year) <= year <= (holder.valid_to or year):
                    return holder
        return holders[-1] if holders else None

    def ancestors(self, code: str) -> tuple[Division, ...]:
        """The divisions above the newest holder of a code, province first, as they were in its last year."""
        division = self.by_code(code)
        year = division.valid_to if division else None
        chain: list[Division] = []
        while division and division.parent_code:
            division = self.holder_in(division.parent_code, year)
            if division:
                chain.append(division)
        return tuple(reversed(chain))

    def path_text(self, code: str) -> str:
        """Names from the province down to the division itself, joined by spaces; '' for an unknown code."""
        division = self.by_code(code)
        return " ".join(each.name for each in (*self.ancestors(code), division)) if division else ""

    def children(self, code: str) -> tuple[Division, ...]:
        """The divisions that are or ever were directly under a code."""
        return self._divisions(self._places_by_parent.get(code, ()))

    def predecessors(self, code: str) -> tuple[Division, ...]:
        """The divisions that a code's holders succeeded; after a change of name alone, holders of the same code."""
        return self._divisions(self._places_by_successor.get(code, ()))

    def sources(self) -> Iterator[str]:
        """The package each row is from, in order."""
        return (line.rsplit(",", 1)[1] for line in self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Division]:
        return map(_parse_line, self._lines)

    def _places_of_code(self, code: str) -> range:
        prefix = f"{code},"
        first = end = bisect_left(self._lines, prefix)
        while end < len(self._lines) and self._lines[end].startswith(prefix):
            end += 1
        return range(first, end)

    def _divisions(self, places: Iterable[int]) -> tuple[Division, ...]:
        return tuple(_parse_line(self._lines[place]) for place in places)

    @cached_property
    def _places_by_name(self) -> dict[str, tuple[int, ...]]:
        return _group_places((line.split(",", _NAME + 1)[_NAME], place) for place, line in enumerate(self._lines))

    @cached_property
    def _places_by_stem(self) -> dict[str, tuple[int, ...]]:
        by_stem: dict[str, tuple[int, ...]] = {}
        for name, places in self._places_by_name.items():
            stem = stem_of(name)
            by_stem[stem] = tuple(sorted((*by_stem[stem], *places))) if stem in by_stem else places
        return by_stem

    @cached_property
    def _places_by_parent(self) -> dict[str, tuple[int, ...]]:
        return _group_places((line.split(",", _PARENT + 1)[_PARENT], place) for place, line in enumerate(self._lines))

    @cached_property
    def _places_by_successor(self) -> dict[str, tuple[int, ...]]:
        fields = ((line.split(",", _SUCCESSORS + 1)[_SUCCESSORS], place) for place, line in enumerate(self._lines))
        return _group_places((code, place) for codes, place in fields if codes for code in codes.split("|"))


@cache
def load_gazetteer() -> Gazetteer:
    """The gazetteer of contract/vocab/divisions.csv."""
    return read_gazetteer(DIVISIONS_FILE)


def read_gazetteer(path: Path) -> Gazetteer:
    """The gazetteer of one file in the form of divisions.csv; ValueError when its columns are others."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    if not lines or lines[0] != ",".join(COLUMNS):
        raise ValueError(f"{path}: the columns are not {','.join(COLUMNS)}; write it anew with divisions_build.py.")
    return Gazetteer(lines[1:])


def stem_of(name: str) -> str:
    """A division's name without the suffix of its level and the peoples named before it.

    At least two characters are left; a name that would be shorter is its own stem.
    """
    match = _stem_pattern().fullmatch(name)
    return match["stem"] if match else name


@cache
def list_suffixes(kind: str) -> tuple[str, ...]:
    """The entries of one kind in division_suffixes.csv: level, people or placeholder."""
    return tuple(row["suffix"] for row in read_vocabulary(SUFFIXES_FILE) if row["kind"] == kind)


def read_vocabulary(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file of the vocabulary; lines that begin with # are comments."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@cache
def _stem_pattern() -> re.Pattern[str]:
    peoples, levels = ("|".join(map(re.escape, list_suffixes(kind))) for kind in ("people", "level"))
    return re.compile(f"(?P<stem>.{{{_SHORTEST_STEM},}}?)(?:{peoples})*(?:{levels})")


def _parse_line(line: str) -> Division:
    code, name, level, parent_code, valid_from, valid_to, successor_codes, _ = line.split(",")
    return Division(
        code,
        name,
        level,
        parent_code,
        int(valid_from) if valid_from else None,
        int(valid_to) if valid_to else None,
        tuple(successor_codes.split("|")) if successor_codes else (),
    )


def _group_places(keyed: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    groups: dict[str, tuple[int, ...]] = {}
    for key, place in keyed:
        groups[key] = (*groups[key], place) if key in groups else (place,)
    return groups
