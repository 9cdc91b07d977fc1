"""`touming backup`: the archive and what people decided, copied into a backup folder.

Belongs here: the command, its messages and exit codes. Does not belong here: copying (archive/backup.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit

if TYPE_CHECKING:
    from pipeline.archive.backup import BackupSummary

_SHOWN = 10


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--inbox", is_flag=True, help="Take the files of the inbox too; what was ingested is in the archive.")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Delete all but the N newest snapshots.")
@click.option("--verify", is_flag=True, help="Copy nothing: read every byte of the backup and compare its checksums.")
def command(folder: Path, inbox: bool, keep: int | None, verify: bool) -> None:
    """Copy into FOLDER what is new of the archive, the decisions, the frontier and Dagster's records.

    Only what nothing else makes again: the warehouse is rebuilt from it. It may run while a crawl or a night does.
    Prints the name of the snapshot. Records in PostgreSQL are not taken: pg_dump copies those.
    """
    import datetime as dt

    from pipeline.archive.backup import make_backup
    from pipeline.orchestration.home import find_home
    from pipeline.paths import DataPaths

    if verify and (inbox or keep):
        raise click.UsageError("--verify copies nothing, so it takes no other option")
    paths = DataPaths.from_environment()
    with explain_backup_errors():
        if verify:
            _verify(folder)
            return
        home = find_home(paths)
        summary = make_backup(paths, home, folder, dt.datetime.now(dt.UTC), with_inbox=inbox, keep=keep)
    _describe(summary)
    click.echo(summary.snapshot.name)
    if summary.problems:
        raise CommandError(
            Exit.UNREAD_DOCUMENTS,
            "backup_incomplete",
            f"{len(summary.problems)} thing(s) could not be taken; everything else is in the backup",
            "see the reasons above; ingest the originals of these blobs again, then back up again",
        )


@contextmanager
def explain_backup_errors() -> Iterator[None]:
    """Turn what is wrong with a backup, or with the disk, into the error of the command."""
    from pipeline.archive.backup_files import BackupError

    try:
        yield
    except BackupError as error:
        exit_code = Exit.GATE_FAILED if error.code == "backup_damaged" else Exit.USAGE
        raise CommandError(exit_code, error.code, str(error), error.next_step) from error
    except OSError as error:
        raise CommandError(
            Exit.UNEXPECTED,
            "backup_unwritable",
            f"{error.filename or 'the disk'}: {error.strerror or error}",
            "free space or give this user access, then run the command again: it goes on",
        ) from error


def _verify(folder: Path) -> None:
    from pipeline.archive.backup_files import BackupError, BackupFolder
    from pipeline.archive.restore import verify_backup

    if faults := verify_backup(folder):
        for fault in faults[:_SHOWN]:
            click.echo(fault, err=True)
        raise BackupError(
            "backup_damaged",
            f"{len(faults)} file(s) of {folder} are missing or not as they were written",
            "delete damaged blobs and back up again while the archive still has them, or use a copy of the backup",
        )
    click.echo(f"{folder}: {len(BackupFolder(folder).list_snapshots())} snapshots, every byte as it was written")


def _describe(summary: BackupSummary) -> None:
    from pipeline.orchestration.home import is_on_postgres

    click.echo(
        f"{summary.new_blob_count} new of {summary.blob_count} blobs, {summary.new_file_count} new of "
        f"{len(summary.snapshot.files)} other files, {summary.removed_count} old snapshots deleted",
        err=True,
    )
    for problem in summary.problems[:_SHOWN]:
        click.echo(f"not taken: {problem.what}: {problem.message}", err=True)
    if is_on_postgres():
        click.echo("Dagster's records are in PostgreSQL: copy them with pg_dump --format=custom", err=True)
