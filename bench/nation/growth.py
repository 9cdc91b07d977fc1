"""How cost grows with size: the exponent of a power law through measured sizes.

Belongs here: that fit. Does not belong here: measuring.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def fit_exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """The slope through (size, cost) where both are logarithms, by least squares; None below two sizes that cost."""
    logged = [(math.log(size), math.log(cost)) for size, cost in points if size > 0 and cost > 0]
    if len({size for size, _ in logged}) < 2:
        return None
    mean_size, mean_cost = (sum(column) / len(logged) for column in zip(*logged, strict=True))
    shared = sum((size - mean_size) * (cost - mean_cost) for size, cost in logged)
    own = math.fsum((size - mean_size) ** 2 for size, _ in logged)
    return round(float(shared / own), 3)


def list_costs(measured: Mapping[str, Any]) -> dict[str, float]:
    """What one size cost, by name: seconds and CPU of each night, seconds of the first night's steps, memory, bytes."""
    costs: dict[str, float] = {}
    for name, night in measured["nights"].items():
        costs |= {f"{name}: seconds": night["seconds"], f"{name}: CPU seconds": night["cpu_seconds"]}
        costs[f"{name}: peak MiB"] = night["peak_mebibytes"]
    first = next(iter(measured["nights"].values()))
    costs |= {f"step {name}: seconds": step["seconds"] for name, step in first["steps"].items()}
    return costs | {"bytes on disk": sum(measured["bytes"].values())}


def describe_growth(sizes: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float | None]]:
    """Cost -> exponent over all sizes and between the two largest; sizes are figures of measure.py, smallest first."""
    listed = [(float(each["documents"]), list_costs(each)) for each in sizes]
    growth = {}
    for name in listed[-1][1]:
        points = [(size, costs[name]) for size, costs in listed if name in costs]
        growth[name] = {"all": fit_exponent(points), "last": fit_exponent(points[-2:])}
    return growth
