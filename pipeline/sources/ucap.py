"""UCAP sites: static pages numbered from 1, or a list that comes as JSON.

Belongs here: the JSON list, and when to ask for it. Does not belong here: the script pager of
the static pages (pagers.py).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from pipeline.sources.json_text import parse_json, read_count, read_text
from pipeline.sources.model import Link, ListReading, Role, SiteRequest
from pipeline.sources.opened import Opened, read_date, resolve_url
from pipeline.sources.pagers import MAX_PAGES, find_pager
from pipeline.sources.roles import is_dropped, make_link, read_shape
from pipeline.sources.trs_static import read_trs_static, read_with_pager

_LIST_ADDRESS = re.compile(r"/(?:common/)?search(?:List)?/(?:[0-9a-f]{32}|\d{3,})\b")
_CHANNEL = re.compile(r"\bchannelId[\"']?\s*[:=]\s*[\"']([0-9a-f]{32}|\d{3,})[\"']", re.IGNORECASE)
_PAGE_SIZE = 18


def read_ucap(opened: Opened) -> ListReading:
    """A static page with its pager; where it has no entry of its own, the request for its JSON list; or such a list."""
    if opened.text.lstrip()[:1] == "{":
        return _read_answer(opened)
    pager = find_pager(opened.text, opened.page.final_url)
    reading = read_with_pager(opened, pager) if pager is not None else read_trs_static(opened)
    if any(link.role is not Role.LIST for link in reading.links):
        return reading
    listed, channel = _LIST_ADDRESS.search(opened.text), _CHANNEL.search(opened.text)
    if listed is None and channel is None:
        return reading
    path = listed[0] if listed else f"/searchList/{channel[1]}" if channel else ""
    fields = {"_isAgg": "true", "_isJson": "true", "_pageSize": str(_PAGE_SIZE), "_template": "index", "page": "1"}
    url = urljoin(opened.page.final_url, f"{path}?{urlencode(fields)}")
    return ListReading(reading.links, (SiteRequest(url, Role.LIST, referer=opened.page.final_url),))


def _read_answer(opened: Opened) -> ListReading:
    page = opened.page
    value = parse_json(opened.text)
    data = value.get("data") if isinstance(value, dict) else None
    results = data.get("results") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(results, list):
        return ListReading((), warnings=(("answer_unreadable", "the interface did not answer with a list of results"),))
    read = [_read_result(opened, result) for result in results if isinstance(result, dict)]
    links = {link.url: link for link in reversed(read) if link is not None}
    total, rows = read_count(data, "total"), read_count(data, "rows") or _PAGE_SIZE
    parts = urlsplit(page.request.url)
    fields = dict(parse_qsl(parts.query, keep_blank_values=True))
    number = int(fields["page"]) if fields.get("page", "").isdigit() else read_count(data, "page") or 1
    pages = -(-total // rows) if total is not None else None
    requests = tuple(
        SiteRequest(
            urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode({**fields, "page": str(later)}), "")),
            Role.LIST,
            referer=page.request.referer,
        )
        for later in range(number + 1, min(pages or 0, MAX_PAGES) + 1)
    )
    return ListReading(tuple(reversed(links.values())), requests, total, pages, (), read.count(None))


def _read_result(opened: Opened, result: dict[str, Any]) -> Link | None:
    """One entry. The printed time is taken, never the epoch beside it, which was seen hours or days off."""
    title = re.sub(r"<[^<>]{1,100}>", "", read_text(result, "title"))
    url = resolve_url(opened.page.final_url, read_text(result, "url"))
    if not url or is_dropped(title):
        return None
    role = Role.ATTACHMENT if read_shape(url) is Role.ATTACHMENT else Role.REPORT
    return make_link(url, role, title, read_date(read_text(result, "publishedTimeStr")))
