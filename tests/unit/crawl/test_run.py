from __future__ import annotations

import itertools
import sqlite3
import threading

import pytest

from pipeline.archive.captures import Capture, CaptureLog
from pipeline.archive.ledger import load_ledger, refresh_ledger
from pipeline.archive.store import BlobStore
from pipeline.crawl.model import Outcome
from pipeline.crawl.rebuild import rebuild_frontier
from pipeline.crawl.run import CrawlRunningError, lock_frontier
from pipeline.paths import DataPaths
from pipeline.sources.model import Role
from tests.unit.crawl.fakes import (
    COLUMN,
    DAY,
    FakePage,
    FakeSites,
    make_source,
    publish_reports,
    run_crawl,
    write_list,
    write_report,
)


def read_states(paths: DataPaths) -> dict[str, str]:
    with sqlite3.connect(paths.frontier) as db:
        return dict(db.execute("SELECT url, state FROM request"))


def read_captures(paths: DataPaths, url: str) -> list[Capture]:
    return [one for one in CaptureLog(paths.captures).read() if one.origin_text == url]


def test_one_night_finds_all_reports_and_their_files(paths: DataPaths, sites: FakeSites) -> None:
    reports = publish_reports(sites)
    summary = run_crawl(paths, sites)
    assert read_states(paths) == dict.fromkeys([COLUMN, *reports, f"{COLUMN}202601/P00.pdf"], "done")
    assert (summary.attempt_count, summary.outcome_counts, summary.alarms) == (5, {"captured": 5}, ())
    assert (summary.is_complete, summary.change_counts) == (True, {"new": 5})
    (file,) = read_captures(paths, f"{COLUMN}202601/P00.pdf")
    (page,) = read_captures(paths, reports[0])
    assert (file.parent_capture_id, file.media_type, file.request_role_code) == (
        page.capture_id,
        "application/pdf",
        "attachment",
    )
    assert (page.source_id, page.change_code, page.tls_mode_code) == ("a-nb", "new", "strict")


def test_pages_of_lists_are_archived_but_no_documents(paths: DataPaths, sites: FakeSites) -> None:
    reports = publish_reports(sites)
    run_crawl(paths, sites)
    refresh_ledger(paths, lambda entries: {entry.document_id: "2025" for entry in entries}, str)
    assert len(load_ledger(paths)) == len(reports) + 1
    (column,) = read_captures(paths, COLUMN)
    assert (column.document_id, column.sha256 is not None) == (None, True)


def test_a_registered_list_that_is_itself_the_report_is_a_document(paths: DataPaths, sites: FakeSites) -> None:
    sites.pages[COLUMN] = FakePage(write_report("收到申请1件"))
    summary = run_crawl(paths, sites)
    (column,) = read_captures(paths, COLUMN)
    assert column.document_id is not None
    assert [alarm.code for alarm in summary.alarms] == ["list_empty"]


def test_every_request_to_a_host_waits_its_turn(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites, 6)
    run_crawl(paths, sites)
    times = [moment for moment, _ in sites.log]
    gaps = [later - earlier - sites.seconds for earlier, later in itertools.pairwise(times)]
    assert min(gaps) >= 2.0


def test_second_night_downloads_nothing_that_has_validators(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites)
    run_crawl(paths, sites)
    sites.clock.time += DAY
    summary = run_crawl(paths, sites)
    # The list has no validators, the file is not due before ninety days are over
    assert summary.outcome_counts == {"captured": 1, "not_modified": 3}
    assert summary.change_counts == {"same": 4}


def test_visits_become_rarer_while_nothing_changes(paths: DataPaths, sites: FakeSites) -> None:
    report = publish_reports(sites, 1)[0]
    visited = []
    for day in range(60):
        sites.forget_log()
        run_crawl(paths, sites)
        visited += [day] * sites.asked[report]
        sites.clock.time = sites.clock.time // DAY * DAY + DAY + 50_400
    assert visited == [0, 1, 4, 11, 41]


