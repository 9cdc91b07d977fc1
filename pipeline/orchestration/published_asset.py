"""The asset warehouse/published: the gate, and the file that analysts open.

Belongs here: showing what each check came to and what was published. Does not belong here: the checks (sql/checks) and
the swap (warehouse/publish.py).
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import dagster as dg
from pydantic import Field

from pipeline.orchestration.instance import WRITER_POOL
from pipeline.orchestration.mart_assets import MODELS
from pipeline.orchestration.rereading import (
    DocumentPlace,
    describe_rereading,
    find_places,
    list_documents,
    render_places,
)
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.tables_shown import render_table
from pipeline.paths import DataPaths
from pipeline.warehouse.checks import Check, CheckResult
from pipeline.warehouse.errors import WarehouseRejected
from pipeline.warehouse.gate import gate_checks
from pipeline.warehouse.publish import PublishedWarehouse, publish
from pipeline.warehouse.query import run_query
from pipeline.warehouse.query_errors import QueryError

PUBLISHED = dg.AssetKey(["warehouse", "published"])
# A night later than yesterday's is worth a look, two nights without any are a fault. Whoever publishes by hand is in
# time at any hour, which a deadline by the clock would not know
_FRESH = dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(hours=50), warn_window=dt.timedelta(hours=26))


class PublishConfig(dg.Config):
    """The form of the step in the Launchpad."""

    accept_shrinkage: bool = Field(
        default=False,
        description="publish even though tables or years lost many rows since the last build; look at them first",
    )


def check_spec(check: Check) -> dg.AssetCheckSpec:
    """One check of the gate. All hang on the published file: it is what they guard, whatever table they read."""
    blocking = check.severity == "error"
    return dg.AssetCheckSpec(
        check.name, asset=PUBLISHED, description=f"{check.table}: {check.message}", blocking=blocking
    )


@dg.asset(
    key=PUBLISHED,
    deps=[model.name.split(".") for model in MODELS],
    check_specs=[check_spec(check) for check in gate_checks()],
    freshness_policy=_FRESH,
    group_name="warehouse",
    kinds={"duckdb"},
    description="the DuckDB file analysts open, replaced whole once every blocking check has passed",
    pool=WRITER_POOL,
)
def published(config: PublishConfig, data: DataFolder) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    """Check the build and swap it in; when a blocking check fails the file stays yesterday's."""
    paths = data.paths()
    before = read_table_hashes(paths)
    try:
        warehouse = publish(paths.build, paths, accept_shrinkage=config.accept_shrinkage)
    except WarehouseRejected as rejected:
        yield from show_checks(paths, rejected.checks)
        raise dg.Failure(str(rejected), allow_retries=False) from rejected
    yield from show_checks(paths, warehouse.checks)
    yield dg.MaterializeResult(metadata=describe_published(warehouse, before))


def read_table_hashes(paths: DataPaths) -> Mapping[str, tuple[int, str]]:
    """Rows and content hash of every table of the file as published now; {} when there is none that can be read."""
    try:
        result = run_query(paths.published, "SELECT table_name, row_count, content_hash FROM meta.table_hash")
    except QueryError:
        return {}
    return {str(name): (int(str(rows)), str(digest)) for name, rows, digest in result.rows}


def show_checks(paths: DataPaths, results: Sequence[CheckResult]) -> list[dg.AssetCheckResult]:
    """Every check as the UI shows it: a sample of the violating rows, and where the documents they are about are."""
    places = find_places(paths, {document for result in results for document in list_documents(result.sample)})
    return [_show_check(result, places) for result in results]


def _show_check(result: CheckResult, places: Mapping[str, DocumentPlace]) -> dg.AssetCheckResult:
    documents = [document for document in list_documents(result.sample) if document in places]
    leads = {"documents": dg.MetadataValue.md(render_places(documents, places))} if documents else {}
    columns = tuple(result.sample[0]) if result.sample else ()
    sample = render_table(columns, [[row[c] for c in columns] for row in result.sample])
    return dg.AssetCheckResult(
        check_name=result.name,
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if result.severity == "error" else dg.AssetCheckSeverity.WARN,
        description=result.error or result.message,
        metadata={
            "violations": result.violation_count,
            "sample": dg.MetadataValue.md(sample),
            **leads,
            **describe_rereading(documents),
        },
    )


def describe_published(
    warehouse: PublishedWarehouse, before: Mapping[str, tuple[int, str]]
) -> dict[str, dg.MetadataValue | int | str]:
    """Which build it is, how large, and table by table what is different from the one before."""
    rows = []
    for table in warehouse.tables:
        old_count, old_hash = before.get(table.table_name, (0, ""))
        change = "same" if old_hash == table.content_hash else f"changed ({table.row_count - old_count:+d} rows)"
        rows.append((table.table_name, table.row_count, change))
    return {
        "build_id": warehouse.build_id,
        "bytes": warehouse.path.stat().st_size,
        "changed tables": sum(change != "same" for _, _, change in rows),
        "tables": dg.MetadataValue.md(render_table(("table", "rows", "since the last build"), rows)),
    }
