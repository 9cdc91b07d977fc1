"""What a release changes against the one before it: rows by key, delta files, revised figures.

Belongs here: comparing the tables of a connection with the Parquet files of an earlier release. Does not belong here:
how the changes are told (release_texts.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.contract.ddl import SQL_TYPES, quote_text
from pipeline.contract.schema import Field, TableSchema
from pipeline.progress import each_told
from pipeline.warehouse.release_tables import (
    PARQUET_OPTIONS,
    ReleasedTable,
    copy_rows,
    csv_number,
    place_of,
    write_csv,
)

REVISED_FIGURES = "revised_figures.csv"
# So many revised figures are told one by one; the CSV has them all
FIGURES_TOLD = 200
# What the comparison of figures reads of an earlier release
_FIGURE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "core.report": ("report_id", "agency_id", "report_year", "edition_code", "is_latest"),
    "core.cell": ("report_id", "cell_code", "value", "unit", "state_code", "raw_text"),
}
_LATEST = (
    "SELECT report_id, agency_id, report_year, edition_code FROM {reports} WHERE is_latest AND report_year IS NOT NULL"
)
# Of the reports of one agency and year in both releases, the cells that differ. A cell that only one of the forms has
# is no figure that was revised.
_REVISED = """
WITH before AS ({latest_before}),
after AS ({latest_after}),
pairs AS (
    SELECT
        after.agency_id,
        after.report_year,
        after.edition_code,
        before.report_id AS previous_report_id,
        after.report_id
    FROM after
    INNER JOIN before ON after.agency_id = before.agency_id AND after.report_year = before.report_year
    WHERE after.report_id <> before.report_id OR after.report_id IN (SELECT touched FROM touched_core_cell)
),
cells_before AS (
    SELECT * FROM {cells_before} WHERE report_id IN (SELECT previous_report_id FROM pairs)
),
cells_after AS (
    SELECT * FROM core.cell WHERE report_id IN (SELECT report_id FROM pairs)
)
SELECT
    pairs.agency_id,
    coalesce(agency.agency_name, pairs.agency_id) AS agency_name,
    pairs.report_year,
    now.cell_code,
    form.label_zh,
    form.label_en,
    {previous_value} AS previous_value,
    {value} AS value,
    now.unit,
    was.state_code AS previous_state_code,
    now.state_code,
    was.raw_text AS previous_raw_text,
    now.raw_text,
    CASE WHEN pairs.report_id = pairs.previous_report_id THEN 'reading' ELSE 'document' END AS cause_code,
    pairs.previous_report_id,
    pairs.report_id
