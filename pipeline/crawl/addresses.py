"""Addresses as they are asked: where a request goes, where a redirect leads, and what is never asked.

Belongs here: scheme, host, port, the registry's allow-list, addresses written as numbers. Does not belong here:
resolving names and connecting (guard.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from pipeline.crawl.guard import is_safe_address, read_literal
from pipeline.crawl.model import Outcome
from pipeline.sources.overrides import TLS_PLAIN, HostOverride

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE = "%/:=&~+!$,;'()*-._?@[]|"
_UNWRITABLE = re.compile(r"[\x00-\x20\x7f]")
FindOverride = Callable[[str], HostOverride | None]


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. target is path and query as sent; host is lower case ASCII without brackets."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def url(self) -> str:
        """The address put together again, default ports left out."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        shown = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{name}{shown}{self.target}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what one robots.txt speaks for."""
        return self.url.removesuffix(self.target)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an address is not asked."""

    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class AddressRules:
    """Which addresses may be asked: hosts on the list, declared ports, http where an override says plain.

    allow_loopback is for servers of our own on this machine: any port, and http, on 127.x.y.z.
    """

    allowed_hosts: Callable[[str], bool]
    find_override: FindOverride
    allow_loopback: bool = False

    def judge(self, url: str) -> Target | Refusal:
        """Where a request for an address goes, or why it goes nowhere. http is asked over https unless permitted."""
        parsed = parse_target(url)
        if isinstance(parsed, Refusal):
            return parsed
        literal = read_literal(parsed.host)
        if literal and not is_safe_address(literal, self.allow_loopback):
            return Refusal(Outcome.UNSAFE_ADDRESS, f"{parsed.host} is not a public address")
        if not self.allowed_hosts(parsed.host):
            return Refusal(Outcome.OFF_LIST, f"{parsed.host} is no host of a source; declare it in allowed_hosts")
        return parsed if self.allow_loopback else self._judge_port(parsed)

    def _judge_port(self, parsed: Target) -> Target | Refusal:
        override = self.find_override(parsed.host)
        if parsed.port not in (80, 443, *(override.ports if override else ())):
            return Refusal(Outcome.OFF_LIST, f"port {parsed.port} of {parsed.host} is not declared in overrides.toml")
        if parsed.scheme == "http" and (override is None or override.tls != TLS_PLAIN):
            return Target("https", parsed.host, 443 if parsed.port == 80 else parsed.port, parsed.target)
        return parsed


def parse_target(url: str) -> Target | Refusal:
    """An absolute http or https address taken apart, its target percent-encoded; a refusal for anything else."""
    if _UNWRITABLE.search(url.strip()):
        url = _UNWRITABLE.sub(lambda found: f"%{ord(found[0]):02X}", url.strip())
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError as error:
        return Refusal(Outcome.OFF_LIST, f"no address: {error}"[:200])
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return Refusal(Outcome.OFF_LIST, f"not an http address: {url[:120]!r}")
    if parts.username is not None or parts.password is not None:
        return Refusal(Outcome.OFF_LIST, "an address with a user name in it is never asked")
    target = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    return Target(parts.scheme, host.lower(), _DEFAULT_PORTS[parts.scheme] if port is None else port, target)


def resolve_location(url: str, location: str) -> str:
    """The absolute address of a Location header (decoded as Latin-1); its bytes, GBK or not, go back as they came."""
    written = quote(location.strip().encode("latin-1", "replace"), safe=_SAFE + "#")
    try:
        return urljoin(url, written)
    except ValueError:
        return ""
