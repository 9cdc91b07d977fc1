"""`touming backup`: the archive and what people decided, copied into a backup folder.

Belongs here: the command, its messages and exit codes. Does not belong here: copying (archive/backup.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.json_output import print_json
from pipeline.cli.progress import show_progress

if TYPE_CHECKING:
    from pipeline.archive.backup import BackupSummary

_SHOWN = 10


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--inbox", is_flag=True, help="Take the files of the inbox too; what was ingested is in the archive.")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Delete all but the N newest snapshots.")
@click.option("--verify", is_flag=True, help="Copy nothing: read every byte of the backup and compare its checksums.")
@click.option("--json", "as_json", is_flag=True, help="What was taken, or verified, as one JSON object.")
def command(folder: Path, inbox: bool, keep: int | None, verify: bool, as_json: bool) -> None:
    """Copy into FOLDER what is new of the archive, the decisions, the frontier and Dagster's records.

    Only what nothing else makes again: the warehouse is rebuilt from it. It may run while a crawl or a night does.
    Prints the name of the snapshot. Records in PostgreSQL are not taken: pg_dump copies those.

    --json: snapshot, made_at, blob_count, new_blob_count, file_count, new_file_count, removed_count (of snapshots),
    problems (what, message). With --verify: folder, snapshots, faults (places in it, printed whatever the exit code).
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
            _verify(folder, as_json)
            return
        home = find_home(paths)
        with show_progress("the snapshots of before are whole; run it again and it copies what is missing"):
            summary = make_backup(paths, home, folder, dt.datetime.now(dt.UTC), with_inbox=inbox, keep=keep)
    _describe(summary)
    if as_json:
        print_json(_summarise(summary))
    else:
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


def _summarise(summary: BackupSummary) -> dict[str, object]:
    return {
        "snapshot": summary.snapshot.name,
        "made_at": summary.snapshot.made_at,
        "blob_count": summary.blob_count,
        "new_blob_count": summary.new_blob_count,
        "file_count": len(summary.snapshot.files),
        "new_file_count": summary.new_file_count,
        "removed_count": summary.removed_count,
        "problems": [asdict(problem) for problem in summary.problems],
    }


def _verify(folder: Path, as_json: bool) -> None:
    from pipeline.archive.backup_files import BackupError, BackupFolder
    from pipeline.archive.restore import verify_backup

    with show_progress("nothing was changed; run it again"):
        faults = verify_backup(folder)
    names = BackupFolder(folder).list_snapshots()
    if as_json:
        print_json({"folder": folder, "snapshots": names, "faults": faults})
    if faults:
        for fault in faults[:_SHOWN]:
            click.echo(fault, err=True)
        raise BackupError(
            "backup_damaged",
            f"{len(faults)} file(s) of {folder} are missing or not as they were written",
            "delete damaged blobs and back up again while the archive still has them, or use a copy of the backup",
        )
    if not as_json:
        click.echo(f"{folder}: {len(names)} snapshots, every byte as it was written")


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
