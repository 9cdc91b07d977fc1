"""JCMS and its jpage lists: the first records stand in a script, later ones come from an interface.

Belongs here: reading that script and the interface's answers, and asking for what is missing. Does not belong here:
articles of these sites, which are ordinary pages.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pipeline.sources.json_text import parse_json
from pipeline.sources.model import ListReading, Page, Role, SiteRequest
from pipeline.sources.opened import Opened, list_anchors, open_markup, read_host, resolve_url
from pipeline.sources.pagers import MAX_PAGES
from pipeline.sources.roles import choose_links, choose_records, describe_column, describe_record_column, merge_entries
from pipeline.sources.static_generic import PAGER_UNKNOWN
from pipeline.sources.titles import read_declared_totals, read_page_titles
from pipeline.sources.trs_static import read_trs_static

PAGER_ENCRYPTED = "pager_encrypted"
_HREF = re.compile(r"href\s*=\s*[\"']?([^\"'>\s]+)", re.IGNORECASE)
_TOTAL = re.compile(r"<totalrecord>\s*(\d{1,7})\s*<|\btotalRecord[\"']?\s*:\s*[\"']?(\d{1,7})", re.IGNORECASE)
_PER_PAGE = re.compile(r"<perpage>\s*(\d{1,4})\s*<|\bperPage[\"']?\s*:\s*[\"']?(\d{1,4})", re.IGNORECASE)
_PROXY = re.compile(r"\bproxyUrl[\"']?\s*:\s*[\"']([^\"']{1,500})[\"']", re.IGNORECASE)
_PARAMETERS = ("col", "appid", "webid", "path", "columnid", "sourceContentType", "unitid", "webname", "permissiontype")
_SEARCH = re.compile(r"[\"'=(]([^\"'=()\s]{0,200}/module/xxgk/search\.jsp[^\"'\s)]{0,400})")
_SEARCH_FIELDS = ("infotypeId", "jdid", "area", "divid", "vc_title", "currpage", "standardXxgk")
_CALLBACK = re.compile(r"[\w$.]{1,80}\s{0,9}\(")
# What one request may ask for; servers cap it near 300 whatever is asked
_MAX_GROUP = 60


def read_jcms(opened: Opened) -> ListReading:
    """A jpage list or an answer of its interface; a page with neither is read as a static one."""
    if "/module/xxgk/search.jsp" in urlsplit(opened.page.final_url).path:
        return _read_search_answer(opened)
    source = _unwrap_callback(opened.text)
    records = cut_elements(source, "record")
    if not records and not _PROXY.search(source) and "<datastore>" not in source:
        searched = _ask_search(opened)
        return searched if searched is not None else read_trs_static(opened)
    return _read_records(opened, source, records)


def _read_records(opened: Opened, source: str, records: list[str]) -> ListReading:
    page = opened.page
    is_answer = bool(page.request.referer) and ("dataproxy" in page.request.url or "getMessage" in page.request.url)
    column = describe_record_column(page) if is_answer else describe_column(page, read_page_titles(opened))
    inner = open_markup(page, "\n".join(_restore_markup(record) for record in records), opened.encoding)
    entries = choose_records(list_anchors(inner), column)
    if not is_answer:
        entries = merge_entries(entries, choose_links(opened, column))
    total, per_page = _read_first(_TOTAL, source), _read_first(_PER_PAGE, source)
    pages = -(-total // per_page) if total is not None and per_page else None
    request, warnings = _find_following(opened, source, len(records), total)
    return ListReading(entries.links, request, total, pages, warnings, entries.skipped_count)


def _find_following(
    opened: Opened, source: str, record_count: int, total: int | None
) -> tuple[tuple[SiteRequest, ...], tuple[tuple[str, str], ...]]:
    """The request for the records after these: the link that the answer names, else by their numbers."""
    page = opened.page
    first = _first_number(page)
    if not record_count or (first is not None and total is not None and first + record_count - 1 >= total):
        return (), ()
    named = _read_next_group(opened, source)
    if named:
        return (SiteRequest(named, Role.LIST, referer=page.request.referer or page.final_url),), ()
    if first is None:
        return _turn_page(page, record_count, total), ()
    following = _count_on(opened, source, first, record_count)
    if following is None:
        missing = (PAGER_UNKNOWN, f"{record_count} of {total} records seen; the page names no way to the others")
        return (), () if total is None else (missing,)
    if not dict(following.form).get("columnid", "0").isdigit():
        return (), ((PAGER_ENCRYPTED, "the column's number is encrypted: only the first records can be asked for"),)
    return (following,), ()


def _read_next_group(opened: Opened, source: str) -> str:
    """The address of the next records as the answer names it, '' where it names none, itself or another host."""
    groups = cut_elements(source, "nextgroup")
    address = _HREF.search(html.unescape(groups[0])) if groups else None
    url = resolve_url(opened.base_url, address[1], opened.encoding) if address else ""
    is_new = url != opened.page.request.url and read_host(url) == read_host(opened.page.final_url)
    return url if is_new else ""


def _count_on(opened: Opened, source: str, first: int, record_count: int) -> SiteRequest | None:
    """The request for the next records by their numbers.

    It carries startrecord, endrecord and page together: servers that count records ignore page, the others ignore
    startrecord. From an answer the same request is repeated with later numbers, from a page it is built from the
    parameters that stand beside the list.
    """
    page = opened.page
    known = _read_fields(page)
    start = first + record_count
    if "startrecord" in known:
        known |= _number_records(start, record_count, known)
        return _make_request(page, page.request.url, known, bool(page.request.form))
    proxy = _PROXY.search(source)
    if proxy is None:
        return None
    url = resolve_url(opened.base_url, html.unescape(proxy[1]), opened.encoding)
    parameters = {name: value for name in _PARAMETERS if (value := _read_parameter(source, name))}
    if not url or read_host(url) != read_host(page.final_url) or not ("columnid" in parameters or "?" in url):
        return None
    parameters = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) | parameters
    parameters |= _number_records(start, record_count, {"page": "0"})
    return _make_request(page, url, parameters, is_post="TrueCMS" not in url)


def _number_records(start: int, record_count: int, known: Mapping[str, str]) -> dict[str, str]:
    group = min(record_count, _MAX_GROUP)
    numbers = {"startrecord": str(start), "endrecord": str(start + group - 1), "perpage": known.get("perpage", "")}
    numbers["perpage"] = numbers["perpage"] or str(group)
    if known.get("page", "").isdigit():
        numbers["page"] = str(int(known["page"]) + 1)
    return numbers


def _make_request(page: Page, url: str, parameters: Mapping[str, str], is_post: bool) -> SiteRequest:
    parts, fields = urlsplit(url), tuple(parameters.items())
    referer = page.request.referer or page.final_url
    if is_post:
        bare = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        return SiteRequest(bare, Role.LIST, "POST", fields, referer)
    return SiteRequest(
        urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(fields), "")), Role.LIST, referer=referer
    )


def _turn_page(page: Page, record_count: int, total: int | None) -> tuple[SiteRequest, ...]:
    """The request for the next page of an answer that was asked for by page and names none itself.

    Groups count from 0 on some servers and from 1 on others, so the end is known only to one request.
    """
    known = _read_fields(page)
    number = int(known["page"])
    if total is None or number * record_count >= total:
        return ()
    return (_make_request(page, page.request.url, known | {"page": str(number + 1)}, bool(page.request.form)),)


def _first_number(page: Page) -> int | None:
    """The number of the first record of this page: what its request asked for, 1 for the column page itself.

    None where the request asked for a page without saying how long pages are.
    """
    known = _read_fields(page)
    if "startrecord" in known:
        return int(known["startrecord"]) if known["startrecord"].isdecimal() else 1
    is_paged = bool(page.request.referer) and known.get("page", "").isdecimal()
    return None if is_paged and "dataproxy" in page.request.url else 1


def _read_fields(page: Page) -> dict[str, str]:
    """The parameters of the page's own request, from its address and its form."""
    return dict(parse_qsl(urlsplit(page.request.url).query, keep_blank_values=True)) | dict(page.request.form)


