from __future__ import annotations

import pytest

from pipeline.documents.refusal import DocumentRefused
from pipeline.facts.model import Outcome
from pipeline.issues import IssueCode
from pipeline.orchestration import reading
from pipeline.orchestration.reading import find_partition, read_content, read_rows, reading_version


def test_unsupported_type_is_a_failure_with_its_issue():
    result = read_content(b"\x00\x01\x02", "application/octet-stream")
    assert result.failure is not None
    assert result.failure.code is IssueCode.MEDIA_UNSUPPORTED
    assert not result.report.is_report
    assert result.report.reject_reason == "media_unsupported"


def test_crash_is_a_failure_that_quotes_no_text_of_the_document(monkeypatch):
    def crash(content, media_type):
        raise ValueError("invalid literal '张三的申请'")

    monkeypatch.setattr(reading, "read_document", crash)
    result = read_content("张三的申请".encode(), "text/plain")
    assert result.failure is not None
    assert result.failure.code is IssueCode.READER_CRASHED
    assert "ValueError" in result.failure.message
    assert result.failure.message.isascii() or "…" in result.failure.message
    assert "张" not in result.failure.message


def test_crash_while_making_rows_is_a_failed_row(monkeypatch):
    def crash(*arguments):
        raise KeyError("cell")

    monkeypatch.setattr(reading, "document_rows", crash)
    rows = read_rows("d" * 16, "2024", b"<p>text</p>", "text/html")
    assert rows.outcome is Outcome.FAILED
    assert rows.issue_codes == ("reader_crashed",)


def test_rejected_document_is_no_failure():
    rows = read_rows("d" * 16, "2024", b"<html><body><p>nothing of interest</p></body></html>", "text/html")
    assert rows.outcome is Outcome.REJECTED
    assert rows.reader_version == reading_version("text/html")


@pytest.mark.parametrize(
    ("year", "partition"), [(2022, "2022"), (None, "unknown"), (1999, "unknown"), (2031, "unknown")]
)
def test_partition_is_a_year_of_the_set_or_unknown(monkeypatch, year, partition):
    monkeypatch.setattr(reading, "identify_year", lambda document: year)
    assert find_partition(b"<p>text</p>", "text/html") == partition


def test_partition_of_a_refused_document_is_unknown(monkeypatch):
    def refuse(content, media_type):
        raise DocumentRefused(IssueCode.EMPTY_FILE, "nothing there")

    monkeypatch.setattr(reading, "read_document", refuse)
    assert find_partition(b"", "text/plain") == "unknown"


def test_lack_of_memory_is_no_fault_of_the_reader(monkeypatch):
    def exhaust(content, media_type):
        raise MemoryError

    monkeypatch.setattr(reading, "read_document", exhaust)
    for read in (read_content, find_partition):
        with pytest.raises(MemoryError):
            read(b"<p>text</p>", "text/html")


def test_version_differs_where_the_reader_does():
    assert reading_version("text/html") != reading_version("text/plain")
