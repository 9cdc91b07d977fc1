"""Shell pages: a few bytes that only send the browser elsewhere, or a frame around the list.

Belongs here: reading where they send it, without running any script. Does not belong here: redirects by HTTP.
"""

from __future__ import annotations

import base64
import binascii
import re

from pipeline.sources.model import ListReading, SiteRequest
from pipeline.sources.opened import Opened, read_host, resolve_url

SHELL_PAGE = "shell_page"
_MAX_ANCHORS = 3
_LOCATION = re.compile(
    r"\blocation(?:\.href)?\s*(?:=|\.replace\s*\(|\.assign\s*\()\s*[\"']([^\"'\r\n]{1,500})[\"']", re.IGNORECASE
)
_REFRESH = re.compile(r"^\s*(\d{1,3})\s*[;,]\s*url\s*=\s*[\"']?([^\"'>\s]{1,500})", re.IGNORECASE)
_ENCODED = re.compile(r"\batob\s*\(\s*[\"']([A-Za-z0-9+/=\s]{8,200000})[\"']\s*\)")


def read_shell(opened: Opened) -> ListReading | None:
    """Requests for where a shell page leads, on the same host only; None for a page that has a list of its own."""
    if len(opened.soup.find_all("a", href=True, limit=_MAX_ANCHORS)) >= _MAX_ANCHORS or "<record>" in opened.text:
        return None
    page = opened.page
    targets = dict.fromkeys(resolve_url(opened.base_url, address, opened.encoding) for address in _list_targets(opened))
    role, host = page.request.role, read_host(page.final_url)
    requests = tuple(
        SiteRequest(url, role, referer=page.final_url)
        for url in targets
        if url and url not in (page.final_url, page.request.url) and read_host(url) == host
    )
    if not requests:
        return None
    return ListReading((), requests, warnings=((SHELL_PAGE, f"the page only leads to {requests[0].url}"),))


def decode_embedded(text: str) -> str:
    """The page's source with the plain text of its atob("...") strings behind it: some pagers are hidden that way."""
    found = [_decode_base64(match[1]) for match in _ENCODED.finditer(text)]
    return "\n".join([text, *(plain for plain in found if plain)]) if found else text


def _list_targets(opened: Opened) -> list[str]:
    text = decode_embedded(opened.text)
    targets = [match[1] for match in _LOCATION.finditer(text)]
    for tag in opened.soup.find_all("meta", attrs={"http-equiv": re.compile("^refresh$", re.IGNORECASE)}):
        if found := _REFRESH.match(str(tag.get("content") or "")):
            targets.append(found[2])
    targets += [str(tag["src"]) for tag in opened.soup.find_all(("iframe", "frame"), src=True)]
    return targets


def _decode_base64(encoded: str) -> str:
    try:
        return base64.b64decode("".join(encoded.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
