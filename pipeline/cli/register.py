"""The register of sources for a command: the option that chooses some, and what is wrong with it as a command's error.

Belongs here: these two. Does not belong here: reading and checking the register (sources/registry.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.offered_values import offer_sources

if TYPE_CHECKING:
    from pipeline.paths import DataPaths
    from pipeline.sources.model import Source

source_option = click.option(
    "--source",
    "source_ids",
    multiple=True,
    metavar="ID",
    shell_complete=offer_sources,
    help="Only this source (repeatable).",
)


def load_register(paths: DataPaths) -> tuple[Source, ...]:
    """Every source of the checkout and of the data folder; CommandError with the wrong lines when there are any."""
    from pipeline.sources.registry import RegistryError, load_sources

    try:
        return load_sources(paths)
    except RegistryError as error:
        raise CommandError(Exit.USAGE, "registry_wrong", str(error), "mend these lines") from None
