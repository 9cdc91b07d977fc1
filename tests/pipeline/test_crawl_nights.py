"""Night after night: nothing is downloaded twice, what changed is found, what is killed goes on where it was."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from pipeline.crawl.model import Outcome
from pipeline.paths import REPO_ROOT
from tests.pipeline.crawls_for_tests import (
    crawl_sites,
    find_stored,
    hash_bytes,
    list_captures,
    make_source,
    read_blob,
    wait_until,
)
from tests.sites import RunningSite, SitePlan, start_site, start_sites

# What a crawl killed here and there runs in a process of its own
_CRAWL_ALONE = """
import json, sys
from pathlib import Path
from pipeline.sources.model import Role, Source
from tests.pipeline.crawls_for_tests import crawl_sources
rows = json.loads(sys.argv[2])
crawl_sources(Path(sys.argv[1]), [Source(**(row | {"role": Role(row["role"])})) for row in rows])
"""


def count_bodies(sites: list[RunningSite]) -> int:
    return sum(sum(site.sent_bodies.values()) for site in sites)


def test_a_second_night_downloads_no_document_again(tmp_path: Path) -> None:
    plans = [
        SitePlan("trs_static", documents=16, validators="both"),
        SitePlan("jcms", documents=16, first_number=40, validators="etag"),
        SitePlan("vsb", documents=16, first_number=80, validators="last_modified"),
    ]
    with start_sites(plans) as sites:
        first = crawl_sites(tmp_path, sites)
        bodies = count_bodies(sites)
        assert bodies == sum(len(site.expected) for site in sites)
        second = crawl_sites(tmp_path, sites, days=1.0)
        assert count_bodies(sites) == bodies
        # Reports are visited again after a day, files after ninety
        assert second.outcome_counts[Outcome.NOT_MODIFIED] == sum(len(site.expected_reports) for site in sites)
        assert first.is_complete
        assert second.is_complete


def test_counters_and_nonces_alone_are_no_change(tmp_path: Path) -> None:
    with start_site("trs_static", documents=12, validators="none") as site:
        crawl_sites(tmp_path, [site])
        second = crawl_sites(tmp_path, [site], days=1.0)
        assert second.change_counts == {"same": second.answered_count}
        assert second.outcome_counts.get(Outcome.UNCHANGED, 0) >= len(site.expected_reports)


def test_a_report_changed_under_the_same_date_is_found(tmp_path: Path) -> None:
    plans = [
        SitePlan("trs_static", documents=10, validators="both"),
        SitePlan("trs_static", documents=10, first_number=30, validators="ignored"),
        SitePlan("ucap", documents=10, first_number=60, validators="none"),
    ]
    with start_sites(plans) as sites:
        crawl_sites(tmp_path, sites)
        changed = {sorted(site.expected_reports)[3]: site for site in sites}
        before = find_stored(tmp_path)
        for url, site in changed.items():
            site.change(url)
        second = crawl_sites(tmp_path, sites, days=1.0)
        marked = {each.origin_text for each in list_captures(tmp_path) if each.change_code == "changed"}
        assert marked == set(changed)
        assert second.change_counts["changed"] == len(changed)
        after = find_stored(tmp_path)
        assert {url for url in after if before.get(url) != after[url]} == set(changed)


def test_validators_that_lie_are_found_out_by_asking_for_the_whole_page_now_and_then(tmp_path: Path) -> None:
    with start_site("trs_static", documents=4, validators="last_modified") as site:
        crawl_sites(tmp_path, [site])
        url = sorted(site.expected_reports)[0]
        site.change(url)
        days = 0.0
        for _ in range(5):
            days += 31.0
            crawl_sites(tmp_path, [site], days=days)
        assert "changed" in [each.change_code for each in list_captures(tmp_path) if each.origin_text == url]


def test_a_new_report_is_found_and_a_removed_one_is_gone_after_three_nights(tmp_path: Path) -> None:
    with start_site("trs_static", documents=12) as site:
        crawl_sites(tmp_path, [site])
        added, removed = site.add_document(), sorted(site.expected_reports)[2]
        site.remove(removed)
        for night in (1, 2, 3):
            crawl_sites(tmp_path, [site], days=float(night))
        assert added in find_stored(tmp_path)
        codes = [each.change_code for each in list_captures(tmp_path) if each.origin_text == removed]
        assert codes == ["new", None, None, "gone"]
        assert read_blob(tmp_path, find_stored(tmp_path)[removed])


def test_a_crawl_killed_again_and_again_ends_as_one_that_was_not(tmp_path: Path) -> None:
    plans = [
        SitePlan("trs_static", documents=30, has_sublists=True),
        SitePlan("jcms", "page", documents=30, first_number=60),
        SitePlan("gkmlpt", documents=30, first_number=120),
    ]
    chance = random.Random(20)
    with start_sites(plans) as sites:
        total = sum(len(site.expected) for site in sites)
        for _ in range(5):
            # At least one request further each time, so that the kills hit different places
            kill_crawl_after(tmp_path, sites, count_requests(sites) + chance.randrange(1, total // 6))
        assert len(find_stored(tmp_path)) < total, "every crawl came to its end before it was killed"
        summary = crawl_sites(tmp_path, sites)
        assert summary.is_complete
        stored = find_stored(tmp_path)
        whole = tmp_path / "whole"
        crawl_sites(whole, sites)
        # Pages with counters have other bytes each time; addresses and files are the same
        assert set(stored) == set(find_stored(whole))
        files = [url for site in sites for url in sorted(site.expected_attachments)]
        assert [stored[url] for url in files] == [hash_bytes(site_of(url, sites).read_body(url)) for url in files]
        # What was on disk before a kill was not downloaded again: at most the requests in flight and unwritten ones
        again = sum(count - 2 for site in sites for count in site.sent_bodies.values() if count > 2)
        assert again <= 5 * 8


def count_requests(sites: list[RunningSite]) -> int:
    return sum(len(site.log) for site in sites)


def kill_crawl_after(root: Path, sites: list[RunningSite], requests: int) -> None:
    """Crawl in a process of its own, and kill it once the sites have seen so many requests in all."""
    crawling = start_crawl_alone(root, sites)
    try:
        wait_until(lambda: count_requests(sites) >= requests or crawling.poll() is not None)
    finally:
        crawling.kill()
        crawling.wait()


def site_of(url: str, sites: list[RunningSite]) -> RunningSite:
    return next(site for site in sites if url.startswith(f"{site.base_url}/"))


def start_crawl_alone(root: Path, sites: list[RunningSite]) -> subprocess.Popen[bytes]:
    """The crawl in a process of its own, which may be killed."""
    rows = json.dumps([asdict(make_source(site)) for site in sites])
    return subprocess.Popen([sys.executable, "-c", _CRAWL_ALONE, str(root), rows], cwd=REPO_ROOT)
