"""List pages as files: TRS with its pager dialects, VSB counting backwards, and sites of no known family.

Belongs here: addresses and markup of such lists. Does not belong here: lists behind an interface (interface_lists.py).
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.sites.model import Answer, Document, Layout, ListNode, SitePlan, Visit

NOTICE_TITLE = "关于做好政府信息公开工作年度报告编制的通知"


@dataclass(frozen=True, slots=True)
class Pager:
    """A dialect: what the pages of a list are called, relative to the list's folder, and what is printed below them.

    first names the first page, '' where it is the folder itself. name(place, pages) gives the page at a place from 1
    on. print(place, pages, entries) gives the markup.
    """

    first: str
    name: Callable[[int, int], str]
    print: Callable[[int, int, int], str]


def make_trs(dialect: str, pager: Pager) -> Layout:
    """A TRS site whose lists use one pager dialect."""
    column = "/content/column/6791573" if dialect == "ls" else f"/zfxxgk/zfxxgknb/{pager.first}"
    folder = "/content/2024/" if dialect == "ls" else "/zfxxgk/zfxxgknb/"

    def name_report(number: int, date: str) -> str:
        day = date.replace("-", "")
        return f"{folder}{day[:6]}/t{day}_{1_000_000 + number}.{'shtml' if pager.first else 'html'}"

    def name_file(page_path: str, number: int, kind: str) -> str:
        letter = "P" if kind == "pdf" else "W"
        folder, _, name = page_path.rpartition("/")
        return f"{folder}/{letter}0{name[1:9]}{number:09d}.{kind}"

    return Layout(
        column, name_report, name_file, _answer_with(pager), 'class="TRS_Editor" id="zoom"', has_tree=dialect != "ls"
    )


def make_generic(dialect: str, pager: Pager) -> Layout:
    """A site of no known family. Its shell dialect answers the column's address with a script that leads on."""
    answer_list = _answer_with(pager)
    column = "/xxgk/ndbg/list/" if dialect == "shell" else "/xxgk/ndbg/"

    def answer_shell(plan: SitePlan, root: ListNode, visit: Visit) -> Answer | None:
        if visit.path == "/xxgk/ndbg/":
            return Answer(b"<html><head><script>location.replace('./list/')</script></head></html>", last_modified="")
        return answer_list(plan, root, visit)

    return Layout(
        column_path=column,
        name_report=lambda number, date: f"{column}{date[:7].replace('-', '')}/content_{2_000_000 + number}.html",
        name_file=lambda page_path, number, kind: f"/upload/files/{number:06d}/年度报告{number}.{kind}",
        answer_list=answer_shell if dialect == "shell" else answer_list,
        body_mark='class="content"',
        has_tree=dialect == "next",
    )


def make_vsb() -> Layout:
    """A VSB site: the newest page has no number, the oldest is number 1."""
    pager = Pager("gknb.htm", lambda place, pages: f"gknb/{pages - place}.htm", _print_vsb)
    return Layout(
        column_path="/zwgk/gknb.htm",
        name_report=lambda number, date: f"/info/1005/{3_000 + number}.htm",
        name_file=lambda page_path, number, kind: (
            f"/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid={number}{ord(kind[-1])}"
        ),
        answer_list=_answer_with(pager),
        body_mark='class="v_news_content" id="vsb_content"',
    )


TRS_PAGERS: dict[str, Pager] = {
    "zero_based": Pager(
        "",
        lambda place, pages: f"index_{place}.html",
        lambda place, pages, entries: f'<script>createPageHTML({pages}, {place}, "index", "html");</script>',
    ),
    "zero_based_counted": Pager(
        "",
        lambda place, pages: f"index_{place}.shtml",
        lambda place, pages, entries: (
            f'<script>createPageHTML({pages}, {place}, "index", "shtml", "black2", {entries});</script>'
        ),
    ),
    "one_based_list": Pager(
        "list.shtml",
        lambda place, pages: f"list_{place + 1}.shtml",
        lambda place, pages, entries: (
            f"<script>createPageHTML('page_div', {pages}, {place + 1}, 'list', 'shtml', {entries});</script>"
        ),
    ),
    "one_based_index": Pager(
        "",
        lambda place, pages: f"index_{place + 1}.html",
        lambda place, pages, entries: (
            f"<script>createPageHTML('paging', {pages}, {place + 1}, 'index', 'html', {entries});</script>"
        ),
    ),
    "count_page": Pager(
        "",
        lambda place, pages: f"index_{place}.html",
        lambda place, pages, entries: (
            f"<script>\nvar currentPage = {place};//所在页从0开始\nvar countPage = {pages}//共多少页\n"
            'if(currentPage != countPage-1) document.write("<a href=index_"+(currentPage+1)+".html>下一页</a>");\n'
            "</script>"
        ),
    ),
    "set_page": Pager(
        "",
        lambda place, pages: f"index_{place + 1}.html",
        lambda place, pages, entries: f'<script>$("#page").pagination("setPage", {place + 1}, {pages});</script>',
    ),
    "options": Pager(
        "",
        lambda place, pages: f"index_{place}.html",
        lambda place, pages, entries: (
            f"<script>new Pager({{size:{pages}, current:{place}, prefix:'index', suffix:'html'}});</script>"
        ),
    ),
    "ls": Pager(
        "",
        lambda place, pages: f"?pageIndex={place + 1}",
        lambda place, pages, entries: (
            f"<script>Ls.pagination('#page_list', function (p) {{}}, {{\n  currPage: {place + 1}, pageCount: {pages},"
            "\n  link: {id: '#page_list', len: 5, href: '/content/column/6791573?pageIndex=1'}},"
            f" {{dataCount: {entries}}});</script>"
        ),
    ),
}
GENERIC_PAGERS: dict[str, Pager] = {
    "next": Pager(
        "",
        lambda place, pages: f"{place + 1}.html",
        lambda place, pages, entries: (
            f'<div class="page">共{entries}条 第{place + 1}/{pages}页 '
            + (f'<a href="{place + 2}.html">下一页</a>' if place + 1 < pages else "")
            + "</div>"
        ),
    ),
    "guessed_name": Pager(
        "",
        lambda place, pages: f"index_{place + 1}.html",
        lambda place, pages, entries: f'<div class="page" onclick="turn()">第{place + 1}/{pages}页 下一页 尾页</div>',
    ),
    "guessed_query": Pager(
        "",
        lambda place, pages: f"?page={place + 1}",
        lambda place, pages, entries: f'<div class="page"><span data-p="2">下一页</span> 共{pages}页</div>',
    ),
}
GENERIC_PAGERS["shell"] = GENERIC_PAGERS["next"]


