"""The schema core, and raw.attachment, as assets: the batches of each year merged into its tables.

Belongs here: merging every year, its row counts, and the check that shows sources contradicting themselves.
Does not belong here: how batches are merged (facts/stages.py) or rules evaluated (facts/identities.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import dagster as dg

from pipeline.agencies.version import identity_version
from pipeline.archive.captures import CaptureLog
from pipeline.archive.ledger import move_documents
from pipeline.archive.origins import Origins
from pipeline.contract.schema import load_tables
from pipeline.facts.decision_file import stage_decisions
from pipeline.facts.expected import write_expected_organs
from pipeline.facts.stages import MergeSummary, merge_partition
from pipeline.orchestration.batches import ReadingPass, group_by_year, list_years, place_of
from pipeline.orchestration.instance import WRITER_POOL
from pipeline.orchestration.reading import PARTITION_KEYS
from pipeline.orchestration.reading_asset import READING, record_partitions
from pipeline.orchestration.regions import Partition
from pipeline.orchestration.registry import stage_sources
from pipeline.orchestration.rereading import DocumentPlace, describe_rereading, find_places, list_documents
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.stage_queries import find_regions, list_contradictions
from pipeline.orchestration.tables_shown import render_table
from pipeline.paths import DataPaths
from pipeline.progress import each_told
from pipeline.warehouse.swap import explain_disk

_SHOWN = 50
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


@dataclass(frozen=True, slots=True)
class MergedYears:
    """What merging came to, by year; moved: partitions of reading that documents have come to or left."""

    by_year: Mapping[str, MergeSummary]
    moved: tuple[Partition, ...]


def merge_years(paths: DataPaths) -> MergedYears:
    """Merge every year that has documents, or had some. Years that are as they were cost a look.

    Where a report's agency is known now, its document moves to the partition of the agency's province.
    WarehouseUnwritable when the disk is full or closed.
    """
    with explain_disk(paths.stage):
        return _merge_years(paths)


def _merge_years(paths: DataPaths) -> MergedYears:
    write_expected_organs(paths)
    stage_sources(paths)
    stage_decisions(paths)
    entries = group_by_year(paths)
    # A million captures take seconds, so once for all years
    origins = Origins(CaptureLog(paths.captures).read())
    merged: dict[str, MergeSummary] = {}
    regions: dict[str, str] = {}
    moved: set[Partition] = set()
    for year in each_told("merging years", list_years(paths, entries)):
        documents = {entry.document_id: entry.first_captured_at for entry in entries[year]}
        merged[year] = merge_partition(paths, year, documents, origins)
        found = find_regions(paths, year)
        for entry in entries[year]:
            region = found.get(entry.document_id, entry.partition_region)
            if region != entry.partition_region:
                regions[entry.document_id] = region
                moved.update((place_of(entry), Partition(region, year)))
    if regions:
        move_documents(paths, {}, regions)
    return MergedYears(merged, tuple(sorted(moved)))


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            table.split("."),
            deps=[READING],
            group_name=table.partition(".")[0],
            kinds={"parquet"},
            description=load_tables()[table].grain_en,
            code_version=identity_version(),
        )
        for table in MERGED_TABLES
    ],
    name="core",
    pool=WRITER_POOL,
)
def core(context: dg.AssetExecutionContext, data: DataFolder) -> Iterator[dg.MaterializeResult[None]]:
    """Merge every year whose documents, readings or agencies are not as they were when it was last merged."""
    merged = merge_years(data.paths())
    record_partitions(context, data.paths(), ReadingPass(0, {}, {}, merged.moved))
    for table, metadata in describe_merged(merged.by_year):
        yield dg.MaterializeResult(asset_key=table.split("."), metadata=metadata)


def describe_merged(merged: Mapping[str, MergeSummary]) -> Iterator[tuple[str, Mapping[str, dg.MetadataValue | int]]]:
    """Every table that merging brings up to date, with its rows by year where merging is what makes them."""
    for table in MERGED_TABLES:
        rows = [
            (year, summary.row_counts[table], "changed" if table in summary.changed_tables else "same")
            for year, summary in merged.items()
            if table in summary.row_counts
        ]
        by_year = dg.MetadataValue.md(render_table(("year", "rows", "since the last merge"), rows))
        yield table, {"dagster/row_count": sum(count for _, count, _ in rows), "by year": by_year} if rows else {}


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
    shown = found[:_SHOWN]
    places = find_places(paths, {row["document_id"] for row in shown})
    columns = ("document_id", "agency", "rule", "place", "message")
    rows = [
        (*(row[column] for column in columns), one.partition, one.origin)
        for row in shown
        for one in [places.get(row["document_id"], DocumentPlace(row["year"], ""))]
    ]
    return dg.AssetCheckResult(
        asset_key=["core", "finding"],
        check_name="sources_agree_with_themselves",
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "reports": len({row["document_id"] for row in found}),
            "contradictions": len(found),
            "sample": dg.MetadataValue.md(render_table((*columns, "partition", "origin"), rows)),
            **describe_rereading(list_documents(shown)),
        },
    )
