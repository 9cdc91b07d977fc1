"""What of a picture is published: recognised numbers that the form's own sums confirm.

Belongs here: choosing among cells that were recognised rather than read. Does not belong here: recognition and its own
doubts, which come as a mark behind the number (documents/scan_page.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from pipeline.contract.editions import Edition
from pipeline.contract.identities import Place, rules_of
from pipeline.issues import Issue, IssueCode
from pipeline.reports.model import CellReading, CellState
from pipeline.reports.sums import keep_operands, list_hard_places
from pipeline.reports.values import parse_value

_METHOD = "ocr"
# Of a table's cell, the only place in which a number is looked at twice
_FROM_CELL = "grid"
_NUMBER = re.compile(r"[0-9.,]+")
# What recognition puts behind a number that it is not sure of
_DOUBT = "\ufffd"
_QUOTED = 5


def confirm_cells(
    edition: Edition, cells: Sequence[CellReading], issues: Sequence[Issue]
) -> tuple[tuple[CellReading, ...], tuple[Issue, ...]]:
    """The same cells, method `ocr`, those that are not confirmed ambiguous; the issues with one more for their table.

    Confirmed is a number that stands in at least one hard balance of the edition, and all of whose balances hold, every
    operand a number: a blank is no 0 here. One that the recognition doubts must also be the only such operand of one of
    its balances, which then leaves no other number; so one doubt after another may be settled. In a table that the form
    gives no balance at all, what was recognised without doubt is enough. A number that does not stand in a cell of a
    ruled table is never confirmed.
    """
    balances = list(_list_balances(edition, cells))
    certain = {c.code: c.value for c in cells if c.value is not None and _is_plain(c, c.raw)}
    settled = _settle_doubts(balances, certain, cells)
    values = certain | settled
    covered = {code for place in balances for code in _operands(place)}
    failing = {code for place in balances if not _holds(place, values) for code in _operands(place)}
    confirmed = values.keys() & (covered - failing | _list_unsummed(edition))
    refused = [c for c in cells if (c.value is not None or c.code in settled) and c.code not in confirmed]
    places = {cell.locator for cell in cells if cell.code in settled}
    kept = (i for i in issues if i.code is not IssueCode.VALUE_ILLEGIBLE or i.locator not in places)
    read = (_settle(cell, values.get(cell.code) if cell.code in confirmed else None) for cell in cells)
    return tuple(read), (*kept, *_report_refused(edition, refused))


def _settle_doubts(
    balances: Sequence[Place], certain: Mapping[str, Decimal], cells: Iterable[CellReading]
) -> dict[str, Decimal]:
    """The numbers in doubt with which all their balances hold, and one of them when no other of its numbers is open."""
    doubtful = {c.code: value for c in cells if (value := _read_doubtful(c)) is not None}
    values = {**certain, **doubtful}
    failing = {code for place in balances if not _holds(place, values) for code in _operands(place)}
    open_codes, found = set(doubtful), set(doubtful)
    while found:
        named = ([code for code in _operands(place) if code in open_codes] for place in balances)
        found = {codes[0] for codes in named if len(codes) == 1} - failing
        open_codes -= found
    return {code: value for code, value in doubtful.items() if code not in open_codes}


def _read_doubtful(cell: CellReading) -> Decimal | None:
    """The number before the mark of doubt in a table's cell."""
    if cell.state is not CellState.ILLEGIBLE or not cell.raw.endswith(_DOUBT):
        return None
    raw = cell.raw.removesuffix(_DOUBT)
    printed = parse_value(raw) if _is_plain(cell, raw) else None
    return printed.value if printed else None


def _is_plain(cell: CellReading, raw: str) -> bool:
    """Whether a table's cell prints nothing but a number; beside words, recognition has not looked at it twice."""
    return cell.method == _FROM_CELL and _NUMBER.fullmatch(raw) is not None


def _operands(place: Place) -> tuple[str, ...]:
    return place.left + place.right


def _list_balances(edition: Edition, cells: Iterable[CellReading]) -> Iterator[Place]:
    """The balances over the rows this document prints, of rows that say the same twice only one."""
    codes = {cell.code for cell in cells} - set(_find_repeated(edition, cells))
    return keep_operands(list_hard_places(edition.code, "balance"), codes)


def _find_repeated(edition: Edition, cells: Iterable[CellReading]) -> Iterator[str]:
    """Of a row and the rows it stands for: the cells of the one row, or where these are not printed, theirs."""
    printed = {cell.code for cell in cells if cell.state is not CellState.ABSENT}
    for table in edition.tables:
        for row in table.rows:
            for column in row.columns if row.stands_for else ():
                parts = [f"{table.code}.{part}.{column}" for part in row.stands_for]
                yield from [f"{table.code}.{row.code}.{column}"] if printed.intersection(parts) else parts


def _holds(place: Place, values: Mapping[str, Decimal]) -> bool:
    """Whether every operand is a number and both sides are equal."""
    left, right = ([values.get(code) for code in side] for side in (place.left, place.right))
    if None in left or None in right:
        return False
    return sum(v for v in left if v is not None) == sum(v for v in right if v is not None)


def _list_unsummed(edition: Edition) -> frozenset[str]:
    """The cells of the tables of which none stands in any balance."""
    places = (place for rule in rules_of(edition.code) if rule.kind == "balance" for place in rule.places)
    summed = {code.partition(".")[0] for place in places for code in place.left}
    tables = (table for table in edition.tables if table.code not in summed)
    return frozenset(cell.code for table in tables for row in table.rows for cell in table.row_cells(row))


def _settle(cell: CellReading, confirmed: Decimal | None) -> CellReading:
    if confirmed is not None:
        return replace(cell, value=confirmed, state=CellState.REPORTED, method=_METHOD)
    if cell.value is not None:
        return replace(cell, value=None, state=CellState.AMBIGUOUS, method=_METHOD)
    return cell if cell.state is CellState.ABSENT else replace(cell, method=_METHOD)


def _report_refused(edition: Edition, refused: Sequence[CellReading]) -> Iterator[Issue]:
    for table in edition.tables:
        own = [cell for cell in refused if cell.code.startswith(f"{table.code}.")]
        if own:
            named = ", ".join(f"{cell.code} ({cell.raw})" for cell in own[:_QUOTED])
            more = f" and {len(own) - _QUOTED} more" if len(own) > _QUOTED else ""
            message = f"{table.code}: recognised, and confirmed by no sum that holds: {named}{more}"
            yield Issue(IssueCode.OCR_UNCONFIRMED, message, own[0].locator)
