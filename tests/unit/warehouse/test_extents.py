"""Where a year's rows lie is known while rows are only added, and not believed once any were deleted."""

from __future__ import annotations

import pytest

from pipeline.warehouse.build import load_core, open_build
from pipeline.warehouse.extents import narrow_to_extent
from pipeline.warehouse.models import load_models, run_models

ROWS = "SELECT count(*) FROM core.cell WHERE {}"
OF_YEAR = "report_id IN (SELECT document_id FROM build.document WHERE partition_year = '{}')"


@pytest.fixture
def load(paths):
    """Brings the build up to date and leaves it open."""

    def load_stages():
        con = open_build(paths)
        load_core(con, paths)
        assert {result.status for result in run_models(con, load_models())} == {"ok"}
        return con

    return load_stages


def count(con, condition: str) -> int:
    return con.execute(ROWS.format(condition)).fetchall()[0][0]


def test_each_year_lies_where_its_extent_says(paths, reports, write_stages, load) -> None:
    write_stages(paths, reports)
    with load() as con:
        for year in ("2022", "2023"):
            extent = narrow_to_extent(con, "core.cell", year)
            assert "rowid" in extent
            assert (
                count(con, extent)
                == count(con, OF_YEAR.format(year))
                == count(con, f"{extent} AND {OF_YEAR.format(year)}")
            )
        assert "rowid" in narrow_to_extent(con, "core.request", "2022")
        assert narrow_to_extent(con, "core.cell", "2019") == "true"


def test_what_is_added_later_lies_within(paths, reports, make_report, write_stages, load) -> None:
    write_stages(paths, reports)
    load().close()
    write_stages(paths, [*reports, make_report("丙乡人民政府", 2022, {})])
    with load() as con:
        extent = narrow_to_extent(con, "core.cell", "2022")
        assert "rowid" in extent
        assert count(con, f"{extent} AND {OF_YEAR.format('2022')}") == count(con, OF_YEAR.format("2022"))


def test_a_table_that_lost_rows_has_none(paths, reports, make_report, write_stages, load) -> None:
    write_stages(paths, reports)
    load().close()
    write_stages(paths, [make_report("甲县人民政府", 2022, {"requests.granted.total": 77}), *reports[1:]])
    with load() as con:
        for table in ("core.cell", "core.request", "mart.request_outcome"):
            assert narrow_to_extent(con, table, "2022") == narrow_to_extent(con, table, "2023") == "true", table
    write_stages(paths, [*reports[1:], make_report("丁乡人民政府", 2022, {})])
    with load() as con:
        assert narrow_to_extent(con, "core.cell", "2022") == "true"


def test_an_extent_with_gaps_is_not_believed(paths, reports, write_stages, load) -> None:
    write_stages(paths, reports)
    with load() as con:
        con.execute(f"DELETE FROM core.cell WHERE cell_code = 'requests.granted.total' AND {OF_YEAR.format('2022')}")
        assert narrow_to_extent(con, "core.cell", "2022") == "true"
        assert "rowid" in narrow_to_extent(con, "core.cell", "2023")
