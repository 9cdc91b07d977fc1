"""Pages whose text only a script holds, as the disclosure platform of Guangdong makes them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.accuracy import compare_cells
from bench.layouts import LAYOUTS
from bench.model import list_values
from bench.simulate import simulate_report
from pipeline.archive.sniff import sniff_media_type
from pipeline.documents.html import read_html
from pipeline.documents.model import Document, Grid, Text
from pipeline.documents.page_embedded import find_embedded
from pipeline.documents.read import read_document
from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import IssueCode
from pipeline.reports.read import read_report

CONTENT = '<p>收到的申请</p><table><tr><td>新收</td><td>17</td></tr></table><p>附表"一"</p>'
FRAME = "<ul><li>首页</li><li>政务公开</li></ul><div id='app'></div>"
READ = ["收到的申请", ["新收", "17"], '附表"一"']
OWN_TABLE = "<table><tr><td>结转</td><td>4</td></tr></table>"


def write_json(content: str) -> str:
    return f'window._CONFIG = {{"SID":"7","DETAIL":{{"id":1,"content":{json.dumps(content)},"files":[]}},"TREE":[]}};'


def write_plain_json(content: str) -> str:
    """Characters as they are, slashes escaped: no end tag in the script looks like one."""
    text = json.dumps(content, ensure_ascii=False).replace("/", "\\/")
    return f'window._CONFIG={{"DETAIL":{{"content":{text}}}}}'


def write_literal(content: str) -> str:
    text = content.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("<", "\\x3c")
    return (
        "\nvar site = 1;\nwindow['_CONFIG'] = {\n  SID: '7',\n  TREE: [{name: 'DETAIL', children: []}],\n"
        f"  DETAIL: {{id: 1, author: {{content: 'x'}},\n content: '{text}', }}\n}}"
    )


def write_unicode(content: str) -> str:
    escaped = "".join(f"\\u{ord(character):04X}" for character in content)
    return f'var _CONFIG = {{DETAIL: {{"content": "{escaped}"}}}}'


WRITERS = [write_json, write_plain_json, write_literal, write_unicode]


def make_page(script: str, frame: str = FRAME, head: str = "") -> bytes:
    return f"<html><head>{head}<script>{script}</script></head><body>{frame}</body></html>".encode()


def describe(document: Document) -> list[str | list[str]]:
    return [b.text if isinstance(b, Text) else [cell.text for cell in b.cells] for b in document.blocks]


@pytest.mark.parametrize("write", WRITERS)
def test_the_string_of_the_script_is_the_page(write: Callable[[str], str]) -> None:
    assert describe(read_html(make_page(write(CONTENT)))) == READ


def test_places_count_within_the_string() -> None:
    first, grid, last = read_html(make_page(write_json(CONTENT))).blocks
    assert isinstance(grid, Grid)
    assert [str(cell.locator) for cell in grid.cells] == ["T1 R1 C1", "T1 R1 C2"]
    assert [str(b.locator) for b in (first, last) if isinstance(b, Text)] == ["L1", "L2"]


@pytest.mark.parametrize(
    "script",
    [
        write_json(CONTENT)[:-50],
        write_json(CONTENT).replace('"id":1', '"id":1 2'),
        write_json(CONTENT).replace('"id"', '"id'),
        write_json(CONTENT).replace("17", "17\\u12"),
        write_json(CONTENT).replace("17", "17\\x1"),
        write_json(CONTENT).replace("17", "\\17"),
        write_json(CONTENT).replace('"files"', '+"<p>2</p>","files"'),
        write_json(CONTENT).replace("_CONFIG", "_CONFIGURATION"),
        write_json(CONTENT).replace("DETAIL", "DETAILS"),
        write_json(" \n"),
        write_json(CONTENT).replace('"content":"', '"content":null,"text":"'),
        'window._CONFIG = {"TREE":' + "[" * 5_000,
        'window._CONFIG = {"DETAIL":{"x":' + "[" * 5_000,
        'window._CONFIG = {"DETAIL":{"x":[' + "1," * 200_000 + '1],"content":"<p>文</p>"}}',
        "DETAIL: {content: '<p>文</p>'}",
    ],
)
def test_a_string_that_is_not_whole_leaves_the_page_as_it_is(script: str) -> None:
    assert describe(read_html(make_page(script))) == ["首页", "政务公开"]


def test_what_no_browser_would_run_holds_no_page() -> None:
    script = write_json(CONTENT).replace("</", "<\\/")
    for body in (f"<!-- <script>{script}</script> -->", f"<pre>{script.replace('<', '&lt;')}</pre>"):
        assert find_embedded(body) is None
    assert find_embedded(f"<!-- menu --><SCRIPT>{script}</SCRIPT>") is not None


def test_a_page_with_a_report_of_its_own_is_read_as_before() -> None:
    sentences = "<p>本机关全年主动公开信息若干条，均在规定期限内完成。</p>" * 10
    for own in (OWN_TABLE, sentences):
        plain, embedded = (read_html(make_page(script, frame=own)) for script in ("", write_json(CONTENT)))
        assert describe(embedded) == describe(plain)
    notice = "<p>您的浏览器版本过低，请升级后访问。</p><table><tr><td>网站地图</td><td>联系我们</td></tr></table>"
    assert describe(read_html(make_page(write_json(CONTENT), frame=notice))) == READ


def test_the_record_fills_what_the_head_leaves_open() -> None:
    record = {
        "title": "清溪县 年度报告",
        "date": 1706659200,
        "created_at": "2024-01-31 09:00:00",
        "publisher": "清溪县教育局",
        "identifier": "MB2C/2024-1",
        "content": CONTENT,
    }
    script = f"window._CONFIG = {json.dumps({'DETAIL': record})}"
    head = '<title>清溪</title><meta name="contentsource" content="清溪县人民政府"><meta name="PubDate" content="">'
    assert read_html(make_page(script, head=head)).metadata == {
        "title": "清溪",
        "contentsource": "清溪县人民政府",
        "ArticleTitle": "清溪县 年度报告",
        "PubDate": "2024-01-31 09:00:00",
        "identifier": "MB2C/2024-1",
    }


def test_links_of_the_string_come_first_and_each_target_once() -> None:
    content = '<p><a href="/a/1.pdf">年报</a><a href="/a/2.docx">附表</a></p>'
    frame = '<p><a href="/a/1.pdf">下载</a><a href="/zn.doc">指南</a></p>'
    document = read_html(make_page(write_json(content), frame=frame))
    assert [(link.number, link.text, link.target) for link in document.links] == [
        (1, "年报", "/a/1.pdf"),
        (2, "附表", "/a/2.docx"),
        (3, "指南", "/zn.doc"),
    ]


def test_styles_around_the_string_hide_what_it_says_too() -> None:
    content = '<table><tr><td>新收</td><td>1<span class="n">7</span></td></tr></table>'
    document = read_html(make_page(write_json(content), head="<style>.n{display:none}</style>"))
    assert describe(document) == [["新收", "1\ufffd"]]


def test_a_script_inside_the_string_swallows_nothing() -> None:
    content = f"<script>var n = 3</script>{CONTENT}"
    assert describe(read_html(make_page(write_plain_json(content)))) == READ


def test_the_limits_of_pages_hold_for_the_string() -> None:
    # One after the other: within a script end tags are escaped, so the whole would look like one deep nest
    flat = f"{'<p><span>文</span></p>' * 2_000}{CONTENT}"
    assert describe(read_html(make_page(write_plain_json(flat))))[-3:] == READ
    with pytest.raises(DocumentRefused) as refused:
        read_html(make_page(write_plain_json("<div>" * 501 + CONTENT + "</div>" * 501)))
    assert refused.value.issue.code is IssueCode.LIMIT_EXCEEDED


def test_characters_lost_within_the_string_are_reported() -> None:
    halved = "<p>文\ud83d件</p>" + CONTENT
    document = read_html(make_page(write_json(halved)))
    assert describe(document)[0] == "文\ufffd件"
    assert [issue.code for issue in document.issues] == [IssueCode.DAMAGED_TEXT]


@pytest.mark.parametrize("layout", ["page", "word"])
@pytest.mark.parametrize("write", WRITERS)
def test_every_number_of_a_report_in_a_script_is_read(write: Callable[[str], str], layout: str) -> None:
    report = simulate_report(1, 2024)
    source = LAYOUTS[layout](report).text
    body = source.partition("<body>")[2].partition("</body>")[0]
    content = make_page(write(body), head=f"<title>{report.title}</title>")
    found = read_report(read_document(content, sniff_media_type(content)))
    assert found.is_report
    assert (found.agency_name, found.report_year) == (report.agency_name, report.report_year)
    values = list_values(report.cells)
    assert compare_cells(layout, values, found.cells) == (sum(1 for value in values.values() if value), [])
    assert len(values) == 200


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="{}[]:,\"'\\ux01aDETAILcontent<>/_CONFIG= \n", max_size=120))
def test_no_script_breaks_the_reader(script: str) -> None:
    read_html(make_page(f'_CONFIG={{DETAIL:{{"content":"<p>{script}'))
    read_html(make_page(f"_CONFIG={{{script}"))
