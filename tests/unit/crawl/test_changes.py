from __future__ import annotations

import pytest

from pipeline.crawl.changes import hash_content, normalise_page

PAGE = "<html><head><title>年度报告</title></head><body><!-- {a} --><script>var nonce='{a}';</script>{b}</body></html>"


def fold(text: str) -> str:
    return hash_content(text.encode(), "text/html")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("浏览次数：<span id='n'>12</span>", "浏览次数：<span id='n'>1,345</span>"),
        ("点击数:[7]", "点击数:[8]"),
        ("<p>今天是2026年1月2日 星期五</p>", "<p>今天是2026年1月3日 星期六</p>"),
        ("<input type='hidden' name='t' value='a1'>", "<input type='hidden' name='t' value='b2'>"),
        ('<div nonce="x">a</div>', '<div nonce="y">a</div>'),
        ("<a href='/a.pdf;jsessionid=AB12'>a</a>", "<a href='/a.pdf;jsessionid=CD34'>a</a>"),
        ("<img src='/a.png?v=1'>", "<img src='/a.png?v=2'>"),
        ("<style>a{}</style>x", "<style>b{}</style>x"),
        ("a\n  b", "a b"),
    ],
)
def test_what_changes_at_every_visit_is_no_change(first: str, second: str) -> None:
    assert fold(PAGE.format(a=1, b=first)) == fold(PAGE.format(a=2, b=second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("<td>12</td>", "<td>13</td>"),
        ("<td colspan='2'>12</td>", "<td colspan='3'>12</td>"),
        ("<a href='/1.pdf'>附件</a>", "<a href='/2.pdf'>附件</a>"),
        ("<a href='/a?page=1'>x</a>", "<a href='/a?page=2'>x</a>"),
        ("<script>var DETAIL={content:'收到申请1件'}</script>", "<script>var DETAIL={content:'收到申请2件'}</script>"),
        ("<script>{content:'\\u6536 1'}</script>", "<script>{content:'\\u6536 2'}</script>"),
        ("本年阅读量大，收到申请3件", "本年阅读量大，收到申请4件"),
    ],
)
def test_what_a_page_says_is(first: str, second: str) -> None:
    assert fold(first) != fold(second)


def test_files_are_compared_byte_by_byte() -> None:
    assert hash_content(b"%PDF <!-- 1 -->", "application/pdf") != hash_content(b"%PDF <!-- 2 -->", "application/pdf")


@pytest.mark.parametrize("broken", [b"\xff\xfe\x00", b"<!--" * 50_000, b"<script" * 50_000, "İ<!--x-->".encode(), b""])
def test_hostile_pages_are_normalised_all_the_same(broken: bytes) -> None:
    assert isinstance(normalise_page(broken), str)


def test_a_comment_without_an_end_hides_nothing() -> None:
    assert fold("<!-- <td>12</td>") != fold("<!-- <td>13</td>")
