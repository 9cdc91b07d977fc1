"""Provinces and report years as Dagster partitions, and which of them a run covers.

Belongs here: the partition set, and reading a run's choice of it. Does not belong here: which document is in which
partition (archive/ledger.py).
"""

import warnings
from collections.abc import Mapping, Sequence

import dagster as dg

from pipeline.archive.ledger import UNKNOWN_REGION
from pipeline.orchestration.reading import PARTITION_KEYS
from pipeline.orchestration.regions import Partition, list_provinces

# The policy is marked beta in Dagster 1.13; the warning is for whoever updates Dagster, not for every command's stderr
warnings.filterwarnings("ignore", message=".*backfill_policy.*beta", category=dg.BetaWarning)

PROVINCES = dg.StaticPartitionsDefinition(list_provinces())
READING_PARTITIONS = dg.MultiPartitionsDefinition(
    {
        "region": dg.StaticPartitionsDefinition([*PROVINCES.get_partition_keys(), UNKNOWN_REGION]),
        "year": dg.StaticPartitionsDefinition(PARTITION_KEYS),
    }
)
# One run over all chosen partitions instead of a run each: a run costs ten seconds, an unchanged partition nothing.
SINGLE_RUN = dg.BackfillPolicy.single_run()


def make_range_tags(keys: Sequence[str]) -> Mapping[str, str]:
    """Tags that make one run cover everything from the first of these partitions to the last."""
    return {"dagster/asset_partition_range_start": keys[0], "dagster/asset_partition_range_end": keys[-1]}


def make_key(partition: Partition) -> dg.MultiPartitionKey:
    """The key under which Dagster knows a partition."""
    return dg.MultiPartitionKey({"region": partition.region, "year": partition.year})


def list_chosen(context: dg.AssetExecutionContext) -> frozenset[Partition] | None:
    """The partitions this run was launched for; None when it was launched without choosing any, and so means all."""
    if not (context.has_partition_key or context.has_partition_key_range):
        return None
    chosen = (READING_PARTITIONS.get_partition_key_from_str(key).keys_by_dimension for key in context.partition_keys)
    return frozenset(Partition(key["region"], key["year"]) for key in chosen)
