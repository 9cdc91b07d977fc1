"""Challenges, firewalls, captchas, missing pages and wrong types are labelled; ordinary pages are not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.crawl.answers import classify_answer, load_answer_words
from pipeline.crawl.model import Outcome
from pipeline.sources.model import Role, SiteRequest

TEXT = "本机关认真贯彻落实条例要求，主动公开各类信息，依法办理公开申请。" * 40
REPORT = f"<html><head><title>某某局2024年政府信息公开工作年度报告</title></head><body><div>{TEXT}</div></body></html>"
RUISHU = (
    '<html><head><meta id="k3" content="abc" r="m"><script>$_ts=window[\'$_ts\'];if(!$_ts)$_ts={};$_ts.nsd=81;</script>'
    '<script src="/x/a.js"></script></head><body></body></html>'
)
JSL = "<script>var a=1;document.cookie='__jsl_clearance_s='+a;location.href=location.pathname;</script>"
WORD_PAGE = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=ProgId content=Word.Document></head>'
    f"<body><p class=MsoNormal>{TEXT}</p></body></html>"
)


def classify(
    body: str | bytes,
    *,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    url: str = "https://a.gov.cn/zfxxgk/nb/t20250119_1.html",
    role: Role = Role.REPORT,
    final_url: str = "",
) -> Outcome | None:
    content = body.encode() if isinstance(body, str) else body
    return classify_answer(status, headers, content, SiteRequest(url, role), final_url)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (521, (("set-cookie", "__jsluid_s=a"),), "<script>go()</script>"),
        (521, (), "<script>document.cookie=('_')+('_')+('jsl')</script>"),
        (521, (), ""),
        (200, (), JSL),
    ],
)
def test_jsl(status: int, headers: tuple[tuple[str, str], ...], body: str) -> None:
    assert classify(body, status=status, headers=headers) == Outcome.CHALLENGE_JSL


def test_cookie_of_the_same_firewall_on_an_ordinary_page_is_none() -> None:
    assert classify(REPORT, headers=(("set-cookie", "__jsluid_s=a; path=/"),)) is None
    assert classify(REPORT, status=521) is None


@pytest.mark.parametrize(("status", "body"), [(412, RUISHU), (202, RUISHU), (200, RUISHU), (412, ""), (202, "")])
def test_ruishu(status: int, body: str) -> None:
    assert classify(body, status=status) == Outcome.CHALLENGE_RUISHU


def test_ruishu_by_its_meta_alone() -> None:
    page = '<html><head><meta id="k3" content="abc" r="m"><script src="/x/a.js"></script></head><body></body></html>'
    assert classify(page) == Outcome.CHALLENGE_RUISHU
    assert classify(page.replace('r="m"', 'r="n"')) is None


def test_page_that_keeps_the_marks_after_a_challenge_was_passed_is_a_page() -> None:
    assert classify(RUISHU.replace("<body>", f"<body><div>{TEXT}</div>")) is None
    assert classify(REPORT, status=202) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, "<html><title>403</title><body>您的请求疑似攻击行为，已被网站防火墙拦截</body></html>"),
        (405, "<html><body>您的访问被阻断 <script src='https://errors.aliyun.com/x.js'></script></body></html>"),
        (403, "<html><body><h1>Request Blocked</h1>Event ID: 71</body></html>"),
        (200, "<html><body class=safedog>网站安全狗已拦截此次访问</body></html>"),
    ],
)
def test_waf(status: int, body: str) -> None:
    assert classify(body, status=status) == Outcome.WAF_403


@pytest.mark.parametrize(
    ("status", "body"), [(403, "<html><h1>403 Forbidden</h1>nginx</html>"), (403, ""), (500, "威胁"), (404, "")]
)
def test_plain_refusal_is_left_to_its_status(status: int, body: str) -> None:
    assert classify(body, status=status) is None


@pytest.mark.parametrize(
    "body",
    [
        "<html><title>安全验证</title><body>请输入验证码后继续访问<img src=c.jpg></body></html>",
        "<html><body>请完成安全验证<div id=slide>向右滑动完成验证</div></body></html>",
        "<html><body><div id=box></div><script src=/static/geetest.4.js></script></body></html>",
    ],
)
@pytest.mark.parametrize("status", [200, 403])
def test_captcha(status: int, body: str) -> None:
    assert classify(body, status=status) == Outcome.CAPTCHA


def test_form_with_a_code_on_a_page_of_the_site_is_no_captcha() -> None:
    links = "".join(f"<li><a href='t{number}.html'>{number}年报</a></li>" for number in range(12))
    assert (
        classify(f"<html><body><ul>{links}</ul><form>请输入验证码<input></form></body></html>", role=Role.LIST) is None
    )
    assert classify(f"<html><body>{TEXT}<form>请输入验证码<input></form></body></html>") is None


@pytest.mark.parametrize(
    "body",
    [
        "<html><body>您访问的页面不存在或已被删除</body></html>",
        "<html><body>对不起，您要查看的信息已经被删除！</body></html>",
        "<html><title>404</title><body><a href='/'>返回首页</a></body></html>",
        "<html><body><h1>Page Not Found</h1></body></html>",
        f"<html><title>页面不存在</title><body>{'站点导航' * 300}</body></html>",
        "您访问的文章已下线".encode("gb18030"),
        "",
        " \r\n",
    ],
)
def test_missing_page_sent_as_found(body: str | bytes) -> None:
    assert classify(body) == Outcome.SOFT404


def test_report_about_pages_that_were_removed_is_a_report() -> None:
    assert classify(REPORT.replace("<div>", "<div>全年共有12个页面已被删除，404错误页面整改完毕。")) is None
    assert classify(REPORT.replace("2024年", "2404年")) is None
    assert classify(REPORT.replace("某某局", "某某局404号")) is None


def test_empty_list_page() -> None:
    assert classify("", role=Role.LIST) == Outcome.EMPTY_LIST


@pytest.mark.parametrize(
    ("role", "final_url", "outcome"),
    [
        (Role.REPORT, "https://a.gov.cn/", Outcome.SOFT404),
        (Role.LIST, "https://a.gov.cn", Outcome.SOFT404),
        (Role.ROOT, "https://a.gov.cn/", None),
        (Role.REPORT, "https://a.gov.cn/zfxxgk/", None),
        (Role.REPORT, "https://a.gov.cn/?id=3", None),
    ],
)
def test_redirect_to_the_front_page(role: Role, final_url: str, outcome: Outcome | None) -> None:
    assert classify(REPORT, role=role, final_url=final_url) == outcome


@pytest.mark.parametrize(
    ("url", "body", "declared", "outcome"),
    [
        ("https://a.gov.cn/P0202501.pdf", REPORT, "text/html", Outcome.TYPE_MISMATCH),
        ("https://a.gov.cn/down.jsp?classid=0&filename=ab.docx", REPORT, "", Outcome.TYPE_MISMATCH),
        ("https://a.gov.cn/down.jsp?id=3", REPORT, "application/pdf", Outcome.TYPE_MISMATCH),
        ("https://a.gov.cn/down.jsp?id=3", REPORT, "text/html", None),
        (
            "https://a.gov.cn/down.jsp?id=3",
            "<html><p>系统繁忙，请稍后再试</p></html>",
            "text/html",
            Outcome.TYPE_MISMATCH,
        ),
        ("https://a.gov.cn/W0202501.doc", WORD_PAGE, "application/msword", None),
        ("https://a.gov.cn/W0202501.doc", REPORT, "application/msword", Outcome.TYPE_MISMATCH),
        ("https://a.gov.cn/W0202501.docx", WORD_PAGE, "", Outcome.TYPE_MISMATCH),
        ("https://a.gov.cn/P0202501.pdf", b"%PDF-1.4\n%%EOF", "text/html", None),
        ("https://a.gov.cn/P0202501.pdf", b"junk\n%PDF-1.4\n%%EOF", "application/pdf", None),
        ("https://a.gov.cn/W0202501.doc", b"PK\x05\x06" + bytes(18), "application/msword", None),
    ],
)
def test_type_other_than_promised(url: str, body: str | bytes, declared: str, outcome: Outcome | None) -> None:
    headers = (("content-type", declared),) if declared else ()
    assert classify(body, url=url, headers=headers, role=Role.ATTACHMENT) == outcome


def test_json_and_xml_answers_of_lists_are_pages() -> None:
    for body in (
        '{"data":{"total":0,"rows":18,"results":[]}}',
        "<?xml version='1.0'?><datastore><recordset/></datastore>",
    ):
        assert classify(body, role=Role.LIST) is None


@pytest.mark.parametrize(
    "piece", ["<script>", "<!--", "<", "<title>", "<a href", "&amp;", "_$ab=_$cd(", "请完成" * 20, "您访问的"]
)
def test_hostile_page_is_read(piece: str) -> None:
    body = (piece * (400_000 // len(piece.encode()))).encode()
    # A quadratic pattern would take minutes, and the run with it
    assert classify(body) in (None, Outcome.SOFT404)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=500), st.integers(100, 999), st.sampled_from(list(Role)), st.text(max_size=40))
def test_whatever_comes_is_classified(body: bytes, status: int, role: Role, url: str) -> None:
    outcome = classify_answer(
        status, (("content-type", url),), b"<html>" + body, SiteRequest("https://a.gov.cn/" + url, role)
    )
    assert outcome is None or isinstance(outcome, Outcome)


def test_words_hold_no_white_space_where_text_has_none() -> None:
    for pattern in load_answer_words().text.values():
        assert not re.search(r" |\\s", pattern.pattern)
