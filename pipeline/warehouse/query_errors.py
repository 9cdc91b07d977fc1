"""Why a question got no answer, as exceptions with a stable code, what happened, and what to do next.

Belongs here: the errors of asking the published warehouse. Does not belong here: errors of building it (errors.py).
"""

from __future__ import annotations


class QueryError(RuntimeError):
    """The query gave no result: a stable code, what happened, and what to do next."""

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(f"{message} {next_step}")
        self.code = code
        self.message = message
        self.next_step = next_step


class WarehouseMissingError(QueryError):
    """There is no published warehouse to ask, or it cannot be opened."""


class QueryRefused(QueryError):  # noqa: N818 (a verdict, not a fault)
    """The statement is not one that the sandbox lets through."""


class QueryTimeout(QueryError):  # noqa: N818 (a verdict, not a fault)
    """The query ran longer than allowed and was interrupted."""


class QueryTooLarge(QueryError):  # noqa: N818 (a verdict, not a fault)
    """The query, or its result, takes more memory than allowed."""
