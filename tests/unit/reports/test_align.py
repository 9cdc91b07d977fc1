"""Labels and rows: exact first, bounded errors next, and never a row that the label does not name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract.editions import FormRow, edition_by_code
from pipeline.documents.model import Document, Locator, Text
from pipeline.reports.align import align_rows
from pipeline.reports.labels import LabelMatch, RowLabels, label_as_printed
from pipeline.reports.vectors import Vector, read_stream

REQUESTS = edition_by_code("ED_2021").table("requests")
LABELS = RowLabels(REQUESTS)
CODES = [row.code for row in REQUESTS.rows]


def _vectors(*lines: str) -> list[Vector]:
    document = Document(tuple(Text(line, Locator(line=n)) for n, line in enumerate(lines, 1)), "text", "1")
    return list(read_stream(document).vectors)


def _aligned(*lines: str) -> dict[str, int]:
    alignment = align_rows(_vectors(*lines), LABELS, len(REQUESTS.rows))
    return {CODES[row]: index for row, (index, _) in alignment.rows.items()}


@pytest.mark.parametrize("row", REQUESTS.rows, ids=lambda row: row.code)
def test_every_official_label_names_its_own_row_and_no_other(row: object) -> None:
    for label in row.labels:
        found = LABELS.match_exactly(label)
        assert found is not None
        assert [CODES[i] for i in found[0]] == [row.code]


@pytest.mark.parametrize("row", [r for r in REQUESTS.rows if len(r.labels[0]) >= 4], ids=lambda row: row.code)
def test_one_wrong_character_is_tolerated_and_points_to_the_same_row_alone(row: object) -> None:
    label = row.labels[0]
    printed = label[:1] + "囗" + label[2:]
    near = LABELS.match_loosely(printed, "", range(len(CODES)))
    assert {CODES[i]: match.distance for i, match in near.items()} == {row.code: 1}


def test_a_label_wrapped_over_lines_is_one_label() -> None:
    assert _aligned(
        "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其", "政府信息公开申请", "0 0 0 0 0 0 0"
    ) == {"other_fee_unpaid": 0}


def test_a_label_whose_tail_follows_its_values_is_recognised() -> None:
    aligned = _aligned("5.要求行政机关确认或重新出具 0 0 0 0 0 0 0", "已获取信息 （七）总计 1 0 0 0 0 0 1")
    assert aligned == {"unprocessed_confirm_reissue": 0, "total_disposed": 1}


def test_rows_printed_in_another_order_are_found_by_their_full_labels() -> None:
    aligned = _aligned("2.重复申请 1 0 0 0 0 0 1", "1.信访举报投诉类申请 2 0 0 0 0 0 2")
    assert aligned == {"unprocessed_duplicate": 0, "unprocessed_petition": 1}


def test_a_label_with_errors_counts_only_in_the_forms_order() -> None:
    aligned = _aligned("2.重复申请 1 0 0 0 0 0 1", "1.信访举报投拆类申请 2 0 0 0 0 0 2")
    assert aligned == {"unprocessed_duplicate": 0}


@given(st.lists(st.sampled_from(REQUESTS.rows), max_size=12))
def test_no_other_choice_of_rows_in_order_scores_higher(printed: list[FormRow]) -> None:
    aligned = _aligned(*(f"{row.labels[0]} 1" for row in printed))
    rows = [CODES.index(row.code) for row in printed]
    best: dict[int, int] = {}  # row -> the highest score of rows in order that end with it
    for row in rows:
        before = max((score for other, score in best.items() if other < row), default=0)
        best[row] = max(best.get(row, 0), before + 100 + len(REQUESTS.rows[row].labels[0]))
    once = [row for row in rows if rows.count(row) == 1]
    in_order = sum(100 + len(REQUESTS.rows[CODES.index(code)].labels[0]) for code in aligned)
    assert in_order >= max(best.values(), default=0)
    assert {CODES[row] for row in once if len(REQUESTS.rows[row].labels[0]) >= 4} <= aligned.keys()


def test_a_row_that_no_form_has_is_left_over() -> None:
    aligned = _aligned(
        "（五）不予处理 2.重复申请 0 0 0 0 0 0 0", "（六）延期办理 3 0 0 0 0 0 3", "（七）总计 3 0 0 0 0 0 3"
    )
    assert aligned == {"unprocessed_duplicate": 0, "total_disposed": 2}


@pytest.mark.parametrize(
    ("printed", "official", "kept"),
    [
        ("王某等人申请。（八）项行政事业性收费", "行政事业性收费", "行政事业性收费"),
        ("四项之和）其他一、上年结转", "上年结转", "一、上年结转"),
        ("（三）不予公开1. 属于国家秘密", "属于国家秘密", "1. 属于国家秘密"),
        ("(六) 其他\n处理", "其他处理", "(六) 其他\n处理"),
    ],
)
def test_only_the_label_is_kept_of_the_text_before_the_values(printed: str, official: str, kept: str) -> None:
    assert label_as_printed(printed, LabelMatch(official, 0)) == kept
