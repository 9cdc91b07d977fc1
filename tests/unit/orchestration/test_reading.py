from __future__ import annotations

import pytest

from pipeline.facts.model import Outcome
from pipeline.issues import IssueCode
from pipeline.orchestration import reading
from pipeline.orchestration.reading import find_partition, read_content, read_rows, reading_version
from pipeline.reports.model import Report


def test_unsupported_type_is_a_failure_with_its_issue():
    result = read_content(b"\x00\x01\x02", "application/octet-stream")
    assert result.failure is not None
    assert result.failure.code is IssueCode.MEDIA_UNSUPPORTED
    assert not result.report.is_report
    assert result.report.reject_reason == "media_unsupported"


def test_crash_is_a_failure_that_quotes_no_text_of_the_document(monkeypatch):
    def crash(*arguments):
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
def test_partition_is_a_year_of_the_set_or_unknown(year, partition):
    assert find_partition(Report(False, report_year=year)) == partition


TITLE = "<html><body><h1>某某县2022年政府信息公开工作年度报告</h1></body></html>".encode()


def test_rows_are_those_of_the_year_that_the_document_shows():
    assert read_rows("d" * 16, "unknown", TITLE, "text/html").partition_year == "2022"
    assert read_rows("d" * 16, "2024", b"<p>text</p>", "text/html").partition_year == "unknown"


def test_failed_reading_leaves_a_document_where_it_is():
    assert read_rows("d" * 16, "2024", b"", "text/plain").partition_year == "2024"


def test_lack_of_memory_is_no_fault_of_the_reader(monkeypatch):
    def exhaust(*arguments):
        raise MemoryError

    monkeypatch.setattr(reading, "read_document", exhaust)
    with pytest.raises(MemoryError):
        read_content(b"<p>text</p>", "text/html")


def test_version_differs_where_the_reader_does():
    assert reading_version("text/html") != reading_version("text/plain")
