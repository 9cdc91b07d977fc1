"""What one site answers to each address: its documents, lists and robots.txt, without the faults of the line.

Belongs here: building the tree of lists from a plan, answers with validators, changes from one night to the next. Does
not belong here: sockets and faults (server.py), markup of lists (static_lists.py, interface_lists.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from tests.sites.documents import simulate_document, write_file, write_page
from tests.sites.faults import write_robots
from tests.sites.interface_lists import make_gkmlpt, make_jcms, make_jpaas, make_ucap
from tests.sites.model import Answer, Attachment, Document, Layout, ListNode, SitePlan, Visit
from tests.sites.static_lists import GENERIC_PAGERS, TRS_PAGERS, make_generic, make_trs, make_vsb

LAST_MODIFIED = "Fri, 19 Jan 2024 08:00:00 GMT"
NOT_FOUND = Answer(b"<html><body>404 Not Found</body></html>", status=404)
_KINDS: tuple[tuple[str, ...], ...] = (("docx",), ("pdf",), (), ("zip",), (), ("doc", "pdf"), (), ())
# Every so many entries one links to a file and has no page
_FILE_EVERY = 11
_DIALECTS: Mapping[str, tuple[str, ...]] = {
    "trs_static": tuple(TRS_PAGERS),
    "jcms": ("page", "startrecord", "search", "truecms"),
    "jpaas": ("unit",),
    "ucap": ("static", "json"),
    "gkmlpt": ("api",),
    "vsb": ("reverse",),
    "static_generic": tuple(GENERIC_PAGERS),
}
FAMILIES = tuple(_DIALECTS)


def list_dialects(family: str) -> tuple[str, ...]:
    """The dialects of a family's local sites, the usual one first."""
    return _DIALECTS[family]


def make_layout(family: str, dialect: str) -> Layout:
    """How a family's dialect lays sites out; KeyError for one that is unknown."""
    if dialect not in _DIALECTS[family]:
        raise KeyError(f"{family} has no dialect {dialect!r}: one of {', '.join(_DIALECTS[family])}")
    if family == "trs_static":
        return make_trs(dialect, TRS_PAGERS[dialect])
    if family == "static_generic":
        return make_generic(dialect, GENERIC_PAGERS[dialect])
    made = {"jcms": lambda: make_jcms(dialect), "ucap": lambda: make_ucap(dialect)}
    made |= {"jpaas": make_jpaas, "gkmlpt": make_gkmlpt, "vsb": make_vsb}
    return made[family]()


