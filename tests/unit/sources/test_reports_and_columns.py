from __future__ import annotations

import json

import pytest

from pipeline.sources.columns import find_columns
from pipeline.sources.model import Role
from pipeline.sources.report_page import read_report_page
from pipeline.sources.roles import column_directory, is_below, is_dropped, is_list_title, names_report, read_shape
from tests.unit.sources.pages_for_tests import SITE, load_page, make_page

ARTICLE = "/zwgk/zfxxgknb/202401/t20240119_2136694.html"


def test_attachments_come_from_the_body_once_each() -> None:
    reading = read_report_page(load_page("report_page.html", ARTICLE))
    assert [(link.role, link.title) for link in reading.links] == [
        (Role.ATTACHMENT, "附件：清溪县年度报告.pdf"),
        (Role.ATTACHMENT, "原文"),
    ]
    assert reading.links[0].url == f"{SITE}/zwgk/zfxxgknb/202401/P020240119555.pdf"


def test_attachments_outside_any_known_body_and_in_frames_are_found() -> None:
    body = (
        "<div class='nav'><a href='/zn.pdf'>指南</a></div><p><a href='a.docx'>年报</a></p><iframe src='b.pdf'></iframe>"
    )
    reading = read_report_page(make_page(body, "/nb/1.html"))
    assert [link.url for link in reading.links] == [f"{SITE}/nb/a.docx", f"{SITE}/nb/b.pdf"]


def test_text_that_a_script_holds_is_read_for_attachments() -> None:
    content = json.dumps('<p>全文见附件<a href="/attachment/0/5/n.pdf">附件</a></p>').replace("<", "\\u003c")
    body = f"<script>window._CONFIG = {{SID:'7', DETAIL: {{id:1, title:'报告', content:{content}}} }};</script>"
    reading = read_report_page(make_page(body, "/gkmlpt/content/1/post_1.html"))
    assert [link.url for link in reading.links] == [f"{SITE}/attachment/0/5/n.pdf"]


def test_columns_are_found_by_name_the_official_one_first_and_on_the_site_only() -> None:
    found = find_columns(load_page("root.html", "/"))
    assert [(link.url, link.role) for link in found] == [
        ("http://xxgk.qingxi.gov.cn/zfxxgknb/", Role.LIST),
        (f"{SITE}/zwgk/gknb/", Role.LIST),
    ]


def test_without_a_column_the_platform_or_the_shell_leads_on_but_not_for_ever() -> None:
    platform = (
        '<a href="/zwgk/">政务公开</a><a href="/zfxxgk/">政府信息公开</a><a href="/zfxxgk/zn/">政府信息公开指南</a>'
    )
    assert [(link.url, link.role) for link in find_columns(make_page(platform, "/"))] == [
        (f"{SITE}/zwgk/", Role.ROOT),
        (f"{SITE}/zfxxgk/", Role.ROOT),
    ]
    assert find_columns(make_page(platform, "/", depth=2)) == ()
    (target,) = find_columns(make_page("<script>location.replace('/portal/')</script>", "/"))
    assert (target.url, target.role) == (f"{SITE}/portal/", Role.ROOT)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.lg.gov.cn/xxgk/xxgknb/qzfgzbm/content/post_11956962.html",
        "http://61.150.65.235/zfxxgk/zfxxgknb/bmxxgknb/1906985018193408001.html",
        "http://suijiang.gov.cn/subsiteIndex/toPage?subsiteFlag=suijiangpc&subsiteId=1&pageType=view&objectId=27650",
        "http://www.xixianxinqu.gov.cn/xwzx/ztzl/zfxxgknb/2023/gzj/dzjd/1.html",
        "https://www.pingli.gov.cn/Content-2361064.html",
        "https://www.sxyc.gov.cn/art/2024/1/22/art_1229445040_4107020.html",
        "http://sx.cma.gov.cn/zfxxgk/gknb/2023n/bm_92511/202401/t20240109_5996493.html",
        "https://www.chuzhou.gov.cn/public/2681553/1111174149.html",
        "http://www.huichang.gov.cn/hcxxxgk/hc1554/202101/157a95c3e64f41039bb3beb14dbc7638.shtml",
        "https://www.np.gov.cn/cms/html/npszf/2013-01-25/1779102018.html",
        "http://www.customs.gov.cn/zhanjiang_customs/534855/534873/gqbg43/5696721/index.html",
        "https://www.baiyinqu.gov.cn/nb/2022n/art/2024/art_3abf60cff917420d9c6c57b2d448f086.html",
        "https://www.mengzhou.gov.cn/2020/01-31/506161.html",
        "http://a.gov.cn/columns/0b1e9c5a-1111-2222-3333-444455556666/202601/05/0b1e9c5a-1111-2222-3333-444455556667.html",
        "http://a.gov.cn/nb/20240119/i2026054.html",
        "http://a.gov.cn/info/1005/2759.htm",
        "http://a.gov.cn/c101928/c7661080/content.shtml",
    ],
)
def test_published_reports_have_the_shape_of_articles(url: str) -> None:
    assert read_shape(url) is Role.REPORT


