"""Which agency a document is of: the printed name, and where that leaves several, the evidence beside it.

Belongs here: the order in which decisions, names and evidence count, and how sure the answer is. Does not belong here:
reading names (readings.py), places (regions.py), or identifiers (identity.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipeline.agencies.identity import Identity
from pipeline.agencies.model import Method, OrganEvidence, OrganMatch
from pipeline.agencies.names import normalise_name
from pipeline.agencies.organs import OrganVocabulary
from pipeline.agencies.outcome import match_identity, match_settled, match_unresolved
from pipeline.agencies.readings import Reading, find_renamed_towns, read_name
from pipeline.agencies.weighing import Finding, Resolver, exist_in_year, is_weak_kind, list_place_evidence, narrow
from pipeline.contract.divisions import Division

# A town is beyond doubt only within its county: inside a province 1,560 names of towns repeat
_NEAR_LEVELS = ("county", "township")
# Evidence that names whole organs: where a title names none, one of these does
_NAMING_KINDS = ("publisher", "source_name")


def resolve_organ(evidence: OrganEvidence, resolver: Resolver) -> OrganMatch:
    """The agency a document is of, or its candidates. Never raises for what a document says."""
    registry = resolver.registry
    corrected = registry.corrections.get(evidence.document_id)
    if corrected is not None:
        return match_settled(corrected, Method.CORRECTION, resolver)
    name = normalise_name(evidence.printed_name)
    settled = registry.by_name.get(name, ())
    if len(settled) == 1:
        return match_settled(settled[0], Method.REGISTRY, resolver)
    reading = read_name(name, resolver.places, resolver.organs) if name else None
    finding = _find(reading, evidence, resolver) if reading else Finding(())
    if not name:
        name, reading, finding = _find_by_publisher(evidence, resolver)
    if reading and finding.method is not Method.NONE:
        return match_identity(finding, name, reading, resolver)
    left = finding.identities or find_renamed_towns(name, resolver.places, resolver.organs)
    return match_unresolved(name, settled or left, reading, evidence, resolver)


def _find(reading: Reading, evidence: OrganEvidence, resolver: Resolver) -> Finding:
    year = evidence.report_year
    if not reading.identities:
        return _find_by_place(reading, evidence, resolver)
    if reading.identities[0].division is None:
        return Finding(reading.identities, Method.NAME)
    current, is_renamed = exist_in_year(reading.identities, year, resolver)
    if len(current) == 1:
        return _check_alone(current, reading, is_renamed, evidence, resolver)
    return _choose(current, reading, is_renamed, evidence, resolver)


def _choose(
    current: tuple[Identity, ...], reading: Reading, is_renamed: bool, evidence: OrganEvidence, resolver: Resolver
) -> Finding:
    """Several identities: evidence leaves out what it does not fit, and all strong evidence has to fit the one left."""
    chosen = Finding(current)
    for kind, groups in list_place_evidence(evidence, resolver):
        is_weak = is_weak_kind(kind)
        if is_weak and chosen.method is not Method.NONE:
            break
        kept, is_unclear = narrow(chosen.identities, groups, resolver.places)
        if not kept and not is_weak:
            # The site's owner has none of them: what the name means is then in no table
            return Finding(current)
        if len(kept) == 1 < len(chosen.identities):
            is_vague = is_unclear or not (reading.names_county or _is_near(groups))
            chosen = Finding(kept, Method(kind), is_renamed or is_weak or is_vague or not reading.is_exact)
        elif kept:
            chosen = replace(chosen, identities=kept)
    return chosen


def _check_alone(
    current: tuple[Identity, ...],
    reading: Reading,
    is_renamed: bool,
    evidence: OrganEvidence,
    resolver: Resolver,
) -> Finding:
    """One identity is left by the name alone; evidence can only confirm or contradict it."""
    is_supported = is_contradicted = False
    for kind, groups in list_place_evidence(evidence, resolver):
        if is_weak_kind(kind):
            break
        kept, _ = narrow(current, groups, resolver.places)
        is_supported, is_contradicted = is_supported or (bool(kept) and _is_near(groups)), is_contradicted or not kept
    is_alone = reading.is_one_township
    if is_alone and is_contradicted:
        # A town of that name that is in no table: the one that is there is another
        return Finding(current)
    is_weak = is_renamed or is_contradicted or not reading.is_exact or not (reading.names_county or is_supported)
    return Finding(current, Method.UNIQUE_NAME if is_alone else Method.NAME, is_weak)


def _is_near(groups: Iterable[Iterable[Division]]) -> bool:
    return any(division.level in _NEAR_LEVELS for divisions in groups for division in divisions)


def _find_by_place(reading: Reading, evidence: OrganEvidence, resolver: Resolver) -> Finding:
    """The place is left out of the name (县教育局): the first evidence that names one of a fitting level gives it."""
    for kind, groups in list_place_evidence(evidence, resolver):
        if is_weak_kind(kind):
            break
        if len(groups) != 1:
            continue
        identities = tuple(_organs_of(groups[0], reading, resolver))
        current, _ = exist_in_year(identities, evidence.report_year, resolver)
        if len(current) == 1:
            return Finding(current, Method(kind), is_weak=True)
        if current:
            return Finding(current)
    return Finding(())


def _organs_of(divisions: Iterable[Division], reading: Reading, resolver: Resolver) -> Iterator[Identity]:
    for division in divisions:
        for organ in reading.organs:
            if division.level in organ.levels and _is_meant(division, reading.level_word, resolver.organs):
                yield Identity(resolver.organs.fit(organ, division.name), division)


def _is_meant(division: Division, level_word: str, organs: OrganVocabulary) -> bool:
    return not level_word or (division.level in organs.level_words[level_word] and division.name.endswith(level_word))


def _find_by_publisher(evidence: OrganEvidence, resolver: Resolver) -> tuple[str, Reading | None, Finding]:
    """The title names no agency: the one that the page names as its publisher, never more than likely.

    An office publishes for its government as well, so it leaves both.
    """
    for kind in _NAMING_KINDS:
        name = normalise_name(evidence.texts.get(kind, ""))
        reading = read_name(name, resolver.places, resolver.organs) if name else None
        if reading is None or reading.is_place_alone:
            continue
        finding = _find(reading, evidence, resolver)
        if len(finding.identities) == 1:
            identity = finding.identities[0]
            if identity.organ.kind == "government_office":
                governments = (o for o in resolver.organs.by_words[""] if identity.level in o.levels)
                name_of = identity.division.name if identity.division else ""
                both = (Identity(resolver.organs.fit(o, name_of), identity.division) for o in governments)
                return "", reading, Finding((identity, *dict.fromkeys(both)))
            return name, reading, Finding(finding.identities, Method(kind), is_weak=True)
    return "", None, Finding(())
