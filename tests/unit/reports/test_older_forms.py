"""Reports without a table of any edition: known by title and headings, read as sections and claims, never as cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from pipeline.issues import IssueCode
from pipeline.reports.model import Report

ReadLines = Callable[[Sequence[str]], Report]

NARRATIVE = [
    "临湖县水利局2012年政府信息公开工作年度报告",
    "本报告所列数据的统计期限自2012年1月1日起至2012年12月31日止。",
    "一、概述",
    "全局公开工作由办公室统一登记。",
    "二、主动公开政府信息情况",
    "（一）基本情况",
    "全年主动公开政府信息339条。",
    "三、依申请公开政府信息情况",
    "全年共受理政府信息公开申请12件，其中当面申请3件。",
    "四、政府信息公开的收费及减免情况",
    "全年未收取任何费用。",
    "五、因政府信息公开申请行政复议、提起行政诉讼的情况",
    "本年度发生行政复议1件，未发生行政诉讼。",
    "六、存在的主要问题及改进情况",
    "部分栏目更新较慢。",
]


def claims_of(report: Report) -> dict[str, str]:
    return {claim.fact_code: str(claim.value) for claim in report.claims}


def test_a_narrative_of_2012_gives_sections_and_claims_and_no_cell(read_lines: ReadLines) -> None:
    report = read_lines(NARRATIVE)
    assert (report.is_report, report.edition, report.cells) == (True, "ED_2008", ())
    assert (report.agency_name, report.report_year) == ("临湖县水利局", 2012)
    assert [section.code for section in report.sections] == ["S1", "S2", "S3", "S4", "S5", "S8"]
    assert claims_of(report) == {
        "n_active_total": "339",
        "n_req_received": "12",
        "n_req_channel_in_person": "3",
        "n_review": "1",
        "n_litigation": "0",
        "n_fee_received_yuan": "0",
    }
    assert report.issues == ()


def test_a_part_that_is_named_like_a_section_stays_in_its_own(read_lines: ReadLines) -> None:
    second = next(section for section in read_lines(NARRATIVE).sections if section.code == "S2")
    assert second.body == "（一）基本情况\n全年主动公开政府信息339条。"


@pytest.mark.parametrize(
    "headings",
    [
        ["概述", "主动公开政府信息的情况", "依申请公开政府信息和不予公开政府信息的情况", "复议、诉讼和申诉的情况"],
        ["第一部分 概述", "第二部分 主动公开情况", "第三部分 依申请公开情况", "第四部分 收费及减免情况"],
        ["（一）工作概述", "（二）政府信息主动公开情况", "（三）申请公开政府信息情况", "（四）存在的问题及改进措施"],
        ["## 一、总体情况", "## 二、主动公开政府信息情况", "## 三、依申请公开办理情况", "## 四、收费减免情况"],
    ],
)
def test_headings_of_many_wordings_are_the_same_sections(headings: list[str], read_lines: ReadLines) -> None:
    lines = ["永河县溪下乡2010年度政府信息公开工作报告"]
    for heading in headings:
        lines += [heading, "本部分内容另见台账。"]
    report = read_lines(lines)
    assert (report.is_report, report.edition, len(report.sections)) == (True, "ED_2008", 4)


def test_a_later_report_of_that_shape_keeps_its_edition_and_year(read_lines: ReadLines) -> None:
    report = read_lines([line.replace("2012", "2015") for line in NARRATIVE])
    assert (report.report_year, report.edition) == (2015, "ED_2008")


def test_the_part_on_responses_tells_the_edition_of_2014(read_lines: ReadLines) -> None:
    report = read_lines([*NARRATIVE, "七、回应解读情况", "全年举办发布会2场。"])
    assert report.edition == "ED_2014"
    assert IssueCode.TABLE_MISSING in {issue.code for issue in report.issues}


def test_a_report_whose_tables_are_pictures_is_not_taken_for_an_older_one(read_lines: ReadLines) -> None:
    report = read_lines(
        [
            "临湖县农业农村局2022年政府信息公开工作年度报告",
            "一、总体情况",
            "（一）主动公开情况",
            "（二）依申请公开情况",
            "全年收到申请3件。",
            "（三）回应解读情况",
            "二、主动公开政府信息情况",
            "三、收到和处理政府信息公开申请情况",
            "四、政府信息公开行政复议、行政诉讼情况",
            "五、存在的主要问题及改进情况",
            "六、其他需要报告的事项",
            "无",
        ]
    )
    assert (report.is_report, report.edition, report.cells) == (True, "", ())


def test_a_regional_table_of_indicators_is_named_and_left_alone(read_lines: ReadLines) -> None:
    table = ["附表", "指标名称 单位 数量", "主动公开信息数 条 120", "其中：全文电子化的主动公开政府信息数 条 110"]
    report = read_lines([*NARRATIVE, *table, "1.当面申请数 条 3", "1.同意公开答复数 条 2", "免予公开范围1 条 0"])
    assert (report.edition, report.cells) == ("ED_2008", ())
    assert [issue.code for issue in report.issues] == [IssueCode.EDITION_UNSUPPORTED]


def test_indicators_in_sentences_are_no_cells(read_lines: ReadLines) -> None:
    lines = [line.replace("2012", "2017") for line in NARRATIVE]
    lines += [
        "六、政府信息公开情况统计表",
        "属于已主动公开范围数2件，同意公开答复数 3 件，收到申请数 9 件，网络申请数 4 件。",
    ]
    report = read_lines(lines)
    assert report.edition == "ED_2014"
    assert {cell.value for cell in report.cells} <= {None}


SECTIONS = ["一、概述", "二、主动公开政府信息情况", "三、依申请公开政府信息情况", "四、收费及减免情况"]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            ["关于报送2012年政府信息公开工作年度报告的通知", "各单位：报告应包括以下部分", *SECTIONS],
            "notice_about_reports",
        ),
        (["临湖县水利局政府信息公开指南", *SECTIONS, "免予公开范围见条例。"], "notice_about_reports"),
        (["临湖县政府信息公开条例", *SECTIONS], "notice_about_reports"),
        (["2012年上半年政府信息公开工作报告", *SECTIONS], "partial_period"),
        (["临湖县2013年第三季度政府信息公开工作报告", *SECTIONS], "partial_period"),
        (["临湖县2013年1—9月政府信息公开工作报告", *SECTIONS], "partial_period"),
        (["临湖县发布2012年政府信息公开工作年度报告", "近日，县政府公布年报，全年公开信息339条。"], "not_a_report"),
        (["市政府办公室公布2012年政府信息公开年报", "报告显示，全市收到申请12件。"], "not_a_report"),
        (["图解：临湖县2012年政府信息公开工作年度报告", *SECTIONS], "interpretation"),
        (
            [
                "政府信息公开年报",
                *(f"临湖县{name}局2012年政府信息公开工作年度报告" for name in ("水利", "财政", "民政")),
            ],
            "not_a_report",
        ),
        (["临湖县水利局2012年工作总结", *SECTIONS], "not_a_report"),
        (
            ["依申请公开", "2017年政府信息公开报告称收到申请12件，同意公开答复数 3 件，属于已主动公开范围数 2 件。"],
            "not_a_report",
        ),
    ],
)
def test_pages_around_the_reports_are_refused(lines: list[str], reason: str, read_lines: ReadLines) -> None:
    report = read_lines(lines)
    assert (report.is_report, report.reject_reason, report.cells) == (False, reason, ())


def test_a_form_whose_period_is_half_a_year_is_refused_unless_its_title_is_annual(
    lines: list[str], read_lines: ReadLines
) -> None:
    half = "本报告统计期限自2022年1月1日起至2022年6月30日止。"
    untitled = read_lines(["临湖县公开数据", half, *lines[1:]])
    assert (untitled.is_report, untitled.reject_reason) == (False, IssueCode.PARTIAL_PERIOD)
    assert read_lines([lines[0], half, *lines[1:]]).is_report
