from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pytest

from pipeline.archive import ledger
from pipeline.archive.ledger import LedgerEntry, load_ledger
from pipeline.archive.store import BlobStore
from pipeline.facts.model import DocumentRows, Outcome
from pipeline.facts.stages import read_manifest
from pipeline.orchestration import batches, readers, storing
from pipeline.orchestration.batches import describe_partitions, read_partitions, select_partitions
from pipeline.orchestration.core_assets import merge_years
from pipeline.orchestration.readers import read_documents
from pipeline.orchestration.reading import read_rows
from pipeline.orchestration.regions import Partition
from pipeline.orchestration.selection import ReadingFilter
from pipeline.orchestration.storing import RowStore
from pipeline.paths import DataPaths
from pipeline.warehouse.errors import WarehouseUnwritable

PAGE = "<html><body><h1>某某县{year}年政府信息公开工作年度报告</h1><p>{number}</p></body></html>"
NOWHERE = Partition("unknown", "unknown")


@pytest.fixture
def enter(paths: DataPaths) -> Callable[[Sequence[LedgerEntry]], None]:
    """Puts documents into the ledger."""
    return lambda entries: ledger._write_ledger(paths, [*load_ledger(paths), *entries])


@pytest.fixture
def pages(put_document) -> list[LedgerEntry]:
    """New reports of three years, three each, and one page that shows none."""
    texts = [PAGE.format(year=year, number=number) for year in (2021, 2022, 2023) for number in range(3)]
    return [put_document(text.encode()) for text in (*texts, "<p>opening hours</p>")]


def years_of(paths: DataPaths) -> dict[str, str]:
    return {entry.document_id: entry.partition_year for entry in load_ledger(paths)}


def test_new_documents_are_filed_under_the_year_they_report_on(paths, enter, pages):
    enter(pages)
    result = read_partitions(paths, ReadingFilter())
    found = [Partition("unknown", year) for year in ("2021", "2022", "2023", "unknown")]
    assert dict(result.read_counts) == dict(zip(found, (3, 3, 3, 1), strict=True))
    assert (result.document_count, result.read_count, result.touched) == (10, 10, tuple(found))
    expected = [*["2021"] * 3, *["2022"] * 3, *["2023"] * 3, "unknown"]
    assert years_of(paths) == dict(zip((entry.document_id for entry in pages), expected, strict=True))
    for year in ("2021", "2022", "2023", "unknown"):
        assert set(read_manifest(paths, year)) == {key for key, known in years_of(paths).items() if known == year}


def test_second_pass_reads_nothing(paths, enter, notices):
    enter(notices)
    assert read_partitions(paths, ReadingFilter()).read_count == 3
    again = read_partitions(paths, ReadingFilter())
    assert (again.document_count, again.read_count, again.touched) == (3, 0, ())


def test_asking_for_one_reads_one(paths, enter, notices):
    enter(notices)
    read_partitions(paths, ReadingFilter())
    assert read_partitions(paths, ReadingFilter(document_ids=(notices[0].document_id,))).read_count == 1


def test_only_the_chosen_partitions_are_read(paths, enter, put_document):
    enter(
        [
            put_document(PAGE.format(year=year, number=region).encode(), year=year, region=region)
            for region in ("110000", "410000")
            for year in ("2021", "2022")
        ]
    )
    chosen = Partition("410000", "2022")
    result = read_partitions(paths, ReadingFilter(), {chosen})
    assert (dict(result.read_counts), result.document_count, result.touched) == ({chosen: 1}, 1, (chosen,))
    assert len(read_manifest(paths, "2022")) == 1
    assert not read_manifest(paths, "2021")


def test_document_of_another_year_moves_there_and_keeps_its_region(paths, enter, put_document):
    stray = put_document(PAGE.format(year="2022", number=1).encode(), year="2024", region="410000")
    enter([stray])
    result = read_partitions(paths, ReadingFilter())
    assert result.touched == (Partition("410000", "2022"), Partition("410000", "2024"))
    assert years_of(paths) == {stray.document_id: "2022"}
    assert set(read_manifest(paths, "2022")) == {stray.document_id}
    assert read_partitions(paths, ReadingFilter()).read_count == 0


