"""The jobs purge_runs and compact: what a deployment that runs every night needs done now and then.

Belongs here: their forms, ops and schedules (off until someone switches them on), and running them from a shell. Does
not belong here: deleting runs (purging.py), packing captures (archive/compaction.py) and batches
(facts/batch_compaction.py).
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import dagster as dg
from pydantic import Field

from pipeline.archive.compaction import compact_months
from pipeline.facts.batch_compaction import compact_batches, list_batch_folders
from pipeline.orchestration.instance import JobOutcome, open_instance, run_job
from pipeline.orchestration.purging import RunRetention, purge_runs
from pipeline.orchestration.resources import DataFolder
from pipeline.paths import DataPaths

_DEFAULT = RunRetention()


class PurgeConfig(dg.Config):
    """Which runs go."""

    days: int = Field(default=_DEFAULT.days, ge=1, description="delete runs that succeeded longer ago than this")
    failed_days: int = Field(
        default=_DEFAULT.failed_days, ge=1, description="delete runs that failed or were cancelled longer ago than this"
    )


@dg.op(description="Delete old runs, with their events and logs.")
def delete_old_runs(context: dg.OpExecutionContext, config: PurgeConfig) -> None:
    """Delete what is older than the form says."""
    retention = RunRetention(config.days, config.failed_days)
    summary = purge_runs(context.instance, dt.datetime.now(dt.UTC), retention)
    context.log.info(
        f"{len(summary.deleted)} runs deleted; {len(summary.kept)} old ones kept, since an asset was last made in them"
    )


@dg.job(
    name="purge_runs",
    description="Delete the records of old runs, their events and what they printed; data is not touched.",
)
def purge_runs_job() -> None:
    """Delete old runs."""
    delete_old_runs()


@dg.op(description="Pack past months of the capture log.")
def compact_captures(context: dg.OpExecutionContext, data: DataFolder) -> None:
    """Turn the lines of past months into Parquet."""
    months = compact_months(data.paths().captures, f"{dt.datetime.now(dt.UTC):%Y-%m}")
    context.log.info(f"months packed: {', '.join(months) or 'none'}")


@dg.op(description="Put the small batches of each partition together; the next night merges them.")
def compact_shards(context: dg.OpExecutionContext, data: DataFolder) -> None:
    """Write the rows of many small batches as one."""
    for folder in list_batch_folders(data.paths()):
        if count := compact_batches(folder):
            context.log.info(f"{folder.name}: {count} small batches put together")


@dg.job(
    name="compact",
    description="Pack past months of captures and the small batches that every night leaves. No number changes.",
)
def compact_job() -> None:
    """Pack captures and batches."""
    compact_captures()
    compact_shards()


# Away from the night's hours; off like every schedule here until someone starts them
purge_runs_schedule = dg.ScheduleDefinition(
    name="purge_runs",
    job=purge_runs_job,
    cron_schedule="0 14 * * 0",
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Sundays at two in the afternoon.",
)
compact_schedule = dg.ScheduleDefinition(
    name="compact",
    job=compact_job,
    cron_schedule="0 15 1 * *",
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="On the first of the month at three in the afternoon.",
)


def run_maintenance(defs: dg.Definitions, paths: DataPaths, retention: RunRetention) -> Mapping[str, JobOutcome]:
    """Both jobs in this process, one after the other; what each came to, by its name."""
    form = {"days": retention.days, "failed_days": retention.failed_days}
    configs: dict[str, dict[str, Any]] = {
        "purge_runs": {"ops": {"delete_old_runs": {"config": form}}},
        "compact": {"resources": {"data": {"config": {"root": str(paths.root)}}}},
    }
    with open_instance(paths) as instance:
        return {name: run_job(instance, defs.resolve_job_def(name), config=config) for name, config in configs.items()}
