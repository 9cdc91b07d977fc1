"""Pages for adapters: a fixture's bytes behind an address."""

from __future__ import annotations

from pathlib import Path

from pipeline.sources.model import ListReading, Page, Role, SiteRequest

FIXTURES = Path(__file__).parent / "fixtures"
SITE = "http://www.qingxi.gov.cn"


def make_page(
    body: bytes | str,
    path: str = "/zwgk/zfxxgknb/",
    *,
    referer: str = "",
    depth: int = 0,
    form: tuple[tuple[str, str], ...] = (),
) -> Page:
    """A page of the invented site, as it came from the address asked for."""
    content = body.encode() if isinstance(body, str) else body
    request = SiteRequest(
        f"{SITE}{path}", Role.LIST, "POST" if form else "GET", form, f"{SITE}{referer}" if referer else ""
    )
    return Page(request, f"{SITE}{path}", content, "text/html", depth)


def load_page(name: str, path: str = "/zwgk/zfxxgknb/", *, referer: str = "", depth: int = 0) -> Page:
    """A page whose body is a fixture."""
    return make_page((FIXTURES / name).read_bytes(), path, referer=referer, depth=depth)


def paths_of(reading: ListReading, *roles: Role) -> list[str]:
    """Paths of a reading's entries of these roles (all where none is named), in order."""
    return [link.url.removeprefix(SITE) for link in reading.links if not roles or link.role in roles]


def next_paths(reading: ListReading) -> list[str]:
    """Paths of the requests for later pages."""
    return [request.url.removeprefix(SITE) for request in reading.next_requests]
