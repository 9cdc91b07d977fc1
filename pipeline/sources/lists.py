"""Reading a list page with its family's adapter.

Belongs here: which adapter reads which family, and that nothing a page holds can raise. Does not belong here: any
family's own markup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from pipeline.sources.families import GENERIC_FAMILY, detect_family
from pipeline.sources.gkmlpt import read_gkmlpt
from pipeline.sources.jcms import read_jcms
from pipeline.sources.jpaas import read_jpaas
from pipeline.sources.model import ListReading, Page, Role
from pipeline.sources.opened import MAX_CHARACTERS, Opened, open_page
from pipeline.sources.registry import AUTO_FAMILY
from pipeline.sources.roles import describe_column
from pipeline.sources.shell import decode_embedded, read_shell
from pipeline.sources.titles import read_page_titles
from pipeline.sources.trs_static import read_trs_static
from pipeline.sources.ucap import read_ucap
from pipeline.sources.vsb import read_vsb

ADAPTER_ERROR = "adapter_error"
FAMILY_UNKNOWN = "family_unknown"
LIST_EMPTY = "list_empty"
OFF_COLUMN = "off_column"
PAGE_CUT = "page_cut"
# A page of no family is read like TRS's: the same script pagers are copied everywhere, then links and guesses follow
_ADAPTERS: Mapping[str, Callable[[Opened], ListReading]] = {
    "trs_static": read_trs_static,
    "jcms": read_jcms,
    "jpaas": read_jpaas,
    "ucap": read_ucap,
    "gkmlpt": read_gkmlpt,
    "vsb": read_vsb,
    GENERIC_FAMILY: read_trs_static,
}


def read_list(page: Page, family: str) -> ListReading:
    """Entries, later pages and declared totals of a list page; family 'auto' is found from the page itself.

    Entries come in printed order, requests nearest page first: a caller that stops at the first page without a new
    entry takes them one by one. Never raises: what goes wrong is a warning, and a page without anything is list_empty.
    """
    try:
        reading = _read(page, family)
    # A hostile page must not end a night; the crash is named in the warning
    except Exception as error:
        return ListReading((), warnings=((ADAPTER_ERROR, f"{type(error).__name__}: {error}"[:300]),))
    if reading.links or reading.next_requests:
        return reading
    return replace(reading, warnings=(*reading.warnings, (LIST_EMPTY, "no entry and no further page was found")))


def _read(page: Page, family: str) -> ListReading:
    warnings: list[tuple[str, str]] = []
    if family == AUTO_FAMILY:
        family = detect_family(page).family
    elif family not in _ADAPTERS:
        warnings.append((FAMILY_UNKNOWN, f"{family!r} has no adapter; the page was read as {GENERIC_FAMILY}"))
        family = GENERIC_FAMILY
    opened = open_page(page)
    opened = replace(opened, text=decode_embedded(opened.text))
    if opened.is_cut:
        warnings.append((PAGE_CUT, f"the page is longer than {MAX_CHARACTERS} characters; the rest was not read"))
    reading = read_shell(opened) or _ADAPTERS[family](opened)
    if reading.next_requests and not reading.links and not _is_column(opened):
        reading = replace(reading, next_requests=())
        warnings.append(
            (OFF_COLUMN, "neither its address, its titles nor an entry shows a list of reports: not followed")
        )
    return replace(reading, warnings=(*reading.warnings, *warnings))


def _is_column(opened: Opened) -> bool:
    """Whether a page without an entry is still the list that the registry or its own titles vouch for, or a shell."""
    if (
        opened.page.request.role is not Role.LIST
        or opened.page.request.method != "GET"
        or "?" in opened.page.request.url
    ):
        return True
    return describe_column(opened.page, read_page_titles(opened)).is_trusted
