"""What older forms have in common with the one in force, as rows of meta.bridge, read from bridges.yml.

Belongs here: which cells of two editions can be compared, and how well. Does not belong here: putting numbers together
(sql/mart/metric.sql).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.contract.editions import edition_by_code
from pipeline.contract.load import CONTRACT_ROOT, load_yaml

TARGET_EDITION = "ED_2021"


def bridge_rows() -> list[dict[str, object]]:
    """Rows of meta.bridge: one per cell of an older edition and what it counts towards, shared cells included."""
    return [
        row
        for edition_code, entries in load_yaml(CONTRACT_ROOT / "bridges.yml").items()
        for row in _edition_rows(edition_code, entries)
    ]


def _edition_rows(edition_code: str, entries: list[Mapping[str, Any]]) -> Iterator[dict[str, object]]:
    named = [row for entry in entries for row in _entry_rows(edition_code, entry)]
    yield from named
    listed = {row["cell_code"] for row in named}
    target_codes = {cell.code for cell in edition_by_code(TARGET_EDITION).cells()}
    for cell in edition_by_code(edition_code).cells():
        if cell.code in target_codes and cell.code not in listed:
            yield from _entry_rows(edition_code, {"from": cell.code, "to": cell.code, "comparability": "same"})


def _entry_rows(edition_code: str, entry: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    for name in entry.get("each", [""]):
        yield {
            "edition_code": edition_code,
            "cell_code": entry["from"].replace("{}", name),
            "target_code": entry.get("to", "").replace("{}", name),
            "sign": entry.get("sign", 1),
            "comparability_code": entry["comparability"],
            "note_zh": entry.get("zh"),
            "note_en": entry.get("en"),
        }
