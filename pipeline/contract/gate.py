"""How far a build may differ from the last one, read from gate.yml.

Belongs here: the limits. Does not belong here: comparing builds (warehouse/last_build.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.contract.load import CONTRACT_ROOT, load_yaml


@dataclass(frozen=True, slots=True)
class Limit:
    """A difference counts when it is more than `share` of the number before and not less than `at_least`."""

    share: float
    at_least: int

    def is_exceeded(self, before: int, difference: int) -> bool:
        """Whether a difference (positive: in the direction that the limit guards against) is too much."""
        return difference >= self.at_least and difference > self.share * before


@dataclass(frozen=True, slots=True)
class GateLimits:
    """Every limit of gate.yml. For fill_lost, share is of 1 and at_least the reports that both builds must have."""

    rows_lost: Limit
    reports_lost: Limit
    rows_gained: Limit
    fill_lost: Limit
    may_shrink: frozenset[str]


@cache
def load_gate_limits() -> GateLimits:
    """The limits as gate.yml has them."""
    raw = load_yaml(CONTRACT_ROOT / "gate.yml")
    limits = {name: Limit(raw[name]["share"], raw[name]["at_least"]) for name in raw if name != "may_shrink"}
    return GateLimits(**limits, may_shrink=frozenset(raw["may_shrink"]))
