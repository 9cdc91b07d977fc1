"""Many documents read at once, each on its own: a document that crashes, hangs or kills its process costs only itself.

Belongs here: worker processes, their time limit, and what happens when one dies. Does not belong here: what reading a
document means (reading.py), or which documents are read (selection.py).
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from pipeline.archive.ledger import LedgerEntry
from pipeline.archive.store import BlobStore
from pipeline.facts.model import DocumentRows
from pipeline.facts.rows import failed_rows
from pipeline.issues import Issue, IssueCode
from pipeline.orchestration.reading import crashed_rows, read_rows, reading_version
from pipeline.orchestration.time_limit import DocumentTimeoutError, limit_time

# Starting workers costs about a second; below this many documents one process is done sooner.
INLINE_LIMIT = 100
CHUNK_SIZE = 50


def read_documents(
    blobs: Path, entries: Sequence[LedgerEntry], worker_count: int | None = None
) -> Iterator[tuple[DocumentRows, ...]]:
    """The rows of every entry, in groups of up to CHUNK_SIZE documents as they are finished; none is left out."""
    if len(entries) <= INLINE_LIMIT:
        yield _read_chunk(blobs, entries)
        return
    chunks = [entries[i : i + CHUNK_SIZE] for i in range(0, len(entries), CHUNK_SIZE)]
    unfinished: list[LedgerEntry] = []
    with _make_pool(worker_count or os.cpu_count() or 1) as pool:
        futures = {pool.submit(_read_chunk, blobs, chunk): chunk for chunk in chunks}
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                unfinished.extend(futures[future])
    # A worker was killed by one of these documents (or by lack of memory): find it, one process each.
    for entry in unfinished:
        yield (_read_alone(blobs, entry),)


def _read_alone(blobs: Path, entry: LedgerEntry) -> DocumentRows:
    with _make_pool(1) as pool:
        try:
            return pool.submit(_read_chunk, blobs, (entry,)).result()[0]
        except BrokenProcessPool:
            message = "the process reading it died; its bytes are archived, try it alone with touming report"
            return crashed_rows(entry.document_id, entry.partition_year, entry.media_type, message)


def _make_pool(worker_count: int) -> ProcessPoolExecutor:
    # spawn: the parent holds threads of Dagster and Polars, which a fork would copy half-locked
    return ProcessPoolExecutor(worker_count, mp_context=multiprocessing.get_context("spawn"))


def _read_chunk(blobs: Path, entries: Sequence[LedgerEntry]) -> tuple[DocumentRows, ...]:
    store = BlobStore(blobs)
    return tuple(_read_stored(store, entry) for entry in entries)


def _read_stored(store: BlobStore, entry: LedgerEntry) -> DocumentRows:
    try:
        content = store.get(entry.sha256)
    except Exception as error:  # damaged, missing or unreadable: the class says which, the path is nobody's business
        message = f"its stored bytes could not be used ({type(error).__name__}); ingest the file again"
        issue = Issue(IssueCode.BLOB_DAMAGED, message)
        return failed_rows(entry.document_id, entry.partition_year, issue, reading_version(entry.media_type))
    try:
        with limit_time():
            return read_rows(entry.document_id, entry.partition_year, content, entry.media_type)
    except DocumentTimeoutError as error:
        return crashed_rows(entry.document_id, entry.partition_year, entry.media_type, str(error))
