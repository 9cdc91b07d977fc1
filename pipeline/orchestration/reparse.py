"""The job reparse: read a few documents again, wherever they are, and publish the result.

Belongs here: the launchpad's form, and one op for each stretch of the way. It is a job of ops and not of assets because
what it reads is known only once it runs, while partitions of assets are chosen before; what it writes is recorded as
materialisations of those assets all the same. Does not belong here: any step's work.
"""

from collections.abc import Iterator
from dataclasses import replace

import dagster as dg
from pydantic import Field

from pipeline.orchestration.batches import ReadingPass, read_partitions, select_partitions
from pipeline.orchestration.core_assets import describe_merged, judge_contradictions, merge_years
from pipeline.orchestration.instance import WRITER_POOL
from pipeline.orchestration.mart_assets import build_marts, describe_model, raise_on_failed
from pipeline.orchestration.published_asset import (
    PUBLISHED,
    describe_published,
    read_table_hashes,
    show_checks,
)
from pipeline.orchestration.reading_asset import ReadingConfig, judge_documents_read, log_progress, record_partitions
from pipeline.orchestration.resources import DataFolder, ReadingMachines
from pipeline.warehouse.errors import WarehouseRejected
from pipeline.warehouse.publish import publish


class ReparseConfig(ReadingConfig):
    """Which documents to read again, of which years."""

    year: list[str] = Field(
        default=[], description="only these report years, for example ['2022', 'unknown']; empty: all"
    )
    region: list[str] = Field(
        default=[], description="only these provinces, for example ['410000', 'unknown']; empty: all"
    )


# The steps hand over no value, so that either can be run again by itself ("from failure"), in another process
@dg.op(description="Read the chosen documents again.", out=dg.Out(dg.Nothing, is_required=False))
def reread_documents(
    context: dg.OpExecutionContext, config: ReparseConfig, data: DataFolder, machines: ReadingMachines
) -> Iterator[dg.Output[None]]:
    """Read what the form asks for, in every partition it touches. Where nothing was read, the next step is skipped."""
    paths = data.paths()
    wanted = config.to_filter()
    if (config.year or config.region) and not wanted.is_narrowed:
        wanted = replace(wanted, force=True)  # a year or province by itself means everything of it
    if not (wanted.is_narrowed or wanted.force):
        raise dg.Failure(
            "nothing was asked for: set document_ids, agency, year, region, issue_code or only_failed in the config, "
            "or force to read everything again",
            allow_retries=False,
        )
    try:
        partitions = select_partitions(paths, config.year, config.document_ids, config.region)
    except ValueError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    with machines.open_reader(context.log.info) as reader:
        result = read_partitions(paths, wanted, partitions, show_progress=log_progress(context), reader=reader)
    record_partitions(context, paths, result)
    if result.read_count:
        context.log.info(f"{result.read_count} documents were read again")
        yield dg.Output(None)
    else:
        context.log.info("no document matches the config; nothing was read, and the warehouse stays as it is")


@dg.op(
    description="Merge what was read and publish a new warehouse.", ins={"read": dg.In(dg.Nothing)}, pool=WRITER_POOL
)
def rebuild_warehouse(context: dg.OpExecutionContext, data: DataFolder) -> None:
    """Merge what was read, build every mart, publish if the gate allows."""
    paths = data.paths()
    merged = merge_years(paths)
    record_partitions(context, paths, ReadingPass(0, {}, {}, merged.moved))
    for table, metadata in describe_merged(merged.by_year):
        context.log_event(dg.AssetMaterialization(table.split("."), metadata=metadata))
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
        for check in show_checks(paths, rejected.checks):
            record_check(context, check)
        raise dg.Failure(str(rejected), allow_retries=False) from rejected
    for check in show_checks(paths, warehouse.checks):
        record_check(context, check)
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
        "year, region, issue_code, only_failed, force. What you set narrows the choice."
    ),
    # Shown in the Launchpad for filling in; run as it is, it asks what to read
    config={"ops": {"reread_documents": {"config": ReparseConfig().model_dump()}}},
)
def reparse() -> None:
    """Read again, then rebuild."""
    rebuild_warehouse(reread_documents())