class SiteContent:
    """One site's documents and lists. The same plan gives the same site; nights change it through its methods."""

    def __init__(self, plan: SitePlan) -> None:
        self.plan = plan
        self.layout = make_layout(plan.family, plan.dialect or _DIALECTS[plan.family][0])
        self.column_path = "/xxgk/ndbg/" if plan.dialect == "shell" else self.layout.column_path
        self.versions: dict[str, int] = {}
        self.removed: set[str] = set()
        self.root = ListNode(self.layout.column_path, "政府信息公开年报")
        self._documents: dict[str, Document] = {}
        self._files: dict[str, tuple[Document, Attachment]] = {}
        self._served = 0
        for place in range(plan.documents):
            self.add_document(self._choose_list(place))

    def add_document(self, node: ListNode | None = None) -> Document:
        """One more entry at the top of a list (the column's own unless another is named)."""
        place = len(self._documents) + sum(document.is_file for document, _ in self._files.values())
        number = self.plan.first_number + place
        report = simulate_document(self.plan, number)
        date = report.published.isoformat()
        path = quote(self.layout.name_report(number, date))
        kinds = _KINDS[number % len(_KINDS)] if self.plan.has_attachments else ()
        files = tuple(Attachment(self._name_file(path, number, kind), "年度报告附件", kind) for kind in kinds)
        document = Document(number, path, report.title, date, files)
        if self.layout.lists_files and self.plan.has_attachments and number % _FILE_EVERY == 7:
            only = Attachment(self._name_file(path, number, "docx"), report.title, "docx")
            document = Document(number, only.path, report.title, date, (only,), is_file=True)
        else:
            self._documents[path] = document
        self._files |= {each.path: (document, each) for each in document.attachments}
        (node or self.root).documents.insert(0, document)
        return document

    def list_documents(self) -> list[Document]:
        """The entries that can be reached: those of list pages that are there."""
        reached: list[Document] = []
        for node in self.root.walk():
            pages = -(-len(node.documents) // self.plan.per_page)
            count = max(1, pages - self.plan.missing_pages) * self.plan.per_page
            reached += node.documents[:count]
        return [each for each in reached if each.path not in self.removed]

    def find_document(self, path: str) -> tuple[Document, Attachment | None] | None:
        """The report whose page or file stands at a path, None where there is none."""
        if path in self._files:
            return self._files[path]
        document = self._documents.get(path)
        return (document, None) if document is not None else None

    def answer(self, visit: Visit) -> Answer:
        """What the site answers when nothing goes wrong; 304 where the validators that were sent still hold."""
        path = visit.path
        if path == "/robots.txt":
            status, headers, body = write_robots(self.plan.robots, self.plan.crawl_delay_seconds)
            conduct = "plain" if status else "close"
            kind = headers.pop("Content-Type", "text/html")
            return Answer(body, kind, status or 200, tuple(headers.items()), conduct=conduct)
        if path == "/robots-moved.txt":
            return Answer(b"User-agent: *\nDisallow: /private/\n", "text/plain")
        found = self.find_document(path)
        if found is None:
            return self.layout.answer_list(self.plan, self.root, visit) or NOT_FOUND
        if path in self.removed:
            return NOT_FOUND
        return self._check_validators(visit, self.write_document(path, found))

    def write_document(self, path: str, found: tuple[Document, Attachment | None]) -> Answer:
        """A report's page or file as it is tonight, with its validators."""
        document, attachment = found
        version = self.versions.get(path, 0)
        if attachment is not None:
            body, kind = write_file(self.plan, document, attachment, version)
        else:
            self._served += 1
            kind = f"text/html; charset={self.plan.declared_charset}" if document.number % 3 else "text/html"
            body = write_page(self.plan, document, self.layout.body_mark, version, self._served)
        mark = hashlib.sha256(f"{path}/{version}".encode()).hexdigest()[:16]
        sends = self.plan.validators
        return Answer(
            body,
            kind,
            etag=f'"{mark}"' if sends in ("both", "etag", "ignored") else "",
            last_modified=LAST_MODIFIED if sends in ("both", "last_modified", "ignored") else "",
        )

    def _check_validators(self, visit: Visit, answer: Answer) -> Answer:
        if self.plan.validators in ("none", "ignored"):
            return answer
        known, since = visit.headers.get("if-none-match"), visit.headers.get("if-modified-since")
        matches = known == answer.etag if known and answer.etag else bool(since) and since == answer.last_modified
        if not matches:
            return answer
        return Answer(status=304, etag=answer.etag, last_modified=answer.last_modified)

    def _name_file(self, page_path: str, number: int, kind: str) -> str:
        return quote(self.layout.name_file(page_path, number, kind), safe="/?&=%")

    def _choose_list(self, place: int) -> ListNode:
        """A third in the column itself, the rest by turns in the years of departments and of townships."""
        if not (self.plan.has_sublists and self.layout.has_tree) or place % 3 == 0:
            return self.root
        folder = self.layout.column_path.rpartition("/")[0]
        first = "list.shtml" if self.layout.column_path.endswith("list.shtml") else ""
        group_name, group = ("县政府部门", "bm") if place % 3 == 1 else ("乡镇（街道）", "xz")
        year = 2020 + place % 4
        parent = _descend(self.root, f"{folder}/{group}/{first}", group_name)
        return _descend(parent, f"{folder}/{group}/{year}/{first}", f"{year}年")


def _descend(node: ListNode, path: str, name: str) -> ListNode:
    for child in node.children:
        if child.path == path:
            return child
    node.children.append(ListNode(path, name))
    return node.children[-1]
