from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from pipeline.archive.ledger import LedgerEntry
from pipeline.archive.store import BlobStore
from pipeline.facts.model import DocumentRows, Outcome
from pipeline.facts.stages import read_manifest
from pipeline.orchestration import batches, readers, storing
from pipeline.orchestration.batches import read_partition, select_years, summarise_partition
from pipeline.orchestration.reading import read_rows
from pipeline.orchestration.selection import ReadingFilter


def break_title(document_id, blobs, document) -> DocumentRows:
    """Runs in a worker: a half surrogate pair gets past every reader and no file can hold it."""
    rows = read_rows(document.document_id, "unknown", BlobStore(blobs).get(document.sha256), document.media_type)
    if document.document_id != document_id:
        return rows
    return replace(rows, tables={"core.reading": (dict(rows.tables["core.reading"][0], title_text="\ud800"),)})


def test_second_pass_reads_nothing(paths, notices):
    first = read_partition(paths, "unknown", notices, ReadingFilter())
    second = read_partition(paths, "unknown", notices, ReadingFilter())
    assert (first.read_count, first.skipped_count) == (3, 0)
    assert (second.read_count, second.skipped_count) == (0, 3)
    assert first.standing == second.standing == {"rejected": 3}


def test_asking_for_one_reads_one(paths, notices):
    read_partition(paths, "unknown", notices, ReadingFilter())
    again = read_partition(paths, "unknown", notices, ReadingFilter(document_ids=(notices[0].document_id,)))
    assert again.read_count == 1


def test_unread_documents_come_with_reason_and_message(paths, notices, put_document):
    picture = put_document(b"GIF89a....", "image/gif")
    summary = read_partition(paths, "unknown", [*notices, picture], ReadingFilter())
    first = summary.unread[0]
    assert (first.document_id, first.outcome, first.issue_code) == (picture.document_id, "failed", "media_unsupported")
    assert "image/gif" in first.message
    assert summary.reasons["media_unsupported"] == 1
    assert summary.document_count == 4


def test_sample_is_bounded_and_counts_are_not(paths, notices, monkeypatch):
    monkeypatch.setattr(batches, "SAMPLE_SIZE", 2)
    summary = read_partition(paths, "unknown", notices, ReadingFilter())
    assert len(summary.unread) == 2
    assert sum(summary.reasons.values()) == 3


def test_rows_that_break_the_contract_cost_only_their_document(paths, notices, monkeypatch):
    monkeypatch.setattr(readers, "_read_stored", partial(break_title, notices[1].document_id))
    summary = read_partition(paths, "unknown", notices, ReadingFilter())
    assert summary.standing == {"rejected": 2, "failed": 1}
    failed = read_manifest(paths, "unknown")[notices[1].document_id]
    assert (failed.outcome, failed.issue_codes) == (Outcome.FAILED, ("reader_crashed",))


def test_full_disk_is_no_document_failure(paths, notices, monkeypatch):
    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storing, "write_batches", refuse)
    with pytest.raises(OSError, match="No space left"):
        read_partition(paths, "unknown", notices, ReadingFilter())


def test_document_of_another_year_moves_there(paths, notices, put_document, monkeypatch):
    page = "<html><body><h1>某某县2022年政府信息公开工作年度报告</h1></body></html>"
    stray = put_document(page.encode(), year="2024")
    moved = {}
    monkeypatch.setattr(batches, "move_documents", lambda paths, partition_of: moved.update(partition_of))
    summary = read_partition(paths, "unknown", [*notices, stray], ReadingFilter())
    assert moved == {stray.document_id: "2022"}
    assert (summary.read_count, summary.skipped_count, summary.moved_to) == (4, 0, ("2022",))
    assert set(read_manifest(paths, "2022")) == set(moved)
    assert set(read_manifest(paths, "unknown")) == {entry.document_id for entry in notices}
    assert summary.standing == {"rejected": 3}


def test_summary_without_reading(paths, notices):
    read_partition(paths, "unknown", notices[:1], ReadingFilter())
    summary = summarise_partition(paths, "unknown", notices)
    assert (summary.read_count, summary.document_count) == (0, 1)


@pytest.fixture
def ledger(monkeypatch, put_document) -> list[LedgerEntry]:
    entries = [
        put_document(b"one", year="2022"),
        put_document(b"two", year="2023"),
        put_document(b"three", year="unknown"),
    ]
    monkeypatch.setattr(batches, "load_ledger", lambda paths: entries)
    return entries


def test_years_of_a_request(paths, ledger):
    assert select_years(paths, [], []) == ["2022", "2023", "unknown"]
    assert select_years(paths, ["unknown", "2022"], []) == ["2022", "unknown"]
    assert select_years(paths, [], [ledger[1].document_id]) == ["2023"]
    assert select_years(paths, ["2022"], [ledger[1].document_id]) == []


def test_unknown_year_or_document_is_an_error(paths, ledger):
    with pytest.raises(ValueError, match="2099"):
        select_years(paths, ["2099"], [])
    with pytest.raises(ValueError, match="ffff"):
        select_years(paths, [], ["ffff"])
