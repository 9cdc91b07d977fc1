"""Which organ the words after a place name: its kind, its field of work, its canonical words.

Belongs here: exact look-up of those words in organ_kinds.yml, departments.csv and vertical_systems.csv, and the kind
that an unlisted name's ending shows. Does not belong here: places (regions.py), or which agency it is (resolve.py).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.agencies.names import ORGAN_KINDS_FILE, normalise_name
from pipeline.contract.load import CONTRACT_ROOT, load_yaml

DEPARTMENTS_FILE = CONTRACT_ROOT / "vocab" / "departments.csv"
VERTICAL_FILE = CONTRACT_ROOT / "vocab" / "vertical_systems.csv"
NATIONAL = "national"
TOWNSHIP_KINDS = ("township_government", "street_office")
_TOWNSHIP_LEVEL = frozenset({"township"})
_DEPARTMENT, _VERTICAL = "department", "vertical_organ"


@dataclass(frozen=True, slots=True)
class Organ:
    """An organ apart from its place.

    department_code: the field of work or the central system, '' for governments and for what no list names. words: the
    canonical words after the place. levels: of the divisions it can belong to. is_listed: False when only the ending
    of the words shows the kind.
    """

    kind: str
    department_code: str
    words: str
    levels: frozenset[str]
    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class OrganVocabulary:
    """Every listed name of an organ. by_words: behind a place; by_prefix: prefix before the place -> words behind it.

    national: names that need no place. Prefixes, endings and level words are ordered from the longest.
    """

    by_words: Mapping[str, tuple[Organ, ...]]
    by_prefix: Mapping[str, Mapping[str, Organ]]
    national: Mapping[str, Organ]
    endings: tuple[tuple[str, Organ], ...]
    level_words: Mapping[str, frozenset[str]]
    township_kinds: Mapping[str, str]
    named_organs: tuple[str, ...]
    words_of_kind: Mapping[str, str]
    not_guessed: re.Pattern[str]

    def guess(self, words: str) -> Organ | None:
        """The organ that unlisted words name, its kind by their ending; None when no ending is known."""
        if self.not_guessed.search(words):
            return None
        for ending, organ in self.endings:
            if words.endswith(ending) and len(words) > len(ending):
                return Organ(organ.kind, "", words, organ.levels, is_listed=False)
        return None

    def fit(self, organ: Organ, division_name: str) -> Organ:
        """The organ as it is in this division: a street has an office where a town has a government."""
        if organ.kind not in TOWNSHIP_KINDS:
            return organ
        endings = (kind for ending, kind in self.township_kinds.items() if division_name.endswith(ending))
        kind = next(endings, TOWNSHIP_KINDS[0])
        words = "" if division_name.endswith(self.named_organs) else self.words_of_kind.get(kind, "")
        return Organ(kind, "", words, _TOWNSHIP_LEVEL)


@cache
def load_organs() -> OrganVocabulary:
    """The vocabulary of the contract's files; ValueError when a name means two organs."""
    raw = load_yaml(ORGAN_KINDS_FILE)
    by_words: dict[str, tuple[Organ, ...]] = {}
    by_prefix: dict[str, dict[str, Organ]] = {}
    national: dict[str, Organ] = {}
    plain: dict[str, Organ] = {}
    for words, organ in _kind_names(raw["kinds"]):
        by_words[words] = (*by_words.get(words, ()), organ)
    for prefix, words, organ in (*_departments(raw), *_vertical_systems(raw)):
        if organ.levels == {NATIONAL}:
            _add(national, words, organ)
        elif prefix:
            _add(by_prefix.setdefault(prefix, {}), words, organ)
        else:
            _add(plain, words, organ)
    by_words |= {words: (organ,) for words, organ in plain.items()}
    endings = [(e, Organ(k, "", "", _every_level(raw))) for k, v in raw["kinds"].items() for e in v.get("endings", ())]
    return OrganVocabulary(
        by_words=by_words,
        by_prefix=dict(sorted(by_prefix.items(), key=lambda item: -len(item[0]))),
        national=national,
        endings=tuple(sorted(endings, key=lambda item: -len(item[0]))),
        level_words={w: frozenset(v) for w, v in sorted(raw["level_words"].items(), key=lambda item: -len(item[0]))},
        township_kinds=raw["township_kinds"],
        named_organs=tuple(raw["named_organs"]),
        words_of_kind={kind: entry["names"][0] for kind, entry in raw["kinds"].items() if entry["names"]},
        not_guessed=re.compile("|".join(raw["not_guessed"])),
    )


