"""What can go wrong with the warehouse, as exceptions that say what to do next.

Belongs here: errors of building, publishing and releasing. Does not belong here: errors of a query (query_errors.py)
or of a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pipeline.warehouse.checks import CheckResult


class WarehouseError(RuntimeError):
    """The build cannot go on; the published warehouse is as it was."""


class WarehouseUnwritable(WarehouseError):  # noqa: N818 (said of the place, which may be full, read-only or gone)
    """A file of the warehouse cannot be written; what was published before stands."""


@contextmanager
def explain_broken_rows(table: str, files: str, next_step: str) -> Iterator[None]:
    """Turn what DuckDB says of rows that do not fit their table into WarehouseError; a full disk stays what it is."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException):
        # The disk or the memory, not the rows
        raise
    except duckdb.Error as error:
        raise WarehouseError(
            f"{table}: {files} and beside it break the contract: {error}. They were written by another version or "
            f"damaged; {next_step}."
        ) from error


class WarehouseRejected(WarehouseError):  # noqa: N818 (a verdict, not a fault)
    """Blocking checks failed, so nothing was published. checks: what every check came to, passes included."""

    def __init__(self, message: str, checks: Sequence[CheckResult] = ()) -> None:
        super().__init__(message)
        self.checks = tuple(checks)


class ReleaseError(RuntimeError):
    """There is no new release, or a release is not what it says: a stable code, what happened, and what to do next."""

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(f"{message} {next_step}")
        self.code = code
        self.message = message
        self.next_step = next_step
