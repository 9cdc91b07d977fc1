"""The register of sources for a command: what is wrong with it as the error of that command.

Belongs here: that. Does not belong here: reading and checking the register (sources/registry.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cli.errors import CommandError, Exit

if TYPE_CHECKING:
    from pipeline.paths import DataPaths
    from pipeline.sources.model import Source


def load_register(paths: DataPaths) -> tuple[Source, ...]:
    """Every source of the checkout and of the data folder; CommandError with the wrong lines when there are any."""
    from pipeline.sources.registry import RegistryError, load_sources

    try:
        return load_sources(paths)
    except RegistryError as error:
        raise CommandError(Exit.USAGE, "registry_wrong", str(error), "mend these lines") from None
