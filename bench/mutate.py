"""Damage on purpose: what happens to a document on its way, and which numbers may still be read from it.

Belongs here: seeded mutations of rendered documents. Does not belong here: judging what a reader made of them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bench.layouts import LAYOUTS
from bench.model import Piece, SimulatedReport, list_values, parse_printed
from bench.wording import load_wording, merge_rows

NUMBER = re.compile(r"\d[\d.,]*")
CELL_START = re.compile(r"<td[^>]*>$")
IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
TEXT_LAYOUTS = ("plain", "markdown", "lines", "tabs")
PAGE_LAYOUTS = ("page", "word")
MERGED_ROW = "other_total"
# A label of so few characters may be beyond recognition with one of them gone.
SHORT_LABEL = 4


@dataclass(frozen=True, slots=True)
class Mutation:
    """One damaged document.

    values: cell code -> the only number a reading may report for it ('' = none); other codes must not be reported.
    readable: whether a good reader should still report every number in values; otherwise reporting fewer is as good.
    """

    kind: str
    layout: str
    content: bytes
    values: dict[str, str]
    readable: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A document under damage: its pieces and what may still be read."""

    pieces: tuple[Piece, ...]
    values: dict[str, str]
    readable: bool = True


def mutate_report(report: SimulatedReport, layout: str, kind: str, rng: random.Random) -> Mutation:
    """The report in a layout, damaged in one way; ValueError where that damage does not exist in that layout."""
    if layout not in LAYOUTS_OF.get(kind, tuple(LAYOUTS)):
        raise ValueError(f"mutation {kind!r} does not apply to layout {layout!r}: choose from {LAYOUTS_OF[kind]}")
    draft = MUTATIONS[kind](report, layout, rng)
    return Mutation(kind, layout, "".join(piece.text for piece in draft.pieces).encode(), draft.values, draft.readable)


