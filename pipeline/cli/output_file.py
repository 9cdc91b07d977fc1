"""The file that a person named for a command's output: there whole, or as it was before.

Belongs here: putting it in its place, and the failure to. Does not belong here: what is in it (export_files.py,
result_formats.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.cli.errors import CommandError, Exit


@contextmanager
def replace_whole(path: Path) -> Iterator[Path]:
    """Where to write a file that takes its place once it is whole; a failure leaves what was there."""
    arriving = path.with_name(f".{path.name}.{os.getpid()}.arriving")
    try:
        yield arriving
        os.replace(arriving, path)
    finally:
        arriving.unlink(missing_ok=True)


def output_error(path: Path, error: OSError) -> CommandError:
    """The failure to write the file that a person named."""
    return CommandError(
        Exit.USAGE,
        "output_not_written",
        f"{path}: {error.strerror or error}",
        "name a file in a folder that exists, that you may write to and that has room",
    )
