"""Pages that only announce a report: the reason says which file holds it."""

from __future__ import annotations

import pytest

from pipeline.documents.model import Document, Link, Locator, Text
from pipeline.issues import IssueCode
from pipeline.reports.model import Report
from pipeline.reports.read import read_report

TITLE = "某某县2022年政府信息公开工作年度报告"
REPORT = Link(2, "年度报告全文", "/down?id=7", "download")
BADGE = Link(1, "", "code.png", "image")
OTHER = Link(3, "申请表", "sqb.doc", "word")


def read(*lines: str, links: tuple[Link, ...] = ()) -> Report:
    blocks = tuple(Text(line, Locator(line=number)) for number, line in enumerate(lines, start=1))
    return read_report(Document(blocks, "html", "html/1", links=links))


def test_title_and_attachment_are_an_announcement() -> None:
    report = read(TITLE, "现予公布。", links=(BADGE, OTHER, REPORT))
    assert not report.is_report
    assert report.reject_reason == IssueCode.REPORT_IN_ATTACHMENT
    assert "/down?id=7" in report.issues[-1].message
    assert "年度报告全文" in report.issues[-1].message
    assert (report.report_year, report.agency_name) == (2022, "某某县")
    assert report.links == (BADGE, OTHER, REPORT)


@pytest.mark.parametrize(("links", "named"), [((BADGE, OTHER), "sqb.doc"), ((BADGE,), "code.png")])
def test_without_a_link_that_speaks_of_the_report_files_come_before_pictures(
    links: tuple[Link, ...], named: str
) -> None:
    assert named in read(TITLE, links=links).issues[-1].message


def test_target_that_names_the_report_counts_as_speaking_of_it() -> None:
    named = Link(2, "下载", "/f/2022%E5%B9%B4%E6%8A%A5.pdf", "pdf")
    assert named.target in read(TITLE, links=(OTHER, named)).issues[-1].message


@pytest.mark.parametrize(
    ("lines", "links"),
    [
        ((TITLE,), ()),
        (("领导分工",), (REPORT,)),
        (("某某县政府信息公开年度报告",), (REPORT,)),
        ((TITLE, *["本机关依法开展工作，取得成效。" * 10] * 3), (REPORT,)),
    ],
    ids=["no link", "another title", "a column of all years", "a text of its own"],
)
def test_anything_else_is_no_report(lines: tuple[str, ...], links: tuple[Link, ...]) -> None:
    assert read(*lines, links=links).reject_reason == IssueCode.NOT_A_REPORT


def test_a_report_with_an_attachment_stays_a_report(lines: list[str]) -> None:
    report = read(*(line for line in lines if line), links=(REPORT,))
    assert report.is_report
    assert report.links == (REPORT,)
