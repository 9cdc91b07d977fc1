"""`touming maintain`: the jobs purge_runs and compact from a shell.

Belongs here: the command. Does not belong here: what they do (orchestration/maintenance.py).
"""

from __future__ import annotations

import click


@click.command("maintain")
@click.option("--days", type=click.IntRange(min=1), default=90, show_default=True, help="Keep runs that succeeded.")
@click.option(
    "--failed-days", type=click.IntRange(min=1), default=365, show_default=True, help="Keep those that failed."
)
def command(days: int, failed_days: int) -> None:
    """Delete the records of runs older than that, then pack past months of captures and small batches.

    No number changes, and nothing of the archive is deleted. The same as the Dagster jobs purge_runs and compact.
    """
    from pipeline.cli.outcome import raise_on_failure
    from pipeline.definitions import defs
    from pipeline.orchestration.maintenance import run_maintenance
    from pipeline.orchestration.purging import RunRetention
    from pipeline.paths import DataPaths

    outcomes = run_maintenance(defs, DataPaths.from_environment(), RunRetention(days, failed_days))
    for name, outcome in outcomes.items():
        click.echo(f"{name}: {'failed' if outcome.failed_steps else 'done'}, run {outcome.run_id}", err=True)
    for outcome in outcomes.values():
        raise_on_failure(outcome)
