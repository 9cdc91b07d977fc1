"""The patterns of contract/claims.yml, compiled once, with the form that a number has in a sentence.

Belongs here: typed access to that file for reading. Does not belong here: any decision made with it (claims.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.contract.claims import ClaimFact, load_claim_facts, load_claims_file

_NUMBER = "{number}"


@dataclass(frozen=True, slots=True, eq=False)
class Finder:
    """The patterns of one fact, compiled; share is the code of the fact that states this one's share, '' for none."""

    fact: ClaimFact
    patterns: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None
    needs: re.Pattern[str] | None
    needs_near: re.Pattern[str] | None
    unless_before: re.Pattern[str] | None
    share: str

    def may_be_in(self, clause: str) -> bool:
        """Whether the clause has one of the fact's words and nothing that rules this fact out."""
        if not any(word in clause for word in self.fact.words):
            return False
        return self.unless is None or self.unless.search(clause) is None


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found in a clause that begins at offset; places count from the beginning of the sentence."""

    match: re.Match[str]
    offset: int

    @property
    def start(self) -> int:
        """Where the number begins, or the words that say none."""
        return self.offset + self.match.start(self._group)

    @property
    def end_of_number(self) -> int:
        """Where it ends, the unit left out."""
        return self.offset + self.match.end(self._group)

    @property
    def end(self) -> int:
        """Where everything that was found ends."""
        return self.offset + self.match.end()

    @property
    def unit(self) -> str:
        """The unit as printed; '' for none in words."""
        return self.match.groupdict().get("unit") or ""

    @property
    def _group(self) -> str:
        return "zero" if "zero" in self.match.re.groupindex else "number"


@dataclass(frozen=True, slots=True)
class Finders:
    """Every fact's finder under each of its words.

    Without what gate finds, a text states no number and no zero; with what unless finds, a clause states no fact,
    nor behind what unless_lead finds.
    """

    gate: re.Pattern[str]
    unless: re.Pattern[str]
    unless_lead: re.Pattern[str]
    by_word: Mapping[str, Sequence[Finder]]
    year: re.Pattern[str]
    share: re.Pattern[str]


@cache
def load_finders() -> Finders:
    """The compiled patterns; a broken pattern raises re.error at the first use."""
    raw, facts = load_claims_file(), load_claim_facts()
    shares = {fact.share_of: fact.code for fact in facts.values() if fact.share_of}
    by_word: dict[str, list[Finder]] = defaultdict(list)
    for fact in facts.values():
        finder = _compile(fact, shares.get(fact.code, ""), raw)
        for word in fact.words:
            by_word[word].append(finder)
    gate, unless = re.compile(_gate_pattern(facts.values(), raw)), re.compile(raw["unless"])
    lead = re.compile(raw["unless_lead"])
    return Finders(gate, unless, lead, by_word, re.compile(raw["year"]), re.compile(raw["share"]))


def _compile(fact: ClaimFact, share: str, raw: Mapping[str, Any]) -> Finder:
    number = _number_pattern(fact, raw)
    return Finder(
        fact=fact,
        patterns=tuple(re.compile(pattern.replace(_NUMBER, number)) for pattern in (*fact.patterns, *fact.zeros)),
        unless=_optional(fact.unless),
        needs=_optional(fact.needs),
        needs_near=_optional(fact.needs_near),
        unless_before=_optional(fact.unless_before),
        share=share,
    )


def _optional(pattern: str) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None


def _number_pattern(fact: ClaimFact, raw: Mapping[str, Any]) -> str:
    """A whole numeral right before one of the fact's units, with what makes it approximate."""
    words, near = raw["chinese"], raw["approximate"]
    places = "".join([words["digits"], *words["tens"], *words["same"]])
    multiplier = "".join(words["multipliers"])
    # A numeral of characters begins with a digit or a ten; larger units alone are vague
    first = "".join([words["digits"], next(iter(words["tens"])), *words["same"]])
    numeral = rf"\d[\d,\uff0c.]*[{multiplier}]?|(?<![{raw['not_before_number']}])[{first}][{places}{multiplier}]*"
    return (
        rf"(?<![\d.,\uff0c{places}{multiplier}])(?<!{raw['not_before_number'][0]})"
        rf"(?P<about>{_any_of(near['before'])})?(?P<number>{numeral})(?P<more>{_any_of(near['after'])})?"
        rf"(?P<unit>{_any_of(fact.units)})(?![{raw['not_behind_unit']}])(?P<bound>{_any_of(near['behind_unit'])})?"
    )


def _gate_pattern(facts: Iterable[ClaimFact], raw: Mapping[str, Any]) -> str:
    words = raw["chinese"]
    numerals = "".join([words["digits"], *words["tens"], *words["same"], *words["multipliers"]])
    units = _any_of(sorted({unit for fact in facts for unit in fact.units}))
    return rf"[\d{numerals}](?:{_any_of(raw['approximate']['after'])})?(?:{units})|{raw['none']}"


def _any_of(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
