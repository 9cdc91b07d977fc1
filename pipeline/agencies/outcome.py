"""The answer to whose report it is, as a value.

Belongs here: making an OrganMatch of a settled agency, of the one identity that is left, or of several and none. Does
not belong here: finding them (resolve.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.agencies.evidence import SITE_CODE, SITE_NAME
from pipeline.agencies.identity import Identity, identify_agency, make_provisional_id, name_agency
from pipeline.agencies.model import Confidence, Method, OrganCandidate, OrganEvidence, OrganMatch
from pipeline.agencies.names import strip_noise
from pipeline.agencies.organs import Organ
from pipeline.agencies.readings import Reading
from pipeline.agencies.regions import Places
from pipeline.agencies.registry import Agency
from pipeline.agencies.weighing import Finding, Resolver
from pipeline.contract.divisions import Division


def match_settled(agency: Agency, method: Method, resolver: Resolver) -> OrganMatch:
    """The match of an agency that people have settled."""
    holders = resolver.places.by_code(agency.region_code)
    return OrganMatch(
        agency_id=agency.agency_id,
        agency_name=agency.agency_name,
        organ_kind_code=agency.organ_kind_code,
        department_code=agency.department_code or None,
        region_code=agency.region_code,
        region_path_text=agency.region_path_text,
        division_level=holders[-1].level if holders else None,
        method=method,
        confidence=Confidence.CERTAIN,
        identity=_identity_of(agency, holders[-1], resolver) if holders else None,
    )


def match_identity(finding: Finding, name: str, reading: Reading, resolver: Resolver) -> OrganMatch:
    """The match of the one identity that is left; a settled agency lends it its canonical name."""
    (identity,) = finding.identities
    places = resolver.places
    agency_id = identify_agency(identity, places)
    known = resolver.registry.by_id.get(agency_id)
    printed = strip_noise(name) if reading.place_count else ""
    division = identity.division
    return OrganMatch(
        agency_id=agency_id,
        agency_name=known.agency_name if known else name_agency(identity, printed, places),
        organ_kind_code=identity.organ.kind,
        department_code=identity.organ.department_code or None,
        region_code=division.code if division else None,
        region_path_text=places.path_text(division) if division else None,
        division_level=identity.level,
        identity=identity,
        method=finding.method,
        confidence=Confidence.LIKELY if finding.is_weak else Confidence.CERTAIN,
        is_place_alone=reading.is_place_alone,
    )


def match_unresolved(
    name: str,
    left: Sequence[Agency | Identity],
    reading: Reading | None,
    evidence: OrganEvidence,
    resolver: Resolver,
) -> OrganMatch:
    """The provisional match of a name that several agencies fit, or none."""
    candidates = tuple(_candidate(one, resolver.places) for one in left)
    organs = [one.organ for one in left if isinstance(one, Identity)] or (reading.organs if reading else ())
    kinds, codes = {organ.kind for organ in organs}, {organ.department_code for organ in organs}
    return OrganMatch(
        agency_id=make_provisional_id(_provisional_key(name, bool(candidates) or bool(reading), evidence)),
        agency_name=name,
        organ_kind_code=kinds.pop() if len(kinds) == 1 else None,
        department_code=(codes.pop() or None) if len(codes) == 1 else None,
        region_code=None,
        region_path_text=None,
        division_level=None,
        method=Method.NONE,
        confidence=Confidence.AMBIGUOUS if candidates else Confidence.UNKNOWN,
        candidates=candidates,
    )


def _provisional_key(name: str, is_shared: bool, evidence: OrganEvidence) -> str:
    """What makes two unsettled documents one agency: their name and their site, or a name that is nobody else's.

    A nameless document, and one whose name several can have (is_shared) on no known site, stands alone: two agencies
    must never become one.
    """
    site = evidence.texts.get(SITE_CODE) or evidence.texts.get(SITE_NAME)
    if name and (site or not is_shared):
        return f"{name}\0{site}" if site else name
    return f"document:{evidence.document_id}"


def _identity_of(agency: Agency, division: Division, resolver: Resolver) -> Identity:
    words = agency.agency_name.removeprefix(resolver.places.place_text(division))
    return Identity(Organ(agency.organ_kind_code, agency.department_code, words, frozenset({division.level})), division)


def _candidate(one: Agency | Identity, places: Places) -> OrganCandidate:
    if isinstance(one, Agency):
        return OrganCandidate(one.agency_id, one.agency_name, one.region_code, one.region_path_text)
    return OrganCandidate(
        agency_id=identify_agency(one, places),
        agency_name=name_agency(one, "", places),
        region_code=one.division.code if one.division else "",
        region_path_text=places.path_text(one.division) if one.division else "",
    )
