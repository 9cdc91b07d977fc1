"""The contract as SQL: CREATE TABLE with its constraints, bilingual comments, and queries that prove keys.

Belongs here: SQL text generated from tables.yml and marts.yml. Does not belong here: running it (warehouse/).

Keys and references are proved by query, not by PRIMARY KEY and FOREIGN KEY. Their indexes made the file of 5,000
reports 214 MB instead of 19 and its load three times as long; a foreign key also keeps the table it refers to from
being replaced; and a broken key should be a list of rows to look at, not an aborted load.
Timestamps are plain TIMESTAMP holding UTC, so that a reader needs no time zone extension.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.contract.editions import load_editions
from pipeline.contract.marts import MartSchema
from pipeline.contract.schema import Field, TableSchema, load_tables

SQL_TYPES = {
    "text": "VARCHAR",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "decimal": "DECIMAL(24,8)",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
    "text_list": "VARCHAR[]",
}


def create_statements(table: str) -> list[str]:
    """CREATE TABLE of one contract table, then its comments; KeyError for a name that tables.yml does not have."""
    schema = load_tables()[table]
    create = f"CREATE TABLE {table} (\n  " + ",\n  ".join(map(_column_definition, schema.columns)) + "\n)"
    columns = [(c.name, describe(c.zh, c.en, c.unit)) for c in schema.columns]
    return [create, *_comments(table, describe(schema.grain_zh, schema.grain_en), columns)]


def create_mart(mart: MartSchema) -> str:
    """CREATE TABLE of one mart that is filled report by report."""
    columns = ",\n  ".join(f"{column.name} {SQL_TYPES[column.type]}" for column in mart.columns)
    return f"CREATE TABLE {mart.name} (\n  {columns}\n)"


def comment_statements(mart: MartSchema) -> list[str]:
    """COMMENT ON statements of one mart; its columns exist already, made by its SELECT."""
    columns = [(c.name, describe(c.zh, c.en, c.unit)) for c in mart.columns]
    kind = "VIEW" if mart.is_view else "TABLE"
    return _comments(mart.name, describe(mart.grain_zh, mart.grain_en), columns, kind)


def key_checks(table: str) -> list[tuple[str, str]]:
    """(check name, SELECT of violating rows) for the key and each reference of one contract table."""
    schema = load_tables()[table]
    references = [_reference_check(schema, column, *target) for column, target in schema.references.items()]
    return [unique_check(table, schema.key), *references]


def unique_check(table: str, key: Iterable[str]) -> tuple[str, str]:
    """(check name, SELECT of keys that occur more than once or hold NULL)."""
    columns = ", ".join(key)
    has_null = " OR ".join(f"{column} IS NULL" for column in key)
    sql = f"SELECT {columns}, count(*) AS row_count FROM {table} GROUP BY {columns} HAVING count(*) > 1 OR {has_null}"
    return f"{_flat(table)}_has_one_row_per_key", sql


def form_check() -> tuple[str, str]:
    """(check name, SELECT of cells by which a report departs from its form); an optional row may be there or not."""
    optional = [
        f"({quote_text(edition.code)}, {quote_text(cell.code)})"
        for edition in load_editions()
        for table in edition.tables
        for row in table.rows
        if row.is_optional
        for cell in table.row_cells(row)
    ]
    sql = (
        "WITH expected AS (SELECT report.report_id, form.edition_code, form.cell_code FROM core.report AS report "
        "INNER JOIN meta.form_cell AS form ON report.edition_code = form.edition_code), "
        f"optional (edition_code, cell_code) AS (VALUES {', '.join(optional) or '(NULL, NULL)'}) "
        "SELECT coalesce(expected.report_id, cell.report_id) AS report_id, "
        "coalesce(expected.cell_code, cell.cell_code) AS cell_code, "
        "CASE WHEN cell.cell_code IS NULL THEN 'missing' ELSE 'not on the form' END AS difference FROM expected "
        "FULL JOIN core.cell AS cell ON expected.report_id = cell.report_id AND expected.cell_code = cell.cell_code "
        "LEFT JOIN optional ON expected.edition_code = optional.edition_code "
        "AND expected.cell_code = optional.cell_code "
        "WHERE expected.cell_code IS NULL OR (cell.cell_code IS NULL AND optional.cell_code IS NULL)"
    )
    return "core_cell_has_the_cells_of_the_form", sql


def describe(zh: str, en: str, unit: str = "") -> str:
    """A description as it stands in comments: both languages, then the unit in brackets."""
    return f"{zh} / {en}" + (f" [{unit}]" if unit else "")


def quote_text(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def _column_definition(column: Field) -> str:
    definition = f"{column.name} {SQL_TYPES[column.type]}"
    if not column.nullable:
        definition += " NOT NULL"
    if column.values:
        definition += f" CHECK ({column.name} IN ({', '.join(quote_text(value) for value in column.values)}))"
    return definition


def _comments(table: str, about_table: str, columns: Iterable[tuple[str, str]], kind: str = "TABLE") -> list[str]:
    on_columns = [f"COMMENT ON COLUMN {table}.{name} IS {quote_text(text)}" for name, text in columns]
    return [f"COMMENT ON {kind} {table} IS {quote_text(about_table)}", *on_columns]


def _reference_check(schema: TableSchema, column: str, target: str, target_column: str) -> tuple[str, str]:
    key = ", ".join(dict.fromkeys((*schema.key, column)))
    sql = (
        f"SELECT {key} FROM {schema.name} WHERE {column} IS NOT NULL "
        f"AND {column} NOT IN (SELECT {target_column} FROM {target} WHERE {target_column} IS NOT NULL)"
    )
    return f"{_flat(schema.name)}_{column}_is_in_{_flat(target)}", sql


def _flat(table: str) -> str:
    return table.replace(".", "_")
