"""What single hosts need that the rest does not: overrides.toml read strictly.

Belongs here: the record, loading, the look-up by host with its wildcard. Does not belong here: what the crawl does with
a delay or a way of encryption.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.paths import DataPaths
from pipeline.sources.model import Source

OVERRIDES_FILE = Path(__file__).resolve().parent / "overrides.toml"
TLS_AUTO, TLS_LEGACY, TLS_PLAIN = "auto", "legacy", "plain"
_TLS_MODES = (TLS_AUTO, TLS_LEGACY, TLS_PLAIN)
_KEYS = {"delay_seconds", "tls", "allows_ipv6", "allowed_hosts", "ports", "reason"}
_MAX_DELAY_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class HostOverride:
    """What one host (or, as *.name, every host below a name) needs.

    delay_seconds is the least pause between requests, None for the default. tls is auto, legacy (old ciphers straight
    away) or plain (http is permitted). allowed_hosts are hosts where its attachments lie. ports besides 80 and 443.
    """

    host: str
    delay_seconds: float | None
    tls: str
    allows_ipv6: bool
    allowed_hosts: tuple[str, ...]
    ports: tuple[int, ...]
    reason: str


def load_overrides(paths: DataPaths | None = None) -> Mapping[str, HostOverride]:
    """Every table of overrides.toml by host name or *.name; ValueError names the table and the key that is wrong.

    With the paths of a data folder, the tables of its own overrides.toml too: for a host that both name, its own holds.
    """
    shipped = _load_shipped()
    if paths is None or not paths.overrides.is_file():
        return shipped
    with paths.overrides.open("rb") as stream:
        return {**shipped, **parse_overrides(tomllib.load(stream))}


@cache
def _load_shipped() -> Mapping[str, HostOverride]:
    with OVERRIDES_FILE.open("rb") as stream:
        return parse_overrides(tomllib.load(stream))


def parse_overrides(tables: Mapping[str, Any]) -> Mapping[str, HostOverride]:
    """Overrides from the tables of a parsed overrides.toml."""
    return {host: _parse_override(host, table) for host, table in tables.items()}


def find_override(overrides: Mapping[str, HostOverride], host: str) -> HostOverride | None:
    """The override for a host: its own, else that of the nearest *.name above it; None where there is none."""
    name = host.lower().rstrip(".")
    if name in overrides:
        return overrides[name]
    labels = name.split(".")
    for cut in range(1, len(labels)):
        found = overrides.get("*." + ".".join(labels[cut:]))
        if found is not None:
            return found
    return None


def make_host_filter(sources: Iterable[Source], overrides: Mapping[str, HostOverride]) -> Callable[[str], bool]:
    """Whether a host may be asked: it is a source's own, or declared as the place of a source's attachments."""
    hosts = {(urlsplit(source.column_url).hostname or "").lower() for source in sources}
    declared = (find_override(overrides, host) for host in tuple(hosts))
    allowed = hosts.union(*(override.allowed_hosts for override in declared if override is not None)) - {""}
    return lambda host: host.lower().rstrip(".") in allowed


def _parse_override(host: str, table: Mapping[str, Any]) -> HostOverride:
    where = f'overrides.toml ["{host}"]'
    if host != host.lower() or "/" in host or ":" in host:
        raise ValueError(f"{where}: a table is named by a bare host name in lower case")
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise ValueError(f"{where}: {', '.join(unknown)} is no key; known are {', '.join(sorted(_KEYS))}")
    delay, tls = table.get("delay_seconds"), table.get("tls", TLS_AUTO)
    if delay is not None and not (isinstance(delay, (int, float)) and 0 < delay <= _MAX_DELAY_SECONDS):
        raise ValueError(f"{where}: delay_seconds {delay!r} must lie between 0 and {_MAX_DELAY_SECONDS:.0f}")
    if tls not in _TLS_MODES:
        raise ValueError(f"{where}: tls {tls!r} must be one of {', '.join(_TLS_MODES)}")
    ports = tuple(table.get("ports", ()))
    if not all(isinstance(port, int) and 0 < port < 65_536 for port in ports):
        raise ValueError(f"{where}: ports {ports!r} must be numbers from 1 to 65535")
    if not table.get("reason"):
        raise ValueError(f"{where}: say in reason why this host needs it")
    return HostOverride(
        host=host,
        delay_seconds=None if delay is None else float(delay),
        tls=tls,
        allows_ipv6=bool(table.get("allows_ipv6", False)),
        allowed_hosts=tuple(str(name).lower() for name in table.get("allowed_hosts", ())),
        ports=ports,
        reason=str(table["reason"]),
    )
