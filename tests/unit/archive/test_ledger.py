from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pipeline.archive.captures import CaptureLog, make_capture
from pipeline.archive.ledger import load_ledger, refresh_ledger
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


def year_in_text(content: bytes, media_type: str) -> str:
    """A triage rule for tests: the text is the partition."""
    return content.decode()


def test_one_entry_per_content_with_its_first_capture(paths: DataPaths) -> None:
    capture(paths, b"2022", "a", hours=3)
    capture(paths, b"2022", "b", hours=1)
    capture(paths, b"unknown", "c")
    summary = refresh_ledger(paths, year_in_text, "1")
    entries = {entry.partition_year: entry for entry in load_ledger(paths)}
    assert entries.keys() == {"2022", "unknown"}
    assert entries["2022"].first_captured_at == NOON + dt.timedelta(hours=1)
    assert entries["2022"].document_id == entries["2022"].sha256[:16]
    assert entries["2022"].byte_count == 4
    assert summary.partition_counts == {"2022": 1, "unknown": 1}
    assert summary.changed_partitions == ("2022", "unknown")
    assert summary.triaged_count == 2
    assert summary.failures == ()


def test_known_documents_are_not_triaged_again(paths: DataPaths) -> None:
    capture(paths, b"2022", "a")
    refresh_ledger(paths, year_in_text, "1")
    ledger = paths.warehouse / "ledger.parquet"
    before = ledger.read_bytes()

    def refuse(content: bytes, media_type: str) -> str:
        raise AssertionError("asked again")

    summary = refresh_ledger(paths, refuse, "1")
    assert (summary.triaged_count, summary.changed_partitions, summary.failures) == (0, (), ())
    assert ledger.read_bytes() == before


def test_another_triage_version_moves_documents(paths: DataPaths) -> None:
    capture(paths, b"2022", "a")
    capture(paths, b"2023", "b")
    refresh_ledger(paths, year_in_text, "1")
    summary = refresh_ledger(paths, lambda content, _: "2021" if content == b"2022" else "2023", "2")
    assert summary.triaged_count == 2
    assert summary.changed_partitions == ("2021", "2022")
    assert {entry.triage_version for entry in load_ledger(paths)} == {"2"}


def test_what_cannot_be_triaged_is_listed_and_tried_again(paths: DataPaths) -> None:
    damaged = capture(paths, b"2020", "damaged")
    gone = capture(paths, b"2019", "gone")
    capture(paths, b"\xff", "breaks the rule")
    capture(paths, b"1999", "no partition")
    capture(paths, b"2022", "fine")
    store = BlobStore(paths.blobs)
    store.path_of(damaged).write_bytes(b"2O20")
    store.path_of(gone).unlink()
    summary = refresh_ledger(paths, year_in_text, "1")
    assert summary.partition_counts == {"2022": 1, "unknown": 4}
    messages = " ".join(failure.message for failure in summary.failures)
    for part in ("damaged", "no blob", "UnicodeDecodeError", "'1999'"):
        assert part in messages
    store.put(b"2020")
    healed = refresh_ledger(paths, year_in_text, "1")
    assert healed.partition_counts == {"2020": 1, "2022": 1, "unknown": 3}
    assert healed.changed_partitions == ("2020", "unknown")
    assert healed.triaged_count == 4


def test_media_type_follows_the_content(paths: DataPaths) -> None:
    seen = []

    def note(content: bytes, media_type: str) -> str:
        seen.append(media_type)
        return "unknown"

    capture(paths, b"<html><p>x</p></html>", "logged as text")
    refresh_ledger(paths, note, "1")
    assert seen == ["text/html"]
    assert load_ledger(paths)[0].media_type == "text/html"


def test_raw_stages_keep_the_contract(paths: DataPaths) -> None:
    capture(paths, b"2022", "a")
    capture(paths, b"2022", "b", hours=1)
    refresh_ledger(paths, year_in_text, "1")
    captures = pl.read_parquet(paths.stage / "raw" / "capture" / "part.parquet")
    documents = pl.read_parquet(paths.stage / "raw" / "document" / "part.parquet")
    assert captures["origin_text"].to_list() == ["a", "b"]
    assert captures["document_id"].unique().to_list() == documents["document_id"].to_list()
    assert documents.row(0, named=True)["partition_year"] == "2022"


def test_an_empty_archive_makes_empty_tables(paths: DataPaths) -> None:
    assert load_ledger(paths) == []
    assert refresh_ledger(paths, year_in_text, "1").partition_counts == {}
    assert load_ledger(paths) == []
    assert pl.read_parquet(paths.stage / "raw" / "document" / "part.parquet").is_empty()