def test_click_counters_are_no_change_and_figures_are(paths: DataPaths, sites: FakeSites) -> None:
    report = publish_reports(sites, 1)[0]
    sites.pages[report] = FakePage(write_report("收到申请7件", counter=1))
    run_crawl(paths, sites)
    sites.clock.time += DAY
    sites.pages[report] = FakePage(write_report("收到申请7件", counter=2))
    run_crawl(paths, sites)
    sites.clock.time += 4 * DAY
    sites.pages[report] = FakePage(write_report("收到申请8件", counter=3))
    run_crawl(paths, sites)
    first, second, third = read_captures(paths, report)
    assert [one.change_code for one in (first, second, third)] == ["new", "same", "changed"]
    assert (second.fetch_outcome_code, second.sha256, second.document_id) == (
        "unchanged",
        first.sha256,
        first.document_id,
    )
    assert third.sha256 != first.sha256


def test_bytes_that_were_lost_are_taken_again(paths: DataPaths, sites: FakeSites) -> None:
    report = publish_reports(sites, 1)[0]
    run_crawl(paths, sites)
    kept = read_captures(paths, report)[0].sha256
    store = BlobStore(paths.blobs)
    store.path_of(kept or "").unlink()
    sites.pages[report] = FakePage(write_report("第0局收到申请0件", f"{COLUMN}202601/P00.pdf", counter=5))
    sites.clock.time += DAY
    run_crawl(paths, sites)
    again = read_captures(paths, report)[-1]
    assert (again.fetch_outcome_code, again.change_code) == ("captured", "same")
    assert store.get(again.sha256 or "") == sites.pages[report].body


def test_missing_pages_are_gone_after_three_nights_and_may_come_back(paths: DataPaths, sites: FakeSites) -> None:
    report = publish_reports(sites, 2)[1]
    page = sites.pages[report]
    run_crawl(paths, sites)
    sites.pages[report] = FakePage(outcome=Outcome.GONE, status=404)
    states = []
    for _ in range(3):
        sites.clock.time += DAY
        run_crawl(paths, sites)
        # A second crawl in the same night is no second night
        sites.clock.time += 3600
        run_crawl(paths, sites)
        sites.clock.time -= 3600
        states.append(read_states(paths)[report])
    assert states == ["failed_retryable", "failed_retryable", "gone"]
    sites.pages[report] = page
    sites.clock.time += 91 * DAY
    run_crawl(paths, sites)
    changes = [one.change_code for one in read_captures(paths, report)]
    assert changes == ["new", None, None, "gone", "reappeared"]


def test_failures_are_tried_again_the_same_night(paths: DataPaths, sites: FakeSites) -> None:
    report = publish_reports(sites, 1)[0]
    page = sites.pages[report]
    sites.pages[report] = FakePage(outcome=Outcome.RESET, status=None)

    def mend(url: str) -> None:
        if sites.asked[report] == 2:
            sites.pages[report] = page

    sites.on_fetch = mend
    summary = run_crawl(paths, sites)
    assert read_states(paths)[report] == "done"
    assert summary.failure_counts == {"reset": 2}
    assert [one.fetch_outcome_code for one in read_captures(paths, report)] == ["reset", "reset", "captured"]


def test_a_dead_host_rests_and_does_not_fail_the_night(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites)
    dead = make_source("dead-nb", "https://www.b.gov.cn/nb/")
    sites.pages[dead.column_url] = FakePage(outcome=Outcome.DNS, status=None)
    summary = run_crawl(paths, sites, [make_source(), dead])
    assert sites.asked[dead.column_url] == 4
    assert read_states(paths)[dead.column_url] == "failed_retryable"
    assert summary.alarms == ()
    assert summary.failures_by_host == (("www.b.gov.cn", 4, "dns"),)


