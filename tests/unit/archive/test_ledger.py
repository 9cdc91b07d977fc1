from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from pipeline.archive import sniff
from pipeline.archive.captures import CaptureLog, Fetch, make_capture, make_failed_capture
from pipeline.archive.ledger import FindYears, LedgerEntry, load_ledger, move_documents, refresh_ledger
from pipeline.archive.store import BlobStore
from pipeline.paths import DataPaths

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path)


def capture(paths: DataPaths, content: bytes, origin: str, hours: int = 0) -> str:
    sha256 = BlobStore(paths.blobs).put(content)
    moment = NOON + dt.timedelta(hours=hours)
    CaptureLog(paths.captures).append(make_capture(origin, sha256, moment, "text/plain", len(content)))
    return sha256


@pytest.fixture
def year_in_text(paths: DataPaths) -> FindYears:
    """Each document's year is what its text says."""

    def read_years(entries: Sequence[LedgerEntry]) -> dict[str, str]:
        return {entry.document_id: BlobStore(paths.blobs).get(entry.sha256).decode() for entry in entries}

    return read_years


def refuse(entries: Sequence[LedgerEntry]) -> dict[str, str]:
    raise AssertionError(f"asked again: {entries}")


def test_one_entry_per_content_with_its_first_capture(paths: DataPaths, year_in_text: FindYears) -> None:
    capture(paths, b"2022", "a", hours=3)
    capture(paths, b"2022", "b", hours=1)
    capture(paths, b"unknown", "c")
    summary = refresh_ledger(paths, year_in_text, str)
    entries = {entry.partition_year: entry for entry in load_ledger(paths)}
    assert entries.keys() == {"2022", "unknown"}
    assert entries["2022"].first_captured_at == NOON + dt.timedelta(hours=1)
    assert entries["2022"].document_id == entries["2022"].sha256[:16]
    assert entries["2022"].byte_count == 4
    assert summary.partition_counts == {"2022": 1, "unknown": 1}
    assert summary.changed_partitions == ("2022", "unknown")
    assert summary.new_count == 2
    assert summary.failures == ()


def test_known_documents_are_not_asked_for_again(paths: DataPaths, year_in_text: FindYears) -> None:
    capture(paths, b"2022", "a")
    refresh_ledger(paths, year_in_text, str)
    ledger = paths.warehouse / "ledger.parquet"
    before = ledger.read_bytes()
    summary = refresh_ledger(paths, refuse, str)
    assert (summary.new_count, summary.changed_partitions, summary.failures) == (0, (), ())
    assert ledger.read_bytes() == before


def test_attempts_without_bytes_are_captures_and_no_documents(paths: DataPaths, year_in_text: FindYears) -> None:
    capture(paths, b"2022", "a")
    CaptureLog(paths.captures).append(make_failed_capture("https://a.gov.cn/", NOON, Fetch("read_timeout")))
    assert refresh_ledger(paths, year_in_text, str).partition_counts == {"2022": 1}
    captures = pl.read_parquet(paths.stage / "raw" / "capture" / "part.parquet")
    assert captures["fetch_outcome_code"].to_list() == ["captured", "read_timeout"]
    assert captures["document_id"].null_count() == 1


def test_moved_documents_stay_where_they_were_moved(paths: DataPaths, year_in_text: FindYears) -> None:
    sha256 = capture(paths, b"2022", "a")
    capture(paths, b"2023", "b")
    refresh_ledger(paths, year_in_text, str)
    move_documents(paths, {sha256[:16]: "2021"})
    assert sorted(entry.partition_year for entry in load_ledger(paths)) == ["2021", "2023"]
    documents = pl.read_parquet(paths.stage / "raw" / "document" / "part.parquet")
    assert sorted(documents["partition_year"]) == ["2021", "2023"]
    assert refresh_ledger(paths, refuse, str).partition_counts == {"2021": 1, "2023": 1}


def test_documents_moved_while_others_are_filed_stay_where_they_were_moved(paths: DataPaths) -> None:
    first = capture(paths, b"2022", "a")
    refresh_ledger(paths, lambda entries: {first[:16]: "2022"}, str)
    second = capture(paths, b"2023", "b")

    def move_meanwhile(entries: Sequence[LedgerEntry]) -> dict[str, str]:
        move_documents(paths, {first[:16]: "2020"})
        return {second[:16]: "2023"}

    assert refresh_ledger(paths, move_meanwhile, str).partition_counts == {"2020": 1, "2023": 1}


def test_bytes_that_cannot_be_used_are_listed_and_tried_again(paths: DataPaths, year_in_text: FindYears) -> None:
    damaged = capture(paths, b"2020", "damaged")
    gone = capture(paths, b"2019", "gone")
    unread = capture(paths, b"2018", "nobody knows its year yet")
    capture(paths, b"2022", "fine")
    store = BlobStore(paths.blobs)
    store.path_of(damaged).write_bytes(b"2O20")
    store.path_of(gone).unlink()
    asked: list[list[str]] = []

    def know_most(entries: Sequence[LedgerEntry]) -> dict[str, str]:
        asked.append([entry.sha256 for entry in entries])
        return {key: year for key, year in year_in_text(entries).items() if key != unread[:16]}

    summary = refresh_ledger(paths, know_most, str)
    assert len(asked[0]) == 2
    assert summary.partition_counts == {"2022": 1, "unknown": 3}
    assert {failure.document_id for failure in summary.failures} == {damaged[:16], gone[:16]}
    messages = " ".join(failure.message for failure in summary.failures)
    assert "damaged" in messages
    assert "no blob" in messages
    store.put(b"2020")
    healed = refresh_ledger(paths, know_most, str)
    assert healed.partition_counts == {"2020": 1, "2022": 1, "unknown": 2}
    assert healed.changed_partitions == ("2020", "unknown")
    assert asked[1] == [damaged]


