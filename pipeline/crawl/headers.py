"""Headers as they are sent and as they are kept.

Belongs here: what a request says of itself, what a capture keeps of an answer. Does not belong here: what headers mean.
"""

from __future__ import annotations

from pipeline.crawl.model import FetchRequest

Headers = tuple[tuple[str, str], ...]

_MAX_HEADERS, _MAX_VALUE = 64, 2_000


def write_headers(request: FetchRequest, method: str, user_agent: str, cookie: str) -> dict[str, str]:
    """The headers of a request. What came from a server and can't stand in a header is left out."""
    headers = {
        "User-Agent": user_agent,
        "Accept": "*/*",
        "Accept-Language": "zh-CN,zh;q=0.9",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    optional = {
        "Referer": request.site.referer,
        "Cookie": cookie,
        "If-None-Match": request.etag if method == "GET" else "",
        "If-Modified-Since": request.last_modified if method == "GET" else "",
        "Content-Type": "application/x-www-form-urlencoded" if method == "POST" else "",
    }
    return headers | {name: value for name, value in optional.items() if value and _is_writable(name, value)}


def list_cookies(headers: Headers) -> list[str]:
    """The Set-Cookie lines of an answer."""
    return [value for name, value in headers if name == "set-cookie"]


def bound_headers(headers: Headers) -> Headers:
    """Headers as captures keep them: no more than 64, long values cut, of a cookie the name alone."""
    return tuple(
        (name, value.split("=", 1)[0] if name == "set-cookie" else value[:_MAX_VALUE])
        for name, value in headers[:_MAX_HEADERS]
    )


def _is_writable(name: str, value: str) -> bool:
    # A cookie's length is the jar's business
    return value.isascii() and value.isprintable() and (name == "Cookie" or len(value) <= _MAX_VALUE)