def split_pages(plan: SitePlan, node: ListNode) -> tuple[list[Sequence[Document]], int, int]:
    """The pages of a list that are there, and the pages and entries that it declares (its notice counts as one)."""
    pages = [node.documents[at : at + plan.per_page] for at in range(0, len(node.documents), plan.per_page)] or [[]]
    declared_entries = len(node.documents) + bool(node.documents) + plan.declared_extra
    declared = max(len(pages), math.ceil((len(node.documents) + plan.declared_extra) / plan.per_page))
    return pages[: max(1, len(pages) - plan.missing_pages)], declared, declared_entries


def _answer_with(pager: Pager) -> Callable[[SitePlan, ListNode, Visit], Answer | None]:
    def answer_list(plan: SitePlan, root: ListNode, visit: Visit) -> Answer | None:
        for node in root.walk():
            pages, declared, entries = split_pages(plan, node)
            place = _find_place(pager, node.path, visit.path, len(pages), declared)
            if place is not None:
                text = _print_list(plan, node, pages[place], place) + pager.print(place, declared, entries)
                return Answer(wrap_list(plan, node.name, text))
        return None

    return answer_list


def _find_place(pager: Pager, node_path: str, path: str, count: int, declared: int) -> int | None:
    """Which page of a list an address is, None where it is none of those that are there."""
    folder = node_path.rpartition("/")[0] + "/"
    firsts = {node_path, folder + pager.first} | ({f"{folder}index.html"} if not pager.first else set())
    if path in firsts:
        return 0
    for place in range(1, count):
        name = pager.name(place, declared)
        if path == (node_path + name if name.startswith("?") else folder + name):
            return place
    return None


def _print_list(plan: SitePlan, node: ListNode, documents: Sequence[Document], place: int) -> str:
    """The list itself; its first page leads to the lists below it and holds a notice that is no report."""
    mark = ' id="line_u5_{}"' if plan.family == "vsb" else ""
    rows = [_print_entry(number, document, mark.format(number)) for number, document in enumerate(documents)]
    if place == 0 and node.documents:
        rows.append(
            f'<li{mark.format(99)}><a href="/tzgg/202401/t20240103_77.html">{NOTICE_TITLE}</a>'
            "<span>2024-01-03</span></li>"
        )
    lists = (
        "".join(f'<li><a href="{child.path}">{child.name}</a></li>' for child in node.children) if place == 0 else ""
    )
    extra = f'<ul class="columns">{lists}</ul>' if lists else ""
    if place == 0 and plan.robots in ("private", "huge", "redirect"):
        extra += (
            '<ul><li><a href="/private/202401/t20240119_1.html">2019年政府信息公开工作年度报告</a>'
            "<span>2020-01-09</span></li></ul>"
        )
    return f'{extra}<ul class="list">{"".join(rows)}</ul>'


def _print_entry(number: int, document: Document, mark: str) -> str:
    title = html.escape(document.title)
    short = f"{title[:18]}..." if number % 3 == 0 else title
    address = html.escape(document.path)
    return (
        f'<li{mark}><a href="{address}" title="{title}" target="_blank">{short}</a><span>{document.date}</span></li>\n'
    )


def _print_vsb(place: int, pages: int, entries: int) -> str:
    following = f'<a href="{"gknb/" if place == 0 else ""}{pages - place - 1}.htm" class="Next">下页</a>'
    return (
        f'<div>共{entries}条 {place + 1}/{pages} <a href="{pages}.htm">首页</a>'
        f"{following if place + 1 < pages else '下页'}</div>"
        '<script src="/system/resource/js/counter.js"></script><!--#_sitegray-->'
    )


def wrap_list(plan: SitePlan, name: str, text: str) -> bytes:
    """A list page: its column's name in the head, a menu with traps, the list."""
    menu = "".join(
        f'<li><a href="{address}">{label}</a></li>'
        for address, label in (
            ("/", "首页"),
            ("/zwgk/tzgg/", "通知公告"),
            ("/zwgk/zfxxgkzn/", "政府信息公开指南"),
            ("/zwgk/zfxxgkzd/", "政府信息公开制度"),
        )
    )
    page = (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={plan.declared_charset}">'
        f'<title>{name}_某县人民政府</title><meta name="ColumnName" content="政府信息公开年报"></head>\n'
        f'<body><div class="nav"><ul>{menu}</ul></div>\n'
        f'<div class="position">首页 &gt; 政府信息公开 &gt; 政府信息公开年报</div>\n{text}\n'
        '<div class="footer">主办：某县人民政府</div></body></html>'
    )
    return page.encode(plan.charset)
