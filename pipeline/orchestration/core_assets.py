"""The schema core, and raw.attachment, as assets: the batches of a year merged into its tables.

Belongs here: one merge per partition, its row counts, and the check that shows sources contradicting themselves.
Does not belong here: how batches are merged (facts/stages.py) or rules evaluated (facts/identities.py).
"""

from collections.abc import Iterable, Iterator

import dagster as dg

from pipeline.archive.captures import CaptureLog
from pipeline.archive.ledger import LedgerEntry
from pipeline.archive.origins import Origins
from pipeline.contract.schema import load_tables
from pipeline.facts.decision_file import stage_decisions
from pipeline.facts.expected import write_expected_organs
from pipeline.facts.stages import MergeSummary, is_outdated, merge_partition
from pipeline.orchestration.batches import group_by_year
from pipeline.orchestration.partitions import REPORT_YEARS, SINGLE_RUN, list_partition_keys
from pipeline.orchestration.reading import PARTITION_KEYS
from pipeline.orchestration.reading_asset import READING
from pipeline.orchestration.registry import stage_sources
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.stage_queries import list_contradictions
from pipeline.orchestration.tables_shown import render_table
from pipeline.paths import DataPaths

# One writer at a time: merging, building and publishing share this pool.
WRITER_POOL = "writer"
# Reading wrote all of them but the agencies, which only merging knows
MERGED_TABLES = (
    *(name for name, table in load_tables().items() if table.stage in ("batch", "year", "merge")),
    "core.expected_organ",
    "core.source",
    "core.decision",
    "core.decision_problem",
)
# Tables that come with the code: nothing to run, shown for their descriptions and checks
CONTRACT_SPECS = [
    dg.AssetSpec(name.split("."), group_name="core", kinds={"csv"}, description=table.grain_en)
    for name, table in load_tables().items()
    if name.startswith("core.") and table.stage == "contract"
]


def load_origins(paths: DataPaths) -> Origins:
    """Where every archived document came from; a million captures take seconds, so once for all years."""
    return Origins(CaptureLog(paths.captures).read())


def merge_year(paths: DataPaths, year: str, entries: Iterable[LedgerEntry], origins: Origins) -> MergeSummary:
    """Merge the batches of one partition for the documents that are in it now."""
    return merge_partition(paths, year, {entry.document_id: entry.first_captured_at for entry in entries}, origins)


def list_outdated(paths: DataPaths, years: Iterable[str]) -> list[str]:
    """Those of these partitions that were merged by other identity data than today's, in order."""
    return sorted(year for year in years if is_outdated(paths, year))


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            table.split("."),
            deps=[READING],
            group_name=table.partition(".")[0],
            kinds={"parquet"},
            description=load_tables()[table].grain_en,
        )
        for table in MERGED_TABLES
    ],
    name="core",
    partitions_def=REPORT_YEARS,
    backfill_policy=SINGLE_RUN,
    pool=WRITER_POOL,
)
def core(context: dg.AssetExecutionContext, data: DataFolder) -> Iterator[dg.MaterializeResult[None]]:
    """Merge each partition of the run, and every other one whose agencies were found by older data."""
    paths, years = data.paths(), list_partition_keys(context)
    write_expected_organs(paths)
    stage_sources(paths)
    stage_decisions(paths)
    entries, origins = group_by_year(paths), load_origins(paths)
    for year in years:
        for table, row_count in merge_year(paths, year, entries[year], origins).row_counts.items():
            context.add_asset_metadata({"dagster/row_count": row_count}, table.split("."), partition_key=year)
    for year in list_outdated(paths, set(entries) - set(years)):
        context.log.info(f"year {year}: what identifies agencies has changed since it was merged; merging it again")
        merge_year(paths, year, entries[year], origins)
    for table in MERGED_TABLES:
        yield dg.MaterializeResult(asset_key=table.split("."))


@dg.asset_check(
    asset=["core", "finding"],
    name="sources_agree_with_themselves",
    description="no printed table contradicts itself; what does is kept as printed and listed here",
)
def check_contradictions(data: DataFolder) -> dg.AssetCheckResult:
    """Amber when a report's own numbers do not add up. A warning: the source is wrong, not the warehouse."""
    return judge_contradictions(data.paths())


def judge_contradictions(paths: DataPaths) -> dg.AssetCheckResult:
    """The result of that check as things stand."""
    found = list_contradictions(paths, PARTITION_KEYS)
    columns = ("document_id", "year", "agency", "rule", "place", "message")
    return dg.AssetCheckResult(
        asset_key=["core", "finding"],
        check_name="sources_agree_with_themselves",
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "reports": len({row["document_id"] for row in found}),
            "contradictions": len(found),
            "sample": dg.MetadataValue.md(render_table(columns, [[row[c] for c in columns] for row in found[:50]])),
        },
    )