def test_a_year_that_is_no_partition_is_an_error(paths: DataPaths, year_in_text: FindYears) -> None:
    sha256 = capture(paths, b"1999", "a")
    with pytest.raises(ValueError, match="'1999', which is no partition"):
        refresh_ledger(paths, year_in_text, str)
    refresh_ledger(paths, lambda entries: {}, str)
    with pytest.raises(ValueError, match="'1066', which is no partition"):
        move_documents(paths, {sha256[:16]: "1066"})
    assert [entry.partition_year for entry in load_ledger(paths)] == ["unknown"]


def test_a_document_is_in_the_region_of_its_first_capture_until_it_is_moved(
    paths: DataPaths, year_in_text: FindYears
) -> None:
    sha256 = capture(paths, b"2022", "henan", hours=1)
    capture(paths, b"2022", "hebei", hours=2)
    regions = {"henan": "410000", "hebei": "130000"}
    refresh_ledger(paths, year_in_text, str, lambda first: regions[first.origin_text])
    assert [entry.partition_region for entry in load_ledger(paths)] == ["410000"]
    move_documents(paths, {}, {sha256[:16]: "110000"})
    refresh_ledger(paths, refuse, str, lambda first: regions[first.origin_text])
    assert [(e.partition_year, e.partition_region) for e in load_ledger(paths)] == [("2022", "110000")]


def test_media_type_follows_the_content(paths: DataPaths) -> None:
    capture(paths, b"<html><p>x</p></html>", "logged as text")
    seen: list[str] = []

    def note(entries: Sequence[LedgerEntry]) -> dict[str, str]:
        seen.extend(entry.media_type for entry in entries)
        return {entry.document_id: "unknown" for entry in entries}

    refresh_ledger(paths, note, str)
    assert seen == ["text/html"]
    assert load_ledger(paths)[0].media_type == "text/html"


def test_other_sniffing_files_anew_only_what_it_takes_for_something_else(
    paths: DataPaths, year_in_text: FindYears, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture(paths, b"2022", "a")
    other = capture(paths, b"2023", "b")
    refresh_ledger(paths, year_in_text, str)
    monkeypatch.setattr(sniff, "VERSION", "sniff/0")
    monkeypatch.setattr(sniff, "sniff_media_type", lambda b: "text/html" if b == b"2023" else "text/plain")
    summary = refresh_ledger(paths, lambda entries: {entry.document_id: "2021" for entry in entries}, str)
    assert summary.new_count == 1
    assert summary.partition_counts == {"2021": 1, "2022": 1}
    (entry,) = (entry for entry in load_ledger(paths) if entry.sha256 == other)
    assert (entry.media_type, entry.sniff_version) == ("text/html", "sniff/0")


def test_ledger_of_another_version_is_made_again(paths: DataPaths, year_in_text: FindYears) -> None:
    capture(paths, b"2022", "a")
    refresh_ledger(paths, year_in_text, str)
    ledger = paths.warehouse / "ledger.parquet"
    pl.read_parquet(ledger).rename({"sniff_version": "triage_version"}).write_parquet(ledger)
    assert load_ledger(paths) == []
    assert refresh_ledger(paths, year_in_text, str).new_count == 1


def test_raw_stages_keep_the_contract(paths: DataPaths, year_in_text: FindYears) -> None:
    capture(paths, b"2022", "a")
    capture(paths, b"2022", "b", hours=1)
    refresh_ledger(paths, year_in_text, str)
    captures = pl.read_parquet(paths.stage / "raw" / "capture" / "part.parquet")
    documents = pl.read_parquet(paths.stage / "raw" / "document" / "part.parquet")
    assert captures["origin_text"].to_list() == ["a", "b"]
    assert captures["document_id"].unique().to_list() == documents["document_id"].to_list()
    assert documents.row(0, named=True)["partition_year"] == "2022"


def test_the_stage_says_of_an_origin_what_it_is_told_to_and_the_log_keeps_it(
    paths: DataPaths, year_in_text: FindYears
) -> None:
    capture(paths, b"2022", "wang/a")
    refresh_ledger(paths, year_in_text, lambda origin: origin.upper())
    captures = pl.read_parquet(paths.stage / "raw" / "capture" / "part.parquet")
    assert captures["origin_text"].to_list() == ["WANG/A"]
    assert captures["final_url_text"].to_list() == [None]
    assert CaptureLog(paths.captures).read()[0].origin_text == "wang/a"


def test_an_empty_archive_makes_empty_tables(paths: DataPaths) -> None:
    assert load_ledger(paths) == []
    assert refresh_ledger(paths, refuse, str).partition_counts == {}
    assert load_ledger(paths) == []
    assert pl.read_parquet(paths.stage / "raw" / "document" / "part.parquet").is_empty()


def test_a_refresh_that_began_earlier_forgets_nothing(paths: DataPaths, year_in_text: FindYears) -> None:
    capture(paths, b"2022", "a")
    begun = threading.Event()
    refreshed: list[int] = []

    def refresh_too() -> None:
        begun.set()
        refreshed.append(refresh_ledger(paths, year_in_text, str).new_count)

    other = threading.Thread(target=refresh_too)

    def find_years(entries: Sequence[LedgerEntry]) -> dict[str, str]:
        # Captured, and filed by another run if it may, while this refresh goes on without it
        capture(paths, b"2023", "b")
        other.start()
        begun.wait()
        other.join(0.2)
        return dict(year_in_text(entries))

    refresh_ledger(paths, find_years, str)
    other.join()
    assert refreshed == [1]
    assert {entry.partition_year for entry in load_ledger(paths)} == {"2022", "2023"}
