from __future__ import annotations

from pipeline.orchestration.tables_shown import render_table


def test_table_keeps_its_columns_whatever_is_in_them():
    table = render_table(("a", "b"), [("x|y", "line\nbreak"), ("<b>", "1")])
    lines = table.splitlines()
    assert len(lines) == 4
    assert lines[2] == "| x\\|y | line break |"
    assert "<b>" not in table


def test_long_cells_are_cut_and_marked():
    row = render_table(("a",), [("x" * 500,)]).splitlines()[2]
    assert len(row) < 210
    assert row.endswith("… |")


def test_nothing_is_said_in_words():
    assert render_table(("a",), []) == "none"
