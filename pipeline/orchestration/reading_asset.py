"""The asset stage/reading: documents read into batches, partition by partition.

Belongs here: the launchpad's form, one partition's numbers and failures as metadata, and the check that turns the page
amber or red. Does not belong here: the loop over documents (batches.py), or merging (core_assets.py).
"""

from collections.abc import Mapping

import dagster as dg
from pydantic import Field

from pipeline.orchestration.batches import PartitionReading, group_by_year, read_partition, summarise_partition
from pipeline.orchestration.partitions import REPORT_YEARS, SINGLE_RUN, list_partition_keys
from pipeline.orchestration.raw_assets import DOCUMENT
from pipeline.orchestration.resources import DataFolder, ReadingMachines
from pipeline.orchestration.selection import ReadingFilter
from pipeline.orchestration.tables_shown import render_table
from pipeline.paths import DataPaths

READING = dg.AssetKey(["stage", "reading"])
# Above this share of failed documents the reader is broken rather than a few documents
FAILED_SHARE_LIMIT = 0.05


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
    partitions_def=REPORT_YEARS,
    backfill_policy=SINGLE_RUN,
    group_name="stage",
    kinds={"python", "parquet"},
    description=(
        "one batch of rows per pass over a year's documents: what each says, or why it could not be read; "
        "new documents were read when raw/document filed them"
    ),
)
def reading(
    context: dg.AssetExecutionContext, config: ReadingConfig, data: DataFolder, machines: ReadingMachines
) -> dg.MaterializeResult[None]:
    """Read what is new, outdated or asked for. A document that cannot be read is a row, not an error."""
    entries = group_by_year(data.paths())
    with machines.open_reader(context.log.info) as reader:
        for year in list_partition_keys(context):
            summary = read_partition(data.paths(), year, entries[year], config.to_filter(), reader=reader)
            context.add_asset_metadata(describe_reading(summary), partition_key=year)
    return dg.MaterializeResult()


def describe_reading(summary: PartitionReading) -> Mapping[str, dg.MetadataValue]:
    """One partition's numbers, reasons and unread documents, for the asset's page."""
    reasons = sorted(summary.reasons.items(), key=lambda item: (-item[1], item[0]))
    unread = [(u.document_id, u.origin, f"{u.outcome}: {u.issue_code}", u.message) for u in summary.unread]
    return {
        "read now": dg.MetadataValue.int(summary.read_count),
        "skipped (read before)": dg.MetadataValue.int(summary.skipped_count),
        "reports": dg.MetadataValue.int(summary.standing.get("report", 0)),
        "rejected": dg.MetadataValue.int(summary.standing.get("rejected", 0)),
        "failed": dg.MetadataValue.int(summary.standing.get("failed", 0)),
        "reasons": dg.MetadataValue.md(render_table(("issue", "documents"), reasons)),
        "not read as reports": dg.MetadataValue.md(render_table(("document", "origin", "why", "message"), unread)),
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
    summaries = [summarise_partition(paths, year, known) for year, known in group_by_year(paths).items()]
    failed = [u for summary in summaries for u in summary.unread if u.outcome == "failed"]
    failed_count = sum(summary.standing.get("failed", 0) for summary in summaries)
    document_count = sum(summary.document_count for summary in summaries)
    is_broken = failed_count > FAILED_SHARE_LIMIT * document_count
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
                    ("document", "origin", "issue", "message"),
                    [(u.document_id, u.origin, u.issue_code, u.message) for u in failed[:50]],
                )
            ),
        },
    )
