"""The generator's reports of 2014 to 2018: consistent figures, every cell printed once, the same for the same seed."""

from __future__ import annotations

import pytest

from bench.render_2014 import (
    VARIANTS,
    load_statistics_wording,
    render_statistics_page,
    render_statistics_tabs,
    simulate_statistics,
)

AGENCY = "示范县林业局"


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_whole_is_the_sum_of_its_parts_in_every_column(variant):
    cells = simulate_statistics(variant, AGENCY, 2016, 5).cells
    for column in {code.rpartition(".")[2] for code in cells}:
        for whole, parts in load_statistics_wording()[variant]["parts"].items():
            printed = sum(int(cells[f"stats.{part}.{column}"]) for part in parts)
            assert int(cells[f"stats.{whole}.{column}"]) == printed


def test_all_years_together_are_no_less_than_the_year():
    cells = simulate_statistics("fujian", AGENCY, 2016, 5).cells
    years = {code: value for code, value in cells.items() if code.endswith(".year")}
    assert years
    assert all(int(cells[code.replace(".year", ".cumulative")]) >= int(value) for code, value in years.items())


def test_the_same_seed_gives_the_same_report_and_another_seed_another():
    assert simulate_statistics("national", AGENCY, 2016, 5) == simulate_statistics("national", AGENCY, 2016, 5)
    assert (
        simulate_statistics("national", AGENCY, 2016, 5).cells != simulate_statistics("national", AGENCY, 2016, 6).cells
    )


@pytest.mark.parametrize("render", [render_statistics_page, render_statistics_tabs])
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_row_is_printed_once_in_the_order_of_the_form(variant, render):
    report = simulate_statistics(variant, AGENCY, 2016, 5)
    rows = [
        piece.row for piece in render(report, variant).pieces if piece.row not in ("", "stats.header", "stats.caption")
    ]
    assert rows == list(dict.fromkeys(code.rpartition(".")[0] for code in report.cells))
