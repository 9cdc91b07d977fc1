"""Lists that come from an interface: JCMS, jpaas, UCAP and the Guangdong platform.

Belongs here: their column pages and what their interfaces answer, with what they ignore and refuse. Does not belong
here: lists that are files (static_lists.py), which UCAP has too.
"""

from __future__ import annotations

import hashlib
import html
import json
import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.sites.model import Answer, Document, Layout, ListNode, SitePlan, Visit
from tests.sites.static_lists import NOTICE_TITLE, TRS_PAGERS, make_trs, wrap_list

_JCMS_PARAMETERS = "appid=1&webid=1&path=/&columnid=1234&unitid=5678&webname=site&permissiontype=0"
_JCMS_PROXY = "/module/web/jpage/dataproxy.jsp"
_TRUECMS = "/TrueCMS/messageController/getMessage.do"
_JCMS_GROUP = 3  # pages that stand in the column page, and in one answer
_JPAAS_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_CHANNEL = "3f2b" * 8
_GKMLPT_PAGE = 100
# The column of annual reports in the tree; the columns below it count on
_FIRST_NODE = 4_321


def make_jcms(dialect: str) -> Layout:
    """JCMS: grouped answers that name the next (page), numbered records (startrecord), a catalogue, or JSONP."""

    def name_report(number: int, date: str) -> str:
        year, month, day = (int(part) for part in date.split("-"))
        if number % 4 == 3:
            return f"/art/{year}/art_{_make_hex(number)}.html"
        return f"/art/{year}/{month}/{day}/art_1234_{500_000 + number}.html"

    return Layout(
        column_path="/col/col1234/index.html",
        name_report=name_report,
        name_file=lambda page_path, number, kind: (
            f"/module/download/downfile.jsp?classid=0&filename={_make_hex(number)}.{kind}"
        ),
        answer_list=_answer_search if dialect == "search" else _answer_jcms,
        body_mark='id="zoom" class="main-txt"',
    )


def make_jpaas() -> Layout:
    """The jpaas publish server: only paramJson turns the page, and a Referer is required."""
    return Layout(
        column_path="/zfxxgk/nb/index.html",
        name_report=lambda number, date: f"/art/{date[:4]}/art_{_make_hex(number)}.html",
        name_file=lambda page_path, number, kind: (
            f"/cms_files/filemanager/{number % 90}/attach/{_make_hex(number)}.{kind}"
        ),
        answer_list=_answer_jpaas,
        body_mark='id="zoom"',
    )


def make_ucap(dialect: str) -> Layout:
    """UCAP: static lists numbered from 1, or a JSON list of the channel."""
    static = make_trs("one_based_list", TRS_PAGERS["one_based_list"]).answer_list
    return Layout(
        column_path="/hnzj/c100186/list.shtml",
        name_report=lambda number, date: (
            f"/hnzj/c100186/{date[:7].replace('-', '')}/{_make_hex(number)}.shtml"
            if number % 3
            else f"/hnzj/c100186/c{7_000_000 + number}/content.shtml"
        ),
        name_file=lambda page_path, number, kind: f"{page_path.rpartition('/')[0]}/files/{_make_hex(number)}.{kind}",
        answer_list=static if dialect == "static" else _answer_ucap,
        body_mark='id="UCAP-CONTENT"',
    )


def make_gkmlpt() -> Layout:
    """The Guangdong platform: a tree of columns in a script, pages of 100 from 1 on, the report's text in a script."""
    return Layout(
        column_path="/gkmlpt/index",
        name_report=lambda number, date: f"/gkmlpt/content/9/{9_000 + number // 1_000}/post_{9_000_000 + number}.html",
        name_file=lambda page_path, number, kind: f"/attachment/0/500/{500_000 + number}/{9_000_000 + number}.{kind}",
        answer_list=_answer_gkmlpt,
        body_mark='data-kept="DETAIL"',
        has_tree=True,
        lists_files=False,
    )


def _make_hex(number: int) -> str:
    return hashlib.md5(str(number).encode()).hexdigest()


def _read_query(visit: Visit) -> dict[str, str]:
    form = visit.body.decode("utf-8", "replace") if visit.method == "POST" else ""
    return dict(parse_qsl(urlsplit(visit.path).query)) | dict(parse_qsl(form))


def _read_number(query: dict[str, str], name: str, default: int) -> int:
    return int(query[name]) if query.get(name, "").isdigit() else default


def _refuse() -> Answer:
    return Answer(b"<html><body>403 Forbidden</body></html>", status=403)


def _print_record(document: Document) -> str:
    title = html.escape(document.title)
    address = html.escape(document.path)
    return f"<li><a href='{address}' title='{title}' target='_blank'>{title}</a><span>{document.date}</span></li>"


