"""The asset warehouse/site and its job: the pages of the published file, written again whenever someone asks.

Belongs here: the launchpad's form and what was written. Does not belong here: the pages (pipeline/site), and the
nightly job: writing them takes minutes at size.
"""

import dagster as dg
from pydantic import Field

from pipeline.orchestration.published_asset import PUBLISHED
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.source_text import SourceTexts
from pipeline.site.build import DEFAULT_REPORT_LIMIT, SiteError, write_site
from pipeline.warehouse.query_errors import QueryError

SITE = dg.AssetKey(["warehouse", "site"])


class SiteConfig(dg.Config):
    """The form of the step in the Launchpad."""

    report_limit: int = Field(
        default=DEFAULT_REPORT_LIMIT, description="ship the source text of reports when there are at most so many"
    )


@dg.asset(
    key=SITE,
    deps=[PUBLISHED],
    group_name="warehouse",
    kinds={"html"},
    description="pages of the published warehouse that open from a folder, every number beside its source",
)
def site(config: SiteConfig, data: DataFolder) -> dg.MaterializeResult[None]:
    """Write the site of what is published now."""
    paths = data.paths()
    try:
        written = write_site(paths.published, paths.site, SourceTexts(paths).read, config.report_limit)
    except (QueryError, SiteError) as error:
        raise dg.Failure(f"{error.code}: {error}", allow_retries=False) from error
    return dg.MaterializeResult(
        metadata={
            "page": dg.MetadataValue.path(written.folder / "index.html"),
            "build_id": written.build_id,
            "agencies": written.agency_count,
            "reports": written.report_count,
            "with source text": written.shipped_report_count,
            "files": written.file_count,
            "bytes": written.byte_count,
            "seconds": round(written.seconds, 1),
        }
    )


SITE_JOB = dg.define_asset_job(
    "site", selection=dg.AssetSelection.assets(SITE), description="Write the pages of the published warehouse"
)
