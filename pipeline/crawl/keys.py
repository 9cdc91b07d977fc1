"""What makes two requests the same one, and which host a request belongs to.

Belongs here: comparable forms of addresses and POST bodies. Does not belong here: whether an address may be asked.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

from pipeline.sources.model import SiteRequest

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ESCAPED = re.compile(r"%[0-9a-fA-F]{2}")


def make_key(request: SiteRequest) -> str:
    """Method, address and form as one text that is the same for the same request.

    Scheme, default port, letter case of host and escapes, and the fragment don't count: a site whose pages link to each
    other by http and by https is asked once.
    """
    text = f"{request.method.upper()} {_normalise_address(request.url)}"
    return f"{text} {encode_form(request.form)}" if request.form else text


def encode_form(form: tuple[tuple[str, str], ...]) -> str:
    """The fields of a POST as its body, in their order."""
    return urlencode(form)


def read_lane(url: str) -> str:
    """Host with its port where that is not the scheme's own, '' where the address has none.

    One request at a time is in flight for each.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".").lower()
    return host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"


def _normalise_address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    path = _ESCAPED.sub(lambda found: found[0].upper(), parts.path or "/")
    return f"{read_lane(url)}{path}" + (f"?{parts.query}" if parts.query else "")
