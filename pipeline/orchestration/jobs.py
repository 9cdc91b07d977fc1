"""Jobs and the schedule: what runs together.

Belongs here: selections and presets. Does not belong here: the steps (the asset modules, reparse.py).
"""

import dagster as dg

from pipeline.orchestration.partitions import make_range_tags
from pipeline.orchestration.release_asset import RELEASE

NIGHTLY = dg.define_asset_job(
    "nightly",
    # A release is made when someone decides so, not every night
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(RELEASE),
    description="Everything: ingest the inbox, read what is new, merge, build, check, publish.",
)


# Stopped until someone starts it: a checkout opened to look at must not begin to work at night. In production it is
# started once, in the UI or with `dagster schedule start nightly`, and stays on.
@dg.schedule(
    name="nightly",
    job=NIGHTLY,
    cron_schedule="0 2 * * *",
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Every night at two, all report years in one run.",
)
def nightly_schedule() -> dg.RunRequest:
    """One run over every partition."""
    return dg.RunRequest(tags=make_range_tags())