def test_killed_night_goes_on_where_it_was(paths, enter, pages, monkeypatch):
    enter(pages)
    store = RowStore(paths)
    for group in read_documents(paths.blobs, pages[:7]):
        store.add(group)
    store.finish()
    read: list[str] = []

    def note(blobs, chosen, worker_count):
        read.extend(entry.document_id for entry in chosen)
        return read_documents(blobs, chosen, worker_count)

    monkeypatch.setattr(batches, "read_documents", note)
    result = read_partitions(paths, ReadingFilter())
    assert read == [entry.document_id for entry in pages[7:]]
    assert result.read_count == 3
    assert sorted(years_of(paths).values()) == sorted([*["2021"] * 3, *["2022"] * 3, *["2023"] * 3, "unknown"])


def test_document_whose_bytes_were_mended_is_read_again(paths, enter, pages):
    enter(pages[:1])
    blob = paths.blobs / pages[0].sha256[:2] / pages[0].sha256
    content = blob.read_bytes()
    blob.write_bytes(b"damaged")
    read_partitions(paths, ReadingFilter())
    assert read_manifest(paths, "unknown")[pages[0].document_id].issue_codes == ("blob_damaged",)
    blob.write_bytes(content)
    assert read_partitions(paths, ReadingFilter()).read_count == 1
    assert years_of(paths) == {pages[0].document_id: "2021"}


def test_progress_is_told_as_it_is_made(paths, enter, pages, monkeypatch):
    monkeypatch.setattr("pipeline.orchestration.readers.CHUNK_SIZE", 4)
    enter(pages)
    told: list[tuple[int, int]] = []
    read_partitions(
        paths, ReadingFilter(), worker_count=1, show_progress=lambda done, total: told.append((done, total))
    )
    assert told == [(4, 10), (8, 10), (10, 10)]


def test_unread_documents_come_with_reason_and_message(paths, enter, notices, put_document):
    picture = put_document(b"GIF89a....", "image/gif")
    enter([*notices, picture])
    read_partitions(paths, ReadingFilter())
    (standing,) = describe_partitions(paths)
    first = standing.unread[0]
    assert (first.document_id, first.outcome, first.issue_code) == (picture.document_id, "failed", "media_unsupported")
    assert "image/gif" in first.message
    assert (standing.partition, standing.standing) == (NOWHERE, {"rejected": 3, "failed": 1})
    assert standing.reasons["media_unsupported"] == 1
    assert standing.document_count == 4


def test_sample_is_bounded_and_counts_are_not(paths, enter, notices, monkeypatch):
    monkeypatch.setattr(batches, "SAMPLE_SIZE", 2)
    enter(notices)
    read_partitions(paths, ReadingFilter())
    (standing,) = describe_partitions(paths)
    assert len(standing.unread) == 2
    assert sum(standing.reasons.values()) == 3


def test_partitions_are_described_without_reading(paths, enter, notices, put_document):
    other = put_document(b"unread", region="410000", year="2022")
    enter([*notices, other])
    read_partitions(paths, ReadingFilter(), {NOWHERE})
    first, second = describe_partitions(paths)
    assert (first.partition, first.document_count) == (Partition("410000", "2022"), 0)
    assert (second.partition, second.document_count) == (NOWHERE, 3)
    assert describe_partitions(paths, {NOWHERE}) == [second]
    (empty,) = describe_partitions(paths, {Partition("110000", "2022")})
    assert empty.standing == {}


