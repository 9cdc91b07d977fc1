"""Whether a build can be gone on with: everything that decides its rows and that no document brings.

Belongs here: one hash over the contract and the SQL that rows kept by document were made and checked with. Does not
belong here: what changed among the documents (increment.py) and models that are made anew every time (models.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache

from pipeline.contract.ddl import create_mart, create_statements
from pipeline.contract.dictionary import form_cell_rows
from pipeline.contract.marts import load_marts
from pipeline.contract.schema import load_tables
from pipeline.paths import SQL_ROOT
from pipeline.warehouse.checks import load_checks
from pipeline.warehouse.increment import ACCOUNT_TABLES, tables_by_document


@cache
def layout_hash() -> str:
    """Changes where going on with an earlier build would leave rows in it that a fresh one would not have.

    That is with a table, a model of rows kept by document, the form's cells that such models read, and a check by
    report, which has never looked at the reports that are there already.
    """
    digest = hashlib.sha256()
    for part in _list_parts():
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def _list_parts() -> Iterator[str]:
    for name in load_tables():
        yield from create_statements(name)
    for mart in load_marts().values():
        # A mart that is gone, or a view by now, would otherwise stay
        yield create_mart(mart) if mart.is_by_report else f"{mart.name} {mart.is_view}"
    for name in tables_by_document():
        schema, _, table = name.partition(".")
        path = SQL_ROOT / schema / f"{table}.sql"
        yield path.read_text(encoding="utf-8") if path.exists() else ""
    for check in load_checks():
        yield check.sql if check.is_by_report else ""
    yield repr(form_cell_rows())
    yield repr(ACCOUNT_TABLES)
