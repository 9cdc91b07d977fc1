"""What is put over the tables for people: table macros, and views with Chinese names.

Belongs here: creating both in a build, with their comments. Does not belong here: their SELECTs (sql/macros), names and
descriptions (contract/), and anything that computes numbers (models.py): neither holds a row of its own.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.contract.ddl import quote_text
from pipeline.contract.macros import MACRO_SCHEMA, MacroSchema, load_macros, macro_comment
from pipeline.contract.views import VIEW_SCHEMA, ViewSchema, load_views
from pipeline.paths import SQL_ROOT
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.sql_files import read_sql_folder


def create_analyst_layer(con: duckdb.DuckDBPyConnection, folder: Path = SQL_ROOT / "macros") -> None:
    """Create every macro and view of the contract, in place of those that are there.

    WarehouseError when a file and the contract differ in names, or one of them does not fit the tables.
    """
    files = {f"{MACRO_SCHEMA}.{file.name}": file for file in read_sql_folder(folder)}
    if different := set(files) ^ set(load_macros()):
        raise WarehouseError(
            f"{folder} and contract/macros.yml differ in {', '.join(sorted(different))}; each macro needs both."
        )
    # In the order of the contract: a macro that others call stands before them
    for name, macro in load_macros().items():
        try:
            _create_macro(con, macro, files[name].sql)
        except duckdb.Error as error:
            raise WarehouseError(f"{files[name].path}: {error}") from error
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {VIEW_SCHEMA}")
    for view in load_views().values():
        try:
            _create_view(con, view)
        except duckdb.Error as error:
            raise WarehouseError(f"{view.name} does not fit {view.table}: {error}") from error


def _create_macro(con: duckdb.DuckDBPyConnection, macro: MacroSchema, select: str) -> None:
    con.execute(f"CREATE OR REPLACE MACRO {macro.signature} AS TABLE\n{select}")
    con.execute(macro_comment(macro))
    # A macro is only looked at when it is called
    con.execute(f"DESCRIBE FROM {macro.name}({', '.join('NULL' for _ in macro.parameters)})")


def _create_view(con: duckdb.DuckDBPyConnection, view: ViewSchema) -> None:
    columns = ", ".join(f'{column.shows} AS "{column.name}"' for column in view.columns)
    con.execute(f"CREATE OR REPLACE VIEW {view.name} AS SELECT {columns} FROM {view.table}")
    con.execute(f"COMMENT ON VIEW {view.name} IS {quote_text(view.comment)}")
    for column in view.columns:
        con.execute(f'COMMENT ON COLUMN {view.name}."{column.name}" IS {quote_text(column.comment)}')
