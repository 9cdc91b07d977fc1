"""`touming release`: a dated, citable copy of the published warehouse, and whether one is still as it was made.

Belongs here: the command, its messages and exit codes. Does not belong here: making and verifying
(warehouse/release.py, warehouse/release_verify.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit

if TYPE_CHECKING:
    from pipeline.warehouse.errors import ReleaseError
    from pipeline.warehouse.release import Release

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_EXIT_CODES = {
    "warehouse_missing": Exit.NO_WAREHOUSE,
    "warehouse_unreadable": Exit.NO_WAREHOUSE,
    "warehouse_outdated": Exit.NO_WAREHOUSE,
    "release_damaged": Exit.GATE_FAILED,
    "release_incomplete": Exit.GATE_FAILED,
    "disk_full": Exit.UNEXPECTED,
    "release_unwritable": Exit.UNEXPECTED,
}


@click.command("release")
@click.option("--version", help="Data version YYYY.M.PATCH; else the next one of this month.")
@click.option("--previous", type=_FOLDER, help="Release to compare with; else the newest one before it.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of releases; else that of the data folder.",
)
@click.option("--verify", "verified", type=_FOLDER, help="Make nothing: verify this release instead.")
def command(version: str | None, previous: Path | None, output: Path | None, verified: Path | None) -> None:
    """Write the published warehouse to a folder of its own: DuckDB, Parquet, CSV, checksums, and what has changed.

    Prints the folder. A release never changes: a version that exists is refused.
    """
    import datetime as dt

    from pipeline.paths import DataPaths
    from pipeline.warehouse.errors import ReleaseError
    from pipeline.warehouse.release import make_release
    from pipeline.warehouse.release_verify import verify_release

    if verified and (version or previous or output):
        raise click.UsageError("--verify makes no release, so it takes no other option")
    try:
        if verified:
            found = verify_release(verified)
            click.echo(
                f"{found.folder}: {found.file_count} files as released, version {found.version}, {found.build_id}"
            )
            return
        release = make_release(DataPaths.from_environment(), dt.date.today(), version, previous, output)
    except ReleaseError as error:
        raise _explain(error) from error
    _describe(release)
    click.echo(release.folder)


def _describe(release: Release) -> None:
    row_count = sum(table.row_count for table in release.tables)
    click.echo(
        f"release {release.version}: {len(release.tables)} tables, {row_count:,} rows, build {release.build_id}",
        err=True,
    )
    if release.changes is None:
        click.echo("compared with no earlier release", err=True)
        return
    changed = [table for table in release.changes.tables if table.delta or table.changed_columns]
    click.echo(
        f"against {release.previous}: {len(changed)} tables changed, "
        f"{release.changes.revised_count or 0:,} figures revised (CHANGES.md)",
        err=True,
    )


def _explain(error: ReleaseError) -> CommandError:
    return CommandError(_EXIT_CODES.get(error.code, Exit.USAGE), error.code, error.message, error.next_step)
