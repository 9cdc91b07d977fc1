"""The published warehouse against the truth of the documents: every cell, every outcome, every agency.

Belongs here: counting right, wrong, invented, missed and unread. Does not belong here: what is published or printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

_FAULTS_SHOWN = 20
_SLICES = tuple("0123456789abcdef")
_CONFIG = {"memory_limit": "3GB", "preserve_insertion_order": "false"}
# One row per document, whatever number of addresses it was found at; what was found first says what it is
_TRUTH = """
CREATE TEMP TABLE truth AS
SELECT DISTINCT ON (document_id) document_id, path, format_name, fault, agency_name, region_code, report_year,
       is_report, is_readable
FROM read_parquet($documents) ORDER BY document_id, path
"""
_READ = """
CREATE TEMP TABLE outcome AS
SELECT truth.*, reading.reading_outcome = 'report' AS is_read, report.report_id IS NOT NULL AS is_published,
       coalesce(reading.reject_reason_code, reading.reading_outcome) AS reading_outcome,
       report.report_year AS found_year, agency.region_code AS found_region
FROM truth
LEFT JOIN published.core.reading AS reading USING (document_id)
LEFT JOIN published.core.report AS report ON report.report_id = document_id
LEFT JOIN published.core.agency AS agency USING (agency_id)
"""
# One slice of the documents at a time: a nation's cells at once do not fit into memory
_JUDGE_SLICE = """
CREATE OR REPLACE TEMP TABLE judged AS
SELECT document_id, cell_code, printed.value AS printed, found.value AS found,
  CASE
    WHEN found.value IS NULL THEN 'missed'
    WHEN printed.value IS NULL OR printed.value = '' THEN 'invented'
    WHEN found.value = printed.value::DECIMAL(38, 6) THEN 'right'
    ELSE 'wrong'
  END AS verdict
FROM (
  SELECT DISTINCT document_id, cell_code, value FROM read_parquet($cells) WHERE document_id[1] = $slice
) AS printed
FULL JOIN (
  SELECT report_id AS document_id, cell_code, value FROM published.core.cell
  WHERE value IS NOT NULL AND report_id[1] = $slice AND report_id IN (SELECT document_id FROM truth)
) AS found USING (document_id, cell_code)
WHERE found.value IS NOT NULL OR printed.value <> ''
"""
_COUNT_SLICE = """
INSERT INTO counted
SELECT document_id, count(*) FILTER (verdict = 'right'), count(*) FILTER (verdict = 'wrong'),
  count(*) FILTER (verdict = 'invented'), count(*) FILTER (verdict = 'missed')
FROM judged GROUP BY document_id
"""
_COUNTED = """
CREATE TEMP TABLE counted (
  document_id VARCHAR, right_count BIGINT, wrong_count BIGINT, invented_count BIGINT, missed_count BIGINT
)
"""
_KEEP_MISREADINGS = """
INSERT INTO misread SELECT document_id, verdict, cell_code, printed, found FROM judged
WHERE verdict IN ('wrong', 'invented') ORDER BY ALL LIMIT {limit}
"""
_MISREAD = """
CREATE TEMP TABLE misread (
  document_id VARCHAR, verdict VARCHAR, cell_code VARCHAR, printed VARCHAR, found VARCHAR
)
"""
_COUNTS = """
SELECT {group}, count(*) AS documents, coalesce(sum(right_count), 0)::BIGINT AS "right",
  coalesce(sum(wrong_count), 0)::BIGINT AS wrong, coalesce(sum(invented_count), 0)::BIGINT AS invented,
  coalesce(sum(missed_count) FILTER (is_published AND is_readable), 0)::BIGINT AS missed,
  coalesce(sum(missed_count) FILTER (is_published AND NOT is_readable), 0)::BIGINT AS withheld,
  coalesce(sum(missed_count) FILTER (NOT is_published), 0)::BIGINT AS unread
FROM outcome LEFT JOIN counted USING (document_id) GROUP BY {group} ORDER BY {group}
"""
_OUTCOMES = """
SELECT is_report, coalesce(reading_outcome, 'not read') AS outcome, count(*) AS documents
FROM outcome GROUP BY ALL ORDER BY ALL
"""
_IDENTITIES = """
SELECT count(*) AS reports,
  count(*) FILTER (found_region = region_code) AS "right",
  count(*) FILTER (found_region <> region_code) AS wrong,
  count(*) FILTER (found_region IS NULL) AS unsettled,
  count(*) FILTER (found_year IS DISTINCT FROM report_year) AS wrong_year
FROM outcome WHERE is_published AND is_report AND is_readable
"""
_FAULTS = """
SELECT verdict, path, format_name, fault, cell_code, printed, found
FROM misread JOIN outcome USING (document_id) ORDER BY ALL LIMIT {limit}
"""


def judge_warehouse(published: Path, truth_folders: Sequence[Path], scratch: Path) -> dict[str, Any]:
    """Counts by format and fault, outcomes, identities, and a few of the cells that are wrong; as a JSON object.

    withheld: cells of documents that damage made unreadable; unread: cells of documents that are not published as
    reports. scratch: a folder for what does not fit into memory.
    """
    with duckdb.connect(config={**_CONFIG, "temp_directory": str(scratch)}) as con:
        con.execute(f"ATTACH '{published}' AS published (READ_ONLY)")
        parts = {
            kind: [str(folder / f"{kind}-*.parquet") for folder in truth_folders] for kind in ("documents", "cells")
        }
        con.execute(_TRUTH, {"documents": parts["documents"]})
        con.execute(_READ)
        con.execute(_COUNTED)
        con.execute(_MISREAD)
        for digit in _SLICES:
            con.execute(_JUDGE_SLICE, {"cells": parts["cells"], "slice": digit})
            con.execute(_COUNT_SLICE)
            con.execute(_KEEP_MISREADINGS.format(limit=_FAULTS_SHOWN))
        return {
            "formats": {row.pop("format_name"): row for row in _ask(con, _COUNTS.format(group="format_name"))},
            "faults": {row.pop("fault"): row for row in _ask(con, _COUNTS.format(group="fault"))},
            "outcomes": _ask(con, _OUTCOMES),
            "identities": _ask(con, _IDENTITIES)[0],
            "misreadings": _ask(con, _FAULTS.format(limit=_FAULTS_SHOWN)),
        }


def count_verdicts(judged: Mapping[str, Any]) -> dict[str, int]:
    """right, wrong, invented, missed, withheld and unread cells over all formats."""
    names = ("right", "wrong", "invented", "missed", "withheld", "unread")
    return {name: sum(row[name] for row in judged["formats"].values()) for name in names}


def count_misread(verdicts: Mapping[str, Mapping[str, int]]) -> int:
    """How many cells are wrong or invented after any of these nights."""
    return sum(counts["wrong"] + counts["invented"] for counts in verdicts.values())


def _ask(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    result = con.execute(sql)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
