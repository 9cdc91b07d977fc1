"""`touming run`: the whole way from files to a published warehouse.

Belongs here: the command and its exit code. Does not belong here: the job (orchestration/jobs.py) and the summary
(summary.py).
"""

from __future__ import annotations

import glob
from pathlib import Path

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.outcome import raise_on_failure, refuse_unwritable
from pipeline.cli.progress import show_progress

KEPT = "run it again and it goes on: what was taken in and every full batch of readings is kept, the published file too"


@click.command("run")
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--samples/--no-samples", default=False, help="Ingest the bundled sample documents too.")
@click.option(
    "--accept-shrinkage", is_flag=True, help="Publish even though tables or years lost many rows; look at them first."
)
def command(paths: tuple[str, ...], samples: bool, accept_shrinkage: bool) -> None:
    """Ingest the inbox and every PATH (files, folders, globs), read what is new, build, check and publish.

    The run is that of the Dagster job nightly: make ui shows it, step by step.
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

    from pipeline.cli.summary import show_documents, show_metrics, show_next_steps
    from pipeline.definitions import defs
    from pipeline.orchestration.nightly import run_nightly

    with show_progress(KEPT) as watched:
        outcome = run_nightly(
            defs, folders, [source.absolute() for source in sources], accept_shrinkage=accept_shrinkage
        )
        if outcome.failed_steps:
            watched.raise_if_stopped()
    totals = outcome.metadata_totals
    read_count = totals.get(("stage/reading", "documents read"), 0)
    click.echo(
        f"this run    {totals.get(('raw/capture', 'new'), 0)} new captures, {read_count} documents read, "
        f"{totals.get(('stage/reading', 'documents'), 0) - read_count} known already"
    )
    failed_count = show_documents(folders)
    raise_on_failure(outcome)
    show_metrics(folders)
    show_next_steps(folders)
    if failed_count:
        raise CommandError(
            Exit.UNREAD_DOCUMENTS,
            "documents_unread",
            f"{failed_count} document(s) could not be read; everything else is published",
            "docs/errors.md explains the codes above; touming reparse --only-failed reads them again",
        )
