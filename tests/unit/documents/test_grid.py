from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.documents.grid import GridLimitError, SpanCell, expand_rows
from pipeline.documents.model import Grid

ROWS = st.lists(
    st.lists(st.builds(SpanCell, st.text("01一二", max_size=3), st.integers(1, 5), st.integers(1, 4)), max_size=6),
    max_size=7,
)


def places(grid: Grid) -> dict[str, tuple[int, int, int, int]]:
    return {cell.text: (cell.row, cell.column, cell.row_span, cell.column_span) for cell in grid.cells}


@settings(deadline=None)
@given(ROWS)
def test_every_cell_stands_once_inside_the_grid_and_none_overlap(rows: list[list[SpanCell]]) -> None:
    grid = expand_rows(rows)
    assert [cell.text for cell in grid.cells] == [cell.text for row in rows for cell in row]
    assert grid.row_count == len(rows)
    covered = [
        (row, column)
        for cell in grid.cells
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    ]
    assert len(covered) == len(set(covered))
    assert all(row < grid.row_count and column < grid.column_count for row, column in covered)
    assert all((cell.locator.row, cell.locator.column) == (cell.row + 1, cell.column + 1) for cell in grid.cells)


def test_spans_push_later_cells_aside() -> None:
    grid = expand_rows(
        [
            [SpanCell("item", 2, 1), SpanCell("applicants", 1, 2)],
            [SpanCell("person"), SpanCell("company")],
            [SpanCell("new"), SpanCell("1"), SpanCell("2")],
        ],
        table=4,
    )
    assert places(grid)["person"] == (1, 1, 1, 1)
    assert places(grid)["company"] == (1, 2, 1, 1)
    assert str(grid.cells[-1].locator) == "T4 R3 C3"
    assert (grid.row_count, grid.column_count, grid.has_true_columns) == (3, 3, True)


def test_a_row_span_beyond_the_table_ends_with_it() -> None:
    assert places(expand_rows([[SpanCell("a", 1_000_000_000)], [SpanCell("b")]])) == {
        "a": (0, 0, 2, 1),
        "b": (1, 1, 1, 1),
    }


def test_a_column_span_stops_at_a_cell_from_above() -> None:
    grid = expand_rows([[SpanCell("a"), SpanCell("tall", 2)], [SpanCell("wide", 1, 3), SpanCell("next")]])
    assert places(grid)["wide"] == (1, 0, 1, 1)
    assert places(grid)["next"] == (1, 3, 1, 1)


@pytest.mark.parametrize(
    ("rows", "limit"),
    [
        ([[SpanCell("x", 1, 1_000_000_000)]], "columns, the limit is 64"),
        ([[SpanCell("x")] * 65], "65 columns"),
        ([[SpanCell("x")]] * 2_001, "2001 rows"),
        ([[SpanCell("x", 1, 60)]] * 1_700, "102000 cells"),
    ],
)
def test_span_bombs_are_refused_whole(rows: list[list[SpanCell]], limit: str) -> None:
    with pytest.raises(GridLimitError, match=limit):
        expand_rows(rows)
