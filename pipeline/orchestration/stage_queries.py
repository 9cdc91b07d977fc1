"""Questions to the Parquet stages that a run needs answered. Read-only.

Belongs here: finding an agency's documents and a report's province, the messages behind failures, the reports that
contradict themselves.
Does not belong here: writing a stage (facts/stages.py), or anything an analyst would ask (sql/).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from pipeline.archive.ledger import UNKNOWN_REGION
from pipeline.facts.batch_rows import scan_documents, scan_newest
from pipeline.orchestration.regions import region_of_division
from pipeline.paths import DataPaths


def find_agency_documents(paths: DataPaths, agency: str) -> frozenset[str]:
    """Documents whose agency has this id, canonical name or printed name, as of the last merge."""
    reports, agencies = _scan(paths, "core/report"), _scan(paths, "core/agency")
    if reports is None or agencies is None:
        return frozenset()
    named = agencies.filter((pl.col("agency_id") == agency) | (pl.col("agency_name") == agency)).select("agency_id")
    printed = reports.filter(pl.col("agency_name_text") == agency).select("report_id")
    settled = reports.join(named.unique(), on="agency_id", how="semi").select("report_id")
    return frozenset(pl.concat([printed, settled]).collect()["report_id"].to_list())


def load_issue_messages(paths: DataPaths, year: str, batch_of: Mapping[str, str]) -> Mapping[str, str]:
    """The first issue's message of each of these documents of a year, each as this batch has it."""
    first = (
        scan_documents(paths, "core.issue", year, batch_of)
        .sort("document_id", "issue_number")
        .unique("document_id", keep="first", maintain_order=True)
        .select("document_id", "message_text")
    )
    return dict(first.collect().iter_rows())


def find_regions(paths: DataPaths, year: str) -> Mapping[str, str]:
    """The province of each report's agency as of the last merge of the year; without reports of no known agency."""
    reports, agencies = _scan(paths, "core/report", year), _scan(paths, "core/agency", year)
    if reports is None or agencies is None:
        return {}
    found = reports.join(agencies.select("agency_id", "region_code"), on="agency_id").select("report_id", "region_code")
    regions = ((report_id, region_of_division(code)) for report_id, code in found.collect().iter_rows())
    return {report_id: region for report_id, region in regions if region != UNKNOWN_REGION}


def list_contradictions(paths: DataPaths, years: Iterable[str]) -> list[dict[str, str]]:
    """Hard rules that fail, one dict per report, rule and place: document, year, agency, rule, place, message."""
    found: list[dict[str, str]] = []
    for year in years:
        reports = _scan(paths, "core/report", year)
        if reports is None:
            continue
        findings = scan_newest(paths, "core.finding", year)
        failed = findings.filter((pl.col("severity_code") == "hard") & (pl.col("verdict_code") == "fail"))
        rows = failed.join(reports.select("report_id", "agency_name_text", "is_latest"), on="report_id").sort(
            "report_id", "rule_code", "place_text"
        )
        for row in rows.collect().iter_rows(named=True):
            found.append(
                {
                    "document_id": row["report_id"],
                    "year": year,
                    "agency": row["agency_name_text"] or "",
                    "rule": row["rule_code"],
                    "place": row["place_text"],
                    "message": row["message_text"],
                }
            )
    return found


def _scan(paths: DataPaths, table: str, year: str = "*") -> pl.LazyFrame | None:
    files: list[Path] = sorted((paths.stage / table).glob(f"year={year}/part.parquet"))
    return pl.scan_parquet(files, hive_partitioning=False) if files else None
