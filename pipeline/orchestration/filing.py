"""Filing: each new document is read once, and its rows are put where the year it reports on is kept.

Belongs here: which documents still have to be read for that. Does not belong here: the ledger (archive/ledger.py),
reading again what was read before (batches.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.archive.ledger import LedgerEntry
from pipeline.facts.model import Outcome
from pipeline.facts.stages import read_manifest
from pipeline.orchestration.readers import read_documents
from pipeline.orchestration.reading import PARTITION_KEYS, reading_version
from pipeline.orchestration.storing import Reader, RowStore
from pipeline.paths import DataPaths


def file_documents(
    paths: DataPaths, entries: Sequence[LedgerEntry], worker_count: int | None = None, reader: Reader | None = None
) -> Mapping[str, str]:
    """The partition of each of these documents by id, all of them read and their rows stored in batches, unmerged.

    One that was read by today's readers before is not read again: a night that was killed goes on where it was, and a
    lost ledger costs no reading. reader: reads them elsewhere than in worker_count processes of this machine.
    """
    known = _find_readings(paths, entries)
    unread = [entry for entry in entries if entry.document_id not in known]
    if reader is not None:
        return {**known, **reader.read(paths, unread).partitions}
    store = RowStore(paths)
    for group in read_documents(paths.blobs, unread, worker_count):
        store.add(group)
    store.finish()
    return {**known, **store.partitions}


def _find_readings(paths: DataPaths, entries: Sequence[LedgerEntry]) -> Mapping[str, str]:
    """Where each document that today's readers could read already was put."""
    versions = {entry.document_id: reading_version(entry.media_type) for entry in entries}
    return {
        document_id: year
        for year in PARTITION_KEYS
        for document_id, one in read_manifest(paths, year).items()
        # What failed may have failed for its stored bytes, which are there now
        if one.outcome != Outcome.FAILED and versions.get(document_id) == one.reader_version
    }
