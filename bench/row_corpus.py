"""A nation's reports as rows: what reading and merging would write of them, multiplied out of some that were read.

Belongs here: drawing which agency and year each copy stands for, and writing batches, indexes and stages. Does not
belong here: documents (corpus.py), measuring (warehouse.py).

Every figure of a copy is that of a simulated report that was really read, so rows have the sizes and the spread of such
rows; texts get a number of their own, so that they are not stored cheaper than different texts would be. Reading itself
is measured on documents.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from bench.layouts import LAYOUTS
from bench.simulate import simulate_reports
from pipeline.archive.origins import Origins
from pipeline.contract.schema import load_tables
from pipeline.facts.batch_rows import write_batches
from pipeline.facts.encoded import encode_rows
from pipeline.facts.expected import write_expected_organs
from pipeline.facts.stages import merge_partition
from pipeline.orchestration.reading import read_rows
from pipeline.paths import DataPaths

# The organs of a county that publish reports of their own, so that 160,000 agencies have names
_DEPARTMENTS = (
    *("gov-office", "finance", "education", "public-security", "health", "civil-affairs", "justice", "agriculture"),
    *("natural-resources", "market-supervision", "development-reform", "transport", "water", "culture-tourism"),
    *("emergency", "audit", "statistics", "ecology-environment", "housing-construction", "human-resources"),
    *("medical-security", "veterans", "science-industry", "commerce", "forestry", "petitions", "urban-management"),
    *("administrative-approval", "rural-revitalization", "tax", "meteorology", "sports", "ethnic-affairs", "archives"),
)
_SLICES = tuple("0123456789abcdef")
_MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
_BASE_YEAR = "2024"
_TEXTS = frozenset(["body_text", "sentence_text", "evidence_text", "title_text", "message_text"])


@dataclass(frozen=True, slots=True)
class RowCorpus:
    """What was written: reports a year, years, and the rows of core.cell."""

    reports_per_year: int
    years: tuple[int, ...]
    cell_count: int


def write_row_corpus(folder: Path, reports_per_year: int, years: tuple[int, ...], base_count: int) -> RowCorpus:
    """Write batches and stages of so many reports of each year into a data folder, each of another agency."""
    paths = DataPaths(folder)
    base = _read_base(DataPaths(folder / "base"), base_count)
    write_expected_organs(paths)
    con = duckdb.connect(config={"memory_limit": "4GB", "preserve_insertion_order": "true"})
    con.execute(
        "CREATE TABLE agency AS " + _agencies(paths), {"count": reports_per_year, "departments": list(_DEPARTMENTS)}
    )
    cells = 0
    for year in years:
        cells += _write_year(con, paths, base, year)
    _write_documents(con, paths)
    return RowCorpus(reports_per_year, years, cells)


def change_rows(folder: Path, year: int, share: float) -> int:
    """Read so large a share of a year's reports anew, as a night would: a new batch with other numbers; how many."""
    paths = DataPaths(folder)
    shard = paths.shards / f"year={year}"
    con = duckdb.connect()
    con.execute(
        f"CREATE TABLE chosen AS SELECT document_id, batch_name FROM '{shard}/index.parquet' "
        "WHERE md5_number_lower(document_id) % 10000 < $limit",
        {"limit": round(share * 10_000)},
    )
    for table in load_tables().values():
        if table.stage != "batch":
            continue
        target = shard / "changed" / f"{table.name}.parquet"
        target.parent.mkdir(exist_ok=True)
        numbers = "* REPLACE (value + 1 AS value)" if table.name == "core.cell" else "*"
        con.execute(
            f"COPY (SELECT {numbers} FROM read_parquet('{shard}/*/{table.name}.parquet', hive_partitioning = false) "
            f"AS old SEMI JOIN chosen ON old.{table.key[0]} = chosen.document_id ORDER BY {', '.join(table.key)}) "
            f"TO '{target}' (COMPRESSION zstd)"
        )
    con.execute(
        "COPY (SELECT document_id, CASE WHEN document_id IN (SELECT document_id FROM chosen) THEN 'changed' "
        f"ELSE batch_name END AS batch_name FROM '{shard}/index.parquet' ORDER BY document_id) "
        f"TO '{shard}/index.new' (FORMAT parquet)"
    )
    (shard / "index.new").replace(shard / "index.parquet")
    row = con.execute("SELECT count(*) FROM chosen").fetchone()
    return int(row[0]) if row else 0


