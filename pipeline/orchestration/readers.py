"""Documents read in processes of their own, many at once: one that crashes, hangs or devours memory costs only itself.

Belongs here: sharing documents out over workers, and who is to blame when one dies. Does not belong here: the processes
(workers.py), what each does with a document (stored_reader.py), or which documents are read (selection.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pyarrow as pa

from pipeline.documents.office import CONVERTED_TYPES
from pipeline.facts.encoded import EncodedRows
from pipeline.facts.model import DocumentRows
from pipeline.facts.rows import failed_rows
from pipeline.orchestration.limits import Limits, limits_of
from pipeline.orchestration.packing import pack_documents
from pipeline.orchestration.reading import (
    Reading,
    fail_reading,
    load_form,
    read_content,
    reading_version,
)
from pipeline.orchestration.stored_reader import StoredDocument, StoredReader
from pipeline.orchestration.workers import Died, Worker, run_apart

if TYPE_CHECKING:  # it imports Polars, which a worker has no use for and would take longer to start with
    from pipeline.archive.ledger import LedgerEntry

# Sent to a worker at a time, and all that is read again when one of them ends its process
CHUNK_SIZE = 50
# Sent at a time of documents that have to be converted, if they are small: most of the time is the converter's start
_CONVERTED_CHUNK_SIZE = 20
_LARGEST_CONVERTED_TOGETHER = 2 * 1024 * 1024
# Read before they are asked for, so that no worker waits while the caller writes
_CHUNKS_AHEAD = 4


ReadingWorker = Worker[StoredDocument, EncodedRows]
ChunkRead = tuple[EncodedRows | None, tuple[StoredDocument, ...]]


def read_documents(
    blobs: Path, entries: Sequence[LedgerEntry], worker_count: int | None = None
) -> Iterator[EncodedRows]:
    """The rows of every entry, up to CHUNK_SIZE documents at a time as they are finished; none is left out.

    A document whose process died is read once more, in a fresh process with no other beside it, before it is blamed.
    """
    chunks = _cut_into_chunks(entries)
    count = min(worker_count or os.cpu_count() or 1, len(chunks))
    read = StoredReader(blobs)
    suspects: list[StoredDocument] = []
    for rows, died in _read_chunks(read, chunks, count):
        suspects += died
        if rows is not None:
            yield rows
    for document in suspects:
        yield _read_alone(read, document)


def _cut_into_chunks(entries: Sequence[LedgerEntry]) -> list[list[StoredDocument]]:
    """What is converted comes first: it takes longest, and at the end only one worker would still be busy."""
    chunks = []
    apart = [e for e in entries if e.media_type in CONVERTED_TYPES and e.byte_count <= _LARGEST_CONVERTED_TOGETHER]
    for media_type in CONVERTED_TYPES:
        alike = [_store(entry) for entry in apart if entry.media_type == media_type]
        for chunk in _cut(alike, _CONVERTED_CHUNK_SIZE):
            together = tuple(document.sha256 for document in chunk)
            chunks.append([replace(document, together=together[at:]) for at, document in enumerate(chunk)])
    chosen = {entry.document_id for entry in apart}
    return chunks + _cut([_store(entry) for entry in entries if entry.document_id not in chosen], CHUNK_SIZE)


def _cut(documents: list[StoredDocument], size: int) -> list[list[StoredDocument]]:
    return [documents[start : start + size] for start in range(0, len(documents), size)]


def _store(entry: LedgerEntry) -> StoredDocument:
    return StoredDocument(entry.document_id, entry.partition_year, entry.sha256, entry.media_type)


def prepare_worker() -> None:
    """Runs in a worker before it forks: what every document needs."""
    load_form()
    # The usual allocator of Arrow reserves more address space than one document is allowed
    pa.set_memory_pool(pa.system_memory_pool())


def read_apart(content: bytes, media_type: str) -> Reading:
    """What reading.read_content makes of one document, read in a fork of this process. Never raises for bad content."""
    answer = run_apart(_read_content, (content, media_type), limits_of(media_type))
    return fail_reading(answer.issue, media_type) if isinstance(answer, Died) else answer


def _read_chunks(
    read: Callable[[StoredDocument], DocumentRows], chunks: Sequence[Sequence[StoredDocument]], count: int
) -> Iterator[ChunkRead]:
    """Each chunk as it is finished. A thread waits for each worker; only a few chunks are ahead of the caller."""
    idle: SimpleQueue[ReadingWorker] = SimpleQueue()
    with ExitStack() as stack:
        for _ in range(count):
            idle.put(stack.enter_context(Worker(read, pack_documents, prepare_worker)))
        threads = ThreadPoolExecutor(max(count, 1))
        stack.callback(threads.shutdown, cancel_futures=True)
        pending: set[Future[ChunkRead]] = set()
        for chunk in chunks:
            pending.add(threads.submit(_read_chunk, idle, chunk))
            while len(pending) >= count * _CHUNKS_AHEAD:
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in finished)
        while pending:
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in finished)


def _read_chunk(idle: SimpleQueue[ReadingWorker], chunk: Sequence[StoredDocument]) -> ChunkRead:
    worker = idle.get()
    rows: EncodedRows | None = None
    died: list[StoredDocument] = []
    try:
        for answer in worker.run([_task(document) for document in chunk]):
            if isinstance(answer, Died):
                died.append(answer.argument)
            else:
                rows = answer
    finally:
        idle.put(worker)
    return rows, tuple(died)


def _read_alone(read: Callable[[StoredDocument], DocumentRows], document: StoredDocument) -> EncodedRows:
    with Worker(read, pack_documents, prepare_worker) as worker:
        (answer,) = worker.run([_task(replace(document, together=()))])
    if isinstance(answer, Died):
        version = reading_version(document.media_type)
        return pack_documents([failed_rows(document.document_id, document.partition_year, answer.issue, version)])
    return answer


def _task(document: StoredDocument) -> tuple[StoredDocument, Limits]:
    return document, limits_of(document.media_type)


def _read_content(document: tuple[bytes, str]) -> Reading:
    return read_content(*document)
