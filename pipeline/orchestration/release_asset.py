"""The asset warehouse/release and its job: a dated folder made of the published file, whenever someone asks for one.

Belongs here: the launchpad's form and what a release came to. Does not belong here: making it (warehouse/release.py),
and the nightly job, which releases nothing.
"""

import datetime as dt
from pathlib import Path

import dagster as dg
from pydantic import Field

from pipeline.orchestration.published_asset import PUBLISHED
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.tables_shown import render_table
from pipeline.warehouse.errors import ReleaseError
from pipeline.warehouse.release import Release, make_release

RELEASE = dg.AssetKey(["warehouse", "release"])


class ReleaseConfig(dg.Config):
    """Which release to make."""

    version: str = Field(default="", description="data version YYYY.M.PATCH; empty: the next one of this month")
    previous: str = Field(default="", description="folder of the release to compare with; empty: the one before it")


@dg.asset(
    key=RELEASE,
    deps=[PUBLISHED],
    group_name="warehouse",
    kinds={"duckdb", "parquet", "csv"},
    description="a dated, citable copy of the published warehouse with checksums and what has changed; never replaced",
)
def release(config: ReleaseConfig, data: DataFolder) -> dg.MaterializeResult[None]:
    """Release what is published now."""
    previous = Path(config.previous) if config.previous else None
    try:
        made = make_release(data.paths(), dt.date.today(), config.version or None, previous)
    except ReleaseError as error:
        raise dg.Failure(f"{error.code}: {error}", allow_retries=False) from error
    return dg.MaterializeResult(metadata=describe_release(made))


def describe_release(made: Release) -> dict[str, dg.MetadataValue | int | str]:
    """Which release it is, where, and table by table what is different from the one before."""
    described: dict[str, dg.MetadataValue | int | str] = {
        "version": made.version,
        "build_id": made.build_id,
        "folder": dg.MetadataValue.path(made.folder),
        "rows": sum(table.row_count for table in made.tables),
    }
    if made.changes is None:
        return described
    rows = [(c.table_name, c.added_count, c.changed_count, c.removed_count) for c in made.changes.tables]
    return described | {
        "compared with": str(made.previous),
        "revised figures": "not compared" if made.changes.revised_count is None else made.changes.revised_count,
        "changes": dg.MetadataValue.md(render_table(("table", "added", "changed", "removed"), rows)),
    }


RELEASE_JOB = dg.define_asset_job(
    "release",
    selection=dg.AssetSelection.assets(RELEASE),
    description="Write the published warehouse to a dated folder that never changes again",
)
