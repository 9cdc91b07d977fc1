"""Which versions read documents today, and which documents others have read.

Belongs here: the versions in one line, and counting what they leave outdated. Does not belong here: what makes up a
version (reading.py) and reading anything again (batches.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.archive.ledger import load_ledger
from pipeline.documents.read import READER_VERSIONS
from pipeline.facts.stages import read_manifest
from pipeline.orchestration.reading import PARTITION_KEYS, reading_version
from pipeline.orchestration.selection import has_other_version
from pipeline.paths import DataPaths


@dataclass(frozen=True, slots=True)
class OutdatedDocuments:
    """document_count documents of a media type that were read by other versions: `was` then, `now` today.

    Only the parts of the version that differ are named.
    """

    media_type: str
    was: str
    now: str
    document_count: int


def name_versions() -> str:
    """Every part of the versions of all readers, each once: what a reading made today is marked with."""
    return " ".join(sorted({part for media_type in READER_VERSIONS for part in _split(reading_version(media_type))}))


def count_outdated(paths: DataPaths) -> list[OutdatedDocuments]:
    """What the next run reads again for its version alone, most documents first; [] when all is as read today.

    Looks at every document's newest reading: seconds for a hundred thousand.
    """
    entries = {entry.document_id: entry for entry in load_ledger(paths)}
    found: Counter[tuple[str, str]] = Counter()
    for year in PARTITION_KEYS:
        for document_id, known in read_manifest(paths, year).items():
            entry = entries.get(document_id)
            if entry is not None and entry.partition_year == year and has_other_version(entry, known):
                found[entry.media_type, known.reader_version] += 1
    return [_compare(media_type, was, count) for (media_type, was), count in found.most_common()]


def describe_outdated(outdated: Iterable[OutdatedDocuments]) -> str:
    """One line for a person: how many documents of which type, and what changed about their reader."""
    return "; ".join(f"{one.document_count} × {one.media_type} ({one.was} → {one.now})" for one in outdated)


def _compare(media_type: str, was: str, count: int) -> OutdatedDocuments:
    before, after = _split(was), _split(reading_version(media_type))
    gone = [part for part in before if part not in after]
    come = [part for part in after if part not in before]
    return OutdatedDocuments(media_type, "+".join(gone) or "nothing", "+".join(come) or "nothing", count)


def _split(version: str) -> list[str]:
    """Its parts; a fingerprint stays with the name before it."""
    parts: list[str] = []
    for part in version.split("+"):
        if "/" in part or not parts:
            parts.append(part)
        else:
            parts[-1] += f"+{part}"
    return parts
