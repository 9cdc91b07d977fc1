"""VSB sites: pages numbered backwards, so that the next page is known only by its link.

Belongs here: following that link, and the totals such pages print. Does not belong here: counting pages, which these
sites make impossible on purpose (the oldest page is number 1, the newest has no number).
"""

from __future__ import annotations

import re

from pipeline.sources.model import ListReading, Role, SiteRequest
from pipeline.sources.opened import Opened, list_anchors
from pipeline.sources.roles import choose_links, choose_records, describe_column, merge_entries, refer_later_pages
from pipeline.sources.static_generic import PAGER_UNKNOWN, find_next, is_same_list
from pipeline.sources.titles import read_declared_totals, read_page_titles

_NEXT_CLASS = re.compile(r"(?:^|\s)Next(?:\s|$)")
_ENTRY = re.compile(r"^line_?u?\d+_\d+$")


def read_vsb(opened: Opened) -> ListReading:
    """Entries of the page's own list and the request behind its link to the next page."""
    page = opened.page
    column = describe_column(page, read_page_titles(opened))
    count, pages = read_declared_totals(opened)
    anchors = [anchor for item in opened.soup.find_all(id=_ENTRY) for anchor in list_anchors(opened, item)[:1]]
    entries = merge_entries(choose_records(anchors, column), choose_links(opened, column))
    following = next(
        (
            a.url
            for a in list_anchors(opened)
            if _NEXT_CLASS.search(a.css_class) and is_same_list(page.final_url, a.url)
        ),
        "",
    )
    following = following or find_next(opened)
    requests = (SiteRequest(following, Role.LIST, referer=refer_later_pages(page)),) if following else ()
    stays = pages is not None and pages > 1 and not following and page.depth == 0 and _is_first(page.final_url)
    warnings = ((PAGER_UNKNOWN, f"the list declares {pages} pages but has no link to the next"),) if stays else ()
    return ListReading(entries.links, requests, count, pages, warnings, entries.skipped_count)


def _is_first(url: str) -> bool:
    return re.search(r"/\d+\.htm", url) is None
