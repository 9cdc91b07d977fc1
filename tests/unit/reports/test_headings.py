"""Column headings in another order than the form's, or with a word that the form does not have."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from pipeline.issues import IssueCode
from pipeline.reports.model import CellState, Report

ReadLines = Callable[[Sequence[str]], Report]
APPLICANTS = "自然人 法人或其他组织 总计 商业企业 科研机构 社会公益组织 法律服务机构 其他"
OUTCOMES = "结果维持 结果纠正 其他结果 尚未审结 总计"


def _replace(lines: Sequence[str], old: str, new: Sequence[str]) -> list[str]:
    at = lines.index(old)
    return [*lines[:at], *new, *lines[at + 1 :]]


def _states(report: Report, start: str) -> set[CellState]:
    return {cell.state for cell in report.cells if cell.code.startswith(start)}


def _is_refused(report: Report, start: str) -> bool:
    says_why = any(issue.code is IssueCode.HEADER_UNRECOGNISED for issue in report.issues)
    return _states(report, start) == {CellState.AMBIGUOUS} and says_why


@pytest.mark.parametrize(
    "headings",
    [
        "自然人 法人或其他组织 总计 其他 商业企业 科研机构 社会公益组织 法律服务机构",
        "其他 自然人 法人或其他组织 总计 商业企业 科研机构 社会公益组织 法律服务机构",
        "自然人 法人或其他组织 总计 商业企业 其他 科研机构 社会公益组织 法律服务机构",
        "自然人 法人或其他组织 其他 总计 商业 科研 社会公 法律服 企业 机构 益组织 务机构",
        "自然人 法人或其他组织 总计 商业企业 科研机构 社会公益组织 法律服务机构 小计",
        "自然人 法人或其他组织 总计 商业企业 科研机构 社会公益组织 法律服务机构 合计",
        "自然人 法人或其他组织 总计 商业企业 科研机构 社会公益组织 法律服务机构 律师",
        "小计 法人或其他组织 总计 商业企业 科研机构 社会公益组织 法律服务机构 其他",
        "自然人 法人或其他组织 总计 商业企业 个体工商户 社会公益组织 法律服务机构 其他",
        "自然人 法人或其他组织 总计 商业 科研 社会公 法律服 小计 企业 机构 益组织 务机构",
    ],
)
def test_rows_under_other_headings_of_applicants_are_refused(
    lines: list[str], read_lines: ReadLines, headings: str
) -> None:
    report = read_lines(_replace(lines, APPLICANTS, [headings]))
    assert _is_refused(report, "requests.")
    assert _states(report, "disputes.") == {CellState.REPORTED}


@pytest.mark.parametrize(
    "headings",
    [
        [APPLICANTS],
        [APPLICANTS, "申请人情况", APPLICANTS],
        ["总计", "自然人 法人或其他组织", "商业企业 科研机构 社会公益组织 法律服务机构 其他"],
        ["自然人 法人和其他组织 总计 商业企业 科研机构 社会公益组织 法律服务机构 其它"],
        ["自然人 法人或其他组织 合计 商业企业 科研机构 社会公益组识 法律服务机构 其他"],
        ["自然人 法人或其他组织 总计 商业企业 科研机构 社会公益组织 法律服务机构", "续表三 单位：件"],
    ],
)
def test_misprints_and_wrapped_headings_of_applicants_are_read(
    lines: list[str], read_lines: ReadLines, headings: list[str]
) -> None:
    assert _states(read_lines(_replace(lines, APPLICANTS, headings)), "requests.") == {CellState.REPORTED}


@pytest.mark.parametrize("headings", ["合计 其中网站公开数", "上年制发件数 本年废止件数 现行有效件数"])
def test_documents_under_foreign_headings_are_refused(lines: list[str], read_lines: ReadLines, headings: str) -> None:
    report = read_lines(_replace(lines, "信息内容 本年制发件数 本年废止件数 现行有效件数", [f"信息内容 {headings}"]))
    assert not any(c.value for c in report.cells if c.code.startswith(("proactive.reg", "proactive.norm")))


def test_a_sum_in_place_of_a_heading_of_documents_is_refused(lines: list[str], read_lines: ReadLines) -> None:
    changed = _replace(
        lines, "信息内容 本年制发件数 本年废止件数 现行有效件数", ["信息内容 本年制发件数 本年废止件数 合计"]
    )
    report = read_lines(changed)
    assert _is_refused(report, "proactive.regulations")
    assert _is_refused(report, "proactive.normative_docs")
    assert _states(report, "proactive.licensing") == {CellState.REPORTED}


@pytest.mark.parametrize(
    "heading",
    [
        "信息内容 上年处理决定数量",
        "上年处理决定数量",
        "第二十条第（六）项 同比增减",
        "本年处理决定数量 上年处理决定数量",
    ],
)
def test_a_heading_of_an_earlier_block_does_not_count_for_a_later_one(
    lines: list[str], read_lines: ReadLines, heading: str
) -> None:
    at = next(i for i, line in enumerate(lines) if line.startswith("行政处罚"))
    coercion = next(line for line in lines if line.startswith("行政强制"))
    report = read_lines([*lines[: at - 1], heading, lines[at], coercion, *lines[at + 3 :]])
    assert _states(report, "proactive.licensing") == {CellState.REPORTED}
    assert _is_refused(report, "proactive.penalty")
    assert _is_refused(report, "proactive.coercion")


@pytest.mark.parametrize("foreign", ["小计", "合计", "驳回申请"])
def test_a_foreign_outcome_refuses_the_disputes(lines: list[str], read_lines: ReadLines, foreign: str) -> None:
    headings = OUTCOMES.replace("其他结果", foreign)
    report = read_lines(_replace(lines, f"{OUTCOMES} {OUTCOMES}", [f"{OUTCOMES} {headings}"]))
    assert _is_refused(report, "disputes.")
    assert _states(report, "requests.") == {CellState.REPORTED}
