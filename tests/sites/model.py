"""What a local site is made of: the plan it is built from, its documents and lists, requests and answers.

Belongs here: records alone. Does not belong here: how any of them is written as HTML or sent over a socket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.sites.faults import Faults


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What a site publishes and how.

    family: a family of pipeline/sources/families.toml. dialect: one of list_dialects(family), '' for the first.
    documents: how many entries its lists have in all. per_page: entries a page. first_number: the number of its first
    report in bench's generator; sites with different ranges publish different reports. has_sublists: two thirds of
    the documents stand in lists of departments and townships, by year. validators: both, etag, last_modified, none, or
    ignored (sent, but every answer is whole). has_counters: pages carry a click counter, a nonce and a comment that
    change with every answer. declared_extra: how many entries more than there are its pages claim. missing_pages: so
    many of the last list pages are not there. robots: a state of faults.ROBOTS. challenge: '' or one of
    faults.CHALLENGES, then no page but robots.txt is ever served. tls: '' or a kind of certificates.TLS_KINDS.
    """

    family: str
    dialect: str = ""
    documents: int = 30
    per_page: int = 8
    seed: int = 1
    first_number: int = 0
    charset: str = "utf-8"
    has_sublists: bool = False
    validators: str = "both"
    has_counters: bool = True
    has_attachments: bool = True
    declared_extra: int = 0
    missing_pages: int = 0
    faults: Faults = field(default_factory=Faults)
    robots: str = "none"
    crawl_delay_seconds: float = 0.0
    challenge: str = ""
    tls: str = ""

    @property
    def declared_charset(self) -> str:
        """What its pages call their charset: of the GB family all say gb2312."""
        return "gb2312" if self.charset.startswith("gb") else self.charset


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a report: the address it has on the site, what a person calls it, and its kind."""

    path: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Document:
    """One entry of a list. number is its report's in bench's generator; path is its page's, or its file's own.

    is_file: the list links to the file itself, and there is no page.
    """

    number: int
    path: str
    title: str
    date: str
    attachments: tuple[Attachment, ...] = ()
    is_file: bool = False


@dataclass(slots=True)
class ListNode:
    """A list of documents, and of lists. path ends in a slash, or is the address of its first page."""

    path: str
    name: str
    documents: list[Document] = field(default_factory=list)
    children: list[ListNode] = field(default_factory=list)

    def walk(self) -> Iterator[ListNode]:
        """This list and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Visit:
    """One request as it arrived: seconds of time.monotonic, method, path with query, headers in lower case, body."""

    time: float
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. conduct says how it is sent: see server.send_answer. etag and last_modified only where they are sent.

    raw, where not empty, is sent as it is and the connection closed.
    """

    body: bytes = b""
    content_type: str = "text/html"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    etag: str = ""
    last_modified: str = ""
    conduct: str = "plain"
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Layout:
    """How one family and dialect lays a site out.

    column_path is where the column stands. name_report and name_file give addresses, the latter of a file beside a
    report's page. answer_list gives the list pages and interfaces of a tree of lists, None for what is none of them.
    body_mark is the attribute of the element that holds a report's text. has_tree: whether lists can stand below the
    column. lists_files: whether an entry of a list may be a file without a page.
    """

    column_path: str
    name_report: Callable[[int, str], str]
    name_file: Callable[[str, int, str], str]
    answer_list: Callable[[SitePlan, ListNode, Visit], Answer | None]
    body_mark: str
    has_tree: bool = False
    lists_files: bool = True
