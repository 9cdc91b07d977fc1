from __future__ import annotations

import datetime as dt
import json
import multiprocessing
from dataclasses import asdict
from pathlib import Path

import pytest

from pipeline.archive.captures import (
    NOT_MODIFIED,
    Capture,
    CaptureLog,
    CaptureLogDamagedError,
    Fetch,
    make_capture,
    make_failed_capture,
)
from pipeline.contract.frames import make_frame

NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
SHA = "0123456789abcdef" * 4


def capture_at(moment: dt.datetime, origin: str = "inbox/年报.html") -> Capture:
    return make_capture(origin, SHA, moment, "text/html", 42)


def append_many(root: Path, first: int) -> None:
    log = CaptureLog(root)
    for number in range(first, first + 25):
        log.append(capture_at(NOON, f"inbox/{number}"))


def test_identifiers_are_derived() -> None:
    capture = capture_at(NOON)
    assert capture.document_id == SHA[:16]
    assert len(capture.capture_id) == 16
    assert capture_at(NOON) == capture
    assert capture_at(NOON, "inbox/b").capture_id != capture.capture_id
    assert capture_at(NOON + dt.timedelta(microseconds=1)).capture_id != capture.capture_id


def test_time_is_kept_in_utc() -> None:
    beijing = dt.timezone(dt.timedelta(hours=8))
    assert capture_at(NOON.astimezone(beijing)) == capture_at(NOON)
    with pytest.raises(ValueError, match="no time zone"):
        capture_at(NOON.replace(tzinfo=None))


def test_reads_back_in_order_over_months(tmp_path: Path) -> None:
    log = CaptureLog(tmp_path / "captures")
    captures = [capture_at(NOON), capture_at(NOON, "b"), capture_at(NOON + dt.timedelta(days=31))]
    for capture in captures:
        log.append(capture)
    assert log.read() == captures
    assert sorted(p.name for p in log.root.iterdir()) == ["captures-2026-03.jsonl", "captures-2026-04.jsonl"]


def test_no_log_is_no_captures(tmp_path: Path) -> None:
    assert CaptureLog(tmp_path / "nowhere").read() == []


def test_every_possible_tear_of_the_last_line_loses_only_that_line(tmp_path: Path) -> None:
    path = tmp_path / "captures-2026-03.jsonl"
    log = CaptureLog(tmp_path)
    first, second, third = capture_at(NOON), capture_at(NOON, "b"), capture_at(NOON, "c")
    log.append(first)
    whole = path.read_bytes()
    log.append(second)
    both = path.read_bytes()
    for size in range(len(whole), len(both)):
        path.write_bytes(both[:size])
        # Without its line end only, the line is complete and counts
        survivors = [first, second] if size == len(both) - 1 else [first]
        assert log.read() == survivors
        log.append(third)
        assert log.read() == [*survivors, third]


def test_a_hole_of_nul_bytes_after_a_power_failure_is_passed_over(tmp_path: Path) -> None:
    log = CaptureLog(tmp_path)
    log.append(capture_at(NOON))
    with (tmp_path / "captures-2026-03.jsonl").open("ab") as stream:
        stream.write(bytes(100))
    log.append(capture_at(NOON, "b"))
    assert [c.origin_text for c in log.read()] == ["inbox/年报.html", "b"]


ANSWER = Fetch("captured", "c" * 16, "https://a.gov.cn/2", 200, "text/html; charset=gbk", '"e1"', "Sun, 01 Mar 2026")


def test_what_a_server_said_is_kept(tmp_path: Path) -> None:
    log = CaptureLog(tmp_path)
    fetched = make_capture("https://a.gov.cn/1", SHA, NOON, "text/html", 42, ANSWER)
    again = make_capture("https://a.gov.cn/1", SHA, NOON, "text/html", 42, Fetch(NOT_MODIFIED, http_status=304))
    failed = make_failed_capture("https://a.gov.cn/3", NOON, Fetch("gone", http_status=404))
    for capture in (fetched, again, failed):
        log.append(capture)
    assert log.read() == [fetched, again, failed]
    assert (fetched.http_status, fetched.etag_text, again.document_id) == (200, '"e1"', SHA[:16])
    assert (failed.document_id, failed.sha256, failed.media_type, failed.byte_count) == (None,) * 4
    assert make_frame("raw.capture", [asdict(one) for one in log.read()]).height == 3


def test_line_from_before_fetches_were_logged_reads(tmp_path: Path) -> None:
    line = {
        "capture_id": "0" * 16,
        "document_id": SHA[:16],
        "sha256": SHA,
        "origin_text": "inbox/a.html",
        "captured_at": "2025-03-01T12:00:00+00:00",
        "media_type": "text/html",
        "byte_count": 42,
    }
    (tmp_path / "captures-2025-03.jsonl").write_text(json.dumps(line) + "\n")
    (capture,) = CaptureLog(tmp_path).read()
    assert (capture.fetch_outcome_code, capture.parent_capture_id, capture.http_status) == ("captured", None, None)


def test_bytes_and_outcome_must_agree() -> None:
    with pytest.raises(ValueError, match="not one of"):
        make_failed_capture("a", NOON, Fetch("gone fishing"))
    with pytest.raises(ValueError, match="for content"):
        make_failed_capture("a", NOON, Fetch("captured"))
    with pytest.raises(ValueError, match="for content"):
        make_capture("a", SHA, NOON, "text/html", 42, Fetch("gone"))


@pytest.mark.parametrize(
    "line",
    [
        b'{"capture_id": "x"}',
        b'{"captured_at": 3}',
        b"{broken}",
        b'["x"}',
        b'{"capture_id": "x", "origin_text": "a", "captured_at": "2025-03-01T12:00:00+00:00"}',
    ],
)
def test_a_whole_line_that_does_not_read_is_no_crash_remnant(tmp_path: Path, line: bytes) -> None:
    log = CaptureLog(tmp_path)
    log.append(capture_at(NOON))
    with (tmp_path / "captures-2026-03.jsonl").open("ab") as stream:
        stream.write(line + b"\n")
    with pytest.raises(CaptureLogDamagedError, match=r"captures-2026-03\.jsonl:2.*restore"):
        log.read()


def test_processes_append_whole_lines(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=append_many, args=(tmp_path, first)) for first in (0, 100, 200)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    origins = {capture.origin_text for capture in CaptureLog(tmp_path).read()}
    assert origins == {f"inbox/{first + n}" for first in (0, 100, 200) for n in range(25)}
