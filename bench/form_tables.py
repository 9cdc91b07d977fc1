"""The form's three tables as rows of spanned cells, for every renderer that prints true tables.

Belongs here: which cells stand in which row, and how far each reaches. Does not belong here: labels (wording.py), and
what a file format makes of a cell (render_*.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.model import SimulatedReport
from bench.wording import list_blocks, list_dispute_values, list_request_rows, load_wording

# (cell text, row span, column span)
Spanned = tuple[str, int, int]
# Row name, as in model.Piece, and the cells that begin in the row
PrintedTableRow = tuple[str, list[Spanned]]
# The section whose heading stands before a table
SECTION_OF = {"proactive": "S2", "requests": "S3", "disputes": "S4"}


@dataclass(frozen=True, slots=True)
class Box:
    """One cell of one row over columns start to end - 1; merge is '', 'restart', or 'continue' where it began above."""

    text: str
    start: int
    end: int
    merge: str = ""


def list_tables(report: SimulatedReport) -> Iterator[tuple[str, list[PrintedTableRow]]]:
    """(table, rows) of each table; no rows where the report prints no cell of it."""
    rows_of = {"proactive": _proactive_rows, "requests": _request_rows, "disputes": _dispute_rows}
    for table in SECTION_OF:
        is_printed = any(code.startswith(f"{table}.") for code in report.cells)
        yield table, list(rows_of[table](report)) if is_printed else []


def complete_rows(rows: Sequence[Sequence[Spanned]]) -> list[list[Box]]:
    """Every row with the continuations of the cells merged into it from above, in column order."""
    continued: list[dict[int, Box]] = [{} for _ in rows]
    completed = []
    for number, row in enumerate(rows):
        boxes, column, waiting = [], 0, list(row)
        while waiting or column in continued[number]:
            if column in continued[number]:
                boxes.append(continued[number][column])
            else:
                text, row_span, span = waiting.pop(0)
                boxes.append(Box(text, column, column + span, "restart" if row_span > 1 else ""))
                for below in continued[number + 1 : number + row_span]:
                    below[column] = Box("", column, column + span, "continue")
            column = boxes[-1].end
        completed.append(boxes)
    return completed


def list_paragraphs(report: SimulatedReport) -> Mapping[str, tuple[str, ...]]:
    """The paragraphs before each table and, by '', those after the last; headings of sections included."""
    headings, narrative = load_wording()["sections"], report.narrative
    return {
        "proactive": (*narrative["preface"], headings["S1"], *narrative["S1"], headings["S2"]),
        "requests": (headings["S3"],),
        "disputes": (headings["S4"],),
        "": (headings["S5"], *narrative["S5"], headings["S6"], *narrative["S6"]),
    }


def _proactive_rows(report: SimulatedReport) -> Iterator[PrintedTableRow]:
    caption = load_wording()["proactive"]["caption"]
    for block in list_blocks(report):
        span = 4 - len(block.headers)
        yield "proactive.article", [(block.article, 1, 4)]
        yield "proactive.header", [(caption, 1, 1), *((header, 1, span) for header in block.headers)]
        for row in block.rows:
            yield row.code, [(row.label, 1, 1), *((value, 1, span) for value in row.values)]


def _request_rows(report: SimulatedReport) -> Iterator[PrintedTableRow]:
    raw = load_wording()["requests"]
    yield "requests.header", [(raw["note"], 3, 3), (raw["applicants"], 1, 7)]
    yield "requests.header", [(raw["persons"], 2, 1), (raw["organisations"], 1, 5), (raw["total"], 2, 1)]
    yield "requests.header", [(kind, 1, 1) for kind in raw["organisation_kinds"]]
    for row in list_request_rows(report):
        cells = [(label, count, 1) for label, count in row.opens]
        yield row.code, [*cells, (row.label, 1, 3 - row.depth), *((value, 1, 1) for value in row.values)]


def _dispute_rows(report: SimulatedReport) -> Iterator[PrintedTableRow]:
    raw = load_wording()["disputes"]
    yield "disputes.header", [(raw["review"], 1, 5), (raw["litigation"], 1, 10)]
    kinds = [(kind, 1, 5) for kind in raw["litigation_kinds"]]
    yield "disputes.header", [*((outcome, 2, 1) for outcome in raw["outcomes"]), *kinds]
    yield "disputes.header", [(outcome, 1, 1) for outcome in raw["outcomes"] * 2]
    yield "disputes.values", [(value, 1, 1) for value in list_dispute_values(report)]
