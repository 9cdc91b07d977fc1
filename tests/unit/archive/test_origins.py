"""Where links lead: addresses as a crawler logs them, and files as a person saves them."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest

from pipeline.archive.captures import Capture, Fetch, make_capture, make_failed_capture
from pipeline.archive.origins import Origins

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def captured(origin: str, content: str = "", hours: int = 0, **fetch: str) -> Capture:
    sha256 = hashlib.sha256((content or origin).encode()).hexdigest()
    return make_capture(origin, sha256, NOON + dt.timedelta(hours=hours), "text/plain", 1, Fetch(**fetch))


def lead(page: str, target: str, file: str) -> bool:
    """Whether a link on a page at one place leads to the file at another."""
    captures = [captured(page), captured(file)]
    return Origins(captures).find_target(str(captures[0].document_id), target) == captures[1].document_id


def test_a_document_is_known_by_where_it_was_captured_first() -> None:
    first, later = captured("inbox/a.html", "same"), captured("inbox/b.html", "same", hours=1)
    origins = Origins([later, first])
    assert origins.find_origin(str(first.document_id)) == "inbox/a.html"
    assert origins.find_origin("another") == ""


@pytest.mark.parametrize(
    ("page", "target", "file"),
    [
        ("inbox/nb/index.html", "nb.pdf", "inbox/nb/nb.pdf"),
        ("inbox/nb/index.html", "./files/nb.pdf", "inbox/nb/files/nb.pdf"),
        ("inbox/nb/index.html", "..\\files\\nb.pdf", "inbox/files/nb.pdf"),
        ("inbox/index.html", "%E5%B9%B4%E6%8A%A5.pdf", "inbox/年报.pdf"),
        ("inbox/index.html", "%C4%EA%B1%A8.pdf", "inbox/年报.pdf"),
        ("inbox/index.html", "2022%20%C4%EA报.pdf", "inbox/2022 年报.pdf"),
        ("inbox/index.html", "nb.pdf?v=3#page=2", "inbox/nb.pdf"),
        ("inbox/index.html", "down.jsp?id=3", "inbox/down.jsp?id=3"),
        ("inbox/www.a.gov.cn/nb/1.html", "/upload/nb.pdf", "inbox/www.a.gov.cn/upload/nb.pdf"),
        ("inbox/www.a.gov.cn/nb/1.html", "http://www.A.gov.cn/nb/nb.pdf", "inbox/www.a.gov.cn/nb/nb.pdf"),
        ("inbox/www.a.gov.cn/nb/1.html", "//files.a.gov.cn/nb.pdf", "inbox/files.a.gov.cn/nb.pdf"),
        ("inbox/nb.zip!/index.html", "files/nb.pdf", "inbox/nb.zip!/nb.pdf"),
        ("inbox/nb.zip!/a/index.html", "../b/nb.pdf", "inbox/nb.zip!/b/nb.pdf"),
        ("https://a.gov.cn/nb/1.html", "./nb.pdf", "https://a.gov.cn/nb/nb.pdf"),
        ("https://a.gov.cn/nb/1.html", "/upload/nb.pdf#page=2", "http://A.gov.cn/upload/nb.pdf"),
        ("https://a.gov.cn/nb/1.html", "?id=3", "https://a.gov.cn/nb/1.html?id=3"),
        ("https://a.gov.cn/nb/1.html", "//b.gov.cn/%C4%EA%B1%A8.pdf", "https://b.gov.cn/年报.pdf"),
    ],
)
def test_link_leads_to_the_file(page: str, target: str, file: str) -> None:
    assert lead(page, target, file)


@pytest.mark.parametrize(
    ("page", "target", "file"),
    [
        ("inbox/index.html", "nb.pdf", "inbox/other/nb.pdf"),
        ("inbox/a/index.html", "http://www.a.gov.cn/nb.pdf", "inbox/a/nb.pdf"),
        ("inbox/index.html", "../../../etc/nb.pdf", "inbox/nb.pdf"),
        ("inbox/index.html", "file:///inbox/nb.pdf", "inbox/nb.pdf"),
        ("https://a.gov.cn/nb/1.html", "nb.pdf", "https://b.gov.cn/nb/nb.pdf"),
        ("https://a.gov.cn/nb/1.html", "nb.pdf?id=2", "https://a.gov.cn/nb/nb.pdf?id=3"),
        ("https://a.gov.cn/nb/1.html", "http://[", "https://a.gov.cn/nb/nb.pdf"),
        ("inbox/index.html", "/" * 5000 + "nb.pdf", "inbox/x"),
        ("inbox/index.html", "index.html", "inbox/nb.pdf"),
    ],
)
def test_link_leads_nowhere(page: str, target: str, file: str) -> None:
    assert not lead(page, target, file)


def test_address_that_answered_counts_for_page_and_file() -> None:
    page = captured("https://a.gov.cn/nb", "page", final_url_text="https://a.gov.cn/2022/index.html")
    file = captured("https://a.gov.cn/down?id=1", "file", final_url_text="https://a.gov.cn/2022/nb.pdf")
    origins = Origins([page, file])
    assert origins.find_target(str(page.document_id), "nb.pdf") == file.document_id
    assert origins.find_target(str(page.document_id), "/down?id=1") == file.document_id


def test_latest_bytes_count_and_failures_do_not() -> None:
    page, old, new = captured("i/p.html"), captured("i/f.pdf", "old", 1), captured("i/f.pdf", "new", 2)
    failed = make_failed_capture("i/f.pdf", NOON + dt.timedelta(hours=3), Fetch("read_timeout"))
    for captures in ([page, old, new, failed], [failed, new, old, page]):
        assert Origins(captures).find_target(str(page.document_id), "f.pdf") == new.document_id


def test_page_in_two_places_is_looked_at_in_both() -> None:
    here, there, file = captured("a/p.html", "same"), captured("b/p.html", "same", 1), captured("b/f.pdf")
    assert Origins([here, there, file]).find_target(str(here.document_id), "f.pdf") == file.document_id


def test_members_are_those_of_each_version_of_an_archive() -> None:
    first = captured("i/x.zip", "zip 1")
    second = captured("i/x.zip", "zip 2", 2)
    members = [
        captured("i/x.zip!/b.doc", "b", 0, parent_capture_id=first.capture_id),
        captured("i/x.zip!/a.doc", "a", 0, parent_capture_id=first.capture_id),
        captured("i/x.zip!/a.doc", "a", 3, parent_capture_id=second.capture_id),
    ]
    origins = Origins([first, second, *members])
    assert [name for name, _ in origins.list_members(str(first.document_id))] == ["a.doc", "b.doc"]
    assert origins.list_members(str(second.document_id)) == [("a.doc", members[1].document_id)]
    assert origins.list_members("0" * 16) == []


def test_members_from_before_parents_were_logged_belong_to_the_archive_before_them() -> None:
    held, member = captured("i/x.zip"), captured("i/x.zip!/a.doc", "a", 1)
    assert Origins([member, held]).list_members(str(held.document_id)) == [("a.doc", member.document_id)]
