from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.facts.stages import read_manifest
from pipeline.orchestration import filing, storing
from pipeline.orchestration.filing import file_documents

PAGE = "<html><body><h1>某某县{year}年政府信息公开工作年度报告</h1><p>{number}</p></body></html>"


@pytest.fixture
def entries(put_document):
    """New documents of three years and one that shows none, none of them filed yet."""
    pages = [PAGE.format(year=year, number=number) for year in (2021, 2022, 2023) for number in range(3)]
    return [put_document(page.encode(), year="unknown") for page in (*pages, "<p>opening hours</p>")]


def test_each_document_is_read_once_and_kept_in_its_year(paths, entries):
    partitions = file_documents(paths, entries)
    assert [partitions[entry.document_id] for entry in entries] == [
        *["2021"] * 3,
        *["2022"] * 3,
        *["2023"] * 3,
        "unknown",
    ]
    for year in ("2021", "2022", "2023", "unknown"):
        assert set(read_manifest(paths, year)) == {key for key, partition in partitions.items() if partition == year}


def test_batches_are_written_before_everything_is_in_memory(paths, entries, monkeypatch):
    monkeypatch.setattr(storing, "BATCH_SIZE", 2)
    monkeypatch.setattr("pipeline.orchestration.readers.CHUNK_SIZE", 1)
    assert len(file_documents(paths, entries)) == len(entries)
    batches = [one.batch for year in ("2021", "2022", "2023") for one in read_manifest(paths, year).values()]
    assert len(batches) == 9
    assert len(set(batches)) > 3


def test_killed_night_goes_on_where_it_was(paths, entries, monkeypatch):
    before = file_documents(paths, entries[:7])
    read = []
    real = filing.read_documents

    def note(blobs, chosen, worker_count):
        read.extend(entry.document_id for entry in chosen)
        return real(blobs, chosen, worker_count)

    monkeypatch.setattr(filing, "read_documents", note)
    after = file_documents(paths, entries)
    assert read == [entry.document_id for entry in entries[7:]]
    assert after.items() > before.items()
    # Read by another reader before: that does not count
    file_documents(paths, [replace(entries[0], media_type="text/plain")])
    assert read[-1] == entries[0].document_id


def test_document_whose_bytes_were_mended_is_read_again(paths, entries):
    blob = paths.blobs / entries[0].sha256[:2] / entries[0].sha256
    content = blob.read_bytes()
    blob.write_bytes(b"damaged")
    assert file_documents(paths, entries[:1]) == {entries[0].document_id: "unknown"}
    blob.write_bytes(content)
    assert file_documents(paths, entries[:1]) == {entries[0].document_id: "2021"}
