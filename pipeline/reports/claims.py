"""What a report's sentences claim: numbers of requests, proceedings, fees and publications, each with its place.

Belongs here: finding the facts of contract/claims.yml in section texts. A number is taken only from the clause that
names its fact, only for the report year, and only in the forms that claims.yml spells out. Does not belong here:
whether a claim agrees with the tables, or personal data in sentences, which facts/ masks before anything is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pipeline.contract.claims import ClaimFact, load_claim_facts
from pipeline.reports.claims_numbers import parse_numeral
from pipeline.reports.claims_patterns import Finder, Finders, Hit, load_finders
from pipeline.reports.claims_subject import is_of_organ
from pipeline.reports.claims_text import Sentence, is_split_number, read_sentences, split_clauses
from pipeline.reports.model import Claim, Section

# Facts that may have a fraction; all others are counts
_MONEY_ENDING = "_yuan"


@dataclass(frozen=True, slots=True)
class _Report:
    """What a claim is checked against: the report's year, None for unknown, and the name of its organ."""

    year: int | None
    agency: str


def read_claims(sections: Sequence[Section], report_year: int | None, agency: str = "") -> tuple[Claim, ...]:
    """Every claim of the sections, in order of sections and places; a fact at most once a sentence, its first number.

    agency is the reporting organ's name: a number that a sentence gives as another's is no claim of the report. Never
    raises for bad content. Where report_year is None, no year named in a sentence can be checked.
    """
    claims: list[Claim] = []
    report = _Report(report_year, agency)
    for section in sections:
        found = [c for sentence in read_sentences(section.body) for c in _read(sentence, section, report)]
        claims += sorted(found, key=lambda claim: claim.start)
    return tuple(claims)


def _read(sentence: Sentence, section: Section, report: _Report) -> Iterator[Claim]:
    finders = load_finders()
    if not finders.gate.search(sentence.text):
        return
    words = [word for word in finders.by_word if word in sentence.text]
    candidates = dict.fromkeys(f for word in words for f in finders.by_word[word] if section.code in f.fact.sections)
    clauses = list(_clauses_with_numbers(sentence.text, finders)) if candidates else []
    for finder in candidates:
        hit = next(_find(finder, sentence, section, clauses, report), None)
        claim = _claim(finder.fact, sentence, section, hit) if hit else None
        if hit is None or claim is None:
            continue
        yield claim
        share = finders.share.match(sentence.text, hit.end) if finder.share else None
        if share:
            start, end = sentence.locate(*share.span("share"))
            yield replace(
                claim,
                fact_code=finder.share,
                value=Decimal(share["share"]),
                unit=load_claim_facts()[finder.share].units[0],
                is_approximate=False,
                start=start,
                end=end,
            )


def _clauses_with_numbers(text: str, finders: Finders) -> Iterator[tuple[int, str]]:
    """Where a clause begins, and the clause, of those that may state a fact."""
    for start, end in split_clauses(text):
        if not finders.gate.search(text, start, end):
            continue
        clause = text[start:end]
        if not (finders.unless.search(clause) or finders.unless_lead.search(text[:start])):
            yield start, clause


def _find(
    finder: Finder,
    sentence: Sentence,
    section: Section,
    clauses: Sequence[tuple[int, str]],
    report: _Report,
) -> Iterator[Hit]:
    for start, clause in clauses:
        if not finder.may_be_in(clause):
            continue
        for pattern in finder.patterns:
            match = pattern.search(clause)
            hit = Hit(match, start) if match else None
            if (
                hit
                and _is_of_year(hit, sentence, report.year)
                and _is_said(finder, hit, sentence, section)
                and _is_own(hit, sentence, report)
            ):
                yield hit


def _is_own(hit: Hit, sentence: Sentence, report: _Report) -> bool:
    """Whether the number is the reporting organ's, by the subjects named before it."""
    before = [
        sentence.text[start : min(end, hit.start)] for start, end in split_clauses(sentence.text) if start < hit.start
    ]
    return is_of_organ(before, report.agency)


def _is_of_year(hit: Hit, sentence: Sentence, report_year: int | None) -> bool:
    """Whether the last year named before the number is the report year, and the one carried to is the next."""
    if report_year is None:
        return True
    groups = hit.match.groupdict()
    following = groups.get("following")
    if following and int(following) != report_year + 1:
        return False
    end = hit.offset + hit.match.start("following") if following else hit.start
    years = load_finders().year.findall(sentence.text, 0, end)
    return not years or int(years[-1]) == report_year


def _is_said(finder: Finder, hit: Hit, sentence: Sentence, section: Section) -> bool:
    """Whether what the fact needs around its number is said, and nothing that makes it another fact."""
    text = sentence.text[: hit.end]
    if finder.unless_before and finder.unless_before.search(text):
        return False
    # The heading is the context of a whole section; the stop keeps its words apart from the sentence's
    context = f"{section.heading};{text}"
    if finder.needs and not finder.needs.search(context):
        return False
    return not finder.needs_near or finder.needs_near.search(f"{sentence.before};{context}") is not None


def _claim(fact: ClaimFact, sentence: Sentence, section: Section, hit: Hit) -> Claim | None:
    groups = hit.match.groupdict()
    start, end = sentence.locate(hit.start, hit.end_of_number)
    value: Decimal | None = Decimal(0)
    if "zero" not in groups:
        printed = sentence.text[hit.start : hit.end_of_number]
        value = None if is_split_number(sentence.body[start:end]) else _whole(parse_numeral(printed), fact)
        if value is None and not printed[0].isdecimal():
            # Characters that make no number may be no numeral at all, but words
            return None
    text = sentence.body[sentence.start : sentence.end]
    return Claim(
        fact_code=fact.code,
        value=value,
        unit=hit.unit or fact.units[0],
        is_approximate=any(groups.get(name) for name in ("about", "more", "bound")),
        section_code=section.code,
        sentence=text.strip(),
        sentence_start=sentence.end - len(text.lstrip()),
        start=start,
        end=end,
    )


def _whole(value: Decimal | None, fact: ClaimFact) -> Decimal | None:
    if value is None or fact.code.endswith(_MONEY_ENDING):
        return value
    return value if value == value.to_integral_value() else None
