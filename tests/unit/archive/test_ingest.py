from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.archive import ingest
from pipeline.archive.captures import CaptureLog
from pipeline.archive.ingest import IngestSummary, ingest_paths
from pipeline.archive.store import BlobStore

Ingest = Callable[..., IngestSummary]


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


@pytest.fixture
def log(tmp_path: Path) -> CaptureLog:
    return CaptureLog(tmp_path / "captures")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    (folder / "2022").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "2022" / "b.txt").write_text("总体情况")
    (folder / "a.html").write_text("<html><p>a</p></html>")
    (folder / ".gitkeep").touch()
    (folder / ".hidden" / "c.txt").write_text("c")
    return folder


@pytest.fixture
def take(store: BlobStore, log: CaptureLog) -> Ingest:
    seconds = itertools.count()
    start = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    return lambda *patterns: ingest_paths(patterns, store, log, lambda: start + dt.timedelta(seconds=next(seconds)))


def test_a_folder_is_walked_in_order_without_hidden_files(inbox: Path, take: Ingest, store: BlobStore) -> None:
    summary = take(inbox)
    assert [c.origin_text for c in summary.new] == ["inbox/a.html", "inbox/2022/b.txt"]
    assert [c.media_type for c in summary.new] == ["text/html", "text/plain"]
    assert [c.byte_count for c in summary.new] == [21, 12]
    assert store.get(summary.new[1].sha256).decode() == "总体情况"
    assert summary.counts == {"new": 2, "known": 0, "missing": 0, "unreadable": 0}


def test_unchanged_files_add_nothing(inbox: Path, take: Ingest, log: CaptureLog) -> None:
    take(inbox)
    before = log.read()
    again = take(inbox)
    assert again.new == ()
    assert again.known == ("inbox/a.html", "inbox/2022/b.txt")
    assert log.read() == before


def test_changed_bytes_are_a_new_capture_and_the_old_ones_stay(inbox: Path, take: Ingest, store: BlobStore) -> None:
    first = take(inbox).new[0]
    (inbox / "a.html").write_text("<html><p>b</p></html>")
    second = take(inbox).new
    assert [c.origin_text for c in second] == ["inbox/a.html"]
    assert store.get(first.sha256) != store.get(second[0].sha256)
    (inbox / "a.html").write_text("<html><p>a</p></html>")
    assert [c.sha256 for c in take(inbox).new] == [first.sha256]


def test_the_same_bytes_elsewhere_are_one_blob_and_two_captures(inbox: Path, take: Ingest, store: BlobStore) -> None:
    (inbox / "copy.html").write_bytes((inbox / "a.html").read_bytes())
    assert len({c.sha256 for c in take(inbox).new}) == 2
    assert len([p for p in store.root.rglob("*") if p.is_file()]) == 2


def test_a_file_and_a_pattern_know_it_by_the_folder_they_begin_in(inbox: Path, take: Ingest) -> None:
    assert [c.origin_text for c in take(inbox / "a.html").new] == ["inbox/a.html"]
    assert [c.origin_text for c in take(f"{inbox}/**/*.txt").new] == ["inbox/2022/b.txt"]
    assert take(f"{inbox}/*").counts["known"] == 2


def test_a_file_named_twice_is_taken_once(inbox: Path, take: Ingest) -> None:
    assert take(inbox, inbox / "a.html", f"{inbox}/*.html").counts == {
        "new": 2,
        "known": 0,
        "missing": 0,
        "unreadable": 0,
    }


def test_what_matches_nothing_is_named(inbox: Path, take: Ingest, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    summary = take(inbox / "no.html", f"{inbox}/*.pdf", tmp_path / "empty", inbox)
    assert summary.missing == (str(inbox / "no.html"), f"{inbox}/*.pdf")
    assert len(summary.new) == 2


def test_brackets_in_a_name_are_no_pattern(inbox: Path, take: Ingest) -> None:
    (inbox / "[2022].txt").write_text("x")
    assert [c.origin_text for c in take(inbox / "[2022].txt").new] == ["inbox/[2022].txt"]


def test_unreadable_files_stop_nothing(inbox: Path, take: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / "broken link").symlink_to(inbox / "gone")
    (inbox / "a0.txt").write_text("refused by the disk")
    read_bytes = Path.read_bytes

    def refuse_one(path: Path) -> bytes:
        if path.name == "a0.txt":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse_one)
    summary = take(inbox)
    assert len(summary.new) == 2
    failures = {Path(f.path).name: f.message for f in summary.unreadable}
    assert failures.keys() == {"broken link", "a0.txt"}
    assert "Permission denied" in failures["a0.txt"]


def test_a_huge_file_is_left_out_by_name(inbox: Path, take: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "MAX_FILE_BYTES", 20)
    summary = take(inbox)
    assert [c.origin_text for c in summary.new] == ["inbox/2022/b.txt"]
    assert "21 bytes, the limit is 20" in summary.unreadable[0].message


def test_two_files_never_take_turns_at_one_origin(take: Ingest, tmp_path: Path, log: CaptureLog) -> None:
    for parent in ("x", "y"):
        (tmp_path / parent / "reports").mkdir(parents=True)
        (tmp_path / parent / "reports" / "a.txt").write_text(parent)
    folders = (tmp_path / "x" / "reports", tmp_path / "y" / "reports")
    assert take(*folders).counts == {"new": 1, "known": 0, "missing": 0, "unreadable": 1}
    assert take(*folders).counts == {"new": 0, "known": 1, "missing": 0, "unreadable": 1}
    assert len(log.read()) == 1


def test_two_at_once_capture_a_file_once(inbox: Path, store: BlobStore, log: CaptureLog) -> None:
    def take_in(_: int) -> IngestSummary:
        return ingest_paths([inbox], store, log, lambda: dt.datetime.now(dt.UTC))

    with ThreadPoolExecutor(4) as threads:
        summaries = list(threads.map(take_in, range(4)))
    assert sorted(len(summary.new) for summary in summaries) == [0, 0, 0, 2]
    assert len(log.read()) == 2
