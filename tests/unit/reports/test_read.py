"""A whole report read from damaged lines and tables: a cell is right, or it says why it is not there."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from pipeline.contract.editions import Edition
from pipeline.issues import IssueCode
from pipeline.reports.model import CellState, Report

ReadLines = Callable[[Sequence[str]], Report]


def _values(report: Report) -> dict[str, Decimal]:
    return {c.code: c.value for c in report.cells if c.value is not None}


def _states(report: Report, prefix: str) -> set[CellState]:
    return {c.state for c in report.cells if c.code.startswith(prefix)}


def _codes(report: Report) -> set[IssueCode]:
    return {issue.code for issue in report.issues}


def _index(lines: Sequence[str], label: str) -> int:
    return next(i for i, line in enumerate(lines) if label in line)


def test_an_undamaged_form_is_read_whole(lines: list[str], read_lines: ReadLines, edition: Edition) -> None:
    report = read_lines(lines)
    assert report.is_report
    assert (report.agency_name, report.report_year, report.edition) == ("嵩县陆浑镇人民政府", 2022, "ED_2021")
    assert len(_values(report)) == len(list(edition.cells())) == 200
    assert report.issues == ()
    assert [s.code for s in report.sections] == ["S1", "S2", "S3", "S4", "S5", "S6"]
    assert next(s for s in report.sections if s.code == "S5").body == "人手不足。"


def test_without_the_table_that_names_the_edition_the_others_are_read(lines: list[str], read_lines: ReadLines) -> None:
    whole = _values(read_lines(lines))
    first, last = _index(lines, "第二十条第（一）项"), _index(lines, "三、收到和处理")
    lines[first:last] = ["见附图。"]
    report = read_lines(lines)
    assert report.edition == "ED_2021"
    assert _values(report) == {code: value for code, value in whole.items() if not code.startswith("proactive.")}
    assert IssueCode.TABLE_MISSING in _codes(report)


def test_without_any_words_of_one_edition_alone_none_is_guessed(lines: list[str], read_lines: ReadLines) -> None:
    first, last = _index(lines, "第二十条第（一）项"), _index(lines, "三、收到和处理")
    lines[first:last] = ["见附图。"]
    first = _index(lines, "逾期不补正")
    lines[first : first + 3] = ["（六）其他处理 0 0 0 0 0 0 0"]
    report = read_lines(lines)
    assert (report.is_report, report.edition, report.cells) == (True, "", ())
    assert IssueCode.EDITION_UNKNOWN in _codes(report)


def test_every_value_keeps_its_characters_and_their_place(lines: list[str], read_lines: ReadLines) -> None:
    for cell in read_lines(lines).cells:
        line, span = cell.locator.removeprefix("L").split(":")
        first, last = map(int, span.split("-"))
        assert lines[int(line) - 1][first - 1 : last] == cell.raw


@pytest.mark.parametrize("width", [5, 6, 8])
def test_a_row_of_another_width_is_in_doubt(lines: list[str], read_lines: ReadLines, width: int) -> None:
    at = _index(lines, "重复申请")
    lines[at] = " ".join(["2.重复申请", *["3"] * width])
    report = read_lines(lines)
    assert _states(report, "requests.unprocessed_duplicate.") == {CellState.AMBIGUOUS}
    assert IssueCode.ROW_WIDTH in _codes(report)
    assert len(_values(report)) == 193


def test_a_row_that_no_form_has_shifts_nothing(lines: list[str], read_lines: ReadLines) -> None:
    whole = _values(read_lines(lines))
    first = _index(lines, "逾期不补正")
    lines[first : first + 3] = ["（六）延期办理 9 9 9 9 9 9 54"]
    report = read_lines(lines)
    assert _states(report, "requests.other_") == {CellState.ABSENT}
    assert {IssueCode.ROW_MISSING, IssueCode.VALUES_UNREAD} <= _codes(report)
    assert all(whole[code] == value for code, value in _values(report).items())
    assert len(_values(report)) == 179


def test_a_row_printed_twice_with_other_values_is_in_doubt(lines: list[str], read_lines: ReadLines) -> None:
    at = _index(lines, "重复申请")
    lines.insert(at + 1, "2.重复申请 1 1 1 1 1 1 6")
    report = read_lines(lines)
    assert _states(report, "requests.unprocessed_duplicate.") == {CellState.AMBIGUOUS}
    assert IssueCode.ROW_REPEATED in _codes(report)


def test_repeats_of_a_row_are_one_issue_and_no_unread_values(lines: list[str], read_lines: ReadLines) -> None:
    whole = _values(read_lines(lines))
    at = _index(lines, "重复申请")
    lines[at:at] = [lines[at]] * 300
    report = read_lines(lines)
    assert _values(report) == whole
    lines.insert(at, "2.重复申请 1 1 1 1 1 1 6")
    assert [issue.code for issue in read_lines(lines).issues] == [IssueCode.ROW_REPEATED]


def test_a_page_number_between_rows_costs_nothing(lines: list[str], read_lines: ReadLines) -> None:
    whole = _values(read_lines(lines))
    lines.insert(_index(lines, "重复申请") + 1, "3")
    assert _values(read_lines(lines)) == whole


def test_columns_in_another_order_are_not_guessed(lines: list[str], read_lines: ReadLines) -> None:
    at = _index(lines, "自然人")
    lines[at] = "自然人 法人或其他组织 总计 科研机构 商业企业 社会公益组织 法律服务机构 其他"
    report = read_lines(lines)
    assert _states(report, "requests.") == {CellState.AMBIGUOUS}
    assert IssueCode.HEADER_UNRECOGNISED in _codes(report)


def test_a_table_without_headings_is_not_guessed(lines: list[str], read_lines: ReadLines) -> None:
    at = _index(lines, "结果维持")
    del lines[at : at + 3]
    report = read_lines(lines)
    assert _states(report, "disputes.") == {CellState.AMBIGUOUS}


@pytest.mark.parametrize("share", [0.5, 0.6, 0.7, 0.8, 0.9])
def test_a_document_cut_off_never_gives_a_wrong_number(lines: list[str], read_lines: ReadLines, share: float) -> None:
    whole = _values(read_lines(lines))
    text = "\n".join(lines)
    for cut in range(int(len(text) * share), int(len(text) * (share + 0.1))):
        for code, value in _values(read_lines(text[:cut].split("\n"))).items():
            assert whole[code] == value, (code, text[cut - 20 : cut])


def test_a_form_without_numbers_and_year_is_blank(lines: list[str], read_lines: ReadLines) -> None:
    blank = [line.split(" ")[0] if line[-1].isdigit() else line for line in lines[1:]]
    report = read_lines(blank)
    assert not report.is_report
    assert report.cells == ()


def test_two_reports_in_one_document_are_refused(lines: list[str], read_lines: ReadLines) -> None:
    other = [line.replace(" 1 ", " 8 ").replace("陆浑镇", "车村镇") for line in lines]
    report = read_lines(lines + other)
    assert (report.is_report, report.reject_reason) == (False, IssueCode.SEVERAL_REPORTS)


@pytest.mark.parametrize(
    ("first_lines", "reason"),
    [
        (["关于编制2025年政府信息公开工作年度报告的通知", "各单位：请按时报送。"], IssueCode.NOTICE_ABOUT_REPORTS),
        (["2022年上半年政府信息公开数据统计", "受理申请 12 件。"], IssueCode.PARTIAL_PERIOD),
        (["一图读懂2023年政府信息公开工作年度报告"], IssueCode.INTERPRETATION),
        (["欢迎来到本网站", "今日要闻 12 条"], IssueCode.NOT_A_REPORT),
    ],
)
def test_what_is_no_report_is_refused_by_name(first_lines: list[str], reason: IssueCode, read_lines: ReadLines) -> None:
    report = read_lines(first_lines)
    assert (report.is_report, report.reject_reason, report.cells) == (False, reason, ())
    assert report.issues[-1].code is reason


def test_an_edition_that_is_not_read_yet_is_recognised_and_left_alone(read_lines: ReadLines) -> None:
    report = read_lines(["某县2012年政府信息公开工作年度报告", "25.免予公开范围1 条 3", "主动公开政府信息数 条 99"])
    assert (report.is_report, report.edition, report.cells) == (True, "ED_2008", ())
    assert IssueCode.EDITION_UNSUPPORTED in _codes(report)


def test_a_row_of_the_edition_before_is_read_under_its_own_code(lines: list[str], read_lines: ReadLines) -> None:
    first = _index(lines, "逾期不补正")
    lines[first : first + 3] = ["（六）其他处理 9 8 7 6 5 4 39"]
    report = read_lines(lines)
    merged = [str(c.value) for c in report.cells if c.code.startswith("requests.other_total.")]
    assert merged == ["9", "8", "7", "6", "5", "4", "39"]
    assert len(report.cells) == 207


def test_words_of_the_form_in_the_narrative_are_no_rows(lines: list[str], read_lines: ReadLines) -> None:
    whole = _values(read_lines(lines))
    at = _index(lines, "第二十条第（一）项")
    lines[at:at] = ["全年制定规范性文件 99 件，办理行政许可 77 件。", "其他 5 件。"]
    assert _values(read_lines(lines)) == whole


def test_a_typo_in_a_label_is_read_and_recorded(lines: list[str], read_lines: ReadLines) -> None:
    at = _index(lines, "没有现成信息")
    lines[at] = lines[at].replace("现成", "现存")
    report = read_lines(lines)
    assert len(_values(report)) == 200
    assert [i.code for i in report.issues] == [IssueCode.LABEL_FUZZY]
    assert {c.label_distance for c in report.cells if ".unavailable_needs_creation." in c.code} == {1}


def _grid(lines: Sequence[str], first: str, last: str) -> list[list[str]]:
    return [line.split(" ") for line in lines[_index(lines, first) : _index(lines, last) + 1]]


HEADER = [
    [
        "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）",
        "自然人",
        "商业企业",
        "科研机构",
        "社会公益组织",
        "法律服务机构",
        "其他",
        "总计",
    ]
]


def _with_table(lines: list[str], rows: list[list[str]]) -> list[str | list[list[str]]]:
    start, end = _index(lines, "申请人情况"), _index(lines, "四、政府信息公开行政复议")
    return [*lines[:start], HEADER + rows, *lines[end:]]


def test_blanks_in_a_table_keep_their_columns(
    lines: list[str], read_grids: Callable[[Sequence[object]], Report]
) -> None:
    rows = _grid(lines, "一、本年新收", "四、结转下年度")
    for row in rows:
        row[2:7] = [""] * 5
    report = read_grids(_with_table(lines, rows))
    by_code = {c.code: c for c in report.cells}
    for row, printed in zip(("new_received", "carried_out"), (rows[0], rows[-1]), strict=True):
        assert by_code[f"requests.{row}.natural_person"].value == Decimal(printed[1])
        assert by_code[f"requests.{row}.total"].value == Decimal(printed[7])
        assert by_code[f"requests.{row}.legal_research"].state is CellState.BLANK


def test_a_shifted_row_of_a_table_is_in_doubt(
    lines: list[str], read_grids: Callable[[Sequence[object]], Report]
) -> None:
    rows = _grid(lines, "一、本年新收", "四、结转下年度")
    rows[4] = [rows[4][0], "", "2", "", "", "", "1", "", "3"]
    report = read_grids(_with_table(lines, rows))
    code = "requests.denied_state_secret"
    assert _states(report, code) == {CellState.AMBIGUOUS}


def test_random_blanks_never_become_numbers(lines: list[str], read_grids: Callable[[Sequence[object]], Report]) -> None:
    whole = _grid(lines, "一、本年新收", "四、结转下年度")
    generator = random.Random(7)
    for _ in range(30):
        rows = [[row[0], *(v if generator.random() < 0.7 else "" for v in row[1:])] for row in whole]
        report = read_grids(_with_table(lines, rows))
        printed = [v for row in rows for v in row[1:]]
        read = [c for c in report.cells if c.code.startswith("requests.")]
        assert [c.raw for c in read] == printed
        assert all((c.value is None) == (c.raw == "") for c in read)


def test_spare_separators_in_the_last_row_of_a_cut_document_are_no_blanks(
    lines: list[str], read_grids: Callable[[Sequence[object]], Report]
) -> None:
    rows = _grid(lines, "一、本年新收", "二、上年结转")
    start = _index(lines, "申请人情况")
    cut = [*rows, ["（一）予以公开", "", "", "", "7", "0", "0", ""]]
    report = read_grids([*lines[:start], HEADER + cut])
    assert _states(report, "requests.granted.") == {CellState.AMBIGUOUS}
    assert IssueCode.CUT_OFF in _codes(report)


def test_what_a_page_prints_behind_the_report_is_no_text_of_it(lines: list[str], read_lines: ReadLines) -> None:
    before = read_lines(lines)
    footer = ["主办单位：嵩县陆浑镇人民政府", "网站标识码 4103250001"]
    after = read_lines([*lines, *footer])
    assert after.sections == before.sections
    assert before.sections[-1].body


def test_a_footers_words_before_the_last_section_stay_text(lines: list[str], read_lines: ReadLines) -> None:
    said = "本机关网站的页面都有网站标识码和版权所有的说明。"
    start = _index(lines, "总体情况") + 1
    report = read_lines([*lines[:start], said, *lines[start:]])
    assert said in report.sections[0].body
    assert len(report.sections) == 6
