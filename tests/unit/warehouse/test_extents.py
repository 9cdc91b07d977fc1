"""Where a year's rows lie is known while rows are only added, and not believed once any were deleted."""

from __future__ import annotations

import pytest

from pipeline.warehouse.build import load_core, open_build
from pipeline.warehouse.extents import narrow_to_extents
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
            extent = narrow_to_extents(con, "core.cell", [year])
            assert "rowid" in extent
            assert (
                count(con, extent)
                == count(con, OF_YEAR.format(year))
                == count(con, f"{extent} AND {OF_YEAR.format(year)}")
            )
        assert "rowid" in narrow_to_extents(con, "core.request", ["2022"])
        assert narrow_to_extents(con, "core.cell", ["2019"]) == "true"


def test_what_is_added_later_lies_within(paths, reports, make_report, write_stages, load) -> None:
    write_stages(paths, reports)
    load().close()
    write_stages(paths, [*reports, make_report("丙乡人民政府", 2022, {})])
    with load() as con:
        extent = narrow_to_extents(con, "core.cell", ["2022"])
        assert "rowid" in extent
        assert count(con, f"{extent} AND {OF_YEAR.format('2022')}") == count(con, OF_YEAR.format("2022"))


def test_a_table_that_lost_rows_has_none(paths, reports, make_report, write_stages, load) -> None:
    write_stages(paths, reports)
    load().close()
    write_stages(paths, [make_report("甲县人民政府", 2022, {"requests.granted.total": 77}), *reports[1:]])
    with load() as con:
        for table in ("core.cell", "core.request", "mart.request_outcome"):
            assert narrow_to_extents(con, table, ["2022"]) == narrow_to_extents(con, table, ["2023"]) == "true", table
    write_stages(paths, [*reports[1:], make_report("丁乡人民政府", 2022, {})])
    with load() as con:
        assert narrow_to_extents(con, "core.cell", ["2022"]) == "true"


def test_an_extent_with_gaps_is_not_believed(paths, reports, write_stages, load) -> None:
    write_stages(paths, reports)
    with load() as con:
        con.execute(f"DELETE FROM core.cell WHERE cell_code = 'requests.granted.total' AND {OF_YEAR.format('2022')}")
        assert narrow_to_extents(con, "core.cell", ["2022"]) == "true"
        assert "rowid" in narrow_to_extents(con, "core.cell", ["2023"])


def test_years_that_lie_apart_are_one_stretch_only_together_with_what_lies_between(
    paths, make_report, write_stages, load
) -> None:
    write_stages(paths, [make_report("甲县人民政府", year, {}) for year in (2021, 2022, 2023)])
    with load() as con:
        near, far = (narrow_to_extents(con, "core.cell", years) for years in (["2021", "2022"], ["2021", "2023"]))
        assert count(con, near) == count(con, OF_YEAR.format("2021")) + count(con, OF_YEAR.format("2022"))
        assert count(con, far) == count(con, "true")


def test_a_mart_made_year_by_year_is_what_it_is_made_at_once(paths, make_report, write_stages, load) -> None:
    carried = {"requests.carried_out.total": 3}
    agencies = ("甲县人民政府", "乙县人民政府")
    write_stages(paths, [make_report(name, year, carried) for name in agencies for year in (2021, 2022, 2023)])
    (model,) = (model for model in load_models() if model.name == "mart.cross_finding")
    with load() as con:
        years = "SELECT count(DISTINCT report_year) FROM mart.cross_finding JOIN core.report USING (report_id)"
        assert con.execute(years).fetchall() == [(2,)]
        made = f"FROM {model.name}"
        for left, right in ((made, model.sql), (model.sql, made)):
            assert con.execute(f"SELECT * FROM ({left}) EXCEPT ALL SELECT * FROM (\n{right}\n)").fetchall() == []