def list_kinds() -> tuple[str, ...]:
    """The codes of organ kinds, in the order of the file."""
    return tuple(load_yaml(ORGAN_KINDS_FILE)["kinds"])


@cache
def list_department_names() -> Mapping[str, str]:
    """Canonical words of each field of work and central system, by its code."""
    names = {row["department_code"]: row["name"] for row in read_rows(DEPARTMENTS_FILE)}
    for row in read_rows(VERTICAL_FILE):
        names[row["system_code"]] = row["names"].split("|")[0].lstrip("+").split("@")[0]
    return names


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a vocabulary file, lines of comment left out."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(line for line in stream if not line.startswith("#")))


def _kind_names(kinds: Mapping[str, Mapping[str, list[str]]]) -> Iterator[tuple[str, Organ]]:
    for kind, raw in kinds.items():
        for name in raw["names"]:
            canonical = raw["names"][0] if kind != "government_office" else _office_words(name, raw["names"])
            yield normalise_name(name), Organ(kind, "", canonical, frozenset(raw["levels"]))


def _office_words(name: str, names: list[str]) -> str:
    """The office of a province is printed 厅, any other 室: the canonical words keep which."""
    return names[1] if name.endswith(names[1][-1]) else names[0]


def _departments(raw: Mapping[str, Mapping[str, Mapping[str, list[str]]]]) -> Iterator[tuple[str, str, Organ]]:
    """(prefix, words, organ) of every name that departments.csv gives."""
    suffixes: Mapping[str, str] = raw["department_suffixes"]  # type: ignore[assignment]
    for row in read_rows(DEPARTMENTS_FILE):
        kind = row["organ_kind_code"] or _DEPARTMENT
        levels = frozenset(raw["kinds"][kind]["levels"]) - {NATIONAL}
        code, full = row["department_code"], _split(row["full_stems"])
        for stem in full:
            for suffix, whole in suffixes.items():
                yield "", stem + suffix, Organ(kind, code, stem + whole, levels)
        for stem in _split(row["short_stems"]):
            for suffix, whole in suffixes.items():
                yield "", stem + suffix, Organ(kind, code, full[0] + whole, levels)
        for name in _split(row["names"]):
            yield "", normalise_name(name), Organ(kind, code, normalise_name(name), levels)
        for name in _split(row["national_names"]):
            yield "", name, Organ(kind, code, _split(row["national_names"])[0], frozenset({NATIONAL}))


def _vertical_systems(raw: Mapping[str, Mapping[str, Mapping[str, list[str]]]]) -> Iterator[tuple[str, str, Organ]]:
    for row in read_rows(VERTICAL_FILE):
        every = frozenset(raw["kinds"][_VERTICAL]["levels"]) - {NATIONAL}
        for entry in _split(row["names"]):
            words, _, level = entry.lstrip("+").partition("@")
            organ = Organ(_VERTICAL, row["system_code"], words, frozenset({level}) if level else every)
            for prefix in _split(row["prefixes"]):
                yield prefix, words, organ
            if not entry.startswith("+"):
                yield "", words, organ
        for name in _split(row["national_names"]):
            top = _split(row["national_names"])[0]
            yield "", name, Organ(_VERTICAL, row["system_code"], top, frozenset({NATIONAL}))


def _add(names: dict[str, Organ], words: str, organ: Organ) -> None:
    """Two ways to one field of work are fine (规划自然资源局), the first gives the canonical words."""
    known = names.setdefault(words, organ)
    if known.department_code != organ.department_code:
        raise ValueError(f"{words!r} is {known.department_code} and {organ.department_code}; leave it in one line")


def _split(text: str) -> list[str]:
    return [part for part in text.split("|") if part]


def _every_level(raw: Mapping[str, Mapping[str, Mapping[str, list[str]]]]) -> frozenset[str]:
    return frozenset(level for kind in raw["kinds"].values() for level in kind["levels"])
