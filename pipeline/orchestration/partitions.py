"""Report years as Dagster partitions, and which of them a run covers.

Belongs here: the partition set, and the tags by which one run covers all of it. Does not belong here: which document is
read in which partition (archive/ledger.py).
"""

import warnings
from collections.abc import Mapping, Sequence

import dagster as dg

from pipeline.orchestration.reading import PARTITION_KEYS

# The policy is marked beta in Dagster 1.13; the warning is for whoever updates Dagster, not for every command's stderr
warnings.filterwarnings("ignore", message=".*backfill_policy.*beta", category=dg.BetaWarning)

REPORT_YEARS = dg.StaticPartitionsDefinition(PARTITION_KEYS)
# One run over all partitions instead of a run each: a run costs ten seconds, reading an unchanged partition nothing.
SINGLE_RUN = dg.BackfillPolicy.single_run()


def make_range_tags(years: Sequence[str] = PARTITION_KEYS) -> Mapping[str, str]:
    """Tags that make one run cover everything from the first of these partitions to the last (none: the very last)."""
    covered = years or PARTITION_KEYS[-1:]
    return {"dagster/asset_partition_range_start": covered[0], "dagster/asset_partition_range_end": covered[-1]}


def list_partition_keys(context: dg.AssetExecutionContext) -> Sequence[str]:
    """The partitions this run covers; all of them when it was launched without choosing any."""
    return context.partition_keys if context.has_partition_key or context.has_partition_key_range else PARTITION_KEYS