def test_a_night_with_nothing_at_all_is_an_alarm(paths: DataPaths, sites: FakeSites) -> None:
    sites.pages[COLUMN] = FakePage(outcome=Outcome.DNS, status=None)
    summary = run_crawl(paths, sites)
    assert [alarm.code for alarm in summary.alarms] == ["night_empty"]


def test_a_challenge_ends_the_night_for_its_host_after_one_request(paths: DataPaths, sites: FakeSites) -> None:
    reports = publish_reports(sites)
    run_crawl(paths, sites)
    sites.forget_log()
    sites.clock.time += DAY
    for page in sites.pages.values():
        page.outcome, page.status = Outcome.CHALLENGE_JSL, 521
    summary = run_crawl(paths, sites)
    assert sum(sites.asked.values()) == 1
    assert summary.resting == (("www.a.gov.cn", "challenge_jsl"),)
    states = read_states(paths)
    assert {states[url] for url in reports} == {"blocked"}


def test_robots_are_obeyed_and_seen(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites)
    sites.pages["https://www.a.gov.cn/robots.txt"] = FakePage(b"User-agent: *\nDisallow: /xxgk/")
    summary = run_crawl(paths, sites)
    assert (sites.log, summary.outcome_counts) == ([], {"robots": 1})
    assert read_states(paths) == {COLUMN: "robots"}


def test_a_host_whose_rules_cannot_be_had_is_not_asked(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites)
    sites.pages["https://www.a.gov.cn/robots.txt"] = FakePage(outcome=Outcome.SERVER_5XX, status=500)
    run_crawl(paths, sites)
    assert (sites.log, read_states(paths)) == ([], {COLUMN: "blocked"})
    del sites.pages["https://www.a.gov.cn/robots.txt"]
    sites.clock.time += DAY
    run_crawl(paths, sites)
    assert set(read_states(paths).values()) == {"done"}


def test_the_same_page_under_three_addresses_is_no_report(paths: DataPaths, sites: FakeSites) -> None:
    reports = publish_reports(sites, 4)
    for url in reports:
        sites.pages[url] = FakePage("<html><body>系统维护中，请稍候</body></html>".encode())
    run_crawl(paths, sites)
    states = read_states(paths)
    assert sorted(states[url] for url in reports) == ["done", "done", "soft404", "soft404"]


def test_stopping_loses_nothing(paths: DataPaths, sites: FakeSites) -> None:
    reports = publish_reports(sites, 5)
    stop = threading.Event()
    sites.on_fetch = lambda url: stop.set() if len(sites.log) == 3 else None
    summary = run_crawl(paths, sites, stop=stop)
    assert (len(sites.log), summary.is_complete, summary.waiting_count) == (3, False, 4)
    assert "inflight" not in read_states(paths).values()
    sites.on_fetch = lambda url: None
    assert run_crawl(paths, sites).is_complete
    assert {read_states(paths)[url] for url in reports} == {"done"}
    assert max(sites.asked.values()) == 1


def test_limits_leave_the_rest_for_the_next_run(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites, 5)
    summary = run_crawl(paths, sites, max_requests=2)
    assert (len(sites.log), summary.is_complete, summary.waiting_count) == (2, False, 5)


def test_later_pages_are_walked_until_nothing_is_new(paths: DataPaths, sites: FakeSites) -> None:
    def publish(page_count: int, newest: int) -> None:
        for number in range(page_count):
            entries = [
                (f"{COLUMN}202601/t20260120_{newest - number * 2 - i}.html", f"{i}局2025年政府信息公开工作年度报告")
                for i in range(2)
            ]
            for url, _ in entries:
                sites.pages.setdefault(url, FakePage(write_report(url), etag=f'"{url}"'))
            pager = f'<script>createPageHTML({page_count}, {number}, "index", "html");</script>'
            sites.pages[f"{COLUMN}index_{number}.html" if number else COLUMN] = FakePage(write_list(entries, pager))

    publish(4, 5000)
    run_crawl(paths, sites)
    assert len([url for url in sites.asked if "/t2026" in url]) == 8
    sites.forget_log()
    sites.clock.time += DAY
    run_crawl(paths, sites)
    assert [url for url in sites.asked if "/t2026" not in url] == [COLUMN]
    sites.forget_log()
    sites.clock.time += DAY
    publish(4, 5001)
    run_crawl(paths, sites)
    # The new entry pushed one over to the second page, where everything was known
    assert [url for url in sites.asked if "/t2026" not in url] == [COLUMN, f"{COLUMN}index_1.html"]


