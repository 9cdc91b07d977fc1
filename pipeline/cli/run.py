"""`touming run`: the whole way from files to a published warehouse.

Belongs here: the command and its exit code. Does not belong here: the job (orchestration/jobs.py) and the summary
(summary.py).
"""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.offered_values import offer_files
from pipeline.cli.outcome import raise_on_failure, raise_on_unread, refuse_unwritable
from pipeline.cli.progress import show_progress

if TYPE_CHECKING:
    from pipeline.orchestration.instance import JobOutcome

KEPT = "run it again and it goes on: what was taken in and every full batch of readings is kept, the published file too"


@click.command("run")
@click.argument("paths", nargs=-1, metavar="[PATH…]", shell_complete=offer_files)
@click.option("--samples/--no-samples", default=False, help="Ingest the bundled sample documents too.")
@click.option(
    "--accept-shrinkage", is_flag=True, help="Publish even though tables or years lost many rows; look at them first."
)
@click.option("--json", "as_json", is_flag=True, help="What came of it as one JSON object.")
def command(paths: tuple[str, ...], samples: bool, accept_shrinkage: bool, as_json: bool) -> None:
    """Ingest the inbox and every PATH (files, folders, globs), read what is new, build, check and publish.

    The run is that of the Dagster job nightly: make ui shows it, step by step.

    --json, whatever the exit code: run_id, new_capture_count, read_count and known_count of this run; then, of all
    there are now, documents (report, rejected, failed), reasons (count by issue code), unread (a sample: document_id,
    outcome, origin, issue_code, message), contradiction_count, contradicting_report_count; failed_steps (step,
    error_class, message).
    """
    from pipeline.paths import REPO_ROOT, DataPaths

    folders = DataPaths.from_environment()
    sources = [folders.inbox, *map(Path, paths)]
    if samples:
        # A data folder elsewhere has no samples of its own: they come with the checkout
        sources.append(DataPaths(REPO_ROOT / "data").samples)
    missing = [str(source) for source in sources[1:] if not (source.exists() or glob.glob(str(source)))]
    if missing:
        raise CommandError(
            Exit.USAGE, "path_missing", f"nothing there: {', '.join(missing)}", "check the path or the pattern"
        )
    with refuse_unwritable(folders.inbox):
        folders.inbox.mkdir(parents=True, exist_ok=True)
    click.echo("reading, merging, building, checking, publishing …", err=True)

    from pipeline.cli.summary import print_run, read_standing, show_metrics, show_next_steps, show_standing
    from pipeline.definitions import defs
    from pipeline.orchestration.nightly import run_nightly

    with show_progress(KEPT) as watched:
        outcome = run_nightly(
            defs, folders, [source.absolute() for source in sources], accept_shrinkage=accept_shrinkage
        )
        if outcome.failed_steps:
            watched.raise_if_stopped()
    counts, standing = count_run(outcome), read_standing(folders)
    if as_json:
        print_run(outcome, counts, standing)
    else:
        new, read, known = counts.values()
        click.echo(f"this run    {new} new captures, {read} documents read, {known} known already")
        show_standing(standing)
    raise_on_failure(outcome)
    if not as_json:
        show_metrics(folders)
        show_next_steps(folders)
    raise_on_unread(outcome)


def count_run(outcome: JobOutcome) -> dict[str, int]:
    """What a night did itself: captures that were new, documents read, and those that were known already."""
    totals = outcome.metadata_totals
    read_count = totals.get(("stage/reading", "documents read"), 0)
    return {
        "new_capture_count": totals.get(("raw/capture", "new"), 0),
        "read_count": read_count,
        "known_count": totals.get(("stage/reading", "documents"), 0) - read_count,
    }
