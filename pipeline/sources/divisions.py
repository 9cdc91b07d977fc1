"""The divisions of the register against the gazetteer.

Belongs here: codes that no division has, and levels that don't fit. Does not belong here: the shape of a code
(registry.py), which loading checks by itself; the gazetteer takes longer to read than the register.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.contract.divisions import Gazetteer
from pipeline.sources.model import Source


def check_divisions(sources: Iterable[Source], gazetteer: Gazetteer) -> tuple[tuple[str, str], ...]:
    """(source_id, what is wrong) of each source whose division is not one of the gazetteer's, or of another level."""
    return tuple(
        (source.source_id, fault) for source in sources if (fault := _find_fault(source, gazetteer)) is not None
    )


def _find_fault(source: Source, gazetteer: Gazetteer) -> str | None:
    division = gazetteer.by_code(source.division_code)
    if division is None:
        return f"no division has the code {source.division_code}: look it up in vocab/divisions.csv"
    if division.level != source.division_level:
        return (
            f"{source.division_code} is {division.name}, a {division.level}, but division_level says "
            f"{source.division_level}"
        )
    if division.valid_to is not None:
        successors = ", ".join(division.successor_codes) or "nothing known"
        return f"{source.division_code} {division.name} ended in {division.valid_to}; its place has {successors}"
    return None
