"""Values that fill a row of the form and yet stand elsewhere: none of them may be published."""

from __future__ import annotations

import pytest

from pipeline.documents.html import read_html
from pipeline.issues import IssueCode
from pipeline.reports.model import CellState, Report
from pipeline.reports.read import read_report

ROWS = (
    "一、本年新收政府信息公开申请数量",
    "二、上年结转政府信息公开申请数量",
    "（一）予以公开",
    "四、结转下年度继续办理",
)
HEADINGS = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]


def states(report: Report, row: str) -> set[CellState]:
    return {cell.state for cell in report.cells if cell.code.startswith(f"{row}.")}


def replace_line(lines: list[str], label: str, line: str) -> list[str]:
    return [line if each.startswith(label) else each for each in lines]


def page(order: list[int]) -> bytes:
    rows = [["申请人情况", *HEADINGS], *([label, "3", "1", "0", "0", "0", "0", "4"] for label in ROWS)]
    printed = "".join(
        f"<tr><td>{row[0]}</td>" + "".join(f"<td>{row[1 + i]}</td>" for i in order) + "</tr>" for row in rows
    )
    title = "嵩县陆浑镇人民政府2022年政府信息公开工作年度报告"
    return (
        f"<h1>{title}</h1><p>三、收到和处理政府信息公开申请情况</p><p>本年制发件数</p><table>{printed}</table>".encode()
    )


@pytest.mark.parametrize("order", [[6, 0, 1, 2, 3, 4, 5], [0, 5, 1, 2, 3, 4, 6], [0, 6, 1, 2, 3, 4, 5]])
def test_headings_in_another_order_publish_nothing(order):
    report = read_report(read_html(page(order)))
    assert states(report, "requests.new_received") == {CellState.AMBIGUOUS}
    assert IssueCode.HEADER_UNRECOGNISED in {issue.code for issue in report.issues}


def test_headings_in_the_forms_order_are_read():
    assert states(read_report(read_html(page([*range(7)]))), "requests.new_received") == {CellState.REPORTED}


def test_sums_in_the_first_column_put_a_table_of_text_in_doubt(lines, read_lines):
    start = next(i for i, line in enumerate(lines) if line.startswith("一、本年新收"))
    end = next(i for i, line in enumerate(lines) if line.startswith("四、政府信息"))
    moved = []
    for line in lines[start:end]:
        label, *values = line.split()
        moved.append(" ".join([label, values[-1], *values[:-1]]))
    report = read_lines([*lines[:start], *moved, *lines[end:]])
    assert states(report, "requests.granted") == {CellState.AMBIGUOUS}


def test_a_dispute_table_with_its_sums_first_publishes_nothing(lines, read_lines):
    first, second = "结果维持 结果纠正 其他结果 尚未审结 总计", "总计 结果维持 结果纠正 其他结果 尚未审结"
    changed = [line.replace(first, second) for line in lines]
    values = next(i for i, line in enumerate(changed) if line.startswith("五、")) - 1
    changed[values] = " ".join(["2 0 0 0 2"] * 3)
    assert states(read_lines(changed), "disputes.review") == {CellState.AMBIGUOUS}


def test_the_next_lines_number_does_not_complete_a_row(lines, read_lines):
    label = "一、本年新收政府信息公开申请数量"
    place = next(i for i, line in enumerate(lines) if line.startswith(label))
    changed = [*lines[:place], f"{label} 3 1 0 0 0 4", "2", *lines[place + 1 :]]
    assert states(read_lines(changed), "requests.new_received") == {CellState.AMBIGUOUS}


def test_a_merged_row_beside_the_rows_it_stands_for_is_in_doubt(lines, read_lines):
    place = next(i for i, line in enumerate(lines) if line.startswith("1.申请人无正当理由"))
    report = read_lines([*lines[:place], "（六）其他处理 1 0 0 0 0 0 1", *lines[place:]])
    assert states(report, "requests.other_total") == {CellState.AMBIGUOUS}
