"""Places in printed names: which divisions a name or a text can mean, and how divisions hang together over time.

Belongs here: exact look-ups in the gazetteer, what is above a division (then and now), what came before and after it,
and the code by which it stays itself. Does not belong here: organs, or the choice between candidates (resolve.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from pipeline.contract.divisions import Division, Gazetteer, load_gazetteer, stem_of

# Annual reports exist since report year 2008: divisions that ended before, and their codes, can't be meant
_FIRST_REPORT_YEAR = 2008
_SHORTEST_NAME = 2
# In running text a name of two characters (城区) is mostly a word
_SHORTEST_IN_TEXT = 3
_TOWNSHIP = "township"
# The tables print brackets in full width, normalised names have them in half width
_FULL_WIDTH, _HALF_WIDTH = str.maketrans("()", "（）"), str.maketrans("（）", "()")


@dataclass(frozen=True, slots=True)
class Chain:
    """Place names printed one after another, from the highest: where they end, and the divisions the last can mean.

    is_full: False when a name is printed without its suffix (洛阳 for 洛阳市). divisions are below every place named
    before; () is the empty chain before a name without a place.
    """

    names: tuple[str, ...]
    end: int
    divisions: tuple[Division, ...]
    is_full: bool


class Places:
    """Look-ups over one gazetteer, remembered: the same counties are asked for again and again."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._found: dict[str, tuple[tuple[Division, ...], bool]] = {}
        self._above: dict[Division, tuple[Division, ...]] = {}
        self._names_above: dict[tuple[str, int | None], frozenset[str]] = {}
        self._related: dict[str, frozenset[str]] = {}
        self._anchors: dict[Division, str] = {}

    def find(self, text: str) -> tuple[tuple[Division, ...], bool]:
        """The divisions that exactly this text can name, and whether it is their whole name.

        A stem (洛阳) or a name without its peoples (恩施州) is looked for above townships only, and only when nothing
        has the whole name.
        """
        known = self._found.get(text)
        if known is None:
            known = self._look_up(text)
            if known[0]:  # most pieces of text name nothing: remembering them all would cost more than it saves
                self._found[text] = known
        return known

    def chains(self, text: str, start: int = 0, before: Chain | None = None) -> Iterator[Chain]:
        """Every way to read place names at the beginning of a text, each further name below the ones before it."""
        for end in range(self._last_end(text, start), start + _SHORTEST_NAME - 1, -1):
            divisions, is_full = self.find(text[start:end])
            if before is not None:
                divisions = self._below(divisions, before)
            if not divisions:
                continue
            names = (*(before.names if before else ()), text[start:end])
            chain = Chain(names, end, divisions, is_full and (before is None or before.is_full))
            yield chain
            if any(division.level != _TOWNSHIP for division in divisions):
                yield from self.chains(text, end, chain)

    def find_in_text(self, text: str) -> list[tuple[Division, ...]]:
        """The counties and higher divisions that a running text names in full, each with what its name can mean."""
        found: list[tuple[Division, ...]] = []
        end = 0
        for start in range(len(text)):
            # Most places in a text begin like no name at all
            lengths = self._higher_lengths.get(text[start : start + _SHORTEST_NAME])
            if lengths is None or start < end:
                continue
            best = self._find_full_chain(text, start, lengths)
            if best is None:
                continue
            if best.divisions not in found:
                found.append(best.divisions)
            end = best.end
        return found

    def towns_by_stem(self, stem: str, within: Chain) -> tuple[Division, ...]:
        """Towns of this stem below a place."""
        towns = (d for d in self._gazetteer.by_stem(stem) if d.level == _TOWNSHIP)
        return self._below(towns, within)

    def names_parent(self, division: Division, chain: Chain) -> bool:
        """Whether a chain names what is, or was, directly above a division; a town may hang under a prefecture."""
        parents = {division.parent_code, *self._before(division.parent_code)}
        known = {name for code in parents for h in self._gazetteer.all_of_code(code) for name in _short_names(h.name)}
        return any(name in known for name in chain.names)

    def above(self, division: Division) -> tuple[Division, ...]:
        """The divisions above one, province first, as they were in its last year."""
        if division not in self._above:
            chain: list[Division] = []
            parent = self._gazetteer.holder_in(division.parent_code, division.valid_to)
            while parent is not None:
                chain.append(parent)
                parent = self._gazetteer.holder_in(parent.parent_code, division.valid_to)
            self._above[division] = tuple(reversed(chain))
        return self._above[division]

    def names_above(self, division: Division) -> frozenset[str]:
        """Names, short ones too, of all that is or was above a division: a town of 孟津区 is also one of 孟津县."""
        key = division.parent_code, division.valid_to
        if key not in self._names_above:
            holders = [holder for code in self._codes_above(division) for holder in self._gazetteer.all_of_code(code)]
            self._names_above[key] = frozenset(name for holder in holders for name in _short_names(holder.name))
        return self._names_above[key]

    def codes_within(self, division: Division) -> frozenset[str]:
        """Its own code and the codes of everything it is or was in, with what these were called before."""
        return frozenset((division.code, *self._before(division.code), *self._codes_above(division)))

    def related(self, code: str) -> frozenset[str]:
        """A code with those of the divisions before and after it."""
        if code not in self._related:
            after, pending = {code}, [code]
            while pending:
                for holder in self._gazetteer.all_of_code(pending.pop()):
                    fresh = [c for c in holder.successor_codes if c not in after]
                    after.update(fresh)
                    pending += fresh
            self._related[code] = frozenset((*after, *self._before(code)))
        return self._related[code]

    def by_code(self, code: str) -> tuple[Division, ...]:
        """Holders of a code that a report can be about."""
        return tuple(filter(_is_recent, self._gazetteer.all_of_code(code)))

    def predecessors(self, division: Division) -> tuple[Division, ...]:
        """What a division was made of: the holders that ended the year before it began, or while it existed."""
        holders = (p for p in self._gazetteer.predecessors(division.code) if _is_recent(p) and p != division)
        return tuple(p for p in holders if p.valid_to is not None and _held_in(division, p.valid_to + 1))

    def successors(self, division: Division) -> tuple[Division, ...]:
        """What holds a division's place now: its successors and theirs; empty while it exists or when none is known."""
        final: list[Division] = []
        pending = [division]
        seen = {division}
        while pending:
            for after in self._next(pending.pop(0)):
                if after not in seen:
                    seen.add(after)
                    (final if after.valid_to is None else pending).append(after)
        return tuple(final)

    def anchor(self, division: Division) -> str:
        """The code by which a division stays itself: the oldest it had under its present name since reports exist.

        A code whose earlier holder had another name is given with the year of the change, so that the two stay apart.
        """
        if division not in self._anchors:
            self._anchors[division] = self._find_anchor(division)
        return self._anchors[division]

    def path_text(self, division: Division) -> str:
        """Names from the province down to the division, as in its last year, joined by spaces."""
        return " ".join(each.name for each in (*self.above(division), division))

    def place_text(self, division: Division) -> str:
        """The place as it stands before an organ's canonical name: without the province where a prefecture is named."""
        chain = (*self.above(division), division)
        is_below_prefecture = any(each.level == "prefecture" for each in chain)
        return "".join(each.name for each in chain if not (is_below_prefecture and each.level == "province"))

    def _last_end(self, text: str, start: int) -> int:
        """Where a name that begins here ends at the latest: most places in a text begin like no name at all."""
        return min(len(text), start + self._longest.get(text[start : start + _SHORTEST_NAME], 0))

    @cached_property
    def _longest(self) -> dict[str, int]:
        """The length of the longest name by its first characters; stems and short names begin like their names."""
        longest: dict[str, int] = {}
        for name in self._gazetteer.names():
            prefix = name[:_SHORTEST_NAME].translate(_HALF_WIDTH)
            if len(name) > longest.get(prefix, 0):
                longest[prefix] = len(name)
        return longest

    def _look_up(self, text: str) -> tuple[tuple[Division, ...], bool]:
        text = text.translate(_FULL_WIDTH)
        whole = tuple(filter(_is_recent, self._gazetteer.by_name(text)))
        if whole:
            return whole, True
        stem = text[:-1] if len(text) > _SHORTEST_NAME else ""
        short = [d for d in self._gazetteer.by_stem(stem) if d.name.endswith(text[-1])] if stem else []
        candidates = short or self._gazetteer.by_stem(text)
        return tuple(d for d in candidates if d.level != _TOWNSHIP and _is_recent(d)), bool(short)

    def _below(self, divisions: Iterable[Division], before: Chain) -> tuple[Division, ...]:
        return tuple(d for d in divisions if all(name in self.names_above(d) for name in before.names))

    @cached_property
    def _higher_lengths(self) -> dict[str, tuple[int, ...]]:
        """The lengths of names that running text can mean, longest first, by the first characters of a name."""
        lengths: dict[str, set[int]] = {}
        for name in self._gazetteer.names():
            if len(name) >= _SHORTEST_IN_TEXT and self._higher(name):
                lengths.setdefault(name[:_SHORTEST_NAME], set()).add(len(name))
        return {prefix: tuple(sorted(found, reverse=True)) for prefix, found in lengths.items()}

    def _higher(self, name: str) -> tuple[Division, ...]:
        """The counties and higher divisions of exactly this name that a report can be about."""
        return tuple(d for d in self._gazetteer.by_name(name) if d.level != _TOWNSHIP and _is_recent(d))

    def _find_full_chain(self, text: str, start: int, lengths: Iterable[int]) -> Chain | None:
        """The names in full that stand here one after another: of the longest first one, the most."""
        for length in lengths:
            name = text[start : start + length]
            higher = self._higher(name) if len(name) == length else ()
            if higher:
                first = Chain((name,), start + length, higher, True)
                further = [c for c in self.chains(text, first.end, first) if c.is_full]
                deepest = [c for c in further if all(d.level != _TOWNSHIP for d in c.divisions)]
                return max(deepest, key=lambda c: len(c.names), default=first)
        return None

    def _codes_above(self, division: Division) -> set[str]:
        codes: set[str] = set()
        pending = [*self.above(division)]
        while pending:
            each = pending.pop()
            if each.code not in codes:
                codes.add(each.code)
                earlier = [p for p in self._gazetteer.predecessors(each.code) if _is_recent(p)]
                pending += [*self.above(each), *earlier]
        return codes

    def _before(self, code: str) -> set[str]:
        before: set[str] = set()
        pending = [code]
        while pending:
            for each in self._gazetteer.predecessors(pending.pop()):
                if each.code not in before and _is_recent(each):
                    before.add(each.code)
                    pending.append(each.code)
        return before

    def _next(self, division: Division) -> tuple[Division, ...]:
        if division.valid_to is None:
            return ()
        year = division.valid_to + 1
        held = (self._gazetteer.holder_in(code, year) for code in division.successor_codes)
        return tuple(d for d in held if d is not None)

    def _find_anchor(self, division: Division) -> str:
        oldest = division
        while True:
            same = [p for p in self.predecessors(oldest) if p.name == oldest.name and p.code != oldest.code]
            if len(same) != 1 or len(same[0].successor_codes) != 1:
                break
            oldest = same[0]
        holders = self.by_code(oldest.code)
        is_first = not holders or all(h.name == oldest.name for h in holders[: holders.index(oldest)])
        return oldest.code if is_first else f"{oldest.code}-{oldest.valid_from}"


@cache
def load_places() -> Places:
    """Look-ups over the gazetteer of the contract."""
    return Places(load_gazetteer())


def _short_names(name: str) -> tuple[str, str, str]:
    """A division's name, its stem (恩施), and the stem with the last character of its suffix (恩施州)."""
    stem = stem_of(name)
    return name, stem, stem if stem == name else stem + name[-1]


def _is_recent(division: Division) -> bool:
    return division.valid_to is None or division.valid_to >= _FIRST_REPORT_YEAR - 1


def _held_in(division: Division, year: int) -> bool:
    return (division.valid_from or year) <= year <= (division.valid_to or year)