def _read_base(paths: DataPaths, count: int) -> DataPaths:
    """So many simulated pages, read and merged as reports of one year."""
    draw = LAYOUTS["page"]
    rows = []
    for number, report in enumerate(simulate_reports(count, seed=11)):
        rows.append(read_rows(f"{number:016x}", _BASE_YEAR, draw(report).content, "text/html"))
    encoded = encode_rows(rows)
    of_one_year = tuple(replace(document, partition_year=_BASE_YEAR) for document in encoded.documents)
    write_batches(paths, [replace(encoded, documents=of_one_year)])
    merge_partition(paths, _BASE_YEAR, {one.document_id: _MOMENT for one in rows}, Origins([]))
    return paths


def _agencies(paths: DataPaths) -> str:
    """Governments first, then departments of counties and cities, numbered from 0."""
    stage = paths.stage / "core" / "expected_organ" / "part.parquet"
    return (
        f"WITH organ AS (SELECT * FROM '{stage}' WHERE valid_to_year IS NULL), "
        "everyone AS (SELECT agency_id, agency_name, organ_kind_code, NULL::VARCHAR AS department_code, region_code, "
        "region_path_text, division_level FROM organ UNION ALL SELECT replace(agency_id, '-gov', '-' || department), "
        "agency_name || '/' || department, 'department', department, region_code, region_path_text, division_level "
        "FROM organ, unnest($departments) AS d (department) "
        "WHERE division_level IN ('county', 'prefecture', 'province')) "
        "SELECT * FROM everyone ORDER BY md5(agency_id) LIMIT $count"
    )


def _write_year(con: duckdb.DuckDBPyConnection, paths: DataPaths, base: DataPaths, year: int) -> int:
    batches = base.shards / f"year={_BASE_YEAR}"
    reports = base.stage / "core" / "report" / f"year={_BASE_YEAR}" / "part.parquet"
    con.execute(
        "CREATE OR REPLACE TABLE copied AS WITH base AS (SELECT report_id AS base_id, "
        f"row_number() OVER (ORDER BY report_id) - 1 AS base_number FROM '{reports}'), "
        # Drawn before the join: as its condition it would be worked out for every pair of a copy and a report
        f"drawn AS (SELECT *, (md5_number_lower(agency_id || $year) % (SELECT count(*) FROM '{reports}'))::BIGINT "
        "AS base_number FROM agency) "
        "SELECT substr(md5(drawn.agency_id || '/' || $year), 1, 16) AS document_id, base_id, "
        "drawn.* EXCLUDE (base_number) FROM drawn JOIN base USING (base_number)",
        {"year": str(year)},
    )
    folder = paths.shards / f"year={year}"
    cells = 0
    for digit in _SLICES:
        con.execute(
            "CREATE OR REPLACE TABLE slice AS SELECT * FROM copied WHERE document_id[1] = $digit", {"digit": digit}
        )
        (folder / digit).mkdir(parents=True, exist_ok=True)
        for table in load_tables().values():
            sources = sorted(batches.glob(f"*/{table.name}.parquet"))
            if table.stage == "batch" and sources:
                cells += _write_slice(con, table.name, sources[0], folder / digit / f"{table.name}.parquet", year)
    con.execute(
        "COPY (SELECT document_id, document_id[1] AS batch_name FROM copied ORDER BY document_id) "
        f"TO '{folder}/index.parquet' (FORMAT parquet)"
    )
    for table, select in _merged_selects(reports, year):
        target = paths.stage.joinpath(*table.split("."), f"year={year}", "part.parquet")
        target.parent.mkdir(parents=True, exist_ok=True)
        con.execute(f"COPY ({select}) TO '{target}' (COMPRESSION zstd)")
    return cells