def test_alarms_tell_of_silent_emptiness(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites, 6)
    run_crawl(paths, sites)
    sites.clock.time += DAY
    publish_reports(sites, 2)
    summary = run_crawl(paths, sites)
    assert [(alarm.code, alarm.source_id) for alarm in summary.alarms] == [("reports_dropped", "a-nb")]
    assert "2 reports, 6 at the crawl before" in summary.alarms[0].message


def test_declared_totals_are_compared_with_what_was_seen(paths: DataPaths, sites: FakeSites) -> None:
    report = (f"{COLUMN}202601/t20260120_1.html", "甲局2025年政府信息公开工作年度报告")
    sites.pages[report[0]] = FakePage(write_report("x"))
    pager = '<script>createPageHTML(1, 0, "index", "html", "black2", 9);</script>'
    sites.pages[COLUMN] = FakePage(write_list([report], pager))
    summary = run_crawl(paths, sites, [make_source(family="trs_static")])
    assert [alarm.code for alarm in summary.alarms] == ["count_mismatch"]
    assert "declares 9 entries, 1 were seen" in summary.alarms[0].message


def test_the_column_is_found_from_the_root(paths: DataPaths, sites: FakeSites) -> None:
    reports = publish_reports(sites, 2)
    home = "https://www.a.gov.cn/"
    sites.pages[home] = FakePage(f'<html><body><a href="{COLUMN}">政府信息公开年报</a></body></html>'.encode())
    run_crawl(paths, sites, [make_source(url=home, role=Role.ROOT)])
    assert {read_states(paths)[url] for url in reports} == {"done"}


def test_two_crawls_at_once_are_refused(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites)
    with lock_frontier(paths), pytest.raises(CrawlRunningError, match="another crawl"):
        run_crawl(paths, sites)


def test_a_full_disk_ends_the_run(paths: DataPaths, sites: FakeSites, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_reports(sites)

    def refuse(self: CaptureLog, capture: Capture) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(CaptureLog, "append", refuse)
    with pytest.raises(OSError, match="No space"):
        run_crawl(paths, sites)


KEPT = """url, state, outcome, etag, sha256, content_sha256, capture_id, unchanged_count, missing_count, failing_count,
    depth, list_head, family, due_at"""


def read_requests(paths: DataPaths) -> list[tuple[object, ...]]:
    with sqlite3.connect(paths.frontier) as db:
        return db.execute(f"SELECT {KEPT} FROM request WHERE is_guess = 0 ORDER BY key").fetchall()


def test_the_frontier_can_be_made_again_from_the_captures(paths: DataPaths, sites: FakeSites) -> None:
    reports = publish_reports(sites, 4)
    run_crawl(paths, sites)
    sites.pages[reports[1]] = FakePage(outcome=Outcome.GONE, status=404)
    sites.pages[reports[2]] = FakePage(outcome=Outcome.RESET, status=None)
    sites.pages[reports[3]] = FakePage(write_report("第3局收到申请4件"), etag='"changed"')
    for days in (1, 1, 3):
        sites.clock.time += days * DAY
        run_crawl(paths, sites)
    before = read_requests(paths)
    assert len(before) == 6
    count = rebuild_frontier(paths, [make_source()])
    assert count == len(CaptureLog(paths.captures).read())
    assert read_requests(paths) == before
    sites.forget_log()
    assert run_crawl(paths, sites).attempt_count == 0
