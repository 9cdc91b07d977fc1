"""Rows shown to a person in the Dagster UI, as markdown tables.

Belongs here: laying out what other modules found. Does not belong here: finding it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_CELL_LIMIT = 200


def render_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A markdown table, or a line saying that there is nothing; cells are cut at 200 characters."""
    lines = [_render_row(row) for row in rows]
    if not lines:
        return "none"
    return "\n".join([_render_row(header), _render_row(["---"] * len(header)), *lines])


def _render_row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(_escape(str(cell)) for cell in cells) + " |"


def _escape(text: str) -> str:
    flat = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return flat if len(flat) <= _CELL_LIMIT else flat[: _CELL_LIMIT - 1] + "…"
