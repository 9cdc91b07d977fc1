"""What can go wrong with the warehouse, as exceptions that say what to do next.

Belongs here: errors of building and publishing. Does not belong here: errors of a query (query.py) or of a document.
"""

from __future__ import annotations


class WarehouseError(RuntimeError):
    """The build cannot go on; the published warehouse is as it was."""


class WarehouseRejected(WarehouseError):  # noqa: N818 (a verdict, not a fault)
    """Blocking checks failed, so nothing was published."""
