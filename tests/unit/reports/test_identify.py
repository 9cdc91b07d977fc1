"""Titles, years and dates as pages print them."""

from __future__ import annotations

import datetime as dt

import pytest

from pipeline.documents.model import Document, Locator, Text
from pipeline.reports.identify import identify, parse_title
from pipeline.reports.vectors import read_stream


@pytest.mark.parametrize(
    ("text", "agency", "year"),
    [
        ("会盟镇人民政府2022年政府信息公开工作年度报告", "会盟镇人民政府", 2022),
        ("沭阳县发展和改革局2023年政府信息公开年度报告", "沭阳县发展和改革局", 2023),
        ("平潭综合实验区2025年度政府信息公开工作年度报告", "平潭综合实验区", 2025),
        ("2025湖口县大垅乡2025年度政府信息公开工作年度报告", "湖口县大垅乡", 2025),
        ("2021年度嵩县教育局政府信息公开工作年度报告", "嵩县教育局", 2021),
        ("某县水利局二〇二二年政府信息公开工作年度报告", "某县水利局", 2022),
        ("2023年政府信息公开工作年度报告", "", 2023),
        ("嵩县车村镇2020年信息公开工作年度报告", "嵩县车村镇", 2020),
        ("嵩县车村镇人民政府2018年度政务公开工作年度报告", "嵩县车村镇人民政府", 2018),
        ("2019年度嵩县财政局信息公开年报", "嵩县财政局", 2019),
        ("孟州市化工镇人民政府(2023)年政府信息公开年报", "孟州市化工镇人民政府", 2023),
        ("关于2011年度政府信息公开工作情况的报告", "", 2011),
        ("二○一二年临湖县政府信息公开年度报告", "临湖县", 2012),
        ("临湖县教育局2012年年度政府信息公开工作报告", "临湖县教育局", 2012),
        ("临湖县教育局政府信息公开工作2012年度报告", "临湖县教育局", 2012),
        ("临湖县水利局关于2012年度政府信息公开工作情况的报告", "临湖县水利局", 2012),
        ("临湖县水利局政府信息公开工作年度报告2022", "临湖县水利局", 2022),
        ("临湖县水利局(2023年度)政府信息公开工作年度报告", "临湖县水利局", 2023),
        ("临湖县水利局2022年度政府政务信息公开工作年度报告(全文)", "临湖县水利局", 2022),
        ("临湖縣水利局2022年政府信息公開工作年度報告", "临湖縣水利局", 2022),
    ],
)
def test_titles(text: str, agency: str, year: int) -> None:
    title = parse_title(text)
    assert title is not None
    assert (title.agency, title.year) == (agency, year)


@pytest.mark.parametrize(
    "text",
    [
        "关于做好2025年政府信息公开工作年度报告编制和发布工作的通知",
        "2022年上半年政府信息公开数据统计",
        "政府信息公开指南",
        "政府信息公开年报",
        "2022年上半年政府信息公开工作报告",
        "临湖县2023年第一季度政府信息公开工作报告",
        "临湖县发布2012年政府信息公开工作年度报告",
        "首页2022年政府信息公开工作年度报告",
        "临湖县水利局2012年度政府信息公开工作总结",
    ],
)
def test_lines_that_are_no_title(text: str) -> None:
    assert parse_title(text) is None


def _identify(*lines: str, metadata: dict[str, str] | None = None) -> object:
    blocks = tuple(Text(line, Locator(line=n)) for n, line in enumerate(lines, 1))
    document = Document(blocks, "text", "1", metadata or {})
    return identify(document, read_stream(document).items, 1000)


def test_a_title_wrapped_over_two_lines_is_joined() -> None:
    identity = _identify("孟州市化工镇人民政府2023年政府信息公开工作", "年度报告", "一、总体情况")
    assert identity.title.agency == "孟州市化工镇人民政府"
    assert identity.year == 2023


def test_the_line_above_a_title_is_its_agency_only_where_it_ends_like_an_organ() -> None:
    assert _identify("临湖县水利局", "2023年政府信息公开", "工作年度报告").title.agency == "临湖县水利局"
    assert _identify("首页", "临湖县水利局", "2023年政府信息公开工作年度报告").title.agency == "临湖县水利局"
    title = _identify("政府信息公开年报", "2023年政府信息公开工作年度报告").title
    assert (title.agency, title.year) == ("", 2023)


def test_a_title_between_the_names_of_sites_is_found() -> None:
    page = "临湖县人民政府门户网站 - 临湖县水利局2023年政府信息公开工作年度报告"
    assert _identify("正文", metadata={"title": page}).title.agency == "临湖县水利局"


def test_the_head_of_the_page_outranks_lines_of_the_menu() -> None:
    identity = _identify(
        "嵩县2019年政府信息公开工作年度报告",
        "陆浑镇人民政府2022年政府信息公开工作年度报告",
        metadata={"ArticleTitle": "陆浑镇人民政府2022年政府信息公开工作年度报告"},
    )
    assert identity.title.agency == "陆浑镇人民政府"
    assert identity.year == 2022


def test_the_period_and_the_number_of_sections_are_read() -> None:
    identity = _identify(
        "本报告由总体情况等六个部分组成。",
        "所列数据的统计期限为 2024 年 1 月 1 日至 12 月 31 日。",
    )
    assert (identity.period_start, identity.period_end) == (dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    assert identity.section_count == 6
    assert identity.year == 2024


def test_an_impossible_date_dates_nothing() -> None:
    identity = _identify("统计期限自2023年1月1日起至2023年13月31日止。")
    assert identity.period_end is None


def test_the_date_of_publication_comes_from_the_head_or_the_page() -> None:
    assert _identify("正文", metadata={"PubDate": "2024-01-17 10:00"}).published == dt.date(2024, 1, 17)
    assert _identify("发布时间：2023-12-19 12:10").published == dt.date(2023, 12, 19)