def _declare(plan: SitePlan, node: ListNode) -> int:
    return len(node.documents) + plan.declared_extra


def _print_datastore(plan: SitePlan, root: ListNode, documents: Sequence[Document], next_page: int | None) -> str:
    records = "".join(f"<record><![CDATA[{_print_record(each)}]]></record>" for each in documents)
    named = "" if next_page is None else f'<a href="{_JCMS_PROXY}?page={next_page}&{_JCMS_PARAMETERS}"></a>'
    group = f"<nextgroup><![CDATA[{named}]]></nextgroup>" if named else ""
    return (
        f"<datastore>{group}<totalrecord>{_declare(plan, root)}</totalrecord><totalpage>"
        f"{math.ceil(_declare(plan, root) / plan.per_page)}</totalpage><perpage>{plan.per_page}</perpage>"
        f"<recordset>{records}</recordset></datastore>"
    )


def _answer_jcms(plan: SitePlan, root: ListNode, visit: Visit) -> Answer | None:
    path, dialect = urlsplit(visit.path).path, plan.dialect or "page"
    group = _JCMS_GROUP * plan.per_page
    if path == root.path:
        store = _print_datastore(
            plan, root, root.documents[:group], 1 if dialect == "page" and len(root.documents) > group else None
        )
        proxy = _TRUECMS if dialect == "truecms" else _JCMS_PROXY
        text = (
            f'<div id="5678"><script type="text/xml">{store}</script></div>\n'
            f"<script>$('#5678').jpage({{totalRecord:{_declare(plan, root)},perPage:{plan.per_page},"
            f"groupSize:{_JCMS_GROUP},proxyUrl:'{proxy}',"
            "ajaxParam:{columnId:1234,columnid:1234,unitid:5678,webid:1,appid:1,path:'/',webname:'site',"
            "permissiontype:0}});</script>"
        )
        return Answer(wrap_list(plan, root.name, text))
    if path not in (_JCMS_PROXY, _TRUECMS):
        return None
    query = _read_query(visit)
    if dialect == "page":
        page = _read_number(query, "page", 0)
        ends = (page + 1) * group >= len(root.documents)
        store = _print_datastore(
            plan, root, root.documents[page * group : (page + 1) * group], None if ends else page + 1
        )
        return Answer(store.encode(), "text/xml;charset=UTF-8")
    if "referer" not in visit.headers:
        return _refuse()
    first, last = _read_number(query, "startrecord", 1), _read_number(query, "endrecord", group)
    store = _print_datastore(plan, root, root.documents[first - 1 : min(last, first + 299)], None)
    if dialect == "truecms":
        return Answer(f"callback({json.dumps(store)});".encode(), "text/javascript")
    return Answer(store.encode(), "text/xml;charset=UTF-8")


def _answer_search(plan: SitePlan, root: ListNode, visit: Visit) -> Answer | None:
    path = urlsplit(visit.path).path
    if path == root.path:
        text = (
            '<div id="list"></div><script>$.post("/module/xxgk/search.jsp?standardXxgk=1&isAllList=1",'
            "{infotypeId:'A0102',jdid:'1',area:'',divid:'div1234',vc_title:'',currpage:1});</script>"
        )
        return Answer(wrap_list(plan, root.name, text))
    if path != "/module/xxgk/search.jsp":
        return None
    if visit.method != "POST":
        return _refuse()
    page = _read_number(_read_query(visit), "currpage", 1)
    chosen = root.documents[(page - 1) * plan.per_page : page * plan.per_page]
    total = _declare(plan, root)
    notice = f"<li><a href='/art/2024/1/3/art_99_77.html'>{NOTICE_TITLE}</a><span>2024-01-03</span></li>"
    rows = "".join(map(_print_record, chosen)) + notice
    text = f"<ul>{rows}</ul><div>共{total}条 第{page}/{math.ceil(total / plan.per_page)}页</div>"
    return Answer(text.encode(), "text/html;charset=UTF-8")


