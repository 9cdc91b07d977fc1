"""Pagers that static pages write with a script: how many pages there are and what the others are called.

Belongs here: every dialect of such a call, with the base of its page numbers. Does not belong here: links to the next
page (static_generic.py, vsb.py) and lists that are asked for through an interface (jcms.py, jpaas.py, ...).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

# Nobody publishes that many pages of annual reports in one column; a greater total is a mistake or a trap
MAX_PAGES = 200
_MAX_TOTAL = 1_000_000
_CALL = re.compile(r"createPageHTML\s*\(([^()]{1,200})\)")
_VARIABLE = re.compile(r"\bvar\s+(\w{1,40})\s*=\s*[\"']?(\d{1,7})[\"']?\s*(?:[;,\r\n]|//)")
_SET_PAGE = re.compile(r"\.pagination\s*\(\s*[\"']setPage[\"']\s*,\s*(\d{1,7})\s*,\s*(\d{1,7})")
_PAGER = re.compile(r"\bPager\s*\(\s*(\{[^{}]{1,300}\})")
_LS_PAGER = re.compile(r"\bLs\.pagination\s*\((.{1,1500})", re.DOTALL)
_LS_ADDRESS = re.compile(r"/content/column/\d+")
_SCRIPT_NAME = re.compile(r"[\"'](\w{1,40})_[\"']\s*\+[^;\n]{1,80}\+\s*[\"']\.?(s?html?)[\"']")
_NUMBERED = re.compile(r"_(\d{1,6})\.\w+$")


@dataclass(frozen=True, slots=True)
class Pager:
    """The pager of one page. Places count from 0; place 0 is the column's own address.

    pages and entries are the totals it declares (entries None where it does not say). make_address gives the address
    of a place relative to the page.
    """

    pages: int
    place: int
    entries: int | None
    make_address: Callable[[int], str]

    def later_addresses(self, page_url: str) -> tuple[str, ...]:
        """Absolute addresses of every page after this one, nearest first, never more than MAX_PAGES in all."""
        last = min(self.pages, MAX_PAGES)
        return tuple(urljoin(page_url, self.make_address(place)) for place in range(self.place + 1, last))


def find_pager(text: str, page_url: str) -> Pager | None:
    """The pager that a page's scripts call, None where no dialect fits. Totals beyond reason count as none."""
    for read_dialect in (_read_create_page, _read_set_page, _read_pager_options, _read_ls_pager, _read_count_page):
        pager = read_dialect(text, page_url)
        if pager is not None and 0 < pager.pages <= _MAX_TOTAL:
            return pager
    return None


def _read_create_page(text: str, page_url: str) -> Pager | None:
    """createPageHTML: pages count from 0, but from 1 where the first argument is the quoted name of an element."""
    variables = dict(_VARIABLE.findall(text))
    for call in _CALL.finditer(text):
        if _is_commented(text, call.start()):
            continue
        parts = [part.strip() for part in call[1].split(",")]
        first = 0 if not parts[0].startswith(("'", '"')) else 1
        arguments = [variables.get(part, part).strip("\"'") for part in parts[first:]]
        if len(arguments) < 4 or not (arguments[0].isdigit() and arguments[1].isdigit()):
            continue
        entries = next((int(word) for word in reversed(arguments[4:]) if word.isdigit()), None)
        return _number_files(
            int(arguments[0]), int(arguments[1]), first, (arguments[2], arguments[3]), entries, page_url
        )
    return None


def _read_set_page(text: str, page_url: str) -> Pager | None:
    found = _SET_PAGE.search(text)
    if found is None:
        return None
    return _number_files(int(found[2]), int(found[1]), 1, ("index", _own_suffix(page_url)), None, page_url)


def _read_pager_options(text: str, page_url: str) -> Pager | None:
    """Pager({size: pages, current, prefix, suffix}): pages count from 0."""
    found = _PAGER.search(text)
    if found is None:
        return None
    size = _read_option(found[1], "size")
    if not size.isdigit():
        return None
    current = _read_option(found[1], "current") or "0"
    names = (_read_option(found[1], "prefix") or "index", _read_option(found[1], "suffix") or _own_suffix(page_url))
    return _number_files(int(size), int(current) if current.isdigit() else 0, 0, names, None, page_url)


def _read_count_page(text: str, page_url: str) -> Pager | None:
    """Var countPage with currentPage: pages count from 0; the script that follows spells the file names."""
    variables = dict(_VARIABLE.findall(text))
    if "countPage" not in variables:
        return None
    spelled = _SCRIPT_NAME.search(text)
    names = (spelled[1], spelled[2]) if spelled else ("index", _own_suffix(page_url))
    entries = variables.get("recordCount") or variables.get("countRecord")
    return _number_files(
        int(variables["countPage"]),
        int(variables.get("currentPage", "0")),
        0,
        names,
        int(entries) if entries else None,
        page_url,
    )


def _read_ls_pager(text: str, page_url: str) -> Pager | None:
    """Ls.pagination: /content/column/<id>?pageIndex=2, counted from 1."""
    found = _LS_PAGER.search(text)
    if found is None:
        return None
    options = found[1]
    pages = next(
        (value for key in ("pageCount", "totalPage", "pages", "pageTotal") if (value := _read_option(options, key))), ""
    )
    current = next(
        (value for key in ("pageIndex", "currPage", "current") if (value := _read_option(options, key))), "1"
    )
    if not pages.isdigit():
        return None
    address = _LS_ADDRESS.search(urlsplit(page_url).path) or _LS_ADDRESS.search(options) or _LS_ADDRESS.search(text)
    path = address[0] if address else urlsplit(page_url).path
    entries = _read_option(options, "total") or _read_option(options, "dataCount")
    return Pager(
        int(pages),
        max(int(current) - 1, 0) if current.isdigit() else 0,
        int(entries) if entries.isdigit() else None,
        lambda place: f"{path}?{urlencode({'pageIndex': place + 1})}",
    )


def _number_files(
    pages: int, current: int, first: int, names: tuple[str, str], entries: int | None, page_url: str
) -> Pager:
    """A pager of numbered files: place 1 is <name>_1 where pages count from 0, <name>_2 where they count from 1.

    A number in the page's own address outweighs what its script says about itself: copied scripts are often stale.
    """
    name, suffix = names[0], names[1].lstrip(".")
    numbered = _NUMBERED.search(urlsplit(page_url).path)
    own = int(numbered[1]) if numbered and f"{name}_" in page_url else current
    return Pager(
        pages, max(own - first, 0), entries, lambda place: f"{name}_{place + first}.{suffix}" if place else "./"
    )


def _read_option(options: str, key: str) -> str:
    found = re.search(rf"\b{key}[\"']?\s*:\s*[\"']?([\w./-]+)", options)
    return found[1] if found else ""


def _own_suffix(page_url: str) -> str:
    found = re.search(r"\.(s?html?)$", urlsplit(page_url).path)
    return found[1] if found else "html"


def _is_commented(text: str, position: int) -> bool:
    """Whether a line comment begins before this place on its line; the // of an address is none."""
    line = text[text.rfind("\n", 0, position) + 1 : position]
    return bool(re.search(r"(?<!:)//", line))
