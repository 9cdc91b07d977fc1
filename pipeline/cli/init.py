"""`touming init`: a data folder outside the checkout, ready to be named by TOUMING_DATA.

Belongs here: the folders, the tables that people keep, the environment file, and what to do next. Does not belong here:
what the files mean (facts/decision_file.py, orchestration/home.py).
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit

if TYPE_CHECKING:
    from pipeline.paths import DataPaths

ENVIRONMENT_FILE = "touming.env"


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Make FOLDER a data folder: archive, inbox, tables to fill in, Dagster's home, the environment file that names it.

    What is there already is left alone, so it may be run again. Prints the environment file.
    """
    from pipeline.paths import DataPaths

    paths = DataPaths(folder.expanduser().resolve())
    try:
        for made in make_data_folder(paths):
            click.echo(f"made        {made}", err=True)
    except OSError as error:
        raise CommandError(
            Exit.UNEXPECTED,
            "folder_unwritable",
            f"{error.filename or folder}: {error.strerror or error}",
            "name a folder that this user may write to",
        ) from error
    environment = paths.root / ENVIRONMENT_FILE
    click.echo(
        f"next        set -a; . {shlex.quote(str(environment))}; set +a\n"
        "            touming doctor\n"
        "            touming run FILE…         or put files into raw/inbox of the folder\n"
        "            docs/operations.md, 'In production', for a machine that does this every night",
        err=True,
    )
    click.echo(environment)


def make_data_folder(paths: DataPaths) -> Iterator[Path]:
    """Make what is missing of a data folder; each file and folder that was made."""
    from pipeline.facts.decision_file import make_decision_file
    from pipeline.orchestration.home import put_settings
    from pipeline.paths import REPO_ROOT

    for place in (paths.blobs, paths.captures, paths.inbox, paths.frontier.parent, paths.warehouse):
        if not place.is_dir():
            place.mkdir(parents=True)
            yield place
    if make_decision_file(paths.decisions):
        yield paths.decisions
    for table in (paths.sources, paths.overrides):
        if not table.exists():
            shutil.copyfile(REPO_ROOT / "deploy" / table.name, table)
            yield table
    if not paths.dagster_home.is_dir():
        put_settings(paths.dagster_home)
        yield paths.dagster_home
    environment = paths.root / ENVIRONMENT_FILE
    if not environment.exists():
        # It may come to hold a password
        environment.touch(mode=0o600)
        environment.write_text(describe_environment(paths), encoding="utf-8")
        yield environment


def describe_environment(paths: DataPaths) -> str:
    """The environment file of deploy/ with the places of this data folder."""
    from pipeline.paths import REPO_ROOT

    text = (REPO_ROOT / "deploy" / ENVIRONMENT_FILE).read_text(encoding="utf-8")
    places = {"TOUMING_DATA": paths.root, "DAGSTER_HOME": paths.dagster_home}
    lines = []
    for line in text.splitlines():
        name = line.partition("=")[0]
        lines.append(f"{name}={shlex.quote(str(places[name]))}" if name in places else line)
    return "\n".join(lines) + "\n"
