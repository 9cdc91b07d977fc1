"""The SQL models as assets: sql/core, sql/mart and sql/meta run on the build.

Belongs here: one asset per SQL file, its dependencies as the SQL states them, and what each run of it came to.
Does not belong here: SQL, or building and running it (warehouse/).
"""

import hashlib
from collections.abc import Iterable, Iterator

import dagster as dg

from pipeline.contract.marts import load_marts
from pipeline.contract.schema import load_tables
from pipeline.orchestration.instance import WRITER_POOL
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.tables_shown import render_table
from pipeline.paths import DataPaths
from pipeline.warehouse.build import load_core, open_build
from pipeline.warehouse.models import ModelResult, SqlModel, load_models, run_models
from pipeline.warehouse.swap import explain_unwritable

MODELS = load_models()


def mart_specs(models: tuple[SqlModel, ...]) -> list[dg.AssetSpec]:
    """One asset per model, described by the contract, depending on what its SQL reads.

    Tables that the build makes out of the contract alone (meta.form_cell) are no assets.
    """
    return [
        dg.AssetSpec(
            model.name.split("."),
            deps=[table.split(".") for table in model.depends_on if not _is_made_of_the_contract(table)],
            group_name=model.name.partition(".")[0],
            kinds={"sql", "duckdb"},
            description=(load_marts().get(model.name) or load_tables()[model.name]).grain_en,
            code_version=hashlib.sha256(model.sql.encode()).hexdigest()[:12],
            skippable=True,
            metadata={"sql": dg.MetadataValue.md(f"```sql\n{model.sql}\n```")},
        )
        for model in models
    ]


def _is_made_of_the_contract(table: str) -> bool:
    return table.startswith("meta.") and table in load_tables()


@dg.multi_asset(specs=mart_specs(MODELS), name="mart", can_subset=True, pool=WRITER_POOL)
def mart(context: dg.AssetExecutionContext, data: DataFolder) -> Iterator[dg.MaterializeResult[None]]:
    """Bring the build up to what was merged and run every model on it.

    Models that were not selected are built too, since the build is only of use complete; they are just not reported.
    A failing model skips what reads it and fails the step after the others are done.
    """
    results = build_marts(data.paths())
    for result in results:
        key = dg.AssetKey(result.name.split("."))
        if result.status == "ok" and key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata=describe_model(result))
    raise_on_failed(results)


def build_marts(paths: DataPaths) -> list[ModelResult]:
    """The build with core and every model brought up to date; what became of each model."""
    with explain_unwritable(paths.published):
        con = open_build(paths)
        try:
            load_core(con, paths)
            return run_models(con, MODELS)
        finally:
            con.close()


def raise_on_failed(results: Iterable[ModelResult]) -> None:
    """Fail the step when a model was not built, with each one's error."""
    broken = [(r.name, r.status, r.error) for r in results if r.status != "ok"]
    if broken:
        raise dg.Failure(
            "not every mart was built; the published warehouse stays as it was: "
            + "; ".join(f"{name} {status}: {error}" for name, status, error in broken),
            metadata={"not built": dg.MetadataValue.md(render_table(("mart", "status", "error"), broken))},
            allow_retries=False,
        )


def describe_model(result: ModelResult) -> dict[str, dg.MetadataValue | int | float]:
    """Rows, seconds and columns of one built model."""
    columns = [dg.TableColumn(name, column_type) for name, column_type in result.columns]
    return {
        "dagster/row_count": result.rows,
        "seconds": result.seconds,
        "dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns)),
    }
