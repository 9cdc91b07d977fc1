from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.archive import ledger
from pipeline.archive.ledger import LedgerEntry
from pipeline.facts.stages import read_manifest
from pipeline.orchestration import batches, reading, versions
from pipeline.orchestration.batches import read_partitions
from pipeline.orchestration.selection import ReadingFilter
from pipeline.orchestration.versions import OutdatedDocuments, count_outdated, describe_outdated, name_versions
from pipeline.paths import DataPaths


@pytest.fixture
def known(paths: DataPaths, put_document: Callable[..., LedgerEntry]) -> list[LedgerEntry]:
    """Two web pages and a text, read by today's readers."""
    documents = [
        put_document(b"<html><title>one</title><p>1</p></html>"),
        put_document(b"<html><title>two</title><p>2</p></html>"),
        put_document(b"three", media_type="text/plain"),
    ]
    paths.warehouse.mkdir(parents=True, exist_ok=True)
    ledger._write_ledger(paths, documents)
    assert read_partitions(paths, ReadingFilter(), worker_count=1).read_count == 3
    return documents


def bump(monkeypatch: pytest.MonkeyPatch, media_type: str) -> None:
    """Another version of the reader of one media type."""
    before = reading.reader_version_of
    monkeypatch.setattr(
        reading, "reader_version_of", lambda asked: f"{before(asked)}{'1' if asked == media_type else ''}"
    )


def test_nothing_is_outdated_right_after_reading(paths, known):
    assert count_outdated(paths) == []


def test_other_reader_outdates_the_documents_of_its_type_alone(paths, known, monkeypatch):
    bump(monkeypatch, "text/plain")
    assert count_outdated(paths) == [OutdatedDocuments("text/plain", "text/1", "text/11", 1)]
    assert describe_outdated(count_outdated(paths)) == "1 × text/plain (text/1 → text/11)"


@pytest.mark.parametrize(("media_type", "expected"), [("text/plain", [2]), ("text/html", [0, 1])])
def test_a_bump_reads_again_what_it_affects_and_nothing_else(paths, known, monkeypatch, media_type, expected):
    bump(monkeypatch, media_type)
    chosen: list[str] = []

    def remember(blobs, entries, worker_count):
        chosen.extend(entry.document_id for entry in entries)
        return iter(())

    monkeypatch.setattr(batches, "read_documents", remember)
    read_partitions(paths, ReadingFilter())
    assert sorted(chosen) == sorted(known[i].document_id for i in expected)


def test_the_forms_files_affect_every_document(paths, known, monkeypatch):
    """Which edition a document has is found from what it prints, so any edition's file can change any document."""
    monkeypatch.setattr(reading, "form_version", lambda: "form/9+000000000000")
    outdated = count_outdated(paths)
    assert {one.media_type: one.document_count for one in outdated} == {"text/html": 2, "text/plain": 1}
    assert all(one.now == "form/9+000000000000" for one in outdated)


def test_a_document_that_moved_on_counts_only_where_it_is(paths, known, monkeypatch):
    moved = known[2]
    ledger.move_documents(paths, {moved.document_id: "2022"})
    bump(monkeypatch, "text/plain")
    assert moved.document_id in read_manifest(paths, "unknown")
    assert count_outdated(paths) == []


def test_versions_are_named_once_each(monkeypatch):
    named = name_versions().split(" ")
    assert len(named) == len(set(named))
    assert {part.split("/")[0] for part in named} >= {"html", "pdf", "docx", "text", "form", "facts"}
    bump(monkeypatch, "text/html")
    assert versions.name_versions().split(" ") != named