def _write_slice(con: duckdb.DuckDBPyConnection, table: str, source: Path, target: Path, year: int) -> int:
    schema = load_tables()[table]
    named = {schema.key[0]: "slice.document_id", "partition_year": f"'{year}'"}
    named |= {name: f"{name} || slice.document_id" for name in _TEXTS}
    columns = [f"{named.get(c.name, 'base.' + c.name)} AS {c.name}" for c in schema.columns]
    order = ", ".join(schema.key)
    con.execute(
        f"COPY (SELECT {', '.join(columns)} FROM '{source}' AS base JOIN slice ON base.{schema.key[0]} = slice.base_id "
        f"ORDER BY {order}) TO '{target}' (COMPRESSION zstd)"
    )
    row = con.execute(f"SELECT count(*) FROM '{target}'").fetchone()
    return int(row[0]) if row and table == "core.cell" else 0


def _merged_selects(reports: Path, year: int) -> Iterator[tuple[str, str]]:
    """(table, SELECT) of what merging writes of one year."""
    own = {
        "report_id": "copied.document_id",
        "agency_id": "copied.agency_id",
        "report_year": f"{year}::INTEGER",
        "title_year": f"{year}::INTEGER",
        "period_start_date": f"DATE '{year}-01-01'",
        "period_end_date": f"DATE '{year}-12-31'",
        "published_date": f"DATE '{year + 1}-01-05' + (md5_number_lower(copied.document_id) % 100)::INTEGER",
        "agency_name_text": "copied.agency_name",
        "identity_confidence_code": "'certain'",
        "version_number": "1::INTEGER",
        "version_change_code": "'first'",
        "is_latest": "true",
    }
    columns = ", ".join(
        f"{own.get(c.name, 'base.' + c.name)} AS {c.name}" for c in load_tables()["core.report"].columns
    )
    joined = f"FROM '{reports}' AS base JOIN copied ON base.report_id = copied.base_id"
    both_years = f"{year}::INTEGER AS first_report_year, {year}::INTEGER AS last_report_year"
    yield "core.report", f"SELECT {columns} {joined} ORDER BY report_id"
    yield (
        "core.agency",
        "SELECT agency_id, agency_name, 'derived' AS identity_basis_code, organ_kind_code, department_code, "
        f"region_code, region_path_text, division_level, {both_years} FROM copied ORDER BY agency_id",
    )
    yield (
        "core.agency_name",
        f"SELECT agency_id, agency_name AS agency_name_text, 1::INTEGER AS report_count, {both_years} "
        "FROM copied ORDER BY agency_id",
    )


def _write_documents(con: duckdb.DuckDBPyConnection, paths: DataPaths) -> None:
    """raw.document and raw.capture of every report."""
    readings = f"read_parquet('{paths.shards}/*/*/core.reading.parquet', hive_partitioning = false)"
    known = {
        "sha256": "document_id || document_id || document_id || document_id",
        "media_type": "'text/html'",
        "byte_count": "40000::BIGINT",
        "first_captured_at": f"TIMESTAMPTZ '{_MOMENT.isoformat()}'",
        "captured_at": f"TIMESTAMPTZ '{_MOMENT.isoformat()}'",
        "capture_id": "'c' || document_id",
        "origin_text": "'https://example.gov.cn/' || document_id || '.html'",
        "fetch_outcome_code": "'captured'",
        "document_id": "document_id",
        "partition_year": "partition_year",
    }
    for name in ("raw.document", "raw.capture"):
        columns = ", ".join(f"{known.get(c.name, 'NULL')} AS {c.name}" for c in load_tables()[name].columns)
        target = paths.stage.joinpath(*name.split("."), "part.parquet")
        target.parent.mkdir(parents=True, exist_ok=True)
        con.execute(f"COPY (SELECT {columns} FROM {readings} ORDER BY document_id) TO '{target}' (COMPRESSION zstd)")
