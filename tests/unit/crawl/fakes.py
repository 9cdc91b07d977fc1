"""A site in memory, and a clock that only waiting moves."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from pipeline.crawl.addresses import Refusal, Target
from pipeline.crawl.model import FetchRequest, FetchResult, Outcome
from pipeline.crawl.net import JudgeHop
from pipeline.crawl.progress import CrawlSummary
from pipeline.crawl.run import CrawlOptions, crawl
from pipeline.paths import DataPaths
from pipeline.sources.model import Role, Source

DAY = 86_400.0
# A winter evening in China
EVENING = 1_768_485_600.0
COLUMN = "https://www.a.gov.cn/xxgk/gknb/"


class FakeClock:
    """Waiting takes no time and moves the clock."""

    def __init__(self, now: float = EVENING) -> None:
        self.time = now

    def now(self) -> float:
        return self.time

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        self.time += max(seconds, 0.001)


class NoChance:
    """Jitter of nothing."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@dataclass(slots=True)
class FakePage:
    """One address: its bytes, or the outcome of asking it. etag '' sends no validators and answers no conditions."""

    body: bytes = b""
    outcome: Outcome = Outcome.STORED
    status: int | None = 200
    etag: str = ""
    final_url: str = ""
    retry_after: float | None = None


@dataclass(slots=True)
class FakeSites:
    """Answers by address; anything else is not found. log holds (time, url) of every request but robots.txt."""

    clock: FakeClock
    pages: dict[str, FakePage] = field(default_factory=dict)
    log: list[tuple[float, str]] = field(default_factory=list)
    seconds: float = 0.5
    on_fetch: Callable[[str], None] = lambda url: None
    product: str = "Test"

    def find_target(self, url: str) -> Target | Refusal:
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return Target(parts.scheme, parts.hostname or "", parts.port or 443, target or "/")

    def fetch(self, request: FetchRequest, judge_hop: JudgeHop | None = None) -> FetchResult:
        url = request.site.url
        self.clock.time += self.seconds
        is_robots = url.endswith("/robots.txt")
        missing = FakePage(outcome=Outcome.GONE, status=404)
        page = self.pages.get(url, missing)
        if not is_robots:
            self.log.append((self.clock.time, url))
            self.on_fetch(url)
        if page.etag and request.etag == page.etag:
            page = replace(page, outcome=Outcome.NOT_MODIFIED, status=304)
        headers = [("content-type", "text/html; charset=utf-8")]
        headers += [("etag", page.etag)] if page.etag else []
        return FetchResult(
            request=request,
            outcome=page.outcome,
            final_url=page.final_url or url,
            status=page.status,
            headers=tuple(headers),
            body=page.body if page.outcome is Outcome.STORED else None,
            tls_mode="strict",
            remote_address="",
            http_version="HTTP/1.1",
            elapsed_ms=int(self.seconds * 1000),
            retry_after_seconds=page.retry_after,
            detail="" if page.outcome is Outcome.STORED else "it was so",
        )

    @property
    def asked(self) -> Counter[str]:
        return Counter(url for _, url in self.log)

    def forget_log(self) -> None:
        self.log.clear()


def make_source(source_id: str = "a-nb", url: str = COLUMN, role: Role = Role.LIST, family: str = "auto") -> Source:
    return Source(source_id, "某县人民政府", "410325", "county", url, family, role, None, "", True, "")


def run_crawl(
    paths: DataPaths,
    sites: FakeSites,
    sources: Sequence[Source] | None = None,
    stop: threading.Event | None = None,
    **options: object,
) -> CrawlSummary:
    """One night with one thread."""
    chosen = CrawlOptions(thread_count=1, clock=sites.clock, chance=NoChance(), **options)  # type: ignore[arg-type]
    return crawl(paths, sources or [make_source()], sites, chosen, lambda progress: None, stop or threading.Event())


def write_list(entries: Sequence[tuple[str, str]], extra: str = "") -> bytes:
    """A list page of (address, title)."""
    items = "".join(f'<li><a href="{url}">{title}</a><span>2026-01-20</span></li>' for url, title in entries)
    return f"<html><body><div class='list'><ul>{items}</ul></div>{extra}</body></html>".encode()


def write_report(text: str, attachment: str = "", counter: int = 0) -> bytes:
    link = f'<a href="{attachment}">附件</a>' if attachment else ""
    page = f"<html><body><p>浏览次数：<span>{counter}</span></p><div id='zoom'><p>{text}</p>{link}</div></body></html>"
    return page.encode()


def publish_reports(sites: FakeSites, count: int = 3) -> list[str]:
    """A column with so many reports, the first with a file; their addresses."""
    entries = []
    for number in range(count):
        url = f"{COLUMN}202601/t20260120_{1000 + number}.html"
        entries.append((url, f"某县第{number}局2025年政府信息公开工作年度报告"))
        attachment = f"{COLUMN}202601/P0{number}.pdf" if number == 0 else ""
        sites.pages[url] = FakePage(write_report(f"第{number}局收到申请{number}件", attachment), etag=f'"{number}"')
        if attachment:
            sites.pages[attachment] = FakePage(b"%PDF-1.4 a file", etag='"f"')
    sites.pages[COLUMN] = FakePage(write_list(entries))
    return [url for url, _ in entries]
