"""The job reparse: read a few documents again, wherever they are, and publish the result.

Belongs here: the launchpad's form, and one op for each stretch of the way. It is a job of ops and not of assets because
what it reads is known only once it runs, while partitions of assets are chosen before; what it writes is recorded as
materialisations of those assets all the same. Does not belong here: any step's work.
"""

from dataclasses import replace

import dagster as dg
from pydantic import Field

from pipeline.orchestration.batches import group_by_year, read_partition, select_years
from pipeline.orchestration.core_assets import WRITER_POOL, judge_contradictions, load_origins, merge_year
from pipeline.orchestration.mart_assets import build_marts, describe_model, raise_on_failed
from pipeline.orchestration.published_asset import (
    PUBLISHED,
    describe_published,
    read_table_hashes,
    show_check,
)
from pipeline.orchestration.reading_asset import READING, ReadingConfig, describe_reading, judge_documents_read
from pipeline.orchestration.resources import DataFolder, ReadingMachines
from pipeline.warehouse.errors import WarehouseRejected
from pipeline.warehouse.publish import publish


class ReparseConfig(ReadingConfig):
    """Which documents to read again, of which years."""

    year: list[str] = Field(
        default=[], description="only these report years, for example ['2022', 'unknown']; empty: all"
    )


@dg.op(description="Read the chosen documents again.")
def reread_documents(
    context: dg.OpExecutionContext, config: ReparseConfig, data: DataFolder, machines: ReadingMachines
) -> list[str]:
    """Read what the form asks for, in every partition it touches; returns these partitions."""
    paths = data.paths()
    wanted = config.to_filter()
    if config.year and not wanted.is_narrowed:
        wanted = replace(wanted, force=True)  # a year by itself means everything of that year
    if not (wanted.is_narrowed or wanted.force):
        raise dg.Failure(
            "nothing was asked for: set document_ids, agency, year, issue_code or only_failed in the config, "
            "or force to read everything again",
            allow_retries=False,
        )
    try:
        years = select_years(paths, config.year, config.document_ids)
    except ValueError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    entries = group_by_year(paths)
    touched: set[str] = set()
    with machines.open_reader(context.log.info) as reader:
        for year in years:
            summary = read_partition(paths, year, entries[year], wanted, reader=reader)
            if summary.read_count:
                touched.update((year, *summary.moved_to))
                shown = {**describe_reading(summary)}
                context.log_event(dg.AssetMaterialization(READING, partition=year, metadata=shown))
    return sorted(touched)


@dg.op(description="Merge what was read and publish a new warehouse.", pool=WRITER_POOL)
def rebuild_warehouse(context: dg.OpExecutionContext, years: list[str], data: DataFolder) -> None:
    """Merge the touched partitions, build every mart, publish if the gate allows; nothing when nothing was read."""
    if not years:
        context.log.info("no document matches the config; nothing was read, and the warehouse stays as it is")
        return
    paths = data.paths()
    entries, origins = group_by_year(paths), load_origins(paths)
    for year in years:
        for table, row_count in merge_year(paths, year, entries[year], origins).row_counts.items():
            metadata = {"dagster/row_count": row_count}
            context.log_event(dg.AssetMaterialization(table.split("."), partition=year, metadata=metadata))
    for judged in (judge_documents_read(paths), judge_contradictions(paths)):
        record_check(context, judged)
    results = build_marts(paths)
    for result in results:
        if result.status == "ok":
            context.log_event(dg.AssetMaterialization(result.name.split("."), metadata=describe_model(result)))
    raise_on_failed(results)
    before = read_table_hashes(paths)
    try:
        warehouse = publish(paths.build, paths)
    except WarehouseRejected as rejected:
        for check in rejected.checks:
            record_check(context, show_check(check))
        raise dg.Failure(str(rejected), allow_retries=False) from rejected
    for check in warehouse.checks:
        record_check(context, show_check(check))
    context.log_event(dg.AssetMaterialization(PUBLISHED, metadata=describe_published(warehouse, before)))


def record_check(context: dg.OpExecutionContext, result: dg.AssetCheckResult) -> None:
    """Record a check's result for its asset's page, as evaluating it beside the asset would."""
    evaluation = dg.AssetCheckEvaluation(
        asset_key=result.asset_key or PUBLISHED,
        check_name=result.check_name or "",
        passed=result.passed,
        severity=result.severity,
        description=result.description,
        metadata=result.metadata,
    )
    context.log_event(evaluation)  # type: ignore[arg-type]  # taken since 1.5, missing from its annotation


@dg.job(
    description=(
        "Read some documents again and publish the result. Fill in the form in the Launchpad: document_ids, agency, "
        "year, issue_code, only_failed, force. What you set narrows the choice."
    ),
)
def reparse() -> None:
    """Read again, then rebuild."""
    rebuild_warehouse(reread_documents())
