"""core.report completed when merging: to each report its agency, and its place among the versions of the same report.

Belongs here: joining what is known of single reports with what only all of them tell. Does not belong here: whose a
report is (agency_frames.py) and how versions are numbered (versions.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from pipeline.contract.frames import polars_schema
from pipeline.facts.versions import Candidate, number_versions


def complete_reports(
    reports: pl.DataFrame, identities: pl.DataFrame, documents: Mapping[str, dt.datetime]
) -> pl.DataFrame:
    """core.report with its agency and version, sorted by key.

    A report whose year is unknown is a version of no other report: it stands alone.
    """
    joined = reports.join(identities, on="report_id")
    groups: dict[tuple[str, str], list[Candidate]] = {}
    wanted = ("report_id", "agency_id", "report_year", "figures_hash", "text_hash")
    for report_id, agency_id, year, figures_hash, text_hash in joined.select(wanted).iter_rows():
        alone = report_id if year is None else str(year)
        one = Candidate(report_id, documents[report_id], figures_hash, text_hash)
        groups.setdefault((agency_id, alone), []).append(one)
    versions = [version for group in groups.values() for version in number_versions(group)]
    numbered = pl.DataFrame(
        {
            "report_id": [version.report_id for version in versions],
            "version_number": [version.number for version in versions],
            "version_change_code": [str(version.change) for version in versions],
            "is_latest": [version.is_latest for version in versions],
        },
        schema_overrides={"report_id": pl.String, "version_change_code": pl.String, "is_latest": pl.Boolean},
    )
    schema = polars_schema("core.report")
    return joined.join(numbered, on="report_id").select(schema.names()).cast(schema).sort("report_id")
