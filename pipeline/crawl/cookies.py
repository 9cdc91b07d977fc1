"""Cookies that a site sets and wants back: plain HTTP, kept per host for one run.

Belongs here: reading Set-Cookie, what is sent back. Does not belong here: cookies that a script computes; an answer
that asks for those is a challenge and is left alone.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable

_MAX_COOKIES = 50
_MAX_COOKIE_BYTES = 4_096
_PAIR = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*([!-:<-~ ]*?)\s*")
_EXPIRED = re.compile(r";\s*(?:max-age\s*=\s*(?:-\d+|0)\s*(?:;|$)|expires\s*=[^;]*\b19[67]\d\b)", re.IGNORECASE)
_SECURE = re.compile(r";\s*secure\s*(?:;|$)", re.IGNORECASE)


class CookieJar:
    """Names and values per exact host; domain and path are ignored, a jar is never shared between hosts."""

    def __init__(self) -> None:
        self._hosts: dict[str, dict[str, tuple[str, bool]]] = {}
        self._lock = threading.Lock()

    def store(self, host: str, set_cookies: Iterable[str]) -> bool:
        """Keep the cookies of one answer; whether any of them was new or other than before."""
        is_changed = False
        with self._lock:
            kept = self._hosts.setdefault(host, {})
            for line in set_cookies:
                pair, _, attributes = line.partition(";")
                found = _PAIR.fullmatch(pair) if len(pair) <= _MAX_COOKIE_BYTES else None
                if found is None:
                    continue
                if _EXPIRED.search(f";{attributes}"):
                    is_changed |= kept.pop(found[1], None) is not None
                elif len(kept) < _MAX_COOKIES or found[1] in kept:
                    cookie = (found[2], bool(_SECURE.search(f";{attributes}")))
                    is_changed |= kept.get(found[1]) != cookie
                    kept[found[1]] = cookie
        return is_changed

    def write_header(self, host: str, is_encrypted: bool) -> str:
        """The Cookie header for a request to a host, '' where there is nothing to send."""
        with self._lock:
            kept = self._hosts.get(host, {})
            return "; ".join(
                f"{name}={value}" for name, (value, is_secure) in kept.items() if is_encrypted or not is_secure
            )
