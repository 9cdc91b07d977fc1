from __future__ import annotations

from pipeline.archive.captures import CaptureLog, make_capture
from pipeline.cli.errors import Exit


def test_both_jobs_run_and_old_months_are_packed(run, data):
    import datetime as dt

    log = CaptureLog(data.captures)
    log.append(make_capture("page", "ab" * 32, dt.datetime(2020, 1, 1, tzinfo=dt.UTC), "text/html", 1))
    result = run("maintain")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert [line.split(",")[0] for line in result.stderr.splitlines()] == ["purge_runs: done", "compact: done"]
    assert [path.suffix for path in data.captures.iterdir()] == [".parquet"]


def test_a_damaged_log_fails_the_job_and_says_where(run, data):
    data.captures.mkdir(parents=True)
    (data.captures / "captures-2020-01.jsonl").write_text('{"broken": 1}\n')
    result = run("maintain")
    assert result.exit_code == Exit.UNEXPECTED
    assert "compact: failed" in result.stderr
    assert "error [run_failed]" in result.stderr
    assert "captures-2020-01.jsonl:1" in result.stderr
