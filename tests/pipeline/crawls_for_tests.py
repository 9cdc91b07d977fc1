"""Crawling local sites from end to end: sources for them, a pace that takes no evening, and what was archived."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.archive.captures import Capture, CaptureLog
from pipeline.archive.store import BlobStore
from pipeline.crawl.limits import FetchLimits, make_user_agent
from pipeline.crawl.net import Fetcher
from pipeline.crawl.policy import Pace
from pipeline.crawl.progress import CrawlSummary
from pipeline.crawl.run import CrawlOptions, crawl
from pipeline.paths import DataPaths
from pipeline.sources.model import Role, Source
from tests.sites import RunningSite

USER_AGENT = make_user_agent("0", "https://example.org/crawl", "crawl@example.org")
# Everything as in a real night but for its length: pauses and waits are a hundredth
QUICK = Pace(
    least_delay=0.005, longest_delay=0.05, latency_factor=0.0, retry_waits=(0.05, 0.1, 0.2), longest_retry_after=5.0
)
# Small enough that an endless answer ends soon, large enough for every document here
SMALL = FetchLimits(
    connect_seconds=20, read_seconds=20, total_seconds=60, page_bytes=2_000_000, attachment_bytes=2_000_000
)
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class LaterClock:
    """The machine's clock, so many days later."""

    days: float = 0.0

    def now(self) -> float:
        return time.time() + self.days * DAY

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        condition.wait(min(max(seconds, 0.0), 0.2))


def make_source(site: RunningSite, family: str = "", role: Role = Role.LIST) -> Source:
    """The registry's row for a local site; its family as registered, 'auto' where it is to be found out."""
    return Source(
        source_id=f"site-{site.host.replace('.', '-')}-{site.port}",
        organ_name="某县人民政府",
        division_code="410300",
        division_level="county",
        column_url=site.column_url,
        family=family or site.plan.family,
        role=role,
        expected_from_year=None,
        last_verified_date="",
        is_enabled=True,
        note_text="",
    )


def make_fetcher(sites: Iterable[RunningSite], limits: FetchLimits = SMALL, **options: Any) -> Fetcher:
    """A fetcher that may ask these sites and nobody else."""
    hosts = {site.host for site in sites}
    options = {"allow_loopback": True, "allowed_hosts": lambda host: host in hosts} | options
    return Fetcher(user_agent=USER_AGENT, limits=limits, **options)


def crawl_sites(
    root: Path,
    sites: Sequence[RunningSite],
    *,
    days: float = 0.0,
    pace: Pace = QUICK,
    family: str = "",
    sources: Sequence[Source] = (),
    fetcher: Fetcher | None = None,
    stop: threading.Event | None = None,
    **options: Any,
) -> CrawlSummary:
    """One night over local sites, so many days after today."""
    return crawl(
        DataPaths(root),
        sources or [make_source(site, family) for site in sites],
        fetcher or make_fetcher(sites),
        CrawlOptions(pace=pace, clock=LaterClock(days), **({"thread_count": 8} | options)),
        lambda progress: None,
        stop or threading.Event(),
    )


def crawl_sources(root: Path, sources: Sequence[Source]) -> CrawlSummary:
    """One night over local sites that another process serves."""
    hosts = {urlsplit(source.column_url).hostname for source in sources}
    fetcher = make_fetcher([], allowed_hosts=lambda host: host in hosts)
    return crawl_sites(root, [], sources=sources, fetcher=fetcher)


def list_captures(root: Path) -> list[Capture]:
    """Every capture of a data folder, in the order they were written."""
    return list(CaptureLog(DataPaths(root).captures).read())


def find_stored(root: Path) -> dict[str, str]:
    """Address -> sha256 of its latest bytes, of every page and file that was archived (not of members of archives)."""
    captures = [each for each in list_captures(root) if each.sha256 is not None and each.request_role_code is not None]
    return {each.origin_text: str(each.sha256) for each in captures}


def find_outcomes(root: Path) -> dict[str, str]:
    """Address -> how the latest attempt at it ended."""
    captures = [each for each in list_captures(root) if each.request_role_code is not None]
    return {each.origin_text: each.fetch_outcome_code for each in captures}


def read_blob(root: Path, sha256: str) -> bytes:
    return BlobStore(DataPaths(root).blobs).get(sha256)


def hash_bytes(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def list_damaged_files(root: Path, site: RunningSite, stored: Mapping[str, str]) -> list[str]:
    """Files that were archived with other bytes than the site sends."""
    return [
        url
        for url in sorted(site.expected_attachments & stored.keys())
        if stored[url] != hash_bytes(site.read_body(url))
    ]


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Until something has happened elsewhere; AssertionError when it does not."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.01)
