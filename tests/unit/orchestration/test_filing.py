from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.orchestration.filing import find_readings
from pipeline.orchestration.readers import read_documents
from pipeline.orchestration.storing import RowStore

PAGE = "<html><body><h1>某某县{year}年政府信息公开工作年度报告</h1></body></html>"


@pytest.fixture
def entries(put_document):
    """A document of each of three years and one that shows none."""
    pages = [PAGE.format(year=year) for year in (2021, 2022, 2023)]
    return [put_document(page.encode()) for page in (*pages, "<p>opening hours</p>")]


@pytest.fixture
def read(paths):
    """Reads documents and leaves them unfiled, as a killed night does."""

    def read_unfiled(entries) -> None:
        store = RowStore(paths)
        for group in read_documents(paths.blobs, entries):
            store.add(group)
        store.finish()

    return read_unfiled


def test_what_was_read_is_found_under_its_year(paths, entries, read):
    assert find_readings(paths, entries) == {}
    read(entries[1:])
    ids = [entry.document_id for entry in entries]
    assert find_readings(paths, entries) == {ids[1]: "2022", ids[2]: "2023", ids[3]: "unknown"}


def test_a_reading_by_other_readers_does_not_count(paths, entries, read):
    read(entries[:1])
    assert find_readings(paths, [replace(entries[0], media_type="text/plain")]) == {}


def test_a_failed_reading_does_not_count(paths, entries, read):
    (paths.blobs / entries[0].sha256[:2] / entries[0].sha256).write_bytes(b"damaged")
    read(entries[:1])
    assert find_readings(paths, entries[:1]) == {}