def _ask_search(opened: Opened) -> ListReading | None:
    """The request for the first page of a site-wide catalogue that this page embeds, None where it embeds none."""
    found = _SEARCH.search(opened.text)
    url = resolve_url(opened.base_url, html.unescape(found[1]), opened.encoding) if found else ""
    if not url or read_host(url) != read_host(opened.page.final_url):
        return None
    fields = {name: value for name in _SEARCH_FIELDS if (value := _read_parameter(opened.text, name))}
    fields |= dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    request = _make_request(opened.page, url, fields | {"currpage": "1"}, is_post=True)
    column = describe_column(opened.page, read_page_titles(opened))
    return ListReading(choose_links(opened, column).links, (request,))


def _read_search_answer(opened: Opened) -> ListReading:
    """One page of the site-wide catalogue: only entries that call themselves reports, the catalogue holds all else."""
    page = opened.page
    links = choose_links(opened, describe_record_column(page, is_trusted=False)).links
    entries, pages = read_declared_totals(opened)
    fields = _read_fields(page)
    current = int(fields["currpage"]) if fields.get("currpage", "").isdigit() else 1
    requests = tuple(
        _make_request(page, page.request.url, fields | {"currpage": str(number)}, is_post=True)
        for number in range(current + 1, min(pages or 0, MAX_PAGES) + 1)
    )
    return ListReading(links, requests, entries, pages)


def _read_parameter(source: str, name: str) -> str:
    found = re.search(rf"[\"'?&\s,{{]{name}[\"']?\s*[:=]\s*[\"']?([\w/%.-]{{1,200}})", source, re.IGNORECASE)
    return found[1] if found else ""


def _read_first(pattern: re.Pattern[str], source: str) -> int | None:
    found = pattern.search(source)
    return int(found[1] or found[2]) if found else None


def _restore_markup(record: str) -> str:
    """A record's markup; some servers escape it instead of wrapping it in CDATA."""
    return record if "<" in record else html.unescape(record)


def _unwrap_callback(text: str) -> str:
    """The XML inside a JSONP answer, or the text as it is."""
    stripped = text.strip().rstrip(";").rstrip()
    found = _CALLBACK.match(stripped)
    if found is None or not stripped.endswith(")"):
        return text
    value = parse_json(stripped[found.end() : -1])
    if isinstance(value, dict):
        return "\n".join(item for item in value.values() if isinstance(item, str))
    return value if isinstance(value, str) else text


def cut_elements(source: str, name: str) -> list[str]:
    """What stands between <name> and </name>, without its CDATA wrapping; linear, however broken the source is."""
    found: list[str] = []
    opening, closing, place = f"<{name}>", f"</{name}>", 0
    while (start := source.find(opening, place)) >= 0 and (end := source.find(closing, start)) >= 0:
        content = source[start + len(opening) : end].strip()
        found.append(content.removeprefix("<![CDATA[").removesuffix("]]>"))
        place = end + len(closing)
    return found
