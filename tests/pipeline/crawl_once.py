"""A process that crawls local sites and tells each answer on stdout, for tests that kill it.

Arguments: the data folder, then the address of each column.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.crawl.model import FetchRequest, FetchResult
from pipeline.crawl.net import Fetcher, JudgeHop
from pipeline.crawl.policy import Pace
from pipeline.crawl.progress import CrawlSummary
from pipeline.crawl.run import CrawlOptions, crawl
from pipeline.paths import DataPaths
from pipeline.sources.model import Role, Source
from pipeline.sources.overrides import HostOverride

AGENT = "ToumingBot/0 (+https://example.org/crawl; crawl@example.org)"


class TellingFetcher(Fetcher):
    """Says when an answer came, before anything is made of it."""

    def fetch(self, request: FetchRequest, judge_hop: JudgeHop | None = None) -> FetchResult:
        result = super().fetch(request, judge_hop)
        print(request.site.url, flush=True)  # noqa: T201 (it is what this process is for)
        return result


def list_sources(columns: list[str]) -> list[Source]:
    return [
        Source(f"s-{n}", "某县人民政府", "410325", "county", url, "auto", Role.LIST, None, "", True, "")
        for n, url in enumerate(columns)
    ]


def crawl_once(root: Path, columns: list[str], kind: type[Fetcher] = Fetcher) -> CrawlSummary:
    overrides = {}
    for column in columns:
        parts = urlsplit(column)
        host = parts.hostname or ""
        overrides[host] = HostOverride(host, None, "plain", False, (), (parts.port or 80,), "a local site")
    fetcher = kind(
        user_agent=AGENT, allowed_hosts=lambda host: host in overrides, overrides=overrides, allow_loopback=True
    )
    options = CrawlOptions(pace=Pace(least_delay=0.0, latency_factor=0.0), overrides=overrides, thread_count=4)
    return crawl(DataPaths(root), list_sources(columns), fetcher, options, lambda progress: None, threading.Event())


if __name__ == "__main__":
    crawl_once(Path(sys.argv[1]), sys.argv[2:], TellingFetcher)
