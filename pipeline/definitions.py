"""The Dagster entry point: everything in pipeline/orchestration put together, and nothing else.

Belongs here: the one Definitions object. Does not belong here: an asset, a check, a job.
"""

from __future__ import annotations

import dagster as dg

from pipeline.orchestration.core_assets import CONTRACT_SPECS, check_contradictions, core
from pipeline.orchestration.crawl_asset import crawl_sites
from pipeline.orchestration.jobs import CRAWL_JOB, NIGHTLY, crawl_schedule, nightly_schedule
from pipeline.orchestration.mart_assets import mart
from pipeline.orchestration.published_asset import published
from pipeline.orchestration.raw_assets import capture, document
from pipeline.orchestration.reading_asset import check_documents_read, reading
from pipeline.orchestration.release_asset import RELEASE_JOB, release
from pipeline.orchestration.reparse import reparse
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.site_asset import SITE_JOB, site
from pipeline.paths import DataPaths

defs = dg.Definitions(
    assets=[crawl_sites, capture, document, reading, core, *CONTRACT_SPECS, mart, published, release, site],
    asset_checks=[check_documents_read, check_contradictions],
    jobs=[NIGHTLY, CRAWL_JOB, RELEASE_JOB, SITE_JOB, reparse],
    schedules=[nightly_schedule, crawl_schedule],
    resources={
        "data": DataFolder(root=str(DataPaths.from_environment().root)),
        # Steps hand over nothing but the list of years in reparse; tables are files
        "io_manager": dg.mem_io_manager,
    },
    # Steps are seconds long and a process for each costs more; reading has worker processes of its own
    executor=dg.in_process_executor,
)
