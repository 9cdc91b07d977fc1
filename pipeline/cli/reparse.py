"""`touming reparse`: read some documents again.

Belongs here: the command; it runs the same job as the UI's Launchpad. Does not belong here: that job
(orchestration/reparse.py).
"""

from __future__ import annotations

from typing import Any

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.offered_values import offer_agencies, offer_issues, offer_provinces, offer_years


@click.command("reparse")
@click.option("--document", "document_ids", multiple=True, metavar="ID", help="This document; may be repeated.")
@click.option(
    "--agency",
    default="",
    metavar="NAME",
    shell_complete=offer_agencies,
    help="Documents of this agency: id, canonical or printed name.",
)
@click.option(
    "--year",
    "years",
    multiple=True,
    metavar="YEAR",
    shell_complete=offer_years,
    help="Of this report year; may be repeated.",
)
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="CODE",
    shell_complete=offer_provinces,
    help="Of this province (410000); may be repeated.",
)
@click.option(
    "--issue",
    "issue_code",
    default="",
    metavar="CODE",
    shell_complete=offer_issues,
    help="Documents with this issue, see docs/errors.md.",
)
@click.option("--only-failed", is_flag=True, help="Documents whose reading failed.")
@click.option("--force", is_flag=True, help="Everything.")
@click.option("--json", "as_json", is_flag=True, help="What came of it as one JSON object.")
def command(years: tuple[str, ...], regions: tuple[str, ...], as_json: bool, **chosen: Any) -> None:
    """Read some documents again and publish the result. What you name narrows the choice; name at least one thing.

    --json prints, whatever the exit code, the object of touming run --json; of this run itself it has read_count alone.
    """
    if not (years or regions or any(chosen.values())):
        raise click.UsageError(
            "say what to read again: --document, --agency, --year, --region, --issue, --only-failed or --force"
        )

    from pipeline.cli.outcome import raise_on_failure, raise_on_unread
    from pipeline.cli.progress import show_progress
    from pipeline.cli.run import KEPT
    from pipeline.cli.summary import print_run, read_standing, show_standing
    from pipeline.definitions import defs
    from pipeline.orchestration.batches import select_partitions
    from pipeline.orchestration.nightly import run_reparse
    from pipeline.orchestration.selection import ReadingFilter
    from pipeline.paths import DataPaths

    paths = DataPaths.from_environment()
    # The options are the fields of the filter
    wanted = ReadingFilter(**chosen)
    try:
        select_partitions(paths, years, wanted.document_ids, regions)
    except ValueError as error:
        raise CommandError(
            Exit.USAGE, "selection_unknown", str(error), "touming query 'FROM raw.document' lists documents and years"
        ) from error
    with show_progress(KEPT) as watched:
        outcome = run_reparse(defs, paths, wanted, years, regions)
        if outcome.failed_steps:
            watched.raise_if_stopped()
    read_count = outcome.metadata_totals.get(("stage/reading", "read now"), 0)
    if as_json:
        print_run(outcome, {"read_count": read_count}, read_standing(paths))
    raise_on_failure(outcome)
    if not as_json:
        click.echo(f"{read_count} documents read again", err=True)
        show_standing(read_standing(paths))
    raise_on_unread(outcome)
