"""What each table of a build was made of, so that one whose inputs are what they were is left as it is.

Belongs here: that part of the build's account (build.loaded), for tables loaded whole and for models made anew. Does
not belong here: tables kept by document (increment.py), making any table (build.py, models.py).
"""

from __future__ import annotations

import duckdb

from pipeline.warehouse.increment import read_fingerprints


def is_loaded(con: duckdb.DuckDBPyConnection, table: str, made_of: str) -> bool:
    """Whether a table that is loaded whole was last loaded from just this."""
    known = "SELECT 1 FROM build.loaded WHERE table_name = ? AND made_of = ?"
    return bool(con.execute(known, [table, made_of]).fetchall())


def note_loaded(con: duckdb.DuckDBPyConnection, table: str, made_of: str) -> None:
    """Write down what a table was loaded from."""
    forget_loaded(con, table)
    con.execute("INSERT INTO build.loaded VALUES (?, ?)", [table, made_of])


def forget_loaded(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """The table is gone, or begins anew."""
    con.execute("DELETE FROM build.loaded WHERE table_name = ?", [table])


def read_versions(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Of every table whose rows the account knows, something that differs when they do."""
    versions = {str(name): str(made_of) for name, made_of in con.execute("FROM build.loaded").fetchall()}
    return versions | {name: repr(fingerprint) for name, fingerprint in read_fingerprints(con).items()}
