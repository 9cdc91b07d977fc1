"""Reports built cell by cell, so that each test says only what is particular about its report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.contract.editions import edition_by_code
from pipeline.reports.model import CellReading, CellState, Report, Section

ReportMaker = Callable[..., Report]


def _reading(code: str, unit: str, printed: object) -> CellReading:
    if isinstance(printed, CellState):
        return CellReading(code, None, unit, printed, str(printed), "L1:1-1", "grid")
    number = Decimal(str(printed))
    return CellReading(code, number, unit, CellState.REPORTED, str(printed), "L1:1-1", "grid", label="row")


@pytest.fixture(scope="session")
def make_report() -> ReportMaker:
    """Makes a report: every cell of its form 0 except `cells` (a number or a CellState), other fields by keyword."""
    sections = tuple(Section(f"S{number}", f"heading {number}", "", f"L{number}") for number in range(1, 7))
    plain = Report(
        is_report=True,
        title="甲县乙镇人民政府2022年政府信息公开工作年度报告",
        agency_name="甲县乙镇人民政府",
        report_year=2022,
        title_year=2022,
        period_start=dt.date(2022, 1, 1),
        period_end=dt.date(2022, 12, 31),
        published=dt.date(2023, 1, 16),
        edition="ED_2021",
        sections=sections,
        reader="text",
        reader_version="text/1",
    )

    def make(cells: Mapping[str, object] | None = None, **fields: object) -> Report:
        form = {cell.code: cell.unit for cell in edition_by_code(str(fields.get("edition", "ED_2021"))).cells()}
        printed = dict.fromkeys(form, 0) | dict(cells or {})
        readings = tuple(_reading(code, form.get(code, "件"), value) for code, value in printed.items())
        return replace(plain, **{"cells": readings} | fields)

    return make
