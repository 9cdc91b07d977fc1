"""Numbers printed in the form's tables against numbers read: each is in a cell, repeats one, or is in an issue."""

from __future__ import annotations

import pytest

from pipeline.contract.editions import edition_by_code
from pipeline.issues import IssueCode
from pipeline.reports.model import CellState, Report

PLAIN = "一、本年新收政府信息公开申请数量"


def unread(report: Report) -> list[str]:
    return [issue.message for issue in report.issues if issue.code is IssueCode.VALUES_UNREAD]


def recall(report: Report) -> tuple[int | None, int | None]:
    return report.printed_number_count, report.read_number_count


def insert(lines: list[str], after: str, *new: str) -> list[str]:
    place = next(i for i, line in enumerate(lines) if line.startswith(after)) + 1
    return [*lines[:place], *new, *lines[place:]]


def test_every_number_of_a_complete_form_is_read(lines, read_lines):
    report = read_lines(lines)
    assert recall(report) == (len(report.cells), len(report.cells)) == (200, 200)
    assert not unread(report)


def test_a_row_that_the_form_does_not_have_is_counted_and_named(lines, read_lines):
    report = read_lines(insert(lines, PLAIN, "其中：网上平台办理事项 7 8 9"))
    assert recall(report) == (203, 200)
    assert len(unread(report)) == 1
    assert "'7 8 9'" in unread(report)[0]


def test_a_number_behind_a_full_row_is_no_cell_and_is_named(lines, read_lines):
    report = read_lines(insert(lines, PLAIN, "33"))
    assert recall(report) == (201, 200)
    assert "'33'" in unread(report)[0]


def test_a_row_refused_for_its_width_is_accounted_for(lines, read_lines):
    place = next(i for i, line in enumerate(lines) if line.startswith(PLAIN))
    report = read_lines([*lines[:place], f"{PLAIN} 4 5", *lines[place + 1 :]])
    assert recall(report) == (195, 195)
    assert sum(cell.state is CellState.AMBIGUOUS for cell in report.cells) == 7
    assert not unread(report)


def test_a_row_printed_twice_is_read_twice_and_one_of_another_width_is_left_over(lines, read_lines):
    row = next(line for line in lines if line.startswith("行政许可"))
    again = read_lines(insert(lines, "行政处罚", row))
    assert recall(again) == (201, 201)
    assert not unread(again)
    wider = read_lines(insert(lines, "行政处罚", f"{row} 77"))
    assert recall(wider) == (202, 200)
    assert len(unread(wider)) == 1


def test_numbers_of_the_text_and_of_other_tables_do_not_count(lines, read_grids):
    other = [["栏目", "条数"], ["政策文件", "12"], ["工作动态", "34"]]
    report = read_grids([*lines[:3], "全年召开会议 5 次", other, *lines[3:], "附表", other])
    assert recall(report) == (200, 200)
    assert not unread(report)


def statistics(rows: list[list[str]]) -> list[object]:
    title = "嵩县陆浑镇人民政府2016年政府信息公开工作年度报告"
    head = [["统计指标", "单位", "统计数"]]
    return [title, "一、概述", "无", "附表：政府信息公开情况统计表", head + rows]


def test_a_table_ends_with_its_last_row_and_goes_on_where_that_is_missing(read_grids):
    form = edition_by_code("ED_2014").table("stats").variants[0]
    rows = [[row.label_zh, row.unit, "2"] for row in form.rows]
    below = ["填报电话", "", "67914455"]
    whole = read_grids(statistics([*rows, below]))
    assert recall(whole) == (len(rows), len(rows))
    assert not unread(whole)
    without_last = read_grids(statistics([*rows[:-1], ["参加学习的有关人员总量", "人次", "9"]]))
    assert recall(without_last) == (len(rows), len(rows) - 1)
    assert "'9'" in unread(without_last)[0]


@pytest.mark.parametrize("damage", range(0, 40, 3))
def test_a_number_is_left_over_exactly_where_an_issue_names_it(lines, read_lines, damage):
    """Each line of the tables in turn loses its label: its numbers are read all the same, or an issue names them."""
    place = 5 + damage
    label, *values = lines[place].split(" ")
    report = read_lines([*lines[:place], " ".join(["无此行", *values]), *lines[place + 1 :]])
    printed, read = recall(report)
    assert printed is not None
    assert read is not None
    assert (printed == read) is (not unread(report)), label


def test_a_document_whose_tables_are_not_read_has_no_count(read_lines):
    assert recall(read_lines(["今日天气晴。"])) == (None, None)
