"""What a question may contain: one statement that reads, and of table functions only those that look at the warehouse.

Belongs here: judging the text of a question by DuckDB's own parse of it. Does not belong here: running it (query.py),
and what the connection itself forbids (SANDBOX_CONFIG there).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from pipeline.warehouse.query_errors import QueryRefused

# Longer than any question a person writes; parsing text takes up to a thousand times its size in memory
TEXT_LIMIT = 200_000
# Table functions that compute from their arguments or list what the warehouse holds. All others are refused by name;
# among them are some that write logs and profiles, run SQL out of a string, or read memory as if it were rows.
TABLE_FUNCTIONS = frozenset(
    {
        "duckdb_columns",
        "duckdb_functions",
        "duckdb_schemas",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "generate_series",
        "histogram",
        "histogram_values",
        "json_each",
        "json_tree",
        "pragma_table_info",
        "pragma_version",
        "range",
        "unnest",
    }
)
# Its functions are the macros that the build has put there
_MACRO_SCHEMA = "mart"


def take_question(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement of a text, ready to be executed by a sandboxed connection; QueryRefused when it may not be."""
    if len(sql) > TEXT_LIMIT:
        raise QueryRefused(
            "query_refused", f"The question is {len(sql):,} characters long.", f"Ask it in at most {TEXT_LIMIT:,}."
        )
    # The sandboxed connection parses: parsing IMPORT DATABASE already reads files
    statements = con.extract_statements(sql)
    if not statements:
        raise QueryRefused("query_refused", "There is no statement to run.", "Write one SELECT.")
    if len(statements) > 1:
        raise QueryRefused("query_refused", f"Found {len(statements)} statements.", "Send one SELECT at a time.")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise QueryRefused(
            "query_refused",
            f"Only reading is allowed, and this is a {statements[0].type.name} statement.",
            "Write it as a SELECT; to change or export data, use the touming commands.",
        )
    _refuse_other_functions(con, sql)
    return statements[0]


def _refuse_other_functions(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    row = con.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchone()
    parsed = json.loads(row[0]) if row else {"error": True}
    if parsed["error"]:
        # A PRAGMA that DuckDB turns into a SELECT
        raise QueryRefused(
            "query_refused", "This is no plain SELECT.", "Write it as a SELECT; DESCRIBE and SHOW ALL TABLES work too."
        )
    for schema, name in _table_functions(parsed):
        if schema != _MACRO_SCHEMA and name not in TABLE_FUNCTIONS:
            raise QueryRefused(
                "query_refused",
                f"{name} is no function of the warehouse that gives a table.",
                f"Use the tables, the macros ({_MACRO_SCHEMA}.<macro>) or one of {', '.join(sorted(TABLE_FUNCTIONS))}.",
            )


def _table_functions(parsed: Any) -> Iterator[tuple[str, str]]:
    """(schema, name) of every function called in the place of a table, however deep it stands."""
    pending = [parsed]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(node)
        elif isinstance(node, dict):
            if node.get("type") == "TABLE_FUNCTION":
                function = node["function"]
                yield str(function["schema"]).lower(), str(function["function_name"]).lower()
            pending.extend(node.values())
