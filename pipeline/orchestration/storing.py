"""What was read into batches, each document's rows in the partition they are for.

Belongs here: gathering rows by partition, and rows that the contract refuses. Does not belong here: reading
(readers.py), what a batch is on disk (facts/batches.py), and merging (facts/stages.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pipeline.facts.model import DocumentRows
from pipeline.facts.rows import failed_rows
from pipeline.facts.stages import write_batch
from pipeline.issues import Issue, IssueCode
from pipeline.orchestration.reading import describe_error, partition_of
from pipeline.paths import DataPaths

if TYPE_CHECKING:
    from pipeline.archive.ledger import LedgerEntry

# Documents held in memory before a batch is written; a document's rows take 0.4 MB
BATCH_SIZE = 1_000


class StoredReadings(Protocol):
    """Readings whose batches are on this disk: the partition of each document, the first issue of those with any."""

    partitions: dict[str, str]
    first_issues: dict[str, tuple[str, str]]


class Reader(Protocol):
    """Reads documents and stores their batches, by some other way than the processes of this machine."""

    def read(self, paths: DataPaths, entries: Sequence[LedgerEntry]) -> StoredReadings:
        """Every entry read, or an exception that says what remains."""


@dataclass(slots=True)
class RowStore:
    """Rows on their way to disk; nothing is certain to be there before finish.

    partitions: the partition of each document by id. first_issues: (code, message) of those that have any.
    """

    paths: DataPaths
    partitions: dict[str, str] = field(default_factory=dict)
    first_issues: dict[str, tuple[str, str]] = field(default_factory=dict)
    _waiting: dict[str, list[DocumentRows]] = field(default_factory=dict)

    def add(self, group: Iterable[DocumentRows]) -> None:
        """Take rows in; the largest partition is written once BATCH_SIZE documents wait."""
        for rows in group:
            partition = partition_of(rows)
            self.partitions[rows.document_id] = partition
            self._waiting.setdefault(partition, []).append(rows)
        if sum(map(len, self._waiting.values())) >= BATCH_SIZE:
            self._write(max(self._waiting, key=lambda year: len(self._waiting[year])))

    def finish(self) -> None:
        """Write what still waits."""
        for partition in sorted(self._waiting):
            self._write(partition)

    def _write(self, partition: str) -> None:
        rows = self._waiting.pop(partition)
        for document in _store_batch(self.paths, partition, rows):
            for issue in document.tables.get("core.issue", ())[:1]:
                self.first_issues[document.document_id] = (str(issue["issue_code"]), str(issue["message_text"]))


def _store_batch(paths: DataPaths, year: str, rows: Sequence[DocumentRows]) -> Sequence[DocumentRows]:
    """Write one batch and return what was written.

    Rows that the contract refuses are those of one document, and cost only that one: the batch is halved until it is
    found.
    """
    try:
        write_batch(paths, year, rows)
    except OSError:
        raise
    except Exception as error:
        if len(rows) > 1:
            half = len(rows) // 2
            return (*_store_batch(paths, year, rows[:half]), *_store_batch(paths, year, rows[half:]))
        issue = Issue(IssueCode.READER_CRASHED, describe_error(error))
        rows = [failed_rows(rows[0].document_id, year, issue, rows[0].reader_version)]
        write_batch(paths, year, rows)
    return rows
