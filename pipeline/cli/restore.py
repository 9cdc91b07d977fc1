"""`touming restore`: a backup brought back into an empty data folder.

Belongs here: the command and its messages. Does not belong here: copying and refusing (archive/restore.py).
"""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.cli.progress import show_progress


@click.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--snapshot", default="", metavar="NAME", help="Which one; else the newest.")
@click.option("--list", "is_list", is_flag=True, help="Bring nothing back: list the snapshots, the oldest first.")
def command(folder: Path, snapshot: str, is_list: bool) -> None:
    """Bring a snapshot of the backup in FOLDER back into the data folder that TOUMING_DATA names.

    Every byte is verified, and nothing is written over: where there is data already the command refuses. One that was
    interrupted goes on when it is run again. `touming run` then builds the warehouse, the same as before.
    """
    from pipeline.archive.backup_files import BackupFolder
    from pipeline.archive.restore import restore_backup
    from pipeline.cli.backup import explain_backup_errors
    from pipeline.orchestration.home import find_home
    from pipeline.paths import DataPaths

    if is_list:
        for name in BackupFolder(folder).list_snapshots():
            click.echo(name)
        return
    paths = DataPaths.from_environment()
    with explain_backup_errors(), show_progress("run it again with the same folders: it goes on where it was"):
        summary = restore_backup(folder, paths, find_home(paths), snapshot)
    click.echo(
        f"{summary.snapshot.name} of {summary.snapshot.made_at}: {summary.blob_count} blobs and {summary.file_count} "
        f"other files into {paths.root}; touming run builds the warehouse",
        err=True,
    )
    click.echo(paths.root)
