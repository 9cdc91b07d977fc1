from __future__ import annotations

import pytest

from pipeline.crawl.keys import make_key, read_lane
from pipeline.sources.model import Role, SiteRequest


def key(url: str, method: str = "GET", form: tuple[tuple[str, str], ...] = ()) -> str:
    return make_key(SiteRequest(url, Role.LIST, method, form))


@pytest.mark.parametrize(
    "other",
    [
        "http://www.a.gov.cn/x?p=1",
        "https://WWW.A.gov.cn:443/x?p=1",
        "https://www.a.gov.cn./x?p=1#top",
        "http://www.a.gov.cn:80/x?p=1",
    ],
)
def test_one_page_written_in_many_ways_is_one(other: str) -> None:
    assert key(other) == key("https://www.a.gov.cn/x?p=1")


@pytest.mark.parametrize(
    "other",
    [
        "https://www.a.gov.cn/x?p=2",
        "https://www.a.gov.cn/X?p=1",
        "https://www.a.gov.cn:8443/x?p=1",
        "https://a.gov.cn/x?p=1",
    ],
)
def test_other_pages_are_others(other: str) -> None:
    assert key(other) != key("https://www.a.gov.cn/x?p=1")


def test_forms_count_and_escapes_are_compared_without_case() -> None:
    assert key("https://a.cn/s", "POST", (("page", "1"),)) != key("https://a.cn/s", "POST", (("page", "2"),))
    assert key("https://a.cn/s", "POST") != key("https://a.cn/s")
    assert key("https://a.cn/%e5%b9%b4") == key("https://a.cn/%E5%B9%B4")


@pytest.mark.parametrize(
    ("url", "lane"),
    [
        ("https://A.gov.cn/x", "a.gov.cn"),
        ("http://a.gov.cn:80/", "a.gov.cn"),
        ("http://a.gov.cn:8080/", "a.gov.cn:8080"),
        ("http://[broken/", ""),
        ("http://a.gov.cn:port/", ""),
    ],
)
def test_lanes(url: str, lane: str) -> None:
    assert read_lane(url) == lane
