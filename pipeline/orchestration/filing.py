"""Documents that were read before, though the ledger knows nothing of it.

Belongs here: finding their readings, so that a night that was killed goes on where it was and a lost ledger costs no
reading. Does not belong here: the ledger (archive/ledger.py), and reading (batches.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.archive.ledger import LedgerEntry
from pipeline.facts.model import Outcome
from pipeline.facts.stages import read_manifest
from pipeline.orchestration.reading import PARTITION_KEYS, reading_version
from pipeline.paths import DataPaths


def find_readings(paths: DataPaths, entries: Sequence[LedgerEntry]) -> Mapping[str, str]:
    """The year under which each document is that today's readers could read already, by document_id."""
    if not entries:
        return {}
    versions = {entry.document_id: reading_version(entry.media_type) for entry in entries}
    return {
        document_id: year
        for year in PARTITION_KEYS
        for document_id, one in read_manifest(paths, year).items()
        # What failed may have failed for its stored bytes, which are there now
        if one.outcome != Outcome.FAILED and versions.get(document_id) == one.reader_version
    }
