"""The asset stage/reading: documents read into batches, province by year.

Belongs here: the launchpad's form, the numbers and failures of each partition as metadata, and the check that turns the
page amber or red. Does not belong here: the pass over documents (batches.py), or merging (core_assets.py).
"""

import time
from collections.abc import Collection, Mapping

import dagster as dg
from pydantic import Field

from pipeline.orchestration.batches import (
    PartitionStanding,
    ReadingPass,
    ShowProgress,
    describe_partitions,
    read_partitions,
)
from pipeline.orchestration.partitions import READING_PARTITIONS, SINGLE_RUN, list_chosen, make_key
from pipeline.orchestration.raw_assets import DOCUMENT, DOCUMENT_VERSION
from pipeline.orchestration.regions import Partition
from pipeline.orchestration.rereading import describe_rereading
from pipeline.orchestration.resources import DataFolder, ReadingMachines
from pipeline.orchestration.selection import ReadingFilter
from pipeline.orchestration.tables_shown import render_table
from pipeline.orchestration.versions import name_versions
from pipeline.paths import DataPaths
from pipeline.progress import tell_progress

READING = dg.AssetKey(["stage", "reading"])
# Above this share of failed documents the reader is broken rather than a few documents
FAILED_SHARE_LIMIT = 0.05
_SHOWN = 50
# What Dagster notes itself of the partitions that a run was launched for: by this the UI sees of each whether the
# versions have changed since
_MADE_OF = {
    "dagster/code_version": name_versions(),
    f"dagster/input_data_version/{DOCUMENT.to_user_string()}": DOCUMENT_VERSION.value,
    f"dagster/input_event_pointer/{DOCUMENT.to_user_string()}": "NULL",
}
_PROGRESS_SECONDS = 30.0


class ReadingConfig(dg.Config):
    """Which documents to read again. Leave all of it alone to read what is new or outdated."""

    document_ids: list[str] = Field(default=[], description="read exactly these documents again")
    agency: str = Field(default="", description="only documents of this agency: id, canonical or printed name")
    issue_code: str = Field(default="", description="only documents with this issue, see docs/errors.md")
    only_failed: bool = Field(default=False, description="only documents whose reading failed")
    force: bool = Field(default=False, description="everything, whether or not it was read before")

    def to_filter(self) -> ReadingFilter:
        """The same as a value that the rest of the code understands."""
        return ReadingFilter(tuple(self.document_ids), self.agency, self.issue_code, self.only_failed, self.force)


@dg.asset(
    key=READING,
    deps=[DOCUMENT],
    partitions_def=READING_PARTITIONS,
    backfill_policy=SINGLE_RUN,
    code_version=name_versions(),
    group_name="stage",
    kinds={"python", "parquet"},
    description=(
        "batches of rows: what each document says, or why it could not be read. A document is in the partition of its "
        "agency's province (until that is known of the site it is from) and of the year it reports on"
    ),
)
def reading(
    context: dg.AssetExecutionContext, config: ReadingConfig, data: DataFolder, machines: ReadingMachines
) -> dg.MaterializeResult[None]:
    """Read what is new, outdated or asked for in the chosen partitions, or in all when none was chosen.

    A document that cannot be read is a row, not an error.
    """
    paths, chosen = data.paths(), list_chosen(context)
    with machines.open_reader(context.log.info) as reader:
        progress = log_progress(context)
        result = read_partitions(paths, config.to_filter(), chosen, show_progress=progress, reader=reader)
    record_partitions(context, paths, result, chosen or frozenset())
    counts = {"documents": result.document_count, "documents read": result.read_count}
    return dg.MaterializeResult(metadata=None if chosen else counts)


def record_partitions(
    context: dg.AssetExecutionContext | dg.OpExecutionContext,
    paths: DataPaths,
    result: ReadingPass,
    own: Collection[Partition] = frozenset(),
) -> None:
    """Record how every partition that a pass touched stands now; own are those that the run materialises anyway."""
    for standing in describe_partitions(paths, {*result.touched, *own}):
        own_counts = (counts.get(standing.partition, 0) for counts in (result.read_counts, result.failed_counts))
        metadata = describe_standing(standing, *own_counts)
        key = make_key(standing.partition)
        if standing.partition in own and isinstance(context, dg.AssetExecutionContext):
            context.add_asset_metadata(metadata, partition_key=key)
        else:
            context.log_event(dg.AssetMaterialization(READING, partition=key, metadata={**metadata}, tags=_MADE_OF))


def log_progress(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> ShowProgress:
    """How far reading is: for whoever looks at this process, and now and then in the log of the run."""
    said_at = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal said_at
        tell_progress("reading documents", done, total)
        if time.monotonic() - said_at > _PROGRESS_SECONDS:
            said_at = time.monotonic()
            context.log.info(f"{done} of {total} documents read")

    return show


def describe_standing(
    standing: PartitionStanding, read_count: int, failed_count: int
) -> Mapping[str, dg.MetadataValue]:
    """One partition's numbers, reasons and unread documents, for the asset's page; first those of this run alone."""
    reasons = sorted(standing.reasons.items(), key=lambda item: (-item[1], item[0]))
    # Three columns: a fourth lies beyond the edge of the page
    unread = [(u.document_id, u.origin, f"{u.outcome}: {u.issue_code}: {u.message}") for u in standing.unread]
    failed_ids = [u.document_id for u in standing.unread if u.outcome == "failed"]
    return {
        "read now": dg.MetadataValue.int(read_count),
        "failed now": dg.MetadataValue.int(failed_count),
        "reports": dg.MetadataValue.int(standing.standing.get("report", 0)),
        "rejected": dg.MetadataValue.int(standing.standing.get("rejected", 0)),
        "failed": dg.MetadataValue.int(standing.standing.get("failed", 0)),
        "reasons": dg.MetadataValue.md(render_table(("issue", "documents"), reasons)),
        "not read as reports": dg.MetadataValue.md(render_table(("document", "origin", "why"), unread)),
        **describe_rereading(failed_ids),
    }


@dg.asset_check(
    asset=READING,
    name="documents_read",
    description="no document's reading failed; read those again with the job reparse and only_failed: true",
)
def check_documents_read(data: DataFolder) -> dg.AssetCheckResult:
    """Amber when any document failed, red when more than 5 % of all did. A rejected document is no failure."""
    return judge_documents_read(data.paths())


def judge_documents_read(paths: DataPaths) -> dg.AssetCheckResult:
    """The result of that check as things stand."""
    standings = describe_partitions(paths)
    failed = [(one.partition, u) for one in standings for u in one.unread if u.outcome == "failed"]
    failed_count = sum(one.standing.get("failed", 0) for one in standings)
    document_count = sum(one.document_count for one in standings)
    is_broken = failed_count > FAILED_SHARE_LIMIT * document_count
    shown = failed[:_SHOWN]
    return dg.AssetCheckResult(
        asset_key=READING,
        check_name="documents_read",
        passed=failed_count == 0,
        severity=dg.AssetCheckSeverity.ERROR if is_broken else dg.AssetCheckSeverity.WARN,
        metadata={
            "failed": failed_count,
            "documents": document_count,
            "failures": dg.MetadataValue.md(
                render_table(
                    ("document", "partition", "origin", "issue", "message"),
                    [(u.document_id, make_key(place), u.origin, u.issue_code, u.message) for place, u in shown],
                )
            ),
            **describe_rereading([u.document_id for _, u in shown]),
        },
    )