def drop_row(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """A row is missing. With true rowspans, losing a row that opens a group moves the rows below it."""
    draft = _lay_out(report, layout)
    i = _choose_row(draft, rng)
    pieces = draft.pieces[:i] + draft.pieces[i + 1 :]
    return Draft(pieces, _without(draft.values, draft.pieces[i].row), "rowspan" not in draft.pieces[i].text)


def drop_label_character(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """One character of a row label is lost."""
    draft = _lay_out(report, layout)
    i = rng.choice([i for i in _data_rows(draft) if IDEOGRAPH.search(draft.pieces[i].text)])
    places = [match.start() for match in IDEOGRAPH.finditer(draft.pieces[i].text)]
    at = rng.choice(places)
    text = draft.pieces[i].text[:at] + draft.pieces[i].text[at + 1 :]
    return replace(_replaced(draft, i, text), readable=len(places) > SHORT_LABEL)


def swap_rows(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """Two rows of one table change places, each with its own label and numbers."""
    draft = _lay_out(report, layout)
    rows = [i for i in _data_rows(draft) if draft.pieces[i].row.startswith("requests.")]
    first, second = rng.sample(rows, 2)
    pieces = list(draft.pieces)
    pieces[first], pieces[second] = pieces[second], pieces[first]
    return Draft(tuple(pieces), draft.values, readable=False)


def delete_header(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """The column headers of one table are missing."""
    draft = _lay_out(report, layout)
    header = rng.choice(("proactive.header", "requests.header", "disputes.header"))
    return replace(draft, pieces=tuple(piece for piece in draft.pieces if piece.row != header), readable=False)


def repeat_row(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """A row is printed twice, the same both times."""
    draft = _lay_out(report, layout)
    i = _choose_row(draft, rng)
    return Draft(draft.pieces[: i + 1] + draft.pieces[i:], draft.values, readable=False)


def repeat_row_differently(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """A row is printed twice with different numbers: nobody can tell which of them is meant."""
    draft = _lay_out(report, layout)
    i = rng.choice([i for i in _data_rows(draft) if "rowspan" not in draft.pieces[i].text])
    row = draft.pieces[i].row
    raised = {code: str((parse_printed(report.cells[code]) or 0) + 1) for code in _codes_of(report.cells, row)}
    again = LAYOUTS[layout](replace(report, cells={**report.cells, **raised})).pieces[i]
    pieces = (*draft.pieces[: i + 1], again, *draft.pieces[i + 1 :])
    return Draft(pieces, _without(draft.values, row), readable=False)


def cut_off(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """The document ends at any character inside a table, so the last number may be only its first digits."""
    draft = _lay_out(report, layout)
    i = _choose_row(draft, rng)
    end = rng.randrange(len(draft.pieces[i].text))
    values = draft.values
    for piece in draft.pieces[i + 1 :]:
        values = _without(values, piece.row)
    return Draft((*draft.pieces[:i], Piece(draft.pieces[i].text[:end])), values, readable=False)


def insert_page_number(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """The number of a page stands between two rows."""
    draft = _lay_out(report, layout)
    i = _choose_row(draft, rng)
    number = rng.randrange(1, 9)
    bare = rng.random() < 0.3
    printed = (
        str(number) if bare else rng.choice((f"- {number} -", load_wording()["page_number"].format(number=number)))
    )
    pieces = (*draft.pieces[:i], Piece(f"{printed}\n\n"), *draft.pieces[i:])
    return Draft(pieces, draft.values, readable=not bare)


def merge_other_rows(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:  # noqa: ARG001 (one signature)
    """The three rows of the last group are printed as one, as in editions before 2021."""
    return _lay_out(replace(report, cells=merge_rows(report.cells, MERGED_ROW)), layout)


def drop_value(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """One number of a row is lost and the others close up: which one is missing can't be told."""
    draft, i, numbers = _choose_numbers(report, layout, rng)
    text, lost = draft.pieces[i].text, rng.choice(numbers)
    before = CELL_START.sub("", text[: lost.start()]).rstrip(" \t")
    return _with_lost_row(_replaced(draft, i, before + text[lost.end() :].removeprefix("</td>")), i)


def add_value(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """A row has one number too many: which one does not belong can't be told."""
    draft, i, numbers = _choose_numbers(report, layout, rng)
    text, end = draft.pieces[i].text, rng.choice(numbers).end()
    gap = "\t" if "\t" in text else " "
    return _with_lost_row(_replaced(draft, i, text[:end] + gap + "5" + text[end:]), i)


def glue_values(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """The gap before a number is lost. The sums of the form may tell two numbers apart again, or not."""
    draft, i, numbers = _choose_numbers(report, layout, rng)
    text, glued = draft.pieces[i].text, rng.choice(numbers)
    changed = _replaced(draft, i, text[: glued.start()].rstrip() + text[glued.start() :])
    return replace(changed, readable=False)


def swap_headings(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """Two column headings change places over unchanged numbers, so each number belongs to the other column."""
    draft = _lay_out(report, layout)
    issued, _, in_force = load_wording()["proactive"]["blocks"][0]["headers"]
    kinds, columns = load_wording()["requests"]["organisation_kinds"], load_wording()["requests"]["columns"]
    table, labels, codes = rng.choice(
        (("proactive", (issued, in_force), ("issued", "in_force")), ("requests", kinds[:2], columns[1:3]))
    )
    swapped = {labels[0]: labels[1], labels[1]: labels[0]}
    pattern = re.compile("|".join(labels))
    pieces = tuple(
        replace(piece, text=pattern.sub(lambda match: swapped[match[0]], piece.text))
        if piece.row == f"{table}.header"
        else piece
        for piece in draft.pieces
    )
    values = {_swap_column(code, table, *codes): value for code, value in draft.values.items()}
    return Draft(pieces, values, readable=False)


def blank_value(report: SimulatedReport, layout: str, rng: random.Random) -> Draft:
    """One cell of a page is printed blank."""
    code = rng.choice(list(report.cells))
    return _lay_out(replace(report, cells={**report.cells, code: ""}), layout)


MUTATIONS: Mapping[str, Callable[[SimulatedReport, str, random.Random], Draft]] = {
    mutate.__name__: mutate
    for mutate in (
        *(drop_row, drop_label_character, swap_rows, delete_header, repeat_row, repeat_row_differently, cut_off),
        *(insert_page_number, merge_other_rows, drop_value, add_value, glue_values, swap_headings, blank_value),
    )
}
LAYOUTS_OF: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("insert_page_number", "add_value", "glue_values"), TEXT_LAYOUTS),
    "drop_value": (*TEXT_LAYOUTS, "page"),
    "swap_headings": ("markdown", "tabs", "page"),
    "blank_value": PAGE_LAYOUTS,
}


def _swap_column(code: str, table: str, first: str, second: str) -> str:
    row, _, column = code.rpartition(".")
    other = {first: second, second: first}.get(column, column)
    return f"{row}.{other}" if row.startswith(f"{table}.") else code


def _lay_out(report: SimulatedReport, layout: str) -> Draft:
    return Draft(LAYOUTS[layout](report).pieces, list_values(report.cells))


def _data_rows(draft: Draft) -> list[int]:
    """Positions of the pieces that print numbers."""
    return [i for i, piece in enumerate(draft.pieces) if _codes_of(draft.values, piece.row)]


def _choose_row(draft: Draft, rng: random.Random) -> int:
    return rng.choice(_data_rows(draft))


def _codes_of(cells: Mapping[str, str], row: str) -> list[str]:
    if not row:
        return []
    prefix = "disputes." if row == "disputes.values" else f"{row}."
    return [code for code in cells if code.startswith(prefix)]


def _without(values: dict[str, str], row: str) -> dict[str, str]:
    lost = set(_codes_of(values, row))
    return {code: value for code, value in values.items() if code not in lost}


def _replaced(draft: Draft, i: int, text: str) -> Draft:
    pieces = (*draft.pieces[:i], replace(draft.pieces[i], text=text), *draft.pieces[i + 1 :])
    return replace(draft, pieces=pieces)


def _choose_numbers(report: SimulatedReport, layout: str, rng: random.Random) -> tuple[Draft, int, list[re.Match[str]]]:
    """A draft, the position of one of its rows, and the numbers printed in that row."""
    draft = _lay_out(report, layout)
    i = _choose_row(draft, rng)
    piece = draft.pieces[i]
    return draft, i, list(NUMBER.finditer(piece.text))[-len(_codes_of(draft.values, piece.row)) :]


def _with_lost_row(draft: Draft, i: int) -> Draft:
    """The draft when no number of one row can be relied on any more."""
    return Draft(draft.pieces, _without(draft.values, draft.pieces[i].row), readable=False)
