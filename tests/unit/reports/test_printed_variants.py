"""Labels, headings and values as pages print them: known variants, and words that only resemble the form's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from pipeline.issues import IssueCode
from pipeline.reports.model import CellState, Report

ReadLines = Callable[[Sequence[str]], Report]

ROW_VARIANTS = [
    ("一、本年新收政府信息公开申请数量", "一、本年新收"),
    ("一、本年新收政府信息公开申请数量", "1、 本年新收政府信息公开申请数量"),
    ("二、上年结转政府信息公开申请数量", "二、上年结转"),
    ("（一）予以公开", "三、本年度办理结果 (一) 予以公开"),
    ("（一）予以公开", "三、本 年度办 理结果（一）予以公开"),
    ("（二）部分公开", "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"),
    ("（二）部分公开", "（二）部分公开（区分处理的， 只计这一情形， 不计其他情形）"),
    ("1.属于国家秘密", "（三）不予公开 1．属于国家秘密"),
    ("1.属于国家秘密", "1、属于国家秘密"),
    ("1.属于国家秘密", "⒈属于国家秘密"),
    ("2.其他法律行政法规禁止公开", "2.其他法律法规禁止公开"),
    ("2.其他法律行政法规禁止公开", "2.其他法律、行政法规禁止公开"),
    ("3.危及“三安全一稳定”", '3.危及"三安全一稳定"'),
    ("3.危及“三安全一稳定”", "3.危及三安全一稳定"),
    ("3.危及“三安全一稳定”", "3.危及‘三安全、一稳定’"),
    ("5.属于三类内部事务信息", "5.属于三类内容事务信息"),
    ("7.属于行政执法案卷", "7. 属于行政执 法案卷"),
    ("1.本机关不掌握相关政府信息", "（四）无法提供1.本机关不掌握相关政府信息"),
    ("2.重复申请", "2. 重复申请"),
    ("3.其他", "（六）其他处理 3．其他"),
    ("（七）总计", "(七) 总计"),
    ("（七）总计", "七、总计"),
    ("四、结转下年度继续办理", "四、结转下一年度继续办理"),
    ("四、结转下年度继续办理", "四、結轉下年度繼續辦理"),
    ("行政规范性文件", "规范性文件"),
    ("行政事业性收费", "行政事业型收费"),
    ("本年制发件数", "本年(2022)制发件数"),
    ("本年废止件数", "本年度止件数"),
    ("现行有效件数", "现行有效件"),
    ("商业企业", "商业 企业"),
    ("社会公益组织", "公益组织"),
]


@pytest.mark.parametrize(("official", "printed"), ROW_VARIANTS)
def test_a_wording_seen_on_pages_is_the_same_row_or_column(
    official: str, printed: str, lines: list[str], read_lines: ReadLines
) -> None:
    whole = read_lines(lines)
    at = next(i for i, line in enumerate(lines) if official in line)
    lines[at] = lines[at].replace(official, printed, 1)
    report = read_lines(lines)
    assert {c.code: c.value for c in report.cells} == {c.code: c.value for c in whole.cells}
    assert {issue.code for issue in report.issues} <= {IssueCode.LABEL_FUZZY}


@pytest.mark.parametrize(
    ("official", "printed"),
    [
        ("一、总体情况", "一、2022年政务公开总体情况"),
        ("一、总体情况", "1、 总体情况"),
        ("一、总体情况", "一、概述"),
        ("二、主动公开政府信息情况", "二、 行政机关主动公开政府信息情况"),
        ("二、主动公开政府信息情况", "二、主动公开政府政府情况"),
        ("三、收到和处理政府信息公开申请情况", "三、行政机关收到和处理政府信息公开申请情况"),
        ("三、收到和处理政府信息公开申请情况", "三、政府信息公开申请接收与办理情况"),
        ("四、政府信息公开行政复议、行政诉讼情况", "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况"),
        ("四、政府信息公开行政复议、行政诉讼情况", "四、政府信息公开复议及行政诉讼情况"),
        ("五、存在的主要问题及改进情况", "#### 五、政府信息公开工作存在的主要问题及改进情况"),
        ("五、存在的主要问题及改进情况", "五、存在问题及改进情况"),
        ("六、其他需要报告的事项", "六、其他报告事项"),
        ("六、其他需要报告的事项", "六、其他需要汇报事项"),
    ],
)
def test_a_heading_seen_on_pages_begins_the_same_section(
    official: str, printed: str, lines: list[str], read_lines: ReadLines
) -> None:
    lines[lines.index(official)] = printed
    report = read_lines(lines)
    assert [section.code for section in report.sections] == ["S1", "S2", "S3", "S4", "S5", "S6"]
    assert sum(cell.value is not None for cell in report.cells) == 200


@pytest.mark.parametrize(
    ("official", "printed", "row"),
    [
        ("行政处罚", "行政处理", "proactive.penalty."),
        ("行政处罚", "其中：简易程序行政处罚", "proactive.penalty."),
        ("行政许可", "涉企行政许可", "proactive.licensing."),
        ("行政规范性文件", "党组规范性文件", "proactive.normative_docs."),
        ("（一）予以公开", "（一）依法不予以公开", "requests.granted."),
    ],
)
def test_a_longer_or_another_word_is_not_the_row_it_resembles(
    official: str, printed: str, row: str, lines: list[str], read_lines: ReadLines
) -> None:
    whole = {c.code: c.value for c in read_lines(lines).cells}
    at = next(i for i, line in enumerate(lines) if line.startswith(official))
    lines[at] = lines[at].replace(official, printed, 1)
    report = read_lines(lines)
    values = {c.code: c.value for c in report.cells if c.value is not None}
    assert not any(code.startswith(row) for code in values)
    assert {c.state for c in report.cells if c.code.startswith(row)} == {CellState.ABSENT}
    assert all(whole[code] == value for code, value in values.items())
    assert {IssueCode.ROW_MISSING, IssueCode.VALUES_UNREAD} <= {issue.code for issue in report.issues}


@pytest.mark.parametrize(
    ("printed", "value", "state", "unit"),
    [
        ("１２", "12", CellState.REPORTED, "件"),
        ("5,069", "5069", CellState.REPORTED, "件"),
        ("22（其中修订16件）", "22", CellState.REPORTED, "件"),
        ("零", "0", CellState.REPORTED, "件"),
        ("三宗", "3", CellState.REPORTED, "宗"),
        ("0件", "0", CellState.REPORTED, "件"),
        ("-15", "-15", CellState.REPORTED, "件"),
        ("Ｏ", None, CellState.ILLEGIBLE, "件"),
        ("5余件", None, CellState.ILLEGIBLE, "件"),
        ("／", None, CellState.SLASH, "件"),
        ("－", None, CellState.DASH, "件"),
        ("空", None, CellState.TEXT, "件"),
        ("详见附件", None, CellState.TEXT, "件"),
    ],
)
def test_what_stands_in_a_cell_is_read_or_named(
    printed: str, value: str | None, state: CellState, unit: str, lines: list[str], read_lines: ReadLines
) -> None:
    at = next(i for i, line in enumerate(lines) if line.startswith("行政处罚"))
    lines[at] = f"行政处罚 {printed}"
    cells = {cell.code: cell for cell in read_lines(lines).cells}
    cell = cells["proactive.penalty.decisions"]
    assert (cell.value, cell.state, cell.unit) == (None if value is None else Decimal(value), state, unit)
    assert sum(c.value is not None for c in cells.values()) == (200 if value else 199)


def test_amounts_take_the_unit_of_the_cell_or_of_the_heading(lines: list[str], read_lines: ReadLines) -> None:
    at = next(i for i, line in enumerate(lines) if line.startswith("行政事业性收费"))
    lines[at] = "行政事业性收费 251000元"
    fees = next(c for c in read_lines(lines).cells if c.code == "proactive.admin_fees.amount")
    assert (fees.value, fees.unit) == (Decimal(251000), "元")
    lines[at - 1 : at + 1] = ["信息内容 本年收费金额（单位：元）", "行政事业性收费 380"]
    fees = next(c for c in read_lines(lines).cells if c.code == "proactive.admin_fees.amount")
    assert (fees.value, fees.unit) == (Decimal(380), "元")
