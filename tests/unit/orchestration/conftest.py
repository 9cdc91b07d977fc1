"""A small archive of made-up documents, for the steps that read and merge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.archive.ledger import LedgerEntry
from pipeline.archive.store import BlobStore
from pipeline.paths import DataPaths

NOTICE = "<html><head><title>关于编制年度报告的通知</title></head><body><p>第{number}号</p></body></html>"
CAPTURED = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path / "data")


@pytest.fixture
def put_document(paths: DataPaths) -> Callable[..., LedgerEntry]:
    """Stores some bytes and returns their ledger entry."""

    def put(
        content: bytes, media_type: str = "text/html", year: str = "unknown", region: str = "unknown"
    ) -> LedgerEntry:
        sha256 = BlobStore(paths.blobs).put(content)
        return LedgerEntry(sha256[:16], sha256, media_type, len(content), CAPTURED, year, region, "test")

    return put


@pytest.fixture
def notices(put_document: Callable[..., LedgerEntry]) -> list[LedgerEntry]:
    """Three documents that are no reports."""
    return [put_document(NOTICE.format(number=number).encode()) for number in range(3)]
