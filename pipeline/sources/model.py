"""Sources: the records that the registry, the adapters and the crawl hand to each other.

Belongs here: a column to watch, a page as an adapter sees it, and what the adapter makes of it. Does not belong here:
how any family of sites lays its pages out, and anything that touches the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a fetched address is expected to hold."""

    ROOT = "root"  # a site or platform page where the column of annual reports is looked for by its anchor text
    LIST = "list"  # one page of a list, or of a list of lists
    REPORT = "report"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Source:
    """One row of the seeds registry: a column page (or a site root) where one organ or its subordinates publish.

    family is a family code of families.toml, or 'auto'. division_level is province, prefecture, county or township.
    expected_from_year is the first report year the column should hold, None where nobody knows. last_verified_date is
    ISO text, '' while no person has seen the page answer.
    """

    source_id: str
    organ_name: str
    division_code: str
    division_level: str
    column_url: str
    family: str
    role: Role
    expected_from_year: int | None
    last_verified_date: str
    is_enabled: bool
    note_text: str


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """One request that a page leads to. form holds the fields of a POST body in order, () for a GET."""

    url: str
    role: Role
    method: str = "GET"
    form: tuple[tuple[str, str], ...] = ()
    referer: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page as an adapter sees it: the address asked for, the one that answered, the bytes, their charset.

    depth counts lists above this one (0 for the column itself).
    """

    request: SiteRequest
    final_url: str
    body: bytes
    declared_type: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of a list page: absolute address, anchor text, and the date printed beside it ('' where none)."""

    url: str
    role: Role
    title: str
    date_text: str = ""


@dataclass(frozen=True, slots=True)
class ListReading:
    """What an adapter makes of a list page: its entries, the requests for the pages after it, the total it declares.

    declared_count is the number of entries the whole list says it has, declared_pages the number of its pages; None
    where the page does not say. skipped_count entries were left out by their title (guides, notices): REPORT links and
    these make up what declared_count counts. warnings are codes such as pager_unknown with a sentence, never an
    exception.
    """

    links: tuple[Link, ...]
    next_requests: tuple[SiteRequest, ...] = ()
    declared_count: int | None = None
    declared_pages: int | None = None
    warnings: tuple[tuple[str, str], ...] = ()
    skipped_count: int = 0
