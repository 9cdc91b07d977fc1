"""What was read into batches, each document's rows in the partition they are for.

Belongs here: gathering rows by partition, and rows that the contract refuses. Does not belong here: reading
(readers.py), what a batch is on disk (facts/batches.py), and merging (facts/stages.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.facts.model import DocumentRows
from pipeline.facts.rows import failed_rows
from pipeline.facts.stages import write_batch
from pipeline.issues import Issue, IssueCode
from pipeline.orchestration.reading import describe_error, partition_of
from pipeline.paths import DataPaths

# Documents held in memory before a batch is written; a document's rows take 0.4 MB
BATCH_SIZE = 1_000


@dataclass(slots=True)
class RowStore:
    """Rows on their way to disk; nothing is certain to be there before finish.

    partitions: the partition of each document by id.
    """

    paths: DataPaths
    partitions: dict[str, str] = field(default_factory=dict)
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
        _store_batch(self.paths, partition, rows)


def _store_batch(paths: DataPaths, year: str, rows: Sequence[DocumentRows]) -> None:
    """Write one batch.

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
            _store_batch(paths, year, rows[:half])
            _store_batch(paths, year, rows[half:])
            return
        issue = Issue(IssueCode.READER_CRASHED, describe_error(error))
        write_batch(paths, year, [failed_rows(rows[0].document_id, year, issue, rows[0].reader_version)])
