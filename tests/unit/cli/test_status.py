"""`touming status`: what stands, what failed, what is missing, also where there is nothing yet."""

from __future__ import annotations

import json

import duckdb
import pytest

from pipeline.crawl import health
from pipeline.crawl.health import CrawlStatus
from pipeline.orchestration.failures import describe_run_failure, write_last_failure

TABLES = """
CREATE SCHEMA meta; CREATE SCHEMA core; CREATE SCHEMA mart;
CREATE TABLE meta.build AS SELECT 'abc' AS build_id, '1.0.0' AS schema_version;
CREATE TABLE core.reading AS SELECT * FROM (VALUES ('report', NULL), ('report', NULL), ('failed', 'needs_ocr'))
    AS t (reading_outcome, reject_reason_code);
CREATE TABLE core.report AS SELECT 'holds' AS grade_code, true AS is_latest;
CREATE TABLE mart.coverage AS SELECT 2023 AS report_year, '000000' AS region_code, 'all' AS division_level,
    9 AS due_count, 4 AS published_count, 1 AS late_count, 3 AS not_found_count, 2 AS blocked_count;
"""


@pytest.fixture
def warehouse(data):
    data.published.parent.mkdir(parents=True)
    with duckdb.connect(str(data.published)) as con:
        con.execute(TABLES)
    return data


@pytest.fixture
def crawled(monkeypatch):
    last = {
        "ended_at": None,
        "attempt_count": 7,
        "outcome_counts": {"captured": 5, "challenge_jsl": 2},
        "change_counts": {"new": 5},
        "failures_by_host": [["www.a.gov.cn", 2, "challenge_jsl"]],
    }
    alarms = (("list_empty", "a-nb", "the list shows nothing"),)
    status = CrawlStatus(last, {"done": 5, "blocked": 2}, {"refused": 1}, alarms)
    monkeypatch.setattr(health, "read_status", lambda paths, sources: status)


def test_where_there_is_nothing_it_says_so(run, data):
    result = run("status")
    assert result.exit_code == 0
    assert "touming run builds one" in result.stdout
    assert "crawl       none yet" in result.stdout
    assert json.loads(run("status", "--json").stdout)["warehouse"] == {}


def test_it_tells_what_was_read_and_what_is_missing(run, warehouse):
    text = run("status").stdout
    assert "build abc, schema 1.0.0" in text
    assert "1 failed, 2 report" in text
    assert "1 × failed: needs_ocr" in text
    assert "2023: 4 of 9 reports due, 1 late, 3 not found, 2 behind closed sites" in text


def test_failures_of_the_crawl_are_told_by_class_and_host(run, data, crawled):
    text = run("status").stdout
    assert "7 requests: 5 captured, 2 challenge_jsl" in text
    assert "www.a.gov.cn: 2 × challenge_jsl" in text
    assert "alarm       list_empty a-nb: the list shows nothing" in text
    told = json.loads(run("status", "--json").stdout)["crawl"]
    assert told["last_run"]["outcome_counts"]["challenge_jsl"] == 2


@pytest.mark.parametrize(
    ("failed_at", "said"),
    [("2000-01-01T00:00:00+00:00", "published again since"), ("2999-01-01T00:00:00+00:00", "Look at memory")],
)
def test_last_failure_is_shown_with_what_came_after_it(run, warehouse, failed_at, said):
    write_last_failure(warehouse, describe_run_failure("4f2a", "nightly", [], failed_at))
    result = run("status")
    assert f"{failed_at} nightly, outside its steps [run_killed], run 4f2a" in result.stdout
    assert said in result.stdout
    assert json.loads(run("status", "--json").stdout)["last_failure"]["code"] == "run_killed"


def test_a_file_that_is_no_warehouse_is_an_error_with_a_code(run, data):
    data.published.parent.mkdir(parents=True)
    data.published.write_bytes(b"x" * 5_000)
    result = run("status")
    assert result.exit_code == 5
    assert "warehouse_unreadable" in result.stderr


def test_a_wrong_line_of_the_folders_own_register_is_named(run, data):
    data.root.mkdir()
    data.sources.write_text("source_id\nx\n")
    result = run("status")
    assert result.exit_code == 2
    assert f"error [registry_wrong]: {data.sources}" in result.stderr
