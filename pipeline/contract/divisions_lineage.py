"""Which division took another's place: derived where two signs agree, else as people have listed it.

Belongs here: successions between entries of the table that divisions_build.py makes. Does not belong here: reading
packages, and what became of an agency (agencies/).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.contract.divisions import LEVELS, stem_of

_PREFECTURE = LEVELS[1]
_PROVINCE_DIGITS = 2
# In the years before, whole prefectures were given other codes more than once
_CODES_ARE_KEPT_SINCE = 1988


@dataclass(frozen=True, slots=True)
class Entry:
    """One holder of a code over consecutive years. identities: the numbers by which its source follows it through time.

    valid_from, valid_to: first and last year; None at the edges of what the source covers, and where it has no years.
    """

    code: str
    name: str
    level: str
    parent_code: str
    valid_from: int | None
    valid_to: int | None
    source: str
    identities: frozenset[str] = frozenset()

    def is_alive_in(self, year: int) -> bool:
        """Whether the entry existed at the end of a year, as far as its source says."""
        return (self.valid_from or year) <= year <= (self.valid_to or year)


def derive_successors(entries: Iterable[Entry], last_year: int) -> dict[Entry, tuple[str, ...]]:
    """{ended entry: code of its successor}, only where the tables of both years prove one.

    The source's identity number must go on. Prefectures' numbers were checked by its makers. Those of counties they
    call unreliable, and rightly: they follow the code through years that dealt the codes out anew. So a county's
    name or stem must go on too; or else its code, since codes are kept, while its old name began nowhere else in the
    province that year and the new one ended nowhere else. Two candidates prove nothing.
    """
    entries = tuple(entries)
    by_identity: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        for identity in entry.identities:
            by_identity.setdefault((entry.level, identity), []).append(entry)
    begun = {(e.level, e.code[:_PROVINCE_DIGITS], stem_of(e.name), e.valid_from) for e in entries}
    ended = {(e.level, e.code[:_PROVINCE_DIGITS], stem_of(e.name), e.valid_to) for e in entries}
    successors: dict[Entry, tuple[str, ...]] = {}
    for entry in entries:
        if entry.valid_to is None or entry.valid_to >= last_year:
            continue
        following = [
            other
            for identity in sorted(entry.identities)
            for other in by_identity[entry.level, identity]
            if other is not entry and other.is_alive_in(entry.valid_to + 1)
        ]
        renamed = [
            other
            for other in following
            if other.code == entry.code
            and entry.valid_to >= _CODES_ARE_KEPT_SINCE
            and (entry.level, entry.code[:_PROVINCE_DIGITS], stem_of(entry.name), entry.valid_to + 1) not in begun
            and (entry.level, entry.code[:_PROVINCE_DIGITS], stem_of(other.name), entry.valid_to) not in ended
        ]
        if code := _agreeing_code(entry, following, renamed):
            successors[entry] = (code,)
    return successors


def list_changes(rows: Iterable[Mapping[str, str]], entries: Iterable[Entry]) -> dict[Entry, tuple[str, ...]]:
    """{ended entry: codes of its successors} from the rows of division_changes.csv, codes in order.

    ValueError for a row whose division did not end in the year before, or whose successor is not there in that year.
    """
    by_code: dict[str, list[Entry]] = {}
    for entry in entries:
        by_code.setdefault(entry.code, []).append(entry)
    listed: dict[Entry, tuple[str, ...]] = {}
    for row in rows:
        year, where = int(row["year"]), f"division_changes.csv: {row['code']} {row['name']} {row['year']}"
        ended = [e for e in by_code.get(row["code"], ()) if (e.name, e.valid_to) == (row["name"], year - 1)]
        if len(ended) != 1:
            raise ValueError(f"{where}: no division of this code and name ended in {year - 1}; correct the row.")
        if not any(entry.is_alive_in(year) for entry in by_code.get(row["successor_code"], ())):
            raise ValueError(f"{where}: nothing held the code {row['successor_code']} in {year}; correct the row.")
        listed[ended[0]] = tuple(sorted({*listed.get(ended[0], ()), row["successor_code"]}))
    return listed


def _agreeing_code(entry: Entry, following: list[Entry], renamed: list[Entry]) -> str:
    signs = (
        [other for other in following if other.name == entry.name],
        [other for other in following if stem_of(other.name) == stem_of(entry.name)],
        renamed,
        following if entry.level == _PREFECTURE else [],
    )
    codes = {other.code for other in next(filter(None, signs), [])}
    return codes.pop() if len(codes) == 1 else ""
