"""meta.revision: which cells a later version of a report changed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.warehouse.build import reopen_build

OLD = {"requests.granted.total": 5, "proactive.penalty.decisions": 225}


@pytest.fixture
def changes(paths, make_report, build_stages):
    """Cell changes of one agency: version 1, a copy of it, version 2 with a blank and a new number, another year."""
    copy = make_report("丙镇人民政府", 2023, OLD, version=(7, False))
    copy["core.report"][0] |= {"version_number": 1, "version_change_code": "copy"}
    build_stages(
        [
            make_report("丙镇人民政府", 2023, OLD, version=(1, False)),
            copy,
            make_report(
                "丙镇人民政府",
                2023,
                OLD | {"requests.granted.total": 8},
                blank=["proactive.penalty.decisions"],
                version=(2, True),
            ),
            make_report("丙镇人民政府", 2022, {"requests.granted.total": 1}),
        ]
    )
    with reopen_build(paths) as con:
        return con.execute(
            "SELECT report_year, version_number, cell_code, previous_value, value, difference, previous_state_code, "
            "state_code FROM meta.revision ORDER BY cell_code"
        ).fetchall()


def test_only_changed_cells_of_a_later_version_are_listed(changes) -> None:
    assert changes == [
        (2023, 2, "proactive.penalty.decisions", Decimal(225), None, None, "reported", "blank"),
        (2023, 2, "requests.granted.total", Decimal(5), Decimal(8), Decimal(3), "reported", "reported"),
    ]
