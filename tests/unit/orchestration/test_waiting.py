"""What waits for the next night, at every stage that a document passes."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.archive import ledger
from pipeline.archive.captures import CaptureLog, make_capture
from pipeline.archive.ledger import load_ledger
from pipeline.orchestration import reading
from pipeline.orchestration.batches import read_partitions
from pipeline.orchestration.selection import ReadingFilter
from pipeline.orchestration.waiting import Waiting, count_waiting

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def capture(paths):
    """Logs the capture of a document as of a file of the inbox."""

    def log(entry, name):
        made = make_capture(f"inbox/{name}", entry.sha256, NOW, entry.media_type, entry.byte_count)
        CaptureLog(paths.captures).append(made)

    return log


def test_where_there_is_nothing_nothing_waits(paths):
    assert count_waiting(paths) == Waiting(0, 0, 0, 0)
    assert not paths.root.exists()


def test_a_file_of_the_inbox_waits_until_it_is_taken_in(paths, notices, capture):
    (paths.inbox / "below").mkdir(parents=True)
    for name in ("a.html", "below/b.html", ".hidden"):
        (paths.inbox / name).write_bytes(b"x")
    assert count_waiting(paths).inbox_file_count == 2
    capture(notices[0], "below/b.html")
    assert count_waiting(paths) == Waiting(1, 1, 0, 0)


def test_a_document_waits_to_be_filed_to_be_read_and_after_a_change_of_the_readers(
    paths, notices, capture, monkeypatch
):
    for number, notice in enumerate(notices):
        capture(notice, f"{number}.html")
    ledger._write_ledger(paths, notices[:2])
    assert count_waiting(paths) == Waiting(0, 1, 2, 0)
    read_partitions(paths, ReadingFilter(), worker_count=1)
    assert count_waiting(paths) == Waiting(0, 1, 0, 0)
    monkeypatch.setattr(reading, "form_version", lambda: "form/9+000000000000")
    assert count_waiting(paths) == Waiting(0, 1, 0, 2)


def test_a_reading_that_a_killed_night_left_unfiled_is_no_waiting_document(paths, notices):
    ledger._write_ledger(paths, notices)
    read_partitions(paths, ReadingFilter(), worker_count=1)
    (lost,) = [entry for entry in load_ledger(paths) if entry.document_id == notices[0].document_id]
    ledger.move_documents(paths, {lost.document_id: "2020"})
    assert count_waiting(paths) == Waiting(0, 0, 0, 0)
