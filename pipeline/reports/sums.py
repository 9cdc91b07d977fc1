"""Rows that only the form's own sums can settle: numbers printed without separators, and values torn from their labels.

Belongs here: proposing readings for such rows and keeping what the sums of rows and columns leave as the only one.
Every balance that can be assessed must hold, or nothing is settled. Does not belong here: rows that need no such help.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from pipeline.contract.editions import FormTable
from pipeline.contract.identities import Place, rules_of
from pipeline.documents.model import Locator
from pipeline.issues import Issue, IssueCode
from pipeline.reports.glued import Numbers, agreed_numbers, choose_ways, cut_digits
from pipeline.reports.labels import SUM_COLUMN, LabelMatch
from pipeline.reports.model import CellReading, CellState
from pipeline.reports.normalise import squeeze
from pipeline.reports.rows import RowReading, RowState, placed_cells
from pipeline.reports.values import PrintedValue
from pipeline.reports.vectors import Token, Vector


def settle_rows(
    table: FormTable, edition_code: str, readings: Sequence[RowReading], unlabelled: Mapping[int, Sequence[Vector]]
) -> list[RowReading]:
    """The rows with what the sums could settle; one settled by an unlabelled vector has that as its vector.

    unlabelled: row index → the vectors without a label of their own that stand where rows from there on are missing.
    """
    limits = hard_places(table, edition_code, "at_most")
    glued = {
        i: cuts for i, r in enumerate(readings) if r.state is RowState.UNPLACED and (cuts := _ways(table, r, limits))
    }
    torn = {i: (vector, numbers) for i, vector in _torn_rows(readings, unlabelled) if (numbers := _numbers(vector))}
    balances = list_balances(table, edition_code, readings)
    if not balances:
        return [_settle_zeros(table, r, glued.get(i, ())) for i, r in enumerate(readings)]
    ways: dict[int, Sequence[Numbers]] = {i: cuts for i, cuts in glued.items() if i not in torn}
    ways.update({i: [numbers] for i, (_, numbers) in torn.items()})
    columns = {i: [code for code, _ in table.row_places(readings[i].row)] for i in ways}
    fixed = dict(_whole_numbers(r for i, r in enumerate(readings) if i not in ways))
    known = fixed.keys() | {code for codes in columns.values() for code in codes}
    assessable = [place for place in balances if known.issuperset(place.left + place.right)]
    uncovered = _find_uncovered(columns, assessable)
    settled = [_settle_zeros(table, r, glued.get(i, ())) if i in uncovered else r for i, r in enumerate(readings)]
    ways = {i: cuts for i, cuts in ways.items() if i not in uncovered}
    open_codes = {code for i in uncovered for code in columns.pop(i)}
    assessable = [place for place in assessable if open_codes.isdisjoint(place.left + place.right)]
    if not ways or uncovered & torn.keys() or _find_uncovered(columns, assessable):
        return settled
    solutions = choose_ways(fixed, ways, columns, assessable)
    if not solutions:
        return settled
    for index in ways:
        agreed = [n for n in agreed_numbers(solutions, index) if n is not None]
        if index in torn:
            settled[index] = _settle_torn(table, readings[index], torn[index][0])
        elif len(agreed) == len(columns[index]):
            settled[index] = _settle_glued(table, readings[index], tuple(agreed))
    return settled


def _find_uncovered(columns: Mapping[int, Sequence[str]], places: Sequence[Place]) -> frozenset[int]:
    """The rows of which some number stands in no sum with other rows; the sum of its own row is not enough."""
    covered: set[str] = set()
    for place in places:
        codes = place.left + place.right
        if len({code.rpartition(".")[0] for code in codes}) > 1:
            covered.update(codes)
    return frozenset(row for row, codes in columns.items() if not covered.issuperset(codes))


def digit_runs(vector: Vector) -> list[str]:
    """The values of a vector as runs of digits; empty when one of them is anything else, or stands in a table."""
    runs = [squeeze(token.raw) for token in vector.values]
    return runs if vector.grid < 0 and all(run.isascii() and run.isdigit() for run in runs) else []


def cut_tokens(vector: Vector, numbers: Numbers) -> tuple[Token, ...]:
    """One token per number, each with its own characters and place, from a vector whose digits were run together."""
    places = [(token, offset) for token in vector.values for offset, c in enumerate(token.raw) if not c.isspace()]
    tokens, position = [], 0
    for number in numbers:
        digits = str(number)
        token, offset = places[position]
        place = _part(token.locator, offset, len(digits))
        tokens.append(Token(digits, PrintedValue(CellState.REPORTED, Decimal(number)), place, token.item))
        position += len(digits)
    return tuple(tokens)


def _part(locator: Locator, offset: int, length: int) -> Locator:
    start = (locator.start or 1) + offset
    return locator._replace(start=start, end=start + length - 1)


def _ways(table: FormTable, reading: RowReading, limits: Sequence[Place]) -> list[Numbers]:
    """The ways to cut an unplaced row; a row of the table's full width ends in its own sum.

    limits: places where the left must not exceed the right; those within the row rule out ways.
    """
    runs = digit_runs(reading.vector) if reading.vector else []
    width = len(reading.row.columns)
    if not runs or len(runs) >= width:
        return []
    ways = cut_digits(runs, [width], ends_in_sum=reading.row.columns[-1] == SUM_COLUMN)
    codes = [code for code, _ in table.row_places(reading.row)]
    own = [place for place in limits if set(place.left + place.right) <= set(codes)]
    return [way for way in ways if all(_is_within(place, dict(zip(codes, way, strict=True))) for place in own)]


def _is_within(place: Place, numbers: Mapping[str, int]) -> bool:
    return sum(numbers[code] for code in place.left) <= sum(numbers[code] for code in place.right)


def _torn_rows(readings: Sequence[RowReading], unlabelled: Mapping[int, Sequence[Vector]]) -> list[tuple[int, Vector]]:
    """Rows without values paired with the vectors without labels, gap by gap, where there are equally many of both."""
    pairs: list[tuple[int, Vector]] = []
    for first, vectors in unlabelled.items():
        gap = []
        for index in range(first, len(readings)):
            if readings[index].state is RowState.PLACED:
                break
            if not readings[index].row.is_optional:
                gap.append(index)
        if len(gap) == len(vectors):
            pairs.extend(zip(gap, vectors, strict=True))
    return pairs


def _numbers(vector: Vector) -> Numbers:
    values = [token.printed.value for token in vector.values]
    whole = [int(v) for v in values if v is not None and v == v.to_integral_value()]
    return tuple(whole) if len(whole) == len(values) else ()


def _whole_numbers(readings: Iterable[RowReading]) -> Iterator[tuple[str, int]]:
    for reading in readings:
        for cell in reading.cells:
            if cell.value is not None and cell.value == cell.value.to_integral_value():
                yield cell.code, int(cell.value)


def list_balances(table: FormTable, edition_code: str, readings: Sequence[RowReading]) -> list[Place]:
    """The balances within this table, over the rows this document should have: optional ones only where printed."""
    own = {code for r in readings if r.cells for code, _ in table.row_places(r.row)}
    return list(keep_operands(hard_places(table, edition_code, "balance"), own))


def keep_operands(places: Iterable[Place], codes: Container[str]) -> Iterator[Place]:
    """The places with these operands alone, without those that then have a side with none."""
    for place in places:
        left, right = (tuple(code for code in side if code in codes) for side in (place.left, place.right))
        if left and right:
            yield Place(place.name, left, right)


def hard_places(table: FormTable, edition_code: str, kind: str) -> list[Place]:
    """The places of all hard rules of a kind that are within this table."""
    places = list_hard_places(edition_code, kind)
    return [p for p in places if all(code.startswith(f"{table.code}.") for code in p.left + p.right)]


def list_hard_places(edition_code: str, kind: str) -> list[Place]:
    """The places of all hard rules of a kind; what is only expected may never settle a reading."""
    rules = [rule for rule in rules_of(edition_code) if rule.kind == kind and rule.severity == "hard"]
    return [place for rule in rules for place in rule.places]


def _settle_zeros(table: FormTable, reading: RowReading, cuts: Sequence[Numbers]) -> RowReading:
    """Without sums only a run of as many zeros as there are columns has one reading: no other number begins with 0."""
    zeros = (0,) * len(reading.row.columns)
    return _settle_glued(table, reading, zeros) if zeros in cuts else reading


def _settle_glued(table: FormTable, reading: RowReading, numbers: Numbers) -> RowReading:
    if reading.vector is None or reading.match is None:
        return reading
    tokens = cut_tokens(reading.vector, numbers)
    cells = placed_cells(table, reading.row, tokens, reading.match, reading.vector)
    issues = tuple(issue for issue in reading.issues if issue.code is not IssueCode.ROW_WIDTH)
    return replace(reading, state=RowState.PLACED, cells=_by_sums(cells), issues=issues)


def _settle_torn(table: FormTable, reading: RowReading, vector: Vector) -> RowReading:
    cells = placed_cells(table, reading.row, vector.values, LabelMatch("", 0), vector)
    message = f"{reading.row.code}: printed without its label; placed by its position, and all sums of the table hold"
    issue = Issue(IssueCode.LABEL_MISSING, message, str(vector.values[0].locator))
    return RowReading(reading.row, RowState.PLACED, _by_sums(cells), vector, LabelMatch("", 0), (issue,))


def _by_sums(cells: Sequence[CellReading]) -> tuple[CellReading, ...]:
    return tuple(replace(cell, method="sums") for cell in cells)