@pytest.mark.parametrize(
    "url",
    [
        "http://a.gov.cn/zfxxgknb/",
        "http://a.gov.cn/zfxxgknb/202401/index.html",
        "http://a.gov.cn/col/col1229445040/index.html",
        "http://a.gov.cn/zwgk/zfxxgkgz/zfxxgknb/zfnbhz/srmzfbgs",
        "http://a.gov.cn/c112945/common_list.shtml",
        "http://a.gov.cn/dlx/zfxxgknb_171215/",
    ],
)
def test_columns_have_no_such_shape(url: str) -> None:
    assert read_shape(url) is None


@pytest.mark.parametrize(
    "url",
    ["http://a/W020.PDF", "http://a/module/download/downfile.jsp?classid=0&filename=1.x", "http://a/d?file=n.docx&x=1"],
)
def test_files_are_known_by_extension_or_by_what_they_are_asked_with(url: str) -> None:
    assert read_shape(url) is Role.ATTACHMENT


@pytest.mark.parametrize(
    ("title", "named", "dropped"),
    [
        ("清溪县人民政府2023年政府信息公开工作年度报告", True, False),
        ("2022年政 府 信息公开年报", True, False),
        ("2019年政务公开工作年度报告", True, False),
        ("《清溪县2023年政府信息公开年度报告》解读", True, True),
        ("关于做好2023年政府信息公开年度报告编制工作的通知", True, True),
        ("政府信息公开指南", False, True),
        ("清溪县干部培训中心", False, False),
    ],
)
def test_titles_are_judged_by_the_word_lists(title: str, named: bool, dropped: bool) -> None:
    assert (names_report(title), is_dropped(title)) == (named, dropped)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("2023年", True),
        ("2023年度", True),
        ("县教育局", True),
        ("会盟镇", True),
        ("县直部门", True),
        ("今日要闻", False),
        ("", False),
    ],
)
def test_years_and_organs_name_lists(title: str, expected: bool) -> None:
    assert is_list_title(title) is expected


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("http://a/b/c/", "/b/c/"),
        ("http://a/b/c/index_2.html", "/b/c/"),
        ("http://a/b/c", "/b/c/"),
        ("http://a/gknb.htm", "/gknb/"),
        ("http://a/gknb/12.htm", "/gknb/"),
        ("http://a", "/"),
    ],
)
def test_the_folder_of_a_column(url: str, folder: str) -> None:
    assert column_directory(url) == folder


def test_below_means_the_same_host_and_a_longer_folder() -> None:
    assert is_below("http://a/nb/", "http://a/nb/bm/")
    assert not is_below("http://a/nb/", "http://a/nb/index_2.html")
    assert not is_below("http://a/nb/", "http://b/nb/bm/")
    assert not is_below("http://a/nb/", "http://a/nbx/bm/")
