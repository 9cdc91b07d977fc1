"""How a command fails: its exit code, and an error that says what, why and what to do next.

Belongs here: exit codes and the one exception that commands raise. Does not belong here: finding out what went wrong.
"""

from __future__ import annotations

import sys
from enum import IntEnum
from typing import IO, Any

import click


class Exit(IntEnum):
    """Exit codes; scripts rely on them, so a code never changes its meaning."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    GATE_FAILED = 3
    UNREAD_DOCUMENTS = 4
    NO_WAREHOUSE = 5
    INTERRUPTED = 130


EXIT_CODES_HELP = """\b
Exit codes:
  0  everything done
  1  an unexpected error
  2  wrong usage, or a file that is not there
  3  the data gate failed; yesterday's warehouse still stands
  4  finished, but some documents could not be read (report: it is no report)
  5  the warehouse is missing or cannot be opened
  130  stopped by Ctrl-C"""


class CommandError(click.ClickException):
    """One command's failure: a stable code, what happened and where, why, and what to do next."""

    def __init__(self, exit_code: Exit, code: str, message: str, next_step: str) -> None:
        super().__init__(message)
        # click reads it from the instance, though its types call it a class variable
        self.exit_code = int(exit_code)  # type: ignore[misc]
        self.code = code
        self.next_step = next_step

    def show(self, file: IO[Any] | None = None) -> None:
        """Print to stderr; stdout is for data."""
        click.echo(f"error [{self.code}]: {self.message}\n  next: {self.next_step}", file=file or sys.stderr)
