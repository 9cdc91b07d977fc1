"""Where documents are read: a province and a report year.

Belongs here: the record of such a partition, and the province of a capture or an agency. Does not belong here: the
ledger, which keeps where each document is (archive/ledger.py), and Dagster's own partitions (partitions.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.archive.captures import Capture
from pipeline.archive.ledger import UNKNOWN_REGION
from pipeline.contract.divisions import load_gazetteer
from pipeline.sources.registry import load_sources


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """A province by its code, or 'unknown', and a report year, or 'unknown'."""

    region: str
    year: str


@cache
def list_provinces() -> tuple[str, ...]:
    """Codes of the divisions at the level of a province, in order."""
    codes = (f"{number}0000" for number in range(11, 83))
    return tuple(code for code in codes if load_gazetteer().by_code(code) is not None)


def region_of_division(code: str | None) -> str:
    """The province that a division lies in, 'unknown' for none and for the whole country."""
    province = f"{(code or '')[:2]}0000"
    return province if province in list_provinces() else UNKNOWN_REGION


def find_source_region(capture: Capture) -> str:
    """The province of the site that a capture is from; 'unknown' for a file, and for a source no longer registered."""
    return region_of_division(_source_divisions().get(capture.source_id or ""))


@cache
def _source_divisions() -> Mapping[str, str]:
    return {source.source_id: source.division_code for source in load_sources()}
