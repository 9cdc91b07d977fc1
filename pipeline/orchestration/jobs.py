"""Jobs and the schedule: what runs together.

Belongs here: selections and presets. Does not belong here: the steps (the asset modules, reparse.py).
"""

import datetime as dt
from zoneinfo import ZoneInfo

import dagster as dg

from pipeline.orchestration.crawl_asset import CRAWL
from pipeline.orchestration.partitions import PROVINCES, make_range_tags
from pipeline.orchestration.release_asset import RELEASE
from pipeline.orchestration.site_asset import SITE

NIGHTLY = dg.define_asset_job(
    "nightly",
    # The crawl has its own hours and partitions; a release and the pages are made when someone asks, not every night
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(CRAWL, RELEASE, SITE),
    description="Ingest the inbox, read what is new, merge, build, check, publish: all but crawl, releases and pages.",
)

CRAWL_JOB = dg.define_asset_job(
    "crawl",
    selection=dg.AssetSelection.assets(CRAWL),
    description="Visit the registered sites and keep what is new; nightly reads it.",
)
CHINA = ZoneInfo("Asia/Shanghai")
# Departments are due by the end of January, governments by the end of March, and many are late
_SEASON_BEGINS, _SEASON_ENDS = (1, 10), (4, 15)
_SUNDAY = 6


# Stopped until someone starts it: a checkout opened to look at must not begin to work at night. In production it is
# started once, in the UI or with `dagster schedule start nightly`, and stays on.
@dg.schedule(
    name="nightly",
    job=NIGHTLY,
    cron_schedule="30 6 * * *",
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every morning at half past six, when the crawl must have ended.",
)
def nightly_schedule() -> dg.RunRequest:
    """One run, launched for no partition: it finds those that have something to read."""
    return dg.RunRequest()


@dg.schedule(
    name="crawl",
    job=CRAWL_JOB,
    cron_schedule="0 22 * * *",
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="At ten in the evening: every night from 10 January to 15 April, on Sundays otherwise; until six.",
)
def crawl_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run over all provinces, in the season or on a Sunday."""
    evening = context.scheduled_execution_time.astimezone(CHINA)
    if not (is_season(evening.date()) or evening.weekday() == _SUNDAY):
        return dg.SkipReason("outside the season the sites are visited on Sundays")
    config = {"ops": {"raw__crawl": {"config": {"only_quiet_hours": True}}}}
    return dg.RunRequest(tags=make_range_tags(PROVINCES.get_partition_keys()), run_config=config)


def is_season(day: dt.date) -> bool:
    """Whether reports are published in these weeks."""
    return _SEASON_BEGINS <= (day.month, day.day) <= _SEASON_ENDS
