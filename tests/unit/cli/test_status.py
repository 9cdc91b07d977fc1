"""`touming status`: what stands, what failed, what is missing, also where there is nothing yet."""

from __future__ import annotations

import json
import os
import shutil
import time

import pytest

from pipeline.cli.status_view import describe_age
from pipeline.contract.issue_catalogue import load_issue_catalogue
from pipeline.crawl import health
from pipeline.crawl.health import CrawlStatus
from pipeline.issues import IssueCode
from pipeline.orchestration.failures import describe_run_failure, write_last_failure

TABLES = """
CREATE SCHEMA meta; CREATE SCHEMA core; CREATE SCHEMA mart;
CREATE TABLE meta.build AS SELECT 'abc' AS build_id, '1.0.0' AS schema_version;
CREATE TABLE core.reading AS SELECT * FROM (VALUES ('report', NULL), ('report', NULL), ('failed', 'needs_ocr'))
    AS t (reading_outcome, reject_reason_code);
CREATE TABLE core.report AS SELECT 'holds' AS grade_code, true AS is_latest;
CREATE TABLE mart.coverage AS SELECT 2023 AS report_year, '000000' AS region_code, 'all' AS division_level,
    11 AS expected_count, 9 AS due_count, 4 AS published_count, 1 AS late_count, 0 AS after_close_count,
    3 AS not_found_count, 2 AS blocked_count, 0 AS unreadable_count;
"""


@pytest.fixture
def warehouse(data, publish_tables):
    publish_tables(TABLES)
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
    assert "2023: 11 expected, 9 due: 4 reported (1 of them late" in text
    assert "3 missing, 2 behind closed sites" in text


def test_it_tells_what_to_do_about_a_failure(run, warehouse):
    lines = run("status").stdout.splitlines()
    place = lines.index("            1 × failed: needs_ocr")
    next_step = load_issue_catalogue()[IssueCode.NEEDS_OCR].next_step
    assert lines[place + 1] == f"              next: {next_step}"
    reasons = json.loads(run("status", "--json").stdout)["warehouse"]["reasons"]
    assert reasons == [{"outcome": "failed", "code": "needs_ocr", "count": 1, "next_step": next_step}]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(5, "5 seconds ago"), (7_199, "119 minutes ago"), (170_000, "47 hours ago"), (1e6, "11 days ago")],
)
def test_age_is_told_in_words(seconds, said):
    assert describe_age(seconds) == said


def test_it_tells_how_old_the_published_file_is(run, warehouse):
    os.utime(warehouse.published, (time.time() - 3 * 86_400 - 60,) * 2)
    assert "3 days ago" in run("status").stdout
    assert json.loads(run("status", "--json").stdout)["warehouse"]["age_seconds"] >= 3 * 86_400


def test_it_tells_what_waits(run, data, sample):
    run("ingest", str(sample))
    data.inbox.mkdir()
    shutil.copy(sample, data.inbox / "again.txt")
    waiting = json.loads(run("status", "--json").stdout)["waiting"]
    assert waiting == {"inbox_file_count": 1, "unfiled_count": 1, "unread_count": 0, "outdated_count": 0}
    assert "1 captured and not filed, 1 files in the inbox" in run("status").stdout


def test_it_tells_of_the_last_night(run, data, sample):
    data.inbox.mkdir(parents=True)
    shutil.copy(sample, data.inbox)
    assert run("run").exit_code == 0
    shown = json.loads(run("status", "--json").stdout)
    night = shown["last_night"]
    assert (night["job"], night["status"]) == ("nightly", "success")
    assert (night["new_capture_count"], night["read_count"]) == (1, 1)
    assert night["started_at"] <= night["ended_at"]
    assert set(shown["waiting"].values()) == {0}
    assert "last night  success" in run("status").stdout


def test_records_that_cannot_be_opened_are_told_and_stop_nothing(run, warehouse, monkeypatch):
    monkeypatch.setenv("TOUMING_POSTGRES_URL", "postgresql+psycopg2://nobody@127.0.0.1:1/none")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run("status")
    assert result.exit_code == 0
    assert "last night  not known [postgres_missing]" in result.stdout
    assert json.loads(run("status", "--json").stdout)["problems"][0]["code"] == "postgres_missing"


def test_the_keys_for_programs_are_these(run, data):
    shown = json.loads(run("status", "--json").stdout)
    assert list(shown) == ["warehouse", "last_night", "waiting", "last_failure", "crawl", "problems"]
    assert (shown["last_night"], shown["problems"]) == (None, [])
    assert not data.root.exists()


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
