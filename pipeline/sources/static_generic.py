"""Sites of no known family: links to the next page, script pagers, and where neither is found, likely addresses.

Belongs here: following what the page offers, and candidate addresses for a page 2. Does not belong here: asking for
them. A candidate is only tried: see accepts_candidate for what makes it page 2 of the same list.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from pipeline.sources.model import ListReading, Role, SiteRequest
from pipeline.sources.opened import Anchor, Opened, list_anchors, read_host, resolve_url
from pipeline.sources.roles import choose_links, column_directory, describe_column, refer_later_pages
from pipeline.sources.titles import read_declared_totals, read_page_titles
from pipeline.sources.words import load_words, make_compact

# All next_requests of a reading with this warning are guesses: a 404 to one is no failure, see accepts_candidate
PAGER_CANDIDATES = "pager_candidates"
PAGER_UNKNOWN = "pager_unknown"
_NUMBERED_FILE = re.compile(r"^(?P<stem>.*?)_(?P<number>\d{1,4})(?P<suffix>\.\w+)$")
_BARE_NUMBER = re.compile(r"^(?P<number>\d{1,4})(?P<suffix>\.\w+)$")
_PAGE_KEYS = ("page", "pageindex", "pageno", "currpage", "currentpage", "p")


def read_without_pager(opened: Opened) -> ListReading:
    """A page without a script pager: entries, and the next page by its link or, where the text shows one, by guess."""
    page = opened.page
    count, pages = read_declared_totals(opened)
    entries = choose_links(opened, describe_column(page, read_page_titles(opened)))
    following = find_next(opened)
    warnings: tuple[tuple[str, str], ...] = ()
    addresses: tuple[str, ...] = (following,) if following else ()
    if not following and _shows_more(opened, pages):
        addresses = list_candidates(page.final_url)
        warnings = ((PAGER_CANDIDATES, f"the list goes on but its pager is not understood: {len(addresses)} to try"),)
    referer = refer_later_pages(page)
    requests = tuple(SiteRequest(url, Role.LIST, referer=referer) for url in addresses)
    return ListReading(entries.links, requests, count, pages, warnings, entries.skipped_count)


def accepts_candidate(known_urls: Collection[str], reading: ListReading) -> bool:
    """Whether the page behind a candidate address is another page of the list: it has an entry nobody knew.

    Entries outside the column's folder were left out when the page was read, so a page of another column has none.
    A page that is not accepted, or that answers with an error, ends the search: its requests are not followed.
    """
    return any(link.url not in known_urls for link in reading.links)


def find_next(opened: Opened) -> str:
    """The address behind the link to the next page, '' where there is none that leads on within the site."""
    for anchor in list_anchors(opened):
        if is_next(anchor) and anchor.url != opened.page.final_url and is_same_list(opened.page.final_url, anchor.url):
            return anchor.url
    for tag in opened.soup.find_all("link", rel="next", href=True):
        url = resolve_url(opened.base_url, str(tag["href"]), opened.encoding)
        if url and url != opened.page.final_url and is_same_list(opened.page.final_url, url):
            return url
    return ""


def is_next(anchor: Anchor) -> bool:
    """Whether an anchor calls itself the next page."""
    return bool(load_words().next_label.search(make_compact(anchor.title)))


def is_same_list(page_url: str, url: str) -> bool:
    """Whether a pager's address stays on the host and in the list's folder (or is the same path with a query)."""
    if read_host(page_url) != read_host(url):
        return False
    here, there = urlsplit(page_url).path, urlsplit(url).path
    return there == here or there.startswith((here.rsplit("/", 1)[0] + "/", column_directory(page_url)))


def list_candidates(page_url: str) -> tuple[str, ...]:
    """Likely addresses of the page after this one. A page that was reached by a template continues that template."""
    parts = urlsplit(page_url)
    folder, name = parts.path.rsplit("/", 1)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    key = next((key for key in query if key.lower() in _PAGE_KEYS and query[key].isdigit()), None)
    if key is not None:
        query[key] = str(int(query[key]) + 1)
        return (urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), "")),)
    for pattern in (_NUMBERED_FILE, _BARE_NUMBER):
        if found := pattern.match(name):
            stem = f"{found['stem']}_" if "stem" in found.groupdict() else ""
            return (urljoin(page_url, f"{folder}/{stem}{int(found['number']) + 1}{found['suffix']}"),)
    stem, dot, suffix = name.partition(".")
    stem, ending = stem or "index", f".{suffix}" if dot else ".html"
    names = (f"{stem}_1{ending}", f"{stem}_2{ending}", f"2{ending}")
    paged = urlencode([*parse_qsl(parts.query, keep_blank_values=True), ("page", "2")])
    files = tuple(urljoin(page_url, f"{folder}/{candidate}") for candidate in names)
    return (*files, urlunsplit((parts.scheme, parts.netloc, parts.path, paged, "")))


def _shows_more(opened: Opened, pages: int | None) -> bool:
    """Whether the text speaks of further pages; a list on its last page has no more."""
    if pages is not None:
        return pages > max(1, _own_number(opened.page.final_url))
    return bool(load_words().paging_hint.search(make_compact(opened.soup.get_text(" "))))


def _own_number(page_url: str) -> int:
    """The number in a paged address as it stands, 1 where it has none: a lower bound of the page's place."""
    found = _NUMBERED_FILE.match(urlsplit(page_url).path.rsplit("/", 1)[1])
    return int(found["number"]) if found else 1
