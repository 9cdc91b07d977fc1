"""Where a published number comes from: agency, year and cell back to document, place and printed text.

Belongs here: naming cells and agencies the way a person does, and the one query behind it. Does not belong here: how
the answer is shown (cli/).
"""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.contract.editions import load_editions
from pipeline.warehouse.query import run_query
from pipeline.warehouse.query_errors import QueryError

_SOURCE_SQL = """
WITH origin AS (
    SELECT document_id, arg_min(origin_text, (captured_at, capture_id)) AS origin_text
    FROM raw.capture GROUP BY document_id
)
SELECT report.agency_id, agency.agency_name, report.report_year, cell.cell_code, form.label_zh, form.label_en,
       cell.value, cell.unit, cell.state_code, cell.raw_text, cell.locator_text,
       document.document_id, document.sha256, origin.origin_text, report.title_text
FROM core.cell AS cell
JOIN core.report AS report ON cell.report_id = report.report_id
JOIN core.agency AS agency ON report.agency_id = agency.agency_id
JOIN raw.document AS document ON report.report_id = document.document_id
JOIN meta.form_cell AS form ON report.edition_code = form.edition_code AND cell.cell_code = form.cell_code
LEFT JOIN origin ON document.document_id = origin.document_id
WHERE report.is_latest AND report.report_year = $year
  AND report.agency_id IN (SELECT unnest($agencies)) AND cell.cell_code IN (SELECT unnest($cells))
ORDER BY agency.agency_name, report.agency_id, form.sort_order
"""
_AGENCY_SQL = "SELECT agency_id FROM mart.find_agency($agency) ORDER BY agency_id"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One cell of one agency's latest report of a year, with its document; value in `unit`, None unless reported."""

    agency_id: str
    agency_name: str
    report_year: int
    cell_code: str
    label_zh: str
    label_en: str
    value: Decimal | None
    unit: str
    state_code: str
    raw_text: str
    locator_text: str
    document_id: str
    sha256: str
    origin_text: str | None
    title_text: str | None


def find_source(published: Path, agency: str, year: int, cell: str) -> list[SourceRow]:
    """Where the numbers of one row or cell come from, one row per agency and cell, in the order of the form.

    agency: an identifier, or a name (canonical or as printed); a part of a name does when no name is exactly that.
    cell: a cell code, a row (`requests.total_disposed`), or a row label in either language, with or without its
    ordinal. [] when the warehouse has no such report; QueryError with suggestions for a cell that the form lacks.
    """
    cells = _find_cells(cell)
    agencies = _find_agencies(published, agency)
    if not agencies:
        return []
    limit = len(cells) * len(agencies)
    named = {"year": year, "agencies": agencies, "cells": cells}
    rows: tuple[Any, ...] = run_query(published, _SOURCE_SQL, named, row_limit=limit).rows
    return [SourceRow(*row) for row in rows]


def _find_agencies(published: Path, agency: str) -> list[str]:
    return [str(row[0]) for row in run_query(published, _AGENCY_SQL, {"agency": agency}).rows]


def _find_cells(asked: str) -> list[str]:
    wanted = asked.strip()
    names: dict[str, list[str]] = {}
    for edition in load_editions():
        for table in edition.tables:
            for row in table.rows:
                for cell in table.row_cells(row):
                    row_names = {f"{table.code}.{row.code}", *(_compact(text) for text in (row.label_zh, *row.labels))}
                    own_names = {cell.code, _compact(cell.label_zh), _compact(cell.label_en)}
                    for name in row_names | own_names | {row.code, _compact(row.label_en)}:
                        names.setdefault(name, []).append(cell.code)
    found = names.get(wanted) or names.get(_compact(wanted))
    if found:
        return list(dict.fromkeys(found))
    near = difflib.get_close_matches(_compact(wanted) or wanted, names, n=5)
    raise QueryError(
        "cell_unknown",
        f"The form has no cell or row {asked!r}.",
        f"Near it: {', '.join(near)}." if near else "docs/data_dictionary.md lists every cell code and label.",
    )


def _compact(text: str) -> str:
    # Letters only: ordinals in figures, brackets, spaces and punctuation vary from print to print
    normal = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in normal if unicodedata.category(character).startswith("L"))
