"""The gate: every check of a build, and its comparison with the one that is published.

Belongs here: which results stop a publication, and how that is said. Does not belong here: the checks (checks.py) and
the comparison (last_build.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from pipeline.warehouse.checks import Check, CheckResult, load_checks, run_checks
from pipeline.warehouse.errors import WarehouseRejected
from pipeline.warehouse.last_build import COMPARISONS, compare_builds, read_build_figures, read_published_figures


def gate_checks() -> tuple[Check, ...]:
    """Every check that a build passes before it is published, comparisons included; names are unique."""
    return (*load_checks(), *COMPARISONS)


def run_gate(con: duckdb.DuckDBPyConnection, published: Path, *, accept_shrinkage: bool) -> tuple[CheckResult, ...]:
    """The result of every gate check on an open build; WarehouseRejected, with all of them, when one blocks.

    accept_shrinkage: a build that lost rows against the published one is let through, with warnings.
    """
    compared = compare_builds(
        read_published_figures(published), read_build_figures(con), accept_shrinkage=accept_shrinkage
    )
    results = (*run_checks(con), *compared)
    if blocking := [result for result in results if result.severity == "error" and not result.passed]:
        raise WarehouseRejected(_explain_rejection(blocking), results)
    return results


def _explain_rejection(blocking: Iterable[CheckResult]) -> str:
    lines = [
        f"  {check.name} ({check.table}): {check.message}; {check.error or f'{check.violation_count} rows'}"
        + (f", such as {dict(check.sample[0])}" if check.sample else "")
        for check in blocking
    ]
    return (
        f"{len(lines)} blocking check(s) failed, the published warehouse was left as it is:\n"
        + "\n".join(lines)
        + "\nMend what makes these rows and run again; sql/checks has each query, docs/operations.md says what to do."
    )
