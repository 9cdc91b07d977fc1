"""What a fetched page leads to, by its role: columns of a site, entries and later pages of a list, files of a report.

Belongs here: handing a page to its adapter and bounding how deep that goes. Does not belong here: reading markup
(sources/), and whether an address is asked (the frontier knows it or not).
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from pipeline.crawl.entries import Child, Entry, Following
from pipeline.crawl.keys import make_key
from pipeline.sources.columns import find_columns
from pipeline.sources.families import detect_family
from pipeline.sources.lists import read_list
from pipeline.sources.model import Link, Page, Role, SiteRequest
from pipeline.sources.registry import AUTO_FAMILY
from pipeline.sources.report_page import read_report_page
from pipeline.sources.roles import MAX_LIST_DEPTH
from pipeline.sources.shell import SHELL_PAGE
from pipeline.sources.static_generic import PAGER_CANDIDATES, accepts_candidate

COLUMN_NOT_FOUND = "column_not_found"
_PAGE_TYPES = frozenset(["text/html", "application/xml", "text/plain", "application/octet-stream"])


def follow_page(
    entry: Entry, page: Page, media_type: str, family: str, find_known: Callable[[Collection[str]], set[str]]
) -> Following:
    """What a page leads to. find_known says which keys of requests are known already. Never raises."""
    if entry.site.role is Role.ATTACHMENT or media_type not in _PAGE_TYPES:
        return Following()
    if entry.site.role is Role.REPORT:
        return _follow_report(page) if media_type == "text/html" else Following()
    return _follow_root(page) if entry.site.role is Role.ROOT else _follow_list(entry, page, family, find_known)


def _follow_root(page: Page) -> Following:
    children = []
    for link in find_columns(page):
        # A column stands for itself: the lists below it are counted from it
        depth = page.depth + 1 if link.role is Role.ROOT else 0
        children.append(_make_entry(link, page, depth))
    missing = ((COLUMN_NOT_FOUND, "no link of the site is called like a column of annual reports"),)
    return Following(tuple(children), warnings=() if children else missing)


def _follow_list(entry: Entry, page: Page, family: str, find_known: Callable[[Collection[str]], set[str]]) -> Following:
    # Later pages have fewer marks than the first: they are read as what that one was
    inherited = entry.family if entry.list_head != entry.key else ""
    family = inherited or (detect_family(page).family if family == AUTO_FAMILY else family)
    reading = read_list(page, family)
    if entry.is_guess:
        keys = {make_key(SiteRequest(link.url, link.role)): link.url for link in reading.links}
        known = find_known(keys)
        if not accepts_candidate({keys[key] for key in known}, reading):
            return Following(warnings=reading.warnings, is_accepted=False)
    entries = [
        Child(
            SiteRequest(link.url, link.role, referer=page.final_url), page.depth + (link.role is Role.LIST), link.title
        )
        for link in reading.links
        if not (link.role is Role.LIST and page.depth >= MAX_LIST_DEPTH)
    ]
    is_guessed = any(code == PAGER_CANDIDATES for code, _ in reading.warnings)
    passed_on = "" if any(code == SHELL_PAGE for code, _ in reading.warnings) else family
    later = [
        Child(site, page.depth, is_entry=False, is_guess=is_guessed, family=passed_on) for site in reading.next_requests
    ]
    return Following(
        children=(*entries, *later),
        declared_count=reading.declared_count,
        skipped_count=reading.skipped_count,
        warnings=reading.warnings,
        next_site=reading.next_requests[0] if reading.next_requests and not is_guessed else None,
        family=family,
    )


def _follow_report(page: Page) -> Following:
    reading = read_report_page(page)
    return Following(tuple(_make_entry(link, page, 0) for link in reading.links), warnings=reading.warnings)


def _make_entry(link: Link, page: Page, depth: int) -> Child:
    return Child(SiteRequest(link.url, link.role, referer=page.final_url), depth, link.title)
