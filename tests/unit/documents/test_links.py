"""Which links of a page lead to files. Addresses are shaped as sites shape theirs."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.contract.schema import load_tables
from pipeline.documents.links import LONGEST_TEXT, find_links
from pipeline.documents.model import Link
from pipeline.documents.read import read_document


def find(html: str) -> list[tuple[str, str, str]]:
    return [(link.kind, link.text, link.target) for link in find_links(LexborHTMLParser(html))]


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ('<a href="./P020230119.pdf">年度报告</a>', "pdf"),
        ('<a href="W0202301195.DOC">年度报告</a>', "word"),
        ('<a href="/files/%E5%B9%B4%E6%8A%A5.wps?v=2">年报</a>', "word"),
        ('<a href="/module/download/downfile.jsp?classid=0&amp;filename=2301.docx">年报</a>', "word"),
        ('<a href="http://a.gov.cn/x/report.xlsx#page=1">附表</a>', "sheet"),
        ('<a href="nb.rar">年报</a>', "archive"),
        ('<a href="nb.ofd">年报</a>', "ofd"),
        ('<a href="/upload/nb.jpg">图</a>', "image"),
        ('<a href="/download?id=17">2022年年度报告.pdf</a>', "pdf"),
        ('<a href="/download?id=17">2022年年度报告.doc （点击下载）</a>', "word"),
        ('<a href="/download?id=17">附件1</a>', "download"),
        ('<a href="/download?id=17">年度报告 下载</a>', "download"),
        ('<iframe src="/pdfjs/web/viewer.html?file=/upload/nb.pdf"></iframe>', "pdf"),
        ('<embed src="nb.pdf">', "pdf"),
        ('<object data="nb.pdf"></object>', "pdf"),
        ('<img src="./W020230119.png" alt="第一页">', "image"),
    ],
)
def test_link_to_a_file(link: str, kind: str) -> None:
    ((found, _, _),) = find(f"<p>{link}</p>")
    assert found == kind
    columns = {column.name: column for column in load_tables()["raw.attachment"].columns}
    assert kind in columns["attachment_kind_code"].values


@pytest.mark.parametrize(
    "link",
    [
        '<a href="../nb/index.html">年度报告</a>',
        '<a href="/xzzx/">下载</a>',
        '<a href="/xzzx/index.shtml">附件下载</a>',
        '<a href="/down?id=1">客户端下载</a>',
        '<a href="/down?id=1">下载中心</a>',
        '<a href="#fj.pdf">附件</a>',
        '<a href="javascript:void(0)">附件</a>',
        '<a href="mailto:a@b.doc">附件</a>',
        '<a href="">附件</a>',
        '<a name="x">附件</a>',
        '<a href="http://www.example.doc">网站</a>',
        '<a href="/news/report.pdf.html">年报</a>',
        '<iframe src="/top.html"></iframe>',
        '<img src="../../images/logo.png">',
        '<img src="http://a.gov.cn/logo.png">',
        '<img src="data:image/png;base64,AAAA.png">',
        '<!-- <a href="nb.pdf">附件</a> -->',
        "<script>var a = '<a href=\"nb.pdf\">附件</a>'</script>",
    ],
)
def test_link_to_no_file(link: str) -> None:
    assert find(f"<p>{link}</p>") == []


def test_order_text_and_target_are_those_of_the_page() -> None:
    page = '<a href="b.pdf"> 附件\n一 </a><img src="a.png"><a href="\n c.doc " title="附件二"></a>'
    assert find(page) == [("pdf", "附件 一", "b.pdf"), ("image", "", "a.png"), ("word", "附件二", "c.doc")]
    assert [link.number for link in find_links(LexborHTMLParser(page))] == [1, 2, 3]


def test_a_target_is_listed_once_with_its_first_text() -> None:
    assert find('<a href="b.pdf"><img src="/icon.gif"></a><a href="b.pdf">附件</a><a href="b.pdf">下载</a>') == [
        ("pdf", "附件", "b.pdf")
    ]


def test_text_of_half_a_page_is_cut() -> None:
    ((_, text, _),) = find(f'<a href="b.pdf">{"文" * 5000}</a>')
    assert len(text) == LONGEST_TEXT


def test_reading_a_page_brings_its_links() -> None:
    page = '<html><head><meta charset="gbk"></head><body><a href="年报.pdf">附件</a></body></html>'
    assert read_document(page.encode("gbk"), "text/html").links == (Link(1, "附件", "年报.pdf", "pdf"),)
