"""What headers say: cookies, waits."""

from __future__ import annotations

import pytest

from pipeline.crawl.cookies import CookieJar
from pipeline.crawl.model import FetchRequest, Outcome
from pipeline.crawl.verdicts import judge_status, read_retry_after
from pipeline.sources.model import Role, SiteRequest


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
