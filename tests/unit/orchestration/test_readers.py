from __future__ import annotations

import os

import pytest

from pipeline.facts.model import Outcome
from pipeline.orchestration import readers
from pipeline.orchestration.readers import read_documents
from pipeline.orchestration.time_limit import DocumentTimeoutError

DEADLY = b"<html><body><p>this one kills its reader</p></body></html>"


def read_or_die(document_id, partition_year, content, media_type):
    if content == DEADLY:
        os._exit(9)
    return readers.crashed_rows(document_id, partition_year, media_type, "read")


def read_chunk_or_die(blobs, entries):
    """Runs in a worker, where nothing is patched: patch there, then do what the reader does."""
    readers.read_rows = read_or_die
    return tuple(readers._read_stored(readers.BlobStore(blobs), entry) for entry in entries)


def test_every_document_comes_back_once(paths, notices):
    rows = [row for group in read_documents(paths.blobs, notices) for row in group]
    assert sorted(row.document_id for row in rows) == sorted(e.document_id for e in notices)


def test_damaged_blob_is_a_failed_row_that_names_no_path(paths, notices):
    stored = paths.blobs / notices[1].sha256[:2] / notices[1].sha256
    stored.write_bytes(b"something else")
    (rows,) = read_documents(paths.blobs, notices)
    assert [row.outcome is Outcome.FAILED for row in rows] == [False, True, False]
    message = rows[1].tables["core.issue"][0]["message_text"]
    assert "BlobDamagedError" in message
    assert str(paths.root) not in message


def test_missing_blob_is_a_failed_row(paths, notices):
    (paths.blobs / notices[0].sha256[:2] / notices[0].sha256).unlink()
    (rows,) = read_documents(paths.blobs, notices)
    assert rows[0].outcome is Outcome.FAILED


def test_document_that_takes_too_long_is_a_failed_row(paths, notices, monkeypatch):
    def hang(*arguments):
        raise DocumentTimeoutError("reading took longer than 60 s and was stopped")

    monkeypatch.setattr(readers, "read_rows", hang)
    (rows,) = read_documents(paths.blobs, notices[:1])
    assert rows[0].outcome is Outcome.FAILED
    assert "60 s" in rows[0].tables["core.issue"][0]["message_text"]


@pytest.mark.parametrize("worker_count", [2])
def test_document_that_kills_its_process_costs_only_itself(paths, notices, put_document, monkeypatch, worker_count):
    monkeypatch.setattr(readers, "INLINE_LIMIT", 0)
    monkeypatch.setattr(readers, "CHUNK_SIZE", 2)
    monkeypatch.setattr(readers, "_read_chunk", read_chunk_or_die)
    deadly = put_document(DEADLY)
    entries = [*notices, deadly]
    rows = [row for group in read_documents(paths.blobs, entries, worker_count) for row in group]
    messages = {row.document_id: row.tables["core.issue"][0]["message_text"] for row in rows}
    assert len(rows) == len(messages) == 4
    assert "died" in messages.pop(deadly.document_id)
    assert set(messages.values()) == {"read"}