def break_title(document_id, blobs, document) -> DocumentRows:
    """Runs in a worker: a half surrogate pair gets past every reader and no file can hold it."""
    rows = read_rows(document.document_id, "unknown", BlobStore(blobs).get(document.sha256), document.media_type)
    if document.document_id != document_id:
        return rows
    return replace(rows, tables={"core.reading": (dict(rows.tables["core.reading"][0], title_text="\ud800"),)})


def test_rows_that_break_the_contract_cost_only_their_document(paths, enter, notices, monkeypatch):
    monkeypatch.setattr(readers, "StoredReader", partial(partial, break_title, notices[1].document_id))
    enter(notices)
    read_partitions(paths, ReadingFilter())
    (standing,) = describe_partitions(paths)
    assert standing.standing == {"rejected": 2, "failed": 1}
    failed = read_manifest(paths, "unknown")[notices[1].document_id]
    assert (failed.outcome, failed.issue_codes) == (Outcome.FAILED, ("reader_crashed",))


def test_full_disk_is_no_document_failure(paths, enter, notices, monkeypatch):
    def refuse(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storing, "write_batches", refuse)
    enter(notices)
    with pytest.raises(WarehouseUnwritable, match=r"shards: cannot be written.*Free space"):
        read_partitions(paths, ReadingFilter())


def test_what_another_run_merges_meanwhile_removes_no_batch(paths, enter, pages, monkeypatch):
    """The documents of a batch are filed only when the pass is over: until then it looks superseded."""

    def merge_too(done: int, total: int) -> None:
        for merged_of in paths.shards.rglob("merged_of.json"):
            merged_of.unlink()  # as where the other run has something new of these years
        merge_years(paths)

    monkeypatch.setattr(storing, "BATCH_SIZE", 1)
    monkeypatch.setattr("pipeline.orchestration.readers.CHUNK_SIZE", 1)
    enter(pages[::3])
    read_partitions(paths, ReadingFilter())
    merge_years(paths)
    enter([page for page in pages if page not in pages[::3]])
    read_partitions(paths, ReadingFilter(), worker_count=1, show_progress=merge_too)
    merged = merge_years(paths)
    assert [year for year, summary in merged.by_year.items() if summary.unread] == []
    assert sum(sum(summary.outcome_counts.values()) for summary in merged.by_year.values()) == len(pages)


def test_batches_are_written_before_everything_is_in_memory(paths, enter, pages, monkeypatch):
    monkeypatch.setattr(storing, "BATCH_SIZE", 2)
    monkeypatch.setattr("pipeline.orchestration.readers.CHUNK_SIZE", 1)
    enter(pages)
    read_partitions(paths, ReadingFilter())
    written = [one.batch for year in ("2021", "2022", "2023") for one in read_manifest(paths, year).values()]
    assert len(written) == 9
    assert len(set(written)) > 3


@pytest.fixture
def three(enter, put_document) -> list[LedgerEntry]:
    entries = [
        put_document(b"one", year="2022"),
        put_document(b"two", year="2023", region="410000"),
        put_document(b"three", year="unknown"),
    ]
    enter(entries)
    return entries


def test_partitions_of_a_request(paths, three):
    places = [Partition("unknown", "2022"), Partition("410000", "2023"), NOWHERE]
    assert select_partitions(paths, [], []) == set(places)
    assert select_partitions(paths, ["unknown", "2022"], []) == {places[0], places[2]}
    assert select_partitions(paths, [], [three[1].document_id]) == {places[1]}
    assert select_partitions(paths, ["2022"], [three[1].document_id]) == set()
    assert select_partitions(paths, [], [], ["410000"]) == {places[1]}
    assert select_partitions(paths, ["2022"], [], ["410000", "unknown"]) == {places[0]}


def test_unknown_year_province_or_document_is_an_error(paths, three):
    with pytest.raises(ValueError, match="2099"):
        select_partitions(paths, ["2099"], [])
    with pytest.raises(ValueError, match="ffff"):
        select_partitions(paths, [], ["ffff"])
    with pytest.raises(ValueError, match="410100"):
        select_partitions(paths, [], [], ["410100"])
