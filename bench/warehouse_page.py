"""The measurement of a warehouse of rows as a section of the page.

Belongs here: which figures are shown and how. Does not belong here: any figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.machine import format_machine
from bench.nation.page import format_questions
from bench.table import format_table

_WAREHOUSE = """\
## The warehouse at size

{reports:,} reports of {years} years as rows ({cells:,} cells), multiplied out of {base:,} that were read: loading, the
models, checks and publishing, without reading and merging. The file that is published has {megabytes:,.0f} MB; the
process held at most {peak_mebibytes:,.0f} MiB.
"""
_STEPS = ("load", "models", "publish", "whole", "cpu")


def format_warehouse(measured: Mapping[str, Any]) -> str:
    """The section, ended by a newline."""
    reports, megabytes = measured["reports_per_year"] * measured["years"], measured["file_bytes"] / 1e6
    rows = [
        [name, f"{night['changed reports']:,}", *(f"{night[step]:,.1f}" for step in _STEPS)]
        for name, night in measured["nights"].items()
    ]
    headings = ("night", "reports changed", "load s", "models s", "check and publish s", "whole s", "CPU s")
    parts = [_WAREHOUSE.format(**{**measured, "reports": reports, "megabytes": megabytes})]
    parts += [format_machine(measured["machine"]), format_table(headings, rows)]
    return "\n".join([*parts, format_questions(measured["questions"])])
