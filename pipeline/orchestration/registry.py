"""The register of sources as the stage of core.source, each with the agency it stands for.

Belongs here: joining the register with the agencies. Does not belong here: the register (sources/) and how a name is
resolved (agencies/).
"""

from __future__ import annotations

import datetime as dt

from pipeline.agencies.evidence import SITE_CODE
from pipeline.contract.arrays import arrow_schema
from pipeline.contract.frames import make_frame
from pipeline.facts.files import replace_parquet
from pipeline.facts.whose import identify_organ
from pipeline.paths import DataPaths
from pipeline.sources.model import Source
from pipeline.sources.registry import load_sources

_TABLE = "core.source"


def stage_sources(paths: DataPaths) -> int:
    """Write the stage of core.source and return the number of rows; the file is left alone where nothing changed.

    A source whose organ is not settled has no agency: nothing is then expected because of it.
    """
    rows = [_source_row(source) for source in sorted(load_sources(paths), key=lambda source: source.source_id)]
    path = paths.stage / "core" / "source" / "part.parquet"
    return replace_parquet(path, arrow_schema(_TABLE), [make_frame(_TABLE, rows)])[0]


def _source_row(source: Source) -> dict[str, object]:
    evidence = {SITE_CODE: source.division_code}
    match = identify_organ(source.organ_name, None, source.source_id, evidence, source.column_url)
    verified = source.last_verified_date
    return {
        "source_id": source.source_id,
        "source_organ_name": source.organ_name,
        "agency_id": match.agency_id if match.is_settled else None,
        "region_code": source.division_code or None,
        "division_level": source.division_level or None,
        "column_url_text": source.column_url,
        "family_code": source.family,
        "source_role_code": str(source.role),
        "expected_from_year": source.expected_from_year,
        "last_verified_date": dt.date.fromisoformat(verified) if verified else None,
        "is_enabled": source.is_enabled,
        "source_note_text": source.note_text or None,
    }
