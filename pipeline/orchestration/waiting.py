"""What waits for the next night.

Belongs here: counting it, stage by stage. Does not belong here: doing any of it (raw_assets.py, batches.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.archive.captures import CaptureLog
from pipeline.archive.ingest import list_files
from pipeline.archive.ledger import LedgerEntry, load_ledger
from pipeline.facts.stages import read_manifest
from pipeline.orchestration.filing import find_readings
from pipeline.orchestration.reading import PARTITION_KEYS
from pipeline.orchestration.selection import ReadingFilter, select_documents
from pipeline.paths import DataPaths


@dataclass(frozen=True, slots=True)
class Waiting:
    """Files in the inbox that were never taken in; documents captured and not filed yet, filed and never read, and read
    by readers that are others today.

    A file of the inbox whose bytes changed since is not among them: that takes reading it.
    """

    inbox_file_count: int
    unfiled_count: int
    unread_count: int
    outdated_count: int


def count_waiting(paths: DataPaths) -> Waiting:
    """What waits in a data folder now; changes nothing. Looks at every capture and reading: seconds for 100,000."""
    captures = CaptureLog(paths.captures).read()
    taken = {capture.origin_text for capture in captures}
    entries = load_ledger(paths)
    filed = {entry.sha256 for entry in entries}
    captured = {capture.sha256 for capture in captures if capture.document_id is not None}
    unread, outdated = _list_unread(paths, entries)
    return Waiting(
        inbox_file_count=sum(origin not in taken for _, origin in list_files(paths.inbox)),
        unfiled_count=len(captured - filed),
        unread_count=len(unread) - len(find_readings(paths, unread)),
        outdated_count=len(outdated),
    )


def _list_unread(paths: DataPaths, entries: Iterable[LedgerEntry]) -> tuple[list[LedgerEntry], list[LedgerEntry]]:
    """Documents without a reading where they are filed, and those whose reading is outdated."""
    by_year: dict[str, list[LedgerEntry]] = {year: [] for year in PARTITION_KEYS}
    for entry in entries:
        by_year[entry.partition_year].append(entry)
    unread: list[LedgerEntry] = []
    outdated: list[LedgerEntry] = []
    for year, filed in by_year.items():
        manifest = read_manifest(paths, year) if filed else {}
        for entry in select_documents(filed, manifest, ReadingFilter()):
            (outdated if entry.document_id in manifest else unread).append(entry)
    return unread, outdated
