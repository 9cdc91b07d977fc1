"""What headers say: names of files, cookies, waits."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl.cookies import CookieJar
from pipeline.crawl.file_names import read_file_name
from pipeline.crawl.model import FetchRequest, Outcome
from pipeline.crawl.verdicts import judge_status, read_retry_after
from pipeline.sources.model import Role, SiteRequest

NAME = "2024年度报告.doc"


def as_header(content: bytes) -> str:
    return content.decode("latin-1")


@pytest.mark.parametrize(
    "value",
    [
        f"attachment; filename*=UTF-8''{quote(NAME)}",
        f"attachment; filename=\"x.doc\"; filename*=utf-8'zh'{quote(NAME)}",
        f"attachment; filename*=GBK''{quote(NAME.encode('gbk'))}",
        as_header(f'attachment; filename="{NAME}"'.encode()),
        as_header(f'attachment; filename="{NAME}"'.encode("gbk")),
        as_header(f"attachment;filename={NAME}".encode("gbk")),
        as_header(f"attachment; filename={NAME}; size=3".encode()),
        f'attachment; filename="{quote(NAME)}"',
        'attachment; filename="=?UTF-8?B?MjAyNOW5tOW6puaKpeWRii5kb2M=?="',
        as_header(f'attachment; filename="C:\\files\\{NAME}"'.encode()),
        as_header(f'attachment; filename="../../etc/{NAME}"'.encode()),
        as_header(f'attachment; filename="{NAME[:2]}\x00\u202e{NAME[2:]}"'.encode()),
    ],
)
def test_file_name(value: str) -> None:
    assert read_file_name((("content-type", "x"), ("content-disposition", value))) == NAME


@pytest.mark.parametrize(
    "value", ["", "inline", "attachment", "attachment; filename=", "attachment; filename=..", 'a; filename="/"']
)
def test_no_file_name(value: str) -> None:
    assert read_file_name((("content-disposition", value),)) == ""


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_header_gives_a_name_that_is_no_path(value: str) -> None:
    name = read_file_name((("content-disposition", f"attachment; filename{value}"),))
    assert "/" not in name
    assert "\\" not in name
    assert len(name) <= 255


class TestCookies:
    def test_cookie_is_sent_back_to_its_host_alone(self) -> None:
        jar = CookieJar()
        assert jar.store("a.gov.cn", ["CT6T=1; path=/; HttpOnly", "b=x=y"])
        assert jar.write_header("a.gov.cn", True) == "CT6T=1; b=x=y"
        assert jar.write_header("b.gov.cn", True) == ""

    def test_same_cookie_again_is_no_news(self) -> None:
        jar = CookieJar()
        assert jar.store("a", ["x=1"])
        assert not jar.store("a", ["x=1"])
        assert jar.store("a", ["x=2"])

    def test_secure_cookie_stays_off_plain_http(self) -> None:
        jar = CookieJar()
        jar.store("a", ["x=1; Secure", "y=2"])
        assert jar.write_header("a", False) == "y=2"

    @pytest.mark.parametrize("ending", ["Max-Age=0", "max-age=-1", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"])
    def test_expired_cookie_is_dropped(self, ending: str) -> None:
        jar = CookieJar()
        jar.store("a", ["x=1; Max-Age=60"])
        assert jar.store("a", [f"x=; {ending}; path=/"])
        assert jar.write_header("a", True) == ""

    @pytest.mark.parametrize("line", ["", "=1", "x", "x=年", "x=a\rb", "x=" + "y" * 5_000, "a b=1"])
    def test_odd_cookie_is_left_out(self, line: str) -> None:
        jar = CookieJar()
        assert not jar.store("a", [line])
        assert jar.write_header("a", True) == ""

    def test_jar_does_not_grow_without_end(self) -> None:
        jar = CookieJar()
        jar.store("a", [f"c{number}=1" for number in range(500)])
        assert len(jar.write_header("a", True).split("; ")) == 50


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Thu, 01 Jan 1970 00:20:00 GMT", 200.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 50, 1e8),
        ("Thu, 99 Foo 1970", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert read_retry_after(value, 1_000.0) == seconds


def test_success_alone_is_stored() -> None:
    request = FetchRequest(SiteRequest("https://a.gov.cn/", Role.LIST))
    stored = {status for status in range(100, 1_000) if judge_status(status, request)[0] == Outcome.STORED}
    assert stored == set(range(200, 300)) - {206}
