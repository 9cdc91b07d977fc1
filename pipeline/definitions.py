"""The Dagster entry point: everything in pipeline/orchestration put together, and nothing else.

Belongs here: the one Definitions object. Does not belong here: an asset, a check, a job.
"""

from __future__ import annotations

import dagster as dg

from pipeline.orchestration.core_assets import CONTRACT_SPECS, check_contradictions, core
from pipeline.orchestration.crawl_asset import crawl_sites
from pipeline.orchestration.dead_runs import dead_runs_sensor
from pipeline.orchestration.jobs import CRAWL_JOB, NIGHTLY, crawl_schedule, nightly_schedule
from pipeline.orchestration.maintenance import compact_job, compact_schedule, purge_runs_job, purge_runs_schedule
from pipeline.orchestration.mart_assets import mart
from pipeline.orchestration.published_asset import published
from pipeline.orchestration.raw_assets import capture, document
from pipeline.orchestration.reading_asset import check_documents_read, reading
from pipeline.orchestration.release_asset import RELEASE_JOB, release
from pipeline.orchestration.reparse import reparse
from pipeline.orchestration.resources import DataFolder, ReadingMachines
from pipeline.orchestration.sensors import keep_last_failure, reread_outdated
from pipeline.orchestration.site_asset import SITE_JOB, site
from pipeline.paths import DataPaths

defs = dg.Definitions(
    assets=[crawl_sites, capture, document, reading, core, *CONTRACT_SPECS, mart, published, release, site],
    asset_checks=[check_documents_read, check_contradictions],
    jobs=[NIGHTLY, CRAWL_JOB, RELEASE_JOB, SITE_JOB, reparse, purge_runs_job, compact_job],
    schedules=[nightly_schedule, crawl_schedule, purge_runs_schedule, compact_schedule],
    sensors=[keep_last_failure, reread_outdated, dead_runs_sensor],
    resources={
        "data": DataFolder(root=str(DataPaths.from_environment().root)),
        "machines": ReadingMachines.from_environment(),
        # Steps hand over nothing: tables are files, and each step can run in a process of its own
        "io_manager": dg.mem_io_manager,
    },
    # Steps are seconds long and a process for each costs more; reading has worker processes of its own
    executor=dg.in_process_executor,
)
