from __future__ import annotations

import datetime as dt

import pytest

from pipeline.archive.ledger import LedgerEntry
from pipeline.facts.stages import ManifestEntry
from pipeline.orchestration import selection
from pipeline.orchestration.reading import reading_version
from pipeline.orchestration.selection import ReadingFilter, select_documents

NOW = reading_version("text/html")


def entry(name: str) -> LedgerEntry:
    return LedgerEntry(name, name * 4, "text/html", 1, dt.datetime(2025, 1, 1, tzinfo=dt.UTC), "2024", "410000", "1")


ENTRIES = [entry(name) for name in ("new", "current", "outdated", "failed")]
MANIFEST = {
    "current": ManifestEntry("current", "b1", NOW, "report", ("row_missing",)),
    "outdated": ManifestEntry("outdated", "b1", "html/0", "report", ()),
    "failed": ManifestEntry("failed", "b2", NOW, "failed", ("reader_crashed",)),
}


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (ReadingFilter(), ["new", "outdated"]),
        (ReadingFilter(force=True), ["new", "current", "outdated", "failed"]),
        (ReadingFilter(document_ids=("current",)), ["current"]),
        (ReadingFilter(only_failed=True), ["failed"]),
        (ReadingFilter(issue_code="row_missing"), ["current"]),
        (ReadingFilter(issue_code="row_missing", only_failed=True), []),
        (ReadingFilter(document_ids=("current", "failed"), only_failed=True), ["failed"]),
        (ReadingFilter(agency="somebody"), ["outdated"]),
        (ReadingFilter(document_ids=("current",), force=True), ["current"]),
    ],
)
def test_what_is_read(wanted, chosen):
    found = select_documents(ENTRIES, MANIFEST, wanted, agency_documents={"outdated"})
    assert [e.document_id for e in found] == chosen


def test_what_was_read_is_kept_where_it_cannot_be_read_any_more(monkeypatch):
    monkeypatch.setattr(selection, "can_read", lambda media_type: False)
    failed_before = {**MANIFEST, "failed": ManifestEntry("failed", "b2", "office/0", "failed", ("converter_missing",))}
    found = select_documents(ENTRIES, failed_before, ReadingFilter())
    assert [e.document_id for e in found] == ["new", "failed"]
