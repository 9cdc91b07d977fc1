"""`touming ingest`: put files into the archive.

Belongs here: the command and what it prints. Does not belong here: the archive.
"""

from __future__ import annotations

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.offered_values import offer_files
from pipeline.cli.outcome import refuse_unwritable
from pipeline.cli.progress import show_progress


@click.command("ingest")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", shell_complete=offer_files)
def command(paths: tuple[str, ...]) -> None:
    """Put files, folders or globs into the archive without reading them.

    Bytes are kept once; an unchanged file is not captured again. Prints one line per new document: its id, media type
    and origin, separated by tabs.
    """
    import datetime as dt

    from pipeline.archive.captures import CaptureLog
    from pipeline.archive.ingest import ingest_paths
    from pipeline.archive.store import BlobStore
    from pipeline.paths import DataPaths

    folders = DataPaths.from_environment()
    with show_progress("what was taken in is kept; run it again for the rest"), refuse_unwritable(folders.captures):
        summary = ingest_paths(
            paths, BlobStore(folders.blobs), CaptureLog(folders.captures), lambda: dt.datetime.now(dt.UTC)
        )
    for capture in summary.new:
        click.echo(f"{capture.document_id}\t{capture.media_type}\t{capture.origin_text}")
    click.echo(f"{len(summary.new)} new, {len(summary.known)} known already", err=True)
    for failure in summary.unreadable:
        click.echo(f"not taken in: {failure.path}: {failure.message}", err=True)
    if summary.missing:
        raise CommandError(
            Exit.USAGE, "path_missing", f"nothing there: {', '.join(summary.missing)}", "check the path or the pattern"
        )
    if summary.unreadable:
        raise CommandError(
            Exit.UNREAD_DOCUMENTS,
            "file_unreadable",
            f"{len(summary.unreadable)} file(s) were not taken in; the others were",
            "see the reasons above",
        )
