"""The printed form, row by row, for one report.

Belongs here: which rows a report prints, under which labels and groups.
Does not belong here: how a layout arranges them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bench.model import SimulatedReport

BENCH_ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One data row: values left to right, and the group labels that open with it.

    opens: (group label, number of rows in the group), outermost first.
    depth is the number of label columns to the left of its own label: 0 outside any group, 1 or 2 inside.
    """

    code: str
    label: str
    values: tuple[str, ...]
    depth: int = 0
    opens: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedBlock:
    """One block of table 2: the article it rests on, its column headers, its rows."""

    article: str
    headers: tuple[str, ...]
    rows: tuple[PrintedRow, ...]


@cache
def load_wording() -> Mapping[str, Any]:
    """The parsed wording.yml."""
    return _load("wording.yml")


@cache
def load_sentences() -> Mapping[str, Any]:
    """The parsed sentences.yml."""
    return _load("sentences.yml")


@cache
def load_names() -> Mapping[str, Any]:
    """The parsed figures/names.yml."""
    return _load("figures/names.yml")


@cache
def list_form_codes() -> tuple[str, ...]:
    """The codes of the form's 200 cells in printed order, rows that replace others left out."""
    proactive = [
        f"proactive.{row}.{column}"
        for block in load_wording()["proactive"]["blocks"]
        for row, _, columns in block["rows"]
        for column in columns
    ]
    requests, disputes = load_wording()["requests"], load_wording()["disputes"]
    own = [row["code"] for row in requests["rows"] if "replaces" not in row]
    return (
        *proactive,
        *(f"requests.{row}.{column}" for row in own for column in requests["columns"]),
        *(f"disputes.{row}.{column}" for row in disputes["rows"] for column in disputes["columns"]),
    )


def list_outcome_rows() -> list[dict[str, Any]]:
    """The rows of table 3 that are outcomes, the total left out, rows that replace others included."""
    return [row for row in load_wording()["requests"]["rows"] if "group" in row and row["code"] != "total_disposed"]


def merge_rows(cells: Mapping[str, str], into: str) -> dict[str, str]:
    """The cells when one row of table 3 is printed in place of the rows it replaces, with their sums."""
    raw = load_wording()["requests"]
    replaced = next(row["replaces"] for row in raw["rows"] if row["code"] == into)
    merged = {f"requests.{into}.{c}": sum(int(cells[f"requests.{r}.{c}"]) for r in replaced) for c in raw["columns"]}
    kept = {code: printed for code, printed in cells.items() if code.split(".")[1] not in replaced}
    return kept | {code: str(value) for code, value in merged.items()}


def list_blocks(report: SimulatedReport) -> Iterator[PrintedBlock]:
    """The blocks of table 2 with the rows this report prints."""
    for block in load_wording()["proactive"]["blocks"]:
        rows = []
        for code, official, columns in block["rows"]:
            codes = [f"proactive.{code}.{column}" for column in columns]
            if codes[0] in report.cells:
                label = report.labels.get(code, official)
                rows.append(PrintedRow(f"proactive.{code}", label, tuple(report.cells[c] for c in codes)))
        yield PrintedBlock(block["article"], tuple(block["headers"]), tuple(rows))


def list_request_rows(report: SimulatedReport) -> list[PrintedRow]:
    """The rows of table 3 this report prints, groups opening at their first printed row."""
    printed = [raw for raw in _request_raws(report) if raw["values"]]
    rows = []
    seen: set[str] = set()
    for raw in printed:
        groups = [raw[key] for key in ("group", "subgroup") if key in raw]
        opens = []
        for group in (g for g in groups if g not in seen):
            seen.add(group)
            opens.append((group, sum(group in (r.get("group"), r.get("subgroup")) for r in printed)))
        rows.append(PrintedRow(f"requests.{raw['code']}", raw["label"], raw["values"], len(groups), tuple(opens)))
    return rows


def list_dispute_values(report: SimulatedReport) -> tuple[str, ...]:
    """The fifteen values of table 4 as printed."""
    raw = load_wording()["disputes"]
    return tuple(report.cells[f"disputes.{row}.{column}"] for row in raw["rows"] for column in raw["columns"])


def _request_raws(report: SimulatedReport) -> Iterator[dict[str, Any]]:
    for row in load_wording()["requests"]["rows"]:
        codes = [f"requests.{row['code']}.{column}" for column in load_wording()["requests"]["columns"]]
        values = tuple(report.cells[c] for c in codes) if codes[0] in report.cells else ()
        yield row | {"label": report.labels.get(row["code"], row["label"]), "values": values}


def _load(name: str) -> Mapping[str, Any]:
    with (BENCH_ROOT / name).open("rb") as stream:
        loaded: Mapping[str, Any] = yaml.safe_load(stream)
    return loaded