def _answer_jpaas(plan: SitePlan, root: ListNode, visit: Visit) -> Answer | None:
    path = urlsplit(visit.path).path
    if path == root.path:
        unit = "{'webId':'w1','pageId':'p2','parseType':'bulidstatic','tagId':'信息列表','tplSetId':'t3'}"
        text = (
            f'<script src="/script/jpaas-publish-server/page.js" url="{_JPAAS_UNIT}" queryData="{unit}"></script>'
            f"<script>var pageSize = {plan.per_page};</script>"
        )
        return Answer(wrap_list(plan, root.name, text))
    if path != _JPAAS_UNIT:
        return None
    query = _read_query(visit)
    if "referer" not in visit.headers or query.get("parseType") != "bulidstatic" or query.get("tagId") != "信息列表":
        return _refuse()
    asked: Any = json.loads(query.get("paramJson", "{}"))
    page, size = int(asked.get("pageNo", 1)), int(asked.get("pageSize", 15))
    chosen = root.documents[(page - 1) * size : page * size]
    markup = (
        f'<ul>{"".join(map(_print_record, chosen))}</ul><div class="pagination" count="{_declare(plan, root)}"></div>'
    )
    return Answer(json.dumps({"success": True, "data": {"html": markup}}).encode(), "application/json;charset=UTF-8")


def _answer_ucap(plan: SitePlan, root: ListNode, visit: Visit) -> Answer | None:
    parts = urlsplit(visit.path)
    if parts.path == root.path:
        text = (
            f"<!-- ucap --><div id='list'></div><script>var channelId = '{_CHANNEL}';"
            f"$.get('/searchList/{_CHANNEL}?_isAgg=true&_isJson=true&_pageSize=18&_template=index&page=1');</script>"
        )
        return Answer(wrap_list(plan, root.name, text))
    if parts.path != f"/searchList/{_CHANNEL}":
        return None
    query = _read_query(visit)
    page, size = _read_number(query, "page", 1), _read_number(query, "_pageSize", 18)
    chosen = root.documents[(page - 1) * size : page * size]
    results = [
        {
            "title": each.title,
            "url": each.path if each.number % 2 else f"//{visit.headers['host']}{each.path}",
            "publishedTimeStr": f"{each.date} 09:30:00",
            "publishedTime": 1_600_000_000_000,
            "manuscriptId": str(each.number),
        }
        for each in chosen
    ]
    data = {"total": _declare(plan, root), "page": page, "rows": size, "results": results}
    return Answer(json.dumps({"code": 200, "data": data}).encode(), "application/json")


def _answer_gkmlpt(plan: SitePlan, root: ListNode, visit: Visit) -> Answer | None:
    parts = urlsplit(visit.path)
    nodes = {str(_FIRST_NODE + number): node for number, node in enumerate(root.walk())}
    if parts.path == root.path:
        tree = [
            {"id": 1, "name": "政府信息公开指南", "post_count": 1, "children": []},
            {"id": 2, "name": "法定主动公开内容", "post_count": 0, "children": [_describe_node("21", "政策文件", 812)]},
            _describe_tree(root, {id(node): number for number, node in nodes.items()}),
        ]
        configuration = f"window._CONFIG = {{SID: '755001', TREE: {json.dumps(tree)}, NAME: 'x'}};"
        head = "<html><head><title>政府信息公开</title></head>"
        text = f"{head}<body><div id='app'></div><script>{configuration}</script></body></html>"
        return Answer(text.encode(plan.charset))
    if not parts.path.startswith("/gkmlpt/api/all/"):
        return None
    query, node = _read_query(visit), nodes.get(parts.path.rpartition("/")[2])
    if node is None or query.get("sid") != "755001":
        return _refuse()
    # Page 0 is page 1 once more
    page = max(_read_number(query, "page", 1), 1)
    chosen = node.documents[(page - 1) * _GKMLPT_PAGE : page * _GKMLPT_PAGE]
    if page > 1 and not chosen:
        return Answer(b'{"message":"not found"}', "application/json", 404)
    origin = f"http://{visit.headers['host']}"
    articles = [_describe_article(origin, each) for each in chosen]
    total = _declare(plan, node)
    answer = {"classify": {"id": 4321, "post_count": total}, "total": total, "articles": articles}
    return Answer(json.dumps(answer).encode(), "application/json")


def _describe_tree(node: ListNode, numbers: dict[int, str]) -> dict[str, Any]:
    children = [_describe_tree(child, numbers) for child in node.children]
    return _describe_node(numbers[id(node)], node.name, len(node.documents)) | {"children": children}


def _describe_node(number: str, name: str, count: int) -> dict[str, Any]:
    return {"id": int(number), "name": name, "post_count": count, "children": []}


def _describe_article(origin: str, document: Document) -> dict[str, Any]:
    files = [
        {"name": f"{each.name}.{each.kind}", "mime": "application/octet-stream", "size": 1, "url": origin + each.path}
        for each in document.attachments
    ]
    return {
        "id": 9_000_000 + document.number,
        "title": document.title,
        "url": origin + document.path,
        "post_url": "",
        "publisher": "某局",
        "identifier": f"00700{document.number:06d}",
        "created_at": f"{document.date} 10:00:00",
        "date": document.date,
        "attachment": files,
    }
