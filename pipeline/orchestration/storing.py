"""What was read into batches, each document's rows in the partition they are for.

Belongs here: how much waits in memory before it is written. Does not belong here: reading (readers.py), rows that the
contract refuses (packing.py), what a batch is on disk (facts/batches.py), and merging (facts/stages.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pipeline.facts.batch_rows import write_batches
from pipeline.facts.encoded import EncodedRows
from pipeline.paths import DataPaths

if TYPE_CHECKING:
    from pipeline.archive.ledger import LedgerEntry

# Documents held in memory before they are written: they take 0.1 GB as they came, and writing them 1 GB
BATCH_SIZE = 5_000


class StoredReadings(Protocol):
    """Readings whose batches are on this disk: the partition of each document by id."""

    partitions: dict[str, str]


class Reader(Protocol):
    """Reads documents and stores their batches, by some other way than the processes of this machine."""

    def read(self, paths: DataPaths, entries: Sequence[LedgerEntry]) -> StoredReadings:
        """Every entry read, or an exception that says what remains."""


@dataclass(slots=True)
class RowStore:
    """Rows on their way to disk; nothing is certain to be there before finish.

    partitions: the partition of each document by id.
    """

    paths: DataPaths
    partitions: dict[str, str] = field(default_factory=dict)
    _waiting: list[EncodedRows] = field(default_factory=list)

    def add(self, group: EncodedRows) -> None:
        """Take rows in; everything is written, one batch a partition, once BATCH_SIZE documents wait."""
        for document in group.documents:
            self.partitions[document.document_id] = document.partition_year
        self._waiting.append(group)
        if sum(len(waiting.documents) for waiting in self._waiting) >= BATCH_SIZE:
            self.finish()

    def finish(self) -> None:
        """Write what still waits."""
        write_batches(self.paths, self._waiting)
        self._waiting.clear()
