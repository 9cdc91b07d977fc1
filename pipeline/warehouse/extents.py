"""Where the rows of a year lie in a table of the build: from which row to which, so that the others need no look.

Belongs here: keeping these extents in the build's account, and when they may be believed. Does not belong here: which
rows are added or deleted (increment.py).

Years are loaded one after another, so each is a stretch of rows in every table kept by document. DuckDB numbers rows in
the order in which they were added, and a condition on the number skips the rest of the table unread; one on documents
reads the column of their ids to the end. Row numbers shift once deleted rows are cleared away, so a table from which
rows were ever deleted has no extents any more until it is made anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

EXTENT_TABLE = (
    "build.extent (table_name VARCHAR NOT NULL, partition_year VARCHAR NOT NULL, first_row BIGINT NOT NULL, "
    "last_row BIGINT NOT NULL)"
)
# In place of a year: rows of the table were deleted
_SHIFTED = ""


def find_last_row(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """The number of a table's last row, -1 for an empty one; what is added later has greater numbers."""
    row = con.execute(f"SELECT coalesce(max(rowid), -1) FROM {table}").fetchone()
    return int(row[0]) if row else -1


def note_added(con: duckdb.DuckDBPyConnection, table: str, year: str, last_row: int, row_count: int) -> None:
    """Rows of one year were added to a table whose last row was this one."""
    if not row_count or _read(con, table, _SHIFTED):
        return
    first, last = last_row + 1, last_row + row_count
    if known := _read(con, table, year):
        first = known[0]
        con.execute("DELETE FROM build.extent WHERE table_name = ? AND partition_year = ?", [table, year])
    con.execute("INSERT INTO build.extent VALUES (?, ?, ?, ?)", [table, year, first, last])


def note_deleted(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Rows of a table were deleted: where the others lie is not certain any more."""
    forget_extents(con, table)
    con.execute("INSERT INTO build.extent VALUES (?, ?, -1, -1)", [table, _SHIFTED])


def forget_extents(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """The table is gone, or begins anew."""
    con.execute("DELETE FROM build.extent WHERE table_name = ?", [table])


def narrow_to_extents(con: duckdb.DuckDBPyConnection, table: str, years: Sequence[str]) -> str:
    """A condition on the row number that holds for every row of these years, 'true' where that is not known."""
    extents = sorted(extent for year in years if (extent := _read(con, table, year)) is not None)
    if not extents or len(extents) < len(years):
        return "true"
    # One stretch: of two with a gap between them the rows of the gap are looked at as well
    condition = f"rowid BETWEEN {extents[0][0]} AND {extents[-1][1]}"
    expected = sum(last - first + 1 for first, last in extents)
    inside = " OR ".join(f"rowid BETWEEN {first} AND {last}" for first, last in extents)
    counted = con.execute(f"SELECT count(*) FILTER ({inside}) FROM {table} WHERE {condition}").fetchone()
    # Whatever else might move rows: an extent with gaps is not believed
    return condition if counted == (expected,) else "true"


def _read(con: duckdb.DuckDBPyConnection, table: str, year: str) -> tuple[int, int] | None:
    found = con.execute(
        "SELECT first_row, last_row FROM build.extent WHERE table_name = ? AND partition_year = ?", [table, year]
    ).fetchone()
    return (int(found[0]), int(found[1])) if found else None
