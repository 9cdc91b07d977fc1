"""Tables laid out or filled in ways that the form does not have: a value is right, or it is not given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from bench.render_2014 import render_statistics_tabs, simulate_statistics
from pipeline.contract.editions import Edition, edition_by_code
from pipeline.issues import IssueCode
from pipeline.reports.model import CellState, Report

Row = list[str]
Blocks = Sequence[str | Sequence[Sequence[str]]]
ReadGrids = Callable[[Blocks], Report]
Change = Callable[[list[Row]], list[Row]]

OPENING = ["北山市东城区民政局2022年政府信息公开工作年度报告", "一、总体情况", "各项工作按期完成。"]
CLOSING = ["五、存在的主要问题及改进情况", "人手不足。", "六、其他需要报告的事项", "无"]
NOTE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
APPLICANTS = [NOTE, "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
OUTCOMES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]


class Form:
    """A filled form as three tables with true columns, and what it prints by cell code."""

    def __init__(self, code: str) -> None:
        self.printed: dict[str, Decimal] = {}
        self.edition: Edition = edition_by_code(code)
        proactive, requests, disputes = self.edition.tables
        self.proactive = self._blocks(proactive)
        self.requests = [APPLICANTS, *(self._row(requests, row) for row in requests.rows if not row.is_optional)]
        channels = [self._row(disputes, row)[1:] for row in disputes.rows]
        self.channels = channels
        captions = [
            ["行政复议", *[""] * 4, "行政诉讼", *[""] * 9],
            [*OUTCOMES, "未经复议直接起诉", *[""] * 4, "复议后起诉", *[""] * 4],
        ]
        self.disputes = [*captions, [*[""] * 5, *OUTCOMES, *OUTCOMES], [v for values in channels for v in values]]

    def _row(self, table: object, row: object) -> Row:
        base = len(self.printed)
        parts = [Decimal((base + 7 * i) % 23 + 1) for i in range(len(row.columns))]
        if row.columns[-1] == "total":
            parts[-1] = sum(parts[:-1], Decimal(0))
        self.printed |= {cell.code: part for cell, part in zip(table.row_cells(row), parts, strict=True)}
        return [row.label_zh, *map(str, parts)]

    def _blocks(self, table: object) -> list[Row]:
        rows: list[Row] = []
        columns: tuple[str, ...] = ()
        for row in (row for row in table.rows if not row.is_optional):
            if row.columns != columns:
                columns = row.columns
                rows.append(["信息内容", *(table.columns[code].labels[0] for code in columns)])
            rows.append(self._row(table, row))
        return [[*row, *[""] * (4 - len(row))] for row in rows]

    def blocks(self, **changed: list[Row]) -> Blocks:
        tables = {"proactive": self.proactive, "requests": self.requests, "disputes": self.disputes} | changed
        headings = [
            "二、主动公开政府信息情况",
            "三、收到和处理政府信息公开申请情况",
            "四、政府信息公开行政复议、行政诉讼情况",
        ]
        middle = [block for pair in zip(headings, tables.values(), strict=True) for block in pair]
        return [*OPENING, *middle, *CLOSING]


@pytest.fixture
def form() -> Form:
    return Form("ED_2021")


def values_of(report: Report) -> dict[str, Decimal]:
    return {cell.code: cell.value for cell in report.cells if cell.value is not None}


def codes_of(report: Report) -> set[IssueCode]:
    return {issue.code for issue in report.issues}


@pytest.mark.parametrize("code", ["ED_2021", "ED_2019"])
def test_the_form_itself_is_read_whole(code: str, read_grids: ReadGrids) -> None:
    form = Form(code)
    report = read_grids(form.blocks())
    assert (report.edition, values_of(report), report.issues) == (code, form.printed, ())


def test_tables_of_two_editions_in_one_report_are_read_each_by_its_rows(read_grids: ReadGrids) -> None:
    new, old = Form("ED_2021"), Form("ED_2019")
    report = read_grids(new.blocks(requests=old.requests))
    expected = {c: v for c, v in new.printed.items() if not c.startswith("requests.")}
    expected |= {c: v for c, v in old.printed.items() if c.startswith("requests.")}
    assert (report.edition, values_of(report)) == ("ED_2021", expected)
    report = read_grids(old.blocks(requests=new.requests))
    expected = {c: v for c, v in old.printed.items() if not c.startswith("requests.")}
    expected |= {c: v for c, v in new.printed.items() if c.startswith("requests.")}
    assert (report.edition, values_of(report)) == ("ED_2019", expected)


def test_a_province_s_own_row_is_read_where_the_edition_lists_it(read_grids: ReadGrids) -> None:
    form = Form("ED_2019")
    rows = [*form.proactive[:3], ["其他主动公开文件（含通知、公告）", "186", "86", "255"], *form.proactive[3:]]
    own = {
        f"proactive.other_active_docs.{c}": Decimal(v)
        for c, v in zip(("newly_made", "newly_disclosed", "total_public"), (186, 86, 255), strict=True)
    }
    assert values_of(read_grids(form.blocks(proactive=rows))) == form.printed | own


@pytest.mark.parametrize("label", ["其他规范性文件", "党组规范性文件", "行政征收", "重大执法决定法制审核"])
@pytest.mark.parametrize("at", [2, 3, 7])
def test_a_row_that_no_edition_has_is_named_and_shifts_nothing(
    label: str, at: int, form: Form, read_grids: ReadGrids
) -> None:
    rows = [*form.proactive[:at], [label, "7", "8", "9"], *form.proactive[at:]]
    report = read_grids(form.blocks(proactive=rows))
    assert values_of(report) == form.printed
    assert [issue.code for issue in report.issues] == [IssueCode.VALUES_UNREAD]
    assert label in report.issues[0].message


def test_a_group_s_own_sum_is_named_and_shifts_nothing(form: Form, read_grids: ReadGrids) -> None:
    rows = [*form.requests[:5], ["（三）不予公开", *["8"] * 6, "48"], *form.requests[5:]]
    report = read_grids(form.blocks(requests=rows))
    assert (values_of(report), codes_of(report)) == (form.printed, {IssueCode.VALUES_UNREAD})


def number_rows(rows: list[Row]) -> list[Row]:
    return [[str(i) if i else "序号", *row] for i, row in enumerate(rows)]


def add_shares(rows: list[Row]) -> list[Row]:
    return [rows[0], *(part for row in rows[1:] for part in (row, ["占比", *["10%"] * 7]))]


@pytest.mark.parametrize("change", [number_rows, add_shares])
def test_numbers_of_rows_and_lines_of_percentages_change_nothing(
    change: Change, form: Form, read_grids: ReadGrids
) -> None:
    assert values_of(read_grids(form.blocks(requests=change(form.requests)))) == form.printed


def sum_first(rows: list[Row]) -> list[Row]:
    return [[row[0], row[7], *row[1:7]] for row in rows]


def swap_kinds(rows: list[Row]) -> list[Row]:
    return [[row[0], row[2], row[1], *row[3:]] for row in rows]


def drop_kind(rows: list[Row]) -> list[Row]:
    return [[*row[:5], *row[6:]] for row in rows]


def drop_header(rows: list[Row]) -> list[Row]:
    return rows[1:]


def add_last_year(rows: list[Row]) -> list[Row]:
    return [[row[0], *(part for value in row[1:] for part in (value, "3"))] for row in rows]


def transpose(rows: list[Row]) -> list[Row]:
    return [list(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("change", [sum_first, swap_kinds, drop_kind, drop_header, add_last_year, transpose])
def test_other_columns_than_the_form_s_give_no_number(change: Change, form: Form, read_grids: ReadGrids) -> None:
    report = read_grids(form.blocks(requests=change(form.requests)))
    assert values_of(report) == {c: v for c, v in form.printed.items() if not c.startswith("requests.")}


SINGLE = ("proactive.licensing.", "proactive.penalty.", "proactive.coercion.")


def single_rows(form: Form, heading: Sequence[str], cells: Callable[[str], Sequence[str]]) -> list[Row]:
    def change(row: Row) -> Row:
        if row[1] == "本年处理决定数量":
            return ["信息内容", *heading]
        return [row[0], *cells(row[1])] if row[0] in ("行政许可", "行政处罚", "行政强制") else row

    return [change(row) for row in form.proactive]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        (["上年处理决定数量", "本年处理决定数量", ""], lambda value: ["77", value, ""]),
        (["本年处理决定数量", "上年处理决定数量", ""], lambda value: ["", "77", ""]),
        (["上年处理决定数量", "", ""], lambda value: ["77", "", ""]),
        (["本年处理决定数量", "同比", ""], lambda value: [value, "5", ""]),
    ],
)
def test_a_single_value_counts_only_under_its_own_heading(
    heading: list[str], cells: Callable[[str], list[str]], form: Form, read_grids: ReadGrids
) -> None:
    report = read_grids(form.blocks(proactive=single_rows(form, heading, cells)))
    assert values_of(report) == {c: v for c, v in form.printed.items() if not c.startswith(SINGLE)}
    assert {c.state for c in report.cells if c.code.startswith(SINGLE)} == {CellState.AMBIGUOUS}


CHANNELS = ["行政复议", "未经复议直接起诉", "复议后起诉"]


def channel_rows(channels: list[Row]) -> list[Row]:
    return [["", *OUTCOMES], *([name, *values] for name, values in zip(CHANNELS, channels, strict=True))]


def channel_tables(channels: list[Row]) -> list[Row]:
    rows = zip(CHANNELS, channels, strict=True)
    return [row for name, values in rows for row in ([name, *OUTCOMES], ["数量", *values])]


@pytest.mark.parametrize("layout", [channel_rows, channel_tables])
def test_disputes_are_read_from_one_row_for_each_channel(layout: Change, form: Form, read_grids: ReadGrids) -> None:
    report = read_grids(form.blocks(disputes=layout(form.channels)))
    assert (values_of(report), report.issues) == (form.printed, ())


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [rows[0], rows[2], rows[1], rows[3]],
        lambda rows: [[row[0], row[2], row[1], *row[3:]] for row in rows],
        lambda rows: rows[:3],
        lambda rows: [*rows, ["合计", *["9"] * 5]],
        lambda rows: [*rows[:3], [*rows[3][:5], "999"]],
        transpose,
    ],
)
def test_rows_of_channels_in_doubt_give_no_number(change: Change, form: Form, read_grids: ReadGrids) -> None:
    report = read_grids(form.blocks(disputes=change(channel_rows(form.channels))))
    assert values_of(report) == {c: v for c, v in form.printed.items() if not c.startswith("disputes.")}


def test_a_note_below_the_disputes_changes_nothing(form: Form, read_grids: ReadGrids) -> None:
    blocks = [*form.blocks()]
    blocks.insert(len(blocks) - len(CLOSING), "注：1. 其他结果中 3 件为撤回。 2. 行政复议 5 件")
    assert values_of(read_grids(blocks)) == form.printed


STATISTICS_OPENING = [
    "北山市东城区民政局2016年政府信息公开工作年度报告",
    "一、概述",
    "台账齐全。",
    "六、政府信息公开情况统计表",
]


class Statistics:
    """The national statistics table of 2014 as rows, and what it prints by cell code."""

    def __init__(self, seed: int = 3) -> None:
        report = simulate_statistics("national", "北山市东城区民政局", 2016, seed)
        self.printed = {code: Decimal(value) for code, value in report.cells.items()}
        text = render_statistics_tabs(report, "national").text
        self.header, *self.rows = [line.split("\t") for line in text.splitlines() if "\t" in line]

    def with_header(self, header: Row, row: Callable[[Row], Row] = lambda row: row) -> list[Row]:
        return [header, *map(row, self.rows)]


def read_statistics(read_grids: ReadGrids, *blocks: str | list[Row]) -> Report:
    return read_grids([*STATISTICS_OPENING, *blocks, "以上数据由办公室汇编。"])


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (["统计指标", "单位", "统计数"], lambda row: row),
        (["序号", "统计指标", "单位", "统计数"], lambda row: ["7", *row]),
        (["统计指标", "单位", "2016年"], lambda row: row),
        (["统计指标", "统计数"], lambda row: [row[0], row[-1]]),
        (["统计指标", "单位", "统计数", "备注"], lambda row: [*row, ""]),
    ],
)
def test_the_statistics_table_is_read_with_harmless_columns(
    header: Row, row: Callable[[Row], Row], read_grids: ReadGrids
) -> None:
    table = Statistics()
    assert values_of(read_statistics(read_grids, table.with_header(header, row))) == table.printed


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (["统计指标", "代码", "单位", "统计数"], lambda row: [row[0], "11", *row[1:]]),
        (["统计指标", "单位", "代码", "统计数"], lambda row: [*row[:2], "11", row[2]]),
        (["统计指标", "单位", "2015年"], lambda row: row),
        (["统计指标", "单位", "2015年", "2016年"], lambda row: [*row[:2], "5", row[2]]),
        (["统计指标", "单位", "区政府", "区直单位", "乡镇街道"], lambda row: [*row, "1", "2"]),
        (["统计指标", "单位", "合计", "本级", "下级"], lambda row: [*row, "1", "2"]),
        (["统计指标", "统计数", "单位"], lambda row: [row[0], row[2], row[1]]),
    ],
)
def test_the_statistics_table_under_other_columns_gives_no_number(
    header: Row, row: Callable[[Row], Row], read_grids: ReadGrids
) -> None:
    report = read_statistics(read_grids, Statistics().with_header(header, row))
    assert (report.edition, values_of(report)) == ("ED_2014", {})
    assert IssueCode.HEADER_UNRECOGNISED in codes_of(report)


def test_codes_between_labels_and_units_of_a_text_are_no_values(read_grids: ReadGrids) -> None:
    table = Statistics()
    lines = [" ".join([row[0], "11", *row[1:]]) for row in table.rows]
    assert values_of(read_statistics(read_grids, "统计指标 代码 单位 统计数", *lines)) == {}


def test_rows_of_a_province_among_the_statistics_are_named(read_grids: ReadGrids) -> None:
    table = Statistics()
    extra = [["机构设置", "条", "6"], ["规划计划统计", "条", "9"]]
    report = read_statistics(read_grids, [table.header, *table.rows[:4], *extra, *table.rows[4:]])
    assert values_of(report) == table.printed
    assert [issue.code for issue in report.issues] == [IssueCode.VALUES_UNREAD] * 2


OWN, REGION = "政府信息公开情况统计表（市本级）", "政府信息公开情况统计表（本行政区域汇总）"


@pytest.mark.parametrize("own_first", [True, False])
def test_of_the_organ_s_and_the_region_s_table_the_organ_s_is_read(own_first: bool, read_grids: ReadGrids) -> None:
    own, region = Statistics(3), Statistics(4)
    parts = [OWN, [own.header, *own.rows], REGION, [region.header, *region.rows]]
    report = read_statistics(read_grids, *(parts if own_first else [*parts[2:], *parts[:2]]))
    assert values_of(report) == own.printed
    assert [issue.code for issue in report.issues] == [IssueCode.VALUES_UNREAD]
    assert "本行政区域汇总" in report.issues[0].message


@pytest.mark.parametrize(
    "captions", [("统计表一", "统计表二"), (OWN, OWN), (REGION, "县财政局"), ("县水利局", "县财政局")]
)
def test_tables_that_nothing_tells_apart_are_refused_by_their_headings(
    captions: tuple[str, str], read_grids: ReadGrids
) -> None:
    tables = [Statistics(3), Statistics(4)]
    parts = [p for caption, t in zip(captions, tables, strict=True) for p in (caption, [t.header, *t.rows])]
    report = read_statistics(read_grids, *parts)
    assert (report.is_report, report.reject_reason) == (False, IssueCode.SEVERAL_REPORTS)
    assert captions[1].replace("（", "(").replace("）", ")") in report.issues[-1].message


def test_the_same_table_printed_twice_is_read_once(read_grids: ReadGrids) -> None:
    table = Statistics()
    rows = [table.header, *table.rows]
    assert values_of(read_statistics(read_grids, rows, rows)) == table.printed
    other = "北山市东城区财政局2016年政府信息公开工作年度报告"
    assert read_statistics(read_grids, rows, other, rows).reject_reason == IssueCode.SEVERAL_REPORTS


def _numbers(form: Form, start: str) -> dict[str, Decimal]:
    return {code: value for code, value in form.printed.items() if code.startswith(start)}


def test_a_row_that_goes_on_below_its_values_is_read_as_one(read_grids: ReadGrids) -> None:
    form = Form("ED_2021")
    at = next(i for i, row in enumerate(form.proactive) if row[0] == "行政规范性文件")
    cut = [["行政规", *form.proactive[at][1:]], ["范性文件", "", "", ""]]
    proactive = [*form.proactive[:at], *cut, *form.proactive[at + 1 :]]
    report = read_grids(
        [
            *OPENING,
            "二、主动公开政府信息情况",
            proactive,
            "三、收到和处理政府信息公开申请情况",
            form.requests,
            *CLOSING,
        ]
    )
    read = {cell.code: cell.value for cell in report.cells if cell.code.startswith("proactive.normative")}
    assert read == _numbers(form, "proactive.normative")


def test_blanks_beside_numbers_of_no_row_are_in_doubt(read_grids: ReadGrids) -> None:
    form = Form("ED_2021")
    at = next(i for i, row in enumerate(form.requests) if row[0].startswith("2.其他法律"))
    values = form.requests[at][1:]
    torn = [[form.requests[at][0], *[""] * 6, values[-1]], ["", *values]]
    requests = [*form.requests[:at], *torn, *form.requests[at + 1 :]]
    heading = "三、收到和处理政府信息公开申请情况"
    report = read_grids([*OPENING, "二、主动公开政府信息情况", form.proactive, heading, requests, *CLOSING])
    cells = [cell for cell in report.cells if cell.code.startswith("requests.denied_law")]
    assert {cell.state for cell in cells} == {CellState.AMBIGUOUS}
    assert any(issue.code is IssueCode.ROW_WIDTH for issue in report.issues)
