"""The agencies of one partition: what follows from whose its reports are, as frames of the contract.

Belongs here: core.agency, its names, candidates and lineage, and the columns of core.report that name the agency. Does
not belong here: whose one report is (report_identities.py), files, and years together (the build).
"""

from __future__ import annotations

import polars as pl

from pipeline.contract.frames import make_frame, polars_schema
from pipeline.contract.schema import load_tables
from pipeline.facts.report_identities import AGENCY_COLUMNS, REPORT_COLUMNS


def report_columns_frame(identities: pl.DataFrame) -> pl.DataFrame:
    """report_id and REPORT_COLUMNS of each report."""
    return identities.select("report_id", *REPORT_COLUMNS)


def agency_frames(identities: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """core.agency with its names, candidates and lineage: the tables that merging makes of these reports, by key.

    ContractError where a row breaks the contract, one that an earlier merge left included.
    """
    frames = {
        "core.agency": _choose_agencies(identities),
        "core.agency_name": _count_names(identities),
        "core.agency_candidate": _list_entries(identities.select("report_id", "candidates"), "candidates"),
        "core.agency_lineage": _list_entries(_choose_lineage(identities), "lineage"),
    }
    return {table: _check(table, frame) for table, frame in frames.items()}


def _choose_agencies(identities: pl.DataFrame) -> pl.DataFrame:
    """What most of its reports say of an agency; among equals the first, so that the order of reports is no matter."""
    rest = list(AGENCY_COLUMNS[1:])
    said = identities.group_by(AGENCY_COLUMNS).len("times")
    descending = [False, True, *(False for _ in rest)]
    ordered = said.sort("agency_id", "times", *rest, descending=descending, nulls_last=True)
    chosen = ordered.unique("agency_id", keep="first", maintain_order=True)
    return chosen.join(identities.group_by("agency_id").agg(*_years()), on="agency_id")


def _count_names(identities: pl.DataFrame) -> pl.DataFrame:
    printed = identities.filter(pl.col("printed_name") != "").rename({"printed_name": "agency_name_text"})
    return printed.group_by("agency_id", "agency_name_text").agg(pl.len().alias("report_count"), *_years())


def _years() -> tuple[pl.Expr, pl.Expr]:
    year = pl.col("report_year")
    return year.min().alias("first_report_year"), year.max().alias("last_report_year")


def _choose_lineage(identities: pl.DataFrame) -> pl.DataFrame:
    """Of each agency of a known place what came before it, as its first report has it."""
    known = identities.filter(pl.col("lineage").is_not_null()).sort("report_id")
    return known.unique("agency_id", keep="first", maintain_order=True).select("agency_id", "lineage")


def _list_entries(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """A row for each entry of the lists in a column."""
    return frame.filter(pl.col(column).list.len() > 0).explode(column).unnest(column)


def _check(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    return make_frame(table, frame.select(polars_schema(table).names()).to_dicts()).sort(load_tables()[table].key)
