"""The machine that figures were measured on.

Belongs here: its facts, and the line that shows them. Does not belong here: any measurement.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

PARTS = ("selectolax", "lxml", "pypdfium2", "rapidfuzz", "duckdb", "polars", "dagster")


def describe_machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "processor": _read_line(Path("/proc/cpuinfo"), "model name"),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "python": platform.python_version(),
        "parts": {part: version(part) for part in PARTS},
    }


def format_machine(machine: Mapping[str, Any]) -> str:
    """One sentence, ended by a newline; processor and memory only where they are known."""
    parts = ", ".join(f"{name} {number}" for name, number in machine["parts"].items())
    kind = ", ".join(part for part in (machine["architecture"], machine.get("processor")) if part)
    memory = f" with {machine['memory_gib']:g} GiB" if machine.get("memory_gib") else ""
    return f"Measured on {machine['cores']} cores ({kind}){memory}, Python {machine['python']}, {parts}.\n"


def _read_line(path: Path, name: str) -> str:
    """What a file of 'name: value' lines says of a name, '' where it says nothing."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
