"""`touming release`: a dated, citable copy of the published warehouse, and whether one is still as it was made.

Belongs here: the command, its messages and exit codes. Does not belong here: making and verifying
(warehouse/release.py, warehouse/release_verify.py).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.json_output import print_json
from pipeline.cli.progress import show_progress

if TYPE_CHECKING:
    from pipeline.warehouse.errors import ReleaseError
    from pipeline.warehouse.release import Release
    from pipeline.warehouse.release_changes import ReleaseChanges, TableChange
    from pipeline.warehouse.release_verify import VerifiedRelease

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
@click.option("--json", "as_json", is_flag=True, help="What was written, or verified, as one JSON object.")
def command(
    version: str | None, previous: Path | None, output: Path | None, verified: Path | None, as_json: bool
) -> None:
    """Write the published warehouse to a folder of its own: DuckDB, Parquet, CSV, checksums, and what has changed.

    Prints the folder. A release never changes: a version that exists is refused.

    --json: folder, version, build_id, table_count, row_count, previous (the version compared with, or null),
    changed_table_count and revised_count (null without one). With --verify: folder, version, build_id, file_count.
    """
    import datetime as dt

    from pipeline.paths import DataPaths
    from pipeline.warehouse.errors import ReleaseError
    from pipeline.warehouse.release import make_release
    from pipeline.warehouse.release_verify import verify_release

    if verified and (version or previous or output):
        raise click.UsageError("--verify makes no release, so it takes no other option")
    try:
        with show_progress("nothing was left behind; run it again"):
            if verified:
                found = verify_release(verified)
            else:
                release = make_release(DataPaths.from_environment(), dt.date.today(), version, previous, output)
    except ReleaseError as error:
        raise _explain(error) from error
    if verified:
        _show_verified(found, as_json)
        return
    _describe(release)
    if as_json:
        print_json(_summarise(release))
    else:
        click.echo(release.folder)


def _show_verified(found: VerifiedRelease, as_json: bool) -> None:
    if as_json:
        print_json(asdict(found))
    else:
        click.echo(f"{found.folder}: {found.file_count} files as released, version {found.version}, {found.build_id}")


def _summarise(release: Release) -> dict[str, object]:
    changes = release.changes
    return {
        "folder": release.folder,
        "version": release.version,
        "build_id": release.build_id,
        "table_count": len(release.tables),
        "row_count": sum(table.row_count for table in release.tables),
        "previous": release.previous,
        "changed_table_count": len(_list_changed(changes)) if changes else None,
        "revised_count": changes.revised_count or 0 if changes else None,
    }


def _list_changed(changes: ReleaseChanges) -> list[TableChange]:
    return [table for table in changes.tables if table.delta or table.changed_columns]


def _describe(release: Release) -> None:
    row_count = sum(table.row_count for table in release.tables)
    click.echo(
        f"release {release.version}: {len(release.tables)} tables, {row_count:,} rows, build {release.build_id}",
        err=True,
    )
    if release.changes is None:
        click.echo("compared with no earlier release", err=True)
        return
    click.echo(
        f"against {release.previous}: {len(_list_changed(release.changes))} tables changed, "
        f"{release.changes.revised_count or 0:,} figures revised (CHANGES.md)",
        err=True,
    )


def _explain(error: ReleaseError) -> CommandError:
    return CommandError(_EXIT_CODES.get(error.code, Exit.USAGE), error.code, error.message, error.next_step)