FROM pairs
INNER JOIN cells_after AS now ON pairs.report_id = now.report_id
INNER JOIN cells_before AS was ON pairs.previous_report_id = was.report_id AND now.cell_code = was.cell_code
LEFT JOIN core.agency AS agency ON pairs.agency_id = agency.agency_id
LEFT JOIN meta.form_cell AS form ON pairs.edition_code = form.edition_code AND now.cell_code = form.cell_code
WHERE now.value IS DISTINCT FROM was.value OR now.state_code <> was.state_code
ORDER BY pairs.agency_id, pairs.report_year, now.cell_code
"""


@dataclass(frozen=True, slots=True)
class TableChange:
    """What became of one table: rows before (None: not there) and after (None: gone), and rows by what happened.

    delta is the path of its delta file relative to the release, '' where no row changed or the columns did: then
    changed_columns names those that came, went or changed type, and the table has to be taken whole. Where even its key
    is another one, is_compared is False and no row was counted.
    """

    table_name: str
    rows_before: int | None
    rows_after: int | None
    added_count: int = 0
    changed_count: int = 0
    removed_count: int = 0
    delta: str = ""
    changed_columns: tuple[str, ...] = ()
    is_compared: bool = True


@dataclass(frozen=True, slots=True)
class RevisedFigure:
    """One published number that differs from the release before, as text; None where there was or is no number."""

    agency_name: str
    report_year: int
    cell_code: str
    previous_value: str | None
    value: str | None
    previous_state_code: str
    state_code: str


@dataclass(frozen=True, slots=True)
class ReleaseChanges:
    """Everything a release changes: its tables by name, how many figures were revised, and the first of them.

    revised_count is None where the release before cannot be compared cell by cell.
    """

    tables: tuple[TableChange, ...]
    revised_count: int | None
    revised: tuple[RevisedFigure, ...]


def compare_releases(
    con: duckdb.DuckDBPyConnection, tables: tuple[ReleasedTable, ...], previous: Path, folder: Path
) -> ReleaseChanges:
    """Compare each table with that of an earlier release; writes delta/ and revised_figures.csv into folder."""
    earlier = {f"{path.parent.name}.{path.stem}": path for path in sorted((previous / "parquet").glob("*/*.parquet"))}
    changes = [
        _compare_table(con, table, earlier.pop(table.schema.name, None), folder)
        for table in each_told("comparing tables", tables)
    ]
    changes += [TableChange(name, _count_file(con, path), None) for name, path in earlier.items()]
    revised_count, revised = _compare_figures(con, previous, folder)
    return ReleaseChanges(tuple(changes), revised_count, revised)


def _compare_table(
    con: duckdb.DuckDBPyConnection, table: ReleasedTable, earlier: Path | None, folder: Path
) -> TableChange:
    name, key = table.schema.name, table.schema.key
    if earlier is None:
        return TableChange(name, None, table.row_count, added_count=table.row_count)
    types_before = _read_types(con, earlier)
    rows_before = _count_file(con, earlier)
    types_after = _read_types(con, folder / table.parquet)
    differing = tuple(
        sorted(c for c in types_before.keys() | types_after.keys() if types_before.get(c) != types_after.get(c))
    )
    if not set(key) <= types_before.keys():
        return TableChange(name, rows_before, table.row_count, changed_columns=differing, is_compared=False)
    shared = [column for column in table.schema.columns if column.name in types_before]
    before = _select_before(earlier, shared)
    _find_touched(con, table.schema, shared, before)
    delta = f"delta/{place_of(name)}.parquet"
    fresh = folder / ".delta.parquet"
    copy_rows(con, _select_delta(table.schema, shared, before), fresh, PARQUET_OPTIONS)
    counted = dict(con.execute(f"SELECT op, count(*) FROM {_file(fresh)} GROUP BY op").fetchall())
    if differing or not counted:
        fresh.unlink()
        delta = ""
    else:
        (folder / delta).parent.mkdir(parents=True, exist_ok=True)
        fresh.rename(folder / delta)
    return TableChange(
        name,
        rows_before,
        table.row_count,
        added_count=counted.get("added", 0),
        changed_count=counted.get("changed", 0),
        removed_count=counted.get("removed", 0),
        delta=delta,
        changed_columns=differing,
    )


def _find_touched(con: duckdb.DuckDBPyConnection, schema: TableSchema, shared: list[Field], before: str) -> None:
    """A temporary table of the first key column's values under which any row differs.

    All later work is on these alone: joining hundreds of millions of rows one by one to find a few would take as much
    memory as the tables do, while a count and a sum of row hashes for each report takes little.
    """
    first = schema.key[0]
    digest = f"count(*) AS row_count, sum(hash({', '.join(column.name for column in shared)})) AS digest"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {_touched(schema)} AS "
        f"SELECT coalesce(now.{first}, was.{first}) AS touched "
        f"FROM (SELECT {first}, {digest} FROM {schema.name} GROUP BY {first}) AS now "
        f"FULL JOIN (SELECT {first}, {digest} FROM ({before}) GROUP BY {first}) AS was ON now.{first} = was.{first} "
        "WHERE now.row_count IS DISTINCT FROM was.row_count OR now.digest IS DISTINCT FROM was.digest"
    )


def _select_delta(schema: TableSchema, shared: list[Field], before: str) -> str:
    first = schema.key[0]
    is_touched = f"{first} IN (SELECT touched FROM {_touched(schema)})"
    matching = " AND ".join(f"now.{column} = was.{column}" for column in schema.key)
    is_new, is_gone = f"was.{first} IS NULL", f"now.{first} IS NULL"
    known = {column.name for column in shared}
    columns = ", ".join(
        f"CASE WHEN {is_gone} THEN {f'was.{c.name}' if c.name in known else 'NULL'} ELSE now.{c.name} END AS {c.name}"
        for c in schema.columns
    )
    rows = [f"row({', '.join(f'{side}.{column.name}' for column in shared)})" for side in ("now", "was")]
    return (
        f"SELECT CASE WHEN {is_new} THEN 'added' WHEN {is_gone} THEN 'removed' ELSE 'changed' END AS op, {columns} "
        f"FROM (SELECT * FROM {schema.name} WHERE {is_touched}) AS now "
        f"FULL JOIN (SELECT * FROM ({before}) WHERE {is_touched}) AS was ON {matching} "
        f"WHERE {is_new} OR {is_gone} OR {rows[0]} IS DISTINCT FROM {rows[1]} ORDER BY {', '.join(schema.key)}"
    )


def _select_before(earlier: Path, shared: list[Field]) -> str:
    # A type that changed is compared as it is now; what does not fit it any more counts as changed
    columns = ", ".join(f"TRY_CAST({column.name} AS {SQL_TYPES[column.type]}) AS {column.name}" for column in shared)
    return f"SELECT {columns} FROM {_file(earlier)}"


def _compare_figures(
    con: duckdb.DuckDBPyConnection, previous: Path, folder: Path
) -> tuple[int | None, tuple[RevisedFigure, ...]]:
    files = {name: previous / "parquet" / f"{place_of(name)}.parquet" for name in _FIGURE_COLUMNS}
    for name, needed in _FIGURE_COLUMNS.items():
        if not files[name].exists() or not set(needed) <= _read_types(con, files[name]).keys():
            return None, ()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE revised_figure AS "
        + _REVISED.format(
            latest_before=_LATEST.format(reports=_file(files["core.report"])),
            latest_after=_LATEST.format(reports="core.report"),
            cells_before=_file(files["core.cell"]),
            previous_value=csv_number("was.value"),
            value=csv_number("now.value"),
        )
    )
    write_csv(con, "FROM revised_figure", folder / REVISED_FIGURES)
    names = ", ".join(RevisedFigure.__slots__)
    told = con.execute(f"SELECT {names} FROM revised_figure LIMIT {FIGURES_TOLD}").fetchall()
    counted = con.execute("SELECT count(*) FROM revised_figure").fetchone()
    return int(counted[0]) if counted else 0, tuple(RevisedFigure(*row) for row in told)


def _touched(schema: TableSchema) -> str:
    return "touched_" + schema.name.replace(".", "_")


def _read_types(con: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in con.execute(f"DESCRIBE FROM {_file(path)}").fetchall()}


def _count_file(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    row = con.execute(f"SELECT count(*) FROM {_file(path)}").fetchone()
    return int(row[0]) if row else 0


def _file(path: Path) -> str:
    return f"read_parquet({quote_text(str(path))}, hive_partitioning = false)"
