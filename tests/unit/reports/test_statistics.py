"""The statistics table of 2014: two variants, one or two columns, equal labels, units, and digits run together."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from bench.model import SimulatedReport, list_values
from bench.render_2014 import render_statistics_page, render_statistics_tabs, simulate_statistics
from pipeline.archive.sniff import sniff_media_type
from pipeline.documents.read import read_document
from pipeline.issues import IssueCode
from pipeline.reports.model import CellState, Report
from pipeline.reports.read import read_report

AGENCY = "示范县林业局"
SHARED_LABELS = ("c42_corrected", "c43_other", "c46_corrected", "c47_other")


def read_text(text: str) -> Report:
    content = text.encode()
    return read_report(read_document(content, sniff_media_type(content)))


def values_of(report: Report) -> dict[str, str]:
    return {cell.code: "" if cell.value is None else str(cell.value) for cell in report.cells}


def states_of(report: Report) -> set[CellState]:
    return {cell.state for cell in report.cells}


@pytest.fixture
def national() -> SimulatedReport:
    return simulate_statistics("national", AGENCY, 2016, 3)


@pytest.fixture
def fujian() -> SimulatedReport:
    return simulate_statistics("fujian", AGENCY, 2017, 3)


@pytest.fixture
def tabs(national: SimulatedReport) -> list[str]:
    return render_statistics_tabs(national, "national").text.splitlines()


def drop_rows(lines: list[str], first: str, last: str) -> list[str]:
    start = next(i for i, line in enumerate(lines) if line.startswith(first))
    end = next(i for i, line in enumerate(lines) if i >= start and line.startswith(last))
    return lines[:start] + lines[end + 1 :]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("variant", ["national", "fujian"])
@pytest.mark.parametrize("render", [render_statistics_page, render_statistics_tabs])
def test_every_printed_number_is_read(variant: str, seed: int, render: Callable[..., object]) -> None:
    printed = simulate_statistics(variant, AGENCY, 2015, seed)
    report = read_text(render(printed, variant).text)
    assert (report.edition, report.report_year, report.agency_name) == ("ED_2014", 2015, AGENCY)
    assert values_of(report) == list_values(printed.cells)
    assert report.issues == ()


def test_columns_of_text_are_read_without_tabs(tabs: list[str], national: SimulatedReport) -> None:
    report = read_text("\n".join(line.replace("\t", " ") for line in tabs))
    assert values_of(report) == list_values(national.cells)


def test_a_unit_of_its_own_is_kept_and_another_is_taken_from_the_form(tabs: list[str]) -> None:
    report = read_text(
        "\n".join(tabs)
        .replace("收取的费用\t万元", "收取的费用（元）\t")
        .replace("接受培训人员数\t人次", "接受培训人员数\t")
    )
    units = {cell.code: cell.unit for cell in report.cells}
    assert (units["stats.c49_fees.year"], units["stats.c58_trainees.year"]) == ("元", "人次")
    assert units["stats.c55_budget.year"] == "万元"


def test_equal_labels_are_told_apart_by_their_place(tabs: list[str], national: SimulatedReport) -> None:
    report = read_text("\n".join(drop_rows(tabs, "四、行政复议数量", "（三）其他情形数")))
    values, printed = values_of(report), list_values(national.cells)
    review = [f"stats.{row}.year" for row in ("c40_review", "c41_upheld", "c42_corrected", "c43_other")]
    assert [values.pop(code) for code in review] == [""] * 4
    assert values == {code: value for code, value in printed.items() if code not in review}


def test_equal_labels_without_a_place_are_in_doubt(tabs: list[str]) -> None:
    lines = drop_rows(tabs, "四、行政复议数量", "（一）维持具体行政行为数")
    lines = drop_rows(lines, "（二）被依法纠错数", "（一）维持具体行政行为或者驳回")
    report = read_text("\n".join(lines))
    doubtful = {cell.code.split(".")[1] for cell in report.cells if cell.state is CellState.AMBIGUOUS}
    assert len(doubtful & set(SHARED_LABELS)) == 2
    assert all(cell.value is None for cell in report.cells if cell.code.split(".")[1] in SHARED_LABELS)
    assert {issue.code for issue in report.issues} == {IssueCode.ROW_REPEATED, IssueCode.ROW_MISSING, IssueCode.CUT_OFF}


@pytest.mark.parametrize(
    "header",
    [
        "指标名称\t计量单位\t历年累计\t2017年度",
        "指标名称\t计量单位\t2016年度\t2017年度",
        "指标名称\t计量单位\t增减\t2017年度\t历年累计",
    ],
)
def test_under_other_headings_nothing_is_published(header: str, fujian: SimulatedReport) -> None:
    text = render_statistics_tabs(fujian, "fujian").text
    report = read_text(text.replace("指标名称\t计量单位\t2017年度\t历年累计", header))
    assert states_of(report) <= {CellState.AMBIGUOUS, CellState.ABSENT}
    assert IssueCode.HEADER_UNRECOGNISED in {issue.code for issue in report.issues}


def test_a_report_without_the_table_has_no_cells(tabs: list[str]) -> None:
    end = next(i for i, line in enumerate(tabs) if line.startswith("六、"))
    report = read_text("\n".join([*tabs[:end], "七、回应解读情况", "全年回应公众关切，附表另行公布。"]))
    assert (report.is_report, report.edition, report.cells) == (True, "ED_2014", ())
    assert [issue.code for issue in report.issues] == [IssueCode.TABLE_MISSING]


def flatten(text: str) -> str:
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("六、"))
    return "\n".join([*lines[:start], "".join(line.replace("\t", "") for line in lines[start:])])


def test_a_flat_table_of_one_column_is_cut_at_its_labels(tabs: list[str], national: SimulatedReport) -> None:
    report = read_text(flatten("\n".join(tabs)))
    assert values_of(report) == list_values(national.cells)


def test_digits_of_two_columns_are_cut_only_where_the_sums_leave_one_way(fujian: SimulatedReport) -> None:
    printed = list_values(fujian.cells)
    report = read_text(flatten(render_statistics_tabs(fujian, "fujian").text))
    read = {code: value for code, value in values_of(report).items() if value}
    assert read.items() <= printed.items()
    assert {cell.state for cell in report.cells if not cell.value and cell.value != 0} <= {CellState.AMBIGUOUS}


def test_two_zeros_are_two_columns_and_a_year_above_all_years_is_in_doubt(fujian: SimulatedReport) -> None:
    text = render_statistics_tabs(fujian, "fujian").text
    lines = []
    for line in text.splitlines():
        cells = line.split("\t")
        lines.append("\t".join([*cells[:2], "0", "0"]) if len(cells) == 4 and "名称" not in line else line)
    lines = [line.replace("主动公开文件数\t条\t0\t0", "主动公开文件数\t条\t1\t0") for line in lines]
    report = read_text(flatten("\n".join(lines)))
    by_code = {cell.code: cell for cell in report.cells}
    assert by_code.pop("stats.c01_active_total.year").state is CellState.AMBIGUOUS
    assert by_code.pop("stats.c01_active_total.cumulative").state is CellState.AMBIGUOUS
    assert {cell.value for cell in by_code.values()} == {Decimal(0)}
