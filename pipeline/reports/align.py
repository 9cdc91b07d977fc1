"""Aligning labelled vectors with a table's rows in printed order.

Belongs here: deciding which vector is which row. A vector is never taken for a row its label does not name; labels
with errors count only in the form's order; what fits nowhere is left over and reported. Does not belong here: values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.reports.labels import LabelMatch, RowLabels
from pipeline.reports.normalise import compact_label
from pipeline.reports.vectors import Vector

_EXACT_SCORE = 100
_ERROR_COST = 12
# Shorter labels are also ends of others, and only their place tells which row they are
_LEAST_DISPLACED = 4


@dataclass(frozen=True, slots=True)
class Alignment:
    """rows: row index → (vector index, label match). leftover: vectors of the table that no row took, in order.

    repeated: row index → the leftover vectors that name the same row exactly. undecided: rows whose vector bears
    a label of several rows, where the order does not tell which of them it is.
    """

    rows: Mapping[int, tuple[int, LabelMatch]]
    leftover: tuple[int, ...]
    repeated: Mapping[int, tuple[int, ...]]
    undecided: frozenset[int] = frozenset()


def align_rows(vectors: Sequence[Vector], labels: RowLabels, row_count: int) -> Alignment:
    """The best order-keeping assignment of vectors to rows."""
    exact = [labels.match_exactly(v.label) for v in vectors]
    candidates: dict[tuple[int, int], LabelMatch] = {
        (i, row): found[1] for i, found in enumerate(exact) if found is not None for row in found[0]
    }
    taken = {row for _, row in candidates}
    for i, vector in enumerate(vectors):
        if exact[i] is None and vector.label:
            following = vectors[i + 1].label if i + 1 < len(vectors) else ""
            loose = labels.match_loosely(vector.label, following, (r for r in range(row_count) if r not in taken))
            candidates |= {(i, row): match for row, match in loose.items()}
    best = _best_scores(candidates, len(vectors), row_count)
    chosen = _best_chain(candidates, best)
    undecided = _find_undecided(candidates, best, chosen, exact)
    _add_displaced(chosen, vectors, exact)
    used = {i for i, _ in chosen.values()}
    repeated: dict[int, list[int]] = {}
    for i, found in enumerate(exact):
        for row in found[0] if found is not None and i not in used else ():
            repeated.setdefault(row, []).append(i)
    return Alignment(
        rows=chosen,
        leftover=tuple(i for i in range(len(vectors)) if i not in used),
        repeated={row: tuple(indexes) for row, indexes in repeated.items()},
        undecided=undecided,
    )


def _add_displaced(
    chosen: dict[int, tuple[int, LabelMatch]],
    vectors: Sequence[Vector],
    exact: Sequence[tuple[tuple[int, ...], LabelMatch] | None],
) -> None:
    """Rows printed out of order: a label that is printed once, whole, and names one row that nothing else took."""
    used = {i for i, _ in chosen.values()}
    printed = Counter(row for found in exact if found for row in found[0])
    for i, found in enumerate(exact):
        if found is None or i in used or len(found[0]) > 1:
            continue
        (row,) = found[0]
        if row in chosen or printed[row] > 1:
            continue
        # A short label is also the end of others; it counts only when nothing else stands before the values
        is_whole = len(found[1].label) >= _LEAST_DISPLACED or compact_label(vectors[i].label) == found[1].label
        if is_whole and vectors[i].values:
            chosen[row] = (i, found[1])


def _best_scores(
    candidates: Mapping[tuple[int, int], LabelMatch], vector_count: int, row_count: int
) -> list[list[int]]:
    """The highest score that vectors from i on and rows from r on can reach: a weighted longest common subsequence."""
    rows_of = _rows_of(candidates)
    scores = [0] * (row_count + 1)
    best = [scores]
    for i in range(vector_count - 1, -1, -1):
        following, rows = scores, rows_of.get(i, ())
        # A vector without candidates changes nothing: then one list serves several vectors
        scores = following.copy() if rows else following
        for row in reversed(rows):
            reached = following[row + 1] + _score(candidates[i, row])
            # Scores never grow from row to row, so the first that is as high ends the search
            at = row
            while at >= 0 and scores[at] < reached:
                scores[at] = reached
                at -= 1
        best.append(scores)
    best.reverse()
    return best


def _rows_of(candidates: Mapping[tuple[int, int], LabelMatch]) -> dict[int, list[int]]:
    """Vector index → the rows that it may be, in order."""
    found: dict[int, list[int]] = {}
    for i, row in sorted(candidates):
        found.setdefault(i, []).append(row)
    return found


def _find_undecided(
    candidates: Mapping[tuple[int, int], LabelMatch],
    best: Sequence[Sequence[int]],
    chosen: Mapping[int, tuple[int, LabelMatch]],
    exact: Sequence[tuple[tuple[int, ...], LabelMatch] | None],
) -> frozenset[int]:
    """The chosen rows whose vector could as well be another row of the same label in a chain of the same score."""
    shared = {i: found[0] for i, found in enumerate(exact) if found and len(found[0]) > 1}
    if not shared:
        return frozenset()
    before = _scores_before(candidates, len(best) - 1, len(best[0]) - 1)

    def is_possible(i: int, row: int) -> bool:
        return before[i][row] + _score(candidates[i, row]) + best[i + 1][row + 1] == best[0][0]

    return frozenset(
        row
        for row, (i, _) in chosen.items()
        if any(is_possible(i, other) for other in shared.get(i, ()) if other != row)
    )


def _scores_before(
    candidates: Mapping[tuple[int, int], LabelMatch], vector_count: int, row_count: int
) -> list[list[int]]:
    """The highest score that the vectors before i and the rows before r can reach."""
    rows_of = _rows_of(candidates)
    scores = [0] * (row_count + 1)
    before = [scores]
    for i in range(vector_count):
        earlier, rows = scores, rows_of.get(i, ())
        scores = earlier.copy() if rows else earlier
        for row in rows:
            reached = earlier[row] + _score(candidates[i, row])
            at = row + 1
            while at <= row_count and scores[at] < reached:
                scores[at] = reached
                at += 1
        before.append(scores)
    return before


def _best_chain(
    candidates: Mapping[tuple[int, int], LabelMatch], best: Sequence[Sequence[int]]
) -> dict[int, tuple[int, LabelMatch]]:
    """The order-keeping set of candidates of the highest score."""
    vector_count, row_count = len(best) - 1, len(best[0]) - 1
    chosen: dict[int, tuple[int, LabelMatch]] = {}
    i = row = 0
    while i < vector_count and row < row_count:
        match = candidates.get((i, row))
        if match and best[i][row] == best[i + 1][row + 1] + _score(match):
            chosen[row] = (i, match)
            i, row = i + 1, row + 1
        elif best[i][row] == best[i + 1][row]:
            i += 1
        else:
            row += 1
    return chosen


def _score(match: LabelMatch) -> int:
    return _EXACT_SCORE + len(match.label) - match.distance * _ERROR_COST
