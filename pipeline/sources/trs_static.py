"""TRS WCM and its likes: static list pages whose pager is a script's call.

Belongs here: entries of such a page and the pages that its pager declares. Does not belong here: the dialects of the
call (pagers.py).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pipeline.sources.model import ListReading, Role, SiteRequest
from pipeline.sources.opened import Opened
from pipeline.sources.pagers import MAX_PAGES, Pager, find_pager
from pipeline.sources.roles import choose_links, describe_column, refer_later_pages
from pipeline.sources.static_generic import read_without_pager
from pipeline.sources.titles import read_page_titles

PAGES_CAPPED = "pages_capped"
PAGER_MISMATCH = "pager_mismatch"


def read_trs_static(opened: Opened) -> ListReading:
    """A list page with a script pager; one without any recognised call is read as a page of no family."""
    pager = find_pager(opened.text, opened.page.final_url)
    if pager is None:
        return read_without_pager(opened)
    return read_with_pager(opened, pager)


def read_with_pager(opened: Opened, pager: Pager) -> ListReading:
    """Entries of the page, and a request for every page after it, nearest first."""
    page = opened.page
    column = describe_column(page, read_page_titles(opened))
    referer = refer_later_pages(page)
    requests = tuple(
        SiteRequest(url, Role.LIST, referer=referer)
        for url in pager.later_addresses(opened.base_url)
        if urlsplit(url).hostname == urlsplit(page.final_url).hostname
    )
    warnings = []
    if pager.pages > MAX_PAGES:
        warnings.append((PAGES_CAPPED, f"the pager declares {pager.pages} pages; the first {MAX_PAGES} are asked for"))
    if pager.place >= pager.pages:
        warnings.append((PAGER_MISMATCH, f"this is page {pager.place + 1} of a list that declares {pager.pages}"))
    entries = choose_links(opened, column)
    return ListReading(entries.links, requests, pager.entries, pager.pages, tuple(warnings), entries.skipped_count)
