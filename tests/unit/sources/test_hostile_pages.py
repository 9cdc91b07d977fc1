"""Whatever a page holds, an adapter answers with a value, soon, and with addresses that a crawl may judge."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources.columns import find_columns
from pipeline.sources.families import detect_family, load_families
from pipeline.sources.json_text import cut_literal, parse_literal
from pipeline.sources.lists import read_list
from pipeline.sources.model import ListReading, Page, Role
from pipeline.sources.opened import MAX_ANCHORS, resolve_url
from pipeline.sources.pagers import MAX_PAGES
from pipeline.sources.report_page import read_report_page
from tests.unit.sources.pages_for_tests import FIXTURES, load_page, make_page

FAMILIES = (*load_families(), "auto", "")
NAMES = tuple(sorted(path.name for path in FIXTURES.iterdir()))
PATHS = (
    "/zwgk/nb/",
    "/gkmlpt/api/all/1?page=x&sid=",
    "/api-gateway/jpaas-publish-server/front/page/build/unit?paramJson=[1]",
)


def assert_sound(reading: ListReading) -> None:
    assert len(reading.next_requests) < MAX_PAGES
    for url in [*(link.url for link in reading.links), *(request.url for request in reading.next_requests)]:
        assert url.isascii()
        assert urlsplit(url).scheme in ("http", "https")
    assert all(code not in ("adapter_error",) for code, _ in reading.warnings), reading.warnings


def read_every_way(page: Page) -> None:
    for family in FAMILIES:
        assert_sound(read_list(page, family))
    detect_family(page)
    find_columns(page)
    assert "adapter_error" not in dict(read_report_page(page).warnings)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(PATHS), st.integers(0, 4))
def test_bytes_of_any_kind(body: bytes, path: str, depth: int) -> None:
    read_every_way(make_page(body, path, depth=depth))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(NAMES), st.integers(0, 4000), st.integers(0, 300), st.binary(max_size=30), st.sampled_from(PATHS)
)
def test_fixtures_with_a_piece_cut_out_or_replaced(name: str, start: int, length: int, piece: bytes, path: str) -> None:
    body = (FIXTURES / name).read_bytes()
    read_every_way(make_page(body[:start] + piece + body[start + length :], path, referer="/nb/"))


@pytest.mark.parametrize(
    "body",
    [
        "<a href='http://[::1'>x</a><a href='http://a:99999/'>y</a><a href='//'>z</a><base href='http://['>",
        "<a href='data:text/html,x'>政府信息公开年报</a><a href='javascript:location=1'>2023年</a>",
        '{"data":{"html":null}}',
        '{"data":{"results":[1,{"title":[],"url":{}}],"total":"many","rows":0}}',
        '{"articles":{"a":1},"total":-5}',
        '{"articles":[{"title":"某局","url":"http://[","attachment":[{"url":5},7,null]}],"total":1e9}',
        "window._CONFIG = {SID:'1', TREE:[[[[",
        "window._CONFIG = {SID:'1', TREE:[{name:'政府信息公开年报',id:{},children:[{children:7}]}]}",
        "queryData=\"{'webId':'1'\"",
        "<datastore><record><![CDATA[<li><a href=x",
        "createPageHTML(5,9,'','')",
        "createPageHTML('x',5,-1,'../../etc/passwd','')",
        'jQuery({"a":',
        "[" * 100_000,
    ],
)
def test_broken_pages(body: str) -> None:
    for path in PATHS:
        read_every_way(make_page(body, path, referer="/nb/"))


@pytest.mark.parametrize(
    "piece",
    [
        "<record>",
        "<div>",
        "<a href=x>",
        "createPageHTML(",
        "location.replace('",
        "{'a':[",
        "atob('",
        "'\\",
        "jpage({",
        "（附件",
        ") ",
    ],
)
def test_repeated_pieces_stay_linear(piece: str) -> None:
    page = make_page(f"jQuery({piece * 5_000}", "/nb/")
    for family in load_families():
        assert_sound(read_list(page, family))


def test_a_page_of_links_is_bounded() -> None:
    body = "".join(f"<a href='./202401/t20240101_{n}.html'>某局</a>" for n in range(MAX_ANCHORS + 50))
    assert len(read_list(make_page(body), "trs_static").links) == MAX_ANCHORS


def test_a_numbering_that_climbs_out_of_the_folder_stays_on_the_host() -> None:
    reading = read_list(make_page("<script>createPageHTML(3, 0, '//evil.example/x', 'html')</script>"), "trs_static")
    assert {urlsplit(request.url).hostname for request in reading.next_requests} <= {"www.qingxi.gov.cn"}


def test_a_crash_becomes_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(opened: object) -> ListReading:
        raise RuntimeError("boom")

    monkeypatch.setattr("pipeline.sources.lists._ADAPTERS", {"vsb": crash})
    assert read_list(load_page("vsb_list.html"), "vsb").warnings == (("adapter_error", "RuntimeError: boom"),)


def test_a_report_in_the_place_of_a_list_gives_no_drift() -> None:
    page = replace(load_page("report_page.html", "/zwgk/nb/"), depth=1)
    assert all(link.role is not Role.LIST for link in read_list(page, "auto").links)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (" ../a b.html#x ", "http://h/p/a%20b.html"),
        ("a\n.html", "http://h/p/q/a.html"),
        ("\\img\\x.doc", "http://h/img/x.doc"),
        ("#top", ""),
        ("mailto:a@b.c", ""),
        ("http://公报.gov.cn/", "http://xn--6qq986b.gov.cn/"),
        ("http://h:0/", ""),
    ],
)
def test_addresses_are_absolute_ascii_or_nothing(address: str, expected: str) -> None:
    found = resolve_url("http://h/p/q/", address)
    assert found == expected or (expected.startswith("http://xn--") and found.startswith("http://xn--"))


def test_literals_that_are_almost_json() -> None:
    text = "x = {a:'it\\'s', \"b\":[1,2,], c:{d:'{'}, };"
    assert parse_literal(cut_literal(text, 4)) == {"a": "it's", "b": [1, 2], "c": {"d": "{"}}
    assert cut_literal("{{", 0) == ""
    assert parse_literal("alert(1)") is None
