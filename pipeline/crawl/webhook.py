"""Telling one configured address that something happened: a single POST of JSON that cannot hold its sender up.

Belongs here: which addresses may be told, the request, and what came of it as a value. Does not belong here: what is
told and when (orchestration/sensors.py), and anything that crawls.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

import urllib3.exceptions

from pipeline.crawl.guard import is_loopback, read_literal, resolve_host
from pipeline.crawl.tls import Rung, load_context
from pipeline.crawl.wire import Opening, Timing, make_connection

_SECONDS = 10.0
_ACCEPTED = range(200, 300)


def post_json(address: str, message: Mapping[str, object], seconds: float = _SECONDS) -> str:
    """Send the message; '' when it was accepted, else why not. Never raises, and never shows more than the host:
    path and query of such addresses are often the password.

    The address is https on a public address, or http on 127.x.y.z for a relay on this machine. Redirects are not
    followed, the answer is not read, and the exchange ends after so many seconds.
    """
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "the address is not one"
    host = parts.hostname or ""
    is_local = is_loopback(read_literal(host))
    if not host or parts.username or not (parts.scheme == "https" or (parts.scheme == "http" and is_local)):
        return "the address is neither https://host/… nor http://127.0.0.1…, so nothing is sent there"
    try:
        status = _post(parts, port, message, Opening((), seconds, is_local))
    except (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError, UnicodeError) as error:
        return f"{host} was not reached ({type(error).__name__})"
    return "" if status in _ACCEPTED else f"{host} answered with status {status}"


def _post(parts: SplitResult, port: int, message: Mapping[str, object], limits: Opening) -> int:
    host = parts.hostname or ""
    timing = Timing(time.monotonic() + limits.seconds, limits.seconds)
    opening = Opening(resolve_host(host, allows_ipv6=True), limits.seconds, limits.allow_loopback)
    context = load_context(Rung.STRICT, "") if parts.scheme == "https" else None
    connection = make_connection(host, port, opening, timing, context)
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    body = json.dumps(message, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "touming", "Connection": "close"}
    try:
        connection.request("POST", target, body=body, headers=headers, preload_content=False)
        return int(connection.getresponse().status)
    finally:
        connection.close()
