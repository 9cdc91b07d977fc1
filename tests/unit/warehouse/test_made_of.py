"""A model is made anew when something it reads is another, and only then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.contract.marts import load_marts
from pipeline.warehouse import models
from pipeline.warehouse.build import load_core, open_build
from pipeline.warehouse.models import load_models, run_models

MADE_ANEW = {name for name, mart in load_marts().items() if not mart.is_view and not mart.is_by_report}


@pytest.fixture
def build(paths, monkeypatch):
    """Brings the build up to date; which models were made anew."""
    make = models._make_anew
    made: list[str] = []

    def note(con, model, mart):
        made.append(model.name)
        make(con, model, mart)

    monkeypatch.setattr(models, "_make_anew", note)

    def bring_up_to_date(before=lambda con: None):
        made.clear()
        with open_build(paths) as con:
            load_core(con, paths)
            before(con)
            results = run_models(con, load_models())
        assert {result.status for result in results} == {"ok"}
        return set(made)

    return bring_up_to_date


def test_with_nothing_new_no_model_is_made(paths, reports, write_stages, build) -> None:
    write_stages(paths, reports)
    assert build() == MADE_ANEW
    assert build() == set()


def test_a_new_report_makes_those_that_read_reports(paths, reports, make_report, write_stages, build) -> None:
    write_stages(paths, reports)
    build()
    write_stages(paths, [*reports, make_report("丙乡人民政府", 2022, {})])
    assert build() >= {"core.obligation", "mart.agency_year", "mart.cross_finding", "mart.flagged_finding"}
    assert build() == set()


def test_a_decision_makes_what_reads_decisions(paths, reports, write_stages, build) -> None:
    write_stages(paths, reports)
    build()

    def decide(con) -> None:
        con.execute("UPDATE build.loaded SET made_of = 'another file' WHERE table_name = 'core.decision'")

    assert build(decide) == {"mart.flagged_finding", "mart.rule_year"}


def test_another_description_makes_its_table_and_its_readers_again(
    paths, reports, write_stages, build, monkeypatch
) -> None:
    """The comments in the published file are made of it."""
    write_stages(paths, reports)
    build()
    described = load_marts()
    other = {**described, "mart.coverage": replace(described["mart.coverage"], grain_en="something else")}
    monkeypatch.setattr(models, "load_marts", lambda: other)
    assert build() == {"mart.coverage", "mart.region_year"}  # the second reads the first
    assert build() == set()


def test_a_model_that_is_gone_or_failed_is_made_again(paths, reports, write_stages, build) -> None:
    write_stages(paths, reports)
    build()

    def lose(con) -> None:
        con.execute("DROP TABLE mart.coverage")

    assert "mart.coverage" in build(lose)
    with open_build(paths) as con:
        load_core(con, paths)
        (good,) = (model for model in load_models() if model.name == "mart.coverage")
        bad = models.SqlModel(good.name, "SELECT 1 / 'x' AS broken", good.path, good.depends_on)
        assert run_models(con, [bad])[0].status == "failed"
    assert "mart.coverage" in build()
