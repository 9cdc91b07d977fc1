"""From a number back to its place, asked for the way a person asks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.warehouse.publish import publish
from pipeline.warehouse.query_errors import QueryError, WarehouseMissingError
from pipeline.warehouse.source import find_source


def test_a_cell_leads_to_document_place_and_text(paths, published) -> None:
    (row,) = find_source(paths.published, "甲县人民政府", 2022, "requests.new_received.natural_person")
    assert (row.value, row.unit, row.state_code, row.raw_text, row.locator_text) == (
        Decimal(8),
        "件",
        "reported",
        "8",
        "T1 R2 C3",
    )
    assert row.document_id == row.sha256[:16]
    assert row.origin_text == "inbox/甲县人民政府-2022.html"
    assert row.title_text == "甲县人民政府2022年政府信息公开工作年度报告"
    assert row.label_zh.endswith("自然人")


def test_a_missing_number_is_shown_as_missing(paths, published) -> None:
    (row,) = find_source(paths.published, "乙镇人民政府", 2023, "proactive.penalty.decisions")
    assert (row.value, row.state_code, row.raw_text) == (None, "blank", "")


@pytest.mark.parametrize(
    ("asked", "first", "count"),
    [
        ("requests.total_disposed", "requests.total_disposed.natural_person", 7),
        ("total_disposed", "requests.total_disposed.natural_person", 7),
        ("（七）总计", "requests.total_disposed.natural_person", 7),
        ("总计", "requests.total_disposed.natural_person", 7),
        ("Total disposed", "requests.total_disposed.natural_person", 7),
        (" 1.属于国家秘密 ", "requests.denied_state_secret.natural_person", 7),
        ("行政许可", "proactive.licensing.decisions", 1),
        ("行政复议", "disputes.review.upheld", 5),
        ("一、本年新收政府信息公开申请数量 / 自然人", "requests.new_received.natural_person", 1),
    ],
)
def test_rows_go_by_code_or_label(paths, published, asked: str, first: str, count: int) -> None:
    rows = find_source(paths.published, "甲县人民政府", 2022, asked)
    assert (rows[0].cell_code, len(rows)) == (first, count)


def test_agencies_go_by_identifier_name_or_part_of_a_name(paths, published) -> None:
    for asked in ("id-甲县人民政府", "甲县人民政府", "甲县"):
        assert {row.agency_name for row in find_source(paths.published, asked, 2023, "行政许可")} == {"甲县人民政府"}
    both = find_source(paths.published, "人民政府", 2023, "行政许可")
    assert [row.agency_name for row in both] == ["乙镇人民政府", "甲县人民政府"]


def test_an_exact_name_wins_over_longer_ones(paths, make_report, build_stages) -> None:
    build_stages([make_report("甲县人民政府", 2022, {}), make_report("甲县人民政府办公室", 2022, {})])
    publish(paths.build, paths)
    rows = find_source(paths.published, "甲县人民政府", 2022, "行政许可")
    assert [row.agency_name for row in rows] == ["甲县人民政府"]


def test_only_the_latest_version_is_shown(paths, published) -> None:
    rows = find_source(paths.published, "乙镇人民政府", 2023, "requests.granted.total")
    assert [row.value for row in rows] == [Decimal(3)]


@pytest.mark.parametrize(("agency", "year"), [("丙市", 2022), ("甲县人民政府", 1999), ("", 2022), ("'; DROP", 2022)])
def test_what_is_not_there_gives_nothing(paths, published, agency: str, year: int) -> None:
    assert find_source(paths.published, agency, year, "行政许可") == []


def test_a_cell_that_no_form_has_is_refused_with_suggestions(paths, published) -> None:
    with pytest.raises(QueryError, match=r"requests\.granted\.total") as unknown:
        find_source(paths.published, "甲县人民政府", 2022, "requests.granted.totals")
    assert unknown.value.code == "cell_unknown"


def test_without_a_warehouse_the_way_to_one_is_named(paths) -> None:
    with pytest.raises(WarehouseMissingError):
        find_source(paths.published, "甲县人民政府", 2022, "行政许可")
