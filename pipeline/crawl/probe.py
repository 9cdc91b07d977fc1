"""One look at an address: what kind of site it is, and what the crawl would make of it. How a site is added.

Belongs here: the two requests (robots.txt and the page) and what adapters say of them. Does not belong here: keeping
anything, and layout.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.crawl.crawler import Fetching
from pipeline.crawl.model import FetchRequest, Outcome
from pipeline.crawl.robots import RobotsBook
from pipeline.sources.columns import find_columns
from pipeline.sources.families import Detection, detect_family
from pipeline.sources.lists import read_list
from pipeline.sources.model import Link, ListReading, Page, Role, SiteRequest


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What one look at an address showed.

    outcome is that of the page, ROBOTS or ROBOTS_UNAVAILABLE where it was not asked. reading and columns are what the
    page is as a list and as a root; empty without a page. evidence are the marks of the family: (where, what, weight).
    """

    url: str
    is_allowed: bool
    robots_detail: str
    crawl_delay_seconds: float | None
    outcome: Outcome
    status: int | None
    final_url: str
    tls_mode: str
    detail: str
    family: str
    evidence: tuple[tuple[str, str, int], ...]
    reading: ListReading
    columns: tuple[Link, ...]


def probe_address(url: str, fetcher: Fetching) -> ProbeReport:
    """Ask for robots.txt and, where that permits it, for the page once. Never raises."""
    verdict = RobotsBook(fetcher).verdict(url)
    site = SiteRequest(url, Role.LIST)
    if verdict.outcome is not None:
        nothing = (verdict.outcome, None, url, "", "", "", (), ListReading(()), ())
        return ProbeReport(url, False, verdict.detail, verdict.crawl_delay_seconds, *nothing)
    result = fetcher.fetch(FetchRequest(site))
    detection, reading = Detection("", ()), ListReading(())
    columns: tuple[Link, ...] = ()
    if result.body is not None and result.outcome is Outcome.STORED:
        page = Page(site, result.final_url, result.body, dict(reversed(result.headers)).get("content-type", ""))
        detection = detect_family(page)
        reading, columns = read_list(page, detection.family), find_columns(page)
    return ProbeReport(
        url=url,
        is_allowed=True,
        robots_detail=verdict.detail,
        crawl_delay_seconds=verdict.crawl_delay_seconds,
        outcome=result.outcome,
        status=result.status,
        final_url=result.final_url,
        tls_mode=result.tls_mode,
        detail=result.detail,
        family=detection.family,
        evidence=detection.evidence,
        reading=reading,
        columns=columns,
    )
