from __future__ import annotations

import datetime as dt
import fcntl
from pathlib import Path

import pytest

from pipeline.archive import compaction
from pipeline.archive.captures import CaptureLog, Fetch, make_capture, make_failed_capture
from pipeline.archive.compaction import CompactionError, compact_months

MARCH = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
SHA = "0123456789abcdef" * 4


def fill_log(root: Path) -> CaptureLog:
    log = CaptureLog(root)
    log.append(
        make_capture("https://a.gov.cn/年报", SHA, MARCH, "text/html", 42, Fetch(http_status=200, source_id="a"))
    )
    log.append(make_failed_capture("https://a.gov.cn/2", MARCH, Fetch("gone", http_status=404)))
    log.append(make_capture("inbox/b", SHA, MARCH + dt.timedelta(days=31), "text/html", 42))
    log.append(make_capture("inbox/c", SHA, MARCH + dt.timedelta(days=62), "text/html", 42))
    return log


def test_past_months_become_parquet_and_read_the_same(tmp_path: Path) -> None:
    log = fill_log(tmp_path)
    before = log.read()
    assert compact_months(tmp_path, "2026-05") == ["2026-03", "2026-04"]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["captures-2026-03.parquet", "captures-2026-04.parquet", "captures-2026-05.jsonl"]
    assert log.read() == before
    assert compact_months(tmp_path, "2026-05") == []


def test_lines_added_to_a_compacted_month_are_merged_and_none_twice(tmp_path: Path) -> None:
    log = fill_log(tmp_path)
    lines = (tmp_path / "captures-2026-03.jsonl").read_bytes()
    compact_months(tmp_path, "2026-05")
    # A crash between writing and removing left the lines behind; later one more came
    (tmp_path / "captures-2026-03.jsonl").write_bytes(lines)
    assert [one.origin_text for one in log.read()].count("https://a.gov.cn/2") == 1
    late = make_capture("inbox/late", SHA, MARCH, "text/html", 42)
    log.append(late)
    compact_months(tmp_path, "2026-05")
    origins = [one.origin_text for one in log.read()]
    assert origins == ["https://a.gov.cn/年报", "https://a.gov.cn/2", "inbox/late", "inbox/b", "inbox/c"]


def test_lines_stay_where_the_file_does_not_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = fill_log(tmp_path)
    before = log.read()
    monkeypatch.setattr(compaction, "read_compacted", lambda path: iter(()))
    with pytest.raises(CompactionError, match="stays as it is"):
        compact_months(tmp_path, "2026-05")
    assert log.read() == before


def test_what_was_compacted_before_stays_where_the_file_with_more_does_not_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = fill_log(tmp_path)
    compact_months(tmp_path, "2026-05")
    log.append(make_capture("inbox/late", SHA, MARCH, "text/html", 42))
    before = log.read()
    encode = compaction._encode
    monkeypatch.setattr(compaction, "_encode", lambda captures: encode(captures[:1]))
    with pytest.raises(CompactionError):
        compact_months(tmp_path, "2026-05")
    assert log.read() == before


def test_a_line_that_waited_for_the_compaction_of_its_month_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = fill_log(tmp_path)
    lock, waited = fcntl.flock, []

    def compact_meanwhile(descriptor: int, operation: int) -> None:
        if not waited:
            waited.append(descriptor)
            compact_months(tmp_path, "2026-05")
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", compact_meanwhile)
    log.append(make_capture("inbox/late", SHA, MARCH, "text/html", 42))
    assert [one.origin_text for one in log.read()].count("inbox/late") == 1


def test_a_month_that_is_compacted_while_it_is_read_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = fill_log(tmp_path)
    before = log.read()
    is_file = Path.is_file

    def compact_meanwhile(path: Path) -> bool:
        found = is_file(path)
        if path.name == "captures-2026-03.parquet" and not found:
            monkeypatch.undo()
            compact_months(tmp_path, "2026-05")
        return found

    monkeypatch.setattr(Path, "is_file", compact_meanwhile)
    assert log.read() == before
    assert is_file(tmp_path / "captures-2026-03.parquet")
